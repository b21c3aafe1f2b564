//! `tolzip search`

use crate::args::{InputArgs, keep, methods, scope};
use crate::failure::{Failure, Outcome, Result};
use crate::output::{self, Table};
use clap::{ArgGroup, Args};
use indicatif::{HumanDuration, ProgressBar};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tolzip::{AnyArray, Scope};
use tolzip_eval::apps::{self, Application, Command, External, Objective, Reach, TrainingArray};
use tolzip_eval::columns;
use tolzip_eval::search::{FailedTraining, Phase, Progress, SearchError};
use tolzip_eval::{Outcome as Found, Study, report};
use tolzip_io::{Destination, Format, Unfinished};

/// Train on compressed data, and find the settings that keep a model's quality. Exit code 1 if there are none
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("task").args(["app", "data"]).required(true))]
#[command(after_help = "Examples:\n  \
    tolzip search --app digits --seconds 60 -o digits-study\n  \
    tolzip search --data train.npy --run \"python train.py {data} --seed {seed}\" --metric accuracy --maximize \
    --methods predict,transform -o study\n\n\
    The command is split at white space and started without a shell. {data} becomes the path of a decompressed file in\n\
    the input's own format, {seed} a number, and {rows} (sampling is tried only if the command asks for it) the path of\n\
    a text file with the indices of the rows that are left. It prints NAME=VALUE lines or a JSON object.")]
pub(crate) struct Search {
    /// A built-in task (see `tolzip apps`)
    #[arg(long, value_name = "ID")]
    app: Option<String>,
    /// The training data of your own task: a .npy file, a member of a .npz archive or a raw file
    #[arg(long, value_name = "FILE", requires = "command")]
    data: Option<PathBuf>,
    /// The command that trains on {data} with {seed} and prints the metric
    #[arg(long, value_name = "COMMAND", group = "command", conflicts_with = "app", requires_all = ["data", "metric", "direction"])]
    run: Option<String>,
    /// In place of --run: a command that speaks LibPressio's external-metric protocol (--input FILE --decompressed FILE
    /// --type T --dim N ... on its command line, external:api=5 and NAME=VALUE lines, or external:api=json:1, as its answer)
    #[arg(long, value_name = "COMMAND", group = "command", conflicts_with = "app", requires_all = ["data", "metric", "direction"])]
    external: Option<String>,
    /// In place of a command: the largest ratio at which a figure of the decompressed data reaches a goal, as in psnr=60,
    /// ssim=0.99 or max_rel_error=1e-3
    #[arg(long, value_name = "NAME=GOAL", group = "command", conflicts_with = "app", requires = "data")]
    objective: Option<String>,
    /// Name of the metric that the command prints
    #[arg(long, value_name = "NAME", conflicts_with = "app", requires = "command")]
    metric: Option<String>,
    #[command(flatten)]
    direction: Direction,
    #[command(flatten)]
    form: InputArgs,
    /// Seconds after which a training of the command is ended
    #[arg(long, value_name = "S", default_value_t = 3600, requires = "command")]
    timeout: u64,
    /// Columns of a table that are kept bit for bit: auto (labels, ids and other whole numbers), none, or their numbers from 0
    /// separated by commas
    #[arg(long, value_name = "COLUMNS", default_value = "auto", conflicts_with = "app", requires = "data")]
    keep: String,
    /// Compress the training features alone, and leave the validation features as they are
    #[arg(long, conflicts_with = "compress_test")]
    train_only: bool,
    /// Compress the test features too, as for a model that will be fed with compressed data
    #[arg(long)]
    compress_test: bool,
    /// Say what each column of the table was taken for
    #[arg(long)]
    explain: bool,
    /// Only these methods, separated by commas [default: all that suit the data]
    #[arg(short, long, value_name = "M,M")]
    methods: Option<String>,
    /// Bounds only in this scope: column, row or axis=K [default: those that suit the data]
    #[arg(long, value_name = "SCOPE", value_parser = scope::scope)]
    by: Option<Scope>,
    /// The loss of quality that is acceptable, as a part of the baseline: 0.01 is 1 %
    #[arg(long, value_name = "PART", default_value_t = 0.01, value_parser = loss, allow_hyphen_values = true)]
    loss: f64,
    /// Seeds for each setting, at least 3
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = seeds, allow_hyphen_values = true)]
    seeds: u64,
    /// The most trainings [default: 400, or no limit with --seconds]
    #[arg(long, value_name = "TRAININGS", value_parser = trainings, allow_hyphen_values = true)]
    budget: Option<u64>,
    /// The most seconds
    #[arg(long, value_name = "S", value_parser = seconds, allow_hyphen_values = true)]
    seconds: Option<f64>,
    /// Trainings at a time, 0 for one per core
    #[arg(short = 'T', long, value_name = "N", default_value_t = 0)]
    threads: usize,
    /// Folder for the report, the tables and every training: the same command again goes on where it was
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Be shard I of N, counted from 1: processes that share the folder of -o divide the trainings, each comes to the whole
    /// result, and `tolzip merge` writes the report
    #[arg(long, value_name = "I/N", value_parser = shard, requires = "output")]
    shard: Option<(usize, usize)>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The file in a study's folder that keeps the arguments of its search.
