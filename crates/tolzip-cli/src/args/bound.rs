//! Error bounds: one for `compress`, lists for `bench` and `search`.

use clap::Args;
use tolzip::Bound;

/// What to say to who asks for a bound that no method holds yet.
pub(crate) const AVAILABLE: &str = "bounds are --abs E, --rel E (of the value range), --pw-rel E (of each value) and \
     --lossless, in \
     `compress` also --rate and --precision; `tolzip methods` lists which method takes which, and the knobs of the methods that have their own";

/// What a user asks of the error, or of the size in its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Ask {
    Bound(Bound),
    /// Bits a value.
    Rate(f64),
    /// Bit planes of every block.
    Precision(u32),
}

/// Exactly one bound, or none where the method's own knob decides.
#[derive(Args, Clone, Debug)]
#[group(multiple = false)]
pub(crate) struct BoundArgs {
    /// Largest absolute error, in the data's own unit: |x - x'| <= E
    #[arg(long, value_name = "E", value_parser = tolerance, allow_hyphen_values = true)]
    abs: Option<f64>,
    /// Largest error as a part of the value range, max - min of the finite values
    #[arg(long, value_name = "E", value_parser = tolerance, allow_hyphen_values = true)]
    rel: Option<f64>,
    /// Largest error as a part of each value: |x - x'| <= E |x|
    #[arg(long, value_name = "E", value_parser = tolerance, allow_hyphen_values = true)]
    pw_rel: Option<f64>,
    /// No error at all: every bit is kept
    #[arg(long)]
    lossless: bool,
    /// No bound on the error, but this many bits for every value (transform only)
    #[arg(long, value_name = "BITS", value_parser = rate, allow_hyphen_values = true)]
    rate: Option<f64>,
    /// No bound on the error, but this many bit planes of every block of values (transform only)
    #[arg(long, value_name = "BITS", value_parser = clap::value_parser!(u32).range(1..=64))]
    precision: Option<u32>,
}

impl BoundArgs {
    /// What was asked for, if anything.
    pub(crate) fn get(&self) -> Option<Ask> {
        let bounds =
            [self.abs.map(Bound::Abs), self.rel.map(Bound::Rel), self.pw_rel.map(Bound::PointwiseRel)];
        let bound = bounds.into_iter().flatten().next().or(self.lossless.then_some(Bound::Lossless));
        bound.map(Ask::Bound).or(self.rate.map(Ask::Rate)).or(self.precision.map(Ask::Precision))
    }
}

/// One kind of bound with a list of numbers.
#[derive(Args, Clone, Debug)]
#[group(multiple = false)]
pub(crate) struct BoundListArgs {
    /// Largest absolute errors, separated by commas
    #[arg(long, value_name = "E,E", value_parser = tolerance, value_delimiter = ',', allow_hyphen_values = true)]
    abs: Vec<f64>,
    /// Largest errors as parts of the value range, separated by commas
    #[arg(long, value_name = "E,E", value_parser = tolerance, value_delimiter = ',', allow_hyphen_values = true)]
    rel: Vec<f64>,
    /// Largest errors as parts of each value, separated by commas
    #[arg(long, value_name = "E,E", value_parser = tolerance, value_delimiter = ',', allow_hyphen_values = true)]
    pw_rel: Vec<f64>,
    /// No error at all
    #[arg(long)]
    lossless: bool,
}

impl BoundListArgs {
    /// The bounds, or none if none was given.
    pub(crate) fn get(&self) -> Vec<Bound> {
        let list =
            |numbers: &[f64], bound: fn(f64) -> Bound| numbers.iter().map(|&e| bound(e)).collect::<Vec<_>>();
        let mut all = list(&self.abs, Bound::Abs);
        all.extend(list(&self.rel, Bound::Rel));
        all.extend(list(&self.pw_rel, Bound::PointwiseRel));
        if self.lossless {
            all.push(Bound::Lossless);
        }
        all
    }
}

/// What to say to who asks for a bound that is no flag.
pub(crate) fn instead_of(flag: &str) -> Option<String> {
    let knob = match flag {
        "--rate" => "; a fixed rate is a setting: --method transform:mode=rate,rate=8",
        "--precision" => "; a fixed precision is a setting: --method transform:mode=precision,precision=16",
        "--psnr" | "--l2" | "--norm" | "--ratio" => "",
        _ => return None,
    };
    Some(format!("{AVAILABLE}{knob}"))
}

/// A bound's number: finite and above 0.
fn tolerance(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number (as in 0.001 or 1e-3)".to_owned())?;
    if number == 0.0 {
        Err("an error of 0 means every bit is kept: use --lossless".to_owned())
    } else if number.is_finite() && number > 0.0 {
        Ok(number)
    } else {
        Err("a bound is a finite number above 0".to_owned())
    }
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(bits) if bits > 0.0 && bits <= 128.0 => Ok(bits),
        _ => Err("bits a value: a number above 0, at most 128".to_owned()),
    }
}

/// A bound as text, such as `rel 0.001`.
pub(crate) fn text(bound: Bound) -> String {
    match bound.value() {
        Some(value) => format!("{} {value}", bound.kind()),
        None => bound.kind().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tolerances_are_finite_and_above_zero() {
        assert_eq!(tolerance("1e-3"), Ok(1e-3));
        for bad in ["0", "-0", "-1", "nan", "inf", "1e999", "x", ""] {
            assert!(tolerance(bad).is_err(), "{bad}");
        }
        assert!(tolerance("0").unwrap_err().contains("--lossless"));
    }
}
