//! Methods as text: `family:key=value,...`.

use super::info::{Knob, KnobKind};
use super::knobs::Knobs;
use super::{Bitround, Method, Sample, Sampling, Truncation};
use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;
use tolzip_core::{DType, Error};
use tolzip_predict::{Predictor, Settings as Predict};
use tolzip_transform::Settings as Transform;

/// Why a text is not a method.
///
/// ```
/// use tolzip::Method;
/// use tolzip::method::ParseMethodError;
///
/// let error = "predict:lvl=2".parse::<Method>().unwrap_err();
/// assert!(matches!(&error, ParseMethodError::UnknownKnob { method: "predict", knob } if knob == "lvl"));
/// assert_eq!(error.to_string(), "predict has no knob \"lvl\"; it has predictor, level");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseMethodError {
    /// No family of this name in this build.
    UnknownFamily {
        /// The name that was given.
        name: String,
    },
    /// A part behind the colon that is not `key=value`.
    NotAKnob {
        /// The family.
        method: &'static str,
        /// The part.
        text: String,
    },
    /// A knob that the family does not have.
    UnknownKnob {
        /// The family.
        method: &'static str,
        /// The knob that was given.
        knob: String,
    },
    /// A knob that was given twice.
    Twice {
        /// The family.
        method: &'static str,
        /// The knob.
        knob: String,
    },
    /// A knob whose value does not fit.
    BadValue {
        /// The family.
        method: &'static str,
        /// The knob.
        knob: &'static str,
        /// The value that was given.
        value: String,
        /// What the knob needs.
        needs: &'static str,
    },
}

impl core::error::Error for ParseMethodError {}

/// So that a method can be parsed with `?` in a function that fails with [`Error`].
impl From<ParseMethodError> for Error {
    fn from(e: ParseMethodError) -> Self {
        Self::BadMethod(e.to_string())
    }
}

impl fmt::Display for ParseMethodError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownFamily { name } => {
                write!(f, "no method {name:?}; there are ")?;
                let mut last = "";
                for method in super::all() {
                    if method.family != last {
                        write!(f, "{}{}", if last.is_empty() { "" } else { ", " }, method.family)?;
                        last = method.family;
                    }
                }
                Ok(())
            }
            Self::NotAKnob { method, text } => write!(f, "{method}: {text:?} is not of the form key=value"),
            Self::UnknownKnob { method, knob } => {
                write!(f, "{method} has no knob {knob:?}; ")?;
                let info = super::all().into_iter().find(|m| m.family == *method);
                match info.map_or(&[][..], |m| m.knobs) {
                    [] => write!(f, "it has none"),
                    knobs => {
                        write!(f, "it has ")?;
                        for (i, k) in knobs.iter().enumerate() {
                            write!(f, "{}{}", if i == 0 { "" } else { ", " }, k.name)?;
                        }
                        Ok(())
                    }
                }
            }
            Self::Twice { method, knob } => write!(f, "{method}: {knob} is given twice"),
            Self::BadValue { method, knob, value, needs } => {
                write!(f, "{method}: {knob}={value}: needs {needs}")
            }
        }
    }
}

const PREDICTORS: &[(&str, Predictor)] = &[
    ("auto", Predictor::Auto),
    ("interpolation", Predictor::Interpolation),
    ("lorenzo", Predictor::Lorenzo),
];

pub(super) const PREDICT_KNOBS: &[Knob] = &[
    Knob {
        name: "predictor",
        kind: KnobKind::Choice(&["auto", "interpolation", "lorenzo"]),
        default: "auto",
    },
    Knob { name: "level", kind: KnobKind::Integer { min: 1, max: 4 }, default: "2" },
];

pub(super) const TRANSFORM_KNOBS: &[Knob] = &[
    Knob {
        name: "mode",
        kind: KnobKind::Choice(&["auto", "rate", "precision", "reversible"]),
        default: "auto",
    },
    Knob { name: "coder", kind: KnobKind::Choice(&["zfp", "context"]), default: "zfp" },
    Knob { name: "rate", kind: KnobKind::Number { min: 0.0, max: 128.0 }, default: "16" },
    Knob { name: "precision", kind: KnobKind::Integer { min: 1, max: 64 }, default: "16" },
];

pub(super) const BITROUND_KNOBS: &[Knob] = &[
    Knob { name: "bits", kind: KnobKind::Integer { min: 0, max: 52 }, default: "auto" },
    Knob { name: "info", kind: KnobKind::Number { min: 0.0, max: 1.0 }, default: "none" },
];

const SAMPLINGS: &[(&str, Sampling)] = &[
    ("first", Sampling::First),
    ("wor", Sampling::WithoutReplacement),
    ("wr", Sampling::WithReplacement),
    ("decimate", Sampling::Decimation),
    ("stratified", Sampling::Stratified),
];

