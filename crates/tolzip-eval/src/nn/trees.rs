//! Gradient-boosted regression trees on histograms: J. Friedman, *Stochastic gradient boosting*, Computational Statistics
//! and Data Analysis 38(4), 2002, with binned features and trees grown leaf by leaf (G. Ke et al., *LightGBM*, NIPS 2017).
//!
//! Written here because the crates at hand sort every feature at every node, which takes twenty times as long.

use super::{shuffle, unit};
use ndarray::Array2;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

/// Bins of values per feature; one more holds what is not finite.
const BINS: usize = 255;
const MISSING: u8 = 255;

/// How to boost.
pub(crate) struct Boosting {
    pub(crate) trees: usize,
    pub(crate) leaves: usize,
    /// Fewest rows in a leaf.
    pub(crate) least: u32,
    /// The share of each tree's correction that is applied.
    pub(crate) rate: f64,
    /// The share of the rows that each tree sees.
    pub(crate) bagging: f64,
}

/// The sum of many small trees.
pub(crate) struct Trees {
    mean: f64,
    trees: Vec<Vec<Node>>,
}

#[derive(Clone, Copy, Debug)]
enum Node {
    Leaf(f64),
    Split {
        feature: usize,
        /// The largest bin that goes to the left, and the value at its upper end.
        bin: u8,
        value: f32,
        /// Whether values that are not finite go to the left.
        missing_left: bool,
        left: usize,
        right: usize,
    },
}

/// Sum of the residuals and number of the rows in a bin.
type Bin = (f64, u32);

/// A leaf that may be split.
struct Open {
    node: usize,
    rows: Vec<u32>,
    histogram: Vec<[Bin; BINS + 1]>,
    total: Bin,
    best: Option<Split>,
}

#[derive(Clone, Copy, Debug)]
struct Split {
    gain: f64,
    feature: usize,
    bin: u8,
    missing_left: bool,
}

impl Trees {
    /// Predictions, one per row.
    pub(crate) fn predict(&self, x: &Array2<f32>) -> Vec<f64> {
        let of_tree = |tree: &[Node], row: &ndarray::ArrayView1<'_, f32>| {
            let mut at = 0;
            loop {
                match tree[at] {
                    Node::Leaf(v) => return v,
                    Node::Split { feature, value, missing_left, left, right, .. } => {
                        let v = row[feature];
                        let to_left = if v.is_finite() { v <= value } else { missing_left };
                        at = if to_left { left } else { right };
                    }
                }
            }
        };
        let rows = x.rows().into_iter();
        rows.map(|row| self.mean + self.trees.iter().map(|t| of_tree(t, &row)).sum::<f64>()).collect()
    }
}

/// Trains on `(x, y)`.
pub(crate) fn boost(config: &Boosting, x: &Array2<f32>, y: &[f64], seed: u64) -> Trees {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let n = y.len();
    let mean = y.iter().sum::<f64>() / n.max(1) as f64;
    let mut residual: Vec<f64> = y.iter().map(|v| v - mean).collect();
    let features: Vec<(Vec<u8>, Vec<f32>)> =
        x.columns().into_iter().map(|c| binned(&c.to_vec(), &mut rng)).collect();
    let mut order: Vec<usize> = (0..n).collect();
    let mut trees = Vec::with_capacity(config.trees);
    for _ in 0..config.trees {
        shuffle(&mut order, &mut rng);
        let mut rows: Vec<u32> =
            order[..(n as f64 * config.bagging) as usize].iter().map(|&r| r as u32).collect();
        // In memory's order, which is the fast one.
        rows.sort_unstable();
        let tree = grow(config, &features, &residual, rows);
        for (row, r) in residual.iter_mut().enumerate() {
            *r -= leaf(&tree, |feature| features[feature].0[row]);
        }
        trees.push(tree);
    }
    Trees { mean, trees }
}

