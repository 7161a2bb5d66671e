//! The zone of a house, or of one machine, whose logs write no other one: what stands beside them without a zone has the same.
//!
//! What it sees: the zones that records write, and where logs without one lie. Why it matters: a night job of a program of its own and
//! the database that it fails on are an hour apart otherwise. It must never speak where anything here is written in UTC, or in two zones:
//! then nobody knows which of them a log without zone has. What a tool exported may have any zone (ticket systems write UTC); what people
//! wrote themselves has theirs. Misled by a program that writes UTC and does not say so.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use evidence::{Basis, Clock, Moment};
use expressions::{Expression, constant};

use super::{Span, UNKNOWN, is_machine, offset_word};
use crate::digest::Digest;

/// Records that make a log with a zone one to go by.
const LEAST: u64 = 20;
/// A log reaches so much farther than those with a zone at most, in seconds.
const BEYOND_S: i64 = 2 * 86_400;

/// The only zone that is written here, in seconds east of UTC, where it is not UTC.
fn zone(digests: &[&Digest]) -> Option<i64> {
    let writes = |d: &&&Digest| d.basis() == Some(Basis::Zoned);
    let of = |d: &&Digest| d.written_zone.map(|(_, zone)| zone);
    let all: Vec<Option<i64>> = digests.iter().filter(writes).map(of).collect();
    let is_told = digests.iter().filter(writes).any(|d| d.stamped >= LEAST);
    // Tools that export write what they like; a document says nothing of a house, and may say that it is another one.
    let by_events = digests.iter().flat_map(|d| &d.events).filter_map(|e| e.stamp).any(|stamp| stamp.basis == Basis::Zoned);
    let first = all.first().copied().flatten().filter(|zone| *zone != 0 && is_told && !by_events)?;
    all.iter().all(|zone| *zone == Some(first)).then_some(first)
}

/// Gives the zone of the house to what has none, and of which nothing better is known; else that of its machine.
pub fn set(digests: &[Digest], spans: &[Option<Span>], clocks: &mut [Clock]) {
    let all: Vec<usize> = (0..digests.len()).collect();
    among(&all, "no zone written; guessed to be the only one that the other logs write", digests, spans, clocks);
    let mut machines: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, digest) in digests.iter().enumerate() {
        if let Some((folder, _)) = digest.name.rsplit_once('/').filter(|(folder, _)| is_machine(folder)) {
            machines.entry(folder).or_default().push(index);
        }
    }
    for own in machines.values() {
        among(
            own,
            "no zone written; guessed to be the only one that the other logs of its machine write",
            digests,
            spans,
            clocks,
        );
    }
}

fn among(own: &[usize], why: &str, digests: &[Digest], spans: &[Option<Span>], clocks: &mut [Clock]) {
    let here: Vec<&Digest> = own.iter().map(|index| &digests[*index]).collect();
    let Some(zone) = zone(&here) else { return };
    let stated = |index: &usize| digests[*index].basis() == Some(Basis::Zoned);
    let ends = |index: usize| {
        let span = spans[index]?;
        Some((clocks[index].moment(span.first)?.seconds(), clocks[index].moment(span.last)?.seconds()))
    };
    let known: Vec<(i64, i64)> = own.iter().copied().filter(stated).filter_map(ends).collect();
    let Some((from, to)) = known.iter().copied().reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))) else { return };
    let is_own = |index: &usize| {
        let digest = &digests[*index];
        let is_enough = digest.events.is_empty() && digest.stamped >= LEAST;
        (is_enough || is_written_by_hand(&digest.name)) && !says_utc(digest)
    };
    for index in own.iter().copied().filter(is_own) {
        let Some(span) = spans[index].filter(|span| !span.first.basis.is_stated()) else { continue };
        let clock = &clocks[index];
        if clock.offset_s != 0 || !(clock.basis.starts_with(UNKNOWN) || clock.basis.contains("covers the same stretch")) {
            continue;
        }
        let own = |offset: i64| {
            let moved = Clock { offset_s: offset, ..clock.clone() };
            Some((moved.moment(span.first).map(Moment::seconds)?, moved.moment(span.last).map(Moment::seconds)?))
        };
        let (Some(as_is), Some(moved)) = (own(0), own(zone)) else { continue };
        let overlaps = |(first, last): (i64, i64)| first <= to && last >= from;
        let is_near = moved.0 >= from - BEYOND_S && moved.1 <= to + BEYOND_S;
        // What begins or ends with the others as it is written is written so.
        let with_others = (as_is.0 - from).abs() <= 60 && (as_is.1 - to).abs() <= 60;
        if with_others || !overlaps(moved) || !is_near {
            continue;
        }
        clocks[index] = Clock { offset_s: zone, zone: offset_word(zone), basis: why.into(), uncertainty_s: 60, ..clock.clone() };
    }
}

