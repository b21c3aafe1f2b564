//! Original against reconstruction: the errors, and whether they hold the bound. Independent of the compressor's own
//! check: the range is found and every value compared anew, in the array's own type.

use crate::exact::{Exact, Range};
use crate::failure::{Failure, Result};
use std::borrow::Cow;
use tolzip::codecs::Word;
use tolzip::{AnyArray, Array, Bound, Element, Info, Method, Shape, with_any};

/// What a stream promises about its values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Promise {
    pub(crate) bound: Bound,
    /// The axis whose indices have ranges of their own.
    pub(crate) axis: Option<usize>,
    /// The bits of the value that stands for missing ones: of integers of 64 bits, several are the same f64.
    pub(crate) fill_bits: Option<u64>,
    /// Whether NaN and infinities may come back as any NaN.
    pub(crate) masked: bool,
    /// Bytes of the stream.
    pub(crate) compressed_bytes: u64,
}

impl Promise {
    pub(crate) const fn of(info: &Info, masked: bool) -> Self {
        Self {
            bound: info.bound,
            axis: info.axis,
            fill_bits: info.fill_bits,
            masked: masked || info.masked,
            compressed_bytes: info.compressed_bytes,
        }
    }
}

/// What a comparison found. Figures that are infinite or not defined are `None`.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    pub(crate) n: u64,
    pub(crate) max_abs_error: f64,
    pub(crate) max_rel_error: Option<f64>,
    pub(crate) max_pw_rel_error: Option<f64>,
    pub(crate) rmse: f64,
    /// Mean of `x' - x`.
    pub(crate) mean_error: f64,
    pub(crate) psnr: Option<f64>,
    pub(crate) value_range: f64,
    pub(crate) non_finite_mismatches: u64,
    /// Values that miss the bound.
    pub(crate) misses: u64,
    /// Whether the array as a whole reaches what was asked of it: a PSNR, a mean square error, a ratio.
    pub(crate) reached: bool,
    /// The largest absolute error that the bound allows anywhere; `None` for kinds that allow no single one.
    pub(crate) bound_abs: Option<f64>,
}

impl Comparison {
    /// Whether the promise is kept.
    pub(crate) const fn ok(&self) -> bool {
        self.misses == 0 && self.non_finite_mismatches == 0 && self.reached
    }
}

/// Compares two arrays of one type and shape.
pub(crate) fn compare(original: &AnyArray, decoded: &AnyArray, promise: Promise) -> Result<Comparison> {
    let describe = |a: &AnyArray| format!("{} of {}", a.shape(), a.dtype());
    let differ = || {
        let (original, decoded) = (describe(original), describe(decoded));
        Failure::new(format!(
            "the original is {original}, the compressed array {decoded}: not the same array"
        ))
    };
    if original.shape() != decoded.shape() {
        return Err(differ());
    }
    macro_rules! typed {
        ($($variant:ident),*) => {
            match (original, decoded) {
                $((AnyArray::$variant(x), AnyArray::$variant(y)) => Ok(values(x.values(), y.values(), x.shape(), promise)),)*
                _ => Err(differ()),
            }
        };
    }
    typed!(F32, F64, F16, Bf16, I8, I16, I32, I64, U8, U16, U32, U64)
}

/// The original as a stream can at best return it: for a sample of rows, those rows.
pub(crate) fn expected<'a>(original: &'a AnyArray, info: &Info) -> Result<Cow<'a, AnyArray>> {
    let (Some(rows), Ok(Method::Sample(sample))) = (info.source_rows, info.method.parse()) else {
        return Ok(Cow::Borrowed(original));
    };
    let sides = original.shape();
    let Some((_, row)) = sides.sides().split_first().filter(|(first, _)| **first as u64 == rows) else {
        return Err(Failure::new(format!("a sample of {rows} rows, the original has shape {sides}")));
    };
    let kept = with_any!(original, a => sample.rows_of(a.view())).map_err(|e| Failure::new(e.to_string()))?;
    let width: usize = row.iter().product();
    let shape: Vec<usize> = std::iter::once(kept.len()).chain(row.iter().copied()).collect();
    let shape = Shape::new(&shape).map_err(|e| Failure::new(e.to_string()))?;
    with_any!(original, a => {
        let rows = kept.iter().flat_map(|&r| &a.values()[r as usize * width..][..width]).copied().collect();
        let array = Array::new(rows, shape).map_err(|e| Failure::new(e.to_string()))?;
        Ok(Cow::Owned(array.into()))
    })
}

/// Which scope each value is in: values along the axis take turns, `run` values each.
#[derive(Clone, Copy)]
struct Scopes {
    run: usize,
    count: usize,
}

impl Scopes {
    fn new(shape: Shape, axis: Option<usize>) -> Self {
        match axis.and_then(|axis| Some((axis, *shape.sides().get(axis)?))) {
            Some((axis, count)) => Self { run: shape.strides()[axis].max(1), count: count.max(1) },
            None => Self { run: shape.len().max(1), count: 1 },
        }
    }

    /// The scopes of the runs that the values are made of, in their order.
    fn runs(self) -> impl Iterator<Item = usize> {
        (0..self.count).cycle()
    }
}

