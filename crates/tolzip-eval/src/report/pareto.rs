//! Quality against ratio.

use super::svg::{Scale, colour, escape, line, log_ticks, number, percent, text, ticks};
use crate::search::{Outcome, Point, Study};
use std::fmt::Write;

/// The colours of a study's points, and the families of methods that each stands for.
pub(super) fn families(study: &Study) -> Vec<(&'static str, Vec<&str>)> {
    let mut families: Vec<(&str, Vec<&str>)> = Vec::new();
    for p in &study.outcome.points {
        let family = p.method.split(':').next().unwrap_or_default();
        let colour = colour(family);
        match families.iter_mut().find(|f| f.0 == colour) {
            Some((_, names)) if names.contains(&family) => {}
            Some((_, names)) => names.push(family),
            None => families.push((colour, vec![family])),
        }
    }
    families
}

/// How the ratio runs along its axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Axis {
    Logarithmic,
    Linear,
}

impl Axis {
    fn place(self, ratio: f64) -> f64 {
        match self {
            Self::Logarithmic => ratio.max(0.95).log10(),
            Self::Linear => ratio,
        }
    }

    fn ticks(self, high: f64, n: usize) -> Vec<f64> {
        match self {
            Self::Logarithmic => log_ticks(1.0, high),
            Self::Linear => ticks(0.0, high, n),
        }
    }
}

/// The plot, in a box of this size.
pub(super) fn plot(study: &Study, axis: Axis, (width, height): (f64, f64)) -> String {
    let outcome = &study.outcome;
    let small = width < 600.0;
    let (left, right, top, bottom) = (if small { 48.0 } else { 64.0 }, 16.0, 16.0, 46.0);
    let y = heights(study, height - bottom, top);
    // On a linear axis, what is far below the plot must not press the rest into a corner.
    let shown = |p: &&Point| axis == Axis::Logarithmic || !y.clamp(p.quality.mean).1;
    let high = outcome.points.iter().filter(shown).map(|p| p.ratio).fold(2.0, f64::max) * 1.1;
    let x = Scale::new((axis.place(0.0), axis.place(high)), (left, width - right));
    let px = |ratio: f64| x.at(axis.place(ratio.min(high)));
    let py = |quality: f64| y.at(y.clamp(quality).0);

    let mut s = format!(
        r#"<svg viewBox="0 0 {width} {height}" role="img" aria-label="Quality against compression ratio">"#
    );
    for v in axis.ticks(high, if small { 5 } else { 10 }) {
        line(&mut s, "grid", (px(v), top), (px(v), height - bottom));
        text(&mut s, "middle", (px(v), height - bottom + 17.0), &format!("{}x", number(v)));
    }
    let (low, up) = y.ends();
    for v in ticks(low, up, if small { 5 } else { 7 }) {
        line(&mut s, "grid", (left, y.at(v)), (width - right, y.at(v)));
        text(&mut s, "end", (left - 7.0, y.at(v) + 4.0), &number(v));
    }
    let base = &outcome.baseline;
    let (a, b) = (py(base.mean + base.std), py(base.mean - base.std));
    let _ = write!(
        s,
        r#"<rect class="band" x="{left}" y="{:.1}" width="{:.1}" height="{:.1}"><title>baseline: {} &#177; {} (standard deviation over {} seeds)</title></rect>"#,
        a.min(b),
        width - right - left,
        (a - b).abs(),
        number(base.mean),
        number(base.std),
        base.seeds
    );
    line(&mut s, "base", (left, py(base.mean)), (width - right, py(base.mean)));
    margins(&mut s, study, &y, (left, width - right));
    line(&mut s, "axis", (left, height - bottom), (width - right, height - bottom));
    let name = match axis {
        Axis::Logarithmic => "compression ratio (logarithmic)",
        Axis::Linear => "compression ratio (linear)",
    };
    text(&mut s, "middle", ((left + width - right) / 2.0, height - 8.0), name);
    let _ = write!(
        s,
        r#"<text class="strong" x="{:.1}" y="{:.1}">{}</text>"#,
        left + 6.0,
        top + 10.0,
        escape(&study.provenance.metric)
            + if study.provenance.maximize { "" } else { " (smaller is better)" }
    );

    for c in &outcome.cliffs {
        let edge = &c.last_acceptable;
        if let Some(p) = outcome.points.iter().find(|p| p.method == edge.method && p.bound == edge.bound) {
            // Of a method that others beat on this side of its cliff, nobody needs to know where it ends.
            let class = if p.on_front { "cliff" } else { "cliff faint" };
            let (x, y) = (px(p.ratio) + 9.0, py(p.quality.mean));
            line(&mut s, class, (x, y - 7.0), (x, y + 9.0));
        }
    }
    front(&mut s, outcome, &px, &py);
    // The front is drawn last, so that nothing covers it.
    let mut order: Vec<&Point> = outcome.points.iter().filter(|p| p.ratio <= high).collect();
    order.sort_by_key(|p| Standing::of(p));
    for p in order {
        point(&mut s, p, (px(p.ratio), &y), height - bottom);
    }
    margin_names(&mut s, study, &y, (width - right, -4.0));
    s.push_str("</svg>");
    s
}

/// How a point is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    Dominated,
    /// On the front only because the better point is within noise.
    Tie,
    Front,
}

impl Standing {
    pub(super) fn of(p: &Point) -> Self {
        match (p.on_front, p.flags.iter().any(|f| f == "tie")) {
            (false, _) => Self::Dominated,
            (true, true) => Self::Tie,
            (true, false) => Self::Front,
        }
    }
}

