//! Formats that are one regular expression: groups become roles.
//!
//! Classes are those of ASCII and a few names stand for what many patterns share ([`super::parts`]). Must never see more than
//! the first line of a record; the lines that follow belong to its message. What breaks it: nothing but a pattern that
//! does not compile, which the tests of the formats find.

use std::borrow::Cow;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use regex::{Captures, Regex};
use regex_syntax::hir::{Hir, HirKind};

use super::draft::{Draft, Reading, Role, trimmed};
use super::gate::Gate;
use super::hand::{Hand, Parts};
use super::needs::Ascii;
use super::parts::anchored;
use super::scan::{Beginnings, GROUPS, Spans, Walk};
use super::trial::{Trial, Tried};
use super::{json, logfmt, text};

/// A compiled pattern.
#[derive(Debug)]
pub struct Pattern {
    source: String,
    gate: Gate,
    /// Reads lines of the usual form without the regular expression.
    hand: Option<Hand>,
    is_timed: bool,
    /// Most formats never meet a line that passes their gate, and a pattern takes long to compile.
    compiled: OnceLock<Option<Compiled>>,
    /// How many lines were tried out part by part.
    tried: AtomicU32,
}

/// Lines after which the expression is asked instead: it takes some hundred times as long to compile it as to try out one, and
/// then it is faster.
const TRIED: u32 = 400;

/// Lines that were tried out, also in vain, from which on one that fits is a reason to compile it.
const SEVERAL: u32 = 32;

/// A line that was tried out in vain costs as much as eight others, and so many of them are enough.
const VAIN: u32 = 8;
const ENOUGH: u32 = 64 * VAIN;

#[derive(Debug)]
pub struct Compiled {
    /// Made when a walk cannot say whether a line matches.
    regex: OnceLock<Option<Regex>>,
    pattern: String,
    /// Reads most lines without the regular expression.
    walk: Option<Walk>,
    /// The same, for one that cannot be walked.
    trial: Option<Trial>,
    /// How much more often trying it out was in vain than not.
    vain: AtomicU32,
    /// Number, name and role of each group that has a name; the name without what tells it from others.
    pub groups: Vec<(usize, Cow<'static, str>, Role)>,
    /// Their names as they stand.
    names: Vec<(usize, String)>,
}

impl Pattern {
    /// A pattern, anchored at the beginning of the line. What is no regular expression fails here, what is one too
    /// large for its limit matches nothing; [`Pattern::check`] tells.
    pub fn new(source: &str, hand: Option<Hand>) -> Result<Pattern, String> {
        let gate = Gate::of(&anchored(source))?;
        Ok(Pattern::with(gate, source, hand))
    }

    /// The pattern of an embedded format, whose gate is known since it was built.
    pub fn with(gate: Gate, source: &str, hand: Option<Hand>) -> Pattern {
        let is_timed = source.contains("(?<time") || source.contains("(?<hex_time");
        Pattern { source: source.trim().to_string(), gate, hand, is_timed, compiled: OnceLock::new(), tried: AtomicU32::new(0) }
    }

    /// Why it cannot be used after all.
    pub fn check(&self) -> Result<(), String> {
        Regex::new(&anchored(&self.source)).map(drop).map_err(|e| e.to_string())
    }

    pub fn compiled(&self) -> Option<&Compiled> {
        let compile = || {
            let pattern = anchored(&self.source);
            let hir = regex_syntax::parse(&pattern).ok()?;
            let mut names = Vec::new();
            named_groups(&hir, &mut names);
            let group = |(index, name): &(usize, String)| {
                let (name, role) = Role::named(name);
                (*index, name, role)
            };
            let groups = names.iter().map(group).collect();
            let walk = Walk::of(&hir);
            let trial = if walk.is_some() { None } else { Some(self.gate.trial()).filter(|trial| trial.is_exact(GROUPS)) };
            Some(Compiled {
                regex: OnceLock::new(),
                walk,
                trial: trial.cloned(),
                vain: AtomicU32::new(0),
                groups,
                names,
                pattern,
            })
        };
        self.compiled.get_or_init(compile).as_ref()
    }

    /// As it stands in its file.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// It says nothing of a line.
    pub fn takes_nothing(&self) -> bool {
        self.compiled().and_then(Compiled::regex).is_some_and(|regex| regex.is_match(""))
    }

