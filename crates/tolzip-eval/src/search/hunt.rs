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
const LEAST_GAIN: f64 = 0.001;

/// What is known of one setting, or believed.
#[derive(Clone, Copy, Debug)]
struct Seen {
    mode: usize,
    /// Settings that drop rows are another kind than those that add noise.
    drops: bool,
    /// Decades of distortion.
    at: f64,
    /// Squeezed.
    loss: f64,
    /// Trust; a guess before all trainings has little.
    weight: f64,
}

impl Running<'_> {
    /// Scouts with few seeds where the front may move, until that promises little, and gives what then seems to be on the front
    /// the rest of its seeds: that takes away what only luck had put there, so that other places promise something again.
    /// The pairs are the shares of the budget that scouting and confirming may use up, one turn after another.
    pub(super) fn hunt(&mut self, turns: &[(f64, f64)]) -> Result<(), SearchError> {
        for &(scouting, confirming) in turns {
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
        }
        Ok(())
    }

    /// The deepest loss that counts.
    fn reference(&self) -> f64 {
        self.margins.iter().copied().fold(0.0, f64::max)
    }

    /// The settings with few seeds that would be on the front, those first that add most to the area of what has all its
    /// seeds already. Greedy: twins of one another must not both wait for the other.
    fn unconfirmed(&self) -> Vec<usize> {
        let (reference, step) = (self.reference(), self.trainer.step());
        let mut known = vec![(0.0, 0.0)];
        let mut open: Vec<(usize, (f64, f64))> = Vec::new();
        for (id, c) in self.candidates.iter().enumerate() {
            let Some(loss) = self.trainer.loss(&c.content, 0, step) else { continue };
            let point = (c.ratio.ln(), loss.mean);
            if c.content == self.trainer.raw() || loss.seeds as u64 >= self.search.seeds {
                known.push(point);
            } else if !self.hopeless(id, step) {
                open.push((id, point));
            }
        }
        let mut wanted = Vec::new();
        while wanted.len() < AT_ONCE {
            let before = area(&known, reference);
            let gains = open.iter().map(|&(id, point)| {
                let mut with = known.clone();
                with.push(point);
                (area(&with, reference) - before, id, point)
            });
            let best = gains.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
            let Some((gain, id, point)) = best else { break };
            if gain <= LEAST_GAIN * before {
                break;
            }
            known.push(point);
            open.retain(|o| o.0 != id);
            wanted.push(id);
        }
        wanted
    }

    /// The mean loss of the next milder setting of the same mode, if that was trained on and lost little.
    fn milder(&self, id: usize, step: f64) -> Option<f64> {
        let c = &self.candidates[id];
        let of_mode = self.candidates.iter().filter(|m| m.mode == c.mode && m.severity < c.severity);
        let next = of_mode.max_by(|a, b| a.severity.total_cmp(&b.severity))?;
        let loss = self.trainer.loss(&next.content, 0, step)?.mean;
        (loss <= self.reference()).then_some(loss)
    }

    /// How much a mean over so many seeds weighs: methods differ, so that even the exact loss would weigh no more than 5, and
    /// the model's own spread takes from that.
    fn trust(&self, seeds: usize) -> f64 {
        let noise = self.trainer.spread() / self.reference();
        5.0 / (1.0 + 60.0 * noise * noise / seeds as f64)
    }

    /// The next settings to train on, most promising first.
    fn promising(&self) -> Vec<usize> {
        let reference = self.reference();
        let noise = self.trainer.spread() / (self.search.seeds as f64).sqrt();
        let mut points = vec![(0.0, 0.0)];
        let mut seen = beliefs();
        let mut open: Vec<usize> = Vec::new();
        let step = self.trainer.step();
        for (id, c) in self.candidates.iter().enumerate() {
            let x = c.ratio.ln();
            if c.content == self.trainer.raw() {
                points.push((x, 0.0));
            } else if let Some(loss) = self.trainer.loss(&c.content, 0, step) {
                points.push((x, loss.mean));
                seen.push(Seen {
                    loss: squeeze(loss.mean, reference).min(WORST),
                    weight: self.trust(loss.seeds),
                    ..place(c)
                });
            } else if !self.trainer.results(&c.content).is_empty() {
                // It failed.
                seen.push(Seen { loss: WORST, weight: 1.0, ..place(c) });
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
                    let (mean, doubt) = guess(&seen, place(c));
                    // One step beyond a setting that is known to be good, nothing need be lost yet.
                    let milder = self.milder(id, step).map(|loss| squeeze(loss, reference));
                    let doubt = milder.map_or(doubt, |loss| doubt.max(mean - loss));
                    // Doubt may turn a loss to nothing, but not to a gain: mild settings would seem to have it all.
                    let hoped = stretch((mean - doubt).max(mean.min(0.0)), reference) - noise;
                    let mut with = points.clone();
                    with.push((c.ratio.ln(), hoped));
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
            points.push((c.ratio.ln(), stretch(mean, reference)));
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

/// A loss as the model of losses sees it: in proportion to the reference where it is small, by its logarithm where it is large,
/// since losses grow by factors once they grow.
fn squeeze(loss: f64, reference: f64) -> f64 {
    (10.0 * loss / reference).asinh()
}

/// Undoes [`squeeze`].
fn stretch(squeezed: f64, reference: f64) -> f64 {
    squeezed.sinh() * reference / 10.0
}

/// What is more than eight times the reference, squeezed, is only bad.
const WORST: f64 = 5.0;

/// What is believed before any training: errors of a thirtieth of the standard deviation cost nothing, and errors as large
/// as it cost twice what counts; so do all rows against one in thirty.
fn beliefs() -> Vec<Seen> {
    let weight = 0.3;
    let belief = |drops, at, loss| Seen { mode: usize::MAX, drops, at, loss: squeeze(loss, 1.0), weight };
    vec![belief(false, -1.5, 0.0), belief(false, 0.0, 2.0), belief(true, 0.0, 0.0), belief(true, 1.5, 2.0)]
}

/// Expected loss at a place, and how far off it may be, both squeezed.
fn guess(seen: &[Seen], here: Seen) -> (f64, f64) {
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
    // Methods differ, by a factor of two or so.
    (general(here.at) + sum / weights, 0.3 + 0.9 * nearest + 0.9 * own)
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
        let mut all = beliefs();
        let other = Seen { mode: 1, ..seen(-1.0, 0.0, 0.0) };
        let before = guess(&all, other);
        all.push(seen(-1.0, 0.0, 5.0));
        let after = guess(&all, other);
        assert!(after.0 < before.0 && after.1 < before.1, "{before:?} {after:?}");
        let far = guess(&all, Seen { at: -0.2, ..other });
        assert!(far.0 > after.0 && far.1 > after.1);
        // Rows dropped are another matter.
        assert_eq!(
            guess(&all, Seen { drops: true, at: 1.0, ..other }),
            guess(&beliefs(), Seen { drops: true, at: 1.0, ..other })
        );
    }
}
