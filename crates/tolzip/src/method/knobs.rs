//! `key=value,...` behind a method's name, read with checks.

use super::ParseMethodError;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::str::FromStr;

/// The knobs that were given for a method and not yet asked for.
pub(crate) struct Knobs<'a> {
    method: &'static str,
    given: Vec<(&'a str, &'a str)>,
}

impl<'a> Knobs<'a> {
    pub(crate) fn new(method: &'static str, text: &'a str) -> Result<Self, ParseMethodError> {
        let mut given: Vec<(&str, &str)> = Vec::new();
        for part in text.split(',').filter(|p| !p.is_empty()) {
            let Some((key, value)) = part.split_once('=') else {
                return Err(ParseMethodError::NotAKnob { method, text: part.to_string() });
            };
            if given.iter().any(|(k, _)| *k == key) {
                return Err(ParseMethodError::Twice { method, knob: key.to_string() });
            }
            given.push((key, value));
        }
        Ok(Self { method, given })
    }

    /// The raw text of a knob.
    pub(crate) fn take(&mut self, knob: &str) -> Option<&'a str> {
        let at = self.given.iter().position(|(k, _)| *k == knob)?;
        Some(self.given.swap_remove(at).1)
    }

    /// A knob that is a number for which `fits` holds.
    pub(crate) fn number<N: FromStr>(
        &mut self,
        knob: &'static str,
        needs: &'static str,
        fits: impl Fn(&N) -> bool,
    ) -> Result<Option<N>, ParseMethodError> {
        let Some(text) = self.take(knob) else { return Ok(None) };
        match text.parse() {
            Ok(n) if fits(&n) => Ok(Some(n)),
            _ => Err(self.bad(knob, text, needs)),
        }
    }

    /// A knob that is one of some names.
    pub(crate) fn choice<C: Copy>(
        &mut self,
        knob: &'static str,
        needs: &'static str,
        choices: &[(&str, C)],
    ) -> Result<Option<C>, ParseMethodError> {
        let Some(text) = self.take(knob) else { return Ok(None) };
        match choices.iter().find(|(name, _)| *name == text) {
            Some(&(_, choice)) => Ok(Some(choice)),
            None => Err(self.bad(knob, text, needs)),
        }
    }

    pub(crate) fn bad(&self, knob: &'static str, value: &str, needs: &'static str) -> ParseMethodError {
        ParseMethodError::BadValue { method: self.method, knob, value: value.to_string(), needs }
    }

    /// Asserts that nothing was given that the method does not know.
    pub(crate) fn finish(self) -> Result<(), ParseMethodError> {
        match self.given.first() {
            None => Ok(()),
            Some((key, _)) => {
                Err(ParseMethodError::UnknownKnob { method: self.method, knob: key.to_string() })
            }
        }
    }
}
