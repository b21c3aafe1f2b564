//! What the recommended settings do on a network or a disk: a model of transfers with the rates that the search measured.

use super::svg::{breakable, number, ratio};
use crate::search::{Speed, Study};
use crate::transfer::{LINKS, PIECES, Transfer, least_cores};
use std::fmt::Write;

/// How often a training reads its data, for one of the columns.
const EPOCHS: f64 = 20.0;

/// The section of the page; nothing where no rates were measured.
pub(super) fn section(s: &mut String, study: &Study) {
    if study.speeds.is_empty() {
        return;
    }
    let _ = write!(
        s,
        "<h2>On a network or a disk</h2><p class=\"soft\">How many times faster the training data arrive when they are compressed: read once or {EPOCHS} times, one step after the other (compress, send, decompress) or overlapping in {PIECES} pieces. Below 1 compression costs more time than it saves. <em>Pays from</em> is the least number of cores on each side with which it pays in steps, read once. The times follow from S raw bytes, the bandwidth B, the ratio CR and the rates Rc and Rd: S/B as they are, S/Rc + S/(CR B) + S/Rd in steps.</p>"
    );
    for speed in &study.speeds {
        setting(s, study, speed);
    }
}

fn setting(s: &mut String, study: &Study, speed: &Speed) {
    let Some(model) = model(speed, 1.0) else { return };
    let rates: Vec<String> = speed
        .rates
        .iter()
        .map(|r| {
            let cores = if r.cores == 1 { "1 core".to_owned() } else { format!("{} cores", r.cores) };
            format!("{} and {} MB/s on {cores}", number(r.compress / 1e6), number(r.decompress / 1e6))
        })
        .collect();
    let _ = write!(
        s,
        "<h3><code>{}</code></h3><p class=\"soft\">{} MB, {} times smaller; compresses and decompresses {} (medians of five runs, {}). Pays in steps, read once, below {} Gbit/s.</p>",
        breakable(&study.provenance.arguments(&speed.method, &speed.bound)),
        number(speed.raw_bytes as f64 / 1e6),
        ratio(speed.ratio),
        rates.join(", "),
        super::svg::escape(&speed.machine),
        number(model.break_even() * 8e-9)
    );
    let _ = write!(
        s,
        "<div class=\"scroll\"><table class=\"sortable\"><thead><tr><th><button>link</button></th><th><button>as they are, s</button></th><th><button>in steps</button></th><th><button>overlapping</button></th><th><button>in steps, {EPOCHS} reads</button></th><th><button>overlapping, {EPOCHS} reads</button></th><th><button>pays from</button></th></tr></thead><tbody>"
    );
    let many = Transfer { reads: EPOCHS, ..model };
    for (place, &(name, bandwidth)) in LINKS.iter().enumerate() {
        let _ = write!(
            s,
            "<tr><td data-v=\"{place}\">{name}</td><td data-v=\"{0}\">{1}</td>",
            model.raw(bandwidth),
            number(model.raw(bandwidth))
        );
        for (m, time) in [
            (&model, model.serial(bandwidth)),
            (&model, model.pipelined(bandwidth, PIECES)),
            (&many, many.serial(bandwidth)),
            (&many, many.pipelined(bandwidth, PIECES)),
        ] {
            let times = m.raw(bandwidth) / time;
            let class = if times > 1.0 { " class=\"pays\"" } else { "" };
            let _ = write!(s, "<td{class} data-v=\"{times}\">{}x</td>", small(times));
        }
        let _ = match least_cores(&model, &speed.rates, bandwidth) {
            Some(1) => write!(s, "<td class=\"left\" data-v=\"1\">1 core</td></tr>"),
            Some(n) => write!(s, "<td class=\"left\" data-v=\"{n}\">{n} cores</td></tr>"),
            None => write!(s, "<td class=\"left\" data-v=\"9999\">&#8211;</td></tr>"),
        };
    }
    s.push_str("</tbody></table></div>");
}

/// A table for Markdown: one row a setting.
pub(super) fn markdown(s: &mut String, study: &Study) {
    if study.speeds.is_empty() {
        return;
    }
    s.push_str("\n## On a network\n\nRates in MB/s of raw data; it pays below the bandwidth of the last column (compressed, sent and decompressed one step after the other, read once).\n\n");
    s.push_str("| setting | cores | compress | decompress | pays below |\n|---|---|---|---|---|\n");
    for speed in &study.speeds {
        let setting = study.provenance.arguments(&speed.method, &speed.bound);
        for r in &speed.rates {
            let one = Speed { rates: vec![*r], ..speed.clone() };
            let Some(model) = model(&one, 1.0) else { continue };
            let [c, d] = [r.compress, r.decompress].map(|rate| number(rate / 1e6));
            let below = number(model.break_even() * 8e-9);
            let _ = writeln!(s, "| `{setting}` | {} | {c} | {d} | {below} Gbit/s |", r.cores);
        }
    }
}

/// A ratio with two digits at least.
fn small(times: f64) -> String {
    match times {
        t if t >= 0.1 => ratio(t),
        t if t >= 0.001 => format!("{t:.4}"),
        t => format!("{t:.0e}"),
    }
}

/// The model with the most cores that were measured.
fn model(speed: &Speed, reads: f64) -> Option<Transfer> {
    let rates = speed.rates.last()?;
    Some(Transfer {
        bytes: speed.raw_bytes as f64,
        ratio: speed.ratio,
        compress: rates.compress,
        decompress: rates.decompress,
        reads,
        startup: 0.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Search, apps};

    #[test]
    fn every_recommendation_has_its_links() {
        let folder = tempfile::tempdir().unwrap();
        let app = apps::get("digits").unwrap();
        let run = || {
            Search::new(app.as_ref())
                .methods(&["lossless", "fast"])
                .trainings(30)
                .folder(folder.path())
                .run()
                .unwrap()
        };
        let study = run();
        for r in &study.outcome.recommendations {
            assert!(study.speeds.iter().any(|s| s.method == r.method && s.bound == r.bound));
        }
        let mut page = String::new();
        section(&mut page, &study);
        assert_eq!(page.matches("<tr><td").count(), LINKS.len() * study.speeds.len());
        assert!(page.contains("400 Gbit/s") && page.contains("NVMe"));
        // What is measured is kept: the same search again says the same.
        let stored = std::fs::read_to_string(folder.path().join("store.jsonl")).unwrap();
        let mut again = String::new();
        section(&mut again, &run());
        assert_eq!(page, again);
        for speed in &study.speeds {
            assert!(stored.contains(&speed.key));
            let m = model(speed, 1.0).unwrap();
            let shown = format!("data-v=\"{}\"", m.raw(0.125e9) / m.serial(0.125e9));
            assert!(page.contains(&shown), "{shown}");
        }
        let mut words = String::new();
        markdown(&mut words, &study);
        assert!(words.contains("Gbit/s |"), "{words}");
    }
}
