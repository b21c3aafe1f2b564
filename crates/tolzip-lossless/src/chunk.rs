//! A chunk: how its words are made into residuals, then blocks of them.

use crate::blocks::{self, Kind};
use crate::choose::{self, Bits, Sample};
use crate::decimal::{self, Decimals};
use crate::dictionary::{Dictionary, MAX_WORDS};
use crate::lane::{Lane, Order};
use crate::stencil::{MAX_DEGREE, Rows, Spec};
use crate::tokens::Neighbours;
use crate::{cost, float, integer};
use alloc::vec::Vec;
use tolzip_core::bytes::{Reader, put_leb128, put_prefixed, try_vec};
use tolzip_core::{Error, Result};

const VERSION: u8 = 1;

// The flags behind the version.
const PREDICTED: u8 = 1;
const FLOAT: u8 = 2;
const SIGN_MAGNITUDE: u8 = 4;
const RANKED: u8 = 8;
const DECIMAL: u8 = 16;

/// Sampled values that a choice rests upon.
const POINTS: usize = 2048;
const FAST_POINTS: usize = 512;

/// Appends the words of a chunk.
pub(crate) fn encode<W: Lane>(words: &[W], sides: [usize; 4], is_float: bool, fast: bool, out: &mut Vec<u8>) {
    out.push(VERSION);
    if words.is_empty() {
        return;
    }
    if fast {
        Plan::fast(words, sides, is_float).write(words, sides, 0, &[], out);
    } else {
        stages(words, sides, is_float, true, out);
    }
}

/// Appends everything behind the version. `outermost` is false for the words of a dictionary, which has none itself.
fn stages<W: Lane>(words: &[W], sides: [usize; 4], is_float: bool, outermost: bool, out: &mut Vec<u8>) {
    let sample = Sample::new(sides, POINTS);
    let plan = Plan::new(words, &sample, is_float);
    if !outermost {
        return plan.write(words, sides, 0, &[], out);
    }
    let size = plan.bytes(&sample, words.len());
    let decimals = is_float && W::BYTES >= 4;
    let decimals = decimals.then(|| Decimals::new(words, &sample.words(words))).flatten().map(|d| {
        let plan = Plan::new(&d.integers, &sample, false);
        let mut head = Vec::new();
        d.write(&mut head);
        (plan.bytes(&sample, words.len()) + head.len() as u64, plan, d.integers, head, DECIMAL)
    });
    let ranks = (W::BYTES > 1 && sample.different(words) <= sample.len() / 2)
        .then(|| Dictionary::new(words, Order { sign_magnitude: is_float, shift: 0 }))
        .flatten()
        .map(|d| {
            let ranks = d.ranks(words);
            let plan = Plan::new(&ranks, &sample, false);
            let mut head = Vec::new();
            put_leb128(&mut head, d.words.len() as u64);
            let mut inner = Vec::new();
            stages(&d.words, [1, 1, 1, d.words.len()], is_float, false, &mut inner);
            put_prefixed(&mut head, &inner);
            (plan.bytes(&sample, words.len()) + head.len() as u64, plan, ranks, head, RANKED)
        });
    if let Some((other, plan, integers, head, flag)) =
        [decimals, ranks].into_iter().flatten().min_by_key(|c| c.0)
    {
        // Contexts do more for residuals of the words themselves: a tenth.
        if other + other / 8 < size {
            return plan.write(&integers, sides, flag, &head, out);
        }
    }
    if choose::repeats(words) * (sample.len() as u64) < plan.bits {
        let repeats = Plan { spec: None, kind: Kind::Repeats, bits: 0 };
        let begin = out.len();
        repeats.write(words, sides, 0, &[], out);
        if ((out.len() - begin) as u64) < size {
            return;
        }
        out.truncate(begin);
    }
    plan.write(words, sides, 0, &[], out);
}

/// How words are made into residuals, how these are coded, and what that would take.
#[derive(Clone, Copy, Debug)]
struct Plan {
    spec: Option<Spec>,
    kind: Kind,
    /// Of the sample.
    bits: Bits,
}

impl Plan {
    fn new<W: Lane>(words: &[W], sample: &Sample, is_float: bool) -> Self {
        let order = Order { sign_magnitude: is_float, shift: choose::common_zeros(words) };
        let (spec, tokens) = sample.climb(words, order, is_float && W::BYTES >= 4, MAX_DEGREE);
        let planes = sample.planes(words);
        // Contexts, which the sample does not see, take a few hundredths off the tokens.
        if planes + tokens / 64 < tokens {
            Self { spec: None, kind: Kind::Planes, bits: planes }
        } else {
            Self { spec: Some(spec), kind: Kind::Tokens, bits: tokens }
        }
    }

