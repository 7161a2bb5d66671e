//! Globs over texts: `*` is anything, `\*` a star. Must never become a regex; a match takes linear time.

use std::fmt;

/// Literal pieces between stars; matches a whole text, in linear time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob {
    pub(super) pieces: Vec<String>,
}

impl Glob {
    /// Reads `*` as anything and `\*` as a star.
    pub fn new(text: &str) -> Glob {
        let mut pieces = vec![String::new()];
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '*' => pieces.push(String::new()),
                '\\' if chars.peek().is_some_and(|n| matches!(n, '*' | '\\')) => {
                    let literal = chars.next().unwrap_or(c);
                    push_to_last(&mut pieces, literal);
                }
                _ => push_to_last(&mut pieces, c),
            }
        }
        Glob { pieces }.tidy()
    }

    /// From a message pattern with variables as `<*>`, open at the end.
    pub fn from_template(template: &str) -> Glob {
        let mut pieces: Vec<String> = template.split("<*>").map(str::to_string).collect();
        pieces.push(String::new());
        Glob { pieces }.tidy()
    }

    pub fn matches(&self, text: &str) -> bool {
        let Some((first, rest)) = self.pieces.split_first() else { return text.is_empty() };
        let Some((last, middle)) = rest.split_last() else { return text == first };
        let Some(mut left) = text.strip_prefix(first.as_str()) else { return false };
        for piece in middle {
            match left.find(piece.as_str()).and_then(|at| left.get(at.saturating_add(piece.len())..)) {
                Some(after) => left = after,
                None => return false,
            }
        }
        left.ends_with(last.as_str())
    }

    /// Neighbouring stars are one.
    fn tidy(mut self) -> Glob {
        let last = self.pieces.len().saturating_sub(1);
        let mut index = 0;
        self.pieces.retain(|piece| {
            let keep = index == 0 || index == last || !piece.is_empty();
            index += 1;
            keep
        });
        self
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, piece) in self.pieces.iter().enumerate() {
            if i > 0 {
                f.write_str("*")?;
            }
            f.write_str(&piece.replace('\\', "\\\\").replace('*', "\\*"))?;
        }
        Ok(())
    }
}

fn push_to_last(pieces: &mut [String], c: char) {
    if let Some(last) = pieces.last_mut() {
        last.push(c);
    }
}
