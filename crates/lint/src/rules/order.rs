//! Times that do not ascend where they have to: entries of a timeline, the phases of an incident, the ends of an interval.
//!
//! Misleads in a list of times that is in no order on purpose; such a list is left alone when a third of it is out of order.

use super::{Spot, cut};
use crate::Finding;
use crate::document::Document;
use crate::facts::{day, time};
use crate::story::{Entry, Moment, Story, is_chronicle, masked, speaks};

pub fn check(document: &Document, story: &Story, found: &mut Vec<Finding>) {
    for timeline in &story.timelines {
        entries(document, timeline, found);
    }
    phases(document, story, found);
    intervals(document, story, found);
}

fn entries(document: &Document, entries: &[Entry], found: &mut Vec<Finding>) {
    let Some(first) = entries.first().and_then(|e| document.units.get(e.unit)) else { return };
    if document.is_of_others(first) {
        return;
    }
    let falls = |a: &Entry, b: &Entry| b.at + a.fine.max(b.fine) * 0.999 < a.at || (b.at < a.at && a.fine == b.fine);
    let down = entries.windows(2).filter(|w| falls(&w[0], &w[1])).count();
    let up = entries.windows(2).filter(|w| falls(&w[1], &w[0])).count();
    let told = is_chronicle(document.path(first));
    if !told && down.min(up) * 3 >= entries.len() {
        return;
    }
    let newest_first = down > up && up * 3 < entries.len() && entries.len() > 3;
    for (i, pair) in entries.windows(2).enumerate() {
        let (a, b) = (&pair[0], &pair[1]);
        let wrong = if newest_first { falls(b, a) } else { falls(a, b) };
        if wrong {
            found.extend(out_of_order(document, a, b));
        } else if !newest_first && let Some(early) = i.checked_sub(1).and_then(|p| entries.get(p)) {
            found.extend(spike(document, early, a, b));
        }
    }
}

fn out_of_order(document: &Document, a: &Entry, b: &Entry) -> Option<Finding> {
    let (before, unit) = (document.units.get(a.unit)?, document.units.get(b.unit)?);
    let range = unit.facts.clocks.get(b.clock)?.range.clone();
    let line = document.line(before);
    let message = format!("{} stands after {} (line {line})", shown(b, a), shown(a, b));
    Some(Spot { document, unit, range }.says("time/order", message, Some(line)))
}

/// Times without dates that go far ahead for one entry and come back: it is rather that entry than a new day.
fn spike(document: &Document, early: &Entry, a: &Entry, b: &Entry) -> Option<Finding> {
    let back = b.at - 86_400.0;
    let undated = !a.dated && !b.dated;
    let far = a.at - early.at > 6.0 * 3_600.0 && b.at >= a.at && back >= early.at && back - early.at < 3.0 * 3_600.0;
    if !(undated && far) {
        return None;
    }
    let unit = document.units.get(a.unit)?;
    let range = unit.facts.clocks.get(a.clock)?.range.clone();
    let line = document.units.get(b.unit).map(|u| document.line(u));
    let message = format!("{} stands between {} and {}", time(a.at), time(early.at), time(b.at));
    Some(Spot { document, unit, range }.says("time/order", message, line))
}

fn shown(entry: &Entry, beside: &Entry) -> String {
    let days = |e: &Entry| (e.at / 86_400.0).floor();
    let date = if days(entry) != days(beside) { format!("{} ", day(days(entry) as i64)) } else { String::new() };
    format!("{date}{}", time(entry.at))
}

const COURSES: &[&[&str]] = &[
    &["started", "detected", "acknowledged"],
    &["started", "mitigation_started", "mitigated", "resolved"],
    &["trigger", "started"],
];

/// The phases as they are stated outright.
fn phases(document: &Document, story: &Story, found: &mut Vec<Finding>) {
    for course in COURSES {
        let known = course.iter().filter_map(|p| Some((*p, story.moments.get(p)?.iter().find(|m| m.stated)?)));
        let known: Vec<(&str, &Moment)> = known.collect();
        for pair in known.windows(2) {
            let ((early, a), (late, b)) = (pair[0], pair[1]);
            if b.at + a.fine.max(b.fine) * 0.999 >= a.at {
                continue;
            }
            let Some((before, unit)) = document.units.get(a.unit).zip(document.units.get(b.unit)) else { continue };
            let Some(clock) = unit.facts.clocks.get(b.clock) else { continue };
            let line = document.line(before);
            let name = |n: &str| n.replace('_', " ");
            let (rule, what) = if early == "trigger" { ("cause/order", "the cause") } else { ("time/order", early) };
            let message = format!("{} at {} is before {} at {} (line {line})", name(late), time(b.at), name(what), time(a.at));
            found.push(Spot { document, unit, range: clock.range.clone() }.says(rule, message, Some(line)));
        }
    }
}

/// `09:05–09:00`.
fn intervals(document: &Document, story: &Story, found: &mut Vec<Finding>) {
    for unit in document.units.iter().filter(|u| speaks(u.kind) && u.facts.clocks.len() >= 2 && !document.is_of_others(u)) {
        let mask = masked(unit);
        for (i, pair) in mask.clocks.windows(2).enumerate() {
            let (a, b) = (format!("⟦t{i}⟧"), format!("⟦t{}⟧", i + 1));
            let between = mask.text.split_once(&a).and_then(|(_, rest)| rest.split_once(&b)).map(|(gap, _)| gap.trim());
            if !between.is_some_and(|gap| ["–", "-", "—", "to", "until", "till"].contains(&gap)) {
                continue;
            }
            let at = |clock| story.instant(unit, unit.facts.clocks.iter().position(|c| c == clock)?);
            let (Some(from), Some(to)) = (at(&pair[0]), at(&pair[1])) else { continue };
            let back = from - to;
            if back > 0.0 && (pair[1].date.is_some() || back < 12.0 * 3_600.0) {
                let spot = Spot { document, unit, range: pair[0].range.start..pair[1].range.end };
                let words = cut(unit.text.get(spot.range.clone()).unwrap_or_default());
                let message = format!("“{words}” ends before it begins");
                found.push(spot.says("time/order", message, None));
            }
        }
    }
}