pub(super) const ARGUMENTS: &str = "arguments.json";

#[derive(Args, Debug)]
#[group(id = "direction", multiple = false)]
struct Direction {
    /// A larger metric is better
    #[arg(long, requires = "command")]
    maximize: bool,
    /// A smaller metric is better
    #[arg(long, requires = "command")]
    minimize: bool,
}

impl Search {
    pub(crate) fn run(self) -> Result<Outcome> {
        let (app, _unfinished) = self.application()?;
        if self.explain {
            explain(app.as_ref());
        }
        if let Some(scope) = self.by {
            exists(scope, app.as_ref())?;
        }
        let mut search = tolzip_eval::Search::new(app.as_ref())
            .loss(self.loss)
            .seeds(self.seeds)
            .threads(self.threads)
            .command(&std::env::args().map(quoted).collect::<Vec<_>>().join(" "));
        if let Some(list) = &self.methods {
            search = search.methods(&checked(list)?);
        }
        if let Some(scope) = self.by {
            search = search.by(scope);
        }
        search = match (self.budget, self.seconds) {
            (Some(trainings), _) => search.trainings(trainings),
            (None, Some(_)) => search.unlimited(),
            (None, None) => search,
        };
        if let Some(seconds) = self.seconds {
            search = search.seconds(seconds);
        }
        if let Some(folder) = &self.output {
            std::fs::create_dir_all(folder).map_err(|e| Failure::at(folder, e))?;
            search = search.folder(folder);
            self.remember(folder)?;
        }
        if let Some((index, count)) = self.shard {
            search = search.shard(index, count);
        }
        let bar = output::progress(0);
        let study = search.progress(|p| show(&bar, p)).run();
        bar.finish_and_clear();
        let study = study.map_err(|e| match (&e, &self.methods) {
            (SearchError::NoMethod, Some(list)) => Failure::new(format!(
                "{e}: --methods {list} (a family as in predict, a mode of it as in \"predict rel\", or a setting \
                 whose numbers the search may vary as in transform:mode=rate; `tolzip methods` lists them)"
            )),
            _ => Failure::new(e.to_string()),
        })?;
        // A disk that is full is no reason to keep the result for oneself.
        let mut written = study.warnings.is_empty();
        for warning in &study.warnings {
            output::note(&format!("tolzip: {warning}"));
        }
        if let (Some(folder), None) = (&self.output, self.shard)
            && let Err(e) = report::write(folder, &study)
        {
            output::note(&format!("tolzip: {}: {e}", folder.display()));
            written = false;
        }
        if self.json {
            output::json(&study.outcome)?;
        } else {
            self.print(&study, written)?;
        }
        if !written {
            return Err(Failure::new("the result stands above, but not all of it in the folder of -o"));
        }
        let safe = study.outcome.recommendations.iter().any(|r| r.loss == self.loss);
        Ok(if safe { Outcome::Done } else { Outcome::DoesNotHold })
    }

