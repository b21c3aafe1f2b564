//! `tolzip apps`

use crate::failure::{Failure, Outcome, Result};
use crate::output::{self, Table};
use clap::Args;
use tolzip_eval::apps::{self, BaselineInfo};

/// List the training tasks that `search` can use: the built-in ones, and those in the folder $TOLZIP_DATA
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  tolzip apps\n  tolzip apps --measure 5\n  \
    TOLZIP_DATA=sets tolzip apps\n\n\
    Every sub-folder of $TOLZIP_DATA with x_train.npy, y_train.npy, x_test.npy and y_test.npy (or x_train_f32.npy and the\n\
    like) is a task: whole-number labels are classes, others values.")]
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
        all.extend(apps::found());
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
                if a.baseline.seeds == 0 {
                    "-".to_owned()
                } else {
                    format!("{:.4} +- {:.4} ({} seeds)", a.baseline.mean, a.baseline.std, a.baseline.seeds)
                },
                if a.baseline.seeds == 0 { "-".to_owned() } else { format!("{:.2}", a.seconds_per_training) },
                a.summary.clone(),
            ]);
        }
        table.print()?;
        for a in &all {
            output::line(&format!("\n{}\n  data:  {}\n  model: {}", a.id, a.data, a.model))?;
        }
        Ok(Outcome::Done)
    }
}
