//! A study from start to end: which settings to train on, in which order.

use super::candidates::{self, Candidate};
use super::plan::{State, Trial};
use super::study::Study;
use super::trainer::{Trainer, Work};
use super::{MARGINS, Phase, Progress, Search, SearchError};
use crate::apps::Application;
use crate::reduce::{Knob, Mode, Reducer};
use crate::store::Store;
use rayon::prelude::*;
use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use tolzip_core::{Bound, Scope};

/// Settings of each mode to begin with.
const COARSE: usize = 6;
/// Seeds after which a hopeless setting is given up.
const PROBE: u64 = 2;

/// The parts of the budget after which no more settings are scouted that may move the front, and no more of those confirmed,
/// turn by turn,
const HUNT: [(f64, f64); 3] = [(0.5, 0.7), (0.8, 0.88), (0.9, 0.94)];
/// as far as the budget is this many times the seeds, which is enough for most fronts; of what is more this part is theirs,
const FRONT: u64 = 50;
const MORE: f64 = 0.3;
/// the part after which no more coarse settings are begun,
const COARSE_SHARE: f64 = 0.6;
/// and the one after which no bracket is halved: the rest is for checking with fresh seeds what is to be recommended.
const REFINE_SHARE: f64 = 0.85;
/// What is left of that when the checks are done goes to brackets again, but for a few checks more.
const LAST_SHARE: f64 = 0.95;

/// A study at work.
pub(super) struct Running<'a> {
    pub(super) search: &'a Search<'a>,
    pub(super) app: &'a dyn Application,
    pub(super) reducer: &'a dyn Reducer,
    pub(super) modes: Vec<Mode>,
    pub(super) margins: Vec<f64>,
    /// Everything that was compressed, whether it is trained on or not.
    pub(super) candidates: Vec<Candidate>,
    /// Settings asked of the reducer after the sweep: mode and severity.
    pub(super) asked: HashSet<(usize, u64)>,
    pub(super) trainer: Trainer<'a>,
}

