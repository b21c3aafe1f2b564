//! Holds every registered method to its bounds on adversarial arrays, on all cores, and counts: `bounds [VALUES [FIRST]]`
//! checks at least so many values that a lossy method had to keep within an error bound (10^9 if not said), beginning with the
//! case of that number. What is bit-exact, or has no bound for each value, is checked on the way and not counted. Exit code 1
//! if a value is out.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tolzip_tests::adversary::{Case, Checked};

/// One case in so many is large.
const LARGE: u64 = 4;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let goal: u64 = arguments.next().map_or(Ok(1_000_000_000), |text| text.parse())?;
    let first: u64 = arguments.next().map_or(Ok(0), |text| text.parse())?;
    let (next, broken) = (AtomicU64::new(first), AtomicBool::new(false));
    let [counted, changed, uncounted] = [(); 3].map(|()| AtomicU64::new(0));
    let counts: Mutex<BTreeMap<String, (u64, u64)>> = Mutex::default();
    let work = || {
        while counted.load(Ordering::Relaxed) < goal {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let case = Case::new(number, LARGE);
            match case.run() {
                Ok(Checked { values, changed: others }) => {
                    if case.is_bounded() {
                        counted.fetch_add(values as u64, Ordering::Relaxed);
                        changed.fetch_add(others as u64, Ordering::Relaxed);
                    } else {
                        uncounted.fetch_add(values as u64, Ordering::Relaxed);
                    }
                    let mut counts = counts.lock().expect("no thread panics with it");
                    let count = counts.entry(case.what()).or_default();
                    *count = (count.0 + 1, count.1 + values as u64);
                }
                Err(what) => {
                    let _ = writeln!(std::io::stderr().lock(), "case {number}: {what}");
                    broken.store(true, Ordering::Relaxed);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let mut out = std::io::stdout().lock();
    for (what, (cases, values)) in counts.into_inner()? {
        writeln!(out, "{what:<50} {cases:>8} cases {values:>12} values")?;
    }
    let verdict = if broken.load(Ordering::Relaxed) {
        "NOT all within their bounds"
    } else {
        "all within their bounds"
    };
    writeln!(
        out,
        "cases {first} to {}: {} values of lossy methods under a bound ({} of them came back changed), {verdict}; {} others",
        next.load(Ordering::Relaxed),
        counted.load(Ordering::Relaxed),
        changed.load(Ordering::Relaxed),
        uncounted.load(Ordering::Relaxed),
    )?;
    std::process::exit(i32::from(broken.load(Ordering::Relaxed)));
}
