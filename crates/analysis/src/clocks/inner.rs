//! The zone of a log whose records tell one moment twice: at their head without a zone, and within with one.
//!
//! What it sees: queue managers, directories and audit logs that write local time for people and UTC for tools into the same record.
//! Why it matters: nothing is surer than that, and a guess by where logs begin and end went the wrong way beside it. It must never
//! take a time within that is another one (when something was sent, or ends): the two have to differ by a zone, to the second, in
//! record after record. When it misleads: jobs that speak of what was due an hour before, to the second.

use std::sync::LazyLock;

use evidence::{Basis, Clock};
use expressions::{Expression, constant};
use jiff::Timestamp;

use super::{QUARTER, WIDEST, offset_word};
use crate::digest::Digest;

/// Records that have to say so.
const LEAST: usize = 3;
/// Seconds between the writing of the one and of the other.
const APART_S: i64 = 1;

/// Gives such logs their zone, and marks them as decided.
pub fn set(digests: &[Digest], clocks: &mut [Clock], decided: &mut [bool]) {
    for (index, digest) in digests.iter().enumerate() {
        let is_local = matches!(digest.basis(), Some(Basis::Civil | Basis::CivilNoYear));
        if decided[index] || !is_local {
            continue;
        }
        let Some(offset) = offset(digest, &clocks[index]) else { continue };
        decided[index] = true;
        clocks[index] = Clock {
            offset_s: offset,
            zone: offset_word(offset),
            basis: "no zone written at the head; its records tell the same time with a zone within".into(),
            uncertainty_s: 2,
            ..clocks[index].clone()
        };
    }
}

fn offset(digest: &Digest, clock: &Clock) -> Option<i64> {
    let shown = digest.patterns.iter().flat_map(|pattern| [&pattern.first].into_iter().chain(&pattern.exemplars));
    let own = shown.filter(|e| e.lent.is_none()).take(400);
    let mut told: Vec<(u64, i64)> =
        own.filter_map(|e| Some((e.place.start, clock.moment(e.stamp?)?.seconds() - within(&e.text)?))).collect();
    told.sort_unstable();
    told.dedup();
    let first = told.first()?.1;
    let zone = (first + QUARTER / 2).div_euclid(QUARTER) * QUARTER;
    let is_it = |apart: i64| (apart - zone).abs() <= APART_S;
    (told.len() >= LEAST && zone.abs() <= WIDEST && told.iter().all(|(_, apart)| is_it(*apart))).then_some(zone)
}

/// The first time with a date and a zone in a text, in seconds.
fn within(text: &str) -> Option<i64> {
    static TIME: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"\b(?P<date>\d{4}-\d{2}-\d{2})[T ](?P<clock>\d{2}:\d{2}:\d{2})(?:[.,]\d+)? ?(?P<zone>Z|UTC|[+-]\d{2}:?\d{2})(?:\b|$)",
        )
    });
    let found = TIME.captures(text)?;
    let zone = match &found["zone"] {
        "Z" | "UTC" => "Z".to_string(),
        zone => zone.to_string(),
    };
    format!("{}T{}{zone}", &found["date"], &found["clock"]).parse::<Timestamp>().ok().map(Timestamp::as_second)
}

#[cfg(test)]
mod tests {
    use evidence::{Moment, Record, RecordRef, Sink, SourceId, Stamp};

    use super::*;

    fn offset_of(texts: &[(i64, &str)]) -> Option<i64> {
        let source = SourceId { input: 0, entry: 0 };
        let mut log = Digest::new(source, "queue.log");
        for (line, (at, text)) in (0_u64..).zip(texts) {
            let place = RecordRef { source, start: line * 10, end: line * 10 + 9, line: line + 1, last_line: line + 1 };
            log.record(&Record {
                place,
                stamp: Some(Stamp::new(at * Moment::SECOND, Basis::Civil)),
                stamp_text: None,
                level: None,
                service: None,
                instance: None,
                message: (*text).into(),
                trace: None,
                http: None,
                user: None,
                format: "text",
                fields: Vec::new(),
            });
        }
        let digests = [log.settled()];
        let (mut clocks, mut decided) = (vec![Clock::trusted()], vec![false]);
        set(&digests, &mut clocks, &mut decided);
        decided[0].then_some(clocks[0].offset_s)
    }

    /// 2025-01-01, 12:00:00.
    const NOON: i64 = 1_735_732_800;

    #[test]
    fn the_same_moment_with_a_zone_tells_that_of_the_head() {
        let told = [
            (NOON, "queue manager ended\nTime(2025-01-01T11:00:00.082Z)"),
            (NOON + 7, "queue manager started\nTime(2025-01-01T11:00:07.900Z)"),
            (NOON + 90, "channel closed\nTime(2025-01-01T11:01:30.001Z)"),
        ];
        assert_eq!(offset_of(&told), Some(3_600));
        assert_eq!(offset_of(&told[..2]), None, "two may be an accident");
        let east = [
            (NOON, "a logged in at 2025-01-01 17:30:00 +0530"),
            (NOON + 1, "b logged in at 2025-01-01 17:30:01 +0530"),
            (NOON + 2, "c logged in at 2025-01-01 17:30:02 +0530"),
        ];
        assert_eq!(offset_of(&east), Some(0), "it has UTC");
    }

    #[test]
    fn another_moment_tells_nothing() {
        let told = [
            (NOON, "token of a ends 2025-01-01T13:00:00Z"),
            (NOON + 7, "token of b ends 2025-01-01T13:12:00Z"),
            (NOON + 90, "token of c ends 2025-01-01T13:01:30Z"),
        ];
        assert_eq!(offset_of(&told), None);
    }
}
