//! `tolzip methods`

use crate::failure::{Outcome, Result};
use crate::output::{self, Table};
use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};
use tolzip::method::{self, Knob, KnobKind, MethodInfo};

/// List the methods: what each one does, which bounds it takes, what can be set
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  tolzip methods --json")]
pub(crate) struct Methods {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Record {
    id: &'static str,
    family: &'static str,
    summary: &'static str,
    bounds: &'static [&'static str],
    dtypes: Vec<&'static str>,
    dims: &'static [u8],
    lossless: bool,
    knobs: Vec<KnobRecord>,
}

#[derive(Serialize)]
struct KnobRecord {
    name: &'static str,
    kind: &'static str,
    min: Value,
    max: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    choices: Option<&'static [&'static str]>,
    default: &'static str,
}

impl From<&Knob> for KnobRecord {
    fn from(knob: &Knob) -> Self {
        let (kind, min, max, choices) = match knob.kind {
            KnobKind::Integer { min, max } => ("integer", json!(min), json!(max), None),
            KnobKind::Number { min, max } => ("number", json!(min), json!(max), None),
            KnobKind::Choice(names) => ("choice", Value::Null, Value::Null, Some(names)),
            _ => ("text", Value::Null, Value::Null, None),
        };
        Self { name: knob.name, kind, min, max, choices, default: knob.default }
    }
}

impl From<MethodInfo> for Record {
    fn from(m: MethodInfo) -> Self {
        Self {
            id: m.id,
            family: m.family,
            summary: m.summary,
            bounds: m.bounds,
            dtypes: m.dtypes.iter().map(|d| d.name()).collect(),
            dims: m.dims,
            lossless: m.lossless,
            knobs: m.knobs.iter().map(KnobRecord::from).collect(),
        }
    }
}

impl Methods {
    pub(crate) fn run(self) -> Result<Outcome> {
        let all = method::all();
        if self.json {
            let records: Vec<Record> = all.into_iter().map(Record::from).collect();
            output::json(&records)?;
            return Ok(Outcome::Done);
        }
        let mut table = Table::new(["method", "bounds", "summary"]).left_from(1);
        for m in &all {
            table.row([m.id.to_owned(), m.bounds.join(" "), m.summary.to_owned()]);
        }
        table.print()?;
        output::line("\nSettings, as in --method predict:predictor=lorenzo")?;
        let mut table = Table::new(["family", "setting", "default", "values", "what it is"]).left_from(1);
        let mut listed: Vec<&str> = Vec::new();
        for m in all.iter().filter(|m| !m.knobs.is_empty()) {
            if listed.contains(&m.family) {
                continue;
            }
            listed.push(m.family);
            for knob in m.knobs {
                let values = match knob.kind {
                    KnobKind::Integer { min, max: i64::MAX } => format!("{min} and up"),
                    KnobKind::Integer { min, max } => format!("{min} to {max}"),
                    KnobKind::Number { min: 0.0, max } => format!("above 0, to {max}"),
                    KnobKind::Number { min, max } => format!("{min} to {max}"),
                    KnobKind::Choice(names) => names.join(" "),
                    _ => "text".to_owned(),
                };
                table.row([
                    m.family.to_owned(),
                    knob.name.to_owned(),
                    knob.default.to_owned(),
                    values,
                    meaning(m.family, knob.name).to_owned(),
                ]);
            }
        }
        table.print()?;
        Ok(Outcome::Done)
    }
}

/// What a setting counts or chooses, where its name does not say it all.
fn meaning(family: &str, knob: &str) -> &'static str {
    match (family, knob) {
        ("transform", "rate") => "bits a value, with mode=rate",
        ("transform", "precision") => "bit planes of each block, with mode=precision",
        ("transform", "mode") => "auto: by the bound",
        ("transform", "coder") => "of the coefficients; context is smaller and slower",
        ("sample", "rate") => "share of the rows that are kept",
        ("sample", "rows") => "how many rows are kept; auto: by the rate",
        ("sample", "mode") => "wor, wr: drawn without or with replacement",
        ("sample", "label") => "the column of the labels, with mode=stratified",
        ("sample", "seed") => "of the draw",
        (_, "predictor") => "auto: the better one, by chunk",
        (_, "level") => "effort: more is smaller and slower",
        (_, "bits") => "mantissa bits that are kept; auto: by the bound",
        (_, "info") => "share of the information in the mantissas that is kept",
        (_, "digits") => "significant decimal digits; auto: by the bound",
        (_, "to") => "the type; auto: the narrowest that holds the bound",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_explained() {
        for m in method::all() {
            for knob in m.knobs {
                assert!(!meaning(m.family, knob.name).is_empty(), "{} {}", m.family, knob.name);
            }
        }
    }
}
