//! Owned arrays: of one type, or of a type known only at run time.

use crate::element::{DType, Element};
use crate::{Error, Result, Shape, View};
use alloc::vec::Vec;

/// An owned array of one type, slow to fast, without gaps.
///
/// ```
/// use tolzip_core::{Array, Error, Shape};
///
/// let array = Array::new(vec![1.5f32, 2.5, 3.5, 4.5], Shape::new(&[2, 2])?)?;
/// assert_eq!((array.values()[2], array.view().strides()), (3.5, &[2, 1][..]));
/// assert_eq!(Array::new(vec![1.5f32], array.shape()), Err(Error::ShapeMismatch { needed: 4, got: 1 }));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Array<T> {
    values: Vec<T>,
    shape: Shape,
}

impl<T: Element> Array<T> {
    /// An array from its values.
    ///
    /// # Errors
    /// [`Error::ShapeMismatch`] if there are more or fewer values than the shape needs.
    pub fn new(values: Vec<T>, shape: Shape) -> Result<Self> {
        if values.len() != shape.len() {
            return Err(Error::ShapeMismatch { needed: shape.len() as u64, got: values.len() as u64 });
        }
        Ok(Self { values, shape })
    }

    /// The shape.
    #[must_use]
    pub const fn shape(&self) -> Shape {
        self.shape
    }

    /// The values.
    #[must_use]
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// The values, to keep.
    #[must_use]
    pub fn into_values(self) -> Vec<T> {
        self.values
    }

    /// The array, borrowed.
    #[must_use]
    pub fn view(&self) -> View<'_, T> {
        View::contiguous(&self.values, self.shape)
    }
}

