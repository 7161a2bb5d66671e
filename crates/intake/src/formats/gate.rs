//! What a line must have to be of a pattern at all: a first byte, and the words that stand in every match. Most formats
//! are ruled out by it, and a pattern that no line came near is never compiled.
//!
//! Must never say no to a line that the pattern matches: what is not understood lets everything in. A pattern that can
//! match the empty text lets every line in.

use memchr::memmem::Finder;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Words in every match that are looked for, the longest ones, and the least that one has to have in bytes.
const WORDS: usize = 3;
const SHORTEST: usize = 2;

/// What is asked of a line before its pattern is.
#[derive(Debug, Clone)]
pub struct Gate {
    first: [bool; 256],
    words: Vec<Finder<'static>>,
}

impl Gate {
    /// The gate of an anchored pattern; an error where it is none.
    pub fn of(pattern: &str) -> Result<Gate, String> {
        let hir = regex_syntax::parse(pattern).map_err(|e| e.to_string())?;
        let mut gate = Gate { first: [false; 256], words: Vec::new() };
        if gate.first_of(&hir) {
            gate.first = [true; 256];
        }
        let mut words = Words::default();
        words.of(&hir);
        words.end();
        words.all.sort_by_key(|word| std::cmp::Reverse(word.len()));
        words.all.dedup();
        gate.words = words.all.iter().take(WORDS).map(|word| Finder::new(word).into_owned()).collect();
        Ok(gate)
    }

    /// Whether it lets in any line with this first byte.
    pub fn opens_with(&self, byte: u8) -> bool {
        self.first[usize::from(byte)]
    }

    pub fn lets_in(&self, line: &str) -> bool {
        let bytes = line.as_bytes();
        bytes.first().is_some_and(|b| self.first[usize::from(*b)]) && self.words.iter().all(|word| word.find(bytes).is_some())
    }

    fn add(&mut self, from: u8, to: u8) {
        (from..=to).for_each(|b| self.first[usize::from(b)] = true);
    }

    /// Adds the first bytes of what `hir` matches; true when it can match nothing at all, so that what follows counts.
    fn first_of(&mut self, hir: &Hir) -> bool {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => true,
            HirKind::Literal(literal) => match literal.0.first() {
                Some(byte) => {
                    self.add(*byte, *byte);
                    false
                }
                None => true,
            },
            HirKind::Class(class) => {
                self.add_class(class);
                false
            }
            HirKind::Repetition(repetition) => self.first_of(&repetition.sub) || repetition.min == 0,
            HirKind::Capture(capture) => self.first_of(&capture.sub),
            HirKind::Concat(parts) => parts.iter().all(|part| self.first_of(part)),
            // Every branch is looked at: the first that can be empty must not hide the others.
            HirKind::Alternation(parts) => parts.iter().fold(false, |empty, part| self.first_of(part) | empty),
        }
    }

    fn add_class(&mut self, class: &Class) {
        match class {
            Class::Bytes(bytes) => bytes.ranges().iter().for_each(|r| self.add(r.start(), r.end())),
            Class::Unicode(chars) => {
                for range in chars.ranges() {
                    if range.start().is_ascii() {
                        self.add(range.start() as u8, u8::try_from(range.end()).unwrap_or(127).min(127));
                    }
                    if !range.end().is_ascii() {
                        self.add(128, 255);
                    }
                }
            }
        }
    }
}

/// Literals that stand in every match, pieced together as far as nothing variable stands between.
#[derive(Default)]
struct Words {
    all: Vec<Vec<u8>>,
    open: Vec<u8>,
}

impl Words {
    fn of(&mut self, hir: &Hir) {
        match hir.kind() {
            HirKind::Literal(literal) => self.open.extend_from_slice(&literal.0),
            HirKind::Capture(capture) => self.of(&capture.sub),
            HirKind::Concat(parts) => parts.iter().for_each(|part| self.of(part)),
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Repetition(repetition) if repetition.min > 0 => {
                self.end();
                self.of(&repetition.sub);
                self.end();
            }
            HirKind::Class(_) | HirKind::Repetition(_) | HirKind::Alternation(_) => self.end(),
        }
    }

    fn end(&mut self) {
        let word = std::mem::take(&mut self.open);
        if word.len() >= SHORTEST {
            self.all.push(word);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn words_of_every_match_are_asked_for_and_no_others() {
        let lets_in = |pattern: &str, line: &str| Gate::of(pattern).unwrap().lets_in(line);
        assert!(lets_in("^(?<a>[0-9]+) (?:maybe )?\\[(?<b>cart)\\]:", "7 [cart]: x"));
        assert!(!lets_in("^(?<a>[0-9]+) (?:maybe )?\\[(?<b>cart)\\]:", "7 [web]: x"));
        assert!(lets_in("^[0-9](?:one|two)(?:ab)+", "7twoabab"));
        assert!(!lets_in("^[0-9](?:one|two)(?:ab)+", "7two"));
        assert!(lets_in("^(?i:word) x", "WORD x"));
    }
}
