//! What part of an array a bound speaks of, and which values it leaves out.

use clap::Args;
use tolzip::{NonFinite, Scope};

/// `--by`, `--non-finite` and `--fill-value`.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct ScopeArgs {
    /// Take the bound, the range and the choice of settings separately for each: column (last axis), row (first axis)
    /// or axis=K
    #[arg(long, value_name = "SCOPE", value_parser = scope)]
    by: Option<Scope>,
    /// NaN and infinities: keep them bit for bit (preserve), refuse them (deny), or keep only where they are (mask)
    #[arg(long, value_name = "WHAT", value_parser = non_finite, default_value = "preserve")]
    non_finite: NonFinite,
    /// Values equal to V stand for missing ones: they are kept exactly and left out of the range
    #[arg(long, value_name = "V", value_parser = fill_value, allow_hyphen_values = true)]
    fill_value: Option<f64>,
}

impl ScopeArgs {
    pub(crate) fn scope(self) -> Scope {
        self.by.unwrap_or_default()
    }

    pub(crate) const fn non_finite(self) -> NonFinite {
        self.non_finite
    }

    pub(crate) const fn fill_value(self) -> Option<f64> {
        self.fill_value
    }
}

pub(crate) fn scope(text: &str) -> Result<Scope, String> {
    match text {
        "column" => Ok(Scope::Column),
        "row" => Ok(Scope::Row),
        _ => text
            .strip_prefix("axis=")
            .and_then(|k| k.parse().ok())
            .map(Scope::Axis)
            .ok_or_else(|| "one of column, row, axis=K (K counts from 0)".to_owned()),
    }
}

fn fill_value(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| "not a number (as in 1e20 or -9999)".to_owned())
}

fn non_finite(text: &str) -> Result<NonFinite, String> {
    match text {
        "preserve" => Ok(NonFinite::Preserve),
        "deny" => Ok(NonFinite::Deny),
        "mask" => Ok(NonFinite::Mask),
        _ => Err("one of preserve, deny, mask".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_by_name_and_by_number() {
        assert_eq!(scope("column"), Ok(Scope::Column));
        assert_eq!(scope("axis=2"), Ok(Scope::Axis(2)));
        for bad in ["axis", "axis=", "axis=-1", "columns", "2"] {
            assert!(scope(bad).is_err(), "{bad}");
        }
    }
}
