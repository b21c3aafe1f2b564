//! The viscous Burgers equation, `u_t + u u_x = nu u_xx`, periodic on [0, 1).

use super::{cosines, normal};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use tolzip_core::{AnyArray, Array, Shape};

/// Points of the solver's grid; every second one is kept.
const GRID: usize = 64;
const VISCOSITY: f64 = 0.01;
/// Steps of the solver from one kept time to the next.
const STEPS: usize = 25;
const DT: f64 = 0.005;

/// Points kept of each time.
pub(crate) const POINTS: usize = GRID / 2;
/// Times kept, the initial one included, 0.125 apart.
const TIMES: usize = 9;

/// `samples` solutions as f32, shape samples x times x points. The initial values are five waves with random amplitudes that
/// fall with the wave number. Finite volumes: Engquist and Osher's upwind flux (Mathematics of Computation 36, 1981),
/// central differences for the viscous term, explicit Euler steps.
pub(crate) fn burgers(samples: usize, seed: u64) -> AnyArray {
    let cos = cosines(GRID);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut values = Vec::with_capacity(samples * TIMES * POINTS);
    for _ in 0..samples {
        let mut u = [0.0; GRID];
        for wave in 1..=5 {
            let size = 0.35 / wave as f64;
            let (a, b) = (size * normal(&mut rng), size * normal(&mut rng));
            for (i, u) in u.iter_mut().enumerate() {
                // A sine is a cosine a quarter of the circle behind.
                *u += a * cos[wave * i % GRID] + b * cos[(wave * i + GRID - GRID / 4) % GRID];
            }
        }
        for time in 0..TIMES {
            if time > 0 {
                (0..STEPS).for_each(|_| step(&mut u));
            }
            values.extend(u.iter().step_by(2).map(|&v| v as f32));
        }
    }
    let shape = Shape::new(&[samples, TIMES, POINTS]).expect("three sides");
    Array::new(values, shape).expect("as many values as the shape has").into()
}

fn step(u: &mut [f64; GRID]) {
    let dx = 1.0 / GRID as f64;
    let mut flux = [0.0; GRID];
    for (i, f) in flux.iter_mut().enumerate() {
        // Between i and i + 1.
        let (l, r) = (u[i], u[(i + 1) % GRID]);
        let (up, down) = (l.max(0.0), r.min(0.0));
        *f = 0.5 * (up * up + down * down) - VISCOSITY * (r - l) / dx;
    }
    for i in 0..GRID {
        u[i] -= DT / dx * (flux[i] - flux[(i + GRID - 1) % GRID]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conserves_and_smooths() {
        let a = burgers(5, 1);
        let v = crate::metrics::to_f64(&a);
        assert!(v.iter().all(|v| v.is_finite() && v.abs() < 6.0));
        for sample in v.chunks(TIMES * POINTS) {
            let energy = |t: usize| sample[t * POINTS..][..POINTS].iter().map(|v| v * v).sum::<f64>();
            assert!((1..TIMES).all(|t| energy(t) < energy(t - 1)));
            assert!(energy(TIMES - 1) > 1e-3);
        }
        assert_eq!(a.to_le_bytes(), burgers(5, 1).to_le_bytes());
    }
}
