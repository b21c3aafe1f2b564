//! After the coarse settings: what is suspicious is checked, brackets are halved, undecided stretches settled.

use super::SearchError;
use super::candidates;
use super::plan::{Drop, Trial, brackets, drops, suspicious};
use super::run::{Running, best};
use crate::reduce::Mode;

/// New settings per round of halving brackets.
const AT_ONCE: usize = 4;
/// A bracket whose ratios are closer than this is done.
const FINE: f64 = 1.08;
/// The same for brackets that can't lead to a better recommendation.
const ROUGH: f64 = 1.5;
/// An end of a stretch that stays undecided is done when the numbers that are turned are within this factor.
const END: f64 = 1.15;
/// Sets of seeds for a recommendation where seeds differ by more than the margin, and for what can't be told from it.
const NOISY: u64 = 4;

impl Running<'_> {
    /// Trains on one candidate, and on the baseline, with fresh seeds: so many sets of them as the trial needs to qualify.
    fn check(&mut self, id: usize, sets: u64) -> Result<(), SearchError> {
        let seeds = self.search.seeds;
        let jobs: Vec<_> =
            (0..sets * seeds).flat_map(|seed| [(self.raw(), seed), (self.work(id), seed)]).collect();
        self.trainer.train(&jobs)
    }

    /// One round of: check what is suspicious or about to be recommended, then narrow the place where the quality of that
    /// ends, or else the others. `false` when there is nothing left to do, or to spend.
    pub(super) fn refine(&mut self, share: f64) -> Result<bool, SearchError> {
        let before = self.progress();
        self.trainer.reserve(1.0);
        if !self.trainer.may_go_on() {
            return Ok(false);
        }
        self.confirm()?;
        let own = best(&self.trials(), self.search.loss).map(|t| self.candidates[t.id].mode);
        for only in own.map(Some).into_iter().chain([None]) {
            self.trainer.reserve(1.0);
            self.doubt(only)?;
            self.trainer.reserve(share);
            if self.narrow(only)? {
                break;
            }
        }
        Ok(self.progress() != before)
    }

    /// Halves a few brackets, or settles what is undecided, in all modes or in one: whether there was anything to do.
    fn narrow(&mut self, only: Option<usize>) -> Result<bool, SearchError> {
        let before = self.progress();
        if !self.trainer.may_go_on() {
            return Ok(false);
        }
        let trials = self.trials();
        let (mut unfinished, mut wanted) = (Vec::new(), Vec::new());
        for &margin in self.margins.iter().filter(|&&m| only.is_none() || m == self.search.loss) {
            let main = margin == self.search.loss;
            let best = best(&trials, margin).map_or(1.0, |t| t.ratio);
            for (mode, trials) in trials.iter().enumerate().filter(|m| only.is_none_or(|only| m.0 == only)) {
                for (a, b) in brackets(trials, margin) {
                    let (a, b) = (&trials[a], &trials[b]);
                    let gains = b.ratio > best;
                    if !gains && !main {
                        continue;
                    }
                    unfinished.extend([a, b].into_iter().filter(|t| self.lacks_seeds(t)).map(|t| t.id));
                    let apart = b.ratio / a.ratio > if gains { FINE } else { ROUGH }
                        || !self.modes[mode].is_closed(a.severity, b.severity, Mode::BRACKET);
                    let severity = self.modes[mode].between(a.severity, b.severity).filter(|_| apart);
                    wanted.extend(severity.map(|s| (gains, promise(a, b, margin), mode, s)));
                }
            }
        }
        // What stands beside a bracket has to have all its seeds before the bracket means anything.
        unfinished.sort_unstable();
        unfinished.dedup();
        unfinished.truncate(AT_ONCE);
        self.train(&unfinished)?;
        if self.progress() != before {
            return Ok(true);
        }
        // Those that may lead to a larger ratio first, of them the most promising, and few at a time: what they show changes
        // what is promising next.
        wanted.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)));
        let mut ids = Vec::new();
        for (_, _, mode, severity) in wanted {
            if ids.len() == AT_ONCE {
                break;
            }
            ids.extend(self.candidate(mode, severity).filter(|id| !ids.contains(id)));
        }
        self.train(&ids)?;
        if self.progress() == before {
            self.settle(&trials, only)?;
        }
        Ok(self.progress() != before)
    }

    fn lacks_seeds(&self, t: &Trial) -> bool {
        !t.hopeless && !t.failed && !t.exact && (t.loss.seeds as u64) < self.search.seeds
    }

    /// Fresh seeds for what is about to be recommended.
    fn confirm(&mut self) -> Result<(), SearchError> {
        let trials = self.trials();
        for margin in self.margins.clone() {
            let Some(t) = best(&trials, margin).filter(|t| !t.exact) else { continue };
            let sets = if margin == self.search.loss { sets(t, margin) } else { 2 };
            if (t.loss.seeds as u64) < sets * self.search.seeds {
                self.check(t.id, sets)?;
            }
        }
        Ok(())
    }

    /// Fresh seeds for what is suspicious, in all modes or in one.
    fn doubt(&mut self, only: Option<usize>) -> Result<(), SearchError> {
        for (mode, trials) in self.trials().iter().enumerate() {
            if only.is_none_or(|only| only == mode) {
                for i in suspicious(trials, self.search.loss) {
                    self.check(trials[i].id, 2)?;
                }
            }
        }
        Ok(())
    }

    /// What grows as long as there is something to do.
    fn progress(&self) -> (u64, usize) {
        (self.trainer.trainings(), self.asked.len())
    }

    /// The candidate with this severity, made if need be: what the sweep had no use for, since it brings back the values of a
    /// milder setting, still tells where quality ends. None if it can't be made.
    fn candidate(&mut self, mode: usize, severity: f64) -> Option<usize> {
        let known = self.candidates.iter().position(|c| c.mode == mode && c.severity == severity);
        if known.is_some() || !self.asked.insert((mode, severity.to_bits())) {
            return known;
        }
        let new = candidates::attempt(self.reducer, self.app.arrays(), (mode, &self.modes[mode]), severity);
        self.candidates.push(new.ok()?);
        Some(self.candidates.len() - 1)
    }

    /// Which kind of place this is.
    pub(super) fn kind(&self, mode: usize, trials: &[Trial], drop: &Drop) -> Kind {
        if self.is_cliff(mode, trials, drop) {
            return Kind::Cliff;
        }
        let left = self.left(mode, trials, drop);
        if left.seeds.is_none() && left.gaps.is_empty() { Kind::Slope } else { Kind::Open }
    }

    fn is_cliff(&self, mode: usize, trials: &[Trial], drop: &Drop) -> bool {
        self.modes[mode].is_closed(trials[drop.good].severity, trials[drop.bad].severity, Mode::BRACKET)
    }

    fn left(&self, mode: usize, trials: &[Trial], drop: &Drop) -> Left {
        let sets = |t: &Trial| t.loss.seeds as u64 / self.search.seeds;
        let open: Vec<&Trial> = drop.between(trials).iter().filter(|t| sets(t) < NOISY).collect();
        let seeds = open.get(open.len() / 2).map(|t| (t.id, (2 * sets(t)).clamp(1, NOISY)));
        // Between the ends and what is undecided a cliff may hide, if it is wide; a single gap is a bracket, which is halved.
        let inside = drop.bad - drop.good > 1;
        let gaps = (drop.good..drop.bad)
            .filter(|&i| {
                let end = inside && (i == drop.good || i + 1 == drop.bad);
                let factor = if end { END } else { Mode::BRACKET };
                !self.modes[mode].is_closed(trials[i].severity, trials[i + 1].severity, factor)
            })
            .map(|i| (trials[i].severity, trials[i + 1].severity))
            .collect();
        Left { seeds, gaps }
    }

    /// Narrows what halving can't: of each stretch of undecided settings between an acceptable and an unacceptable one, the
    /// middle one is given more seeds, as long as the sides are further apart than those of a cliff. Where all have
    /// [`NOISY`] sets of seeds, it is closed in on from both sides, and wide gaps inside are halved. In all modes, or only in
    /// one.
    fn settle(&mut self, trials: &[Vec<Trial>], only: Option<usize>) -> Result<(), SearchError> {
        let mut seeds: Vec<(usize, u64)> = Vec::new();
        let mut gaps: Vec<(usize, f64)> = Vec::new();
        let wanted = |mode: &usize| only.is_none_or(|only| only == *mode);
        for (mode, trials) in trials.iter().enumerate().filter(|(mode, _)| wanted(mode)) {
            for drop in drops(trials, self.search.loss) {
                if drop.between(trials).is_empty() || self.is_cliff(mode, trials, &drop) {
                    continue;
                }
                let left = self.left(mode, trials, &drop);
                if let Some(more) = left.seeds {
                    seeds.push(more);
                    continue;
                }
                let severities = left.gaps.iter().filter_map(|&(a, b)| self.modes[mode].between(a, b));
                gaps.extend(severities.map(|s| (mode, s)));
            }
        }
        for (id, sets) in seeds {
            if self.trainer.may_go_on() {
                self.check(id, sets)?;
            }
        }
        for (mode, severity) in gaps {
            if self.trainer.may_go_on()
                && let Some(id) = self.candidate(mode, severity)
            {
                self.train(&[id])?;
            }
        }
        Ok(())
    }
}

