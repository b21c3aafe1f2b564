//! The list of methods, for programs that offer them to people.

use super::Method;
use alloc::vec::Vec;
use tolzip_core::DType;

/// A family of methods: what it is, what it takes, what can be set.
///
/// ```
/// use tolzip::{DType, method};
///
/// // What keeps every bit of integers.
/// let exact = method::all().into_iter().filter(|m| m.lossless && m.dtypes.contains(&DType::U8));
/// let ids: Vec<_> = exact.map(|m| m.id).collect();
/// assert!(ids.contains(&"lossless") && !ids.contains(&"bitround"));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct MethodInfo {
    /// What to write to get the method with its defaults.
    pub id: &'static str,
    /// The family: the part of the id before a colon.
    pub family: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// The kinds of bound it takes, as [`Bound::kind`](crate::Bound::kind) names them.
    pub bounds: &'static [&'static str],
    /// The types of element it takes.
    pub dtypes: Vec<DType>,
    /// The numbers of dimensions it makes use of; more are folded.
    pub dims: &'static [u8],
    /// Whether it is bit-exact.
    pub lossless: bool,
    /// What can be set.
    pub knobs: &'static [Knob],
}

/// A setting of a method.
///
/// ```
/// use tolzip::method::{self, KnobKind};
///
/// let predict = method::all().into_iter().find(|m| m.id == "predict").expect("every build has it");
/// let level = predict.knobs.iter().find(|knob| knob.name == "level").expect("an effort");
/// assert_eq!((level.kind, level.default), (KnobKind::Integer { min: 1, max: 4 }, "2"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Knob {
    /// Its name, before the `=`.
    pub name: &'static str,
    /// What values it takes.
    pub kind: KnobKind,
    /// The default, as text.
    pub default: &'static str,
}

/// The values that a knob takes.
///
/// ```
/// use tolzip::method::{self, KnobKind};
///
/// // A choice among names fits a menu.
/// let knobs = method::all().into_iter().flat_map(|m| m.knobs);
/// let menus: Vec<_> = knobs.filter(|knob| matches!(knob.kind, KnobKind::Choice(_))).map(|knob| knob.name).collect();
/// assert!(menus.contains(&"predictor") && !menus.contains(&"level"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum KnobKind {
    /// A whole number.
    Integer {
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
    },
    /// A number.
    Number {
        /// The smallest.
        min: f64,
        /// The largest.
        max: f64,
    },
    /// One of these names.
    Choice(&'static [&'static str]),
}

const fn integer(name: &'static str, min: i64, max: i64, default: &'static str) -> Knob {
    Knob { name, kind: KnobKind::Integer { min, max }, default }
}

const LEVEL_LOSSLESS: Knob = integer("level", 1, 3, "2");

/// One row of the list: id, summary, dimensions, knobs. The rest follows from the method itself.
type Row = (&'static str, &'static str, &'static [u8], &'static [Knob]);

