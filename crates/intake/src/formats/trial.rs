//! Patterns tried out part by part, in the order in which the expression tries them: what fits first is its match. It tells
//! which parts a line has, and whether a line can be of a pattern at all. A line comes near the patterns of a hundred formats, and
//! compiling an expression takes as long as reading a thousand lines; asking it for its groups takes as long as ten.
//!
//! The build script has this file in it, so it must never use anything else of the crate. Must never find another match than the
//! expression, or rule out a line that it matches: letters beyond ASCII of which a class has some, and lines that take too many
//! attempts, are for the expression to say. What breaks it: a pattern of many parts that may be nothing, which costs all attempts.

use regex_syntax::hir::{Class, Hir, HirKind, Look};
use serde::{Deserialize, Serialize};

/// Parts that are tried at a line before it is left to the expression, and how many of them within each other.
const ATTEMPTS: u32 = 2_000;
/// Bytes of a run that count as a part: a line of a megabyte would be looked through two thousand times.
const RUN: usize = 32;
const DEPTH: u32 = 400;

/// The parts of an anchored pattern.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    parts: Vec<Part>,
    /// Whether all that the pattern says is told by them.
    is_exact: bool,
    /// How many groups it has; the whole match counts.
    groups: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Part {
    #[serde(rename = "t")]
    Text(String),
    #[serde(rename = "s")]
    Set(Set, Times),
    #[serde(rename = "r")]
    Repeat(Vec<Part>, Times),
    #[serde(rename = "e")]
    Either(Vec<Vec<Part>>),
    /// The beginning and the end of a group.
    #[serde(rename = "o")]
    Open(u8),
    #[serde(rename = "c")]
    Close(u8),
    #[serde(rename = "^")]
    Start,
    #[serde(rename = "$")]
    End,
    /// Between a byte of a word and one that is none, or not.
    #[serde(rename = "b")]
    Bound(bool),
}

/// How often something is there: as often as it can be, or as seldom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Times(u32, Option<u32>, bool);

impl Times {
    const ONCE: Times = Times(1, Some(1), true);

    fn most(self) -> u32 {
        self.1.unwrap_or(u32::MAX)
    }
}

/// What is known of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// With the end of the match.
    Found(usize),
    Not,
    Unsure,
}

impl Part {
    fn of(text: String) -> Part {
        match text.as_bytes() {
            [byte @ ..128] => {
                let mut set = Set::default();
                set.add(*byte, *byte);
                Part::Set(set, Times::ONCE)
            }
            _ => Part::Text(text),
        }
    }

    /// Whether it can begin with this byte; true where that is not known.
    fn opens_with(&self, byte: Option<&u8>) -> bool {
        match self {
            Part::Text(text) => byte == text.as_bytes().first(),
            Part::Set(set, Times(1.., ..)) => byte.is_some_and(|byte| set.may_have(*byte)),
            Part::End => byte.is_none(),
            _ => true,
        }
    }
}

/// Characters: those of ASCII, one bit for each, and what it has beyond. Written as the first and the last one of each range.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
struct Set([u64; 2], Beyond);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Beyond {
    #[default]
    None,
    Some,
    All,
}

impl Set {
    fn has(self, byte: u8) -> bool {
        self.0.get(usize::from(byte / 64)).is_some_and(|half| half & 1 << (byte % 64) != 0)
    }

    /// Whether a character that begins with this byte may be in it.
    fn may_have(self, byte: u8) -> bool {
        if byte.is_ascii() { self.has(byte) } else { self.1 != Beyond::None }
    }

    fn add(&mut self, from: u8, to: u8) {
        (from..=to.min(127)).for_each(|byte| self.0[usize::from(byte / 64)] |= 1 << (byte % 64));
    }

