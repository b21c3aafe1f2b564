//! Settings and what compression alone says of them.

use crate::apps::{Part, TrainingArray};
use crate::columns::{join, split};
use crate::metrics::Fidelity;
use crate::reduce::{BoundSpec, Mode, Reduced, Reducer, Setting};
use crate::store;
use crate::transfer::Rates;
use tolzip_core::{AnyArray, Bound, Scope};

/// A setting, tried on the data.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// Which of the study's modes it belongs to.
    pub(super) mode: usize,
    /// Where on that mode's knob; grows with the loss.
    pub(super) severity: f64,
    pub(super) setting: Setting,
    pub(super) bytes: u64,
    pub(super) ratio: f64,
    /// Hash of what comes back.
    pub(super) content: String,
    pub(super) fidelity: Option<Fidelity>,
    /// How far the first array is from the original: root mean square error by standard deviation, of a table the quadratic
    /// mean over its columns. `None` where rows were dropped.
    pub(super) distortion: Option<f64>,
}

/// Compresses and decompresses all arrays.
pub(super) fn parts(
    reducer: &dyn Reducer,
    arrays: &[TrainingArray],
    setting: &Setting,
) -> Result<(u64, Vec<Part>), String> {
    let mut bytes = 0;
    let mut parts = Vec::with_capacity(arrays.len());
    for a in arrays {
        let reduced = reduce(reducer, a, setting)?;
        bytes += reduced.bytes;
        parts.push(Part { array: reduced.array, rows: reduced.rows });
    }
    Ok((bytes, parts))
}

/// Raw bytes of all arrays, and the rates at which they are compressed and decompressed on these numbers of cores.
pub(super) fn rates(
    reducer: &dyn Reducer,
    arrays: &[TrainingArray],
    setting: &Setting,
    cores: &[usize],
) -> Option<(u64, Vec<Rates>)> {
    let mut bytes = 0.0;
    // Seconds of all streams, one after the other.
    let mut seconds = vec![[0.0; 2]; cores.len()];
    let mut time = |array: &AnyArray, setting: &Setting| -> Option<()> {
        let raw = array.byte_len() as f64;
        bytes += raw;
        for (sum, r) in seconds.iter_mut().zip(reducer.rates(array, setting, cores)?) {
            sum[0] += raw / r.compress;
            sum[1] += raw / r.decompress;
        }
        Some(())
    };
    for a in arrays {
        if whole(a, setting) {
            time(&a.array, setting)?;
        } else {
            let (exact, rest) = split(&a.array, &a.exact);
            time(&exact, &lossless())?;
            time(&rest, setting)?;
        }
    }
    let rate =
        |(&cores, [c, d]): (&usize, [f64; 2])| Rates { cores, compress: bytes / c, decompress: bytes / d };
    let rates: Vec<Rates> = cores.iter().zip(seconds).map(rate).collect();
    let sound = |r: &Rates| r.compress.is_finite() && r.decompress.is_finite();
    rates.iter().all(sound).then_some((bytes as u64, rates))
}

/// Whether an array makes one stream: nothing has to stay as it is, or everything does.
fn whole(a: &TrainingArray, setting: &Setting) -> bool {
    a.exact.is_empty() || setting.method.starts_with("sample") || setting.bound.kind == "lossless"
}

/// What columns that must stay as they are are compressed with.
fn lossless() -> Setting {
    Setting { method: "lossless".into(), bound: BoundSpec::new(Bound::Lossless, Scope::Column) }
}

/// Compresses and decompresses one array. Where a table has columns that must stay as they are, these make a lossless stream
/// of their own.
fn reduce(reducer: &dyn Reducer, a: &TrainingArray, setting: &Setting) -> Result<Reduced, String> {
    if whole(a, setting) {
        return reducer.reduce(&a.array, setting);
    }
    let (exact, rest) = split(&a.array, &a.exact);
    let kept = reducer.reduce(&exact, &lossless())?;
    let changed = reducer.reduce(&rest, setting)?;
    let array = join(&kept.array, &changed.array, &a.exact);
    Ok(Reduced { bytes: kept.bytes + changed.bytes, array, rows: None })
}

/// Tries one setting of a mode.
pub(super) fn attempt(
    reducer: &dyn Reducer,
    arrays: &[TrainingArray],
    (number, mode): (usize, &Mode),
    severity: f64,
) -> Result<Candidate, String> {
    let setting = mode.setting(severity);
    let (bytes, parts) = parts(reducer, arrays, &setting)?;
    let raw: u64 = arrays.iter().map(|a| a.array.byte_len()).sum();
    let fidelity = match (arrays.first(), parts.first()) {
        (Some(a), Some(p)) if p.rows.is_none() => {
            Some(Fidelity::new(&a.array, &p.array).map_err(|e| e.to_string())?)
        }
        _ => None,
    };
    Ok(Candidate {
        mode: number,
        severity,
        setting,
        bytes,
        ratio: raw as f64 / bytes.max(1) as f64,
        content: store::content(&parts),
        distortion: fidelity.as_ref().map(|_| distortion(&arrays[0].array, &parts[0].array)),
        fidelity,
    })
}

