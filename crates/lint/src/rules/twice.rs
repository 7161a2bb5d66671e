//! One event at two times: a sentence against the timeline, a stated instant against another statement of it.
//!
//! Misleads where two events are told by the same words.

use std::collections::BTreeSet;

use super::events::{Event, Events, words};
use super::{Spot, cut};
use crate::Finding;
use crate::document::{Document, Kind, Unit};
use crate::facts::time;
use crate::story::{Moment, Story, speaks};

pub fn check(document: &Document, story: &Story, found: &mut Vec<Finding>) {
    let events = Events::of_timeline(document, story);
    for (index, unit) in document.units.iter().enumerate() {
        let usable = speaks(unit.kind) && !unit.facts.clocks.is_empty() && !story.entry_units.contains(&index);
        if usable && !document.is_of_others(unit) && !story.source_units.contains(&index) {
            sentences(document, story, unit, &events, found);
        }
    }
    stated(document, story, found);
}

/// What a sentence says happened at a time, against the entry that tells of the same.
fn sentences(document: &Document, story: &Story, unit: &Unit, events: &Events, found: &mut Vec<Finding>) {
    let own = unit.own_words();
    for (i, clock) in unit.facts.clocks.iter().enumerate().filter(|(_, c)| !unit.is_quoted(c.range.start)) {
        let from = i.checked_sub(1).and_then(|p| unit.facts.clocks.get(p)).map_or(0, |c| c.range.end);
        let before = own.get(from..clock.range.start).unwrap_or_default();
        let clause = before.rsplit(['.', ';', ',', '|', '(', '\n']).find(|c| !c.trim().is_empty()).unwrap_or_default();
        let told = words(clause);
        if told.len() < 2 || i > 0 && before.trim().len() < 4 {
            continue;
        }
        let Some(at) = story.instant(unit, i) else { continue };
        let Some(event) = same_event(events, &told, at) else { continue };
        let near = (event.at - at).abs() < clock.fine.max(event.fine) || clock.about;
        if !near && (event.at - at).abs() < 86_400.0 {
            let Some(line) = document.units.get(event.unit).map(|u| document.line(u)) else { continue };
            let spot = Spot { document, unit, range: clock.range.clone() };
            let message = format!(
                "“{}” is at {} here and at {} in line {line}",
                cut(clause.trim_matches(|c: char| !c.is_alphanumeric())),
                time(at),
                time(event.at)
            );
            found.push(spot.says("time/twice", message, Some(line)));
        }
    }
}

/// The entry that has all words but one in four, if none at the same time has as many.
fn same_event<'e>(events: &'e Events, told: &BTreeSet<String>, at: f64) -> Option<&'e Event> {
    let shared = |e: &&Event| e.words.intersection(told).count();
    let hits: BTreeSet<usize> = told.iter().flat_map(|w| events.with_word(w)).map(|e| e.unit).collect();
    let hits: Vec<&Event> = events.all.iter().filter(|e| hits.contains(&e.unit)).collect();
    let best = hits.iter().copied().max_by(|a, b| shared(a).cmp(&shared(b)).then(b.at.total_cmp(&a.at)))?;
    let most = shared(&best);
    let full = most >= 2 && (most * 4 >= told.len() * 3 || most == best.words.len() && most * 2 > told.len());
    let alone = hits.iter().filter(|e| shared(e) == most).count() == 1;
    let other = hits.iter().any(|e| (e.at - at).abs() <= e.fine.max(1.0) && shared(e) + 1 >= most);
    (full && alone && !other).then_some(best)
}

/// Phases that are stated outright, twice or beside a timeline in which all others stand.
fn stated(document: &Document, story: &Story, found: &mut Vec<Finding>) {
    let mut lone: Vec<(&str, &Moment)> = Vec::new();
    let mut there = 0;
    for (phase, moments) in &story.moments {
        let stated: Vec<&Moment> = moments.iter().filter(|m| m.stated).collect();
        let Some(first) = stated.first() else { continue };
        for moment in stated.iter().skip(1) {
            if (moment.at - first.at).abs() >= moment.fine.max(first.fine) + 0.5 {
                found.extend(differs(document, phase, first, moment));
            }
        }
        let entry = story.timeline().iter().any(|e| (e.at - first.at).abs() < e.fine.max(first.fine) + 0.5);
        there += usize::from(entry);
        if !entry {
            lone.push((phase, first));
        }
    }
    if there >= 3 && lone.len() <= 1 {
        for (phase, moment) in lone {
            let Some(unit) = document.units.get(moment.unit) else { continue };
            let Some(clock) = unit.facts.clocks.get(moment.clock) else { continue };
            let spot = Spot { document, unit, range: clock.range.clone() };
            let message = format!(
                "{} is at {}, and no entry of the timeline is, though the other instants of the incident each have one",
                phase.replace('_', " "),
                time(moment.at)
            );
            found.push(spot.says("time/twice", message, None));
        }
    }
}

fn differs(document: &Document, phase: &str, first: &Moment, other: &Moment) -> Option<Finding> {
    let (before, unit) = (document.units.get(first.unit)?, document.units.get(other.unit)?);
    if before.kind == Kind::Code {
        return None;
    }
    let line = document.line(before);
    let range = unit.facts.clocks.get(other.clock)?.range.clone();
    let message = format!("{} is at {} here and at {} in line {line}", phase.replace('_', " "), time(other.at), time(first.at));
    Some(Spot { document, unit, range }.says("time/twice", message, Some(line)))
}
