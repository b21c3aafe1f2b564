//! The table of places where quality is lost: cliffs, slopes, and what the budget left open.

use super::svg::{breakable, percent, ratio};
use crate::search::{Edge, Study};
use std::fmt::Write;

/// What the kinds mean.
const KINDS: &str = "At a cliff the two settings are within a factor of 1.5, or neighbours where a whole number is turned. On a \
    slope settings between them were tried, whose losses are too close to the margin to be told from it. Open is what was \
    not narrowed so far, since the budget ended. A loss that is undecided can't be told from the margin; it stands beside one \
    that is worse beyond doubt, in a mode of which no setting that was tried is shown to be acceptable.";

/// Sorts a training that failed behind every loss.
const FAILED: f64 = 1e9;

/// The section of the page; nothing where no quality is lost.
pub(super) fn section(s: &mut String, study: &Study) {
    if study.outcome.falls().next().is_none() {
        return;
    }
    let _ = write!(
        s,
        "<h2>Where quality is lost</h2><p class=\"soft\">Of each method and mode the last setting that is shown to lose at most {}, and the first that is shown to lose more. {KINDS}</p><div class=\"scroll\"><table class=\"sortable\"><thead><tr>",
        percent(study.provenance.loss)
    );
    for (class, h) in [
        ("", "method and mode"),
        (" class=\"left\"", "kind"),
        (" class=\"left\"", "last acceptable"),
        ("", "ratio"),
        ("", "loss"),
        (" class=\"left\"", "first unacceptable"),
        ("", "ratio"),
        ("", "loss"),
        (" class=\"left\"", "recovers"),
    ] {
        let _ = write!(s, "<th{class}><button>{h}</button></th>");
    }
    s.push_str("</tr></thead><tbody>");
    for (kind, fall) in study.outcome.falls() {
        let _ =
            write!(s, "<tr><td><code>{}</code></td><td class=\"left\">{kind}</td>", breakable(&fall.mode));
        for e in [&fall.last_acceptable, &fall.first_unacceptable] {
            let _ = write!(
                s,
                "<td class=\"left\"><code>{}</code></td><td data-v=\"{}\">{}</td><td data-v=\"{}\">{}</td>",
                breakable(format!("{} {}", e.method, e.bound).trim_end()),
                e.ratio,
                ratio(e.ratio),
                e.loss.unwrap_or(FAILED),
                lost(e)
            );
        }
        let _ = write!(s, "<td class=\"left\">{}</td></tr>", yes(fall.recovers));
    }
    s.push_str("</tbody></table></div>");
}

/// The same as Markdown.
pub(super) fn markdown(s: &mut String, study: &Study) {
    if study.outcome.falls().next().is_none() {
        return;
    }
    let _ = write!(
        s,
        "\n## Where quality is lost\n\n{KINDS}\n\n| method and mode | kind | at most lost | last acceptable | first unacceptable | recovers |\n|---|---|---|---|---|---|\n"
    );
    for (kind, fall) in study.outcome.falls() {
        let edge = |e: &Edge| {
            let arguments = study.provenance.arguments(&e.method, &e.bound);
            format!("`{arguments}` ({}x, loss {})", ratio(e.ratio), lost(e))
        };
        let _ = writeln!(
            s,
            "| {} | {kind} | {} | {} | {} | {} |",
            fall.mode,
            percent(fall.loss),
            edge(&fall.last_acceptable),
            edge(&fall.first_unacceptable),
            yes(fall.recovers)
        );
    }
}

/// A loss; a training that failed has none.
fn lost(e: &Edge) -> String {
    let loss = e.loss.map_or_else(|| "fails".into(), percent);
    if e.undecided { format!("{loss}, undecided") } else { loss }
}

const fn yes(it_does: bool) -> &'static str {
    if it_does { "yes" } else { "no" }
}
