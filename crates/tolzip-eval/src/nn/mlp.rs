//! A multilayer perceptron: ReLU, softmax with cross-entropy for classes or a linear output with squared error for values,
//! Adam (Kingma and Ba, arXiv 1412.6980), and the weights of the epoch with the least validation loss.

use super::{shuffle, unit};
use ndarray::{Array2, Axis, Zip};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

/// How to train.
pub(crate) struct Config<'a> {
    /// Width of each hidden layer.
    pub(crate) hidden: &'a [usize],
    pub(crate) epochs: usize,
    pub(crate) batch: usize,
    pub(crate) learning_rate: f32,
    /// Decoupled weight decay: the share of each weight that a step takes away, times the learning rate.
    pub(crate) decay: f32,
}

/// What the outputs are to be, row by row.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target<'a> {
    /// One of this many classes.
    Classes(&'a [usize], usize),
    /// Numbers.
    Values(&'a Array2<f32>),
    /// The inputs themselves: so many rows and columns.
    Inputs(usize, usize),
}

impl Target<'_> {
    pub(crate) fn rows(&self) -> usize {
        match self {
            Self::Classes(y, _) => y.len(),
            Self::Values(y) => y.nrows(),
            Self::Inputs(rows, _) => *rows,
        }
    }

    pub(crate) fn width(&self) -> usize {
        match self {
            Self::Classes(_, classes) => *classes,
            Self::Values(y) => y.ncols(),
            Self::Inputs(_, columns) => *columns,
        }
    }
}

/// The weights: `(inputs x outputs, 1 x outputs)` per layer.
#[derive(Clone)]
pub(crate) struct Mlp {
    layers: Vec<(Array2<f32>, Array2<f32>)>,
}

impl Mlp {
    /// The model of a configuration before training, and what its seed gives next.
    pub(crate) fn seeded(
        config: &Config<'_>,
        inputs: usize,
        outputs: usize,
        seed: u64,
    ) -> (Self, ChaCha8Rng) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let sizes: Vec<usize> =
            std::iter::once(inputs).chain(config.hidden.iter().copied()).chain([outputs]).collect();
        (Self::new(&sizes, &mut rng), rng)
    }

    /// Uniform weights of variance 2 / inputs (He et al., arXiv 1502.01852), biases 0; zeros where there is but one layer,
    /// whose loss has no symmetry to break.
    fn new(sizes: &[usize], rng: &mut ChaCha8Rng) -> Self {
        let layers = sizes
            .windows(2)
            .map(|s| {
                let limit = if sizes.len() > 2 { (6.0 / s[0].max(1) as f32).sqrt() } else { 0.0 };
                (
                    Array2::from_shape_simple_fn((s[0], s[1]), || limit * (2.0 * unit(rng) - 1.0)),
                    Array2::zeros((1, s[1])),
                )
            })
            .collect();
        Self { layers }
    }

    /// The outputs of all layers, those of the last not yet through softmax.
    fn forward(&self, x: &Array2<f32>) -> Vec<Array2<f32>> {
        let mut outputs: Vec<Array2<f32>> = Vec::with_capacity(self.layers.len());
        for (i, (w, b)) in self.layers.iter().enumerate() {
            let mut y = outputs.last().unwrap_or(x).dot(w) + b;
            if i + 1 < self.layers.len() {
                y.mapv_inplace(|v| v.max(0.0));
            }
            outputs.push(y);
        }
        outputs
    }

    /// The outputs, one row per row of `x`: values, or classes before they are made probabilities.
    pub(crate) fn outputs(&self, x: &Array2<f32>) -> Array2<f32> {
        self.forward(x).pop().unwrap_or_else(|| x.clone())
    }

    /// Class probabilities, one row per row of `x`.
    pub(crate) fn probabilities(&self, x: &Array2<f32>) -> Array2<f32> {
        let mut p = self.outputs(x);
        softmax(&mut p);
        p
    }

    /// Mean cross-entropy in nats, or mean squared error.
    fn loss(&self, x: &Array2<f32>, y: Target<'_>) -> f64 {
        match y {
            Target::Classes(y, _) => {
                let p = self.probabilities(x);
                let rows = p.rows().into_iter().zip(y);
                rows.map(|(p, &y)| -f64::from(p[y].max(1e-12)).ln()).sum::<f64>() / y.len().max(1) as f64
            }
            Target::Values(y) => self.squares(x, y),
            Target::Inputs(..) => self.squares(x, x),
        }
    }

    /// Mean squared error.
    fn squares(&self, x: &Array2<f32>, y: &Array2<f32>) -> f64 {
        let all = self.outputs(x);
        let squares = all.iter().zip(y).map(|(p, y)| f64::from(p - y) * f64::from(p - y));
        squares.sum::<f64>() / y.len().max(1) as f64
    }
}

