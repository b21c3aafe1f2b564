//! A look at a chunk before it is coded: who chooses among codecs learns what this one would take, and what was found for
//! that serves the coding.

use crate::choose::{Block, Engine};
use crate::codec::{Predicted, VERSION};
use crate::encode::{Chunk, check, or_verbatim, range};
use crate::interp_fit::Errors;
use crate::lattice::Lattice;
use crate::quantum::Step;
use crate::settings::Settings;
use crate::symbols::Entropy;
use alloc::vec::Vec;
use tolzip_core::{Encoded, Float, Result, Shape, Target};
use tolzip_simd::floats::{Floats, floats};
use tolzip_simd::rows::Work;

/// What a look at samples of a chunk found: an estimate of its size, and how to code it.
///
/// ```
/// use tolzip_core::{Codec, Shape, Target};
/// use tolzip_predict::{Outlook, Predict, Settings};
///
/// let chunk: Vec<f32> = (0..4096).map(|i| (i as f32 * 0.01).sin()).collect();
/// let shape = Shape::new(&[64, 64])?;
/// let outlook = Outlook::of(Settings::default(), &chunk, shape, 1e-3)?.expect("finite values");
/// assert!(outlook.bytes() > 0 && outlook.blocks().count() > 0);
///
/// // What was found serves the coding.
/// let (mut with, mut without) = (Vec::new(), Vec::new());
/// outlook.encode(&chunk, &mut with)?;
/// Predict::default().encode(&chunk, shape, Target::Abs(1e-3), &mut without)?;
/// assert_eq!(with, without);
/// # Ok::<(), tolzip_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Outlook {
    engine: Engine,
    bytes: u64,
    blocks: Vec<Block>,
    shape: Shape,
    bound: f64,
    step: Step,
    lattice: Option<Lattice>,
    range: (f64, f64),
    errors: Errors,
}

impl Outlook {
    /// Looks at a chunk of f32 or f64, as [`Predict`](crate::Predict) with these settings does to choose its predictor. `None`
    /// where there is nothing to choose: no values, none that is finite, or a bound too far from them.
    ///
    /// # Errors
    /// As the codec's, for a bound that is none or a shape of another size.
    pub fn of<C: Float>(settings: Settings, values: &[C], shape: Shape, bound: f64) -> Result<Option<Self>> {
        check(values, shape, Target::Abs(bound))?;
        match floats(values) {
            Floats::F32(values) => look(settings, values, shape, bound),
            Floats::F64(values) => look(settings, values, shape, bound),
        }
    }

    /// About how many bytes the blocks that were looked at would take, apart from tables.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The blocks that were looked at: first indices and sides along the axes of the folded shape.
    pub fn blocks(&self) -> impl Iterator<Item = ([usize; 4], [usize; 4])> {
        self.blocks.iter().map(|b| (b.begin, b.sides))
    }

    /// Appends the chunk, of the values that were looked at: what [`Predict`](crate::Predict) appends, without another look.
    ///
    /// # Errors
    /// When there are not as many values as were looked at, or memory runs out.
    pub fn encode<C: Float>(&self, values: &[C], out: &mut Vec<u8>) -> Result<Encoded> {
        check(values, self.shape, Target::Abs(self.bound))?;
        match floats(values) {
            Floats::F32(values) => self.code(values, out),
            Floats::F64(values) => self.code(values, out),
        }
    }

    fn code<T: Predicted>(&self, values: &[T], out: &mut Vec<u8>) -> Result<Encoded>
    where
        f64: Work<T>,
    {
        let begin = out.len();
        out.push(VERSION);
        let chunk = Chunk {
            values,
            sides: self.shape.folded(),
            bound: self.bound,
            step: self.step,
            lattice: self.lattice,
            least: self.range.0,
            most: self.range.1,
            errors: self.errors,
        };
        let coded = if self.step.wide {
            self.code_as::<T, f64>(&chunk, out)?
        } else {
            self.code_as::<T, T::Native>(&chunk, out)?
        };
        Ok(or_verbatim(coded, values, begin, out))
    }

