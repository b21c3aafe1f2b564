//! Values to a payload.

use super::model::{BY_SUM, CONTEXTS, first, others, parents};
use super::{ESCAPE, head, segment_blocks};
use crate::zfp::check::Checker;
use crate::zfp::stream::{bias, is_empty, planes_of};
use crate::zfp::{Geometry, Params, Writer};
use alloc::vec;
use alloc::vec::Vec;
use tolzip_core::bytes::put_prefixed;
use tolzip_entropy::rans::{self, Tables};
use tolzip_simd::cast::as_bits;
use tolzip_simd::zfp::{Gather, LANES, Program, Row, Scalar, Transform, Unsigned, forward, run};

/// A segment's blocks as symbols.
struct Segment {
    /// One a block.
    heads: Vec<u8>,
    /// The exponents of heads that are an escape.
    escapes: Vec<u8>,
    /// Of the first coefficients of all blocks that have some, then of the second ones and so on.
    lengths: Vec<u8>,
    contexts: Vec<u8>,
    digits: Vec<u8>,
}

/// Appends the payload of values that fit the geometry. A checker is shown all of them.
pub(crate) fn encode<T: Scalar, const N: usize>(
    values: &[T],
    geometry: &Geometry,
    params: Params,
    mut checker: Option<&mut Checker<'_, T, N>>,
    out: &mut Vec<u8>,
) {
    let alphabet = <T::Bits as Unsigned>::WIDTH as usize + 1;
    let blocks = geometry.blocks();
    let parents = parents::<N>();
    let mut segments = Vec::new();
    let mut head_counts = vec![0u32; 256];
    let mut counts = vec![0u32; CONTEXTS * alphabet];
    let mut at = 0u64;
    while at < blocks {
        let count = (blocks - at).min(segment_blocks::<N>() as u64) as usize;
        let segment =
            segment::<T, N>(values, geometry, params, (at, count), &parents, checker.as_deref_mut());
        for &h in &segment.heads {
            head_counts[usize::from(h)] += 1;
        }
        tally(&segment.contexts, &segment.lengths, alphabet, &mut counts);
        segments.push(segment);
        at += count as u64;
    }
    // Only contexts that occur get a number and a table.
    let mut numbers = [0u8; CONTEXTS];
    let mut bitmap = [0u8; CONTEXTS / 8];
    let mut used = Vec::new();
    for (c, counts) in counts.chunks(alphabet).enumerate() {
        if counts.iter().any(|&n| n > 0) {
            numbers[c] = (used.len() / alphabet) as u8;
            bitmap[c / 8] |= 1 << (c % 8);
            used.extend_from_slice(counts);
        }
    }
    out.extend_from_slice(&bitmap);
    let head_table = Tables::from_counts(&head_counts, 256);
    head_table.write(out);
    let tables = Tables::from_counts(&used, alphabet);
    tables.write(out);
    let mut part = Vec::new();
    for mut segment in segments {
        for c in &mut segment.contexts {
            *c = numbers[usize::from(*c)];
        }
        part.clear();
        let zeros = vec![0; segment.heads.len()];
        rans::encode(&segment.heads, &zeros, &head_table, &mut part);
        put_prefixed(out, &part);
        put_prefixed(out, &segment.escapes);
        part.clear();
        rans::encode(&segment.lengths, &segment.contexts, &tables, &mut part);
        put_prefixed(out, &part);
        put_prefixed(out, &segment.digits);
    }
}

/// Adds how often each length stands in each context to `counts[context * alphabet + length]`.
fn tally(contexts: &[u8], lengths: &[u8], alphabet: usize, counts: &mut [u32]) {
    const EIGHT: usize = 8;
    let all_as = |first: u8| u64::from(first) * (u64::MAX / 255);
    let ((contexts, last_contexts), (lengths, last_lengths)) =
        (contexts.as_chunks::<EIGHT>(), lengths.as_chunks::<EIGHT>());
    for (c, l) in contexts.iter().zip(lengths) {
        // High frequencies are mostly alike: one counter would wait for itself.
        if u64::from_le_bytes(*c) == all_as(c[0]) && u64::from_le_bytes(*l) == all_as(l[0]) {
            counts[usize::from(c[0]) * alphabet + usize::from(l[0])] += EIGHT as u32;
            continue;
        }
        for (&c, &l) in c.iter().zip(l) {
            counts[usize::from(c) * alphabet + usize::from(l)] += 1;
        }
    }
    for (&c, &l) in last_contexts.iter().zip(last_lengths) {
        counts[usize::from(c) * alphabet + usize::from(l)] += 1;
    }
}

