//! NaN, infinities and fill values: taken out before a lossy codec sees the chunk, and put back exactly.

use super::{patches::Patches, scan::ordinary};
use alloc::vec::Vec;
use tolzip_core::{Element, Float};

/// The section that puts the special values back.
pub(crate) fn take_out<T: Element>(values: &[T], fill: Option<T::Bits>) -> Vec<u8> {
    let mut patches = Patches::new();
    for (i, &v) in values.iter().enumerate() {
        if !ordinary(v, fill) {
            patches.push(i, v);
        }
    }
    patches.into_bytes()
}

/// The chunk as the codec shall see it: straight lines across the holes, along the last axis, so that they cost the
/// predictors and transforms as little as possible. No decoder needs to know how this is done.
pub(crate) fn bridge<T: Element>(values: &[T], fill: Option<T::Bits>) -> Vec<T::Carrier> {
    let mut out: Vec<T::Carrier> = values.iter().map(|v| v.to_carrier()).collect();
    let mut last = None;
    let mut at = 0;
    while at < values.len() {
        if ordinary(values[at], fill) {
            last = Some(out[at]);
            at += 1;
            continue;
        }
        let hole = values[at..].iter().take_while(|v| !ordinary(**v, fill)).count();
        let next = out.get(at + hole).copied();
        let zero = T::Carrier::ZERO;
        let from = last.or(next).unwrap_or(zero);
        let rise = next.map_or(zero, |n| n - from);
        let step = rise / T::Carrier::from_f64((hole + 1) as f64);
        for (k, slot) in out[at..at + hole].iter_mut().enumerate() {
            let on_line = from + step * T::Carrier::from_f64((k + 1) as f64);
            // A rise from one end of the type's range to the other overflows.
            *slot = if on_line.is_finite() { on_line } else { from };
        }
        at += hole;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_become_straight_lines() {
        let nan = f64::NAN;
        assert_eq!(bridge(&[nan, 2.0, nan, nan, 5.0, nan], None), [2.0, 2.0, 3.0, 4.0, 5.0, 5.0]);
        assert_eq!(bridge(&[f32::INFINITY; 3], None), [0.0; 3]);
        assert_eq!(bridge(&[1.0f32, 9.0, 3.0], Some(9.0f32.to_bits())), [1.0, 2.0, 3.0]);
        assert!(bridge(&[f64::MIN, nan, f64::MAX], None)[1].is_finite());
    }
}
