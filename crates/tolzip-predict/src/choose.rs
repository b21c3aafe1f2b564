//! Which engine codes a chunk: both are tried on a sample.

use alloc::vec::Vec;
use tolzip_core::Float;

/// The engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// Interpolation; the axes whose bits are set (bit 3 - axis) are left whole.
    Interpolation {
        whole: u8,
    },
    Causal,
}

/// Values in a block of the sample, about: a part of the array, within limits.
const PART: usize = 32;
const LEAST: usize = 4 << 10;
const MOST: usize = 16 << 10;

/// Blocks of the array that stand for the whole of it: their sides, and their values. The whole array, where that is
/// not much more.
pub(crate) fn sample<T: Float>(values: &[T], sides: [usize; 4]) -> Vec<([usize; 4], Vec<T>)> {
    let about = (values.len() / PART).clamp(LEAST, MOST);
    if values.len() <= 2 * about {
        return [(sides, values.to_vec())].into();
    }
    let mut block = sides;
    // Odd sides suit interpolation: their last points have no neighbour missing.
    while block.iter().product::<usize>() > about {
        // Rows stay longer than the other sides, for the layout of short rows is another one.
        let longest =
            (0..4).max_by_key(|&d| if d < 3 { block[d] } else { block[d].saturating_sub(24) }).unwrap_or(3);
        block[longest] = (block[longest] * 3 / 4) | 1;
    }
    // Where the blocks begin along each axis, in eighths of the way.
    const PLACES: [[usize; 4]; 3] = [[1, 7, 4, 1], [4, 1, 1, 4], [7, 4, 7, 7]];
    PLACES
        .into_iter()
        .map(|place| {
            let begin: [usize; 4] = core::array::from_fn(|d| (sides[d] - block[d]) * place[d] / 8);
            (block, cut(values, sides, begin, block))
        })
        .collect()
}

/// A copy of a block.
fn cut<T: Float>(values: &[T], sides: [usize; 4], begin: [usize; 4], block: [usize; 4]) -> Vec<T> {
    let mut out = Vec::with_capacity(block.iter().product());
    for a in begin[0]..begin[0] + block[0] {
        for b in begin[1]..begin[1] + block[1] {
            for c in begin[2]..begin[2] + block[2] {
                let at = ((a * sides[1] + b) * sides[2] + c) * sides[3] + begin[3];
                out.extend_from_slice(&values[at..at + block[3]]);
            }
        }
    }
    out
}