    /// Whether it reads a time.
    pub fn is_timed(&self) -> bool {
        self.is_timed
    }

    /// Whether a line that it matches can begin with this byte.
    pub fn may_open_with(&self, byte: u8) -> bool {
        self.gate.opens_with(byte)
    }

    /// What each of the first bytes of such a line is one of, as far as it is ASCII.
    pub fn shape(&self) -> &[Ascii] {
        self.gate.shape()
    }

    pub fn matches(&self, line: &str) -> bool {
        self.gate.lets_in(line) && self.matches_behind(line)
    }

    /// The same for a line that begins as one that matches and has these bytes.
    pub fn matches_head(&self, line: &str, present: Ascii) -> bool {
        self.gate.has_bytes(present) && self.gate.has_words(line) && self.matches_behind(line)
    }

    /// The same for a line that the gate lets in. Most are told without compiling anything.
    fn matches_behind(&self, line: &str) -> bool {
        self.hand.is_some_and(|hand| hand.parts(line).is_some())
            || self.compiled.get().is_some_and(|compiled| compiled.as_ref().is_some_and(|compiled| compiled.is_walked(line)))
            || match self.asks(line) {
                // What matches again and again is worth compiling.
                Tried::Found(_) => self.tried.load(Ordering::Relaxed) < SEVERAL || self.compiled().is_some(),
                Tried::Not => false,
                Tried::Unsure => self.compiled().is_some_and(|compiled| {
                    compiled.is_walked(line) || compiled.regex().is_some_and(|regex| regex.is_match(line))
                }),
            }
    }

    /// The pattern for a line that may be of it.
    fn near(&self, line: &str) -> Option<&Compiled> {
        if self.gate.lets_in(line) { self.behind(line) } else { None }
    }

    fn behind(&self, line: &str) -> Option<&Compiled> {
        let is_near = self.compiled.get().is_some() || self.asks(line) != Tried::Not;
        if is_near { self.compiled() } else { None }
    }

    /// What trying it out says of a line that its gate lets in. Only so many lines are tried out.
    pub fn asks(&self, line: &str) -> Tried {
        if self.tried.load(Ordering::Relaxed) >= TRIED {
            return Tried::Unsure;
        }
        self.tried.fetch_add(1, Ordering::Relaxed);
        self.gate.trial().asks(line)
    }

    /// The parts of a line that matches, by name.
    pub fn named<'l>(&self, line: &'l str) -> Option<Named<'l, '_>> {
        if let Some(parts) = self.hand.and_then(|hand| hand.parts(line)) {
            return Some(Named::Hand(line, parts));
        }
        let compiled = self.near(line)?;
        let mut spans: Spans = [(0, 0); GROUPS];
        match compiled.spans(line, &mut spans) {
            Tried::Found(_) => Some(Named::Groups(line, Box::new((&compiled.names, spans)))),
            Tried::Not => None,
            Tried::Unsure => compiled.regex()?.captures(line).map(Named::Regex),
        }
    }

