//! The pyramid of grids: an array, the array of its even points, and so on to a single point.

/// One level: the sides of its grid, slow to fast, and which axes are halved towards the next coarser one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grid {
    pub(crate) sides: [usize; 4],
    pub(crate) split: [bool; 4],
}

impl Grid {
    /// The grids of an array, fine to coarse; the last one has no axis left to halve. The axes whose bits are set in
    /// `whole` (bit 3 - axis) are never halved.
    pub(crate) fn pyramid(sides: [usize; 4], whole: u8) -> impl Iterator<Item = Self> {
        let grid = move |sides: [usize; 4]| Self {
            sides,
            split: core::array::from_fn(|d| sides[d] > 1 && whole >> (3 - d) & 1 == 0),
        };
        core::iter::successors(Some(grid(sides)), move |g| {
            g.split.contains(&true).then(|| grid(g.sides_of(0)))
        })
    }

    /// The sides of a class: its points are odd along the axes whose bits are set (bit 3 - axis, so that bit 0 is the
    /// fast axis) and even along the others.
    pub(crate) fn sides_of(&self, class: usize) -> [usize; 4] {
        core::array::from_fn(|d| match (self.split[d], class >> (3 - d) & 1) {
            (false, _) => self.sides[d],
            (true, 0) => self.sides[d].div_ceil(2),
            (true, _) => self.sides[d] / 2,
        })
    }

    /// The classes that have to be coded, in order: every one after those it is predicted from.
    pub(crate) fn classes(&self) -> impl Iterator<Item = usize> + '_ {
        const ORDER: [u8; 15] = [8, 4, 2, 1, 12, 10, 6, 9, 5, 3, 14, 13, 11, 7, 15];
        let split = (0..4).filter(|&d| self.split[d]).fold(0, |m, d| m | 1 << (3 - d));
        ORDER.into_iter().map(usize::from).filter(move |&c| c & !split == 0)
    }
}

/// The axes along which a class's points are odd, slow to fast.
pub(crate) fn odd_axes(class: usize) -> impl Iterator<Item = usize> {
    (0..4).filter(move |d| class >> (3 - d) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    extern crate std;
    use std::vec::Vec;

    #[test]
    fn classes_cover_their_grid() {
        for sides in [[1, 1, 1, 1], [1, 5, 7, 2], [3, 2, 1, 6], [2, 2, 2, 2], [1, 1, 1, 100]] {
            let all: Vec<Grid> = Grid::pyramid(sides, 0).collect();
            for (g, coarse) in all.iter().zip(&all[1..]) {
                let count: usize = g.classes().map(|c| g.sides_of(c).iter().product::<usize>()).sum();
                assert_eq!(count + coarse.sides.iter().product::<usize>(), g.sides.iter().product());
                for (i, c) in g.classes().enumerate() {
                    for d in odd_axes(c) {
                        let from = c & !(1 << (3 - d));
                        assert!(from == 0 || g.classes().position(|x| x == from).unwrap() < i);
                    }
                }
            }
            assert_eq!(all.last().unwrap().sides, [1; 4]);
        }
    }
}
