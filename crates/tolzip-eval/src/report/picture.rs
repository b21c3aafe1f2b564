//! Slices as pictures.

use super::svg::number;
use crate::apps::Application;
use crate::metrics::to_f64;
use crate::reduce::{Reducer, Setting};
use crate::search::{Edge, Outcome};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use tolzip_core::{AnyArray, Scope};

/// A slice of the first training array before and after, and the difference, as PNG data URIs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Picture {
    /// The setting, as the command line spells it.
    pub setting: String,
    /// What it costs and saves.
    pub caption: String,
    /// The original.
    pub before: String,
    /// The reconstruction, in the same colours.
    pub after: String,
    /// Reconstruction minus original, blue to red.
    pub difference: String,
}

/// The largest side of a picture, in values.
const SIDE: usize = 256;
/// Planes smaller than this are shown several at a time.
const SMALL: usize = 64;

/// Pictures of what is recommended, and of the first setting that is too much for the best of them.
pub(crate) fn pictures(app: &dyn Application, reducer: &dyn Reducer, outcome: &Outcome) -> Vec<Picture> {
    let Some(first) = app.arrays().first() else { return Vec::new() };
    let mut settings: Vec<Setting> = Vec::new();
    let recommended =
        outcome.recommendations.iter().map(|r| Setting { method: r.method.clone(), bound: r.bound.clone() });
    let beyond = outcome.recommendations.last().and_then(|r| {
        let Edge { method, bound, .. } = outcome.behind(r)?.first_unacceptable.clone();
        Some(Setting { method, bound })
    });
    for s in recommended.chain(beyond) {
        if !settings.contains(&s) {
            settings.push(s);
        }
    }
    let by_column = app.scopes().contains(&Scope::Column);
    settings
        .into_iter()
        .filter_map(|setting| {
            let p = outcome.points.iter().find(|p| p.method == setting.method && p.bound == setting.bound)?;
            if p.fidelity.is_none() || p.flags.iter().any(|f| f == "exact") {
                return None;
            }
            let after = reducer.reduce(&first.array, &setting).ok()?.array;
            let [before, after, difference] = triple(&first.array, &after, by_column)?;
            let error = p.fidelity.as_ref().and_then(|f| f.max_rel_error).map(number).unwrap_or_default();
            let caption = format!(
                "{} times smaller, largest error {error} of the value range, loss {}",
                number(p.ratio),
                super::svg::percent(p.loss)
            );
            Some(Picture { setting: setting.to_string(), caption, before, after, difference })
        })
        .collect()
}

/// Before, after and difference; `None` for arrays without planes.
fn triple(before: &AnyArray, after: &AnyArray, by_column: bool) -> Option<[String; 3]> {
    let (width, height, x) = slice(before)?;
    let (_, _, y) = slice(after)?;
    if x.len() != y.len() {
        return None;
    }
    let groups = if by_column && before.shape().ndim() == 2 { width } else { 1 };
    let mut pictures = [Vec::new(), Vec::new(), Vec::new()].map(|mut v: Vec<u8>| {
        v.reserve(3 * x.len());
        v
    });
    let finite = |k: usize| x.iter().skip(k).step_by(groups).copied().filter(|v| v.is_finite());
    let ranges: Vec<(f64, f64)> = (0..groups)
        .map(|k| (finite(k).fold(f64::INFINITY, f64::min), finite(k).fold(f64::NEG_INFINITY, f64::max)))
        .collect();
    let share = |i: usize, v: f64| {
        let (low, high) = ranges[i % groups];
        if high > low { (v - low) / (high - low) } else { 0.5 }
    };
    let largest = (0..x.len())
        .map(|i| (share(i, y[i]) - share(i, x[i])).abs())
        .filter(|d| d.is_finite())
        .fold(0.0, f64::max);
    for i in 0..x.len() {
        let (a, b) = (share(i, x[i]), share(i, y[i]));
        pictures[0].extend(sequential(a));
        pictures[1].extend(sequential(b));
        pictures[2].extend(diverging(if largest > 0.0 { (b - a) / largest } else { 0.0 }));
    }
    let [a, b, c] = pictures.map(|rgb| png(width, height, &rgb));
    Some([a?, b?, c?])
}

