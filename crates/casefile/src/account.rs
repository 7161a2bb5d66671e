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

/// A reason with where it holds first.
fn said(part: &Skipped) -> String {
    let kind = if part.is_note() { "note" } else { "skipped" };
    let from = part.first_line.map(|line| format!(" (first at line {line})")).unwrap_or_default();
    format!("{kind}: {}{from}", part.reason)
}
