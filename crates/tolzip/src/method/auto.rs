//! The automatic choice: what is smallest on a sample of the chunk.

use super::Method;
use crate::road::encode::{Plan, exact};
use crate::road::scan::Scan;
use alloc::vec::Vec;
use tolzip_core::{Element, Result, Shape, Target, View};

/// Chunks up to this many values are tried whole; of larger ones a box of about this size is.
const SAMPLE: usize = 1 << 15;

/// The methods worth trying on the whole chunk, best first on the sample. Ties go to the earlier candidate, so the choice
/// is the same everywhere.
///
/// One method, but for one case: where the bit-exact coder wins, the sample may be a hole in the data (sea in a field of
/// ice), so the best lossy method is tried as well.
pub(crate) fn candidates<T: Element>(
    plan: &Plan<T>,
    values: &[T],
    shape: Shape,
    target: Target,
    here: Scan,
) -> Result<Vec<Method>> {
    let (start, size) = middle(shape, SAMPLE);
    let mut sample = Vec::with_capacity(size.len());
    View::new(values, shape)?.gather(&start[..shape.ndim()], size, &mut sample);
    let mut lossy = alloc::vec![
        Method::Predict(tolzip_predict::Settings::default()),
        Method::Transform(tolzip_transform::Settings::default()),
    ];
    // Rounding alone serves bounds of either kind, but among absolute ones never better than the others.
    if matches!(target, Target::PointwiseRel(_)) && T::DTYPE.is_float() {
        lossy.push(Method::Bitround(super::Bitround::default()));
    }
    let mut best = (usize::MAX, Method::lossless());
    for method in lossy {
        let bytes = plan.lossy(&method, &sample, size, target, here)?.bytes.len();
        if bytes < best.0 {
            best = (bytes, method);
        }
    }
    let exact = exact(&sample, size, &Method::lossless())?.bytes.len();
    Ok(if exact < best.0 { alloc::vec![Method::lossless(), best.1] } else { alloc::vec![best.1] })
}

/// A box in the middle of the chunk with about `most` values: sides are halved, longest first, until it fits.
pub(crate) fn middle(shape: Shape, most: usize) -> ([usize; tolzip_core::MAX_DIMS], Shape) {
    let n = shape.ndim();
    let (mut start, mut sides) = ([0; tolzip_core::MAX_DIMS], [1; tolzip_core::MAX_DIMS]);
    sides[..n].copy_from_slice(shape.sides());
    while sides[..n].iter().product::<usize>() > most {
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
            let (start, size) = middle(shape, SAMPLE);
            assert!(size.len() <= SAMPLE && size.len() * 2 > SAMPLE.min(shape.len()));
            for d in 0..sides.len() {
                assert!(start[d] + size.sides()[d] <= sides[d]);
            }
        }
    }
}
