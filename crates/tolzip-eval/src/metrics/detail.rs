//! What point-wise errors do not tell: how errors are distributed, whether they are noise, and what becomes of the
//! statistics, the gradients and the spectrum. The selection follows the metrics modules of LibPressio
//! (github.com/robertu94/libpressio, `error_stat`, `pearson`, `ks_test`, `kl_divergence`, `spatial_error`, `kth_error`,
//! `autocorr`, `entropy`, `diff_pdf`) and the analyses of Z-checker (D. Tao et al., Int. J. High Performance Computing
//! Applications 33(2), 2019).

use super::distribution::{entropy, kolmogorov_smirnov, kullback_leibler, quantile};
use super::signal::{autocorrelation, gradient_error, spectrum_error};
use serde::{Deserialize, Serialize};
use tolzip_core::Shape;

/// Lags of autocorrelations that are computed.
const LAGS: usize = 8;
/// Bins of the errors' histogram.
const BINS: usize = 32;

/// Further figures of a reconstruction `x'` of `x`, over the values that are finite in both; `e = x' - x`. `None` (JSON
/// `null`) stands for what is infinite or not defined.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Detail {
    /// Smallest value of the original.
    pub value_min: f64,
    /// Largest value of the original.
    pub value_max: f64,
    /// Mean of the original.
    pub value_mean: f64,
    /// Standard deviation of the original, divided by n.
    pub value_std: f64,
    /// Smallest (most negative) `e`.
    pub error_min: f64,
    /// Largest `e`.
    pub error_max: f64,
    /// Smallest `|e|`.
    #[serde(default)]
    pub min_abs_error: f64,
    /// Smallest `|e| / |x|` of the `x` that are not 0; `None` if all are.
    #[serde(default)]
    pub min_pw_rel_error: Option<f64>,
    /// Mean of `|e|`.
    pub mean_abs_error: f64,
    /// Mean of `e^2`; `None` beyond what an f64 holds.
    #[serde(default)]
    pub mse: Option<f64>,
    /// Standard deviation of `e`, divided by n.
    pub error_std: f64,
    /// Median of `|e|`, interpolated.
    pub median_abs_error: f64,
    /// 99 % quantile of `|e|`, interpolated.
    pub p99_abs_error: f64,
    /// Signal-to-noise ratio in dB, `20 log10(value_std / rmse)`.
    pub snr: Option<f64>,
    /// Pearson's correlation of `x` and `x'`.
    pub pearson: Option<f64>,
    /// Coefficient of determination of the line through the pairs of `x` and `x'`: the square of `pearson`.
    #[serde(default)]
    pub r_squared: Option<f64>,
    /// Share of the values whose `|e|` is more than 1 % of the value range (LibPressio's `spatial_error`).
    pub beyond_1_percent: Option<f64>,
    /// Kolmogorov and Smirnov's statistic: the largest distance between the cumulative distributions of `x` and `x'`.
    pub ks: f64,
    /// The probability of a distance at least as large if both were drawn from one distribution (asymptotic).
    pub ks_p: f64,
    /// Kullback and Leibler's divergence of the distribution of `x'` from that of `x`, in nats, on 256 equal bins of the
    /// value range with half a count added to each.
    pub kl: Option<f64>,
    /// The divergence the other way round, of the distribution of `x` from that of `x'`, on the same bins.
    #[serde(default)]
    pub kl_reverse: Option<f64>,
    /// Shannon's entropy of the values of `x`, in bits a value: different bit patterns are different symbols.
    pub entropy: f64,
    /// The same of `x'`.
    pub entropy_reconstructed: f64,
    /// Autocorrelation of `e` in memory's order at lags 1, 2, ...: `sum (e_i - m)(e_(i+k) - m) / sum (e_i - m)^2`. White
    /// noise has none. Empty without errors.
    pub error_autocorrelation: Vec<f64>,
    /// The same of `x`.
    #[serde(default)]
    pub value_autocorrelation: Vec<f64>,
    /// How many `e` lie in each of 32 equal bins from `-max_abs_error` to `max_abs_error`, which counts in the last one: the
    /// errors' density (LibPressio's `diff_pdf`, Z-checker's error PDF) but for a factor. Empty without errors.
    #[serde(default)]
    pub error_histogram: Vec<u64>,
    /// Error of the gradients: root mean square of the differences between neighbours of `e` along all axes, by that of
    /// `x`.
    pub gradient_error: Option<f64>,
    /// Error of the amplitude spectrum along the last axis: with `A_k` the mean over all rows of `|F_k|`, F the discrete
    /// Fourier transform of a row, `sqrt(sum (A'_k - A_k)^2 / sum A_k^2)` over k from 1 to half the row's length.
    pub spectrum_error: Option<f64>,
    /// Structural similarity of a 3-D array by cubes, see [`ssim_3d`](super::ssim_3d).
    pub ssim_3d: Option<f64>,
    /// Errors column by column, for tables of up to 128 columns.
    pub columns: Vec<ColumnErrors>,
}

