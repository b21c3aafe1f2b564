//! Memory for arrays.

use alloc::alloc::{Layout, alloc_zeroed};
use alloc::vec::Vec;
use tolzip_core::{Element, Error, Result};

/// A vector of `n` zeros, or an error where the memory can't be had.
///
/// The zeros are the system's: nothing is written to pages before their values are, which for large arrays saves a pass
/// through memory.
///
/// # Errors
/// [`Error::OutOfMemory`].
pub fn zeros<T: Element>(n: usize) -> Result<Vec<T>> {
    let out_of_memory = || Error::OutOfMemory { bytes: (n as u64).saturating_mul(size_of::<T>() as u64) };
    let layout = Layout::array::<T>(n).map_err(|_| out_of_memory())?;
    if layout.size() == 0 {
        return Ok(Vec::new());
    }
    // SAFETY: the layout's size is not 0.
    let at = unsafe { alloc_zeroed(layout) };
    if at.is_null() {
        return Err(out_of_memory());
    }
    prefer_huge_pages(at, layout.size());
    // SAFETY: allocated by the global allocator with the layout of `n` values; `Element` is sealed and its implementors are
    // plain numbers, for which zero bytes are valid.
    Ok(unsafe { Vec::from_raw_parts(at.cast(), n, n) })
}

/// An empty vector with room for `n` values, or an error where the memory can't be had.
///
/// # Errors
/// [`Error::OutOfMemory`].
pub fn room<T: Element>(n: usize) -> Result<Vec<T>> {
    let mut out = Vec::new();
    reserve(&mut out, n)?;
    Ok(out)
}

/// Makes room for `more` values behind those of a vector.
///
/// # Errors
/// [`Error::OutOfMemory`].
pub fn reserve<T: Element>(values: &mut Vec<T>, more: usize) -> Result<()> {
    if values.capacity() - values.len() >= more {
        return Ok(());
    }
    let out_of_memory = |_| Error::OutOfMemory { bytes: (more as u64).saturating_mul(size_of::<T>() as u64) };
    if values.is_empty() {
        values.try_reserve_exact(more).map_err(out_of_memory)?;
    } else {
        values.try_reserve(more).map_err(out_of_memory)?;
    }
    prefer_huge_pages(values.as_mut_ptr().cast(), values.capacity() * size_of::<T>());
    Ok(())
}

/// Asks for pages of 2 MiB: the first touch of each page costs more than decoding what goes there, and there are 512 times
/// fewer of them. (NumPy does the same.) A kernel that does not want to does not, and nothing is lost.
#[cfg(all(feature = "std", target_os = "linux"))]
pub(crate) fn prefer_huge_pages(at: *mut u8, size: usize) {
    const WORTH_IT: usize = 4 << 20;
    const PAGE: usize = 4096;
    if size < WORTH_IT {
        return;
    }
    let skip = at.align_offset(PAGE).min(size);
    let whole = (size - skip) / PAGE * PAGE;
    // SAFETY: the range lies within the allocation; the advice changes no contents.
    unsafe { libc::madvise(at.add(skip).cast(), whole, libc::MADV_HUGEPAGE) };
}

/// There is nobody to ask.
#[cfg(not(all(feature = "std", target_os = "linux")))]
pub(crate) const fn prefer_huge_pages(_: *mut u8, _: usize) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_or_an_error() {
        // Small, and large enough for advice.
        for n in [0, 3, 3 << 20] {
            let mut values = room::<u32>(n).unwrap();
            assert!(values.is_empty() && values.capacity() >= n);
            values.resize(n, 7);
            assert_eq!(values.iter().map(|&v| v as usize).sum::<usize>(), 7 * n);
        }
        assert!(room::<u64>(usize::MAX).is_err());
        let mut values = alloc::vec![1u16, 2];
        reserve(&mut values, 5 << 20).unwrap();
        assert!(values == [1, 2] && values.capacity() >= 5 << 20);
        assert!(reserve(&mut values, usize::MAX).is_err());
    }

    #[test]
    fn zeros_are_zeros_and_too_many_are_an_error() {
        assert_eq!(zeros::<f64>(1000), Ok(alloc::vec![0.0; 1000]));
        assert_eq!(zeros::<u8>(0), Ok(Vec::new()));
        assert!(zeros::<u64>(usize::MAX).is_err());
        // 2 GiB can be there.
        #[cfg(target_pointer_width = "64")]
        assert!(zeros::<u8>(isize::MAX as usize).is_err());
    }
}
