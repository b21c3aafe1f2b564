//! Where to train first: the settings that may push the front outwards most, by what is known so far.
//!
//! Compression alone tells every setting's ratio and how far the data are from the original. How much loss a distortion
//! costs is much the same for all methods that add noise, so that what one training shows of one method tells about the
//! others too. The next trainings are those whose loss, guessed on the optimistic side, would add most to the area under the
//! front (as in expected hypervolume improvement: M. Emmerich, K. Giannakoglou, B. Naujoks, IEEE Trans. Evolutionary
//! Computation 10(4), 2006).

use super::SearchError;
use super::candidates::Candidate;
use super::run::Running;

/// Settings per round. What they show changes where to look next, and all cores should have work.
const AT_ONCE: usize = 4;
/// A round is not begun for less than this share of the area found so far.
const LEAST_GAIN: f64 = 0.003;

/// What is known of one setting, or believed.
#[derive(Clone, Copy, Debug)]
struct Seen {
    mode: usize,
    /// Settings that drop rows are another kind than those that add noise.
    drops: bool,
    /// Decades of distortion.
    at: f64,
    loss: f64,
    /// Trust; a guess before all trainings has little.
    weight: f64,
}

impl Running<'_> {
    /// Scouts with two seeds where the front may move, within a share of the budget, until that promises little; then gives
    /// what seems to be on the front the rest of its seeds, within another.
    pub(super) fn hunt(&mut self, scouting: f64, confirming: f64) -> Result<(), SearchError> {
        self.trainer.reserve(scouting);
        while self.trainer.may_go_on() {
            let ids = self.promising();
            let before = self.trainer.trainings();
            self.scout(&ids)?;
            if ids.is_empty() || self.trainer.trainings() == before {
                break;
            }
        }
        self.trainer.reserve(confirming);
        while self.trainer.may_go_on() {
            let ids = self.unconfirmed();
            let before = self.trainer.trainings();
            self.train(&ids)?;
            if ids.is_empty() || self.trainer.trainings() == before {
                break;
            }
        }
        Ok(())
    }

    /// The deepest loss that counts.
    fn reference(&self) -> f64 {
        self.margins.iter().copied().fold(0.0, f64::max)
    }

    /// The settings with few seeds that would be on the front, those first that add most to its area.
    fn unconfirmed(&self) -> Vec<usize> {
        let (reference, step) = (self.reference(), self.trainer.step());
        let trained: Vec<(usize, f64, f64, bool)> = (0..self.candidates.len())
            .filter_map(|id| {
                let c = &self.candidates[id];
                let loss = self.trainer.loss(&c.content, 0, step)?;
                let few = c.content != self.trainer.raw() && (loss.seeds as u64) < self.search.seeds;
                Some((id, c.ratio.ln(), loss.mean, few && !self.hopeless(id, step)))
            })
            .collect();
        let all: Vec<(f64, f64)> = trained.iter().map(|&(_, x, loss, _)| (x, loss)).collect();
        let whole = area(&all, reference);
        let mut wanted: Vec<(f64, usize)> = trained
            .iter()
            .enumerate()
            .filter(|(_, t)| t.3)
            .map(|(i, t)| {
                let others: Vec<(f64, f64)> =
                    all.iter().enumerate().filter(|&(k, _)| k != i).map(|(_, &p)| p).collect();
                (whole - area(&others, reference), t.0)
            })
            .filter(|&(gain, _)| gain > LEAST_GAIN * whole)
            .collect();
        wanted.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        wanted.into_iter().take(AT_ONCE).map(|(_, id)| id).collect()
    }

    /// The mean loss of the next milder setting of the same mode, if that was trained on and lost little.
    fn milder(&self, id: usize, step: f64) -> Option<f64> {
        let c = &self.candidates[id];
        let of_mode = self.candidates.iter().filter(|m| m.mode == c.mode && m.severity < c.severity);
        let next = of_mode.max_by(|a, b| a.severity.total_cmp(&b.severity))?;
        let loss = self.trainer.loss(&next.content, 0, step)?.mean;
        (loss <= self.reference()).then_some(loss)
    }

    /// The next settings to train on, most promising first.
    fn promising(&self) -> Vec<usize> {
        let reference = self.reference();
        let noise = self.trainer.spread() / (self.search.seeds as f64).sqrt();
        let mut points = vec![(0.0, 0.0)];
        let mut seen = beliefs(reference);
        let mut open: Vec<usize> = Vec::new();
        let step = self.trainer.step();
        for (id, c) in self.candidates.iter().enumerate() {
            let x = c.ratio.ln();
            if c.content == self.trainer.raw() {
                points.push((x, 0.0));
            } else if let Some(loss) = self.trainer.loss(&c.content, 0, step) {
                points.push((x, loss.mean));
                seen.push(Seen {
                    loss: loss.mean.min(8.0 * reference),
                    weight: loss.seeds as f64,
                    ..place(c)
                });
            } else if !self.trainer.results(&c.content).is_empty() {
                // It failed.
                seen.push(Seen { loss: 8.0 * reference, weight: 1.0, ..place(c) });
            } else if x > 0.0 {
                open.push(id);
            }
        }
        let mut chosen = Vec::new();
        while chosen.len() < AT_ONCE {
            let area = area(&points, reference);
            let best = open
                .iter()
                .map(|&id| {
                    let c = &self.candidates[id];
                    let (mean, doubt) = guess(&seen, place(c), reference);
                    // One step beyond a setting that is known to be good, nothing need be lost yet.
                    let doubt = self.milder(id, step).map_or(doubt, |loss| doubt.max(mean - loss));
                    let mut with = points.clone();
                    // Doubt may turn a loss to nothing, but not to a gain: mild settings would seem to have it all.
                    with.push((c.ratio.ln(), (mean - doubt).max(mean.min(0.0)) - noise));
                    (id, mean, self::area(&with, reference) - area)
                })
                .max_by(|a, b| a.2.total_cmp(&b.2).then(b.0.cmp(&a.0)));
            let Some((id, mean, gain)) = best else { break };
            if gain <= LEAST_GAIN * area {
                break;
            }
            open.retain(|&o| o != id && self.candidates[o].content != self.candidates[id].content);
            // Believed for the rest of this round, so that the next choice is another place.
            let c = &self.candidates[id];
            points.push((c.ratio.ln(), mean));
            seen.push(Seen { loss: mean, weight: 1.0, ..place(c) });
            chosen.push(id);
        }
        chosen
    }
}

