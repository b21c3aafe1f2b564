//! The prediction codec of tolzip: interpolation and Lorenzo predictors, a verified quantizer, context-coded residuals.
#![no_std]
#![forbid(unsafe_code)]
