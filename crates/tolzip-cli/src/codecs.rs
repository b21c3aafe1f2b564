//! The codecs that made a stream's chunks, in words: what a method chose.

use std::cmp::Reverse;
use tolzip::Stream;

/// The codecs of a stream's chunks, and how many each made. Damaged chunks are not counted.
pub(crate) fn counts(stream: &Stream<'_>) -> Vec<(&'static str, usize)> {
    let mut counts: Vec<(&'static str, usize)> = Vec::new();
    for chunk in (0..stream.info().chunks).filter_map(|index| stream.chunk(index)) {
        if chunk.codec.is_none() {
            continue;
        }
        let name = chunk.codec_name.unwrap_or("unknown");
        match counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, n)) => *n += 1,
            None => counts.push((name, 1)),
        }
    }
    counts
}

/// The method, and what it chose where its name does not say that: `auto: predict 11, constant 1`, the busiest codec first;
/// no counts where one codec made all chunks.
pub(crate) fn told(method: &str, counts: &[(&'static str, usize)]) -> String {
    let mut counts = counts.to_vec();
    counts.sort_by_key(|&(name, count)| (Reverse(count), name));
    let chosen = match &counts[..] {
        [] => return method.to_owned(),
        [(name, _)] if Some(*name) == method.split(':').next() => return method.to_owned(),
        [(name, _)] => (*name).to_owned(),
        _ => counts.iter().map(|(name, n)| format!("{name} {n}")).collect::<Vec<_>>().join(", "),
    };
    format!("{method}: {chosen}")
}
