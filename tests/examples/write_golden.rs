//! Writes the golden streams that are missing, and the list of what they decode to. Never changes one that is there:
//! a stream that an older version wrote is the point.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use tolzip::{Limits, Stream};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/v1");
    fs::create_dir_all(&folder)?;
    let path = folder.join("values.txt");
    let mut list = fs::read_to_string(&path)
        .unwrap_or_else(|_| "# stream, FNV-1a of its values (little-endian)\n".into());
    for (name, bytes) in tolzip_tests::golden::streams() {
        if list.lines().any(|l| l.starts_with(&format!("{name} "))) {
            continue;
        }
        let values = Stream::open(&bytes, Limits::default())?.decode_any(1)?.to_le_bytes();
        fs::write(folder.join(&name), bytes)?;
        writeln!(list, "{name} {:016x}", tolzip_tests::golden::fnv1a(&values))?;
    }
    fs::write(path, list)?;
    Ok(())
}
