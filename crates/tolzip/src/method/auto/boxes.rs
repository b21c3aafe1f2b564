//! The choice for bounds that are not absolute: every candidate codes boxes in three places of the chunk.

use crate::method::Method;
use crate::road::encode::{Plan, exact};
use crate::road::scan::Scan;
use alloc::vec::Vec;
use tolzip_core::{Element, Result, Shape, Target, View};

/// Samples have this share of the chunk's values, within limits. Smaller ones mislead: in boxes of 2,000 values the tables and
/// the edges of prediction cost more than they do in the chunk, and `fast`, which has neither, seems better than it is.
const SHARE: usize = 16;
const LEAST: usize = 1 << 14;
const MOST: usize = 1 << 15;

/// The method that is smallest on boxes in three places of the chunk. Ties go to the earlier candidate, so the choice is
/// the same everywhere.
pub(crate) fn on_boxes<T: Element>(
    plan: &Plan<T>,
    values: &[T],
    shape: Shape,
    target: Target,
    here: Scan,
) -> Result<Method> {
    let mut methods = alloc::vec![
        Method::Predict(tolzip_predict::Settings::default()),
        Method::Transform(tolzip_transform::Settings::default()),
        Method::Fast,
        Method::lossless(),
    ];
    // Rounding alone serves bounds of either kind, but among absolute ones never better than the others.
    if matches!(target, Target::PointwiseRel(_)) && T::DTYPE.is_float() {
        methods.push(Method::Bitround(crate::method::Bitround::default()));
    }
    let mut bytes = alloc::vec![0; methods.len()];
    let view = View::new(values, shape)?;
    let most = (shape.len() / SHARE).clamp(LEAST, MOST);
    let whole = shape.len() <= most;
    for sixths in if whole { &[3][..] } else { &[3, 1, 5] } {
        let (start, size) = part(shape, if whole { most } else { most / 3 }, *sixths);
        let mut sample = Vec::with_capacity(size.len());
        view.gather(&start[..shape.ndim()], size, &mut sample);
        for (method, bytes) in methods.iter().zip(&mut bytes) {
            let chunk = match method.exact() {
                Some(method) => exact(&sample, size, method)?,
                None => plan.lossy(method, &sample, size, target, here)?,
            };
            *bytes += chunk.bytes.len();
        }
    }
    // Even so, tables are about an eighth of a sample that is coded well, and next to nothing of the chunk.
    if let Some(fast) = methods.iter().position(|m| *m == Method::Fast) {
        bytes[fast] += bytes[fast] / 8;
    }
    let best = (0..methods.len()).min_by_key(|&i| bytes[i]).unwrap_or(0);
    Ok(methods.swap_remove(best))
}

/// A box in the middle of the chunk with about `most` values.
pub(crate) fn middle(shape: Shape, most: usize) -> ([usize; tolzip_core::MAX_DIMS], Shape) {
    part(shape, most, 3)
}

/// A box with about `most` values, with so many sixths of the rest of the chunk before it: sides are halved, longest first,
/// until it fits.
pub(crate) fn part(shape: Shape, most: usize, sixths: usize) -> ([usize; tolzip_core::MAX_DIMS], Shape) {
    let n = shape.ndim();
    let (mut start, mut sides) = ([0; tolzip_core::MAX_DIMS], [1; tolzip_core::MAX_DIMS]);
    sides[..n].copy_from_slice(shape.sides());
    while sides[..n].iter().product::<usize>() > most {
        let longest = (0..n).rev().max_by_key(|&d| sides[d]).unwrap_or(0);
        sides[longest] = sides[longest].div_ceil(2);
    }
    for d in 0..n {
        start[d] = (shape.sides()[d] - sides[d]) * sixths / 6;
    }
    (start, Shape::new(&sides[..n]).expect("part of a valid shape"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_a_box_inside_the_chunk() {
        for sides in [&[100usize, 200, 300][..], &[1 << 20], &[5], &[], &[20_000, 28]] {
            let shape = Shape::new(sides).unwrap();
            for sixths in [0, 1, 3, 5, 6] {
                let (start, size) = part(shape, MOST, sixths);
                assert!(size.len() <= MOST && size.len() * 2 > MOST.min(shape.len()));
                for d in 0..sides.len() {
                    assert!(start[d] + size.sides()[d] <= sides[d]);
                }
            }
        }
    }
}
