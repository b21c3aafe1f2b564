//! What the search knows of compression: settings, ways to vary them, and one trait that applies them.

use crate::transfer::Rates;
use serde::{Deserialize, Serialize};
use std::fmt;
use tolzip_core::{AnyArray, Bound, DType, Scope};

/// A bound as JSON has it: `{"kind":"rel","value":0.001}`, with `"by":"column"` where it holds by column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoundSpec {
    /// `abs`, `rel`, `pw_rel`, `psnr`, `l2`, `ratio`, `lossless`, or `knob` where a setting of the method decides.
    pub kind: String,
    /// The number, for the kinds that have one.
    pub value: Option<f64>,
    /// `column`, `row` or `axis=K`; absent for the whole array.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

impl BoundSpec {
    /// The bound and its scope.
    #[must_use]
    pub fn new(bound: Bound, scope: Scope) -> Self {
        let by = match scope {
            Scope::Column => Some("column".into()),
            Scope::Row => Some("row".into()),
            Scope::Axis(k) => Some(format!("axis={k}")),
            _ => None,
        };
        Self { kind: bound.kind().into(), value: bound.value(), by }
    }

    /// The bound, if it is of a kind that this version knows.
    #[must_use]
    pub fn bound(&self) -> Option<Bound> {
        Some(match (self.kind.as_str(), self.value) {
            ("abs", Some(e)) => Bound::Abs(e),
            ("rel", Some(e)) => Bound::Rel(e),
            ("pw_rel", Some(e)) => Bound::PointwiseRel(e),
            ("psnr", Some(db)) => Bound::Psnr(db),
            ("l2", Some(e)) => Bound::L2(e),
            ("ratio", Some(r)) => Bound::Ratio(r),
            ("lossless", _) => Bound::Lossless,
            ("knob", _) => Bound::Knob,
            _ => return None,
        })
    }

    /// The scope, if it is one.
    #[must_use]
    pub fn scope(&self) -> Option<Scope> {
        Some(match self.by.as_deref() {
            None => Scope::Whole,
            Some("column") => Scope::Column,
            Some("row") => Scope::Row,
            Some(axis) => Scope::Axis(axis.strip_prefix("axis=")?.parse().ok()?),
        })
    }
}

impl fmt::Display for BoundSpec {
    /// The flags of the command line: `--rel 0.001 --by column`; nothing where the method alone decides.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value {
            Some(v) => write!(f, "--{} {v}", self.kind.replace('_', "-"))?,
            None if self.kind == "lossless" => write!(f, "--lossless")?,
            None => return Ok(()),
        }
        match &self.by {
            Some(by) => write!(f, " --by {by}"),
            None => Ok(()),
        }
    }
}

/// A method with all its settings, and the bound.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    /// As the command line spells it: `predict`, `bitround:bits=7`.
    pub method: String,
    /// The bound.
    pub bound: BoundSpec,
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bound = self.bound.to_string();
        write!(f, "--method {}{}{bound}", self.method, if bound.is_empty() { "" } else { " " })
    }
}

/// What is turned to compress more.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Knob {
    /// Nothing: the method has one setting.
    Fixed(Bound, Scope),
    /// The number of a bound, whose kind (with any number) stands here. More is smaller, but for PSNR.
    Bound(Bound, Scope),
    /// A whole number in the method's text. Less is smaller.
    Integer {
        /// Its name.
        name: String,
        /// Where the sweep begins.
        from: i64,
        /// Where it ends, below `from`.
        to: i64,
    },
    /// A share in the method's text. Less is smaller.
    Share {
        /// Its name.
        name: String,
        /// The smallest share worth a try.
        to: f64,
    },
}

/// A method-and-mode pair: everything is fixed but one number.
#[derive(Clone, Debug, PartialEq)]
pub struct Mode {
    /// The method with its fixed settings.
    pub method: String,
    /// The number that varies.
    pub knob: Knob,
}

impl Mode {
    /// The number of a bound or a share on the far side of a cliff, by that on the near side, is at most this.
    pub const BRACKET: f64 = 1.5;