/// See [`Candidate::distortion`]; columns that vary less than their errors count 1.
fn distortion(x: &AnyArray, y: &AnyArray) -> f64 {
    let width = match *x.shape().sides() {
        [_, width] if width <= 1024 => width.max(1),
        _ => 1,
    };
    let (x, y) = (crate::metrics::to_f64(x), crate::metrics::to_f64(y));
    let mut sum = 0.0;
    for c in 0..width {
        let pairs = x.iter().zip(&y).skip(c).step_by(width).filter(|(x, y)| x.is_finite() && y.is_finite());
        let (mut n, mut mean) = (0.0, 0.0);
        for (x, _) in pairs.clone() {
            n += 1.0;
            mean += (x - mean) / n;
        }
        let (errors, spread) =
            pairs.fold((0.0, 0.0), |(e, s), (x, y)| (e + (y - x) * (y - x), s + (x - mean) * (x - mean)));
        sum += if errors == 0.0 { 0.0 } else { (errors / spread).min(1.0) };
    }
    (sum / width as f64).sqrt()
}

/// Leaves out settings of one mode (mild to severe) that a milder one makes pointless: those that bring back the same
/// values in no fewer bytes, and those that need no fewer bytes for more error.
pub(super) fn prune(sweep: Vec<Candidate>) -> Vec<Candidate> {
    let mut kept: Vec<Candidate> = Vec::with_capacity(sweep.len());
    for c in sweep {
        if let Some(last) = kept.last_mut() {
            if c.content == last.content {
                if c.bytes < last.bytes {
                    *last = c;
                }
                continue;
            }
            if c.bytes >= last.bytes {
                continue;
            }
        }
        kept.push(c);
    }
    kept
}

/// Up to `n` of `len` candidates of one mode at even steps, in order of importance: the middle, the ends, the rest. Even
/// steps of a sweep are even steps of the bound's logarithm; even steps of the ratio would gather beyond the cliffs, where
/// ratios explode.
pub(super) fn spread(len: usize, n: usize) -> Vec<usize> {
    if len <= 1 || n <= 1 {
        return (0..len.min(n)).collect();
    }
    let n = n.min(len);
    let mut order = vec![n / 2, 0, n - 1];
    order.extend(0..n);
    let mut picked: Vec<usize> = Vec::with_capacity(n);
    for k in order {
        let at = (k * (len - 1) + (n - 1) / 2) / (n - 1);
        if !picked.contains(&at) {
            picked.push(at);
        }
    }
    picked
}

#[cfg(test)]
mod tests {
    use super::*;
    use tolzip_core::{Array, Shape};

    fn candidate(severity: f64, bytes: u64, content: &str) -> Candidate {
        Candidate {
            mode: 0,
            severity,
            setting: Setting { method: "m".into(), bound: BoundSpec::new(Bound::Knob, Scope::Whole) },
            bytes,
            ratio: 1000.0 / bytes as f64,
            content: content.into(),
            fidelity: None,
            distortion: None,
        }
    }

    #[test]
    fn exact_columns_are_left_alone() {
        let values: Vec<f32> = (0..200u8)
            .flat_map(|i| [f32::from(i % 3), f32::from(i) * 0.731, f32::from(i), 0.1 * f32::from(i % 7)])
            .collect();
        let array: AnyArray = Array::new(values, Shape::new(&[200, 4]).unwrap()).unwrap().into();
        let table = TrainingArray::table("t", array.clone());
        assert_eq!(table.exact, [0, 2]);
        let (a, b) = split(&array, &table.exact);
        assert_eq!((a.shape().sides(), b.shape().sides()), (&[200, 2][..], &[200, 2][..]));
        assert_eq!(join(&a, &b, &table.exact).to_le_bytes(), array.to_le_bytes());
        let setting =
            Setting { method: "predict".into(), bound: BoundSpec::new(Bound::Rel(0.1), Scope::Column) };
        let reduced = reduce(&crate::facade::Tolzip, &table, &setting).unwrap();
        let (a2, b2) = split(&reduced.array, &table.exact);
        assert_eq!(a.to_le_bytes(), a2.to_le_bytes());
        assert_ne!(b.to_le_bytes(), b2.to_le_bytes());
    }

    #[test]
    fn distortion_is_by_column() {
        let array = |values: Vec<f64>| Array::new(values, Shape::new(&[2, 2]).unwrap()).unwrap().into();
        let x = array(vec![0.0, 100.0, 2.0, 300.0]);
        // Squared deviations 2 and 20000; squared errors 0.5 and 0.
        let d = distortion(&x, &array(vec![0.5, 100.0, 1.5, 300.0]));
        assert!((d - (0.25f64 / 2.0).sqrt()).abs() < 1e-15, "{d}");
        assert_eq!(distortion(&x, &x), 0.0);
    }

    #[test]
    fn pointless_settings_are_left_out() {
        let kept = prune(vec![
            candidate(1.0, 900, "a"),
            candidate(2.0, 800, "a"),
            candidate(3.0, 810, "b"),
            candidate(4.0, 300, "c"),
            candidate(5.0, 300, "d"),
            candidate(6.0, 100, "e"),
        ]);
        assert_eq!(kept.iter().map(|c| c.severity).collect::<Vec<_>>(), [2.0, 4.0, 6.0]);
    }

    #[test]
    fn coarse_points_are_evenly_spread() {
        assert_eq!(spread(15, 6), [8, 0, 14, 3, 6, 11]);
        assert_eq!(spread(4, 6), [2, 0, 3, 1]);
        assert_eq!(spread(1, 6), [0]);
        assert!(spread(0, 6).is_empty());
    }
}