    /// Reads a record whose first line matches.
    pub fn read<'a>(&self, whole: &'a str, reading: &Reading) -> Option<Draft<'a>> {
        let line = text::first_line(whole);
        let mut draft = Draft::default();
        if let Some(parts) = self.hand.and_then(|hand| hand.parts(line)) {
            for (name, from, to) in parts {
                put(&mut draft, (Role::from_name(name), Cow::Borrowed(name)), whole, (line.len(), from, to), reading);
            }
            return Some(draft);
        }
        let compiled = self.near(line)?;
        let groups = &compiled.groups;
        let mut spans: Spans = [(0, 0); GROUPS];
        let tried = compiled.spans(line, &mut spans);
        if let Tried::Found(end) = tried {
            for (index, name, role) in groups {
                let (from, to) = spans[*index];
                if to > 0 {
                    let part = (line.len(), from as usize, to as usize - 1);
                    put(&mut draft, (*role, name.clone()), whole, part, reading);
                }
            }
            if draft.message.is_none() {
                draft.message = rest(end, whole);
            }
            return Some(draft);
        }
        if tried == Tried::Not || self.asks(line) == Tried::Not {
            return None;
        }
        let captures = compiled.regex()?.captures(line)?;
        for (index, name, role) in groups {
            if let Some(part) = captures.get(*index) {
                put(&mut draft, (*role, name.clone()), whole, (line.len(), part.start(), part.end()), reading);
            }
        }
        if draft.message.is_none() {
            draft.message = rest(captures.get(0).map_or(0, |m| m.end()), whole);
        }
        Some(draft)
    }

    /// The parser written by hand that it has.
    pub fn hand(&self) -> Option<Hand> {
        self.hand
    }

    #[cfg(test)]
    pub fn walk(&self) -> Option<&Walk> {
        self.compiled()?.walk.as_ref()
    }

    #[cfg(test)]
    pub fn may_match(&self, line: &str) -> bool {
        self.gate.lets_in(line) && self.gate.has_bytes(super::needs::present(line.as_bytes()))
    }

    /// The parts that a walk found, in the order of the groups.
    #[cfg(test)]
    pub fn spans_by_name(&self, spans: &Spans) -> Vec<(String, usize, usize)> {
        let groups = self.compiled().map_or(&[][..], |c| &c.groups);
        let found = groups.iter().map(|(i, name, _)| (name.to_string(), spans[*i]));
        found.filter(|(_, (_, to))| *to > 0).map(|(name, (from, to))| (name, from as usize, to as usize - 1)).collect()
    }

    /// What trying out says, and the parts that it finds.
    #[cfg(test)]
    pub fn by_trial(&self, line: &str) -> (Tried, Vec<(String, usize, usize)>) {
        let mut spans: Spans = [(0, 0); GROUPS];
        let tried = self.gate.trial().spans(line, &mut spans);
        (tried, self.spans_by_name(&spans))
    }

    /// The parts that the regular expression finds, in their order, for comparison.
    #[cfg(test)]
    pub fn by_regex(&self, line: &str) -> Option<Vec<(String, usize, usize)>> {
        let compiled = self.compiled()?;
        let (groups, captures) = (&compiled.groups, compiled.regex()?.captures(line)?);
        Some(groups.iter().filter_map(|(i, name, _)| captures.get(*i).map(|m| (name.to_string(), m.start(), m.end()))).collect())
    }
}

impl Compiled {
    /// Whether lines are read without the regular expression.
    pub fn has_way(&self) -> bool {
        self.walk.is_some() || self.trial.is_some()
    }

    /// The groups of a line, as [`Trial::spans`] finds them.
    pub fn spans(&self, line: &str, spans: &mut Spans) -> Tried {
        match (&self.walk, &self.trial) {
            (Some(walk), _) => walk.spans(line, spans).map_or(Tried::Unsure, Tried::Found),
            (None, Some(trial)) => self.tried(trial, line, spans),
            (None, None) => Tried::Unsure,
        }
    }

    /// The same for a line that may begin as others did, which stands at the beginning of this room.
    #[inline(always)]
    pub fn spans_near(&self, line: &str, room: &[u8], known: &mut Beginnings, spans: &mut Spans) -> Tried {
        match &self.walk {
            Some(walk) => walk.spans_near(line, room, known, spans).map_or(Tried::Unsure, Tried::Found),
            None => self.spans(line, spans),
        }
    }

    /// The beginnings of its lines: times and levels have few values but for digits.
    pub fn beginnings(&self) -> Beginnings {
        let is_few = |role: Role| matches!(role, Role::Time | Role::Date | Role::Level);
        Beginnings::of(self.groups.iter().filter(|(.., role)| is_few(*role)).map(|(index, ..)| *index))
    }

    /// What trying out says, as long as that is worth it.
    fn tried(&self, trial: &Trial, line: &str, spans: &mut Spans) -> Tried {
        let vain = self.vain.load(Ordering::Relaxed);
        if vain >= ENOUGH {
            return Tried::Unsure;
        }
        let tried = trial.spans(line, spans);
        match tried {
            Tried::Unsure => self.vain.store(vain + VAIN, Ordering::Relaxed),
            _ if vain > 0 => self.vain.store(vain - 1, Ordering::Relaxed),
            _ => {}
        }
        tried
    }

    /// Where a part of a line stands whose groups were found.
    pub fn part(&self, name: &str, spans: &Spans) -> Option<(usize, usize)> {
        part_of(&self.names, name, spans)
    }