const CASTS: &[(&str, Option<DType>)] =
    &[("auto", None), ("f16", Some(DType::F16)), ("bf16", Some(DType::Bf16)), ("f32", Some(DType::F32))];

pub(super) const TRUNCATE_KNOBS: &[Knob] =
    &[Knob { name: "bits", kind: KnobKind::Integer { min: 0, max: 52 }, default: "auto" }];

pub(super) const DIGITS_KNOBS: &[Knob] =
    &[Knob { name: "digits", kind: KnobKind::Integer { min: 1, max: 17 }, default: "auto" }];

pub(super) const CAST_KNOBS: &[Knob] =
    &[Knob { name: "to", kind: KnobKind::Choice(&["auto", "f16", "bf16", "f32"]), default: "auto" }];

pub(super) const SAMPLE_KNOBS: &[Knob] = &[
    Knob {
        name: "mode",
        kind: KnobKind::Choice(&["first", "wor", "wr", "decimate", "stratified"]),
        default: "wor",
    },
    Knob { name: "rate", kind: KnobKind::Number { min: 0.0, max: 1.0 }, default: "0.1" },
    Knob { name: "rows", kind: KnobKind::Integer { min: 1, max: i64::MAX }, default: "auto" },
    Knob { name: "label", kind: KnobKind::Integer { min: 0, max: isize::MAX as i64 }, default: "last" },
    Knob { name: "seed", kind: KnobKind::Integer { min: 0, max: i64::MAX }, default: "0" },
];

impl FromStr for Method {
    type Err = ParseMethodError;

    fn from_str(text: &str) -> Result<Self, ParseMethodError> {
        let (name, knobs) = text.split_once(':').unwrap_or((text, ""));
        let Some(family) = super::all_families().find(|f| *f == name) else {
            return Err(ParseMethodError::UnknownFamily { name: name.to_string() });
        };
        let mut knobs = Knobs::new(family, knobs)?;
        let method = match family {
            "auto" => Self::Auto,
            "none" => Self::None,
            "predict" => {
                let needs = "auto, interpolation or lorenzo";
                let predictor = knobs.choice("predictor", needs, PREDICTORS)?.unwrap_or(Predictor::Auto);
                let level = knobs.number("level", "1, 2, 3 or 4", |l| (1..=4).contains(l))?.unwrap_or(2);
                let settings = Predict::new(predictor);
                Self::Predict(settings.with_level(level).unwrap_or(settings))
            }
            "fast" => Self::Fast,
            "transform" => Self::Transform(transform(&mut knobs)?),
            "lossless" => Self::Lossless(lossless(&mut knobs)?),
            "bitround" => Self::Bitround(bitround(&mut knobs)?),
            "truncate" => Self::Truncation(Truncation::Truncate(bits(&mut knobs)?)),
            "groom" => Self::Truncation(Truncation::Groom(bits(&mut knobs)?)),
            "digitround" => Self::Truncation(Truncation::DigitRound(digits(&mut knobs)?)),
            "granular" => Self::Truncation(Truncation::Granular(digits(&mut knobs)?)),
            "cast" => {
                let needs = "auto, f16, bf16 or f32";
                Self::Truncation(Truncation::Cast(knobs.choice("to", needs, CASTS)?.flatten()))
            }
            "sample" => Self::Sample(sample(&mut knobs)?),
            #[cfg(feature = "baselines")]
            "deflate" => {
                let level = knobs.number("level", "a whole number from 0 to 9", |l| *l <= 9u8)?.unwrap_or(6);
                Self::Deflate(super::Deflate { level })
            }
            #[cfg(feature = "baselines")]
            "lz4" => Self::Lz4,
            #[cfg(feature = "baselines")]
            "brotli" => {
                let level =
                    knobs.number("level", "a whole number from 0 to 11", |l| *l <= 11u8)?.unwrap_or(5);
                Self::Brotli(super::Brotli { level })
            }
            #[cfg(feature = "baselines")]
            "pco" => {
                let level =
                    knobs.number("level", "a whole number from 0 to 12", |l| *l <= 12u8)?.unwrap_or(8);
                Self::Pco(super::Pco { level })
            }
            _ => return Err(ParseMethodError::UnknownFamily { name: name.to_string() }),
        };
        knobs.finish()?;
        Ok(method)
    }
}

fn lossless(knobs: &mut Knobs<'_>) -> Result<tolzip_lossless::Settings, ParseMethodError> {
    let Some(text) = knobs.take("level") else { return Ok(tolzip_lossless::Settings::default()) };
    let settings = text.parse().ok().and_then(|level| tolzip_lossless::Settings::new(level).ok());
    settings.ok_or_else(|| knobs.bad("level", text, "1, 2 or 3"))
}

