//! Which table a coefficient's length is coded with.

use alloc::vec::Vec;
use tolzip_simd::zfp::order;

/// Contexts of the first coefficient: by the number of planes.
const FIRST: usize = 32;
/// Contexts of the others, for each number of parents: by the parents' mean length.
const CLASSES: usize = 56;
/// All contexts.
pub(super) const CONTEXTS: usize = FIRST + 4 * CLASSES;

/// The context by the number of parents less one, and the sum of their lengths.
pub(super) static BY_SUM: [[u8; 257]; 4] = by_sum();

const fn by_sum() -> [[u8; 257]; 4] {
    let mut table = [[0; 257]; 4];
    let mut parents = 1;
    while parents <= 4 {
        let mut sum = 0;
        while sum <= 256 {
            // Half bits, then steps of two bits.
            let halves = 2 * sum / parents;
            let class = if halves < 32 { halves } else { 32 + (halves - 32) / 4 };
            let class = if class < CLASSES { class } else { CLASSES - 1 };
            table[parents - 1][sum] = (FIRST + (parents - 1) * CLASSES + class) as u8;
            sum += 1;
        }
        parents += 1;
    }
    table
}

/// For each place in zfp's order of blocks of `N` values, the places of its parents.
pub(super) fn parents<const N: usize>() -> Vec<Vec<usize>> {
    let order = order::<N>();
    let place = |index: usize| order.iter().position(|&o| usize::from(o) == index).unwrap_or(0);
    let mut all = Vec::with_capacity(N);
    for &index in order {
        let index = usize::from(index);
        let axes = (0..4).filter(|a| index >> (2 * a) & 3 > 0);
        all.push(axes.map(|a| place(index - (1 << (2 * a)))).collect());
    }
    all
}

/// The contexts of the first coefficients, by the blocks' numbers of planes.
pub(super) fn first(precisions: &[u8], contexts: &mut [u8]) {
    for (c, &p) in contexts.iter_mut().zip(precisions) {
        *c = p.min(FIRST as u8 - 1);
    }
}

/// The contexts of one coefficient of all blocks, as [`BY_SUM`] or another table of its kind gives them. `row` gives the
/// lengths of the coefficients before it.
pub(super) fn others<'a>(
    by_sum: &[[u8; 257]; 4],
    parents: &[usize],
    row: impl Fn(usize) -> &'a [u8],
    contexts: &mut [u8],
) {
    let table = &by_sum[(parents.len() + 3) % 4];
    match *parents {
        [a] => {
            for (c, &a) in contexts.iter_mut().zip(row(a)) {
                *c = table[usize::from(a)];
            }
        }
        [a, b] => {
            for ((c, &a), &b) in contexts.iter_mut().zip(row(a)).zip(row(b)) {
                *c = table[(usize::from(a) + usize::from(b)).min(256)];
            }
        }
        _ => {
            let mut sums = alloc::vec![0u16; contexts.len()];
            for &p in parents {
                for (s, &l) in sums.iter_mut().zip(row(p)) {
                    *s += u16::from(l);
                }
            }
            for (c, &s) in contexts.iter_mut().zip(&sums) {
                *c = table[usize::from(s.min(256))];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_stand_before_their_children() {
        fn check<const N: usize>() {
            let parents = parents::<N>();
            assert_eq!(parents.len(), N);
            assert!(parents[0].is_empty());
            for (i, p) in parents.iter().enumerate().skip(1) {
                assert!((1..=4).contains(&p.len()) && p.iter().all(|&p| p < i));
            }
        }
        check::<4>();
        check::<16>();
        check::<64>();
        check::<256>();
    }

    #[test]
    fn contexts_are_within_their_number() {
        const { assert!(CONTEXTS <= 256) };
        assert_eq!(BY_SUM[3][256], 255);
        assert_eq!(BY_SUM[0][0], 32);
        // Means of 1, 1.5 and 100 of two parents.
        assert_eq!([BY_SUM[1][2], BY_SUM[1][3], BY_SUM[1][200]], [32 + 56 + 2, 32 + 56 + 3, 32 + 56 + 55]);
    }
}