pub(super) fn run(search: &Search<'_>) -> Result<Study, SearchError> {
    let start = Instant::now();
    let reducer = search.reducer.unwrap_or(&crate::facade::Tolzip);
    let store = match &search.folder {
        Some(folder) => match search.shard {
            Some(shard) => Store::open_shard(folder, shard)?,
            None => Store::open(&folder.join("store.jsonl"))?,
        },
        None => Store::default(),
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(search.threads)
        .build()
        .map_err(|e| SearchError::Threads(e.to_string()))?;
    let mut margins = MARGINS.to_vec();
    if !margins.contains(&search.loss) {
        margins.push(search.loss);
        margins.sort_by(f64::total_cmp);
    }
    let mut work = Running {
        app: search.app,
        reducer,
        modes: modes(search, reducer),
        margins,
        candidates: Vec::new(),
        asked: HashSet::new(),
        trainer: Trainer::new((search.app, reducer), pool, store, (search.budget, start), &search.progress)
            .shard(search.shard.filter(|_| search.folder.is_some())),
        search,
    };
    work.sweep()?;
    work.baseline()?;
    if search.grid.is_some() {
        let all: Vec<usize> = (0..work.candidates.len()).collect();
        work.train_all(&all)?;
        return work.finish(start);
    }
    let part = hunted(search);
    work.hunt(&HUNT.map(|(scouting, confirming)| (part * scouting, part * confirming)))?;
    // The second time around there may be budget left for coarse settings that the first had to leave out.
    for (coarse, refine) in [(COARSE_SHARE, REFINE_SHARE), (REFINE_SHARE, LAST_SHARE)] {
        work.coarse(coarse)?;
        while work.refine(refine)? {}
    }
    work.finish(start)
}

/// The part of the budget that the front may have.
fn hunted(search: &Search<'_>) -> f64 {
    let Some(budget) = search.budget.trainings else { return 2.0 * MORE };
    let enough = (FRONT * search.seeds) as f64;
    let budget = budget.max(1) as f64;
    ((enough + MORE * (budget - enough)) / budget).min(1.0)
}

/// The modes that the user wants.
fn modes(search: &Search<'_>, reducer: &dyn Reducer) -> Vec<Mode> {
    let Some(first) = search.app.arrays().first() else { return Vec::new() };
    let scopes = search.scopes.clone().unwrap_or_else(|| search.app.scopes());
    let mut modes = reducer.modes(first.array.dtype(), first.array.shape().ndim(), &scopes);
    if !search.app.takes_samples() {
        modes.retain(|m| !m.method.starts_with("sample"));
    }
    if search.methods.is_none() {
        // What chooses among the others only repeats them.
        modes.retain(|m| m.method != "auto");
    }
    // A goal of the whole array (a PSNR, a root mean square error, a ratio) is reached by some absolute bound: the same points
    // again, for those who ask for that mode.
    let goal = |m: &Mode| matches!(m.knob, Knob::Bound(Bound::Psnr(_) | Bound::L2(_) | Bound::Ratio(_), _));
    modes.retain(|m| !goal(m) || search.methods.iter().flatten().any(|w| *w == m.label()));
    if let Some(wanted) = &search.methods {
        let family = |m: &Mode| m.method.split(':').next().unwrap_or_default().to_owned();
        modes.retain(|m| wanted.iter().any(|w| *w == m.method || *w == m.label() || *w == family(m)));
    }
    modes
}

impl Running<'_> {
    /// What it all says, written to the folder.
    fn finish(&self, start: Instant) -> Result<Study, SearchError> {
        let mut study = self.study();
        study.provenance.seconds = start.elapsed().as_secs_f64();
        // The trainings are over: nothing of ours disturbs the clock. Shards would disturb each other.
        if self.search.shard.is_none() {
            study.speeds = self.speeds(&study.outcome);
        }
        // Shards would write over each other; the study is made when their trainings are merged.
        study.warnings.extend(self.trainer.trouble());
        if let (Some(folder), None) = (&self.search.folder, self.search.shard)
            && let Err(e) = study.save(folder)
        {
            study.warnings.push(format!("{}: {e}", folder.join("search.json").display()));
        }
        Ok(study)
    }

    /// Step 1: compression alone.
    fn sweep(&mut self) -> Result<(), SearchError> {
        let range = self.app.arrays().iter().map(|a| value_range(&a.array)).fold(0.0, f64::max);
        let jobs: Vec<(usize, f64)> = (0..self.modes.len())
            .flat_map(|m| {
                let sweep = self.modes[m].sweep(range);
                let picked = match self.search.grid {
                    None => (0..sweep.len()).collect(),
                    Some(n) => candidates::spread(sweep.len(), n),
                };
                picked.into_iter().map(move |k| (m, sweep[k])).collect::<Vec<_>>()
            })
            .collect();
        let done = AtomicU64::new(0);
        let this = &*self;
        let tried: Vec<Option<Candidate>> = this.trainer.pool().install(|| {
            jobs.par_iter()
                .map(|&(m, severity)| {
                    let tried =
                        candidates::attempt(this.reducer, this.app.arrays(), (m, &this.modes[m]), severity)
                            .ok();
                    let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                    (this.search.progress)(&Progress {
                        phase: Phase::Sweep,
                        done,
                        total: Some(jobs.len() as u64),
                    });
                    tried
                })
                .collect()
        });
        let exact = tried.iter().flatten().filter(|c| c.content == self.trainer.raw()).map(|c| c.bytes).min();
        for mode in 0..self.modes.len() {
            let of_mode: Vec<Candidate> =
                tried.iter().flatten().filter(|c| c.mode == mode).cloned().collect();
            if self.search.grid.is_some() {
                self.candidates.extend(of_mode);
                continue;
            }
            let mut kept = candidates::prune(of_mode);
            if kept.len() > 1 {
                // What is larger than a bit-exact stream is dominated by it, at no error.
                kept.retain(|c| exact.is_none_or(|bytes| c.bytes < bytes));
            }
            self.candidates.extend(kept);
        }
        if self.candidates.is_empty() { Err(SearchError::NoMethod) } else { Ok(()) }
    }

    /// Step 2: the quality to hold.
    fn baseline(&mut self) -> Result<(), SearchError> {
        let jobs: Vec<_> = (0..self.search.seeds).map(|seed| (self.raw(), seed)).collect();
        self.trainer.train(&jobs)?;
        let results = self.trainer.results(self.trainer.raw());
        if let Some((_, Err(failure))) = results.iter().find(|(_, r)| r.is_err()) {
            return Err(SearchError::Baseline((*failure).clone()));
        }
        if (results.len() as u64) < self.search.seeds { Err(SearchError::Budget) } else { Ok(()) }
    }

    /// After the hunt: a few settings of every mode. All modes get their first before any gets its second, so that a small
    /// budget leaves none out.
    fn coarse(&mut self, share: f64) -> Result<(), SearchError> {
        self.trainer.reserve(share);
        let per_mode: Vec<Vec<usize>> = (0..self.modes.len())
            .map(|mode| {
                let mut ids: Vec<usize> =
                    (0..self.candidates.len()).filter(|&i| self.candidates[i].mode == mode).collect();
                ids.sort_by(|&a, &b| self.candidates[a].severity.total_cmp(&self.candidates[b].severity));
                candidates::spread(ids.len(), COARSE).into_iter().map(|k| ids[k]).collect()
            })
            .collect();
        for rank in 0..COARSE {
            let trials = self.trials();
            let ids: Vec<usize> = per_mode
                .iter()
                .filter_map(|ids| ids.get(rank))
                .copied()
                .filter(|&id| {
                    let c = &self.candidates[id];
                    !lost(&trials[c.mode], c.severity) && (rank < 3 || !self.repeats(c.mode))
                })
                .collect();
            self.train(&ids)?;
        }
        Ok(())
    }

    /// Trains on some candidates with a few seeds, and with the rest of the seeds unless that showed them to be lost.
    pub(super) fn train(&mut self, ids: &[usize]) -> Result<(), SearchError> {
        let jobs = |this: &Self, ids: &[usize], from: u64, to: u64| -> Vec<(Work, u64)> {
            ids.iter()
                .flat_map(|&id| (from..to).map(move |seed| (id, seed)))
                .map(|(id, s)| (this.work(id), s))
                .collect()
        };
        let seeds = self.search.seeds;
        self.trainer.train(&jobs(self, ids, 0, PROBE.min(seeds)))?;
        let step = self.trainer.step();
        let left: Vec<usize> = ids.iter().copied().filter(|&id| !self.hopeless(id, step)).collect();
        self.trainer.train(&jobs(self, &left, PROBE.min(seeds), seeds))
    }

    /// Seeds of a scout: one, where that alone tells a loss that counts from none.
    fn scouts(&self) -> u64 {
        let clear = 4.0 * self.trainer.spread() < self.margins.iter().copied().fold(0.0, f64::max);
        if clear { 1 } else { PROBE.min(self.search.seeds) }
    }

    /// Trains on some candidates with a few seeds only.
    pub(super) fn scout(&mut self, ids: &[usize]) -> Result<(), SearchError> {
        let seeds = 0..self.scouts();
        let pairs = ids.iter().flat_map(|&id| seeds.clone().map(move |seed| (id, seed)));
        let jobs: Vec<(Work, u64)> = pairs.map(|(id, seed)| (self.work(id), seed)).collect();
        self.trainer.train(&jobs)
    }

    /// Trains on all of these with all seeds.
    fn train_all(&mut self, ids: &[usize]) -> Result<(), SearchError> {
        self.trainer.reserve(1.0);
        let seeds = 0..self.search.seeds;
        let jobs: Vec<(Work, u64)> = ids
            .iter()
            .flat_map(|&id| seeds.clone().map(move |s| (id, s)))
            .map(|(id, s)| (self.work(id), s))
            .collect();
        self.trainer.train(&jobs)
    }

    /// Whether a mode is that of an absolute bound beside one relative to the range of the whole array: the same errors
    /// in other words, so that three settings are enough to show it.
    fn repeats(&self, mode: usize) -> bool {
        let Mode { method, knob } = &self.modes[mode];
        let relative = Mode { method: method.clone(), knob: Knob::Bound(Bound::Rel(0.0), Scope::Whole) };
        matches!(knob, Knob::Bound(Bound::Abs(_), _)) && self.modes.contains(&relative)
    }

    pub(super) fn raw(&self) -> Work {
        Work { content: self.trainer.raw().into(), setting: None }
    }

    pub(super) fn work(&self, id: usize) -> Work {
        let c = &self.candidates[id];
        Work { content: c.content.clone(), setting: Some(c.setting.clone()) }
    }

    /// Whether a candidate is so far from any margin that more seeds would be wasted.
    pub(super) fn hopeless(&self, id: usize, step: f64) -> bool {
        let far = 3.0 * self.margins[self.margins.len() - 1] + 6.0 * self.trainer.spread();
        self.trainer
            .loss(&self.candidates[id].content, 0, step)
            .is_some_and(|l| l.seeds as u64 >= PROBE && l.mean > far)
    }

    /// What was trained on, by mode, mild to severe.
    pub(super) fn trials(&self) -> Vec<Vec<Trial>> {
        let step = self.trainer.step();
        let mut all = vec![Vec::new(); self.modes.len()];
        for (id, c) in self.candidates.iter().enumerate() {
            let results = self.trainer.results(&c.content);
            let failed = results.iter().any(|(_, r)| r.is_err());
            let Some(loss) = self.trainer.loss(&c.content, 0, step).or_else(|| {
                let nan = super::trainer::Loss { mean: f64::NAN, low: f64::NAN, high: f64::NAN, seeds: 0 };
                failed.then_some(nan)
            }) else {
                continue;
            };
            // A budget that ended in between leaves too few seeds to say anything.
            if !failed && (loss.seeds as u64) < PROBE {
                continue;
            }
            all[c.mode].push(Trial {
                id,
                severity: c.severity,
                ratio: c.ratio,
                fresh: self.trainer.loss(&c.content, self.search.seeds, step).filter(|l| l.seeds >= 3),
                hopeless: self.hopeless(id, step),
                exact: c.content == self.trainer.raw(),
                loss,
                failed,
            });
        }
        for trials in &mut all {
            trials.sort_by(|a, b| a.severity.total_cmp(&b.severity));
        }
        all
    }
}

/// Whether the nearest trials on both sides of a severity are so bad that nothing is to be expected between them.
fn lost(trials: &[Trial], severity: f64) -> bool {
    let milder = trials.iter().rev().find(|t| t.severity < severity);
    let worse = trials.iter().find(|t| t.severity > severity);
    milder.is_some_and(|t| t.hopeless) && worse.is_some_and(|t| t.hopeless)
}

/// The good trial of the largest ratio.
pub(super) fn best(trials: &[Vec<Trial>], margin: f64) -> Option<&Trial> {
    trials
        .iter()
        .flatten()
        .filter(|t| t.ratio > 1.0 && t.state(margin) == State::Good)
        .max_by(|a, b| a.ratio.total_cmp(&b.ratio))
}

/// Largest minus smallest finite value.
fn value_range(array: &tolzip_core::AnyArray) -> f64 {
    let values = crate::metrics::to_f64(array);
    let finite = || values.iter().copied().filter(|v| v.is_finite());
    let range = finite().fold(f64::NEG_INFINITY, f64::max) - finite().fold(f64::INFINITY, f64::min);
    if range > 0.0 && range.is_finite() { range } else { 0.0 }
}
