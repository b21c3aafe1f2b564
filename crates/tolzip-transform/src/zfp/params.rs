//! What limits a block's bits: zfp's modes and the four numbers that they all come down to.

use tolzip_core::{DType, Error, Result};

pub(crate) const METHOD: &str = "zfp";

/// The least exponent of a bit plane that lossy modes code: that of the least f64.
const MIN_EXP: i32 = -1074;
/// The most bits that any block can take.
const MAX_BITS: u32 = 16658;
/// The most bit planes.
const MAX_PREC: u32 = 64;
/// The largest mode word that fits in the header's short field.
const SHORT_MODE_MAX: u64 = 4094;

/// zfp's compression modes.
///
/// ```
/// use tolzip_core::DType;
/// use tolzip_transform::zfp::Mode;
///
/// // The largest power of two that is not above the tolerance.
/// assert_eq!(Mode::Accuracy(1e-3).params(DType::F32, 3)?.min_exp(), -10);
/// // 8 bits for each of a block's 4 x 4 x 4 values.
/// let rate = Mode::Rate(8.0).params(DType::F32, 3)?;
/// assert_eq!((rate.min_bits(), rate.max_bits()), (512, 512));
/// assert!(Mode::Precision(65).params(DType::F32, 3).is_err());
/// assert!(Mode::Reversible.params(DType::U8, 3).is_err());
/// # Ok::<(), tolzip_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Mode {
    /// Fixed accuracy: absolute errors up to this tolerance (rounded down to a power of two; 0 keeps as much as the
    /// lossy transform can).
    Accuracy(f64),
    /// Fixed rate: this many bits a value, rounded to whole bits a block.
    Rate(f64),
    /// Fixed precision: this many bit planes of every block, 1 to 64.
    Precision(u32),
    /// Every value bit for bit.
    Reversible,
    /// The numbers themselves.
    Expert(Params),
}

/// The four numbers that define how much of every block is coded.
///
/// ```
/// use tolzip_core::{Shape, View};
/// use tolzip_transform::zfp::{Header, Mode, Params, Parts, encode};
///
/// let field: Vec<f32> = (0..256).map(|i| (i as f32 * 0.1).sin()).collect();
/// let view = View::new(&field, Shape::new(&[16, 16])?)?;
/// // Planes down to 2^-20, as far as 100 bits for a block of 4 x 4 values reach.
/// let params = Params::new(1, 100, 64, -20)?;
/// let stream = encode(view, Mode::Expert(params), Parts::FULL)?;
/// assert_eq!(Header::read(&stream)?.params(), params);
/// assert!(!params.is_reversible() && Params::new(100, 1, 64, -20).is_err());
/// # Ok::<(), tolzip_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Params {
    min_bits: u32,
    max_bits: u32,
    max_prec: u32,
    min_exp: i32,
}

impl Params {
    pub(crate) const ALL: Self =
        Self { min_bits: 1, max_bits: MAX_BITS, max_prec: MAX_PREC, min_exp: MIN_EXP };

    /// At least `min_bits` and at most `max_bits` a block, at most `max_prec` bit planes, none below the exponent
    /// `min_exp`; a `min_exp` below -1074 asks for the reversible transform.
    ///
    /// # Errors
    /// [`Error::BadSetting`] unless `1 <= min_bits <= max_bits <= 32768`, `1 <= max_prec <= 64`,
    /// `-16495 <= min_exp <= 16272`: what the header can hold.
    pub fn new(min_bits: u32, max_bits: u32, max_prec: u32, min_exp: i32) -> Result<Self> {
        let bad = |knob, needs| Err(Error::BadSetting { method: METHOD, knob, needs });
        if !(1 <= min_bits && min_bits <= max_bits && max_bits <= 1 << 15) {
            return bad("bits", "1 <= min_bits <= max_bits <= 32768");
        }
        if !(1..=MAX_PREC).contains(&max_prec) {
            return bad("precision", "1 to 64 bit planes");
        }
        if !(-16495..=16272).contains(&min_exp) {
            return bad("min_exp", "an exponent from -16495 to 16272");
        }
        Ok(Self { min_bits, max_bits, max_prec, min_exp })
    }

    /// The least number of bits a block.
    #[must_use]
    pub const fn min_bits(&self) -> u32 {
        self.min_bits
    }

    /// The largest number of bits a block.
    #[must_use]
    pub const fn max_bits(&self) -> u32 {
        self.max_bits
    }

    /// The largest number of bit planes.
    #[must_use]
    pub const fn max_prec(&self) -> u32 {
        self.max_prec
    }

    /// The exponent of the least bit plane.
    #[must_use]
    pub const fn min_exp(&self) -> i32 {
        self.min_exp
    }

    /// Whether values come back bit for bit.
    #[must_use]
    pub const fn is_reversible(&self) -> bool {
        self.min_exp < MIN_EXP
    }