/// A time of UTC stands in its text, as in the answer of a router that was asked for its clock.
fn says_utc(digest: &Digest) -> bool {
    static TIME: LazyLock<Expression> = LazyLock::new(|| constant(r"\b\d{1,2}:\d{2}:\d{2}(?:\.\d+)? UTC\b"));
    let shown = digest.patterns.iter().flat_map(|pattern| [&pattern.first].into_iter().chain(&pattern.exemplars));
    shown.take(2_000).any(|exemplar| TIME.is_match(&exemplar.text))
}

/// A logbook, a mail or minutes, saved as text.
fn is_written_by_hand(name: &str) -> bool {
    [".md", ".markdown", ".txt", ".rst", ".adoc", ".org"].iter().any(|end| name.to_lowercase().ends_with(end))
}

#[cfg(test)]
mod tests {
    use evidence::{Record, RecordRef, Sink, SourceId, Stamp};

    use super::*;

    /// The clocks of logs: how each writes a time, its first second of UTC as written, and how many minutes it goes on.
    fn offsets(logs: &[(Basis, &str, i64)]) -> Vec<i64> {
        let named: Vec<(&str, (Basis, &str, i64))> = logs.iter().map(|log| ("", *log)).collect();
        offsets_in(&named)
    }

    /// The same of logs in folders.
    fn offsets_in(logs: &[(&str, (Basis, &str, i64))]) -> Vec<i64> {
        let digest = |(input, (folder, (basis, zone, first))): (usize, &(&str, (Basis, &str, i64)))| {
            let source = SourceId { input: input as u32, entry: 0 };
            let mut log = Digest::new(source, &format!("{folder}{input}.log"));
            for line in 0..60_u64 {
                let place = RecordRef { source, start: line * 10, end: line * 10 + 9, line: line + 1, last_line: line + 1 };
                let at = first + line as i64 * 60;
                let text = format!("2026-03-04T10:{line:02}:00{zone}");
                log.record(&Record {
                    place,
                    stamp: Some(Stamp::new(at * Moment::SECOND, *basis)),
                    stamp_text: Some(text.into()),
                    level: None,
                    service: None,
                    instance: None,
                    message: format!("tick {input}").into(),
                    trace: None,
                    http: None,
                    user: None,
                    format: "text",
                    fields: Vec::new(),
                });
            }
            log.settled()
        };
        let digests: Vec<Digest> = logs.iter().enumerate().map(digest).collect();
        super::super::decide(&digests).into_iter().map(|clock| clock.offset_s).collect()
    }

    #[test]
    fn notes_are_of_people_and_exports_of_tools() {
        assert!(is_written_by_hand("notes/logbook.md") && is_written_by_hand("mail.TXT"));
        assert!(!is_written_by_hand("servicenow/incident.json") && !is_written_by_hand("tickets.csv"));
    }

    #[test]
    fn a_router_that_was_asked_for_its_clock_says_that_it_has_utc() {
        let source = SourceId { input: 0, entry: 0 };
        let says = |text: &str| {
            let mut log = Digest::new(source, "sw-attic.txt");
            log.record(&Record {
                place: RecordRef { source, start: 0, end: 9, line: 1, last_line: 1 },
                stamp: None,
                stamp_text: None,
                level: None,
                service: None,
                instance: None,
                message: text.to_string().into(),
                trace: None,
                http: None,
                user: None,
                format: "text",
                fields: Vec::new(),
            });
            says_utc(&log.settled())
        };
        assert!(
            says("*13:17:57.118 UTC Wed Mar 4 2026") && !says("it began at 13:17 CET") && !says("notAfter 2026-03-04T13:17:57Z")
        );
    }

    #[test]
    fn what_has_no_zone_has_the_only_one_that_is_written() {
        let database = (Basis::Zoned, "+01:00", 100_000);
        let job = (Basis::Civil, "", 102_400);
        assert_eq!(offsets(&[database, job]), [0, 3_600]);
        assert_eq!(offsets(&[(Basis::Zoned, "Z", 100_000), job]), [0, 0], "UTC is no zone of a house");
        assert_eq!(offsets(&[database, (Basis::Zoned, "Z", 100_000), job]), [0, 0, 0], "one of two");
        assert_eq!(offsets(&[database, (Basis::Civil, "", 100_010)]), [0, 0], "it lies with the other as it is written");
    }

    #[test]
    fn a_machine_has_the_zone_that_its_own_logs_write() {
        let here = (Basis::Zoned, "+01:00", 100_000);
        let elsewhere = (Basis::Zoned, "Z", 100_000);
        let job = (Basis::Civil, "", 102_400);
        assert_eq!(offsets_in(&[("app1/", here), ("db1/", elsewhere), ("app1/", job)]), [0, 0, 3_600]);
        assert_eq!(offsets_in(&[("app1/", here), ("db1/", elsewhere), ("web2/", job)]), [0, 0, 0], "another machine");
        assert_eq!(offsets_in(&[("logs/", here), ("db1/", elsewhere), ("logs/", job)]), [0, 0, 0], "no machine's folder");
        assert_eq!(offsets_in(&[("app1/", here), ("app1/", elsewhere), ("app1/", job)]), [0, 0, 0], "it writes two");
    }
}
