//! From symbols with contexts to bytes: which contexts share a table, the tables, the streams.

use crate::codec::kind;
use crate::counts::Counts;
use crate::logarithm::log2;
use crate::symbols::{Sink, Source, open_bits};
use alloc::vec::Vec;
use tolzip_core::bytes::{Reader, put_prefixed};
use tolzip_core::{Error, Result};
use tolzip_entropy::bits::{BitReader, BitWriter};
use tolzip_entropy::rans::{Tables, encode};

/// Contexts are below this.
pub(crate) const CONTEXTS: usize = 128;

/// Tables, and which one each context uses.
pub(crate) struct Model {
    pub(crate) tables: Tables,
    pub(crate) map: [u8; CONTEXTS],
}

/// Neighbouring contexts that share a table.
struct Group {
    last: usize,
    counts: Vec<u32>,
    total: u64,
    cost: u64,
}

/// Bits, times 256, of these counts under their own table, and of the table.
fn cost(counts: impl Iterator<Item = u32>, total: u64) -> u64 {
    let mut bits = 12 * 256 + total * u64::from(log2(total));
    for n in counts {
        if n > 0 {
            bits = bits + 5 * 256 - u64::from(n) * u64::from(log2(u64::from(n)));
        }
    }
    bits
}

fn merge(counts: &Counts) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (context, counts) in counts.counts.chunks(counts.alphabet).enumerate() {
        let total: u64 = counts.iter().map(|&n| u64::from(n)).sum();
        if total == 0 {
            continue;
        }
        match groups.last_mut() {
            // Too few to judge by.
            Some(group) if total < 24 || group.total < 24 => {
                group.last = context;
                group.total += total;
                for (g, &n) in group.counts.iter_mut().zip(counts) {
                    *g += n;
                }
            }
            _ => groups.push(Group { last: context, counts: counts.to_vec(), total, cost: 0 }),
        }
    }
    for group in &mut groups {
        group.cost = cost(group.counts.iter().copied(), group.total);
    }
    let joint = |a: &Group, b: &Group| {
        let sums = a.counts.iter().zip(&b.counts).map(|(x, y)| x + y);
        let cost = cost(sums, a.total + b.total);
        (cost, (a.cost + b.cost) as i64 - cost as i64)
    };
    let mut gains: Vec<(u64, i64)> = groups.windows(2).map(|w| joint(&w[0], &w[1])).collect();
    while let Some((i, &(cost, gain))) =
        gains.iter().enumerate().max_by_key(|&(i, &(_, gain))| (gain, usize::MAX - i))
    {
        if gain <= 0 {
            break;
        }
        let b = groups.remove(i + 1);
        let a = &mut groups[i];
        for (x, y) in a.counts.iter_mut().zip(&b.counts) {
            *x += y;
        }
        (a.last, a.total, a.cost) = (b.last, a.total + b.total, cost);
        gains.remove(i);
        if i > 0 {
            gains[i - 1] = joint(&groups[i - 1], &groups[i]);
        }
        if i + 1 < groups.len() {
            gains[i] = joint(&groups[i], &groups[i + 1]);
        }
    }
    groups
}

/// An estimate of the bits that the entropy coder needs for the symbols from the `begin`th, scaled as if all had been
/// like them. Good enough to compare predictors: contexts share tables in fours, and tables cost nothing.
pub(crate) fn estimate(sink: &Sink, begin: usize) -> u64 {
    let all = sink.symbols.len() as u64;
    let counts = Counts::new(&sink.symbols[begin..], &sink.contexts[begin..]);
    let mut bits = 0;
    for contexts in counts.counts.chunks(4 * counts.alphabet) {
        let mut total = 0;
        for symbol in 0..counts.alphabet {
            let n: u64 = contexts.iter().skip(symbol).step_by(counts.alphabet).map(|&n| u64::from(n)).sum();
            total += n;
            // Added up before it is subtracted from: the sum never falls below zero.
            bits += n * u64::from((64 + open_bits(symbol as u8)) * 256 - log2(n));
        }
        bits -= total * u64::from(64 * 256 - log2(total));
    }
    bits / 256 * all / (all - begin as u64).max(1)
}

/// Appends the model and the streams.
pub(crate) fn write(mut sink: Sink, out: &mut Vec<u8>) {
    if let Some(mixed) = sink.finish_mixed() {
        put_prefixed(out, &sink.finish_flags());
        put_prefixed(out, &sink.raw.finish());
        put_prefixed(out, &mixed);
        return;
    }
    let counts = Counts::new(&sink.symbols, &sink.contexts);
    let groups = merge(&counts);
    let mut map = [0u8; CONTEXTS];
    let mut flat = Vec::with_capacity(groups.len() * counts.alphabet);
    let mut bits = BitWriter::new();
    bits.put_gamma(groups.len().saturating_sub(1) as u32);
    let mut next = 0;
    for (i, group) in groups.iter().enumerate() {
        map[next..=group.last].fill(i as u8);
        // Where the last group ends is of no interest.
        if i + 1 < groups.len() {
            bits.put_gamma((group.last - next) as u32);
        }
        next = group.last + 1;
        flat.extend_from_slice(&group.counts);
    }
    put_prefixed(out, &bits.finish());
    out.push((counts.alphabet - 1) as u8);
    flat.resize(flat.len().max(counts.alphabet), 0);
    let tables = Tables::from_counts(&flat, counts.alphabet);
    tables.write(out);
    put_prefixed(out, &sink.finish_flags());
    put_prefixed(out, &sink.raw.finish());
    if groups.len() == 1 {
        sink.contexts.fill(0);
    } else {
        tolzip_simd::rows::translate(&mut sink.contexts, &map);
    }
    encode(&sink.symbols, &sink.contexts, &tables, out);
}

/// Reads what [`write`] wrote in a chunk whose kind is `head`; rows are at most `longest` long.
pub(crate) fn read<'a>(reader: &mut Reader<'a>, longest: usize, head: u8) -> Result<Source<'a>> {
    let model = if head & kind::MIXED == 0 { Some(read_tables(reader)?) } else { None };
    let flags = if head & kind::FLAGS != 0 { Some(reader.prefixed()?) } else { None };
    let raw = reader.prefixed()?;
    let stream = if model.is_some() {
        reader.take(reader.rest().len())?
    } else {
        let stream = reader.prefixed()?;
        if !reader.is_empty() {
            return Err(Error::corrupt("bytes behind the last stream"));
        }
        stream
    };
    Source::new(model.as_ref(), stream, raw, longest, flags)
}

fn read_tables(reader: &mut Reader<'_>) -> Result<Model> {
    let mut bits = BitReader::new(reader.prefixed()?);
    // A usize may have 32 bits, as the numbers have.
    let groups = (bits.get_gamma()? as usize).saturating_add(1);
    if groups > CONTEXTS {
        return Err(Error::corrupt("more tables than contexts"));
    }
    let mut map = [(groups - 1) as u8; CONTEXTS];
    let mut next = 0;
    for i in 0..groups - 1 {
        let last = (bits.get_gamma()? as usize).saturating_add(next);
        if last >= CONTEXTS {
            return Err(Error::corrupt("more contexts than there are"));
        }
        map[next..=last].fill(i as u8);
        next = last + 1;
    }
    bits.finish()?;
    let alphabet = usize::from(reader.u8()?) + 1;
    let tables = Tables::read(reader, groups, alphabet)?;
    Ok(Model { tables, map })
}
