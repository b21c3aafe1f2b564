//! Searches on applications whose truth is known.

use super::*;
use crate::apps::{Part, Recorded, TrainingArray};
use crate::reduce::{Knob, Mode, Reduced, Setting};
use std::sync::atomic::{AtomicU64, Ordering};
use tolzip_core::{AnyArray, Array, Bound, DType, Scope, Shape};

/// Rounds to multiples of twice the bound, and costs the bits of the largest multiple for each value.
struct Rounding;

impl Reducer for Rounding {
    fn name(&self) -> String {
        "rounding".into()
    }
    fn modes(&self, _: DType, _: usize, scopes: &[Scope]) -> Vec<Mode> {
        let bound = |kind, scope| Mode { method: "round".into(), knob: Knob::Bound(kind, scope) };
        let mut modes =
            vec![Mode { method: "copy".into(), knob: Knob::Fixed(Bound::Lossless, Scope::Whole) }];
        modes.extend(scopes.iter().map(|&s| bound(Bound::Rel(0.0), s)));
        modes
    }
    fn reduce(&self, array: &AnyArray, setting: &Setting) -> Result<Reduced, String> {
        let AnyArray::F64(a) = array else { return Err("f64 only".into()) };
        let Some(Bound::Rel(e)) = setting.bound.bound() else {
            return Ok(Reduced { bytes: array.byte_len(), array: array.clone(), rows: None });
        };
        let values: Vec<f64> = a.values().iter().map(|v| (v / (2.0 * e)).round() * 2.0 * e).collect();
        let bits = (1.0 / e).log2().max(0.25);
        let bytes = (values.len() as f64 * bits / 8.0).ceil() as u64;
        Ok(Reduced { bytes, array: Array::new(values, a.shape()).unwrap().into(), rows: None })
    }
}

/// Quality 0.9, less what `loss` says of the largest error, with noise of a given size.
struct Planted<F> {
    arrays: Vec<TrainingArray>,
    loss: F,
    noise: f64,
    /// Tells studies apart that differ in nothing but chance.
    salt: u64,
    trainings: AtomicU64,
}

impl<F: Fn(f64) -> Option<f64> + Send + Sync> Planted<F> {
    fn new(noise: f64, loss: F) -> Self {
        let values = (0..2000).map(|i| f64::from(i) / 1999.0).collect();
        let array = Array::new(values, Shape::line(2000)).unwrap().into();
        let arrays = vec![TrainingArray::new("train", array)];
        Self { arrays, loss, noise, salt: 0, trainings: AtomicU64::new(0) }
    }

    fn run(&self) -> Outcome {
        Search::new(self).reducer(&Rounding).threads(2).run().unwrap().outcome
    }
}

