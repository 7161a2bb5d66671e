//! Statements without a source, and sources that do not bear them out, in a document that cites at all.
//!
//! A document has a style of citation where most statements of a list, a table or a section cite. Misleads where one of
//! them is no statement.

use std::collections::{BTreeMap, BTreeSet};
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

/// A question that is left open says nothing either.
const OPEN: &[&str] = &["does not answer it", "nobody knows yet", "is not known"];

pub fn check(document: &Document, story: &Story, found: &mut Vec<Finding>) {
    missing(document, story, found);
    unresolved(document, story, found);
    times(document, story, found);
    quotations(document, story, found);
}

/// What a statement quotes stands in what it cites, where the document shows that.
fn quotations(document: &Document, story: &Story, found: &mut Vec<Finding>) {
    if story.sources.values().filter(|s| s.text.len() > 40).count() < MIN_CITED {
        return;
    }
    for (index, unit) in document.units.iter().enumerate().filter(|(_, u)| speaks(u.kind) && !u.quoted.is_empty()) {
        if story.source_units.contains(&index) || document.path(unit).contains("contradiction") {
            continue;
        }
        let cites: Vec<String> = citations(unit).into_iter().map(|c| c.label).collect();
        let texts: Vec<&str> = cites.iter().filter_map(|l| story.sources.get(l)).map(|s| s.text.as_str()).collect();
        let again = unit.text.contains("as stated above");
        for range in unit.quoted.iter().filter(|_| !texts.is_empty() && !again) {
            let quote = unit.text.get(range.clone()).unwrap_or_default();
            if quote.starts_with('“') && !bears_out(&texts, quote) {
                let spot = Spot { document, unit, range: range.clone() };
                found.push(spot.says("source/quote", format!("it is not what {} says", cites.join(", ")), None));
            }
        }
    }
}

/// Do the texts have most of the words of a quotation? Marks and escapes differ between a page and its source.
pub fn bears_out(texts: &[&str], quote: &str) -> bool {
    let lower: Vec<String> = texts.iter().map(|t| t.to_lowercase()).collect();
    let lowered = quote.to_lowercase();
    let words = lowered.split(|c: char| !c.is_alphanumeric()).filter(|w| w.len() > 3);
    let (mut all, mut there) = (0usize, 0usize);
    for word in words {
        all += 1;
        there += usize::from(lower.iter().any(|t| t.contains(word)));
    }
    all < 3 || there * 2 >= all
}

/// Statements of one form: section, kind and depth, list, and the word that they begin with.
type Form = (usize, u8, Option<usize>, String);

fn missing(document: &Document, story: &Story, found: &mut Vec<Finding>) {
    let mut groups: BTreeMap<Form, Vec<(usize, bool)>> = BTreeMap::new();
    for (index, unit) in document.units.iter().enumerate() {
        if !is_statement(unit) || story.source_units.contains(&index) {
            continue;
        }
        let cited = !citations(unit).is_empty();
        if !cited && STANDING.as_ref().is_some_and(|p| p.is_match(&unit.text)) {
            found.push(uncited(document, unit, "it says how it is known, and not from what"));
            continue;
        }
        let list = if unit.kind == Kind::Prose { None } else { Some(unit.block) };
        let form = unit.kind as u8 * 16 + u8::try_from(unit.depth.min(9)).unwrap_or(9);
        let lead = unit.text.split_whitespace().next().filter(|w| w.len() > 1 && w.bytes().all(|b| b.is_ascii_lowercase()));
        let leads = [Some(String::new()), lead.map(str::to_string)];
        for lead in leads.into_iter().flatten() {
            groups.entry((unit.section, form, list, lead)).or_default().push((index, cited));
        }
    }
    let mut told: BTreeSet<usize> = BTreeSet::new();
    for group in groups.values() {
        let with = group.iter().filter(|g| g.1).count();
        let without = group.len() - with;
        if with < MIN_CITED || without * 4 > with {
            continue;
        }
        let without: Vec<usize> = group.iter().filter(|g| !g.1).map(|g| g.0).filter(|i| told.insert(*i)).collect();
        for unit in without.iter().filter_map(|i| document.units.get(*i)) {
            found.push(uncited(
                document,
                unit,
                &format!("{with} of {} statements around it cite a source, this one does not", group.len()),
            ));
        }
    }
}

fn uncited(document: &Document, unit: &Unit, why: &str) -> Finding {
    Spot { document, unit, range: 0..unit.text.len() }.says("source/missing", why.to_string(), None)
}

/// Does the unit state something that could have a source?
fn is_statement(unit: &Unit) -> bool {
    let lower = unit.text.trim_start_matches(['*', '_', ' ']).to_lowercase();
    let least = if unit.depth > 1 { 1 } else { MIN_WORDS };
    let says = speaks(unit.kind) && unit.kind != Kind::Heading && unit.text.split_whitespace().count() >= least;
    let nothing = NOTHING.iter().any(|w| lower.starts_with(w)) || lower.contains("unknown") || lower.ends_with(" -");
    let total = lower.starts_with("score |") || lower.starts_with("total ") || lower.starts_with("sum ");
    let open = OPEN.iter().any(|w| lower.contains(w));
    says && !total && !nothing && !open && !lower.trim_end().ends_with(['?', ':'])
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
        if sources.iter().any(|s| near(s.1, s.2))
            || tells(unit, story, &cites.iter().map(|c| c.label.as_str()).collect::<Vec<_>>(), entry.clock)
        {
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
