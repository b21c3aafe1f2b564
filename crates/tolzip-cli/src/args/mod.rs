//! What several verbs take on the command line, and how it is read.

pub(crate) mod bound;
pub(crate) mod input;
pub(crate) mod keep;
pub(crate) mod methods;
pub(crate) mod region;
pub(crate) mod scope;

pub(crate) use bound::{Ask, BoundArgs, BoundListArgs};
pub(crate) use input::InputArgs;
pub(crate) use scope::ScopeArgs;
