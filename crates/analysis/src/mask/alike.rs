//! Messages that differ in nothing but digits of their variables, told without masking each of them.
//!
//! Two messages of one skeleton have one mask, so who has met the skeleton need not mask again. Must never be smarter than
//! the mask: a digit that could decide (in `s3`, in `x86_64`) stays in the skeleton, and a message in which the number of
//! digits could decide has none. What breaks it: identifiers of letters and digits, each of which is a skeleton of its
//! own; they are masked as if this module were not there.

use std::ops::Range;

use wide::u8x16;

use super::bytes::{DELIMITER, class};
use super::{LOOKED_AT, first_line};

/// Bytes that are looked at together, one bit for each.
const BLOCK: usize = 64;
/// Bytes that are copied together.
const CHUNK: usize = 16;

/// Where messages are read from and skeletons are written to, with room for what is copied too much.
#[derive(Debug, Clone)]
pub struct Skeleton {
    line: Box<[u8; LOOKED_AT + BLOCK]>,
    out: Box<[u8; LOOKED_AT + BLOCK]>,
}

impl Default for Skeleton {
    fn default() -> Skeleton {
        Skeleton { line: Box::new([0; LOOKED_AT + BLOCK]), out: Box::new([0; LOOKED_AT + BLOCK]) }
    }
}

impl Skeleton {
    /// The first line of a message with `0` for each row of digits that follows no letter; `None` for one that is too long.
    pub fn of(&mut self, message: &str) -> Option<&[u8]> {
        if message.len() > LOOKED_AT {
            return None;
        }
        let line = first_line(message).as_bytes();
        self.line.get_mut(..line.len())?.copy_from_slice(line);
        let (mut copied, mut end) = (0, 0);
        // Whether the byte before is a letter or a digit of a name, and whether it is a free digit: 1 or 0.
        let (mut named, mut free) = (0, 0);
        for from in (0..line.len()).step_by(BLOCK) {
            let block = self.line[from..].first_chunk::<BLOCK>()?;
            let (digits, letters) = kinds_of(block);
            let left = line.len() - from;
            let digits = digits & if left < BLOCK { (1 << left) - 1 } else { u64::MAX };
            let begins = digits & !(digits << 1) & (letters << 1 | named);
            // Carries run through the digits behind a letter and clear them.
            let of_names = digits & !digits.wrapping_add(begins);
            let mut rest = digits & !of_names;
            let before = free;
            (named, free) = ((letters | of_names) >> (BLOCK - 1), rest >> (BLOCK - 1));
            if before & rest == 1 {
                // Goes on from the block before, which has the `0` of it.
                copied = from + rest.trailing_ones() as usize;
                rest &= rest.wrapping_add(1);
            }
            while rest != 0 {
                let first = rest.trailing_zeros() as usize;
                self.copy(copied..from + first, &mut end);
                self.out[end] = b'0';
                end += 1;
                let row = (rest >> first).trailing_ones() as usize;
                copied = from + first + row;
                rest &= rest.wrapping_add(rest & rest.wrapping_neg());
            }
        }
        self.copy(copied..line.len(), &mut end);
        self.out.get(..end)
    }

    /// Copies a part of the line, and a little more behind it.
    fn copy(&mut self, part: Range<usize>, end: &mut usize) {
        let (mut from, mut to) = (part.start, *end);
        while from < part.end {
            self.out[to..to + CHUNK].copy_from_slice(&self.line[from..from + CHUNK]);
            (from, to) = (from + CHUNK, to + CHUNK);
        }
        *end += part.end.saturating_sub(part.start);
    }
}

/// Which bytes are digits, and which make the digits behind them part of a name: letters, `_`, `$`, all beyond ASCII.
fn kinds_of(block: &[u8; BLOCK]) -> (u64, u64) {
    let (chunks, _) = block.as_chunks::<CHUNK>();
    let (mut digits, mut letters) = (0, 0);
    for (n, chunk) in chunks.iter().enumerate() {
        let (its_digits, its_letters) = kinds_of_chunk(chunk);
        digits |= u64::from(its_digits) << (n * CHUNK);
        letters |= u64::from(its_letters) << (n * CHUNK);
    }
    (digits, letters)
}

fn kinds_of_chunk(chunk: &[u8; CHUNK]) -> (u16, u16) {
    let bytes = u8x16::new(*chunk);
    let all = u8x16::splat;
    // As many from the first on: smaller ones wrap around and are large.
    let is_within = |bytes: u8x16, first: u8, more: u8| {
        let from = bytes - all(first);
        from.min(all(more)).simd_eq(from)
    };
    let digits = is_within(bytes, b'0', 9);
    let letters = is_within(bytes | all(b' '), b'a', 25) | bytes.simd_eq(all(b'_')) | bytes.simd_eq(all(b'$'));
    // The highest bit of a byte says whether it is beyond ASCII; that is the one which is told of each.
    (digits.to_bitmask() as u16, (letters | bytes).to_bitmask() as u16)
}

/// What makes the digits behind it part of a name.
fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 128 || matches!(byte, b'_' | b'$')
}

/// Whether all messages with the skeleton of this one have its mask: the mask has none of the digits that the skeleton has
/// not, and nothing hangs on how many there are.
pub fn is_settled(message: &str, masked: &str) -> bool {
    let line = first_line(message).as_bytes();
    let is_address = memchr::memchr_iter(b':', line).any(|at| is_address(line, at));
    !is_address && !has_numbered_key(line) && !has_free_digit(masked.as_bytes())
}

