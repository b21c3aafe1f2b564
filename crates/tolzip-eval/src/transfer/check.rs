//! The model of transfers beside transfers that take place.

use super::{Rates, Setting, Transfer, link, measure, median};
use serde::Serialize;
use std::borrow::Cow;
use std::io;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tolzip::{AnyArray, Array, Limits, Shape, Stream, with_any};

/// Into how many pieces along the first axis an array is cut for a pipelined transfer, if it has so many rows.
pub const PIECES: usize = 16;

/// The model beside a transfer that took place.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Check {
    /// Bytes a second that the link was held to.
    pub bandwidth: f64,
    /// Raw bytes of the array. Each transfer sends it as often as it takes to last a while; seconds are those of one time.
    pub raw_bytes: u64,
    /// Pieces of the pipelined transfer.
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

impl Check {
    /// The larger distance of a measured speed-up from the predicted one, as a part of that.
    #[must_use]
    pub fn off(&self) -> f64 {
        let off = |measured: f64, predicted: f64| (measured / predicted - 1.0).abs();
        off(self.measured_serial, self.predicted_serial)
            .max(off(self.measured_pipelined, self.predicted_pipelined))
    }
}

/// Faster than this, copying through the loopback itself takes a core.
const MOST: f64 = 2e8;

/// The shortest transfer in seconds: shorter ones drown in the start-up of threads.
const LEAST: f64 = 0.3;

/// Rounds of rates and transfers. What else a machine does meanwhile makes either slower, and never faster.
const ROUNDS: usize = 3;

/// Sends the array over a TCP connection of this machine to itself, held to each of these bandwidths in bytes a second (half
/// the break-even one, at most 200 MB/s, if there are none), as often as it takes to last half a second; on one core for each
/// side.
///
/// Serial transfers are predicted from the rates of the whole array. Pipelined ones from the ratio and the rates of its pieces
/// while both sides work at the same time, as they will: here they share a memory, and perhaps a core; and what handing over a
/// piece costs is measured, too. Rates are taken anew in each of three rounds; the shortest of each kind of time counts.
///
/// # Errors
/// Whatever the network or the compressor says.
pub fn check(array: &AnyArray, setting: &Setting, bandwidths: &[f64]) -> io::Result<Vec<Check>> {
    let raw = array.to_le_bytes();
    let parts = cut(array, PIECES).map_err(io::Error::other)?;
    let startup = startup()?;
    let usual = [(alone(array, setting, startup)?.break_even() / 2.0).clamp(1e6, MOST)];
    let bandwidths = if bandwidths.is_empty() { &usual } else { bandwidths };
    let mut found =
        bandwidths.iter().map(|&b| Rounds::new(b, &raw, parts.len())).collect::<io::Result<Vec<_>>>()?;
    for _ in 0..ROUNDS {
        let whole = alone(array, setting, startup)?;
        let overlapped = together(&parts, setting, startup)?;
        for link in &mut found {
            link.round(array, &parts, setting, (whole, overlapped))?;
        }
    }
    Ok(found.into_iter().map(Rounds::check).collect())
}

/// What all rounds over one link found.
struct Rounds {
    bandwidth: f64,
    raw_bytes: usize,
    parts: usize,
    raw_seconds: f64,
    /// Seconds of each round, predicted and measured, serial and then pipelined.
    seconds: [Vec<f64>; 4],
}

impl Rounds {
    /// Sends the raw bytes.
    fn new(bandwidth: f64, raw: &[u8], parts: usize) -> io::Result<Self> {
        let raw_seconds = repeated(raw.len() as f64 / bandwidth, |times| {
            link::send(bandwidth, times, |_| Ok(Cow::Borrowed(raw)), |_| Ok(()))
        })?;
        Ok(Self { bandwidth, raw_bytes: raw.len(), parts, raw_seconds, seconds: Default::default() })
    }

