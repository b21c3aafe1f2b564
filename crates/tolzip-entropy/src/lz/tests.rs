use super::*;
use alloc::vec;
use proptest::prelude::*;

fn round_trip(input: &[u8]) -> usize {
    let mut coded = Vec::new();
    compress(input, &mut coded);
    let mut back = vec![0xaa; input.len()];
    decompress(&coded, &mut back).unwrap();
    assert!(back == input);
    coded.len()
}

#[test]
fn repeats_are_found() {
    let phrase = b"the quick brown fox jumps over the lazy dog; ";
    let text: Vec<u8> = phrase.iter().cycle().take(20_000).copied().collect();
    assert!(round_trip(&text) < 200);
    assert!(round_trip(&[7; 100_000]) < 60);
    let periodic: Vec<u8> = (0..90_000u32).flat_map(|i| (i % 1000 * 77_777).to_le_bytes()).collect();
    assert!(round_trip(&periodic) < 5_000);
}

#[test]
fn short_and_random_strings_survive() {
    let mut x = 1u32;
    let noise: Vec<u8> = (0..70_000)
        .map(|_| {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (x >> 24) as u8
        })
        .collect();
    for n in (0..40).chain([100, 1000, 70_000]) {
        let size = round_trip(&noise[..n]);
        assert!(size <= n + n / 20 + 40, "{n} {size}");
    }
}

#[test]
fn numbers_have_codes_that_invert() {
    for v in (0..5000u32).chain([1 << 20, (1 << 30) + 2, (1 << 30) + 12_345]) {
        let (code, open) = code(v);
        let (high, again) = decode_code(code).unwrap();
        assert_eq!((high | (v & ((1 << open) - 1)), again), (v, open));
    }
    assert!(decode_code(255).is_err());
}

#[test]
fn every_truncation_is_an_error() {
    let input: Vec<u8> = (0..3000u32).map(|i| (i * i / 100 % 23) as u8).collect();
    let mut coded = Vec::new();
    compress(&input, &mut coded);
    let mut back = vec![0; input.len()];
    for cut in 0..coded.len() {
        assert!(decompress(&coded[..cut], &mut back).is_err(), "{cut}");
    }
    // A longer or shorter string than was encoded.
    assert!(decompress(&coded, &mut vec![0; input.len() + 1]).is_err());
    assert!(decompress(&coded, &mut vec![0; input.len() - 1]).is_err());
}

fn repetitive() -> impl Strategy<Value = Vec<u8>> {
    let piece = (prop::collection::vec(0u8..4, 1..20), 1usize..30);
    prop::collection::vec(piece, 0..30)
        .prop_map(|pieces| pieces.into_iter().flat_map(|(p, n)| p.repeat(n)).collect())
}

proptest! {
    #[test]
    fn any_string_survives(input in prop_oneof![repetitive(), prop::collection::vec(any::<u8>(), 0..400)]) {
        round_trip(&input);
    }

    #[test]
    fn damaged_bytes_do_not_panic(input in repetitive(), flips in prop::collection::vec(any::<(u16, u8)>(), 1..5)) {
        let mut coded = Vec::new();
        compress(&input, &mut coded);
        for (at, bits) in flips {
            let at = usize::from(at) % coded.len();
            coded[at] ^= bits;
        }
        let _ = decompress(&coded, &mut vec![0; input.len()]);
    }

    #[test]
    fn any_bytes_are_a_string_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300), n in 0usize..300) {
        let _ = decompress(&bytes, &mut vec![0; n]);
    }
}
