//! A chunk: how its words are made into residuals, then blocks of them.

use crate::blocks::{self, Kind};
use crate::choose::{self, Bits};
use crate::decimal::{self, Decimals};
use crate::dictionary::{Dictionary, MAX_WORDS};
use crate::lane::{Lane, Order};
use crate::matches::Matches;
use crate::sample::{Sample, different};
use crate::stencil::{MAX_DEGREE, Rows, Spec};
use crate::tokens::Neighbours;
use crate::{cost, float, integer};
use alloc::vec::Vec;
use tolzip_core::bytes::{Reader, put_leb128, put_prefixed, try_vec};
use tolzip_core::{Error, Result};
use tolzip_simd::memory::room;
use tolzip_simd::residuals as kernel;

pub(crate) const VERSION: u8 = 1;

// The flags behind the version.
pub(crate) const PREDICTED: u8 = 1;
pub(crate) const FLOAT: u8 = 2;
pub(crate) const SIGN_MAGNITUDE: u8 = 4;
pub(crate) const RANKED: u8 = 8;
pub(crate) const DECIMAL: u8 = 16;
pub(crate) const ROTATED: u8 = 32;
pub(crate) const MATCHED: u8 = 64;

/// Appends the words of a chunk.
pub(crate) fn encode<W: Lane>(words: &[W], sides: [usize; 4], is_float: bool, level: u8, out: &mut Vec<u8>) {
    out.push(VERSION);
    if !words.is_empty() {
        let effort = Effort { level, outermost: true };
        stages(words, sides, is_float, effort, out);
    }
}

/// How much is tried.
#[derive(Clone, Copy, Debug)]
struct Effort {
    level: u8,
    /// False for the words of a dictionary, which has none itself.
    outermost: bool,
}

impl Effort {
    /// Sampled values that a choice among the predictors of `n` values rests upon: more would take more time than coding.
    fn points(self, n: usize) -> usize {
        match self.level {
            1 => (n / 32).clamp(128, 512),
            2 => (n / 16).clamp(256, 2048),
            _ => 2048,
        }
    }
}

/// Words as other integers of their size, and what a decoder must know to turn them back.
struct Stage<W> {
    flag: u8,
    head: Vec<u8>,
    integers: Vec<W>,
}

/// The stages that a sample speaks for: decimals, ranks in a dictionary.
fn found<W: Lane>(words: &[W], sampled: &[W], is_float: bool, effort: Effort) -> Vec<Stage<W>> {
    let mut all = Vec::new();
    if !effort.outermost {
        return all;
    }
    if is_float
        && W::BYTES >= 4
        && let Some(d) = Decimals::new(words, sampled)
    {
        let mut head = Vec::new();
        d.write(&mut head);
        all.push(Stage { flag: DECIMAL, head, integers: d.integers });
    }
    if effort.level > 1
        && W::BYTES > 1
        && let (seen, estimate) = different(sampled)
        && seen <= sampled.len() / 2
        && estimate <= 2 * Dictionary::most(words) as u64
        && let Some(d) = Dictionary::new(words, Order { sign_magnitude: is_float, shift: 0 })
    {
        let mut head = Vec::new();
        put_leb128(&mut head, d.words.len() as u64);
        let mut inner = Vec::new();
        let effort = Effort { outermost: false, ..effort };
        stages(&d.words, [1, 1, 1, d.words.len()], is_float, effort, &mut inner);
        put_prefixed(&mut head, &inner);
        all.push(Stage { flag: RANKED, head, integers: d.ranks() });
    }
    all
}

/// A stage's integers without the runs that stood before, if that seems to pay, `plan` being that for the integers.
fn matched<W: Lane>(
    stage: &Stage<W>,
    plan: &Plan,
    sample: &Sample,
    is_float: bool,
) -> Option<(Plan, Stage<W>)> {
    // Roughly what a sequence takes.
    const SEQUENCE_BITS: u64 = 24;
    let literal = ((plan.bits / sample.len() as u64) >> cost::FRACTION).max(1);
    let found = Matches::new(&stage.integers, SEQUENCE_BITS.div_ceil(literal) as usize)?;
    let (n, sequences) = (stage.integers.len(), found.runs.len());
    if sequences == 0
        || (n - found.literals.len()) as u64 * literal
            < sequences as u64 * SEQUENCE_BITS + n as u64 * literal / 64
    {
        return None;
    }
    let mut head = stage.head.clone();
    put_leb128(&mut head, sequences as u64);
    for numbers in [&found.runs, &found.lengths, &found.distances] {
        let mut inner = Vec::new();
        let effort = Effort { level: 3, outermost: false };
        stages(numbers, [1, 1, 1, sequences], false, effort, &mut inner);
        put_prefixed(&mut head, &inner);
    }
    let line = Sample::new([1, 1, 1, found.literals.len()], sample.len());
    let plan = Plan::new(&found.literals, &line, is_float, 3);
    Some((plan, Stage { flag: stage.flag | MATCHED, head, integers: found.literals }))
}

