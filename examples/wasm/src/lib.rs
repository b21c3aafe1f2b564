//! tolzip as WebAssembly, without a binding generator: the caller writes its bytes where [`tolzip_buffer`] says, asks for
//! something to be done with them, and reads the result from there.
//!
//! ```text
//! cargo build -p tolzip-wasm-example --release --target wasm32-unknown-unknown
//! node examples/wasm/round_trip.mjs target/wasm32-unknown-unknown/release/tolzip_wasm_example.wasm
//! ```
// Names that the outside can find are the only thing here that the compiler calls unsafe.
#![allow(unsafe_code)]

use std::sync::{Mutex, PoisonError};
use tolzip::{Bound, Limits, Stream};

/// What goes in and what comes out.
static BUFFER: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Makes the buffer this long and says where it is. The place may change with each call of any function here.
#[unsafe(no_mangle)]
pub extern "C" fn tolzip_buffer(bytes: usize) -> *mut u8 {
    let mut buffer = BUFFER.lock().unwrap_or_else(PoisonError::into_inner);
    buffer.resize(bytes, 0);
    buffer.as_mut_ptr()
}

/// Takes the buffer as `rows` times `columns` f32 (little-endian), compresses them within an absolute bound, leaves the stream in
/// the buffer and returns its length; -1 if that is not possible.
#[unsafe(no_mangle)]
pub extern "C" fn tolzip_compress(rows: usize, columns: usize, bound: f64) -> isize {
    replace(|bytes| {
        let values: Vec<f32> = bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
        tolzip::compress(&values, &[rows, columns], Bound::abs(bound))
    })
}

/// Takes the buffer as a stream, leaves its values (little-endian) in the buffer and returns their bytes; -1 if it is no stream.
#[unsafe(no_mangle)]
pub extern "C" fn tolzip_decompress() -> isize {
    replace(|bytes| Ok(Stream::open(bytes, Limits::default())?.decode_any(1)?.to_le_bytes()))
}

fn replace(work: impl FnOnce(&[u8]) -> tolzip::Result<Vec<u8>>) -> isize {
    let mut buffer = BUFFER.lock().unwrap_or_else(PoisonError::into_inner);
    let Ok(result) = work(&buffer) else { return -1 };
    *buffer = result;
    isize::try_from(buffer.len()).unwrap_or(-1)
}