fn bitround(knobs: &mut Knobs<'_>) -> Result<Bitround, ParseMethodError> {
    let bits = bits(knobs)?;
    let info = match knobs.take("info") {
        None | Some("none") => None,
        Some(text) => match text.parse() {
            Ok(share) if share > 0.0 && share <= 1.0 && bits.is_none() => Some(share),
            Ok(_) if bits.is_some() => return Err(knobs.bad("info", text, "no bits")),
            _ => return Err(knobs.bad("info", text, "a share above 0, at most 1")),
        },
    };
    Ok(Bitround { bits, info })
}

fn digits(knobs: &mut Knobs<'_>) -> Result<Option<u32>, ParseMethodError> {
    match knobs.take("digits") {
        None | Some("auto") => Ok(None),
        Some(text) => match text.parse() {
            Ok(digits @ 1..=17u32) => Ok(Some(digits)),
            _ => Err(knobs.bad("digits", text, "auto, or a whole number from 1 to 17")),
        },
    }
}

fn bits(knobs: &mut Knobs<'_>) -> Result<Option<u32>, ParseMethodError> {
    match knobs.take("bits") {
        None | Some("auto") => Ok(None),
        Some(text) => match text.parse() {
            Ok(bits @ 0..=52u32) => Ok(Some(bits)),
            _ => Err(knobs.bad("bits", text, "auto, or a whole number from 0 to 52")),
        },
    }
}

fn sample(knobs: &mut Knobs<'_>) -> Result<Sample, ParseMethodError> {
    let mode = knobs.choice("mode", "first, wor, wr, decimate or stratified", SAMPLINGS)?;
    let rate = knobs.number("rate", "a number above 0, at most 1", |r| *r > 0.0 && *r <= 1.0)?;
    let count = match knobs.take("rows") {
        None | Some("auto") => None,
        Some(text) => match text.parse() {
            Ok(_) if rate.is_some() => return Err(knobs.bad("rows", text, "no rate beside it")),
            Ok(count) if (1..1 << 63).contains(&count) => Some(count),
            _ => return Err(knobs.bad("rows", text, "auto, or a whole number from 1 to 2^63 - 1")),
        },
    };
    let seed = knobs.number("seed", "a whole number below 2^63", |s| *s < 1 << 63)?;
    let mode = mode.unwrap_or(Sampling::WithoutReplacement);
    let label = match knobs.take("label") {
        None | Some("last") => None,
        Some(text) => match text.parse() {
            Ok(label) if label <= isize::MAX as usize => Some(label),
            _ => return Err(knobs.bad("label", text, "last, or the number of a column")),
        },
    };
    Ok(Sample { mode, rate: rate.unwrap_or(0.1), count, seed: seed.unwrap_or(0), label })
}

