//! When does compression pay on a network? A model of transfers, the rates it needs, and a real transfer to hold it to.
//!
//! S bytes go over a link of B bytes a second at ratio CR; p cores compress and q cores decompress, at Rc and Rd raw bytes a
//! second all together:
//!
//! - as it is, T0 = E S / B for a set that is written once and read E times;
//! - one step after the other, T1 = S / Rc + E (S / (CR B) + S / Rd);
//! - pipelined over k pieces, the slowest of the steps and one piece's time in the others.
//!
//! With E = 1 it pays while B < (1 - 1 / CR) / (1 / Rc + 1 / Rd), the break-even bandwidth.

use serde::Serialize;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
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
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
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
}

impl Transfer {
    /// Seconds without compression.
    #[must_use]
    pub fn raw(&self, bandwidth: f64) -> f64 {
        self.reads * self.bytes / bandwidth
    }

    /// Seconds with compression, one step after the other.
    #[must_use]
    pub fn serial(&self, bandwidth: f64) -> f64 {
        let [c, n, d] = self.steps(bandwidth);
        c + self.reads * (n + d)
    }

    /// Seconds with compression of pieces that overlap: reading goes at the pace of the slower of network and decompression;
    /// the first time compression takes part.
    #[must_use]
    pub fn pipelined(&self, bandwidth: f64, pieces: usize) -> f64 {
        let [c, n, d] = self.steps(bandwidth);
        let k = pieces.max(1) as f64;
        let overlapped = |slowest: f64, sum: f64| slowest + (sum - slowest) / k;
        overlapped(c.max(n).max(d), c + n + d) + (self.reads - 1.0) * overlapped(n.max(d), n + d)
    }

    /// The bandwidth in bytes a second below which compression pays for one read, one step after the other.
    #[must_use]
    pub fn break_even(&self) -> f64 {
        ((1.0 - 1.0 / self.ratio) / (1.0 / self.compress + 1.0 / self.decompress)).max(0.0)
    }

    fn steps(&self, bandwidth: f64) -> [f64; 3] {
        [self.bytes / self.compress, self.bytes / (self.ratio * bandwidth), self.bytes / self.decompress]
    }
}

/// Rates at these numbers of cores, medians of five runs after one that warms up, and the ratio.
///
/// # Errors
/// Whatever the compressor says.
pub fn measure(array: &AnyArray, setting: &Setting, cores: &[usize]) -> tolzip::Result<(f64, Vec<Rates>)> {
    let raw = array.byte_len() as f64;
    let mut ratio = 1.0;
    let mut rates = Vec::with_capacity(cores.len());
    for &n in cores {
        let compressor = setting.compressor(n);
        let (mut c, mut d) = (Vec::new(), Vec::new());
        for _ in 0..6 {
            let start = Instant::now();
            let bytes = compressor.compress_any(array)?;
            c.push(start.elapsed().as_secs_f64());
            let start = Instant::now();
            Stream::open(&bytes, Limits::default())?.decode_any(n)?;
            d.push(start.elapsed().as_secs_f64());
            ratio = raw / bytes.len().max(1) as f64;
        }
        rates.push(Rates { cores: n, compress: raw / median(&c[1..]), decompress: raw / median(&d[1..]) });
    }
    Ok((ratio, rates))
}

fn median(seconds: &[f64]) -> f64 {
    let mut sorted = seconds.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0).max(1e-9)
}

/// The model beside a transfer that took place.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Check {
    /// Bytes a second that the link was held to.
    pub bandwidth: f64,
    /// Pieces sent one after the other.
    pub pieces: usize,
    /// Seconds that the raw bytes took.
    pub raw_seconds: f64,
    /// Seconds of compressing, sending and decompressing, one after the other.
    pub serial_seconds: f64,
    /// Seconds of the same, overlapped.
    pub pipelined_seconds: f64,
    /// Speed-ups that the model says.
    pub predicted_serial: f64,
    /// The same, overlapped.
    pub predicted_pipelined: f64,
    /// Speed-ups that were measured.
    pub measured_serial: f64,
    /// The same, overlapped.
    pub measured_pipelined: f64,
}

/// Faster than this, copying through the loopback itself takes a core.
const MOST: f64 = 2e8;

