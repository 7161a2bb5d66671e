//! Messages told by the text of one that was met before, part by part, without looking for a skeleton in each of them.
//!
//! Must never take a message whose mask is another one: what is in doubt is not of the form. What breaks it: messages whose
//! digits stand beside letters that digits can be, as in `12ab`; they have no form.

use std::ops::Range;

use wide::u8x16;

use super::LOOKED_AT;
use super::alike::{DIGITS, HASH, PATH, Padded, Skeleton, Takes, UUID, is_path, is_uuid};

/// A skeleton by which messages are told without looking for one in them: its texts, and what stands between them.
#[derive(Debug, Clone, Default)]
pub struct Form {
    parts: Vec<Part>,
}

/// A text of up to sixteen bytes and what stands behind it. A processor has many of these to look at, so they are small.
#[derive(Debug, Clone, Copy)]
struct Part {
    /// Zeros follow the text.
    text: u128,
    size: u8,
    sign: u8,
}

/// What stands behind a text that goes on in the next part.
const GOES_ON: u8 = u8::MAX;

/// Bytes that are compared at once.
const CHUNK: usize = 16;

/// A message where it can be compared: what stands behind it is zero, for as many bytes as are looked at too much.
#[derive(Debug, Clone)]
pub struct Sought {
    line: Box<Padded>,
    size: usize,
}

impl Default for Sought {
    fn default() -> Sought {
        Sought { line: Skeleton::room(), size: 0 }
    }
}

impl Sought {
    /// Puts a message there; false for one that is too long.
    pub fn put(&mut self, message: &str) -> bool {
        let bytes = message.as_bytes();
        self.size = bytes.len();
        if self.size > LOOKED_AT {
            return false;
        }
        self.line[..self.size].copy_from_slice(bytes);
        self.line[self.size..][..CHUNK].fill(0);
        true
    }

    /// What stands before the first digit or slash, up to 32 bytes, as two numbers: all messages of a form have it, unless a hash
    /// begins there with a letter.
    #[inline]
    pub fn beginning(&self) -> [u128; 2] {
        let chunks = [self.chunk(0), self.chunk(CHUNK)];
        let [first, last] = chunks.map(|chunk| is_within(u8x16::new(chunk), b'/', 10).to_bitmask() as u16);
        let stops = u64::from(first) | u64::from(last) << CHUNK | 1 << self.size.min(2 * CHUNK);
        let size = stops.trailing_zeros() as usize;
        let masks = [MASKS[size.min(CHUNK)], MASKS[size.saturating_sub(CHUNK)]];
        [0, 1].map(|n| u128::from_le_bytes(chunks[n]) & masks[n])
    }

    #[inline]
    fn chunk(&self, at: usize) -> [u8; CHUNK] {
        self.line.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default()
    }

    /// What stands from a place on.
    fn rest(&self, at: usize) -> &[u8] {
        self.line.get(at..self.size).unwrap_or_default()
    }
}

/// By the number of bytes that count: these.
const MASKS: [u128; CHUNK + 1] = {
    let mut masks = [u128::MAX; CHUNK + 1];
    let mut n = 0;
    while n < CHUNK {
        masks[n] = (1 << (8 * n)) - 1;
        n += 1;
    }
    masks
};

impl Part {
    /// Of a text of up to sixteen bytes.
    fn new(text: &[u8], sign: u8) -> Part {
        let mut bytes = [0; CHUNK];
        bytes[..text.len()].copy_from_slice(text);
        Part { text: u128::from_le_bytes(bytes), size: text.len() as u8, sign }
    }

    /// Whether the text stands at this place.
    #[inline]
    fn stands(&self, line: &Sought, at: usize) -> bool {
        u128::from_le_bytes(line.chunk(at)) & MASKS[usize::from(self.size)] == self.text
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
        let grows =
            |two: &[Part]| two[0].sign == DIGITS && (b'a'..=b'f').contains(&two[1].text.to_le_bytes()[0]) && two[1].size > 0;
        (!form.parts.windows(2).any(grows)).then_some(form)
    }

    /// Whether a message is one line and differs from the first one in nothing but the digits, hashes and paths of it.
    pub fn is_of(&self, line: &Sought) -> bool {
        let mut at = 0;
        for part in &self.parts {
            if !part.stands(line, at) {
                return false;
            }
            at += usize::from(part.size);
            let length = match part.sign {
                GOES_ON => continue,
                DIGITS => digits_at(line.chunk(at)) % (FEW + 1),
                HASH => hash_at(line, at),
                PATH => path_at(line, at),
                _ => return at == line.size,
            };
            if length == 0 || at > line.size {
                return false;
            }
            at += length;
        }
        false
    }
}

impl Takes for Form {
    fn part(&mut self, line: &Padded, part: Range<usize>) {
        let mut text = &line[part];
        while let Some((head, rest)) = text.split_at_checked(CHUNK).filter(|(_, rest)| !rest.is_empty()) {
            self.parts.push(Part::new(head, GOES_ON));
            text = rest;
        }
        self.parts.push(Part::new(text, 0));
    }

    fn sign(&mut self, sign: u8) {
        if let Some(last) = self.parts.last_mut() {
            last.sign = sign;
        }
    }
}

/// Digits that these bytes begin with, as far as one more than a few.
#[inline]
fn digits_at(chunk: [u8; CHUNK]) -> usize {
    // How many they are differs from message to message, so all are looked at without a branch. No byte of UTF-8 is so large
    // that six more would carry into the next one.
    let (all, bytes) = (u64::MAX / 255, u128::from_le_bytes(chunk) as u64);
    let upper = |bytes: u64| (bytes & (all * 0xf0)) ^ (all * 0x30);
    let others = upper(bytes) | upper(bytes.wrapping_add(all * 6));
    others.trailing_zeros() as usize / 8
}

