//! Chunks coded by interpolation: what stands around the levels' integers, in both directions.

use crate::codec::kind;
use crate::encode::{Chunk, Coded};
use crate::grid::Grid;
use crate::interp::{self, Axes, Place, SLAB, SLAB_WITHOUT_FLAGS, Slabs};
use crate::interp_fit::Shares;
use crate::interp_follow::Follow;
use crate::model;
use crate::quantum::{Step, second_chance};
use crate::symbols::{Entropy, Sink, Source};
use alloc::borrow::Cow;
use alloc::vec::Vec;
use tolzip_core::bytes::{Reader, try_vec};
use tolzip_core::{Error, Float, Result};
use tolzip_simd::memory::zeros;
use tolzip_simd::rows::{Quantum, Work, quantise, store, take_half};

impl<T: Float> Chunk<'_, T> {
    /// Appends the chunk up to the model. `follow` is the axis along which points follow the one before, if they do; `sample`
    /// says how the axes of a sample are used, which is only measured.
    pub(crate) fn interpolation<W: Work<T>>(
        &self,
        quantum: &Quantum<T, W>,
        whole: u8,
        follow: Option<usize>,
        sample: Option<Axes>,
        entropy: Entropy,
        out: &mut Vec<u8>,
    ) -> Result<Coded> {
        out.push(kind::INTERPOLATION);
        out.extend_from_slice(&self.step.size.to_le_bytes());
        out.push(whole | Follow::bit(follow));
        let grids: Vec<Grid> = Grid::pyramid(self.sides, whole).collect();
        let levels = pyramid(&grids, self.values)?;
        let slices: Vec<&[T]> = levels.iter().map(|l| &**l).collect();
        let sink = if sample.is_some() {
            Sink::without_flags(self.values.len())?
        } else {
            Sink::new(self.values.len(), entropy)?
        };
        let axes = sample.unwrap_or_else(|| {
            let shares = Shares::fit(&grids, &slices, &self.errors, self.bound);
            let follow = follow
                .map(|axis| Follow::fit(axis, self.sides, grids[0].split, self.values, &shares, self.bound));
            Axes { shares, follow }
        });
        axes.shares.write(grids[0].split, out);
        if let Some(follow) = axes.follow {
            follow.write(out);
        }
        let mut encoder = Encoder {
            grids: &grids,
            levels: &slices,
            quantum: *quantum,
            bound: self.bound,
            sink,
            max_error: 0.0,
            x: try_vec(SLAB.max(self.sides[3]))?,
            k: try_vec(SLAB.max(self.sides[3]))?,
        };
        interp::run::<T, W>(&grids, &axes, SLAB, &mut encoder)?;
        let Encoder { sink, max_error, .. } = encoder;
        Ok(Coded { sink, max_error })
    }
}

/// The values of all grids.
fn pyramid<'a, T: Float>(grids: &[Grid], values: &'a [T]) -> Result<Vec<Cow<'a, [T]>>> {
    let mut levels: Vec<Cow<'a, [T]>> = [Cow::Borrowed(values)].to_vec();
    for pair in grids.windows(2) {
        let (fine, coarse) = (&pair[0], &pair[1]);
        let Some(from) = levels.last() else { break };
        let mut to: Vec<T> = zeros(coarse.sides.iter().product())?;
        let n = coarse.sides[3];
        let pace = |d: usize| if fine.split[d] { 2 } else { 1 };
        let mut rows = to.chunks_exact_mut(n);
        for a in 0..coarse.sides[0] {
            for b in 0..coarse.sides[1] {
                for c in 0..coarse.sides[2] {
                    let begin = row_start(fine.sides, [a * pace(0), b * pace(1), c * pace(2)]);
                    let row = &from[begin..begin + fine.sides[3]];
                    let Some(out) = rows.next() else { break };
                    if fine.split[3] {
                        take_half(row, row.len(), row.len(), 0, out);
                    } else {
                        out.copy_from_slice(row);
                    }
                }
            }
        }
        levels.push(Cow::Owned(to));
    }
    Ok(levels)
}

fn row_start(sides: [usize; 4], at: [usize; 3]) -> usize {
    ((at[0] * sides[1] + at[1]) * sides[2] + at[2]) * sides[3]
}

struct Encoder<'a, T, W> {
    grids: &'a [Grid],
    levels: &'a [&'a [T]],
    quantum: Quantum<T, W>,
    bound: f64,
    sink: Sink,
    max_error: f64,
    x: Vec<T>,
    k: Vec<i32>,
}