macro_rules! any {
    ($($variant:ident($t:ty)),*) => {
        /// An owned array of any element type.
        ///
        /// ```
        /// use tolzip_core::{AnyArray, Array, DType, Shape};
        ///
        /// let any: AnyArray = Array::new(vec![1i16, -2], Shape::line(2))?.into();
        /// assert_eq!((any.dtype(), any.shape(), any.byte_len()), (DType::I16, Shape::line(2), 4));
        /// assert!(matches!(any, AnyArray::I16(array) if array.values() == [1, -2]));
        /// # Ok::<(), tolzip_core::Error>(())
        /// ```
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum AnyArray {
            $(#[doc = concat!("Values of type `", stringify!($t), "`.")] $variant(Array<$t>)),*
        }

        impl AnyArray {
            /// The element type.
            #[must_use]
            pub const fn dtype(&self) -> DType {
                match self { $(Self::$variant(_) => DType::$variant),* }
            }
        }

        $(impl From<Array<$t>> for AnyArray {
            fn from(array: Array<$t>) -> Self {
                Self::$variant(array)
            }
        })*

        /// Runs an expression on the typed array inside an [`AnyArray`](crate::AnyArray):
        /// `with_any!(array, a => a.values().len())`.
        ///
        /// ```
        /// use tolzip_core::{AnyArray, Array, Element, Shape, with_any};
        ///
        /// let any: AnyArray = Array::new(vec![1u8, 2, 4], Shape::line(3))?.into();
        /// let sum: f64 = with_any!(&any, a => a.values().iter().map(|v| v.to_f64()).sum());
        /// assert_eq!(sum, 7.0);
        /// # Ok::<(), tolzip_core::Error>(())
        /// ```
        #[macro_export]
        macro_rules! with_any {
            ($any:expr, $a:ident => $body:expr) => {
                match $any {
                    $($crate::AnyArray::$variant($a) => $body,)*
                    // `AnyArray` grows only together with this macro.
                    #[allow(unreachable_patterns)]
                    _ => unreachable!(),
                }
            };
        }

        /// Runs an expression with `$t` standing for the type that a [`DType`](crate::DType) names:
        /// `with_dtype!(dtype, T => size_of::<T>())`.
        ///
        /// ```
        /// use tolzip_core::{DType, with_dtype};
        ///
        /// for dtype in DType::ALL {
        ///     assert_eq!(with_dtype!(dtype, T => size_of::<T>()), dtype.size());
        /// }
        /// ```
        #[macro_export]
        macro_rules! with_dtype {
            ($dtype:expr, $name:ident => $body:expr) => {
                match $dtype {
                    $($crate::DType::$variant => {
                        type $name = $crate::any::types::$variant;
                        $body
                    })*
                    // `DType` grows only together with this macro.
                    #[allow(unreachable_patterns)]
                    _ => unreachable!(),
                }
            };
        }

        #[doc(hidden)]
        pub mod types {
            $(pub type $variant = $t;)*
        }
    };
}
any!(
    F32(f32),
    F64(f64),
    F16(crate::half::F16),
    Bf16(crate::half::Bf16),
    I8(i8),
    I16(i16),
    I32(i32),
    I64(i64),
    U8(u8),
    U16(u16),
    U32(u32),
    U64(u64)
);

impl AnyArray {
    /// The shape.
    #[must_use]
    pub fn shape(&self) -> Shape {
        with_any!(self, a => a.shape())
    }

    /// Bytes of the values.
    #[must_use]
    pub fn byte_len(&self) -> u64 {
        self.shape().len() as u64 * self.dtype().size() as u64
    }

    /// The values in little-endian bytes.
    #[must_use]
    pub fn to_le_bytes(&self) -> Vec<u8> {
        use crate::Word;
        with_any!(self, a => {
            let size = a.values().first().map_or(0, |_| self.dtype().size());
            let mut out = Vec::with_capacity(a.values().len() * size);
            for v in a.values() {
                out.extend_from_slice(&v.to_bits().to_u64().to_le_bytes()[..size]);
            }
            out
        })
    }

    /// An array from little-endian bytes.
    ///
    /// ```
    /// use tolzip_core::{AnyArray, Array, DType, Shape};
    ///
    /// let bytes = [1, 0, 0xfe, 0xff];
    /// let any = AnyArray::from_le_bytes(DType::I16, Shape::line(2), &bytes)?;
    /// assert_eq!(any, AnyArray::I16(Array::new(vec![1, -2], Shape::line(2))?));
    /// assert_eq!(any.to_le_bytes(), bytes);
    /// assert!(AnyArray::from_le_bytes(DType::I32, Shape::line(2), &bytes).is_err());
    /// # Ok::<(), tolzip_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::ShapeMismatch`] (in values) if there are more or fewer bytes than the shape needs.
    pub fn from_le_bytes(dtype: DType, shape: Shape, bytes: &[u8]) -> Result<Self> {
        use crate::Word;
        let size = dtype.size();
        if shape.len().checked_mul(size) != Some(bytes.len()) {
            return Err(Error::ShapeMismatch {
                needed: shape.len() as u64,
                got: (bytes.len() / size) as u64,
            });
        }
        with_dtype!(dtype, T => {
            let values = bytes
                .chunks_exact(size)
                .map(|b| {
                    let mut word = [0; 8];
                    word[..size].copy_from_slice(b);
                    T::from_bits(<T as Element>::Bits::from_u64(u64::from_le_bytes(word)))
                })
                .collect();
            Ok(Array::<T>::new(values, shape)?.into())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_round_trip_for_every_type() {
        let bytes: Vec<u8> = (0..48).collect();
        for dtype in DType::ALL {
            let shape = Shape::new(&[2, 24 / dtype.size()]).unwrap();
            let array = AnyArray::from_le_bytes(dtype, shape, &bytes).unwrap();
            assert_eq!(array.dtype(), dtype);
            assert_eq!(array.to_le_bytes(), bytes);
            assert!(AnyArray::from_le_bytes(dtype, shape, &bytes[1..]).is_err());
        }
    }
}