    /// How many of these bytes, up to so many, are in it; `None` where that is not known.
    fn leading(self, bytes: &[u8], most: u32) -> Option<usize> {
        let here = &bytes[..bytes.len().min(most as usize)];
        // Lines have no line end.
        if self == Set([u64::MAX ^ 1 << b'\n', u64::MAX], Beyond::All) && (most == u32::MAX || here.is_ascii()) {
            return Some(here.len());
        }
        let n = here.iter().position(|byte| !self.has(*byte)).unwrap_or(here.len());
        match here.get(n).filter(|byte| !byte.is_ascii()) {
            Some(_) if self.1 == Beyond::Some || self.1 == Beyond::All && most != u32::MAX => None,
            Some(_) if self.1 == Beyond::All => {
                Some(here.iter().position(|byte| byte.is_ascii() && !self.has(*byte)).unwrap_or(here.len()))
            }
            _ => Some(n),
        }
    }

    fn of(class: &Class) -> Set {
        let mut set = Set::default();
        match class {
            Class::Bytes(class) => class.ranges().iter().for_each(|range| set.add(range.start(), range.end())),
            Class::Unicode(class) => {
                for range in class.ranges() {
                    if range.start().is_ascii() {
                        set.add(range.start() as u8, u8::try_from(range.end()).unwrap_or(127));
                    }
                    if range.start() <= '\u{80}' && range.end() == char::MAX {
                        set.1 = Beyond::All;
                    } else if !range.end().is_ascii() {
                        set.1 = Beyond::Some;
                    }
                }
            }
        }
        set
    }
}

impl From<String> for Set {
    fn from(text: String) -> Set {
        let mut set = Set::default();
        let chars: Vec<char> = text.chars().collect();
        for range in chars.chunks_exact(2) {
            match (u8::try_from(range[0]), u8::try_from(range[1])) {
                (Ok(from @ ..128), Ok(to)) => set.add(from, to),
                (_, Err(_)) => set.1 = Beyond::All,
                (_, Ok(_)) => set.1 = Beyond::Some,
            }
        }
        set
    }
}

impl From<Set> for String {
    fn from(set: Set) -> String {
        let begins = |byte: &u8| set.has(*byte) && (*byte == 0 || !set.has(byte - 1));
        let end = |from: u8| (from..128).take_while(|byte| set.has(*byte)).last().unwrap_or(from);
        let mut text: String = (0..128).filter(begins).flat_map(|from| [char::from(from), char::from(end(from))]).collect();
        text.push_str(match set.1 {
            Beyond::None => "",
            Beyond::Some => "\u{80}\u{80}",
            Beyond::All => "\u{80}\u{10ffff}",
        });
        text
    }
}

impl Trial {
    pub fn of(hir: &Hir) -> Trial {
        let (mut parts, mut is_exact) = (Vec::new(), true);
        add(hir, &mut parts, &mut is_exact);
        Trial { parts, is_exact, groups: hir.properties().explicit_captures_len() + 1 }
    }

    /// Whether a line, which has no line end, is of the pattern.
    pub fn asks(&self, line: &str) -> Tried {
        self.spans(line, &mut [])
    }

    /// The same. Where each group begins, and one more than where it ends, stands in `spans`; 0 for one that takes no part.
    pub fn spans(&self, line: &str, spans: &mut [(u32, u32)]) -> Tried {
        spans.iter_mut().take(self.groups).for_each(|span| *span = (0, 0));
        match self.attempt(line, spans) {
            Tried::Found(_) if !self.is_exact => Tried::Unsure,
            tried => tried,
        }
    }

    /// Whether it finds what the expression finds, in so many groups.
    pub fn is_exact(&self, groups: usize) -> bool {
        self.is_exact && self.groups <= groups
    }

    fn attempt(&self, line: &str, spans: &mut [(u32, u32)]) -> Tried {
        let mut attempt = Attempt { line: line.as_bytes(), spans, left: ATTEMPTS, depth: DEPTH, end: None };
        match attempt.follow(&self.parts, &Then::Nothing, 0) {
            true => attempt.end.map_or(Tried::Unsure, Tried::Found),
            false => Tried::Not,
        }
    }
}

