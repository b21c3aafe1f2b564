//! Means of few numbers and how far they can be trusted.

/// Mean and the half-width of its two-sided 95 % interval by Student's t; a half-width needs two values, and is infinite
/// without them. `floor` is the least standard deviation to believe in.
pub(super) fn interval(values: &[f64], floor: f64) -> (f64, f64) {
    let n = values.len() as f64;
    if values.is_empty() {
        return (f64::NAN, f64::INFINITY);
    }
    let mean = values.iter().sum::<f64>() / n;
    if values.len() < 2 {
        return (mean, f64::INFINITY);
    }
    (mean, student(values.len() - 1) * deviation(values, mean).max(floor) / n.sqrt())
}

/// Sample standard deviation around a known sample mean.
pub(super) fn deviation(values: &[f64], mean: f64) -> f64 {
    let n = values.len() as f64;
    if n < 2.0 {
        return 0.0;
    }
    (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1.0)).sqrt()
}

/// The 97.5 % quantile of Student's t distribution: any table of it; beyond 30 degrees of freedom an expansion at the
/// normal quantile (Cornish and Fisher), good to three digits there.
fn student(degrees: usize) -> f64 {
    const TABLE: [f64; 30] = [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145,
        2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048,
        2.045, 2.042,
    ];
    let z = 1.959_964f64;
    match degrees {
        0 => f64::INFINITY,
        1..=30 => TABLE[degrees - 1],
        _ => {
            let n = degrees as f64;
            let (z3, z5) = (z.powi(3), z.powi(5));
            z + (z3 + z) / (4.0 * n) + (5.0 * z5 + 16.0 * z3 + 3.0 * z) / (96.0 * n * n)
        }
    }
}

/// The smallest distance between two different qualities, where the metric moves in steps (an accuracy on 500 samples
/// moves by 0.002): differences smaller than that can't be seen, and an equal count on five seeds is no proof of equality.
pub(super) fn resolution(qualities: impl Iterator<Item = f64>) -> f64 {
    let mut all: Vec<f64> = qualities.filter(|q| q.is_finite()).collect();
    all.sort_by(f64::total_cmp);
    // Rounding of equal qualities is no step.
    let gaps = all.windows(2).map(|w| w[1] - w[0]).filter(|&gap| gap > 1e-9 * all[all.len() - 1].abs());
    let least = gaps.fold(f64::INFINITY, f64::min);
    if least.is_finite() { least } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `scipy.stats.t.interval(0.95, 4, loc=3, scale=scipy.stats.sem([1, 2, 3, 4, 5]))` is (1.0367568385, 4.9632431615).
    #[test]
    fn agrees_with_scipy() {
        let (mean, half) = interval(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.0);
        assert_eq!(mean, 3.0);
        assert!((half - 1.963_243_161_5).abs() < 1e-3);
        // `scipy.stats.t.ppf(0.975, 60)` is 2.00030.
        assert!((student(60) - 2.0003).abs() < 1e-3);
        assert!((student(31) - 2.0395).abs() < 1e-3);
    }

    #[test]
    fn few_values_say_little() {
        assert!(interval(&[], 0.0).0.is_nan());
        assert_eq!(interval(&[2.0], 0.0), (2.0, f64::INFINITY));
        assert_eq!(interval(&[2.0, 2.0], 0.0), (2.0, 0.0));
        assert!(interval(&[2.0, 2.0], 0.1).1 > 0.8);
    }

    #[test]
    fn steps_of_the_metric_are_seen() {
        assert!((resolution([0.92, 0.914, 0.92, 0.918].into_iter()) - 0.002).abs() < 1e-12);
        assert_eq!(resolution([0.5, 0.5, f64::NAN].into_iter()), 0.0);
    }
}
