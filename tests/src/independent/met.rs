//! What the decoders met: kinds, flags and layouts, by their names and numbers on the format's pages. Tests hold against it what
//! the golden streams have to have one of.

use std::cell::RefCell;
use std::collections::BTreeSet;

/// Names and numbers of what was met.
pub type Met = BTreeSet<(&'static str, u32)>;

thread_local! {
    static MET: RefCell<Met> = const { RefCell::new(BTreeSet::new()) };
}

/// Notes one.
pub(crate) fn note(what: &'static str, which: impl Into<u32>) {
    MET.with_borrow_mut(|met| met.insert((what, which.into())));
}

/// Notes which of the bits of `flags` are set.
pub(super) fn note_bits(what: &'static str, flags: impl Into<u32>) {
    let flags = flags.into();
    (0..32).filter(|bit| flags >> bit & 1 == 1).for_each(|bit| note(what, 1u32 << bit));
}

/// All that this thread met since it last asked.
#[must_use]
pub fn take() -> Met {
    MET.take()
}
