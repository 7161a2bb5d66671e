//! What stands in every match of a pattern: one of some first bytes, and some words.
//!
//! The build script has this file in it, so it must never use anything else of the crate. Must never leave out a first byte
//! or name a word that a match can do without. What breaks it: a pattern that can match the empty text, which has no needs.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Words in every match that are looked for, the longest ones, and the least that one has to have in bytes.
const WORDS: usize = 3;
const SHORTEST: usize = 2;

/// What a line has to have to be of a pattern.
pub struct Needs {
    /// One bit for each first byte.
    pub first: [u64; 4],
    pub words: Vec<Vec<u8>>,
}

impl Needs {
    /// Those of an anchored pattern; an error where it is none.
    pub fn of(pattern: &str) -> Result<Needs, String> {
        let hir = regex_syntax::parse(pattern).map_err(|e| e.to_string())?;
        let mut needs = Needs { first: [0; 4], words: Vec::new() };
        if needs.first_of(&hir) {
            needs.first = [u64::MAX; 4];
        }
        let mut words = Words::default();
        words.of(&hir);
        words.end();
        words.all.sort_by_key(|word| std::cmp::Reverse(word.len()));
        words.all.dedup();
        words.all.truncate(WORDS);
        needs.words = words.all;
        Ok(needs)
    }

    fn add(&mut self, from: u8, to: u8) {
        (from..=to).for_each(|b| self.first[usize::from(b / 64)] |= 1 << (b % 64));
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
