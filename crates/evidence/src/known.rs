//! What was known at a time: what of a record or an event somebody could have read by then.
//!
//! Both who makes a report and who checks it look at the input through this, so that they see the same. It must never
//! guess: what has no time, or may have been written later than its time says (an edited message), was not known. What
//! breaks it: a document that changes its words without saying when.

use crate::{Body, ChangePhase, Clock, Event, Moment, Record};

/// A time up to which the evidence is looked at, on the clock that all sources share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// That of the source.
    pub clock: Clock,
    /// What is of just this moment was known.
    pub until: Moment,
}

impl Known {
    /// A record counts by its own time; a line quoted in a chat was put there at a time that it does not say.
    pub fn record(&self, record: &Record<'_>) -> bool {
        record.field("via") != Some("chat") && self.by(record.stamp.and_then(|stamp| self.clock.moment(stamp)))
    }

    /// What of an event was known, if anything.
    pub fn event(&self, mut event: Event) -> Option<Event> {
        // Who a person is, is no news.
        if matches!(event.body, Body::Person(_)) {
            return Some(event);
        }
        if let Body::Series(series) = &mut event.body {
            series.points.retain(|point| self.by(self.clock.moment(point.stamp)));
            return (!series.points.is_empty()).then_some(event);
        }
        let at = event.stamp.and_then(|stamp| self.clock.moment(stamp))?;
        (at <= self.until && self.cut(at, &mut event.body)).then_some(event)
    }

    /// Takes away what the body tells of later; false when nothing that was known is left.
    fn cut(&self, at: Moment, body: &mut Body) -> bool {
        match body {
            Body::Message(message) => {
                // Reactions have no time, and an edit leaves none.
                message.reactions.clear();
                !message.edited && !message.deleted
            }
            Body::Alert(alert) => {
                if alert.ends.is_some_and(|ends| !self.by(self.clock.moment(ends))) {
                    // What was observed may have been written down at its end.
                    (alert.ends, alert.value) = (None, None);
                }
                true
            }
            Body::Deploy(deploy) => {
                if deploy.finished.is_some_and(|at| !self.by(self.clock.moment(at))) {
                    (deploy.finished, deploy.phase) = (None, ChangePhase::Started);
                    deploy.text.clear();
                }
                true
            }
            Body::Kube(kube) => kube.last.is_none_or(|last| self.by(self.clock.moment(last))),
            Body::Status(status) => status.resolved.is_none_or(|end| self.by(self.clock.moment(end))),
            Body::Span(span) => at.plus(span.duration_ms / 1_000.0) <= self.until,
            _ => true,
        }
    }

    fn by(&self, at: Option<Moment>) -> bool {
        at.is_some_and(|at| at <= self.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AlertState, Basis, Message, RecordRef, SourceId, Span, Stamp};

    const NOON: i64 = 1_707_307_200;

    fn known() -> Known {
        Known { clock: Clock { offset_s: 3_600, ..Clock::trusted() }, until: Moment::from_seconds(NOON) }
    }

    fn stamp(seconds: i64) -> Stamp {
        // The source runs an hour ahead.
        Stamp::new((NOON + 3_600 + seconds) * Moment::SECOND, Basis::Civil)
    }

    fn event(at: Option<i64>, body: Body) -> Event {
        let source = SourceId { input: 0, entry: 0 };
        Event { place: RecordRef { source, start: 0, end: 9, line: 1, last_line: 1 }, stamp: at.map(stamp), body }
    }

    #[test]
    fn what_is_of_that_moment_was_known_and_what_came_after_was_not() {
        let message = || Body::Message(Message::default());
        assert!(known().event(event(Some(0), message())).is_some(), "by the clock of its source");
        assert!(known().event(event(Some(1), message())).is_none());
        assert!(known().event(event(None, message())).is_none(), "nobody can say when");
    }

    #[test]
    fn an_edited_message_may_say_what_came_later() {
        let message = Message { edited: true, ..Message::default() };
        assert!(known().event(event(Some(-60), Body::Message(message))).is_none());
    }

    #[test]
    fn an_alert_that_fires_does_not_say_when_it_will_end() {
        let alert = AlertState { firing: true, ends: Some(stamp(600)), ..AlertState::default() };
        let Some(Event { body: Body::Alert(alert), .. }) = known().event(event(Some(-60), Body::Alert(alert))) else {
            panic!("the alert was known")
        };
        assert_eq!(alert.ends, None);
    }

    #[test]
    fn a_call_that_has_not_ended_has_no_span_yet() {
        let span = |ms: f64| Body::Span(Span { duration_ms: ms, ..Span::default() });
        assert!(known().event(event(Some(-2), span(1_000.0))).is_some());
        assert!(known().event(event(Some(-2), span(3_000.0))).is_none());
    }
}
