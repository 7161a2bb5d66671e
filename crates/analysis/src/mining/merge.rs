//! Lines that differ in one word become one where enough different words stand there: then it is a variable.
//!
//! Words that have an opposite count for nothing and, where they are many, forbid it: "started" and "stopped" are not
//! two values of one variable. It must never compare lines of different length. Input that breaks it: several words
//! that always vary together; no pair of such lines differs in one word only.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use crate::mask::VARIABLE;

use super::compare::{Group, Key, words_and_variables};
use super::tokens::is_word;
use super::words::{is_closed, is_name, parts};

/// Rounds after which nothing changes any more in practice: each takes out one word of a line.
const ROUNDS: usize = 8;

/// So many words must be left, and so many different words stand in for each other: the fewer are left, the more.
/// From 2 to 6 values and 2 to 4 words the measure of the design hardly moves.
const ENOUGH: [(usize, usize); 3] = [(3, 3), (2, 8), (1, 20)];

/// Merges distinct keys with their counts. The number of a line is its place in `keys`, which must be sorted.
pub fn by_cardinality(keys: Vec<(Key<'_>, u64)>) -> Vec<Group<'_>> {
    let groups = keys.into_iter().enumerate().map(|(line, (key, count))| Group { key, lines: vec![line], count });
    let mut groups: Vec<Group<'_>> = groups.collect();
    for _ in 0..ROUNDS {
        let Some(merged) = round(&groups) else { break };
        groups = merged;
    }
    groups
}

/// One round, the largest buckets first, each line once; `None` when nothing is left to merge.
fn round<'m>(groups: &[Group<'m>]) -> Option<Vec<Group<'m>>> {
    let mut buckets: Vec<(usize, usize, Vec<usize>)> = buckets(groups)
        .into_iter()
        .filter_map(|(place, members)| Some((cardinality(groups, place, &members)?, place, members)))
        .collect();
    buckets.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| (a.1, &a.2).cmp(&(b.1, &b.2))));
    let mut place_of: Vec<Option<usize>> = vec![None; groups.len()];
    for (_, place, members) in &buckets {
        if members.iter().all(|member| place_of[*member].is_none()) {
            members.iter().for_each(|member| place_of[*member] = Some(*place));
        }
    }
    place_of.iter().any(Option::is_some).then(|| {
        let mut merged: BTreeMap<Key<'m>, (Vec<usize>, u64)> = BTreeMap::new();
        for (group, place) in groups.iter().zip(place_of) {
            let mut key = group.key.clone();
            if let Some(place) = place {
                key[place] = VARIABLE;
            }
            let (lines, count) = merged.entry(key).or_default();
            lines.extend(&group.lines);
            *count += group.count;
        }
        merged.into_iter().map(|(key, (lines, count))| Group { key, lines, count }).collect()
    })
}

/// Groups that are equal but for the word at one place, at least two of them, with that place.
fn buckets(groups: &[Group<'_>]) -> Vec<(usize, Vec<usize>)> {
    let state = FixedState::default();
    let mut entries: Vec<(u64, usize, usize)> = Vec::new();
    for (index, group) in groups.iter().enumerate() {
        // The sum over all tokens with their places, less the one that may vary, is the bucket: no line is copied.
        let hashes: Vec<u64> = group.key.iter().enumerate().map(|(place, token)| state.hash_one((place, token))).collect();
        let all = hashes.iter().fold(group.key.len() as u64, |sum, hash| sum.wrapping_add(*hash));
        let words = group.key.iter().zip(&hashes).enumerate().filter(|(_, (token, _))| is_word(token));
        entries.extend(words.map(|(place, (_, hash))| (all.wrapping_sub(*hash), place, index)));
    }
    entries.sort_unstable();
    let runs = entries.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).filter(|run| run.len() > 1);
    runs.map(|run| {
        let (_, place, first) = run[0];
        let fits = |index: &usize| is_equal_but_for(place, &groups[first].key, &groups[*index].key);
        (place, run.iter().map(|(_, _, index)| *index).filter(fits).collect())
    })
    .collect()
}

