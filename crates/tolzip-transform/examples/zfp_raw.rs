//! Compresses a raw little-endian file to a zfp stream with a full header, or decompresses one to a raw file.
//!
//! ```text
//! zfp_raw c f32 91x91x91 acc=1e-3 in.raw out.zfp     (shape slow to fast; also rate=, prec=, rev; "+bare" drops the header)
//! zfp_raw d f32 91x91x91 acc=1e-3 in.zfp out.raw     (a bare stream)
//! zfp_raw d in.zfp out.raw                           (type, shape and mode from the header)
//! ```
//! With `-` in the place of the files it serves requests from its standard input, one a line, in the same form, and
//! answers each with a line: `ok` or what went wrong.

use std::io::{BufRead, Write};
use tolzip_core::{AnyArray, Array, DType, Element, Shape, with_any};
use tolzip_transform::zfp::{self, Header, Mode, Parts};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args != ["-"] {
        if let Err(e) = run(&args) {
            let _ = writeln!(std::io::stderr(), "{e}");
            std::process::exit(1);
        }
        return;
    }
    for line in std::io::stdin().lock().lines().map_while(std::io::Result::ok) {
        let args: Vec<String> = line.split_whitespace().map(String::from).collect();
        let answer = run(&args).map_or_else(|e| e.to_string(), |()| String::from("ok"));
        if writeln!(std::io::stdout(), "{answer}").and_then(|()| std::io::stdout().flush()).is_err() {
            return;
        }
    }
}

fn run(args: &[String]) -> Result<()> {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["c", dtype, shape, mode, from, to] => {
            let dtype = DType::from_name(dtype).ok_or("unknown type")?;
            let array = AnyArray::from_le_bytes(dtype, parse_shape(shape)?, &std::fs::read(from)?)?;
            let (mode, parts) = parse_mode(mode)?;
            let bytes = match &array {
                AnyArray::F32(a) => zfp::encode(a.view(), mode, parts)?,
                AnyArray::F64(a) => zfp::encode(a.view(), mode, parts)?,
                AnyArray::I32(a) => zfp::encode(a.view(), mode, parts)?,
                AnyArray::I64(a) => zfp::encode(a.view(), mode, parts)?,
                _ => return Err("f32, f64, i32 or i64 only".into()),
            };
            Ok(std::fs::write(to, bytes)?)
        }
        ["d", dtype, shape, mode, from, to] => {
            let bytes = std::fs::read(from)?;
            let shape = parse_shape(shape)?;
            let (mode, _) = parse_mode(mode)?;
            let array = match dtype {
                "f32" => bare::<f32>(&bytes, shape, mode)?.into(),
                "f64" => bare::<f64>(&bytes, shape, mode)?.into(),
                "i32" => bare::<i32>(&bytes, shape, mode)?.into(),
                "i64" => bare::<i64>(&bytes, shape, mode)?.into(),
                _ => return Err("f32, f64, i32 or i64 only".into()),
            };
            save(&array, to)
        }
        ["d", from, to] => save(&zfp::decode_any(&std::fs::read(from)?, 1 << 40)?, to),
        _ => Err("usage: zfp_raw c TYPE SHAPE MODE IN OUT | d TYPE SHAPE MODE IN OUT | d IN OUT".into()),
    }
}

fn bare<T: Element>(bytes: &[u8], shape: Shape, mode: Mode) -> Result<Array<T>> {
    let mut values = vec![T::default(); shape.len()];
    zfp::decode_into(bytes, Header::new(T::DTYPE, shape, mode)?, Parts::NONE, &mut values, None)?;
    Ok(Array::new(values, shape)?)
}

fn save(array: &AnyArray, to: &str) -> Result<()> {
    debug_assert!(with_any!(array, a => !a.values().is_empty()));
    Ok(std::fs::write(to, array.to_le_bytes())?)
}

fn parse_shape(text: &str) -> Result<Shape> {
    let sides = text.split('x').map(str::parse).collect::<std::result::Result<Vec<usize>, _>>()?;
    Ok(Shape::new(&sides)?)
}

fn parse_mode(text: &str) -> Result<(Mode, Parts)> {
    let bare = text.strip_suffix("+bare");
    let mode = match bare.unwrap_or(text).split_once('=') {
        Some(("acc", x)) => Mode::Accuracy(x.parse()?),
        Some(("rate", x)) => Mode::Rate(x.parse()?),
        Some(("prec", x)) => Mode::Precision(x.parse()?),
        None if bare.unwrap_or(text) == "rev" => Mode::Reversible,
        _ => return Err("unknown mode".into()),
    };
    Ok((mode, if bare.is_none() { Parts::FULL } else { Parts::NONE }))
}
