//! From bytes to the tree of JSON: values one after the other, as far as they are whole.
//!
//! It must never fail or recurse without bound: a break ends the reading, and containers that were open say so. It knows
//! nothing of places in a source.

use super::json::{Kind, Node};

/// Containers within containers; deeper ones are a break.
const DEPTH: usize = 96;

/// Where reading stands.
pub struct Reader<'a> {
    bytes: &'a [u8],
    pub at: usize,
    pub broken: bool,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8], at: usize) -> Reader<'a> {
        Reader { bytes, at, broken: false }
    }

    pub fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Whether nothing but a cut scalar stands between here and the end.
    pub fn reached_end(&self) -> bool {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        rest.first() == Some(&b'"') && !rest.contains(&b'\n')
            || rest.iter().all(|b| b.is_ascii_alphanumeric() || b.is_ascii_whitespace() || matches!(b, b'-' | b'+' | b'.' | b','))
                && rest.len() < 64
    }

    pub fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// The value that begins here; `None` (and `broken`) when there is none or a scalar is cut.
    pub fn value(&mut self, depth: usize) -> Option<Node> {
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{') if depth < DEPTH => self.object(depth),
            Some(b'[') if depth < DEPTH => self.array(depth),
            Some(b'"') => self.string(),
            Some(b'-' | b'0'..=b'9' | b't' | b'f' | b'n' | b'N') => self.bare(),
            _ => None,
        };
        let Some(kind) = kind else {
            self.broken = true;
            return None;
        };
        Some(Node { start: start as u32, end: self.at as u32, open: self.broken, kind })
    }

    fn array(&mut self, depth: usize) -> Option<Kind> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip_space();
            if self.peek() == Some(b']') {
                self.at += 1;
                break;
            }
            items.extend(self.value(depth + 1).filter(|item| !(item.open && item.is_empty())));
            if self.broken || !self.separator(b']') {
                break;
            }
        }
        // There may be millions of small ones.
        items.shrink_to_fit();
        Some(Kind::Array(items))
    }

    fn object(&mut self, depth: usize) -> Option<Kind> {
        self.at += 1;
        let mut members = Vec::new();
        loop {
            self.skip_space();
            if self.peek() == Some(b'}') {
                self.at += 1;
                break;
            }
            let Some((key, value)) = self.member(depth) else {
                self.broken = true;
                break;
            };
            members.push((key, value));
            if self.broken || !self.separator(b'}') {
                break;
            }
        }
        members.shrink_to_fit();
        Some(Kind::Object(members))
    }

    fn member(&mut self, depth: usize) -> Option<(Node, Node)> {
        if self.peek() != Some(b'"') {
            return None;
        }
        let key = self.value(depth + 1)?;
        self.skip_space();
        if self.peek() != Some(b':') {
            return None;
        }
        self.at += 1;
        self.skip_space();
        Some((key, self.value(depth + 1)?))
    }

    /// Steps over a comma; false at a break. The closing bracket is left for the caller.
    fn separator(&mut self, close: u8) -> bool {
        self.skip_space();
        match self.peek() {
            Some(b',') => self.at += 1,
            Some(c) if c == close => {}
            _ => self.broken = true,
        }
        !self.broken
    }

    fn string(&mut self) -> Option<Kind> {
        let mut at = self.at + 1;
        loop {
            let step = memchr::memchr2(b'"', b'\\', self.bytes.get(at..)?)?;
            at += step;
            if self.bytes[at] == b'"' {
                self.at = at + 1;
                return Some(Kind::Text);
            }
            at += 2;
        }
    }

    fn bare(&mut self) -> Option<Kind> {
        let rest = &self.bytes[self.at..];
        let ends = |b: &u8| !b.is_ascii_alphanumeric() && !matches!(b, b'-' | b'+' | b'.');
        let word = &rest[..rest.iter().position(ends).unwrap_or(rest.len())];
        let kind = match word {
            b"null" | b"NaN" => Kind::Null,
            b"true" | b"false" => Kind::Bare,
            _ if std::str::from_utf8(word).ok()?.parse::<f64>().is_ok() => Kind::Bare,
            _ => return None,
        };
        self.at += word.len();
        Some(kind)
    }
}
