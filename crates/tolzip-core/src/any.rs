//! Owned arrays: of one type, or of a type known only at run time.

use crate::element::{DType, Element};
use crate::{Error, Result, Shape, View};
use alloc::vec::Vec;

/// An owned array of one type, slow to fast, without gaps.
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
