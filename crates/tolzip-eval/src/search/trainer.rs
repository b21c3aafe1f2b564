//! Runs trainings: several at once, none twice, none beyond the budget.

use super::candidates;
use super::speeds::Speed;
use super::stats::{deviation, interval, resolution};
use super::{Budget, Phase, Progress, SearchError};
use crate::apps::{Application, Failure, Part};
use crate::reduce::{Reducer, Setting};
use crate::store::{self, Record, Shard, Store};
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Something to train on: what comes back, and how to get it again (`None` for the data as they are).
#[derive(Clone, Debug)]
pub(super) struct Work {
    pub(super) content: String,
    pub(super) setting: Option<Setting>,
}

/// Loss against the baseline over the seeds that both have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Loss {
    pub(super) mean: f64,
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) seeds: usize,
}

pub(super) struct Trainer<'a> {
    app: &'a dyn Application,
    reducer: &'a dyn Reducer,
    pool: rayon::ThreadPool,
    store: Mutex<Store>,
    budget: Budget,
    start: Instant,
    report: &'a (dyn Fn(&Progress) + Sync),
    /// Results by content, then seed.
    results: HashMap<String, HashMap<u64, Result<f64, Failure>>>,
    /// Content of the data as they are.
    raw: String,
    trainings: u64,
    /// The part of the budget that may be used up now.
    share: f64,
    shard: Option<Shard>,
    patience: Patience,
}

/// How long a shard waits for what the others train.
#[derive(Debug, Default)]
struct Patience {
    /// The others were waited for in vain, and nothing has come from them since: a search whose other shards are gone must
    /// not stand still a minute a round.
    alone: AtomicBool,
}

impl Patience {
    /// Whether to wait no longer: `waited` since the last news, after an own part that took `own`.
    fn is_over(&self, news: bool, waited: Duration, own: Duration) -> bool {
        if news {
            self.alone.store(false, Ordering::Relaxed);
            return false;
        }
        let over = self.alone.load(Ordering::Relaxed) || waited > (10 * own).max(Duration::from_secs(60));
        self.alone.store(over, Ordering::Relaxed);
        over
    }
}

impl<'a> Trainer<'a> {
    pub(super) fn new(
        (app, reducer): (&'a dyn Application, &'a dyn Reducer),
        pool: rayon::ThreadPool,
        store: Store,
        (budget, start): (Budget, Instant),
        report: &'a (dyn Fn(&Progress) + Sync),
    ) -> Self {
        let raw: Vec<Part> = app.arrays().iter().map(Part::from).collect();
        Self {
            app,
            reducer,
            pool,
            store: Mutex::new(store),
            budget,
            start,
            report,
            results: HashMap::new(),
            raw: store::content(&raw),
            trainings: 0,
            share: 1.0,
            shard: None,
            patience: Patience::default(),
        }
    }

    /// Trains only a part of each round, and waits for the others to do theirs.
    pub(super) fn shard(mut self, shard: Option<Shard>) -> Self {
        self.shard = shard;
        self
    }

    /// Lets only a part of the budget be used up, until told otherwise: what comes later needs the rest.
    pub(super) fn reserve(&mut self, share: f64) {
        self.share = share;
    }

    pub(super) fn pool(&self) -> &rayon::ThreadPool {
        &self.pool
    }

    pub(super) fn raw(&self) -> &str {
        &self.raw
    }

    pub(super) fn trainings(&self) -> u64 {
        self.trainings
    }

    /// Whether another training may begin.
    pub(super) fn may_go_on(&self) -> bool {
        self.left() > 0 && self.in_time()
    }

    fn left(&self) -> u64 {
        let part = |b: u64| (b as f64 * self.share) as u64;
        self.budget.trainings.map_or(u64::MAX, |b| part(b).saturating_sub(self.trainings))
    }

    fn in_time(&self) -> bool {
        self.budget.seconds.is_none_or(|s| self.start.elapsed().as_secs_f64() < s * self.share)
    }

