//! What part of an array a bound speaks of, and which values it leaves out.

use clap::Args;
use tolzip::{Compressor, DType, NonFinite, Scope};

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
    fill_value: Option<FillValue>,
}

/// A number as it was written: integers of 64 bits are not all f64.
#[derive(Clone, Copy, Debug, PartialEq)]
struct FillValue {
    value: f64,
    integer: Option<i128>,
}

impl ScopeArgs {
    pub(crate) fn scope(self) -> Scope {
        self.by.unwrap_or_default()
    }

    pub(crate) const fn non_finite(self) -> NonFinite {
        self.non_finite
    }

    pub(crate) const fn has_fill_value(self) -> bool {
        self.fill_value.is_some()
    }

    /// The compressor, told of the fill value of an array of this type.
    pub(crate) fn fill(self, compressor: Compressor, dtype: DType) -> Compressor {
        let Some(FillValue { value, integer }) = self.fill_value else { return compressor };
        let bits = match dtype {
            DType::I64 => integer.and_then(|k| i64::try_from(k).ok()).map(i64::cast_unsigned),
            DType::U64 => integer.and_then(|k| u64::try_from(k).ok()),
            _ => None,
        };
        bits.map_or_else(|| compressor.clone().fill_value(value), |bits| compressor.clone().fill_bits(bits))
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

fn fill_value(text: &str) -> Result<FillValue, String> {
    let value = text.parse().map_err(|_| "not a number (as in 1e20 or -9999)".to_owned())?;
    Ok(FillValue { value, integer: text.parse().ok() })
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
    fn fill_values_are_as_they_were_written() {
        let read = |text: &str| fill_value(text).map(|v| (v.value, v.integer));
        assert_eq!(read("9007199254740993"), Ok((9_007_199_254_740_992.0, Some(9_007_199_254_740_993))));
        assert_eq!(read("-1e20"), Ok((-1e20, None)));
        assert!(read("missing").is_err());
    }

    #[test]
    fn scopes_by_name_and_by_number() {
        assert_eq!(scope("column"), Ok(Scope::Column));
        assert_eq!(scope("axis=2"), Ok(Scope::Axis(2)));
        for bad in ["axis", "axis=", "axis=-1", "columns", "2"] {
            assert!(scope(bad).is_err(), "{bad}");
        }
    }
}
