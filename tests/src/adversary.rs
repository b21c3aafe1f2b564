//! Cases made to break a bound: any registered method, any bound it takes, on values and shapes that codecs dislike. A number
//! names a case, for ever the same one on every machine.

use crate::arrays::{Bits, Kind, array};
use crate::methods::{any_method, bounds_of, check_but};
use tolzip::{AnyArray, Bound, Compressor, DType, Error, Limits, Method, Scope, Shape, Stream, with_any};

/// One array, what is done to it, and what has to hold.
#[derive(Debug)]
pub struct Case {
    dtype: DType,
    sides: Vec<usize>,
    kind: Kind,
    method: Method,
    bound: Bound,
    scope: Scope,
    fill: Option<f64>,
    chunk: Option<Vec<usize>>,
    seed: u64,
}

/// What a case looked at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Checked {
    /// Values of the array.
    pub values: usize,
    /// Those of them that are not bit for bit what they were.
    pub changed: usize,
}

impl Case {
    /// The case with this number. Every `large`-th has some tens of thousands of values.
    #[must_use]
    pub fn new(number: u64, large: u64) -> Self {
        let mut rng = Bits(number.wrapping_mul(0xd134_2543_de82_ef95));
        let dtype = *pick(&mut rng, &DType::ALL);
        let kind = *pick(&mut rng, &Kind::ALL);
        let sides = sides(&mut rng, number.is_multiple_of(large));
        let method = loop {
            let method = any_method(dtype, || rng.bits());
            // A sample has fewer rows than the original: nothing to hold against a bound. Of methods that take no bound,
            // or are exact whatever it is, one in eight will do.
            let free = method.bounds().iter().all(|kind| ["knob", "lossless"].contains(kind));
            if method.family() != "sample" && (!free || rng.bits().is_multiple_of(8)) {
                break method;
            }
        };
        let like = *pick(&mut rng, &bounds_of(&method));
        let bound = bound(&mut rng, like);
        let fill = [Some(1e20), Some(f64::from(9.97e36f32)), None, None][rng.bits() as usize % 4];
        let fill = fill.filter(|_| matches!(dtype, DType::F32 | DType::F64));
        let scope = match rng.bits() % 5 {
            0 if sides.len() > 1 => Scope::Column,
            1 if sides.len() > 1 => Scope::Row,
            2 if sides.len() > 2 => Scope::Axis(1),
            _ => Scope::Whole,
        };
        // A ratio for each index of an axis may be out of reach; that of the whole is in reach by its smallness.
        let scope = if matches!(bound, Bound::Ratio(_)) { Scope::Whole } else { scope };
        // Chunks are small boxes every other time. Of many tiny ones nothing is learned.
        let chunk = (rng.bits() & 1 == 0).then(|| {
            let least = if number.is_multiple_of(large) { 9 } else { 1 };
            sides.iter().map(|_| least + (rng.bits() % 40) as usize).collect()
        });
        Self { dtype, sides, kind, method, bound, scope, fill, chunk, seed: rng.bits() }
    }

    /// The method's family and the kind of bound.
    #[must_use]
    pub fn what(&self) -> String {
        format!("{} {}", self.method.family(), self.bound.kind())
    }

    /// What the case is compressed to, where it can be.
    #[must_use]
    pub fn stream(&self) -> Option<Vec<u8>> {
        let original = array(self.dtype, &self.sides, self.kind, self.seed);
        self.compressor(self.scaled(&original)).compress_any(&original).ok()
    }

    fn compressor(&self, bound: Bound) -> Compressor {
        let mut compressor = Compressor::new(self.method.clone(), bound).by(self.scope).threads(1);
        if let Some(fill) = self.fill {
            compressor = compressor.fill_value(fill);
        }
        if let Some(chunk) = &self.chunk {
            compressor = compressor.chunk(chunk);
        }
        compressor
    }

    /// Compresses, decompresses and checks every value; returns how many they are, and how many came back as another.
    ///
    /// # Errors
    /// What does not hold.
    pub fn run(&self) -> Result<Checked, String> {
        let original = array(self.dtype, &self.sides, self.kind, self.seed);
        let scaled = self.scaled(&original);
        let told = |e: &dyn std::fmt::Display| format!("{self:?}, bound {scaled:?}: {e}");
        let bytes = match self.compressor(scaled).compress_any(&original) {
            Ok(bytes) => bytes,
            Err(Error::RatioOutOfReach { .. }) => return Ok(Checked::default()),
            Err(e) => return Err(told(&e)),
        };
        let most = self.compressor(scaled).max_compressed_bytes(original.shape(), self.dtype);
        let most = most.map_err(|e| told(&e))?;
        if bytes.len() as u64 > most {
            return Err(told(&format!("{} bytes are more than the most, {most}", bytes.len())));
        }
        let back =
            Stream::open(&bytes, Limits::default()).and_then(|s| s.decode_any(1)).map_err(|e| told(&e))?;
        let shape = original.shape();
        match self.scope.axis(shape).map_err(|e| told(&e))? {
            None => check_but(&original, &back, scaled, self.fill).map_err(|e| told(&e))?,
            Some(axis) => {
                for index in 0..shape.sides()[axis] {
                    let (x, y) = (at_index(&original, axis, index), at_index(&back, axis, index));
                    check_but(&x, &y, scaled, self.fill)
                        .map_err(|e| told(&format!("index {index} of axis {axis}, {e}")))?;
                }
            }
        }
        let size = self.dtype.size();
        let (x, y) = (original.to_le_bytes(), back.to_le_bytes());
        let changed = x.chunks_exact(size).zip(y.chunks_exact(size)).filter(|(x, y)| x != y).count();
        Ok(Checked { values: shape.len(), changed })
    }

