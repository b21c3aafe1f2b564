//! All tests across the crates but those of memory, whose peaks are the whole program's. One program: each one more would compile
//! all of the library's codecs for all types again.

mod auto;
mod bounds;
mod conformance;
mod fields;
mod goals;
mod golden;
mod golden_kinds;
mod guarantees;
mod hostile;
mod incompressible;
mod independent;
mod sources;
mod truncation;
