//! Steady flow through a porous medium: Darcy's `-div(a grad p) = 1` on the unit square, `p = 0` on its edge.

use super::{cosines, normal};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use tolzip_core::{AnyArray, Array, Shape};

/// Inner points of each side.
const SIDE: usize = 16;
/// Waves along each side that a permeability is made of.
const WAVES: usize = 5;
/// Steps of the conjugate gradients: residuals are then about 1e-9 of the start.
const STEPS: usize = 90;

/// `samples` pressures as f32, shape samples x side x side. The permeability is 12 where a smooth random field is positive
/// and 3 elsewhere, as in the benchmark of Z. Li et al., arXiv 2010.08895. Five-point differences, harmonic means of
/// neighbours, conjugate gradients (Hestenes and Stiefel, 1952). Pressures are times 100, so that they are about 1.
pub(crate) fn darcy(samples: usize, seed: u64) -> AnyArray {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let cos = cosines(4 * SIDE);
    let mut values = Vec::with_capacity(samples * SIDE * SIDE);
    for _ in 0..samples {
        let mut amplitude = [0.0; WAVES * WAVES];
        for (k, a) in amplitude.iter_mut().enumerate() {
            let (p, q) = ((k / WAVES) as f64, (k % WAVES) as f64);
            *a = normal(&mut rng) / (1.0 + p * p + q * q);
        }
        let permeability: Vec<f64> = (0..SIDE * SIDE)
            .map(|at| {
                let (i, j) = (at / SIDE, at % SIDE);
                // cos(pi p (i + 1/2) / side): waves without slope at the edge.
                let wave = |p: usize, i: usize| cos[p * (2 * i + 1) % (4 * SIDE)];
                let field: f64 = amplitude
                    .iter()
                    .enumerate()
                    .map(|(k, a)| a * wave(k / WAVES, i) * wave(k % WAVES, j))
                    .sum();
                if field > 0.0 { 12.0 } else { 3.0 }
            })
            .collect();
        values.extend(solve(&permeability).into_iter().map(|p| (100.0 * p) as f32));
    }
    let shape = Shape::new(&[samples, SIDE, SIDE]).expect("three sides");
    Array::new(values, shape).expect("as many values as the shape has").into()
}

/// The pressure for a permeability.
fn solve(a: &[f64]) -> Vec<f64> {
    let n = SIDE * SIDE;
    let h = 1.0 / (SIDE + 1) as f64;
    let mut p = vec![0.0; n];
    let mut r = vec![h * h; n];
    let mut d = r.clone();
    let mut rr: f64 = r.iter().map(|v| v * v).sum();
    for _ in 0..STEPS {
        if rr < 1e-24 {
            break;
        }
        let ad = apply(a, &d);
        let alpha = rr / d.iter().zip(&ad).map(|(d, ad)| d * ad).sum::<f64>();
        for i in 0..n {
            p[i] += alpha * d[i];
            r[i] -= alpha * ad[i];
        }
        let next: f64 = r.iter().map(|v| v * v).sum();
        for i in 0..n {
            d[i] = r[i] + next / rr * d[i];
        }
        rr = next;
    }
    p
}

/// The discrete operator, times the square of the step.
fn apply(a: &[f64], p: &[f64]) -> Vec<f64> {
    let flow = |at: usize, other: Option<usize>| match other {
        Some(o) => 2.0 * a[at] * a[o] / (a[at] + a[o]) * (p[at] - p[o]),
        None => a[at] * p[at],
    };
    (0..SIDE * SIDE)
        .map(|at| {
            let (i, j) = (at / SIDE, at % SIDE);
            flow(at, (i > 0).then(|| at - SIDE))
                + flow(at, (i + 1 < SIDE).then(|| at + SIDE))
                + flow(at, (j > 0).then(|| at - 1))
                + flow(at, (j + 1 < SIDE).then(|| at + 1))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_its_equation() {
        let mut a = vec![3.0; SIDE * SIDE];
        a[40..90].fill(12.0);
        let p = solve(&a);
        let h = 1.0 / (SIDE + 1) as f64;
        for (i, v) in apply(&a, &p).into_iter().enumerate() {
            assert!((v - h * h).abs() < 1e-8 * h * h, "{i}: {v}");
        }
        // The maximum principle: positive inside.
        assert!(p.iter().all(|&p| p > 0.0));
        // Constant permeability: p / a at the centre of the square is 0.0737 (Timoshenko's torsion of a square bar).
        let p = solve(&[1.0; SIDE * SIDE]);
        assert!((p[SIDE / 2 * SIDE + SIDE / 2] - 0.0737).abs() < 1.5e-3, "{}", p[SIDE / 2 * SIDE + SIDE / 2]);
    }
}
