//! What `examples/firmware` does, on this machine: the same line has to come out.

use std::io::Write as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (raw, stored, hash) = tolzip_sensor_logger::example()?;
    writeln!(std::io::stdout().lock(), "{raw} bytes of readings became {stored}, hash {hash:016x}")?;
    Ok(())
}
