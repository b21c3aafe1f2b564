//! Prints a hash of what today's encoders write for the golden arrays: `stream_hashes [THREADS]`. Builds and settings that must
//! write the same bytes (with and without vector kernels, on two kinds of machine, by one thread and by seven) are compared by
//! comparing their output.

use std::io::Write as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let threads = std::env::args().nth(1).map_or(Ok(1), |text| text.parse())?;
    writeln!(std::io::stderr().lock(), "kernels: {}, {threads} threads", tolzip_simd::cpu::level())?;
    let mut out = std::io::stdout().lock();
    use tolzip_tests::golden::{chunked, features, short, streams};
    for (name, bytes) in
        [streams(threads), features(threads), chunked(threads), short(threads)].into_iter().flatten()
    {
        writeln!(out, "{name} {} {:016x}", bytes.len(), tolzip_tests::golden::fnv1a(&bytes))?;
    }
    Ok(())
}