    fn code_as<T: Float, W: Work<T>>(&self, chunk: &Chunk<'_, T>, out: &mut Vec<u8>) -> Result<Option<f64>> {
        let Some(quantum) = chunk.step.quantum::<T, W>(chunk.bound) else { return Ok(None) };
        chunk.code_with::<W>(self.engine, &quantum, Entropy::Tables, out).map(Some)
    }
}

fn look<T: Predicted>(settings: Settings, values: &[T], shape: Shape, bound: f64) -> Result<Option<Outlook>>
where
    f64: Work<T>,
{
    let (least, most, finite) = range(values);
    let flat = finite && (least == most || most.to_f64() - least.to_f64() <= 2.0 * bound);
    if values.is_empty() || flat || least >= most {
        return Ok(None);
    }
    let chunk = Chunk::new(values, shape, bound, least, most);
    let found = if chunk.step.wide {
        cheapest::<T, f64>(settings, &chunk)
    } else {
        cheapest::<T, T::Native>(settings, &chunk)
    };
    Ok(found?.map(|(engine, bits, blocks)| Outlook {
        engine,
        bytes: bits / 8,
        blocks,
        shape,
        bound,
        step: chunk.step,
        lattice: chunk.lattice,
        range: (chunk.least, chunk.most),
        errors: chunk.errors,
    }))
}

fn cheapest<T: Float, W: Work<T>>(
    settings: Settings,
    chunk: &Chunk<'_, T>,
) -> Result<Option<(Engine, u64, Vec<Block>)>> {
    let Some(quantum) = chunk.step.quantum::<T, W>(chunk.bound) else { return Ok(None) };
    // What other codecs are compared with should not hang on one block.
    chunk.cheapest::<W>(settings, &quantum, settings.level().min(2).into()).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Predict;
    use tolzip_core::Codec;

    #[test]
    fn a_look_changes_no_byte() {
        let wave = |n: usize| (0..n).map(|i| (i as f64 * 0.01).sin() * 100.0 + (i % 7) as f64 * 0.01);
        for (sides, bound) in
            [(&[30usize, 40, 50][..], 0.01), (&[200, 300], 1e-5), (&[9000], 0.1), (&[3], 1e-3)]
        {
            let shape = Shape::new(sides).unwrap();
            let values: Vec<f32> = wave(shape.len()).map(|x| x as f32).collect();
            let (mut by_codec, mut by_look) = (Vec::new(), Vec::new());
            Predict::default().encode(&values, shape, Target::Abs(bound), &mut by_codec).unwrap();
            let outlook = Outlook::of(Settings::default(), &values, shape, bound).unwrap().unwrap();
            outlook.encode(&values, &mut by_look).unwrap();
            assert_eq!(by_codec, by_look, "{sides:?}");
            assert!(
                outlook
                    .blocks()
                    .all(|(begin, block)| { (0..4).all(|d| begin[d] + block[d] <= shape.folded()[d]) })
            );
            let seen: usize = outlook.blocks().map(|(_, sides)| sides.iter().product::<usize>()).sum();
            assert!(seen > 0 && (seen < 100 || outlook.bytes() > 0));
            assert!(outlook.encode(&values[1..], &mut by_look).is_err());
        }
    }

    #[test]
    fn nothing_is_seen_where_there_is_nothing_to_choose() {
        let look = |values: &[f64]| {
            let shape = Shape::new(&[values.len()]).unwrap();
            Outlook::of(Settings::default(), values, shape, 0.5).unwrap()
        };
        assert_eq!(look(&[]), None);
        assert_eq!(look(&[3.0; 100]), None);
        assert_eq!(look(&[f64::NAN; 100]), None);
        assert_eq!(look(&[1.0, 1.5, 1.25]), None);
        assert!(Outlook::of(Settings::default(), &[1.0f32], Shape::new(&[1]).unwrap(), -1.0).is_err());
    }
}
