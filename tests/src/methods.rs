//! Every registered method with every bound it takes: new methods are tested without a change here.

use tolzip::method::{self, KnobKind};
use tolzip::{AnyArray, Bound, DType, Method, with_any};

/// All methods that take this type, each with each bound it takes, at a few numbers.
#[must_use]
pub fn with_bounds(dtype: DType) -> Vec<(Method, Bound)> {
    let mut out = Vec::new();
    for info in method::all().into_iter().filter(|m| m.dtypes.contains(&dtype)) {
        let method: Method = info.id.parse().expect("a listed method");
        out.extend(bounds_of(&method).into_iter().map(|b| (method.clone(), b)));
    }
    out
}

/// Each bound that the method takes, at a few numbers.
#[must_use]
pub fn bounds_of(method: &Method) -> Vec<Bound> {
    let numbers: &[f64] = &[0.0, 1e-6, 1e-3, 0.3];
    let of_kind = |kind: &&str| match *kind {
        "lossless" => vec![Bound::Lossless],
        "knob" => vec![Bound::Knob],
        "abs" => numbers.iter().map(|&e| Bound::Abs(e)).collect(),
        "rel" => numbers.iter().map(|&e| Bound::Rel(e)).collect(),
        "pw_rel" => numbers.iter().map(|&e| Bound::PointwiseRel(e)).collect(),
        "psnr" => vec![Bound::Psnr(60.0)],
        "l2" => vec![Bound::L2(1e-3)],
        // Any array reaches the first, if only just.
        "ratio" => vec![Bound::Ratio(1e-3)],
        "abs_and_rel" => vec![Bound::AbsAndRel { abs: 1e-2, rel: 1e-3 }],
        "abs_or_rel" => vec![Bound::AbsOrRel { abs: 1e-2, rel: 1e-3 }],
        other => panic!("the tests do not know how to ask for a {other} bound"),
    };
    method.bounds().iter().flat_map(of_kind).collect()
}

/// A listed method that takes this type, every other time with one or two of its listed knobs set. `random` gives the numbers
/// to choose by.
pub fn any_method(dtype: DType, mut random: impl FnMut() -> u64) -> Method {
    let infos: Vec<_> = method::all().into_iter().filter(|m| m.dtypes.contains(&dtype)).collect();
    let info = &infos[random() as usize % infos.len()];
    let mut text = info.id.to_owned();
    for _ in 0..random() % 3 {
        let Some(knob) = info.knobs.get(random() as usize % info.knobs.len().max(1)) else { break };
        let number = random();
        let value = match knob.kind {
            KnobKind::Integer { min, max } => (min + (number % (max - min + 1) as u64) as i64).to_string(),
            KnobKind::Number { min, max } => (min + (max - min) * (number % 257) as f64 / 256.0).to_string(),
            KnobKind::Choice(names) => names[number as usize % names.len()].to_owned(),
            other => panic!("the tests do not know how to set a knob to {other:?}"),
        };
        let longer = format!("{text}{}{}={value}", if text.contains(':') { ',' } else { ':' }, knob.name);
        // Some knobs exclude each other, and some settings take fewer types.
        if longer.parse::<Method>().is_ok_and(|m| m.takes(dtype)) {
            text = longer;
        }
    }
    text.parse().expect("it parsed before")
}

/// Whether a stream of this method and bound is like those of others: truncation ends in the lossless codec whatever the bound,
/// so that one kind of bound stands for all where streams are kept or damaged.
#[must_use]
pub fn is_like_others(method: &Method, bound: Bound) -> bool {
    let truncation = ["truncate", "groom", "digitround", "granular", "cast"].contains(&method.family());
    truncation && !matches!(bound, Bound::Knob) && bound != Bound::Rel(1e-3)
}

/// Checks every value of a reconstruction against the bound, in exact arithmetic, and says what is wrong with the
/// first that misses it. Value-range bounds are for the whole array.
///
/// # Errors
/// What is wrong.
pub fn check(original: &AnyArray, decoded: &AnyArray, bound: Bound) -> Result<(), String> {
    check_but(original, decoded, bound, None)
}

