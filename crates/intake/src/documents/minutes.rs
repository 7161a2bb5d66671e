//! The minutes of a meeting about an incident: a heading that says so, when it was held, and parts with headings.
//!
//! Why it matters: what is to be done, and what people agreed on, often stands there and nowhere else. Each part is what the file says at
//! the time of the meeting, so that items keep the heading above them. It must never take a text for minutes that does not say when they
//! were held, day and time: nothing in it could be placed. What breaks it: a file of several meetings.

use std::sync::LazyLock;

use evidence::{Body, Event, Message, Stamp};
use expressions::Expression;

use super::page::Page;
use super::{Document, when, zones};

/// Lines in which the heading and the time stand, and lines of minutes at most.
const HEAD: usize = 8;
const MOST: usize = 1_000;

/// Reads minutes; `None` when the text is none.
pub fn read(page: &Page<'_>, name: &str) -> Option<Document> {
    let (held, stamp) = held(page)?;
    let mut document = Document { format: "minutes".into(), ..Document::default() };
    let file = name.rsplit(['/', '!']).next().filter(|file| !file.is_empty()).unwrap_or("minutes.txt");
    let mut starts: Vec<usize> = (held + 1..page.len()).filter(|i| begins(page, *i)).collect();
    document.texts.extend((0..starts.first().copied().unwrap_or(page.len())).filter_map(|i| page.record(i)));
    starts.push(page.len());
    for part in starts.windows(2) {
        let (start, end) = (part[0], part[1]);
        let last = page.last_full(start, end);
        let text = (start..=last).map(|i| page.line(i).trim_end().to_string()).collect::<Vec<_>>().join("\n");
        let message = Message { author: file.to_string(), text: unwrapped(&text), ..Message::default() };
        document.events.push(Event { place: page.place(start, last), stamp: Some(stamp), body: Body::Message(message) });
    }
    document.records = (document.events.len() + document.texts.len()) as u64;
    (!document.events.is_empty()).then_some(document)
}

/// Whether the beginning of a text reads like minutes.
pub fn is_likely(page: &Page<'_>) -> bool {
    held(page).is_some() && page.len() <= MOST
}

/// The line that says when the meeting was held, and when that was.
fn held(page: &Page<'_>) -> Option<(usize, Stamp)> {
    static MEETING: LazyLock<Option<Expression>> = LazyLock::new(|| {
        Expression::new(
            r"(?i)\b(?:minutes (?:of|from)|meeting (?:minutes|notes)|notes (?:of|from) the (?:meeting|call|review)|(?:incident|post[- ]?mortem|post[- ]?incident) (?:review|meeting|debrief)|compte[ -]rendu|r[ée]union (?:du|de|d')|besprechung(?:sprotokoll)?|sitzungsprotokoll|protokoll der|acta de|reuni[óo]n del?|ata da reuni[ãa]o|verbale (?:di|della)|notulen|m[öo]tesanteckningar|m[øo]tereferat)\b",
        )
        .ok()
    });
    static TIME: LazyLock<Option<Expression>> = LazyLock::new(|| {
        Expression::new(r"(?:^|[ ,(@T])(\d{1,2}) ?[:hH.] ?(\d{2})(?: ?(?:Uhr|h)\b| (UTC|GMT|[A-Z]{2,4}T)\b|[^\d.:/-]|$)").ok()
    });
    let meeting = MEETING.as_ref()?;
    (0..page.len().min(HEAD)).any(|i| meeting.is_match(&page.line(i))).then_some(())?;
    (0..page.len().min(HEAD)).find_map(|i| {
        let line = page.line(i);
        let day = zones::date_in(&line)?;
        let time = TIME.as_ref()?.captures(&line)?;
        let stamp = when::read(&format!("{day} {:0>2}:{}:00", &time[1], &time[2]))?;
        let zone = time.get(3).and_then(|zone| zones::abbreviated(zone.as_str())).or_else(|| zones::stated(&line));
        Some((i, zone.map_or(stamp, |zone| zones::at(stamp, zone, Some(day)))))
    })
}

/// A part begins behind a blank line.
fn begins(page: &Page<'_>, index: usize) -> bool {
    !page.is_blank(index) && (index == 0 || page.is_blank(index - 1))
}

/// Lines that only go on where the one before was full are joined with it.
fn unwrapped(text: &str) -> String {
    const FULL: usize = 70;
    let mut out = String::with_capacity(text.len());
    let mut before = 0;
    for line in text.lines() {
        let goes_on = before >= FULL && line.starts_with(|c: char| c.is_lowercase());
        if !out.is_empty() {
            out.push(if goes_on { ' ' } else { '\n' });
        }
        out.push_str(line);
        before = line.chars().count();
    }
    out
}

#[cfg(test)]
mod tests {
    use evidence::{Basis, SourceId};

    use super::*;

    const SOURCE: SourceId = SourceId { input: 0, entry: 0 };

    fn parts(text: &str) -> Option<Vec<(String, Stamp)>> {
        let document = read(&Page::new(SOURCE, text.as_bytes()), "docs/review.txt")?;
        let told = document.events.into_iter().map(|event| match (event.body, event.stamp) {
            (Body::Message(message), Some(stamp)) => (message.text, stamp),
            other => panic!("{other:?}"),
        });
        Some(told.collect())
    }

    #[test]
    fn each_part_of_minutes_is_told_at_the_time_of_the_meeting() {
        let text = "CITY OFFICE\n\nMinutes of the review, 6 March 2026, 14:00 UTC\nPresent: Ann, Bo\n\n1. What happened\nThe counter was closed.\n\n2. Actions\n- Ann: a test, by 2026-03-20\n- Bo: an alert, by 2026-03-21\n";
        let found = parts(text).unwrap();
        let at = Stamp { basis: Basis::Zoned, ..when::read("2026-03-06T14:00:00Z").unwrap() };
        assert_eq!(found[0], ("1. What happened\nThe counter was closed.".to_string(), at));
        assert_eq!(found[1].0, "2. Actions\n- Ann: a test, by 2026-03-20\n- Bo: an alert, by 2026-03-21");
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn minutes_are_written_in_other_languages_too() {
        for head in [
            "COMPTE RENDU - réunion du 06/03/2026, 14h00",
            "Besprechungsprotokoll vom 06.03.2026, 14.00 Uhr",
            "Acta de la reunión del 6 de marzo de 2026, 14:00",
        ] {
            let found = parts(&format!("{head}\n\n1. Actions\n- A. Roy : un test\n")).unwrap();
            assert_eq!(found[0].1, Stamp { basis: Basis::Civil, ..when::read("2026-03-06 14:00:00").unwrap() }, "{head}");
        }
    }

    #[test]
    fn what_does_not_say_when_it_was_held_is_left_alone() {
        for text in [
            "Minutes of the review\n\n1. Actions\n- Ann: a test\n",
            "Minutes of the review, 6 March 2026\n\n1. Actions\n- Ann: a test\n",
            "Opening hours from 6 March 2026, 14:00\n\nWe are closed.\n",
        ] {
            assert_eq!(parts(text), None, "{text}");
        }
    }
}
