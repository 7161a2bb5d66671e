//! Statements without a source, and sources that do not bear them out, in a document that cites at all.
//!
//! A document has a style of citation where most statements of a list, a table or a section cite. Misleads where one of
//! them is no statement.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::{Spot, cut};
use crate::Finding;
use crate::document::{Document, Kind, Unit};
use crate::facts::time;
use crate::story::{Story, citations, speaks};

/// A list has to have so many statements that cite, and at most one in five that do not.
const MIN_CITED: usize = 3;
/// Shorter texts state nothing.
const MIN_WORDS: usize = 4;
/// How it is known, without from what.
static STANDING: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\((?:measured|stated|inferred|disputed), \d+%\)").ok());
const NOTHING: &[&str] = &["nothing", "nobody", "no ", "not ", "none", "unknown", "n/a"];

pub fn check(document: &Document, story: &Story, found: &mut Vec<Finding>) {
    missing(document, story, found);
    unresolved(document, story, found);
    times(document, story, found);
}

fn missing(document: &Document, story: &Story, found: &mut Vec<Finding>) {
    let mut groups: BTreeMap<(usize, u8, Option<usize>), Vec<(usize, bool)>> = BTreeMap::new();
    for (index, unit) in document.units.iter().enumerate() {
        if !is_statement(unit) || story.sources.values().any(|s| s.unit == index) {
            continue;
        }
        let cited = !citations(unit).is_empty();
        if !cited && STANDING.as_ref().is_some_and(|p| p.is_match(&unit.text)) {
            found.push(uncited(document, unit, "it says how it is known, and not from what"));
            continue;
        }
        let list = if unit.kind == Kind::Prose { None } else { Some(unit.block) };
        let form = unit.kind as u8;
        groups.entry((unit.section, form, list)).or_default().push((index, cited));
    }
    for group in groups.values() {
        let with = group.iter().filter(|g| g.1).count();
        let without = group.len() - with;
        if with < MIN_CITED || without * 4 > with {
            continue;
        }
        for unit in group.iter().filter(|g| !g.1).filter_map(|g| document.units.get(g.0)) {
            found.push(uncited(document, unit, &format!("{with} of {} statements around it cite a source, this one does not", group.len())));
        }
    }
}

fn uncited(document: &Document, unit: &Unit, why: &str) -> Finding {
    Spot { document, unit, range: 0..unit.text.len() }.says("source/missing", why.to_string(), None)
}

/// Does the unit state something that could have a source?
fn is_statement(unit: &Unit) -> bool {
    let lower = unit.text.trim_start_matches(['*', '_', ' ']).to_lowercase();
    let says = speaks(unit.kind) && unit.kind != Kind::Heading && unit.text.split_whitespace().count() >= MIN_WORDS;
    let nothing = NOTHING.iter().any(|w| lower.starts_with(w)) || lower.contains("unknown") || lower.ends_with(" -");
    let total = lower.starts_with("score |") || lower.starts_with("total ") || lower.starts_with("sum ");
    says && !total && !nothing && !lower.trim_end().ends_with(['?', ':'])
}

/// Labels that lead nowhere, where others of their kind lead somewhere.
fn unresolved(document: &Document, story: &Story, found: &mut Vec<Finding>) {
    let kind = |label: &str| label.chars().next().map(|c| if c.is_ascii_digit() { '1' } else { c.to_ascii_lowercase() });
    let mut defined: BTreeMap<char, usize> = BTreeMap::new();
    for k in story.sources.keys().filter_map(|l| kind(l)) {
        *defined.entry(k).or_default() += 1;
    }
    for unit in document.units.iter().filter(|u| speaks(u.kind)) {
        for cite in citations(unit).into_iter().filter(|c| !c.is_link && !c.label.contains([':', ' ', '/'])) {
            let Some(k) = kind(&cite.label) else { continue };
            let others = defined.get(&k).copied().unwrap_or(0) >= 2 || k == '^';
            if others && !story.sources.contains_key(&cite.label) {
                let spot = Spot { document, unit, range: cite.range };
                found.push(spot.says("source/unresolved", format!("nothing in the document is {}", cite.label), None));
            }
        }
    }
}

/// An entry of a timeline has the time of a source that it cites, where the sources say theirs.
fn times(document: &Document, story: &Story, found: &mut Vec<Finding>) {
    for entry in story.timelines.iter().flatten() {
        let Some(unit) = document.units.get(entry.unit).filter(|u| !document.is_of_others(u)) else { continue };
        let cites = citations(unit);
        let sources: Vec<(&str, f64, f64)> = cites
            .iter()
            .filter_map(|c| story.sources.get(&c.label).and_then(|s| Some((c.label.as_str(), s.at?, s.fine))))
            .collect();
        let near = |at: f64, fine: f64| (at - entry.at).abs() < fine.max(entry.fine).max(1.0) + 0.5;
        let Some((label, at, _)) = sources.first() else { continue };
        if sources.iter().any(|s| near(s.1, s.2)) || tells(unit, story, &cites.iter().map(|c| c.label.as_str()).collect::<Vec<_>>(), entry.clock) {
            continue;
        }
        let Some(clock) = unit.facts.clocks.get(entry.clock) else { continue };
        let line = story.sources.get(*label).and_then(|s| document.units.get(s.unit)).map(|u| document.line(u));
        let spot = Spot { document, unit, range: clock.range.clone() };
        let message = format!("the entry is at {}, its source {} is of {}", time(entry.at), cut(label), time(*at));
        found.push(spot.says("time/source", message, line));
    }
}

/// Does the text of a source have the very time?
fn tells(unit: &Unit, story: &Story, labels: &[&str], clock: usize) -> bool {
    let Some(clock) = unit.facts.clocks.get(clock) else { return true };
    let minute = time(clock.second).get(..5).unwrap_or_default().to_string();
    labels.iter().filter_map(|l| story.sources.get(*l)).any(|s| s.text.contains(&minute) || s.text.len() < 8)
}