/// Bytes of the hash that stands at a place, as a skeleton has it; 0 for none.
fn hash_at(line: &Sought, at: usize) -> usize {
    let chunk = line.chunk(at);
    let (digits, hex) = hex_of(chunk);
    let length = hex.trailing_ones();
    let own = digits & ((1 << length) - 1);
    match chunk.get(length as usize) {
        Some(b'-') if is_uuid(line.rest(at)) => return UUID,
        Some(_) => return if length >= 8 && own.count_ones() > 1 { length as usize } else { 0 },
        None => {}
    }
    let text = line.rest(at);
    let length = text.iter().take_while(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')).count();
    let has_digits = || text[..length].iter().filter(|byte| byte.is_ascii_digit()).nth(1).is_some();
    // A UUID has a dash sooner.
    if has_digits() { length } else { 0 }
}

/// Which bytes are digits, and which are hexadecimal ones in small letters: one bit for each.
fn hex_of(chunk: [u8; CHUNK]) -> (u32, u32) {
    let bytes = u8x16::new(chunk);
    let digits = is_within(bytes, b'0', 9);
    let bits = |set: u8x16| u32::from(set.to_bitmask() as u16);
    (bits(digits), bits(digits | is_within(bytes, b'a', 5)))
}

/// Which bytes are one of so many from the first on: smaller ones wrap around and are large.
fn is_within(bytes: u8x16, first: u8, more: u8) -> u8x16 {
    let from = bytes - u8x16::splat(first);
    from.min(u8x16::splat(more)).simd_eq(from)
}

/// Bytes of the path that stands at a place, as a skeleton has it; 0 for none.
fn path_at(line: &Sought, at: usize) -> usize {
    let mut end = at;
    let length = loop {
        let bytes = u8x16::new(line.chunk(end));
        let in_words = is_within(bytes | u8x16::splat(b' '), b'a', 25) | bytes.simd_eq(u8x16::splat(b'_'));
        // `-`, `.`, `/` and the digits follow each other.
        let length = (in_words | is_within(bytes, b'-', 12)).to_bitmask().trailing_ones() as usize;
        end += length.min(CHUNK);
        if length < CHUNK || end >= line.size {
            break end.min(line.size) - at;
        }
    };
    if line.rest(at).get(..length).is_some_and(is_path) { length } else { 0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sought(text: &str) -> Sought {
        let mut sought = Sought::default();
        // What was there before is gone.
        assert!(sought.put("12345678 /abc/def 0123456789abcdef0123456789abcdef /abc/def/12345678") && sought.put(text));
        sought
    }

    #[test]
    fn a_form_is_that_of_messages_with_other_digits_hashes_and_paths() {
        let is_of =
            |text: &str, other: &str| Form::of(&mut Skeleton::default(), text).is_some_and(|form| form.is_of(&sought(other)));
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
        // Texts of sixteen bytes and more, and of all that are not much longer.
        for size in 14..50 {
            let long = format!("{} 12 {}", "x".repeat(size), "y".repeat(size));
            assert!(is_of(&long, &long.replace("12", "345")), "{long}");
            for other in
                [long.replacen('x', "z", 1), long.replace(" 12", "z 12"), format!("{long}y"), long[..long.len() - 1].to_owned()]
            {
                assert!(!is_of(&long, &other), "{other}");
            }
        }
        assert!(!is_of("at 1abcdef", "at 1abcdef") && is_of("at 1 abcdef", "at 21 abcdef"));
        assert!(!is_of("two 1\nlines", "two 1\nlines") && is_of("", "") && !is_of("", "x"));
    }

    proptest! {
        #[test]
        fn rows_are_as_long_whatever_follows_them(text in "[0-9]{0,9}[0-9a-f-]{0,40}[ -~é]{0,20}", digits in "[0-9]{0,10}[ -~é€\u{10ffff}]{0,12}") {
            let one_by_one = digits.bytes().take(FEW + 1).take_while(u8::is_ascii_digit).count();
            prop_assert_eq!(digits_at(sought(&digits).chunk(0)) % (FEW + 1), one_by_one % (FEW + 1));
            let own = text.bytes().take_while(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')).collect::<Vec<u8>>();
            let is_hash = own.len() >= 8 && own.iter().filter(|b| b.is_ascii_digit()).count() > 1;
            let expected = if text.as_bytes().get(own.len()) == Some(&b'-') && is_uuid(text.as_bytes()) {
                UUID
            } else {
                own.len() * usize::from(is_hash)
            };
            prop_assert_eq!(hash_at(&sought(&text), 0), expected);
        }

        #[test]
        fn a_path_is_as_long_as_its_bytes_say(text in "[-a-zA-Z0-9_./]{0,40}[ :=é]?[a-z]{0,5}", before in "[a-z]{0,20}") {
            let word = text.bytes().take_while(|b| b.is_ascii_alphanumeric() || b"_-./".contains(b)).collect::<Vec<u8>>();
            let expected = word.len() * usize::from(is_path(&word));
            prop_assert_eq!(path_at(&sought(&[before.as_str(), &text].concat()), before.len()), expected);
        }

        #[test]
        fn a_beginning_is_what_a_search_finds(text in "[a-zA-Z =]{0,40}[ -~é]{0,9}") {
            let mut beginning = text.bytes().take_while(|byte| !matches!(byte, b'/' | b'0'..=b'9')).take(2 * CHUNK).collect::<Vec<u8>>();
            beginning.resize(2 * CHUNK, 0);
            let found = sought(&text).beginning().map(u128::to_le_bytes);
            prop_assert_eq!(found.concat(), beginning);
        }
    }
}