fn segment<T: Scalar, const N: usize>(
    values: &[T],
    geometry: &Geometry,
    params: Params,
    (at, count): (u64, usize),
    parents: &[Vec<usize>],
    mut checker: Option<&mut Checker<'_, T, N>>,
) -> Segment {
    let mut batch = [[T::Bits::default(); LANES]; N];
    let mut coefficients = batch;
    let mut heads = Vec::with_capacity(count);
    let (mut escapes, mut precisions) = (Vec::new(), Vec::with_capacity(count));
    // Coefficient i of block j is at i * count + j, until it is known how many blocks there are.
    let mut lengths = vec![0u8; N * count];
    let mut writer = Writer::new();
    let mut digits = Vec::new();
    let mut before = 0;
    let mut walk = geometry.walk_from(at);
    while heads.len() < count {
        // Segments are whole batches, but for the last.
        let (blocks, n) = walk.next_batch();
        geometry.gather(as_bits(values), &blocks, &mut batch);
        if is_empty::<T, N>(&batch) {
            heads.resize(heads.len() + n, 0);
            continue;
        }
        let found = forward::<T, N>(&batch, Transform::Coefficients, &mut coefficients);
        if let Some(checker) = &mut checker {
            checker.batch(&batch, &coefficients, &found.exponents, &blocks, n);
        }
        let mut kept = [(0, 0); LANES];
        let first = precisions.len();
        for (l, &e) in found.exponents.iter().enumerate().take(n) {
            let planes = planes_of::<T, N>(&params, e).min(<T::Bits as Unsigned>::WIDTH);
            if planes == 0 || e == -bias::<T>() {
                heads.push(0);
                continue;
            }
            let head = head(e, before);
            heads.push(head);
            if head == ESCAPE {
                escapes.extend_from_slice(&(e as i16).to_le_bytes());
            }
            before = e;
            kept[(precisions.len() - first) % LANES] = (l, planes);
            precisions.push(planes as u8);
        }
        run(WriteDigits::<T, N> {
            coefficients: &coefficients,
            kept: &kept[..precisions.len() - first],
            lengths: &mut lengths[first..],
            stride: count,
            writer: &mut writer,
            digits: &mut digits,
        });
    }
    writer.finish(&mut digits, 1);
    let present = precisions.len();
    for i in 1..N {
        lengths.copy_within(i * count..i * count + present, i * present);
    }
    lengths.truncate(N * present);
    let mut contexts = vec![0; N * present];
    for (i, parents) in parents.iter().enumerate() {
        let row = &mut contexts[i * present..(i + 1) * present];
        if i == 0 {
            self::first(&precisions, row);
        } else {
            others(&BY_SUM, parents, |p| &lengths[p * present..(p + 1) * present], row);
        }
    }
    Segment { heads, escapes, lengths, contexts, digits }
}

/// Takes the lengths of a batch's coefficients, and writes the digits behind the first.
struct WriteDigits<'a, T: Scalar, const N: usize> {
    coefficients: &'a [Row<T::Bits>; N],
    /// Lane and number of planes of each block that has some.
    kept: &'a [(usize, u32)],
    lengths: &'a mut [u8],
    stride: usize,
    writer: &'a mut Writer,
    digits: &'a mut Vec<u8>,
}

impl<T: Scalar, const N: usize> Program for WriteDigits<'_, T, N> {
    type Output = ();

    #[inline(always)]
    fn run(self, _: impl Gather) {
        let width = <T::Bits as Unsigned>::WIDTH;
        let most = self.kept.iter().fold(0, |most, &(_, planes)| planes.max(most));
        if most == 0 {
            return;
        }
        // The length of a coefficient, and its digits: for 0 none, else all but the highest one.
        let split = |row: &Row<T::Bits>, (lane, planes): (usize, u32)| {
            let x = tolzip_core::Word::to_u64(row[lane % LANES] >> (width - planes));
            let length = 64 - x.leading_zeros();
            let below = length.saturating_sub(1);
            (length as u8, x & ((1 << below) - 1), below)
        };
        let (fours, rest) = self.kept.as_chunks::<4>();
        for (row, lengths) in self.coefficients.iter().zip(self.lengths.chunks_mut(self.stride)) {
            // High frequencies are often empty in all blocks, and lengths are 0 from the start.
            let union = row.iter().fold(T::Bits::default(), |union, &x| union | x);
            if union >> (width - most) == T::Bits::default() {
                continue;
            }
            self.writer.flush_if_half_full(self.digits);
            let (lengths, last) = lengths.split_at_mut(4 * fours.len());
            for (four, lengths) in fours.iter().zip(lengths.as_chunks_mut::<4>().0) {
                let [a, b, c, d] = four.map(|kept| split(row, kept));
                *lengths = [a.0, b.0, c.0, d.0];
                let total = a.2 + b.2 + c.2 + d.2;
                // Each word that is put waits for the one before: one for all four where they fit.
                if total < 64 {
                    let code = a.1 | b.1 << a.2 | (c.1 | d.1 << c.2) << (a.2 + b.2);
                    self.writer.put(code, total);
                } else {
                    for (_, x, below) in [a, b, c, d] {
                        self.writer.put(x, below);
                    }
                }
            }
            for (&kept, length) in rest.iter().zip(last) {
                let (l, x, below) = split(row, kept);
                *length = l;
                self.writer.put(x, below);
            }
        }
    }
}