fn add(hir: &Hir, parts: &mut Vec<Part>, is_exact: &mut bool) {
    match hir.kind() {
        HirKind::Empty => {}
        HirKind::Look(Look::Start) => parts.push(Part::Start),
        HirKind::Look(Look::End) => parts.push(Part::End),
        HirKind::Look(Look::WordAscii | Look::WordUnicode) => parts.push(Part::Bound(true)),
        HirKind::Look(Look::WordAsciiNegate | Look::WordUnicodeNegate) => parts.push(Part::Bound(false)),
        HirKind::Look(_) => *is_exact = false,
        HirKind::Literal(literal) => parts.push(match String::from_utf8(literal.0.to_vec()) {
            Ok(text) => Part::of(text),
            // It is no text.
            Err(_) => Part::Either(Vec::new()),
        }),
        HirKind::Class(class) => parts.push(Part::Set(Set::of(class), Times::ONCE)),
        HirKind::Capture(capture) => match u8::try_from(capture.index) {
            Ok(group) => {
                parts.push(Part::Open(group));
                add(&capture.sub, parts, is_exact);
                parts.push(Part::Close(group));
            }
            Err(_) => {
                *is_exact = false;
                add(&capture.sub, parts, is_exact);
            }
        },
        HirKind::Concat(all) => all.iter().for_each(|part| add(part, parts, is_exact)),
        HirKind::Alternation(all) => parts.push(Part::Either(all.iter().map(|part| inner(part, is_exact)).collect())),
        HirKind::Repetition(repetition) => {
            let times = Times(repetition.min, repetition.max, repetition.greedy);
            let inner = inner(&repetition.sub, is_exact);
            parts.push(match inner.as_slice() {
                [Part::Set(set, Times::ONCE)] => Part::Set(*set, times),
                _ => {
                    // How often nothing is there is a matter of taste.
                    *is_exact &= repetition.sub.properties().minimum_len() > Some(0);
                    Part::Repeat(inner, times)
                }
            });
        }
    }
}

fn inner(hir: &Hir, is_exact: &mut bool) -> Vec<Part> {
    let mut parts = Vec::new();
    add(hir, &mut parts, is_exact);
    parts
}

/// What follows the parts that are tried.
enum Then<'p> {
    Nothing,
    Parts(&'p [Part], &'p Then<'p>),
    /// The same once more, or what is behind it.
    Again(Again<'p>, &'p Then<'p>),
}

/// What was there so many times, the last time from this place on.
#[derive(Clone, Copy)]
struct Again<'p> {
    parts: &'p [Part],
    times: Times,
    n: u32,
    from: usize,
    behind: &'p [Part],
}

struct Attempt<'l, 's> {
    line: &'l [u8],
    spans: &'s mut [(u32, u32)],
    left: u32,
    depth: u32,
    end: Option<usize>,
}

impl Attempt<'_, '_> {
    /// Whether these parts, and what follows them, can stand at a place; true without an end when there were too many attempts.
    fn follow(&mut self, parts: &[Part], then: &Then<'_>, at: usize) -> bool {
        let (Some(left), Some(depth)) = (self.left.checked_sub(1), self.depth.checked_sub(1)) else {
            return self.give_up();
        };
        (self.left, self.depth) = (left, depth);
        let is_found = self.walk(parts, then, at);
        self.depth += 1;
        is_found
    }

    fn give_up(&mut self) -> bool {
        (self.left, self.end) = (0, None);
        true
    }

