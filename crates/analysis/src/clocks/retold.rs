//! The zone of a table of alerts, by what was sent to a channel when they fired.
//!
//! What it sees: times of alerts without a zone beside messages that write theirs and name the same alert. Why it matters: monitoring
//! shows times of the place it stands in, and an hour off puts the alarm long after the end. When it misleads: an alert that fires
//! every hour; so every alert that was retold has to fit, in one zone and no other.

use evidence::{Basis, Body};

use crate::digest::Digest;

/// Seconds from an alert to the message about it, and by which their clocks may differ.
const TOLD_WITHIN_S: i64 = 420;
const CLOCKS_DIFFER_S: i64 = 60;
/// Letters by which a name tells one alert from others.
const LEAST: usize = 8;

/// By how much the alerts of a source are off; nothing where no message tells, or several zones fit.
pub fn offset(digest: &Digest, others: &[(i64, &str)]) -> Option<i64> {
    let alerts = digest.events.iter().filter_map(|e| match (&e.body, e.stamp) {
        (Body::Alert(alert), Some(stamp)) if alert.firing && stamp.basis == Basis::Civil => {
            Some((stamp.micros.div_euclid(1_000_000), alert.name.split(':').next().unwrap_or_default().trim()))
        }
        _ => None,
    });
    let told: Vec<(i64, Vec<i64>)> = alerts
        .filter(|(_, name)| name.len() >= LEAST)
        .map(|(at, name)| (at, others.iter().filter(|(_, text)| text.contains(name)).map(|(at, _)| *at).collect()))
        .filter(|(_, messages): &(i64, Vec<i64>)| !messages.is_empty())
        .collect();
    let fits = |zone: i64| {
        let soon =
            |at: i64, messages: &[i64]| messages.iter().any(|m| (-CLOCKS_DIFFER_S..=TOLD_WITHIN_S).contains(&(m - at + zone)));
        !told.is_empty() && told.iter().all(|(at, messages)| soon(*at, messages))
    };
    let mut fitting = super::candidates().filter(|zone| fits(*zone));
    fitting.next().filter(|_| fitting.next().is_none())
}

#[cfg(test)]
mod tests {
    use evidence::{AlertState, Event, RecordRef, SourceId, Stamp};

    use super::*;

    fn table(alerts: &[(i64, &str)]) -> Digest {
        let source = SourceId { input: 0, entry: 0 };
        let place = RecordRef { source, start: 0, end: 1, line: 1, last_line: 1 };
        let event = |(at, name): &(i64, &str)| Event {
            place,
            stamp: Some(Stamp::new(at * 1_000_000, Basis::Civil)),
            body: Body::Alert(AlertState { name: name.to_string(), firing: true, ..AlertState::default() }),
        };
        let mut digest = Digest::new(source, "problems.csv");
        digest.events = alerts.iter().map(event).collect();
        digest
    }

    #[test]
    fn an_alert_that_a_channel_retold_tells_the_zone() {
        let login = [(7_200, "Login failed: code 500"), (9_000, "Disk is low")];
        assert_eq!(offset(&table(&login), &[(3_680, "PROBLEM: Login failed on web-1")]), Some(3_600));
        assert_eq!(offset(&table(&login), &[(7_230, "PROBLEM: Login failed on web-1")]), Some(0));
        assert_eq!(offset(&table(&login), &[(5_000, "PROBLEM: Login failed on web-1")]), None);
        assert_eq!(offset(&table(&login), &[(3_680, "Login failed again"), (7_230, "Login failed, still")]), None);
        assert_eq!(offset(&table(&login), &[(3_680, "something is wrong")]), None);
    }
}
