//! What is to be said of a source though all of it was read: what its digest does not tell apart, and times that are not
//! believed.
//!
//! Must never change what was counted. What breaks it: nothing; the limits are those of the digest.

use evidence::Skipped;

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
    strays.into_iter().chain(beyond.map(|(Others { line, .. }, reason)| note(reason, line))).collect()
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