/// What a place where quality is lost is called.
pub(super) enum Kind {
    /// Its sides are close.
    Cliff,
    /// Undecided settings lie between, and nothing is left to try that could tell more.
    Slope,
    /// There is something left to try.
    Open,
}

/// What may still tell more of a place where quality is lost.
struct Left {
    /// An undecided setting and the sets of seeds it is due next.
    seeds: Option<(usize, u64)>,
    /// Severities of neighbours that are too far apart.
    gaps: Vec<(f64, f64)>,
}

/// How many sets of seeds a recommendation has to stand on. Where the interval of the loss is wider than the margin, only what
/// seems to be a gain can qualify, which among many settings is mostly luck: that takes more to believe.
fn sets(t: &Trial, margin: f64) -> u64 {
    if t.loss.high - t.loss.mean > margin && t.loss.seeds > 0 { NOISY } else { 2 }
}

/// The ratio at which the loss would reach a margin, if it grew evenly with the ratio's logarithm from one trial to the
/// next; never too close to either, since it need not.
fn promise(a: &Trial, b: &Trial, margin: f64) -> f64 {
    let part = (margin - a.loss.mean) / (b.loss.mean - a.loss.mean);
    let part = if part.is_finite() { part.clamp(0.15, 0.85) } else { 0.15 };
    a.ratio * (b.ratio / a.ratio).powf(part)
}