    /// What people call it: `predict rel`, `predict rel by column`, `bitround:bits`.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.knob {
            Knob::Fixed(bound, scope) => {
                let by = BoundSpec::new(*bound, *scope).by.map(|by| format!(" by {by}")).unwrap_or_default();
                format!("{}{by}", self.method)
            }
            Knob::Bound(bound, scope) => {
                let by = BoundSpec::new(*bound, *scope).by.map(|by| format!(" by {by}")).unwrap_or_default();
                format!("{} {}{by}", self.method, bound.kind())
            }
            Knob::Integer { name, .. } | Knob::Share { name, .. } => {
                format!("{}{}{name}", self.method, if self.method.contains(':') { "," } else { ":" })
            }
        }
    }

    /// The setting at a severity. Severities grow with the loss: the bound's number, or the knob's inverse.
    pub(crate) fn setting(&self, severity: f64) -> Setting {
        let with = |name: &str, value: String| {
            let join = if self.method.contains(':') { ',' } else { ':' };
            let method = format!("{}{join}{name}={value}", self.method);
            Setting { method, bound: BoundSpec::new(Bound::Knob, Scope::Whole) }
        };
        match &self.knob {
            Knob::Fixed(bound, scope) => {
                Setting { method: self.method.clone(), bound: BoundSpec::new(*bound, *scope) }
            }
            Knob::Bound(kind, scope) => {
                let bound = match kind {
                    Bound::Abs(_) => Bound::Abs(severity),
                    Bound::PointwiseRel(_) => Bound::PointwiseRel(severity),
                    Bound::L2(_) => Bound::L2(severity),
                    Bound::Ratio(_) => Bound::Ratio(severity),
                    // The root mean square error as a part of the range, of which decibels are the logarithm.
                    Bound::Psnr(_) => Bound::Psnr((-2000.0 * severity.log10()).round() / 100.0),
                    _ => Bound::Rel(severity),
                };
                Setting { method: self.method.clone(), bound: BoundSpec::new(bound, *scope) }
            }
            Knob::Integer { name, .. } => with(name, format!("{}", -severity as i64)),
            Knob::Share { name, .. } => with(name, format!("{}", nice(1.0 / severity))),
        }
    }

    /// The severities of the first sweep, mild to severe. `range` is the value range of the data.
    pub(crate) fn sweep(&self, range: f64) -> Vec<f64> {
        // Two steps a decade from 1e-7, which f32 hardly resolves, to beyond one half, where little but signs is left.
        let decades = || (0..=14).map(|k| nice(1e-7 * 10f64.powf(f64::from(k) / 2.0)).min(0.7));
        match &self.knob {
            Knob::Fixed(..) => vec![0.0],
            Knob::Bound(Bound::Ratio(_), _) => {
                (1..=15).map(|k| nice(1000f64.powf(f64::from(k) / 15.0))).collect()
            }
            Knob::Bound(Bound::Abs(_) | Bound::L2(_), _) => {
                decades().map(|e| nice(e * range)).filter(|&e| e > 0.0).collect()
            }
            Knob::Bound(..) => decades().collect(),
            Knob::Integer { from, to, .. } => (*to..=*from).rev().map(|v| -v as f64).collect(),
            Knob::Share { to, .. } => {
                let steps = 12;
                (1..=steps).map(|k| 1.0 / nice(to.powf(f64::from(k) / f64::from(steps)))).collect()
            }
        }
    }

    /// Whether the numbers of two settings are within a factor, or, of whole numbers, none is between them.
    pub(crate) fn is_closed(&self, low: f64, high: f64, factor: f64) -> bool {
        match self.knob {
            Knob::Bound(..) | Knob::Share { .. } => low > 0.0 && high / low <= factor,
            Knob::Integer { .. } | Knob::Fixed(..) => self.between(low, high).is_none(),
        }
    }

    /// The severity halfway between two, geometrically; `None` if there is none worth a try.
    pub(crate) fn between(&self, low: f64, high: f64) -> Option<f64> {
        let middle = match &self.knob {
            Knob::Fixed(..) => return None,
            Knob::Integer { .. } => ((low + high) / 2.0).floor(),
            Knob::Share { .. } => 1.0 / nice(1.0 / (low * high).sqrt()),
            Knob::Bound(..) => nice((low * high).sqrt()),
        };
        let apart = match &self.knob {
            Knob::Integer { .. } => middle > low,
            _ => middle > low * 1.02,
        };
        (apart && middle < high).then_some(middle)
    }
}

/// A positive number rounded to three significant digits, so that it can be retyped.
fn nice(x: f64) -> f64 {
    format!("{x:.2e}").parse().unwrap_or(x)
}

/// An array after compression and decompression.
#[derive(Clone, Debug)]
pub struct Reduced {
    /// Bytes of the stream.
    pub bytes: u64,
    /// What decompression returned.
    pub array: AnyArray,
    /// The samples that are left, where the method drops some.
    pub rows: Option<Vec<usize>>,
}