fn has_free_digit(bytes: &[u8]) -> bool {
    let mut is_named = false;
    bytes.iter().any(|byte| {
        is_named = is_letter(*byte) || (is_named && byte.is_ascii_digit());
        byte.is_ascii_digit() && !is_named
    })
}

/// A pair of letters of an address beside what may be the next pair, or not: `ff:12`, `1a:ff`.
fn is_address(line: &[u8], colon: usize) -> bool {
    let goes_on = |at: Option<usize>| at.and_then(|at| line.get(at)).is_some_and(u8::is_ascii_hexdigit);
    let is_pair = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_hexdigit) && bytes.iter().any(u8::is_ascii_alphabetic);
    let ends = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
    let before = colon >= 2
        && is_pair(&line[colon - 2..colon])
        && ends(colon.checked_sub(3).and_then(|at| line.get(at)))
        && goes_on(Some(colon + 1));
    let after = line.get(colon + 1..colon + 3).is_some_and(is_pair) && ends(line.get(colon + 3)) && goes_on(colon.checked_sub(1));
    before || after
}

/// A name with a number before `=`: with up to three digits it is a key.
fn has_numbered_key(line: &[u8]) -> bool {
    memchr::memchr_iter(b'=', line).any(|end| {
        let before = line[..end].iter().rposition(|byte| class(*byte) & DELIMITER != 0);
        let word = &line[before.map_or(0, |at| at + 1)..end];
        let may_be_name = word.first().is_some_and(|byte| byte.is_ascii_alphabetic() || b"_#$~*&`@".contains(byte));
        may_be_name && word.iter().any(u8::is_ascii_digit)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::mask::mask;

    fn skeleton(text: &str) -> Vec<u8> {
        Skeleton::default().of(text).unwrap().to_vec()
    }

    fn masked(text: &str) -> String {
        let mut out = String::new();
        mask(text, &mut out);
        out
    }

    #[test]
    fn digits_of_variables_are_one_and_those_of_names_stay() {
        let text = "user 921352 of v12 read s3 at 10.2.33.107:80 in 15ms, key order-7 of x86_64\nat 5";
        let want = "user 0 of v12 read s3 at 0.0.0.0:0 in 0ms, key order-0 of x86_64";
        assert_eq!(String::from_utf8(skeleton(text)).unwrap(), want);
        assert_eq!(Skeleton::default().of(&"x".repeat(LOOKED_AT + 1)), None);
        assert_eq!(skeleton(&"x".repeat(LOOKED_AT)).len(), LOOKED_AT);
    }

    #[test]
    fn where_the_number_of_digits_decides_nothing_is_settled() {
        for text in ["from ff:12", "from 12:ff", "0a:ff", "a.5=1", "#a-5=1", "b.5c.d.E"] {
            assert!(!is_settled(text, &masked(text)), "{text}");
        }
        for text in ["node:12", "12:30:01", "a=5", "path=/a/5?b=1", "cache ff:x"] {
            assert!(is_settled(text, &masked(text)), "{text}");
        }
    }

    /// Texts as they stand in logs, in pieces that the rules of the mask look at.
    fn text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "[0-9]{1,4}",
            "[a-z]{1,3}",
            "[a-fA-F]{1,2}",
            "[.:/@=\\-, #$%\"\\[\\]()_~?*|\\\\é]{1,2}",
            " ",
            prop::sample::select(vec![
                "GET", "x86", "s3", "md5", "http://", "see ", "www.", ".com", ".local", "..", "ff:", "0x", "org.a.B", "\"GET /",
                "-", "core.", "Mozilla/", "\t", "Session@", "\r\n", "v1", "node-",
            ])
            .prop_map(str::to_string),
        ];
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn sixteen_bytes_at_once_are_seen_as_one_by_one(bytes in prop::array::uniform16(0..=255_u8)) {
            let bits = |is: &dyn Fn(u8) -> bool| bytes.iter().rev().fold(0_u16, |bits, byte| bits << 1 | u16::from(is(*byte)));
            prop_assert_eq!(kinds_of_chunk(&bytes), (bits(&|byte| byte.is_ascii_digit()), bits(&is_letter)));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, max_global_rejects: 100_000, ..ProptestConfig::default() })]
        #[test]
        fn messages_of_one_skeleton_have_one_mask(text in text(), digits in prop::collection::vec("[0-9]{1,5}", 20)) {
            prop_assume!(is_settled(&text, &masked(&text)));
            // Other digits in their place.
            let (mut other, mut want) = (String::new(), String::new());
            let (mut is_named, mut is_free, mut row) = (false, false, 0);
            for (at, character) in text.char_indices() {
                let byte = text.as_bytes()[at];
                let is_digit = byte.is_ascii_digit();
                is_named = is_letter(byte) || (is_named && is_digit);
                if !is_digit || is_named {
                    other.push(character);
                    want.push(character);
                } else if !is_free {
                    other.push_str(&digits[row % digits.len()]);
                    want.push('0');
                    row += 1;
                }
                is_free = is_digit && !is_named;
            }
            if !text.contains('\n') {
                prop_assert_eq!(skeleton(&text), want.as_bytes());
            }
            prop_assert_eq!(skeleton(&text), skeleton(&other));
            prop_assert_eq!(masked(&text), masked(&other), "{:?} and {:?}", text, other);
        }
    }
}
