//! What the tests across crates share: arrays of every awkward kind, and a decoder written from the specification.

pub mod adversary;
pub mod arrays;
pub mod damage;
pub mod golden;
pub mod independent;
pub mod methods;
pub mod payloads;
