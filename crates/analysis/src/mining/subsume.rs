//! A rare template that a frequent one covers is one of its lines.
//!
//! Where a variable was a phrase ("user ana maria logged in") or came too seldom to show, a much more frequent template
//! with enough words of its own takes it in. It must never let a variable cover a word that has an opposite, or a
//! clause. Input that breaks it: a rare message that only adds a name to a frequent one.

use std::collections::BTreeMap;

use crate::mask::VARIABLE;

use super::compare::{Group, words_and_variables};
use super::tokens::is_word;
use super::words::is_closed;

/// A template takes in one that is so many times rarer; from 3 to 10 the measure of the design does not move.
const RATIO: u64 = 5;
/// It must have so many words, so that it says something itself.
const WORDS: usize = 3;
/// Frequent templates that are tried: bounds the work on hostile input.
const MOST: usize = 2_000;
/// Tokens that one variable may cover: four words with the blanks between them.
const COVERED: usize = 7;

/// The groups after rare ones have joined frequent ones that cover them.
pub fn into_frequent(mut groups: Vec<Group<'_>>) -> Vec<Group<'_>> {
    groups.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.key.cmp(&b.key)));
    let mut by_first: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let says_enough = |group: &Group<'_>| {
        let (words, variables) = words_and_variables(&group.key);
        variables > 0 && words >= WORDS && words >= variables
    };
    for (index, group) in groups.iter().enumerate().filter(|(_, group)| says_enough(group)).take(MOST) {
        by_first.entry(group.key[0]).or_default().push(index);
    }
    let covering = |rare: usize| {
        let key = &groups[rare].key;
        let same_first = key.first().and_then(|first| by_first.get(first));
        let any_first = by_first.get(VARIABLE).filter(|_| key.first() != Some(&VARIABLE));
        let covers = |frequent: &&usize| {
            groups[**frequent].count >= RATIO.saturating_mul(groups[rare].count) && covers(&groups[**frequent].key, key)
        };
        same_first.into_iter().chain(any_first).flatten().filter(covers).min().copied()
    };
    // A frequent one may itself join a more frequent one, which stands before it.
    let mut joined: Vec<usize> = Vec::with_capacity(groups.len());
    for rare in 0..groups.len() {
        let into = covering(rare).map_or(rare, |frequent| joined[frequent]);
        joined.push(into);
    }
    for (rare, into) in joined.iter().enumerate().filter(|(rare, into)| rare != *into) {
        let lines = std::mem::take(&mut groups[rare].lines);
        groups[*into].count += groups[rare].count;
        groups[*into].lines.extend(lines);
    }
    groups.retain(|group| !group.lines.is_empty());
    groups
}

/// Whether each variable of `pattern` can stand for some tokens so that it becomes `line`: glob matching that goes back
/// to the last variable only.
fn covers(pattern: &[&str], line: &[&str]) -> bool {
    let (mut at, mut of) = (0, 0);
    // Which variable was met last, and what it covers.
    let mut last: Option<(usize, std::ops::Range<usize>)> = None;
    while at < line.len() {
        if pattern.get(of) == Some(&VARIABLE) && is_covered(line, at) {
            last = Some((of, at..at + 1));
            (at, of) = (at + 1, of + 1);
        } else if pattern.get(of) == Some(&line[at]) {
            (at, of) = (at + 1, of + 1);
        } else {
            let Some((variable, covered)) = &mut last else { return false };
            if covered.len() >= COVERED || !is_covered(line, covered.end) {
                return false;
            }
            covered.end += 1;
            (at, of) = (covered.end, *variable + 1);
        }
    }
    of == pattern.len()
}

/// Whether a token can be part of a value: no word with an opposite, and no sign that begins a clause.
fn is_covered(line: &[&str], at: usize) -> bool {
    match line.get(at) {
        None | Some(&("," | ";" | "=")) => false,
        Some(&":") => line.get(at + 1) != Some(&" "),
        Some(token) => !is_word(token) || !is_closed(token),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tokens;
    use super::*;

    fn covered(pattern: &str, line: &str) -> bool {
        covers(&tokens(pattern), &tokens(line))
    }

    #[test]
    fn a_variable_covers_a_few_words() {
        assert!(covered("user <*> logged in", "user ana maria logged in"));
        assert!(covered("user <*> of <*>", "user ana maria of the north"));
        assert!(!covered("user <*> logged in", "user ana logged out"));
    }

    #[test]
    fn a_variable_covers_neither_a_clause_nor_an_opposite() {
        assert!(!covered("ended for reason <*>", "ended for reason <*>: bad header"));
        assert!(!covered("service <*> ended", "service not ended"));
    }

    #[test]
    fn rare_ones_join_only_what_is_much_more_frequent() {
        let group = |text: &'static str, line, count| Group { key: tokens(text), lines: vec![line], count };
        let of = |count| into_frequent(vec![group("the user <*> logged in", 0, count), group("the user ana logged in", 1, 1)]);
        assert_eq!(of(4).len(), 2);
        assert_eq!(of(5).len(), 1);
    }
}
