//! tolzip's own methods, as the search wants them.

use crate::reduce::{Knob, Mode, Reduced, Reducer, Setting};
use crate::transfer::{self, Rates};
use tolzip::method::{KnobKind, MethodInfo};
use tolzip::{AnyArray, Bound, Compressor, DType, Method, Scope, Stream};

/// Every method that this build of tolzip has.
///
/// Settings are compressed on one thread: the search runs many of them at a time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tolzip;

impl Reducer for Tolzip {
    fn name(&self) -> String {
        format!("tolzip {}", env!("CARGO_PKG_VERSION"))
    }

    fn modes(&self, dtype: DType, ndim: usize, scopes: &[Scope]) -> Vec<Mode> {
        let mut modes: Vec<Mode> = Vec::new();
        for info in tolzip::method::all() {
            // The labels that a stratified sample needs are not among the features.
            let no_labels = info.id.contains("stratified");
            if info.family == "none" || no_labels || !info.dtypes.contains(&dtype) {
                continue;
            }
            for kind in info.bounds {
                for mode in of_kind(&info, kind, dtype, ndim, scopes) {
                    if !modes.contains(&mode) {
                        modes.push(mode);
                    }
                }
            }
            // The predictor that the automatic choice is worth comparing with.
            let lorenzo = |k: &tolzip::method::Knob| {
                k.name == "predictor"
                    && matches!(k.kind, KnobKind::Choice(names) if names.contains(&"lorenzo"))
            };
            if info.knobs.iter().any(lorenzo) && info.id == "predict" {
                let scope = scopes.first().copied().filter(|_| ndim >= 2).unwrap_or_default();
                let knob = Knob::Bound(Bound::Rel(0.0), scope);
                modes.push(Mode { method: "predict:predictor=lorenzo".into(), knob });
            }
        }
        modes
    }

    fn reduce(&self, array: &AnyArray, setting: &Setting) -> Result<Reduced, String> {
        let method: Method = setting.method.parse().map_err(|e| format!("{}: {e}", setting.method))?;
        let bound = setting.bound.bound().ok_or_else(|| format!("unknown bound {}", setting.bound.kind))?;
        let scope = setting.bound.scope().ok_or("unknown scope")?;
        let rows = match &method {
            Method::Sample(sample) => {
                let all = array.shape().sides().first().copied().unwrap_or(0) as u64;
                let rows = sample.rows(all).map_err(|e| e.to_string())?;
                Some(rows.into_iter().map(|r| r as usize).collect())
            }
            _ => None,
        };
        let compressor = Compressor::new(method, bound).by(scope).threads(1);
        let bytes = compressor.compress_any(array).map_err(|e| e.to_string())?;
        let array = Stream::open(&bytes, tolzip::Limits::default())
            .and_then(|stream| stream.decode_any(1))
            .map_err(|e| e.to_string())?;
        Ok(Reduced { bytes: bytes.len() as u64, array, rows })
    }

    fn rates(&self, array: &AnyArray, setting: &Setting, cores: &[usize]) -> Option<Vec<Rates>> {
        let method = setting.method.parse().ok()?;
        let (bound, scope) = (setting.bound.bound()?, setting.bound.scope()?);
        Some(transfer::measure(array, &transfer::Setting { method, bound, scope }, cores).ok()?.1)
    }
}

/// The modes of one kind of bound.
fn of_kind(info: &MethodInfo, kind: &str, dtype: DType, ndim: usize, scopes: &[Scope]) -> Vec<Mode> {
    let mode = |knob| Mode { method: info.id.into(), knob };
    let bound = match kind {
        "lossless" => {
            // Ours codes each column by itself if asked to; general compressors see bytes.
            let by = |s: &Scope| *s == Scope::Whole || info.family == "lossless" && ndim >= 2;
            let whole = (!scopes.contains(&Scope::Whole)).then_some(Scope::Whole);
            let scopes = whole.into_iter().chain(scopes.iter().copied().filter(by));
            return scopes.map(|s| mode(Knob::Fixed(Bound::Lossless, s))).collect();
        }
        "knob" => return number(info, dtype).into_iter().collect(),
        "abs" => Bound::Abs(0.0),
        "rel" => Bound::Rel(0.0),
        "pw_rel" => Bound::PointwiseRel(0.0),
        "psnr" => Bound::Psnr(0.0),
        "l2" => Bound::L2(0.0),
        "ratio" => Bound::Ratio(0.0),
        _ => return Vec::new(),
    };
    // Scopes share out the range, which only `rel` looks at; an absolute bound is one for all, and so are goals of the whole.
    let scopes = match kind {
        "rel" => scopes,
        "psnr" | "l2" | "ratio" => &[Scope::Whole],
        _ => &scopes[..scopes.len().min(1)],
    };
    let scopes = scopes.iter().filter(|s| **s == Scope::Whole || ndim >= 2);
    scopes.map(|&s| mode(Knob::Bound(bound, s))).collect()
}

