//! Bytes that no encoder wrote: an error, never a panic, never more memory than the header may ask for.

use proptest::prelude::*;
use tolzip::{Compressor, DType, DecodeError, Error, Limits, Stream};
use tolzip_tests::arrays::{Kind, array};
use tolzip_tests::damage::{self, streams};
use tolzip_tests::independent::is_short;

fn decode(bytes: &[u8]) -> tolzip::Result<()> {
    Stream::open(bytes, Limits::bytes(1 << 20))?.decode_any(1).map(drop)
}

#[test]
fn every_truncation_is_an_error() {
    for (name, bytes) in streams() {
        assert_eq!(decode(&bytes), Ok(()), "{name}");
        for cut in 0..bytes.len() {
            assert!(decode(&bytes[..cut]).is_err(), "{name} cut to {cut} of {} bytes", bytes.len());
        }
    }
}

#[test]
fn every_flipped_bit_is_detected() {
    for (name, bytes) in streams() {
        for bit in 0..bytes.len() * 8 {
            let mut bad = bytes.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            // Only the minor version may differ without a reader caring; the checksum still notices.
            assert!(decode(&bad).is_err(), "{name} with bit {bit} flipped");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(decode(&bytes).is_err());
        for magic in [&b"\x89TLZ\r\n\x1a\n\x01\0\0\0"[..], b"\x89TLs"] {
            prop_assert!(decode(&[magic, &bytes].concat()).is_err());
        }
    }

    #[test]
    fn random_payloads_never_panic(
        codec in prop::sample::select(vec![0u8, 1, 2, 3, 4, 5, 16, 17, 64, 65, 66, 67, 200]),
        flags in 0u8..16,
        body in prop::collection::vec(any::<u8>(), 0..400),
        dtype in prop::sample::select(DType::ALL.to_vec()),
    ) {
        let original = array(dtype, &[3, 7, 5], Kind::AnyBits, 1);
        let good = Compressor::new("none".parse().unwrap(), tolzip::Bound::Lossless).compress_any(&original).unwrap();
        for good in [damage::in_long_form(&good), good] {
            let old = damage::chunk_of(&good);
            let mut bad = good[..old.start].to_vec();
            bad.extend([codec, flags]);
            bad.extend(&body);
            let footer = bad.len();
            bad.extend(&good[old.end..]);
            if !is_short(&good) {
                bad[footer..footer + 4].copy_from_slice(&(body.len() as u32 + 2).to_le_bytes());
            }
            damage::repair(&mut bad);
            let _ = decode(&bad);
            let opened = Stream::open(&bad, Limits::default());
            prop_assert!(opened.is_ok(), "it was not the container that refused it");
            let _ = opened.map(|stream| stream.fields(0));
        }
    }
}

#[test]
fn a_damaged_chunk_costs_that_chunk_only() {
    let original = array(DType::F32, &[40, 10], Kind::Noisy, 2);
    let bytes = Compressor::new("predict".parse().unwrap(), tolzip::Bound::Abs(1e-3))
        .chunk(&[10, 10])
        .compress_any(&original)
        .unwrap();
    let good = Stream::open(&bytes, Limits::default()).unwrap().decode::<f32>(1).unwrap();
    let header = 20 + u32::from_le_bytes(bytes[12..16].try_into().unwrap()) as usize;
    let mut bad = bytes.clone();
    bad[header + 20] ^= 4;
    let stream = Stream::open(&bad, Limits::default()).unwrap();
    assert!(matches!(
        stream.decode::<f32>(2),
        Err(Error::Decode(DecodeError::Chunk { index: 0, of: 4, .. }))
    ));
    let (rest, damaged) = stream.salvage::<f32>(1).unwrap();
    assert_eq!(damaged.len(), 1);
    assert_eq!(damaged[0].region, [0..10, 0..10]);
    assert_eq!(rest.values()[100..], good.values()[100..]);
    assert!(rest.values()[..100].iter().all(|v| v.is_nan()));
    assert_eq!(stream.region::<f32>(&[10..40, 0..10], 1).unwrap().values(), &good.values()[100..]);
}
