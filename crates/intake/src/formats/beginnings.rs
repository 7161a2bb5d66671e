//! Whether a word may be one of a list, by its first three letters.
//!
//! Every word of every line passes here, so it is one look. Must never say no to a word of the list, in whatever case.

/// Three letters at the beginning of a word, one bit for each three.
#[derive(Debug)]
pub struct Beginnings([u32; 1024]);

impl Beginnings {
    /// Of words of three small letters and a blank.
    pub const fn of(words: &[u8]) -> Beginnings {
        let mut known = [0; 1024];
        let mut at = 0;
        while at + 2 < words.len() {
            let (word, letter) = Beginnings::place([words[at], words[at + 1], words[at + 2]]);
            known[word] |= 1 << letter;
            at += 4;
        }
        Beginnings(known)
    }

    /// Letters of either case have one place.
    const fn place([a, b, c]: [u8; 3]) -> (usize, u32) {
        ((a as usize & 31) << 5 | b as usize & 31, c as u32 & 31)
    }

    /// Whether a text may begin with one of the words: what is not English letters may.
    pub fn has(&self, text: &[u8]) -> bool {
        let Some(head) = text.first_chunk::<3>() else { return false };
        let (word, letter) = Beginnings::place(*head);
        !head.is_ascii() || head.iter().all(u8::is_ascii_alphabetic) && self.0[word] & 1 << letter != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_list_are_known_in_any_case_and_few_others() {
        let known = Beginnings::of(b"jan feb err ");
        for word in ["january", "JAN", "Feb", "errors", "ja\u{148}", "éa"] {
            assert!(known.has(word.as_bytes()), "{word}");
        }
        for word in ["jar", "ja", "", "*an", "fe7", "\u{a}an", "xerr"] {
            assert!(!known.has(word.as_bytes()), "{word}");
        }
    }
}
