//! Lists and short logs without a zone that, read as UTC, lie beyond all other logs, in the zone that a neighbour turned out to have.
//!
//! What it sees: where the logs begin and end whose clocks are known, and the only zone that was found for a source without one. Why it
//! matters: who collects evidence saves all of it at one time, so what goes on for hours behind the end of everything else is of
//! another zone, and so is what is over before all of it begins. It must never move what people wrote, who speak of an incident long
//! after it, nor what lies among the logs as it is written. When it misleads: a log that was saved hours later than the others.

use std::collections::BTreeSet;

use evidence::{Body, Clock};

use super::{QUARTER, Span, UNKNOWN, offset_word};
use crate::digest::Digest;

/// Records of a log that tells from when until when there is evidence.
const LEAST: u64 = 20;

pub fn set(digests: &[Digest], spans: &[Option<Span>], clocks: &mut [Clock]) {
    let zones: BTreeSet<i64> =
        clocks.iter().map(|clock| clock.offset_s).filter(|offset| *offset != 0 && offset % QUARTER == 0).collect();
    let mut zones = zones.into_iter();
    let (Some(zone), None) = (zones.next(), zones.next()) else { return };
    let is_known = |index: usize| {
        digests[index].stamped >= LEAST && !clocks[index].basis.starts_with(UNKNOWN) && digests[index].events.is_empty()
    };
    let ends = |index: usize, offset: i64| {
        let (span, clock) = (spans[index]?, Clock { offset_s: offset, ..clocks[index].clone() });
        Some((clock.moment(span.first)?.seconds(), clock.moment(span.last)?.seconds()))
    };
    let known = (0..digests.len()).filter(|i| is_known(*i)).filter_map(|i| ends(i, clocks[i].offset_s));
    let Some((from, to)) = known.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))) else { return };
    let lies = |index: usize| {
        let (as_is, moved) = (ends(index, 0)?, ends(index, zone)?);
        let inside = moved.1 > from && moved.1 <= to + QUARTER;
        Some(inside && (as_is.1 > to + QUARTER || as_is.1 < from))
    };
    // A list of tickets is one, whatever notes people wrote into some of them.
    let talks = |digest: &Digest| {
        let count = |is: fn(&Body) -> bool| digest.events.iter().filter(|e| is(&e.body)).count();
        count(|body| matches!(body, Body::Message(_))) > count(|body| matches!(body, Body::Page(_)))
    };
    let moved: Vec<usize> = (0..digests.len())
        .filter(|i| clocks[*i].basis.starts_with(UNKNOWN) && clocks[*i].offset_s == 0 && !talks(&digests[*i]))
        .filter(|i| spans[*i].is_some_and(|span| !span.first.basis.is_stated()) && lies(*i) == Some(true))
        .collect();
    for index in moved {
        clocks[index] = Clock {
            offset_s: zone,
            zone: offset_word(zone),
            basis: "no zone written; guessed to be that of another source, as it would lie beyond all other logs in UTC".into(),
            uncertainty_s: 60,
            ..clocks[index].clone()
        };
    }
}

#[cfg(test)]
mod tests {
    use evidence::{Basis, Moment, Record, RecordRef, Sink, SourceId, Stamp};

    use super::*;

    /// A log of so many records, a minute each, from a second of UTC on as it is written.
    fn log(input: u32, basis: Basis, from: i64, records: u64) -> Digest {
        of(input, (0..records as i64).map(|line| Stamp::new((from + line * 60) * Moment::SECOND, basis)))
    }

    fn of(input: u32, stamps: impl Iterator<Item = Stamp>) -> Digest {
        let source = SourceId { input, entry: 0 };
        let mut log = Digest::new(source, &format!("{input}.log"));
        for (line, stamp) in (0..).zip(stamps) {
            let place = RecordRef { source, start: line * 10, end: line * 10 + 9, line: line + 1, last_line: line + 1 };
            log.record(&Record {
                place,
                stamp: Some(stamp),
                stamp_text: None,
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
    }

    const NOON: i64 = 1_735_732_800;

    fn offsets(first: i64, zones: &[i64]) -> i64 {
        offset_of(log(2, Basis::Civil, NOON + first, 5), zones)
    }

    fn offset_of(log_of_unknown_zone: Digest, zones: &[i64]) -> i64 {
        let digests = [log(0, Basis::Zoned, NOON, 60), log(1, Basis::Civil, NOON, 60), log_of_unknown_zone];
        let spans: Vec<Option<Span>> = digests.iter().map(super::super::span).collect();
        let mut clocks: Vec<Clock> = digests.iter().map(|_| Clock::trusted()).collect();
        clocks[1].offset_s = zones[0];
        clocks[2].basis = UNKNOWN.into();
        set(&digests, &spans, &mut clocks);
        clocks[2].offset_s
    }

    #[test]
    fn a_head_that_says_when_a_log_was_saved_is_no_end_of_it() {
        let second = |at: i64, basis: Basis| Stamp::new((NOON + at) * Moment::SECOND, basis);
        let saved = second(3_400, Basis::Zoned);
        let lines = (0..30).map(|n| second(-20_000 + n * 60, Basis::Civil));
        assert_eq!(offset_of(of(2, [saved].into_iter().chain(lines)), &[-21_600]), -21_600);
    }

    #[test]
    fn what_lies_beyond_everything_else_has_the_zone_of_its_neighbour() {
        assert_eq!(offsets(7_200 + 900, &[7_200]), 7_200, "two hours behind the end");
        assert_eq!(offsets(-14_400 + 900, &[-14_400]), -14_400, "over before all others begin");
        assert_eq!(offsets(900, &[7_200]), 0, "among the others as it is written");
        assert_eq!(offsets(30_000, &[7_200]), 0, "beyond them either way");
        assert_eq!(offsets(7_200 + 900, &[0]), 0, "no neighbour has a zone");
    }
}
