//! Point-wise errors. PSNR is relative to the value range, as in SZ, zfp's and LibPressio's reports.

use super::{Fidelity, ssim::ssim};
use tolzip_core::Shape;

/// Fidelity of `y` as a copy of `x`; the slices are of one length.
pub(super) fn compare(x: &[f64], y: &[f64], shape: Shape) -> Fidelity {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for &v in x.iter().filter(|v| v.is_finite()) {
        low = low.min(v);
        high = high.max(v);
    }
    let range = if high > low { high - low } else { 0.0 };

    let pairs = || x.iter().zip(y).map(|(&x, &y)| (x, y)).filter(|(x, y)| x.is_finite() && y.is_finite());
    let mut max_abs = 0.0f64;
    let mut max_pw = 0.0f64;
    let mut count = 0u64;
    for (x, y) in pairs() {
        let d = (x - y).abs();
        max_abs = max_abs.max(d);
        if d > 0.0 {
            max_pw = max_pw.max(d / x.abs());
        }
        count += 1;
    }
    // Squares are taken of errors divided by the largest one, so that errors of 1e200 do not overflow.
    let (mut squares, mut bias) = (0.0, 0.0);
    if max_abs > 0.0 && max_abs.is_finite() {
        for (x, y) in pairs() {
            let d = (y - x) / max_abs;
            squares += d * d;
            bias += d;
        }
    }
    let n = count.max(1) as f64;
    let rmse = max_abs * (squares / n).sqrt();
    let mismatches = x
        .iter()
        .zip(y)
        .filter(|(x, y)| !(x.is_finite() && y.is_finite() || x == y || x.is_nan() && y.is_nan()))
        .count();

    let relative = |v: f64| (range > 0.0 || v == 0.0).then(|| if v == 0.0 { 0.0 } else { v / range });
    Fidelity {
        n: x.len() as u64,
        value_range: range,
        max_abs_error: max_abs,
        max_rel_error: relative(max_abs),
        max_pw_rel_error: max_pw.is_finite().then_some(max_pw),
        rmse,
        nrmse: relative(rmse),
        psnr: (range > 0.0 && rmse > 0.0).then(|| 20.0 * (range / rmse).log10()),
        bias: max_abs * (bias / n),
        ssim: ssim(x, y, shape),
        non_finite_mismatches: mismatches as u64,
        detail: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tolzip_core::{AnyArray, Array};

    fn of(x: &[f64], y: &[f64]) -> Fidelity {
        compare(x, y, Shape::line(x.len()))
    }

    #[test]
    fn hand_computed() {
        // Errors 0, +1, -2, 0 on a range of 10: squares sum to 5 over 4 values.
        let f = of(&[0.0, 2.0, 10.0, 4.0], &[0.0, 3.0, 8.0, 4.0]);
        assert_eq!((f.n, f.value_range, f.max_abs_error), (4, 10.0, 2.0));
        assert_eq!(f.max_rel_error, Some(0.2));
        assert_eq!(f.max_pw_rel_error, Some(0.5));
        assert!((f.rmse - 1.25f64.sqrt()).abs() < 1e-15);
        assert!((f.nrmse.unwrap() - 1.25f64.sqrt() / 10.0).abs() < 1e-16);
        // 20 log10(10 / sqrt(1.25)) = 10 log10(80)
        assert!((f.psnr.unwrap() - 19.030_899_869_919_438).abs() < 1e-12);
        assert_eq!(f.bias, -0.25);
        assert_eq!((f.ssim, f.non_finite_mismatches), (None, 0));
    }

    #[test]
    fn an_exact_copy_has_no_error_and_no_psnr() {
        let f = of(&[1.0, f64::NAN, -3.0], &[1.0, f64::NAN, -3.0]);
        assert_eq!((f.max_abs_error, f.rmse, f.bias, f.psnr), (0.0, 0.0, 0.0, None));
        assert_eq!((f.max_rel_error, f.max_pw_rel_error, f.non_finite_mismatches), (Some(0.0), Some(0.0), 0));
    }

    #[test]
    fn non_finite_values_are_counted_and_left_out() {
        let (nan, inf) = (f64::NAN, f64::INFINITY);
        let f = of(&[nan, inf, inf, 1.0, 2.0, nan], &[nan, inf, -inf, nan, 2.5, 0.0]);
        assert_eq!(f.non_finite_mismatches, 3);
        assert_eq!((f.value_range, f.max_abs_error), (1.0, 0.5));
    }

    #[test]
    fn zeros_that_move_have_no_pointwise_relative_error() {
        assert_eq!(of(&[0.0, 1.0], &[0.1, 1.0]).max_pw_rel_error, None);
        // A constant array has no range to be relative to.
        let f = of(&[5.0, 5.0], &[5.0, 6.0]);
        assert_eq!((f.max_rel_error, f.nrmse, f.psnr), (None, None, None));
        assert_eq!(of(&[], &[]).n, 0);
    }

    #[test]
    fn huge_values_do_not_overflow() {
        let f = of(&[-1e300, 1e300, 0.0], &[-1e300, 1e300, 1e200]);
        assert_eq!(f.max_abs_error, 1e200);
        assert!((f.rmse / (1e200 / 3.0f64.sqrt()) - 1.0).abs() < 1e-15);
    }

    #[test]
    fn arrays_must_match() {
        let a: AnyArray = Array::new(vec![1.0f32; 4], Shape::line(4)).unwrap().into();
        let b: AnyArray = Array::new(vec![1.0f32; 4], Shape::new(&[2, 2]).unwrap()).unwrap().into();
        let c: AnyArray = Array::new(vec![1.0f64; 4], Shape::line(4)).unwrap().into();
        assert!(Fidelity::new(&a, &b).is_err());
        assert!(Fidelity::new(&a, &c).is_err());
        assert_eq!(Fidelity::new(&a, &a).unwrap().max_abs_error, 0.0);
    }
}
