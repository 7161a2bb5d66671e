//! Issues as the tables that trackers export: Linear, Jira, Asana, ClickUp and their kin.
//!
//! An issue that is open and has an owner or a date is told as what a program says of it, under its key; whether it belongs to
//! an incident is not known here, but one that names an incident of the same table is told in that one's name. It must never tell
//! a closed one. What breaks it: a tracker whose columns are in another language.

use std::collections::BTreeSet;

use evidence::{Body, Message, Moment, Stamp};

use super::csv::cells;
use super::csv_cells::{self, Times, delimiter, names_at};
use super::page::Page;
use super::{Document, when};

const KEYS: [&str; 5] = ["id", "issue key", "key", "identifier", "task id"];
const TITLES: [&str; 5] = ["title", "summary", "name", "task name", "issue"];
const OWNERS: [&str; 4] = ["assignee", "owner", "assigned to", "responsible"];
const DUES: [&str; 5] = ["due date", "due", "duedate", "deadline", "target date"];
const CREATED: [&str; 4] = ["created", "created at", "created_at", "date created"];
const STATES: [&str; 3] = ["status", "state", "issue status"];
const TYPES: [&str; 4] = ["issue type", "issuetype", "type", "tracker"];
const INCIDENTS: [&str; 6] = ["incident", "outage", "problem", "störung", "incidente", "incidencia"];
const OVER: [&str; 9] = ["done", "closed", "canceled", "cancelled", "resolved", "completed", "duplicate", "won't do", "archived"];

/// Reads such a table; `None` when it is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    let table = Table::of(page)?;
    Some(csv_cells::document(page, "issues", (table.header, table.delimiter), |row| {
        let (stamp, message) = table.told(row)?;
        Some(vec![(stamp, Body::Message(message))])
    }))
}

/// Whether a text begins like such a table.
pub fn is_likely(page: &Page<'_>) -> bool {
    Table::of(page).is_some()
}

struct Table {
    header: usize,
    delimiter: char,
    names: Vec<String>,
    times: Times,
    /// Keys of the issues that are incidents.
    incidents: BTreeSet<String>,
}

impl Table {
    fn of(page: &Page<'_>) -> Option<Table> {
        let header = names_at(page)?;
        let line = page.line(header);
        let delimiter = delimiter(&line)?;
        let names: Vec<String> = cells(&line, delimiter).iter().map(|cell| cell.trim().to_lowercase()).collect();
        let has = |known: &[&str]| names.iter().any(|name| known.contains(&name.as_str()));
        [&KEYS[..], &TITLES, &OWNERS, &DUES, &CREATED, &STATES].iter().all(|known| has(known)).then_some(())?;
        let mut table = Table { header, delimiter, names, times: Times::default(), incidents: BTreeSet::new() };
        let rows = || (header + 1..page.len()).take(MOST).map(|i| cells(&page.line(i), delimiter));
        let created: Vec<String> = rows().take(60).filter_map(|row| table.cell(&row, &CREATED)).collect();
        table.times = Times::of("", &created);
        let is_incident = |row: &Vec<String>| {
            let kind = table.cell(row, &TYPES).map(|kind| kind.to_lowercase());
            kind.is_some_and(|kind| INCIDENTS.iter().any(|incident| kind.contains(incident)))
        };
        let keys = rows().filter(is_incident).filter_map(|row| table.cell(&row, &KEYS).filter(|key| is_key(key)));
        table.incidents = keys.collect();
        Some(table)
    }

    fn cell(&self, row: &[String], known: &[&str]) -> Option<String> {
        let cell = |name: &&str| row.get(self.names.iter().position(|n| n == name)?).map(|c| c.trim().to_string());
        known.iter().filter_map(cell).find(|cell| !cell.is_empty())
    }

    fn told(&self, row: &[String]) -> Option<(Stamp, Message)> {
        let key = self.cell(row, &KEYS).filter(|key| is_key(key))?;
        let title = self.cell(row, &TITLES)?;
        let created = self.cell(row, &CREATED)?;
        let stamp = self.times.read(&created).or_else(|| when::read(&created))?;
        let is_over = self.cell(row, &STATES).is_some_and(|state| OVER.contains(&state.to_lowercase().as_str()));
        let owner = self.cell(row, &OWNERS);
        let due = self.cell(row, &DUES);
        if row.len() != self.names.len() || is_over || owner.is_none() && due.is_none() {
            return None;
        }
        // Of an address the name is what people are called by.
        let owner = owner.map(|owner| owner.split('@').next().map_or(owner.clone(), str::to_string));
        let owner = owner.map_or(String::new(), |owner| format!("\nowner: {owner}"));
        let day = |due: &String| Some(Moment(self.times.read(due)?.micros).rfc3339().get(..DAY)?.to_string());
        let due = due.map_or(String::new(), |due| format!("\ndue: {}", day(&due).unwrap_or(due)));
        let text = format!("action item: {title}{owner}{due}");
        let named = |incident: &&String| **incident != key && row.iter().any(|cell| names(cell, incident));
        let channel = self.incidents.iter().find(named).cloned();
        Some((stamp, Message { channel, author: key.clone(), is_bot: true, text, thread: Some(key), ..Message::default() }))
    }
}

