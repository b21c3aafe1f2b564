//! A value that probably stands for missing ones and ruins the range: worth a word to who did not say so.

use crate::args::input::Input;

/// The most values that are looked at; a fill value that is rarer among them than [`OFTEN`] goes unnoticed.
const LOOKED_AT: usize = 1 << 20;
/// One in so many values is often.
const OFTEN: usize = 1000;
/// The others span less than this part of the whole range.
const SPAN: f64 = 0.01;

/// A note on the smallest or largest value, if it occurs often and lies far away from all others.
pub(crate) fn note(input: &Input) -> Option<String> {
    // Whoever can't be read again here has been compressed all the same.
    let mut values = input.sample(LOOKED_AT).ok()?;
    values.retain(|v| v.is_finite());
    let found = outlier(&values);
    found.map(|(value, share, span)| {
        // As short as the type allows: 1e20 and not 1.0000000200408773e20.
        let short = input.dtype().size() <= 4 && input.dtype().is_float();
        let value = match (short, (1e-3..1e6).contains(&value.abs())) {
            (true, true) => format!("{}", value as f32),
            (true, false) => format!("{:e}", value as f32),
            (false, true) => format!("{value}"),
            (false, false) => format!("{value:e}"),
        };
        format!(
            "note: {:.2} % of the values are exactly {value}, and all others lie within {span:.1e} of the range that the \
             bound is relative to; if it stands for missing values, say --fill-value {value}",
            100.0 * share
        )
    })
}

/// The value, how often it occurs, and the others' range as a part of the whole.
fn outlier(values: &[f64]) -> Option<(f64, f64, f64)> {
    let range = |skip: Option<f64>| {
        let others = values.iter().filter(|v| Some(**v) != skip);
        others.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &v| (a.min(v), b.max(v)))
    };
    let (min, max) = range(None);
    [max, min].into_iter().find_map(|value| {
        let count = values.iter().filter(|v| **v == value).count();
        if count < 2 || count * OFTEN < values.len() {
            return None;
        }
        let (low, high) = range(Some(value));
        let span = (high - low) / (max - min);
        (span < SPAN && high > low).then_some((value, count as f64 / values.len() as f64, span))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tolzip::{Array, Shape};

    fn told(values: Vec<f32>) -> Option<String> {
        let shape = Shape::line(values.len());
        note(&Input::Memory(Array::new(values, shape).unwrap().into()))
    }

    #[test]
    fn only_a_frequent_value_far_from_all_others_is_suspicious() {
        let wave = |i: usize| (i as f32 * 0.1).sin() * 30.0;
        let with = |fill: f32, every: usize| {
            (0..4000).map(|i| if i % every == 0 { fill } else { wave(i) }).collect::<Vec<_>>()
        };
        let note = told(with(1e20, 10)).unwrap();
        assert!(note.contains("10.00 %") && note.ends_with("--fill-value 1e20"), "{note}");
        assert!(told(with(-9999.0, 100)).unwrap().ends_with("--fill-value -9999"));
        // Among the others, too rare, alone, or nothing else there.
        for values in
            [with(10.0, 10), with(1e20, 3999), with(1e20, 1), vec![0.0; 9], vec![], vec![f32::NAN; 9]]
        {
            assert_eq!(told(values), None);
        }
        // A mask of two values is no field with holes.
        assert_eq!(told((0..99).map(|i| (i % 2) as f32 * 1e20).collect()), None);
    }
}
