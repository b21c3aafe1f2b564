//! Whole groups and planes by table, so that no branch depends on single bits.

/// A plane's group bits by the next 8 coefficients, `x` below 256: the code in the low bits, `length << 24` above.
///
/// The code is a 1 and `x`'s bits up to its highest one, with a 1 put in behind each one but the last, which a 0
/// follows; for 0 just a 0. It is not that of the last coefficient, whose one is implied: see `coder`.
pub(super) static GROUPS: [u32; 256] = groups();

const fn groups() -> [u32; 256] {
    let mut table = [0; 256];
    let mut x = 0u32;
    while x < 256 {
        let (mut code, mut length) = (0, 0);
        let mut rest = x;
        while rest != 0 {
            let zeros = rest.trailing_zeros();
            code |= (1 | 2 << zeros) << length;
            length += zeros + 2;
            rest >>= zeros + 1;
        }
        table[x as usize] = code | (length + 1) << 24;
        x += 1;
    }
    table
}

/// Bits that `RUNS` looks at.
pub(super) const RUN_BITS: u32 = 10;

/// What the next [`RUN_BITS`] bits of a plane's groups say, as far as whole groups fit, for planes that don't end here.
pub(super) static RUNS: [Run; 1 << RUN_BITS] = runs();

/// See [`RUNS`].
#[derive(Clone, Copy)]
pub(super) struct Run {
    /// Bits of coefficients.
    pub(super) x: u16,
    /// How many coefficients.
    pub(super) coefficients: u8,
    /// Bits used up; 0 if not even one group fits.
    pub(super) used: u8,
    /// Whether the closing 0 was among them.
    pub(super) closed: bool,
}

const fn runs() -> [Run; 1 << RUN_BITS] {
    let mut table = [Run { x: 0, coefficients: 0, used: 0, closed: false }; 1 << RUN_BITS];
    let mut index = 0u32;
    while index < 1 << RUN_BITS {
        let (mut x, mut coefficients, mut used, mut closed) = (0u32, 0, 0, false);
        while used < RUN_BITS && !closed {
            let bits = index >> used;
            if bits & 1 == 0 {
                closed = true;
                used += 1;
                continue;
            }
            let rest = bits >> 1;
            if rest == 0 {
                break;
            }
            let zeros = rest.trailing_zeros();
            coefficients += zeros + 1;
            x |= 1 << (coefficients - 1);
            used += zeros + 2;
        }
        table[index as usize] =
            Run { x: x as u16, coefficients: coefficients as u8, used: used as u8, closed };
        index += 1;
    }
    table
}

/// A plane of a block of four values, whole: by `n` (0 to 4 coefficients seen to be nonzero), then by the plane's bits.
pub(super) static LINE_CODES: [[Line; 16]; 5] = line_codes();

/// The inverse: by `n`, then by the next 8 bits, of which no plane takes more.
pub(super) static LINE_PLANES: [[Line; 256]; 5] = line_planes();

/// See [`LINE_CODES`].
#[derive(Clone, Copy)]
pub(super) struct Line {
    /// The code, or the plane.
    pub(super) bits: u8,
    /// Bits of the code.
    pub(super) length: u8,
    /// Coefficients seen to be nonzero from here on.
    pub(super) n: u8,
}

/// Two planes: by `n` (below 4), then by the first plane's bits and, above them, the second's.
pub(super) static LINE_PAIRS: [[Pair; 256]; 4] = line_pairs();

/// See [`LINE_PAIRS`].
#[derive(Clone, Copy)]
pub(super) struct Pair {
    /// The code.
    pub(super) bits: u16,
    /// Bits of the code.
    pub(super) length: u8,
    /// Coefficients seen to be nonzero from here on.
    pub(super) n: u8,
}

/// As many whole planes as the next 8 bits hold, at least one: by `n` (below 4), then by the bits. It ends where `n` has
/// become 4.
pub(super) static LINE_RUNS: [[LineRun; 256]; 4] = line_runs();

/// See [`LINE_RUNS`].
#[derive(Clone, Copy)]
pub(super) struct LineRun {
    /// The planes, four bits each.
    pub(super) bits: u32,
    /// How many planes.
    pub(super) planes: u8,
    /// Bits used up.
    pub(super) used: u8,
    /// Coefficients seen to be nonzero from here on.
    pub(super) n: u8,
}

/// The last bits of a block that they cut short, at most 7: by `n` (below 4), then by the bits with a one on top. The planes,
/// four bits each; a group that is cut short ends in a one.
pub(super) static LINE_TAILS: [[u32; 256]; 4] = line_tails();