/// Where a setting stands.
fn place(c: &Candidate) -> Seen {
    let drops = c.distortion.is_none();
    let at = c.distortion.unwrap_or(c.severity).max(1e-9).log10();
    Seen { mode: c.mode, drops, at, loss: 0.0, weight: 0.0 }
}

/// What is believed before any training: errors of a thirtieth of the standard deviation cost nothing, and errors as large
/// as it cost twice what counts; so do all rows against one in thirty.
fn beliefs(reference: f64) -> Vec<Seen> {
    let weight = 0.3;
    let belief = |drops, at, loss| Seen { mode: usize::MAX, drops, at, loss, weight };
    vec![
        belief(false, -1.5, 0.0),
        belief(false, 0.0, 2.0 * reference),
        belief(true, 0.0, 0.0),
        belief(true, 1.5, 2.0 * reference),
    ]
}

/// Expected loss at a place, and how far off it may be.
fn guess(seen: &[Seen], here: Seen, reference: f64) -> (f64, f64) {
    let mut like: Vec<Seen> = seen.iter().copied().filter(|s| s.drops == here.drops).collect();
    like.sort_by(|a, b| a.at.total_cmp(&b.at));
    let rising = rising(&like);
    let general = |at: f64| between(&like, &rising, at);
    // How this mode's settings differ from all, the near ones above all.
    let (mut sum, mut weights) = (0.0, 1.0);
    let (mut nearest, mut own) = (1.0f64, 1.0f64);
    for s in &like {
        let distance = (s.at - here.at).abs();
        if s.mode != usize::MAX {
            nearest = nearest.min(distance);
        }
        if s.mode == here.mode {
            own = own.min(distance);
            let w = s.weight * (-2.0 * distance).exp();
            sum += w * (s.loss - general(s.at));
            weights += w;
        }
    }
    let mean = general(here.at) + sum / weights;
    // Methods differ, in proportion too.
    (mean, (reference * (0.4 * nearest + 0.8 * own)).max(mean * (0.25 + 0.5 * own)))
}

