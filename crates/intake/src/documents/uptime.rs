//! What monitors of the outside saw, one state a row: UptimeRobot, Pingdom and others. Down is an alert, up ends it.
//!
//! It must never take being up for the end of an outage that the table does not show. What breaks it: a monitor that has words
//! of its own for its two states.

use evidence::{AlertState, Basis, Body, Event, RecordRef, Stamp};

use super::Document;
use super::csv::cells;
use super::csv_cells::{Times, delimiter, names_at};
use super::page::Page;

const STATES: [&str; 5] = ["status", "event", "state", "type", "event_type"];
const TIMES: [&str; 8] = ["date_time", "from", "start", "started_at", "time", "timestamp", "date", "datetime"];
const ENDS: [&str; 4] = ["to", "end", "ended_at", "until"];
const NAMES: [&str; 12] = [
    "monitor",
    "monitor_name",
    "check",
    "check_name",
    "friendly_name",
    "name",
    "url",
    "sensor",
    "object",
    "parent",
    "device",
    "host",
];
const REASONS: [&str; 6] = ["reason", "cause", "error", "root_cause", "message", "details"];
const DOWN: [&str; 4] = ["down", "offline", "outage", "unavailable"];
const UP: [&str; 4] = ["up", "online", "recovered", "available"];

/// Rows by which a table is judged.
const LOOK: usize = 60;

/// Reads such a table; `None` when it is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    let table = Table::of(page)?;
    let mut document = Document { format: "uptime".into(), ..Document::default() };
    document.texts.extend((0..=table.names_at).filter_map(|i| page.record(i)));
    for index in table.names_at + 1..page.len() {
        match table.state(page, index) {
            Some((stamp, state)) => {
                let place = page.place(index, index);
                document.events.push(Event { place, stamp: Some(stamp), body: Body::Alert(state) });
            }
            None => document.texts.extend(page.record(index)),
        }
    }
    keep_ends_of_outages(page, &mut document);
    document.records = (document.events.len() + document.texts.len()) as u64;
    Some(document)
}

/// Whether a text begins like such a table.
pub fn is_likely(page: &Page<'_>) -> bool {
    Table::of(page).is_some()
}

struct Table {
    names_at: usize,
    delimiter: char,
    names: Vec<String>,
    times: Times,
    /// The name of the column says that its times are UTC: `Date-Time (UTC)`.
    is_utc: bool,
}

impl Table {
    fn of(page: &Page<'_>) -> Option<Table> {
        let names_at = names_at(page)?;
        let line = page.line(names_at);
        let delimiter = delimiter(&line)?;
        let names: Vec<String> = cells(&line, delimiter).iter().map(|cell| plain(cell)).collect();
        if names.len() < 3 {
            return None;
        }
        let zoned = |name: &String| name.strip_suffix("_utc").or(name.strip_suffix("_gmt")).map(str::to_string);
        let is_utc = names.iter().filter_map(zoned).any(|name| TIMES.contains(&name.as_str()));
        let names = names.into_iter().map(|name| zoned(&name).unwrap_or(name)).collect();
        let mut table = Table { names_at, delimiter, names, times: Times::default(), is_utc };
        let full = (names_at + 1..page.len()).filter(|i| !page.is_blank(*i)).take(LOOK);
        let rows: Vec<Vec<String>> = full.map(|i| cells(&page.line(i), delimiter)).collect();
        let times: Vec<String> = rows.iter().filter_map(|row| table.cell(row, &TIMES)).collect();
        table.times = Times::of("", &times);
        let is_row = |row: &Vec<String>| table.is_down(row).is_some() && table.time(row, &TIMES).is_some();
        (!rows.is_empty() && rows.iter().all(is_row)).then_some(table)
    }

    fn cell(&self, row: &[String], names: &[&str]) -> Option<String> {
        let cell = |name: &&str| row.get(self.names.iter().position(|n| n == name)?).filter(|c| !c.is_empty()).cloned();
        names.iter().find_map(cell)
    }

    fn time(&self, row: &[String], names: &[&str]) -> Option<Stamp> {
        let stamp = self.times.read(&self.cell(row, names)?)?;
        let is_civil = stamp.basis == Basis::Civil;
        Some(if self.is_utc && is_civil { Stamp { basis: Basis::Zoned, ..stamp } } else { stamp })
    }

    fn is_down(&self, row: &[String]) -> Option<bool> {
        let word = self.cell(row, &STATES)?.to_lowercase();
        DOWN.contains(&word.as_str()).then_some(true).or(UP.contains(&word.as_str()).then_some(false))
    }

