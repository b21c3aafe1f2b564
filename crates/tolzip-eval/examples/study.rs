//! Studies a built-in application and writes the report: `cargo run --release --example study -- digits OUT [SECONDS]`.

use std::path::Path;
use tolzip_eval::{Search, apps, report};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, id, out, ..] = &args[..] else { return Err("usage: study APP FOLDER [SECONDS]".into()) };
    let app = apps::get(id).ok_or("no such application")?;
    let mut search = Search::new(app.as_ref()).folder(Path::new(out));
    if let Some(seconds) = args.get(3) {
        search = search.unlimited().seconds(seconds.parse()?);
    }
    let study = search.run()?;
    report::write(Path::new(out), &study)?;
    let mut text = String::new();
    for r in &study.outcome.recommendations {
        text += &format!("{} {} {:?}: {}\n", r.loss, r.method, r.bound.value, r.statement);
    }
    for r in &study.outcome.refusals {
        text += &format!("{}: {}\n", r.loss, r.reason);
    }
    let (o, p) = (&study.outcome, &study.provenance);
    text += &format!(
        "{} trainings, {} points, {} cliffs, {:.1} s\n",
        o.trainings,
        o.points.len(),
        o.cliffs.len(),
        p.seconds
    );
    std::io::Write::write_all(&mut std::io::stdout(), text.as_bytes())?;
    Ok(())
}
