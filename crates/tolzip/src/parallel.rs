//! Work on many chunks, on as many threads as the caller allows; results always in order.

use crate::Result;
use alloc::vec::Vec;

/// How many threads to use: 0 means all cores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Threads(pub(crate) usize);

impl Threads {
    /// How many chunks to have in flight at once: enough to keep the threads busy, few enough to bound the memory.
    pub(crate) fn batch(self) -> usize {
        match self.count() {
            1 => 1,
            n => n.saturating_mul(2),
        }
    }

    #[cfg(feature = "parallel")]
    fn count(self) -> usize {
        if self.0 == 0 { std::thread::available_parallelism().map_or(1, usize::from) } else { self.0 }
    }

    #[cfg(not(feature = "parallel"))]
    fn count(self) -> usize {
        1
    }

    /// Runs `work` on every item and collects the results in the items' order.
    #[cfg(feature = "parallel")]
    pub(crate) fn map<I: Send, R: Send>(self, items: Vec<I>, work: impl Fn(I) -> R + Sync) -> Result<Vec<R>> {
        use rayon::prelude::*;
        if self.count() == 1 || items.len() < 2 {
            return Ok(items.into_iter().map(work).collect());
        }
        // No thread without an item: the system may not have as many as were asked for.
        let threads = self.0.min(items.len());
        let run = || items.into_par_iter().map(&work).collect();
        if self.0 == 0 {
            return Ok(run());
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        // The only way for a pool to fail is that the system has no thread to give.
        let pool = pool.map_err(|_| tolzip_core::Error::OutOfMemory { bytes: 0 })?;
        Ok(pool.install(run))
    }

    /// Runs `work` on every item and collects the results in the items' order.
    #[cfg(not(feature = "parallel"))]
    pub(crate) fn map<I, R>(self, items: Vec<I>, work: impl Fn(I) -> R) -> Result<Vec<R>> {
        Ok(items.into_iter().map(work).collect())
    }
}
