//! Training on batches that are decompressed while the model trains, beside training on the same rows in memory.

use crate::Loader;
use crate::apps::{Failure, Task};
use crate::nn::{Mlp, Target, fit, shuffle};
use crate::transfer::Setting;
use ndarray::Array2;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;
use tolzip::{Array, Compressor, Limits, with_any};

/// Trainings of one application, with rows from memory and from a compressed array. Seconds are those of a training.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Race {
    /// Rows that a training sees in an epoch, and values of each.
    pub rows: usize,
    /// See [`rows`](Self::rows).
    pub width: usize,
    /// Epochs of a training.
    pub epochs: usize,
    /// Compression ratio, in blocks of rows.
    pub ratio: f64,
    /// Seconds with rows from memory.
    pub raw_seconds: f64,
    /// Seconds with every batch decompressed when it is needed.
    pub loaded_seconds: f64,
    /// Seconds with batches decompressed ahead, on a thread of their own.
    pub ahead_seconds: f64,
    /// Mean quality with rows from memory.
    pub raw_quality: f64,
    /// Mean quality with rows from the compressed array.
    pub loaded_quality: f64,
}

/// How rows are stored and shuffled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocks {
    /// Rows of a block, which is decompressed as a whole.
    pub rows: usize,
    /// Blocks that are in memory at a time. Blocks come in a new order in every epoch, and rows are shuffled among so many of
    /// them, as data sets in files of their own usually are.
    pub kept: usize,
}

/// Where rows come from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    Memory,
    Loader,
    Ahead,
}

/// Trains one of the applications `digits`, `cells` and `darcy` with these seeds, on the same rows in the same order from each
/// source; `None` for others. Times are the shortest of all seeds.
///
/// # Errors
/// What compressing says.
pub fn race(id: &str, setting: &Setting, blocks: Blocks, seeds: u64) -> Option<Result<Race, Failure>> {
    Task::of(id)
        .map(|task| run(&task, setting, blocks, seeds.max(1)).map_err(|e| Failure::new(e.to_string())))
}

fn run(task: &Task, setting: &Setting, blocks: Blocks, seeds: u64) -> tolzip::Result<Race> {
    let sides = task.train.shape().sides().to_vec();
    let rows = sides.first().copied().unwrap_or(0);
    let mut chunk = sides.clone();
    if let Some(first) = chunk.first_mut() {
        *first = blocks.rows.clamp(1, rows.max(1));
    }
    let stream = Compressor::new(setting.method.clone(), setting.bound)
        .by(setting.scope)
        .chunk(&chunk)
        .compress_any(&task.train)?;
    // As a loader hands rows out, whatever their type.
    let raw: Array<f32> = with_any!(&task.train, a => Array::new(
        a.values().iter().map(|&v| tolzip::Element::to_f64(v) as f32).collect(),
        task.train.shape(),
    ))?;
    let sources = [Source::Memory, Source::Loader, Source::Ahead];
    let mut seconds = [f64::INFINITY; 3];
    let mut quality = [0.0; 3];
    for seed in 0..seeds {
        for (i, &source) in sources.iter().enumerate() {
            let start = Instant::now();
            let model = train(task, (&raw, &stream), source, blocks, seed)?;
            seconds[i] = seconds[i].min(start.elapsed().as_secs_f64());
            quality[i] += (task.score)(&model) / seeds as f64;
        }
    }
    Ok(Race {
        rows,
        width: raw.values().len() / rows.max(1),
        epochs: task.config.epochs,
        ratio: task.train.byte_len() as f64 / stream.len() as f64,
        raw_seconds: seconds[0],
        loaded_seconds: seconds[1],
        ahead_seconds: seconds[2],
        raw_quality: quality[0],
        loaded_quality: quality[1],
    })
}