    fn is_walked(&self, line: &str) -> bool {
        let mut spans: Spans = [(0, 0); GROUPS];
        self.walk.as_ref().is_some_and(|walk| walk.spans(line, &mut spans).is_some())
    }

    fn regex(&self) -> Option<&Regex> {
        self.regex.get_or_init(|| Regex::new(&self.pattern).ok()).as_ref()
    }
}

/// Number and name of each group that has a name, in the order of their numbers.
fn named_groups(hir: &Hir, groups: &mut Vec<(usize, String)>) {
    match hir.kind() {
        HirKind::Capture(capture) => {
            if let (Some(name), Ok(index)) = (&capture.name, usize::try_from(capture.index)) {
                groups.push((index, name.to_string()));
            }
            named_groups(&capture.sub, groups);
        }
        HirKind::Repetition(repetition) => named_groups(&repetition.sub, groups),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().for_each(|part| named_groups(part, groups)),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => {}
    }
}

/// The parts of one line, however they were found.
pub enum Named<'l, 'p> {
    Hand(&'l str, Parts),
    /// By the names of groups and where these stand.
    Groups(&'l str, Box<(&'p Vec<(usize, String)>, Spans)>),
    Regex(Captures<'l>),
}

impl<'l> Named<'l, '_> {
    pub fn get(&self, name: &str) -> Option<&'l str> {
        match self {
            Named::Hand(line, parts) => parts.iter().find(|(n, ..)| *n == name).and_then(|(_, from, to)| line.get(*from..*to)),
            Named::Groups(line, found) => {
                let (names, spans) = &**found;
                let (from, to) = part_of(names, name, spans)?;
                line.get(from..to)
            }
            Named::Regex(captures) => captures.name(name).map(|part| part.as_str()),
        }
    }
}

fn part_of(names: &[(usize, String)], name: &str, spans: &Spans) -> Option<(usize, usize)> {
    let (from, to) = names.iter().find(|(_, known)| known == name).map(|(index, _)| spans[*index])?;
    Some((from as usize, (to as usize).checked_sub(1)?))
}

/// Puts one part of a record into its place; `line` is the size of the first line.
pub fn put<'a>(
    draft: &mut Draft<'a>,
    (role, name): (Role, Cow<'a, str>),
    whole: &'a str,
    (line, from, to): (usize, usize, usize),
    reading: &Reading,
) {
    match role {
        // Words without a pair among them, as a number at the end of a line, say nothing.
        Role::Tail if !whole[from..to].contains('=') => {}
        Role::Tail => json::assign(logfmt::values(&whole[from..to]), &[], reading, draft),
        Role::Message => draft.message = Some(message(whole, line, from, to)),
        _ => draft.put(role, name, Cow::Borrowed(trimmed(&whole[from..to])), reading),
    }
}

/// The message with the lines that follow.
fn message(whole: &str, line: usize, from: usize, to: usize) -> Cow<'_, str> {
    let more = whole.get(line..).unwrap_or("");
    if to == line || more.trim_end().is_empty() {
        let end = if to == line { whole.len() } else { to };
        let whole = whole.get(from..end).unwrap_or("").trim_end();
        // A head without words leaves no empty line above the message.
        return Cow::Borrowed(if from == to { whole.trim_start_matches(['\r', '\n']) } else { whole });
    }
    let head = &whole[from..to];
    let more = if head.trim().is_empty() { more.trim_start_matches(['\r', '\n']) } else { more };
    Cow::Owned(format!("{head}{}", more.trim_end()))
}

/// What follows a match without a message of its own.
pub fn rest(end: usize, whole: &str) -> Option<Cow<'_, str>> {
    let rest = whole.get(end..)?.trim();
    (!rest.is_empty()).then_some(Cow::Borrowed(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_that_follow_belong_to_the_message() {
        assert_eq!(message("x hello\n  at y", 7, 2, 7), "hello\n  at y");
        assert_eq!(message("x hello (z)\n  at y", 11, 2, 7), "hello\n  at y");
        assert_eq!(message("x hello (z)", 11, 2, 7), "hello");
        assert_eq!(message("# Time: 9\n# User: a\nSELECT 1", 9, 9, 9), "# User: a\nSELECT 1");
    }
}
