//! Two arrays that grow to what was asked for, in one piece of memory.

use crate::memory::prefer_huge_pages;
use alloc::alloc::{Layout, alloc, dealloc};
use core::ptr::NonNull;
use tolzip_core::{Element, Error, Result};

/// Pairs of values, each kind behind each other, with room for a number that is known from the beginning.
///
/// Allocators keep memory for the next time up to a multiple of the largest piece that was given back, and return the rest to
/// the system, whose pages must then be touched for the first time once more. That takes as long as decoding what goes there:
/// few large pieces are better than many.
#[derive(Debug)]
pub struct Arena<A: Element, B: Element> {
    first: NonNull<A>,
    second: NonNull<B>,
    layout: Layout,
    room: usize,
    len: usize,
}

// SAFETY: an arena owns its memory as a vector does, and elements are plain numbers.
unsafe impl<A: Element, B: Element> Send for Arena<A, B> {}
// SAFETY: as above; a shared arena is only read.
unsafe impl<A: Element, B: Element> Sync for Arena<A, B> {}

impl<A: Element, B: Element> Arena<A, B> {
    /// An empty one with room for `n` pairs.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn with_room(n: usize) -> Result<Self> {
        let bytes = (n as u64).saturating_mul((size_of::<A>() + size_of::<B>()) as u64);
        let out_of_memory = Error::OutOfMemory { bytes };
        let both = Layout::array::<A>(n).and_then(|a| a.extend(Layout::array::<B>(n)?));
        let Ok((layout, second)) = both else { return Err(out_of_memory) };
        if layout.size() == 0 {
            let (first, second) = (NonNull::dangling(), NonNull::dangling());
            return Ok(Self { first, second, layout, room: n, len: 0 });
        }
        // SAFETY: the layout's size is not 0.
        let Some(at) = NonNull::new(unsafe { alloc(layout) }) else { return Err(out_of_memory) };
        prefer_huge_pages(at.as_ptr(), layout.size());
        // SAFETY: the second array begins inside the allocation, or at its end.
        let second = unsafe { at.add(second) };
        Ok(Self { first: at.cast(), second: second.cast(), layout, room: n, len: 0 })
    }

    /// Forgets all pairs.
    pub const fn clear(&mut self) {
        self.len = 0;
    }

    /// The number of pairs.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The values of the first kind.
    #[must_use]
    pub const fn first(&self) -> &[A] {
        // SAFETY: so many values were written.
        unsafe { core::slice::from_raw_parts(self.first.as_ptr(), self.len) }
    }

    /// The values of the second kind.
    #[must_use]
    pub const fn second(&self) -> &[B] {
        // SAFETY: so many values were written.
        unsafe { core::slice::from_raw_parts(self.second.as_ptr(), self.len) }
    }

    /// Appends pairs.
    ///
    /// # Panics
    /// If there is no room for them, or the slices differ in length.
    pub fn push(&mut self, first: &[A], second: &[B]) {
        let n = first.len();
        assert!(n == second.len() && n <= self.room - self.len, "pairs, and room for them");
        // SAFETY: there is room in both arrays, and what is borrowed is not what this arena owns.
        unsafe {
            self.first.add(self.len).copy_from_nonoverlapping(NonNull::from(first).cast(), n);
            self.second.add(self.len).copy_from_nonoverlapping(NonNull::from(second).cast(), n);
        }
        self.len += n;
    }

    /// Appends `n` pairs of zeros, and gives them to be set.
    ///
    /// # Panics
    /// If there is no room for them.
    pub fn push_zeros(&mut self, n: usize) -> (&mut [A], &mut [B]) {
        assert!(n <= self.room - self.len, "room for them");
        // SAFETY: there is room in both arrays, which do not overlap and are borrowed with the arena; `Element` is sealed and
        // its implementors are plain numbers, for which zero bytes are valid.
        unsafe {
            let (first, second) = (self.first.add(self.len), self.second.add(self.len));
            first.write_bytes(0, n);
            second.write_bytes(0, n);
            self.len += n;
            let first = core::slice::from_raw_parts_mut(first.as_ptr(), n);
            (first, core::slice::from_raw_parts_mut(second.as_ptr(), n))
        }
    }
}

impl<A: Element, B: Element> Drop for Arena<A, B> {
    fn drop(&mut self) {
        if self.layout.size() > 0 {
            // SAFETY: allocated with this layout.
            unsafe { dealloc(self.first.as_ptr().cast(), self.layout) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pushed_is_there() {
        // None, few, an odd number of the smaller kind first, and enough for large pages.
        for n in [0usize, 3, 1 << 20] {
            let mut arena = Arena::<u16, f64>::with_room(n).unwrap();
            for round in 0..2u16 {
                arena.clear();
                assert!(arena.is_empty());
                let half = n / 2;
                let (a, b) = (alloc::vec![round + 1; half], alloc::vec![f64::from(round) + 0.5; half]);
                arena.push(&a, &b);
                let (more, others) = arena.push_zeros(n - half);
                assert!(more.iter().all(|&x| x == 0) && others.iter().all(|&x| x == 0.0));
                more.fill(round);
                others.fill(-1.0);
                assert_eq!(arena.len(), n);
                assert!(arena.first()[..half] == a && arena.second()[..half] == b);
                assert!(arena.first()[half..].iter().all(|&x| x == round));
                assert!(arena.second()[half..].iter().all(|&x| x == -1.0));
            }
        }
        assert!(Arena::<u64, u16>::with_room(usize::MAX).is_err());
    }

    #[test]
    #[should_panic(expected = "room for them")]
    fn no_more_than_there_is_room_for() {
        Arena::<f32, u16>::with_room(2).unwrap().push(&[0.0; 3], &[0; 3]);
    }
}
