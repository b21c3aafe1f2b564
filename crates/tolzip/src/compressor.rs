//! Arrays to streams.

mod cut;
mod fill;
mod frame;
mod most;

use crate::input::Input;
use crate::method::Method;
use crate::parallel::Threads;
use alloc::vec::Vec;
use fill::Fill;
use frame::append;
use tolzip_core::{AnyArray, Bound, DType, Element, Result, Scope, Shape, Source, View, with_any};

/// Compresses an array, everything chosen automatically.
///
/// `shape` is slow to fast (as numpy prints it). The bytes are the same on every machine.
///
/// ```
/// let bytes = tolzip::compress(&[1.0f32; 6000], &[60, 100], tolzip::Bound::abs(0.01))?;
/// assert!(bytes.len() < 200);
/// assert!(tolzip::compress(&[1.0f32; 6000], &[60, 10], tolzip::Bound::abs(0.01)).is_err());
/// # Ok::<(), tolzip::Error>(())
/// ```
///
/// # Errors
/// When values and shape don't fit, or the bound's number is not one.
pub fn compress<T: Element>(values: &[T], shape: &[usize], bound: Bound) -> Result<Vec<u8>> {
    compress_with(Method::Auto, values, shape, bound)
}

/// Compresses an array with a given method.
///
/// ```
/// use tolzip::{Bound, Method};
///
/// let exact = tolzip::compress_with("lossless:level=3".parse()?, &[1u16, 2, 3], &[3], Bound::Lossless)?;
/// assert_eq!(tolzip::decompress::<u16>(&exact)?.values(), [1, 2, 3]);
/// assert!(tolzip::compress_with(Method::None, &[1.0f64], &[1], Bound::abs(0.1)).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`compress`], and when the method does not take this bound or type.
pub fn compress_with<T: Element>(
    method: Method,
    values: &[T],
    shape: &[usize],
    bound: Bound,
) -> Result<Vec<u8>> {
    Compressor::new(method, bound).compress(View::new(values, Shape::new(shape)?)?)
}

/// What to do with NaN and infinities.
///
/// ```
/// use tolzip::{Bound, Compressor, Error, Method, NonFinite, Shape, View};
///
/// let values = [0.5f32, f32::NAN, f32::INFINITY, 1.5];
/// let view = View::new(&values, Shape::line(4))?;
/// let compressor = Compressor::new(Method::Auto, Bound::abs(0.1));
/// let kept = tolzip::decompress::<f32>(&compressor.compress(view)?)?;
/// assert!(kept.values()[1].is_nan() && kept.values()[2] == f32::INFINITY);
/// let refused = compressor.clone().non_finite(NonFinite::Deny).compress(view);
/// assert_eq!(refused, Err(Error::NonFinite { count: 2, first: 1 }));
/// let masked = compressor.non_finite(NonFinite::Mask).compress(view)?;
/// assert!(tolzip::decompress::<f32>(&masked)?.values()[2].is_nan());
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum NonFinite {
    /// Keep them bit for bit.
    #[default]
    Preserve,
    /// Refuse an array that has any.
    Deny,
    /// Bring all of them back as one quiet NaN: smaller where their bits differ and nobody cares.
    Mask,
}

/// How to compress: method, bound and what goes with them. Immutable, cheap to clone, usable for many arrays.
///
/// ```
/// use tolzip::{AnyArray, Bound, Compressor, Method, Shape, View};
///
/// // Temperatures of a grid, with -999 where there is no station.
/// let field: Vec<f32> = (0..80 * 90).map(|i| if i % 97 == 0 { -999.0 } else { 20.0 + (i % 90) as f32 * 0.1 }).collect();
/// let view = View::new(&field, Shape::new(&[80, 90])?)?;
/// let compressor = Compressor::new(Method::Auto, Bound::rel(1e-3)).fill_value(-999.0).chunk(&[40, 45]).threads(2);
/// assert_eq!(compressor.method(), &Method::Auto);
/// assert_eq!(compressor.chunks(view.shape())?, 4);
/// let bytes = compressor.compress(view)?;
///
/// // The same, as a stream to anything that writes, and of a type known at run time only.
/// let mut written = Vec::new();
/// let summary = compressor.write(view, &mut written)?;
/// assert!(written == bytes && summary.compressed_bytes == bytes.len() as u64 && summary.max_error <= 8.9e-3);
/// let array: AnyArray = tolzip::decompress::<f32>(&bytes)?.into();
/// assert_eq!(compressor.compress_any(&array)?.is_empty(), false);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Compressor {
    method: Method,
    bound: Bound,
    scope: Scope,
    threads: Threads,
    chunk: Option<Vec<usize>>,
    non_finite: NonFinite,
    fill: Option<Fill>,
}