    /// The mode word of zfp's header, and its number of bits: 12, or 64 if one of zfp's simple modes can't say it.
    pub(crate) fn mode_word(&self) -> (u64, u32) {
        let Self { min_bits, max_bits, max_prec, min_exp } = *self;
        let unlimited = min_bits <= 1 && max_bits >= MAX_BITS;
        if *self != Self::ALL {
            if min_bits == max_bits && max_bits <= 2048 && max_prec == MAX_PREC && min_exp == MIN_EXP {
                return (u64::from(max_bits - 1), 12);
            }
            if unlimited && min_exp == MIN_EXP {
                return (u64::from(2048 + max_prec - 1), 12);
            }
            if unlimited && max_prec == MAX_PREC && min_exp < MIN_EXP {
                return (2176, 12);
            }
            if unlimited && max_prec == MAX_PREC && min_exp <= 843 {
                return (2177 + (min_exp - MIN_EXP) as u64, 12);
            }
        }
        let fields =
            [((min_exp + 16495) as u64, 15), (u64::from(max_prec - 1), 7), (u64::from(max_bits - 1), 15)];
        let word = fields.iter().fold(0, |word, (x, bits)| word << bits | x) << 15 | u64::from(min_bits - 1);
        (word << 12 | 0xfff, 64)
    }

    /// The inverse of [`mode_word`](Self::mode_word): whether the 12 low bits announce a long word, and the numbers.
    pub(crate) const fn is_long(word: u64) -> bool {
        word & 0xfff > SHORT_MODE_MAX
    }

    pub(crate) fn from_mode_word(word: u64) -> Result<Self> {
        if Self::is_long(word) {
            let field = |shift: u32, bits: u32| (word >> shift & ((1 << bits) - 1)) as u32;
            let max_prec = field(42, 7) + 1;
            return Self::new(field(12, 15) + 1, field(27, 15) + 1, max_prec, field(49, 15) as i32 - 16495)
                .map_err(|_| Error::corrupt("parameters that no zfp stream has"));
        }
        let word = word as u32;
        Ok(match word {
            0..2048 => Self { min_bits: word + 1, max_bits: word + 1, ..Self::ALL },
            2048..2112 => Self { max_prec: word - 2048 + 1, ..Self::ALL },
            2112..2176 => return Err(Error::corrupt("a precision above 64 bits")),
            2176 => Self { min_exp: MIN_EXP - 1, ..Self::ALL },
            _ => Self { min_exp: word as i32 - 2177 + MIN_EXP, ..Self::ALL },
        })
    }
}

impl Mode {
    /// The numbers that a mode stands for, for arrays of this type and number of dimensions.
    ///
    /// # Errors
    /// [`Error::TypeUnsupported`] for anything but f32, f64, i32 and i64; [`Error::BadSetting`] for a tolerance that is
    /// negative or not finite, a rate that is not above 0 or is not 1 to 32768 bits a block, a precision outside 1 to 64,
    /// or expert parameters whose largest number of bits can't hold a block's exponent.
    pub fn params(self, dtype: DType, ndim: usize) -> Result<Params> {
        let bad = |knob, needs| Err(Error::BadSetting { method: METHOD, knob, needs });
        let exponent_bits = exponent_bits(dtype)?;
        if !(1..=4).contains(&ndim) {
            return bad("shape", "1 to 4 dimensions");
        }
        let params = match self {
            Self::Accuracy(tolerance) => {
                if !(tolerance >= 0.0 && tolerance.is_finite()) {
                    return bad("tolerance", "a finite number that is not negative");
                }
                let min_exp = if tolerance > 0.0 { floor_log2(tolerance) } else { MIN_EXP };
                Params { min_exp, ..Params::ALL }
            }
            Self::Rate(rate) => {
                let values = (1u32 << (2 * ndim)) as f64;
                let bits = values * rate + 0.5;
                // Truncation is rounding down; a block must at least have room for its exponent.
                let least = if exponent_bits > 0 { 1 + exponent_bits } else { 0 };
                let whole = (bits.min(1e9) as u32).max(least);
                if !(rate > 0.0 && (1..=1 << 15).contains(&whole)) {
                    return bad("rate", "bits a value above 0, at least 1 and at most 32768 bits a block");
                }
                let bits = whole;
                Params { min_bits: bits, max_bits: bits, ..Params::ALL }
            }
            Self::Precision(planes) => {
                if !(1..=MAX_PREC).contains(&planes) {
                    return bad("precision", "1 to 64 bit planes");
                }
                Params { max_prec: planes, ..Params::ALL }
            }
            Self::Reversible => Params { min_exp: MIN_EXP - 1, ..Params::ALL },
            Self::Expert(params) => params,
        };
        params.check(dtype)?;
        Ok(params)
    }
}

/// Bits of the exponent of a type's blocks: 0 for integers.
fn exponent_bits(dtype: DType) -> Result<u32> {
    Ok(match dtype {
        DType::F32 => 8,
        DType::F64 => 11,
        DType::I32 | DType::I64 => 0,
        _ => return Err(Error::TypeUnsupported { method: METHOD, dtype }),
    })
}

impl Params {
    /// The same with a tolerance `2^doublings` times as large.
    pub(crate) const fn coarser(self, doublings: i32) -> Self {
        Self { min_exp: self.min_exp + doublings, ..self }
    }