/// The rising function nearest to what was seen, at these places (pool adjacent violators).
fn rising(sorted: &[Seen]) -> Vec<f64> {
    let mut blocks: Vec<(f64, f64, usize)> = Vec::with_capacity(sorted.len());
    for s in sorted {
        blocks.push((s.loss * s.weight, s.weight, 1));
        while let [.., a, b] = blocks[..] {
            if a.0 / a.1 <= b.0 / b.1 {
                break;
            }
            blocks.truncate(blocks.len() - 2);
            blocks.push((a.0 + b.0, a.1 + b.1, a.2 + b.2));
        }
    }
    blocks.into_iter().flat_map(|(sum, weight, n)| std::iter::repeat_n(sum / weight, n)).collect()
}

/// Linear between the places, constant beyond.
fn between(sorted: &[Seen], values: &[f64], at: f64) -> f64 {
    let next = sorted.partition_point(|s| s.at < at);
    match (next.checked_sub(1), sorted.get(next)) {
        (Some(i), Some(b)) => {
            let a = &sorted[i];
            let part = if b.at > a.at { (at - a.at) / (b.at - a.at) } else { 1.0 };
            values[i] + part * (values[next] - values[i])
        }
        (Some(i), None) => values[i],
        (None, Some(_)) => values[0],
        (None, None) => 0.0,
    }
}

/// Area under the front of points (logarithm of the ratio, loss): what lies above ratio 1 and within the reference loss.
/// Gains of quality count up to the same size.
fn area(points: &[(f64, f64)], reference: f64) -> f64 {
    let mut all: Vec<(f64, f64)> =
        points.iter().map(|&(x, loss)| (x, (reference - loss).clamp(0.0, 2.0 * reference))).collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut area, mut best) = (0.0, 0.0f64);
    for (i, &(x, depth)) in all.iter().enumerate() {
        best = best.max(depth);
        let next = all.get(i + 1).map_or(0.0, |p| p.0).max(0.0);
        area += (x - next).max(0.0) * best;
    }
    area
}

/// Area under the front of points, each `(ratio, loss)`, on a logarithmic axis of ratios: what lies above ratio 1 and within
/// the reference loss. Losses below zero count up to the same size.
#[must_use]
pub fn hypervolume(points: &[(f64, f64)], reference: f64) -> f64 {
    let points: Vec<(f64, f64)> = points.iter().map(|&(ratio, loss)| (ratio.ln(), loss)).collect();
    area(&points, reference)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(at: f64, loss: f64, weight: f64) -> Seen {
        Seen { mode: 0, drops: false, at, loss, weight }
    }

    #[test]
    fn areas_by_hand() {
        assert_eq!(area(&[(0.0, 0.0)], 0.05), 0.0);
        assert!((area(&[(2.0, 0.0)], 0.05) - 0.1).abs() < 1e-15);
        // A better one on the left, one beyond the reference, one dominated.
        let all = [(2.0, 0.01), (1.0, 0.0), (9.0, 0.06), (1.5, 0.02)];
        assert!((area(&all, 0.05) - (0.04 + 0.05)).abs() < 1e-15);
    }

    #[test]
    fn losses_are_made_to_rise() {
        let s = [seen(0.0, 0.0, 1.0), seen(1.0, 0.3, 1.0), seen(2.0, 0.1, 3.0), seen(3.0, 0.5, 1.0)];
        let values = rising(&s);
        for (v, expected) in values.iter().zip([0.0, 0.15, 0.15, 0.5]) {
            assert!((v - expected).abs() < 1e-15, "{values:?}");
        }
        assert!((between(&s, &values, 0.5) - 0.075).abs() < 1e-15);
        assert_eq!((between(&s, &values, -1.0), between(&s, &values, 9.0)), (0.0, 0.5));
    }

    #[test]
    fn other_methods_learn_from_one_and_doubt_grows_with_distance() {
        let mut all = beliefs(0.05);
        let other = Seen { mode: 1, ..seen(-1.0, 0.0, 0.0) };
        let before = guess(&all, other, 0.05);
        all.push(seen(-1.0, 0.0, 5.0));
        let after = guess(&all, other, 0.05);
        assert!(after.0 < before.0 && after.1 < before.1, "{before:?} {after:?}");
        let far = guess(&all, Seen { at: -0.2, ..other }, 0.05);
        assert!(far.0 > after.0 && far.1 > after.1);
        // Rows dropped are another matter.
        assert_eq!(
            guess(&all, Seen { drops: true, at: 1.0, ..other }, 0.05),
            guess(&beliefs(0.05), Seen { drops: true, at: 1.0, ..other }, 0.05)
        );
    }
}
