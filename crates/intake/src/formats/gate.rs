//! What a line must have to be of a pattern at all: its first bytes, the words that stand in every match, and a way through
//! its parts. Most formats are ruled out by it, and their patterns are never compiled.
//!
//! Must never say no to a line that the pattern matches: what is not understood lets everything in. A pattern that can
//! match the empty text lets every line in.

use std::borrow::Cow;
use std::sync::OnceLock;

use memchr::memmem::Finder;

#[cfg(test)]
use super::needs::present;
use super::needs::{Ascii, Needs};
use super::trial::Trial;

/// What is asked of a line before its pattern is.
#[derive(Debug, Clone)]
pub struct Gate {
    /// One bit for each first byte.
    first: [u64; 4],
    shape: Cow<'static, [Ascii]>,
    words: Vec<Cow<'static, [u8]>>,
    bytes: Ascii,
    /// Made when a line has such a first byte.
    finders: OnceLock<Box<[Finder<'static>]>>,
    /// As the build script wrote it, and read when a line comes so far.
    written: &'static str,
    trial: OnceLock<Trial>,
}

/// An id, the first bytes, what stands at the first places, the words, the bytes, and what is tried.
type Row = (&'static str, [u64; 4], &'static [Ascii], &'static [&'static [u8]], Ascii, &'static str);

/// The gates of the embedded formats by their ids, rising, as the build script found them.
static EMBEDDED: &[Row] = include!(concat!(env!("OUT_DIR"), "/gates.rs"));

impl Gate {
    /// The gate of an anchored pattern; an error where it is none.
    pub fn of(pattern: &str) -> Result<Gate, String> {
        let hir = regex_syntax::parse(pattern).map_err(|e| e.to_string())?;
        let Needs { first, shape, words, bytes } = Needs::of(&hir);
        let (words, trial) = (words.into_iter().map(Cow::Owned).collect(), OnceLock::from(Trial::of(&hir)));
        Ok(Gate { first, shape: Cow::Owned(shape), words, bytes, finders: OnceLock::new(), written: "", trial })
    }

    /// That of an embedded format: parsing all expressions would take most of a start.
    pub fn embedded(id: &str) -> Option<Gate> {
        let (_, first, shape, words, bytes, written) = EMBEDDED.get(EMBEDDED.binary_search_by_key(&id, |(id, ..)| id).ok()?)?;
        let words = words.iter().map(|word| Cow::Borrowed(*word)).collect();
        let (shape, finders, trial) = (Cow::Borrowed(*shape), OnceLock::new(), OnceLock::new());
        Some(Gate { first: *first, shape, words, bytes: *bytes, finders, written, trial })
    }

    /// Whether it lets in any line with this first byte.
    pub fn opens_with(&self, byte: u8) -> bool {
        self.first[usize::from(byte / 64)] & 1 << (byte % 64) != 0
    }

    /// What each of the first bytes is one of, as far as a line is ASCII up to it.
    pub fn shape(&self) -> &[Ascii] {
        &self.shape
    }

    pub fn lets_in(&self, line: &str) -> bool {
        let bytes = line.as_bytes();
        bytes.first().is_some_and(|b| self.opens_with(*b)) && self.has_shape(bytes) && self.has_words(line)
    }

    /// Whether a line with these bytes can have what stands in every match.
    pub fn has_bytes(&self, present: Ascii) -> bool {
        self.bytes.iter().zip(present).all(|(needed, present)| needed & !present == 0)
    }

    /// Whether a line has the words that stand in every match.
    pub fn has_words(&self, line: &str) -> bool {
        self.finders().iter().all(|word| word.find(line.as_bytes()).is_some())
    }

    /// What is tried at a line that it lets in. It takes longer, so what reads most lines of a source is asked before.
    pub fn trial(&self) -> &Trial {
        // The tests hold each against its pattern.
        self.trial.get_or_init(|| serde_json::from_str(self.written).unwrap_or_default())
    }

    /// Whether the first bytes are what they can be, up to the first one beyond ASCII.
    fn has_shape(&self, line: &[u8]) -> bool {
        for (byte, set) in line.iter().zip(&*self.shape) {
            if !byte.is_ascii() {
                return true;
            }
            if set[usize::from(byte / 64)] & 1 << (byte % 64) == 0 {
                return false;
            }
        }
        true
    }

