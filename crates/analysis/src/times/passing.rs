//! Alarms that are over while the failure goes on: they told of something else.
//!
//! What it sees: when an alarm is over, whether it fires again, and how long the failure went on. Why it matters: on a busy day
//! some alarm of another thing fires in the first minutes, and the time to detect would be its. When it misleads: an alarm whose
//! threshold the failure crosses back and forth; so it is only left out where another one lasts.

use evidence::{AlertState, Moment};

use crate::hypotheses::last_failure;
use crate::incident::Incident;
use crate::scene::At;

/// The part of the time of failure after which an alarm may be over.
const PART: f64 = 0.5;

/// Whether an alarm is over before half of the failure was, and fires no more.
pub fn is_over_early(incident: &Incident<'_>, alert: &At<AlertState>, from: Moment) -> bool {
    last_failure(incident).is_some_and(|(last, _)| ends_early(&incident.scene.alerts, alert, (from, last)))
}

fn ends_early(all: &[At<AlertState>], alert: &At<AlertState>, (from, last): (Moment, Moment)) -> bool {
    let own = || all.iter().filter(|a| a.what.name == alert.what.name && a.at > alert.at);
    let fires_on = own().any(|a| a.what.firing && a.at <= last);
    own().find(|a| !a.what.firing).is_some_and(|over| !fires_on && over.at.since(from) < last.since(from) * PART)
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::{RecordRef, SourceId};

    #[test]
    fn an_alarm_that_is_over_at_once_told_of_something_else() {
        let at = |seconds: i64, name: &str, firing: bool| At {
            at: Moment::from_seconds(seconds),
            place: RecordRef { source: SourceId { input: 0, entry: 0 }, start: 0, end: 1, line: 1, last_line: 1 },
            what: AlertState { name: name.into(), firing, ..AlertState::default() },
        };
        let span = (Moment::from_seconds(1_000), Moment::from_seconds(4_000));
        let all = [
            at(1_100, "queue", true),
            at(1_200, "5xx", true),
            at(1_300, "lag", true),
            at(1_400, "queue", false),
            at(1_500, "lag", false),
            at(2_000, "lag", true),
            at(4_100, "5xx", false),
        ];
        let early = |n: usize| ends_early(&all, &all[n], span);
        assert_eq!([early(0), early(1), early(2)], [true, false, false]);
    }
}
