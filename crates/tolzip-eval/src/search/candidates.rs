//! Settings and what compression alone says of them.

use crate::apps::{Part, TrainingArray};
use crate::metrics::Fidelity;
use crate::reduce::{Mode, Reducer, Setting};
use crate::store;

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
        let reduced = reducer.reduce(&a.array, setting)?;
        bytes += reduced.bytes;
        parts.push(Part { array: reduced.array, rows: reduced.rows });
    }
    Ok((bytes, parts))
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
        fidelity,
    })
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
    use crate::reduce::{BoundSpec, Setting};
    use tolzip_core::{Bound, Scope};

    fn candidate(severity: f64, bytes: u64, content: &str) -> Candidate {
        Candidate {
            mode: 0,
            severity,
            setting: Setting { method: "m".into(), bound: BoundSpec::new(Bound::Knob, Scope::Whole) },
            bytes,
            ratio: 1000.0 / bytes as f64,
            content: content.into(),
            fidelity: None,
        }
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
