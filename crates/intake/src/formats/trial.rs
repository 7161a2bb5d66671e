//! Whether a line can be of a pattern at all, tried out part by part. A line comes near the patterns of a hundred formats, and
//! compiling an expression takes as long as reading a thousand lines.
//!
//! The build script has this file in it, so it must never use anything else of the crate. Must never rule out a line that the
//! pattern matches: what is not ASCII, what stands at the bounds of words, and what takes too many attempts is not looked
//! at. What breaks it: a pattern of many parts that may be nothing, which costs all attempts and rules out little.

use regex_syntax::hir::{Class, Hir, HirKind, Look};
use serde::{Deserialize, Serialize};

/// Parts that are tried at a line before it is let in.
const ATTEMPTS: u32 = 1_000;

/// The parts of an anchored pattern.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Part {
    #[serde(rename = "t")]
    Text(String),
    /// Between so many bytes of a set.
    #[serde(rename = "s")]
    Set(Set, u32, Option<u32>),
    #[serde(rename = "r")]
    Repeat(Vec<Part>, u32, Option<u32>),
    #[serde(rename = "e")]
    Either(Vec<Vec<Part>>),
    #[serde(rename = "$")]
    End,
}

impl Part {
    fn of(text: String) -> Part {
        match text.as_bytes() {
            [byte] => {
                let mut set = Set::default();
                set.add(*byte, *byte);
                Part::Set(set, 1, Some(1))
            }
            _ => Part::Text(text),
        }
    }
}

/// Bytes of ASCII, one bit for each. Written as the first and the last byte of each range.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
struct Set([u64; 2]);

impl Set {
    fn has(self, byte: u8) -> bool {
        self.0.get(usize::from(byte / 64)).is_some_and(|half| half & 1 << (byte % 64) != 0)
    }

    fn add(&mut self, from: u8, to: u8) {
        (from..=to.min(127)).for_each(|byte| self.0[usize::from(byte / 64)] |= 1 << (byte % 64));
    }

    fn of(class: &Class) -> Set {
        let mut set = Set::default();
        match class {
            Class::Bytes(class) => class.ranges().iter().for_each(|range| set.add(range.start(), range.end())),
            Class::Unicode(class) => {
                let ascii = class.ranges().iter().filter(|range| range.start().is_ascii());
                ascii.for_each(|range| set.add(range.start() as u8, u8::try_from(range.end()).unwrap_or(127)));
            }
        }
        set
    }
}

impl From<String> for Set {
    fn from(text: String) -> Set {
        let mut set = Set::default();
        text.as_bytes().chunks_exact(2).for_each(|range| set.add(range[0], range[1]));
        set
    }
}

impl From<Set> for String {
    fn from(set: Set) -> String {
        let begins = |byte: &u8| set.has(*byte) && (*byte == 0 || !set.has(byte - 1));
        let end = |from: u8| (from..128).take_while(|byte| set.has(*byte)).last().unwrap_or(from);
        (0..128).filter(begins).flat_map(|from| [char::from(from), char::from(end(from))]).collect()
    }
}

impl Trial {
    pub fn of(hir: &Hir) -> Trial {
        let mut parts = Vec::new();
        add(hir, &mut parts);
        // What may be nothing says nothing at the end.
        while matches!(parts.last(), Some(Part::Set(_, 0, _) | Part::Repeat(_, 0, _))) {
            parts.pop();
        }
        Trial(parts)
    }

    /// Whether the pattern certainly does not match a line, which has no line end.
    pub fn denies(&self, line: &str) -> bool {
        line.is_ascii() && !Attempt { line: line.as_bytes(), left: ATTEMPTS }.follow(&self.0, &Then::Nothing, 0)
    }
}

fn add(hir: &Hir, parts: &mut Vec<Part>) {
    match hir.kind() {
        HirKind::Look(Look::End) => parts.push(Part::End),
        // What stands around words is not looked at.
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => parts.push(match String::from_utf8(literal.0.to_vec()) {
            Ok(text) if text.is_ascii() => Part::of(text),
            // No line of ASCII has it.
            _ => Part::Either(Vec::new()),
        }),
        HirKind::Class(class) => parts.push(Part::Set(Set::of(class), 1, Some(1))),
        HirKind::Capture(capture) => add(&capture.sub, parts),
        HirKind::Concat(all) => all.iter().for_each(|part| add(part, parts)),
        HirKind::Alternation(all) => parts.push(Part::Either(all.iter().map(inner).collect())),
        HirKind::Repetition(repetition) => {
            let mut inner = inner(&repetition.sub);
            parts.push(match inner.as_slice() {
                [Part::Set(set, 1, Some(1))] => Part::Set(*set, repetition.min, repetition.max),
                _ => Part::Repeat(std::mem::take(&mut inner), repetition.min, repetition.max),
            });
        }
    }
}

fn inner(hir: &Hir) -> Vec<Part> {
    let mut parts = Vec::new();
    add(hir, &mut parts);
    parts
}

/// What follows the parts that are tried.
enum Then<'p> {
    Nothing,
    Parts(&'p [Part], &'p Then<'p>),
    /// The same once more, or what is behind it. So many times it was there, the last time at this place.
    Again(Again<'p>, &'p Then<'p>),
}

#[derive(Clone, Copy)]
struct Again<'p> {
    parts: &'p [Part],
    least: u32,
    most: u32,
    times: u32,
    from: usize,
    behind: &'p [Part],
}

struct Attempt<'l> {
    line: &'l [u8],
    left: u32,
}

