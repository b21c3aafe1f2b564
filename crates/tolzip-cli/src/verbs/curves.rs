//! The curves of `tolzip bench`, out of its measurements.

use super::bench::Record;
use std::path::Path;
use tolzip_eval::report::{Curve, rate_distortion};

/// PSNR in dB against bits a value, a line per file and method, as one SVG file.
pub(super) fn svg(records: &[Record]) -> String {
    let files = records.iter().any(|r| r.file != records[0].file);
    let mut curves: Vec<Curve> = Vec::new();
    for r in records {
        let name = if files {
            let file = Path::new(&r.file).file_name().unwrap_or_default().to_string_lossy();
            format!("{file} {}", r.method)
        } else {
            r.method.clone()
        };
        let point = (r.bits_per_value, r.psnr.filter(|p| p.is_finite()));
        match curves.iter_mut().find(|c| c.name == name) {
            Some(curve) => curve.points.push(point),
            None => curves.push(Curve { name, points: vec![point] }),
        }
    }
    rate_distortion(&curves)
}
