//! How often each byte occurs.

/// Counters a value: equal neighbours would wait for each other's store.
const WAYS: usize = 4;
/// The most contexts that have more than one counter a symbol.
const FEW: usize = 16;

/// How often each symbol occurs, of `N` that there are.
///
/// # Panics
/// If a symbol is not below `N`.
#[must_use]
pub fn histogram<const N: usize>(symbols: &[u8]) -> [u32; N] {
    // Clearing and adding more counters takes as long as counting a few symbols.
    if symbols.len() < N / 2 {
        let mut counts = [0; N];
        for &s in symbols {
            counts[usize::from(s)] += 1;
        }
        return counts;
    }
    let mut counts = [[0; N]; WAYS];
    let (fours, rest) = symbols.as_chunks::<WAYS>();
    for four in fours {
        for (counts, &s) in counts.iter_mut().zip(four) {
            counts[usize::from(s)] += 1;
        }
    }
    for &s in rest {
        counts[0][usize::from(s)] += 1;
    }
    let [mut sum, others @ ..] = counts;
    for others in &others {
        add(&mut sum, others);
    }
    sum
}

/// Adds how often each symbol stands in each context to `counts[context][symbol]`. Symbols are below 128.
///
/// # Panics
/// If the slices differ in length or a context has no counts.
pub fn histograms(symbols: &[u8], contexts: &[u8], counts: &mut [[u32; 128]]) {
    /// As many symbols as pay for clearing and adding counters.
    const MANY: usize = 1 << 13;
    assert_eq!(symbols.len(), contexts.len());
    let many = if counts.len() <= FEW && symbols.len() >= MANY { symbols.len() / WAYS * WAYS } else { 0 };
    if many > 0 {
        histograms_of_many(&symbols[..many], &contexts[..many], counts);
    }
    for (&s, &c) in symbols[many..].iter().zip(&contexts[many..]) {
        counts[usize::from(c)][usize::from(s & 127)] += 1;
    }
}

/// The same with more counters on the stack, for whole groups of [`WAYS`].
fn histograms_of_many(symbols: &[u8], contexts: &[u8], counts: &mut [[u32; 128]]) {
    const CELLS: usize = FEW * 128;
    const PART: usize = 64;
    let most = contexts.iter().fold(0, |m, &c| m.max(c));
    assert!(usize::from(most) < counts.len(), "a context without counts");
    let mut ways = [[0u32; CELLS]; WAYS];
    let mut cells = [0u16; PART];
    for (symbols, contexts) in symbols.chunks(PART).zip(contexts.chunks(PART)) {
        // Apart from counting, so that it is done for many at once.
        for (cell, (&s, &c)) in cells.iter_mut().zip(symbols.iter().zip(contexts)) {
            *cell = u16::from(c) << 7 | u16::from(s & 127);
        }
        for four in cells[..symbols.len()].as_chunks::<WAYS>().0 {
            for (way, &cell) in ways.iter_mut().zip(four) {
                way[usize::from(cell) % CELLS] += 1;
            }
        }
    }
    for way in &ways {
        for (counts, way) in counts.iter_mut().zip(way.as_chunks::<128>().0) {
            add(counts, way);
        }
    }
}

fn add<const N: usize>(counts: &mut [u32; N], others: &[u32; N]) {
    for (c, o) in counts.iter_mut().zip(others) {
        *c += o;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use alloc::vec::Vec;

    fn noise(n: usize) -> Vec<u8> {
        (0..n as u32).map(|i| (i.wrapping_mul(i).wrapping_mul(2_654_435_761) >> 24) as u8).collect()
    }

    #[test]
    fn every_byte_is_counted_once() {
        for n in [0, 1, 3, 511, 512, 1001] {
            let bytes = noise(n);
            let counts: [u32; 256] = histogram(&bytes);
            for value in 0..=255u8 {
                let plain = bytes.iter().filter(|&&b| b == value).count();
                assert_eq!(counts[usize::from(value)] as usize, plain, "{n} {value}");
            }
        }
    }

    #[test]
    fn many_symbols_are_counted_as_few_are() {
        for n in [5, (1 << 13) - 1, (1 << 13) + 3] {
            let symbols: Vec<u8> = noise(n).iter().map(|b| b & 127).collect();
            let contexts: Vec<u8> = noise(n + 7)[7..].iter().map(|b| b % 5).collect();
            let mut counts = vec![[1; 128]; 5];
            histograms(&symbols, &contexts, &mut counts);
            let mut plain = vec![[1; 128]; 5];
            for (&s, &c) in symbols.iter().zip(&contexts) {
                plain[usize::from(c)][usize::from(s)] += 1;
            }
            assert!(counts == plain, "{n}");
        }
    }
}