/// A plane of the array, or a sheet of several where planes are small: width, height, values (NaN between planes).
fn slice(array: &AnyArray) -> Option<(usize, usize, Vec<f64>)> {
    let shape = array.shape();
    let &[.., rows, columns] = shape.sides() else { return None };
    if shape.is_empty() {
        return None;
    }
    let values = to_f64(array);
    let planes = values.len() / (rows * columns);
    if planes == 1 || rows.max(columns) >= SMALL {
        let width = columns.min(SIDE);
        // Tables are long; their first rows show enough.
        let height = rows.min(SIDE).min((width * 5 / 4).max(16));
        let from = planes / 2 * rows * columns;
        let plane = (0..height)
            .flat_map(|r| (0..width).map(move |c| from + r * columns + c))
            .map(|i| values[i])
            .collect();
        return Some((width, height, plane));
    }
    let across = (SMALL * 2 / (columns + 1)).clamp(1, planes);
    let down = (SMALL / (rows + 1)).clamp(1, planes.div_ceil(across));
    let (width, height) = (across * (columns + 1) - 1, down * (rows + 1) - 1);
    let mut sheet = vec![f64::NAN; width * height];
    for k in 0..(across * down).min(planes) {
        let (top, left) = (k / across * (rows + 1), k % across * (columns + 1));
        for r in 0..rows {
            for c in 0..columns {
                sheet[(top + r) * width + left + c] = values[(k * rows + r) * columns + c];
            }
        }
    }
    Some((width, height, sheet))
}

/// From dark violet over green to yellow (five points of matplotlib's viridis, CC0); grey for what is no number.
fn sequential(v: f64) -> [u8; 3] {
    const STOPS: [[f64; 3]; 5] = [
        [68.0, 1.0, 84.0],
        [59.0, 82.0, 139.0],
        [33.0, 145.0, 140.0],
        [94.0, 201.0, 98.0],
        [253.0, 231.0, 37.0],
    ];
    ramp(&STOPS, v)
}

/// From blue over white to red, for -1 to 1.
fn diverging(v: f64) -> [u8; 3] {
    const STOPS: [[f64; 3]; 3] = [[33.0, 102.0, 172.0], [247.0, 247.0, 247.0], [178.0, 24.0, 43.0]];
    ramp(&STOPS, 0.5 + 0.5 * v)
}

fn ramp(stops: &[[f64; 3]], v: f64) -> [u8; 3] {
    if !v.is_finite() {
        return [128; 3];
    }
    let at = v.clamp(0.0, 1.0) * (stops.len() - 1) as f64;
    let k = (at as usize).min(stops.len() - 2);
    std::array::from_fn(|c| (stops[k][c] + (at - k as f64) * (stops[k + 1][c] - stops[k][c])).round() as u8)
}

/// An RGB picture as a data URI.
fn png(width: usize, height: usize, rgb: &[u8]) -> Option<String> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width.try_into().ok()?, height.try_into().ok()?);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header().ok()?.write_image_data(rgb).ok()?;
    Some(format!("data:image/png;base64,{}", STANDARD.encode(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tolzip_core::{Array, Shape};

    fn array(sides: &[usize]) -> AnyArray {
        let shape = Shape::new(sides).unwrap();
        Array::<f32>::new((0..shape.len()).map(|i| i as f32).collect(), shape).unwrap().into()
    }

    #[test]
    fn small_planes_are_laid_out_side_by_side() {
        let (width, height, sheet) = slice(&array(&[100, 8, 8])).unwrap();
        assert_eq!((width, height), (14 * 9 - 1, 7 * 9 - 1));
        assert_eq!((sheet[0], sheet[9], sheet[width]), (0.0, 64.0, 8.0));
        assert!(sheet[8].is_nan());
        let (width, height, plane) = slice(&array(&[3, 300, 5])).unwrap();
        assert_eq!((width, height, plane[0]), (5, 16, 1500.0));
        assert!(slice(&array(&[7])).is_none() && slice(&array(&[0, 4])).is_none());
    }

    #[test]
    fn pictures_are_pngs() {
        let a = array(&[9, 11]);
        let [before, after, difference] = triple(&a, &a, true).unwrap();
        assert!(before.starts_with("data:image/png;base64,iVBOR"));
        assert_eq!(before, after);
        assert_ne!(before, difference);
        assert_eq!(sequential(f64::NAN), [128; 3]);
        assert_eq!((sequential(-1.0), sequential(2.0)), ([68, 1, 84], [253, 231, 37]));
        assert_eq!(diverging(0.0), [247; 3]);
    }
}
