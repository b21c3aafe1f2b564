//! The transform codec of tolzip: zfp's streams, bit for bit.
#![no_std]
#![forbid(unsafe_code)]
