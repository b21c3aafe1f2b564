//! Work on many chunks, on as many threads as the caller allows; results always in order.

use alloc::vec::Vec;

/// The most threads of a call, however many were asked for.
#[cfg(feature = "parallel")]
const MOST: usize = 256;

/// How many threads to use: 0 means all cores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Threads(pub(crate) usize);

impl Threads {
    /// How many chunks of so many bytes to have in flight at once: enough to keep the threads busy for longer than it takes to
    /// start them, few enough to bound the memory.
    pub(crate) fn batch(self, chunk_bytes: u64) -> usize {
        match self.count() {
            1 => 1,
            n => 2 * n * usize::try_from((1 << 19) / chunk_bytes.max(1)).unwrap_or(1).max(1),
        }
    }

    #[cfg(feature = "parallel")]
    fn count(self) -> usize {
        let asked =
            if self.0 == 0 { std::thread::available_parallelism().map_or(1, usize::from) } else { self.0 };
        asked.min(MOST)
    }

    #[cfg(not(feature = "parallel"))]
    fn count(self) -> usize {
        1
    }

    /// Runs `work` on every item and collects the results in the items' order.
    ///
    /// On threads of this call alone, the caller's among them: a pool would be a state of the whole program, which does not
    /// survive `fork`. A system that has no thread to give leaves more to the others.
    #[cfg(feature = "parallel")]
    pub(crate) fn map<I: Send, R: Send>(self, items: Vec<I>, work: impl Fn(I) -> R + Sync) -> Vec<R> {
        use std::sync::Mutex;
        let workers = self.count().min(items.len());
        if workers < 2 {
            return items.into_iter().map(work).collect();
        }
        let queue = Mutex::new(items.into_iter().enumerate());
        // Nothing panics while it holds the queue.
        let next = || queue.lock().ok().and_then(|mut items| items.next());
        let worker = || core::iter::from_fn(next).map(|(i, item)| (i, work(item))).collect::<Vec<_>>();
        let mut done = std::thread::scope(|scope| {
            let start = |_| std::thread::Builder::new().spawn_scoped(scope, worker).ok();
            let others: Vec<_> = (1..workers).map_while(start).collect();
            let mut done = worker();
            for other in others {
                done.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            done
        });
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
    use alloc::format;
    use std::collections::BTreeSet;
    use std::sync::{Barrier, Mutex};

    #[test]
    fn results_are_in_order() {
        for threads in [0, 1, 2, 3, 64, usize::MAX] {
            let squares = Threads(threads).map((0..100usize).collect(), |i| i * i);
            assert!(squares.into_iter().eq((0..100).map(|i| i * i)), "{threads} threads");
        }
    }

    #[test]
    fn as_many_threads_are_at_work_as_were_asked_for() {
        for threads in [1, 2, 7] {
            // Nobody gets past the first items before all are there.
            let (all_there, seen) = (Barrier::new(threads), Mutex::new(BTreeSet::new()));
            Threads(threads).map((0..100usize).collect(), |i| {
                if i < threads {
                    all_there.wait();
                }
                seen.lock().unwrap().insert(format!("{:?}", std::thread::current().id()));
            });
            assert_eq!(seen.into_inner().unwrap().len(), threads);
        }
    }

    #[test]
    #[should_panic(expected = "the seventh")]
    fn a_panic_comes_through() {
        Threads(3).map((0..100usize).collect(), |i| assert!(i != 7, "the seventh"));
    }
}
