//! The drawing of `tolzip bench`: how faithful the array is, against the bits that a value takes.

use super::bench::Record;
use std::fmt::Write;
use std::path::Path;

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 480.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 250.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 50.0;
/// Told apart by people who see few colours, too: lines also have dashes.
const COLOURS: [&str; 7] = ["#1f5fbf", "#c96a0b", "#1a7f4b", "#8b3fb0", "#b0306a", "#0e8a92", "#6b7280"];
const DASHES: [&str; 3] = ["none", "7 4", "2 3"];

/// Bits a value by their logarithm to base 2, and PSNR.
type Mark = (f64, Option<f64>);

/// PSNR in dB against bits a value on a logarithmic axis, a line per file and method, as one SVG file. Measurements without a
/// PSNR (bit-exact ones) are marks on the upper edge.
pub(super) fn svg(records: &[Record]) -> String {
    let mut curves: Vec<(String, Vec<Mark>)> = Vec::new();
    let files = records.iter().any(|r| r.file != records[0].file);
    for r in records.iter().filter(|r| r.bits_per_value > 0.0 && r.bits_per_value.is_finite()) {
        let name = if files {
            let file = Path::new(&r.file).file_name().unwrap_or_default().to_string_lossy();
            format!("{file} {}", r.method)
        } else {
            r.method.clone()
        };
        let point = (r.bits_per_value.log2(), r.psnr.filter(|p| p.is_finite()));
        match curves.iter_mut().find(|c| c.0 == name) {
            Some(curve) => curve.1.push(point),
            None => curves.push((name, vec![point])),
        }
    }
    let all = || curves.iter().flat_map(|c| &c.1);
    let (x0, x1) = range(all().map(|p| p.0), 1.0);
    let (y0, y1) = range(all().filter_map(|p| p.1), 20.0);
    let x = |v: f64| LEFT + (v - x0) / (x1 - x0) * (WIDTH - RIGHT - LEFT);
    let y =
        |v: Option<f64>| v.map_or(TOP, |v| HEIGHT - BOTTOM - (v - y0) / (y1 - y0) * (HEIGHT - BOTTOM - TOP));

    let mut s = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"12\"><rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    let text = |s: &mut String, (x, y): (f64, f64), anchor: &str, t: &str| {
        let t = t.replace('&', "&amp;").replace('<', "&lt;");
        let _ =
            writeln!(s, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"#444\">{t}</text>");
    };
    let grid = |s: &mut String, (a, b): (f64, f64), (c, d): (f64, f64)| {
        let _ =
            writeln!(s, "<line x1=\"{a:.1}\" y1=\"{b:.1}\" x2=\"{c:.1}\" y2=\"{d:.1}\" stroke=\"#ddd\"/>");
    };
    for bits in x0 as i32..=x1 as i32 {
        let at = x(f64::from(bits));
        grid(&mut s, (at, TOP), (at, HEIGHT - BOTTOM));
        text(&mut s, (at, HEIGHT - BOTTOM + 18.0), "middle", &format!("{}", 2f64.powi(bits)));
    }
    for db in (0..=((y1 - y0) / 20.0) as i32).map(|k| y0 + 20.0 * f64::from(k)) {
        grid(&mut s, (LEFT, y(Some(db))), (WIDTH - RIGHT, y(Some(db))));
        text(&mut s, (LEFT - 8.0, y(Some(db)) + 4.0), "end", &format!("{db}"));
    }
    text(&mut s, ((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 12.0), "middle", "bits a value (logarithmic)");
    text(&mut s, (LEFT + 6.0, TOP + 14.0), "start", "PSNR in dB");
    for (i, (name, points)) in curves.iter_mut().enumerate() {
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (colour, dash) = (COLOURS[i % COLOURS.len()], DASHES[i / COLOURS.len() % DASHES.len()]);
        let line: Vec<String> =
            points.iter().filter(|p| p.1.is_some()).map(|p| format!("{:.1},{:.1}", x(p.0), y(p.1))).collect();
        let _ = writeln!(
            s,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.8\" stroke-dasharray=\"{dash}\"/>",
            line.join(" ")
        );
        for p in points.iter() {
            let (x, y) = (x(p.0), y(p.1));
            let _ = writeln!(s, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"{colour}\"/>");
        }
        let at = TOP + 10.0 + 18.0 * i as f64;
        let from = WIDTH - RIGHT + 14.0;
        let _ = writeln!(
            s,
            "<line x1=\"{from}\" y1=\"{at}\" x2=\"{}\" y2=\"{at}\" stroke=\"{colour}\" stroke-width=\"1.8\" stroke-dasharray=\"{dash}\"/>",
            from + 22.0
        );
        text(&mut s, (from + 28.0, at + 4.0), "start", name);
    }
    s + "</svg>\n"
}

/// From the last multiple of the step below all values to the first above; one step from 0 on for none.
fn range(values: impl Iterator<Item = f64>, step: f64) -> (f64, f64) {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
    if low > high {
        return (0.0, step);
    }
    let (low, high) = ((low / step).floor() * step, (high / step).ceil() * step);
    (low, if high > low { high } else { low + step })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_end_at_round_numbers() {
        assert_eq!(range([3.0, 47.0].into_iter(), 20.0), (0.0, 60.0));
        assert_eq!(range([1.0].into_iter(), 1.0), (1.0, 2.0));
        assert_eq!(range(std::iter::empty(), 20.0), (0.0, 20.0));
    }
}
