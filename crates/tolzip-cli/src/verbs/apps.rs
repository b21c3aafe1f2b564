//! `tolzip apps`

use crate::failure::{Failure, Outcome, Result};
use crate::output::{self, Table};
use clap::Args;
use tolzip_eval::apps::{self, BaselineInfo};

/// List the built-in training tasks that `search` can use
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  tolzip apps\n  tolzip apps --measure 5")]
pub(crate) struct Apps {
    /// Train each one now with this many seeds, instead of showing what was recorded
    #[arg(long, value_name = "SEEDS", value_parser = clap::value_parser!(u32).range(2..))]
    measure: Option<u32>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Apps {
    pub(crate) fn run(self) -> Result<Outcome> {
        let mut all = apps::list();
        for a in &mut all {
            if let (Some(seeds), Some(app)) = (self.measure, apps::get(&a.id)) {
                let found = apps::measure(app.as_ref(), seeds)
                    .map_err(|e| Failure::new(format!("{}: {}", a.id, e.message)))?;
                a.baseline = BaselineInfo { mean: found.mean, std: found.std, seeds };
                a.seconds_per_training = found.seconds;
            }
        }
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
