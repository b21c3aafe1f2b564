#![no_main]
//! Any bytes as a whole stream: an array or an error.

use libfuzzer_sys::fuzz_target;
use tolzip::{Limits, Stream};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(stream) = Stream::open(bytes, Limits::bytes(1 << 24)) {
        let _ = stream.info();
        let _ = stream.decode_any(1);
        let _ = stream.salvage_any(1);
    }
});
