//! What stands in every match of a pattern: one of some bytes at each of the first places, and some words.
//!
//! The build script has this file in it, so it must never use anything else of the crate. Must never leave out a first byte
//! or name a word that a match can do without. What breaks it: a pattern that can match the empty text, which has no needs.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Words in every match that are looked for, the longest ones, and the least that one has to have in bytes.
const WORDS: usize = 3;
const SHORTEST: usize = 2;

/// Places at the beginning of a line of which the bytes are known.
pub const PLACES: usize = 24;

/// Bytes of ASCII, one bit for each.
pub type Ascii = [u64; 2];

/// What a line has to have to be of a pattern.
pub struct Needs {
    /// One bit for each first byte.
    pub first: [u64; 4],
    /// What each of the first bytes is one of, as far as the line is ASCII up to it.
    pub shape: Vec<Ascii>,
    pub words: Vec<Vec<u8>>,
    /// Bytes that stand in every match, wherever; the bit of [`DIGIT`] for one that has any digit.
    pub bytes: Ascii,
}

/// Stands for all digits.
pub const DIGIT: u8 = 0;

/// The bytes that a line has, as [`Needs::bytes`] asks for them.
#[allow(dead_code)] // The build script asks no line.
pub fn present(line: &[u8]) -> Ascii {
    let mut found: Ascii = [0; 2];
    for byte in line {
        found[usize::from(byte / 64) & 1] |= u64::from(byte.is_ascii()) << (byte % 64);
    }
    let digits = 0x3ff << b'0';
    found[0] = found[0] & !1 | u64::from(found[0] & digits != 0);
    found
}

impl Needs {
    /// Those of an anchored pattern.
    pub fn of(hir: &Hir) -> Needs {
        let mut needs = Needs { first: [0; 4], shape: shape(hir), words: Vec::new(), bytes: [0; 2] };
        if needs.first_of(hir) {
            needs.first = [u64::MAX; 4];
        }
        let mut words = Words::default();
        words.of(hir);
        words.end();
        words.all.sort_by_key(|word| std::cmp::Reverse(word.len()));
        words.all.dedup();
        words.all.truncate(WORDS);
        needs.words = words.all;
        needs.needed(hir);
        needs
    }

    /// Adds the bytes of everything that no match can do without.
    fn needed(&mut self, hir: &Hir) {
        let mut need = |byte: u8| self.bytes[usize::from(byte / 64)] |= 1 << (byte % 64);
        match hir.kind() {
            HirKind::Literal(literal) => literal.0.iter().filter(|byte| byte.is_ascii()).for_each(|byte| need(*byte)),
            HirKind::Class(class) => {
                let all: Vec<(u32, u32)> = match class {
                    Class::Bytes(class) => class.ranges().iter().map(|r| (r.start().into(), r.end().into())).collect(),
                    Class::Unicode(class) => class.ranges().iter().map(|r| (r.start().into(), r.end().into())).collect(),
                };
                if all.iter().all(|(from, to)| *from >= u32::from(b'0') && *to <= u32::from(b'9')) {
                    need(DIGIT);
                }
            }
            HirKind::Capture(capture) => self.needed(&capture.sub),
            HirKind::Concat(parts) => parts.iter().for_each(|part| self.needed(part)),
            HirKind::Repetition(repetition) if repetition.min > 0 => self.needed(&repetition.sub),
            HirKind::Empty | HirKind::Look(_) | HirKind::Repetition(_) | HirKind::Alternation(_) => {}
        }
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

/// The bytes of each of the first places.
fn shape(hir: &Hir) -> Vec<Ascii> {
    let mut shape = Shape([[0; 2]; PLACES]);
    let ends = shape.of(hir, 1);
    // What follows a match can be anything.
    let end = (ends.trailing_zeros() as usize).min(PLACES);
    let known = shape.0[..end].iter().rposition(|set| *set != [u64::MAX; 2]).map_or(0, |at| at + 1);
    shape.0[..known].to_vec()
}

struct Shape([Ascii; PLACES]);

/// Places where something can begin or end, one bit for each; those beyond the last count no more.
type Ends = u64;

impl Shape {
    /// Adds what `hir` can have, when it begins at one of these places; says where it can end.
    fn of(&mut self, hir: &Hir, from: Ends) -> Ends {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => from,
            HirKind::Literal(literal) => literal.0.iter().fold(from, |from, byte| self.add(from, |b| b == *byte)),
            HirKind::Class(Class::Bytes(class)) => {
                self.add(from, |b| class.ranges().iter().any(|r| (r.start()..=r.end()).contains(&b)))
            }
            HirKind::Class(Class::Unicode(class)) => {
                self.add(from, |b| class.ranges().iter().any(|r| (r.start()..=r.end()).contains(&char::from(b))))
            }
            HirKind::Capture(capture) => self.of(&capture.sub, from),
            HirKind::Concat(parts) => parts.iter().fold(from, |from, part| self.of(part, from)),
            HirKind::Alternation(parts) => parts.iter().fold(0, |ends, part| ends | self.of(part, from)),
            HirKind::Repetition(repetition) => {
                let (mut here, mut ends) = (from, if repetition.min == 0 { from } else { 0 });
                for n in 1..=repetition.max.unwrap_or(u32::MAX) {
                    here = self.of(&repetition.sub, here);
                    let before = ends;
                    ends |= if n >= repetition.min { here } else { 0 };
                    if here == 0 || n >= repetition.min && ends == before {
                        break;
                    }
                }
                ends
            }
        }
    }

    /// A byte of which this is said, at one of these places.
    fn add(&mut self, from: Ends, is_one: impl Fn(u8) -> bool) -> Ends {
        let mut set = [0; 2];
        (0..128).filter(|byte| is_one(*byte)).for_each(|byte| set[usize::from(byte / 64)] |= 1 << (byte % 64));
        for (_, known) in self.0.iter_mut().enumerate().filter(|(at, _)| from & 1 << at != 0) {
            (0..2).for_each(|half| known[half] |= set[half]);
        }
        from << 1 & ((1 << PLACES) - 1)
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
