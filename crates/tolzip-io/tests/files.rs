//! Round trips through real files, and what happens when something is in the way or wrong.

use proptest::prelude::*;
use std::fs;
use std::path::Path;
use tolzip_core::{AnyArray, DType, Element, Shape, Source};
use tolzip_io::{ArrayFile, Destination, Format, Hints, Problem, read_array, read_bytes};

fn array() -> impl Strategy<Value = AnyArray> {
    let sides = prop::collection::vec(prop::sample::select(vec![0usize, 1, 2, 3, 5, 7]), 0..5);
    (sides, prop::sample::select(DType::ALL.to_vec()), any::<u64>()).prop_map(|(sides, dtype, seed)| {
        let shape = Shape::new(&sides).unwrap();
        let mut state = seed | 1;
        let bytes: Vec<u8> = (0..shape.len() * dtype.size())
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 56) as u8
            })
            .collect();
        AnyArray::from_le_bytes(dtype, shape, &bytes).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_format_keeps_every_bit(array in array()) {
        let folder = tempfile::tempdir().unwrap();
        for (name, format) in [("a.npy", Format::Npy), ("a.npz:field", Format::Npz), ("a.bin", Format::Raw)] {
            let path = folder.path().join(name);
            prop_assert_eq!(Format::from_name(&tolzip_io::split_member(&path).0), format);
            Destination::new(&path, false).unwrap().write_array(&array, format).unwrap();
            let hints = match format {
                Format::Raw => Hints::new(Some(array.dtype()), Some(array.shape())),
                _ => Hints::new(Some(array.dtype()), None),
            };
            let back = read_array(&path, hints).unwrap();
            prop_assert_eq!((back.dtype(), back.shape()), (array.dtype(), array.shape()));
            prop_assert_eq!(back.to_le_bytes(), array.to_le_bytes());
        }
        // Nothing but the three files: no temporary ones.
        prop_assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    #[test]
    fn damaged_headers_give_errors_or_arrays(array in array(), at in 0usize..128, with: u8, cut in 0usize..160) {
        let mut bytes = Vec::new();
        tolzip_io::npy::write(&mut bytes, &array).unwrap();
        let mut damaged = bytes.clone();
        damaged[at] = with;
        for known in [true, false] {
            let available = known.then_some(damaged.len() as u64);
            let _ = tolzip_io::npy::read(&mut damaged.as_slice(), available, Hints::default());
            let short = &bytes[..cut.min(bytes.len() - 1)];
            let available = known.then_some(short.len() as u64);
            prop_assert!(tolzip_io::npy::read(&mut &short[..], available, Hints::default()).is_err());
        }
    }

    #[test]
    fn arbitrary_headers_never_panic(text in "[{}()\\[\\]'\":, 0-9A-Za-z<>|=\\\\_-]{0,80}", version in 1u8..4) {
        let mut bytes = b"\x93NUMPY".to_vec();
        bytes.extend([version, 0]);
        if version == 1 {
            bytes.extend((text.len() as u16).to_le_bytes());
        } else {
            bytes.extend((text.len() as u32).to_le_bytes());
        }
        bytes.extend(text.bytes());
        let _ = tolzip_io::npy::read(&mut bytes.as_slice(), None, Hints::default());
    }
}

fn header(text: &str) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text.bytes());
    bytes
}

fn read_header(text: &str) -> Result<AnyArray, Problem> {
    let mut bytes = header(text);
    bytes.extend([0; 24]);
    tolzip_io::npy::read(&mut bytes.as_slice(), None, Hints::default())
}

#[test]
fn headers_in_unusual_but_valid_python() {
    for text in [
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}",
        "{\"shape\":(2L,3L,),\"fortran_order\":False,\"descr\":\"<f4\",}",
        "  { 'fortran_order' : False , 'descr' : '<f4' , 'shape' : ( 2 , 3 , ) } \n",
    ] {
        assert_eq!(read_header(text).unwrap().shape().sides(), [2, 3], "{text}");
    }
}

#[test]
fn hostile_headers_are_refused_without_memory_for_their_claims() {
    let huge = format!("{{'descr': '<f8', 'fortran_order': True, 'shape': ({},)}}", 1u64 << 60);
    assert!(matches!(read_header(&huge), Err(Problem::WrongSize { bytes: 24, .. })));
    for text in [
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999999,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4611686018427387904)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1, 1, 1, 6)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 6)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (6)x}",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (6,)}",
        "{'descr': '<f4', 'shape': (6,)}",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (6,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (6,), 'more': 1}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (6,)",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (6,)} x",
        "{'descr': '<f4\\x00', 'fortran_order': False, 'shape': (6,)}",
        "{'descr': '|O', 'fortran_order': False, 'shape': (6,)}",
        "{'descr': '<f3', 'fortran_order': False, 'shape': (6,)}",
        "[]",
        "",
    ] {
        assert!(read_header(text).is_err(), "{text}");
    }
    let mut long = b"\x93NUMPY\x02\x00".to_vec();
    long.extend(u32::MAX.to_le_bytes());
    let refused = tolzip_io::npy::read(&mut long.as_slice(), None, Hints::default());
    assert!(matches!(refused, Err(Problem::NpyHeader(_))));
    assert!(matches!(
        tolzip_io::npy::read(&mut &b"\x93NUMPY\x04\x00\x00\x00"[..], None, Hints::default()),
        Err(Problem::NpyVersion { major: 4, minor: 0 })
    ));
}

