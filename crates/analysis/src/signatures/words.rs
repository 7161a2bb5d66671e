//! Which of some thousand words stand in a text: the literals of all cues.
//!
//! A word is looked for by its first bytes, at each place of the text, in a table with a bit for each; what follows is compared where
//! that bit is set. An automaton looks at more memory for each byte, and takes longer to build than many a report to make. Must never
//! miss a word. What breaks it: words that begin as most of a text does, which are all compared.

use std::borrow::Cow;
use std::ops::Range;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::open::Open;

/// Bytes by which a word is looked for; shorter ones are looked for by two.
const HEAD: usize = 4;
const SHORT: usize = 2;

/// Bits of the table, each for many heads.
const BITS: usize = 1 << 16;

/// The words of a cue, if it has any, and whose it is.
pub(super) type Row = (Option<Vec<Cow<'static, str>>>, Open);

/// The words of some cues.
pub(super) struct Words {
    long: Heads<HEAD>,
    short: Heads<SHORT>,
    /// Cues that no word can rule out.
    always: Vec<Open>,
}

/// Words with so many bytes at least, by these.
struct Heads<const N: usize> {
    bits: Box<[u64]>,
    ranges: HashMap<[u8; N], Range<usize>, FixedState>,
    /// The words of each range.
    owners: Vec<Owner>,
}

/// A word that needs to stand in a text, and the cue that needs it.
struct Owner {
    /// The bytes behind the head, as a number, as far as there are some.
    next: u32,
    /// Which bits of that count.
    mask: u32,
    word: Cow<'static, [u8]>,
    open: Open,
}

impl Words {
    pub(super) fn of(cues: Vec<Row>) -> Words {
        let (mut long, mut short, mut always) = (Vec::new(), Vec::new(), Vec::new());
        for (words, open) in cues {
            let Some(words) = words else {
                always.push(open);
                continue;
            };
            for word in words {
                match word.len() {
                    HEAD.. => long.push((bytes_of(word), open)),
                    SHORT.. => short.push((bytes_of(word), open)),
                    // Nearly every text has it.
                    _ => always.push(open),
                }
            }
        }
        Words { long: Heads::of(long), short: Heads::of(short), always }
    }

    /// The cues with a word that a text in lowercase has, of signatures that weigh enough; some of them several times.
    pub(super) fn open(&self, text: &[u8], weighs: impl Fn(usize) -> bool) -> Vec<Open> {
        let mut open: Vec<Open> = self.always.iter().filter(|(at, _)| weighs(*at)).copied().collect();
        let mut found = |owned: Open| {
            if weighs(owned.0) {
                open.push(owned);
            }
        };
        self.long.each(text, &mut found);
        self.short.each(text, &mut found);
        open
    }
}

fn bytes_of(word: Cow<'static, str>) -> Cow<'static, [u8]> {
    match word {
        Cow::Borrowed(word) => Cow::Borrowed(word.as_bytes()),
        Cow::Owned(word) => Cow::Owned(word.into_bytes()),
    }
}

impl<const N: usize> Heads<N> {
    fn of(words: Vec<(Cow<'static, [u8]>, Open)>) -> Heads<N> {
        let mut heads: HashMap<[u8; N], Vec<Owner>, FixedState> = HashMap::default();
        let mut bits = vec![0; BITS / 64].into_boxed_slice();
        for (word, open) in words {
            let Some(head) = word.first_chunk::<N>().copied() else { continue };
            let (at, bit) = place(head);
            bits[at] |= bit;
            let more = (word.len() - N).min(size_of::<u32>());
            let mask = u32::MAX.checked_shr(32 - 8 * more as u32).unwrap_or(0);
            heads.entry(head).or_default().push(Owner { next: number(&word, N), mask, word, open });
        }
        let (mut ranges, mut owners) = (HashMap::with_capacity_and_hasher(heads.len(), FixedState::default()), Vec::new());
        for (head, own) in heads {
            let from = owners.len();
            owners.extend(own);
            ranges.insert(head, from..owners.len());
        }
        Heads { bits, ranges, owners }
    }

    /// Hands out whom each word belongs to that stands in a text.
    fn each(&self, text: &[u8], found: &mut impl FnMut(Open)) {
        for (at, head) in text.array_windows::<N>().enumerate() {
            let (word, bit) = place(*head);
            if self.bits[word] & bit == 0 {
                continue;
            }
            let Some(range) = self.ranges.get(head) else { continue };
            let next = number(text, at + N);
            for owner in &self.owners[range.clone()] {
                if next & owner.mask == owner.next && text[at + N..].starts_with(&owner.word[N..]) {
                    found(owner.open);
                }
            }
        }
    }
}

/// The bit of a head.
#[inline(always)]
fn place<const N: usize>(head: [u8; N]) -> (usize, u64) {
    let number = head.iter().rev().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    let hash = number.wrapping_mul(0x9e37_79b1) as usize >> 16;
    (hash / 64 % (BITS / 64), 1 << (hash % 64))
}

/// Up to four bytes at a place as a number; what is beyond the end is zero, which no word has.
fn number(text: &[u8], at: usize) -> u32 {
    let rest = text.get(at..).unwrap_or_default();
    match rest.first_chunk() {
        Some(four) => u32::from_le_bytes(*four),
        None => rest.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cue_is_open_where_one_of_its_words_stands(
            words in proptest::collection::vec("[ab ]{1,9}", 0..12),
            text in "[abc ]{0,30}",
            heavy in 0..4_usize,
        ) {
            let rows = words.iter().enumerate().map(|(n, word)| (Some(vec![Cow::Owned(word.clone())]), (n, 1)));
            let words_of = Words::of(rows.chain([(None, (99, 1))]).collect());
            let mut open: Vec<usize> = words_of.open(text.as_bytes(), |at| at >= heavy).iter().map(|(at, _)| *at).collect();
            open.sort_unstable();
            open.dedup();
            let stands = |word: &String| word.len() < SHORT || text.contains(word.as_str());
            let open_ones = words.iter().enumerate().filter(|(n, word)| *n >= heavy && stands(word)).map(|(n, _)| n);
            let expected: Vec<usize> = open_ones.chain([99]).collect();
            prop_assert_eq!(open, expected);
        }
    }
}
