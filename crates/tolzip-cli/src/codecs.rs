//! The codecs that made a stream's chunks, in words: what a method chose.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use tolzip::Stream;

/// The method, and what it chose where its name does not say that: `auto: predict 11, constant 1`, the busiest codec first;
/// no counts where one codec made all chunks. Damaged chunks are not counted.
pub(crate) fn told(method: &str, stream: &Stream<'_>) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for chunk in (0..stream.info().chunks).filter_map(|index| stream.chunk(index)) {
        let Some(number) = chunk.codec else { continue };
        let name = chunk.codec_name.map_or_else(|| format!("codec {number}"), str::to_owned);
        *counts.entry(name).or_default() += 1;
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|&(_, count)| Reverse(count));
    let chosen = match &counts[..] {
        [] => return method.to_owned(),
        [(name, _)] if Some(name.as_str()) == method.split(':').next() => return method.to_owned(),
        [(name, _)] => name.clone(),
        _ => counts.iter().map(|(name, n)| format!("{name} {n}")).collect::<Vec<_>>().join(", "),
    };
    format!("{method}: {chosen}")
}
