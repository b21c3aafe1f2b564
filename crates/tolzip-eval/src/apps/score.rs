//! Quality metrics of predictions.

use ndarray::Array2;

/// Share of rows whose largest probability is the right class; NaN if a probability is.
pub(super) fn accuracy(p: &Array2<f32>, y: &[usize]) -> f64 {
    let mut right = 0usize;
    for (p, &y) in p.rows().into_iter().zip(y) {
        if p.iter().any(|v| v.is_nan()) {
            return f64::NAN;
        }
        right += usize::from(p.iter().enumerate().all(|(i, &v)| v < p[y] || i == y || (v == p[y] && i > y)));
    }
    right as f64 / y.len().max(1) as f64
}

/// Area under the ROC curve for labels 0 and 1: the probability that a positive has a higher score than a negative, ties
/// counting half (the Mann-Whitney statistic; J. Hanley, B. McNeil, Radiology 143, 1982). NaN without both labels.
pub(super) fn auc(score: &[f32], y: &[usize]) -> f64 {
    if score.iter().any(|s| s.is_nan()) {
        return f64::NAN;
    }
    let mut order: Vec<usize> = (0..score.len()).collect();
    order.sort_by(|&a, &b| score[a].total_cmp(&score[b]));
    let (mut ranks, mut positives, mut at) = (0.0, 0.0, 0usize);
    for tie in order.chunk_by(|&a, &b| score[a] == score[b]) {
        // Ranks are counted from 1; tied values share the mean of theirs.
        let rank = at as f64 + (tie.len() as f64 + 1.0) / 2.0;
        let hits = tie.iter().filter(|&&i| y[i] == 1).count() as f64;
        ranks += rank * hits;
        positives += hits;
        at += tie.len();
    }
    let negatives = score.len() as f64 - positives;
    (ranks - positives * (positives + 1.0) / 2.0) / (positives * negatives)
}

/// Mean of `-ln p` of the right classes, in nats; probabilities are at least 1e-12.
pub(super) fn log_loss(p: &Array2<f32>, y: &[usize]) -> f64 {
    let rows = p.rows().into_iter().zip(y);
    rows.map(|(p, &y)| -f64::from(p[y]).clamp(1e-12, 1.0).ln()).sum::<f64>() / y.len().max(1) as f64
}

/// Root mean square error.
pub(super) fn rmse(p: &[f64], y: &[f64]) -> f64 {
    (p.iter().zip(y).map(|(p, y)| (p - y) * (p - y)).sum::<f64>() / y.len().max(1) as f64).sqrt()
}

/// Coefficient of determination: 1 less the squared errors by the squared deviations from the mean.
pub(super) fn r2(p: &[f64], y: &[f64]) -> f64 {
    let mean = y.iter().sum::<f64>() / y.len().max(1) as f64;
    let spread: f64 = y.iter().map(|y| (y - mean) * (y - mean)).sum();
    1.0 - p.iter().zip(y).map(|(p, y)| (p - y) * (p - y)).sum::<f64>() / spread
}

/// Mean over the rows of `|p - y| / |y|` in the Euclidean norm.
pub(super) fn relative_l2(p: &Array2<f32>, y: &Array2<f32>) -> f64 {
    let norm = |v: &mut dyn Iterator<Item = f64>| v.map(|v| v * v).sum::<f64>().sqrt();
    let rows = p.rows().into_iter().zip(y.rows());
    let sum: f64 = rows
        .map(|(p, y)| {
            norm(&mut p.iter().zip(y).map(|(p, y)| f64::from(p - y)))
                / norm(&mut y.iter().map(|&y| f64::from(y)))
        })
        .sum();
    sum / y.nrows().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn accuracy_by_hand() {
        let p = array![[0.7, 0.3], [0.2, 0.8], [0.5, 0.5], [0.5, 0.5]];
        assert_eq!(accuracy(&p, &[0, 0, 0, 1]), 0.5);
        assert!(accuracy(&array![[f32::NAN, 1.0]], &[1]).is_nan());
    }

    /// `sklearn.metrics.roc_auc_score([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])` is 0.75.
    #[test]
    fn auc_by_hand() {
        assert_eq!(auc(&[0.1, 0.4, 0.35, 0.8], &[0, 0, 1, 1]), 0.75);
        assert_eq!(auc(&[0.5; 4], &[0, 0, 1, 1]), 0.5);
        assert_eq!(auc(&[0.9, 0.1], &[0, 1]), 0.0);
        assert!(auc(&[0.9, 0.1], &[1, 1]).is_nan());
    }

    #[test]
    fn losses_by_hand() {
        let p = array![[0.5, 0.5], [0.25, 0.75]];
        assert!((log_loss(&p, &[0, 1]) - (0.5f64.ln() + 0.75f64.ln()) / -2.0).abs() < 1e-7);
        assert!(log_loss(&array![[1.0, 0.0]], &[1]) < 28.0);
        assert_eq!(rmse(&[1.0, 2.0], &[1.0, 4.0]), 2f64.sqrt());
        assert_eq!(r2(&[1.0, 2.0, 3.0], &[1.0, 2.0, 3.0]), 1.0);
        assert_eq!(r2(&[2.0, 2.0, 2.0], &[1.0, 2.0, 3.0]), 0.0);
        // 1 / 5 and 0.
        assert!(
            (relative_l2(&array![[3.0, 5.0], [1.0, 1.0]], &array![[3.0, 4.0], [1.0, 1.0]]) - 0.1).abs()
                < 1e-7
        );
    }
}