    fn state(&self, page: &Page<'_>, index: usize) -> Option<(Stamp, AlertState)> {
        let row = cells(&page.line(index), self.delimiter);
        let (stamp, firing) = (self.time(&row, &TIMES)?, self.is_down(&row)?);
        let name = self.cell(&row, &NAMES);
        let reason = self.cell(&row, &REASONS).filter(|_| firing);
        let told = AlertState {
            service: name.clone().filter(|name| !name.contains([' ', '/'])),
            summary: reason.unwrap_or_else(|| if firing { "down" } else { "up" }.to_string()),
            name: name.unwrap_or_else(|| "uptime check".to_string()),
            firing,
            ends: self.time(&row, &ENDS).filter(|_| firing),
            ..AlertState::default()
        };
        Some((stamp, told))
    }
}

/// Rows of a monitor that is up say nothing unless it was down before; they are left as text.
fn keep_ends_of_outages(page: &Page<'_>, document: &mut Document) {
    let alert = |event: &Event| match &event.body {
        Body::Alert(alert) => Some((alert.name.clone(), event.stamp, alert.firing)),
        _ => None,
    };
    let all: Vec<_> = document.events.iter().filter_map(alert).collect();
    let is_end = |event: &Event| {
        let Some((name, at, false)) = alert(event) else { return true };
        all.iter().any(|(of, began, firing)| *firing && *of == name && *began < at)
    };
    let (kept, others): (Vec<Event>, Vec<Event>) = document.events.drain(..).partition(is_end);
    document.events = kept;
    let text = |place: RecordRef| page.record(place.line as usize - 1);
    document.texts.extend(others.into_iter().filter_map(|event| text(event.place)));
    document.texts.sort();
}

/// `Date-Time` is `date_time`.
fn plain(name: &str) -> String {
    let words: String = name.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { ' ' }).collect();
    words.split_whitespace().collect::<Vec<_>>().join("_")
}

#[cfg(test)]
mod tests {
    use super::super::{read_whole, sniff};
    use super::*;
    use evidence::SourceId;

    /// Name, firing, seconds since the beginning of 2025, line.
    fn check(text: &str) -> Vec<(String, bool, i64, u64)> {
        assert!(sniff("u.csv", text.as_bytes(), true), "{text}");
        let document = read_whole("u.csv", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a table");
        let told = document.events.into_iter().map(|e| match (e.stamp, e.body) {
            (Some(at), Body::Alert(a)) => (a.name, a.firing, at.micros / 1_000_000 - 1_735_689_600, e.place.line),
            other => panic!("{other:?}"),
        });
        told.collect()
    }

    #[test]
    fn down_and_up() {
        let robot = "Event,Monitor,Date-Time,Reason,Duration\nDown,cart,2025-01-01 00:10:05,503,9 mins\nUp,cart,2025-01-01 00:19:05,200,\nUp,web,2025-01-01 00:20:05,200,\n";
        assert_eq!(check(robot), [("cart".into(), true, 605, 2), ("cart".into(), false, 1_145, 3)]);
        let zoned = robot.replace("Date-Time", "Date-Time (UTC)");
        assert_eq!(check(&zoned), check(robot));
        let document = read_whole("u.csv", SourceId { input: 0, entry: 0 }, zoned.as_bytes()).expect("a table");
        assert!(document.events.iter().all(|e| e.stamp.is_some_and(|stamp| stamp.basis == Basis::Zoned)));
        let pingdom = "Status,From,To,Duration\nUp,2025-01-01 00:00:05,2025-01-01 00:10:05,10m\nDown,2025-01-01 00:10:05,2025-01-01 00:19:05,9m\n";
        assert_eq!(check(pingdom), [("uptime check".into(), true, 605, 3)]);
        let prtg = "Date Time,Type,Device,Sensor,Status,Message\n2025-01-01 00:10:05,HTTP,cart-1,cart,Down,503\n2025-01-01 00:19:05,HTTP,cart-1,cart,Up,OK\n";
        assert_eq!(check(prtg), [("cart".into(), true, 605, 2), ("cart".into(), false, 1_145, 3)]);
    }

    #[test]
    fn other_states_are_none() {
        for text in ["status,time,name\nok,2025-01-01 00:10:05,a\n", "status,name,value\ndown,cart,3\n"] {
            assert!(!is_likely(&Page::new(SourceId { input: 0, entry: 0 }, text.as_bytes())), "{text}");
        }
    }
}
