//! What people wrote into an incident of ServiceNow, as a list of it has that: one cell, in which time and name stand above each note.
//!
//! Where nobody opened a channel it is all that people said of the incident. Each note is of its own lines. It must never read the notes of
//! what is no incident. What breaks it: a list in which somebody cut the cells.

use evidence::{Event, RecordRef};

use super::Row;
use crate::documents::incident_tools::said;
use crate::documents::page::Page;
use crate::documents::ticket_shapes::noted;

const NOTES: [&str; 3] = ["comments_and_work_notes", "work_notes", "comments"];

impl Row<'_> {
    /// The notes of the row at a place, each at its own lines.
    pub fn notes(&self, page: &Page<'_>, row: RecordRef, events: &mut Vec<Event>) {
        let is_incident = self.word(&["number"]).is_some_and(|number| number.to_uppercase().starts_with("INC"));
        let Some(cell) = self.word(&NOTES).filter(|_| is_incident) else { return };
        for (at, who, words) in noted(&cell) {
            let head = format!("{at} - {who} (");
            let (first, last) = (row.line as usize - 1, row.last_line as usize - 1);
            let line = (first..=last).find(|i| page.line(*i).contains(&head));
            let place = line.map_or(row, |line| page.place(line, (line + words.lines().count()).min(last)));
            if let Some(stamp) = self.times.read(&at) {
                events.push(Event { place, stamp: Some(stamp), body: said(who, words) });
            }
        }
    }
}
