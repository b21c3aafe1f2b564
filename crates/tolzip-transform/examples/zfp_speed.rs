//! Speed of raw zfp streams beside that of zfp-rs, one thread, medians of alternating runs.
//!
//! ```text
//! zfp_speed f32 91x91x91 field.raw acc=0.1 rate=8 prec=16 rev       (raw little-endian values; f64, i32, i64 too)
//! ```
//! A line a mode: its name, bytes of the stream, then MB of raw values a second: compress, decompress, decompress into memory that
//! is there already, and zfp-rs' compress and decompress, which gets its buffers. With `best` before the modes the best runs instead, for machines that have other things to do.

use std::io::Write;
use std::time::Instant;
use tolzip_core::{AnyArray, Array, DType, Element, Shape};
use tolzip_transform::zfp::{self, Header, Mode, Parts};
use zfp_rs::{ZfpBitStream, ZfpConfig, ZfpDims, ZfpField, ZfpFieldMut, ZfpScalar, ZfpScalarType};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [dtype, shape, file, modes @ ..] = &args[..] else {
        return Err("usage: zfp_speed TYPE SHAPE FILE MODE...".into());
    };
    let sides = shape.split('x').map(str::parse).collect::<std::result::Result<Vec<usize>, _>>()?;
    let dtype = DType::from_name(dtype).ok_or("unknown type")?;
    let array = AnyArray::from_le_bytes(dtype, Shape::new(&sides)?, &std::fs::read(file)?)?;
    let (best, modes) = match modes {
        [first, rest @ ..] if first == "best" => (true, rest),
        _ => (false, modes),
    };
    for text in modes {
        let mode = match text.split_once('=') {
            Some(("acc", x)) => Mode::Accuracy(x.parse()?),
            Some(("rate", x)) => Mode::Rate(x.parse()?),
            Some(("prec", x)) => Mode::Precision(x.parse()?),
            _ => Mode::Reversible,
        };
        let (bytes, speeds) = match &array {
            AnyArray::F32(a) => measure(ZfpScalarType::F32, a, mode, best)?,
            AnyArray::F64(a) => measure(ZfpScalarType::F64, a, mode, best)?,
            AnyArray::I32(a) => measure(ZfpScalarType::I32, a, mode, best)?,
            AnyArray::I64(a) => measure(ZfpScalarType::I64, a, mode, best)?,
            _ => return Err("f32, f64, i32 or i64 only".into()),
        };
        let speeds: Vec<String> = speeds.iter().map(|s| format!("{s:.0}")).collect();
        writeln!(std::io::stdout(), "{text} {bytes} {}", speeds.join(" "))?;
    }
    Ok(())
}

fn measure<T: Element + ZfpScalar>(
    kind: ZfpScalarType,
    field: &Array<T>,
    mode: Mode,
    best: bool,
) -> Result<(usize, [f64; 5])> {
    let sides: Vec<usize> = field.shape().sides().iter().rev().copied().collect();
    match sides[..] {
        [x] => measure_in(kind, field, (mode, best), [x]),
        [x, y] => measure_in(kind, field, (mode, best), [x, y]),
        [x, y, z] => measure_in(kind, field, (mode, best), [x, y, z]),
        [x, y, z, w] => measure_in(kind, field, (mode, best), [x, y, z, w]),
        _ => Err("1 to 4 dimensions only".into()),
    }
}

fn measure_in<T: Element + ZfpScalar, D: ZfpDims + Copy>(
    kind: ZfpScalarType,
    field: &Array<T>,
    (mode, best): (Mode, bool),
    sides: D,
) -> Result<(usize, [f64; 5])> {
    let (values, size) = (field.values(), field.values().len() * T::DTYPE.size());
    let params = Header::new(T::DTYPE, field.shape(), mode)?.params();
    let config =
        ZfpConfig::expert(params.min_bits(), params.max_bits(), params.max_prec(), params.min_exp())?;
    let stream = zfp::encode(field.view(), mode, Parts::FULL)?;
    let mut theirs = ZfpBitStream::new(config.maximum_size(kind, sides).ok_or("too large")?)?;
    let mut back = vec![T::default(); values.len()];
    let known = Header::new(T::DTYPE, field.shape(), mode)?;
    let mut seconds: [Vec<f64>; 5] = Default::default();
    for _ in 0..(2e8 / size as f64).clamp(7.0, 60.0) as usize {
        seconds[0].push(timed(|| Ok(zfp::encode(field.view(), mode, Parts::FULL)?))?);
        seconds[1].push(timed(|| Ok(zfp::decode::<T>(&stream, 1 << 40)?))?);
        seconds[2].push(timed(|| Ok(zfp::decode_into(&stream, known, Parts::FULL, &mut back, None)?))?);
        theirs.rewind();
        seconds[3].push(timed(|| Ok(theirs.compress(&config, &ZfpField::new(values, sides)?)?))?);
        theirs.rewind();
        seconds[4].push(timed(|| Ok(theirs.decompress(&config, &mut ZfpFieldMut::new(&mut back, sides)?)?))?);
    }
    let speeds = seconds.map(|mut s| {
        s.sort_by(f64::total_cmp);
        size as f64 / 1e6 / s[if best { 0 } else { s.len() / 2 }]
    });
    Ok((stream.len(), speeds))
}

/// Seconds that `f` takes, and to give back what it returns.
fn timed<R>(mut f: impl FnMut() -> Result<R>) -> Result<f64> {
    let start = Instant::now();
    drop(f()?);
    Ok(start.elapsed().as_secs_f64())
}