fn train(
    task: &Task,
    (raw, stream): (&Array<f32>, &[u8]),
    source: Source,
    blocks: Blocks,
    seed: u64,
) -> tolzip::Result<Mlp> {
    let rows = raw.shape().sides().first().copied().unwrap_or(0);
    let width = raw.values().len() / rows.max(1);
    let (y, val_y) = match &task.labels {
        Some((labels, classes)) => {
            (Target::Classes(labels, *classes), Target::Classes(&task.validation.1, *classes))
        }
        None => (Target::Inputs(rows, width), Target::Inputs(task.validation.0.nrows(), width)),
    };
    let (model, mut rng) = Mlp::seeded(&task.config, width, y.width(), seed);
    let mut loader = Loader::<f32>::open(stream, Limits::default(), blocks.kept)?;
    let matrix = |values: Vec<f32>| {
        let rows = values.len().checked_div(width).unwrap_or(0);
        let x = Array2::from_shape_vec((rows, width), values).expect("whole rows");
        (task.prepare)(&x)
    };
    fit(&task.config, model, y, (&task.validation.0, val_y), |step| {
        let order = order(rows, blocks, &mut rng);
        let mut batches = order.chunks(task.config.batch.max(1));
        match source {
            Source::Memory => {
                for batch in batches {
                    let values = batch.iter().flat_map(|&r| &raw.values()[r * width..(r + 1) * width]);
                    step(batch, matrix(values.copied().collect()));
                }
                Ok(())
            }
            Source::Loader => batches.try_for_each(|batch| {
                let mut values = Vec::with_capacity(batch.len() * width);
                loader.batch(batch, &mut values)?;
                step(batch, matrix(values));
                Ok(())
            }),
            Source::Ahead => thread::scope(|scope| {
                // A group of blocks ahead: the first batch of a group waits for all of its blocks.
                let group = blocks.rows.saturating_mul(blocks.kept).min(rows);
                let (give, get) = mpsc::sync_channel(group.div_ceil(task.config.batch.max(1)).max(1));
                let (loader, matrix) = (&mut loader, &matrix);
                scope.spawn(move || {
                    for batch in batches {
                        let mut values = Vec::with_capacity(batch.len() * width);
                        let loaded = loader.batch(batch, &mut values).map(|()| (batch, matrix(values)));
                        if give.send(loaded).is_err() {
                            break;
                        }
                    }
                });
                get.into_iter().try_for_each(|loaded| loaded.map(|(batch, x)| step(batch, x)))
            }),
        }
    })
}

/// All rows: blocks in random order, rows in random order among the blocks that are kept.
fn order(rows: usize, blocks: Blocks, rng: &mut ChaCha8Rng) -> Vec<usize> {
    let block = blocks.rows.max(1);
    let mut numbers: Vec<usize> = (0..rows.div_ceil(block)).collect();
    shuffle(&mut numbers, rng);
    let mut all = Vec::with_capacity(rows);
    for group in numbers.chunks(blocks.kept.max(1)) {
        let from = all.len();
        all.extend(group.iter().flat_map(|&b| b * block..((b + 1) * block).min(rows)));
        shuffle(&mut all[from..], rng);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::rand_core::SeedableRng;
    use tolzip::{Bound, Method, Scope};

    #[test]
    fn every_row_comes_once() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for (rows, block, kept) in [(100, 7, 3), (5, 9, 1), (0, 4, 2), (64, 1, 64)] {
            let mut all = order(rows, Blocks { rows: block, kept }, &mut rng);
            assert!(rows < 10 || all.windows(2).any(|w| w[0] > w[1]));
            all.sort_unstable();
            assert!(all.into_iter().eq(0..rows));
        }
    }

    /// Without a loss, all sources train the same model.
    #[test]
    fn the_source_makes_no_difference() {
        let lossless = Setting { method: Method::Auto, bound: Bound::Lossless, scope: Scope::Whole };
        for id in ["digits", "cells", "darcy"] {
            let found = race(id, &lossless, Blocks { rows: 64, kept: 4 }, 1).unwrap().unwrap();
            assert_eq!(found.raw_quality.to_bits(), found.loaded_quality.to_bits(), "{id}");
            let base = crate::apps::get(id).unwrap().recorded().mean;
            assert!((found.raw_quality / base - 1.0).abs() < 0.2, "{id}: {found:?}");
        }
        assert!(race("demand", &lossless, Blocks { rows: 64, kept: 4 }, 1).is_none());
    }
}
