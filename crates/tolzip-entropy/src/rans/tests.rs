use super::*;
use alloc::vec;
use alloc::vec::Vec;
use proptest::prelude::*;

/// A reproducible sequence that looks random (xorshift64*).
fn random(seed: u64) -> impl FnMut() -> u64 {
    let mut x = seed | 1;
    move || {
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        x.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }
}

/// Symbols whose spread grows with their context.
fn sample(n: usize, contexts: u64, seed: u64) -> (Vec<u8>, Vec<u8>) {
    let mut next = random(seed);
    let pairs = (0..n).map(|_| {
        let c = next() % contexts;
        let spread = 1 + 3 * c;
        ((next() % spread * (next() % spread) / spread) as u8, c as u8)
    });
    pairs.unzip()
}

fn tables_of(symbols: &[u8], contexts: &[u8], count: usize, alphabet: usize) -> (Tables, Vec<u32>) {
    let mut counts = vec![0; count * alphabet];
    for (&s, &c) in symbols.iter().zip(contexts) {
        counts[usize::from(c) * alphabet + usize::from(s)] += 1;
    }
    (Tables::from_counts(&counts, alphabet), counts)
}

/// Decodes in runs of the given lengths, over and over.
fn decode_in_runs(
    bytes: &[u8],
    tables: &Tables,
    contexts: &[u8],
    runs: &[usize],
) -> tolzip_core::Result<Vec<u8>> {
    let mut decoder = Decoder::new(bytes, tables)?;
    let mut out = vec![0; contexts.len()];
    let (mut at, mut runs) = (0, runs.iter().cycle());
    while at < out.len() {
        let to = (at + runs.next().unwrap_or(&1)).min(out.len());
        decoder.decode(&contexts[at..to], &mut out[at..to])?;
        at = to;
    }
    decoder.finish().map(|()| out)
}

#[test]
fn streams_are_as_long_as_their_entropy() {
    for n in [100_000, 300_000] {
        let (symbols, contexts) = sample(n, 16, 7);
        let (tables, counts) = tables_of(&symbols, &contexts, 16, 64);
        let mut bytes = Vec::new();
        encode(&symbols, &contexts, &tables, &mut bytes);
        let ideal = tables.cost(&counts) / 8;
        assert!((bytes.len() as u64) < ideal + ideal / 200 + 130, "{} bytes, ideal {ideal}", bytes.len());
        assert_eq!(decode_in_runs(&bytes, &tables, &contexts, &[n]).as_ref(), Ok(&symbols));
        assert_eq!(decode_in_runs(&bytes, &tables, &contexts, &[1, 31, 32, 33, 500]), Ok(symbols));
    }
}

#[test]
fn the_stream_is_what_it_was() {
    let (symbols, contexts) = sample(50_000, 24, 3);
    let (tables, _) = tables_of(&symbols, &contexts, 24, 80);
    let mut bytes = Vec::new();
    tables.write(&mut bytes);
    encode(&symbols, &contexts, &tables, &mut bytes);
    let hash =
        bytes.iter().fold(0xcbf2_9ce4_8422_2325u64, |h, &b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
    assert_eq!((bytes.len(), hash), GOLDEN, "a changed stream is a new format version");
}
const GOLDEN: (usize, u64) = (25437, 11_283_848_656_455_305_733);

#[test]
fn damage_is_found_or_harmless() {
    let (symbols, contexts) = sample(3000, 5, 11);
    let (tables, _) = tables_of(&symbols, &contexts, 5, 32);
    let mut bytes = Vec::new();
    encode(&symbols, &contexts, &tables, &mut bytes);
    for cut in 0..bytes.len() {
        assert!(decode_in_runs(&bytes[..cut], &tables, &contexts, &[77]).is_err());
    }
    for i in 0..bytes.len() {
        for bit in 0..8 {
            bytes[i] ^= 1 << bit;
            // The states are a permutation of the symbols: other bytes are other symbols, or no stream at all.
            assert_ne!(decode_in_runs(&bytes, &tables, &contexts, &[64]).as_ref(), Ok(&symbols));
            bytes[i] ^= 1 << bit;
        }
    }
    bytes.push(0);
    assert!(decode_in_runs(&bytes, &tables, &contexts, &[3000]).is_err());
}

#[test]
fn a_context_without_a_table_is_an_error() {
    let (tables, _) = tables_of(&[1, 2, 3], &[0, 0, 0], 2, 4);
    let mut bytes = Vec::new();
    encode(&[1, 2, 3], &[0, 0, 0], &tables, &mut bytes);
    let mut decoder = Decoder::new(&bytes, &tables).unwrap();
    assert!(decoder.decode(&[2, 0, 0], &mut [0; 3]).is_err());
    assert!(decode_in_runs(&bytes, &tables, &[1, 1, 1], &[3]).is_err());
}

proptest! {
    #[test]
    fn bytes_round_trip(bytes in prop_oneof![
        prop::collection::vec(any::<u8>(), 0..2000),
        prop::collection::vec(0u8..3, 0..2000),
        (any::<u8>(), 0usize..100_000).prop_map(|(b, n)| vec![b; n]),
    ]) {
        let mut coded = Vec::new();
        encode_bytes(&bytes, &mut coded);
        let mut back = vec![0; bytes.len()];
        prop_assert!(decode_bytes(&coded, &mut back).is_ok());
        prop_assert_eq!(&back, &bytes);
    }

    #[test]
    fn any_runs_give_the_same(n in 0usize..20_000, seed: u64, runs in prop::collection::vec(1usize..200, 1..20)) {
        let (symbols, contexts) = sample(n, 9, seed);
        let (tables, _) = tables_of(&symbols, &contexts, 9, 64);
        let mut bytes = Vec::new();
        encode(&symbols, &contexts, &tables, &mut bytes);
        prop_assert_eq!(decode_in_runs(&bytes, &tables, &contexts, &runs), Ok(symbols));
    }

    #[test]
    fn any_bytes_decode_or_fail(bytes in prop::collection::vec(any::<u8>(), 0..400), n in 0usize..3000) {
        let mut out = vec![0; n];
        let _ = decode_bytes(&bytes, &mut out);
        let (symbols, contexts) = sample(3000, 5, 11);
        let (tables, _) = tables_of(&symbols, &contexts, 5, 32);
        let mut bytes = bytes;
        if let Some(first) = bytes.first_mut() {
            *first &= 1;
        }
        let _ = decode_in_runs(&bytes, &tables, &contexts, &[50, 3]);
    }
}
