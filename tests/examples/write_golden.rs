//! Writes the golden streams that are missing, and the list of what they decode to. Never changes one that is there:
//! a stream that an older version wrote is the point. What is now written in other bytes is added under a new number, but
//! not for the short form of a stream whose long form is there.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use tolzip::{Limits, Stream};
use tolzip_tests::damage::in_long_form;
use tolzip_tests::golden::{features, fnv1a, rare, short, streams};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/v1");
    fs::create_dir_all(&folder)?;
    let path = folder.join("values.txt");
    let mut list = fs::read_to_string(&path)
        .unwrap_or_else(|_| "# stream, FNV-1a of its values (little-endian)\n".into());
    for (name, bytes) in [streams(1), features(1), rare(1), short(1)].into_iter().flatten() {
        let long = if name.starts_with("short") { bytes.clone() } else { in_long_form(&bytes) };
        let stem = name.trim_end_matches(".tlz");
        let numbered = |n: usize| if n == 1 { name.clone() } else { format!("{stem}.{n}.tlz") };
        let Some(name) = (1..)
            .map(numbered)
            .map_while(|name| match fs::read(folder.join(&name)) {
                Ok(there) if there == bytes || there == long => None,
                there => Some((name, there.is_err())),
            })
            .find_map(|(name, free)| free.then_some(name))
        else {
            continue;
        };
        let values = Stream::open(&bytes, Limits::default())?.decode_any(1)?.to_le_bytes();
        fs::write(folder.join(&name), bytes)?;
        writeln!(list, "{name} {:016x}", fnv1a(&values))?;
    }
    fs::write(path, list)?;
    Ok(())
}
