//! What the trainings so far say of each setting, and where to look next.

use super::trainer::Loss;

/// A setting that was trained on.
#[derive(Clone, Debug)]
pub(super) struct Trial {
    /// Number of the candidate.
    pub(super) id: usize,
    pub(super) severity: f64,
    pub(super) ratio: f64,
    pub(super) loss: Loss,
    /// Loss on the fresh seeds alone, where a suspicion was checked.
    pub(super) fresh: Option<Loss>,
    /// A training with it failed.
    pub(super) failed: bool,
    /// So bad that the rest of the seeds was spared.
    pub(super) hopeless: bool,
    /// The data come back as they are.
    pub(super) exact: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// The whole interval of the loss is within the margin.
    Good,
    /// The whole interval is beyond it (and fresh seeds, if there are any, agree), or no quality came of it.
    Bad,
    /// The margin lies within the interval.
    Unclear,
}

impl Trial {
    pub(super) fn state(&self, margin: f64) -> State {
        if self.exact {
            State::Good
        } else if self.failed || (self.hopeless && self.fresh.is_none()) {
            State::Bad
        } else if self.loss.high <= margin {
            State::Good
        } else if self.loss.low > margin && self.fresh.is_none_or(|f| f.mean > margin && f.low > 0.0) {
            State::Bad
        } else {
            State::Unclear
        }
    }

    fn bad(&self, margin: f64) -> bool {
        self.state(margin) == State::Bad
    }
}

/// Positions of the settings in one mode's trials (mild to severe) that seem bad while no more severe neighbour supports
/// it: chance finds such places among many settings, so they are to be checked with fresh seeds before anyone calls them a
/// dip or a cliff.
pub(super) fn suspicious(trials: &[Trial], margin: f64) -> Vec<usize> {
    (0..trials.len())
        .filter(|&i| {
            let t = &trials[i];
            let alone = match trials.get(i + 1) {
                Some(next) => !next.bad(margin),
                // The last one has the milder neighbour to support it; an utter loss needs none.
                None => !t.hopeless && (i == 0 || !trials[i - 1].bad(margin)),
            };
            t.bad(margin) && !t.failed && t.fresh.is_none() && alone
        })
        .collect()
}

/// The pairs of neighbours between which quality is lost or comes back: the last good setting and its successor, both
/// sides of every bad stretch, and the good side of every drop.
pub(super) fn brackets(trials: &[Trial], margin: f64) -> Vec<(usize, usize)> {
    let state: Vec<State> = trials.iter().map(|t| t.state(margin)).collect();
    let mut all = Vec::new();
    if let Some(good) = state.iter().rposition(|&s| s == State::Good)
        && good + 1 < trials.len()
    {
        all.push((good, good + 1));
    }
    for i in 1..trials.len() {
        if (state[i - 1] == State::Bad) != (state[i] == State::Bad) && !all.contains(&(i - 1, i)) {
            all.push((i - 1, i));
        }
    }
    for drop in drops(trials, margin) {
        if !all.contains(&(drop.good, drop.good + 1)) {
            all.push((drop.good, drop.good + 1));
        }
    }
    all
}

/// A change from good to bad between two positions of a mode's trials, and whether there is a good one behind. Where a mode has
/// no good setting before, the one beside the bad may be undecided, if it is better beyond doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Drop {
    pub(super) good: usize,
    pub(super) bad: usize,
    pub(super) recovers: bool,
}

impl Drop {
    /// The settings between, mild to severe: trained on, and undecided.
    pub(super) fn between<'t>(&self, trials: &'t [Trial]) -> &'t [Trial] {
        &trials[self.good + 1..self.bad]
    }
}

