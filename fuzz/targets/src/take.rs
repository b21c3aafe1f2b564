//! Small numbers from the front of the fuzzer's bytes. Where they end, zeros follow, so that every input means something.

use tolzip::Shape;

pub(crate) struct Take<'a>(pub(crate) &'a [u8]);

impl<'a> Take<'a> {
    pub(crate) const fn u8(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        first
    }

    pub(crate) const fn u16(&mut self) -> u16 {
        u16::from_le_bytes([self.u8(), self.u8()])
    }

    /// One of a list.
    pub(crate) fn of<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[usize::from(self.u8()) % all.len()]
    }

    /// A shape of at most `dims` dimensions and `most` values; sides may be 0.
    pub(crate) fn shape(&mut self, dims: u8, most: usize) -> Shape {
        let mut left = most;
        let sides: Vec<usize> = (0..self.u8() % (dims + 1))
            .map(|_| {
                let side = usize::from(self.u8()).min(left);
                left /= side.max(1);
                side
            })
            .collect();
        Shape::new(&sides).expect("few values")
    }

    pub(crate) const fn rest(&mut self) -> &'a [u8] {
        let rest = self.0;
        self.0 = &[];
        rest
    }
}
