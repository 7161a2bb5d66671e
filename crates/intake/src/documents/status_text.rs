//! Status pages that somebody copied or saved as text: a state, its words, and the time below them; or the time in front of the
//! state.
//!
//! It must never take the time of one update for that of the next: it stands below, not above. What breaks it: a page that
//! shows how long ago something was, and no time.

use std::sync::LazyLock;

use evidence::{Body, Event, Stamp, StatusUpdate};
use expressions::Expression;

use super::page::Page;
use super::{Document, when, zones};

mod in_front;

const STATES: [&str; 11] = [
    "Resolved",
    "Monitoring",
    "Identified",
    "Investigating",
    "Update",
    "Postmortem",
    "Completed",
    "Verifying",
    "In progress",
    "Scheduled",
    "Degraded",
];
/// Lines of one update.
const LONG: usize = 40;

/// Reads such a text; `None` when it is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    let updates = updates(page);
    if updates.is_empty() {
        return in_front::read(page);
    }
    let mut document = Document { format: "status_text".into(), ..Document::default() };
    let first = updates[0].0;
    let heading: Vec<String> = (0..first).filter(|i| !page.is_blank(*i)).map(|i| page.line(i).trim().to_string()).collect();
    let provider = heading.iter().find_map(|line| provider(line)).unwrap_or_default();
    let title = heading.iter().find(|line| self::provider(line).is_none() && state(line).is_none());
    let title = title.map(|line| line.trim_start_matches("Incident: ").to_string()).unwrap_or_default();
    let mut at = 0;
    for (from, to, stamp) in updates {
        document.texts.extend((at..from).filter_map(|i| page.record(i)));
        at = to + 1;
        let (state, beside) = state(&page.line(from)).unwrap_or_default();
        let below = (from + 1..to).map(|i| page.line(i).trim().to_string()).filter(|line| !line.is_empty());
        let body: Vec<String> = Some(beside).filter(|b| !b.is_empty()).into_iter().chain(below).collect();
        let update = StatusUpdate {
            provider: provider.clone(),
            title: title.clone(),
            state,
            body: body.join("\n"),
            ..StatusUpdate::default()
        };
        document.events.push(Event { place: page.place(from, to), stamp: Some(stamp), body: Body::Status(update) });
    }
    document.texts.extend((at..page.len()).filter_map(|i| page.record(i)));
    document.records = (document.events.len() + document.texts.len()) as u64;
    Some(document)
}

/// Whether a text has an update with its time below.
pub fn is_likely(page: &Page<'_>) -> bool {
    page.len() <= 2_000 && (!updates(page).is_empty() || in_front::is_likely(page))
}

/// First and last line of each update, and its time.
fn updates(page: &Page<'_>) -> Vec<(usize, usize, Stamp)> {
    let mut found = Vec::new();
    let mut after = 0;
    for index in 0..page.len().min(2_000) {
        let Some(stamp) = posted(&page.line(index)) else { continue };
        let from = (after.max(index.saturating_sub(LONG))..index).rev().find(|i| state(&page.line(*i)).is_some());
        found.extend(from.map(|from| (from, index, stamp)));
        after = index + 1;
    }
    found
}

/// `Posted 1 day ago. Mar 18, 2025 - 15:20 CET`, `Oct 21, 13:54 UTC`.
pub fn posted(line: &str) -> Option<Stamp> {
    static SHAPE: LazyLock<Option<Expression>> = LazyLock::new(|| {
        let date = r"([A-Z][a-z]{2,8} \d{1,2}),? (?:(\d{4}),? ?)?(?:[-–] ?)?(\d{1,2}:\d{2}(?: ?[AP]M)?)";
        Expression::new(&format!(r"^(?:Posted\b.*?[.,:]? )?{date} \(?([A-Z]{{2,5}})\)?\.?$")).ok()
    });
    let found = SHAPE.as_ref()?.captures(line.trim())?;
    let year = found.get(2).map_or("", |y| y.as_str());
    let stamp = when::read(format!("{} {year} {}", &found[1], &found[3]).trim())?;
    Some(zones::abbreviated(&found[4]).map_or(stamp, |zone| zones::at(stamp, zone, None)))
}

/// The state with which a line begins, in small letters, and the words beside it.
pub fn state(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    let state = STATES.iter().find(|state| line.starts_with(**state))?;
    let rest = line[state.len()..].trim_start();
    let beside = rest.strip_prefix(['-', '–', '—', ':']);
    (rest.is_empty() || beside.is_some()).then(|| (state.to_lowercase(), beside.unwrap_or_default().trim().to_string()))
}

/// `Incident Report for Gridpay`, `Gridpay Status`.
fn provider(line: &str) -> Option<String> {
    let name = line.strip_prefix("Incident Report for ").or_else(|| line.strip_suffix(" Status"));
    name.filter(|name| name.split(' ').count() <= 4).map(str::to_string)
}

#[cfg(test)]
mod tests {
    use super::super::{read_whole, sniff};
    use super::*;
    use evidence::{Basis, SourceId};

    #[test]
    fn the_time_stands_below_the_words() {
        let copied = "Checkout fails\nIncident Report for Gridpay\n\nResolved\nAll is well.\nPosted 1 day ago. Jan 01, 2025 - 01:09 CET\n\nInvestigating\nPayments fail.\nPosted 1 day ago. Jan 01, 2025 - 01:01 CET\n\nThis incident affected: API.\n";
        let saved = "Gridpay Status\n\nIncident: Checkout fails\nIdentified\n\nResolved - All is well.\nJan 1, 00:09 UTC\n\nInvestigating - Payments fail.\nJan 1, 00:01 UTC\n";
        for (text, basis) in [(copied, Basis::Zoned), (saved, Basis::ZonedNoYear)] {
            assert!(sniff("s.txt", text.as_bytes(), true));
            let document = read_whole("s.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a page");
            let told: Vec<_> = document
                .events
                .iter()
                .map(|e| match &e.body {
                    Body::Status(s) => {
                        let stamp = e.stamp.expect("a time");
                        assert_eq!((stamp.basis, s.provider.as_str(), s.title.as_str()), (basis, "Gridpay", "Checkout fails"));
                        (s.state.as_str(), s.body.as_str(), stamp.micros / 60_000_000 % 60)
                    }
                    other => panic!("{other:?}"),
                })
                .collect();
            assert_eq!(told, [("resolved", "All is well.", 9), ("investigating", "Payments fail.", 1)]);
        }
    }

    #[test]
    fn notes_with_times_are_no_status_page() {
        for text in
            ["Update\nwe met\nsee you\n", "Resolved the ticket\nJan 1, 00:09 UTC\n", "Jan 1, 2025 - 00:09 UTC\nResolved\n"]
        {
            assert!(!sniff("s.txt", text.as_bytes(), true), "{text}");
        }
    }
}
