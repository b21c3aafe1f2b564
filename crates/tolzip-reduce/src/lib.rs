//! Truncation and sampling: the reductions of tolzip that need no entropy coder of their own.
#![no_std]
#![forbid(unsafe_code)]