/// The scale of quality between two heights; better is further up, whichever way the metric goes.
pub(super) fn heights(study: &Study, bottom: f64, top: f64) -> Scale {
    Scale::new(window(study), if study.provenance.maximize { (bottom, top) } else { (top, bottom) })
}

/// The qualities to show: from the baseline and what is better down to somewhat beyond the largest margin. The collapse
/// further down would press everything of interest into a line.
fn window(study: &Study) -> (f64, f64) {
    let base = study.outcome.baseline.mean;
    let sign = if study.provenance.maximize { 1.0 } else { -1.0 };
    let unit = if base == 0.0 { 1.0 } else { base.abs() };
    let widest =
        study.outcome.recommendations.iter().map(|r| r.loss).fold(study.provenance.loss.max(0.05), f64::max);
    let worst = base - sign * unit * 1.6 * widest;
    let best = study
        .outcome
        .points
        .iter()
        .map(|p| p.quality.mean)
        .fold(base + sign * study.outcome.baseline.std, |a, b| if (b - a) * sign > 0.0 { b } else { a });
    let best = best + sign * unit * 0.12 * widest;
    (worst.min(best), worst.max(best))
}

/// A dashed line per margin of loss that is shown.
pub(super) fn margins(s: &mut String, study: &Study, y: &Scale, (from, to): (f64, f64)) {
    for (_, quality) in margin_qualities(study) {
        line(s, "margin", (from, y.at(quality)), (to, y.at(quality)));
    }
}

/// The names of these lines, for the end of the drawing: nothing may cross them out.
pub(super) fn margin_names(s: &mut String, study: &Study, y: &Scale, (to, shift): (f64, f64)) {
    for (margin, quality) in margin_qualities(study) {
        text(
            s,
            "end",
            (to - 4.0, y.at(quality) + shift),
            &format!("{} lost", percent(margin).replace(".00", "")),
        );
    }
}

/// The margins of loss that are shown, with the quality at which they end.
fn margin_qualities(study: &Study) -> Vec<(f64, f64)> {
    let base = study.outcome.baseline.mean;
    let sign = if study.provenance.maximize { 1.0 } else { -1.0 };
    let mut all = vec![0.01, 0.05];
    if !all.contains(&study.provenance.loss) {
        all.push(study.provenance.loss);
    }
    let unit = if base == 0.0 { 1.0 } else { base.abs() };
    all.into_iter().map(|margin| (margin, base - sign * margin * unit)).collect()
}

/// The stairs of what is reachable.
fn front(s: &mut String, outcome: &Outcome, px: &dyn Fn(f64) -> f64, py: &dyn Fn(f64) -> f64) {
    let mut path = String::new();
    let mut last: Option<&Point> = None;
    for p in outcome.front.iter().filter(|p| !p.flags.iter().any(|f| f == "tie")) {
        let (x, y) = (px(p.ratio), py(p.quality.mean));
        match last {
            None => _ = write!(path, "M{x:.1} {y:.1}"),
            Some(_) => _ = write!(path, "V{y:.1}H{x:.1}"),
        }
        last = Some(p);
    }
    let _ = write!(s, r#"<path class="front" d="{path}"/>"#);
}

/// A mark with its error bar; below the window a triangle at its edge.
fn point(s: &mut String, p: &Point, (x, y): (f64, &Scale), floor: f64) {
    let colour = colour(&p.method);
    let title = describe(p);
    let (quality, below) = y.clamp(p.quality.mean);
    let standing = Standing::of(p);
    let class = match standing {
        Standing::Dominated => "faint",
        Standing::Tie => "tie",
        Standing::Front => "",
    };
    let _ = write!(s, r#"<g class="{class}"><title>{}</title>"#, escape(&title));
    if below {
        let _ = write!(
            s,
            r#"<path class="mark hollow" style="stroke:{colour}" d="M{:.1} {:.1}h8l-4 6z"/>"#,
            x - 4.0,
            floor - 8.0
        );
    } else {
        let (a, b) = (y.at(y.clamp(p.quality.low).0), y.at(y.clamp(p.quality.high).0));
        let _ = write!(
            s,
            r#"<line class="bar" style="stroke:{colour}" x1="{x:.1}" y1="{a:.1}" x2="{x:.1}" y2="{b:.1}"/>"#
        );
        let (class, fill, r) = match standing {
            Standing::Dominated => ("mark hollow", String::new(), 3.5),
            Standing::Tie => ("mark", format!("fill:{colour};"), 2.5),
            Standing::Front => ("mark", format!("fill:{colour};"), 5.0),
        };
        let _ = write!(
            s,
            r#"<circle class="{class}" style="{fill}stroke:{colour}" cx="{x:.1}" cy="{:.1}" r="{r}"/>"#,
            y.at(quality)
        );
    }
    if p.flags.iter().any(|f| f == "non_monotonic") {
        let _ = write!(
            s,
            r#"<circle class="dip" cx="{x:.1}" cy="{:.1}" r="9"/>"#,
            if below { floor - 5.0 } else { y.at(quality) }
        );
    }
    s.push_str("</g>");
}

/// One line on a point.
pub(super) fn describe(p: &Point) -> String {
    let bound = p.bound.to_string();
    format!(
        "{} {bound}: {}x, quality {} ({} to {}), loss {} ({} to {}), {} seeds",
        p.method,
        number(p.ratio),
        number(p.quality.mean),
        number(p.quality.low),
        number(p.quality.high),
        percent(p.loss),
        percent(p.loss_low),
        percent(p.loss_high),
        p.seeds
    )
}
