//! What a line is made of: the texts between its values, and how each value is written.
//!
//! A line is compared with a plan byte by byte, several at once. Must never know what a value means, nor accept a number that
//! is none of JSON (RFC 8259, 6). What breaks it: nothing; a line that is made otherwise does not follow.

use super::straight::Straight;
use super::text::Text;
use crate::formats::Format;
use crate::formats::draft::Role;
use crate::marks::Marked;

/// What a line is made of.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The format that its lines are of: objects of several writers may be one log.
    pub format: &'static Format,
    pub slots: Vec<Slot>,
    /// What follows the last value.
    pub tail: Text,
    /// For pairs without a message: the slot with whose name the message begins, or the end of the line.
    pub message_from: Option<usize>,
    /// Where the values of a line that needs no second look go.
    pub straight: Option<Straight>,
}

/// One value with what stands before it.
#[derive(Debug, Clone)]
pub struct Slot {
    pub before: Text,
    /// How much of `before` stands before the name.
    pub name_at: usize,
    pub kind: Kind,
    pub name: &'static str,
    /// The role that it is given in the record.
    pub role: Role,
    /// The role that it was asked to fit, and whether the first one did.
    pub asked: Option<(Role, bool)>,
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Up to the next quote; its opening one is the end of what stands before.
    Quoted,
    /// A number of JSON.
    Number,
    /// `true` or `false`.
    Word,
    /// Up to the next blank.
    Bare,
}

/// Where values stand in a line.
#[derive(Debug, Clone, Default)]
pub struct Places {
    pub spans: Vec<(usize, usize)>,
    /// Something in one of them is escaped.
    pub escaped: bool,
}

impl Plan {
    /// Whether a line is made like this; where its values are is known then.
    pub fn follow(&self, line: Marked<'_>, places: &mut Places) -> bool {
        let Places { spans, escaped } = places;
        if spans.len() != self.slots.len() {
            spans.resize(self.slots.len(), (0, 0));
        }
        *escaped = false;
        let mut at = line.from;
        for (slot, span) in self.slots.iter().zip(spans) {
            if !slot.before.stands(line, at) {
                return false;
            }
            let from = at + slot.before.len();
            let Some(to) = slot.kind.end(line, from, escaped) else { return false };
            *span = (from - line.from, to - line.from);
            at = to;
        }
        // What ends beyond the line ends here: there is no rest of it.
        line.rest(at).is_some_and(|rest| self.tail.is(rest))
    }
}

impl Kind {
    /// Where the value that begins at `from` ends, which may be beyond the line, and whether something in it is escaped.
    #[inline(always)]
    pub fn end(self, line: Marked<'_>, from: usize, escaped: &mut bool) -> Option<usize> {
        match self {
            Kind::Quoted => {
                let end = line.quote(from)?;
                if line.room.get(end) == Some(&b'"') {
                    return Some(end);
                }
                *escaped = true;
                escaped_end(line, end)
            }
            Kind::Number => match line.chunk(from).and_then(|eight| few_digits(*eight)) {
                Some(few) => Some(from + few),
                None => Some(from + any_number(line.rest(from)?)?),
            },
            Kind::Word => {
                let rest = line.rest(from)?;
                let n = if rest.starts_with(b"true") { 4 } else { 5 * usize::from(rest.starts_with(b"false")) };
                (n > 0).then_some(from + n)
            }
            Kind::Bare => (line.rest(from)?.first() != Some(&b'"')).then(|| line.blank(from)),
        }
    }
}

/// The closing quote of a value whose first backslash stands at `at`.
#[inline(never)]
fn escaped_end(line: Marked<'_>, mut at: usize) -> Option<usize> {
    loop {
        at = line.quote(at)?;
        match line.room.get(at).filter(|_| at < line.to)? {
            b'"' => return Some(at),
            _ => at += 2,
        }
    }
}

/// How many digits these bytes begin with, where that are up to seven and a number of JSON (RFC 8259, 6).
#[inline(always)]
fn few_digits(eight: [u8; 8]) -> Option<usize> {
    // The upper half of each byte that is a digit is 3, and stays 3 when six is added: all are looked at without a branch, since
    // how many they are differs from line to line.
    let (all, bytes) = (u64::MAX / 255, u64::from_le_bytes(eight));
    let upper = |bytes: u64| (bytes & (all * 0xf0)) ^ (all * 0x30);
    let others = upper(bytes) | upper(bytes.wrapping_add(all * 6));
    let digits = others.trailing_zeros() / 8;
    // What follows eight of them is not seen.
    let follows = bytes.checked_shr(8 * digits)? as u8;
    let is_whole = digits == 1 || digits > 1 && eight[0] != b'0';
    (is_whole && !matches!(follows, b'.' | b'e' | b'E')).then_some(digits as usize)
}

/// Bytes of any number of JSON.
#[inline(never)]
fn any_number(text: &[u8]) -> Option<usize> {
    let digits = |from: usize| {
        let mut at = from;
        while text.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at - from
    };
    let mut at = usize::from(text.first() == Some(&b'-'));
    let whole = digits(at);
    if whole == 0 || whole > 1 && text[at] == b'0' {
        return None;
    }
    at += whole;
    if !matches!(text.get(at), Some(b'.' | b'e' | b'E')) {
        return Some(at);
    }
    if text[at] == b'.' {
        let fraction = digits(at + 1);
        (fraction > 0).then_some(())?;
        at += 1 + fraction;
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        at += 1 + usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at);
        (exponent > 0).then_some(())?;
        at += exponent;
    }
    Some(at)
}