    /// Sums of integers of degree 1 at most, and tiles of bits.
    fn fast<W: Lane>(words: &[W], sides: [usize; 4], is_float: bool) -> Self {
        let order = Order { sign_magnitude: is_float, shift: choose::common_zeros(words) };
        let (spec, bits) = Sample::new(sides, FAST_POINTS).climb(words, order, false, 1);
        Self { spec: Some(spec), kind: Kind::Packed, bits }
    }

    /// What `n` words would take.
    fn bytes(&self, sample: &Sample, n: usize) -> u64 {
        ((u128::from(self.bits) * n as u128 / sample.len() as u128) >> (cost::FRACTION + 3)) as u64
    }

    fn write<W: Lane>(self, words: &[W], sides: [usize; 4], stage: u8, head: &[u8], out: &mut Vec<u8>) {
        let flag = |on: bool, flag: u8| if on { flag } else { 0 };
        let near = Neighbours::new(sides);
        let mut flags = stage;
        if let Some(spec) = self.spec {
            flags |= PREDICTED | flag(spec.float, FLOAT) | flag(spec.order.sign_magnitude, SIGN_MAGNITUDE);
        }
        out.push(flags);
        out.extend_from_slice(head);
        let Some(spec) = self.spec else {
            return blocks::write(words, self.kind, near, out);
        };
        out.push(spec.order.shift as u8);
        out.push(spec.degrees.iter().enumerate().fold(0, |b, (i, d)| b | d << (2 * i)));
        let rows = Rows::new(sides, spec.degrees);
        let mut residuals = Vec::with_capacity(words.len());
        if spec.float {
            float::residuals(words, rows, spec, &mut residuals);
        } else {
            integer::residuals(words, rows, spec, &mut residuals);
        }
        blocks::write(&residuals, self.kind, near, out);
    }
}

/// Decodes what [`encode`] appended, which must fill `bytes`, into all of `words`.
///
/// # Errors
/// If the bytes are no such chunk.
pub(crate) fn decode<W: Lane>(bytes: &[u8], sides: [usize; 4], words: &mut [W]) -> Result<()> {
    let mut reader = Reader::new(bytes);
    if reader.u8()? != VERSION {
        return Err(Error::corrupt("an unknown version of the lossless codec"));
    }
    if words.is_empty() {
        return reader.finish();
    }
    unstage(reader, sides, true, words)
}

fn unstage<W: Lane>(
    mut reader: Reader<'_>,
    sides: [usize; 4],
    outermost: bool,
    words: &mut [W],
) -> Result<()> {
    let flags = reader.u8()?;
    let known = if outermost { RANKED | DECIMAL } else { 0 } | PREDICTED | FLOAT | SIGN_MAGNITUDE;
    let both = RANKED | DECIMAL;
    if flags & !known != 0
        || flags & both == both
        || (flags & DECIMAL != 0 && W::BYTES < 4)
        || (flags & PREDICTED == 0 && flags & (FLOAT | SIGN_MAGNITUDE) != 0)
    {
        return Err(Error::corrupt("unknown flags of a lossless chunk"));
    }
    let mut table: Vec<W> = Vec::new();
    if flags & RANKED != 0 {
        let most = words.len().min(MAX_WORDS);
        let n = reader.leb128_up_to(most, "a dictionary larger than its chunk")?;
        if n == 0 {
            return Err(Error::corrupt("an empty dictionary"));
        }
        table = try_vec(n)?;
        unstage(Reader::new(reader.prefixed()?), [1, 1, 1, n], false, &mut table)?;
    }
    let decimals =
        if flags & DECIMAL != 0 { Some(decimal::Head::read::<W>(&mut reader, words.len())?) } else { None };
    let near = Neighbours::new(sides);
    if flags & PREDICTED == 0 {
        blocks::read(reader, near, words)?;
    } else {
        let shift = u32::from(reader.u8()?);
        let packed = reader.u8()?;
        let spec = Spec {
            order: Order { sign_magnitude: flags & SIGN_MAGNITUDE != 0, shift },
            float: flags & FLOAT != 0,
            degrees: [packed & 3, packed >> 2 & 3, packed >> 4 & 3, packed >> 6],
        };
        if shift >= W::BITS || (spec.float && W::BYTES < 4) {
            return Err(Error::corrupt("an unknown way of prediction"));
        }
        blocks::read(reader, near, words)?;
        let rows = Rows::new(sides, spec.degrees);
        if spec.float {
            float::restore(words, rows, spec);
        } else {
            integer::restore(words, rows, spec);
        }
    }
    if let Some(head) = decimals {
        return head.restore(words);
    }
    if flags & RANKED != 0 {
        for w in words {
            let rank = usize::try_from(w.to_u64()).unwrap_or(usize::MAX);
            *w = *table.get(rank).ok_or(Error::corrupt("a rank beyond the dictionary"))?;
        }
    }
    Ok(())
}