/// As [`check`], where values equal to `fill` have to come back bit for bit and have no part in ranges and errors.
///
/// # Errors
/// What is wrong.
pub fn check_but(
    original: &AnyArray,
    decoded: &AnyArray,
    bound: Bound,
    fill: Option<f64>,
) -> Result<(), String> {
    if original.dtype() != decoded.dtype() || original.shape() != decoded.shape() {
        return Err(format!(
            "{} {} came back as {} {}",
            original.dtype(),
            original.shape(),
            decoded.dtype(),
            decoded.shape()
        ));
    }
    let (mut x, y) = (Values::of(original), Values::of(decoded));
    let is_fill = |v: f64| {
        fill.is_some_and(|fill| {
            let fill = if original.dtype() == DType::F32 { f64::from(fill as f32) } else { fill };
            v.to_bits() == fill.to_bits()
        })
    };
    if let Some(i) = (0..x.bits.len()).find(|&i| is_fill(x.floats[i]) && x.bits[i] != y.bits[i]) {
        return Err(format!("fill value {i} became {:?}", y.floats[i]));
    }
    // From here on they count as what is not finite does.
    x.floats.iter_mut().filter(|v| is_fill(**v)).for_each(|v| *v = f64::NAN);
    let finite = || x.floats.iter().copied().filter(|v| v.is_finite());
    let (min, max) = finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
    // Of integers exactly; less than a rounding above it, where a product that is a little too large lets pass no more
    // than one integer could.
    let range = x.integers.as_ref().map(|all| {
        let kept = || all.iter().zip(&x.floats).filter(|(_, float)| float.is_finite()).map(|(&i, _)| i);
        kept().max().zip(kept().min()).map_or(0.0, |(most, least)| (most - least) as f64)
    });
    let relative = |e: f64| match range {
        Some(range) => e * range,
        None if (max - min).is_finite() => e * (max - min),
        None => e * max - e * min,
    };
    let half = range.map_or(max / 2.0 - min / 2.0, |range| range / 2.0);
    let whole = match bound {
        Bound::Psnr(db) if min <= max => Some(half / 10f64.powf(db / 20.0) * 2.0),
        Bound::L2(e) => Some(e),
        _ => None,
    };
    if let Some(largest) = whole {
        let found = rmse(&x, &y);
        // The sum of the test and the compressor's are not of the same order.
        if found > largest * (1.0 + 1e-9) {
            return Err(format!("root mean square error {found:e}, it may be {largest:e}"));
        }
    }
    for i in 0..x.bits.len() {
        if x.bits[i] == y.bits[i] {
            continue;
        }
        let (a, b) = (x.floats[i], y.floats[i]);
        let limit = match bound {
            Bound::Lossless => return Err(format!("value {i}: {:#x} became {:#x}", x.bits[i], y.bits[i])),
            _ if !a.is_finite() || !b.is_finite() => return Err(format!("value {i}: {a:?} became {b:?}")),
            Bound::Knob | Bound::Psnr(_) | Bound::L2(_) | Bound::Ratio(_) => continue,
            Bound::Abs(e) => e,
            Bound::Rel(e) => relative(e),
            Bound::AbsAndRel { abs, rel } => abs.min(relative(rel)),
            Bound::AbsOrRel { abs, rel } => abs.max(relative(rel)),
            Bound::PointwiseRel(e) => e * a.abs(),
            other => return Err(format!("the tests do not know how to check {other:?}")),
        };
        let integers = x.integers.as_ref().zip(y.integers.as_ref()).map(|(p, q)| p[i].abs_diff(q[i]));
        let difference = integers.map_or((a - b).abs(), |d| d as f64);
        // Conversion drops what is behind the point: an integer is at most the limit if it is at most that.
        let holds = integers.map_or_else(|| at_most(a, b, limit), |d| d <= limit as u128);
        if !holds {
            return Err(format!(
                "value {i}: {a:?} became {b:?}, off by {difference:e}, the bound is {limit:e}"
            ));
        }
    }
    Ok(())
}

/// Whether `|a - b| <= limit` for numbers as they are: a difference that rounds to the limit is told from it by what was
/// rounded away (D. Knuth's exact sum of two numbers).
fn at_most(a: f64, b: f64, limit: f64) -> bool {
    let (a, b) = if a < b { (b, a) } else { (a, b) };
    let difference = a - b;
    let back = a - difference;
    let rest = (a - (difference + back)) + (back - b);
    difference < limit || (difference == limit && rest <= 0.0)
}

/// Root mean square error of the finite values, in units of the largest so that nothing overflows.
fn rmse(x: &Values, y: &Values) -> f64 {
    let exact = |i: usize| match (&x.integers, &y.integers) {
        (Some(p), Some(q)) => p[i].abs_diff(q[i]) as f64,
        _ => (x.floats[i] - y.floats[i]).abs(),
    };
    let errors: Vec<f64> = (0..x.floats.len()).filter(|&i| x.floats[i].is_finite()).map(exact).collect();
    let unit = errors.iter().copied().fold(0.0, f64::max);
    if unit == 0.0 {
        return 0.0;
    }
    let sum: f64 = errors.iter().map(|e| (e / unit) * (e / unit)).sum();
    unit * (sum / errors.len() as f64).sqrt()
}

struct Values {
    bits: Vec<u64>,
    floats: Vec<f64>,
    integers: Option<Vec<i128>>,
}

impl Values {
    fn of(array: &AnyArray) -> Self {
        let size = array.dtype().size();
        let bits: Vec<u64> = array
            .to_le_bytes()
            .chunks_exact(size)
            .map(|b| {
                let mut word = [0; 8];
                word[..size].copy_from_slice(b);
                u64::from_le_bytes(word)
            })
            .collect();
        let floats = with_any!(array, a => a.values().iter().map(|v| tolzip::Element::to_f64(*v)).collect());
        let signed = matches!(array.dtype(), DType::I8 | DType::I16 | DType::I32 | DType::I64);
        let integers = (!array.dtype().is_float()).then(|| {
            let unused = 64 - 8 * size as u32;
            let widen =
                |b: u64| if signed { i128::from((b << unused) as i64 >> unused) } else { i128::from(b) };
            bits.iter().map(|&b| widen(b)).collect()
        });
        Self { bits, floats, integers }
    }
}