    fn round(
        &mut self,
        array: &AnyArray,
        parts: &[AnyArray],
        setting: &Setting,
        (whole, overlapped): (Transfer, Transfer),
    ) -> io::Result<()> {
        let bandwidth = self.bandwidth;
        let (model_serial, model_pipelined) =
            (whole.serial(bandwidth), overlapped.pipelined(bandwidth, self.parts));
        let measured_serial = repeated(model_serial, |times| serial(array, setting, times, bandwidth))?;
        let mut pieces = parts.len();
        let measured_pipelined = repeated(model_pipelined, |times| {
            pieces = times * parts.len();
            let make = |i| compress(&parts[i % parts.len()], setting).map(Cow::Owned);
            link::send(bandwidth, pieces, make, |bytes| decompress(&bytes))
        })?;
        // A pipeline that is repeated without a pause is filled once.
        let times = pieces / parts.len();
        let model_pipelined = overlapped.times(times).pipelined(bandwidth, pieces) / times as f64;
        let found = [model_serial, measured_serial, model_pipelined, measured_pipelined];
        for (all, seconds) in self.seconds.iter_mut().zip(found) {
            all.push(seconds);
        }
        Ok(())
    }

    fn check(self) -> Check {
        let [model_serial, serial, model_pipelined, pipelined] =
            self.seconds.map(|all| all.into_iter().fold(f64::INFINITY, f64::min));
        let raw = self.raw_bytes as f64 / self.bandwidth;
        Check {
            bandwidth: self.bandwidth,
            raw_bytes: self.raw_bytes as u64,
            pieces: self.parts,
            raw_seconds: self.raw_seconds,
            serial_seconds: serial,
            pipelined_seconds: pipelined,
            predicted_serial: raw / model_serial,
            predicted_pipelined: raw / model_pipelined,
            measured_serial: self.raw_seconds / serial,
            measured_pipelined: self.raw_seconds / pipelined,
        }
    }
}

/// Seconds for one time of something that is expected to take so many, done as often as it takes to last [`LEAST`].
fn repeated(expected: f64, work: impl FnOnce(usize) -> io::Result<()>) -> io::Result<f64> {
    let times = ((LEAST / expected).ceil() as usize).clamp(1, 10_000);
    Ok(timed(|| work(times))? / times as f64)
}

/// Seconds that handing over a piece costs whatever its length: putting it in a channel, sending its length, waking up who
/// waits for it. Taken from the sending of empty ones.
fn startup() -> io::Result<f64> {
    let pieces = 2000;
    Ok(timed(|| link::send(1e9, pieces, |_| Ok(Cow::Borrowed(&[])), |_| Ok(())))? / pieces as f64)
}

/// Compresses the array so many times, sends all of it, decompresses all of it.
fn serial(array: &AnyArray, setting: &Setting, times: usize, bandwidth: f64) -> io::Result<()> {
    let made = (0..times).map(|_| compress(array, setting)).collect::<io::Result<Vec<_>>>()?;
    let mut got = Vec::with_capacity(times);
    link::send(
        bandwidth,
        times,
        |i| Ok(Cow::Borrowed(&made[i])),
        |bytes| {
            got.push(bytes);
            Ok(())
        },
    )?;
    got.iter().try_for_each(|bytes| decompress(bytes))
}

/// Ratio of the array and its rates on one core that has nothing else to do.
fn alone(array: &AnyArray, setting: &Setting, startup: f64) -> io::Result<Transfer> {
    let (ratio, rates) = measure(array, setting, &[1]).map_err(io::Error::other)?;
    let Rates { compress, decompress, .. } = rates[0];
    Ok(Transfer { bytes: array.byte_len() as f64, ratio, compress, decompress, reads: 1.0, startup })
}

fn compress(array: &AnyArray, setting: &Setting) -> io::Result<Vec<u8>> {
    setting.compressor(1).compress_any(array).map_err(io::Error::other)
}

fn decompress(bytes: &[u8]) -> io::Result<()> {
    Stream::open(bytes, Limits::default()).and_then(|s| s.decode_any(1)).map(drop).map_err(io::Error::other)
}

fn timed(work: impl FnOnce() -> io::Result<()>) -> io::Result<f64> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed().as_secs_f64())
}

/// The array in up to `pieces` runs of rows.
fn cut(array: &AnyArray, pieces: usize) -> tolzip::Result<Vec<AnyArray>> {
    let sides = array.shape().sides().to_vec();
    let Some(&rows) = sides.first().filter(|&&rows| rows > 1) else { return Ok(vec![array.clone()]) };
    let pieces = pieces.min(rows);
    let width: usize = sides[1..].iter().product();
    (0..pieces)
        .map(|i| {
            let (from, to) = (rows * i / pieces, rows * (i + 1) / pieces);
            let mut sides = sides.clone();
            sides[0] = to - from;
            let shape = Shape::new(&sides)?;
            with_any!(array, a => Ok(Array::new(a.values()[from * width..to * width].to_vec(), shape)?.into()))
        })
        .collect()
}

