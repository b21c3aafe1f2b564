//! Files so large that they are compressed and written in parts.

mod common;

use common::Folder;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

/// f32 values, more than 256 MiB of them.
const SIDES: [usize; 3] = [280, 256, 1024];
/// Values that are not 0: where, and what.
const MARKS: [(u64, f32); 5] =
    [(0, 1.5), (70_000_000, -2.25), (70_000_001, f32::NAN), (33_554_432, 1e-3), (73_400_319, 7.0)];

/// Zeros that take no room on the disk, and the marks.
fn sparse(folder: &Folder, name: &str) {
    let mut file = File::create(folder.path(name)).unwrap();
    file.set_len(SIDES.iter().product::<usize>() as u64 * 4).unwrap();
    for (at, value) in MARKS {
        file.seek(SeekFrom::Start(at * 4)).unwrap();
        file.write_all(&value.to_le_bytes()).unwrap();
    }
}

/// What is not 0 in the values of a file behind `header` bytes.
fn marks(folder: &Folder, name: &str, header: u64) -> Vec<(u64, f32)> {
    let mut file = File::open(folder.path(name)).unwrap();
    file.seek(SeekFrom::Start(header)).unwrap();
    let (mut found, mut at, mut block) = (Vec::new(), 0, vec![0; 1 << 20]);
    loop {
        let got = file.read(&mut block).unwrap();
        assert_eq!(got % 4, 0);
        if got == 0 {
            assert_eq!(at, SIDES.iter().product::<usize>() as u64);
            return found;
        }
        for word in block[..got].chunks_exact(4) {
            let value = f32::from_le_bytes(word.try_into().unwrap());
            if value.to_bits() != 0 {
                found.push((at, value));
            }
            at += 1;
        }
    }
}

#[test]
fn large_files_go_through_in_parts() {
    let folder = Folder::new();
    sparse(&folder, "x.f32");
    let done =
        folder.run("compress x.f32 --dtype f32 --shape 280x256x1024 --lossless -o x.tlz --json").ok().json();
    assert_eq!(done["raw_bytes"], SIDES.iter().product::<usize>() as u64 * 4);
    assert_eq!(done["compressed_bytes"], std::fs::metadata(folder.path("x.tlz")).unwrap().len());
    folder.run("decompress x.tlz -o y.f32").ok();
    let mut want = MARKS.to_vec();
    want.sort_by_key(|m| m.0);
    let bits = |marks: Vec<(u64, f32)>| marks.iter().map(|&(at, v)| (at, v.to_bits())).collect::<Vec<_>>();
    assert_eq!(bits(marks(&folder, "y.f32", 0)), bits(want.clone()));
    std::fs::remove_file(folder.path("y.f32")).unwrap();

    // A lossy bound, by way of .npy.
    folder.run("decompress x.tlz -o x.npy").ok();
    assert_eq!(bits(marks(&folder, "x.npy", 128)), bits(want.clone()));
    folder.run("compress x.npy --abs 0.25 --method fast -o lossy.tlz").ok();
    folder.run("decompress lossy.tlz -o lossy.npy").ok();
    let lossy = marks(&folder, "lossy.npy", 128);
    for &(at, x) in want.iter().filter(|m| m.1.abs() > 0.25 || m.1.is_nan()) {
        let y = lossy.iter().find(|m| m.0 == at).unwrap_or_else(|| panic!("{x} at {at} is gone")).1;
        assert!((x - y).abs() <= 0.25 || (x.is_nan() && y.is_nan()), "{x} came back as {y}");
    }
    assert!(lossy.iter().all(|&(at, y)| y.abs() <= 0.25 || want.iter().any(|m| m.0 == at)));
    std::fs::remove_file(folder.path("lossy.npy")).unwrap();

    // Where a part can't be read nothing is left behind, and what is too large is not begun.
    let mut stream = folder.read("x.tlz");
    let last = stream.len() - 28 - 8 - 40;
    stream[last] ^= 1;
    folder.write("bad.tlz", &stream);
    let refused = folder.run("decompress bad.tlz -o bad.f32");
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    let refused = folder.run("decompress x.tlz --limit 1000000 -o small.f32");
    assert!(refused.code == 2 && refused.stderr.contains("--limit"), "{}", refused.stderr);
    assert_eq!(folder.files(), ["bad.tlz", "lossy.tlz", "x.f32", "x.npy", "x.tlz"]);
}
