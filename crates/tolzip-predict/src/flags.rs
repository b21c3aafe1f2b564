//! Flags for rows: whether all of their integers are zero.

use alloc::vec::Vec;
use tolzip_core::{Error, Result};
use tolzip_entropy::bits::{BitReader, BitWriter};

/// Flags as the lengths of runs of equal ones, which take turns; the first run is one of false.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    lengths: BitWriter,
    last: bool,
    run: u32,
}

impl Runs {
    /// Appends a flag.
    pub(crate) fn put(&mut self, flag: bool) {
        // Longer runs are cut by an empty one of the other kind.
        if flag != self.last || self.run == u32::MAX >> 1 {
            self.lengths.put_gamma(self.run);
            if flag == self.last {
                self.lengths.put_gamma(0);
            }
            (self.last, self.run) = (flag, 0);
        }
        self.run += 1;
    }

    /// The bytes.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.lengths.put_gamma(self.run);
        self.lengths.finish()
    }
}

/// What [`Runs`] wrote.
pub(crate) struct ReadRuns<'a> {
    lengths: BitReader<'a>,
    flag: bool,
    left: u32,
}

impl<'a> ReadRuns<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self> {
        let mut lengths = BitReader::new(bytes);
        let left = lengths.get_gamma()?;
        Ok(Self { lengths, flag: false, left })
    }

    /// The next flag.
    pub(crate) fn next(&mut self) -> Result<bool> {
        // Only the first run may be empty, or one amidst a run that is too long.
        let mut empty = 0;
        while self.left == 0 {
            empty += 1;
            if empty > 2 {
                return Err(Error::corrupt("empty runs of flags"));
            }
            self.left = self.lengths.get_gamma()?;
            self.flag = !self.flag;
        }
        self.left -= 1;
        Ok(self.flag)
    }

    /// Checks that everything was read.
    pub(crate) fn finish(self) -> Result<()> {
        if self.left != 0 {
            return Err(Error::corrupt("more flags than rows"));
        }
        self.lengths.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn flags_come_back(runs in prop::collection::vec(0usize..70, 0..40)) {
            let flags: Vec<bool> =
                runs.iter().enumerate().flat_map(|(i, &n)| core::iter::repeat_n(i % 2 == 1, n)).collect();
            let mut written = Runs::default();
            flags.iter().for_each(|&f| written.put(f));
            let bytes = written.finish();
            let mut read = ReadRuns::new(&bytes).unwrap();
            for &flag in &flags {
                prop_assert_eq!(read.next(), Ok(flag));
            }
            prop_assert!(read.finish().is_ok());
            let mut longer = ReadRuns::new(&bytes).unwrap();
            let all = (0..=flags.len()).try_for_each(|_| longer.next().map(|_| ()));
            prop_assert!(all.is_err() || longer.finish().is_err());
        }

        #[test]
        fn any_bytes_are_flags_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(mut read) = ReadRuns::new(&bytes) {
                let _ = (0..1000).try_for_each(|_| read.next().map(|_| ()));
                let _ = read.finish();
            }
        }
    }
}