/// A number in -1..1 that only its inputs decide.
fn noise(a: u64, b: u64) -> f64 {
    let mut x = a.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ b.wrapping_mul(0xD1B5_4A32_D192_ED03);
    for _ in 0..3 {
        x = (x ^ (x >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    }
    (x >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

impl<F: Fn(f64) -> Option<f64> + Send + Sync> Application for Planted<F> {
    fn id(&self) -> &str {
        "planted"
    }
    fn summary(&self) -> &str {
        ""
    }
    fn data(&self) -> &str {
        ""
    }
    fn model(&self) -> &str {
        ""
    }
    fn metric(&self) -> &str {
        "quality"
    }
    fn maximize(&self) -> bool {
        true
    }
    fn recorded(&self) -> Recorded {
        Recorded { mean: 0.9, std: 0.0, seeds: 0, seconds: 0.0 }
    }
    fn arrays(&self) -> &[TrainingArray] {
        &self.arrays
    }
    fn train(&self, parts: &[Part], seed: u64) -> Result<f64, Failure> {
        self.trainings.fetch_add(1, Ordering::Relaxed);
        let f = crate::metrics::Fidelity::new(&self.arrays[0].array, &parts[0].array).unwrap();
        let e = f.max_abs_error;
        let Some(loss) = (self.loss)(e) else { return Err(Failure::new("diverged")) };
        // Every setting draws its own noise, as retrained models do.
        Ok(0.9 * (1.0 - loss)
            + self.noise * (noise(seed, 1 ^ self.salt) + noise(seed, e.to_bits() ^ self.salt)))
    }
}

/// Quality is whole up to an error of 0.013, then lost.
#[test]
fn a_planted_cliff_is_bracketed() {
    let app = Planted::new(0.001, |e| Some(if e > 0.013 { 0.1 } else { 0.0 }));
    let outcome = app.run();
    let [cliff] = &outcome.cliffs[..] else { panic!("{:?}", outcome.cliffs) };
    let (low, high) =
        (cliff.last_acceptable.bound.value.unwrap(), cliff.first_unacceptable.bound.value.unwrap());
    assert!(low <= 0.013 && 0.013 < high && high / low <= 1.5, "{low} {high}");
    assert!(!cliff.recovers && cliff.mode == "round rel");
    assert!(outcome.points.iter().all(|p| !p.flags.iter().any(|f| f == "non_monotonic")));
    let r = outcome.recommendations.iter().find(|r| r.loss == 0.01).unwrap();
    assert_eq!(r.bound.value, Some(low));
    assert!(r.loss_high <= 0.01 && r.seeds == 10, "{r:?}");
    assert!(outcome.front.windows(2).all(|w| w[0].ratio <= w[1].ratio));
}

/// Between errors of 1e-4 and 3e-3 quality is worse than beyond: both branches have to stand in the result.
#[test]
fn a_planted_dip_is_flagged() {
    let loss = |e: f64| {
        Some(if e > 0.05 {
            0.3
        } else if (1e-4..3e-3).contains(&e) {
            0.06
        } else {
            0.0
        })
    };
    let outcome = Planted::new(0.001, loss).run();
    let [dip, cliff] = &outcome.cliffs[..] else { panic!("{:?}", outcome.cliffs) };
    assert!(dip.recovers && !cliff.recovers);
    // A bound of 1e-4 makes an error just below it.
    assert!(dip.last_acceptable.bound.value.unwrap() <= 1e-4);
    assert!((1e-4..3e-3).contains(&dip.first_unacceptable.bound.value.unwrap()));
    assert!((3e-3..0.05).contains(&cliff.last_acceptable.bound.value.unwrap()));
    for p in &outcome.points {
        let dip = (1e-4..3e-3).contains(&p.fidelity.as_ref().unwrap().max_abs_error);
        assert_eq!(p.flags.iter().any(|f| f == "non_monotonic"), dip, "{p:?}");
    }
    // The better branch is the one behind the dip.
    let r = outcome.recommendations.iter().find(|r| r.loss == 0.01).unwrap();
    assert!(r.bound.value.unwrap() > 3e-3);
    // And what lies behind it is the cliff, not the dip before it.
    let next = outcome.behind(r).unwrap();
    assert_eq!(next.first_unacceptable.bound, cliff.first_unacceptable.bound);
}

/// Cliffs anywhere: each is bracketed within a factor of 1.5, and no other is claimed.
#[test]
fn cliffs_anywhere_are_bracketed() {
    for case in 0..60 {
        let at = 10f64.powf(-3.5 + 1.4 * noise(case, 77));
        // Losses from a little beyond the margin to almost everything.
        let loss = 0.02 + 0.4 * (noise(case, 78) + 1.0);
        let app =
            Planted { salt: case << 20, ..Planted::new(0.001, |e| Some(if e > at { loss } else { 0.0 })) };
        let outcome = app.run();
        let [cliff] = &outcome.cliffs[..] else { panic!("{case}, {at}: {:?}", outcome.cliffs) };
        let edge = |e: &Edge| e.bound.value.unwrap();
        let (low, high) = (edge(&cliff.last_acceptable), edge(&cliff.first_unacceptable));
        // The largest error is a little less than its bound.
        assert!(low <= at * 1.02 && at < high && high / low <= 1.5, "{case}, {at}: {low} {high}");
        assert!(!cliff.recovers, "{case}");
    }
}

/// Losses that grow through decades, from a place that the case decides.
fn slope(case: u64) -> Planted<impl Fn(f64) -> Option<f64> + Send + Sync> {
    let at = 10f64.powf(-3.5 + noise(case, 81));
    Planted { salt: case << 20, ..Planted::new(0.01, move |e| Some(0.01 * (e / at).powf(0.7).min(30.0))) }
}

/// With what is called a cliff narrow, and with what is called a slope settled: its undecided settings have all seeds that they
/// get, and no gap hides a cliff.
fn assert_falls_are_what_they_are_called(outcome: &Outcome, case: u64) {
    for (kind, fall) in outcome.falls() {
        let [low, high] = [&fall.last_acceptable, &fall.first_unacceptable].map(|e| e.bound.value.unwrap());
        assert_eq!(kind == "cliff", high / low <= 1.5, "{case}: {fall:?}");
        if kind != "slope" {
            continue;
        }
        let between = |p: &&Point| p.bound.value.is_some_and(|v| v > low && v < high);
        let mut undecided: Vec<&Point> = outcome.points.iter().filter(between).collect();
        undecided.sort_by(|a, b| a.ratio.total_cmp(&b.ratio));
        assert!(undecided.iter().all(|p| p.seeds == 20), "{case}: {undecided:?}");
        let mut values = vec![low];
        values.extend(undecided.iter().map(|p| p.bound.value.unwrap()));
        values.push(high);
        assert!(values.windows(2).all(|w| w[1] / w[0] <= 1.5), "{case}: {values:?}");
        let n = values.len();
        assert!(values[1] / values[0] <= 1.15 && values[n - 1] / values[n - 2] <= 1.15, "{case}: {values:?}");
    }
}

/// With seeds that differ too much to tell most settings from the margin it is a slope, and no cliff is claimed but where more
/// seeds bring its sides together.
#[test]
fn slopes_are_no_cliffs() {
    let (mut cliffs, mut slopes) = (0, 0);
    for case in 0..20 {
        let app = slope(case);
        let outcome = Search::new(&app).reducer(&Rounding).threads(2).unlimited().run().unwrap().outcome;
        assert!(
            outcome.open.is_empty() && !outcome.cliffs.iter().chain(&outcome.slopes).any(|f| f.recovers),
            "{case}"
        );
        assert_falls_are_what_they_are_called(&outcome, case);
        cliffs += outcome.cliffs.len();
        slopes += outcome.slopes.len();
    }
    assert!(slopes > 0, "{cliffs} cliffs");
}

/// Where the budget ends before a slope is settled, it is open.
#[test]
fn an_unsettled_slope_is_open() {
    let mut open = 0;
    for case in 0..20 {
        for budget in [60, 150, 300] {
            let app = slope(case);
            let search = Search::new(&app).reducer(&Rounding).threads(2).trainings(budget);
            let outcome = search.run().unwrap().outcome;
            assert_falls_are_what_they_are_called(&outcome, case);
            open += outcome.open.len();
        }
    }
    assert!(open > 0);
}

/// Rounds by the power of ten below the bound, as some methods do.
struct Decades;

impl Reducer for Decades {
    fn name(&self) -> String {
        "decades".into()
    }
    fn modes(&self, dtype: DType, ndim: usize, scopes: &[Scope]) -> Vec<Mode> {
        Rounding.modes(dtype, ndim, scopes)
    }
    fn reduce(&self, array: &AnyArray, setting: &Setting) -> Result<Reduced, String> {
        let mut setting = setting.clone();
        if let Some(value) = &mut setting.bound.value {
            *value = 10f64.powf((value.log10() + 1e-9).floor());
        }
        Rounding.reduce(array, &setting)
    }
}

/// The sweep has no use for settings that bring back what a milder one does, but they tell where quality ends.
#[test]
fn settings_that_change_nothing_narrow_a_bracket() {
    let app = Planted::new(0.001, |e| Some(if e > 0.013 { 0.1 } else { 0.0 }));
    let outcome = Search::new(&app).reducer(&Decades).run().unwrap().outcome;
    let [cliff] = &outcome.cliffs[..] else { panic!("{:?}", outcome.falls().collect::<Vec<_>>()) };
    let (low, high) =
        (cliff.last_acceptable.bound.value.unwrap(), cliff.first_unacceptable.bound.value.unwrap());
    assert!(low < 0.1 && high >= 0.1 && high / low <= 1.5, "{low} {high}");
}

/// A budget that ends before a bracket is narrow leaves the place open, and no cliff is claimed.
#[test]
fn what_the_budget_left_wide_is_open() {
    let app = || Planted::new(0.001, |e| Some(if e > 0.013 { 0.1 } else { 0.0 }));
    let mut open = 0;
    for budget in (15..90).step_by(5) {
        let app = app();
        let outcome = Search::new(&app).reducer(&Rounding).trainings(budget).run().unwrap().outcome;
        for (kind, fall) in outcome.falls() {
            let [low, high] =
                [&fall.last_acceptable, &fall.first_unacceptable].map(|e| e.bound.value.unwrap());
            assert_eq!(kind == "open", high / low > 1.5, "{budget}: {fall:?}");
        }
        open += outcome.open.len();
    }
    assert!(open > 0);
}

/// Dips anywhere, a decade wide: each is found and flagged, with both of its sides.
#[test]
fn dips_anywhere_are_flagged() {
    for case in 0..40 {
        let from = 10f64.powf(-4.0 + noise(case, 79));
        let to = 10.0 * from;
        let loss = 0.05 + 0.1 * (noise(case, 80) + 1.0);
        let inside = |e: f64| (from..to).contains(&e);
        let app =
            Planted { salt: case << 20, ..Planted::new(0.001, |e| Some(if inside(e) { loss } else { 0.0 })) };
        let outcome = app.run();
        let dip = outcome.cliffs.first().unwrap_or_else(|| panic!("{case}: no dip from {from}"));
        assert!(dip.recovers && outcome.cliffs.len() == 1, "{case}, {from}: {:?}", outcome.cliffs);
        assert!(inside(dip.first_unacceptable.bound.value.unwrap() * 0.99), "{case}, {from}: {dip:?}");
        for p in &outcome.points {
            let flagged = p.flags.iter().any(|f| f == "non_monotonic");
            assert_eq!(flagged, inside(p.fidelity.as_ref().unwrap().max_abs_error), "{case}, {from}: {p:?}");
        }
    }
}

/// No setting does any harm, but the model is noisy: twenty studies with different noise, and not one cliff or dip.
#[test]
fn noise_is_no_cliff() {
    let mut refused = 0;
    for study in 0..20 {
        let app = Planted { salt: study << 20, ..Planted::new(0.01, |_| Some(0.0)) };
        let outcome = app.run();
        assert!(outcome.falls().next().is_none(), "{study}: {:?}", outcome.falls().collect::<Vec<_>>());
        assert!(outcome.points.iter().all(|p| !p.flags.iter().any(|f| f == "non_monotonic")));
        refused += outcome.refusals.iter().filter(|r| r.loss == 0.001 && r.reason.contains("spread")).count();
    }
    // A tenth of a percent can't be told from this noise, but by luck.
    assert!(refused >= 17, "{refused}");
}

/// Half a loss that every setting has is found, and nothing is recommended.
#[test]
fn a_loss_everywhere_is_refused() {
    let outcome = Planted::new(0.001, |e| Some(if e > 0.0 { 0.5 } else { 0.0 })).run();
    assert!(outcome.recommendations.is_empty() && outcome.refusals.len() == 3);
    assert!(outcome.refusals[0].reason.contains("loses more"));
}

#[test]
fn failures_are_kept_and_the_study_goes_on() {
    let app = Planted::new(0.001, |e| (e < 0.01).then_some(0.0));
    let folder = tempfile::tempdir().unwrap();
    Search::new(&app).reducer(&Rounding).folder(folder.path()).run().unwrap();
    // A training that failed has no loss, which JSON can't say as a number.
    let outcome = Study::load(folder.path()).unwrap().outcome;
    assert!(outcome.failures.iter().all(|f| f.message == "diverged") && !outcome.failures.is_empty());
    let [cliff] = &outcome.cliffs[..] else { panic!("{:?}", outcome.cliffs) };
    assert!(
        cliff.last_acceptable.bound.value.unwrap() <= 0.01
            && cliff.first_unacceptable.bound.value.unwrap() > 0.01
    );
    let failing = Planted::new(0.0, |_| None);
    assert!(matches!(Search::new(&failing).reducer(&Rounding).run(), Err(SearchError::Baseline(_))));
}

#[test]
fn budgets_hold_and_threads_do_not_matter() {
    let outcomes: Vec<String> = [1, 2, 3]
        .map(|threads| {
            let app = Planted::new(0.001, |e| Some(if e > 0.013 { 0.1 } else { 0.0 }));
            let study = Search::new(&app).reducer(&Rounding).threads(threads).trainings(23).run().unwrap();
            assert!(study.outcome.trainings <= 23 && app.trainings.load(Ordering::Relaxed) <= 23);
            serde_json::to_string(&study.outcome).unwrap()
        })
        .into();
    assert_eq!(outcomes[0], outcomes[1]);
    assert_eq!(outcomes[0], outcomes[2]);
    let app = Planted::new(0.001, |_| Some(0.0));
    assert!(matches!(Search::new(&app).reducer(&Rounding).trainings(2).run(), Err(SearchError::Budget)));
}

#[test]
fn a_second_run_trains_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let app = Planted::new(0.001, |e| Some(if e > 0.013 { 0.1 } else { 0.0 }));
    let search = || Search::new(&app).reducer(&Rounding).folder(folder.path()).run().unwrap();
    let first = search();
    let trained = app.trainings.load(Ordering::Relaxed);
    assert_eq!(trained, first.outcome.trainings);
    // As if the machine had gone down in the middle of a write.
    let store = folder.path().join("store.jsonl");
    let bytes = std::fs::read(&store).unwrap();
    std::fs::write(&store, &bytes[..bytes.len() - 5]).unwrap();
    let second = search();
    assert_eq!(app.trainings.load(Ordering::Relaxed), trained + 1);
    let json = |s: &Study| serde_json::to_string(&s.outcome).unwrap();
    assert_eq!(json(&first), json(&second));
    assert_eq!(json(&Study::load(folder.path()).unwrap()), json(&first));
}

/// Four processes that share a folder, here threads, each come to what one alone does; so does a search in the merged store.
#[test]
fn shards_come_to_the_same_front() {
    let app = || Planted::new(0.001, |e| Some(if e > 0.013 { 0.1 } else { 0.0 }));
    let alone = serde_json::to_string(&app().run()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (apps, path) = ([app(), app(), app(), app()], folder.path());
    let found: Vec<String> = std::thread::scope(|s| {
        let jobs: Vec<_> = apps
            .iter()
            .enumerate()
            .map(|(i, app)| {
                s.spawn(move || {
                    let study = Search::new(app).reducer(&Rounding).threads(1).folder(path).shard(i, 4).run();
                    serde_json::to_string(&study.unwrap().outcome).unwrap()
                })
            })
            .collect();
        jobs.into_iter().map(|j| j.join().unwrap()).collect()
    });
    assert!(found.iter().all(|f| *f == alone));
    // Nothing was trained twice, and all had their part.
    let trained: Vec<u64> = apps.iter().map(|a| a.trainings.load(Ordering::Relaxed)).collect();
    let outcome: Outcome = serde_json::from_str(&alone).unwrap();
    assert_eq!(trained.iter().sum::<u64>(), outcome.trainings);
    assert!(trained.iter().all(|&n| n > 2), "{trained:?}");
    let merged = folder.path().join("merged");
    assert_eq!(merge(&[path.into()], &merged).unwrap() as u64, outcome.trainings);
    let last = app();
    let study = Search::new(&last).reducer(&Rounding).folder(&merged).run().unwrap();
    assert_eq!(serde_json::to_string(&study.outcome).unwrap(), alone);
    assert_eq!(last.trainings.load(Ordering::Relaxed), 0);
    assert!(merge(&[merged.join("nowhere")], &merged).is_err());
}

/// The page refers to nothing outside of itself, shows every point, and takes no markup from anyone.
#[test]
fn a_report_is_one_page_without_network() {
    let loss = |e: f64| {
        Some(if e > 0.05 {
            0.3
        } else if (1e-4..3e-3).contains(&e) {
            0.06
        } else {
            0.0
        })
    };
    let app = Planted::new(0.001, loss);
    let folder = tempfile::tempdir().unwrap();
    let command = "tolzip search --run 'a <script>alert(1)</script>'";
    let study = Search::new(&app).reducer(&Rounding).command(command).run().unwrap();
    crate::report::write(folder.path(), &study).unwrap();
    let page = std::fs::read_to_string(folder.path().join("report.html")).unwrap();
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("url("));
    assert!(!page.contains("<script>alert"));
    let rows = study.outcome.points.len() + study.outcome.falls().count();
    assert_eq!(page.matches("<tr").count(), rows + 2);
    assert_eq!(page.matches("<svg").count(), page.matches("</svg>").count());
    for word in [
        "What to use",
        "non monotonic",
        "class=\"dip\"",
        "class=\"badband\"",
        "class=\"cliff\"",
        "prefers-color-scheme",
    ] {
        assert!(page.contains(word), "{word}");
    }
    assert!(!page.split("<script>").next().unwrap().contains("NaN"));
    // What collapses lies below the plot, and what is only within noise of a better setting is drawn smaller.
    assert!(page.contains("class=\"mark hollow\" style=\"stroke:var(--c6)\" d=\"M"));
    let ties = study.outcome.points.iter().filter(|p| p.flags.iter().any(|f| f == "tie")).count();
    assert_eq!(page.matches("<g class=\"tie\">").count(), 2 * ties);

    // A metric of which less is better makes the same drawing.
    let mut mirrored = study.clone();
    let base = study.outcome.baseline.mean;
    mirrored.provenance.maximize = false;
    for p in mirrored.outcome.points.iter_mut().chain(&mut mirrored.outcome.front) {
        let q = p.quality;
        p.quality = Quality { mean: 2.0 * base - q.mean, low: 2.0 * base - q.high, high: 2.0 * base - q.low };
    }
    let marks = |study: &Study| -> Vec<String> {
        let page = crate::report::html(study);
        let marks = page.split('<').filter(|tag| tag.starts_with("circle") || tag.starts_with("path"));
        marks.map(|tag| tag.replace('-', "")).collect()
    };
    assert_eq!(marks(&study), marks(&mirrored));
}

/// A user's command through the whole search: it reads the decompressed file, and breaks on what is too coarse.
#[cfg(unix)]
#[test]
fn a_command_is_searched_like_any_application() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("train.awk");
    let program = r#"
        { e = $1 - (NR - 1) / 499; if (e < 0) e = -e; if (e > worst) worst = e }
        END { if (worst > 0.1) { print "diverged at", worst; exit 3 } print "score=" 0.9 - (worst > 0.013 ? 0.2 : 0) + seed * 1e-6 }"#;
    std::fs::write(&script, program).unwrap();
    let values = (0..500).map(|i| f64::from(i) / 499.0).collect();
    let array = Array::new(values, Shape::line(500)).unwrap().into();
    let write: crate::apps::WriteArray = Box::new(|path, array| {
        let lines: Vec<String> = crate::metrics::to_f64(array).iter().map(|v| format!("{v:.12}\n")).collect();
        std::fs::write(path, lines.concat())
    });
    let line = format!("awk -v seed={{seed}} -f {} {{data}}", script.display());
    let app = crate::apps::Command::new(&line, "score", true, array, "txt", write);
    let outcome =
        Search::new(&app).reducer(&Rounding).methods(&["round rel"]).seeds(3).run().unwrap().outcome;
    let [cliff] = &outcome.cliffs[..] else { panic!("{:?}", outcome.cliffs) };
    assert!(cliff.last_acceptable.bound.value.unwrap() <= 0.013 + 1e-9);
    assert!(cliff.first_unacceptable.bound.value.unwrap() > 0.013);
    assert!(outcome.failures.iter().any(|f| f.output.contains("diverged at")), "{:?}", outcome.failures);
}
