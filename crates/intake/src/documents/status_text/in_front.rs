//! Status pages on which the time of an update stands in front of its state: `19:31 UTC  Investigating. We look into it.`
//!
//! Why it matters: such a page has no date, and a reader of logs takes it for lines without time. It must never take a chat for a
//! page: every update begins with a state, and two different ones have to be there. What breaks it: updates of two days.

use std::sync::LazyLock;

use evidence::{Body, Event, Stamp, StatusUpdate};
use expressions::Expression;

use super::super::page::Page;
use super::super::{Document, when, zones};

/// Lines between two updates at most.
const FAR: usize = 20;

struct Update {
    stamp: Stamp,
    state: String,
    words: String,
}

/// Reads such a page; `None` when the text is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    let found = updates(page);
    is_page(&found).then_some(())?;
    let first = found.first()?.0;
    let mut document = Document { format: "status_text".into(), ..Document::default() };
    document.texts.extend((0..first).filter_map(|i| page.record(i)));
    let heading = (0..first).map(|i| page.line(i).trim().to_string()).find(|line| !line.is_empty()).unwrap_or_default();
    let (provider, title) = named(&heading);
    for (n, (index, update)) in found.iter().enumerate() {
        let next = found.get(n + 1).map_or(page.len(), |(next, _)| *next);
        let end = (*index + 1..next.min(index + FAR)).find(|i| page.is_blank(*i)).unwrap_or(next);
        let last = page.last_full(*index, end);
        let below = (index + 1..=last).map(|i| page.line(i).trim().to_string());
        let body: Vec<String> = Some(update.words.clone()).filter(|w| !w.is_empty()).into_iter().chain(below).collect();
        let told = StatusUpdate {
            provider: provider.clone(),
            title: title.clone(),
            state: update.state.clone(),
            body: body.join("\n"),
            ..StatusUpdate::default()
        };
        document.events.push(Event { place: page.place(*index, last), stamp: Some(update.stamp), body: Body::Status(told) });
        document.texts.extend((last + 1..next).filter_map(|i| page.record(i)));
    }
    document.records = (document.events.len() + document.texts.len()) as u64;
    Some(document)
}

/// Whether a text is such a page.
pub fn is_likely(page: &Page<'_>) -> bool {
    is_page(&updates(page))
}

fn is_page(found: &[(usize, Update)]) -> bool {
    let mut states: Vec<&str> =
        found.iter().map(|(_, update)| update.state.as_str()).filter(|state| *state != "started").collect();
    states.sort_unstable();
    states.dedup();
    states.len() >= 2
}

fn updates(page: &Page<'_>) -> Vec<(usize, Update)> {
    if page.len() > 300 {
        return Vec::new();
    }
    (0..page.len()).filter_map(|i| Some((i, update(&page.line(i))?))).collect()
}

/// `2025-01-01 19:31 UTC - Investigating - We look into it.`
fn update(line: &str) -> Option<Update> {
    static SHAPE: LazyLock<Option<Expression>> = LazyLock::new(|| {
        let states = "Investigating|Identified|Monitoring|Resolved|Update|Completed|Verifying|Start(?:ed)?|Mitigated";
        let date = r"(?:\d{4}-\d{2}-\d{2}|[A-Z][a-z]{2} \d{1,2},?(?: \d{4},?)?)";
        Expression::new(&format!(
            r"^[-*•]?\s*\[?((?:{date} )?\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?: ?[AP]M)?) \(?([A-Z]{{3,5}})\)?\]?\s*[-–—:|]?\s+\**({states})\**(?:\s*[-–—:.|]\s*(.*)|\s+(\(.*)|)$"
        ))
        .ok()
    });
    let found = SHAPE.as_ref()?.captures(line.trim())?;
    let stamp = when::clock(&found[1]).or_else(|| when::read(&found[1].replace(',', "")))?;
    let stamp = zones::abbreviated(&found[2]).map(|zone| zones::at(stamp, zone, None))?;
    let state = if found[3].starts_with("Start") { "started".to_string() } else { found[3].to_lowercase() };
    let words = found.get(4).or(found.get(5)).map_or("", |words| words.as_str()).trim().to_string();
    Some(Update { stamp, state, words })
}

/// `Incident 31: Gridpay - payments fail` is of Gridpay, and the rest says what.
fn named(heading: &str) -> (String, String) {
    let rest = heading
        .strip_prefix("Incident")
        .map_or(heading, |rest| rest.trim_start_matches(|c: char| c.is_ascii_digit() || " #:".contains(c)));
    let split = [" - ", " – ", " — ", ": "].iter().find_map(|mark| rest.split_once(mark));
    match split.filter(|(provider, _)| (1..=3).contains(&provider.split(' ').count()) && provider.starts_with(char::is_uppercase))
    {
        Some((provider, _)) => (provider.trim().to_string(), rest.to_string()),
        None => (super::provider(heading).unwrap_or_default(), rest.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{read_whole, sniff};
    use super::*;
    use evidence::{Basis, SourceId};

    #[test]
    fn the_time_stands_in_front_of_the_state() {
        let text = "Incident 31: Gridpay - payments fail\n\n00:01 UTC  Started (backfilled)\n00:05 UTC  Investigating. We look into it.\n00:09 UTC  Resolved. All is well.\n           Some reports came late.\n";
        assert!(sniff("s.txt", text.as_bytes(), true));
        let document = read_whole("s.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a page");
        let told = document.events.iter().map(|e| match (&e.body, e.stamp) {
            (Body::Status(s), Some(at)) => {
                assert_eq!(
                    (s.provider.as_str(), s.title.as_str(), at.basis),
                    ("Gridpay", "Gridpay - payments fail", Basis::ZonedClock)
                );
                (s.state.as_str(), s.body.as_str(), at.micros / 60_000_000 % 60)
            }
            other => panic!("{other:?}"),
        });
        let expected = [
            ("started", "(backfilled)", 1),
            ("investigating", "We look into it.", 5),
            ("resolved", "All is well.\nSome reports came late.", 9),
        ];
        assert_eq!(told.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_people_write_at_a_time_is_no_page() {
        for text in ["00:01 UTC we are investigating\n00:09 UTC resolved it\n", "00:01 UTC  Investigating.\nsee you\n"] {
            assert!(!is_likely(&Page::new(SourceId { input: 0, entry: 0 }, text.as_bytes())), "{text}");
        }
    }
}
