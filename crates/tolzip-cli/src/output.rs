//! What goes to the terminal: tables and notes for people, one JSON document for programs.

use crate::failure::{Failure, Result};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};

/// Prints one JSON document to standard output. NaN and infinities become `null`.
pub(crate) fn json(document: &impl Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(document).map_err(|e| Failure::new(e.to_string()))?;
    line(&text)
}

/// Prints a line to standard output. A reader that has seen enough (`| head`) is no failure.
pub(crate) fn line(text: &str) -> Result<()> {
    match writeln!(io::stdout().lock(), "{}", printable(text)) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(Failure::new(format!("standard output: {e}"))),
        _ => Ok(()),
    }
}

/// Prints a line to standard error.
pub(crate) fn note(text: &str) {
    // There is nobody left to tell if this fails.
    let _ = writeln!(io::stderr().lock(), "{}", printable(text));
}

/// Text as a terminal may show it: names and methods in files can be anybody's, and orders to terminals among them.
fn printable(text: &str) -> Cow<'_, str> {
    let order = |c: char| c.is_control() && c != '\n' && c != '\t';
    if !text.contains(order) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if order(c) { out.extend(c.escape_debug()) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// Whether standard output is a terminal, which binary data would upset.
pub(crate) fn stdout_is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// A progress bar on standard error; nothing if that is no terminal.
pub(crate) fn progress(steps: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    if io::stderr().is_terminal() {
        ProgressBar::new(steps as u64).with_style(style)
    } else {
        ProgressBar::hidden()
    }
}

/// A sign of life on standard error for work that does not say how far it is; nothing if that is no terminal.
pub(crate) fn busy(message: &'static str) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
    let bar = ProgressBar::new_spinner().with_style(style).with_message(message);
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    bar
}

/// A table of text, printed with aligned columns: the first to the left, the others to the right.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
    /// Columns from here on are to the left again.
    left_from: usize,
}

impl Table {
    pub(crate) fn new<const N: usize>(head: [&str; N]) -> Self {
        Self { rows: vec![head.map(str::to_owned).to_vec()], left_from: usize::MAX }
    }

    /// Aligns the columns from this one on to the left.
    pub(crate) const fn left_from(mut self, column: usize) -> Self {
        self.left_from = column;
        self
    }

    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(Vec::from(cells));
    }

    pub(crate) fn print(&self) -> Result<()> {
        self.rows().into_iter().try_for_each(|row| line(&row))
    }

    fn rows(&self) -> Vec<String> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |c: usize| self.rows.iter().filter_map(|r| r.get(c)).map(|t| t.chars().count()).max();
        let widths: Vec<usize> = (0..columns).map(|c| width(c).unwrap_or(0)).collect();
        let format = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths).enumerate().map(|(column, (text, &w))| {
                if column == 0 || column >= self.left_from {
                    format!("{text:<w$}")
                } else {
                    format!("{text:>w$}")
                }
            });
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        self.rows.iter().map(format).collect()
    }
}

/// A number of bytes for people, in powers of 1000.
pub(crate) fn bytes(n: u64) -> String {
    let mut value = n as f64;
    for unit in ["B", "kB", "MB", "GB"] {
        if value < 1000.0 {
            return if unit == "B" { format!("{n} B") } else { format!("{value:.3} {unit}") };
        }
        value /= 1000.0;
    }
    format!("{value:.3} TB")
}

/// A number with four significant digits.
pub(crate) fn number(x: f64) -> String {
    if x == 0.0 {
        "0".to_owned()
    } else if (1e-3..1e5).contains(&x.abs()) {
        let digits = 3 - x.abs().log10().floor() as i32;
        format!("{x:.*}", usize::try_from(digits).unwrap_or(0))
    } else {
        format!("{x:.3e}")
    }
}

/// As [`number`], a dash for what is not defined.
pub(crate) fn maybe(x: Option<f64>) -> String {
    x.filter(|x| x.is_finite()).map_or_else(|| "-".to_owned(), number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_people() {
        for (x, text) in
            [(0.0, "0"), (1.0, "1.000"), (12345.6, "12346"), (1e-5, "1.000e-5"), (-0.25, "-0.2500")]
        {
            assert_eq!(number(x), text);
        }
        assert_eq!((bytes(999), bytes(1_740_608)), ("999 B".to_owned(), "1.741 MB".to_owned()));
        assert_eq!(maybe(Some(f64::INFINITY)), "-");
    }

    #[test]
    fn columns_line_up() {
        let mut table = Table::new(["name", "ratio"]);
        table.row(["a".to_owned(), "10.5".to_owned()]);
        assert_eq!(table.rows(), ["name  ratio", "a      10.5"]);
    }
}