/// The bin of each value, and the upper ends of the bins: quantiles of (a sample of) the values.
fn binned(column: &[f32], rng: &mut ChaCha8Rng) -> (Vec<u8>, Vec<f32>) {
    const SAMPLE: usize = 20_000;
    let mut sorted: Vec<f32> = column.iter().copied().filter(|v| v.is_finite()).collect();
    if sorted.len() > SAMPLE {
        for i in 0..SAMPLE {
            let j = i + (unit(rng) * (sorted.len() - i) as f32) as usize;
            let last = sorted.len() - 1;
            sorted.swap(i, j.min(last));
        }
        sorted.truncate(SAMPLE);
    }
    sorted.sort_unstable_by(f32::total_cmp);
    let mut ends: Vec<f32> = Vec::with_capacity(BINS);
    let mut distinct = sorted.clone();
    distinct.dedup();
    if distinct.len() <= BINS {
        ends.extend(distinct.windows(2).map(|w| w[0] / 2.0 + w[1] / 2.0));
    } else {
        for k in 1..BINS {
            let at = k * sorted.len() / BINS;
            ends.push(sorted[at - 1] / 2.0 + sorted[at] / 2.0);
        }
        ends.dedup();
    }
    let bin = |v: f32| if v.is_finite() { ends.partition_point(|&e| e < v) as u8 } else { MISSING };
    (column.iter().map(|&v| bin(v)).collect(), ends)
}

fn leaf(tree: &[Node], bin_of: impl Fn(usize) -> u8) -> f64 {
    let mut at = 0;
    loop {
        match tree[at] {
            Node::Leaf(v) => return v,
            Node::Split { feature, bin, missing_left, left, right, .. } => {
                let b = bin_of(feature);
                let to_left = if b == MISSING { missing_left } else { b <= bin };
                at = if to_left { left } else { right };
            }
        }
    }
}

/// Grows one tree, always splitting the leaf that gains most.
fn grow(config: &Boosting, features: &[(Vec<u8>, Vec<f32>)], residual: &[f64], rows: Vec<u32>) -> Vec<Node> {
    let mut nodes = vec![Node::Leaf(0.0)];
    let mut open = vec![opened(config, 0, rows, features, residual, None)];
    let mut leaves = 1;
    while leaves < config.leaves {
        let gains = open.iter().enumerate().filter_map(|(i, o)| Some((i, o.best?.gain)));
        let Some((i, _)) = gains.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0))) else { break };
        let parent = open.swap_remove(i);
        let Some(split) = parent.best else { break };
        let bins = &features[split.feature].0;
        let to_left = |&row: &u32| match bins[row as usize] {
            MISSING => split.missing_left,
            b => b <= split.bin,
        };
        let (left, right): (Vec<u32>, Vec<u32>) = parent.rows.iter().partition(|r| to_left(r));
        let at = nodes.len();
        nodes[parent.node] = Node::Split {
            feature: split.feature,
            bin: split.bin,
            value: features[split.feature].1[usize::from(split.bin)],
            missing_left: split.missing_left,
            left: at,
            right: at + 1,
        };
        nodes.extend([Node::Leaf(0.0), Node::Leaf(0.0)]);
        // The larger side's histogram is the parent's less the smaller's.
        let (few, many, few_at, many_at) =
            if left.len() <= right.len() { (left, right, at, at + 1) } else { (right, left, at + 1, at) };
        let few = opened(config, few_at, few, features, residual, None);
        let many = opened(config, many_at, many, features, residual, Some((&parent, &few)));
        open.extend([few, many]);
        leaves += 1;
    }
    for o in open {
        nodes[o.node] = Node::Leaf(config.rate * o.total.0 / f64::from(o.total.1.max(1)));
    }
    nodes
}

