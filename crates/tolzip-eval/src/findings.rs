//! What a search says about general claims: how much more than lossless a lossy setting saves, whether bounds by column beat
//! one bound for all, whether an error bound beats dropping rows, and where quality rises.

use crate::search::{Outcome, Point, Study};
use std::fmt::Write;

/// One search, boiled down.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The application.
    pub app: String,
    /// Largest ratio of a bit-exact setting.
    pub lossless: f64,
    /// The recommendation for at most 1 % lost: method, bound and ratio.
    pub lossy: Option<(String, f64)>,
    /// Largest acceptable ratio at the main margin of a bound relative to the range by column, and to the whole range; only
    /// where both were tried.
    pub by_column: Option<(Option<f64>, Option<f64>)>,
    /// The sampling of rows with the largest ratio of at most a loss of 10 %, the loss, and the least loss of an
    /// error-bounded setting at that ratio or more. Samples that such a setting was trained against go first.
    pub sampling: Option<(f64, f64, Option<f64>)>,
    /// Settings whose whole interval lies above the baseline, of how many; by chance alone one in forty would.
    pub better: (usize, usize),
}

impl Finding {
    /// Reads a study.
    #[must_use]
    pub fn new(study: &Study) -> Self {
        let o = &study.outcome;
        let whole = |p: &&Point| p.seeds >= study.provenance.seeds;
        let is = |p: &Point, flag: &str| p.flags.iter().any(|f| f == flag);
        let largest = |wanted: &dyn Fn(&Point) -> bool| {
            o.points.iter().filter(|p| wanted(p)).map(|p| p.ratio).max_by(f64::total_cmp)
        };
        let lossy = o
            .recommendations
            .iter()
            .find(|r| r.loss == 0.01)
            .map(|r| (format!("{} {}", r.method, r.bound).trim_end().to_owned(), r.ratio));
        let rel = |by: bool| {
            largest(&|p| {
                p.bound.kind == "rel" && p.bound.by.is_some() == by && is(p, "acceptable") && !is(p, "exact")
            })
        };
        let tried = |by: bool| o.points.iter().any(|p| p.bound.kind == "rel" && p.bound.by.is_some() == by);
        let (better, lossy_points) = o
            .points
            .iter()
            .filter(whole)
            .filter(|p| !is(p, "exact"))
            .fold((0, 0), |(b, n), p| (b + usize::from(p.loss_high < 0.0), n + 1));
        Self {
            app: study.provenance.app.clone(),
            lossless: largest(&|p| is(p, "exact")).unwrap_or(1.0),
            lossy,
            by_column: (tried(true) && tried(false)).then(|| (rel(true), rel(false))),
            sampling: sampling(o),
            better: (better, lossy_points),
        }
    }
}

/// See [`Finding::sampling`].
fn sampling(o: &Outcome) -> Option<(f64, f64, Option<f64>)> {
    let drops = |p: &&Point| p.method.starts_with("sample");
    let rival = |ratio: f64| {
        o.points.iter().filter(|p| !drops(p) && p.ratio >= ratio).map(|p| p.loss).min_by(f64::total_cmp)
    };
    let pairs: Vec<(f64, f64, Option<f64>)> = o
        .points
        .iter()
        .filter(drops)
        .filter(|p| p.loss <= 0.1)
        .map(|p| (p.ratio, p.loss, rival(p.ratio)))
        .collect();
    // A sample that no error bound was trained against decides nothing.
    let decided = pairs.iter().any(|p| p.2.is_some());
    pairs.into_iter().filter(|p| !decided || p.2.is_some()).max_by(|a, b| a.0.total_cmp(&b.0))
}

