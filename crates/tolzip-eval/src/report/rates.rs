//! The drawing of `tolzip bench`: how faithful arrays are, against the bits that a value takes.

use super::svg::{Scale, line, number, standalone, text, ticks};
use std::fmt::Write;

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 480.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 250.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 50.0;
/// Of the names beside the plot.
const LINE: f64 = 18.0;
/// Lines of one colour are told apart by them, also by people who see few colours.
const DASHES: [&str; 3] = ["none", "7 4", "2 3"];
const COLOURS: usize = 7;

/// What one method, or one file with one method, reaches.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// What the legend calls it.
    pub name: String,
    /// Bits a value, and the PSNR in dB; none where every bit comes back.
    pub points: Vec<(f64, Option<f64>)>,
}

/// PSNR against bits a value on a logarithmic axis, a line per curve, as one SVG file. Points without a PSNR are marks on the
/// upper edge; those whose numbers are not finite, or not positive bits, are left out.
#[must_use]
pub fn rate_distortion(curves: &[Curve]) -> String {
    let mut curves = curves.to_vec();
    for c in &mut curves {
        c.points.retain(|p| p.0 > 0.0 && p.0.is_finite() && p.1.is_none_or(f64::is_finite));
        c.points.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    let all = || curves.iter().flat_map(|c| &c.points);
    let (low, high) = range(all().map(|p| p.0.log2()), 1.0);
    let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
    let x = Scale::new((low, high), (LEFT, right));
    let y = Scale::new(range(all().filter_map(|p| p.1), 20.0), (bottom, TOP));
    let mut s = String::new();
    for bits in low as i32..=high as i32 {
        let at = x.at(f64::from(bits));
        line(&mut s, "grid", (at, TOP), (at, bottom));
        text(&mut s, "middle", (at, bottom + 18.0), &number(2f64.powi(bits)));
    }
    let (a, b) = y.ends();
    for db in ticks(a, b, ((b - a) / 20.0) as usize) {
        line(&mut s, "grid", (LEFT, y.at(db)), (right, y.at(db)));
        text(&mut s, "end", (LEFT - 8.0, y.at(db) + 4.0), &number(db));
    }
    text(&mut s, "middle", ((LEFT + right) / 2.0, HEIGHT - 12.0), "bits a value (logarithmic)");
    text(&mut s, "start", (LEFT + 6.0, TOP + 14.0), "PSNR in dB");
    for (i, c) in curves.iter().enumerate() {
        let colour = format!("var(--c{})", i % COLOURS);
        let style = format!("stroke:{colour};stroke-dasharray:{}", DASHES[i / COLOURS % DASHES.len()]);
        let place = |p: &(f64, Option<f64>)| (x.at(p.0.log2()), p.1.map_or(TOP, |db| y.at(db)));
        let path: String = c
            .points
            .iter()
            .filter(|p| p.1.is_some())
            .map(place)
            .map(|(x, y)| format!("{x:.1},{y:.1} "))
            .collect();
        let _ = writeln!(s, r#"<polyline style="{style}" points="{}"/>"#, path.trim_end());
        for (cx, cy) in c.points.iter().map(place) {
            let _ = writeln!(s, r#"<circle cx="{cx:.1}" cy="{cy:.1}" r="3.5" fill="{colour}"/>"#);
        }
        let (from, at) = (right + 14.0, TOP + 10.0 + LINE * i as f64);
        let to = from + 22.0;
        let _ = writeln!(
            s,
            r#"<line style="{style};stroke-width:1.4" x1="{from}" y1="{at}" x2="{to}" y2="{at}"/>"#
        );
        text(&mut s, "start", (from + 28.0, at + 4.0), &c.name);
    }
    let height = HEIGHT.max(TOP + 20.0 + LINE * curves.len() as f64);
    standalone((WIDTH, height), "PSNR against bits a value", &s)
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

    #[test]
    fn marks_stand_where_their_numbers_are() {
        let curve = Curve {
            name: "a<b".into(),
            points: vec![
                (4.0, Some(60.0)),
                (1.0, Some(20.0)),
                (8.0, None),
                (0.0, None),
                (2.0, Some(f64::NAN)),
            ],
        };
        let drawing = rate_distortion(&[curve]);
        assert!(drawing.starts_with("<svg xmlns=") && drawing.contains("a&lt;b"));
        // 1 to 8 bits are 0 to 3 on an axis of 590; 20 to 60 dB span one of 410.
        assert!(drawing.contains(r#"points="60.0,430.0 453.3,20.0""#), "{drawing}");
        assert_eq!(drawing.matches("<circle").count(), 3);
        assert!(drawing.contains(r#"cx="650.0" cy="20.0""#));
    }

    #[test]
    fn many_names_have_room() {
        let curve = |i: usize| Curve { name: format!("method {i}"), points: vec![(1.0, Some(i as f64))] };
        let drawing = rate_distortion(&(0..40).map(curve).collect::<Vec<_>>());
        assert!(drawing.contains(r#"viewBox="0 0 900 760""#));
        assert!(rate_distortion(&[]).ends_with("</svg>\n"));
    }
}
