//! What a zone that nothing else here has must show before it is believed of people.
//!
//! What it sees: by how much the steps that people tell of fit one zone better than another. Why it matters: of two dozen zones one fits
//! two or three steps by chance, and a room that is half an hour off puts the call before the failure. It must never know what the
//! steps are. When it misleads: somebody who writes from another country than all logs, and says little.

/// By so much the steps of people have to fit a zone better that nothing else here has than one that something has: two steps that
/// fall together with what was recorded.
pub const MORE: i64 = 600;

/// What is held against a zone that few people live in. India is none of these.
pub fn rare(offset: i64) -> i64 {
    const INDIA: i64 = 19_800;
    if offset % 3_600 == 0 || offset == INDIA { 0 } else { 100 }
}

#[cfg(test)]
mod tests {
    use evidence::{Basis, Body, Clock, Event, Message, Moment, Page, PageAction, Record, RecordRef, Sink, SourceId, Stamp};

    use crate::digest::Digest;

    /// The clock of a room in which these things were said, beside a log of three hours west of UTC, where it is asked for, and pages of
    /// these seconds of UTC.
    fn room(has_log: bool, said: &[(i64, &str)], paged: &[(PageAction, i64)]) -> i64 {
        let place = |source, line: u64| RecordRef { source, start: line * 10, end: line * 10 + 9, line, last_line: line };
        let source = |input| SourceId { input, entry: 0 };
        let mut log = Digest::new(source(0), "shop.log");
        for line in 0..if has_log { 60 } else { 0_u64 } {
            log.record(&Record {
                place: place(source(0), line + 1),
                stamp: Some(Stamp::new((100_000 + line as i64 * 60) * Moment::SECOND, Basis::Zoned)),
                stamp_text: Some("2026-03-04T10:00:00-03:00".into()),
                level: None,
                service: None,
                instance: None,
                message: "order taken".into(),
                trace: None,
                http: None,
                user: None,
                format: "text",
                fields: Vec::new(),
            });
        }
        let mut chat = Digest::new(source(1), "room.txt");
        for (line, (at, text)) in (1..).zip(said) {
            let message = Message { author: "ann".into(), text: (*text).into(), ..Message::default() };
            let stamp = Some(Stamp::new(at * Moment::SECOND, Basis::Civil));
            chat.event(Event { place: place(source(1), line), stamp, body: Body::Message(message) });
        }
        let mut pages = Digest::new(source(2), "pages.json");
        for (line, (action, at)) in (1..).zip(paged) {
            let page = Page {
                incident: "7".into(),
                title: "orders".into(),
                action: *action,
                actor: None,
                priority: None,
                urgency: None,
                service: None,
                text: "orders".into(),
            };
            let stamp = Some(Stamp::new(at * Moment::SECOND, Basis::Zoned));
            pages.event(Event { place: place(source(2), line), stamp, body: Body::Page(page) });
        }
        let clocks: Vec<Clock> = super::super::decide(&[log.settled(), chat.settled(), pages.settled()]);
        clocks[1].offset_s
    }

    #[test]
    fn one_step_that_falls_together_by_chance_does_not_make_a_zone() {
        let hour = 3_600;
        // Three hours west people saw it two minutes after the page; half an hour farther another page stands beside these words.
        let said = [(101_000 - 3 * hour, "customers can't pay"), (101_300 - 3 * hour, "on it")];
        let paged = [(PageAction::Triggered, 100_880), (PageAction::Triggered, 101_000 + 1_810)];
        assert_eq!(room(true, &said, &paged), -3 * hour);
        assert_eq!(room(true, &[], &[]), 0, "nobody says anything");
    }

    #[test]
    fn people_who_write_from_elsewhere_are_believed_by_many_steps() {
        let hour = 3_600;
        let steps = [
            (PageAction::Triggered, 100_900, "customers can't pay"),
            (PageAction::Acknowledged, 101_200, "on it"),
            (PageAction::Note, 102_000, "rolled back to 2.1.0"),
            (PageAction::Resolved, 103_000, "all clear, incident resolved"),
        ];
        let said: Vec<(i64, &str)> = steps.iter().map(|(_, at, words)| (at + 5 * hour + 20, *words)).collect();
        let paged: Vec<(PageAction, i64)> = steps.iter().map(|(action, at, _)| (*action, *at)).collect();
        assert_eq!(room(true, &said, &paged), 5 * hour);
    }
}
