//! Input files, and what has to be said about raw ones.

use crate::failure::Result;
use clap::Args;
use std::io;
use std::path::Path;
use tolzip::{AnyArray, Compressor, DType, Element, Shape, Summary, with_any, with_dtype};
use tolzip_io::{ArrayFile, Hints};

/// Bytes up to which an array is read, or written, as a whole.
pub(crate) const WHOLE: u64 = 256 << 20;

/// An array, in memory or in its file.
pub(crate) enum Input {
    Memory(AnyArray),
    File(ArrayFile),
}

impl Input {
    pub(crate) fn dtype(&self) -> DType {
        match self {
            Self::Memory(array) => array.dtype(),
            Self::File(file) => file.dtype(),
        }
    }

    pub(crate) fn shape(&self) -> Shape {
        match self {
            Self::Memory(array) => array.shape(),
            Self::File(file) => file.shape(),
        }
    }

    pub(crate) fn byte_len(&self) -> u64 {
        byte_len(self.dtype(), self.shape())
    }

    /// Compresses it, and writes the stream as it grows.
    pub(crate) fn compress(&self, compressor: &Compressor, out: impl io::Write) -> io::Result<Summary> {
        match self {
            Self::Memory(array) => with_any!(array, a => compressor.write(a.view(), out)),
            Self::File(file) => with_dtype!(file.dtype(), T => compressor.write_from::<T>(file, out)),
        }
    }

    /// Some of its values: at most about so many, from all over it.
    pub(crate) fn sample(&self, most: usize) -> io::Result<Vec<f64>> {
        match self {
            Self::Memory(array) => {
                // Odd, so that a power of two of columns does not hide one.
                let step = (array.shape().len() / most) | 1;
                Ok(with_any!(array, a => a.values().iter().step_by(step).map(|v| v.to_f64()).collect()))
            }
            Self::File(file) => file.sample(most),
        }
    }
}

fn byte_len(dtype: DType, shape: Shape) -> u64 {
    (shape.len() as u64).saturating_mul(dtype.size() as u64)
}

/// `--dtype` and `--shape`.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct InputArgs {
    /// Type of the values of a raw file: f32 f64 f16 bf16 i8 i16 i32 i64 u8 u16 u32 u64
    #[arg(long, value_name = "TYPE", value_parser = dtype)]
    dtype: Option<DType>,
    /// Shape of a raw file, slow to fast (numpy order), as in 100x500x500
    #[arg(long, value_name = "SHAPE", value_parser = shape)]
    shape: Option<Shape>,
}

impl InputArgs {
    /// Reads an array from a file or standard input.
    pub(crate) fn read(self, path: &Path) -> Result<AnyArray> {
        Ok(tolzip_io::read_array(path, self.hints())?)
    }

    /// Opens an array; one that is large stays in its file where it can be read in parts.
    pub(crate) fn open(self, path: &Path) -> Result<Input> {
        match ArrayFile::open(path, self.hints())? {
            Some(file) if byte_len(file.dtype(), file.shape()) > WHOLE => Ok(Input::File(file)),
            _ => Ok(Input::Memory(self.read(path)?)),
        }
    }

    pub(crate) const fn hints(self) -> Hints {
        Hints::new(self.dtype, self.shape)
    }
}

fn dtype(text: &str) -> Result<DType, String> {
    DType::from_name(text).ok_or_else(|| {
        let names = DType::ALL.map(DType::name).join(" ");
        match text {
            "float" | "float32" | "single" => "f32 is its name here".to_owned(),
            "double" | "float64" => "f64 is its name here".to_owned(),
            _ => format!("one of {names}"),
        }
    })
}

/// A shape such as `100x500x500`.
pub(crate) fn shape(text: &str) -> Result<Shape, String> {
    let sides: Result<Vec<usize>, _> = text.split('x').map(str::parse).collect();
    match sides {
        Ok(sides) => Shape::new(&sides).map_err(|e| e.to_string()),
        Err(_) => Err("sides are whole numbers joined by x, slow to fast, as in 100x500x500".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_slow_to_fast() {
        assert_eq!(shape("100x500x2").unwrap().sides(), [100, 500, 2]);
        assert_eq!(shape("7").unwrap().sides(), [7]);
        for bad in ["", "x", "3x", "3,4", "-1", "3x4.5", "99999999999999999999", "1x1x1x1x1x1x1x1x1"] {
            assert!(shape(bad).is_err(), "{bad}");
        }
    }
}
