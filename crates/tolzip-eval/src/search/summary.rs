//! What the trainings of a study say.

use super::candidates::Candidate;
use super::front::{Place, Standing, places};
use super::narrow::Kind;
use super::outcome::{
    Baseline, Edge, FailedTraining, Fall, Outcome, Point, Quality, Recommendation, Refusal,
};
use super::plan::{Drop, State, Trial, drops};
use super::run::{Running, best};
use super::study::{Provenance, Study, SweepPoint};
use crate::metrics::Fidelity;
use crate::reduce::Setting;
use rayon::prelude::*;

impl Running<'_> {
    /// Step 4: what it all says.
    pub(super) fn study(&self) -> Study {
        let trials = self.trials();
        let points = self.points(&trials);
        let mut front: Vec<Point> = points.iter().filter(|p| p.on_front).cloned().collect();
        front.sort_by(|a, b| a.ratio.total_cmp(&b.ratio));
        let (recommendations, refusals) = self.recommend(&trials);
        let base = self.trainer.baseline();
        let mean = base.iter().sum::<f64>() / base.len() as f64;
        let (mut cliffs, mut slopes, mut open) = (Vec::new(), Vec::new(), Vec::new());
        for (kind, fall) in self.falls(&trials) {
            match kind {
                Kind::Cliff => cliffs.push(fall),
                Kind::Slope => slopes.push(fall),
                Kind::Open => open.push(fall),
            }
        }
        let outcome = Outcome {
            baseline: Baseline { mean, std: super::stats::deviation(&base, mean), seeds: base.len() as u64 },
            trainings: self.trainer.trainings(),
            cliffs,
            slopes,
            open,
            failures: self.failures(&trials),
            points,
            front,
            recommendations,
            refusals,
        };
        let mut sweep: Vec<&Candidate> = self.candidates.iter().collect();
        sweep.sort_by(|a, b| {
            (a.mode, a.severity).partial_cmp(&(b.mode, b.severity)).unwrap_or(std::cmp::Ordering::Equal)
        });
        let pictures = crate::report::pictures(self.app, self.reducer, &outcome);
        Study {
            provenance: Provenance {
                app: self.app.id().into(),
                summary: self.app.summary().into(),
                data: self.app.data().into(),
                model: self.app.model().into(),
                metric: self.app.metric().into(),
                maximize: self.app.maximize(),
                arrays: self
                    .app
                    .arrays()
                    .iter()
                    .map(|a| format!("{}: {} {}", a.name, a.array.dtype(), a.array.shape()))
                    .collect(),
                keep: self.app.arrays().first().map(|a| a.exact.clone()).unwrap_or_default(),
                data_sha256: self.trainer.raw().into(),
                reducer: self.reducer.name(),
                seeds: self.search.seeds,
                loss: self.search.loss,
                command: self.search.command.clone(),
                machine: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
                seconds: 0.0,
            },
            sweep: sweep
                .into_iter()
                .map(|c| SweepPoint {
                    mode: self.modes[c.mode].label(),
                    method: c.setting.method.clone(),
                    bound: c.setting.bound.clone(),
                    ratio: c.ratio,
                })
                .collect(),
            outcome,
            pictures,
            speeds: Vec::new(),
            warnings: Vec::new(),
        }
    }

    fn points(&self, trials: &[Vec<Trial>]) -> Vec<Point> {
        let main = self.search.loss;
        let whole: Vec<(&Trial, bool)> = trials
            .iter()
            .flat_map(|mode| {
                let drops = drops(mode, main);
                mode.iter().enumerate().map(move |(i, t)| {
                    let behind = |d: &Drop| {
                        d.recovers && i >= d.bad && mode[i..].iter().any(|t| t.state(main) == State::Good)
                    };
                    (t, t.state(main) == State::Bad && drops.iter().any(behind))
                })
            })
            .filter(|(t, _)| t.loss.seeds > 0)
            .collect();
        let standings: Vec<Standing> = whole
            .iter()
            .map(|(t, _)| Standing { ratio: t.ratio, loss: t.loss.mean, low: t.loss.low, high: t.loss.high })
            .collect();
        let base = self.trainer.baseline();
        let mean = base.iter().sum::<f64>() / base.len() as f64;
        let sign = if self.app.maximize() { -1.0 } else { 1.0 };
        let quality = |loss: f64| mean + sign * loss * self.trainer.unit();
        let fidelity: Vec<Option<Fidelity>> = self
            .trainer
            .pool()
            .install(|| whole.par_iter().map(|(t, _)| self.fidelity(&self.candidates[t.id])).collect());
        whole
            .iter()
            .zip(self.places(&standings, &whole.iter().map(|(t, _)| *t).collect::<Vec<_>>()))
            .zip(fidelity)
            .map(|((&(t, dip), place), fidelity)| {
                let c = &self.candidates[t.id];
                let (a, b) = (quality(t.loss.low), quality(t.loss.high));
                let noise = !t.exact && t.loss.low <= 0.0 && t.loss.high >= 0.0;
                let flags = [
                    ("exact", t.exact),
                    ("within_noise", noise),
                    ("acceptable", t.state(main) == State::Good),
                    ("unacceptable", t.state(main) == State::Bad),
                    ("non_monotonic", dip),
                    ("few_seeds", (t.loss.seeds as u64) < self.search.seeds),
                    ("failed", t.failed),
                    ("tie", place == Place::Tie),
                ];
                Point {
                    method: c.setting.method.clone(),
                    bound: c.setting.bound.clone(),
                    mode: self.modes[c.mode].label(),
                    ratio: t.ratio,
                    quality: Quality { mean: quality(t.loss.mean), low: a.min(b), high: a.max(b) },
                    loss: t.loss.mean,
                    loss_low: t.loss.low,
                    loss_high: t.loss.high,
                    seeds: t.loss.seeds as u64,
                    fidelity,
                    on_front: place != Place::Dominated,
                    flags: flags.iter().filter(|f| f.1).map(|f| f.0.to_owned()).collect(),
                }
            })
            .collect()
    }

    /// Places among the points that have all their seeds: two seeds may make anything look good.
    fn places(&self, standings: &[Standing], trials: &[&Trial]) -> Vec<Place> {
        // Of settings that bring back the same values only the smallest stream counts.
        let same = |i: usize| &self.candidates[trials[i].id].content;
        let beaten = |i: usize| {
            (0..trials.len()).any(|k| same(k) == same(i) && (standings[k].ratio, i) > (standings[i].ratio, k))
        };
        let known: Vec<usize> = (0..trials.len())
            .filter(|&i| trials[i].exact || trials[i].loss.seeds as u64 >= self.search.seeds)
            .filter(|&i| !beaten(i))
            .collect();
        let found = places(&known.iter().map(|&i| standings[i]).collect::<Vec<_>>());
        let mut all = vec![Place::Dominated; trials.len()];
        for (i, place) in known.into_iter().zip(found) {
            all[i] = place;
        }
        all
    }

    /// All that can be said of how far the first array is from the original.
    fn fidelity(&self, c: &Candidate) -> Option<Fidelity> {
        c.fidelity.as_ref()?;
        let arrays = self.app.arrays().get(..1)?;
        let (_, parts) = super::candidates::parts(self.reducer, arrays, &c.setting).ok()?;
        Fidelity::full(&arrays[0].array, &parts[0].array).ok()
    }

    /// Where quality is lost, and what each place is called.
    fn falls(&self, trials: &[Vec<Trial>]) -> Vec<(Kind, Fall)> {
        let edge = |t: &Trial| {
            let Setting { method, bound } = self.candidates[t.id].setting.clone();
            let loss = Some(t.loss.mean).filter(|l| l.is_finite());
            let undecided = t.state(self.search.loss) == State::Unclear;
            Edge { method, bound, ratio: t.ratio, loss, undecided }
        };
        let of_mode = |(mode, trials): (usize, &Vec<Trial>)| -> Vec<(Kind, Fall)> {
            let fall = |drop: Drop| Fall {
                mode: self.modes[mode].label(),
                loss: self.search.loss,
                last_acceptable: edge(&trials[drop.good]),
                first_unacceptable: edge(&trials[drop.bad]),
                recovers: drop.recovers,
            };
            let drops = drops(trials, self.search.loss).into_iter();
            drops.map(|drop| (self.kind(mode, trials, &drop), fall(drop))).collect()
        };
        trials.iter().enumerate().flat_map(of_mode).collect()
    }

    fn failures(&self, trials: &[Vec<Trial>]) -> Vec<FailedTraining> {
        let failed = trials.iter().flatten().filter(|t| t.failed);
        failed
            .flat_map(|t| {
                let c = &self.candidates[t.id];
                self.trainer.results(&c.content).into_iter().filter_map(|(seed, r)| {
                    let failure = r.as_ref().err()?;
                    let Setting { method, bound } = c.setting.clone();
                    Some(FailedTraining {
                        method,
                        bound,
                        seed,
                        message: failure.message.clone(),
                        output: failure.output.clone(),
                    })
                })
            })
            .collect()
    }

    fn recommend(&self, trials: &[Vec<Trial>]) -> (Vec<Recommendation>, Vec<Refusal>) {
        let (mut yes, mut no) = (Vec::new(), Vec::new());
        let metric = self.app.metric();
        for &loss in &self.margins {
            let Some(t) = best(trials, loss) else {
                no.push(Refusal { loss, reason: self.refusal(trials, loss) });
                continue;
            };
            let Setting { method, bound } = self.candidates[t.id].setting.clone();
            // Adding 0 makes a rounded -0 positive.
            let percent = |v: f64| format!("{:.2} %", (10_000.0 * v).round() / 100.0 + 0.0);
            let statement = if t.exact {
                format!(
                    "{:.2} times smaller, and every value comes back as it was: nothing lossy is shown to cost at most {} of {metric}.",
                    t.ratio,
                    percent(loss)
                )
            } else {
                format!(
                    "{:.2} times smaller. Over {} paired seeds the loss of {metric} is {} (95 % interval {} to {}; below zero is better): not inferior to the baseline by more than {}.",
                    t.ratio,
                    t.loss.seeds,
                    percent(t.loss.mean),
                    percent(t.loss.low),
                    percent(t.loss.high),
                    percent(loss)
                )
            };
            let (loss_high, seeds) = (t.loss.high, t.loss.seeds as u64);
            yes.push(Recommendation { loss, method, bound, ratio: t.ratio, loss_high, seeds, statement });
        }
        (yes, no)
    }

    /// Why nothing qualifies: noise, or real loss everywhere.
    fn refusal(&self, trials: &[Vec<Trial>], margin: f64) -> String {
        let narrowest = trials
            .iter()
            .flatten()
            .filter(|t| t.state(margin) == State::Unclear)
            .map(|t| (t.loss.high - t.loss.mean, t.loss.seeds))
            .min_by(|a, b| a.0.total_cmp(&b.0));
        match narrowest {
            None => "every setting that was tried loses more".into(),
            Some((half, seeds)) => {
                // The half-width falls with the root of the number of seeds.
                let needed = (seeds as f64 * (half / margin).powi(2)).ceil().max(seeds as f64 + 1.0);
                format!(
                    "the model's own spread hides it: with {seeds} paired seeds the loss is known to +-{:.2} % at best; about {needed} would be needed",
                    100.0 * half
                )
            }
        }
    }
}
