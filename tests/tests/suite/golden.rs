//! Streams written once, which every later version must read to the same values.
//!
//! `cargo run -p tolzip-tests --example write_golden` adds the ones that are missing; it never changes one.

use std::fs;
use std::path::Path;
use tolzip::codecs::Float;
use tolzip::{AnyArray, Array, Element, Limits, Stream, with_dtype};

#[test]
fn golden_streams_decode_to_the_same_values_for_ever() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/v1");
    let list = fs::read_to_string(folder.join("values.txt")).unwrap();
    let mut seen = 0;
    for line in list.lines().filter(|l| !l.starts_with('#')) {
        let mut parts = line.split_whitespace();
        let (name, hash) = (parts.next().unwrap(), parts.next().unwrap());
        let bytes = fs::read(folder.join(name)).unwrap();
        let stream = Stream::open(&bytes, Limits::default()).unwrap_or_else(|e| panic!("{name}: {e}"));
        let values = stream.decode_any(1).unwrap_or_else(|e| panic!("{name}: {e}")).to_le_bytes();
        assert_eq!(
            format!("{:016x}", tolzip_tests::golden::fnv1a(&values)),
            hash,
            "{name} decodes to other values"
        );
        // Whatever the memory held that they are decoded into.
        let again = with_dtype!(stream.info().dtype, T => {
            let mut out = vec![<T as Element>::from_carrier(<T as Element>::Carrier::from_f64(3.25)); stream.info().shape.len()];
            stream.decode_into(&mut out, 1).unwrap_or_else(|e| panic!("{name}: {e}"));
            AnyArray::from(Array::new(out, stream.info().shape).unwrap()).to_le_bytes()
        });
        assert!(again == values, "{name} decodes to other values into memory that was used");
        seen += 1;
    }
    let streams = fs::read_dir(&folder)
        .unwrap()
        .filter(|f| f.as_ref().unwrap().path().extension().is_some_and(|e| e == "tlz"));
    assert_eq!(streams.count(), seen, "streams and list differ");
    assert!(seen >= 20);
}
