//! Which short sequences of bytes a text has: sets of bits that say "certainly not" or "perhaps".
//!
//! Two sets stand one behind the other. The first has every sequence of three bytes, so that short words are denied, too. A block
//! full of random identifiers has all of those; the second, twice as large, has every other sequence of five letters and
//! digits, so that one identifier is told from others by its many sequences. Letters of ASCII count in lower case, all other
//! bytes as they are: the answer holds for every way of writing a word in ASCII. One bit for each sequence; other sizes and
//! more bits were not compared. Must never know what is searched. What misleads it: a text of random characters, which has
//! them all.

/// Bytes of text for one byte of the first set, and the largest first set.
const TEXT_PER_BYTE: usize = 128;
const MOST: usize = 16 << 10;
/// The second is so many times as large as the first.
const TIMES: usize = 2;
/// Texts that are read faster than a set is asked.
const SHORT: usize = 4 << 10;
/// Bytes of a sequence of the first set.
pub const WIDTH: usize = 3;
/// Letters and digits of a sequence of the second, and the bits of a number that has just those.
const LONG: usize = 5;
const LONG_BITS: u64 = (1 << (8 * LONG)) - 1;

/// The sets of a text; empty for a short text, of which nothing is certain.
pub fn of_text(text: &[u8]) -> Vec<u8> {
    if text.len() < SHORT {
        return Vec::new();
    }
    let size = (text.len() / TEXT_PER_BYTE).next_power_of_two().min(MOST);
    let mut sets = vec![0u8; size * (1 + TIMES)];
    let (short, long) = sets.split_at_mut(size);
    each(text, |three| set(short, three, WIDTH), |five| set(long, five, LONG));
    sets
}

/// Whether the text of these sets may have this in it, in whatever letters.
pub fn may_have(sets: &[u8], literal: &[u8]) -> bool {
    let size = sets.len() / (1 + TIMES);
    if size == 0 || size * (1 + TIMES) != sets.len() || !size.is_power_of_two() {
        return true;
    }
    let (short, long) = sets.split_at(size);
    let (mut threes, mut fives) = (true, true);
    each(literal, |three| threes &= has(short, three, WIDTH), |five| fives &= has(long, five, LONG));
    threes && fives
}

/// Hands on every sequence of either kind, as a number.
fn each(text: &[u8], mut three: impl FnMut(u64), mut five: impl FnMut(u64)) {
    let (mut last, mut run) = (0u64, 0usize);
    for (at, byte) in text.iter().enumerate() {
        last = last << 8 | u64::from(byte.to_ascii_lowercase());
        run = if byte.is_ascii_alphanumeric() { run + 1 } else { 0 };
        if at + 1 >= WIDTH {
            three(last & 0xff_ffff);
        }
        // All of them would fill the set of a block whose every line is short and has an identifier.
        if run >= LONG && spread(last & LONG_BITS) >> 63 == 0 {
            five(last & LONG_BITS);
        }
    }
}

fn set(bits: &mut [u8], sequence: u64, width: usize) {
    let bit = place(bits.len(), sequence, width);
    bits[bit >> 3] |= 1 << (bit & 7);
}

fn has(bits: &[u8], sequence: u64, width: usize) -> bool {
    let bit = place(bits.len(), sequence, width);
    bits[bit >> 3] & 1 << (bit & 7) != 0
}

fn place(bytes: usize, sequence: u64, width: usize) -> usize {
    let bits = bytes.trailing_zeros() + 3;
    match width {
        WIDTH => ((sequence as u32).wrapping_mul(0x9e37_79b1) >> (32 - bits)) as usize,
        _ => (spread(sequence) << 1 >> (64 - bits)) as usize,
    }
}

/// Fibonacci hashing: Knuth, The Art of Computer Programming 3, 6.4.
fn spread(sequence: u64) -> u64 {
    sequence.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_never_denied_in_whatever_letters() {
        let text: String = (0..900).map(|n| format!("Record {n} of müller TIMED out\n")).collect();
        let sets = of_text(text.as_bytes());
        for literal in ["Record 899", "rECORD 17 OF", "müller timed OUT", "ed", ""] {
            assert!(may_have(&sets, literal.as_bytes()), "{literal}");
        }
        assert!(!may_have(&sets, b"refused"));
    }

    #[test]
    fn nothing_is_certain_of_a_short_text() {
        assert!(may_have(&of_text(b"short"), b"refused"));
    }

    #[test]
    fn one_of_many_random_identifiers_is_told_from_others() {
        let id = |n: u64| {
            format!("{:016x}{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15), (n + 7).wrapping_mul(0xbf58_476d_1ce4_e5b9))
        };
        let text: String = (0..4_000)
            .map(|n| format!("{{\"trace_id\":\"{}\",\"msg\":\"request {n} of a user was served by the shop\"}}\n", id(n)))
            .collect();
        let sets = of_text(text.as_bytes());
        assert!((0..4_000).all(|n| may_have(&sets, id(n).as_bytes())), "none is denied that is there");
        let taken = (4_000..5_000).filter(|n| may_have(&sets, id(*n).as_bytes())).count();
        assert!(taken < 20, "{taken} of a thousand that are not there may be there");
    }
}
