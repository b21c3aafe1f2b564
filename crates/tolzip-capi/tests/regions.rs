//! Regions of streams of several chunks, as C asks for them.

use std::ffi::c_void;
use tolzip::{Bound, Compressor, Shape, View};
use tolzip_c::{TolzipStatus, tolzip_decompress_region};

fn read(
    stream: &[u8],
    start: &[usize],
    count: &[usize],
    capacity: usize,
    limit: u64,
) -> (TolzipStatus, usize, Vec<f32>) {
    let mut values = vec![0f32; capacity / 4];
    let mut written = usize::MAX;
    // SAFETY: all pointers are of live buffers of the lengths that are given.
    let status = unsafe {
        tolzip_decompress_region(
            stream.as_ptr().cast(),
            stream.len(),
            start.as_ptr(),
            count.as_ptr(),
            start.len(),
            values.as_mut_ptr().cast::<c_void>(),
            capacity,
            &raw mut written,
            limit,
            2,
        )
    };
    (status, written, values)
}

#[test]
fn regions_are_parts_of_the_whole_and_cost_the_chunks_they_touch() {
    let values: Vec<f32> = (0..20 * 30).map(|i| (i as f32 * 0.01).sin()).collect();
    let view = View::new(&values, Shape::new(&[20, 30]).unwrap()).unwrap();
    let mut stream =
        Compressor::new(tolzip::Method::Auto, Bound::Lossless).chunk(&[5, 30]).compress(view).unwrap();
    let want = |rows: std::ops::Range<usize>, columns: std::ops::Range<usize>| -> Vec<f32> {
        rows.flat_map(|r| values[r * 30..][columns.clone()].to_vec()).collect()
    };
    let (status, written, found) = read(&stream, &[3, 10], &[9, 4], 9 * 4 * 4, 0);
    assert_eq!((status, written), (TolzipStatus::Ok, 144));
    assert_eq!(found, want(3..12, 10..14));
    // The limit is for the region and for each chunk, of 600 bytes.
    assert_eq!(read(&stream, &[3, 10], &[9, 4], 144, 599).0, TolzipStatus::BufferTooSmall);
    assert_eq!(read(&stream, &[0, 0], &[0, 30], 0, 0).0, TolzipStatus::Ok);
    for (start, count) in [([20, 0], [1, 1]), ([0, 30], [1, 1]), ([0, 0], [21, 1]), ([usize::MAX, 0], [2, 1])]
    {
        assert_eq!(read(&stream, &start, &count, 144, 0).0, TolzipStatus::BadArgument, "{start:?} {count:?}");
    }
    // A damaged chunk is of no concern to who does not need it.
    let last = stream.len() - 4 * 8 - 20 - 1;
    stream[last] ^= 1;
    assert_eq!(read(&stream, &[0, 0], &[15, 30], 1800, 0).2, want(0..15, 0..30));
    assert_eq!(read(&stream, &[0, 0], &[16, 30], 1920, 0).0, TolzipStatus::Damaged);
}
