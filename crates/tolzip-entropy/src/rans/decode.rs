//! The decoder: incremental, because contexts are often known only for the next few symbols.

use super::{FEW_LANES, MANY_LANES, PROB_BITS, START, Tables};
use alloc::vec::Vec;
use tolzip_core::bytes::{Reader, try_vec};
use tolzip_core::{Error, Result};
use tolzip_simd::rans::{self as kernel, Stream};

/// Decodes a stream piece by piece.
#[derive(Clone, Debug)]
pub struct Decoder<'a> {
    slots: Vec<u32>,
    lanes: usize,
    stream: Stream<'a>,
}

impl<'a> Decoder<'a> {
    /// Begins to decode the stream that fills `bytes`.
    ///
    /// # Errors
    /// If the bytes end before the lanes' states do, or name an unknown number of lanes.
    pub fn new(bytes: &'a [u8], tables: &Tables) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let lanes = match reader.u8()? {
            0 => FEW_LANES,
            1 => MANY_LANES,
            _ => return Err(Error::corrupt("an unknown number of rANS lanes")),
        };
        let mut states = [START; MANY_LANES];
        for state in &mut states[..lanes] {
            *state = reader.u32()?;
            if *state < START {
                return Err(Error::corrupt("a rANS state below where states begin"));
            }
        }
        Ok(Self { slots: slots(tables)?, lanes, stream: Stream::new(reader.rest(), states) })
    }

    /// Decodes the next `out.len()` symbols, whose contexts are given.
    ///
    /// # Errors
    /// If the stream ends early, or a context has no table.
    ///
    /// # Panics
    /// If the slices differ in length.
    pub fn decode(&mut self, contexts: &[u8], out: &mut [u8]) -> Result<()> {
        assert_eq!(contexts.len(), out.len());
        let done = if self.lanes == FEW_LANES {
            kernel::decode_scalar::<FEW_LANES>(&self.slots, &mut self.stream, contexts, out)
        } else {
            kernel::decode(&self.slots, &mut self.stream, contexts, out)
        };
        if done {
            Ok(())
        } else {
            Err(Error::corrupt("the rANS stream ends early or a context has no table"))
        }
    }

    /// Decodes turns of 32 symbols, of which each one's context is what `map` holds for the mean of those in its place in the three
    /// turns before, `(2 before[0] + before[1] + before[2] + 2) / 4`.
    ///
    /// # Errors
    /// As [`decode`](Self::decode).
    pub fn decode_turns(
        &mut self,
        map: &[u8; 128],
        before: &mut [[u8; MANY_LANES]; 3],
        out: &mut [[u8; MANY_LANES]],
    ) -> Result<()> {
        if self.lanes == MANY_LANES {
            return match kernel::decode_turns(&self.slots, &mut self.stream, map, before, out) {
                true => Ok(()),
                false => Err(Error::corrupt("the rANS stream ends early or a context has no table")),
            };
        }
        for turn in out {
            let [a, b, c] = before;
            let mut contexts = [0; MANY_LANES];
            for (lane, context) in contexts.iter_mut().enumerate() {
                let sum = 2 * u16::from(a[lane]) + u16::from(b[lane]) + u16::from(c[lane]) + 2;
                *context = map[usize::from(sum >> 2 & 127)];
            }
            self.decode(&contexts, turn)?;
            (*c, *b, *a) = (*b, *a, *turn);
        }
        Ok(())
    }

    /// Decodes symbols from `at` on as far as there is a fast way; how many. Their contexts are what `map` holds for
    /// `(3 (a + 2 b + c) + 4 d + 8) / 16`, where `a`, `b`, `c` are the symbols around that `near[0]` before, and `d` that `near[1]`
    /// before.
    ///
    /// # Panics
    /// Unless both distances are larger than 32, and there are more symbols before `at`.
    pub fn decode_near(&mut self, map: &[u8; 128], near: [usize; 2], symbols: &mut [u8], at: usize) -> usize {
        if self.lanes == MANY_LANES {
            kernel::decode_near(&self.slots, &mut self.stream, map, near, symbols, at)
        } else {
            0
        }
    }

    /// Checks that the stream was decoded to its very end.
    ///
    /// # Errors
    /// If words are left, or the states are not those that encoding began with.
    pub fn finish(self) -> Result<()> {
        if self.stream.is_at_end() && self.stream.states().iter().all(|&x| x == START) {
            Ok(())
        } else {
            Err(Error::corrupt("the rANS stream does not end where it should"))
        }
    }
}

/// For each context, what each of the 4096 values of a state's low bits stands for. A context without a table gets the
/// slots of a symbol that takes 12 bits of a state; no encoder writes one.
fn slots(tables: &Tables) -> Result<Vec<u32>> {
    let mut all: Vec<u32> = try_vec(tables.contexts() << PROB_BITS)?;
    for (row, slots) in tables.rows().zip(all.chunks_mut(1 << PROB_BITS)) {
        let mut rest = slots;
        for (symbol, &f) in row.iter().enumerate() {
            // `Tables` sum to 4096 or are empty.
            let (mine, others) = rest.split_at_mut(usize::from(f).min(rest.len()));
            for (offset, slot) in mine.iter_mut().enumerate() {
                *slot = kernel::slot(symbol as u8, u32::from(f), offset as u32);
            }
            rest = others;
        }
        // Left over only in a context without a table.
        for slot in rest {
            *slot = kernel::slot(0, 1, 0);
        }
    }
    Ok(all)
}
