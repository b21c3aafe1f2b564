//! Work on many chunks, on as many threads as the caller allows; results always in order.

use alloc::vec::Vec;

/// The most threads of a call, however many were asked for.
#[cfg(feature = "parallel")]
const MOST: usize = 256;

/// How many threads to use: 0 means all cores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Threads(pub(crate) usize);

impl Threads {
    /// How many chunks of so many bytes to have in flight at once: enough that the threads are busy for much longer than it takes to
    /// start them and to wait for the last one, few enough to bound the memory.
    pub(crate) fn batch(self, chunk_bytes: u64) -> usize {
        match self.count() {
            1 => 1,
            n => 2 * n * usize::try_from((1 << 23) / chunk_bytes.max(1)).unwrap_or(1).max(1),
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

    /// Runs `work` on every item, on at most `most` threads, and hands each result to `take` as soon as it is there, one at a time.
    /// When `take` says no, no further item is begun: those before it were.
    #[cfg(feature = "parallel")]
    pub(crate) fn each<I: Send, R>(
        self,
        most: usize,
        items: Vec<I>,
        work: impl Fn(I) -> R + Sync,
        take: impl FnMut(R) -> bool + Send,
    ) {
        use std::sync::{Mutex, MutexGuard, PoisonError};
        // Who panics ends the call anyway.
        fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
            mutex.lock().unwrap_or_else(PoisonError::into_inner)
        }
        let workers = self.count().min(most.max(1)).min(items.len());
        let (queue, take) = (Mutex::new(items.into_iter()), Mutex::new(take));
        let next = || lock(&queue).next();
        Self(workers.max(1)).map((0..workers).collect(), |_| {
            while let Some(item) = next() {
                let result = work(item);
                let mut take = lock(&take);
                if !take(result) {
                    // Before anybody else's result is taken.
                    *lock(&queue) = Vec::new().into_iter();
                }
            }
        });
    }

    /// Runs `work` on every item and hands each result to `take`, until that says no.
    #[cfg(not(feature = "parallel"))]
    pub(crate) fn each<I, R>(
        self,
        _most: usize,
        items: Vec<I>,
        work: impl Fn(I) -> R,
        mut take: impl FnMut(R) -> bool,
    ) {
        let _ = items.into_iter().map(work).try_for_each(|result| take(result).then_some(()));
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
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Barrier, Mutex};

    #[test]
    fn results_are_taken_one_by_one_until_enough() {
        for (threads, most) in [(0, 9), (1, 1), (2, 2), (7, 3)] {
            let mut sum = 0;
            Threads(threads).each(
                most,
                (0..100usize).collect(),
                |i| i * i,
                |square| {
                    sum += square;
                    true
                },
            );
            assert_eq!(sum, (0..100).map(|i| i * i).sum());
            let mut seen = BTreeSet::new();
            let enough = AtomicBool::new(false);
            let work = |i: usize| {
                // Nobody runs ahead of the one that will be enough.
                while i > 100 && !enough.load(Ordering::Relaxed) {
                    std::thread::yield_now();
                }
                i
            };
            Threads(threads).each(most, (0..100_000).collect(), work, |i| {
                seen.insert(i);
                enough.fetch_or(i == 5, Ordering::Relaxed);
                i != 5
            });
            // All before the one that was enough, and behind it those that others had begun.
            assert!((0..=5).all(|i| seen.contains(&i)) && seen.len() <= 101 + most, "{}", seen.len());
        }
    }

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