/// What a compression came to.
///
/// ```
/// use tolzip::{Bound, Compressor, Method, Shape, View};
///
/// let values: Vec<u32> = (0..1000).map(|i| i * i).collect();
/// let view = View::new(&values, Shape::new(&[10, 100])?)?;
/// let mut out = Vec::new();
/// let summary = Compressor::new(Method::Auto, Bound::Lossless).chunk(&[5, 100]).write(view, &mut out)?;
/// assert_eq!((summary.raw_bytes, summary.compressed_bytes), (4000, out.len() as u64));
/// assert_eq!((summary.chunks, summary.max_error), (2, 0.0));
/// assert_eq!(summary.codecs.iter().map(|(_, chunks)| chunks).sum::<usize>(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Summary {
    /// Bytes of the array's values.
    pub raw_bytes: u64,
    /// Bytes of the stream.
    pub compressed_bytes: u64,
    /// What is stored: of a sample, fewer rows than the array has.
    pub shape: Shape,
    /// Number of chunks.
    pub chunks: usize,
    /// Largest `|x - x'|` of the finite values.
    pub max_error: f64,
    /// What was reached, in the unit of the bound, by a bound of the array as a whole; of several scopes, the worst.
    pub reached: Option<f64>,
    /// The codecs that made the chunks, by name, and how many each made.
    pub codecs: Vec<(&'static str, usize)>,
}

impl Compressor {
    /// A compressor for the whole array, on all cores, that keeps NaN and infinities.
    #[must_use]
    pub const fn new(method: Method, bound: Bound) -> Self {
        Self {
            method,
            bound,
            scope: Scope::Whole,
            threads: Threads(0),
            chunk: None,
            non_finite: NonFinite::Preserve,
            fill: None,
        }
    }

    /// Lets range and bound hold for each column, row or index of an axis by itself.
    ///
    /// ```
    /// use tolzip::{Bound, Compressor, Method, Scope, Shape, View};
    ///
    /// // One column goes up to 0.1, the other to 10,000.
    /// let table: Vec<f64> = (0..2000).map(|i| f64::from(i / 2) * [1e-4, 10.0][i as usize % 2]).collect();
    /// let view = View::new(&table, Shape::new(&[1000, 2])?)?;
    /// let bytes = Compressor::new(Method::Auto, Bound::rel(0.01)).by(Scope::Column).compress(view)?;
    /// let back = tolzip::decompress::<f64>(&bytes)?;
    /// assert!(table.iter().zip(back.values()).step_by(2).all(|(x, y)| (x - y).abs() <= 1e-3));
    /// # Ok::<(), tolzip::Error>(())
    /// ```
    #[must_use]
    pub const fn by(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Works on this many threads, at most 256; 0 means as many as there are cores. The bytes do not depend on it.
    #[must_use]
    pub const fn threads(mut self, threads: usize) -> Self {
        self.threads = Threads(threads);
        self
    }

    /// Cuts the array into chunks of this shape, instead of the default: the whole array up to 2^23 values and boxes of about 2^24
    /// of larger ones; with [`Method::Transform`] boxes of at most 2^18 values (2^20 by context). Smaller chunks make region reads
    /// and parallel work finer, and the stream larger. Sides larger than the array's are cut to it; along the axis of [`by`](Self::by) they are 1.
    #[must_use]
    pub fn chunk(mut self, sides: &[usize]) -> Self {
        self.chunk = Some(sides.to_vec());
        self
    }

    /// Says what to do with NaN and infinities.
    #[must_use]
    pub const fn non_finite(mut self, policy: NonFinite) -> Self {
        self.non_finite = policy;
        self
    }

    /// Keeps this value exactly wherever it stands, and leaves it out of the range. It is rounded to the array's type and
    /// compared bit for bit (0 is not -0).
    #[must_use]
    pub const fn fill_value(mut self, value: f64) -> Self {
        self.fill = Some(Fill::Value(value));
        self
    }

    /// As [`fill_value`](Self::fill_value), by the value's bits, zero-extended: for integers of 64 bits that are no f64, and for one
    /// NaN among others.
    ///
    /// ```
    /// use tolzip::{Bound, Compressor, Limits, Method, Shape, Stream, View};
    ///
    /// let times = [1_700_000_000_000_000_001, i64::MAX, 1_700_000_000_000_000_009];
    /// let compressor = Compressor::new(Method::Auto, Bound::abs(2.0)).fill_bits(i64::MAX as u64);
    /// let stream = compressor.compress(View::new(&times, Shape::line(3))?)?;
    /// let back = Stream::open(&stream, Limits::default())?.decode::<i64>(1)?;
    /// assert_eq!(back.values()[1], i64::MAX);
    /// # Ok::<(), tolzip::Error>(())
    /// ```
    #[must_use]
    pub const fn fill_bits(mut self, bits: u64) -> Self {
        self.fill = Some(Fill::Bits(bits));
        self
    }

    /// The method.
    #[must_use]
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// Compresses an array into a new vector.
    ///
    /// # Errors
    /// When method, bound, scope or chunk don't fit each other or the array, or memory runs out.
    pub fn compress<T: Element>(&self, view: View<'_, T>) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        self.run(Input::Memory(view), |bytes| append(&mut out, bytes))?;
        Ok(out)
    }

    /// Compresses an array that is read box by box as the work goes on: a chunk for each thread at a time. The bytes are those
    /// that the same array in memory would give. Everything is read once, or a second time by a bound that is relative to the
    /// range of more than a chunk, or many times by one of the array as a whole (PSNR, root mean square error, ratio).
    ///
    /// ```
    /// use tolzip::{Bound, Compressor, Method, Shape, Source};
    ///
    /// /// A million samples of a wave that are nowhere all at once.
    /// struct Wave;
    ///
    /// impl Source<f32> for Wave {
    ///     fn shape(&self) -> Shape {
    ///         Shape::line(1_000_000)
    ///     }
    ///     fn read(&self, start: &[usize], size: Shape, out: &mut Vec<f32>) -> tolzip::Result<()> {
    ///         out.extend((start[0]..start[0] + size.len()).map(|i| (i as f32 * 1e-3).sin()));
    ///         Ok(())
    ///     }
    /// }
    ///
    /// let compressor = Compressor::new(Method::Fast, Bound::abs(1e-3)).chunk(&[100_000]);
    /// let bytes = compressor.compress_from(&Wave)?;
    /// let back = tolzip::decompress::<f32>(&bytes)?;
    /// assert!(back.values().iter().enumerate().all(|(i, y)| ((i as f32 * 1e-3).sin() - y).abs() <= 1e-3));
    /// # Ok::<(), tolzip::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`compress`](Self::compress), and what the source says.
    pub fn compress_from<T: Element>(&self, source: &dyn Source<T>) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        self.run(Input::Source(source), |bytes| append(&mut out, bytes))?;
        Ok(out)
    }