#[test]
fn sizes_that_do_not_fit_are_told_in_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.f32");
    fs::write(&path, [0; 1000]).unwrap();
    let message = |hints| read_array(&path, hints).unwrap_err().to_string();
    let shape = Some(Shape::new(&[10, 30]).unwrap());
    let wrong = message(Hints::new(Some(DType::F32), shape));
    assert!(wrong.contains("1000 bytes") && wrong.contains("10x30 of f32 needs 1200"), "{wrong}");
    assert!(message(Hints::default()).contains("a raw file of 1000 bytes"));
    assert!(message(Hints::new(Some(DType::F32), None)).contains("250 values of f32"));

    let npy = folder.path().join("x.npy");
    let mut bytes = header("{'descr': '<f4', 'fortran_order': False, 'shape': (6,)}");
    bytes.extend([0; 25]);
    fs::write(&npy, &bytes).unwrap();
    let error = read_array(&npy, Hints::default()).unwrap_err();
    assert!(matches!(error.problem(), Problem::WrongSize { bytes: 25, needed: 24, .. }), "{error}");
    let piped = tolzip_io::npy::read(&mut bytes.as_slice(), None, Hints::default());
    assert!(matches!(piped, Err(Problem::TrailingBytes { needed: 24 })));
    let shape = Some(Shape::line(7));
    let error = read_array(&npy, Hints::new(None, shape)).unwrap_err();
    assert!(error.to_string().contains("shape 6, not shape 7"), "{error}");
}

#[test]
fn nothing_is_overwritten_unless_forced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    fs::write(&path, b"precious").unwrap();
    let error = Destination::new(&path, false).unwrap_err();
    assert!(matches!(error.problem(), Problem::Exists));
    assert_eq!(fs::read(&path).unwrap(), b"precious");
    Destination::new(&path, true).unwrap().write_bytes(b"new").unwrap();
    assert_eq!(read_bytes(&path).unwrap(), b"new");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

    // Somebody else was faster between the check and the end.
    let late = folder.path().join("late");
    let destination = Destination::new(&late, false).unwrap();
    fs::write(&late, b"theirs").unwrap();
    assert!(matches!(destination.write_bytes(b"ours").unwrap_err().problem(), Problem::Exists));
    assert_eq!(fs::read(&late).unwrap(), b"theirs");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn targets_that_cannot_be_written_are_found_out_at_once() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Destination::new(folder.path(), true).unwrap_err().problem(), Problem::Folder));
    let lost = folder.path().join("no/such/folder");
    assert!(matches!(Destination::new(&lost, true).unwrap_err().problem(), Problem::System(_)));
    assert!(matches!(read_array(folder.path(), Hints::default()).unwrap_err().problem(), Problem::Folder));
    let missing = Path::new("no such file.npy");
    assert!(matches!(read_array(missing, Hints::default()).unwrap_err().problem(), Problem::System(_)));
}

#[cfg(unix)]
#[test]
fn links_and_devices_survive_being_written_to() {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let (real, link) = (folder.path().join("real"), folder.path().join("link"));
    fs::write(&real, b"old").unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&real, &link).unwrap();
    Destination::new(&link, true).unwrap().write_bytes(b"new").unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read(&real).unwrap(), b"new");
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);

    Destination::new(Path::new("/dev/null"), false).unwrap().write_bytes(b"gone").unwrap();
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
}

/// The values of a box of an array in memory, as bytes.
fn part(array: &AnyArray, start: &[usize], size: Shape) -> Vec<u8> {
    tolzip_core::with_any!(array, a => {
        let mut out = Vec::new();
        a.view().gather(start, size, &mut out);
        AnyArray::from(tolzip_core::Array::new(out, size).unwrap()).to_le_bytes()
    })
}

