//! The automatic choice: what would be smallest.
//!
//! Within absolute bounds nearly everything is decided by looks at a few values: what prediction would take is found while it
//! chooses its predictor, which has to be done anyway; `fast` and the bit-exact coder tell from some hundred values whether
//! they are in question at all, and only then is a sample coded. Chunks of few values are coded in whole by what is fast.

mod boxes;

pub(crate) use boxes::{middle, on_boxes};

use super::Method;
use crate::codec::{id, lossy};
use crate::road::chunk::{Chunk, Coded};
use crate::road::encode::exact;
use alloc::boxed::Box;
use alloc::vec::Vec;
use boxes::part;
use tolzip_core::{Codec, Element, Result, Shape, Target, View};
use tolzip_fast::Fast;

/// What a chunk within an absolute bound is coded with.
#[derive(Debug)]
pub(crate) enum Choice {
    /// The bit-exact coder.
    Exact,
    /// What the bit-exact coder has made of the chunk.
    Done(Chunk),
    /// Prediction, in the way that was found.
    Predict(Box<tolzip_predict::Outlook>),
    /// What a codec has made of the chunk.
    Coded(Coded),
}

/// Chunks of at most so many values are coded by `fast` in whole, which takes a twentieth of the time that prediction takes for them.
const SMALL: usize = 1 << 13;
/// Of at most so many, prediction's tables would be the larger part.
const TINY: usize = 64;
/// Nor does prediction pay where `fast` takes no more bytes than this.
const NEXT_TO_NOTHING: usize = 64;
/// About what tables and heads take of a sample or a chunk.
const TABLES: u64 = 128;
/// Of a chunk that may be regular, one value in so many is coded exactly, within limits.
const EXACT_PART: usize = 32;
const EXACT_LEAST: usize = 1 << 11;
const EXACT_MOST: usize = 1 << 14;
/// Beyond this ratio, a chunk that may be regular is coded by both.
const HIGH_RATIO: usize = 200;

/// What is smallest within an absolute bound. `carriers` are the values as they are coded, and `target` their bound.
pub(crate) fn within<T: Element>(
    values: &[T],
    carriers: &[T::Carrier],
    shape: Shape,
    target: Target,
) -> Result<Choice> {
    let n = values.len();
    let Target::Abs(e) = target else { return Ok(Choice::Exact) };
    let coded = |method: &Method| -> Result<Option<Coded>> {
        let Some((number, codec)) = lossy::<T::Carrier>(method)? else { return Ok(None) };
        let mut payload = Vec::new();
        let encoded = codec.encode(carriers, shape, target, &mut payload)?;
        Ok(Some(Coded { number, encoded, payload }))
    };
    let fast = if n <= SMALL { coded(&Method::Fast)? } else { None };
    if n <= TINY {
        let transform = coded(&Method::Transform(tolzip_transform::Settings::default()))?;
        return Ok(smallest([fast, transform]));
    }
    if fast.as_ref().is_some_and(|f| f.payload.len() <= NEXT_TO_NOTHING) {
        return Ok(smallest([fast]));
    }
    let hints = tolzip_lossless::Outlook::of(values, shape)?;
    let mut exact = Exact::new(values, shape);
    let question = match hints {
        tolzip_lossless::Outlook::Noise => false,
        _ => {
            let (exactly, by_fast) = match &fast {
                // The sample would be the chunk.
                Some(fast) if n <= EXACT_LEAST => {
                    let coded = exact.bytes()?.saturating_sub(TABLES);
                    (coded.min(repeating(hints, n, n)), fast.payload.len() as u64)
                }
                _ => on_sample(hints, values, carriers, shape, target)?,
            };
            // Prediction seldom needs less than two fifths of what `fast` does where values are regular, and never more.
            if by_fast > TABLES && exactly < by_fast / 5 * 2 {
                return Ok(exact.choice());
            }
            exactly < by_fast + by_fast / 8
        }
    };
    let Some(outlook) = tolzip_predict::Outlook::of(tolzip_predict::Settings::default(), carriers, shape, e)?
    else {
        let predict = coded(&Method::Predict(tolzip_predict::Settings::default()))?;
        return Ok(smallest([fast, predict]));
    };
    let exactly = if question { exactly(hints, &mut exact, &outlook)? } else { u64::MAX };
    if let Some(fast) = fast {
        // The whole chunk has been looked at.
        let least = if exactly < outlook.bytes() + TABLES { exactly } else { u64::MAX };
        if least < fast.payload.len() as u64 / 2 {
            return Ok(exact.choice());
        }
        let mut payload = Vec::new();
        let encoded = outlook.encode(carriers, &mut payload)?;
        let predict = Coded { number: id::PREDICT, encoded, payload };
        let best = smallest([Some(fast), Some(predict)]);
        return Ok(match &best {
            Choice::Coded(c) if least < c.payload.len() as u64 => exact.choice(),
            _ => best,
        });
    }
    if exactly < outlook.bytes() {
        return Ok(exact.choice());
    }
    let seen: usize = outlook.blocks().map(|(_, sides)| sides.iter().product::<usize>()).sum();
    let predicted = u128::from(outlook.bytes()) * n as u128 / seen.max(1) as u128;
    // Where next to nothing is left, samples are mostly tables.
    if question && predicted < (size_of_val(values) / HIGH_RATIO) as u128 {
        let bytes = exact.bytes()?;
        let mut payload = Vec::new();
        let encoded = outlook.encode(carriers, &mut payload)?;
        return Ok(if bytes < payload.len() as u64 {
            exact.choice()
        } else {
            Choice::Coded(Coded { number: id::PREDICT, encoded, payload })
        });
    }
    // Prediction's estimate is up to a tenth too high; where `fast` seems far behind, nothing more is looked at.
    if u128::from(Fast::estimate(carriers, shape, e)?) < 2 * predicted {
        let mut bytes = 0;
        each_block(carriers, shape, &outlook, |sample, size| {
            let mut payload = Vec::new();
            Fast.encode(sample, size, target, &mut payload)?;
            bytes += payload.len() as u64;
            Ok(())
        })?;
        if bytes + bytes / 10 < outlook.bytes() {
            return Ok(smallest([coded(&Method::Fast)?]));
        }
    }
    Ok(Choice::Predict(Box::new(outlook)))
}