/// A leaf of these rows with its histograms and its best split.
fn opened(
    config: &Boosting,
    node: usize,
    rows: Vec<u32>,
    features: &[(Vec<u8>, Vec<f32>)],
    residual: &[f64],
    sides: Option<(&Open, &Open)>,
) -> Open {
    let histogram: Vec<[Bin; BINS + 1]> = match sides {
        Some((parent, other)) => parent
            .histogram
            .iter()
            .zip(&other.histogram)
            .map(|(p, o)| std::array::from_fn(|b| (p[b].0 - o[b].0, p[b].1 - o[b].1)))
            .collect(),
        None => features
            .iter()
            .map(|(bins, _)| {
                let mut h = [(0.0, 0); BINS + 1];
                for &row in &rows {
                    let bin = &mut h[usize::from(bins[row as usize])];
                    bin.0 += residual[row as usize];
                    bin.1 += 1;
                }
                h
            })
            .collect(),
    };
    let total = (rows.iter().map(|&r| residual[r as usize]).sum(), rows.len() as u32);
    let best = histogram
        .iter()
        .enumerate()
        .filter_map(|(f, h)| split(config, f, h, total, features[f].1.len()))
        .max_by(|a, b| a.gain.total_cmp(&b.gain).then(b.feature.cmp(&a.feature)));
    Open { node, rows, histogram, total, best }
}

/// The best place to split a feature at, if any place gains.
fn split(config: &Boosting, feature: usize, h: &[Bin; BINS + 1], total: Bin, ends: usize) -> Option<Split> {
    let score = |(sum, n): Bin| sum * sum / f64::from(n.max(1));
    let missing = h[usize::from(MISSING)];
    let mut best: Option<Split> = None;
    let mut left: Bin = (0.0, 0);
    for (bin, here) in h.iter().enumerate().take(ends) {
        left = (left.0 + here.0, left.1 + here.1);
        for missing_left in [false, true] {
            if missing_left && missing.1 == 0 {
                continue;
            }
            let l = if missing_left { (left.0 + missing.0, left.1 + missing.1) } else { left };
            let r = (total.0 - l.0, total.1 - l.1);
            if l.1 < config.least || r.1 < config.least {
                continue;
            }
            let gain = score(l) + score(r) - score(total);
            // Rounding of sums is no gain.
            if gain > best.map_or(1e-9 * (1.0 + score(total)), |b| b.gain) {
                best = Some(Split { gain, feature, bin: bin as u8, missing_left });
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: Boosting = Boosting { trees: 60, leaves: 8, least: 3, rate: 0.2, bagging: 0.9 };

    fn table(n: usize) -> (Array2<f32>, Vec<f64>) {
        let x = Array2::from_shape_fn((n, 3), |(i, j)| ((i * (7 + 6 * j) + j) % 101) as f32 / 101.0);
        let y = x
            .rows()
            .into_iter()
            .map(|r| f64::from(r[0]) * 2.0 + if r[1] > 0.5 { 1.0 } else { 0.0 })
            .collect();
        (x, y)
    }

    fn error(a: &[f64], b: &[f64]) -> f64 {
        (a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>() / a.len() as f64).sqrt()
    }

    #[test]
    fn learns_a_line_and_a_step() {
        let (x, y) = table(800);
        let p = boost(&CONFIG, &x, &y, 3).predict(&x);
        assert!(error(&p, &y) < 0.05, "{}", error(&p, &y));
        assert_eq!(p, boost(&CONFIG, &x, &y, 3).predict(&x));
        assert_ne!(p, boost(&CONFIG, &x, &y, 4).predict(&x));
    }

    /// What is missing is told apart from what is not, whichever side it belongs to.
    #[test]
    fn missing_values_choose_a_side() {
        let (mut x, mut y) = table(800);
        for i in (0..800).step_by(5) {
            x[(i, 2)] = f32::NAN;
            y[i] = -3.0;
        }
        let p = boost(&CONFIG, &x, &y, 3).predict(&x);
        assert!(error(&p, &y) < 0.1, "{}", error(&p, &y));
    }

    #[test]
    fn nothing_to_learn_from_does_not_panic() {
        assert!(boost(&CONFIG, &Array2::zeros((0, 2)), &[], 0).predict(&Array2::zeros((0, 2))).is_empty());
        let p = boost(&CONFIG, &Array2::zeros((5, 0)), &[1.0; 5], 0).predict(&Array2::zeros((2, 0)));
        assert_eq!(p, [1.0, 1.0]);
        let p = boost(&CONFIG, &Array2::from_elem((9, 1), f32::NAN), &[2.0; 9], 0);
        assert_eq!(p.predict(&Array2::from_elem((1, 1), 1.0)), [2.0]);
    }
}