const fn line_tails() -> [[u32; 256]; 4] {
    let mut table = [[0; 256]; 4];
    let mut start = 0;
    while start < 4 {
        let mut index = 1u32;
        while index < 256 {
            let (left, mut at, mut n, mut plane) = (index.ilog2(), 0, start, 0);
            while at < left {
                let mut x = 0;
                let mut i = 0;
                while i < n && at < left {
                    x |= (index >> at & 1) << i;
                    i += 1;
                    at += 1;
                }
                while n < 4 && at < left {
                    at += 1;
                    if index >> (at - 1) & 1 == 0 {
                        break;
                    }
                    while n < 3 && at < left {
                        at += 1;
                        if index >> (at - 1) & 1 == 1 {
                            break;
                        }
                        n += 1;
                    }
                    x |= 1 << n;
                    n += 1;
                }
                table[start][index as usize] |= x << (4 * plane);
                plane += 1;
            }
            index += 1;
        }
        start += 1;
    }
    table
}

const fn line_pairs() -> [[Pair; 256]; 4] {
    let codes = line_codes();
    let mut table = [[Pair { bits: 0, length: 0, n: 0 }; 256]; 4];
    let mut n = 0;
    while n < 4 {
        let mut planes = 0;
        while planes < 256 {
            let first = codes[n][planes % 16];
            let second = codes[first.n as usize][planes / 16];
            table[n][planes] = Pair {
                bits: first.bits as u16 | (second.bits as u16) << first.length,
                length: first.length + second.length,
                n: second.n,
            };
            planes += 1;
        }
        n += 1;
    }
    table
}

const fn line_runs() -> [[LineRun; 256]; 4] {
    let planes = line_planes();
    let mut table = [[LineRun { bits: 0, planes: 0, used: 0, n: 0 }; 256]; 4];
    let mut start = 0;
    while start < 4 {
        let mut index = 0;
        while index < 256 {
            let mut run = LineRun { bits: 0, planes: 0, used: 0, n: start as u8 };
            while run.n < 4 {
                // Zeros stand in for bits beyond these 8: what would need them does not fit.
                let line = planes[run.n as usize][index >> run.used];
                if run.used + line.length > 8 {
                    break;
                }
                run.bits |= (line.bits as u32) << (4 * run.planes);
                run.used += line.length;
                run.planes += 1;
                run.n = line.n;
            }
            table[start][index] = run;
            index += 1;
        }
        start += 1;
    }
    table
}

const fn line_codes() -> [[Line; 16]; 5] {
    let mut table = [[Line { bits: 0, length: 0, n: 0 }; 16]; 5];
    let mut start = 0;
    while start <= 4 {
        let mut plane = 0u32;
        while plane < 16 {
            let mut n = start;
            let mut code = plane & ((1 << n) - 1);
            let mut length = n;
            while n < 4 {
                let rest = plane >> n;
                code |= ((rest != 0) as u32) << length;
                length += 1;
                if rest == 0 {
                    break;
                }
                let zeros = rest.trailing_zeros();
                n += zeros;
                length += zeros;
                if n < 3 {
                    code |= 1 << length;
                    length += 1;
                }
                n += 1;
            }
            table[start as usize][plane as usize] =
                Line { bits: code as u8, length: length as u8, n: n as u8 };
            plane += 1;
        }
        start += 1;
    }
    table
}

const fn line_planes() -> [[Line; 256]; 5] {
    let codes = line_codes();
    let mut table = [[Line { bits: 0, length: 0, n: 0 }; 256]; 5];
    let mut n = 0;
    while n <= 4 {
        let mut plane = 0;
        while plane < 16 {
            let Line { bits, length, n: after } = codes[n][plane];
            // Every continuation of the code; no code is the beginning of another.
            let mut index = bits as usize;
            while index < 256 {
                table[n][index] = Line { bits: plane as u8, length, n: after };
                index += 1 << length;
            }
            plane += 1;
        }
        n += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_filled() {
        assert!(LINE_PLANES.iter().flatten().all(|l| l.length > 0 && l.n <= 4));
        assert!(LINE_CODES.iter().flatten().all(|l| (1..=8).contains(&l.length)));
        assert!(LINE_RUNS.iter().flatten().all(|r| (1..=8).contains(&r.planes) && r.used <= 8 && r.n <= 4));
        assert!(RUNS.iter().all(|r| r.used <= RUN_BITS as u8 && r.coefficients < RUN_BITS as u8));
    }

    #[test]
    fn runs_undo_groups() {
        for (x, entry) in GROUPS.iter().enumerate().take(32) {
            let (code, length) = (entry & 0xff_ffff, entry >> 24);
            if length <= RUN_BITS {
                let run = RUNS[code as usize];
                assert_eq!((usize::from(run.x), u32::from(run.used), run.closed), (x, length, true));
            }
        }
    }
}
