//! Messages told by the text of one that was met before, part by part, without looking for a skeleton in each of them.
//!
//! Must never take a message whose mask is another one: what is in doubt is not of the form. What breaks it: messages whose
//! digits stand beside letters that digits can be, as in `12ab`; they have no form.

use std::ops::Range;

use wide::u8x16;

use super::alike::{DIGITS, HASH, PATH, Padded, Skeleton, Takes, UUID, is_path, is_uuid};

/// A skeleton by which messages are told without looking for one in them: its texts, and what stands between them.
#[derive(Debug, Clone, Default)]
pub struct Form {
    parts: Vec<Part>,
}

/// A text and what stands behind it.
#[derive(Debug, Clone)]
struct Part {
    /// Its first 16 bytes, and which of these count.
    head: u128,
    mask: u128,
    text: Box<[u8]>,
    sign: u8,
}

/// Bytes that are compared at once.
const CHUNK: usize = 16;

impl Part {
    fn new(text: &[u8]) -> Part {
        let mut head = [0; CHUNK];
        let n = text.len().min(CHUNK);
        head[..n].copy_from_slice(&text[..n]);
        let mask = if n == CHUNK { u128::MAX } else { (1 << (8 * n)) - 1 };
        Part { head: u128::from_le_bytes(head), mask, text: text.into(), sign: 0 }
    }

    /// What follows the text; `None` where something else stands.
    fn behind<'m>(&self, rest: &'m [u8]) -> Option<&'m [u8]> {
        let size = self.text.len();
        let is_same = match rest.first_chunk::<CHUNK>() {
            Some(chunk) if u128::from_le_bytes(*chunk) & self.mask != self.head => false,
            Some(_) if size <= CHUNK => true,
            Some(_) if size <= 2 * CHUNK => {
                rest.get(size - CHUNK..).and_then(|end| end.first_chunk::<CHUNK>()) == self.text.last_chunk::<CHUNK>()
            }
            Some(_) => rest[CHUNK..].starts_with(&self.text[CHUNK..]),
            // For a few bytes a call costs more than the bytes.
            None => size <= rest.len() && rest.iter().zip(&self.text).all(|(a, b)| a == b),
        };
        rest.get(size..).filter(|_| is_same)
    }
}

/// Digits in a row that are no hash for certain.
const FEW: usize = 7;

impl Form {
    /// That of a message; `None` where digits of another number could make another skeleton.
    pub fn of(skeleton: &mut Skeleton, message: &str) -> Option<Form> {
        let mut form = Form::default();
        skeleton.of(message, &mut form).ok()?;
        // `12abcdef` is a hash and `1abcdef` is none.
        let grows = |two: &[Part]| two[0].sign == DIGITS && two[1].text.first().is_some_and(|b| (b'a'..=b'f').contains(b));
        (!form.parts.windows(2).any(grows)).then_some(form)
    }

    /// Whether a message is one line and differs from the first one in nothing but the digits, hashes and paths of it.
    pub fn is_of(&self, message: &str) -> bool {
        let mut rest = message.as_bytes();
        for part in &self.parts {
            let Some(behind) = part.behind(rest) else { return false };
            let length = match part.sign {
                DIGITS => digits_at(behind) % (FEW + 1),
                HASH => hash_at(behind),
                PATH => path_at(behind),
                _ => return behind.is_empty(),
            };
            if length == 0 {
                return false;
            }
            rest = &behind[length..];
        }
        false
    }
}

impl Takes for Form {
    fn part(&mut self, line: &Padded, part: Range<usize>) {
        self.parts.push(Part::new(&line[part]));
    }

    fn sign(&mut self, sign: u8) {
        if let Some(last) = self.parts.last_mut() {
            last.sign = sign;
        }
    }
}

/// Digits that a text begins with, as far as one more than a few.
fn digits_at(text: &[u8]) -> usize {
    let Some(eight) = text.first_chunk::<{ FEW + 1 }>() else {
        return text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    };
    // How many they are differs from message to message, so all are looked at without a branch. No byte of UTF-8 is so large
    // that six more would carry into the next one.
    let (all, bytes) = (u64::MAX / 255, u64::from_le_bytes(*eight));
    let upper = |bytes: u64| (bytes & (all * 0xf0)) ^ (all * 0x30);
    let others = upper(bytes) | upper(bytes.wrapping_add(all * 6));
    others.trailing_zeros() as usize / 8
}

