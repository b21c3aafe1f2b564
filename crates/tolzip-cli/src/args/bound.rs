//! Error bounds: one for `compress`, lists for `bench` and `search`.

use clap::Args;
use tolzip::Bound;

/// What to say to who asks for a bound that no method holds yet.
pub(crate) const AVAILABLE: &str = "bounds are --abs E, --rel E (of the value range), --pw-rel E (of each value), \
     --psnr DB, --l2 E, --ratio R, --abs-and-rel A,R, --abs-or-rel A,R and --lossless, in `compress` also --rate and --precision; `tolzip methods` lists which method takes which, and the knobs of the methods that have their own";

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
    /// Smallest peak signal-to-noise ratio in decibels: 20 log10((max - min) / rmse)
    #[arg(long, value_name = "DB", value_parser = decibels, allow_hyphen_values = true)]
    psnr: Option<f64>,
    /// Largest root mean square error
    #[arg(long, value_name = "E", value_parser = tolerance, allow_hyphen_values = true)]
    l2: Option<f64>,
    /// Smallest ratio of sizes: the tightest absolute bound that reaches it
    #[arg(long, value_name = "R", value_parser = tolerance, allow_hyphen_values = true)]
    ratio: Option<f64>,
    /// Both an absolute and a relative bound, as in 0.5,1e-3
    #[arg(long, value_name = "A,R", value_parser = both, allow_hyphen_values = true)]
    abs_and_rel: Option<(f64, f64)>,
    /// The looser of an absolute and a relative bound
    #[arg(long, value_name = "A,R", value_parser = both, allow_hyphen_values = true)]
    abs_or_rel: Option<(f64, f64)>,
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
        let bounds = [
            self.abs.map(Bound::Abs),
            self.rel.map(Bound::Rel),
            self.pw_rel.map(Bound::PointwiseRel),
            self.psnr.map(Bound::Psnr),
            self.l2.map(Bound::L2),
            self.ratio.map(Bound::Ratio),
            self.abs_and_rel.map(|(abs, rel)| Bound::AbsAndRel { abs, rel }),
            self.abs_or_rel.map(|(abs, rel)| Bound::AbsOrRel { abs, rel }),
        ];
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
    /// Smallest peak signal-to-noise ratios in decibels, separated by commas
    #[arg(long, value_name = "DB,DB", value_parser = decibels, value_delimiter = ',', allow_hyphen_values = true)]
    psnr: Vec<f64>,
    /// Largest root mean square errors, separated by commas
    #[arg(long, value_name = "E,E", value_parser = tolerance, value_delimiter = ',', allow_hyphen_values = true)]
    l2: Vec<f64>,
    /// Smallest ratios, separated by commas
    #[arg(long, value_name = "R,R", value_parser = tolerance, value_delimiter = ',', allow_hyphen_values = true)]
    ratio: Vec<f64>,
    /// Both an absolute and a relative bound, as in 0.5,1e-3
    #[arg(long, value_name = "A,R", value_parser = both, allow_hyphen_values = true)]
    abs_and_rel: Option<(f64, f64)>,
    /// The looser of an absolute and a relative bound
    #[arg(long, value_name = "A,R", value_parser = both, allow_hyphen_values = true)]
    abs_or_rel: Option<(f64, f64)>,
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
        all.extend(list(&self.psnr, Bound::Psnr));
        all.extend(list(&self.l2, Bound::L2));
        all.extend(list(&self.ratio, Bound::Ratio));
        all.extend(self.abs_and_rel.map(|(abs, rel)| Bound::AbsAndRel { abs, rel }));
        all.extend(self.abs_or_rel.map(|(abs, rel)| Bound::AbsOrRel { abs, rel }));
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
        "--norm" => "; the root mean square error is --l2",
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

/// A PSNR: at 0 dB the error is as large as the values' range.
fn decibels(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if f64::is_finite(number) && number > 0.0 => Ok(number),
        Ok(number) if f64::is_finite(number) => Err(
            "decibels above 0 (as in 60): at 0 the root mean square error is as large as the values' range"
                .to_owned(),
        ),
        _ => Err("not a number of decibels (as in 60)".to_owned()),
    }
}

/// An absolute and a relative bound.
fn both(text: &str) -> Result<(f64, f64), String> {
    let (abs, rel) = text.split_once(',').ok_or("an absolute and a relative bound, as in 0.5,1e-3")?;
    Ok((tolerance(abs)?, tolerance(rel)?))
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
        Some(value) => match bound.second() {
            Some(second) => format!("{} {value},{second}", bound.kind()),
            None => format!("{} {value}", bound.kind()),
        },
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
        assert_eq!(both("0.5,1e-3"), Ok((0.5, 1e-3)));
        assert!(both("0.5").is_err() && both("0.5,x").is_err());
        assert_eq!(decibels("3.5"), Ok(3.5));
        for bad in ["-3.5", "0", "inf", "nan", "high"] {
            assert!(decibels(bad).unwrap_err().contains("decibels"), "{bad}");
        }
    }
}
