//! What of an input was not read, said on standard error so that nothing is lost silently. Must never end a command.

use evidence::{Skipped, Source};

use crate::say;

const SHOWN: usize = 20;

/// What was skipped or is to be noted, source by source.
#[derive(Default)]
pub struct Account(Vec<(String, String)>);

impl Account {
    pub fn add(&mut self, source: &Source) {
        self.0.extend(source.skipped.iter().map(|part| (source.name.clone(), said(part))));
    }

    pub fn join(&mut self, other: Account) {
        self.0.extend(other.0);
    }

    pub fn tell(mut self) {
        self.0.sort();
        for (name, reason) in self.0.iter().take(SHOWN) {
            say(&format!("{name}: {reason}").replace('\n', " "));
        }
        if self.0.len() > SHOWN {
            say(&format!("and {} more of this kind", self.0.len() - SHOWN));
        }
    }
}

/// Says how many records are of kinds beyond those that are told apart.
pub fn tell_others(records: u64) {
    if records > 0 {
        let (what, has) = if records == 1 { ("record", "has") } else { ("records", "have") };
        say(&format!("{records} {what} {has} no pattern: there are too many kinds of message to tell them all apart"));
    }
}

/// Says that there was nothing, and where to look.
pub fn tell_none() {
    say("no record in the input; `casefile explain-format FILE` says what is known of a file");
}

/// A reason with where it holds first.
fn said(part: &Skipped) -> String {
    let kind = if part.is_note() { "note" } else { "skipped" };
    let from = part.first_line.map(|line| format!(" (first at line {line})")).unwrap_or_default();
    format!("{kind}: {}{from}", part.reason)
}
