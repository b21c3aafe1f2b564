//! The value that stands for missing ones.

use tolzip_core::{DType, Element, Error, Float, Result, Word};

/// A fill value as it was given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fill {
    /// A number.
    Value(f64),
    /// A bit pattern, zero-extended.
    Bits(u64),
}

impl Fill {
    /// The bits in the array's type. Floats round (1e20 is no f32); what rounds to an infinity, or to another integer, can't
    /// stand in the array.
    pub(crate) fn bits<T: Element>(self) -> Result<T::Bits> {
        let value = match self {
            Self::Bits(bits) => {
                let narrow = T::Bits::from_u64(bits);
                let refused = Error::FillValue { value: bits as f64, dtype: T::DTYPE };
                return if narrow.to_u64() == bits { Ok(narrow) } else { Err(refused) };
            }
            Self::Value(value) => value,
        };
        let fill = T::from_carrier(T::Carrier::from_f64(value));
        let fits = match T::DTYPE {
            dtype if dtype.is_float() => fill.is_finite() == value.is_finite(),
            // The largest integers of 64 bits are not f64: the next one, which is no such integer, would become them.
            DType::I64 => value < 9_223_372_036_854_775_808.0 && fill.to_f64() == value,
            DType::U64 => value < 18_446_744_073_709_551_616.0 && fill.to_f64() == value,
            _ => fill.to_f64() == value,
        };
        if fits { Ok(fill.to_bits()) } else { Err(Error::FillValue { value, dtype: T::DTYPE }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_stand_in_the_array_is_taken() {
        assert_eq!(Fill::Value(1e20).bits::<f32>(), Ok(1e20f32.to_bits()));
        assert!(Fill::Value(1e300).bits::<f32>().is_err());
        assert_eq!(Fill::Value(f64::NAN).bits::<f32>().map(|b| f32::from_bits(b).is_nan()), Ok(true));
        assert_eq!(Fill::Value(-32768.0).bits::<i16>(), Ok(0x8000));
        assert!(Fill::Value(0.5).bits::<i16>().is_err() && Fill::Value(40000.0).bits::<i16>().is_err());
        assert_eq!(Fill::Value(-9_223_372_036_854_775_808.0).bits::<i64>(), Ok(1 << 63));
        assert!(Fill::Value(9_223_372_036_854_775_808.0).bits::<i64>().is_err());
        assert!(Fill::Value(18_446_744_073_709_551_616.0).bits::<u64>().is_err());
        assert_eq!(Fill::Bits(i64::MAX as u64).bits::<i64>(), Ok(i64::MAX as u64));
        assert_eq!(Fill::Bits(0x8000).bits::<i16>(), Ok(0x8000));
        assert!(Fill::Bits(0x1_0000).bits::<i16>().is_err());
    }
}
