//! Which day it was, in which zone, and the lists of entries that begin with a time. Must never reorder what is written.

use std::collections::BTreeMap;

use super::{Entry, Story, speaks};
use crate::document::{Document, Kind, Unit, has_word};
use crate::facts::Clock;

/// An entry that is this much before the one above is of the next day.
const ROLLS_OVER: f64 = 12.0 * 3_600.0;
/// Titles of what is told in order.
const CHRONICLES: &[&str] = &[
    "timeline",
    "time line",
    "chronology",
    "sequence of events",
    "course of events",
    "log of events",
    "what happened",
    "incident log",
];
/// Titles of what is to come.
const PLANS: &[&str] = &["action", "follow", "next steps", "todo", "to do", "remediation"];
/// What dates of the paper itself stand beside.
pub const OF_PAPER: &[&str] = &[
    "generated",
    "created",
    "prepared",
    "published",
    "written",
    "reported on",
    "report date",
    "last updated",
    "updated",
    "reviewed",
    "review",
    "due",
    "version",
    "printed",
    "postmortem date",
    "meeting",
];

pub fn is_chronicle(path: &str) -> bool {
    CHRONICLES.iter().any(|c| path.contains(c))
}

/// The zone that most times name, or that the document says all are in.
pub fn zone(document: &Document) -> i32 {
    let mut counts: BTreeMap<i32, usize> = BTreeMap::new();
    for unit in document.units.iter().filter(|u| speaks(u.kind)) {
        for zone in unit.facts.clocks.iter().filter_map(|c| c.zone) {
            *counts.entry(zone).or_default() += 1;
        }
    }
    counts.into_iter().max_by_key(|(zone, n)| (*n, std::cmp::Reverse(zone.abs()))).map_or(0, |(zone, _)| zone)
}

/// The day of the incident, and the year of dates that have none.
pub fn day(document: &Document) -> (Option<i64>, Option<i16>) {
    let mut best: Option<(u32, i64)> = None;
    let mut years: BTreeMap<i16, usize> = BTreeMap::new();
    for unit in &document.units {
        for year in unit.facts.dates.iter().filter_map(|d| d.year) {
            *years.entry(year).or_default() += 1;
        }
    }
    let year = years.into_iter().max_by_key(|(_, n)| *n).map(|(y, _)| y);
    for unit in &document.units {
        for date in &unit.facts.dates {
            let Some(days) = date.days(year) else { continue };
            let weight = weight(document, unit, date.range.start);
            if weight > 0 && best.is_none_or(|(w, _)| weight > w) {
                best = Some((weight, days));
            }
        }
    }
    (best.map(|b| b.1), year)
}

/// How much a date says about when the incident was; 0 for one that is about something else.
fn weight(document: &Document, unit: &Unit, at: usize) -> u32 {
    let lower = unit.text.to_lowercase();
    let before = lower.get(..at).unwrap_or_default();
    let path = document.path(unit);
    let paper = OF_PAPER.iter().any(|w| has_word(before, w))
        || PLANS.iter().any(|p| path.contains(p))
        || ["by", "until"].iter().any(|w| before.trim_end().ends_with(w))
        || document.column(unit, at).is_some_and(|c| c.contains("due"));
    if paper || unit.is_quoted(at) || path.contains("similar") || path.contains("contradiction") {
        return 0;
    }
    let timed = unit.facts.clocks.first().is_some_and(|c| c.date == Some(0) && c.range.start < 40);
    match unit.kind {
        Kind::Code => 2,
        _ if is_chronicle(path) && (timed || unit.text.len() < 60) => 6,
        _ if has_word(before, "start")
            || has_word(before, "started")
            || before.contains("date of")
            || before.contains("incident date") =>
        {
            5
        }
        _ if timed => 4,
        _ if before.trim_end().ends_with("on")
            || before.contains("when")
            || before.trim_matches(['*', ' ', ':', '|']) == "date" =>
        {
            4
        }
        Kind::Heading => 1,
        _ => 2,
    }
}

/// Section, and whether it is a table.
type Form = (usize, bool);

/// The lists and tables whose entries begin with a time, each of at least three.
pub fn timelines(document: &Document, story: &Story) -> Vec<Vec<Entry>> {
    let mut groups: Vec<(Form, Vec<Entry>)> = Vec::new();
    let mut day: Option<i64> = story.day;
    let mut section = usize::MAX;
    for (index, unit) in document.units.iter().enumerate() {
        if unit.section != section {
            (section, day) = (unit.section, story.day);
        }
        if let Some(date) = day_head(unit).and_then(|d| d.days(story.year)) {
            day = Some(date);
            continue;
        }
        let Some((clock_index, clock)) = leading(unit) else { continue };
        let own = clock.date.and_then(|d| unit.facts.dates.get(d)).and_then(|d| d.days(story.year));
        let key: Form = (unit.section, unit.kind == Kind::Row);
        let fresh = groups.last().is_none_or(|g| g.0 != key);
        if fresh {
            groups.push((key, Vec::new()));
        }
        let Some((_, group)) = groups.last_mut() else { continue };
        let zone = f64::from(clock.zone.unwrap_or(story.zone));
        let at = |day: i64| day as f64 * 86_400.0 + clock.second - zone;
        let mut when = at(own.or(day).unwrap_or(0));
        if own.is_none() && group.last().is_some_and(|last| when < last.at - ROLLS_OVER) {
            day = Some(day.unwrap_or(0) + 1);
            when = at(day.unwrap_or(0));
        } else if own.is_some() {
            day = own;
        }
        group.push(Entry { unit: index, clock: clock_index, at: when, fine: clock.fine, dated: own.is_some() });
    }
    groups.into_iter().map(|g| g.1).filter(|g| g.len() >= 3).collect()
}

/// A line that is a date and little else.
fn day_head(unit: &Unit) -> Option<&crate::facts::Date> {
    let date = unit.facts.dates.first()?;
    let alone = unit.facts.clocks.is_empty() && unit.text.trim().len() < date.range.len() + 14 && speaks(unit.kind);
    alone.then_some(date)
}

/// The time that a unit begins with.
fn leading(unit: &Unit) -> Option<(usize, &Clock)> {
    if !matches!(unit.kind, Kind::Item | Kind::Prose | Kind::Row) {
        return None;
    }
    let clock = unit.facts.clocks.first()?;
    let before = unit.text.get(..clock.range.start)?;
    let date = clock.date.and_then(|d| unit.facts.dates.get(d)).map(|d| d.range.clone());
    let rest: String = match date {
        Some(d) if d.end <= clock.range.start => {
            format!("{}{}", before.get(..d.start)?, before.get(d.end..).unwrap_or_default())
        }
        _ => before.to_string(),
    };
    let bare = rest.chars().all(|c| !c.is_alphanumeric() || c == 'T');
    let cell = unit.kind != Kind::Row || unit.cells.first().is_some_and(|c| clock.range.start < c.end);
    let about = ["at", "around", "approx", "ca", "about"]
        .contains(&rest.trim_matches(['~', ' ', '*', '.', '[', '-']).to_lowercase().as_str());
    ((bare || about) && cell).then_some((0, clock))
}
