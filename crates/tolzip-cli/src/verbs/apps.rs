//! `tolzip apps`

use crate::failure::{Outcome, Result};
use crate::output::{self, Table};
use clap::Args;
use tolzip_eval::apps;

/// List the built-in training tasks that `search` can use
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  tolzip apps")]
pub(crate) struct Apps {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Apps {
    pub(crate) fn run(self) -> Result<Outcome> {
        let all = apps::list();
        if self.json {
            output::json(&all)?;
            return Ok(Outcome::Done);
        }
        let mut table = Table::new(["app", "metric", "baseline", "seconds", "summary"]).left_from(4);
        for a in &all {
            table.row([
                a.id.clone(),
                a.metric.clone(),
                format!("{:.4} +- {:.4}", a.baseline.mean, a.baseline.std),
                format!("{:.2}", a.seconds_per_training),
                a.summary.clone(),
            ]);
        }
        table.print()?;
        Ok(Outcome::Done)
    }
}
