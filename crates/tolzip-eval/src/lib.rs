//! How much lossy compression do a model's training data take?
//!
//! Lossy compressors promise an error bound; what a user wants to know is what the bound costs the model that is trained on
//! the data. This crate trains: [`apps`] holds real tasks (and turns a user's command into one), [`Search`] finds for many
//! methods how far quality lasts, and [`report`] writes down what it found. The method follows R. Underwood,
//! J. C. Calhoun, S. Di, F. Cappello, *Understanding The Effectiveness of Lossy Compression in Machine Learning Training
//! Sets*, arXiv 2403.15953 (2024).

pub mod apps;
pub mod columns;
mod data;
mod facade;
mod files;
pub mod findings;
mod generate;
mod loader;
pub mod loading;
pub mod metrics;
mod nn;
pub mod reduce;
pub mod report;
pub mod search;
mod store;
pub mod transfer;

pub use facade::Tolzip;
pub use loader::Loader;
pub use search::{Outcome, Search, Study};
