//! Structural similarity.

use tolzip_core::Shape;

/// Side of the window.
const WINDOW: usize = 7;

/// Mean structural similarity of two arrays, 1 for equal ones: Z. Wang, A. Bovik, H. Sheikh, E. Simoncelli, *Image
/// quality assessment: from error visibility to structural similarity*, IEEE Trans. Image Processing 13(4), 2004.
///
/// Per window of 7 x 7 values, all weighted alike,
/// `(2 mx my + c1)(2 sxy + c2) / ((mx^2 + my^2 + c1)(sxx + syy + c2))` with means m, sample (co)variances s (divided by
/// 48), `c1 = (0.01 L)^2`, `c2 = (0.03 L)^2`, and L the value range of the finite values of `x`; these are the defaults of
/// scikit-image's `structural_similarity`. The result is the mean over all windows inside every plane of the two last axes
/// (so over the slices of a 3-D array). Windows with values that are not finite are left out.
///
/// `None` without a whole window, and for a constant original, which has no range.
#[must_use]
pub fn ssim(x: &[f64], y: &[f64], shape: Shape) -> Option<f64> {
    let &[.., rows, columns] = shape.sides() else { return None };
    if rows < WINDOW || columns < WINDOW || x.len() != shape.len() || y.len() != x.len() {
        return None;
    }
    let range = value_range(x)?;
    let (mut sum, mut windows) = (0.0, 0u64);
    for (x, y) in x.chunks_exact(rows * columns).zip(y.chunks_exact(rows * columns)) {
        plane(x, y, columns, range, &mut sum, &mut windows);
    }
    (windows > 0).then(|| sum / windows as f64)
}

/// Structural similarity of a 3-D array by cubes of 7 x 7 x 7 values: the formula of [`ssim`] with three-dimensional windows
/// (sample covariances divided by 342), as scikit-image has it for volumes.
///
/// `None` without a whole cube, for other numbers of dimensions, and for a constant original.
#[must_use]
pub fn ssim_3d(x: &[f64], y: &[f64], shape: Shape) -> Option<f64> {
    let &[depth, rows, columns] = shape.sides() else { return None };
    if depth.min(rows).min(columns) < WINDOW || x.len() != shape.len() || y.len() != x.len() {
        return None;
    }
    let range = value_range(x)?;
    let mut sums: Vec<[f64; 5]> = x.iter().zip(y).map(|(&x, &y)| moments(x, y, range)).collect();
    // Windows along the fastest axis first, then over rows, then over planes.
    let mut sides = [depth, rows, columns];
    for axis in [2, 1, 0] {
        let stride: usize = sides[axis + 1..].iter().product();
        let outer: usize = sides[..axis].iter().product();
        let mut next = Vec::with_capacity(sums.len());
        for o in 0..outer {
            for at in 0..=sides[axis] - WINDOW {
                for s in 0..stride {
                    let window: [[f64; 5]; WINDOW] =
                        std::array::from_fn(|k| sums[(o * sides[axis] + at + k) * stride + s]);
                    next.push(total(&window));
                }
            }
        }
        sides[axis] -= WINDOW - 1;
        sums = next;
    }
    let all =
        sums.into_iter().map(|s| similarity(s, (WINDOW * WINDOW * WINDOW) as f64)).filter(|s| s.is_finite());
    let (sum, n) = all.fold((0.0, 0u64), |(sum, n), s| (sum + s, n + 1));
    (n > 0).then(|| sum / n as f64)
}

/// Largest minus smallest finite value, if that is above 0.
fn value_range(x: &[f64]) -> Option<f64> {
    let finite = || x.iter().filter(|v| v.is_finite());
    let range =
        finite().fold(f64::NEG_INFINITY, |a, &b| a.max(b)) - finite().fold(f64::INFINITY, |a, &b| a.min(b));
    (range > 0.0 && range.is_finite()).then_some(range)
}

/// What a window sums up. Dividing by the range keeps squares of large values in range; the formula does not change under
/// scaling.
fn moments(x: f64, y: f64, range: f64) -> [f64; 5] {
    let (x, y) = (x / range, y / range);
    [x, y, x * x, y * y, x * y]
}

/// Adds the similarities of all windows of one plane.
fn plane(x: &[f64], y: &[f64], columns: usize, range: f64, sum: &mut f64, windows: &mut u64) {
    let width = columns - WINDOW + 1;
    // Sums along each row first, then down the columns: 14 additions a window in place of 49.
    let mut along = Vec::with_capacity(x.len());
    for (x, y) in x.chunks_exact(columns).zip(y.chunks_exact(columns)) {
        let row: Vec<[f64; 5]> = x.iter().zip(y).map(|(&x, &y)| moments(x, y, range)).collect();
        along.extend(row.windows(WINDOW).map(total));
    }
    let rows = along.len() / width;
    for top in 0..=rows - WINDOW {
        for left in 0..width {
            let mut column = [[0.0; 5]; WINDOW];
            for (k, c) in column.iter_mut().enumerate() {
                *c = along[(top + k) * width + left];
            }
            let s = similarity(total(&column), (WINDOW * WINDOW) as f64);
            if s.is_finite() {
                *sum += s;
                *windows += 1;
            }
        }
    }
}

/// Sums of each moment.
fn total(window: &[[f64; 5]]) -> [f64; 5] {
    window.iter().fold([0.0; 5], |mut a, b| {
        for (a, b) in a.iter_mut().zip(b) {
            *a += b;
        }
        a
    })
}

