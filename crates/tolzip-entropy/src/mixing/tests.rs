use super::*;
use alloc::vec;
use alloc::vec::Vec;
use proptest::prelude::*;

#[test]
fn a_coder_of_fixed_probabilities() {
    // Extreme probabilities, and decisions that they did not foresee.
    let probability = |i: usize| [1, 65535, 32768, 3, 60000][i % 5];
    for decisions in [vec![true; 400], vec![false; 400], (0..400).map(|i| i % 3 == 0).collect()] {
        let mut encoder = BinaryEncoder::new();
        for (i, &d) in decisions.iter().enumerate() {
            assert_eq!(encoder.code(d, probability(i)), d);
        }
        let bytes = encoder.finish();
        let mut decoder = BinaryDecoder::new(&bytes);
        for (i, &d) in decisions.iter().enumerate() {
            assert_eq!(decoder.code(false, probability(i)), d, "decision {i}");
        }
        assert!(decoder.finish().is_ok());
    }
    assert!(BinaryEncoder::new().finish().is_empty());
    let mut longer = vec![7; 9];
    longer.push(1);
    assert!(BinaryDecoder::new(&longer).finish().is_err());
}

/// Codes decisions, each in one of a few contexts, and returns the other direction's decisions too.
fn through(decisions: &[(bool, u8)]) -> (usize, Vec<bool>) {
    fn all(coder: &mut impl BinaryCoder, decisions: &[(bool, u8)], out: &mut Vec<bool>) {
        let mut slots = vec![Slot::default(); 64];
        let mut plain = Slot::default();
        let mut mixer = Mixer::<3>::new(4);
        let mut last = 0usize;
        for &(d, context) in decisions {
            let context = usize::from(context % 4);
            let at = [context, 4 + last, 8 + 4 * last + context];
            let d = mixer.code(coder, d, &mut slots, at, context);
            out.push(d);
            out.push(plain.code(coder, d));
            last = (2 * last + usize::from(d)) % 4;
        }
    }
    let mut encoder = BinaryEncoder::new();
    all(&mut encoder, decisions, &mut Vec::new());
    let bytes = encoder.finish();
    let mut decoder = BinaryDecoder::new(&bytes);
    let mut found = Vec::new();
    let unknown: Vec<(bool, u8)> = decisions.iter().map(|&(_, c)| (false, c)).collect();
    all(&mut decoder, &unknown, &mut found);
    assert!(decoder.finish().is_ok());
    (bytes.len(), found)
}

#[test]
fn what_can_be_learnt_costs_little() {
    // The context tells the decision but for one time in sixty-four.
    let decisions: Vec<(bool, u8)> = (0..40_000u32)
        .map(|i| {
            let random = i.wrapping_mul(2_654_435_761) >> 16;
            ((random & 1 == 1) != (random >> 8 & 63 == 0), (random & 3) as u8)
        })
        .collect();
    let (_, found) = through(&decisions);
    assert!(decisions.iter().zip(found.chunks(2)).all(|(&(d, _), two)| two == [d, d]));
    // Without the second, plain, coding of each decision, which costs a bit.
    let mut encoder = BinaryEncoder::new();
    let mut slots = vec![Slot::default(); 4];
    let mut mixer = Mixer::<1>::new(1);
    for &(d, context) in &decisions {
        mixer.code(&mut encoder, d, &mut slots, [usize::from(context)], 0);
    }
    let entropy = 40_000.0 / 8.0 * (63.0 / 64.0 * (64.0f64 / 63.0).log2() + 6.0 / 64.0);
    let bytes = encoder.finish().len() as f64;
    assert!(bytes < 1.1 * entropy, "{bytes} bytes where {entropy} would do");
}

proptest! {
    #[test]
    fn decisions_come_back(decisions in prop::collection::vec((any::<bool>(), any::<u8>()), 0..600)) {
        let (_, found) = through(&decisions);
        prop_assert!(decisions.iter().zip(found.chunks(2)).all(|(&(d, _), two)| two == [d, d]));
        prop_assert_eq!(found.len(), 2 * decisions.len());
    }

    #[test]
    fn any_bytes_are_decisions(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let mut decoder = BinaryDecoder::new(&bytes);
        let mut slot = Slot::default();
        for i in 0..5000u32 {
            if i % 3 == 0 {
                slot.code(&mut decoder, false);
            } else {
                decoder.code(false, 1 + i % 65535);
            }
        }
        let _ = decoder.finish();
    }
}
