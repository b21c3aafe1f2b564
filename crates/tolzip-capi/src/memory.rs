//! Pointers and lengths from C, checked, as slices.

use crate::report::Failure;
use core::mem::MaybeUninit;

/// The bytes that C handed over to be read. Of length 0, any pointer will do.
///
/// # Safety
/// A pointer that is not null must be readable for `len` bytes, which nobody writes to during `'a`.
pub(crate) unsafe fn input<'a>(pointer: *const u8, len: usize, what: &str) -> Result<&'a [u8], Failure> {
    check(pointer.is_null(), len, what)?;
    if len == 0 {
        return Ok(&[]);
    }
    // SAFETY: not null, of a length that a slice may have; readable and not written to, as the caller promises.
    Ok(unsafe { core::slice::from_raw_parts(pointer, len) })
}

/// The bytes that C handed over to be written, which need not have values yet.
///
/// # Safety
/// A pointer that is not null must be writable for `len` bytes, which nobody else touches during `'a`.
pub(crate) unsafe fn output<'a>(
    pointer: *mut u8,
    len: usize,
    what: &str,
) -> Result<&'a mut [MaybeUninit<u8>], Failure> {
    check(pointer.is_null(), len, what)?;
    if len == 0 {
        return Ok(&mut []);
    }
    // SAFETY: not null, of a length that a slice may have; ours alone, as the caller promises; `MaybeUninit` needs no values.
    Ok(unsafe { core::slice::from_raw_parts_mut(pointer.cast(), len) })
}

fn check(null: bool, len: usize, what: &str) -> Result<(), Failure> {
    if null && len > 0 {
        return Err(Failure::argument(format!("{what} is a null pointer")));
    }
    if isize::try_from(len).is_err() {
        return Err(Failure::argument(format!("{what} can't be {len} bytes long")));
    }
    Ok(())
}

/// Refuses an output that shares a byte with an input. Asked before any of them becomes a slice; null pointers are refused later.
pub(crate) fn apart(input: (*const u8, usize), output: (*const u8, usize)) -> Result<(), Failure> {
    let ((a, n), (b, m)) = ((input.0.addr(), input.1), (output.0.addr(), output.1));
    if n.min(a) > 0 && m.min(b) > 0 && a < b.saturating_add(m) && b < a.saturating_add(n) {
        return Err(Failure::argument("input and output overlap"));
    }
    Ok(())
}

/// Copies `bytes` to the front of `out`, or says how many bytes that takes.
pub(crate) fn fill(out: &mut [MaybeUninit<u8>], bytes: &[u8]) -> Result<(), Failure> {
    let Some(front) = out.get_mut(..bytes.len()) else {
        return Err(too_small(bytes.len(), out.len()));
    };
    front.write_copy_of_slice(bytes);
    Ok(())
}

/// That an output takes so many bytes, and its buffer has fewer.
pub(crate) fn too_small(needed: usize, capacity: usize) -> Failure {
    Failure {
        status: crate::TolzipStatus::BufferTooSmall,
        message: format!("the output takes {needed} bytes, the buffer has {capacity}"),
    }
}

/// A number that a call gives back through a pointer: null is no place for it.
///
/// # Safety
/// A pointer that is not null must be writable for one `T`, aligned, and nobody else's.
pub(crate) unsafe fn place<'a, T>(pointer: *mut T, what: &str) -> Result<&'a mut MaybeUninit<T>, Failure> {
    if pointer.is_null() {
        return Err(Failure::argument(format!("{what} is a null pointer")));
    }
    if !pointer.is_aligned() {
        return Err(Failure::argument(format!("{what} is not aligned")));
    }
    // SAFETY: neither null nor unaligned; writable and ours, as the caller promises.
    Ok(unsafe { &mut *pointer.cast() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_t_be_memory_is_refused() {
        // SAFETY: null, or of no length, or refused for its length before it is used.
        unsafe {
            assert!(input(core::ptr::null(), 1, "it").is_err());
            assert_eq!(input(core::ptr::null(), 0, "it").unwrap(), &[] as &[u8]);
            let dangling = core::ptr::NonNull::<u8>::dangling().as_ptr();
            assert!(input(dangling, usize::MAX, "it").is_err());
            assert!(output(core::ptr::null_mut(), 1, "it").is_err());
            assert!(output(dangling, isize::MAX as usize + 1, "it").is_err());
            assert!(place::<u64>(core::ptr::null_mut(), "it").is_err());
            assert!(place::<u64>(core::ptr::without_provenance_mut(4), "it").is_err());
        }
        let at = |address: usize| core::ptr::without_provenance::<u8>(address);
        assert!(apart((at(10), 5), (at(15), 5)).is_ok());
        assert!(apart((at(10), 6), (at(15), 5)).is_err());
        assert!(apart((at(10), 0), (at(10), 5)).is_ok());
        assert!(apart((at(usize::MAX - 1), 1), (at(3), usize::MAX)).is_err());
    }
}
