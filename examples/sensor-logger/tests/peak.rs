//! The logger's memory, and what it gives back. One test, alone in its program: the peak is the whole program's.

use tolzip_sensor_logger::{HEAP, Logger};

#[global_allocator]
static HEAP_IN_USE: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

const SENSORS: usize = 4;
const N: usize = 256;
const ERROR: f64 = 0.01;

/// A number in [-1, 1) from a counter.
fn noise(seed: &mut u32) -> f32 {
    *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    (*seed >> 8) as f32 / 8_388_608.0 - 1.0
}

/// Temperatures, a vibration, a counter; nothing but noise; any bits at all.
fn readings(signal: usize, i: usize, seed: &mut u32) -> [f32; SENSORS] {
    let t = i as f32;
    match signal {
        0 => [20.0 + 1e-3 * t, 21.5 - 2e-3 * t, (t * 0.3).sin(), t],
        1 => core::array::from_fn(|_| noise(seed) * 1e4),
        2 => core::array::from_fn(|_| {
            f32::from_bits((noise(seed).to_bits() ^ seed.rotate_left(9)) | (i as u32 & 1))
        }),
        3 => [f32::NAN, f32::INFINITY, -0.0, if i.is_multiple_of(3) { f32::NAN } else { t }],
        _ => [1e30 * noise(seed), 1e-30 * noise(seed), f32::MAX, noise(seed)],
    }
}

#[test]
fn a_block_is_compressed_in_the_stated_heap_and_comes_back() {
    let mut peak = 0;
    let (mut raw, mut stored) = (0, 0);
    for signal in 0..5 {
        let mut logger = Logger::<SENSORS, N>::new(ERROR);
        let mut seed = signal as u32 + 1;
        let mut sent: Vec<[f32; SENSORS]> = Vec::with_capacity(N);
        let mut blocks: Vec<(Vec<u8>, Vec<[f32; SENSORS]>)> = Vec::with_capacity(8);
        for i in 0..4 * N + 100 {
            let now = readings(signal, i, &mut seed);
            sent.push(now);
            HEAP_IN_USE.reset_peak_usage();
            let before = HEAP_IN_USE.current_usage();
            let mut used = 0;
            let mut stream = Vec::new();
            let store = |bytes: &[u8]| {
                used = HEAP_IN_USE.peak_usage() - before;
                stream = bytes.to_vec();
            };
            if i + 1 == 4 * N + 100 {
                let mut logger = logger.clone();
                logger.push(now, |_| {}).unwrap();
                HEAP_IN_USE.reset_peak_usage();
                logger.flush(store).unwrap();
            } else {
                logger.push(now, store).unwrap();
            }
            if !stream.is_empty() {
                peak = peak.max(used);
                blocks.push((stream, std::mem::take(&mut sent)));
            }
        }
        assert_eq!(blocks.len(), 5);
        for (stream, sent) in &blocks {
            let back = tolzip::decompress::<f32>(stream).unwrap();
            assert_eq!(back.shape().sides(), [SENSORS, sent.len()]);
            for (sensor, row) in back.values().chunks(sent.len()).enumerate() {
                for (y, x) in row.iter().zip(sent.iter().map(|s| s[sensor])) {
                    let close = (f64::from(x) - f64::from(*y)).abs() <= ERROR;
                    assert!(close || x.to_bits() == y.to_bits(), "{x} became {y}");
                }
            }
            if signal == 0 {
                raw += sent.len() * SENSORS * 4;
                stored += stream.len();
            }
        }
    }
    assert!(peak <= HEAP, "{peak} bytes of heap, {HEAP} are stated");
    // The statement is no wild guess either.
    assert!(peak * 2 > HEAP, "{peak} bytes of heap, {HEAP} are stated");
    assert!(stored * 4 < raw, "{stored} bytes for {raw} of readings");
}