/// The mode of a method whose own number decides: the number that its id names, or the rate of a sample.
fn number(info: &MethodInfo, dtype: DType) -> Option<Mode> {
    let (family, settings) = info.id.split_once(':').unwrap_or((info.id, ""));
    let given = |name: &str| settings.split(',').any(|s| s.split('=').next() == Some(name));
    let knob = info.knobs.iter().find(|k| {
        let number = matches!(k.kind, KnobKind::Integer { .. } | KnobKind::Number { .. });
        number && (given(k.name) || family == "sample" && k.name == "rate")
    })?;
    let rest: Vec<&str> =
        settings.split(',').filter(|s| !s.is_empty() && s.split('=').next() != Some(knob.name)).collect();
    let method = if rest.is_empty() { family.to_owned() } else { format!("{family}:{}", rest.join(",")) };
    let name = knob.name.to_owned();
    let (min, max) = match knob.kind {
        KnobKind::Integer { min, max } => (min as f64, max as f64),
        KnobKind::Number { min, max } => (min, max),
        _ => return None,
    };
    let knob = if max <= 1.0 {
        Knob::Share { name, to: 0.01 }
    } else {
        Knob::Integer { name, from: max.min(8.0 * dtype.size() as f64) as i64, to: min.max(1.0) as i64 }
    };
    Some(Mode { method, knob })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tolzip::{Array, Shape};

    fn array() -> AnyArray {
        let values = (0..60 * 8).map(|i| ((i as f32) * 0.05).sin() + i as f32 * 0.01).collect();
        Array::<f32>::new(values, Shape::new(&[60, 8]).unwrap()).unwrap().into()
    }

    #[test]
    fn a_study_has_modes_enough() {
        let modes = Tolzip.modes(DType::F32, 2, &[Scope::Whole, Scope::Column]);
        let labels: Vec<String> = modes.iter().map(Mode::label).collect();
        for wanted in [
            "predict abs",
            "predict rel",
            "predict rel by column",
            "predict:predictor=lorenzo rel",
            "transform abs",
            "transform rel",
            "bitround pw_rel",
            "predict psnr",
            "predict l2",
            "transform ratio",
            "bitround:bits",
            "sample:mode=wor,rate",
            "sample:mode=decimate,rate",
            "lossless",
            "deflate",
            "lz4",
        ] {
            assert!(labels.iter().any(|l| l == wanted), "{wanted} is not in {labels:?}");
        }
        // A table of no columns has no bound by column.
        assert!(Tolzip.modes(DType::F32, 1, &[Scope::Column]).iter().all(|m| !m.label().contains("column")));
    }

    #[test]
    fn every_mode_reduces_at_some_settings() {
        let array = array();
        for mode in Tolzip.modes(DType::F32, 2, &[Scope::Whole, Scope::Column]) {
            // A ratio out of reach is an error.
            if matches!(mode.knob, Knob::Bound(Bound::Ratio(_), _)) {
                continue;
            }
            let sweep = mode.sweep(8.0);
            let done: Vec<_> =
                sweep.iter().filter_map(|&s| Tolzip.reduce(&array, &mode.setting(s)).ok()).collect();
            assert!(done.len() * 2 > sweep.len(), "{}: {} of {}", mode.label(), done.len(), sweep.len());
            for r in done {
                let rows = r.array.shape().sides()[0];
                assert_eq!(r.rows.map_or(60, |rows| rows.len()), rows, "{}", mode.label());
                assert!(r.bytes > 0);
            }
        }
    }

    #[test]
    fn unknown_settings_are_errors() {
        for method in ["nonsense", "predict:no=1", "bitround:bits=999"] {
            let bound = crate::reduce::BoundSpec::new(Bound::Rel(0.1), Scope::Whole);
            assert!(Tolzip.reduce(&array(), &Setting { method: method.into(), bound }).is_err());
        }
    }
}
