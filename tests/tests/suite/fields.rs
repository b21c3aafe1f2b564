//! What chunks say of themselves before their coded values.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use tolzip::{Bound, Compressor, Limits, Shape, Stream, View};
use tolzip_tests::damage::{chunk_of, in_long_form};

/// The names that the pages of the format give to the fields of each codec, or of what stands around it.
const NAMES: [(&str, &[&str]); 5] = [
    ("constant", &["value"]),
    ("fast", &["kind", "differences", "arithmetic", "step", "offset", "bits", "exact values", "heads"]),
    (
        "lossless",
        &[
            "version",
            "flags",
            "dictionary",
            "decimals",
            "sequences",
            "runs",
            "lengths",
            "distances",
            "shift",
            "degrees",
            "blocks",
        ],
    ),
    (
        "predict",
        &[
            "version",
            "kind",
            "arithmetic",
            "row flags",
            "step",
            "whole axes",
            "shares",
            "followed axis",
            "follow weights",
            "offset",
            "exact values",
            "weights",
            "value",
            "model",
        ],
    ),
    (
        "transform",
        &[
            "coder",
            "mode",
            "least bits a block",
            "most bits a block",
            "most planes",
            "least exponent",
            "coefficients",
        ],
    ),
];

/// Around any codec: sections, logarithms, scaled values.
const AROUND: [&str; 8] = [
    "specials",
    "corrections",
    "logarithms",
    "offset of logarithms",
    "signs",
    "scaled",
    "along axis",
    "scales",
];

#[test]
fn every_field_of_every_codec_is_told_of_some_golden_stream() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/v1");
    let mut told: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|e| e != "tlz") {
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let stream = Stream::open(&bytes, Limits::default()).unwrap();
        for index in 0..stream.info().chunks {
            let fields = stream.fields(index).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            let codec = stream.chunk(index).unwrap().codec_name.unwrap();
            for (name, value) in fields {
                assert!(!value.is_empty(), "{name} of {}", path.display());
                let around = AROUND.contains(&name);
                told.entry(if around { "around" } else { codec }).or_default().insert(name);
            }
        }
    }
    for (codec, names) in NAMES.into_iter().chain([("around", &AROUND[..])]) {
        let names: BTreeSet<&str> = names.iter().copied().collect();
        assert_eq!(told.remove(codec), Some(names), "{codec}");
    }
    assert!(told.is_empty(), "codecs without a list: {told:?}");
}

/// The value of a field that is there.
fn value(stream: &Stream<'_>, name: &str) -> String {
    let fields = stream.fields(0).unwrap();
    let found = fields.iter().find(|(n, _)| *n == name);
    found.unwrap_or_else(|| panic!("no {name} in {fields:?}")).1.clone()
}

#[test]
fn fields_say_what_was_coded() {
    let mut values: Vec<f32> =
        (0..40 * 60).map(|i| ((i % 60) as f32 * 0.2).sin() * 9.0 + i as f32 * 1e-3).collect();
    values[100] = f32::NAN;
    let compressed = |method: &str, bound, values: &[f32]| {
        let view = View::new(values, Shape::new(&[40, 60]).unwrap()).unwrap();
        Compressor::new(method.parse().unwrap(), bound).compress(view).unwrap()
    };
    for method in ["predict", "fast"] {
        let bytes = compressed(method, Bound::Abs(0.01), &values);
        let stream = Stream::open(&bytes, Limits::default()).unwrap();
        let step: f64 = value(&stream, "step").parse().unwrap();
        // A value is at most half a step off.
        assert!((0.01..=0.02).contains(&step), "{method}: {step}");
        assert_eq!(value(&stream, "specials"), "1 replaced by one value");
    }
    let bytes = compressed("transform:mode=rate,rate=8", Bound::Knob, &values);
    let stream = Stream::open(&bytes, Limits::default()).unwrap();
    assert_eq!(value(&stream, "most bits a block"), "128");
    let decimals: Vec<f32> = (0..2400).map(|i| ((i * i) % 977) as f32 / 100.0).collect();
    let bytes = compressed("lossless:level=3", Bound::Lossless, &decimals);
    let stream = Stream::open(&bytes, Limits::default()).unwrap();
    assert!(value(&stream, "decimals").starts_with("k 1 / 100"), "{}", value(&stream, "decimals"));
    let constant = compressed("auto", Bound::Abs(0.01), &[2.5; 2400]);
    assert_eq!(value(&Stream::open(&constant, Limits::default()).unwrap(), "value"), "2.5");
}

#[test]
fn chunks_that_are_damaged_or_not_there_have_no_fields() {
    let values = [0.5f32, 7.25, 3.5, -4.0];
    let mut bytes = in_long_form(&tolzip::compress(&values, &[4], Bound::abs(1e-3)).unwrap());
    assert!(Stream::open(&bytes, Limits::default()).unwrap().fields(1).is_err());
    let at = chunk_of(&bytes).start;
    bytes[at] ^= 1;
    let stream = Stream::open(&bytes, Limits::default()).unwrap();
    assert!(!stream.chunk(0).unwrap().whole && stream.fields(0).is_err());
}
