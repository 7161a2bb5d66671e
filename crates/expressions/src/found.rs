//! What an expression found in a text: the same few questions that the `regex` crate answers.
//!
//! Must never know the expression. What breaks it: a group that does not exist, where it is taken for granted (`c["name"]`).

use std::ops::{Index, Range};

use regex_automata::util::captures;

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match<'t> {
    text: &'t str,
    start: usize,
    end: usize,
}

impl<'t> Match<'t> {
    pub(crate) fn new(text: &'t str, range: Range<usize>) -> Match<'t> {
        Match { text, start: range.start, end: range.end }
    }

    pub fn as_str(&self) -> &'t str {
        &self.text[self.start..self.end]
    }

    pub fn start(&self) -> usize {
        self.start
    }

    pub fn end(&self) -> usize {
        self.end
    }

    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    pub fn len(&self) -> usize {
        self.end - self.start
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A match with what its groups matched.
#[derive(Debug, Clone)]
pub struct Captures<'t> {
    text: &'t str,
    groups: captures::Captures,
}

impl<'t> Captures<'t> {
    pub(crate) fn new(text: &'t str, groups: captures::Captures) -> Captures<'t> {
        Captures { text, groups }
    }

    /// A group by its number; the whole match is 0.
    pub fn get(&self, group: usize) -> Option<Match<'t>> {
        self.groups.get_group(group).map(|span| Match::new(self.text, span.range()))
    }

    pub fn name(&self, group: &str) -> Option<Match<'t>> {
        self.groups.get_group_by_name(group).map(|span| Match::new(self.text, span.range()))
    }

    /// Every group, the whole match first.
    pub fn iter(&self) -> impl Iterator<Item = Option<Match<'t>>> {
        self.groups.iter().map(|span| span.map(|span| Match::new(self.text, span.range())))
    }
}

impl Index<usize> for Captures<'_> {
    type Output = str;

    fn index(&self, group: usize) -> &str {
        self.get(group).map_or_else(|| panic!("no group {group}"), |part| part.as_str())
    }
}

impl Index<&str> for Captures<'_> {
    type Output = str;

    fn index(&self, group: &str) -> &str {
        self.name(group).map_or_else(|| panic!("no group {group}"), |part| part.as_str())
    }
}

/// What stands in the place of a match.
pub trait Replacement {
    fn write(&mut self, found: &Captures<'_>, out: &mut String);
}

/// `$1` and `$name` are groups.
impl Replacement for &str {
    fn write(&mut self, found: &Captures<'_>, out: &mut String) {
        found.groups.interpolate_string_into(found.text, self, out);
    }
}

impl<T: AsRef<str>, F: FnMut(&Captures<'_>) -> T> Replacement for F {
    fn write(&mut self, found: &Captures<'_>, out: &mut String) {
        out.push_str(self(found).as_ref());
    }
}
