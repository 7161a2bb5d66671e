//! The bytes by which a line of a format can begin, so that most formats are ruled out by one look.
//!
//! Must never say no to a line that the pattern matches: what is not understood lets every byte in. A pattern that can
//! match the empty text lets every line in.

use regex_syntax::hir::{Class, Hir, HirKind};

/// A set of first bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate([bool; 256]);

impl Gate {
    /// Lets everything in.
    pub fn open() -> Gate {
        Gate([true; 256])
    }

    /// The gate of an anchored pattern.
    pub fn of_pattern(pattern: &str) -> Gate {
        let Ok(hir) = regex_syntax::parse(pattern) else { return Gate::open() };
        let mut gate = Gate([false; 256]);
        if first(&hir, &mut gate) { Gate::open() } else { gate }
    }

    pub fn lets_in(&self, line: &str) -> bool {
        line.as_bytes().first().is_some_and(|b| self.0[usize::from(*b)])
    }

    fn add(&mut self, from: u8, to: u8) {
        (from..=to).for_each(|b| self.0[usize::from(b)] = true);
    }
}

/// Adds the first bytes of what `hir` matches; true when it can match nothing at all, so that what follows counts too.
fn first(hir: &Hir, gate: &mut Gate) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => match literal.0.first() {
            Some(byte) => {
                gate.add(*byte, *byte);
                false
            }
            None => true,
        },
        HirKind::Class(class) => {
            of_class(class, gate);
            false
        }
        HirKind::Repetition(repetition) => first(&repetition.sub, gate) || repetition.min == 0,
        HirKind::Capture(capture) => first(&capture.sub, gate),
        HirKind::Concat(parts) => parts.iter().all(|part| first(part, gate)),
        // Every branch is looked at: the first that can be empty must not hide the others.
        HirKind::Alternation(parts) => parts.iter().fold(false, |empty, part| first(part, gate) | empty),
    }
}

fn of_class(class: &Class, gate: &mut Gate) {
    match class {
        Class::Bytes(bytes) => bytes.ranges().iter().for_each(|r| gate.add(r.start(), r.end())),
        Class::Unicode(chars) => {
            for range in chars.ranges() {
                if range.start().is_ascii() {
                    gate.add(range.start() as u8, u8::try_from(range.end()).unwrap_or(127).min(127));
                }
                if !range.end().is_ascii() {
                    gate.add(128, 255);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opens(pattern: &str) -> String {
        let gate = Gate::of_pattern(pattern);
        ('\0'..='\u{7f}').filter(|c| c.is_ascii_graphic() && gate.lets_in(&c.to_string())).collect()
    }

    #[test]
    fn the_first_bytes_of_a_pattern_are_those_it_can_begin_with() {
        assert_eq!(opens("^(?:<[0-9]+>)?[A-C]x"), "<ABC");
        assert_eq!(opens("^(?:a|b|)c"), "abc");
        assert_eq!(opens("^(?i:k)"), "Kk");
        assert!(Gate::of_pattern("^(?i:k)").lets_in("\u{212a}"));
        assert_eq!(opens("^(?:x*)").len(), 94);
        assert!(!Gate::of_pattern("^a").lets_in(""));
    }
}