impl<T: Float, W: Work<T>> Slabs<T, W> for Encoder<'_, T, W> {
    fn slab<'c>(
        &mut self,
        place: Place,
        p: &[W],
        contexts: impl FnOnce() -> &'c mut [u8],
        r: &mut [T],
        activity: &mut [u16],
    ) -> Result<()> {
        let grid = &self.grids[place.level];
        let odd = |d: usize| place.class >> (3 - d) & 1;
        let at = core::array::from_fn(|d| if grid.split[d] { 2 * place.at[d] + odd(d) } else { place.at[d] });
        let begin = row_start(grid.sides, at);
        let (x, k) = (&mut self.x[..p.len()], &mut self.k[..p.len()]);
        let from = &self.levels[place.level][begin..];
        if grid.split[3] {
            let pace = if grid.split[2] { 2 * grid.sides[3] } else { grid.sides[3] };
            take_half(from, grid.sides[3], pace, odd(3), x);
        } else {
            // Rows of one value, which are never split.
            let pace = if grid.split[2] { 2 } else { 1 };
            for (x, &v) in x.iter_mut().zip(from.iter().step_by(pace)) {
                *x = v;
            }
        }
        let (mut most, good) = quantise(x, p, &self.quantum, k, r);
        if !good {
            let second = second_chance(x, p, &self.quantum, self.bound, k, r);
            most = if second > most { second } else { most };
        }
        // The kernel's differences may be rounded: a row that may hold the largest error is looked at again.
        if most.to_f64() > self.max_error * (1.0 - 1.0 / 1_048_576.0) {
            for (x, r) in x.iter().zip(&*r) {
                let error = x.distance(*r);
                if error > self.max_error {
                    self.max_error = error;
                }
            }
        }
        if place.level + 1 < self.grids.len() && self.sink.skips(k.iter().fold(0, |any, &k| any | k) == 0) {
            activity.fill(0);
            return Ok(());
        }
        self.sink.row(place.rows(), contexts(), k, activity, x)
    }
}

struct Decoder<'a, W> {
    source: Source<'a>,
    step: W,
    /// The coarsest level.
    top: usize,
}

impl<T: Float, W: Work<T>> Slabs<T, W> for Decoder<'_, W> {
    fn slab<'c>(
        &mut self,
        place: Place,
        p: &[W],
        contexts: impl FnOnce() -> &'c mut [u8],
        r: &mut [T],
        activity: &mut [u16],
    ) -> Result<()> {
        if place.level < self.top && self.source.skips()? {
            store(p, r);
            activity.fill(0);
            return Ok(());
        }
        self.source.values(place.rows(), contexts(), p, self.step, r, activity)
    }
}

/// Reads the axes that are left whole, and the bit of the one that is followed.
pub(crate) fn read_axes(reader: &mut Reader<'_>) -> Result<(u8, u8)> {
    let axes = reader.u8()?;
    let (whole, follow) = (axes & !Follow::BITS, axes & Follow::BITS);
    // The fast axis is always halved.
    if whole & !0b1110 != 0 {
        return Err(Error::corrupt("an axis that can't be left whole"));
    }
    Ok((whole, follow))
}

/// Decodes what follows the kind.
pub(crate) fn interpolate<T: Float, W: Work<T>>(
    mut reader: Reader<'_>,
    sides: [usize; 4],
    head: u8,
    out: &mut [T],
) -> Result<()> {
    let step = Step::read(&mut reader, head & kind::WIDE != 0)?;
    let (whole, follow) = read_axes(&mut reader)?;
    let grids: Vec<Grid> = Grid::pyramid(sides, whole).collect();
    let shares = Shares::read(grids[0].split, &mut reader)?;
    let axes = Axes { shares, follow: Follow::read(follow, sides, &mut reader)? };
    let flags = head & kind::FLAGS != 0;
    let slab = if flags { SLAB } else { SLAB_WITHOUT_FLAGS };
    let source = model::read(&mut reader, slab.max(sides[3]), head)?;
    let mut decoder = Decoder { source, step: W::from_f64(step.size), top: grids.len() - 1 };
    let classes = interp::run::<T, W>(&grids, &axes, slab, &mut decoder)?;
    decoder.source.finish()?;
    if grids.len() == 1 {
        out.copy_from_slice(classes.get(0).values);
    } else {
        classes.join_values(&grids[0], out);
    }
    Ok(())
}
