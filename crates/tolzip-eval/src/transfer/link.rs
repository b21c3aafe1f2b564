//! A link of a given bandwidth between two threads: TCP over this machine's loopback, throttled by its sender.

use std::borrow::Cow;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// Sleeps shorter than this are left out: they would last longer than they should.
const NAP: Duration = Duration::from_micros(500);

/// Makes pieces on one thread, sends them at `bandwidth` bytes a second from a second, receives them on a third and takes them
/// here. Channels hold two pieces, so that no step waits for another longer than it must.
///
/// The link is a clock: a piece occupies it for its length by the bandwidth, from when it is ready or the link is free,
/// whichever is later. A sender that wakes up late catches up, as a network card does that needs no core to send.
pub(super) fn send<'a>(
    bandwidth: f64,
    pieces: usize,
    make: impl Fn(usize) -> io::Result<Cow<'a, [u8]>> + Sync,
    mut take: impl FnMut(Vec<u8>) -> io::Result<()>,
) -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::scope(|scope| {
        let (give, get) = mpsc::sync_channel::<(Instant, io::Result<Cow<'a, [u8]>>)>(2);
        let make = &make;
        scope.spawn(move || {
            for piece in 0..pieces {
                let made = make(piece);
                // The other side hangs up after an error, which it reports.
                if give.send((Instant::now(), made)).is_err() {
                    break;
                }
            }
        });
        let sender = scope.spawn(move || -> io::Result<()> {
            let mut link = TcpStream::connect(address)?;
            link.set_nodelay(true)?;
            let mut free = Instant::now();
            for (ready, piece) in get {
                let piece = piece?;
                free = free.max(ready);
                link.write_all(&(piece.len() as u64).to_le_bytes())?;
                for part in piece.chunks(64 << 10) {
                    free += Duration::from_secs_f64(part.len() as f64 / bandwidth);
                    // The last byte arrives when its time has come.
                    let ahead = free.saturating_duration_since(Instant::now());
                    if ahead > NAP {
                        thread::sleep(ahead);
                    }
                    link.write_all(part)?;
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

    #[test]
    fn all_bytes_arrive_in_order_and_failures_are_told() {
        let made: Vec<Vec<u8>> = (0..9u8).map(|i| vec![i; 50_000 * usize::from(i)]).collect();
        let mut got = Vec::new();
        send(
            1e9,
            made.len(),
            |i| Ok(Cow::Borrowed(&made[i])),
            |b| {
                got.push(b);
                Ok(())
            },
        )
        .unwrap();
        assert!(got == made);
        assert!(send(1e9, 3, |_| Err(io::Error::other("no")), |_| Ok(())).is_err());
        assert!(send(1e9, 30, |_| Ok(vec![0; 10].into()), |_| Err(io::Error::other("no"))).is_err());
    }
}
