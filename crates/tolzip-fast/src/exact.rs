//! Values that no integer brings within the bound, stored as they are.

use alloc::vec::Vec;
use tolzip_core::bytes::{Reader, put_leb128};
use tolzip_core::{Element, Error, Result, Word};

/// The list while it is being made.
#[derive(Debug, Default)]
pub(crate) struct Exact {
    bytes: Vec<u8>,
    pub(crate) count: usize,
    next: usize,
}

impl Exact {
    /// Adds a value; positions grow from call to call.
    pub(crate) fn push<T: Element>(&mut self, position: usize, value: T) {
        put_leb128(&mut self.bytes, (position - self.next) as u64);
        self.bytes.extend_from_slice(&value.to_bits().to_u64().to_le_bytes()[..size_of::<T>()]);
        self.next = position + 1;
        self.count += 1;
    }

    /// Appends the list.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        put_leb128(out, self.count as u64);
        out.extend_from_slice(&self.bytes);
    }
}

/// Reads a list for a chunk of `n` values and calls `put(position, value)` for each.
pub(crate) fn read<T: Element>(
    reader: &mut Reader<'_>,
    n: usize,
    mut put: impl FnMut(usize, T),
) -> Result<()> {
    let beyond = "an exact value beyond the chunk";
    let count = reader.leb128_up_to(n, beyond)?;
    let mut next = 0;
    for _ in 0..count {
        // At least one value is left for this one, or the list is too long.
        let left = (n - next).checked_sub(1).ok_or(Error::corrupt(beyond))?;
        let at = next + reader.leb128_up_to(left, beyond)?;
        let mut word = [0; 8];
        word[..size_of::<T>()].copy_from_slice(reader.take(size_of::<T>())?);
        put(at, T::from_bits(T::Bits::from_u64(u64::from_le_bytes(word))));
        next = at + 1;
    }
    Ok(())
}
