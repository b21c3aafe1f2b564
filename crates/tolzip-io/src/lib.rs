//! File formats of tolzip: npy, npz and raw files.
#![forbid(unsafe_code)]
