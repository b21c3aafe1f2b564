//! When does compression pay on a network? A model of transfers, the rates it needs, and a real transfer to hold it to.
//!
//! S bytes go over a link of B bytes a second at ratio CR; p cores compress and q cores decompress, at Rc and Rd raw bytes a
//! second all together:
//!
//! - as it is, T0 = E S / B for a set that is written once and read E times;
//! - one step after the other, T1 = S / Rc + E (S / (CR B) + S / Rd);
//! - pipelined over k pieces, the slowest of the steps and one piece's time in the others; handing over a piece
//!   costs a start-up where it is made and where it is taken.
//!
//! With E = 1 it pays while B < (1 - 1 / CR) / (1 / Rc + 1 / Rd), the break-even bandwidth.

mod check;
mod link;

pub use check::{Check, PIECES, check};

use serde::{Deserialize, Serialize};
use std::time::Instant;
use tolzip::{AnyArray, Bound, Compressor, Limits, Method, Scope, Stream};

/// Links that people ask about: name and bytes a second.
pub const LINKS: [(&str, f64); 10] = [
    ("0.1 Gbit/s", 0.0125e9),
    ("1 Gbit/s", 0.125e9),
    ("10 Gbit/s", 1.25e9),
    ("25 Gbit/s", 3.125e9),
    ("100 Gbit/s", 12.5e9),
    ("200 Gbit/s", 25e9),
    ("400 Gbit/s", 50e9),
    ("hard disk, 0.15 GB/s", 0.15e9),
    ("SATA SSD, 0.5 GB/s", 0.5e9),
    ("NVMe SSD, 3.5 GB/s", 3.5e9),
];

/// A method and its bound, as far as transfers care.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The method.
    pub method: Method,
    /// The bound.
    pub bound: Bound,
    /// Its scope.
    pub scope: Scope,
}

impl Setting {
    fn compressor(&self, threads: usize) -> Compressor {
        Compressor::new(self.method.clone(), self.bound).by(self.scope).threads(threads)
    }
}

/// Measured rates on some number of cores, in raw bytes a second.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rates {
    /// Cores that compress, and then decompress.
    pub cores: usize,
    /// Raw bytes compressed a second.
    pub compress: f64,
    /// Raw bytes decompressed a second.
    pub decompress: f64,
}

/// A transfer, as the model sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transfer {
    /// Raw bytes, S.
    pub bytes: f64,
    /// Compression ratio, CR.
    pub ratio: f64,
    /// Raw bytes compressed a second by all cores that do, Rc.
    pub compress: f64,
    /// Raw bytes decompressed a second by all cores that do, Rd.
    pub decompress: f64,
    /// How often what was written once is read, E.
    pub reads: f64,
    /// Seconds that handing over a piece costs those who compress and who decompress, whatever its length.
    pub startup: f64,
}

impl Transfer {
    /// The same `n` times.
    #[must_use]
    pub fn times(self, n: usize) -> Self {
        Self { bytes: self.bytes * n as f64, ..self }
    }

    /// Seconds without compression.
    #[must_use]
    pub fn raw(&self, bandwidth: f64) -> f64 {
        self.reads * self.bytes / bandwidth
    }

    /// Seconds with compression, one step after the other.
    #[must_use]
    pub fn serial(&self, bandwidth: f64) -> f64 {
        let [c, n, d] = self.steps(bandwidth, 1);
        c + self.reads * (n + d)
    }

    /// Seconds with compression of pieces that overlap: reading goes at the pace of the slower of network and decompression;
    /// the first time compression takes part.
    #[must_use]
    pub fn pipelined(&self, bandwidth: f64, pieces: usize) -> f64 {
        let [c, n, d] = self.steps(bandwidth, pieces.max(1));
        let k = pieces.max(1) as f64;
        let overlapped = |slowest: f64, sum: f64| slowest + (sum - slowest) / k;
        overlapped(c.max(n).max(d), c + n + d) + (self.reads - 1.0) * overlapped(n.max(d), n + d)
    }

    /// The bandwidth in bytes a second below which compression pays for one read, one step after the other.
    #[must_use]
    pub fn break_even(&self) -> f64 {
        ((1.0 - 1.0 / self.ratio) / (1.0 / self.compress + 1.0 / self.decompress)).max(0.0)
    }

    fn steps(&self, bandwidth: f64, pieces: usize) -> [f64; 3] {
        let startup = pieces as f64 * self.startup;
        let sent = self.bytes / (self.ratio * bandwidth);
        [self.bytes / self.compress + startup, sent, self.bytes / self.decompress + startup]
    }
}

