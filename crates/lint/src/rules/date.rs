//! Dates that cannot be, that are not the weekday they say, and dates of the paper against the date of the incident.
//!
//! Misleads where a title carries the date of a meeting long after the incident.

use super::Spot;
use crate::Finding;
use crate::document::{Document, Kind, has_word};
use crate::facts::{Date, day};
use crate::story::{OF_PAPER, Story, speaks};

/// A title may carry the day on which the paper was written, up to so many days after the incident.
const WRITTEN_WITHIN: i64 = 45;
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

pub fn check(document: &Document, story: &Story, found: &mut Vec<Finding>) {
    let incident = incident_line(document, story);
    for (index, unit) in document.units.iter().enumerate().filter(|(_, u)| speaks(u.kind)) {
        if document.is_of_others(unit) {
            continue;
        }
        for date in unit.facts.dates.iter().filter(|d| !unit.is_quoted(d.range.start)) {
            let spot = Spot { document, unit, range: date.range.clone() };
            if !date.is_possible() {
                let message = "there is no such day".to_string();
                found.push(spot.says("time/date", message, None));
            } else if let Some(message) = wrong_weekday(date) {
                found.push(spot.says("time/date", message, None));
            } else if let Some((line, is)) = incident.filter(|i| i.0 != spot.line())
                && let Some(message) = of_paper(document, story, index, date, is)
            {
                found.push(spot.says("time/date", format!("{message} (line {line})"), Some(line)));
            }
        }
    }
}

fn wrong_weekday(date: &Date) -> Option<String> {
    let days = date.year.and_then(|_| date.days(None))?;
    // 1970-01-01 was a Thursday.
    let is = (days + 3).rem_euclid(7);
    let said = i64::from(date.weekday?);
    let name = |i: i64| usize::try_from(i).ok().and_then(|i| WEEKDAYS.get(i)).copied().unwrap_or_default();
    (is != said).then(|| format!("{} was a {}, not a {}", day(days), name(is), name(said)))
}

/// Why the date of a title, or of the paper itself, does not fit the incident.
fn of_paper(document: &Document, story: &Story, index: usize, date: &Date, incident: i64) -> Option<String> {
    let unit = document.units.get(index)?;
    let days = date.days(story.year)?;
    let before = unit.text.get(..date.range.start)?.to_lowercase();
    let title = index < 12 && (unit.kind == Kind::Heading || index < 4) && unit.facts.clocks.is_empty();
    let paper = OF_PAPER.iter().any(|w| *w != "due" && has_word(&before, w)) && index < 40;
    let late = if title && !paper { days - incident > WRITTEN_WITHIN } else { false };
    let early = (title || paper) && days < incident - 1;
    (late || early).then(|| format!("the paper says {}, and the incident was on {}", day(days), day(incident)))
}

/// The line that says when the incident was, and the day.
fn incident_line(document: &Document, story: &Story) -> Option<(usize, i64)> {
    let is = story.day?;
    let says = |u: &&crate::document::Unit| u.facts.dates.iter().any(|d| d.days(story.year) == Some(is));
    let unit = document.units.iter().find(says)?;
    Some((document.line(unit), is))
}
