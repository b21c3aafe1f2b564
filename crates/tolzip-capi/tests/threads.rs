//! The functions for C, called by several threads at the same time.

use std::ffi::c_void;
use tolzip_c::{tolzip_compress, tolzip_decompress, tolzip_settings};

#[test]
fn threads_compress_and_decompress_at_the_same_time() {
    std::thread::scope(|scope| {
        for seed in 0..6 {
            scope.spawn(move || (0..5).for_each(|round| round_trip(seed * 10 + round, 1 + seed % 3)));
        }
    });
}

fn round_trip(seed: u32, threads: u32) {
    let values: Vec<f32> = (0..6000).map(|i| ((i * (seed + 1)) as f32 * 1e-3).sin()).collect();
    let mut settings = tolzip_settings(1, 1e-3);
    settings.threads = threads;
    let bytes = 4 * values.len();
    let mut stream = vec![0u8; bytes + 1000];
    let mut back = vec![0f32; values.len()];
    let shape = [60usize, 100];
    let (mut written, mut read) = (0, 0);
    // SAFETY: all pointers are to living buffers of the sizes that are passed, and no two of them overlap.
    let statuses = unsafe {
        let first = tolzip_compress(
            values.as_ptr().cast::<c_void>(),
            bytes,
            1,
            shape.as_ptr(),
            2,
            &raw const settings,
            stream.as_mut_ptr().cast(),
            stream.len(),
            &raw mut written,
        );
        let second = tolzip_decompress(
            stream.as_ptr().cast(),
            written,
            back.as_mut_ptr().cast(),
            bytes,
            &raw mut read,
            threads,
        );
        [first, second]
    };
    assert!(statuses.into_iter().all(|s| s as i32 == 0));
    assert_eq!(read, bytes);
    assert!(values.iter().zip(&back).all(|(x, y)| (x - y).abs() <= 1e-3));
}
