//! The page around the plots.

use super::pareto::Axis;
use super::svg::{breakable, escape, number, percent, ratio};
use super::{curves, falls, links, pareto};
use crate::search::{Point, Provenance, Study};
use std::fmt::Write;

/// The whole page.
pub(super) fn page(study: &Study) -> String {
    let p = &study.provenance;
    let mut s = String::with_capacity(1 << 17);
    let _ = write!(
        s,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>tolzip: {0}</title>\n<style>\n{1}</style></head>\n<body><main>",
        escape(&p.app),
        include_str!("style.css")
    );
    head(&mut s, study);
    recommendations(&mut s, study);
    plots(&mut s, study);
    pictures(&mut s, study);
    links::section(&mut s, study);
    points(&mut s, study);
    failures(&mut s, study);
    repeat(&mut s, study);
    let _ = write!(s, "</main>\n<script>\n{}</script></body></html>\n", include_str!("sort.js"));
    s
}

fn head(s: &mut String, study: &Study) {
    let (o, p) = (&study.outcome, &study.provenance);
    let _ = write!(
        s,
        "<h1>How much compression does <em>{}</em> take?</h1><p>{}. {}: {}. Without compression {} is <b>{}</b> \
         (standard deviation {} over {} seeds; {} is better). The training data were compressed in {} ways, and {} \
         trainings on {} of them say what that cost; labels and test data were left as they are.</p>",
        escape(&p.app),
        escape(&capital(&p.summary)),
        escape(&capital(&p.data)),
        escape(&p.model),
        escape(&p.metric),
        number(o.baseline.mean),
        number(o.baseline.std),
        o.baseline.seeds,
        if p.maximize { "larger" } else { "smaller" },
        study.sweep.len(),
        o.trainings,
        o.points.len()
    );
}

fn recommendations(s: &mut String, study: &Study) {
    s.push_str("<h2>What to use</h2><div class=\"cards\">");
    let margins = study
        .outcome
        .recommendations
        .iter()
        .map(|r| r.loss)
        .chain(study.outcome.refusals.iter().map(|r| r.loss));
    let mut margins: Vec<f64> = margins.collect();
    margins.sort_by(f64::total_cmp);
    for margin in margins {
        if let Some(r) = study.outcome.recommendations.iter().find(|r| r.loss == margin) {
            let _ = write!(
                s,
                "<div class=\"card\"><h3 class=\"soft\">at most {} lost</h3><div class=\"big\">{}x</div><p><code>{}</code></p><p class=\"soft\">{}</p></div>",
                percent(margin).replace(".00", ""),
                ratio(r.ratio),
                escape(&study.provenance.arguments(&r.method, &r.bound)),
                escape(&r.statement)
            );
        }
        for r in study.outcome.refusals.iter().filter(|r| r.loss == margin) {
            let _ = write!(
                s,
                "<div class=\"card no\"><h3 class=\"soft\">at most {} lost</h3><div class=\"big\">nothing qualifies</div><p class=\"soft\">{}.</p></div>",
                percent(margin).replace(".00", ""),
                escape(&capital(&r.reason))
            );
        }
    }
    s.push_str("</div><p class=\"soft\">A setting qualifies if the whole 95 % interval of its loss, taken over seeds that are paired with the baseline's, is within the margin: it is <em>not inferior</em> by more than that. As far as the budget went, what is recommended was trained again with fresh seeds. A sample of rows is costed at all rows before and the compressed rows after.</p>");
}

fn plots(s: &mut String, study: &Study) {
    s.push_str("<h2>Quality against compression</h2><div class=\"legend\">");
    for (colour, names) in pareto::families(study) {
        let _ = write!(
            s,
            "<span><i style=\"border-color:{colour};background:{colour}\"></i>{}</span>",
            escape(&names.join(", "))
        );
    }
    s.push_str(
        "<span><i class=\"big\" style=\"border-color:var(--ink);background:var(--ink)\"></i>on the front</span><span><i class=\"small\" style=\"border-color:var(--ink);background:var(--ink)\"></i>as good within noise</span><span><i style=\"border-color:var(--soft)\"></i>dominated</span><span><i class=\"dash\" style=\"border-color:var(--bad)\"></i>margin of loss</span><span><i class=\"tick\" style=\"border-color:var(--bad)\"></i>a cliff follows</span>",
    );
    let _ = write!(
        s,
        "</div><figure>{}<figcaption>Up and right is better. Bars are 95 % intervals; the grey line is the quality without compression, the band around it its standard deviation over seeds. The black steps join what no other setting beats in both ratio and quality (it <em>dominates</em> the rest). Triangles at the lower edge lie below it. Red rings: worse than a more severe setting of the same method. Point at a mark for its figures.</figcaption></figure><details><summary>The same over a linear ratio</summary><figure>{}</figure></details>",
        widths(study, Axis::Logarithmic),
        widths(study, Axis::Linear)
    );
    let _ = write!(
        s,
        "<h2>Quality against the bound</h2><p class=\"soft\">Each method and mode by itself, milder settings on the left, over the number that is turned (the bound, or the setting that the title ends with). In the red band quality crosses the main margin: at its left edge it is shown to be kept, at its right edge to be lost.</p><div class=\"multiples\">{}</div>",
        curves::plots(study)
    );
    falls::section(s, study);
}

/// The plot for wide and for narrow screens.
fn widths(study: &Study, axis: Axis) -> String {
    format!(
        "<div class=\"wide\">{}</div><div class=\"narrow\">{}</div>",
        pareto::plot(study, axis, (1040.0, 520.0)),
        pareto::plot(study, axis, (400.0, 420.0))
    )
}