    /// Whether a lossy method has an error bound above 0 to hold for each value. Everything else is checked too, but proves
    /// nothing of bounds: bit-exact methods (whose only bound is losslessness), bounds of 0, errors of the array as a whole,
    /// and methods' own settings, where only what is not finite has to come back.
    #[must_use]
    pub fn is_bounded(&self) -> bool {
        match self.bound {
            Bound::Abs(e) | Bound::Rel(e) | Bound::PointwiseRel(e) => e > 0.0,
            Bound::AbsAndRel { abs, rel } => abs > 0.0 && rel > 0.0,
            Bound::AbsOrRel { abs, rel } => abs > 0.0 || rel > 0.0,
            _ => false,
        }
    }

    /// Whether the method is bit-exact.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        let family = self.method.family();
        tolzip::method::all().iter().any(|info| info.family == family && info.lossless)
    }

    /// Absolute bounds are drawn as parts of the largest value, from far below its precision to beyond its range.
    fn scaled(&self, original: &AnyArray) -> Bound {
        let largest = with_any!(original, a => a
            .values()
            .iter()
            .map(|v| tolzip::Element::to_f64(*v).abs())
            .filter(|v| v.is_finite() && Some(*v) != self.fill)
            .fold(0.0, f64::max));
        let unit = if largest > 0.0 { largest } else { 1.0 };
        let finite = |e: f64| e.min(f64::MAX);
        match self.bound {
            Bound::Abs(e) => Bound::Abs(finite(e * unit)),
            Bound::L2(e) => Bound::L2(finite(e * unit)),
            Bound::AbsAndRel { abs, rel } => Bound::AbsAndRel { abs: finite(abs * unit), rel },
            Bound::AbsOrRel { abs, rel } => Bound::AbsOrRel { abs: finite(abs * unit), rel },
            other => other,
        }
    }
}

fn pick<'a, T>(rng: &mut Bits, from: &'a [T]) -> &'a T {
    &from[rng.bits() as usize % from.len()]
}

fn sides(rng: &mut Bits, large: bool) -> Vec<usize> {
    let mut side = |most: u64| 1 + (rng.bits() % most) as usize;
    if large {
        return match side(4) {
            1 => vec![20_000 + side(80_000)],
            2 => vec![100 + side(300), 100 + side(200)],
            3 => vec![10 + side(40), 10 + side(40), 10 + side(40)],
            _ => vec![2 + side(8), 2 + side(12), 2 + side(20), 2 + side(30)],
        };
    }
    const AWKWARD: [usize; 8] = [0, 1, 2, 3, 5, 7, 16, 33];
    let dims = side(5) - 1;
    (0..dims).map(|_| AWKWARD[side(8) - 1]).collect()
}

/// A bound of the same kind with another number.
fn bound(rng: &mut Bits, like: Bound) -> Bound {
    let part = match rng.bits() % 8 {
        0 => 0.0,
        // Representable in neither f32 nor f16.
        1 => 0.1,
        2 => 1.0 / 3.0,
        3 => f64::MIN_POSITIVE,
        _ => 10f64.powf(-22.0 + 24.0 * rng.unit()),
    };
    let rel = 10f64.powf(-18.0 + 19.0 * rng.unit());
    match like {
        Bound::Abs(_) => Bound::Abs(part),
        Bound::Rel(_) => Bound::Rel(part),
        Bound::PointwiseRel(_) => Bound::PointwiseRel(part),
        Bound::L2(_) => Bound::L2(part),
        Bound::Psnr(_) => Bound::Psnr(-20.0 + 340.0 * rng.unit()),
        Bound::Ratio(_) => Bound::Ratio(30.0 * rng.unit() + 1e-3),
        Bound::AbsAndRel { .. } => Bound::AbsAndRel { abs: part, rel },
        Bound::AbsOrRel { .. } => Bound::AbsOrRel { abs: part, rel },
        other => other,
    }
}

/// The values of one index of an axis.
fn at_index(array: &AnyArray, axis: usize, index: usize) -> AnyArray {
    let (shape, size) = (array.shape(), array.dtype().size());
    let (run, count) = (shape.strides()[axis], shape.sides()[axis]);
    let bytes: Vec<u8> = array
        .to_le_bytes()
        .chunks((run * count * size).max(1))
        .flat_map(|turn| turn[index * run * size..(index + 1) * run * size].to_vec())
        .collect();
    AnyArray::from_le_bytes(array.dtype(), Shape::line(bytes.len() / size), &bytes).expect("whole values")
}
