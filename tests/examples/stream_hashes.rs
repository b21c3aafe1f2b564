//! Prints a hash of what today's encoders write for the golden arrays. Two builds that must write the same bytes (with and
//! without vector kernels, on two kinds of machine) are compared by comparing their output.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for (name, bytes) in tolzip_tests::golden::streams() {
        writeln!(out, "{name} {} {:016x}", bytes.len(), tolzip_tests::golden::fnv1a(&bytes))?;
    }
    Ok(())
}