/// Appends everything behind the version.
fn stages<W: Lane>(words: &[W], sides: [usize; 4], is_float: bool, effort: Effort, out: &mut Vec<u8>) {
    let sample = Sample::new(sides, effort.points(words.len()));
    let plan = Plan::new(words, &sample, is_float, effort.level);
    let size = plan.bytes(&sample, words.len());
    let staged = found(words, &sample.words(words), is_float, effort).into_iter().map(|stage| {
        let plan = Plan::new(&stage.integers, &sample, false, effort.level);
        (plan.bytes(&sample, words.len()) + stage.head.len() as u64, plan, stage)
    });
    let best = staged.min_by_key(|c| c.0);
    if effort.level < 3 {
        // Contexts do more for residuals of the words themselves: an eighth.
        if let Some((other, plan, stage)) = best
            && other + other / 8 < size
        {
            return plan.write(&stage.integers, sides, stage.flag, &stage.head, out);
        }
        // Repeats take long to find: level 2 looks for them only where they promise much.
        if effort.level == 2 && choose::repeats(words, plan.bits.div_ceil(2 * sample.len() as u64)) {
            let begin = out.len();
            Plan::REPEATS.write(words, sides, 0, &[], out);
            if ((out.len() - begin) as u64) < size {
                return;
            }
            out.truncate(begin);
        }
        return plan.write(words, sides, 0, &[], out);
    }
    // Where a sample does not tell for sure, what is smaller in fact.
    let (begin, mut tried) = (out.len(), Vec::new());
    let mut attempt = |plan: Plan, words: &[W], sides, flag, head: &[u8]| {
        if out.len() == begin {
            return plan.write(words, sides, flag, head, out);
        }
        tried.clear();
        plan.write(words, sides, flag, head, &mut tried);
        if tried.len() < out.len() - begin {
            out.truncate(begin);
            out.extend_from_slice(&tried);
        }
    };
    let plain = Stage { flag: 0, head: Vec::new(), integers: words.to_vec() };
    let best = best.filter(|&(other, ..)| other < size + size / 8);
    let sure = best.as_ref().is_some_and(|&(other, ..)| other * 3 / 2 < size);
    let floats = best.is_none() && is_float;
    let first = plan;
    if best.is_some() && !sure {
        attempt(plan, words, sides, 0, &[]);
    }
    let (plan, stage) = best.map_or((plan, plain), |(_, plan, stage)| (plan, stage));
    attempt(plan, &stage.integers, sides, stage.flag, &stage.head);
    // What looks worse on a sample is better at times: float predictions of integers, and a choice by another sample.
    if !sure && is_float {
        let sample = Sample::new(sides, Effort { level: 2, ..effort }.points(words.len()));
        let other = Plan::new(words, &sample, is_float, 2);
        let near = other.bytes(&sample, words.len()) < size + size / 16;
        if near && (other.spec, other.kind) != (first.spec, first.kind) {
            attempt(other, words, sides, 0, &[]);
        }
    }
    if effort.outermost
        && let Some((plan, stage)) = matched(&stage, &plan, &sample, floats)
    {
        let line = [1, 1, 1, stage.integers.len()];
        attempt(plan, &stage.integers, line, stage.flag, &stage.head);
    }
    if !sure && choose::repeats(words, plan.bits.div_ceil(sample.len() as u64)) {
        attempt(Plan::REPEATS, words, sides, 0, &[]);
    }
}

/// How words are made into residuals, how these are coded, and what that would take.
#[derive(Clone, Copy, Debug)]
struct Plan {
    spec: Option<Spec>,
    /// Words begin with their sign, turned round to the lowest bit.
    rotated: bool,
    kind: Kind,
    /// Of the sample.
    bits: Bits,
}

impl Plan {
    const REPEATS: Self = Self { spec: None, rotated: false, kind: Kind::Repeats, bits: 0 };

    fn new<W: Lane>(words: &[W], sample: &Sample, is_float: bool, level: u8) -> Self {
        let order = Order { sign_magnitude: is_float, shift: choose::common_zeros(words) };
        if level == 1 {
            return Self::fast(words, sample, order);
        }
        let floats = is_float && W::BYTES >= 4;
        let (mut spec, mut tokens) = choose::climb(sample, words, order, floats && level > 2, MAX_DEGREE);
        if floats && level == 2 {
            // Sums of floats are slow to undo: they must earn an eighth.
            let other = Spec { float: true, ..spec };
            let bits = choose::predicted(sample, words, other);
            if bits + bits / 8 < tokens {
                (spec, tokens) = choose::climb(sample, words, order, true, MAX_DEGREE);
            }
        }
        let planes = choose::planes(&sample.words(words), tokens);
        // Contexts, which the sample does not see, take a few hundredths off the tokens.
        if planes + tokens / 64 < tokens {
            Self { spec: None, rotated: false, kind: Kind::Planes, bits: planes }
        } else {
            Self { spec: Some(spec), rotated: false, kind: Kind::Tokens, bits: tokens }
        }
    }

