//! Ridge regression: linear weights by normal equations and Cholesky's factorisation, in f64.

use ndarray::{Array1, Array2};

/// Weights `w` that minimise `|x w - y|^2 + lambda |w|^2`. `None` where the equations have no finite solution.
pub(crate) fn ridge(x: &Array2<f64>, y: &Array1<f64>, lambda: f64) -> Option<Array1<f64>> {
    let n = x.ncols();
    let mut a = x.t().dot(x);
    for i in 0..n {
        a[(i, i)] += lambda;
    }
    let mut w = x.t().dot(y);
    // a = l l', the lower half in place.
    for j in 0..n {
        for k in 0..j {
            let factor = a[(j, k)];
            for i in j..n {
                a[(i, j)] -= a[(i, k)] * factor;
            }
        }
        let pivot = a[(j, j)];
        if !(pivot > 0.0 && pivot.is_finite()) {
            return None;
        }
        let root = pivot.sqrt();
        for i in j..n {
            a[(i, j)] /= root;
        }
    }
    for i in 0..n {
        for k in 0..i {
            w[i] -= a[(i, k)] * w[k];
        }
        w[i] /= a[(i, i)];
    }
    for i in (0..n).rev() {
        for k in i + 1..n {
            w[i] -= a[(k, i)] * w[k];
        }
        w[i] /= a[(i, i)];
    }
    w.iter().all(|v| v.is_finite()).then_some(w)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    /// `sklearn.linear_model.Ridge(alpha=0.5, fit_intercept=False).fit(x, y).coef_` is
    /// [0.359116022, 1.180478821, -0.125230203].
    #[test]
    fn agrees_with_scikit_learn() {
        let x = array![[1.0, 2.0, 0.0], [0.0, 1.0, 1.0], [2.0, 0.0, 1.0], [1.0, 1.0, 1.0]];
        let y = array![3.0, 1.0, 0.5, 1.5];
        let w = ridge(&x, &y, 0.5).unwrap();
        for (w, expected) in w.iter().zip([0.359_116_022, 1.180_478_821, -0.125_230_203]) {
            assert!((w - expected).abs() < 1e-8, "{w}");
        }
    }

    #[test]
    fn what_has_no_solution_has_none() {
        assert!(ridge(&array![[f64::NAN]], &array![1.0], 1.0).is_none());
        assert!(ridge(&Array2::zeros((3, 2)), &Array1::zeros(3), 0.0).is_none());
    }
}
