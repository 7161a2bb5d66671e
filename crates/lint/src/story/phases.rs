//! The instants of the incident: as stated (`Start: 09:00`), and as entries of the timeline show them.

use std::collections::BTreeMap;

use super::{Story, masked, speaks};
use crate::document::Document;
use crate::phrases::{self, Kind};

/// An instant that the document gives for a phase.
#[derive(Debug, Clone)]
pub struct Moment {
    pub unit: usize,
    /// Index of the clock in the unit's facts.
    pub clock: usize,
    pub at: f64,
    pub fine: f64,
    /// Stated outright, and not read off an entry's words.
    pub stated: bool,
}

pub fn of(document: &Document, story: &Story) -> BTreeMap<&'static str, Vec<Moment>> {
    let mut found: BTreeMap<&'static str, Vec<Moment>> = BTreeMap::new();
    for (index, unit) in document.units.iter().enumerate() {
        let usable = speaks(unit.kind) && !unit.facts.clocks.is_empty() && !document.is_of_others(unit);
        if !usable {
            continue;
        }
        let mask = masked(unit);
        for list in phrases::of(Kind::Phase).filter(|l| l.may_match(&mask.text)) {
            let times = list.stated.iter().filter_map(|p| p.captures(&mask.text)).filter_map(|c| c.get(1)?.as_str().parse().ok());
            let ends = list.file.name != "started";
            let meant = times.map(|i: usize| if ends && is_span(&mask.text, i) { i + 1 } else { i });
            for clock in meant.filter_map(|i| mask.clocks.get(i)) {
                let position = unit.facts.clocks.iter().position(|c| c == clock).unwrap_or(0);
                let Some(at) = story.instant(unit, position) else { continue };
                let moment = Moment { unit: index, clock: position, at, fine: clock.fine, stated: true };
                found.entry(list.file.name.as_str()).or_default().push(moment);
            }
        }
    }
    for entry in story.timeline() {
        let Some(unit) = document.units.get(entry.unit) else { continue };
        for list in phrases::of(Kind::Phase).filter(|l| l.patterns.iter().any(|p| p.is_match(&unit.text))) {
            let moment = Moment { unit: entry.unit, clock: entry.clock, at: entry.at, fine: entry.fine, stated: false };
            found.entry(list.file.name.as_str()).or_default().push(moment);
        }
    }
    found
}

/// `09:00–09:05`: a phase ends with its span.
fn is_span(text: &str, first: usize) -> bool {
    let (a, b) = (format!("⟦t{first}⟧"), format!("⟦t{}⟧", first + 1));
    let gap = text.split_once(&a).and_then(|(_, rest)| rest.split_once(&b)).map(|(gap, _)| gap.trim());
    gap.is_some_and(|gap| ["–", "-", "—", "to", "until", "till"].contains(&gap))
}
