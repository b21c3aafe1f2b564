//! What damaged streams make a reader allocate. One test, alone in its program: the peak is the whole program's.

use tolzip::{Bound, Compressor, DType, DecodeError, Error, Limits, Method, Stream};
use tolzip_tests::arrays::{Kind, array};
use tolzip_tests::damage::{chunk_of, crc32c, in_long_form, repair, streams};

#[global_allocator]
static PEAK: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

fn decode(bytes: &[u8]) -> tolzip::Result<()> {
    Stream::open(bytes, Limits::bytes(1 << 20))?.decode_any(1).map(drop)
}

#[test]
fn no_stream_makes_a_reader_allocate_more_than_its_limit() {
    damage_behind_repaired_checksums();
    a_header_cannot_ask_for_more_than_the_limit();
    decoding_takes_no_more_than_it_is_charged_for();
    a_chunk_cannot_ask_for_more_work_than_the_limit();
}

/// Six carriers a value, beside the values.
fn decoding_takes_no_more_than_it_is_charged_for() {
    let mut most = 0.0f64;
    for dtype in [DType::U8, DType::I16, DType::F32, DType::F64] {
        let original = array(dtype, &[1 << 9, 1 << 10], Kind::Noisy, 3);
        let values = 1 << 19;
        let carrier = if dtype == DType::F64 { 8 } else { 4 };
        for method in [
            "predict:predictor=lorenzo",
            "predict:predictor=interpolation",
            "predict:level=4",
            "transform",
            "transform:coder=context",
            "fast",
        ] {
            let method: Method = method.parse().unwrap();
            for bound in [Bound::Rel(1e-3), Bound::PointwiseRel(1e-2)] {
                if bound.kind() == "pw_rel" && !method.bounds().contains(&"pw_rel") {
                    continue;
                }
                let bytes = Compressor::new(method.clone(), bound).compress_any(&original).unwrap();
                let stream = Stream::open(&bytes, Limits::default()).unwrap();
                PEAK.reset_peak_usage();
                let before = PEAK.current_usage();
                let back = stream.decode_any(1).unwrap();
                let used = PEAK.peak_usage() - before;
                let work = used - values * dtype.size();
                assert_eq!(back.shape(), original.shape());
                assert!(work <= 6 * carrier * values, "{method} {bound:?} {dtype}: {work} bytes");
                most = most.max(work as f64 / (carrier * values) as f64);
            }
        }
    }
    assert!(most > 2.0, "the charge could be less: {most} carriers a value at most");
}

/// A small stream may stand for any number of values: what they would take beside themselves is charged, too.
fn a_chunk_cannot_ask_for_more_work_than_the_limit() {
    let original = array(DType::U8, &[5000], Kind::Smooth, 0);
    let method = "predict:predictor=interpolation".parse().unwrap();
    let mut bytes = in_long_form(&Compressor::new(method, Bound::Rel(0.1)).compress_any(&original).unwrap());
    let claimed = 1u64 << 30;
    let shape = bytes.windows(4).position(|w| w == [0x02, 0x80, 8, 0]).unwrap() + 4;
    bytes[shape..shape + 8].copy_from_slice(&claimed.to_le_bytes());
    // One chunk of all, where the default would be many: another field of the header.
    let length = u32::from_le_bytes(bytes[12..16].try_into().unwrap());
    let end = 16 + length as usize;
    let field = [&[0x03, 0x80, 8, 0][..], &claimed.to_le_bytes()].concat();
    bytes[12..16].copy_from_slice(&(length + field.len() as u32).to_le_bytes());
    bytes.splice(end..end, field.iter().copied());
    let end = end + field.len();
    let crc = crc32c(&bytes[..end]).to_le_bytes();
    bytes[end..end + 4].copy_from_slice(&crc);
    let limit = 1 << 32;
    let refused = Err(Error::Decode(DecodeError::Limit { needed: 24 * claimed, limit }));
    assert_eq!(Stream::open(&bytes, Limits::bytes(limit)).unwrap().decode_any(1), refused);
}

fn damage_behind_repaired_checksums() {
    let mut errors = 0u32;
    for (name, bytes) in streams() {
        let chunk = chunk_of(&bytes);
        let step = (chunk.len() / 60).max(1);
        for at in chunk.step_by(step) {
            for change in [0x01, 0x80, 0xff, 0x55] {
                let mut bad = bytes.clone();
                bad[at] ^= change;
                repair(&mut bad);
                PEAK.reset_peak_usage();
                let before = PEAK.current_usage();
                errors += u32::from(decode(&bad).is_err());
                let used = PEAK.peak_usage().saturating_sub(before);
                assert!(used < 32 << 20, "{name}, byte {at}: {used} bytes for a chunk of 120 values");
            }
        }
    }
    assert!(
        errors > 1000,
        "only {errors} damaged streams were refused: the damage does not reach the decoders"
    );
}

fn a_header_cannot_ask_for_more_than_the_limit() {
    // A constant chunk of 2^27 bytes: the stream is tiny and valid in every other respect.
    let original = array(DType::F64, &[8], Kind::Constant, 0);
    let short = Compressor::new("lossless".parse().unwrap(), tolzip::Bound::Lossless)
        .compress_any(&original)
        .unwrap();
    let mut bytes = in_long_form(&short);
    let shape = bytes.windows(4).position(|w| w == [0x02, 0x80, 8, 0]).unwrap() + 4;
    bytes[shape..shape + 8].copy_from_slice(&(1u64 << 24).to_le_bytes());
    let header = 16 + u32::from_le_bytes(bytes[12..16].try_into().unwrap()) as usize;
    let crc = crc32c(&bytes[..header]).to_le_bytes();
    bytes[header..header + 4].copy_from_slice(&crc);
    is_refused(&bytes);
    // The same in the short form, where the side of 8 is a byte behind type and axes.
    assert_eq!(short[4..6], [0x12, 8]);
    let mut bytes = [&short[..5], &[0x80, 0x80, 0x80, 8], &short[6..]].concat();
    repair(&mut bytes);
    is_refused(&bytes);
}

fn is_refused(bytes: &[u8]) {
    PEAK.reset_peak_usage();
    let before = PEAK.current_usage();
    assert_eq!(decode(bytes), Err(Error::Decode(DecodeError::Limit { needed: 1 << 27, limit: 1 << 20 })));
    assert!(PEAK.peak_usage() - before < 1 << 20);
    assert!(Stream::open(bytes, Limits::bytes(1 << 27)).unwrap().decode_any(1).is_ok());
    // A small part of it is no way around the limit: the chunk would be decoded whole.
    PEAK.reset_peak_usage();
    let before = PEAK.current_usage();
    let part =
        Stream::open(bytes, Limits::bytes(1 << 20)).unwrap().region_any(std::slice::from_ref(&(0..4)), 1);
    assert_eq!(part, Err(Error::Decode(DecodeError::Limit { needed: 1 << 27, limit: 1 << 20 })));
    assert!(PEAK.peak_usage() - before < 1 << 20);
}
