//! JSON that several verbs share.

use serde::Serialize;
use tolzip::Bound;

/// A bound: its kind as the flags spell it, and its number where it has one.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct BoundRecord {
    kind: &'static str,
    value: Option<f64>,
    /// The relative bound beside an absolute one.
    #[serde(skip_serializing_if = "Option::is_none")]
    second: Option<f64>,
}

impl From<Bound> for BoundRecord {
    fn from(bound: Bound) -> Self {
        Self { kind: bound.kind(), value: bound.value(), second: bound.second() }
    }
}

impl BoundRecord {
    /// As text, such as `rel 0.001`.
    pub(crate) fn text(&self) -> String {
        match self.value {
            Some(value) => match self.second {
                Some(second) => format!("{} {value},{second}", self.kind),
                None => format!("{} {value}", self.kind),
            },
            None => self.kind.to_owned(),
        }
    }
}
