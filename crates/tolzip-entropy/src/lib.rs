//! Entropy coders of tolzip: interleaved rANS, LZ and their models.
#![no_std]
#![forbid(unsafe_code)]