    /// The task, and what is to be removed if the program is interrupted.
    fn application(&self) -> Result<(Box<dyn Application>, Option<Unfinished>)> {
        if let Some(id) = &self.app {
            let app = apps::get(id).ok_or_else(|| {
                let all = apps::list().into_iter().chain(apps::found());
                let ids: Vec<String> = all.map(|a| a.id).collect();
                Failure::new(format!("no task {id:?}; there are {}", ids.join(", ")))
            })?;
            let app: Box<dyn Application> = if self.train_only {
                Box::new(Reach::train_only(app))
            } else if self.compress_test {
                let none = || Failure::new(format!("{id} keeps its test set to itself"));
                Box::new(Reach::with_test(app).ok_or_else(none)?)
            } else {
                app
            };
            return Ok((app, None));
        }
        if self.train_only || self.compress_test {
            return Err(Failure::new(
                "--train-only and --compress-test are for the tasks of --app: of your own, what is in --data is compressed",
            ));
        }
        if let (Some(data), Some(objective)) = (&self.data, &self.objective) {
            let array = self.form.read(data)?;
            let exact = self.kept(&array)?;
            let training = TrainingArray { exact, ..TrainingArray::new("data", array) };
            let goal = objective.split_once('=').and_then(|(n, g)| Some((n, g.trim().parse().ok()?)));
            let app = goal.and_then(|(name, goal)| Objective::new(name.trim(), goal, training));
            let app = app.ok_or_else(|| {
                let names = Objective::names().collect::<Vec<_>>().join(", ");
                Failure::new(format!(
                    "--objective {objective}: NAME=GOAL with a goal above 0 and a name of {names}"
                ))
            })?;
            return Ok((Box::new(app), None));
        }
        let (Some(data), Some(metric)) = (&self.data, &self.metric) else {
            return Err(Failure::new(
                "--data needs --run COMMAND or --external COMMAND, --metric NAME and --maximize or --minimize",
            ));
        };
        let (maximize, timeout) = (self.direction.maximize, Duration::from_secs(self.timeout));
        let command = self.run.as_ref().or(self.external.as_ref()).map_or("", String::as_str);
        if self.run.is_some() && !command.contains("{data}") {
            return Err(Failure::new(format!(
                "the command {command:?} never sees the data: write {{data}} where the path of the file belongs"
            )));
        }
        if !command.contains("{seed}") {
            output::note("note: the command takes no {seed}; if its trainings differ, they are not paired");
        }
        let array = self.form.read(data)?;
        let exact = self.kept(&array)?;
        if self.run.is_none() {
            let training = TrainingArray { exact, ..TrainingArray::new("data", array) };
            let external = External::new(command, metric, maximize, training).timeout(timeout);
            let unfinished = Unfinished::new(external.scratch());
            return Ok((Box::new(external), Some(unfinished)));
        }
        let (extension, write) = writer(data);
        let command = Command::new(command, metric, maximize, array, &extension, Box::new(write))
            .timeout(timeout)
            .exact(exact);
        let unfinished = Unfinished::new(command.scratch());
        Ok((Box::new(command), Some(unfinished)))
    }

    /// The same search by one process, in another folder.
    pub(super) fn into_whole(self, output: PathBuf, json: bool) -> Self {
        Self { output: Some(output), json, shard: None, ..self }
    }

    /// Keeps the arguments of this search for `merge`.
    fn remember(&self, folder: &Path) -> Result<()> {
        let path = folder.join(ARGUMENTS);
        let mut arguments: Vec<String> = std::env::args().collect();
        // Without the verb, which is what a parser of `Search` alone expects.
        if arguments.get(1).is_some_and(|verb| verb == "search") {
            arguments.remove(1);
            let text = serde_json::to_vec_pretty(&arguments).map_err(|e| Failure::new(e.to_string()))?;
            if let Err(e) = std::fs::write(&path, text) {
                output::note(&format!(
                    "tolzip: {}: {e}; `tolzip merge` will not know this search",
                    path.display()
                ));
            }
        }
        Ok(())
    }

    /// The columns that stay as they are.
    fn kept(&self, array: &AnyArray) -> Result<Vec<usize>> {
        let found = keep::columns(&self.keep, array)?;
        if self.keep == "auto" && !found.is_empty() {
            output::note(&format!(
                "note: {} whole-number columns are kept bit for bit (--explain names them, --keep none compresses them too)",
                found.len()
            ));
        }
        Ok(found)
    }

