//! A cause that comes after its effect: sentences that say what led to what, against the times of both.
//!
//! Misleads where the first sign of a cause was seen later than its first effect; hence a warning.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::events::{Event, Events, words};
use super::{Spot, clock, cut};
use crate::Finding;
use crate::document::{Document, Kind, Unit, sentences};
use crate::facts::time;
use crate::story::{Story, speaks};

/// `c` is the cause, `e` the effect.
static LINKS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let patterns = [
        r"(?i)^under (?P<c>[^.,(]*(?:\([^)]*\))?[^.,]*), (?P<e>.+)$",
        r"(?i)^(?P<c>.{6,160}?),? (?:which )?(?:caused|triggered|led to|resulted in|brought down) (?P<e>.{6,200})$",
        r"(?i)^(?P<e>.{6,200}?) (?:because of|due to|was caused by|were caused by|was triggered by|as a result of) (?P<c>.{6,160})$",
    ];
    patterns.iter().filter_map(|p| Regex::new(p).ok()).collect()
});

/// What is longer is a list.
const MAX_SENTENCE: usize = 400;
/// Words of trouble that every event of an incident may have.
const WEAK: &[&str] = &[
    "error", "fail", "failur", "servic", "request", "pod", "rate", "timeout", "alert", "user", "api", "connect", "high",
    "cascad", "code", "hit", "path", "load", "issu", "deploy", "traffic", "latenc",
];

pub fn check(document: &Document, story: &Story, found: &mut Vec<Finding>) {
    if story.timeline().is_empty() {
        return;
    }
    let events = Events::of_timeline(document, story).with_logs(document, story, |_, at| at - clock::offset(story, at));
    let names = proper(document);
    for unit in document.units.iter().filter(|u| matches!(u.kind, Kind::Prose | Kind::Item) && speaks(u.kind)) {
        let path = document.path(unit);
        if document.is_of_others(unit) || ["action", "prevent", "lesson", "timeline"].iter().any(|w| path.contains(w)) {
            continue;
        }
        let own = unit.own_words();
        for range in sentences::of(&own) {
            let sentence = own.get(range.clone()).unwrap_or_default();
            if sentence.len() > MAX_SENTENCE {
                continue;
            }
            if let Some((cause, effect)) =
                LINKS.iter().find_map(|p| p.captures(sentence)).and_then(|c| Some((c.name("c")?, c.name("e")?)))
            {
                let at = range.start + cause.start();
                let spot = Spot { document, unit, range: at..at + cause.len() };
                found.extend(after_effect(&spot, &events, &names, (cause.as_str(), effect.as_str())));
                found.extend(after_start(&spot, story));
            }
        }
    }
}

/// A cause that is given a time of its own, against the start that is stated.
fn after_start(spot: &Spot<'_>, story: &Story) -> Option<Finding> {
    let unit = spot.unit;
    let inside = |c: &crate::facts::Clock| spot.range.contains(&c.range.start) && !unit.is_quoted(c.range.start);
    let clock = unit.facts.clocks.iter().position(inside)?;
    let (at, fine) = (story.instant(unit, clock)?, unit.facts.clocks.get(clock)?.fine);
    let start = story.moments.get("started")?.iter().find(|m| m.stated)?;
    if at - start.at < fine.max(start.fine) || at - start.at > 86_400.0 {
        return None;
    }
    let line = spot.document.units.get(start.unit).map(|u| spot.document.line(u));
    let message = format!("it is given as the cause and is of {}, and the incident started at {}", time(at), time(start.at));
    Some(spot.says("cause/order", message, line))
}

fn after_effect(spot: &Spot<'_>, events: &Events, names: &BTreeSet<String>, (cause, effect): (&str, &str)) -> Option<Finding> {
    if cause.contains('[') {
        return None;
    }
    let strong = |text: &str| -> BTreeSet<String> { words(text).into_iter().filter(|w| !WEAK.contains(&w.as_str())).collect() };
    let (causes, effects) = (strong(cause), strong(effect));
    let causes: BTreeSet<String> = causes.difference(&effects).filter(|w| names.contains(*w)).cloned().collect();
    let effects: BTreeSet<String> = effects.difference(&causes).cloned().collect();
    let effects: BTreeSet<String> = effects.into_iter().filter(|w| w == "crash" || names.contains(w)).collect();
    let first = |all: &BTreeSet<String>, not: &BTreeSet<String>| -> Option<Event> {
        let hits = all.iter().flat_map(|w| events.with_word(w)).filter(|e| e.words.is_disjoint(not));
        hits.min_by(|a, b| a.at.total_cmp(&b.at)).cloned()
    };
    let (begun, felt) = (first(&causes, &effects)?, first(&effects, &causes)?);
    let told = felt.words.contains("crash") || felt.words.intersection(&words(effect)).count() >= 2;
    if !told || begun.at - felt.at <= begun.fine.max(felt.fine).max(1.0) {
        return None;
    }
    let line = |e: &Event| spot.document.units.get(e.unit).map_or(0, |u| spot.document.line(u));
    let message = format!(
        "it is given as the condition, and is first seen at {} (line {}), after “{}” at {} (line {})",
        time(begun.at),
        line(&begun),
        cut(effect),
        time(felt.at),
        line(&felt)
    );
    Some(spot.says("cause/order", message, Some(line(&felt))))
}

/// Stems of words that are names: with a capital within a sentence, or made of parts.
fn proper(document: &Document) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for unit in document.units.iter().filter(|u| speaks(u.kind)) {
        names.extend(capitals(unit).flat_map(words));
        names.extend(unit.facts.names.iter().flat_map(|n| words(&n.text)));
    }
    names
}

/// Words with a capital that do not begin a sentence.
fn capitals(unit: &Unit) -> impl Iterator<Item = &str> {
    let parts = unit.text.split_whitespace().zip(std::iter::once("").chain(unit.text.split_whitespace()));
    let inner =
        |before: &str| before.ends_with(|c: char| c.is_lowercase() || matches!(c, ',' | '+' | '&' | ')')) || before == "+";
    parts
        .filter(move |(word, before)| {
            let word = word.trim_start_matches(['(', '[', '"', '*']);
            word.len() > 3 && word.starts_with(|c: char| c.is_uppercase()) && inner(before)
        })
        .map(|(word, _)| word)
}