/// Something that compresses by named methods.
pub trait Reducer: Send + Sync {
    /// Name and version; part of the store's keys.
    fn name(&self) -> String;
    /// The method-and-mode pairs worth a try on arrays of this type with this many dimensions, each bound in each scope.
    fn modes(&self, dtype: DType, ndim: usize, scopes: &[Scope]) -> Vec<Mode>;
    /// Compresses and decompresses.
    ///
    /// # Errors
    /// In words, when the method can't do it; the search leaves the setting out.
    fn reduce(&self, array: &AnyArray, setting: &Setting) -> Result<Reduced, String>;
    /// How fast it is with each of these numbers of cores. `None` where that can't be measured: the report then has no table
    /// of links.
    fn rates(&self, array: &AnyArray, setting: &Setting, cores: &[usize]) -> Option<Vec<Rates>> {
        let _ = (array, setting, cores);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(method: &str, knob: Knob) -> Mode {
        Mode { method: method.into(), knob }
    }

    #[test]
    fn settings_read_like_the_command_line() {
        let m = mode("predict", Knob::Bound(Bound::Rel(0.0), Scope::Column));
        assert_eq!(m.label(), "predict rel by column");
        assert_eq!(m.setting(1e-3).to_string(), "--method predict --rel 0.001 --by column");
        let m = mode("bitround", Knob::Integer { name: "bits".into(), from: 22, to: 1 });
        assert_eq!(m.setting(-7.0).to_string(), "--method bitround:bits=7");
        let m = mode("sample:mode=wor", Knob::Share { name: "rate".into(), to: 0.01 });
        assert_eq!(
            (m.label().as_str(), m.setting(4.0).method.as_str()),
            ("sample:mode=wor,rate", "sample:mode=wor,rate=0.25")
        );
        let json = serde_json::to_string(&m.setting(4.0).bound).unwrap();
        assert_eq!(json, r#"{"kind":"knob","value":null}"#);
    }

    #[test]
    fn bounds_survive_their_json() {
        for (bound, scope) in [
            (Bound::Abs(0.5), Scope::Whole),
            (Bound::PointwiseRel(1e-3), Scope::Row),
            (Bound::Psnr(60.0), Scope::Whole),
            (Bound::L2(1e-3), Scope::Whole),
            (Bound::Ratio(20.0), Scope::Whole),
            (Bound::Rel(1e-3), Scope::Axis(2)),
            (Bound::Lossless, Scope::Whole),
            (Bound::Knob, Scope::Whole),
        ] {
            let spec = BoundSpec::new(bound, scope);
            let back: BoundSpec = serde_json::from_str(&serde_json::to_string(&spec).unwrap()).unwrap();
            assert_eq!((back.bound(), back.scope()), (Some(bound), Some(scope)));
        }
    }

    #[test]
    fn sweeps_go_from_mild_to_severe_and_halves_lie_between() {
        for m in [
            mode("a", Knob::Bound(Bound::Rel(0.0), Scope::Whole)),
            mode("a", Knob::Bound(Bound::Abs(0.0), Scope::Whole)),
            mode("a", Knob::Bound(Bound::Psnr(0.0), Scope::Whole)),
            mode("a", Knob::Bound(Bound::L2(0.0), Scope::Whole)),
            mode("a", Knob::Bound(Bound::Ratio(0.0), Scope::Whole)),
            mode("a", Knob::Integer { name: "bits".into(), from: 10, to: 1 }),
            mode("a", Knob::Share { name: "rate".into(), to: 0.01 }),
        ] {
            let s = m.sweep(1e4);
            assert!(s.len() >= 10 && s.windows(2).all(|w| w[0] < w[1]), "{s:?}");
            let (mut low, mut high, mut n) = (s[0], s[s.len() - 1], 0);
            while let Some(middle) = m.between(low, high) {
                assert!(low < middle && middle < high);
                if n % 2 == 0 {
                    low = middle;
                } else {
                    high = middle;
                }
                n += 1;
                assert!(n < 100);
            }
        }
        assert!(mode("a", Knob::Bound(Bound::Abs(0.0), Scope::Whole)).sweep(0.0).is_empty());
    }

    #[test]
    fn brackets_close_at_a_factor_or_at_neighbours() {
        let rel = mode("a", Knob::Bound(Bound::Rel(0.0), Scope::Whole));
        assert!(rel.is_closed(1e-3, 1.5e-3, Mode::BRACKET) && !rel.is_closed(1e-3, 1.6e-3, Mode::BRACKET));
        // Nothing is within a factor of zero.
        assert!(!rel.is_closed(0.0, 1e-300, Mode::BRACKET));
        let bits = mode("bitround", Knob::Integer { name: "bits".into(), from: 22, to: 1 });
        assert!(bits.is_closed(-2.0, -1.0, Mode::BRACKET) && !bits.is_closed(-9.0, -7.0, Mode::BRACKET));
    }
}
