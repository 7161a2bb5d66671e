//! The shape of a message: its variable parts masked, its words kept, in one pass and without a regex.
//!
//! Two messages with the same mask are the same pattern, so the mask is a function of the message alone. Words are told
//! from variables by their characters (digits, paths, addresses, hosts), so opposites such as "started" and "stopped"
//! or "GET" and "POST" stay apart, and no ordinary word is ever masked. It must never know what a message means; the
//! second step, which sees many messages side by side, is [`crate::mining`]. Input that breaks it: prose in which
//! numbers are the message ("error 404" is "error <*>"), and names without a digit ("user ana logged in").

mod alike;
mod amount;
mod bytes;
mod form;
mod kind;
mod word;

use std::ops::Range;

pub use alike::{Skeleton, is_settled};
pub use amount::measured;
use bytes::{DELIMITER, MARK};
pub use form::{Form, Sought};
pub use kind::Kind;

/// What stands for a variable.
pub const VARIABLE: &str = "<*>";

/// At most this much of a message is looked at; what follows is the same pattern.
const LOOKED_AT: usize = 1_000;

/// Writes the mask of the first line of `message` to `out` (cleared first): `<*>` for each variable, one blank for
/// several, none at the end.
pub fn mask(message: &str, out: &mut String) {
    out.clear();
    let line = first_line(message);
    let mut copied = 0;
    for part in Parts::of(line) {
        out.push_str(&line[copied..part.range.start]);
        out.push_str(part.shown);
        copied = part.range.end;
    }
    out.push_str(&line[copied..]);
    out.truncate(out.trim_end_matches(' ').len());
}

/// A part of a line that its mask does not have as it stands, and what the mask has there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    pub line: Range<usize>,
    pub masked: Range<usize>,
}

/// As [`mask`], and says where the two differ: `cuts` (cleared first), in order.
pub fn mask_with_cuts(message: &str, out: &mut String, cuts: &mut Vec<Cut>) {
    out.clear();
    cuts.clear();
    let line = first_line(message);
    let mut copied = 0;
    for part in Parts::of(line) {
        out.push_str(&line[copied..part.range.start]);
        cuts.push(Cut { masked: out.len()..out.len() + part.shown.len(), line: part.range.clone() });
        out.push_str(part.shown);
        copied = part.range.end;
    }
    out.push_str(&line[copied..]);
    out.truncate(out.trim_end_matches(' ').len());
}

/// The values that the mask of `message` leaves out, in order, each with its kind. Appends to `values`.
pub fn variables<'m>(message: &'m str, values: &mut Vec<(Kind, &'m str)>) {
    let line = first_line(message);
    let variables = Parts::of(line).filter(Part::is_variable);
    values.extend(variables.map(|part| (Kind::of(line, &part.range), &line[part.range])));
}

/// The longest prefix of at most `max` bytes that ends at a character.
pub fn cut(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    let mut end = max;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// What is looked at of a message.
pub fn first_line(message: &str) -> &str {
    let head = cut(message, LOOKED_AT);
    match memchr::memchr(b'\n', head.as_bytes()) {
        Some(end) => head[..end].strip_suffix('\r').unwrap_or(&head[..end]),
        None if head.len() == message.len() => head,
        // Half a word would be a word of its own.
        None => head.rfind(' ').map_or(head, |blank| &head[..blank]),
    }
}

/// A part of a line that its mask does not have: a variable, or blanks that are too many.
struct Part {
    range: Range<usize>,
    /// What its mask has instead.
    shown: &'static str,
}

impl Part {
    fn is_variable(&self) -> bool {
        !self.shown.is_empty()
    }
}

/// The parts of a line that its mask does not have, in order. Only what may make a word a variable is looked at, so that
/// ordinary words cost next to nothing.
struct Parts<'l> {
    bytes: &'l [u8],
    at: usize,
    /// A part that was looked at too early.
    next: Option<Part>,
    /// Blanks stand side by side somewhere.
    has_double: bool,
}

impl<'l> Parts<'l> {
    fn of(line: &'l str) -> Parts<'l> {
        let bytes = line.as_bytes();
        // Without a branch, so that the compiler looks at many bytes at once.
        let has_double = bytes.iter().zip(bytes.iter().skip(1)).fold(false, |any, (a, b)| any | ((*a == b' ') & (*b == b' ')));
        Parts { bytes, at: 0, next: None, has_double }
    }

    /// The next part, not yet joined with what follows.
    fn found(&mut self) -> Option<Part> {
        let bytes = self.bytes;
        let (mut from, mut floor) = (self.at, self.at);
        while let Some(at) = self.of_interest(from) {
            if bytes[at] == b' ' {
                self.at = at + bytes[at..].iter().take_while(|byte| **byte == b' ').count();
                return Some(Part { range: at..self.at, shown: "" });
            }
            if bytes[at] == b'.' {
                let joins = bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric);
                let leads = at > 0 && bytes[at - 1] == b'.';
                if !joins || leads {
                    from = at + 1;
                    // Dots that lead the eye ("enabled......1") part words like a blank.
                    floor = if leads { from } else { floor };
                    continue;
                }
            }
            let before = bytes[floor..at].iter().rposition(|byte| bytes::class(*byte) & DELIMITER != 0);
            let start = before.map_or(floor, |place| floor + place + 1);
            let end = at + bytes[at..].iter().take_while(|byte| bytes::class(**byte) & DELIMITER == 0).count();
            if let Some(range) = word::variable(bytes, floor, start..end) {
                self.at = range.end.max(at + 1);
                return Some(Part { range, shown: VARIABLE });
            }
            from = end;
        }
        self.at = bytes.len();
        None
    }

    /// Where the next mark stands, or the next blank behind another one, from a place on.
    fn of_interest(&self, from: usize) -> Option<usize> {
        let rest = &self.bytes[from..];
        if self.has_double {
            let is_second = |at: usize| rest[at] == b' ' && at > 0 && rest[at - 1] == b' ';
            return (0..rest.len()).find(|at| bytes::class(rest[*at]) & MARK != 0 || is_second(*at)).map(|at| from + at);
        }
        let (fours, _) = rest.as_chunks::<4>();
        let passed =
            fours.iter().take_while(|four| four.iter().fold(0, |any, byte| any | bytes::class(*byte)) & MARK == 0).count() * 4;
        let found = rest[passed..].iter().position(|byte| bytes::class(*byte) & MARK != 0)?;
        Some(from + passed + found)
    }
}

impl Iterator for Parts<'_> {
    type Item = Part;

    /// Variables with nothing but a colon or comma between them are one: `10.0.0.7:80`, `12:30:01`, `7,216`, `[1,2]`.
    fn next(&mut self) -> Option<Part> {
        let mut part = self.next.take().or_else(|| self.found())?;
        while part.is_variable() && matches!(self.bytes.get(part.range.end), Some(b':' | b',' | b'|')) {
            let Some(next) = self.found() else { break };
            let between = &self.bytes[part.range.end..next.range.start];
            if !next.is_variable() || !matches!(between, b":" | b"::" | b"," | b"|") {
                self.next = Some(next);
                break;
            }
            part.range.end = next.range.end;
        }
        Some(part)
    }
}

#[cfg(test)]
mod tests;