/// Sends the array over a TCP connection of this machine to itself, held to half the break-even bandwidth (at most
/// 200 MB/s), as often as it takes to last half a second; on one core for each side.
///
/// # Errors
/// Whatever the network or the compressor says.
pub fn check(array: &AnyArray, setting: &Setting) -> io::Result<Check> {
    let (ratio, rates) = measure(array, setting, &[1]).map_err(io::Error::other)?;
    let raw = array.to_le_bytes();
    let mut model = Transfer {
        bytes: raw.len() as f64,
        ratio,
        compress: rates[0].compress,
        decompress: rates[0].decompress,
        reads: 1.0,
    };
    let bandwidth = (model.break_even() / 2.0).clamp(1e6, MOST);
    let pieces = ((0.5 * bandwidth / model.bytes).ceil() as usize).clamp(4, 1000);
    model.bytes *= pieces as f64;

    let compress = || setting.compressor(1).compress_any(array).map_err(io::Error::other);
    let decompress = |bytes: &[u8]| {
        Stream::open(bytes, Limits::default()).and_then(|s| s.decode_any(1)).map_err(io::Error::other)
    };

    let raw_seconds = timed(|| send(bandwidth, pieces, |_| Ok(raw.clone()), |_| Ok(())))?;
    let serial_seconds = timed(|| {
        for _ in 0..pieces {
            let bytes = compress()?;
            let mut got = Vec::new();
            send(
                bandwidth,
                1,
                |_| Ok(bytes.clone()),
                |b| {
                    got = b;
                    Ok(())
                },
            )?;
            decompress(&got)?;
        }
        Ok(())
    })?;
    let pipelined_seconds =
        timed(|| send(bandwidth, pieces, |_| compress(), |bytes| decompress(&bytes).map(drop)))?;
    let (t0, t1, t2) = (model.raw(bandwidth), model.serial(bandwidth), model.pipelined(bandwidth, pieces));
    Ok(Check {
        bandwidth,
        pieces,
        raw_seconds,
        serial_seconds,
        pipelined_seconds,
        predicted_serial: t0 / t1,
        predicted_pipelined: t0 / t2,
        measured_serial: raw_seconds / serial_seconds,
        measured_pipelined: raw_seconds / pipelined_seconds,
    })
}

fn timed(work: impl FnOnce() -> io::Result<()>) -> io::Result<f64> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed().as_secs_f64())
}

/// How far a throttled link may run ahead or behind: sleeps are no more exact than this.
const SLACK: Duration = Duration::from_millis(2);

/// Makes pieces on one thread, sends them at a bandwidth from a second and takes them here. Channels hold two pieces.
fn send(
    bandwidth: f64,
    pieces: usize,
    make: impl Fn(usize) -> io::Result<Vec<u8>> + Sync,
    mut take: impl FnMut(Vec<u8>) -> io::Result<()>,
) -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::scope(|scope| {
        let (give, get) = mpsc::sync_channel::<io::Result<Vec<u8>>>(2);
        let make = &make;
        scope.spawn(move || {
            for piece in 0..pieces {
                // The other side hangs up after an error, which it reports.
                if give.send(make(piece)).is_err() {
                    break;
                }
            }
        });
        let sender = scope.spawn(move || -> io::Result<()> {
            let mut link = TcpStream::connect(address)?;
            link.set_nodelay(true)?;
            let mut free = Instant::now();
            for piece in get {
                let piece = piece?;
                link.write_all(&(piece.len() as u64).to_le_bytes())?;
                for part in piece.chunks(64 << 10) {
                    // Idle time is not saved up, but for what sleeping takes longer than it was told to.
                    let least = Instant::now().checked_sub(SLACK).unwrap_or(free);
                    free = free.max(least) + Duration::from_secs_f64(part.len() as f64 / bandwidth);
                    link.write_all(part)?;
                    let ahead = free.saturating_duration_since(Instant::now());
                    if ahead > SLACK / 4 {
                        thread::sleep(ahead);
                    }
                }
            }
            Ok(())
        });
        // Received on a thread of its own, or the link would wait for decompression.
        let (arrived, next) = mpsc::sync_channel::<Vec<u8>>(2);
        let receiver = scope.spawn(move || -> io::Result<()> {
            let (mut link, _) = listener.accept()?;
            for _ in 0..pieces {
                let mut length = [0; 8];
                link.read_exact(&mut length)?;
                let mut bytes = vec![0; u64::from_le_bytes(length) as usize];
                link.read_exact(&mut bytes)?;
                if arrived.send(bytes).is_err() {
                    break;
                }
            }
            Ok(())
        });
        let taken = next.iter().try_for_each(&mut take);
        drop(next);
        let failed = || io::Error::other("a thread of the transfer panicked");
        sender.join().map_err(|_| failed())?.and(receiver.join().map_err(|_| failed())?).and(taken)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tolzip::{Array, Shape};

    const MODEL: Transfer = Transfer { bytes: 1e9, ratio: 10.0, compress: 5e8, decompress: 1e9, reads: 1.0 };

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
        let epochs = Transfer { reads: 10.0, ..MODEL };
        assert!((epochs.raw(b) - 80.0).abs() < 1e-9 && (epochs.serial(b) - 20.0).abs() < 1e-9);
        assert!((epochs.pipelined(b, 10) - (2.18 + 9.0 * 1.08)).abs() < 1e-9);
    }

    /// That all bytes arrive and everybody goes home; how fast is for `tolzip io` to show.
    #[test]
    fn a_transfer_takes_place() {
        let values = (0..40_000).map(|i| (i as f32 * 0.01).sin()).collect();
        let array: AnyArray = Array::<f32>::new(values, Shape::new(&[200, 200]).unwrap()).unwrap().into();
        let setting = Setting { method: Method::Auto, bound: Bound::Rel(1e-3), scope: Scope::Whole };
        let found = check(&array, &setting).unwrap();
        assert!(
            found.raw_seconds > 0.1 && found.measured_serial > 0.0 && found.predicted_pipelined > 1.0,
            "{found:?}"
        );
        let failing = send(1e9, 3, |_| Err(io::Error::other("no")), |_| Ok(()));
        assert!(failing.is_err());
        let failing = send(1e9, 30, |_| Ok(vec![0; 10]), |_| Err(io::Error::other("no")));
        assert!(failing.is_err());
    }
}
