//! Every kind and flag of the format has a golden stream.

use std::fs;
use std::path::Path;
use tolzip::{Limits, Stream};
use tolzip_tests::adversary::Case;
use tolzip_tests::independent::met::{self, Met};
use tolzip_tests::payloads::{compressed, payload};
use tolzip_tests::{golden, independent};

/// What there is in a stream, as decoders that share no code with the library meet it. Codecs that are other people's formats
/// are not looked into.
fn met_in(bytes: &[u8]) -> Met {
    let _ = met::take();
    let parsed = independent::parse(bytes);
    let dtype = Stream::open(bytes, Limits::default()).unwrap().info().dtype;
    if parsed.chunks.iter().all(|c| c.codec < 64) {
        let _ = independent::decode(&parsed, |c, b, s| payload(dtype, c, b, s), compressed);
    }
    met::take()
}

fn golden() -> Met {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/v1");
    let paths = fs::read_dir(folder).unwrap().map(|f| f.unwrap().path());
    let streams = paths.filter(|p| p.extension().is_some_and(|e| e == "tlz"));
    streams.flat_map(|p| met_in(&fs::read(p).unwrap())).collect()
}

/// The first column of the table in `docs/format.md` whose head begins like this, as far as it is numbers of this base.
fn numbers(head: &str, base: u32) -> Vec<u32> {
    let page = include_str!("../../../docs/format.md");
    let rows = page.split(&format!("\n| {head} |")).nth(1).expect("such a table").lines().skip(2);
    let first = |row: &str| row.strip_prefix("| ")?.split(' ').next().map(str::to_owned);
    rows.map_while(first).map(|n| u32::from_str_radix(&n, base).expect("a number")).collect()
}

#[test]
fn every_kind_and_flag_has_a_golden_stream() {
    let golden = golden();
    let has = |what: &'static str, numbers: &[u32]| {
        for &n in numbers {
            assert!(golden.contains(&(what, n)), "no golden stream has {what} {n:#x}");
        }
    };
    let (fields, codecs) = (numbers("tag", 16), numbers("codec", 10));
    assert!(fields.len() >= 10 && codecs.len() >= 12, "{fields:x?}, {codecs:?}");
    has("field", &fields);
    has("codec", &codecs);
    has("form", &[0, 1]);
    has("short method", &[0, 1, 2, 3, 4, 5]);
    has("short bound as promised", &[0, 1]);
    has("type", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    has("bound", &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    has("bound by index", &[0, 1]);
    has("chunk flag", &[1, 2, 4]);
    has("specials of kind", &[0, 1]);
    has("corrections of kind", &[0, 1]);
    has("logarithms, 16 codec + type", &[0x31, 0x32, 0x41, 0x42, 0x51, 0x52]);
    has("logarithm signs", &[0, 1]);
    has("scaled, 16 codec + type", &[0x31, 0x32, 0x41, 0x42, 0x51, 0x52]);
    has("scaled by index", &[0, 1]);
    // All that go together: an offset is the causal predictor's.
    has("predict kind", &[0, 1, 0x02, 0x12, 0x42, 0x52, 0x82, 0x92, 0xc2, 0xd2]);
    has("predict kind", &[0x03, 0x13, 0x23, 0x33, 0x43, 0x53, 0x63, 0x73]);
    has("predict kind", &[0x83, 0x93, 0xa3, 0xb3, 0xc3, 0xd3, 0xe3, 0xf3]);
    has("predict exact values", &[0, 1]);
    has("predict exception", &[0]);
    has("predict whole axes", &[0, 1]);
    has("predict followed axis", &[0, 1]);
    has("predict causal dimensions", &[1, 2, 3, 4]);
    has("predict rows", &[0, 1, 2]);
    has("transform kind", &[1, 2]);
    has("transform mode", &[0, 1, 2, 3, 4]);
    has("transform context dimensions", &[1, 2, 3, 4]);
    has("transform stream dimensions", &[1, 2, 3, 4]);
    has("transform reversible", &[0, 1]);
    has("transform block of patterns", &[0, 1]);
    has("transform escape", &[255]);
    has("fast kind", &[0, 1]);
    has("fast flag", &[1, 2, 4, 8, 0x10, 0x20]);
    has("fast exact values", &[0, 1]);
    has("fast heads", &[0, 1, 2]);
    has("fast planes alone", &[0, 1]);
    has("fast levels beyond", &[15]);
    has("lossless flag", &[1, 2, 4, 8, 0x10, 0x20, 0x40]);
    has("lossless block", &[0, 1, 2, 3, 4, 5, 6]);
    has("lossless sparse tile", &[1]);
    has("lossless tokens of one axis", &[0, 1]);
    has("lossless decimals flag", &[0x10, 0x20]);
    has("lossless exceptions", &[0, 1]);
    has("string", &[0, 1, 2, 3]);
    has("rANS lanes", &[4, 32]);
    has("LZ77 distance", &[0, 1, 2, 3]);
}

/// Which includes how flags go together.
#[test]
fn todays_encoders_write_nothing_that_no_golden_stream_has() {
    let golden = golden();
    let today = [golden::streams(1), golden::features(1), golden::rare(1), golden::short(1)].concat();
    let cases =
        (1..4000).filter_map(|number| Some((number.to_string(), Case::new(number, u64::MAX).stream()?)));
    for (name, bytes) in today.into_iter().chain(cases) {
        let new: Vec<_> = met_in(&bytes).difference(&golden).copied().collect();
        assert!(new.is_empty(), "no golden stream has what {name} has: {new:x?}");
    }
}
