//! Tickets of Request Tracker as it prints them: what the ticket is, and below it what was written to it, each with its time.
//!
//! A ticket may be a report of trouble, a change or a wish: nobody was paged, so each entry is what its author wrote. It must never
//! take its times for those of UTC: it writes them in the zone of the server. What breaks it: a content that quotes such an entry.

use evidence::{Event, Stamp};

use super::incident_tools::said;
use super::page::Page;
use super::{Document, when};

/// Lines within which the members of a ticket stand.
const HEAD: usize = 60;

/// Reads such a ticket; `None` when the text is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    if !is_likely(page) {
        return None;
    }
    let mut document = Document { format: "request_tracker".into(), ..Document::default() };
    let subject = (0..page.len().min(HEAD)).find_map(|i| Some(page.line(i).strip_prefix("Subject: ")?.trim().to_string()));
    let starts: Vec<(usize, Stamp)> = (0..page.len()).filter_map(|i| Some((i, acted_upon(&page.line(i))?))).collect();
    let first = starts.first().map_or(page.len(), |(at, _)| *at);
    document.texts.extend((0..first).filter_map(|i| page.record(i)));
    for (n, (start, stamp)) in starts.iter().enumerate() {
        let end = starts.get(n + 1).map_or(page.len(), |(at, _)| *at);
        match entry(page, *start, end, subject.as_deref()) {
            Some((author, text, last)) => {
                document.events.push(Event { place: page.place(*start, last), stamp: Some(*stamp), body: said(author, text) });
            }
            None => document.texts.extend((*start..end).filter_map(|i| page.record(i))),
        }
    }
    document.records = (document.events.len() + document.texts.len()) as u64;
    (!document.events.is_empty()).then_some(document)
}

/// Whether a text begins with the members of a ticket and has an entry.
pub fn is_likely(page: &Page<'_>) -> bool {
    let within = || 0..page.len().min(HEAD);
    let begins = |name: &str| within().any(|i| page.line(i).starts_with(name));
    begins("id: ticket/") && begins("Queue: ") && within().any(|i| acted_upon(&page.line(i)).is_some())
}

/// `Tue Jan 07 10:12:15 2025: Request 812 was acted upon.`
fn acted_upon(line: &str) -> Option<Stamp> {
    let (time, number) = line.trim_end().strip_suffix(" was acted upon.")?.split_once(": Request ")?;
    when::read(time).filter(|_| number.bytes().all(|b| b.is_ascii_digit()))
}

/// Who wrote it, what, and the last line of it.
fn entry(page: &Page<'_>, start: usize, end: usize, subject: Option<&str>) -> Option<(String, String, usize)> {
    let lines: Vec<String> = (start + 1..end).map(|i| page.line(i).trim_end().to_string()).collect();
    let what = lines.iter().find_map(|line| line.strip_prefix("Transaction: "))?.trim();
    let (deed, author) = what.rsplit_once(" by ")?;
    let author = author.split('@').next().unwrap_or(author).trim().to_string();
    let content: Vec<&str> = match lines.iter().position(|line| line.starts_with("Content:")) {
        Some(at) => {
            let first = lines[at].trim_start_matches("Content:").trim();
            let rest = lines[at + 1..].iter().map(|line| line.trim()).take_while(|line| *line != "--");
            [first].into_iter().chain(rest).collect()
        }
        None => Vec::new(),
    };
    let content = content.join("\n").trim().to_string();
    let is_new = deed.starts_with("Ticket created");
    let text = match (is_new, content.is_empty()) {
        (true, _) => [subject.unwrap_or_default(), content.as_str()].join("\n").trim().to_string(),
        (false, true) => deed.to_string(),
        (false, false) => content,
    };
    let last = (start..end).rev().find(|i| !page.is_blank(*i) && page.line(*i).trim() != "--").unwrap_or(start);
    Some((author, text, last))
}

#[cfg(test)]
mod tests {
    use evidence::{Body, SourceId};

    use crate::documents::read_whole;

    #[test]
    fn what_was_written_to_a_ticket_is_said_by_its_author() {
        let text = "id: ticket/812\nQueue: support\nOwner: bo\nSubject: printer is gone\nCreated: Tue Jan 07 10:12:15 2025\n\n\
            Tue Jan 07 10:12:15 2025: Request 812 was acted upon.\nTransaction: Ticket created by ann@example.org\nContent:\n    Hi,\n    nothing prints.\n\n--\n\n\
            Tue Jan 07 10:20:00 2025: Request 812 was acted upon.\nTransaction: Taken by bo\n\n--\n";
        let document = read_whole("812.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a ticket");
        let said: Vec<(String, String, u64)> = document
            .events
            .iter()
            .map(|e| match &e.body {
                Body::Message(m) => (m.author.clone(), m.text.clone(), e.place.line),
                other => panic!("{other:?}"),
            })
            .collect();
        let expected = [("ann", "printer is gone\nHi,\nnothing prints.", 7), ("bo", "Taken", 15)]
            .map(|(a, t, l)| (a.to_string(), t.to_string(), l));
        assert_eq!((document.format.as_str(), &said[..]), ("request_tracker", &expected[..]));
        let other = text.replace("id: ticket/812", "number: 812");
        let is_ticket = |d: &crate::documents::Document| d.format == "request_tracker";
        assert!(!read_whole("812.txt", SourceId { input: 0, entry: 0 }, other.as_bytes()).as_ref().is_some_and(is_ticket));
    }
}
