//! Tokens that show what they are by how they begin: a prefix of their issuer, then so many characters of an alphabet.
//!
//! The shapes are data (`redactions/*.toml`). Must never look at what stands around a token but the byte before it. A word
//! that begins like a token misleads it where the shape is loose; the rule's entropy and look-alikes hold that.

use serde::Deserialize;

/// One shape, or several that differ in their prefix only.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Token {
    /// Whose token it is, for people. Read by nobody else.
    #[allow(dead_code)]
    pub of: String,
    /// How it begins, in this letter case; several stand with a space between.
    pub prefix: String,
    pub rest: Alphabet,
    /// Characters after the prefix at least.
    pub least: usize,
    /// And at most; a longer one is something else.
    #[serde(default)]
    pub most: Option<usize>,
    /// Digits that the rest must have at least.
    #[serde(default)]
    pub digits: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Alphabet {
    Hex,
    Digits,
    /// a-z and digits.
    Lower,
    /// A-Z and digits.
    Upper,
    Alnum,
    /// Hexadecimal with `-`, as a UUID.
    Hexdash,
    /// With `_` and `-`.
    Word,
    /// A-Z, digits and `_`.
    Upperword,
    /// With `_`, `-`, `.`.
    Dotted,
    /// Letters, digits, `+`, `/`, `=`.
    Base64,
    /// All of these, `:`, `~` and `%`.
    Any,
}

impl Alphabet {
    fn has(self, b: u8) -> bool {
        match self {
            Alphabet::Hex => b.is_ascii_hexdigit(),
            Alphabet::Digits => b.is_ascii_digit(),
            Alphabet::Lower => b.is_ascii_lowercase() || b.is_ascii_digit(),
            Alphabet::Upper => b.is_ascii_uppercase() || b.is_ascii_digit(),
            Alphabet::Alnum => b.is_ascii_alphanumeric(),
            Alphabet::Hexdash => b.is_ascii_hexdigit() || b == b'-',
            Alphabet::Upperword => b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_',
            Alphabet::Word => b.is_ascii_alphanumeric() || b"_-".contains(&b),
            Alphabet::Dotted => b.is_ascii_alphanumeric() || b"_-.".contains(&b),
            Alphabet::Base64 => b.is_ascii_alphanumeric() || b"+/=".contains(&b),
            Alphabet::Any => b.is_ascii_alphanumeric() || b"_-.+/=:~%".contains(&b),
        }
    }
}

impl Token {
    pub(crate) fn prefixes(&self) -> impl Iterator<Item = &str> {
        self.prefix.split(' ').filter(|p| !p.is_empty())
    }

    /// Where a token that begins at `start` with this prefix ends.
    pub(crate) fn end(&self, line: &[u8], start: usize, prefix: &[u8]) -> Option<usize> {
        if !line[start..].starts_with(prefix) || !begins(line, start) {
            return None;
        }
        let rest = &line[start + prefix.len()..];
        let run = rest.iter().position(|b| !self.rest.has(*b)).unwrap_or(rest.len());
        let length = rest[..run].iter().rposition(|b| !b".-:%".contains(b)).map_or(0, |n| n + 1);
        let fits = length >= self.least && self.most.is_none_or(|most| length <= most);
        let digits = rest[..length].iter().filter(|b| b.is_ascii_digit()).count();
        // Where the alphabet ends within a word, the word is something else.
        let apart = self.most.is_none() || !rest.get(length).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
        (fits && apart && digits >= self.digits).then_some(start + prefix.len() + length)
    }

    /// A made-up value of this shape, for the tests.
    #[cfg(test)]
    pub(crate) fn invented(&self, prefix: &str) -> String {
        let signs: Vec<u8> = (b'0'..=b'z').filter(|b| b.is_ascii_alphanumeric() && self.rest.has(*b)).collect();
        let length = self.least.max(1);
        let rest = (0..length).map(|i| signs[(i * 17 + i / 3 * 5 + 7) % signs.len()] as char);
        format!("{prefix}{}", rest.collect::<String>())
    }
}

/// A token begins where no word goes on.
fn begins(line: &[u8], start: usize) -> bool {
    start == 0 || !(line[start - 1].is_ascii_alphanumeric() || line[start - 1] == b'_')
}