impl Attempt<'_> {
    /// Whether these parts, and what follows them, can stand at a place; true also when there were too many attempts.
    fn follow(&mut self, parts: &[Part], then: &Then<'_>, at: usize) -> bool {
        let Some((part, behind)) = parts.split_first() else { return self.behind(then, at) };
        let Some(left) = self.left.checked_sub(1) else { return true };
        self.left = left;
        match part {
            Part::Text(text) => self.line[at..].starts_with(text.as_bytes()) && self.follow(behind, then, at + text.len()),
            Part::Set(set, least, most) => {
                let most = most.map_or(usize::MAX, |most| most as usize);
                let n = self.line[at..].iter().take(most).take_while(|byte| set.has(**byte)).count();
                (*least as usize..=n).rev().any(|n| self.follow(behind, then, at + n))
            }
            Part::Either(branches) => branches.iter().any(|branch| self.follow(branch, &Then::Parts(behind, then), at)),
            Part::Repeat(parts, least, most) => {
                let most = most.unwrap_or(u32::MAX);
                self.again(Again { parts, least: *least, most, times: 0, from: at, behind }, then, at)
            }
            Part::End => at == self.line.len() && self.follow(behind, then, at),
        }
    }

    fn again(&mut self, again: Again<'_>, then: &Then<'_>, at: usize) -> bool {
        let next = Again { times: again.times + 1, from: at, ..again };
        again.times < again.most && self.follow(again.parts, &Then::Again(next, then), at)
            || again.times >= again.least && self.follow(again.behind, then, at)
    }

    fn behind(&mut self, then: &Then<'_>, at: usize) -> bool {
        match then {
            Then::Nothing => true,
            Then::Parts(parts, then) => self.follow(parts, then, at),
            // Nothing may be there as often as it has to.
            Then::Again(again, then) if again.from == at => self.follow(again.behind, then, at),
            Then::Again(again, then) => self.again(*again, then, at),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::Regex;

    use super::*;
    use crate::formats::{Formats, definition};

    fn trial(pattern: &str) -> Trial {
        Trial::of(&regex_syntax::parse(pattern).unwrap())
    }

    /// Whether it denies a line; never one that the expression matches.
    fn denies(pattern: &str, line: &str) -> bool {
        let pattern = format!("^(?:{pattern})");
        let denies = trial(&pattern).denies(line);
        assert!(!denies || !Regex::new(&pattern).unwrap().is_match(line), "{pattern}: {line}");
        denies
    }

    #[test]
    fn a_line_is_denied_where_no_way_through_the_parts_leads_to_their_end() {
        let levels = r"([0-9]{2}) \[([^\]]+)\] (?i:info|information|error): (.*)";
        assert!(
            denies(levels, "12 [a] infos: x") && !denies(levels, "12 [a] information: x") && !denies(levels, "12 [é] infos: x")
        );
        let zone = r"[0-9]{2}(?:Z| UTC| [+-][0-9])? (?<level>[A-Z]+) +(.*?) - (.*)";
        assert!(denies(zone, "12Z info x - y") && !denies(zone, "12 UTC INFO x - y") && !denies(zone, "12 UTC x - y"));
        assert!(denies(r"([a-z ]+) ([a-z]+)x", "a by cy") && !denies(r"([a-z ]+) ([a-z]+)x", "a bx cy"));
        assert!(!denies(r"(?:[a-z]+,)*(?:[0-9])?end", "a,b,c,end") && denies(r"(?:[a-z]+,){2}end", "a,end"));
        assert!(!denies(r"(?:a?){3}b", "b") && !denies(r"(?:a*)+b", "b") && !denies("(?:|a)$", "a") && denies("a$", "ab"));
        assert!(denies("é", "e") && !denies(r"a\b.c", "a.c") && !denies("", ""));
    }

    #[test]
    fn what_takes_too_many_attempts_is_let_in() {
        assert!(!denies(r"(?:a+,?)*b", &"a".repeat(200)) && denies(r"(?:a?){200}b", &"a".repeat(100)));
    }

    #[test]
    fn no_damaged_sample_is_denied_that_the_expression_reads() {
        let (mut denied, mut left) = (0, 0);
        for format in Formats::load().all() {
            let definition::Kind::Pattern(pattern) = &format.kind else { continue };
            for line in format.samples().iter().filter_map(|s| s.line.lines().next()).take(2) {
                assert!(!pattern.denies(line), "{}: {line}", format.id());
                for (at, _) in line.char_indices().take(80).step_by(3) {
                    let (head, tail) = line.split_at(at);
                    let without = tail.chars().skip(1).collect::<String>();
                    for damaged in [format!("{head}{without}"), format!("{head} {tail}"), format!("{head}7{without}")] {
                        match (pattern.denies(&damaged), pattern.by_regex(&damaged)) {
                            (true, found) => {
                                assert_eq!(found, None, "{}: {damaged}", format.id());
                                denied += 1;
                            }
                            (false, found) => left += usize::from(found.is_none()),
                        }
                    }
                }
            }
        }
        assert!(denied > 50 * left, "{denied} denied, {left} left to the expression");
    }

    proptest! {
        #[test]
        fn what_is_written_down_is_read_again(ranges in prop::collection::vec((0_u8..128, 0_u8..128), 0..6)) {
            let mut set = Set::default();
            ranges.into_iter().for_each(|(from, to)| set.add(from, to));
            prop_assert_eq!(Set::from(String::from(set)), set);
        }

        #[test]
        fn only_lines_that_do_not_match_are_denied(pattern in "([ab]|\\(a\\|b[ab]?\\)|\\(?:a|ab\\)|[ab][*+?]|\\(?:[ab]b?\\)[*+?]|\\[ab\\]\\{1,2\\}){1,6}\\$?", line in "[ab]{0,8}") {
            prop_assume!(Regex::new(&pattern).is_ok());
            denies(&pattern, &line);
        }
    }
}