    /// Trains on each work with each seed, in this order of importance, as far as the budget goes. Which trainings are
    /// done depends on the order only, not on the number of threads (unless the budget is one of time).
    pub(super) fn train(&mut self, jobs: &[(Work, u64)]) -> Result<(), SearchError> {
        let mut todo: Vec<(&Work, Vec<u64>)> = Vec::new();
        let mut chosen = HashSet::new();
        let mut left = self.left();
        for (work, seed) in jobs {
            let done = self.results.get(&work.content).is_some_and(|r| r.contains_key(seed));
            if done || left == 0 || !chosen.insert((&work.content, seed)) {
                continue;
            }
            left -= 1;
            match todo.iter_mut().find(|(w, _)| w.content == work.content) {
                Some((_, seeds)) => seeds.push(*seed),
                None => todo.push((work, vec![*seed])),
            }
        }
        let done = AtomicU64::new(0);
        let this = &*self;
        let run = |todo: &[(&Work, Vec<u64>)]| -> io::Result<Vec<Vec<Option<Record>>>> {
            this.pool
                .install(|| todo.par_iter().map(|(work, seeds)| this.train_one(work, seeds, &done)).collect())
        };
        if let Some(shard) = this.shard {
            let mut number = 0;
            let mut mine = todo.clone();
            for (_, seeds) in &mut mine {
                seeds.retain(|_| {
                    number += 1;
                    (number - 1) % shard.count == shard.index
                });
            }
            mine.retain(|(_, seeds)| !seeds.is_empty());
            let begin = Instant::now();
            run(&mine)?;
            this.await_others(&todo, begin.elapsed())?;
        }
        // What the other shards have done is known by now, and what they have not is done here.
        let found = run(&todo)?;
        for ((work, _), records) in todo.iter().zip(found) {
            for record in records.into_iter().flatten() {
                self.trainings += 1;
                self.results.entry(work.content.clone()).or_default().insert(record.seed, record.result());
            }
        }
        Ok(())
    }

