//! What is to be said of a source though all of it was read: what its digest does not tell apart, and times that are not
//! believed.
//!
//! Must never change what was counted. What breaks it: nothing; the limits are those of the digest.

use evidence::{Body, Event, Skipped};

use crate::digest::{Digest, Others};
use crate::stray::Strays;

/// The notes on a source; times that are far from all others are taken out of its digest.
pub fn of(digest: &mut Digest) -> Vec<Skipped> {
    let strays = digest.leave_strays().map(|strays| note(told(&strays), strays.line));
    let patterns = digest.other_patterns;
    let kinds = format!(
        "{} have a kind of message beyond the first {}; they are counted by their first words or together",
        records(patterns.records),
        Digest::PATTERNS
    );
    let names = digest.other_names;
    let without = format!(
        "{} name a service or host beyond the first {}; they are counted without it",
        records(names.records),
        Digest::NAMES
    );
    let beyond = [(patterns, kinds), (names, without)].into_iter().filter(|(others, _)| others.records > 0);
    let beyond: Vec<Skipped> = beyond.map(|(Others { line, .. }, reason)| note(reason, line)).collect();
    strays.into_iter().chain(beyond).chain(untimed(digest)).collect()
}

/// What was read, and tells no time at all: nobody should wonder why the report is silent about it.
fn untimed(digest: &Digest) -> Option<Skipped> {
    if digest.events.is_empty() && digest.stamped == 0 && digest.records > 0 {
        let reason = "no record has a time, and none is of a kind that is known here; they were read and are searched, but nothing is placed in time by them";
        return Some(note(reason.into(), 1));
    }
    let is_aged = |e: &&Event| e.stamp.is_none() && matches!(&e.body, Body::Kube(event) if !event.is_state);
    let aged: Vec<&Event> = digest.events.iter().filter(is_aged).collect();
    let first = aged.first()?;
    let events = if aged.len() == 1 { "event tells" } else { "events tell" };
    let reason = format!("{} {events} at most how long ago it was, which is no time; they are not placed in time", aged.len());
    Some(note(reason, first.place.line))
}

fn note(reason: String, line: u64) -> Skipped {
    Skipped { reason, lines: 0, bytes: 0, first_line: Some(line) }
}

fn told(strays: &Strays) -> String {
    const SHOWN: usize = 4;
    let more = if strays.dates.len() > SHOWN { " and others" } else { "" };
    let dates = strays.dates.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    let verb = if strays.records == 1 { "is" } else { "are" };
    format!("{} {verb} dated far from all others ({dates}{more}); these times are taken for none", records(strays.records))
}

fn records(count: u64) -> String {
    let digits = count.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    format!("{} {}", groups.join(","), if count == 1 { "record" } else { "records" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::{KubeEvent, RecordRef, SourceId};

    fn told(event: Option<KubeEvent>) -> Vec<String> {
        let source = SourceId { input: 0, entry: 0 };
        let mut digest = Digest::new(source, "a.txt");
        let place = RecordRef { source, start: 0, end: 9, line: 3, last_line: 3 };
        digest.records = 1;
        digest.events = event.map(|event| Event { place, stamp: None, body: Body::Kube(event) }).into_iter().collect();
        of(&mut digest).into_iter().map(|note| note.reason).collect()
    }

    #[test]
    fn what_tells_no_time_is_said() {
        assert!(told(None)[0].starts_with("no record has a time, and none is of a kind"));
        assert!(told(Some(KubeEvent::default()))[0].starts_with("1 event tells at most how long ago"));
        assert!(told(Some(KubeEvent { is_state: true, ..KubeEvent::default() })).is_empty());
    }
}