    fn print(&self, study: &Study, written: bool) -> Result<()> {
        let found = &study.outcome;
        output::line(&format!(
            "baseline {} {:.4} +- {:.4} ({} seeds), {} trainings",
            study.provenance.metric,
            found.baseline.mean,
            found.baseline.std,
            found.baseline.seeds,
            found.trainings
        ))?;
        output::line("\nno other setting that was tried is better in both ratio and quality:")?;
        front(found).print()?;
        output::line("")?;
        for line in answers(study) {
            output::line(&line)?;
        }
        if !found.failures.is_empty() {
            output::line(&format!("{} trainings failed:", found.failures.len()))?;
            let kinds = kinds(&found.failures);
            for (message, count) in kinds.iter().take(KINDS) {
                output::line(&format!("  {count} x {message}"))?;
            }
            if kinds.len() > KINDS {
                output::line("  and others, which the report tells")?;
            }
        }
        // Shards leave the report to `merge`.
        if let (Some(folder), true, None) = (&self.output, written, self.shard) {
            output::line(&format!("report: {}", folder.join("report.html").display()))?;
        }
        Ok(())
    }
}

/// Kinds of failures that are named on the terminal.
const KINDS: usize = 5;

/// What trainings failed with, the most frequent first, and how often.
fn kinds(failures: &[FailedTraining]) -> Vec<(&str, usize)> {
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    for failure in failures {
        match kinds.iter_mut().find(|(message, _)| *message == failure.message) {
            Some((_, count)) => *count += 1,
            None => kinds.push((&failure.message, 1)),
        }
    }
    kinds.sort_by_key(|&(_, count)| core::cmp::Reverse(count));
    kinds
}

/// What the columns of each training array were taken for.
fn explain(app: &dyn Application) {
    for a in app.arrays() {
        let found = columns::describe(&a.array);
        if found.is_empty() {
            output::note(&format!("{}: no table of measured columns; one bound is for all values", a.name));
        }
        for c in found {
            let kept = if a.exact.contains(&c.index) { "kept bit for bit" } else { "compressed" };
            let kind = format!("{:?}", c.kind).to_lowercase();
            let missing = if c.missing > 0 { format!(", {} not finite", c.missing) } else { String::new() };
            output::note(&format!("{}: column {}: {kind} ({}{missing}), {kept}", a.name, c.index, c.reason));
        }
    }
}

/// The Pareto front as a table: without points that are there only because a better one is within noise, and once where
/// several settings come to the same.
fn front(found: &Found) -> Table {
    let mut table = Table::new(["method", "bound", "ratio", "quality", "interval", "loss"]);
    let mut shown: Vec<String> = Vec::new();
    for p in found.front.iter().filter(|p| p.flags.iter().all(|f| f != "tie")) {
        let figures = [
            format!("{:.1}", p.ratio),
            format!("{:.4}", p.quality.mean),
            format!("{:.4} to {:.4}", p.quality.low, p.quality.high),
            format!("{:+.2} %", 100.0 * p.loss),
        ];
        if shown.contains(&figures.concat()) {
            continue;
        }
        shown.push(figures.concat());
        let [ratio, quality, interval, loss] = figures;
        table.row([p.method.clone(), p.bound.to_string(), ratio, quality, interval, loss]);
    }
    table
}

/// What is recommended for each margin of loss, or why nothing is.
pub(super) fn answers(study: &Study) -> Vec<String> {
    let found = &study.outcome;
    let mut lines: Vec<(f64, String)> = Vec::new();
    lines.extend(found.recommendations.iter().map(|r| {
        let text = format!(
            "at most {} % loss: ratio {:.1} by {} ({} seeds)",
            100.0 * r.loss,
            r.ratio,
            study.provenance.arguments(&r.method, &r.bound),
            r.seeds
        );
        (r.loss, text)
    }));
    lines.extend(
        found.refusals.iter().map(|r| (r.loss, format!("at most {} % loss: {}", 100.0 * r.loss, r.reason))),
    );
    lines.sort_by(|a, b| a.0.total_cmp(&b.0));
    lines.into_iter().map(|(_, text)| text).collect()
}

