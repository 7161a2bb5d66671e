//! The marks that redaction leaves: `[kind:n]`. What was replaced once is no value any more, wherever it stands.
//!
//! Must never know which kinds there are: a mark of another version, or one that a user's own tool wrote, is one too. It is
//! misled by what only looks like a mark (`[main:12]`), of which nothing is secret.

use std::borrow::Cow;
use std::ops::Range;

/// What stands for a mark while a line is searched: no part of a token or a name, and as a value a mask.
pub(crate) const BLANK: u8 = b'*';
/// Characters of the longest kind, with room.
const KIND: usize = 24;

/// The line with every mark made a mask of the same length.
pub(crate) fn blanked(line: &[u8]) -> Cow<'_, [u8]> {
    let mut line = Cow::Borrowed(line);
    let mut from = 0;
    while let Some(open) = memchr::memchr(b'[', &line[from..]).map(|at| from + at) {
        from = open + 1;
        if let Some(range) = mark(&line, open) {
            from = range.end;
            line.to_mut()[range].fill(BLANK);
        }
    }
    line
}

/// The mark whose bracket opens here. Writers of markup put a backslash before brackets.
fn mark(line: &[u8], open: usize) -> Option<Range<usize>> {
    let count = |from: usize, is: fn(&u8) -> bool| line[from..].iter().take_while(|b| is(b)).count();
    let kind = count(open + 1, |b| b.is_ascii_lowercase() || *b == b'_');
    let colon = open + 1 + kind;
    if kind == 0 || kind > KIND || line.get(colon) != Some(&b':') {
        return None;
    }
    let digits = count(colon + 1, u8::is_ascii_digit);
    let mut close = colon + 1 + digits;
    close += count(close, |b| *b == b'\\');
    let start = line[..open].iter().rposition(|b| *b != b'\\').map_or(0, |at| at + 1);
    (digits > 0 && line.get(close) == Some(&b']')).then_some(start..close + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &str) {
        assert_eq!(String::from_utf8_lossy(&blanked(line.as_bytes())), expected);
    }

    #[test]
    fn a_mark_is_a_mask_and_nothing_else_is() {
        check("https://[token:1]@host", "https://*********@host");
        check(r"a \[private_key:12\] b", "a ****************** b");
        check("[1:2] [token:] [:7] [Token:1] [token:1", "[1:2] [token:] [:7] [Token:1] [token:1");
        assert!(matches!(blanked(b"[main] list[3]"), Cow::Borrowed(_)));
    }
}