/// What the bit-exact coder makes of a chunk, which is found once, when somebody asks.
struct Exact<'a, T> {
    values: &'a [T],
    shape: Shape,
    chunk: Option<Chunk>,
}

impl<'a, T: Element> Exact<'a, T> {
    const fn new(values: &'a [T], shape: Shape) -> Self {
        Self { values, shape, chunk: None }
    }

    fn bytes(&mut self) -> Result<u64> {
        let chunk = match self.chunk.take() {
            Some(chunk) => chunk,
            None => exact(self.values, self.shape, &Method::lossless())?,
        };
        Ok(self.chunk.insert(chunk).bytes.len() as u64)
    }

    fn choice(self) -> Choice {
        self.chunk.map_or(Choice::Exact, Choice::Done)
    }
}

/// What the bit-exact coder and `fast` would take of boxes in three places of the chunk, coded as one.
fn on_sample<T: Element>(
    hints: tolzip_lossless::Outlook,
    values: &[T],
    carriers: &[T::Carrier],
    shape: Shape,
    target: Target,
) -> Result<(u64, u64)> {
    let most = (values.len() / EXACT_PART).clamp(EXACT_LEAST, EXACT_MOST);
    let (mut sample, mut lossy) = (Vec::new(), Vec::new());
    let mut sides = shape.sides().to_vec();
    for &sixths in if values.len() <= most { &[3][..] } else { &[1, 3, 5] } {
        let (start, size) = part(shape, if values.len() <= most { most } else { most / 3 }, sixths);
        View::new(values, shape)?.gather(&start[..shape.ndim()], size, &mut sample);
        View::new(carriers, shape)?.gather(&start[..shape.ndim()], size, &mut lossy);
        sides = size.sides().to_vec();
    }
    // One behind the other along the slowest axis.
    if let (Some(slowest), true) = (sides.first_mut(), values.len() > most) {
        *slowest *= 3;
    }
    let size = Shape::new(&sides)?;
    let mut payload = Vec::new();
    Fast.encode(&lossy, size, target, &mut payload)?;
    let coded = (exact(&sample, size, &Method::lossless())?.bytes.len() as u64).saturating_sub(TABLES);
    let exactly = coded.min(repeating(hints, sample.len(), values.len()));
    Ok((exactly, payload.len() as u64))
}

/// What the bit-exact coder would take of the blocks that prediction looked at.
fn exactly<T: Element>(
    hints: tolzip_lossless::Outlook,
    all: &mut Exact<'_, T>,
    outlook: &tolzip_predict::Outlook,
) -> Result<u64> {
    let (values, shape) = (all.values, all.shape);
    if outlook.blocks().all(|(_, sides)| sides == shape.folded()) {
        return Ok(all.bytes()?.min(repeating(hints, values.len(), values.len())));
    }
    let (mut bytes, mut seen) = (0, 0);
    each_block(values, shape, outlook, |sample, size| {
        seen += sample.len();
        bytes += (exact(sample, size, &Method::lossless())?.bytes.len() as u64).saturating_sub(TABLES);
        Ok(())
    })?;
    Ok(bytes.min(repeating(hints, seen, values.len())))
}

/// The share that `part` of `n` values has of what repeats take, which a part by itself would not show.
fn repeating(hints: tolzip_lossless::Outlook, part: usize, n: usize) -> u64 {
    let tolzip_lossless::Outlook::Repeating(all) = hints else { return u64::MAX };
    (u128::from(all) * part as u128 / n.max(1) as u128) as u64
}

/// Calls `f` with the values of each block that prediction looked at, and their shape.
fn each_block<T: Element>(
    values: &[T],
    shape: Shape,
    outlook: &tolzip_predict::Outlook,
    mut f: impl FnMut(&[T], Shape) -> Result<()>,
) -> Result<()> {
    let view = View::new(values, Shape::new(&shape.folded())?)?;
    let mut sample = Vec::new();
    for (begin, sides) in outlook.blocks() {
        let size = Shape::new(&sides)?;
        if sides == shape.folded() {
            f(values, size)?;
            continue;
        }
        sample.clear();
        view.gather(&begin, size, &mut sample);
        f(&sample, size)?;
    }
    Ok(())
}

/// The first of the smallest.
fn smallest<const N: usize>(all: [Option<Coded>; N]) -> Choice {
    let smallest = all.into_iter().flatten().min_by_key(|c| c.payload.len());
    smallest.map_or(Choice::Exact, Choice::Coded)
}