fn values<T: Element>(x: &[T], y: &[T], shape: Shape, promise: Promise) -> Comparison {
    let scopes = Scopes::new(shape, promise.axis);
    let ordinary = |v: T| v.is_finite() && promise.fill_bits != Some(v.to_bits().to_u64());
    let mut ranges = vec![Range::default(); scopes.count];
    for (run, scope) in x.chunks(scopes.run).zip(scopes.runs()) {
        run.iter().filter(|v| ordinary(**v)).for_each(|&v| ranges[scope].see(Exact::of(v)));
    }
    let limits: Vec<f64> = ranges.iter().map(|range| limit(promise.bound, range)).collect();

    let (mut misses, mut mismatches) = (0, 0);
    let (mut max_abs, mut max_pw, mut squares, mut compared) = (0.0f64, 0.0f64, Squares::default(), 0u64);
    let mut sum = 0.0;
    let mut of_scope: Vec<(Squares, u64)> = (0..scopes.count).map(|_| Default::default()).collect();
    for ((xs, ys), scope) in x.chunks(scopes.run).zip(y.chunks(scopes.run)).zip(scopes.runs()) {
        for (&a, &b) in xs.iter().zip(ys) {
            if !ordinary(a) || !b.is_finite() {
                let same = a.to_bits() == b.to_bits() || (promise.masked && !a.is_finite() && !b.is_finite());
                mismatches += u64::from(!same && (!a.is_finite() || !b.is_finite()));
                misses += u64::from(!same && a.is_finite() && b.is_finite());
                continue;
            }
            misses += u64::from(!holds(a, b, promise.bound, limits[scope]));
            let error = a.distance(b);
            compared += 1;
            max_abs = max_abs.max(error);
            squares.add(error);
            sum += b.to_f64() - a.to_f64();
            of_scope[scope].0.add(error);
            of_scope[scope].1 += 1;
            if error > 0.0 {
                max_pw = max_pw.max(error / a.to_f64().abs());
            }
        }
    }
    let mut whole = Range::default();
    ranges.iter().filter_map(|range| range.0).for_each(|(min, max)| {
        whole.see(min);
        whole.see(max);
    });
    let value_range = whole.part(1.0);
    let rmse = squares.root_mean(compared);
    // Sums in another order than the compressor's differ in their last bits.
    let slack = 1.0 + 1e-9;
    let reached = match promise.bound {
        Bound::Psnr(db) => of_scope.iter().zip(&ranges).all(|((squares, n), range)| {
            let largest = range.part(0.5) / 10f64.powf(db / 20.0) * 2.0;
            *n == 0 || squares.root_mean(*n) <= largest * slack
        }),
        Bound::L2(e) => of_scope.iter().all(|(squares, n)| squares.root_mean(*n) <= e * slack),
        Bound::Ratio(ratio) => std::mem::size_of_val(x) as f64 / promise.compressed_bytes as f64 >= ratio,
        _ => true,
    };
    let defined = |v: f64| v.is_finite().then_some(v);
    Comparison {
        n: x.len() as u64,
        max_abs_error: max_abs,
        max_rel_error: if max_abs == 0.0 { Some(0.0) } else { defined(max_abs / value_range) },
        max_pw_rel_error: defined(max_pw),
        rmse,
        mean_error: sum / compared.max(1) as f64,
        psnr: defined(20.0 * (value_range / rmse).log10()),
        value_range,
        non_finite_mismatches: mismatches,
        misses,
        reached,
        bound_abs: match promise.bound {
            Bound::Abs(_) | Bound::Rel(_) | Bound::AbsAndRel { .. } | Bound::AbsOrRel { .. } => {
                limits.iter().copied().reduce(f64::max)
            }
            Bound::Lossless => Some(0.0),
            _ => None,
        },
    }
}

/// The absolute error that a bound allows in a range of values.
fn limit(bound: Bound, range: &Range) -> f64 {
    match bound {
        Bound::Abs(e) => e,
        Bound::AbsAndRel { abs, rel } => range.part(rel).min(abs),
        Bound::AbsOrRel { abs, rel } => range.part(rel).max(abs),
        Bound::Rel(e) => range.part(e),
        _ => 0.0,
    }
}

fn holds<T: Element>(x: T, y: T, bound: Bound, limit: f64) -> bool {
    match bound {
        Bound::Abs(_) | Bound::Rel(_) | Bound::AbsAndRel { .. } | Bound::AbsOrRel { .. } => {
            Exact::of(x).is_near(Exact::of(y), limit)
        }
        Bound::PointwiseRel(e) => {
            x.to_bits() == y.to_bits() || Exact::of(x).is_near(Exact::of(y), e * x.to_f64().abs())
        }
        Bound::Knob | Bound::Psnr(_) | Bound::L2(_) | Bound::Ratio(_) => true,
        _ => x.to_bits() == y.to_bits(),
    }
}

/// A sum of squares that does not overflow: kept in units of the largest term so far.
#[derive(Default)]
struct Squares {
    unit: f64,
    sum: f64,
}

