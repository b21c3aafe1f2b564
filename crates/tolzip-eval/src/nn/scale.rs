//! Standardised features.

use ndarray::{Array1, Array2, Axis};

/// Mean and standard deviation of each column of the training features; applied to all features alike.
#[derive(Clone)]
pub(crate) struct Scale {
    mean: Array1<f32>,
    inverse: Array1<f32>,
}

impl Scale {
    /// Learns the scale. Values that are not finite are left out; a constant column is only shifted.
    pub(crate) fn of(x: &Array2<f32>) -> Self {
        let moments = x.axis_iter(Axis(1)).map(|column| {
            let finite = || column.iter().filter(|v| v.is_finite()).map(|&v| f64::from(v));
            let n = finite().count().max(1) as f64;
            let mean = finite().sum::<f64>() / n;
            let deviation = (finite().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n).sqrt();
            (mean as f32, if deviation > 0.0 { (1.0 / deviation) as f32 } else { 1.0 })
        });
        let (mean, inverse): (Vec<f32>, Vec<f32>) = moments.unzip();
        Self { mean: mean.into(), inverse: inverse.into() }
    }

    /// Standardises; values that are not finite become the mean.
    pub(crate) fn apply(&self, x: &Array2<f32>) -> Array2<f32> {
        let mut out = (x - &self.mean) * &self.inverse;
        out.mapv_inplace(|v| if v.is_finite() { v } else { 0.0 });
        out
    }

    /// Undoes [`apply`](Self::apply).
    pub(crate) fn invert(&self, x: &Array2<f32>) -> Array2<f32> {
        x / &self.inverse + &self.mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn columns_get_mean_0_and_deviation_1() {
        let x = array![[1.0, 5.0, f32::NAN], [3.0, 5.0, 2.0], [5.0, 5.0, 4.0]];
        let y = Scale::of(&x).apply(&x);
        let s = 1.5f32.sqrt();
        for (a, b) in y.iter().zip([-s, 0.0, 0.0, 0.0, 0.0, -1.0, s, 0.0, 1.0]) {
            assert!((a - b).abs() < 1e-6, "{y}");
        }
    }
}
