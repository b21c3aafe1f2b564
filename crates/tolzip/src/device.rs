//! For devices whose flash is small: one method, one kind of bound, and no other codec in the program.
//!
//! A [`Compressor`](crate::Compressor) is told its method as it runs, so that all of them are in every program that has one. What is
//! here has one codec, and writes the same streams: a logger for a Cortex-M4 takes 189 KB of flash with it (`size` of
//! `examples/firmware`).

use crate::codec::id;
use crate::road::chunk::{Chunk, Coded, carriers, checked, constant, exact, hopeless, in_carrier};
use crate::road::scan::scan;
use alloc::borrow::Cow;
use alloc::vec::Vec;
use tolzip_core::frame::{Grid, Header, MINOR, Writer};
use tolzip_core::{Bound, Codec, Element, Result, Shape, Target, View};
use tolzip_fast::Fast;
use tolzip_lossless::{Lossless, Settings};
use tolzip_simd::crc32c::crc32c;
use tolzip_simd::memory::room;

/// Compresses an array with the method `fast` so that no finite value is off by more than `error`; NaN and infinities are kept.
///
/// The stream is that of `Compressor::new(Method::Fast, Bound::Abs(error))` with one chunk for the whole array, byte for byte; any
/// tolzip reads it.
///
/// ```
/// use tolzip::{Shape, View, device};
///
/// let readings: Vec<f32> = (0..1000).map(|i| 20.0 + (i as f32 * 0.01).sin()).collect();
/// let stream = device::compress(View::new(&readings, Shape::line(1000))?, 0.01)?;
/// assert!(stream.len() < 600);
/// let back = tolzip::decompress::<f32>(&stream)?;
/// assert!(readings.iter().zip(back.values()).all(|(x, y)| (x - y).abs() <= 0.01));
/// # Ok::<(), tolzip::Error>(())
/// ```
///
/// # Errors
/// [`Error::BadBound`](crate::Error::BadBound) unless `error` is finite and not negative;
/// [`Error::OutOfMemory`](crate::Error::OutOfMemory) where memory for as much as the values can't be had. A heap too small for what
/// is coded, less than that, ends as any allocation in Rust that fails: in the program's handler of that.
pub fn compress<T: Element>(view: View<'_, T>, error: f64) -> Result<Vec<u8>> {
    let bound = Bound::Abs(error);
    bound.validate()?;
    let shape = view.shape();
    let whole: Vec<usize> = shape.sides().iter().map(|&side| side.max(1)).collect();
    let header = Header {
        minor: MINOR,
        dtype: T::DTYPE,
        grid: Grid::new(shape, &whole)?,
        method: "fast".into(),
        bound,
        axis: None,
        fill_value: None,
        source_rows: None,
        reached: None,
        masked: false,
        row_index: Vec::new(),
    };
    let mut writer = Writer::new(&header);
    let mut out = Vec::new();
    if !shape.is_empty() {
        let chunk = chunk(&values(view)?, shape, error)?;
        out = writer.chunk(&chunk.bytes, crc32c(&chunk.bytes), chunk.max_error)?;
        out.extend_from_slice(&chunk.bytes);
    }
    out.extend_from_slice(&writer.finish().0);
    Ok(out)
}

/// The values without gaps, in slow-to-fast order.
fn values<T: Element>(view: View<'_, T>) -> Result<Cow<'_, [T]>> {
    view.as_slice().map_or_else(
        || {
            let mut values = room(view.shape().len())?;
            view.gather(&[0; tolzip_core::MAX_DIMS][..view.shape().ndim()], view.shape(), &mut values);
            Ok(Cow::Owned(values))
        },
        |values| Ok(Cow::Borrowed(values)),
    )
}

/// What the road makes of a chunk for this method and bound (`Plan::encode`), without the turns to others.
fn chunk<T: Element>(values: &[T], shape: Shape, error: f64) -> Result<Chunk> {
    let bit_exact = |level| exact(values, shape, id::LOSSLESS, &Lossless::new(level));
    let target = Target::Abs(error);
    let here = scan(values, None);
    let coded = match constant(values, target, here, None) {
        Some(chunk) => chunk,
        None if hopeless::<T>(target) => return bit_exact(Settings::default()),
        None => {
            let (specials, carriers) = carriers(values, here, None);
            let mut payload = Vec::new();
            let encoded = Fast.encode(&carriers, shape, in_carrier::<T>(target), &mut payload)?;
            let coded = Coded { number: id::FAST, encoded, payload };
            checked(values, shape, target, specials.as_deref(), None, &Fast, coded)?
        }
    };
    if coded.bytes.len() > size_of_val(values) / 2 && !coded.exact {
        let exact = bit_exact(Settings::new(1).unwrap_or_default())?;
        if exact.bytes.len() <= coded.bytes.len() {
            return Ok(exact);
        }
    }
    Ok(coded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Compressor, Method};
    use proptest::prelude::*;
    use tolzip_core::{Error, Float};

    fn same<T: Element>(values: &[T], sides: &[usize], error: f64) {
        let view = View::new(values, Shape::new(sides).unwrap()).unwrap();
        let whole = Compressor::new(Method::Fast, Bound::Abs(error)).compress(view);
        assert_eq!(compress(view, error), whole, "{sides:?}, {error:e}");
    }

    proptest! {
        #[test]
        fn streams_are_those_of_the_compressor(
            bits in proptest::collection::vec(any::<u64>(), 0..300),
            near in any::<bool>(),
            exponent in -60i32..60,
        ) {
            let error = 2f64.powi(exponent);
            let floats = bits.iter().map(|&b| if near { (b % 5000) as f64 * 1e-3 } else { f64::from_bits(b) });
            let floats: Vec<f64> = floats.collect();
            let narrow: Vec<f32> = floats.iter().map(|&v| v as f32).collect();
            let integers: Vec<i16> = bits.iter().map(|&b| if near { (b % 90) as i16 } else { b as i16 }).collect();
            let sides = if bits.len().is_multiple_of(2) { [2, bits.len() / 2] } else { [bits.len(), 1] };
            same(&floats, &sides, error);
            same(&narrow, &sides, error);
            same(&integers, &sides, error);
        }
    }

    #[test]
    fn so_are_those_of_strange_arrays() {
        for error in [0.0, 1e-3, 1e300] {
            same::<f32>(&[], &[3, 0, 4], error);
            same(&[1.5f64], &[], error);
            same(&[f32::NAN; 5], &[5], error);
            same(&[0.5, f32::NAN, 0.75, f32::INFINITY, -0.0, 7.0, 9.0], &[7], error);
            let noise: Vec<f32> =
                (0..5000u32).map(|i| f32::from_bits(i.wrapping_mul(2_654_435_761) >> 2)).collect();
            same(&noise, &[50, 100], error);
        }
        let wave: Vec<f32> = (0..600).map(|i| Float::from_f64(f64::from(i % 37))).collect();
        let gaps = View::strided(&wave, Shape::new(&[20, 10]).unwrap(), &[30, 1]).unwrap();
        let whole = Compressor::new(Method::Fast, Bound::Abs(0.1)).compress(gaps);
        assert_eq!(compress(gaps, 0.1), whole);
        assert!(matches!(compress(gaps, -1.0), Err(Error::BadBound { .. })));
    }
}
