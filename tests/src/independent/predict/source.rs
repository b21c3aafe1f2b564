//! Where the integers come from: tables and rANS, or mixed decisions.

use super::mixed::Mixed;
use crate::independent::entropy::{Bits, Bytes, Rans, tables};
use crate::independent::met::note;

/// An integer, or an exception.
pub(super) type Integer = Option<i32>;

pub(super) struct Source<'a> {
    flags: Option<Bits<'a>>,
    /// The present run of flags, and how many are left of it.
    run: (bool, usize),
    raw: Bits<'a>,
    coder: Coder<'a>,
}

enum Coder<'a> {
    Tables { of: Vec<usize>, tables: Vec<Vec<u32>>, rans: Rans<'a> },
    Mixed(Box<Mixed<'a>>),
}

impl<'a> Source<'a> {
    pub(super) fn new(mut bytes: Bytes<'a>, flagged: bool, mixed: bool) -> Self {
        let mut model = None;
        if !mixed {
            let mut bits = Bits(bytes.prefixed(), 0);
            let count = bits.gamma() + 1;
            let mut of = Vec::new();
            for table in 0..count - 1 {
                let last = of.len() + bits.gamma();
                of.resize(last + 1, table);
            }
            of.resize(128, count - 1);
            let alphabet = usize::from(bytes.take(1)[0]) + 1;
            model = Some((of, tables(&mut bytes, count, alphabet)));
        }
        let flags = flagged.then(|| Bits(bytes.prefixed(), 0));
        let raw = Bits(bytes.prefixed(), 0);
        let coder = match model {
            Some((of, tables)) => Coder::Tables { of, tables, rans: Rans::new(bytes.0) },
            None => Coder::Mixed(Box::new(Mixed::new(bytes.prefixed()))),
        };
        Source { flags, run: (true, 0), raw, coder }
    }

    /// Whether the next row or slab is left out.
    pub(super) fn flag(&mut self) -> bool {
        let Some(bits) = &mut self.flags else { return false };
        while self.run.1 == 0 {
            self.run = (!self.run.0, bits.gamma());
        }
        self.run.1 -= 1;
        self.run.0
    }

    /// Whether the neighbours of [`Source::integer`] matter.
    pub(super) fn looks_around(&self) -> bool {
        matches!(self.coder, Coder::Mixed(_))
    }

    /// The next integer, in this context, of this kind, among these neighbours.
    pub(super) fn integer(&mut self, context: usize, kind: usize, around: [i32; 9]) -> Integer {
        match &mut self.coder {
            Coder::Mixed(mixed) => mixed.integer(&mut self.raw, context, kind, around),
            Coder::Tables { of, tables, rans } => {
                let s = u32::from(rans.symbol(&tables[of[context]]));
                if s >= 248 {
                    note("predict exception", 0u32);
                    return None;
                }
                let folded = if s < 32 {
                    s
                } else {
                    let e = (s - 32) / 8 + 2;
                    ((8 + s % 8) << e).wrapping_add(self.raw.get(e as usize))
                };
                Some((folded >> 1) as i32 ^ -((folded & 1) as i32))
            }
        }
    }

    /// Whether an exception's bits follow its symbol at once; else they follow the integers of the row or slab.
    pub(super) fn bits_at_once(&self) -> bool {
        matches!(self.coder, Coder::Tables { .. })
    }

    /// The next bits of an exception.
    pub(super) fn exception(&mut self, width: usize) -> u64 {
        (0..width / 32).map(|i| u64::from(self.raw.get(32)) << (32 * i)).sum()
    }

    /// Panics if this is not the end.
    pub(super) fn end(self) {
        assert_eq!(self.raw.1.div_ceil(8), self.raw.0.len(), "the end of the raw bits");
        match self.coder {
            Coder::Tables { rans, .. } => rans.end(),
            Coder::Mixed(mixed) => mixed.end(),
        }
    }
}
