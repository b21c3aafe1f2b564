//! The points as a table, and the plot as a picture, for other programs.

use super::pareto;
use super::svg::{standalone, text};
use crate::search::Study;
use std::fmt::Write;

/// One line a point (RFC 4180): what the report's table says, with all digits.
pub(super) fn csv(study: &Study) -> String {
    let mut s = String::from(
        "mode,method,bound,ratio,quality,quality_low,quality_high,loss,loss_low,loss_high,seeds,max_abs_error,psnr,on_front,flags\n",
    );
    for p in &study.outcome.points {
        let f = p.fidelity.as_ref();
        let optional = |v: Option<f64>| v.map(|v| v.to_string()).unwrap_or_default();
        let _ = writeln!(
            s,
            "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}",
            quoted(&p.mode),
            quoted(&p.method),
            quoted(&p.bound.to_string()),
            p.ratio,
            p.quality.mean,
            p.quality.low,
            p.quality.high,
            p.loss,
            p.loss_low,
            p.loss_high,
            p.seeds,
            optional(f.map(|f| f.max_abs_error)),
            optional(f.and_then(|f| f.psnr)),
            p.on_front,
            p.flags.join(" ")
        );
    }
    s
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// The plot of quality against ratio by itself, in its own colours for light and dark, without the figures that the report's
/// marks show: the table has them.
pub(super) fn svg(study: &Study) -> String {
    let plot = pareto::plot(study, pareto::Axis::Logarithmic, (WIDTH, HEIGHT));
    let mut parts = plot.split("<title>");
    let first = parts.next().unwrap_or_default().to_owned();
    let plot = first + &parts.filter_map(|p| Some(p.split_once("</title>")?.1)).collect::<String>();
    let (_, rest) = plot.split_once('>').unwrap_or(("", &plot));
    let (legend, height) = legend(study, HEIGHT);
    let rest = rest.trim_end().trim_end_matches("</svg>");
    standalone((WIDTH, height), "Quality against compression ratio", &format!("{legend}{rest}"))
}

const WIDTH: f64 = 1040.0;
const HEIGHT: f64 = 520.0;

/// What the colours stand for, in lines below the height given, and the height with them.
fn legend(study: &Study, height: f64) -> (String, f64) {
    const LINE: f64 = 22.0;
    let (mut s, mut x, mut y) = (String::new(), 64.0, height + LINE / 2.0);
    for (colour, names) in pareto::families(study) {
        let names = names.join(", ");
        // Letters are about 6.6 wide.
        let width = 40.0 + 6.6 * names.len() as f64;
        if x > 64.0 && x + width > WIDTH {
            (x, y) = (64.0, y + LINE);
        }
        let _ = write!(s, r#"<circle cx="{x:.1}" cy="{:.1}" r="5" fill="{colour}"/>"#, y - 4.0);
        text(&mut s, "start", (x + 10.0, y), &names);
        x += width;
    }
    (s, y + LINE / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Search, apps};

    #[test]
    fn tables_have_a_line_for_every_point() {
        let app = apps::get("digits").unwrap();
        let methods = ["lossless", "sample:mode=first"];
        let study = Search::new(app.as_ref()).methods(&methods).trainings(20).run().unwrap();
        let text = csv(&study);
        assert_eq!(text.lines().count(), study.outcome.points.len() + 1);
        let columns = text.lines().next().unwrap().split(',').count();
        let sample = text.lines().find(|l| l.starts_with("\"sample:mode=first,rate\"")).unwrap();
        // Two of the fields hold a comma of their own.
        assert_eq!(sample.split(',').count(), columns + 2, "{sample}");
        let picture = svg(&study);
        assert!(picture.starts_with("<svg xmlns=") && picture.trim_end().ends_with("</svg>"));
        assert_eq!(picture.matches("<svg").count(), 1);
        assert!(crate::report::raster::png(&picture).unwrap().starts_with(b"\x89PNG"));
        let words = crate::report::markdown::markdown(&study);
        assert!(words.contains("## Recommended") && words.contains("sample:mode=first"), "{words}");
        // Both colours are named.
        assert_eq!(picture.matches("r=\"5\" fill=\"var(").count(), 2);
    }
}
