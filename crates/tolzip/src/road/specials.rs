//! NaN, infinities and fill values: taken out before a lossy codec sees the chunk, and put back exactly.

use super::patches::Patches;
use alloc::vec::Vec;
use tolzip_core::{Element, Float};

/// The section that puts the values of all holes back.
pub(crate) fn take_out<T: Element>(values: &[T], hole: impl Fn(T) -> bool) -> Vec<u8> {
    let mut patches = Patches::new();
    for (i, &v) in values.iter().enumerate() {
        if hole(v) {
            patches.push(i, v);
        }
    }
    patches.into_bytes()
}

/// The chunk as the codec shall see it: what it is made of `out` by straight lines across the holes of `values`, along the
/// last axis, so that they cost the predictors and transforms as little as possible. No decoder needs to know how this is
/// done.
pub(crate) fn bridge<T: Element, C: Float>(values: &[T], out: &mut [C], hole: impl Fn(T) -> bool) {
    let mut last = None;
    let mut at = 0;
    while at < values.len() {
        if !hole(values[at]) {
            last = Some(out[at]);
            at += 1;
            continue;
        }
        let width = values[at..].iter().take_while(|v| hole(**v)).count();
        let next = out.get(at + width).copied();
        let zero = C::ZERO;
        let from = last.or(next).unwrap_or(zero);
        let rise = next.map_or(zero, |n| n - from);
        let step = rise / C::from_f64((width + 1) as f64);
        for (k, slot) in out[at..at + width].iter_mut().enumerate() {
            let on_line = from + step * C::from_f64((k + 1) as f64);
            // A rise from one end of the type's range to the other overflows.
            *slot = if on_line.is_finite() { on_line } else { from };
        }
        at += width;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_become_straight_lines() {
        let nan = f64::NAN;
        let bridged = |values: &[f64]| {
            let mut out = values.to_vec();
            bridge(values, &mut out, |v| !v.is_finite() || v == 9.0);
            out
        };
        assert_eq!(bridged(&[nan, 2.0, nan, nan, 5.0, nan]), [2.0, 2.0, 3.0, 4.0, 5.0, 5.0]);
        assert_eq!(bridged(&[f64::INFINITY; 3]), [0.0; 3]);
        assert_eq!(bridged(&[1.0, 9.0, 3.0]), [1.0, 2.0, 3.0]);
        assert!(bridged(&[f64::MIN, nan, f64::MAX])[1].is_finite());
    }
}