    /// Waits until the store has all of these trainings, or nothing new has come for ten times as long as this shard's own
    /// part took, at least a minute, and not again before something comes.
    fn await_others(&self, todo: &[(&Work, Vec<u64>)], own: Duration) -> io::Result<()> {
        let mut last = Instant::now();
        loop {
            let mut store = self.store.lock().unwrap_or_else(|e| e.into_inner());
            let news = store.refresh()?;
            let key = |work: &Work, seed| store::key(&self.app.fingerprint(), &work.content, seed);
            let complete =
                todo.iter().all(|(work, seeds)| seeds.iter().all(|&s| store.get(&key(work, s)).is_some()));
            drop(store);
            if news {
                last = Instant::now();
            }
            let over = self.patience.is_over(news, last.elapsed(), own);
            if complete || over || !self.in_time() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Decompresses once, trains with every seed.
    fn train_one(&self, work: &Work, seeds: &[u64], done: &AtomicU64) -> io::Result<Vec<Option<Record>>> {
        let key = |seed| store::key(&self.app.fingerprint(), &work.content, seed);
        let known = |seed| self.store.lock().unwrap_or_else(|e| e.into_inner()).get(&key(seed)).cloned();
        let report = || {
            (self.report)(&Progress {
                phase: Phase::Train,
                done: self.trainings + done.fetch_add(1, Ordering::Relaxed) + 1,
                total: self.budget.trainings,
            });
        };
        // Nothing is decompressed if all is known.
        let parts = match seeds.iter().all(|&s| known(s).is_some()) || !self.in_time() {
            true => Ok(Vec::new()),
            false => match &work.setting {
                None => Ok(self.app.arrays().iter().map(Part::from).collect()),
                Some(setting) => {
                    candidates::parts(self.reducer, self.app.arrays(), setting).map(|(_, parts)| parts)
                }
            },
        };
        seeds
            .par_iter()
            .map(|&seed| {
                if let Some(record) = known(seed) {
                    report();
                    return Ok(Some(record));
                }
                if !self.in_time() {
                    return Ok(None);
                }
                let begin = Instant::now();
                let result = match &parts {
                    Err(message) => Err(Failure::new(message.clone())),
                    Ok(parts) => self.app.train(parts, seed).and_then(|q| {
                        if q.is_finite() { Ok(q) } else { Err(Failure::new(format!("quality is {q}"))) }
                    }),
                };
                let failure = result.as_ref().err();
                let record = Record {
                    key: key(seed),
                    app: self.app.id().into(),
                    setting: work.setting.clone(),
                    seed,
                    quality: result.as_ref().ok().copied(),
                    seconds: begin.elapsed().as_secs_f64(),
                    error: failure.map(|f| f.message.clone()).unwrap_or_default(),
                    output: failure.map(|f| f.output.clone()).unwrap_or_default(),
                };
                self.store.lock().unwrap_or_else(|e| e.into_inner()).put(record.clone());
                report();
                Ok(Some(record))
            })
            .collect()
    }

    /// The speed that the store has under this key, or the one measured now.
    pub(super) fn speed(&self, key: &str, measure: impl FnOnce() -> Option<Speed>) -> Option<Speed> {
        let store = || self.store.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(speed) = store().speed(key) {
            return Some(speed.clone());
        }
        let speed = measure()?;
        store().put_speed(speed.clone());
        Some(speed)
    }

    /// What kept trainings from being stored, if anything did.
    pub(super) fn trouble(&self) -> Option<String> {
        self.store.lock().unwrap_or_else(|e| e.into_inner()).trouble()
    }

    /// The results for some data, in the order of the seeds.
    pub(super) fn results(&self, content: &str) -> Vec<(u64, &Result<f64, Failure>)> {
        let mut all: Vec<_> =
            self.results.get(content).into_iter().flatten().map(|(&seed, result)| (seed, result)).collect();
        all.sort_by_key(|&(seed, _)| seed);
        all
    }

    /// Qualities of the baseline, in the order of the seeds.
    pub(super) fn baseline(&self) -> Vec<f64> {
        self.results(&self.raw).into_iter().filter_map(|(_, r)| r.as_ref().ok().copied()).collect()
    }

    /// What losses are relative to.
    pub(super) fn unit(&self) -> f64 {
        let all = self.baseline();
        let mean = all.iter().sum::<f64>().abs() / all.len() as f64;
        if mean > 0.0 && mean.is_finite() { mean } else { 1.0 }
    }

    /// Standard deviation of the baseline over the seeds, relative to its mean.
    pub(super) fn spread(&self) -> f64 {
        let all = self.baseline();
        deviation(&all, all.iter().sum::<f64>() / all.len() as f64) / self.unit()
    }

    /// Smallest step of the metric that was seen, relative to the baseline's mean.
    pub(super) fn step(&self) -> f64 {
        if self.app.deterministic() {
            return 0.0;
        }
        resolution(self.results.values().flat_map(HashMap::values).filter_map(|r| r.as_ref().ok().copied()))
            / self.unit()
    }

    /// Relative loss against the baseline with the same seed, over the seeds from `from` on. `step` is
    /// [`step`](Self::step), which costs a pass over all results. `None` without a common seed.
    pub(super) fn loss(&self, content: &str, from: u64, step: f64) -> Option<Loss> {
        let base = self.results.get(&self.raw)?;
        let sign = if self.app.maximize() { 1.0 } else { -1.0 };
        let unit = self.unit();
        let losses: Vec<f64> = self
            .results(content)
            .into_iter()
            .filter(|&(seed, _)| seed >= from)
            .filter_map(|(seed, r)| Some(sign * (base.get(&seed)?.as_ref().ok()? - r.as_ref().ok()?) / unit))
            .collect();
        if losses.is_empty() {
            return None;
        }
        // The same data give the same model; otherwise each of the two qualities is rounded to a step, which by itself
        // makes a deviation of step / sqrt(12) in each.
        let floor = if content == self.raw { 0.0 } else { step / 6f64.sqrt() };
        let (mean, half) = interval(&losses, floor);
        let half = if content == self.raw { 0.0 } else { half };
        Some(Loss { mean, low: mean - half, high: mean + half, seeds: losses.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_that_are_gone_are_waited_for_once() {
        let patience = Patience::default();
        let [none, soon, long] = [0, 30, 61].map(Duration::from_secs);
        assert!(!patience.is_over(false, soon, none));
        // Ten times the own part, where that is more than a minute.
        assert!(!patience.is_over(false, long, Duration::from_secs(7)));
        assert!(patience.is_over(false, long, none));
        // The next rounds do not wait, until one of the others is back.
        assert!(patience.is_over(false, none, none) && patience.is_over(false, none, none));
        assert!(!patience.is_over(true, none, none));
        assert!(!patience.is_over(false, soon, none));
    }
}