fn softmax(p: &mut Array2<f32>) {
    for mut row in p.rows_mut() {
        let top = row.iter().fold(f32::NEG_INFINITY, |a, &b| a.max(b));
        row.mapv_inplace(|v| (v - top).exp());
        let sum: f32 = row.iter().sum();
        row.mapv_inplace(|v| v / sum);
    }
}

/// Trains on `(x, y)`, and returns the weights of the epoch that does best on the validation part (of the last epoch if
/// that part is empty).
pub(crate) fn train(
    config: &Config<'_>,
    (x, y): (&Array2<f32>, Target<'_>),
    (val_x, val_y): (&Array2<f32>, Target<'_>),
    seed: u64,
) -> Mlp {
    let (model, mut rng) = Mlp::seeded(config, x.ncols(), y.width(), seed);
    let mut order: Vec<usize> = (0..y.rows()).collect();
    let trained = fit(config, model, y, (val_x, val_y), |step| {
        shuffle(&mut order, &mut rng);
        for batch in order.chunks(config.batch.max(1)) {
            step(batch, x.select(Axis(0), batch));
        }
        Ok::<(), std::convert::Infallible>(())
    });
    match trained {
        Ok(model) => model,
        Err(never) => match never {},
    }
}

/// What a source of batches gives them to: the numbers of the rows, and the rows.
pub(crate) type Step<'a> = dyn FnMut(&[usize], Array2<f32>) + 'a;

/// As [`train`], on batches that come from elsewhere: `epoch` hands those of one epoch to its argument.
pub(crate) fn fit<E>(
    config: &Config<'_>,
    mut model: Mlp,
    y: Target<'_>,
    (val_x, val_y): (&Array2<f32>, Target<'_>),
    mut epoch: impl FnMut(&mut Step<'_>) -> Result<(), E>,
) -> Result<Mlp, E> {
    let mut adam = Adam::new(&model);
    let mut best = (f64::INFINITY, None);
    for _ in 0..config.epochs {
        epoch(&mut |batch, x| {
            let gradients = gradients(&model, &x, y, batch);
            adam.step(&mut model, &gradients, config);
        })?;
        if val_y.rows() > 0 {
            let loss = model.loss(val_x, val_y);
            if loss < best.0 {
                best = (loss, Some(model.clone()));
            }
        }
    }
    Ok(best.1.unwrap_or(model))
}

type Gradients = Vec<(Array2<f32>, Array2<f32>)>;

/// Gradients of the loss on the rows `batch` of the target, layer by layer; `x` holds these rows alone.
fn gradients(model: &Mlp, x: &Array2<f32>, y: Target<'_>, batch: &[usize]) -> Gradients {
    let mut outputs = model.forward(x);
    let Some(mut delta) = outputs.pop() else { return Vec::new() };
    match y {
        Target::Classes(y, _) => {
            softmax(&mut delta);
            let scale = 1.0 / batch.len().max(1) as f32;
            for (mut row, &i) in delta.rows_mut().into_iter().zip(batch) {
                row[y[i]] -= 1.0;
                row.mapv_inplace(|v| v * scale);
            }
        }
        Target::Values(y) => {
            let scale = 2.0 / delta.len().max(1) as f32;
            for (mut row, &i) in delta.rows_mut().into_iter().zip(batch) {
                Zip::from(&mut row).and(y.row(i)).for_each(|d, &y| *d = (*d - y) * scale);
            }
        }
        Target::Inputs(..) => {
            let scale = 2.0 / delta.len().max(1) as f32;
            Zip::from(&mut delta).and(x).for_each(|d, &x| *d = (*d - x) * scale);
        }
    }
    let mut all = Vec::with_capacity(model.layers.len());
    for (i, (w, _)) in model.layers.iter().enumerate().rev() {
        let input = if i == 0 { x.view() } else { outputs[i - 1].view() };
        all.push((input.t().dot(&delta), delta.sum_axis(Axis(0)).insert_axis(Axis(0))));
        if i > 0 {
            let mut next = delta.dot(&w.t());
            Zip::from(&mut next).and(&outputs[i - 1]).for_each(|d, &o| {
                if o <= 0.0 {
                    *d = 0.0;
                }
            });
            delta = next;
        }
    }
    all.reverse();
    all
}

/// Running first and second moments.
struct Adam {
    first: Gradients,
    second: Gradients,
    step: i32,
}

impl Adam {
    fn new(model: &Mlp) -> Self {
        let zeros: Gradients =
            model.layers.iter().map(|(w, b)| (Array2::zeros(w.dim()), Array2::zeros(b.dim()))).collect();
        Self { first: zeros.clone(), second: zeros, step: 0 }
    }

    fn step(&mut self, model: &mut Mlp, gradients: &Gradients, config: &Config<'_>) {
        const B1: f32 = 0.9;
        const B2: f32 = 0.999;
        self.step += 1;
        let (c1, c2) = (1.0 - B1.powi(self.step), 1.0 - B2.powi(self.step));
        let rate = config.learning_rate;
        let update =
            |p: &mut Array2<f32>, m: &mut Array2<f32>, v: &mut Array2<f32>, g: &Array2<f32>, decay: f32| {
                Zip::from(p).and(m).and(v).and(g).for_each(|p, m, v, &g| {
                    *m = B1 * *m + (1.0 - B1) * g;
                    *v = B2 * *v + (1.0 - B2) * g * g;
                    *p -= rate * ((*m / c1) / ((*v / c2).sqrt() + 1e-8) + decay * *p);
                });
            };
        for (i, (gw, gb)) in gradients.iter().enumerate() {
            let (w, b) = &mut model.layers[i];
            update(w, &mut self.first[i].0, &mut self.second[i].0, gw, config.decay);
            update(b, &mut self.first[i].1, &mut self.second[i].1, gb, 0.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn config() -> Config<'static> {
        Config { hidden: &[8], epochs: 200, batch: 4, learning_rate: 0.02, decay: 0.0 }
    }

    #[test]
    fn learns_xor_and_repeats_itself() {
        let x = array![[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
        let y = [0, 1, 1, 0];
        let target = Target::Classes(&y, 2);
        let empty = (&Array2::zeros((0, 2)), Target::Classes(&[], 2));
        let p = train(&config(), (&x, target), empty, 3).probabilities(&x);
        for (p, &y) in p.rows().into_iter().zip(&y) {
            assert!(p[y] > 0.9, "{p}");
        }
        assert_eq!(p, train(&config(), (&x, target), empty, 3).probabilities(&x));
        assert_ne!(p, train(&config(), (&x, target), empty, 4).probabilities(&x));
    }

    #[test]
    fn learns_values() {
        let x = Array2::from_shape_fn((40, 1), |(i, _)| i as f32 / 20.0 - 1.0);
        let y = x.mapv(|v| v * v - 0.3);
        let config = Config { hidden: &[16], epochs: 300, ..config() };
        let model = train(&config, (&x, Target::Values(&y)), (&x, Target::Values(&y)), 1);
        assert!(model.loss(&x, Target::Values(&y)) < 1e-3, "{}", model.loss(&x, Target::Values(&y)));
    }

    #[test]
    fn gradients_agree_with_differences() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut model = Mlp::new(&[3, 5, 4, 2], &mut rng);
        let x = Array2::from_shape_simple_fn((6, 3), || unit(&mut rng) - 0.5);
        let values = Array2::from_shape_simple_fn((6, 2), || unit(&mut rng));
        for y in [Target::Classes(&[0, 1, 1, 0, 1, 0], 2), Target::Values(&values)] {
            let g = gradients(&model, &x, y, &[0, 1, 2, 3, 4, 5]);
            for (layer, (gw, _)) in g.iter().enumerate() {
                for at in [(0, 0), (2, 1)] {
                    let h = 3e-3;
                    let keep = model.layers[layer].0[at];
                    model.layers[layer].0[at] = keep + h;
                    let up = model.loss(&x, y);
                    model.layers[layer].0[at] = keep - h;
                    let down = model.loss(&x, y);
                    model.layers[layer].0[at] = keep;
                    let slope = (up - down) / (2.0 * f64::from(h));
                    assert!((slope - f64::from(gw[at])).abs() < 3e-3, "{layer} {at:?}: {slope} {}", gw[at]);
                }
            }
        }
    }

    #[test]
    fn no_rows_and_no_columns_do_not_panic() {
        let x = Array2::zeros((0, 3));
        train(&config(), (&x, Target::Classes(&[], 2)), (&x, Target::Classes(&[], 2)), 0);
        let x = Array2::zeros((4, 0));
        let y = Target::Classes(&[0, 1, 0, 1], 2);
        let p = train(&config(), (&x, y), (&x, y), 0).probabilities(&x);
        assert_eq!(p.dim(), (4, 2));
    }
}