    /// libzfp subtracts what a block's own head takes from the limit without looking.
    pub(crate) fn check(&self, dtype: DType) -> Result<()> {
        let exponent_bits = exponent_bits(dtype)?;
        // The reversible head holds the number of planes in 5 or 6 bits.
        let precision_bits = if dtype.size() == 8 { 6 } else { 5 };
        let head = match (exponent_bits, self.is_reversible()) {
            (0, true) => precision_bits,
            (0, false) => 0,
            (bits, true) => 2 + bits + precision_bits,
            (bits, false) => 1 + bits,
        };
        if self.max_bits < head {
            return Err(Error::BadSetting {
                method: METHOD,
                knob: "max_bits",
                needs: "room for a block's exponent",
            });
        }
        Ok(())
    }
}

/// The exponent of the highest bit of a finite number above 0.
fn floor_log2(x: f64) -> i32 {
    let bits = x.to_bits();
    match (bits >> 52) as i32 {
        0 => -1011 - bits.leading_zeros() as i32,
        field => field - 1023,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_exact_down_to_the_least_number() {
        assert_eq!(floor_log2(1.0), 0);
        assert_eq!(floor_log2(0.999), -1);
        assert_eq!(floor_log2(f64::MAX), 1023);
        assert_eq!(floor_log2(f64::MIN_POSITIVE), -1022);
        assert_eq!(floor_log2(f64::MIN_POSITIVE / 2.0), -1023);
        assert_eq!(floor_log2(f64::from_bits(1)), -1074);
        assert_eq!(floor_log2(f64::from_bits(3)), -1073);
    }

    #[test]
    fn mode_words_are_libzfps() {
        // As zfpy writes them into the headers of 3-D f32 arrays.
        let word = |mode: Mode| mode.params(DType::F32, 3).unwrap().mode_word();
        let long = |min_bits: u64, max_bits: u64, max_prec: u64, min_exp: u64| {
            (0xfff | min_bits << 12 | max_bits << 27 | max_prec << 42 | min_exp << 49, 64)
        };
        assert_eq!(word(Mode::Accuracy(1e-3)), (3241, 12));
        assert_eq!(word(Mode::Accuracy(f64::from_bits(1))), long(0, 16657, 63, 15421));
        assert_eq!(word(Mode::Accuracy(0.0)), long(0, 16657, 63, 15421));
        assert_eq!(word(Mode::Accuracy(1e300)), long(0, 16657, 63, 17491));
        assert_eq!(word(Mode::Precision(20)), (2067, 12));
        assert_eq!(word(Mode::Precision(64)), long(0, 16657, 63, 15421));
        assert_eq!(word(Mode::Rate(8.0)), (511, 12));
        assert_eq!(word(Mode::Rate(64.0)), long(4095, 4095, 63, 15421));
        assert_eq!(word(Mode::Reversible), (2176, 12));
    }

    #[test]
    fn mode_words_come_back() {
        let expert = Params::new(100, 2000, 17, -3000).unwrap();
        let modes = [
            Mode::Accuracy(0.0),
            Mode::Accuracy(1e-300),
            Mode::Accuracy(1e9),
            Mode::Rate(0.01),
            Mode::Rate(13.3),
            Mode::Rate(512.0),
            Mode::Precision(1),
            Mode::Precision(63),
            Mode::Precision(64),
            Mode::Reversible,
            Mode::Expert(expert),
        ];
        for mode in modes {
            for dtype in [DType::F32, DType::F64] {
                let params = mode.params(dtype, 2).unwrap();
                assert_eq!(Params::from_mode_word(params.mode_word().0), Ok(params));
            }
        }
        for word in 0..4096u64 {
            // Two short words say "everything", which libzfp writes as a long one.
            if !Params::is_long(word)
                && let Ok(params) = Params::from_mode_word(word)
                && params != Params::ALL
            {
                assert_eq!(params.mode_word(), (word, 12), "{params:?}");
            }
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for mode in [
            Mode::Accuracy(-1.0),
            Mode::Accuracy(f64::NAN),
            Mode::Accuracy(f64::INFINITY),
            Mode::Rate(0.0),
            Mode::Rate(f64::NAN),
            Mode::Rate(1e9),
            Mode::Precision(0),
            Mode::Precision(65),
            Mode::Expert(Params::new(1, 11, 64, 0).unwrap()),
        ] {
            assert!(mode.params(DType::F64, 3).is_err(), "{mode:?}");
        }
        assert!(Params::new(2, 1, 64, 0).is_err());
        assert!(Params::new(1, 1, 0, 0).is_err());
        assert!(Params::new(1, 1, 1, 20000).is_err());
        // Less than one bit a block; floats have at least room for the exponent.
        assert!(Mode::Rate(0.1).params(DType::I32, 1).is_err());
        assert!(Mode::Rate(0.1).params(DType::F32, 1).is_ok());
        assert!(Mode::Expert(Params::new(1, 4, 64, -1075).unwrap()).params(DType::I32, 1).is_err());
        assert!(Mode::Reversible.params(DType::U32, 3).is_err());
        assert!(Mode::Reversible.params(DType::F32, 5).is_err());
    }
}
