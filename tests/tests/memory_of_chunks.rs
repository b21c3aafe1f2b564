//! What compressing an array takes that is read box by box. One test, alone in its program: the peak is the whole program's.

use tolzip::{Bound, Compressor, Result, Shape, Source, View};

#[global_allocator]
static PEAK: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

const SIDES: [usize; 3] = [325, 128, 128];
/// Bytes of a chunk of 65 x 128 x 128 values.
const CHUNK: usize = 65 * 128 * 128 * 4;

/// Waves, made as they are asked for.
struct Waves;

impl Source<f32> for Waves {
    fn shape(&self) -> Shape {
        Shape::new(&SIDES).unwrap()
    }

    fn read(&self, start: &[usize], size: Shape, out: &mut Vec<f32>) -> Result<()> {
        let [depth, height, width] = size.sides().try_into().unwrap();
        let wave = |i: usize| (i as f64 * 0.05).sin();
        for z in start[0]..start[0] + depth {
            for y in start[1]..start[1] + height {
                let row = start[2]..start[2] + width;
                out.extend(row.map(|x| (wave(x + z) * wave(y + 2 * z) + 1e-4 * wave(x * y * 7919)) as f32));
            }
        }
        Ok(())
    }
}

#[test]
fn compressing_takes_the_memory_of_its_chunks() {
    let used = |method: &str, bound: Bound, threads: usize| {
        let c = Compressor::new(method.parse().unwrap(), bound).chunk(&[65, 128, 128]).threads(threads);
        PEAK.reset_peak_usage();
        let before = PEAK.current_usage();
        let summary = c.write_from(&Waves, std::io::sink()).unwrap();
        assert_eq!((summary.chunks, summary.raw_bytes), (5, 5 * CHUNK as u64));
        (PEAK.peak_usage() - before) as f64 / CHUNK as f64
    };
    let methods =
        ["auto", "predict", "predict:predictor=lorenzo", "transform", "fast", "lossless", "bitround"];
    for threads in [1, 2] {
        for method in methods {
            for bound in [Bound::Rel(1e-2), Bound::Rel(1e-5)] {
                let bound = if method == "lossless" { Bound::Lossless } else { bound };
                let chunks = used(method, bound, threads);
                assert!(
                    chunks < 5.0 * threads as f64,
                    "{method} {bound:?}, {threads} threads: {chunks:.1} chunks"
                );
            }
        }
    }
    // Not at the price of other bytes: ranges are found in slices here.
    let mut values = Vec::new();
    Waves.read(&[0; 3], Waves.shape(), &mut values).unwrap();
    let c = Compressor::new("fast".parse().unwrap(), Bound::Rel(1e-3)).chunk(&[65, 128, 128]);
    assert!(c.compress_from(&Waves) == c.compress(View::new(&values, Waves.shape()).unwrap()));
}