/// A knob of one mode implies it; a knob of another mode is refused by name.
fn transform(knobs: &mut Knobs<'_>) -> Result<Transform, ParseMethodError> {
    let modes = [("auto", 0), ("rate", 1), ("precision", 2), ("reversible", 3)];
    let mode = knobs.choice("mode", "auto, rate, precision or reversible", &modes)?;
    let by_context = knobs.choice("coder", "zfp or context", &[("zfp", false), ("context", true)])?;
    let rate = knobs.number("rate", "bits a value above 0, at most 128", |r| *r > 0.0 && *r <= 128.0)?;
    let precision = knobs.number("precision", "a whole number from 1 to 64", |p| (1..=64).contains(p))?;
    let implied = match (rate, precision) {
        (Some(_), None) => Some(1),
        (None, Some(_)) => Some(2),
        (None, None) => None,
        (Some(_), Some(_)) => return Err(knobs.bad("mode", "rate and precision", "one of the two")),
    };
    if by_context == Some(true) {
        return match mode.or(implied) {
            None | Some(0) => Ok(Transform::Context),
            _ => Err(knobs.bad("coder", "context", "mode=auto")),
        };
    }
    Ok(match (mode.or(implied), implied) {
        (Some(1), None | Some(1)) => Transform::Rate(rate.unwrap_or(16.0)),
        (Some(2), None | Some(2)) => Transform::Precision(precision.unwrap_or(16)),
        (Some(3), None) => Transform::Reversible,
        (Some(0) | None, None) => Transform::Auto,
        (_, Some(1)) => return Err(knobs.bad("rate", "", "mode=rate")),
        _ => return Err(knobs.bad("precision", "", "mode=precision")),
    })
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.family())?;
        match self {
            Self::Predict(settings) => {
                let mut separator = ':';
                if settings.predictor != Predictor::Auto {
                    write!(f, ":predictor={}", name_of(PREDICTORS, settings.predictor))?;
                    separator = ',';
                }
                if settings.level() == 2 {
                    Ok(())
                } else {
                    write!(f, "{separator}level={}", settings.level())
                }
            }
            Self::Transform(Transform::Rate(rate)) => write!(f, ":mode=rate,rate={rate}"),
            Self::Transform(Transform::Precision(precision)) => {
                write!(f, ":mode=precision,precision={precision}")
            }
            Self::Transform(Transform::Reversible) => write!(f, ":mode=reversible"),
            Self::Transform(Transform::Context) => write!(f, ":coder=context"),
            Self::Lossless(settings) if *settings != tolzip_lossless::Settings::default() => {
                write!(f, ":level={}", settings.level())
            }
            Self::Bitround(Bitround { bits: Some(bits), .. }) => write!(f, ":bits={bits}"),
            Self::Bitround(Bitround { info: Some(share), .. }) => write!(f, ":info={share}"),
            Self::Truncation(Truncation::Truncate(Some(bits)) | Truncation::Groom(Some(bits))) => {
                write!(f, ":bits={bits}")
            }
            Self::Truncation(Truncation::DigitRound(Some(n)) | Truncation::Granular(Some(n))) => {
                write!(f, ":digits={n}")
            }
            Self::Truncation(Truncation::Cast(Some(to))) => write!(f, ":to={to}"),
            Self::Sample(Sample { mode, rate, count, seed, label }) => {
                write!(f, ":mode={}", name_of(SAMPLINGS, *mode))?;
                match count {
                    Some(count) => write!(f, ",rows={count}")?,
                    None => write!(f, ",rate={rate}")?,
                }
                if let Some(label) = label {
                    write!(f, ",label={label}")?;
                }
                if *seed == 0 { Ok(()) } else { write!(f, ",seed={seed}") }
            }
            #[cfg(feature = "baselines")]
            Self::Deflate(settings) if settings.level != 6 => write!(f, ":level={}", settings.level),
            #[cfg(feature = "baselines")]
            Self::Brotli(settings) if settings.level != 5 => write!(f, ":level={}", settings.level),
            #[cfg(feature = "baselines")]
            Self::Pco(settings) if settings.level != 8 => write!(f, ":level={}", settings.level),
            _ => Ok(()),
        }
    }
}

fn name_of<C: Copy + PartialEq>(names: &[(&'static str, C)], of: C) -> &'static str {
    names.iter().find(|(_, c)| *c == of).map_or("auto", |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        text.parse::<Method>().unwrap_err().to_string()
    }

    #[test]
    fn what_is_printed_parses_to_the_same() {
        for text in [
            "auto",
            "none",
            "predict",
            "predict:predictor=lorenzo",
            "predict:level=3",
            "predict:level=4",
            "predict:predictor=interpolation,level=1",
            "transform:mode=rate,rate=8.5",
            "transform:mode=precision,precision=20",
            "transform:mode=reversible",
            "transform:coder=context",
            "lossless",
            "bitround:bits=7",
            "bitround:info=0.99",
            "truncate:bits=3",
            "groom:bits=3",
            "digitround:digits=4",
            "granular",
            "cast:to=bf16",
            "cast",
            "sample:mode=decimate,rate=0.25,seed=9",
            "sample:mode=stratified,rate=0.5,label=3",
            "sample:mode=first,rows=1000",
        ] {
            assert_eq!(text.parse::<Method>().unwrap().to_string(), text);
        }
        assert_eq!("transform:rate=8".parse::<Method>(), "transform:mode=rate,rate=8".parse());
        assert_eq!("transform:coder=zfp".parse::<Method>(), "transform".parse());
        assert!(message("transform:coder=context,mode=rate").contains("mode=auto"));
        assert_eq!("predict:".parse::<Method>(), "predict".parse());
    }

    #[test]
    fn errors_say_what_there_is_instead() {
        assert!(
            message("zip").starts_with("no method \"zip\"; there are auto, none, predict, fast, transform")
        );
        assert_eq!(message("predict:lvl=2"), "predict has no knob \"lvl\"; it has predictor, level");
        assert_eq!(message("auto:x=1"), "auto has no knob \"x\"; it has none");
        assert_eq!(
            message("bitround:bits=60"),
            "bitround: bits=60: needs auto, or a whole number from 0 to 52"
        );
        assert_eq!(message("sample:rate=0"), "sample: rate=0: needs a number above 0, at most 1");
        assert_eq!(message("sample:rate=0.5,rows=3"), "sample: rows=3: needs no rate beside it");
        assert_eq!(
            message("sample:rows=0"),
            "sample: rows=0: needs auto, or a whole number from 1 to 2^63 - 1"
        );
        assert_eq!(message("sample:rate"), "sample: \"rate\" is not of the form key=value");
        assert_eq!(message("sample:rate=1,rate=1"), "sample: rate is given twice");
        assert!(message("transform:mode=precision,rate=3").contains("mode=rate"));
    }
}
