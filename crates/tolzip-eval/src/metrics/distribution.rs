//! Distributions of values.

/// The q-quantile of sorted values, interpolated as numpy does by default; 0 for nothing.
pub(super) fn quantile(sorted: &[f64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let at = q * last as f64;
    let (low, part) = (at.floor() as usize, at.fract());
    let high = sorted[(low + 1).min(last)];
    sorted[low] + part * (high - sorted[low])
}

/// The two-sample statistic of Kolmogorov and Smirnov on sorted values, and its asymptotic p-value
/// `2 sum (-1)^(k-1) exp(-2 k^2 l^2)` with `l = D sqrt(n m / (n + m))`.
pub(super) fn kolmogorov_smirnov(a: &[f64], b: &[f64]) -> (f64, f64) {
    let (mut i, mut j, mut largest) = (0, 0, 0.0f64);
    while i < a.len() && j < b.len() {
        let v = a[i].min(b[j]);
        while i < a.len() && a[i] == v {
            i += 1;
        }
        while j < b.len() && b[j] == v {
            j += 1;
        }
        largest = largest.max((i as f64 / a.len() as f64 - j as f64 / b.len() as f64).abs());
    }
    let effective = (a.len() as f64 * b.len() as f64) / (a.len() + b.len()).max(1) as f64;
    (largest, kolmogorov(largest * effective.sqrt()))
}

/// The survival function of Kolmogorov's distribution.
fn kolmogorov(l: f64) -> f64 {
    if l < 0.18 {
        // 1 to the last bit, where the series converges slowly.
        return 1.0;
    }
    let terms = (1..=100).map(|k| {
        let k = f64::from(k);
        let sign = if k % 2.0 == 0.0 { -1.0 } else { 1.0 };
        sign * (-2.0 * k * k * l * l).exp()
    });
    (2.0 * terms.sum::<f64>()).clamp(0.0, 1.0)
}

/// `sum p ln(p / q)` and `sum q ln(q / p)` over 256 equal bins of the range of `a` (values beyond count in the outermost), half
/// a count added to each bin of both. `None` for an empty or constant `a`.
pub(super) fn kullback_leibler(a: &[f64], b: &[f64]) -> Option<(f64, f64)> {
    const BINS: usize = 256;
    let (&low, &high) = (a.first()?, a.last()?);
    let width = high / BINS as f64 - low / BINS as f64;
    if !(width > 0.0 && width.is_finite()) {
        return None;
    }
    let histogram = |values: &[f64]| {
        let mut counts = [0.5; BINS];
        for v in values {
            counts[(((v - low) / width) as usize).min(BINS - 1)] += 1.0;
        }
        let total: f64 = counts.iter().sum();
        counts.map(|c| c / total)
    };
    let (p, q) = (histogram(a), histogram(b));
    let divergence = |p: &[f64; BINS], q: &[f64; BINS]| {
        p.iter().zip(q).map(|(p, q)| p * (p / q).ln()).sum::<f64>().max(0.0)
    };
    Some((divergence(&p, &q), divergence(&q, &p)))
}

/// Shannon's entropy of sorted values, in bits a value.
pub(super) fn entropy(sorted: &[f64]) -> f64 {
    let n = sorted.len().max(1) as f64;
    let runs = sorted.chunk_by(|a, b| a.to_bits() == b.to_bits()).map(|run| run.len() as f64 / n);
    // Adding 0 makes the -0 of one symbol positive.
    runs.map(|p| -p * p.log2()).sum::<f64>() + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two sets of numbers that Python makes alike.
    fn samples() -> (Vec<f64>, Vec<f64>) {
        let mut a: Vec<f64> = (0..500u32).map(|i| f64::from(i * 7919 % 1009) / 100.0).collect();
        let mut b: Vec<f64> = (0..400u32).map(|i| f64::from(i * 104_729 % 997) / 90.0 - 0.3).collect();
        a.sort_unstable_by(f64::total_cmp);
        b.sort_unstable_by(f64::total_cmp);
        (a, b)
    }

    /// scipy 1.17:
    /// ```python
    /// i = np.arange(500); a = i*7919 % 1009 / 100; j = np.arange(400); b = j*104729 % 997 / 90 - 0.3
    /// d = scipy.stats.ks_2samp(a, b).statistic                                  # 0.0605
    /// scipy.special.kolmogorov(d * np.sqrt(500*400/900))                        # 0.3901391460228137
    /// h = lambda v: np.bincount(np.clip(((v - a.min()) / (np.ptp(a)/256)).astype(int), 0, 255), minlength=256) + 0.5
    /// scipy.stats.entropy(h(a), h(b)), scipy.stats.entropy(h(b), h(a))          # 0.42521707822483984, 0.3845235416618681
    /// np.quantile(a, 0.99)                                                      # 9.9701
    /// ```
    #[test]
    fn agrees_with_scipy() {
        let (a, b) = samples();
        let (d, p) = kolmogorov_smirnov(&a, &b);
        assert!((d - 0.0605).abs() < 1e-12, "{d}");
        assert!((p - 0.390_139_146_022_813_7).abs() < 1e-9, "{p}");
        let (kl, reverse) = kullback_leibler(&a, &b).unwrap();
        assert!((kl - 0.425_217_078_224_839_84).abs() < 1e-9, "{kl}");
        assert!((reverse - 0.384_523_541_661_868_1).abs() < 1e-9, "{reverse}");
        assert!((quantile(&a, 0.99) - 9.9701).abs() < 1e-12);
    }

    #[test]
    fn equal_and_disjoint() {
        assert_eq!(kolmogorov_smirnov(&[1.0, 2.0], &[1.0, 2.0]), (0.0, 1.0));
        assert_eq!(kolmogorov_smirnov(&[1.0, 1.0], &[2.0, 3.0]).0, 1.0);
        assert_eq!(kolmogorov_smirnov(&[], &[]), (0.0, 1.0));
        assert_eq!(kullback_leibler(&[3.0, 3.0], &[3.0, 3.0]), None);
        assert_eq!(entropy(&[1.0, 1.0, 2.0, 2.0]), 1.0);
        assert_eq!(entropy(&[7.0]), 0.0);
    }
}
