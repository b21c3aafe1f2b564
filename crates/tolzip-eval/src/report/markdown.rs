//! The report as Markdown, for issues, wikis and terminals: what is recommended, the front, and what repeats it.

use super::svg::{percent, ratio};
use crate::search::Study;
use std::fmt::Write;

pub(super) fn markdown(study: &Study) -> String {
    let (o, p) = (&study.outcome, &study.provenance);
    let mut s = format!("# {}\n\n", p.summary);
    let better = if p.maximize { "more" } else { "less" };
    let _ = writeln!(
        s,
        "{} trainings; {} without compression {:.4} +- {:.4} ({} seeds), {better} is better. ![quality against ratio](front.png)\n",
        o.trainings, p.metric, o.baseline.mean, o.baseline.std, o.baseline.seeds
    );
    s.push_str("## Recommended\n\n| at most lost | ratio | seeds | setting |\n|---|---|---|---|\n");
    let mut rows: Vec<(f64, String)> = o
        .recommendations
        .iter()
        .map(|r| {
            let setting = p.arguments(&r.method, &r.bound);
            let lost = percent(r.loss);
            (r.loss, format!("| {lost} | {} | {} | `{setting}` |", ratio(r.ratio), r.seeds))
        })
        .collect();
    rows.extend(
        o.refusals.iter().map(|r| (r.loss, format!("| {} | - | - | {} |", percent(r.loss), r.reason))),
    );
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (_, row) in rows {
        s += &(row + "\n");
    }
    s.push_str("\n## The front\n\nNo other setting that was tried is better in both ratio and quality.\n\n");
    s.push_str("| setting | ratio | quality | 95 % interval | loss |\n|---|---|---|---|---|\n");
    for point in o.front.iter().filter(|p| p.flags.iter().all(|f| f != "tie")) {
        let q = &point.quality;
        let _ = writeln!(
            s,
            "| `{}` | {} | {:.4} | {:.4} to {:.4} | {} |",
            p.arguments(&point.method, &point.bound),
            ratio(point.ratio),
            q.mean,
            q.low,
            q.high,
            percent(point.loss)
        );
    }
    super::falls::markdown(&mut s, study);
    super::links::markdown(&mut s, study);
    let _ = writeln!(
        s,
        "\n## To repeat it\n\n- command: `{}`\n- data: {} ({}), SHA-256 {}\n- model: {}\n- {} seeds, {}, {}\n- {} trainings failed; every point \
         is in `points.csv`, every training in `store.jsonl`",
        p.command,
        p.data,
        p.arrays.join("; "),
        p.data_sha256,
        p.model,
        p.seeds,
        p.reducer,
        p.machine,
        o.failures.len()
    );
    s
}