/// Errors of one column of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnErrors {
    /// Largest minus smallest value of the original.
    pub value_range: f64,
    /// Largest `|e|`.
    pub max_abs_error: f64,
    /// The same, by the column's range.
    pub max_rel_error: Option<f64>,
    /// Root mean square of `e`.
    pub rmse: f64,
    /// Mean of `e`.
    pub bias: f64,
}

/// All of it; the slices are of one length.
pub(super) fn detail(x: &[f64], y: &[f64], shape: Shape) -> Detail {
    let (mut a, mut b): (Vec<f64>, Vec<f64>) =
        x.iter().zip(y).map(|(&x, &y)| (x, y)).filter(|(x, y)| x.is_finite() && y.is_finite()).unzip();
    let errors: Vec<f64> = a.iter().zip(&b).map(|(x, y)| y - x).collect();
    let (value_mean, value_std) = moments(&a);
    let (_, error_std) = moments(&errors);
    let rmse = root_mean_square(&errors);
    let (value_min, value_max) = ends(&a);
    let (error_min, error_max) = ends(&errors);
    let range = value_max - value_min;
    let n = errors.len().max(1) as f64;
    let mut sizes: Vec<f64> = errors.iter().map(|e| e.abs()).collect();
    let beyond = sizes.iter().filter(|&&e| e > 0.01 * range).count() as f64 / n;
    let mean_abs_error = sizes.iter().map(|e| e / n).sum();
    sizes.sort_unstable_by(f64::total_cmp);
    let pearson = correlation(&a, &b);
    let quotients = a.iter().zip(&errors).filter(|(x, _)| **x != 0.0).map(|(x, e)| (e / x).abs());
    let min_pw_rel_error = quotients.min_by(f64::total_cmp);
    let value_autocorrelation = autocorrelation(&a, LAGS);
    a.sort_unstable_by(f64::total_cmp);
    b.sort_unstable_by(f64::total_cmp);
    let (ks, ks_p) = kolmogorov_smirnov(&a, &b);
    let (kl, kl_reverse) = kullback_leibler(&a, &b).unzip();
    Detail {
        value_min,
        value_max,
        value_mean,
        value_std,
        error_min,
        error_max,
        min_abs_error: sizes.first().copied().unwrap_or(0.0),
        min_pw_rel_error,
        mean_abs_error,
        mse: Some(rmse * rmse).filter(|m| m.is_finite()),
        error_std,
        median_abs_error: quantile(&sizes, 0.5),
        p99_abs_error: quantile(&sizes, 0.99),
        snr: (rmse > 0.0 && value_std > 0.0).then(|| 20.0 * (value_std / rmse).log10()),
        pearson,
        r_squared: pearson.map(|r| r * r),
        beyond_1_percent: (range > 0.0).then_some(beyond),
        ks,
        ks_p,
        kl,
        kl_reverse,
        entropy: entropy(&a),
        entropy_reconstructed: entropy(&b),
        error_autocorrelation: autocorrelation(&errors, LAGS),
        value_autocorrelation,
        error_histogram: histogram(&errors, sizes.last().copied().unwrap_or(0.0)),
        gradient_error: gradient_error(x, y, shape),
        spectrum_error: spectrum_error(x, y, shape),
        ssim_3d: super::ssim::ssim_3d(x, y, shape),
        columns: columns(x, y, shape),
    }
}