/// The same of one that stays in its file.
fn part_of_file(file: &ArrayFile, start: &[usize], size: Shape) -> Vec<u8> {
    tolzip_core::with_dtype!(file.dtype(), T => {
        let mut out = Vec::<T>::new();
        file.read(start, size, &mut out).unwrap();
        AnyArray::from(tolzip_core::Array::new(out, size).unwrap()).to_le_bytes()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn boxes_of_a_file_are_parts_of_the_array(
        array in array(),
        picks in prop::collection::vec((0.0f64..1.0, 0.0f64..1.0), 5),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (mut start, mut sides) = (Vec::new(), Vec::new());
        for (&side, &(a, b)) in array.shape().sides().iter().zip(&picks) {
            let (a, b) = ((a * (side + 1) as f64) as usize, (b * (side + 1) as f64) as usize);
            start.push(a.min(b));
            sides.push(a.max(b) - a.min(b));
        }
        let size = Shape::new(&sides).unwrap();
        for (name, format) in [("a.npy", Format::Npy), ("a.bin", Format::Raw)] {
            let path = folder.path().join(name);
            Destination::new(&path, false).unwrap().write_array(&array, format).unwrap();
            let hints = Hints::new(Some(array.dtype()), (format == Format::Raw).then_some(array.shape()));
            let file = ArrayFile::open(&path, hints).unwrap().unwrap();
            prop_assert_eq!((file.dtype(), file.shape()), (array.dtype(), array.shape()));
            prop_assert_eq!(part_of_file(&file, &start, size), part(&array, &start, size));
            let all = tolzip_core::with_any!(&array, a => a.values().iter().map(|v| v.to_f64()).collect::<Vec<_>>());
            let sample = file.sample(1 << 20).unwrap();
            prop_assert!(sample.iter().zip(&all).all(|(a, b)| a.to_bits() == b.to_bits()));
            prop_assert_eq!(sample.len(), all.len());
        }
    }
}

/// Rows longer than what is read at a time, gaps that are read over and gaps that are not.
#[test]
fn boxes_of_large_files_are_read_in_blocks() {
    let folder = tempfile::tempdir().unwrap();
    for sides in [[3, 200_000], [700, 1000], [100_000, 7]] {
        let shape = Shape::new(&sides).unwrap();
        let values: Vec<u32> = (0..shape.len() as u32).map(|i| i.wrapping_mul(2_654_435_761)).collect();
        let array: AnyArray = tolzip_core::Array::new(values, shape).unwrap().into();
        let path = folder.path().join("a.npy");
        Destination::new(&path, true).unwrap().write_array(&array, Format::Npy).unwrap();
        let file = ArrayFile::open(&path, Hints::default()).unwrap().unwrap();
        let [rows, columns] = sides;
        for (start, size) in [
            ([0, 0], [rows, columns]),
            ([1, 0], [rows - 1, columns]),
            ([0, 3], [rows, 1]),
            ([1, 2], [rows - 1, columns - 3]),
            ([0, columns / 2], [rows, columns / 2]),
            ([rows - 1, columns - 1], [1, 1]),
        ] {
            let size = Shape::new(&size).unwrap();
            assert!(
                part_of_file(&file, &start, size) == part(&array, &start, size),
                "{sides:?} {start:?} {size}"
            );
        }
        // Runs from the first value to the last.
        let sample = file.sample(4096).unwrap();
        let AnyArray::U32(a) = &array else { unreachable!() };
        assert_eq!(sample.len(), 4096);
        assert_eq!(
            (sample[0], sample[4095]),
            (f64::from(a.values()[0]), f64::from(a.values()[shape.len() - 1]))
        );
    }
}

#[test]
fn what_can_not_be_read_in_parts_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let array: AnyArray =
        tolzip_core::Array::new(vec![1.5f32; 12], Shape::new(&[3, 4]).unwrap()).unwrap().into();
    Destination::new(&path("a.npz"), false).unwrap().write_array(&array, Format::Npz).unwrap();
    assert!(ArrayFile::open(&path("a.npz"), Hints::default()).unwrap().is_none());
    assert!(ArrayFile::open(Path::new("-"), Hints::default()).unwrap().is_none());
    Destination::new(&path("a.npy"), false).unwrap().write_array(&array, Format::Npy).unwrap();
    let bytes = fs::read(path("a.npy")).unwrap();
    let mut fortran = bytes.clone();
    let at = bytes.windows(5).position(|w| w == b"False").unwrap();
    fortran[at..at + 5].copy_from_slice(b"True ");
    fs::write(path("f.npy"), &fortran).unwrap();
    assert!(ArrayFile::open(&path("f.npy"), Hints::default()).unwrap().is_none());
    // A byte too few, too many, and one that goes while the file is open.
    fs::write(path("short.npy"), &bytes[..bytes.len() - 1]).unwrap();
    let problem = ArrayFile::open(&path("short.npy"), Hints::default()).unwrap_err();
    assert!(matches!(problem.problem(), Problem::WrongSize { bytes: 47, needed: 48, .. }), "{problem}");
    assert!(ArrayFile::open(&path("nothing.npy"), Hints::default()).is_err());
    let file = ArrayFile::open(&path("a.npy"), Hints::default()).unwrap().unwrap();
    fs::write(path("a.npy"), &bytes[..bytes.len() - 1]).unwrap();
    let mut out = Vec::<f32>::new();
    assert!(matches!(file.read(&[0, 0], file.shape(), &mut out), Err(tolzip_core::Error::Source(_))));
    let mut wrong = Vec::<f64>::new();
    assert!(matches!(
        file.read(&[0, 0], file.shape(), &mut wrong),
        Err(tolzip_core::Error::TypeMismatch { .. })
    ));
    assert!(wrong.is_empty());
}