    /// Sums of integers of degree 1 at most, or distances from the least of each tile; tiles of bits.
    fn fast<W: Lane>(words: &[W], sample: &Sample, order: Order) -> Self {
        let (spec, packed) = choose::climb_packed(sample, words, order);
        let based = choose::based(&sample.words(words), order.sign_magnitude);
        if based < packed {
            Self { spec: None, rotated: order.sign_magnitude, kind: Kind::Based, bits: based }
        } else {
            Self { spec: Some(spec), rotated: false, kind: Kind::Packed, bits: packed }
        }
    }

    /// What `n` words would take.
    fn bytes(&self, sample: &Sample, n: usize) -> u64 {
        ((u128::from(self.bits) * n as u128 / sample.len() as u128) >> (cost::FRACTION + 3)) as u64
    }

    fn write<W: Lane>(self, words: &[W], sides: [usize; 4], stage: u8, head: &[u8], out: &mut Vec<u8>) {
        let flag = |on: bool, flag: u8| if on { flag } else { 0 };
        let near = Neighbours::new(sides);
        let mut flags = stage | flag(self.rotated, ROTATED);
        if let Some(spec) = self.spec {
            flags |= PREDICTED | flag(spec.float, FLOAT) | flag(spec.order.sign_magnitude, SIGN_MAGNITUDE);
        }
        out.push(flags);
        out.extend_from_slice(head);
        let Some(spec) = self.spec else {
            if self.rotated {
                let mut rest = words;
                let next = |block: &mut [W]| {
                    let (words, later) = rest.split_at(block.len());
                    kernel::rotate(words, block);
                    rest = later;
                };
                return blocks::write_made(words.len(), next, self.kind, near, out);
            }
            return blocks::write(words, self.kind, near, out);
        };
        out.push(spec.order.shift as u8);
        out.push(spec.degrees.iter().enumerate().fold(0, |b, (i, d)| b | d << (2 * i)));
        let rows = Rows::new(sides, spec.degrees);
        if spec.float {
            let mut residuals = room(words.len()).unwrap_or_default();
            float::residuals(words, rows, spec, &mut residuals);
            blocks::write(&residuals, self.kind, near, out);
        } else {
            let mut residuals = integer::Residuals::new(words, rows, spec);
            blocks::write_made(words.len(), |next| residuals.next(next), self.kind, near, out);
        }
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
    let known =
        if outermost { RANKED | DECIMAL | MATCHED } else { 0 } | PREDICTED | FLOAT | SIGN_MAGNITUDE | ROTATED;
    let both = RANKED | DECIMAL;
    if flags & !known != 0
        || flags & both == both
        || (flags & DECIMAL != 0 && W::BYTES < 4)
        || (flags & PREDICTED == 0 && flags & (FLOAT | SIGN_MAGNITUDE) != 0)
        || (flags & PREDICTED != 0 && flags & ROTATED != 0)
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
    if flags & MATCHED == 0 {
        residuals(reader, flags, sides, words)?;
    } else {
        let sequences = reader.leb128_up_to(words.len(), "more sequences than words")?;
        let mut matches = Matches::<W>::room(sequences)?;
        for numbers in [&mut matches.runs, &mut matches.lengths, &mut matches.distances] {
            let inner = Reader::new(reader.prefixed()?);
            if !numbers.is_empty() {
                unstage(inner, [1, 1, 1, sequences], false, numbers)?;
            }
        }
        let literals = Matches::<W>::count(&matches.lengths, words.len())?;
        matches.literals = try_vec(literals)?;
        residuals(reader, flags, [1, 1, 1, literals], &mut matches.literals)?;
        matches.restore(words)?;
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

/// Reads predicted words, or words as they are.
fn residuals<W: Lane>(mut reader: Reader<'_>, flags: u8, sides: [usize; 4], words: &mut [W]) -> Result<()> {
    let near = Neighbours::new(sides);
    if flags & PREDICTED == 0 {
        let mut done = 0;
        return blocks::read(reader, near, words, |words, known| {
            if flags & ROTATED != 0 {
                kernel::rotate_back(&mut words[done..known]);
                done = known;
            }
        });
    }
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
    let rows = Rows::new(sides, spec.degrees);
    if spec.float {
        blocks::read(reader, near, words, |_, _| {})?;
        float::restore(words, rows, spec);
        return Ok(());
    }
    let mut restorer = integer::Restorer::new(rows, spec);
    blocks::read(reader, near, words, |words, known| restorer.restore(words, known))
}
