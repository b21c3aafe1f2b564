//! Arrays of every awkward kind, the same on every machine: integers and + - * / only.

use tolzip::{AnyArray, DType, Shape};

/// A small generator of well-mixed bits (splitmix64).
#[derive(Clone, Debug)]
pub struct Bits(pub u64);

impl Bits {
    /// The next 64 bits.
    pub const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// What the values look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A polynomial of the position.
    Smooth,
    /// A polynomial with a little noise.
    Noisy,
    /// White noise in [-1, 1).
    Noise,
    /// One value.
    Constant,
    /// Mostly zero.
    Sparse,
    /// Smooth with NaN (of two kinds), both infinities and both zeros sprinkled in.
    Holes,
    /// Smooth with a few values of 1e300 (or the type's largest).
    Spikes,
    /// Denormals and zeros of both signs.
    Denormal,
    /// Any bit pattern at all.
    AnyBits,
    /// Magnitudes over the whole range of exponents.
    Scales,
    /// Magnitudes that grow smoothly from e^-600 to e^600, of either sign; of narrower types, over what they have.
    Growth,
    /// Steps of a quantizing instrument.
    Steps,
    /// All exponents that the type has, denormals included.
    Exponents,
    /// A large value and a few units in its last place; of 64-bit integers, less apart than f64 are there.
    Ulps,
    /// Smooth, with long runs of NaN and of the fill values 1e20 and 9.97e36.
    Runs,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Smooth,
        Self::Noisy,
        Self::Noise,
        Self::Constant,
        Self::Sparse,
        Self::Holes,
        Self::Spikes,
        Self::Denormal,
        Self::AnyBits,
        Self::Scales,
        Self::Growth,
        Self::Steps,
        Self::Exponents,
        Self::Ulps,
        Self::Runs,
    ];
}

/// An array of this type, shape and kind; other seeds give other values.
#[must_use]
pub fn array(dtype: DType, sides: &[usize], kind: Kind, seed: u64) -> AnyArray {
    let shape = Shape::new(sides).expect("a shape of the tests");
    let mut rng = Bits(seed);
    let mut bytes = Vec::with_capacity(shape.len() * dtype.size());
    for i in 0..shape.len() {
        let bits = bits_of(dtype, kind, position(shape, i), &mut rng);
        bytes.extend_from_slice(&bits.to_le_bytes()[..dtype.size()]);
    }
    AnyArray::from_le_bytes(dtype, shape, &bytes).expect("as many bytes as the shape needs")
}

/// The index of value `i` along each axis, scaled to [0, 1).
fn position(shape: Shape, i: usize) -> f64 {
    let strides = shape.strides();
    let mut sum = 0.0;
    for (d, &side) in shape.sides().iter().enumerate() {
        let x = (i / strides[d] % side) as f64 / side as f64;
        sum += x * (1.0 - x) * (d as f64 + 1.0) + 0.3 * x;
    }
    sum
}

fn bits_of(dtype: DType, kind: Kind, smooth: f64, rng: &mut Bits) -> u64 {
    let noise = rng.unit() * 2.0 - 1.0;
    let rare = rng.bits();
    let value = match kind {
        Kind::AnyBits => return rng.bits(),
        Kind::Smooth => smooth,
        Kind::Noisy => smooth + noise * 1e-3,
        Kind::Noise => noise,
        Kind::Constant => 0.1,
        Kind::Sparse => {
            if rare.is_multiple_of(29) {
                noise
            } else {
                0.0
            }
        }
        Kind::Holes => match rare % 11 {
            0 => f64::NAN,
            1 => -f64::NAN,
            2 => f64::INFINITY,
            3 => f64::NEG_INFINITY,
            4 => -0.0,
            5 => 0.0,
            _ => smooth,
        },
        Kind::Spikes => {
            if rare.is_multiple_of(31) {
                noise * 1e300
            } else {
                smooth
            }
        }
        Kind::Denormal => match rare % 4 {
            0 => 0.0,
            1 => -0.0,
            _ if dtype == DType::F64 => return (rng.bits() >> 20) | (rare & 1 << 63),
            _ if dtype == DType::F32 => return (rng.bits() >> 45) | (rare & 1 << 31),
            _ => noise * 3e-8,
        },
        Kind::Scales => noise * f64::from_bits((1023 - 60 + rare % 120) << 52),
        Kind::Growth => {
            let half = match dtype {
                DType::F64 => 866.0,
                DType::F16 => 15.0,
                _ => 126.0,
            };
            // 2^p without a library's function: the exponent's bits, and a line between powers of two.
            let p = (smooth - smooth as i64 as f64) * 2.0 * half - half;
            let whole = (p + 1e4) as i64 - 10_000;
            let power = f64::from_bits(((1023 + whole) as u64) << 52) * (1.0 + (p - whole as f64));
            if rare.is_multiple_of(5) { -power } else { power }
        }
        Kind::Exponents => return any_exponent(dtype, rng.bits()),
        Kind::Ulps if matches!(dtype, DType::I64 | DType::U64) => {
            return (1 << 62) + 511 + (smooth * 900.0) as u64 + rare % 100;
        }
        Kind::Ulps => 1e15 + (rare % 9) as f64 * 0.125,
        Kind::Runs => match (smooth * 40.0) as i64 % 8 {
            0 => f64::NAN,
            3 => 1e20,
            5 => f64::from(9.97e36f32),
            _ => smooth,
        },
        Kind::Steps => (smooth * 50.0) as i64 as f64 * 0.02,
    };
    encode(dtype, value)
}

/// A finite value with any sign, exponent and mantissa, zeros and denormals among them; of integers, any length.
fn any_exponent(dtype: DType, bits: u64) -> u64 {
    let (exponent, mantissa) = match dtype {
        DType::F64 => (11, 52),
        DType::F32 => (8, 23),
        DType::F16 => (5, 10),
        DType::Bf16 => (8, 7),
        _ => return bits >> (bits % 64),
    };
    let top = (1u64 << exponent) - 1;
    let power = (bits >> 53) % top;
    (bits & ((1 << mantissa) - 1)) | power << mantissa | (bits >> 52 & 1) << (exponent + mantissa)
}

/// The bits of the nearest value of the type; integers count in thousandths, so that the kinds keep their looks.
fn encode(dtype: DType, x: f64) -> u64 {
    let milli = x * 1000.0;
    match dtype {
        DType::F64 => x.to_bits(),
        DType::F32 => u64::from((x.clamp(-3e38, 3e38) as f32).to_bits()),
        DType::F16 => u64::from(tolzip::F16::from_f32(x.clamp(-6e4, 6e4) as f32).0),
        DType::Bf16 => u64::from(tolzip::Bf16::from_f32(x.clamp(-3e38, 3e38) as f32).0),
        DType::I8 => u64::from((x * 50.0) as i8 as u8),
        DType::I16 => u64::from(milli as i16 as u16),
        DType::I32 => u64::from(milli as i32 as u32),
        DType::I64 => milli as i64 as u64,
        DType::U8 => u64::from((x * 50.0) as u8),
        DType::U16 => u64::from(milli as u16),
        DType::U32 => u64::from(milli as u32),
        _ => milli as u64,
    }
}
