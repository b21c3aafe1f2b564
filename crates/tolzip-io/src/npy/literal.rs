//! The few Python literals that a npy header is made of.

/// Reads literals from a header, front to back.
pub(super) struct Literals<'a> {
    rest: &'a [u8],
}

type Result<T> = std::result::Result<T, &'static str>;

impl<'a> Literals<'a> {
    pub(super) const fn new(text: &'a [u8]) -> Self {
        Self { rest: text }
    }

    /// What follows, without leading white space.
    pub(super) fn rest(&mut self) -> &'a [u8] {
        self.rest = self.rest.trim_ascii_start();
        self.rest
    }

    /// Takes this punctuation if it comes next.
    pub(super) fn take(&mut self, punctuation: u8) -> bool {
        match self.rest().split_first() {
            Some((&first, rest)) if first == punctuation => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    pub(super) fn expect(&mut self, punctuation: u8, what: &'static str) -> Result<()> {
        if self.take(punctuation) { Ok(()) } else { Err(what) }
    }

    /// A string in single or double quotes, without escapes (no key or plain type has any).
    pub(super) fn string(&mut self) -> Result<&'a [u8]> {
        let quote = match self.rest().first() {
            Some(&q @ (b'\'' | b'"')) => q,
            _ => return Err("a string is missing in the header"),
        };
        let inside = &self.rest[1..];
        let end = inside.iter().position(|&b| b == quote).ok_or("a string in the header has no end")?;
        self.rest = &inside[end + 1..];
        let text = &inside[..end];
        if text.contains(&b'\\') { Err("an escape in the header") } else { Ok(text) }
    }

    pub(super) fn boolean(&mut self) -> Result<bool> {
        for (word, value) in [(&b"True"[..], true), (b"False", false)] {
            if let Some(rest) = self.rest().strip_prefix(word) {
                self.rest = rest;
                return Ok(value);
            }
        }
        Err("fortran_order is neither True nor False")
    }

    /// A tuple of non-negative integers.
    pub(super) fn sides(&mut self) -> Result<Vec<usize>> {
        const BAD: &str = "the shape is not a tuple of non-negative integers";
        self.expect(b'(', BAD)?;
        let mut sides = Vec::new();
        while !self.take(b')') {
            sides.push(self.integer().ok_or(BAD)?);
            if !self.take(b',') {
                self.expect(b')', BAD)?;
                break;
            }
        }
        Ok(sides)
    }

    fn integer(&mut self) -> Option<usize> {
        let rest = self.rest();
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let value = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
        self.rest = &rest[digits..];
        // Python 2 marked its long integers.
        if let Some(rest) = self.rest.strip_prefix(b"L") {
            self.rest = rest;
        }
        Some(value)
    }
}