/// Shows a search's progress.
pub(super) fn show(bar: &ProgressBar, progress: &Progress) {
    bar.set_length(progress.total.unwrap_or(progress.done));
    bar.set_position(progress.done);
    let left = match (progress.total, bar.eta()) {
        (Some(total), eta) if total > progress.done && !eta.is_zero() => {
            format!(", {} left", HumanDuration(eta))
        }
        _ => String::new(),
    };
    bar.set_message(match progress.phase {
        Phase::Sweep => format!("settings compressed{left}"),
        Phase::Train => format!("trainings{left}"),
        _ => left,
    });
}

/// An argument as a shell takes it, so that the report's command can be pasted.
fn quoted(argument: String) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-+./:,=@%".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        argument
    } else {
        format!("'{}'", argument.replace('\'', "'\\''"))
    }
}

/// The methods of a list, each of a family that exists.
fn checked(list: &str) -> Result<Vec<String>> {
    let all = methods::split(list);
    for text in &all {
        // `predict rel` is one mode of a method.
        let mut words = text.split(' ');
        let method = methods::parse(words.next().unwrap_or(text))?;
        let bounds = method.bounds();
        if let Some(kind) = words.next().filter(|kind| !bounds.contains(kind)) {
            return Err(Failure::new(format!(
                "{text:?}: {method} takes no {kind} bound, only {}",
                bounds.join(", ")
            )));
        }
    }
    Ok(all)
}

/// Refuses a scope that none of the arrays has.
fn exists(scope: Scope, app: &dyn Application) -> Result<()> {
    let most = app.arrays().iter().map(|a| a.array.shape().ndim()).max().unwrap_or(0);
    let needed = match scope {
        Scope::Axis(axis) => axis + 1,
        _ => 2,
    };
    if most >= needed {
        return Ok(());
    }
    Err(Failure::new(match scope {
        Scope::Axis(axis) => tolzip::Error::NoSuchAxis { axis, ndim: most }.to_string(),
        _ => tolzip::Error::NoColumns { ndim: most }.to_string(),
    }))
}

/// The extension of files like the input, and how to write them.
fn writer(input: &Path) -> (String, impl Fn(&Path, &AnyArray) -> io::Result<()> + Send + Sync + 'static) {
    let (file, member) = tolzip_io::split_member(input);
    let format = Format::from_name(&file);
    let extension = file.extension().map_or_else(|| "raw".to_owned(), |e| e.to_string_lossy().into_owned());
    let write = move |path: &Path, array: &AnyArray| {
        let mut target = path.as_os_str().to_owned();
        if let (Format::Npz, Some(name)) = (format, &member) {
            target.push(format!(":{name}"));
        }
        let written = Destination::new(target.as_ref(), true).and_then(|d| d.write_array(array, format));
        written.map_err(io::Error::other)
    };
    (extension, write)
}

fn loss(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(loss) if loss > 0.0 && loss < 1.0 => Ok(loss),
        _ => Err("a part of the baseline, above 0 and below 1 (0.01 is 1 %)".to_owned()),
    }
}

fn seeds(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(n) if n >= 3 => Ok(n),
        _ => Err("a whole number of at least 3: fewer show no spread".to_owned()),
    }
}

fn trainings(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(n) if n >= 1 => Ok(n),
        _ => Err("a whole number of at least 1".to_owned()),
    }
}

/// `2/4` as the index from 0 and the count.
fn shard(text: &str) -> Result<(usize, usize), String> {
    let parts =
        text.split_once('/').and_then(|(i, n)| Some((i.parse::<usize>().ok()?, n.parse::<usize>().ok()?)));
    match parts {
        Some((i, n)) if (1..=n).contains(&i) => Ok((i - 1, n)),
        _ => Err("I/N with I from 1 to N, as in 2/4".to_owned()),
    }
}

pub(super) fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(s) if s > 0.0 && f64::is_finite(s) => Ok(s),
        _ => Err("a number of seconds above 0".to_owned()),
    }
}