/// How long both sides work beside each other to have their rates taken, at least.
const TOGETHER: Duration = Duration::from_millis(200);

/// Ratio of these pieces, and rates of one core that compresses them and one that decompresses them at the same time.
fn together(parts: &[AnyArray], setting: &Setting, startup: f64) -> io::Result<Transfer> {
    let streams = parts.iter().map(|p| compress(p, setting)).collect::<io::Result<Vec<_>>>()?;
    let raw: f64 = parts.iter().map(|p| p.byte_len() as f64).sum();
    let sent: f64 = streams.iter().map(|s| s.len() as f64).sum();
    let (barrier, done) = (Barrier::new(2), AtomicUsize::new(0));
    // Passes over all pieces, timed until there are enough of them, and repeated until the other side has enough, too.
    let side = |pass: &dyn Fn() -> io::Result<()>| -> io::Result<f64> {
        barrier.wait();
        let begin = Instant::now();
        let mut seconds = Vec::new();
        let mut result = Ok(());
        let mut enough = false;
        while result.is_ok() && !(enough && done.load(Ordering::SeqCst) >= 2) {
            let start = Instant::now();
            result = pass();
            if !enough {
                seconds.push(start.elapsed().as_secs_f64());
                enough = seconds.len() > 5 && begin.elapsed() > TOGETHER;
                done.fetch_add(usize::from(enough), Ordering::SeqCst);
            }
        }
        if result.is_err() {
            // The other side need not wait for this one.
            done.fetch_add(2, Ordering::SeqCst);
        }
        result.map(|()| raw / median(&seconds))
    };
    let (compress, decompress) = thread::scope(|scope| {
        let made = scope.spawn(|| side(&|| parts.iter().try_for_each(|p| compress(p, setting).map(drop))));
        let taken = side(&|| streams.iter().try_for_each(|s| decompress(s)));
        (made.join().unwrap_or_else(|_| Err(io::Error::other("compressing panicked"))), taken)
    });
    Ok(Transfer {
        bytes: raw,
        ratio: raw / sent.max(1.0),
        compress: compress?,
        decompress: decompress?,
        reads: 1.0,
        startup,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tolzip::{Bound, Method, Scope};

    fn field(sides: &[usize]) -> AnyArray {
        let shape = Shape::new(sides).unwrap();
        let values = (0..shape.len()).map(|i| (i as f32 * 0.01).sin()).collect();
        Array::<f32>::new(values, shape).unwrap().into()
    }

    /// That all bytes arrive and everybody goes home; how fast is for the example `transfers` to show.
    #[test]
    fn a_transfer_takes_place() {
        let setting = Setting { method: Method::Auto, bound: Bound::Rel(1e-3), scope: Scope::Whole };
        let found = check(&field(&[200, 200]), &setting, &[]).unwrap();
        let [found] = found[..] else { panic!("one usual bandwidth") };
        // As long as the link takes, whatever else the machine does.
        assert!(found.raw_seconds > 0.9 * 160_000.0 / found.bandwidth, "{found:?}");
        let speedups = [
            found.predicted_serial,
            found.measured_serial,
            found.predicted_pipelined,
            found.measured_pipelined,
        ];
        assert!(speedups.iter().all(|s| s.is_finite() && *s > 0.0), "{found:?}");
        let found = check(&field(&[3]), &setting, &[1e5, 2e5]).unwrap();
        assert_eq!(found.iter().map(|c| c.bandwidth).collect::<Vec<_>>(), [1e5, 2e5]);
        let wrong = Setting { bound: Bound::Abs(-1.0), ..setting };
        assert!(check(&field(&[20]), &wrong, &[]).is_err());
    }

    #[test]
    fn pieces_are_the_array() {
        for (sides, pieces) in [(&[33, 5][..], 16), (&[3, 2, 2], 3), (&[1, 7], 1), (&[], 1), (&[0, 4], 1)] {
            let array = field(sides);
            let parts = cut(&array, 16).unwrap();
            let bytes: Vec<u8> = parts.iter().flat_map(AnyArray::to_le_bytes).collect();
            assert_eq!((parts.len(), bytes), (pieces, array.to_le_bytes()), "{sides:?}");
        }
    }
}