impl Squares {
    fn add(&mut self, x: f64) {
        if x > self.unit {
            let shrink = self.unit / x;
            self.sum = self.sum * shrink * shrink + 1.0;
            self.unit = x;
        } else if self.unit > 0.0 {
            let part = x / self.unit;
            self.sum += part * part;
        }
    }

    fn root_mean(&self, n: u64) -> f64 {
        self.unit * (self.sum / n.max(1) as f64).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(x: &[f64], y: &[f64], sides: &[usize], bound: Bound, axis: Option<usize>) -> Comparison {
        values(
            x,
            y,
            Shape::new(sides).unwrap(),
            Promise { bound, axis, fill_bits: Some((-9f64).to_bits()), masked: false, compressed_bytes: 16 },
        )
    }

    #[test]
    fn errors_by_hand() {
        let c = of(&[0.0, 2.0, 10.0, 4.0], &[0.0, 3.0, 8.0, 4.0], &[4], Bound::Abs(1.5), None);
        assert_eq!((c.max_abs_error, c.max_rel_error, c.max_pw_rel_error), (2.0, Some(0.2), Some(0.5)));
        assert!(
            (c.rmse - 1.25f64.sqrt()).abs() < 1e-15
                && (c.psnr.unwrap() - 19.030_899_869_919_438).abs() < 1e-12
        );
        assert_eq!((c.misses, c.ok(), c.bound_abs), (1, false, Some(1.5)));
        let huge = of(&[-1e300, 1e300], &[-1e300, 1e300 - 1e290], &[2], Bound::Rel(1e-9), None);
        assert!(huge.ok() && (huge.rmse / 1e290 * 2f64.sqrt() - 1.0).abs() < 1e-5);
    }

    #[test]
    fn bounds_of_the_whole() {
        let with = |bound| of(&[0.0, 2.0, 10.0, 4.0], &[0.0, 3.0, 8.0, 4.0], &[4], bound, None).ok();
        assert!(with(Bound::Psnr(19.0)) && !with(Bound::Psnr(19.1)));
        assert!(with(Bound::L2(1.12)) && !with(Bound::L2(1.11)));
        assert!(with(Bound::Ratio(2.0)) && !with(Bound::Ratio(2.1)));
        assert!(
            with(Bound::AbsOrRel { abs: 0.1, rel: 0.2 }) && !with(Bound::AbsAndRel { abs: 0.1, rel: 0.2 })
        );
        let columns =
            |bound| of(&[0.0, 0.0, 1.0, 1000.0], &[0.0, 5.0, 1.5, 1000.0], &[2, 2], bound, Some(1)).ok();
        assert!(columns(Bound::Psnr(9.0)) && !columns(Bound::Psnr(9.1)));
    }

    #[test]
    fn each_column_has_its_own_range() {
        let x = [0.0, 0.0, 1.0, 1000.0];
        let y = [0.0, 5.0, 1.005, 1000.0];
        assert!(of(&x, &y, &[2, 2], Bound::Rel(0.01), Some(1)).ok());
        assert!(of(&x, &y, &[2, 2], Bound::Rel(0.01), None).ok());
        assert_eq!(of(&x, &[0.0, 5.0, 1.5, 1000.0], &[2, 2], Bound::Rel(0.01), Some(1)).misses, 1);
        assert_eq!(of(&x, &y, &[2, 2], Bound::Rel(0.01), Some(0)).misses, 1);
    }

    #[test]
    fn special_values_are_compared_exactly_and_left_out_of_the_range() {
        let (nan, inf) = (f64::NAN, f64::INFINITY);
        let c = of(&[nan, inf, -9.0, 1.0, 2.0], &[nan, inf, -9.0, 1.0, 2.0], &[5], Bound::Rel(0.1), None);
        assert!(c.ok() && c.value_range == 1.0);
        assert_eq!(
            of(&[nan, inf, 1.0], &[0.0, -inf, nan], &[3], Bound::Abs(9.0), None).non_finite_mismatches,
            3
        );
        assert_eq!(of(&[-9.0, 1.0], &[-8.9, 1.0], &[2], Bound::Abs(9.0), None).misses, 1);
        let masked = Promise {
            bound: Bound::Abs(1.0),
            axis: None,
            fill_bits: None,
            masked: true,
            compressed_bytes: 16,
        };
        assert!(values(&[inf, 1.0], &[nan, 1.0], Shape::line(2), masked).ok());
        // The neighbour of a fill value, the same as f64, is a value like any other.
        let x = [i64::MAX, i64::MAX - 1, 5];
        let of = |y: &[i64]| {
            values(x.as_slice(), y, Shape::line(3), Promise { fill_bits: Some(i64::MAX as u64), ..masked })
        };
        assert!(of(&[i64::MAX, i64::MAX - 2, 6]).ok());
        assert_eq!(of(&[i64::MAX - 1, i64::MAX - 1, 5]).misses, 1);
    }

    #[test]
    fn lossless_means_every_bit() {
        assert_eq!(of(&[0.0], &[-0.0], &[1], Bound::Lossless, None).misses, 1);
        assert!(of(&[], &[], &[0], Bound::Lossless, None).ok());
    }
}