fn columns(x: &[f64], y: &[f64], shape: Shape) -> Vec<ColumnErrors> {
    let &[_, width] = shape.sides() else { return Vec::new() };
    if width > 128 {
        return Vec::new();
    }
    (0..width)
        .map(|c| {
            let pairs =
                x.iter().zip(y).skip(c).step_by(width).filter(|(x, y)| x.is_finite() && y.is_finite());
            let (values, errors): (Vec<f64>, Vec<f64>) = pairs.map(|(&x, &y)| (x, y - x)).unzip();
            let (low, high) = ends(&values);
            let (range, max) = (high - low, errors.iter().fold(0.0, |m: f64, e| m.max(e.abs())));
            ColumnErrors {
                value_range: range,
                max_abs_error: max,
                max_rel_error: (range > 0.0 || max == 0.0)
                    .then(|| if max == 0.0 { 0.0 } else { max / range }),
                rmse: root_mean_square(&errors),
                bias: moments(&errors).0,
            }
        })
        .collect()
}

/// How many values lie in each of [`BINS`] equal bins from `-end` to `end`.
fn histogram(values: &[f64], end: f64) -> Vec<u64> {
    if !(end > 0.0 && end.is_finite()) {
        return Vec::new();
    }
    let mut counts = vec![0; BINS];
    for v in values {
        let bin = ((v / end + 1.0) * (BINS / 2) as f64) as usize;
        counts[bin.min(BINS - 1)] += 1;
    }
    counts
}

/// Smallest and largest; zeros for nothing.
fn ends(values: &[f64]) -> (f64, f64) {
    let (low, high) =
        values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &v| (a.min(v), b.max(v)));
    if values.is_empty() { (0.0, 0.0) } else { (low, high) }
}

/// Mean and standard deviation, divided by n. Values are scaled first, so that squares of 1e200 do not overflow.
fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len().max(1) as f64;
    let scale = values.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
    if scale == 0.0 {
        return (0.0, 0.0);
    }
    let mean = values.iter().map(|v| v / scale).sum::<f64>() / n;
    let variance = values.iter().map(|v| (v / scale - mean) * (v / scale - mean)).sum::<f64>() / n;
    (scale * mean, scale * variance.sqrt())
}

fn root_mean_square(values: &[f64]) -> f64 {
    let scale = values.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
    if scale == 0.0 {
        return 0.0;
    }
    let mean = values.iter().map(|v| (v / scale) * (v / scale)).sum::<f64>() / values.len() as f64;
    scale * mean.sqrt()
}

