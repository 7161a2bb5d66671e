//! What citations lead to: footnotes, numbered references, and pieces of evidence with their text and time.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::Story;
use crate::document::{Document, Kind};

#[derive(Debug, Clone, Default)]
pub struct Source {
    pub unit: usize,
    /// When what it shows was, where it says so.
    pub at: Option<f64>,
    pub fine: f64,
    /// What it shows.
    pub text: String,
}

static HEAD: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\W{0,3}(?:\[(\^[\w-]+|[eE]?\d{1,4})\]:?|([eE]\d{1,4})\s*(?:—|–|-|:))\s*\S").ok());

pub fn of(document: &Document, story: &Story) -> BTreeMap<String, Source> {
    let mut found: BTreeMap<String, Source> = BTreeMap::new();
    let mut open: Option<String> = None;
    for (index, unit) in document.units.iter().enumerate() {
        if unit.kind == Kind::Code {
            if let Some(source) = open.as_ref().and_then(|label| found.get_mut(label)) {
                source.text.push('\n');
                source.text.push_str(&unit.text);
            }
            continue;
        }
        open = None;
        let captures =
            HEAD.as_ref().and_then(|p| p.captures(&unit.text)).filter(|_| matches!(unit.kind, Kind::Prose | Kind::Item));
        let Some(label) = captures.and_then(|c| c.get(1).or(c.get(2)).map(|m| m.as_str().to_string())) else { continue };
        // A statement that begins with its citation is no source.
        let last = unit.facts.clocks.len().checked_sub(1);
        let at = last.and_then(|clock| story.instant(unit, clock));
        let fine = unit.facts.clocks.last().map_or(1.0, |c| c.fine);
        found.entry(label.clone()).or_insert(Source { unit: index, at, fine, text: unit.text.clone() });
        open = Some(label);
    }
    found
}