/// Rows that are looked through for incidents.
const MOST: usize = 2_000;
/// Letters of `2025-06-12`.
const DAY: usize = 10;

/// The key stands there as a whole.
fn names(text: &str, key: &str) -> bool {
    text.match_indices(key).any(|(at, _)| {
        let joins = |c: char| c.is_alphanumeric() || c == '-';
        !text[..at].ends_with(joins) && !text[at + key.len()..].starts_with(joins)
    })
}

/// `OPS-12`: letters, a dash and a number.
fn is_key(text: &str) -> bool {
    let Some((project, number)) = text.rsplit_once('-') else { return false };
    let is_project = project.len() >= 2 && project.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    is_project && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::super::{read_whole, sniff};
    use super::*;
    use evidence::SourceId;

    #[test]
    fn open_issues_are_told_with_owner_and_date() {
        let text = "\"ID\",\"Title\",\"Status\",\"Assignee\",\"Created\",\"Due Date\"\n\
            \"OPS-12\",\"Alert on the quota, at 70%\",\"Todo\",\"ann@shop.example\",\"Thu Jun 05 2025 11:06:10 GMT+0000 (GMT)\",\"2025-06-12\"\n\
            \"OPS-9\",\"Import\",\"Done\",\"bo\",\"Thu Jun 05 2025 11:06:10 GMT+0000 (GMT)\",\"2025-06-12\"\n\
            \"OPS-13\",\"Nobody's\",\"Todo\",\"\",\"Thu Jun 05 2025 11:06:10 GMT+0000 (GMT)\",\"\"\n";
        assert!(sniff("i.csv", text.as_bytes(), true));
        let document = read_whole("i.csv", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a table");
        let told: Vec<(String, Option<i64>, u64)> = document
            .events
            .iter()
            .map(|e| match &e.body {
                Body::Message(m) => (m.text.clone(), e.stamp.map(|s| s.micros / 1_000_000), e.place.line),
                other => panic!("{other:?}"),
            })
            .collect();
        let want = "action item: Alert on the quota, at 70%\nowner: ann\ndue: 2025-06-12".to_string();
        assert_eq!((told, document.records), (vec![(want, Some(1_749_121_570), 2)], 4));
    }

    #[test]
    fn what_names_an_incident_of_the_table_is_told_in_its_name_and_due_days_are_days() {
        let text = "Summary,Issue key,Issue Type,Status,Assignee,Created,Due date,Description\n\
            cart fails,OPS-1,Incident,Done,Bo,14/Jan/26 9:00 AM,,\n\
            alert on the quota,OPS-2,Task,To Do,Ann Lee,14/Jan/26 10:00 AM,30/Jan/26 12:00 AM,From OPS-1.\n\
            new fonts,OPS-13,Task,To Do,Ann Lee,14/Jan/26 10:00 AM,,see OPS-12\n";
        let document = read_whole("i.csv", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a table");
        let told: Vec<(String, Option<String>)> = document
            .events
            .iter()
            .filter_map(|e| match &e.body {
                Body::Message(m) => Some((m.text.clone(), m.channel.clone())),
                _ => None,
            })
            .collect();
        assert!(
            told.contains(&("action item: alert on the quota\nowner: Ann Lee\ndue: 2026-01-30".into(), Some("OPS-1".into())))
        );
        assert!(told.contains(&("action item: new fonts\nowner: Ann Lee".into(), None)), "{told:?}");
    }

    #[test]
    fn other_tables_are_none() {
        for text in ["id,title,status\nOPS-1,a,open\n", "time,owner,due,title,value\n2025-01-01T00:00:00Z,a,b,c,1\n"] {
            assert!(!is_likely(&Page::new(SourceId { input: 0, entry: 0 }, text.as_bytes())), "{text}");
        }
    }
}
