//! Durations against the times that they lie between: beside them in a sentence, in the timeline, and after another event.
//!
//! Misleads where the times of a timeline are rounded more than they show.

use std::sync::LazyLock;

use regex::Regex;

use super::events::{Events, words};
use super::{Spot, cut};
use crate::document::{Document, Unit};
use crate::facts::{duration, time};
use crate::phrases::{self, Kind};
use crate::story::{Measured, Moment, Story, masked, speaks};
use crate::{Finding, Severity};

/// A document that states more instants of one phase is a collection of incidents.
const FEW: usize = 16;
/// More quantities, or entries of a timeline, are compared with nothing.
const MOST: usize = 2_000;

pub fn check(document: &Document, story: &Story, found: &mut Vec<Finding>) {
    for unit in document.units.iter().filter(|u| speaks(u.kind) && u.facts.clocks.len() >= 2) {
        if !document.is_of_others(unit) {
            intervals(document, story, unit, found);
        }
    }
    for measured in story.measures.iter().take(MOST) {
        if let Some(list) = phrases::named(Kind::Measure, measured.measure).filter(|l| !l.file.from.is_empty()) {
            found.extend(between_phases(document, story, measured, list));
        }
    }
}

/// A duration beside two times.
fn intervals(document: &Document, story: &Story, unit: &Unit, found: &mut Vec<Finding>) {
    let mask = masked(unit);
    for captures in phrases::of(Kind::Interval).flat_map(|l| &l.patterns).flat_map(|p| p.captures_iter(&mask.text)) {
        let whole = captures.get(0).map_or("", |m| m.as_str());
        let token = |letter: char| -> Vec<usize> {
            let starts = whole.match_indices('⟦').filter_map(|(i, _)| whole.get(i + '⟦'.len_utf8()..));
            starts.filter_map(|t| t.strip_prefix(letter)?.split('⟧').next()?.parse().ok()).collect()
        };
        let (durations, times) = (token('d'), token('t'));
        let ([d, ..], [a, b, ..]) = (&durations[..], &times[..]) else { continue };
        let (Some(amount), Some(from), Some(to)) = (mask.amounts.get(*d), mask.clocks.get(*a), mask.clocks.get(*b)) else {
            continue;
        };
        let at = |clock| story.instant(unit, unit.facts.clocks.iter().position(|c| c == clock)?);
        let (Some(start), Some(end)) = (at(from), at(to)) else { continue };
        let dated = from.date.is_some() && to.date.is_some();
        let is = if dated { end - start } else { (end - start).rem_euclid(86_400.0) };
        let about = if amount.about { amount.value * 0.15 } else { 0.0 };
        let slack = (amount.fine.max(from.fine).max(to.fine) * 0.99).max(about);
        if (is - amount.value).abs() > slack && (dated || amount.value < 86_400.0) {
            let spot = Spot { document, unit, range: amount.range.clone() };
            let message = format!(
                "“{}” is stated, and from {} to {} are {}",
                cut(unit.text.get(amount.range.clone()).unwrap_or_default()),
                time(start),
                time(end),
                duration(is)
            );
            found.push(spot.says("sum/duration", message, None));
        }
    }
}

/// A quantity of the incident that is a duration, against the instants of its phases.
fn between_phases(document: &Document, story: &Story, measured: &Measured, list: &phrases::List) -> Option<Finding> {
    let unit = document.units.get(measured.unit)?;
    let amount = &measured.amount;
    let (starts, ends) = (moments(story, &list.file.from, true), moments(story, &list.file.to, false));
    let stated = |all: &[Moment]| all.iter().filter(|m| m.stated).cloned().collect::<Vec<_>>();
    let exact = (stated(&starts), stated(&ends));
    let known = !exact.0.is_empty() && !exact.1.is_empty();
    let (starts, ends) = if known { exact } else { (starts, ends) };
    let mut pairs: Vec<(f64, &Moment, &Moment)> =
        starts.iter().flat_map(|s| ends.iter().map(move |e| (e.at - s.at, s, e))).filter(|p| p.0 >= 0.0).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (least, most) = (pairs.first()?, pairs.last()?);
    let slack = |p: &(f64, &Moment, &Moment)| {
        amount.fine.max(1.0) * 0.6 + p.1.fine.max(p.2.fine) * 0.75 + if amount.about { amount.value * 0.2 } else { 0.0 }
    };
    let fits = if known {
        pairs.iter().any(|p| (p.0 - amount.value).abs() <= slack(p))
    } else {
        least.0 - slack(least) <= amount.value && amount.value <= most.0 + slack(most)
    };
    // Words may miss the entry that is meant.
    let meant = |e: &crate::story::Entry| {
        starts.iter().any(|s| (e.at - s.at - amount.value).abs() <= amount.fine.max(1.0) * 0.6 + e.fine * 0.5)
    };
    if !known && story.timeline().iter().take(MOST).any(meant) {
        return None;
    }
    let loose = amount.bound && amount.value >= least.0 - slack(least) && amount.value <= most.0 * 3.0 + 60.0;
    if fits || loose {
        return None;
    }
    let near = pairs.iter().min_by(|a, b| (a.0 - amount.value).abs().total_cmp(&(b.0 - amount.value).abs()))?;
    let line = |m: &Moment| document.units.get(m.unit).map_or(0, |u| document.line(u));
    let message = format!(
        "the {} is stated as “{}”, and from {} (line {}) to {} (line {}) are {}",
        measured.measure,
        cut(unit.text.get(amount.range.clone()).unwrap_or_default()),
        time(near.1.at),
        line(near.1),
        time(near.2.at),
        line(near.2),
        duration(near.0)
    );
    Some(Spot { document, unit, range: amount.range.clone() }.says("sum/duration", message, Some(line(near.2))))
}