    fn finders(&self) -> &[Finder<'static>] {
        let make = || self.words.iter().map(|word| Finder::new(word).into_owned()).collect();
        self.finders.get_or_init(make)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Formats;
    use crate::formats::definition::Kind;
    use crate::formats::parts::anchored;

    fn opens(pattern: &str) -> String {
        let gate = Gate { words: Vec::new(), ..Gate::of(pattern).unwrap() };
        ('\0'..='\u{7f}').filter(|c| c.is_ascii_graphic() && gate.lets_in(&c.to_string())).collect()
    }

    #[test]
    fn the_first_bytes_of_a_pattern_are_those_it_can_begin_with() {
        assert_eq!(opens("^(?:<[0-9]+>)?[A-C]x"), "<ABC");
        assert_eq!(opens("^(?:a|b|)c"), "abc");
        assert_eq!(opens("^(?i:k)"), "Kk");
        assert!(Gate::of("^(?i:k)").unwrap().lets_in("\u{212a}"));
        assert_eq!(opens("^(?:x*)").len(), 94);
        assert!(!Gate::of("^a").unwrap().lets_in(""));
        assert!(Gate::of("(").is_err());
    }

    #[test]
    fn gates_of_embedded_formats_are_those_of_their_patterns() {
        let mut seen = 0;
        for format in Formats::load().all() {
            let Kind::Pattern(pattern) = &format.kind else { continue };
            let (built, own) = (Gate::embedded(format.id()).unwrap(), Gate::of(&anchored(pattern.source())).unwrap());
            assert_eq!(built.trial(), own.trial(), "{}", format.id());
            let needs = |gate: Gate| (gate.first, gate.shape, gate.words, gate.bytes);
            assert_eq!(needs(built), needs(own), "{}", format.id());
            seen += 1;
        }
        assert!(seen > 100, "{seen}");
    }

    #[test]
    fn the_first_places_have_what_a_match_can_have_there() {
        let lets_in = |pattern: &str, line: &str| Gate::of(pattern).unwrap().lets_in(line);
        let time = "^(?<time>[0-9]{4}-[0-9]{2}(?:T| {1,2})[0-9]{1,2})h(?<more>.*)$";
        for line in ["2024-02T09h x", "2024-02  9h", "2024-02 9h", "2024-02 09hé"] {
            assert!(lets_in(time, line), "{line}");
        }
        for line in ["2024/02 09h", "2024-0209h", "2024-02   9h"] {
            assert!(!lets_in(time, line), "{line}");
        }
        // What is not ASCII is for the expression to say.
        assert!(lets_in(time, "2024é"));
        assert!(lets_in("^(?:ab|a)c", "ac") && lets_in("^(?:ab|a)c", "abc") && !lets_in("^(?:ab|a)c", "axc"));
        assert!(lets_in("^(?:[a-c]{2,3};)*x{7}", "ab;abc;xxxxxxx") && !lets_in("^(?:[a-c]{2,3};)*x{7}", "ab;abd;xxxxxxx"));
        assert!(lets_in("^ab?", "ax") && lets_in("^(?i:k)x", "\u{212a}x"));
    }

    #[test]
    fn bytes_of_every_match_are_asked_for_and_no_others() {
        let has_bytes = |pattern: &str, line: &str| Gate::of(pattern).unwrap().has_bytes(present(line.as_bytes()));
        let pattern = "^(?<a>[^ ]+) (?:x;)?(?<b>[0-9]{2,}|y)(?:[0-9]+\\|)+=?";
        assert!(has_bytes(pattern, "a y7|") && has_bytes(pattern, "|0 "));
        for line in ["a y7", "ay7|", "a y|", "é"] {
            assert!(!has_bytes(pattern, line), "{line}");
        }
        assert!(has_bytes("^(?i:k)", "\u{212a}") && has_bytes("^é", "x"));
    }

    #[test]
    fn words_of_every_match_are_asked_for_and_no_others() {
        let lets_in = |pattern: &str, line: &str| Gate::of(pattern).unwrap().lets_in(line);
        assert!(lets_in("^(?<a>[0-9]+) (?:maybe )?\\[(?<b>cart)\\]:", "7 [cart]: x"));
        assert!(!lets_in("^(?<a>[0-9]+) (?:maybe )?\\[(?<b>cart)\\]:", "7 [web]: x"));
        assert!(lets_in("^[0-9](?:one|two)(?:ab)+", "7twoabab"));
        assert!(!lets_in("^[0-9](?:one|two)(?:ab)+", "7two"));
        assert!(lets_in("^(?i:word) x", "WORD x"));
    }
}