/// The findings as Markdown tables.
#[must_use]
pub fn markdown(all: &[Finding]) -> String {
    let mut s = String::new();
    let ratio = |v: Option<f64>| v.map_or_else(|| "-".to_owned(), |v| format!("{v:.1}x"));
    let percent = |v: f64| format!("{:+.1} %", 100.0 * v);
    s.push_str("## Lossy against lossless, at most 1 % lost\n\n| application | lossless | lossy | by | lossy / lossless |\n|---|---|---|---|---|\n");
    for f in all {
        let _ = match &f.lossy {
            Some((by, r)) => {
                writeln!(s, "| {} | {:.2}x | {r:.1}x | `{by}` | {:.1} |", f.app, f.lossless, r / f.lossless)
            }
            None => writeln!(s, "| {} | {:.2}x | nothing qualifies | | |", f.app, f.lossless),
        };
    }
    let gains: Vec<f64> =
        all.iter().filter_map(|f| f.lossy.as_ref().map(|l| l.1 / f.lossless.max(1.0))).collect();
    let (least, most) = gains.iter().fold((f64::INFINITY, 0.0f64), |(a, b), &g| (a.min(g), b.max(g)));
    if !gains.is_empty() {
        let _ = writeln!(
            s,
            "\nThe paper reports 50 to 100 times more. Here it is {least:.1} to {most:.1} times: that {}.",
            if least >= 50.0 {
                "holds"
            } else if most >= 50.0 {
                "holds for some of the applications only"
            } else {
                "does not hold on these small sets"
            }
        );
    }
    s.push_str("\n## A bound relative to each column's range against one relative to the range of all, largest acceptable ratio\n\n| application | by column | whole |\n|---|---|---|\n");
    for f in all {
        if let Some((column, whole)) = f.by_column {
            let _ = writeln!(s, "| {} | {} | {} |", f.app, ratio(column), ratio(whole));
        }
    }
    let tables: Vec<bool> = all
        .iter()
        .filter_map(|f| f.by_column)
        .map(|(column, whole)| column.unwrap_or(1.0) > whole.unwrap_or(1.0))
        .collect();
    let _ = writeln!(s, "\nBounds by column {} of {} tables.", told(&tables, "win on"), tables.len());
    s.push_str("\n## Dropping rows against an error bound at the same ratio or more\n\n| application | ratio of the sample | its loss | least loss with an error bound |\n|---|---|---|---|\n");
    for f in all {
        if let Some((r, loss, other)) = f.sampling {
            let other = other.map_or_else(|| "none trained at that ratio".to_owned(), percent);
            let _ = writeln!(s, "| {} | {r:.1}x | {} | {other} |", f.app, percent(loss));
        }
    }
    let pairs: Vec<bool> = all
        .iter()
        .filter_map(|f| f.sampling)
        .filter_map(|(_, loss, other)| other.map(|other| other < loss))
        .collect();
    let _ = writeln!(
        s,
        "\nError bounds lose less than dropping rows at the same ratio: {} of {} applications where both were trained.",
        told(&pairs, "holds on"),
        pairs.len()
    );
    s.push_str("\n## Where quality rises\n\nSettings whose whole 95 % interval is better than the baseline; by chance one in forty would be.\n\n| application | settings | of |\n|---|---|---|\n");
    for f in all {
        let _ = writeln!(s, "| {} | {} | {} |", f.app, f.better.0, f.better.1);
    }
    let rises: Vec<bool> = all.iter().map(|f| f.better.0 > 2 + f.better.1 / 20).collect();
    let _ = writeln!(
        s,
        "\nMore than chance would give (beyond one in twenty and two more): {} of {} applications.",
        told(&rises, "on"),
        rises.len()
    );
    s
}

fn told(all: &[bool], verb: &str) -> String {
    format!("{verb} {}", all.iter().filter(|&&b| b).count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Search, apps};

    #[test]
    fn a_study_is_boiled_down() {
        let app = apps::get("digits").unwrap();
        let study = Search::new(app.as_ref())
            .methods(&["lossless", "predict rel", "sample:mode=first"])
            .trainings(60)
            .run()
            .unwrap();
        let f = Finding::new(&study);
        // Pixels of 0 to 16 in 32 bits.
        assert!(f.lossless > 8.0 && f.by_column.is_none(), "{f:?}");
        // The harshest bound is beyond every sample, so that there is a rival.
        let (ratio, loss, rival) = f.sampling.unwrap();
        assert!(ratio > 10.0 && loss <= 0.1 && rival.is_some(), "{f:?}");
        let text = markdown(&[f]);
        assert!(text.contains("| digits |") && text.contains("## Where quality rises"), "{text}");
    }
}
