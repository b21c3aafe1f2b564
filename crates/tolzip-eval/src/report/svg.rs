//! Scales, ticks and marks.

use std::fmt::Write;

/// A linear map from data to pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Scale {
    pub(super) fn new((low, high): (f64, f64), (from, to): (f64, f64)) -> Self {
        // An empty range would divide by nothing.
        let pad = if high > low { 0.0 } else { low.abs().max(1.0) * 0.5 };
        Self { low: low - pad, high: high + pad, from, to }
    }

    pub(super) fn at(&self, v: f64) -> f64 {
        self.from + (v - self.low) / (self.high - self.low) * (self.to - self.from)
    }

    /// The nearest value that is shown, and whether it had to be moved up the page to it: on a scale of heights the lower
    /// edge is the end of the larger pixel.
    pub(super) fn clamp(&self, v: f64) -> (f64, bool) {
        let below = if self.from >= self.to { v < self.low } else { v > self.high };
        (v.clamp(self.low, self.high), below)
    }

    pub(super) fn ends(&self) -> (f64, f64) {
        (self.low, self.high)
    }
}

/// About `n` round numbers between two.
pub(super) fn ticks(low: f64, high: f64, n: usize) -> Vec<f64> {
    let raw = (high - low) / n.max(1) as f64;
    if !(raw > 0.0 && raw.is_finite()) {
        return vec![low];
    }
    let power = 10f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|k| k * power).find(|s| *s >= raw).unwrap_or(raw);
    let first = (low / step).ceil() as i64;
    let last = (high / step).floor() as i64;
    (first..=last).map(|k| k as f64 * step).collect()
}

/// 1, 2, 5, 10, 20, ... within a range of positive numbers, thinned to decades where there are many.
pub(super) fn log_ticks(low: f64, high: f64) -> Vec<f64> {
    let decades = (low.log10().floor() as i32)..=(high.log10().ceil() as i32);
    let wide = high / low > 300.0;
    decades
        .flat_map(|d| [1.0, 2.0, 5.0].map(|m| (m, m * 10f64.powi(d))))
        .filter(|&(m, v)| v >= low * 0.999 && v <= high * 1.001 && (!wide || m == 1.0))
        .map(|(_, v)| v)
        .collect()
}

/// A number as people write it: three or four digits, no needless zeros.
pub(super) fn number(v: f64) -> String {
    if v == 0.0 {
        return "0".into();
    }
    let size = v.abs();
    if !(1e-3..1e6).contains(&size) {
        return format!("{v:.2e}").replace(".00e", "e");
    }
    let digits = (3 - size.log10().floor() as i32).clamp(0, 6) as usize;
    let text = format!("{v:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
}

/// A share as percent.
pub(super) fn percent(v: f64) -> String {
    let text = format!("{:.2}", 100.0 * v);
    format!("{} %", if text == "-0.00" { "0.00" } else { &text })
}

/// Text for HTML and SVG.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// A method's name for HTML, which may be broken between its settings.
pub(super) fn breakable(name: &str) -> String {
    escape(name).replace(':', ":<wbr>").replace(',', ",<wbr>")
}

/// A ratio: two decimals where they matter.
pub(super) fn ratio(r: f64) -> String {
    if r < 100.0 { format!("{r:.2}") } else { format!("{r:.0}") }
}

/// The colour of a method, by its family: a CSS variable.
pub(super) fn colour(method: &str) -> &'static str {
    match method.split([':', ' ']).next().unwrap_or_default() {
        "predict" => "var(--c0)",
        "transform" => "var(--c1)",
        "bitround" => "var(--c2)",
        "sample" => "var(--c3)",
        "lossless" | "deflate" | "lz4" | "none" => "var(--c4)",
        "auto" => "var(--c5)",
        _ => "var(--c6)",
    }
}

/// A straight line.
pub(super) fn line(out: &mut String, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
    let _ = write!(out, r#"<line class="{class}" x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}"/>"#);
}

/// A text whose anchor is `start`, `middle` or `end`.
pub(super) fn text(out: &mut String, anchor: &str, (x, y): (f64, f64), content: &str) {
    let _ = write!(out, r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">{}</text>"#, escape(content));
}

/// A drawing by itself, in its own colours for light and dark.
pub(super) fn standalone((width, height): (f64, f64), label: &str, content: &str) -> String {
    let style = include_str!("style.css").replace('<', "&lt;");
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\"><style>{style}</style>{content}</svg>\n",
        escape(label)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        assert_eq!(ticks(0.0, 1.0, 5), [0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0]);
        assert_eq!(ticks(3.0, 3.0, 5), [3.0]);
        assert_eq!(log_ticks(1.5, 30.0), [2.0, 5.0, 10.0, 20.0]);
        assert_eq!(log_ticks(1.0, 1000.0), [1.0, 10.0, 100.0, 1000.0]);
    }

    #[test]
    fn numbers_read_well() {
        for (v, text) in [
            (0.0, "0"),
            (12.3456, "12.35"),
            (1e-7, "1e-7"),
            (0.001, "0.001"),
            (150.0, "150"),
            (1.5e9, "1.50e9"),
        ] {
            assert_eq!(number(v), text);
        }
        assert_eq!((ratio(3.1849), ratio(1297.4)), ("3.18".to_owned(), "1297".to_owned()));
        assert_eq!(percent(0.0123), "1.23 %");
        assert_eq!(percent(-0.00001), "0.00 %");
    }

    #[test]
    fn nothing_escapes() {
        assert_eq!(escape("<a href='x'>&\""), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;");
        assert_eq!(breakable("a:b<c,d"), "a:<wbr>b&lt;c,<wbr>d");
    }

    #[test]
    fn empty_ranges_have_a_scale() {
        let s = Scale::new((2.0, 2.0), (0.0, 10.0));
        assert!(s.at(2.0).is_finite());
        // More is further up, and the other way round.
        assert_eq!(Scale::new((0.0, 1.0), (10.0, 0.0)).clamp(-1.0), (0.0, true));
        assert_eq!(Scale::new((0.0, 1.0), (10.0, 0.0)).clamp(2.0), (1.0, false));
        assert_eq!(Scale::new((0.0, 1.0), (0.0, 10.0)).clamp(2.0), (1.0, true));
    }
}
