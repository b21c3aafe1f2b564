//! Writes the golden streams that are missing, and the list of what they decode to. Never changes one that is there:
//! a stream that an older version wrote is the point. What is now written in other bytes is added under a new number.

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
    let more = tolzip_tests::golden::features(1).into_iter().chain(tolzip_tests::golden::rare(1));
    for (name, bytes) in tolzip_tests::golden::streams(1).into_iter().chain(more) {
        let stem = name.trim_end_matches(".tlz");
        let numbered = |n: usize| if n == 1 { name.clone() } else { format!("{stem}.{n}.tlz") };
        let Some(name) = (1..)
            .map(numbered)
            .map_while(|name| match fs::read(folder.join(&name)) {
                Ok(there) if there == bytes => None,
                there => Some((name, there.is_err())),
            })
            .find_map(|(name, free)| free.then_some(name))
        else {
            continue;
        };
        let values = Stream::open(&bytes, Limits::default())?.decode_any(1)?.to_le_bytes();
        fs::write(folder.join(&name), bytes)?;
        writeln!(list, "{name} {:016x}", tolzip_tests::golden::fnv1a(&values))?;
    }
    fs::write(path, list)?;
    Ok(())
}
