//! Files that numpy wrote (see golden/make.py) must be read as what they hold.

use std::path::{Path, PathBuf};
use tolzip_core::{AnyArray, DType, Shape, with_any};
use tolzip_io::{Destination, Format, Hints, Problem, read_array};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

fn read(name: &str) -> AnyArray {
    read_array(&golden(name), Hints::default()).unwrap()
}

fn numbers(array: &AnyArray) -> Vec<f64> {
    use tolzip_core::Element;
    with_any!(array, a => a.values().iter().map(|v| v.to_f64()).collect())
}

fn counting() -> Vec<f64> {
    (0..24).map(f64::from).collect()
}

fn problem(name: &str, hints: Hints) -> Problem {
    let error = read_array(&golden(name), hints).unwrap_err();
    assert!(error.to_string().contains(name), "{error}");
    // The enum is not clonable: reading again gives the same one.
    match error.problem() {
        Problem::NpyType { descr } => Problem::NpyType { descr: descr.clone() },
        Problem::Contradiction { stored, asked } => {
            Problem::Contradiction { stored: stored.clone(), asked: asked.clone() }
        }
        Problem::ChooseMember { members } => Problem::ChooseMember { members: members.clone() },
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_type_byte_order_and_axis_order() {
    for dtype in DType::ALL.into_iter().filter(|&d| d != DType::Bf16) {
        for layout in ["le_c", "be_c", "fortran"] {
            let array = read(&format!("{dtype}_{layout}.npy"));
            assert_eq!((array.dtype(), array.shape().sides()), (dtype, &[2, 3, 4][..]));
            assert_eq!(numbers(&array), counting(), "{dtype} {layout}");
        }
    }
}

#[test]
fn every_version_and_every_number_of_dimensions() {
    for version in 1..=3 {
        assert_eq!(numbers(&read(&format!("version{version}.npy"))), counting());
    }
    assert_eq!(read("line.npy").shape(), Shape::line(24));
    let scalar = read("scalar.npy");
    assert_eq!((scalar.shape().ndim(), numbers(&scalar)), (0, vec![23.0]));
    assert_eq!(read("empty.npy").shape().sides(), [3, 0, 2]);
}

#[test]
fn bfloat16_is_what_the_caller_says_it_is() {
    let hints = Hints::new(Some(DType::Bf16), None);
    for name in ["bf16_as_u16.npy", "bf16_as_void.npy"] {
        let array = read_array(&golden(name), hints).unwrap();
        assert_eq!((array.dtype(), numbers(&array)), (DType::Bf16, counting()));
    }
    assert_eq!(read("bf16_as_u16.npy").dtype(), DType::U16);
    assert!(
        matches!(problem("bf16_as_void.npy", Hints::default()), Problem::NpyType { descr } if descr == "<V2" || descr == "|V2")
    );
    assert!(matches!(problem("line.npy", hints), Problem::Contradiction { .. }));
}

#[test]
fn other_types_are_named_in_the_error() {
    for (name, descr) in [("structured.npy", "[('a', '<f4')"), ("complex.npy", "<c8"), ("bool.npy", "|b1")] {
        assert!(
            matches!(problem(name, Hints::default()), Problem::NpyType { descr: d } if d.starts_with(descr))
        );
    }
}

#[test]
fn archives_stored_and_deflated() {
    for name in ["stored.npz", "deflated.npz"] {
        let first = read(&format!("{name}:first"));
        assert_eq!((first.dtype(), numbers(&first)), (DType::F32, counting()));
        assert_eq!(numbers(&read(&format!("{name}:second.npy"))), counting());
        assert!(
            matches!(problem(name, Hints::default()), Problem::ChooseMember { members } if members == ["first", "second"])
        );
        let error = read_array(&golden(&format!("{name}:third")), Hints::default()).unwrap_err();
        assert!(matches!(error.problem(), Problem::NoSuchMember { .. }), "{error}");
    }
    assert_eq!(numbers(&read("one.npz")), counting());
}

#[test]
fn what_we_write_is_byte_for_byte_what_numpy_writes() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("x.npy");
    for name in
        ["f16_le_c", "f32_le_c", "f64_le_c", "i8_le_c", "u8_le_c", "u64_le_c", "line", "scalar", "empty"]
    {
        let name = format!("{name}.npy");
        Destination::new(&out, true).unwrap().write_array(&read(&name), Format::Npy).unwrap();
        assert_eq!(std::fs::read(&out).unwrap(), std::fs::read(golden(&name)).unwrap(), "{name}");
    }
}

#[test]
fn a_flipped_byte_in_an_archive_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npz");
    let bytes = std::fs::read(golden("one.npz")).unwrap();
    // The values stand behind the two headers of 64 and some bytes.
    let mut damaged = bytes.clone();
    damaged[200] ^= 1;
    std::fs::write(&path, &damaged).unwrap();
    assert!(read_array(&path, Hints::default()).is_err());
}

#[test]
fn damaged_archives_give_errors_or_arrays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npz");
    for (name, member) in [("one.npz", "only"), ("deflated.npz", "second")] {
        let bytes = std::fs::read(golden(name)).unwrap();
        let member = folder.path().join(format!("x.npz:{member}"));
        for at in (0..bytes.len()).step_by(3) {
            let mut damaged = bytes.clone();
            damaged[at] = damaged[at].wrapping_mul(31).wrapping_add(7);
            std::fs::write(&path, &damaged).unwrap();
            let _ = read_array(&member, Hints::default());
            if at % 2 == 0 {
                std::fs::write(&path, &bytes[..at]).unwrap();
                assert!(read_array(&member, Hints::default()).is_err());
            }
        }
    }
}