    /// Compresses an array whose type is known only at run time.
    ///
    /// # Errors
    /// As [`compress`](Self::compress).
    pub fn compress_any(&self, array: &AnyArray) -> Result<Vec<u8>> {
        with_any!(array, a => self.compress(a.view()))
    }

    /// The number of chunks that an array of this shape is cut into, and so of the pieces that [`write`](Self::write)
    /// hands on between header and footer; a sample of rows has fewer.
    ///
    /// # Errors
    /// When chunk or scope don't fit the shape.
    pub fn chunks(&self, shape: Shape) -> Result<usize> {
        Ok(self.grid(shape, self.scope.axis(shape)?)?.len())
    }

    /// The most bytes that an array of this shape and type can be compressed to, whatever its values are: those of the values,
    /// 10 for each chunk, some 100 to 500 around them, and for a stratified sample about one for each row. Who brings a buffer of this size has room for every stream.
    ///
    /// ```
    /// use tolzip::{Bound, Compressor, DType, Method, Shape, View};
    ///
    /// let compressor = Compressor::new(Method::Auto, Bound::rel(1e-3));
    /// let most = compressor.max_compressed_bytes(Shape::new(&[60, 100])?, DType::F32)?;
    /// assert!(most > 24_000 && most < 24_300);
    /// # Ok::<(), tolzip::Error>(())
    /// ```
    ///
    /// # Errors
    /// When chunk or scope don't fit the shape.
    pub fn max_compressed_bytes(&self, shape: Shape, dtype: DType) -> Result<u64> {
        self.most(shape, dtype)
    }

    /// Compresses an array and writes the stream chunk by chunk, front to back: only the chunks being worked on are
    /// in memory.
    ///
    /// # Errors
    /// As [`compress`](Self::compress) (as the source of an [`std::io::Error`]), and whatever the writer says.
    #[cfg(feature = "std")]
    pub fn write<T: Element>(
        &self,
        view: View<'_, T>,
        mut out: impl std::io::Write,
    ) -> std::io::Result<Summary> {
        self.run(Input::Memory(view), |bytes| out.write_all(bytes))
    }

    /// Compresses an array that is larger than memory: reads it box by box as [`compress_from`](Self::compress_from) does,
    /// and writes the stream chunk by chunk. A bound of the array as a whole (PSNR, root mean square error, ratio) keeps the
    /// stream in memory until it is reached.
    ///
    /// ```
    /// use tolzip::{Bound, Compressor, Method, Shape, View};
    ///
    /// // A view is a source too; `ArrayFile` of `tolzip-io` is one that stays in its file.
    /// let values: Vec<f64> = (0..10_000).map(|i| f64::from(i).sqrt()).collect();
    /// let view = View::new(&values, Shape::new(&[100, 100])?)?;
    /// let compressor = Compressor::new(Method::Auto, Bound::rel(1e-4)).chunk(&[50, 50]);
    /// let mut written = Vec::new();
    /// let summary = compressor.write_from(&view, &mut written)?;
    /// assert_eq!((summary.chunks, &written), (4, &compressor.compress(view)?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`write`](Self::write), and what the source says.
    #[cfg(feature = "std")]
    pub fn write_from<T: Element>(
        &self,
        source: &dyn Source<T>,
        mut out: impl std::io::Write,
    ) -> std::io::Result<Summary> {
        self.run(Input::Source(source), |bytes| out.write_all(bytes))
    }
}
