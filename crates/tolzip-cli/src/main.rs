//! The tolzip command line.
fn main() {}
