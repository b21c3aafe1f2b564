//! The automatic choice: what is smallest on a sample of the chunk.

use super::Method;
use crate::road::encode::Plan;
use crate::road::scan::Scan;
use alloc::vec::Vec;
use tolzip_core::{Element, Result, Shape, Target, View};

/// Chunks up to this many values are tried whole; of larger ones a box of about this size is.
const SAMPLE: usize = 1 << 15;

/// The method that makes the sample smallest. Ties go to the earlier candidate, so the choice is the same everywhere.
pub(crate) fn choose<T: Element>(
    plan: &Plan<T>,
    values: &[T],
    shape: Shape,
    target: Target,
    here: Scan,
) -> Result<Method> {
    if matches!(target, Target::PointwiseRel(_)) {
        let rounding = Method::Bitround(super::Bitround::default());
        return Ok(if T::DTYPE.is_float() { rounding } else { Method::lossless() });
    }
    let (start, size) = middle(shape);
    let mut sample = Vec::with_capacity(size.len());
    View::new(values, shape)?.gather(&start[..shape.ndim()], size, &mut sample);
    let mut best = (usize::MAX, Method::lossless());
    let candidates = [
        Method::Predict(tolzip_predict::Settings::default()),
        Method::Transform(tolzip_transform::Settings::default()),
    ];
    for method in candidates {
        let bytes = plan.lossy(&method, &sample, size, target, here)?.bytes.len();
        if bytes < best.0 {
            best = (bytes, method);
        }
    }
    if crate::road::encode::exact(&sample, size, &Method::lossless())?.bytes.len() < best.0 {
        best.1 = Method::lossless();
    }
    Ok(best.1)
}

/// A box in the middle of the chunk with about [`SAMPLE`] values: sides are halved, longest first, until it fits.
fn middle(shape: Shape) -> ([usize; tolzip_core::MAX_DIMS], Shape) {
    let n = shape.ndim();
    let (mut start, mut sides) = ([0; tolzip_core::MAX_DIMS], [1; tolzip_core::MAX_DIMS]);
    sides[..n].copy_from_slice(shape.sides());
    while sides[..n].iter().product::<usize>() > SAMPLE {
        let longest = (0..n).rev().max_by_key(|&d| sides[d]).unwrap_or(0);
        sides[longest] = sides[longest].div_ceil(2);
    }
    for d in 0..n {
        start[d] = (shape.sides()[d] - sides[d]) / 2;
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
            let (start, size) = middle(shape);
            assert!(size.len() <= SAMPLE && size.len() * 2 > SAMPLE.min(shape.len()));
            for d in 0..sides.len() {
                assert!(start[d] + size.sides()[d] <= sides[d]);
            }
        }
    }
}
