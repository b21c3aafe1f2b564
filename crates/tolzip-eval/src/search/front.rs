//! The points that no other one dominates.

/// What the front needs to know of a point.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    pub(super) ratio: f64,
    pub(super) loss: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

/// Where a point stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// No point has a larger ratio and no more loss.
    Front,
    /// Some have, but only within noise and by less than 5 % in ratio.
    Tie,
    Dominated,
}

/// The share of a point's ratio by which another one may be larger and still be called a tie.
const CLOSE: f64 = 1.05;

pub(super) fn places(points: &[Standing]) -> Vec<Place> {
    let beats = |a: &Standing, b: &Standing| {
        a.ratio >= b.ratio && a.loss <= b.loss && (a.ratio > b.ratio || a.loss < b.loss)
    };
    points
        .iter()
        .map(|p| {
            let mut better = points.iter().filter(|q| beats(q, p)).peekable();
            if better.peek().is_none() {
                Place::Front
            } else if better.all(|q| q.ratio <= p.ratio * CLOSE && p.low <= q.high) {
                Place::Tie
            } else {
                Place::Dominated
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_within_noise_stay() {
        let at = |ratio, loss, half: f64| Standing { ratio, loss, low: loss - half, high: loss + half };
        let places = places(&[
            at(10.0, 0.0, 0.01),
            at(9.8, 0.005, 0.01),
            at(9.8, 0.05, 0.01),
            at(5.0, 0.0, 0.01),
            at(20.0, 0.02, 0.01),
            at(20.0, 0.02, 0.01),
        ]);
        use Place::{Dominated, Front, Tie};
        assert_eq!(places, [Front, Tie, Dominated, Dominated, Front, Front]);
    }
}
