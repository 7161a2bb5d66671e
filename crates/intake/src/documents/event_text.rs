//! Events of Windows as `wevtutil qe … /f:text` prints them: names with values below `Event[0]:`, and what it says in the lines
//! behind `Description:`.
//!
//! Each is a line of the log of the program that wrote it. It must never take a line of a description for a name. What breaks
//! it: Windows in another language, whose names differ.

use evidence::Level;

use super::carried::{Carried, Outer};
use super::page::Page;
use super::{Document, when};

/// Reads such output; `None` when the text is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    if !is_likely(page) {
        return None;
    }
    let mut document = Document { format: "windows_event_text".into(), ..Document::default() };
    let starts: Vec<usize> = (0..page.len()).filter(|i| is_head(&page.line(*i))).collect();
    document.texts.extend((0..*starts.first()?).filter_map(|i| page.record(i)));
    let ends = starts.iter().skip(1).copied().chain([page.len()]);
    for (&start, end) in starts.iter().zip(ends) {
        let last = page.last_full(start, end);
        match event(page, start, last) {
            Some(event) => document.carried.push(event),
            None => document.texts.extend((start..=last).filter_map(|i| page.record(i))),
        }
    }
    document.records = (document.carried.len() + document.texts.len()) as u64;
    Some(document)
}

/// Whether the first lines are those of an event.
pub fn is_likely(page: &Page<'_>) -> bool {
    let first = (0..page.len().min(4)).find(|i| is_head(&page.line(*i)));
    first.is_some_and(|first| (first + 1..page.len().min(first + 6)).any(|i| value(&page.line(i), "Date").is_some()))
}

fn is_head(line: &str) -> bool {
    let number = line.strip_prefix("Event[").and_then(|rest| rest.trim_end().trim_end_matches(':').strip_suffix(']'));
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

fn value(line: &str, name: &str) -> Option<String> {
    let rest = line.trim_start().strip_prefix(name)?.strip_prefix(':')?.trim();
    (!rest.is_empty()).then(|| rest.to_string())
}

fn event(page: &Page<'_>, start: usize, last: usize) -> Option<Carried> {
    let said = (start..=last).find(|i| page.line(*i).trim_start().starts_with("Description:"))?;
    let of = |name: &str| (start..said).find_map(|i| value(&page.line(i), name)).filter(|text| text != "N/A");
    let words: Vec<String> = (said + 1..=last).map(|i| page.line(i).trim().to_string()).filter(|line| !line.is_empty()).collect();
    let words = value(&page.line(said), "Description").into_iter().chain(words).collect::<Vec<_>>().join("\n");
    let outer = Outer {
        stamp: of("Date").and_then(|at| when::read(&at)),
        level: of("Level").and_then(|word| Level::from_word(&word.to_lowercase())),
        service: of("Source"),
        instance: of("Computer"),
        fields: of("Event ID").map(|id| ("event_id".to_string(), id)).into_iter().collect(),
        ..Outer::default()
    };
    (!words.is_empty()).then(|| Carried::new(page.place(start, last), words, outer))
}

#[cfg(test)]
mod tests {
    use super::super::{read_whole, sniff};
    use super::*;
    use evidence::SourceId;

    #[test]
    fn an_event_is_a_line_of_the_log_of_its_source() {
        let text = "Event[0]:\n  Log Name: System\n  Source: Service Control Manager\n  Date: 2025-01-01T00:00:05.123\n  Event ID: 7031\n  Task: N/A\n  Level: Error\n  User: N/A\n  Computer: APP-01\n  Description: \nThe Cart service terminated unexpectedly.\nDate: none\n\nEvent[1]:\n  Log Name: System\n  Source: Kernel-Power\n  Date: 2025-01-01T00:01:05.123\n  Event ID: 41\n  Level: Critical\n  Computer: APP-01\n  Description: \nRebooted.\n";
        assert!(sniff("e.txt", text.as_bytes(), true));
        let document = read_whole("e.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("events");
        let record = document.carried[0].record(document.carried[0].place);
        assert_eq!(record.message, "The Cart service terminated unexpectedly.\nDate: none");
        assert_eq!((record.level, record.service.as_deref()), (Some(Level::Error), Some("Service Control Manager")));
        assert_eq!(record.stamp.map(|s| s.micros / 1_000_000 - 1_735_689_600), Some(5));
        assert_eq!((document.carried.len(), document.carried[1].place.line), (2, 14));
        assert!(!sniff("n.txt", b"Event[0]:\n  nothing\n", true));
    }
}