/// The fewest cores on each side, up to 1024, with which compression pays on a link of this bandwidth, one step after the
/// other. Beyond those that were measured, and between them, cores count in proportion.
#[must_use]
pub fn least_cores(model: &Transfer, rates: &[Rates], bandwidth: f64) -> Option<usize> {
    (1..=1024).find(|&n| {
        let Some(near) = rates.iter().rev().find(|r| r.cores <= n).or(rates.first()) else { return false };
        let times = n as f64 / near.cores as f64;
        let with =
            Transfer { compress: near.compress * times, decompress: near.decompress * times, ..*model };
        with.raw(bandwidth) > with.serial(bandwidth)
    })
}

/// Rates at these numbers of cores, medians of five runs after one that warms up, and the ratio.
///
/// # Errors
/// Whatever the compressor says.
pub fn measure(array: &AnyArray, setting: &Setting, cores: &[usize]) -> tolzip::Result<(f64, Vec<Rates>)> {
    settle_allocator();
    let raw = array.byte_len() as f64;
    let mut ratio = 1.0;
    let mut rates = Vec::with_capacity(cores.len());
    for &n in cores {
        let compressor = setting.compressor(n);
        let (mut c, mut d) = (Vec::new(), Vec::new());
        // Streams are kept, as somebody does who sends or stores them: their pages are fresh ones.
        let mut kept = Vec::new();
        for _ in 0..6 {
            let start = Instant::now();
            kept.push(compressor.compress_any(array)?);
            c.push(start.elapsed().as_secs_f64());
        }
        for bytes in &kept {
            let start = Instant::now();
            Stream::open(bytes, Limits::default())?.decode_any(n)?;
            d.push(start.elapsed().as_secs_f64());
            ratio = raw / bytes.len().max(1) as f64;
        }
        rates.push(Rates { cores: n, compress: raw / median(&c[1..]), decompress: raw / median(&d[1..]) });
    }
    Ok((ratio, rates))
}

/// Lets the C library's allocator behave as in a program that has been running for a while. glibc hands the memory of large
/// vectors back to the system, and so pays for fresh pages, until it has seen one of up to 32 MiB freed (mallopt(3),
/// `M_MMAP_THRESHOLD`).
fn settle_allocator() {
    std::hint::black_box(vec![0u8; 31 << 20]);
}

fn median(seconds: &[f64]) -> f64 {
    let mut sorted = seconds.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0).max(1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: Transfer =
        Transfer { bytes: 1e9, ratio: 10.0, compress: 5e8, decompress: 1e9, reads: 1.0, startup: 0.0 };

    #[test]
    fn cores_enough() {
        let rates = [
            Rates { cores: 1, compress: 5e8, decompress: 1e9 },
            Rates { cores: 4, compress: 1e9, decompress: 4e9 },
        ];
        // 0.9 / (1 / 5e8 + 1 / 1e9) = 3e8 on one core, n times that up to 3; 0.9 / (1 / 1e9 + 1 / 4e9) = 7.2e8 on four.
        let needed = |bandwidth| least_cores(&MODEL, &rates, bandwidth);
        assert_eq!((needed(2.9e8), needed(3.1e8), needed(7e8)), (Some(1), Some(2), Some(3)));
        // From there on 1.8e8 for each core.
        assert_eq!((needed(1.7e9), needed(1e12)), (Some(10), None));
        assert_eq!(least_cores(&Transfer { ratio: 1.0, ..MODEL }, &rates, 1e6), None);
        assert_eq!(least_cores(&MODEL, &[], 1e6), None);
    }

    #[test]
    fn the_formulas_by_hand() {
        // 8 s as it is; 2 s to compress, 0.8 s to send, 1 s to decompress.
        let b = 1.25e8;
        assert!((MODEL.raw(b) - 8.0).abs() < 1e-12);
        assert!((MODEL.serial(b) - 3.8).abs() < 1e-12);
        assert!((MODEL.pipelined(b, 1) - 3.8).abs() < 1e-12);
        // 2 s and a tenth of the rest.
        assert!((MODEL.pipelined(b, 10) - 2.18).abs() < 1e-12);
        // 0.9 / (2 ns + 1 ns) = 3e8: there both take the same time.
        assert!((MODEL.break_even() - 3e8).abs() < 1.0);
        assert!((MODEL.raw(3e8) - MODEL.serial(3e8)).abs() < 1e-9);
        // 0.1 s for each of ten pieces, where they are made and taken: 3 s and a tenth of 0.8 s and 2 s.
        let slow = Transfer { startup: 0.1, ..MODEL };
        assert!((slow.pipelined(b, 10) - 3.28).abs() < 1e-9 && (slow.serial(b) - 4.0).abs() < 1e-9);
        let epochs = Transfer { reads: 10.0, ..MODEL };
        assert!((epochs.raw(b) - 80.0).abs() < 1e-9 && (epochs.serial(b) - 20.0).abs() < 1e-9);
        assert!((epochs.pipelined(b, 10) - (2.18 + 9.0 * 1.08)).abs() < 1e-9);
    }
}
