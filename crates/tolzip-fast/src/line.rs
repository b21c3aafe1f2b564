//! The integers of a chunk as one line, of which only the part is kept that predictions look at.

use alloc::vec::Vec;
use tolzip_core::Result;
use tolzip_core::bytes::try_vec;

/// A window on the line: the newest integers, and as many before them as predictions reach.
#[derive(Debug)]
pub(crate) struct Line {
    window: Vec<i32>,
    reach: usize,
    at: usize,
}

impl Line {
    /// A line of `n` integers behind zeros; predictions reach back `reach`, and parts of up to `part` are added.
    pub(crate) fn new(n: usize, reach: usize, part: usize) -> Result<Self> {
        // Moving the window costs a copy of the reach: not more often than that many integers.
        let room = part * reach.div_ceil(part).clamp(1, n.div_ceil(part).max(1));
        Ok(Self { window: try_vec(reach + room)?, reach, at: reach })
    }

    /// The window and the place in it where the next `n` integers belong.
    pub(crate) fn next(&mut self, n: usize) -> (&mut [i32], usize) {
        if self.at + n > self.window.len() {
            self.window.copy_within(self.at - self.reach..self.at, 0);
            self.at = self.reach;
        }
        self.at += n;
        (&mut self.window, self.at - n)
    }
}