fn is_equal_but_for(place: usize, a: &[&str], b: &[&str]) -> bool {
    a.len() == b.len() && a[..place] == b[..place] && a[place + 1..] == b[place + 1..]
}

/// How many different names stand at a place, if they are enough for a variable.
fn cardinality(groups: &[Group<'_>], place: usize, members: &[usize]) -> Option<usize> {
    let key = &groups[*members.first()?].key;
    let (words, _) = words_and_variables(key);
    let values: BTreeSet<&str> = members.iter().map(|member| groups[*member].key[place]).collect();
    let enough = enough(key, place, words - 1, &values)?;
    if values.len() < enough {
        return None;
    }
    let closed = closed(&values);
    let names = values.len() - closed;
    (names >= enough && closed * 3 <= values.len()).then_some(names)
}

/// How many different names make a variable at this place; never where no word is left.
fn enough(key: &[&str], place: usize, words_left: usize, values: &BTreeSet<&str>) -> Option<usize> {
    let (_, usual) = *ENOUGH.iter().find(|(words, _)| words_left >= *words)?;
    // The first word says whose message it is; several statements may go on in the same words ("cron started up").
    let is_first = !key[..place].iter().any(|token| is_word(token) || *token == VARIABLE);
    // Names of code are values more often than words of the language are, as is what follows "=".
    let are_names = values.iter().all(|value| is_name(value)) || (place > 0 && key[place - 1] == "=");
    match usual {
        3 if is_first && !are_names => Some(4),
        3 if !is_first && are_names => Some(2),
        3 => Some(3),
        _ if is_first => None,
        usual => Some(usual),
    }
}

/// How many of the values have a word with an opposite among the words that they do not share.
fn closed(values: &BTreeSet<&str>) -> usize {
    let mut shared: Option<BTreeSet<&str>> = None;
    for value in values {
        let own: BTreeSet<&str> = parts(value).collect();
        shared = Some(shared.map_or_else(|| own.clone(), |shared| shared.intersection(&own).copied().collect()));
    }
    let shared = shared.unwrap_or_default();
    let differs = |value: &&&str| is_closed(value) || parts(value).any(|part| !shared.contains(part) && is_closed(part));
    values.iter().filter(differs).count()
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tokens;
    use super::*;

    fn merged(lines: &[&str]) -> Vec<String> {
        let mut keys: Vec<(Key<'_>, u64)> = lines.iter().map(|line| (tokens(line), 1)).collect();
        keys.sort();
        by_cardinality(keys).into_iter().map(|group| group.key.concat()).collect()
    }

    #[test]
    fn three_names_at_one_place_are_a_variable_and_two_are_not() {
        let three = ["the user ana logged in", "the user bo logged in", "the user cy logged in"];
        assert_eq!(merged(&three), ["the user <*> logged in"]);
        assert_eq!(merged(&three[..2]), &three[..2]);
    }

    #[test]
    fn words_with_an_opposite_are_no_names() {
        let states = ["backend <*> is now up", "backend <*> is now down", "backend <*> is now drained"];
        assert_eq!(merged(&states).len(), 3);
        let codes = ["task went from RUN to FAIL_CLEANUP", "task went from RUN to SUCCESS_CLEANUP"];
        assert_eq!(merged(&codes).len(), 2);
    }

    #[test]
    fn two_names_of_code_are_enough() {
        let events = ["got the event CACHE_REMOTE_LAUNCH for <*>", "got the event CACHE_REMOTE_CLEANUP for <*>"];
        assert_eq!(merged(&events), ["got the event <*> for <*>"]);
    }

    #[test]
    fn the_first_word_says_whose_message_it_is() {
        let zones = ["Low zone: <*> pages, batch <*>", "Mid zone: <*> pages, batch <*>", "Top zone: <*> pages, batch <*>"];
        assert_eq!(merged(&zones).len(), 3);
    }
}