const ROWS: &[Row] = &[
    (
        "auto",
        "the smallest of predict, transform, fast and lossless on a sample of each chunk",
        &[1, 2, 3, 4],
        &[],
    ),
    ("none", "the values as they are, checksummed", &[1, 2, 3, 4], &[]),
    (
        "predict",
        "multi-dimensional prediction, quantization within the bound, context-coded residuals (SZ's family)",
        &[1, 2, 3, 4],
        super::text::PREDICT_KNOBS,
    ),
    (
        "fast",
        "quantization within the bound, integer differences along the best axes, Rice codes by bit planes",
        &[1, 2, 3, 4],
        &[],
    ),
    (
        "transform",
        "block transform and bit planes: zfp's stream, cut as coarsely as the verified bound allows",
        &[1, 2, 3, 4],
        super::text::TRANSFORM_KNOBS,
    ),
    (
        "transform:coder=context",
        "zfp's transform and cut, its coefficients entropy-coded by context: smaller, slower",
        &[1, 2, 3, 4],
        super::text::TRANSFORM_KNOBS,
    ),
    (
        "transform:mode=rate,rate=16",
        "zfp's fixed rate: the same number of bits for every block",
        &[1, 2, 3, 4],
        super::text::TRANSFORM_KNOBS,
    ),
    (
        "transform:mode=precision,precision=16",
        "zfp's fixed precision: the same number of bit planes for every block",
        &[1, 2, 3, 4],
        super::text::TRANSFORM_KNOBS,
    ),
    (
        "lossless",
        "bit-exact: reversible prediction, byte planes, entropy coding",
        &[1, 2, 3, 4],
        &[LEVEL_LOSSLESS],
    ),
    (
        "bitround",
        "mantissas rounded to the fewest bits that hold the bound, then lossless",
        &[1, 2, 3, 4],
        super::text::BITROUND_KNOBS,
    ),
    (
        "bitround:bits=7",
        "mantissas rounded to a given number of bits, then lossless",
        &[1, 2, 3, 4],
        super::text::BITROUND_KNOBS,
    ),
    (
        "bitround:info=0.99",
        "mantissas rounded to the bits that hold 99 % of the information, then lossless",
        &[1, 2, 3, 4],
        super::text::BITROUND_KNOBS,
    ),
    (
        "truncate",
        "mantissas cut, low bits zero, as few as hold the bound, then lossless",
        &[1, 2, 3, 4],
        super::text::TRUNCATE_KNOBS,
    ),
    (
        "truncate:bits=7",
        "mantissas cut, low bits zero, then lossless",
        &[1, 2, 3, 4],
        super::text::TRUNCATE_KNOBS,
    ),
    (
        "groom",
        "mantissas cut, low bits zero and one in turns (bit grooming), as few as hold the bound, then lossless",
        &[1, 2, 3, 4],
        super::text::TRUNCATE_KNOBS,
    ),
    (
        "groom:bits=7",
        "mantissas cut, low bits zero and one in turns (bit grooming), then lossless",
        &[1, 2, 3, 4],
        super::text::TRUNCATE_KNOBS,
    ),
    (
        "digitround",
        "quantized to significant decimal digits (digit rounding), as few as hold the bound, then lossless",
        &[1, 2, 3, 4],
        super::text::DIGITS_KNOBS,
    ),
    (
        "digitround:digits=3",
        "quantized to significant decimal digits (digit rounding), then lossless",
        &[1, 2, 3, 4],
        super::text::DIGITS_KNOBS,
    ),
    (
        "granular",
        "rounded to significant decimal digits (granular bit rounding), as few as hold the bound, then lossless",
        &[1, 2, 3, 4],
        super::text::DIGITS_KNOBS,
    ),
    (
        "granular:digits=3",
        "rounded to significant decimal digits (granular bit rounding), then lossless",
        &[1, 2, 3, 4],
        super::text::DIGITS_KNOBS,
    ),
    (
        "cast",
        "values as a narrower type has them, the narrowest that holds the bound, then lossless",
        &[1, 2, 3, 4],
        super::text::CAST_KNOBS,
    ),
    (
        "cast:to=f16",
        "values as a narrower type has them, then lossless",
        &[1, 2, 3, 4],
        super::text::CAST_KNOBS,
    ),
    ("cast:to=bf16", "values as bf16 has them, then lossless", &[1, 2, 3, 4], super::text::CAST_KNOBS),
    ("sample:mode=first", "the first rows only", &[1, 2, 3, 4], super::text::SAMPLE_KNOBS),
    ("sample:mode=wor", "rows drawn at random without replacement", &[1, 2, 3, 4], super::text::SAMPLE_KNOBS),
    ("sample:mode=wr", "rows drawn at random with replacement", &[1, 2, 3, 4], super::text::SAMPLE_KNOBS),
    ("sample:mode=decimate", "rows at even distances", &[1, 2, 3, 4], super::text::SAMPLE_KNOBS),
    (
        "sample:mode=stratified",
        "rows drawn at random, of every label its share; an index of the rows is stored",
        &[2],
        super::text::SAMPLE_KNOBS,
    ),
    #[cfg(feature = "baselines")]
    ("deflate", "deflate on the raw bytes, as gzip does", &[1], &[integer("level", 0, 9, "6")]),
    #[cfg(feature = "baselines")]
    ("lz4", "LZ4 on the raw bytes", &[1], &[]),
    #[cfg(feature = "baselines")]
    ("brotli", "brotli on the raw bytes: of zstd's class", &[1], &[integer("level", 0, 11, "5")]),
    #[cfg(feature = "baselines")]
    ("pco", "pcodec on the numbers", &[1], &[integer("level", 0, 12, "8")]),
];

/// The names of the families of this build.
pub(crate) fn all_families() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(|row| row.0.split_once(':').map_or(row.0, |(family, _)| family))
}

/// All methods of this build.
///
/// ```
/// assert!(tolzip::method::all().iter().any(|m| m.id == "predict" && m.bounds.contains(&"rel")));
/// ```
#[must_use]
pub fn all() -> Vec<MethodInfo> {
    ROWS.iter()
        .map(|&(id, summary, dims, knobs)| {
            let method: Method = id.parse().expect("every listed method parses: a test holds the list to it");
            MethodInfo {
                id,
                family: method.family(),
                summary,
                bounds: method.bounds(),
                dtypes: DType::ALL.into_iter().filter(|&d| method.takes(d)).collect(),
                dims,
                lossless: method.exact().is_some(),
                knobs,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn every_listed_method_parses_and_has_a_bound() {
        for info in all() {
            let method: Method = info.id.parse().unwrap();
            assert_eq!(method.family(), info.id.split(':').next().unwrap());
            assert!(!info.bounds.is_empty() && !info.dtypes.is_empty() && !info.summary.is_empty());
            assert_eq!(method.to_string().parse::<Method>().unwrap(), method);
        }
    }

    #[test]
    fn every_listed_knob_takes_its_default_and_its_limits() {
        for info in all() {
            for knob in info.knobs {
                let mut values = alloc::vec![knob.default.to_string()];
                match knob.kind {
                    KnobKind::Integer { min, max } => values.extend([min.to_string(), max.to_string()]),
                    KnobKind::Number { max, .. } => values.push(max.to_string()),
                    KnobKind::Choice(names) => values.extend(names.iter().map(|n| n.to_string())),
                }
                for value in values {
                    let text = alloc::format!("{}:{}={value}", info.family, knob.name);
                    assert!(text.parse::<Method>().is_ok() || value == "auto", "{text}");
                }
            }
        }
    }
}