fn pictures(s: &mut String, study: &Study) {
    if study.pictures.is_empty() {
        return;
    }
    s.push_str("<h2>Before and after</h2>");
    for p in &study.pictures {
        let _ = write!(
            s,
            "<h3><code>{}</code></h3><p class=\"soft\">{}.</p><div class=\"pictures\">",
            escape(&p.setting),
            escape(&capital(&p.caption))
        );
        for (what, uri) in
            [("original", &p.before), ("decompressed", &p.after), ("difference", &p.difference)]
        {
            let more = if what == "difference" {
                ": red came back too large, blue too small; the strongest is the largest error shown"
            } else {
                ""
            };
            let _ = write!(
                s,
                "<figure><img alt=\"{what}\" src=\"{}\"><figcaption>{what}{more}</figcaption></figure>",
                escape(uri)
            );
        }
        s.push_str("</div>");
    }
}

fn points(s: &mut String, study: &Study) {
    s.push_str("<h2>Every setting that was trained on</h2><div class=\"scroll\"><table class=\"sortable\"><thead><tr>");
    for h in [
        "setting",
        "ratio",
        "quality",
        "loss, 95 % interval",
        "max error / range",
        "PSNR dB",
        "SSIM",
        "seeds",
        "remarks",
    ] {
        let _ = write!(s, "<th><button>{h}</button></th>");
    }
    s.push_str("</tr></thead><tbody>");
    for p in &study.outcome.points {
        row(s, p);
    }
    s.push_str("</tbody></table></div><p class=\"soft\">Bold settings are on the front, <em>tie</em> those only because the better one is within noise. <em>Exact</em>: every bit comes back. <em>Acceptable</em>, <em>unacceptable</em>: the whole interval of the loss is within, or beyond, the main margin; neither: more seeds would be needed. <em>Within noise</em>: the interval holds 0. <em>Few seeds</em>: given up early, or the budget ended. <em>Non monotonic</em>: worse than a more severe setting of the same method.</p>");
}

fn row(s: &mut String, p: &Point) {
    let bound = p.bound.to_string();
    let f = p.fidelity.as_ref();
    let optional = |v: Option<f64>| match v {
        Some(v) => format!("<td data-v=\"{v}\">{}</td>", number(v)),
        None => "<td data-v=\"-1\">&#8211;</td>".to_owned(),
    };
    let flags: String = p
        .flags
        .iter()
        .map(|f| format!("<span class=\"flag {}\">{}</span>", escape(f), escape(&f.replace('_', " "))))
        .collect();
    let _ = write!(
        s,
        "<tr{}><td><code>{}</code></td><td data-v=\"{}\">{}</td><td data-v=\"{}\">{}</td><td data-v=\"{}\">{} <small>({} to {})</small></td>{}{}{}<td>{}</td><td class=\"left\">{flags}</td></tr>",
        if p.on_front { " class=\"front\"" } else { "" },
        breakable(format!("{} {bound}", p.method).trim_end()),
        p.ratio,
        ratio(p.ratio),
        p.quality.mean,
        number(p.quality.mean),
        p.loss,
        percent(p.loss),
        percent(p.loss_low).trim_end_matches(" %"),
        percent(p.loss_high).trim_end_matches(" %"),
        optional(f.and_then(|f| f.max_rel_error)),
        optional(f.and_then(|f| f.psnr)),
        optional(f.and_then(|f| f.ssim)),
        p.seeds
    );
}

fn failures(s: &mut String, study: &Study) {
    if study.outcome.failures.is_empty() {
        return;
    }
    let _ = write!(
        s,
        "<h2>Trainings that failed</h2><p>{} gave no quality; their settings count as unacceptable.</p>",
        study.outcome.failures.len()
    );
    for f in &study.outcome.failures {
        let _ = write!(
            s,
            "<details><summary><code>{} {}</code>, seed {}: {}</summary><pre>{}</pre></details>",
            escape(&f.method),
            escape(&f.bound.to_string()),
            f.seed,
            escape(&f.message),
            escape(if f.output.is_empty() { "(no output)" } else { &f.output })
        );
    }
}

fn repeat(s: &mut String, study: &Study) {
    let p = &study.provenance;
    s.push_str("<h2>To repeat it</h2><pre>");
    s.push_str(&escape(&command(p)));
    for r in &study.outcome.recommendations {
        let arguments = p.arguments(&r.method, &r.bound);
        let _ = write!(s, "\n{}", escape(&format!("tolzip compress DATA {arguments}")));
    }
    s.push_str("</pre><dl>");
    let entries = [
        ("compressor", p.reducer.clone()),
        ("training arrays", p.arrays.join("; ")),
        ("SHA-256 of the training arrays", p.data_sha256.clone()),
        (
            "seeds",
            format!(
                "0 to {}, and {} to {} where something was checked",
                p.seeds - 1,
                p.seeds,
                study.outcome.baseline.seeds.max(2 * p.seeds) - 1
            ),
        ),
        ("main margin", percent(p.loss)),
        ("machine", p.machine.clone()),
        ("time", format!("{:.1} s", p.seconds)),
    ];
    for (key, value) in entries {
        let _ = write!(s, "<dt>{key}</dt><dd>{}</dd>", escape(&value));
    }
    s.push_str("</dl><p class=\"soft\">Method: R. Underwood, J. C. Calhoun, S. Di, F. Cappello, <cite>Understanding The Effectiveness of Lossy Compression in Machine Learning Training Sets</cite>, arXiv 2403.15953.</p>");
}

/// The command that was given, or the one that does the same.
fn command(p: &Provenance) -> String {
    if p.command.is_empty() {
        format!("tolzip search --app {} --loss {} --seeds {}", p.app, p.loss, p.seeds)
    } else {
        p.command.clone()
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
