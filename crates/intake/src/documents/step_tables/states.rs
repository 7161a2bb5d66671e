//! Tables with a row for each state that an incident came to (reports of Splunk On-Call and others): the time of the row is
//! that of the step.
//!
//! It must never take a list of tickets, each with the state that it is in now, for such a table: there the time is when the
//! ticket was made. So the times have no name of their own, every state is known, and some incident has two of them.

use std::collections::BTreeMap;

use evidence::{Event, PageAction, RecordRef};

use super::{NUMBERS, Row, SERVICES, Table};
use crate::documents::page::Page;
use crate::documents::pager::priority_in;

const STATES: [&str; 6] = ["state", "current_phase", "incident_state", "phase", "transition", "alert_state"];
const TIMES: [&str; 7] = ["event_time", "occurred_at", "transition_time", "changed_at", "timestamp", "time", "at"];
const TITLES: [&str; 6] = ["entity_display_name", "entity_name", "title", "incident_name", "message", "summary"];
const USERS: [&str; 5] = ["user", "by", "user_name", "actor", "acked_by"];
/// Rows that decide.
const LOOK: usize = 200;

/// Whether the table tells the states of incidents one after the other.
pub fn is_history(page: &Page<'_>, table: &Table) -> bool {
    let has = |names: &[&str]| table.names.iter().any(|n| names.contains(&n.as_str()));
    if !(has(&STATES) && has(&TIMES) && has(&NUMBERS) && has(&TITLES)) {
        return false;
    }
    let mut seen: BTreeMap<String, Vec<PageAction>> = BTreeMap::new();
    for (row, _) in table.rows(page).take(LOOK) {
        let Some(row) = row else { continue };
        let Some((action, number)) = row.word(&STATES).and_then(|word| action(&word)).zip(row.word(&NUMBERS)) else {
            return false;
        };
        seen.entry(number).or_default().push(action);
    }
    seen.values().any(|steps| steps.iter().any(|step| *step != steps[0]))
}

fn action(word: &str) -> Option<PageAction> {
    match word.to_ascii_lowercase().as_str() {
        "triggered" | "open" | "opened" | "created" | "critical" | "unacked" => Some(PageAction::Triggered),
        "acked" | "acknowledged" | "ack" => Some(PageAction::Acknowledged),
        "rerouted" | "escalated" => Some(PageAction::Escalated),
        "resolved" | "closed" | "recovered" | "recovery" => Some(PageAction::Resolved),
        _ => None,
    }
}

impl Row<'_> {
    /// The step to which this row came.
    pub fn state(&self, place: RecordRef, events: &mut Vec<Event>) {
        let (stamp, named) = (self.time(&TIMES), self.word(&STATES).and_then(|word| action(&word)));
        let Some((stamp, action)) = stamp.zip(named) else { return };
        let title = self.word(&TITLES).unwrap_or_default();
        let is_silent = action == PageAction::Triggered;
        let body = evidence::Body::Page(evidence::Page {
            incident: self.word(&NUMBERS).unwrap_or_default(),
            action,
            actor: self.word(&USERS).filter(|who| !is_silent && !who.eq_ignore_ascii_case("system")),
            priority: priority_in(&title).or_else(|| self.word(&["priority", "severity"])),
            urgency: self.word(&["urgency"]),
            service: self.word(&SERVICES),
            text: title.clone(),
            title,
        });
        events.push(Event { place, stamp: Some(stamp), body });
    }
}
