//! Quality against the bound, a small plot per mode.

use super::pareto::{Standing, describe, heights, margin_names, margins};
use super::svg::{Scale, breakable, colour, escape, line, number, text, ticks};
use crate::search::{Point, Study};
use std::fmt::Write;

const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 178.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = 10.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 34.0;

/// All plots of modes that have more than one point.
pub(super) fn plots(study: &Study) -> String {
    let mut modes: Vec<&str> = Vec::new();
    for p in &study.outcome.points {
        if !modes.contains(&p.mode.as_str()) {
            modes.push(&p.mode);
        }
    }
    let mut s = String::new();
    for mode in modes {
        let points: Vec<&Point> = study.outcome.points.iter().filter(|p| p.mode == mode).collect();
        if points.len() > 1 {
            let _ = write!(s, "<figure><h3>{}</h3>{}</figure>", breakable(mode), plot(study, mode, &points));
        }
    }
    s
}

/// What was turned: the bound's number, or the number of the method's own knob, and where it stands on the axis, on which
/// loss grows to the right.
fn knob(p: &Point) -> Option<(f64, f64)> {
    match p.bound.value {
        Some(db) if p.bound.kind == "psnr" => Some((db, -db / 20.0)),
        Some(v) => Some((v, v.log10())),
        None => {
            let v: f64 = p.method.rsplit('=').next()?.parse().ok()?;
            Some((v, if v <= 1.0 && v.fract() != 0.0 { -v.log10() } else { -v }))
        }
    }
}

fn plot(study: &Study, mode: &str, points: &[&Point]) -> String {
    let knobs: Vec<(f64, f64)> = points.iter().map(|p| knob(p).unwrap_or((f64::NAN, 0.0))).collect();
    let low = knobs.iter().map(|k| k.1).fold(f64::INFINITY, f64::min);
    let high = knobs.iter().map(|k| k.1).fold(f64::NEG_INFINITY, f64::max);
    let x = Scale::new((low, high), (LEFT + 8.0, WIDTH - RIGHT - 8.0));
    let y = heights(study, HEIGHT - BOTTOM, TOP);
    let floor = HEIGHT - BOTTOM;
    let mut s = format!(
        r#"<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="Quality against {}">"#,
        escape(mode)
    );
    let (a, b) = y.ends();
    for v in ticks(a, b, 4) {
        line(&mut s, "grid", (LEFT, y.at(v)), (WIDTH - RIGHT, y.at(v)));
        text(&mut s, "end", (LEFT - 5.0, y.at(v) + 4.0), &number(v));
    }
    for (_, c) in study.outcome.falls().filter(|(_, c)| c.mode == mode) {
        let at = |e: &crate::search::Edge| {
            let found = points.iter().position(|p| p.method == e.method && p.bound == e.bound)?;
            Some(x.at(knobs[found].1))
        };
        if let (Some(a), Some(b)) = (at(&c.last_acceptable), at(&c.first_unacceptable)) {
            let _ = write!(
                s,
                r#"<rect class="badband" x="{a:.1}" y="{TOP}" width="{:.1}" height="{:.1}"/>"#,
                (b - a).max(1.0),
                floor - TOP
            );
        }
    }
    margins(&mut s, study, &y, (LEFT, WIDTH - RIGHT));
    let base = y.at(study.outcome.baseline.mean);
    line(&mut s, "base", (LEFT, base), (WIDTH - RIGHT, base));
    let colour = colour(mode);
    let path: String = points
        .iter()
        .zip(&knobs)
        .map(|(p, k)| format!("{:.1},{:.1} ", x.at(k.1), y.at(y.clamp(p.quality.mean).0)))
        .collect();
    let _ = write!(s, r#"<polyline style="stroke:{colour}" points="{path}"/>"#);
    for (p, k) in points.iter().zip(&knobs) {
        let (quality, below) = y.clamp(p.quality.mean);
        let (cx, cy) = (x.at(k.1), y.at(quality));
        let _ = write!(s, "<g><title>{}</title>", escape(&describe(p)));
        if below {
            let _ = write!(
                s,
                r#"<path class="mark hollow" style="stroke:{colour}" d="M{:.1} {:.1}h7l-3.5 5z"/>"#,
                cx - 3.5,
                floor - 6.0
            );
        } else {
            let (a, b) = (y.at(y.clamp(p.quality.low).0), y.at(y.clamp(p.quality.high).0));
            let _ = write!(
                s,
                r#"<line class="bar" style="stroke:{colour}" x1="{cx:.1}" y1="{a:.1}" x2="{cx:.1}" y2="{b:.1}"/>"#
            );
            let best = Standing::of(p) == Standing::Front;
            let hollow = if best { "" } else { " hollow" };
            let fill = if best { format!("fill:{colour};") } else { String::new() };
            let _ = write!(
                s,
                r#"<circle class="mark{hollow}" style="{fill}stroke:{colour}" cx="{cx:.1}" cy="{cy:.1}" r="3"/>"#
            );
        }
        if p.flags.iter().any(|f| f == "non_monotonic") {
            let _ = write!(s, r#"<circle class="dip" cx="{cx:.1}" cy="{cy:.1}" r="7"/>"#);
        }
        s.push_str("</g>");
    }
    // Under their lines: what stands above the first one is what matters.
    margin_names(&mut s, study, &y, (WIDTH - RIGHT, 12.0));
    line(&mut s, "axis", (LEFT, floor), (WIDTH - RIGHT, floor));
    labels(&mut s, &knobs, &x, floor);
    s.push_str("</svg>");
    s
}

/// The knob's numbers under the axis, as many as there is room for.
fn labels(s: &mut String, knobs: &[(f64, f64)], x: &Scale, floor: f64) {
    let mut free = 0.0;
    for (v, at) in knobs.iter().filter(|k| k.0.is_finite()) {
        let label = number(*v);
        let half = 3.6 * label.len() as f64;
        let at = x.at(*at).clamp(half + 2.0, WIDTH - half - 2.0);
        if at - half >= free {
            text(s, "middle", (at, floor + 15.0), &label);
            free = at + half + 8.0;
        }
    }
    text(s, "middle", ((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 5.0), "more compression \u{2192}");
}
