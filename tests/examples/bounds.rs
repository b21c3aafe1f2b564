//! Holds every registered method to its bounds on adversarial arrays, on all cores, and counts: `bounds [VALUES [FIRST]]`
//! checks at least so many values that have
//! a bound (10^9 if not said), beginning with the case of that number. Exit code 1 if one is out.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tolzip_tests::adversary::Case;

/// One case in so many is large.
const LARGE: u64 = 4;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let goal: u64 = arguments.next().map_or(Ok(1_000_000_000), |text| text.parse())?;
    let first: u64 = arguments.next().map_or(Ok(0), |text| text.parse())?;
    let (next, checked, broken) = (AtomicU64::new(first), AtomicU64::new(0), AtomicBool::new(false));
    let counts: Mutex<BTreeMap<String, (u64, u64)>> = Mutex::default();
    let work = || {
        while checked.load(Ordering::Relaxed) < goal {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let case = Case::new(number, LARGE);
            match case.run() {
                Ok(values) => {
                    if case.is_bounded() {
                        checked.fetch_add(values as u64, Ordering::Relaxed);
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
        "cases {first} to {}: {} values, {verdict}",
        next.load(Ordering::Relaxed),
        checked.load(Ordering::Relaxed)
    )?;
    std::process::exit(i32::from(broken.load(Ordering::Relaxed)));
}