    /// Takes parts without a choice one after the other.
    fn walk(&mut self, mut parts: &[Part], then: &Then<'_>, mut at: usize) -> bool {
        while let Some((part, behind)) = parts.split_first() {
            match part {
                Part::Text(text) if self.line[at..].starts_with(text.as_bytes()) => at += text.len(),
                Part::Set(set, Times(least, most, _)) if Some(*least) == *most => {
                    let Some(here) = self.line.get(at..at + *least as usize) else { return false };
                    match here.iter().find(|byte| !set.has(**byte)) {
                        None => at += here.len(),
                        Some(byte) if byte.is_ascii() || set.1 == Beyond::None => return false,
                        // One character, of however many bytes.
                        Some(_) if *least == 1 && set.1 == Beyond::All => {
                            at += 1;
                            while !self.is_boundary(at) {
                                at += 1;
                            }
                        }
                        Some(_) => return self.give_up(),
                    }
                }
                Part::Set(set, times) => {
                    let Some(n) = set.leading(&self.line[at..], times.most()) else { return self.give_up() };
                    let Some(left) = self.left.checked_sub(u32::try_from(n / RUN).unwrap_or(u32::MAX)) else {
                        return self.give_up();
                    };
                    self.left = left;
                    let (least, next) = (times.0 as usize, next(behind));
                    if least > 1 && !self.line[at..at + n].is_ascii() {
                        return self.give_up();
                    }
                    // Where what follows can begin is seen without trying it.
                    let line = self.line;
                    let fits = |n: &usize| is_boundary(line, at + n) && next.is_none_or(|next| next.opens_with(line.get(at + n)));
                    let mut tries = |n: usize| self.follow(behind, then, at + n);
                    return match times.2 {
                        true => (least..=n).rev().filter(fits).any(&mut tries),
                        false => (least..=n).filter(fits).any(&mut tries),
                    };
                }
                Part::Either(branches) => {
                    let byte = self.line.get(at);
                    let mut open = branches.iter().filter(|branch| next(branch).is_none_or(|part| part.opens_with(byte)));
                    return open.any(|branch| self.follow(branch, &Then::Parts(behind, then), at));
                }
                Part::Repeat(parts, times) => {
                    return self.again(Again { parts, times: *times, n: 0, from: at, behind }, then, at);
                }
                Part::Open(group) => {
                    let before = self.span(*group, |span| *span = (at as u32, 0));
                    return self.follow(behind, then, at) || self.restore(*group, before);
                }
                Part::Close(group) => {
                    let before = self.span(*group, |span| span.1 = at as u32 + 1);
                    return self.follow(behind, then, at) || self.restore(*group, before);
                }
                Part::Start if at == 0 => {}
                Part::End if at == self.line.len() => {}
                Part::Bound(is_one) => match self.is_bound(at) {
                    Some(is_bound) if is_bound == *is_one => {}
                    Some(_) => return false,
                    None => return self.give_up(),
                },
                Part::Text(_) | Part::Start | Part::End => return false,
            }
            parts = behind;
        }
        match then {
            Then::Nothing => {
                self.end = Some(at);
                true
            }
            Then::Parts(parts, then) => self.follow(parts, then, at),
            // Nothing may be there as often as it has to.
            Then::Again(again, then) if again.from == at => self.follow(again.behind, then, at),
            Then::Again(again, then) => self.again(*again, then, at),
        }
    }

    fn again(&mut self, again: Again<'_>, then: &Then<'_>, at: usize) -> bool {
        let Times(least, .., is_greedy) = again.times;
        let next = Again { n: again.n + 1, from: at, ..again };
        let is_more = again.n < again.times.most();
        // Once more and then what is behind it, or the other way around.
        [is_greedy, !is_greedy].into_iter().any(|once_more| match once_more {
            true => is_more && self.follow(again.parts, &Then::Again(next, then), at),
            false => again.n >= least && self.follow(again.behind, then, at),
        })
    }

    /// Changes where a group stands; says where it stood.
    fn span(&mut self, group: u8, change: impl FnOnce(&mut (u32, u32))) -> Option<(u32, u32)> {
        let span = self.spans.get_mut(usize::from(group))?;
        let before = *span;
        change(span);
        Some(before)
    }

