//! A sentence that stands twice with other numbers or other sources.
//!
//! Misleads where a sentence is a form that is filled in for several things; entries of one list are never compared.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::{Spot, cut};
use crate::Finding;
use crate::document::{Document, Kind, Unit, sentences};
use crate::story::{Story, citations, speaks, without_citations};

/// Shorter sentences are forms.
const MIN_WORDS: usize = 5;
/// More are kept of no sentence; a document that repeats one more often is a form.
const MAX_KEPT: usize = 6;

struct Said {
    unit: usize,
    range: Range<usize>,
    numbers: Vec<String>,
    sources: BTreeSet<String>,
    whole: String,
}

pub fn check(document: &Document, story: &Story, found: &mut Vec<Finding>) {
    let mut known: BTreeMap<String, Vec<Said>> = BTreeMap::new();
    for (index, unit) in document.units.iter().enumerate() {
        let usable = speaks(unit.kind)
            && unit.kind != Kind::Heading
            && !story.entry_units.contains(&index)
            && !document.is_of_others(unit);
        if !usable || story.source_units.contains(&index) {
            continue;
        }
        for range in parts(unit) {
            let Some((key, said)) = said(index, unit, range) else { continue };
            let before = known.entry(key).or_default();
            if let Some(other) = before.iter().find(|o| o.unit != index && !are_siblings(document, o.unit, index)) {
                found.extend(compare(document, other, &said));
            }
            if before.len() < MAX_KEPT {
                before.push(said);
            }
        }
    }
}

/// Cells and sentences.
fn parts(unit: &Unit) -> Vec<Range<usize>> {
    let whole = std::iter::once(0..unit.text.len());
    let cells: Vec<Range<usize>> = if unit.cells.is_empty() { whole.collect() } else { unit.cells.clone() };
    let mut all = Vec::new();
    for cell in cells {
        let text = unit.text.get(cell.clone()).unwrap_or_default();
        let mut open: Option<Range<usize>> = None;
        for part in sentences::of(text) {
            let (start, end) = (cell.start + part.start, cell.start + part.end);
            // A citation after the full stop belongs to the sentence before it, and a quotation is not cut.
            let follows = unit.text.get(start..end).is_some_and(|t| t.starts_with('[') || t.starts_with('('));
            match open.as_mut() {
                Some(o) if follows || unit.is_quoted(start) => o.end = end,
                _ => all.extend(open.replace(start..end)),
            }
        }
        all.extend(open);
    }
    all
}

/// The sentence with its own numbers as `#`, and these.
fn said(index: usize, unit: &Unit, range: Range<usize>) -> Option<(String, Said)> {
    let text = unit.text.get(range.clone())?;
    let plain = without_citations(text);
    let own = unit.own_words();
    let own = without_citations(own.get(range.clone())?);
    if own.split(|c: char| !c.is_alphabetic()).filter(|w| w.len() > 2).count() < MIN_WORDS {
        return None;
    }
    let quoted: String = plain.chars().collect();
    let (mut key, mut numbers, mut number, mut depth) = (String::new(), Vec::new(), String::new(), 0u32);
    for c in quoted.chars() {
        depth = match c {
            '“' => depth + 1,
            '”' => depth.saturating_sub(1),
            _ => depth,
        };
        if depth == 0 && (c.is_ascii_digit() || !number.is_empty() && matches!(c, '.' | ',' | ':')) {
            number.push(c);
            continue;
        }
        if !number.is_empty() {
            key.push('#');
            numbers.push(std::mem::take(&mut number).trim_end_matches(['.', ',', ':']).to_string());
        }
        key.push(c);
    }
    if !number.is_empty() {
        key.push('#');
        numbers.push(number.trim_end_matches(['.', ',', ':']).to_string());
    }
    let cites = citations(unit).into_iter().filter(|c| range.start <= c.range.start && c.range.start < range.end);
    let sources = cites.filter(|c| !c.is_link).map(|c| c.label).collect();
    Some((key, Said { unit: index, range, numbers, sources, whole: plain }))
}

fn are_siblings(document: &Document, a: usize, b: usize) -> bool {
    let (Some(a), Some(b)) = (document.units.get(a), document.units.get(b)) else { return true };
    a.section == b.section && (a.block == b.block || a.kind == b.kind)
}

fn compare(document: &Document, other: &Said, said: &Said) -> Option<Finding> {
    let (before, unit) = (document.units.get(other.unit)?, document.units.get(said.unit)?);
    let line = document.place(before, other.range.start).0;
    let spot = Spot { document, unit, range: said.range.clone() };
    if let Some((a, b)) = other.numbers.iter().zip(&said.numbers).find(|(a, b)| a != b) {
        let message = format!("the same sentence stands in line {line}, there with {a} instead of {b}");
        return Some(spot.says("number/twice", message, Some(line)));
    }
    let apart = !other.sources.is_empty() && !said.sources.is_empty() && other.sources.is_disjoint(&said.sources);
    (apart && other.whole == said.whole).then(|| {
        let list = |s: &BTreeSet<String>| cut(&s.iter().cloned().collect::<Vec<_>>().join(", "));
        let message = format!(
            "the same statement stands in line {line}, there with {} instead of {}",
            list(&other.sources),
            list(&said.sources)
        );
        spot.says("source/twice", message, Some(line))
    })
}
