//! zfp's coefficients, entropy-coded: the same transform and the same cut as its fixed accuracy, fewer bits.
//!
//! A coefficient in negabinary, without the planes that are cut off, is the length of its digits and the digits behind the
//! first. Lengths are coded by rANS with tables chosen by the lengths of the coefficient's parents: those one step lower in
//! frequency along each axis, which tell how much is left at this one. The digits go out as they are.

mod decode;
mod encode;
mod model;

pub(crate) use decode::decode;
pub(crate) use encode::encode;

/// Values in a segment, the unit that can be decoded by itself (once the tables were read).
const SEGMENT: usize = 1 << 20;
/// A block's head if its exponent is not near enough to that of the block before.
const ESCAPE: u8 = 255;

/// The number of blocks in each segment, of blocks of `N` values.
const fn segment_blocks<const N: usize>() -> usize {
    SEGMENT / N
}

/// A block's head: 0 for one without coefficients, else one more than the folded difference of exponents.
fn head(exponent: i32, before: i32) -> u8 {
    let d = exponent - before;
    let folded = if d < 0 { -2 * d - 1 } else { 2 * d };
    u8::try_from(folded + 1).unwrap_or(ESCAPE)
}

/// The inverse of [`head`], for heads that are neither 0 nor [`ESCAPE`].
fn exponent(head: u8, before: i32) -> i32 {
    let folded = i32::from(head) - 1;
    before + if folded % 2 == 1 { -(folded + 1) / 2 } else { folded / 2 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_come_back() {
        for before in [-1022, -3, 0, 128] {
            for e in -1100..1100 {
                match head(e, before) {
                    0 => panic!("a block that is not empty"),
                    ESCAPE => assert!((e - before).abs() > 126),
                    h => assert_eq!(exponent(h, before), e),
                }
            }
        }
    }
}