    fn restore(&mut self, group: u8, before: Option<(u32, u32)>) -> bool {
        if let (Some(span), Some(before)) = (self.spans.get_mut(usize::from(group)), before) {
            *span = before;
        }
        false
    }

    fn is_boundary(&self, at: usize) -> bool {
        is_boundary(self.line, at)
    }

    /// `None` beside what is not ASCII.
    fn is_bound(&self, at: usize) -> Option<bool> {
        let is_word = |byte: Option<&u8>| match byte {
            Some(byte) if !byte.is_ascii() => None,
            byte => Some(byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')),
        };
        Some(is_word(at.checked_sub(1).and_then(|at| self.line.get(at)))? != is_word(self.line.get(at))?)
    }
}

/// Whether no character of a text goes on here.
fn is_boundary(line: &[u8], at: usize) -> bool {
    line.get(at).is_none_or(|byte| byte & 0xc0 != 0x80)
}

/// The first part that is more than the bound of a group.
fn next(parts: &[Part]) -> Option<&Part> {
    parts.iter().find(|part| !matches!(part, Part::Open(_) | Part::Close(_)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::Regex;

    use super::*;
    use crate::formats::{Formats, definition};

    /// What is known of a line: what the expression finds there, or nothing.
    fn tried(pattern: &str, line: &str) -> Tried {
        let pattern = format!("^(?:{pattern})");
        let (trial, regex) = (Trial::of(&regex_syntax::parse(&pattern).unwrap()), Regex::new(&pattern).unwrap());
        let mut spans = [(7, 7); 40];
        let tried = trial.spans(line, &mut spans);
        let captures = regex.captures(line);
        match (tried, &captures) {
            (Tried::Found(end), Some(captures)) => {
                assert_eq!(captures.get(0).unwrap().end(), end, "{pattern}: {line}");
                for (n, group) in captures.iter().enumerate().skip(1) {
                    let (from, to) = spans[n];
                    let own = (to > 0).then(|| (from as usize, to as usize - 1));
                    assert_eq!(own, group.map(|group| (group.start(), group.end())), "group {n} of {pattern}: {line}");
                }
            }
            (Tried::Unsure, _) | (Tried::Not, None) => {}
            _ => panic!("{tried:?}: {pattern}: {line}"),
        }
        tried
    }

    #[test]
    fn what_fits_first_is_found_as_the_expression_finds_it() {
        for (pattern, line) in [
            (r"([0-9]{2}) \[([^\]]+)\](?: (x+))? - (.*)", "12 [ab c] xx - r"),
            (r"([a-z ]+) ([a-z]+)x", "a bx cy"),
            (r"(.*?) - (.*)", "a - b - c"),
            (r"(.*) - (.*)", "a - b - c"),
            (r"(?<m>.*?)(?: +\[(?<l>[\w.]+)\])?$", "it is [a] or [b.c]"),
            (r"(a|ab)(c|bcd)(d*)", "abcd"),
            (r"((?i:warn|warning|error))\b: (.*)", "WARNING: x"),
            (r"(?:([a-z]+),)*([0-9])?end", "a,b,c,end"),
            (r"(?:([a-z])|([0-9])){2}", "a1"),
            (r"(\S+?)(\d*)(?:x|$)", "ab12"),
            (r"([^ ]+?)(.)é (.*)", "日本é “größer”"),
            (r"(.*?)(?: \[([^\]]*)\])?$", "größer [é]"),
        ] {
            assert!(matches!(tried(pattern, line), Tried::Found(_)), "{pattern}: {line}");
        }
    }

    #[test]
    fn a_line_is_ruled_out_where_no_way_through_the_parts_leads_to_their_end() {
        let levels = r"([0-9]{2}) \[([^\]]+)\] (?i:info|information|error): (.*)";
        let zone = r"[0-9]{2}(?:Z| UTC| [+-][0-9])? (?<level>[A-Z]+) +(.*?) - (.*)";
        for (pattern, line) in [
            (levels, "12 [a] infos: x"),
            (zone, "12Z info x - y"),
            (r"([a-z ]+) ([a-z]+)x", "a by cy"),
            (r"(?:[a-z]+,){2}end", "a,end"),
            (r"(?:a?){200}b", &"a".repeat(100)),
            ("a$", "ab"),
            ("é", "e"),
            (r"a\bb", "ab"),
        ] {
            assert_eq!(tried(pattern, line), Tried::Not, "{pattern}: {line}");
        }
        assert!(matches!(tried(zone, "12 UTC x - y"), Tried::Found(_)));
    }

    #[test]
    fn what_is_in_doubt_is_left_to_the_expression() {
        for (pattern, line) in [
            (r"(?:a+,?)*b", "a".repeat(200)),
            (r"(?:[a-z],)*b", "a,".repeat(DEPTH as usize)),
            (r"(?:a?)*b", "b".into()),
            (r"(.*?)-(.*?)x", "a-".repeat(20_000)),
            (r"([a-zß]+)x", "aéx".into()),
            (r"(.{2})", "éa".into()),
            (r"\b{start}a", "a".into()),
        ] {
            assert_eq!(tried(pattern, &line), Tried::Unsure, "{pattern}: {line}");
        }
    }

    #[test]
    fn no_damaged_sample_is_read_otherwise_than_by_the_expression() {
        let (mut found, mut denied, mut left) = (0, 0, 0);
        for format in Formats::load().all() {
            let definition::Kind::Pattern(pattern) = &format.kind else { continue };
            for line in format.samples().iter().filter_map(|s| s.line.lines().next()).take(2) {
                assert_ne!(pattern.asks(line), Tried::Not, "{}: {line}", format.id());
                for (at, _) in line.char_indices().take(80).step_by(3) {
                    let (head, tail) = line.split_at(at);
                    let without = tail.chars().skip(1).collect::<String>();
                    for damaged in [
                        format!("{head}{without}"),
                        format!("{head} {tail}"),
                        format!("{head}7{without}"),
                        format!("{head}é{tail}"),
                    ] {
                        let (tried, own) = pattern.by_trial(&damaged);
                        let expected = pattern.by_regex(&damaged);
                        match tried {
                            Tried::Found(_) => assert_eq!(Some(own), expected, "{}: {damaged}", format.id()),
                            Tried::Not => assert_eq!(None, expected, "{}: {damaged}", format.id()),
                            Tried::Unsure => left += 1,
                        }
                        found += usize::from(matches!(tried, Tried::Found(_)));
                        denied += usize::from(tried == Tried::Not);
                    }
                }
            }
        }
        assert!(found + denied > 20 * left, "{found} found, {denied} ruled out, {left} left to the expression");
    }

    proptest! {
        #[test]
        fn what_is_written_down_is_read_again(
            ranges in prop::collection::vec((0_u8..128, 0_u8..128), 0..6),
            beyond in prop::sample::select(vec![Beyond::None, Beyond::Some, Beyond::All]),
        ) {
            let mut set = Set::default();
            ranges.into_iter().for_each(|(from, to)| set.add(from, to));
            set.1 = beyond;
            prop_assert_eq!(Set::from(String::from(set)), set);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_000, max_global_rejects: 100_000, ..ProptestConfig::default() })]
        #[test]
        fn any_line_is_read_as_by_the_expression(
            pattern in "([abé]|\\[\\^[ab]\\][*+]?\\??|\\((\\\\S|\\.)[*+]\\??\\)|\\(a\\|b[ab]?\\)|\\((a|ab|b)\\)|(a|b|ab|\\.)[*+?]\\??|\\(?:[ab]b?\\)[*+?]\\??|\\([ab]b?\\)[*+]\\??|\\[ab\\]\\{1,2\\}|\\\\b){1,6}\\$?",
            line in "[abé ]{0,9}",
        ) {
            prop_assume!(Regex::new(&pattern).is_ok());
            tried(&pattern, &line);
        }
    }
}