/// All places where quality is lost. What is suspicious but unchecked counts for nothing.
pub(super) fn drops(trials: &[Trial], margin: f64) -> Vec<Drop> {
    let doubted = suspicious(trials, margin);
    let mut drops: Vec<Drop> = Vec::new();
    let mut good = None;
    for (i, t) in trials.iter().enumerate() {
        match t.state(margin) {
            State::Good => {
                if let Some(last) = drops.last_mut() {
                    last.recovers = true;
                }
                good = Some(i);
            }
            State::Bad if !doubted.contains(&i) => {
                let beside = || {
                    let milder =
                        trials.get(i.checked_sub(1)?).filter(|m| m.state(margin) == State::Unclear)?;
                    (drops.is_empty() && (t.failed || milder.loss.high < t.loss.low)).then_some(i - 1)
                };
                if let Some(good) = good.take().or_else(beside) {
                    drops.push(Drop { good, bad: i, recovers: false });
                }
            }
            _ => {}
        }
    }
    drops
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A trial per character: `g`ood, `b`ad, `u`nclear, `m`ildly so, `B`ad and confirmed, `n`ot confirmed, `h`opeless, `f`ailed.
    fn trials(text: &str) -> Vec<Trial> {
        let loss = |mean: f64, half: f64| Loss { mean, low: mean - half, high: mean + half, seeds: 5 };
        text.chars()
            .enumerate()
            .map(|(id, c)| Trial {
                id,
                severity: id as f64,
                ratio: 1.0 + id as f64,
                loss: match c {
                    'g' => loss(0.0, 0.005),
                    'u' => loss(0.01, 0.05),
                    'm' => loss(0.005, 0.01),
                    _ => loss(0.05, 0.01),
                },
                fresh: match c {
                    'B' => Some(loss(0.05, 0.01)),
                    'n' => Some(loss(0.005, 0.02)),
                    _ => None,
                },
                failed: c == 'f',
                hopeless: c == 'h',
                exact: false,
            })
            .collect()
    }

    #[test]
    fn one_bad_setting_alone_is_suspicious() {
        assert_eq!(suspicious(&trials("ggbgbb"), 0.01), [2]);
        assert_eq!(suspicious(&trials("ggb"), 0.01), [2]);
        assert_eq!(suspicious(&trials("gghgh"), 0.01), [2]);
        assert_eq!(suspicious(&trials("gBgnfg"), 0.01), [0; 0]);
    }

    #[test]
    fn drops_need_support() {
        assert_eq!(drops(&trials("ggbgg"), 0.01), []);
        assert_eq!(drops(&trials("ggngg"), 0.01), []);
        assert_eq!(drops(&trials("ggBgg"), 0.01), [Drop { good: 1, bad: 2, recovers: true }]);
        assert_eq!(drops(&trials("gubb"), 0.01), [Drop { good: 0, bad: 2, recovers: false }]);
    }

    #[test]
    fn what_is_undecided_beside_a_drop_counts_where_nothing_is_good() {
        assert_eq!(drops(&trials("umbb"), 0.01), [Drop { good: 1, bad: 2, recovers: false }]);
        assert_eq!(drops(&trials("mf"), 0.01), [Drop { good: 0, bad: 1, recovers: false }]);
        // Not where the intervals overlap, nor behind a drop, nor where something is good.
        assert_eq!(drops(&trials("ubb"), 0.01), []);
        assert_eq!(drops(&trials("bb"), 0.01), []);
        assert_eq!(drops(&trials("gbbmbb"), 0.01), [Drop { good: 0, bad: 1, recovers: false }]);
        assert_eq!(drops(&trials("gmbb"), 0.01), [Drop { good: 0, bad: 2, recovers: false }]);
    }

    #[test]
    fn drops_count_once() {
        assert_eq!(
            drops(&trials("gBguhh"), 0.01),
            [Drop { good: 0, bad: 1, recovers: true }, Drop { good: 2, bad: 4, recovers: false }]
        );
        assert_eq!(drops(&trials("bbb"), 0.01), []);
    }

    #[test]
    fn brackets_stand_on_both_sides() {
        assert_eq!(brackets(&trials("gggbb"), 0.01), [(2, 3)]);
        assert_eq!(brackets(&trials("gguBB"), 0.01), [(1, 2), (2, 3)]);
        assert_eq!(brackets(&trials("gBgBB"), 0.01), [(2, 3), (0, 1), (1, 2)]);
        assert_eq!(brackets(&trials("guuBBgg"), 0.01), [(2, 3), (4, 5), (0, 1)]);
        assert_eq!(brackets(&trials("ggg"), 0.01), []);
    }
}
