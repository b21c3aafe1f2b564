//! The entropy coders, decoded one symbol at a time as `docs/codecs/entropy.md` has them. Panics where streams are no good.

use super::met::note;

/// Bytes, taken from the front.
pub struct Bytes<'a>(pub &'a [u8]);

impl<'a> Bytes<'a> {
    /// The next `n` bytes.
    pub fn take(&mut self, n: usize) -> &'a [u8] {
        let (front, rest) = self.0.split_at(n);
        self.0 = rest;
        front
    }

    /// A number.
    pub fn leb128(&mut self) -> usize {
        let (mut value, mut at) = (0, 0);
        loop {
            let byte = self.take(1)[0];
            value |= usize::from(byte & 0x7f) << at;
            at += 7;
            if byte & 0x80 == 0 {
                return value;
            }
        }
    }

    /// What stands behind its length.
    pub fn prefixed(&mut self) -> &'a [u8] {
        let n = self.leb128();
        self.take(n)
    }
}

/// Bits, from the lowest of each byte.
pub struct Bits<'a>(pub &'a [u8], pub usize);

impl Bits<'_> {
    /// The next `n` bits, lowest first.
    pub fn get(&mut self, n: usize) -> u32 {
        (0..n).fold(0, |v, i| {
            let at = self.1;
            self.1 += 1;
            v | u32::from(self.0[at / 8] >> (at % 8) & 1) << i
        })
    }

    /// The zero bits before a one.
    pub fn zeros(&mut self) -> u32 {
        let mut n = 0;
        while self.get(1) == 0 {
            n += 1;
        }
        n
    }

    /// Elias's gamma code of the number plus one.
    pub fn gamma(&mut self) -> usize {
        let n = self.zeros();
        ((1 << n | self.get(n as usize)) - 1) as usize
    }
}

/// Frequencies of the symbols of so many contexts, and what follows them.
pub fn tables<'a>(bytes: &mut Bytes<'a>, contexts: usize, alphabet: usize) -> Vec<Vec<u32>> {
    let mut bits = Bits(bytes.prefixed(), 0);
    let table = |bits: &mut Bits<'a>| {
        let mut f = vec![0u32; alphabet];
        if bits.get(1) == 0 {
            return f;
        }
        let (rest, listed) = (bits.gamma(), bits.gamma() + 1);
        let (mut mean, mut step) = (256i32, 40i32);
        for (symbol, frequency) in f[..listed].iter_mut().enumerate() {
            if symbol == rest {
                continue;
            }
            let a = mean / 16;
            let k = if a < 2 { 0 } else { a.ilog2().min(4) };
            let q = bits.zeros();
            let folded = (q << k | bits.get(k as usize)) as i32;
            mean += 4 * folded - mean / 4;
            step += folded >> 1 ^ -(folded & 1);
            let s = step as u32;
            *frequency = if s < 16 { s } else { (8 + s % 8) << (s / 8 - 1) };
        }
        f[rest] = 4096 - f.iter().sum::<u32>();
        f
    };
    (0..contexts).map(|_| table(&mut bits)).collect()
}

/// A rANS stream, symbol by symbol.
pub struct Rans<'a> {
    bytes: Bytes<'a>,
    states: Vec<u32>,
    taken: usize,
}

impl<'a> Rans<'a> {
    /// Reads the lanes' states.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut bytes = Bytes(bytes);
        let lanes = [4, 32][usize::from(bytes.take(1)[0])];
        note("rANS lanes", lanes as u32);
        let states = (0..lanes).map(|_| word(bytes.take(2)) | word(bytes.take(2)) << 16).collect();
        Rans { bytes, states, taken: 0 }
    }

    /// The next symbol, by these frequencies.
    pub fn symbol(&mut self, frequencies: &[u32]) -> u8 {
        let lane = self.taken % self.states.len();
        let x = &mut self.states[lane];
        self.taken += 1;
        let slot = *x % 4096;
        let (mut below, mut s) = (0, 0);
        while below + frequencies[s] <= slot {
            below += frequencies[s];
            s += 1;
        }
        *x = frequencies[s] * (*x / 4096) + slot - below;
        if *x < 65536 {
            *x = *x * 65536 + word(self.bytes.take(2));
        }
        s as u8
    }

    /// Panics if this is not the end.
    pub fn end(&self) {
        assert!(self.states.iter().all(|x| *x == 65536) && self.bytes.0.is_empty(), "the end of rANS");
    }
}

fn word(b: &[u8]) -> u32 {
    u32::from(u16::from_le_bytes([b[0], b[1]]))
}

/// As many symbols as there are contexts given, one for each.
pub fn rans(bytes: &[u8], tables: &[Vec<u32>], contexts: impl Iterator<Item = usize>) -> Vec<u8> {
    let mut rans = Rans::new(bytes);
    let symbols = contexts.map(|context| rans.symbol(&tables[context])).collect();
    rans.end();
    symbols
}

/// The bytes that `encode_bytes` wrote, `n` of them.
#[must_use]
pub fn bytes(coded: &[u8], n: usize) -> Vec<u8> {
    let mut rest = Bytes(coded);
    let table = tables(&mut rest, 1, 256);
    rans(rest.0, &table, std::iter::repeat_n(0, n))
}

/// A string of `n` bytes, of an LZ77 stream.
#[must_use]
pub fn string(coded: &[u8], n: usize) -> Vec<u8> {
    note("string", coded[0]);
    match coded[0] {
        0 => vec![coded[1]; n],
        1 => coded[1..].to_vec(),
        2 => bytes(&coded[1..], n),
        other => panic!("a string of kind {other}"),
    }
}

/// The `n` bytes of an LZ77 stream.
#[must_use]
pub fn lz77(coded: &[u8], n: usize) -> Vec<u8> {
    let mut rest = Bytes(coded);
    let (sequences, literals) = (rest.leb128(), rest.leb128());
    let literals = string(rest.prefixed(), literals);
    let [runs, lengths, distances] = [(); 3].map(|()| string(rest.prefixed(), sequences));
    let mut bits = Bits(rest.0, 0);
    let mut number = |code: u8| {
        let code = u32::from(code);
        if code < 16 {
            return code as usize;
        }
        let h = 4 + (code - 16) / 2;
        (1 << h | (code % 2) << (h - 1) | bits.get(h as usize - 1)) as usize
    };
    let (mut out, mut used, mut recent) = (Vec::with_capacity(n), 0, [1, 4, 8]);
    for i in 0..sequences {
        let run = number(runs[i]);
        let length = number(lengths[i]) + 4;
        let distance = number(distances[i]);
        out.extend_from_slice(&literals[used..used + run]);
        used += run;
        note("LZ77 distance", distance.min(3) as u32);
        let (place, distance) = if distance < 3 { (distance, recent[distance]) } else { (2, distance - 2) };
        recent.copy_within(0..place, 1);
        recent[0] = distance;
        for _ in 0..length {
            out.push(out[out.len() - distance]);
        }
    }
    out.extend_from_slice(&literals[used..]);
    assert_eq!(out.len(), n);
    out
}
