//! Chunks coded by the causal predictor: values become integers first, and integers become values last.

use crate::causal::{self, Field};
use crate::causal_layout::{BATCH, Layout, Weights};
use crate::codec::kind;
use crate::decode::word;
use crate::encode::{Chunk, Coded};
use crate::quantum::{Step, second_chance};
use crate::symbols::{Entropy, Sink};
use crate::{causal_decode, causal_fit, model};
use alloc::vec::Vec;
use tolzip_core::bytes::{Reader, put_leb128, try_vec};
use tolzip_core::{Error, Float, Result, Word};
use tolzip_simd::memory::zeros;
use tolzip_simd::rows::{EXCEPTION, Quantum, Work, pre_quantise, reconstruct, turn};

impl<T: Float> Chunk<'_, T> {
    /// Appends the chunk up to the model.
    pub(crate) fn causal<W: Work<T>>(
        &self,
        quantum: &Quantum<T, W>,
        entropy: Entropy,
        out: &mut Vec<u8>,
    ) -> Result<Coded> {
        let Integers { field, step, centre, exact, max_error } = self.field::<W>(quantum)?;
        out.push(kind::CAUSAL | if centre == 0.0 { 0 } else { kind::OFFSET });
        out.extend_from_slice(&step.to_le_bytes());
        if centre != 0.0 {
            out.extend_from_slice(&centre.to_le_bytes());
        }
        put_leb128(out, exact.len() as u64);
        let mut next = 0;
        for i in exact {
            put_leb128(out, (i - next) as u64);
            out.extend_from_slice(&self.values[i].to_bits().to_u64().to_le_bytes()[..size_of::<T>()]);
            next = i + 1;
        }
        let fields = [field];
        let weights = causal_fit::fit(&fields, causal_fit::FULL);
        weights.write(out);
        let mut sink = Sink::new(self.values.len(), entropy)?;
        causal::encode(&fields[0], &weights, &mut sink)?;
        Ok(Coded { sink, max_error })
    }

    /// The values as integers.
    pub(crate) fn field<W: Work<T>>(&self, quantum: &Quantum<T, W>) -> Result<Integers> {
        let coarse = self.lattice.and_then(|l| {
            let step = Step { size: l.unit, ..self.step };
            Some((step.quantum::<T, W>(self.bound)?, l.unit, l.offset))
        });
        let (quantum, step, offset) =
            coarse.as_ref().map_or((quantum, self.step.size, 0.0), |(q, s, o)| (q, *s, *o));
        let reach = W::LIMIT.to_f64() * step * 0.5;
        let central = self.least > -reach && self.most < reach;
        let centre = if central { offset } else { self.least * 0.5 + self.most * 0.5 };
        let offset = W::from_f64(centre);
        let layout = Layout::of(self.sides);
        let mut out =
            Integers { field: Field::new(layout)?, step, centre, exact: Vec::new(), max_error: 0.0 };
        let mut last = 0;
        // Quantises a run of values; an exception repeats the integer before it.
        let Integers { field, exact, max_error, .. } = &mut out;
        let mut run = |begin: usize, x: &[T], k: &mut [i32]| {
            let (most, good) = pre_quantise(x, offset, quantum, k);
            *max_error = f64::max(*max_error, most.to_f64());
            if good {
                last = k.last().copied().unwrap_or(last);
                return;
            }
            for (i, (k, &x)) in k.iter_mut().zip(x).enumerate() {
                if *k == EXCEPTION {
                    let error = second_chance(
                        &[x],
                        &[offset],
                        quantum,
                        self.bound,
                        core::slice::from_mut(k),
                        &mut [x],
                    );
                    *max_error = f64::max(*max_error, error.to_f64());
                }
                if *k == EXCEPTION {
                    exact.push(begin + i);
                    *k = last;
                }
                last = *k;
            }
        };
        if layout.folded {
            let mut flat: Vec<i32> = zeros(self.values.len())?;
            run(0, self.values, &mut flat);
            field.fold(&flat);
        } else {
            let mut rows = self.values.chunks_exact(layout.sides[3]).enumerate();
            causal::each_row(layout.sides, |at| {
                if let Some((i, row)) = rows.next() {
                    run(i * layout.sides[3], row, field.row_mut(at));
                }
            });
        }
        out.field.close_all();
        Ok(out)
    }
}

