//! Classes of bytes, and how far a text is of one: sixteen bytes at a time.
//!
//! Must never say of a byte beyond ASCII what only the expression can say. What breaks it: nothing; a class of many rows of bytes is
//! looked up byte by byte.

use wide::u8x16;

/// Bytes of a class: out, in, or for the expression to say (a part of a character beyond ASCII).
pub(super) type Bytes = Box<[u8; 256]>;
pub(super) const IN: u8 = 1;
pub(super) const UNSURE: u8 = 2;

/// Bytes that are looked at together.
pub(super) const CHUNK: usize = 16;
/// Rows of bytes that are looked for; more of them take longer than looking each byte up.
const MOST: usize = 6;
/// Of classes of so few bytes, as blanks or digits, runs are short and mostly as long as the one before, which a processor guesses.
const SHORT: usize = 16;

/// The set of one byte.
pub(super) fn only(byte: u8) -> [u8; 256] {
    let mut set = [0; 256];
    set[usize::from(byte)] = IN;
    set
}

/// A class of bytes.
#[derive(Debug, Clone)]
pub(super) struct Class {
    bytes: Bytes,
    /// The rows that it has, or those that it does not have: the first byte of each, and how many more.
    rows: Box<[(u8x16, u8x16)]>,
    /// Turns what the rows have into what ends a run.
    turned: u32,
    has_unsure: bool,
}

impl Default for Class {
    /// Of no byte.
    fn default() -> Class {
        Class::new(Box::new([0; 256]))
    }
}

impl Class {
    pub(super) fn new(bytes: Bytes) -> Class {
        let rows = |is_in: bool| {
            let all: Vec<u8> = (0..=u8::MAX).filter(|byte| (bytes[usize::from(*byte)] == IN) == is_in).collect();
            let rows = all.chunk_by(|one, next| one + 1 == *next);
            rows.map(|row| (u8x16::splat(row[0]), u8x16::splat((row.len() - 1) as u8))).collect::<Box<[_]>>()
        };
        let (own, others) = (rows(true), rows(false));
        let (rows, turned) = if own.len() < others.len() { (own, 0xffff) } else { (others, 0) };
        let is_long = bytes.iter().filter(|byte| **byte == IN).count() > SHORT;
        let rows = if is_long && rows.len() <= MOST { rows } else { Box::default() };
        Class { has_unsure: bytes.contains(&UNSURE), bytes, rows, turned }
    }

    pub(super) fn bytes(&self) -> &[u8; 256] {
        &self.bytes
    }

    pub(super) fn has_unsure(&self) -> bool {
        self.has_unsure
    }

    /// Whether the expression has to say whether this byte is of the class.
    #[inline(always)]
    pub(super) fn is_unsure(&self, byte: u8) -> bool {
        self.has_unsure && self.bytes[usize::from(byte)] == UNSURE
    }

    /// How many bytes of the class a text begins with.
    #[inline(always)]
    pub(super) fn leading(&self, text: &[u8]) -> usize {
        let mut n = 0;
        if !self.rows.is_empty() {
            while let Some(chunk) = text.get(n..).and_then(<[u8]>::first_chunk) {
                let outs = self.outs(*chunk);
                if outs != 0 {
                    return n + outs.trailing_zeros() as usize;
                }
                n += CHUNK;
            }
        }
        while text.get(n).is_some_and(|byte| self.bytes[usize::from(*byte)] == IN) {
            n += 1;
        }
        n
    }

    /// Which of these bytes are not of the class: one bit for each.
    #[inline(always)]
    fn outs(&self, chunk: [u8; CHUNK]) -> u32 {
        let bytes = u8x16::new(chunk);
        // How far each is from the nearest row; smaller ones wrap around and are large.
        let mut far = u8x16::splat(u8::MAX);
        for (first, more) in &self.rows {
            far = far.min((bytes - *first).saturating_sub(*more));
        }
        far.simd_eq(u8x16::splat(0)).to_bitmask() ^ self.turned
    }
}

/// Bytes, as one of the rows that hold them all: which of the bits of a byte count, the first one, and how many more there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub mask: u8,
    pub first: u8,
    pub more: u8,
    /// It has no others.
    pub is_exact: bool,
}

impl Row {
    /// Of bytes in rising order; two of them, as a letter in both cases, are one byte of which some bits do not count.
    pub fn of(bytes: &[u8]) -> Row {
        match bytes {
            [] => Row { mask: 0, first: 0, more: u8::MAX, is_exact: false },
            [one, other] => {
                let differ = one ^ other;
                Row { mask: !differ, first: one & !differ, more: 0, is_exact: differ.is_power_of_two() }
            }
            [first, ..] => {
                let more = bytes[bytes.len() - 1] - first;
                Row { mask: u8::MAX, first: *first, more, is_exact: bytes.len() == usize::from(more) + 1 }
            }
        }
    }
}

/// What sixteen bytes are looked at for: the row of each place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chunk {
    mask: u8x16,
    first: u8x16,
    more: u8x16,
}

impl Chunk {
    /// For as many places as there are rows; what stands behind them is not looked at.
    pub fn of(rows: &[Row]) -> Chunk {
        let vector = |part: fn(&Row) -> u8, rest: u8| {
            let mut bytes = [rest; CHUNK];
            bytes.iter_mut().zip(rows).for_each(|(byte, row)| *byte = part(row));
            u8x16::new(bytes)
        };
        Chunk { mask: vector(|row| row.mask, 0), first: vector(|row| row.first, 0), more: vector(|row| row.more, u8::MAX) }
    }

    #[inline(always)]
    pub fn fits(&self, bytes: [u8; CHUNK]) -> bool {
        // Smaller ones wrap around and are large.
        let from = (u8x16::new(bytes) & self.mask) - self.first;
        from.min(self.more).simd_eq(from).to_bitmask() == 0xffff
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_run_is_as_long_as_its_bytes_say(
            members in proptest::collection::vec(any::<u8>(), 0..9),
            is_without in any::<bool>(),
            unsure in any::<bool>(),
            text in proptest::collection::vec(0..9_usize, 0..70),
            others in "[ -~]{0,40}é?",
        ) {
            let mut bytes = Box::new([u8::from(is_without); 256]);
            members.iter().for_each(|member| bytes[usize::from(*member)] = u8::from(!is_without));
            if unsure {
                bytes[128..].fill(UNSURE);
            }
            let class = Class::new(bytes.clone());
            let text: Vec<u8> = text.iter().filter_map(|n| members.get(*n).copied()).chain(others.bytes()).collect();
            let expected = text.iter().take_while(|byte| bytes[usize::from(**byte)] == IN).count();
            prop_assert_eq!(class.leading(&text), expected);
        }
    }

    proptest! {
        #[test]
        fn a_row_has_what_it_is_of(mut bytes in proptest::collection::vec(any::<u8>(), 1..4)) {
            bytes.sort_unstable();
            bytes.dedup();
            let row = Row::of(&bytes);
            let own: Vec<u8> = (0..=u8::MAX).filter(|byte| (byte & row.mask).wrapping_sub(row.first) <= row.more).collect();
            prop_assert!(bytes.iter().all(|byte| own.contains(byte)));
            prop_assert_eq!(row.is_exact, own == bytes);
        }
    }

    #[test]
    fn most_sets_of_a_place_are_told_at_once() {
        for set in [&b"0123456789"[..], b"x", b"Ee", b",."] {
            assert!(Row::of(set).is_exact, "{set:?}");
        }
        assert!(!Row::of(b" T").is_exact && !Row::of(b"").is_exact);
    }
}
