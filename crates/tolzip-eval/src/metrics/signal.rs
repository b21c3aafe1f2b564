//! Neighbourhoods and frequencies.

use rustfft::{FftPlanner, num_complex::Complex64};
use tolzip_core::Shape;

/// `sum (e_i - m)(e_(i+k) - m) / sum (e_i - m)^2` for the lags `k` = 1, 2, ...; nothing where all values are the same.
pub(super) fn autocorrelation(e: &[f64], lags: usize) -> Vec<f64> {
    let scale = e.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
    if scale == 0.0 {
        return Vec::new();
    }
    let mean = e.iter().map(|v| v / scale).sum::<f64>() / e.len() as f64;
    let centred: Vec<f64> = e.iter().map(|v| v / scale - mean).collect();
    let whole: f64 = centred.iter().map(|v| v * v).sum();
    if whole == 0.0 {
        return Vec::new();
    }
    let at = |k: usize| centred.iter().zip(&centred[k..]).map(|(a, b)| a * b).sum::<f64>() / whole;
    (1..=lags.min(e.len() - 1)).map(at).collect()
}

/// Root mean square of the differences between neighbours of `y - x` along all axes, by that of `x`; differences with a
/// value that is not finite are left out. `None` if `x` has no differences.
pub(super) fn gradient_error(x: &[f64], y: &[f64], shape: Shape) -> Option<f64> {
    let strides = shape.strides();
    let (mut errors, mut slopes) = (0.0, 0.0);
    for (axis, &side) in shape.sides().iter().enumerate() {
        let stride = strides[axis];
        for i in 0..x.len() {
            if i / stride % side + 1 == side {
                continue;
            }
            let (dx, dy) = (x[i + stride] - x[i], y[i + stride] - y[i]);
            if dx.is_finite() && dy.is_finite() {
                errors += (dy - dx) * (dy - dx);
                slopes += dx * dx;
            }
        }
    }
    let ratio = (errors / slopes).sqrt();
    ratio.is_finite().then_some(ratio)
}

/// `sqrt(sum (A'_k - A_k)^2 / sum A_k^2)` over `k` from 1 to half the rows' length; `A_k` are the amplitudes of the rows'
/// Fourier transforms, averaged over the rows that are finite in both arrays. `None` if `x` has no amplitudes.
pub(super) fn spectrum_error(x: &[f64], y: &[f64], shape: Shape) -> Option<f64> {
    let row = shape.sides().last().copied().filter(|&n| n > 1)?;
    let fft = FftPlanner::new().plan_fft_forward(row);
    let mut buffer = vec![Complex64::default(); row];
    let mut scratch = vec![Complex64::default(); fft.get_inplace_scratch_len()];
    let (mut a, mut b) = (vec![0.0; row / 2], vec![0.0; row / 2]);
    for (x, y) in x.chunks_exact(row).zip(y.chunks_exact(row)) {
        if !x.iter().chain(y).all(|v| v.is_finite()) {
            continue;
        }
        // Both real rows in one complex transform.
        for (c, (&x, &y)) in buffer.iter_mut().zip(x.iter().zip(y)) {
            *c = Complex64::new(x, y);
        }
        fft.process_with_scratch(&mut buffer, &mut scratch);
        for k in 1..=row / 2 {
            let (p, q) = (buffer[k], buffer[row - k].conj());
            a[k - 1] += ((p + q) * 0.5).norm();
            b[k - 1] += ((p - q) * 0.5).norm();
        }
    }
    let errors: f64 = a.iter().zip(&b).map(|(a, b)| (b - a) * (b - a)).sum();
    let ratio = (errors / a.iter().map(|a| a * a).sum::<f64>()).sqrt();
    ratio.is_finite().then_some(ratio)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy 1.17:
    /// ```python
    /// i, j = np.mgrid[0:12, 0:30]; x = (i*7 + j*13) % 17 + 0.25*i*j/10; y = x + 0.5*((i*5 + j*3) % 4 - 1.5)
    /// c = (y - x).ravel() - (y - x).mean(); a = np.correlate(c, c, "full")[c.size-1:]; (a / a[0])[1:9]
    /// A, B = (np.abs(scipy.fft.rfft(v, axis=1)).mean(0)[1:] for v in (x, y))
    /// np.sqrt(((B - A)**2).sum() / (A**2).sum())                               # 0.02962161890437322
    /// g = lambda v: np.concatenate([np.diff(v, axis=k).ravel() for k in (0, 1)])
    /// np.sqrt((g(y - x)**2).sum() / (g(x)**2).sum())                           # 0.1109103054838269
    /// ```
    #[test]
    fn agrees_with_scipy() {
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for i in 0..12u32 {
            for j in 0..30u32 {
                x.push(f64::from((i * 7 + j * 13) % 17) + 0.25 * f64::from(i * j) / 10.0);
                y.push(x[x.len() - 1] + 0.5 * (f64::from((i * 5 + j * 3) % 4) - 1.5));
            }
        }
        let e: Vec<f64> = x.iter().zip(&y).map(|(x, y)| y - x).collect();
        let expected = [
            -0.211_666_667,
            -0.57,
            -0.090_555_556,
            0.842_222_222,
            -0.258_333_333,
            -0.514_444_444,
            0.058_333_333,
            0.684_444_444,
        ];
        for (a, b) in autocorrelation(&e, 8).into_iter().zip(expected) {
            assert!((a - b).abs() < 1e-8, "{a} {b}");
        }
        let shape = Shape::new(&[12, 30]).unwrap();
        let s = spectrum_error(&x, &y, shape).unwrap();
        assert!((s - 0.029_621_618_904_373_22).abs() < 1e-12, "{s}");
        let g = gradient_error(&x, &y, shape).unwrap();
        assert!((g - 0.110_910_305_483_826_9).abs() < 1e-12, "{g}");
    }

    #[test]
    fn undefined_cases() {
        let shape = Shape::line(4);
        assert!(autocorrelation(&[0.0; 4], 8).is_empty() && autocorrelation(&[2.0; 4], 8).is_empty());
        assert_eq!(autocorrelation(&[1.0, -1.0], 8), [-0.5]);
        assert_eq!(gradient_error(&[1.0; 4], &[1.0; 4], shape), None);
        assert_eq!(spectrum_error(&[f64::NAN; 4], &[1.0; 4], shape), None);
        assert_eq!(spectrum_error(&[1.0], &[1.0], Shape::line(1)), None);
        assert_eq!(gradient_error(&[0.0, 1.0, f64::NAN, 5.0], &[0.0, 3.0, 4.0, 5.0], shape), Some(2.0));
    }
}
