//! Work on many chunks, on as many threads as the caller allows; results always in order.

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
    ///
    /// On the pool of threads that is there, the caller's or rayon's own: making one for every batch would cost more than small
    /// chunks take. So many workers as threads were asked for take one item after the other.
    #[cfg(feature = "parallel")]
    pub(crate) fn map<I: Send, R: Send>(self, items: Vec<I>, work: impl Fn(I) -> R + Sync) -> Vec<R> {
        use rayon::prelude::*;
        use std::sync::Mutex;
        let workers = self.count().min(items.len());
        if workers < 2 {
            return items.into_iter().map(work).collect();
        }
        let queue = Mutex::new(items.into_iter().enumerate());
        // Nothing panics while it holds the queue.
        let next = || queue.lock().ok().and_then(|mut items| items.next());
        let worker = |_| core::iter::from_fn(next).map(|(i, item)| (i, work(item))).collect::<Vec<_>>();
        let mut done: Vec<_> = (0..workers).into_par_iter().with_max_len(1).flat_map_iter(worker).collect();
        done.sort_unstable_by_key(|&(i, _)| i);
        done.into_iter().map(|(_, result)| result).collect()
    }

    /// Runs `work` on every item and collects the results in the items' order.
    #[cfg(not(feature = "parallel"))]
    pub(crate) fn map<I, R>(self, items: Vec<I>, work: impl Fn(I) -> R) -> Vec<R> {
        items.into_iter().map(work).collect()
    }
}

#[cfg(all(test, feature = "parallel"))]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn results_are_in_order_and_no_more_threads_at_work_than_allowed() {
        for threads in [0, 1, 2, 3, 64] {
            let (working, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let squares = Threads(threads).map((0..100usize).collect(), |i| {
                most.fetch_max(working.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::yield_now();
                working.fetch_sub(1, Ordering::SeqCst);
                i * i
            });
            assert!(squares.into_iter().eq((0..100).map(|i| i * i)), "{threads} threads");
            assert!(threads == 0 || most.into_inner() <= threads, "{threads} threads");
        }
    }
}
