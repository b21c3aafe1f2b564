//! Lists of methods, separated by commas although their settings are too.

use crate::failure::{Failure, Result};
use tolzip::Method;

/// A method and the text that asked for it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) text: String,
    pub(crate) method: Method,
}

/// Reads one method.
pub(crate) fn parse(text: &str) -> Result<Method> {
    text.parse().map_err(|e| Failure::new(format!("method {text:?}: {e}")))
}

/// Splits `transform:mode=rate,rate=8,predict` into its methods: a part with `=` and no family before it is a further
/// setting of the method on its left.
pub(crate) fn split(list: &str) -> Vec<String> {
    let mut methods: Vec<String> = Vec::new();
    for part in list.split(',') {
        let family = part.split(['=', ':']).next().unwrap_or(part);
        let setting = part.contains('=') && !part[family.len()..].starts_with(':');
        match methods.last_mut() {
            Some(last) if setting && last.contains(':') => {
                last.push(',');
                last.push_str(part);
            }
            _ => methods.push(part.to_owned()),
        }
    }
    methods
}

/// Reads a list of methods.
pub(crate) fn parse_list(list: &str) -> Result<Vec<Asked>> {
    split(list).into_iter().map(|text| Ok(Asked { method: parse(&text)?, text })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_separate_methods_and_settings() {
        assert_eq!(split("predict,transform"), ["predict", "transform"]);
        assert_eq!(
            split("transform:mode=rate,rate=8,predict:level=3,lossless"),
            ["transform:mode=rate,rate=8", "predict:level=3", "lossless"]
        );
        // A setting without a method is left for the method's own error.
        assert_eq!(split("predict,level=2"), ["predict", "level=2"]);
    }
}
