//! Which sequences of three bytes a text has: a set of bits that says "certainly not" or "perhaps".
//!
//! Letters of ASCII count in lower case, all other bytes as they are, so that the answer holds for every way of writing a
//! word in ASCII. One bit for each sequence; other sizes and more bits were not compared. Must never know what is searched. What misleads it: a text of random characters, which has them all.

/// Bytes of text for one byte of the set, and the largest set.
const TEXT_PER_BYTE: usize = 128;
const MOST: usize = 16 << 10;
/// Texts that are read faster than a set is asked.
const SHORT: usize = 4 << 10;
/// Bytes of a sequence.
pub const WIDTH: usize = 3;

/// The set of a text; empty for a short text, of which nothing is certain.
pub fn of_text(text: &[u8]) -> Vec<u8> {
    if text.len() < SHORT {
        return Vec::new();
    }
    let size = (text.len() / TEXT_PER_BYTE).next_power_of_two().min(MOST);
    let mut set = vec![0u8; size];
    let shift = shift_of(size);
    let (mut first, mut second) = (0u32, 0u32);
    for (at, byte) in text.iter().enumerate() {
        let third = u32::from(byte.to_ascii_lowercase());
        let bit = hash(first << 16 | second << 8 | third, shift);
        if at >= 2 {
            set[bit >> 3] |= 1 << (bit & 7);
        }
        (first, second) = (second, third);
    }
    set
}

/// Whether the text of this set may have this in it, in whatever letters.
pub fn may_have(set: &[u8], literal: &[u8]) -> bool {
    if set.is_empty() || !set.len().is_power_of_two() {
        return true;
    }
    let shift = shift_of(set.len());
    literal.windows(WIDTH).all(|three| {
        let [a, b, c] = [0, 1, 2].map(|at| u32::from(three[at].to_ascii_lowercase()));
        let bit = hash(a << 16 | b << 8 | c, shift);
        set[bit >> 3] & 1 << (bit & 7) != 0
    })
}

/// Fibonacci hashing: Knuth, The Art of Computer Programming 3, 6.4.
fn hash(three: u32, shift: u32) -> usize {
    (three.wrapping_mul(0x9e37_79b1) >> shift) as usize
}

fn shift_of(bytes: usize) -> u32 {
    32 - (bytes.trailing_zeros() + 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_never_denied_in_whatever_letters() {
        let text: String = (0..900).map(|n| format!("Record {n} of müller TIMED out\n")).collect();
        let set = of_text(text.as_bytes());
        for literal in ["Record 899", "rECORD 17 OF", "müller timed OUT", "ed", ""] {
            assert!(may_have(&set, literal.as_bytes()), "{literal}");
        }
        assert!(!may_have(&set, b"refused"));
    }

    #[test]
    fn nothing_is_certain_of_a_short_text() {
        assert!(may_have(&of_text(b"short"), b"refused"));
    }
}
