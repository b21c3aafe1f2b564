//! `tolzip study`

use super::search::{seconds, show};
use crate::failure::{Failure, Outcome, Result};
use crate::output;
use clap::Args;
use std::fmt::Write;
use std::path::PathBuf;
use tolzip_eval::findings::{Finding, markdown};
use tolzip_eval::{Search, apps, report};

/// Search all built-in tasks with all methods, and write what it says about them
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    tolzip study -o study\n  \
    tolzip study -o study --apps digits,cells --seconds 60\n\n\
    Each task gets a folder with its trainings, tables and report; README.md sums them up. The same command again goes on\n\
    where it was.")]
pub(crate) struct Study {
    /// Folder for everything
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Only these tasks, separated by commas [default: all]
    #[arg(long, value_name = "ID,ID", value_delimiter = ',')]
    apps: Vec<String>,
    /// The most trainings for each task
    #[arg(long, value_name = "TRAININGS", default_value_t = 400, value_parser = clap::value_parser!(u64).range(1..))]
    budget: u64,
    /// The most seconds for each task; what is then found depends on the machine
    #[arg(long, value_name = "S", value_parser = seconds, allow_hyphen_values = true)]
    seconds: Option<f64>,
}

impl Study {
    pub(crate) fn run(self) -> Result<Outcome> {
        let ids = if self.apps.is_empty() {
            apps::list().into_iter().map(|a| a.id).collect()
        } else {
            self.apps.clone()
        };
        let mut text = format!(
            "# All built-in tasks, all methods\n\nMade by `tolzip study --budget {}` ({}); every number comes from the \
             points in the folders' `points.csv`, which stand on the trainings in their `store.jsonl`.\n\n| application | metric | baseline | trainings | points | cliffs | slopes | open | seconds |\n\
             |---|---|---|---|---|---|---|---|---|\n",
            self.budget,
            concat!("tolzip ", env!("CARGO_PKG_VERSION"))
        );
        let (mut findings, mut troubles) = (Vec::new(), Vec::new());
        for id in &ids {
            let app =
                apps::get(id).ok_or_else(|| Failure::new(format!("no task {id:?}; see `tolzip apps`")))?;
            let folder = self.output.join(id);
            output::note(&format!("{id}: {}", app.summary()));
            let bar = output::progress(0);
            let mut search = Search::new(app.as_ref())
                .trainings(self.budget)
                .folder(&folder)
                .command(&format!("tolzip search --app {id} --budget {}", self.budget))
                .progress(|p| show(&bar, p));
            if let Some(seconds) = self.seconds {
                search = search.seconds(seconds);
            }
            let study = search.run();
            bar.finish_and_clear();
            // What one task can't do, or can't write, is no reason to leave out the others.
            let study = match study {
                Ok(study) => study,
                Err(e) => {
                    troubles.push(format!("{id}: {e}"));
                    continue;
                }
            };
            troubles.extend(study.warnings.iter().map(|w| format!("{id}: {w}")));
            if let Err(e) = report::write(&folder, &study) {
                troubles.push(format!("{}: {e}", folder.display()));
            }
            let (o, p) = (&study.outcome, &study.provenance);
            let _ = writeln!(
                text,
                "| {id}: [plot]({id}/front.svg), [points]({id}/points.csv) | {} | {:.4} +- {:.4} ({} seeds) | {} | {} | {} | {} | {} | {:.0} |",
                p.metric,
                o.baseline.mean,
                o.baseline.std,
                o.baseline.seeds,
                o.trainings,
                o.points.len(),
                o.cliffs.len(),
                o.slopes.len(),
                o.open.len(),
                p.seconds
            );
            findings.push(Finding::new(&study));
        }
        text.push('\n');
        text.push_str(&markdown(&findings));
        let path = self.output.join("README.md");
        if let Err(e) = std::fs::write(&path, &text) {
            troubles.push(format!("{}: {e}", path.display()));
        }
        output::line(text.trim_end())?;
        if troubles.is_empty() { Ok(Outcome::Done) } else { Err(Failure::new(troubles.join("\ntolzip: "))) }
    }
}