/// Pearson's correlation; `None` if either side is constant.
fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let ((ma, sa), (mb, sb)) = (moments(a), moments(b));
    if !(sa > 0.0 && sb > 0.0) {
        return None;
    }
    let sum: f64 = a.iter().zip(b).map(|(a, b)| (a - ma) / sa * ((b - mb) / sb)).sum();
    Some((sum / a.len() as f64).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hand_computed() {
        // Errors 0, 1, -2, 0, 0.05.
        let x = [0.0, 2.0, 10.0, 4.0, 4.0];
        let y = [0.0, 3.0, 8.0, 4.0, 4.05];
        let d = detail(&x, &y, Shape::line(5));
        assert_eq!((d.value_min, d.value_max, d.value_mean), (0.0, 10.0, 4.0));
        // Deviations -4, -2, 6, 0, 0: squares 56 / 5.
        assert!((d.value_std - 11.2f64.sqrt()).abs() < 1e-12);
        assert_eq!((d.error_min, d.error_max), (-2.0, 1.0));
        // Of what is not 0: 1/2, 1/5, 0, 1/80.
        assert_eq!((d.min_abs_error, d.min_pw_rel_error), (0.0, Some(0.0)));
        assert!((d.mse.unwrap() - 5.0025 / 5.0).abs() < 1e-12);
        assert!((d.r_squared.unwrap() - d.pearson.unwrap().powi(2)).abs() < 1e-15);
        // Bins of an eighth from -2 to 2: one -2, two 0 and the 0.05, one 1.
        let bins: Vec<(usize, u64)> =
            d.error_histogram.iter().copied().enumerate().filter(|b| b.1 > 0).collect();
        assert_eq!(bins, [(0, 1), (16, 3), (24, 1)]);
        // Deviations of x -4, -2, 6, 0, 0: neighbours' products 8 - 12 over 56.
        assert!((d.value_autocorrelation[0] + 4.0 / 56.0).abs() < 1e-12);
        assert!((d.mean_abs_error - 0.61).abs() < 1e-12);
        assert!((d.median_abs_error - 0.05).abs() < 1e-12);
        // Sorted 0, 0, 0.05, 1, 2: position 3.96.
        assert!((d.p99_abs_error - 1.96).abs() < 1e-12);
        assert!((d.snr.unwrap() - 10.0 * (11.2f64 / (5.0025 / 5.0)).log10()).abs() < 1e-12);
        assert_eq!(d.beyond_1_percent, Some(0.4));
        // x has 4 different values in 5: 4 twice. y has none twice.
        assert!((d.entropy - (3.0 * 0.2 * 5f64.log2() + 0.4 * 2.5f64.log2())).abs() < 1e-12);
        assert!((d.entropy_reconstructed - 5f64.log2()).abs() < 1e-12);
        assert!(d.columns.is_empty() && d.ssim_3d.is_none());
    }

    #[test]
    fn columns_have_their_own_errors() {
        let x = [0.0, 100.0, 1.0, 300.0];
        let y = [0.5, 100.0, 1.0, 290.0];
        let d = detail(&x, &y, Shape::new(&[2, 2]).unwrap());
        let [a, b] = &d.columns[..] else { panic!() };
        assert_eq!((a.value_range, a.max_abs_error, a.max_rel_error, a.bias), (1.0, 0.5, Some(0.5), 0.25));
        assert_eq!(
            (b.value_range, b.max_abs_error, b.max_rel_error, b.bias),
            (200.0, 10.0, Some(0.05), -5.0)
        );
    }

    #[test]
    fn an_exact_copy_and_nothing_at_all() {
        let x = [1.0, f64::NAN, 3.0];
        let d = detail(&x, &x, Shape::line(3));
        assert_eq!((d.error_max, d.snr, d.ks, d.ks_p, d.kl), (0.0, None, 0.0, 1.0, Some(0.0)));
        assert!((d.pearson.unwrap() - 1.0).abs() < 1e-12 && d.error_autocorrelation.is_empty());
        assert!(d.error_histogram.is_empty() && d.kl_reverse == Some(0.0) && d.mse == Some(0.0));
        let d = detail(&[], &[], Shape::line(0));
        assert_eq!((d.value_max, d.entropy, d.pearson, d.kl), (0.0, 0.0, None, None));
    }

    #[test]
    fn huge_values_do_not_overflow() {
        let d = detail(&[-1e300, 1e300, 0.0], &[-1e300, 1e300, 1e200], Shape::line(3));
        assert!((d.value_std / (1e300 * (2.0f64 / 3.0).sqrt()) - 1.0).abs() < 1e-12);
        assert!(d.pearson.unwrap() > 0.999 && d.snr.unwrap().is_finite());
        assert_eq!((d.mse, d.error_histogram.iter().sum::<u64>()), (None, 3));
    }
}
