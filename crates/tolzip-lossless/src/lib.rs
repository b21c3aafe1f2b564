//! Lossless float and byte-level backends of tolzip.
#![no_std]
#![forbid(unsafe_code)]