/// Bytes of the hash that a text begins with, as a skeleton has it; 0 for none.
fn hash_at(text: &[u8]) -> usize {
    if let Some(chunk) = text.first_chunk::<CHUNK>() {
        let (digits, hex) = hex_of(chunk);
        let length = hex.trailing_ones();
        let own = digits & ((1 << length) - 1);
        match chunk.get(length as usize) {
            Some(b'-') if is_uuid(text) => return UUID,
            Some(_) => return if length >= 8 && own.count_ones() > 1 { length as usize } else { 0 },
            None => {}
        }
    }
    let is_hex = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let length = text.iter().take_while(is_hex).count();
    match text.get(length) {
        Some(b'-') if is_uuid(text) => UUID,
        _ if length < 8 => 0,
        _ => {
            if text[..length].iter().filter(|byte| byte.is_ascii_digit()).nth(1).is_some() {
                length
            } else {
                0
            }
        }
    }
}

/// Which bytes are digits, and which are hexadecimal ones in small letters: one bit for each.
fn hex_of(chunk: &[u8; CHUNK]) -> (u32, u32) {
    let bytes = u8x16::new(*chunk);
    let is_within = |first: u8, more: u8| {
        let from = bytes - u8x16::splat(first);
        from.min(u8x16::splat(more)).simd_eq(from)
    };
    let digits = is_within(b'0', 9);
    let bits = |set: u8x16| u32::from(set.to_bitmask() as u16);
    (bits(digits), bits(digits | is_within(b'a', 5)))
}

/// Bytes of the path that a text begins with, as a skeleton has it; 0 for none.
fn path_at(text: &[u8]) -> usize {
    let is_of_path = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/');
    let length = text.iter().take_while(is_of_path).count();
    if is_path(&text[..length]) { length } else { 0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_form_is_that_of_messages_with_other_digits_hashes_and_paths() {
        let is_of = |text: &str, other: &str| Form::of(&mut Skeleton::default(), text).is_some_and(|form| form.is_of(other));
        let text = "user 921352 of /a/b/2.js at 10.2.33.107:80, key 4bf92f35 5";
        assert!(is_of(text, text));
        assert!(is_of(text, "user 7 of /long/x_y/z/ at 1.2.3.4:5, key 7548cb79-ade3-4991-2b14-279f175e358a 1234567"));
        for other in [
            "",
            "user ",
            "user 921352 of /a/b/2.js at 10.2.33.107:80, key 4bf92f35 5 ",
            "user x of /a at 1.2.3.4:5, key 4bf92f35 5",
        ] {
            assert!(!is_of(text, other), "{other}");
        }
        for other in ["/a..b", "/a-", "a/b", "/a:80"] {
            assert!(!is_of(text, &text.replace("/a/b/2.js", other)), "{other}");
        }
        for other in ["4bf92f3", "abcdefab", "4bf92f35-1", "4bf92f35x"] {
            assert!(!is_of(text, &text.replace("4bf92f35", other)), "{other}");
        }
        assert!(!is_of(text, &text.replace("921352", "12345678")));
        assert!(!is_of("at 1abcdef", "at 1abcdef") && is_of("at 1 abcdef", "at 21 abcdef"));
        assert!(!is_of("two 1\nlines", "two 1\nlines") && is_of("", "") && !is_of("", "x"));
    }

    proptest! {
        #[test]
        fn rows_are_as_long_whatever_follows_them(text in "[0-9]{0,9}[0-9a-f-]{0,40}[ -~é]{0,20}", digits in "[0-9]{0,10}[ -~é€\u{10ffff}]{0,12}") {
            let one_by_one = digits.bytes().take(FEW + 1).take_while(u8::is_ascii_digit).count();
            prop_assert_eq!(digits_at(digits.as_bytes()) % (FEW + 1), one_by_one % (FEW + 1));
            let own = text.bytes().take_while(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')).collect::<Vec<u8>>();
            let is_hash = own.len() >= 8 && own.iter().filter(|b| b.is_ascii_digit()).count() > 1;
            let expected = if text.as_bytes().get(own.len()) == Some(&b'-') && is_uuid(text.as_bytes()) {
                UUID
            } else {
                own.len() * usize::from(is_hash)
            };
            prop_assert_eq!(hash_at(text.as_bytes()), expected);
        }
    }
}