/// The integers that values were quantised to.
pub(crate) struct Integers {
    pub(crate) field: Field,
    step: f64,
    /// What 0 stands for.
    centre: f64,
    /// The values that are stored exactly.
    exact: Vec<usize>,
    max_error: f64,
}

/// Decodes what follows the kind.
pub(crate) fn accumulate<T: Float, W: Work<T>>(
    mut reader: Reader<'_>,
    sides: [usize; 4],
    head: u8,
    out: &mut [T],
) -> Result<()> {
    let step = Step::read(&mut reader, head & kind::WIDE != 0)?;
    let centre = if head & kind::OFFSET != 0 { reader.f64()? } else { 0.0 };
    let mut exact: Vec<(usize, T)> = Vec::new();
    let mut next = 0;
    for _ in 0..reader.leb128_up_to(out.len(), "more exact values than values")? {
        let i = reader.leb128_up_to(out.len(), "an exact value beyond the chunk")? + next;
        if i >= out.len() {
            return Err(Error::corrupt("an exact value beyond the chunk"));
        }
        exact.push((i, word(&mut reader)?));
        next = i + 1;
    }
    let layout = Layout::of(sides);
    let weights = Weights::read(&layout, &mut reader)?;
    let mut source = model::read(&mut reader, layout.sides[3], head)?;
    let offset = W::from_f64(centre);
    let step = W::from_f64(step.size);
    let offsets = [offset].repeat(layout.sides[3].max(BATCH));
    let mut unfold = Unfold::<T>::new(&layout)?;
    causal_decode::decode(layout, &weights, &mut source, |number, k| {
        if layout.folded {
            unfold.row(number, k, &offsets, step, out);
        } else {
            let begin = number * layout.sides[3];
            reconstruct(&offsets, k, step, &mut out[begin..begin + k.len()]);
        }
    })?;
    source.finish()?;
    for (i, x) in exact {
        out[i] = x;
    }
    Ok(())
}

/// The way of a folded line's rows back into the line, some rows at a time.
struct Unfold<T> {
    /// Where the segments begin.
    begins: Vec<usize>,
    width: usize,
    /// Values in a row, and those that a row has room for.
    row: usize,
    stride: usize,
    last_row: usize,
    /// Values held back; or, where points are of one value, integers, and what they become when rows are turned into columns.
    values: Vec<T>,
    held: Vec<i32>,
    turned: Vec<i32>,
}

impl<T: Float> Unfold<T> {
    fn new(layout: &Layout) -> Result<Self> {
        let (width, row) = (layout.lag, layout.sides[3]);
        let stride = row.next_multiple_of(BATCH);
        let single = if layout.folded && width == 1 { BATCH * stride } else { 0 };
        Ok(Self {
            begins: if layout.folded { layout.segment_begins().collect() } else { Vec::new() },
            width,
            row,
            stride,
            last_row: layout.sides[2] - 1,
            values: try_vec(if layout.folded && width > 1 { BATCH * row } else { 0 })?,
            held: try_vec(single)?,
            turned: try_vec(single)?,
        })
    }

    /// Takes a row, and writes it and those held back when they are enough or no more come.
    fn row<W: Work<T>>(&mut self, number: usize, k: &[i32], offsets: &[W], step: W, out: &mut [T]) {
        let (width, held) = (self.width, number % BATCH);
        if width == 1 {
            self.held[held * self.stride..][..k.len()].copy_from_slice(k);
        } else {
            reconstruct(offsets, k, step, &mut self.values[held * self.row..][..k.len()]);
        }
        if held + 1 < BATCH && number < self.last_row {
            return;
        }
        if width == 1 {
            turn(&self.held, self.stride, &mut self.turned);
        }
        let first = number - held;
        for (segment, begin) in self.begins.iter().enumerate() {
            // Only the last row can be shorter than the others.
            let count = if segment * width < k.len() { held + 1 } else { held };
            let to = &mut out[begin + first * width..][..count * width];
            if width == 1 {
                reconstruct(offsets, &self.turned[segment * BATCH..][..count], step, to);
                continue;
            }
            let from = self.values[segment * width..].chunks(self.row);
            for (to, from) in to.chunks_exact_mut(width).zip(from) {
                to.copy_from_slice(&from[..width]);
            }
        }
    }
}