/// The instants of the first of some phases that has any. Where no words tell, the timeline's ends have to do.
fn moments(story: &Story, phases: &[String], start: bool) -> Vec<Moment> {
    let mut all: Vec<Moment> =
        phases.iter().filter_map(|p| story.moments.get(p.as_str())).flat_map(|m| m.iter().take(FEW)).cloned().collect();
    let first = phases.first().map(String::as_str).unwrap_or_default();
    let edge = if start { story.timeline().first().filter(|_| first == "started") } else { None };
    if let Some(entry) = edge {
        all.push(Moment { unit: entry.unit, clock: entry.clock, at: entry.at, fine: entry.fine, stated: false });
    }
    let last = story.timeline().last().filter(|_| !start && all.is_empty() && ["resolved", "mitigated"].contains(&first));
    all.extend(last.map(|e| Moment { unit: e.unit, clock: e.clock, at: e.at, fine: e.fine, stated: false }));
    all
}

static AFTER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"⟦d(\d+)⟧ (after|before) ([^.;|⟦]{4,80})").ok());

/// `30 seconds after confirming the crash loop`, against the timeline.
pub fn relative(document: &Document, story: &Story, found: &mut Vec<Finding>) {
    let events = Events::of_timeline(document, story);
    for (index, unit) in document.units.iter().enumerate().filter(|(_, u)| speaks(u.kind) && !u.facts.amounts.is_empty()) {
        let path = document.path(unit);
        let planned =
            ["action", "prevent", "lesson", "follow", "next steps", "checklist", "todo"].iter().any(|w| path.contains(w));
        if planned || document.is_of_others(unit) || story.entry_units.contains(&index) {
            continue;
        }
        let mask = masked(unit);
        for captures in AFTER.iter().flat_map(|p| p.captures_iter(&mask.text)) {
            let (Some(whole), Some(word), Some(anchor)) = (captures.get(0), captures.get(2), captures.get(3)) else { continue };
            let Some(amount) = captures.get(1).and_then(|i| mask.amounts.get(i.as_str().parse::<usize>().ok()?)) else {
                continue;
            };
            let before = mask.text.get(..whole.start()).unwrap_or_default();
            let subject = before.rsplit(['.', ';', '|', '\n']).next().unwrap_or_default();
            let sign = if word.as_str() == "after" { 1.0 } else { -1.0 };
            let Some((what, then)) = events.rare(&words(subject)).zip(events.rare(&words(anchor.as_str()))) else { continue };
            let is = (what.at - then.at) * sign;
            let slack = amount.fine * 0.6 + what.fine.max(then.fine) + if amount.about { amount.value * 0.2 } else { 0.0 };
            if what.unit != then.unit && is > 0.0 && (is - amount.value).abs() > slack {
                let lines = [what, then].map(|e| document.units.get(e.unit).map_or(0, |u| document.line(u)));
                let message = format!(
                    "“{}” is stated, and the timeline has {} between {} (line {}) and {} (line {})",
                    cut(unit.text.get(amount.range.clone()).unwrap_or_default()),
                    duration(is),
                    time(then.at),
                    lines[1],
                    time(what.at),
                    lines[0]
                );
                let spot = Spot { document, unit, range: amount.range.clone() };
                let finding = spot.says("sum/duration", message, Some(lines[1]));
                found.push(Finding { severity: Severity::Warning, ..finding });
            }
        }
    }
}

static COUNTED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"⟦c\d+⟧ (?:\w+ ){0,3}(?:with)?in (?:just |only |about |around |under |less than |the first )?⟦d(\d+)⟧").ok()
});

/// A count over a longer time than the timeline spans.
pub fn window(document: &Document, story: &Story, found: &mut Vec<Finding>) {
    let Some((from, to)) = story.span() else { return };
    for unit in document.units.iter().filter(|u| speaks(u.kind) && u.facts.amounts.len() >= 2) {
        let path = document.path(unit);
        if document.is_of_others(unit) || ["action", "prevent", "lesson", "follow", "checklist"].iter().any(|w| path.contains(w))
        {
            continue;
        }
        let mask = masked(unit);
        for captures in COUNTED.iter().flat_map(|p| p.captures_iter(&mask.text)) {
            let Some(amount) = captures.get(1).and_then(|i| mask.amounts.get(i.as_str().parse::<usize>().ok()?)) else {
                continue;
            };
            if amount.value > (to - from) * 1.5 + amount.fine && amount.value < 86_400.0 {
                let line = story.timeline().first().and_then(|e| document.units.get(e.unit)).map(|u| document.line(u));
                let spot = Spot { document, unit, range: amount.range.clone() };
                let message = format!(
                    "it was counted over “{}”, and the timeline spans {} from {} to {}",
                    cut(unit.text.get(amount.range.clone()).unwrap_or_default()),
                    duration(to - from),
                    time(from),
                    time(to)
                );
                found.push(spot.says("sum/window", message, line));
            }
        }
    }
}