/// The formula, for values of range 1, from sums over one window of n values.
fn similarity([x, y, xx, yy, xy]: [f64; 5], n: f64) -> f64 {
    const C1: f64 = 0.01 * 0.01;
    const C2: f64 = 0.03 * 0.03;
    let sample = n / (n - 1.0);
    let (mx, my) = (x / n, y / n);
    let sxx = sample * (xx / n - mx * mx);
    let syy = sample * (yy / n - my * my);
    let sxy = sample * (xy / n - mx * my);
    (2.0 * mx * my + C1) * (2.0 * sxy + C2) / ((mx * mx + my * my + C1) * (sxx + syy + C2))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scikit-image 0.26.0, numpy 2.4:
    /// ```python
    /// i, j = np.mgrid[0:16, 0:20]
    /// a = (i*7 + j*13) % 17 + 0.25*i*j/10; b = a + 0.5*((i*5 + j*3) % 4 - 1.5)
    /// structural_similarity(a, b, data_range=a.max() - a.min())   # 0.9937052266766869
    /// ```
    #[test]
    fn agrees_with_scikit_image_in_2d() {
        let (mut a, mut b) = (Vec::new(), Vec::new());
        for i in 0..16u32 {
            for j in 0..20u32 {
                a.push(f64::from((i * 7 + j * 13) % 17) + 0.25 * f64::from(i * j) / 10.0);
                b.push(a[a.len() - 1] + 0.5 * (f64::from((i * 5 + j * 3) % 4) - 1.5));
            }
        }
        let s = ssim(&a, &b, Shape::new(&[16, 20]).unwrap()).unwrap();
        assert!((s - 0.993_705_226_676_686_9).abs() < 1e-12, "{s}");
    }

    /// ```python
    /// k, i, j = np.mgrid[0:3, 0:9, 0:11]
    /// a = (k*5 + i*7 + j*13) % 17 + i*0.5; b = a + 0.25*((i*5 + j*3 + k) % 4 - 1.5)
    /// np.mean([structural_similarity(a[q], b[q], data_range=a.max() - a.min()) for q in range(3)])  # 0.9984521494080322
    /// ```
    #[test]
    fn agrees_with_scikit_image_by_slice_in_3d() {
        let (mut a, mut b) = (Vec::new(), Vec::new());
        for k in 0..3u32 {
            for i in 0..9u32 {
                for j in 0..11u32 {
                    a.push(f64::from((k * 5 + i * 7 + j * 13) % 17) + f64::from(i) * 0.5);
                    b.push(a[a.len() - 1] + 0.25 * (f64::from((i * 5 + j * 3 + k) % 4) - 1.5));
                }
            }
        }
        let shape = Shape::new(&[3, 9, 11]).unwrap();
        let s = ssim(&a, &b, shape).unwrap();
        assert!((s - 0.998_452_149_408_032_2).abs() < 1e-12, "{s}");
        // The scale of the values does not matter.
        let big = |v: &[f64]| v.iter().map(|v| v * 1e200).collect::<Vec<_>>();
        assert!((ssim(&big(&a), &big(&b), shape).unwrap() - s).abs() < 1e-12);
        assert!((ssim(&a, &a, shape).unwrap() - 1.0).abs() < 1e-15);
    }

    /// ```python
    /// k, i, j = np.mgrid[0:9, 0:10, 0:11]
    /// a = (k*5 + i*7 + j*13) % 17 + i*0.5; b = a + 0.25*((i*5 + j*3 + k) % 4 - 1.5)
    /// structural_similarity(a, b, data_range=a.max() - a.min())                  # 0.9984497018370792
    /// ```
    #[test]
    fn agrees_with_scikit_image_by_cubes() {
        let (mut a, mut b) = (Vec::new(), Vec::new());
        for k in 0..9u32 {
            for i in 0..10u32 {
                for j in 0..11u32 {
                    a.push(f64::from((k * 5 + i * 7 + j * 13) % 17) + f64::from(i) * 0.5);
                    b.push(a[a.len() - 1] + 0.25 * (f64::from((i * 5 + j * 3 + k) % 4) - 1.5));
                }
            }
        }
        let s = ssim_3d(&a, &b, Shape::new(&[9, 10, 11]).unwrap()).unwrap();
        assert!((s - 0.998_449_701_837_079_2).abs() < 1e-12, "{s}");
        assert_eq!(ssim_3d(&a, &b, Shape::new(&[990]).unwrap()), None);
        assert_eq!(ssim_3d(&a, &b, Shape::new(&[5, 18, 11]).unwrap()), None);
    }

    #[test]
    fn undefined_cases_are_none() {
        let a: Vec<f64> = (0..64).map(f64::from).collect();
        assert_eq!(ssim(&a, &a, Shape::line(64)), None);
        assert_eq!(ssim(&a[..60], &a[..60], Shape::new(&[6, 10]).unwrap()), None);
        assert_eq!(ssim(&[3.0; 64], &[3.0; 64], Shape::new(&[8, 8]).unwrap()), None);
        let mut holes = a.clone();
        holes[0] = f64::NAN;
        // Of the four windows one holds the NaN; the other three are perfect.
        assert!((ssim(&holes, &holes, Shape::new(&[8, 8]).unwrap()).unwrap() - 1.0).abs() < 1e-15);
        assert_eq!(ssim(&[f64::NAN; 64], &a, Shape::new(&[8, 8]).unwrap()), None);
    }
}
