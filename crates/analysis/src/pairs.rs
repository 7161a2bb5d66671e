//! Which pairs of bytes stand in a text: a word of which one is missing does not stand there either.
//!
//! For many words that are looked for in one text, most of which it has not. Must never say of a word that it is missing
//! when it is not. What it is misled by: long texts, which have nearly every pair; then it only costs a look.

use wide::u8x16;

/// A number of bits for the pairs of one text; several pairs share one.
#[derive(Debug)]
pub struct Pairs([u64; WORDS]);

const WORDS: usize = 128;

impl Pairs {
    pub fn of(text: &[u8]) -> Pairs {
        let mut pairs = [0; WORDS];
        for pair in text.windows(2) {
            let (word, bit) = place(pair[0], pair[1]);
            pairs[word] |= bit;
        }
        Pairs(pairs)
    }

    /// Those of any text, where there are too few words to repay a look at it.
    pub fn any() -> Pairs {
        Pairs([u64::MAX; WORDS])
    }

    /// Whether a word may stand in the text.
    pub fn may_hold(&self, word: &[u8]) -> bool {
        word.windows(2).all(|pair| {
            let (word, bit) = place(pair[0], pair[1]);
            self.0[word] & bit != 0
        })
    }

    /// Whether a word stands in the text of which these are the pairs.
    pub fn finds(&self, word: &[u8], text: &[u8]) -> bool {
        self.may_hold(word) && holds(text, word)
    }
}

/// Bytes of a text from which on it repays to make ready for a search.
const REPAYS: usize = 1024;
/// Bytes that are looked at together.
const CHUNK: usize = 16;

fn holds(text: &[u8], word: &[u8]) -> bool {
    match (word.first(), word.last()) {
        (Some(first), Some(last)) if text.len() < REPAYS => holds_between(text, word, (*first, *last)),
        _ => memchr::memmem::find(text, word).is_some(),
    }
}

/// By the first and the last byte of the word, which seldom stand as far apart elsewhere.
fn holds_between(text: &[u8], word: &[u8], (first, last): (u8, u8)) -> bool {
    let Some(firsts) = text.len().checked_sub(word.len() - 1).map(|n| &text[..n]) else { return false };
    let lasts = &text[word.len() - 1..];
    let (heads, tails) = (u8x16::splat(first), u8x16::splat(last));
    let (chunks, rest) = firsts.as_chunks::<CHUNK>();
    let is_here = |at: usize| text[at..].starts_with(word);
    let is_in = |(n, (head, tail)): (usize, (&[u8; CHUNK], &[u8; CHUNK]))| {
        let mut found = (heads.simd_eq(u8x16::new(*head)) & tails.simd_eq(u8x16::new(*tail))).to_bitmask();
        while found != 0 {
            if is_here(n * CHUNK + found.trailing_zeros() as usize) {
                return true;
            }
            found &= found - 1;
        }
        false
    };
    chunks.iter().zip(lasts.as_chunks::<CHUNK>().0).enumerate().any(is_in)
        || rest.iter().enumerate().any(|(n, byte)| *byte == first && is_here(chunks.len() * CHUNK + n))
}

fn place(first: u8, second: u8) -> (usize, u64) {
    let number = usize::from(first).wrapping_mul(67) ^ usize::from(second).wrapping_mul(29);
    (number / 64 % WORDS, 1 << (number % 64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_word_is_found_where_it_stands(text in "[a-d ]{0,20}", word in "[a-d ]{0,6}") {
            let pairs = Pairs::of(text.as_bytes());
            prop_assert_eq!(pairs.finds(word.as_bytes(), text.as_bytes()), text.contains(&word));
            prop_assert_eq!(Pairs::any().finds(word.as_bytes(), text.as_bytes()), text.contains(&word));
            let long = text.repeat(REPAYS / 10);
            let short = text.repeat(3);
            prop_assert_eq!(Pairs::any().finds(word.as_bytes(), short.as_bytes()), short.contains(&word));
            prop_assert_eq!(Pairs::any().finds(word.as_bytes(), long.as_bytes()), long.contains(&word));
        }
    }

    #[test]
    fn most_words_that_are_missing_are_known_to_be() {
        let pairs = Pairs::of(b"cache miss for key product:59818, loading from database");
        let words: [&[u8]; 6] = [b"refused", b"timed out", b"killed", b"denied", b"panic", b"exhausted"];
        assert!(words.iter().filter(|word| pairs.may_hold(word)).count() < 2);
    }
}
