//! The due dates of actions as an iCalendar, RFC 5545.
//!
//! An action that is due on a date is an event of that whole day, because more calendars take events than tasks; one that
//! is due "on Friday" or "soon" is no event, and the calendar's description says how it was stated. Everything follows
//! from the report: a later report on the same incident updates the events by their ids. This module must never know a
//! clock. What breaks it: no text, as all of it is escaped and folded.

use super::words;
use crate::model::{Action, Origin, Report};

/// Ends with a line break; without a dated action it holds no event.
pub fn calendar(report: &Report) -> String {
    let mut out = Lines::default();
    out.raw("BEGIN:VCALENDAR");
    out.raw("VERSION:2.0");
    out.raw("PRODID:-//Casefile//Due dates of actions//EN");
    out.raw("CALSCALE:GREGORIAN");
    out.raw("METHOD:PUBLISH");
    out.text("X-WR-CALNAME", &format!("Actions: {}", words::line(&report.incident.title)));
    let undated: Vec<String> = report.actions.iter().filter_map(undated).collect();
    if !undated.is_empty() {
        out.text("X-WR-CALDESC", &format!("Due, but on no date: {}", undated.join("; ")));
    }
    let stamp = stamp(report);
    for action in &report.actions {
        if let Some(day) = action.due.as_deref().and_then(date) {
            event((report, action), &day, &stamp, &mut out);
        }
    }
    out.raw("END:VCALENDAR");
    out.text
}

/// How many actions have a date at which they are due.
pub fn dated(report: &Report) -> usize {
    report.actions.iter().filter(|action| action.due.as_deref().and_then(date).is_some()).count()
}

fn event((report, action): (&Report, &Action), day: &str, stamp: &str, out: &mut Lines) {
    let text = words::line(&action.text);
    out.raw("BEGIN:VEVENT");
    out.raw(&format!("UID:{}@casefile", id(report, &text)));
    out.raw(&format!("DTSTAMP:{stamp}"));
    out.raw(&format!("DTSTART;VALUE=DATE:{day}"));
    let priority = action.priority.as_deref().map(|p| format!("{}: ", words::line(p))).unwrap_or_default();
    out.text("SUMMARY", &format!("{priority}{text}"));
    out.text("DESCRIPTION", &description(report, action));
    out.text("CATEGORIES", "Incident action");
    out.raw("TRANSP:TRANSPARENT");
    out.raw("END:VEVENT");
}

fn description(report: &Report, action: &Action) -> String {
    let mut lines = vec![format!("Action of the incident: {}", words::line(&report.incident.title))];
    let mut push = |name: &str, value: &Option<String>| {
        lines.extend(value.as_deref().map(|value| format!("{name}: {}", words::line(value))))
    };
    push("Owner", &action.owner);
    push("Status", &action.status);
    push("Done when", &action.done_when);
    let place = |id: &String| {
        let item = report.evidence.iter().find(|item| item.id == *id)?;
        Some(format!("{}:{}", words::line(&item.source), item.line))
    };
    let places: Vec<String> = action.citations.iter().filter_map(place).collect();
    let origin = if action.origin == Origin::Suggested { "Suggested on" } else { "Stated in" };
    lines.push(format!("{origin} {} ({})", places.join(", "), words::line(&action.claim)));
    lines.join("\n")
}

/// One that says when it is due, but no date.
fn undated(action: &Action) -> Option<String> {
    let due = action.due.as_deref().filter(|due| date(due).is_none())?;
    Some(format!("{} ({})", words::line(&action.text), words::line(due)))
}

/// `20240209` of `2024-02-09`, `2024/02/09`, `9 February 2024`, `Feb 9, 2024`, and of a time on that day.
fn date(due: &str) -> Option<String> {
    let due = due.trim();
    let day = due.get(..10).filter(|_| due.get(10..).is_some_and(|rest| rest.is_empty() || rest.starts_with(['T', ' '])));
    let numbers: Option<Vec<u32>> = day.and_then(|day| {
        day.split(['-', '/']).map(|part| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok())?).collect()
    });
    if let (Some([year, month, day]), Some(text)) = (numbers.as_deref(), day) {
        return valid(*year, *month, *day).filter(|_| text.as_bytes().get(4) == text.as_bytes().get(7));
    }
    let parts: Vec<&str> = due.split([' ', ',']).filter(|part| !part.is_empty()).collect();
    let [first, second, year] = parts.as_slice() else { return None };
    let (day, month) = if month_of(first).is_some() { (second, first) } else { (first, second) };
    let day = day.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '.');
    let year = year.parse().ok().filter(|year| *year >= 1_000)?;
    valid(year, month_of(month)?, day.parse().ok()?)
}

fn month_of(word: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = word.trim_end_matches('.').to_ascii_lowercase();
    let at = MONTHS.iter().position(|month| word.len() >= 3 && month.starts_with(&word))?;
    u32::try_from(at + 1).ok()
}

fn valid(year: u32, month: u32, day: u32) -> Option<String> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    let fits = (1..=days).contains(&day) && (1_000..=9_999).contains(&year);
    fits.then(|| format!("{year:04}{month:02}{day:02}"))
}

/// The latest time of the report stands for when it was made.
fn stamp(report: &Report) -> String {
    let times = report.timeline.iter().map(|entry| entry.at.as_str());
    let all = times.chain(report.times.all().into_iter().filter_map(|(_, instant)| Some(instant?.at.as_str())));
    let latest = all.filter(|at| words::epoch(at).is_some()).max().and_then(|at| at.get(..19)).unwrap_or("1970-01-01T00:00:00");
    format!("{}Z", latest.replace(['-', ':'], ""))
}

/// The same for the same action of the same incident, whatever else a report says.
fn id(report: &Report, action: &str) -> String {
    let started = report.times.started.as_ref().map_or("", |instant| instant.at.get(..16).unwrap_or(""));
    let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    // FNV-1a, 128 bits: no secret depends on it, and it never changes.
    for byte in format!("{started}\n{action}").bytes() {
        hash = (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
    }
    format!("{hash:032x}")
}

/// Content lines: folded at 75 octets, each ended by CR LF.
#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    fn raw(&mut self, line: &str) {
        let mut octets = 0;
        for c in line.chars() {
            if octets + c.len_utf8() > 75 {
                self.text.push_str("\r\n ");
                octets = 1;
            }
            octets += c.len_utf8();
            self.text.push(c);
        }
        self.text.push_str("\r\n");
    }

    /// A value of the type TEXT.
    fn text(&mut self, name: &str, value: &str) {
        let mut line = format!("{name}:");
        for c in words::visible(value).chars() {
            match c {
                '\\' | ';' | ',' => line.extend(['\\', c]),
                '\n' => line.push_str("\\n"),
                '\t' => line.push(' '),
                _ => line.push(c),
            }
        }
        self.raw(&line);
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn due(dates: &[&str]) -> Report {
        let mut report = fixture::full();
        let first = report.actions[0].clone();
        report.actions = dates.iter().map(|due| Action { due: Some((*due).to_owned()), ..first.clone() }).collect();
        report
    }

    #[test]
    fn dates_are_taken_and_words_are_not() {
        let known = ["2024-02-29", "2024/02/29", "29 February 2024", "Feb 29, 2024", "29th Feb. 2024", "2024-02-29T17:00:00Z"];
        assert!(known.iter().all(|text| date(text).as_deref() == Some("20240229")));
        for text in [
            "Friday",
            "2023-02-29",
            "2024-13-01",
            "next week",
            "29 Feb",
            "2024-02-29x",
            "",
            "1/2/2024",
            "2024-02/29",
            "é024-02-29",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_due_on_no_date_is_no_event_and_is_told() {
        let text = calendar(&due(&["2024-02-09", "by Friday"])).replace("\r\n ", "");
        assert_eq!(text.matches("BEGIN:VEVENT").count(), 1);
        assert!(text.contains("DTSTART;VALUE=DATE:20240209\r\n"));
        assert!(text.contains("X-WR-CALDESC:Due\\, but on no date: ") && text.contains("(by Friday)"));
    }

    #[test]
    fn c7_no_text_begins_a_line_of_its_own() {
        let mut report = due(&["2024-02-09"]);
        report.actions[0].text = "a\r\nBEGIN:VALARM\r\nATTACH:x;y,z\\ é".repeat(9);
        report.actions[0].owner = Some("\u{2028}ATTACH:http://evil.example".to_owned());
        let text = calendar(&report);
        assert!(!text.contains("\nBEGIN:VALARM") && !text.contains("\nATTACH"));
        assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])), "{text}");
        assert!(text.replace("\r\n ", "").contains("ATTACH:x\\;y\\,z\\\\ é"));
    }

    #[test]
    fn ids_outlast_everything_but_the_action_and_the_incident() {
        let uid = |report: &Report| calendar(report).lines().find(|line| line.starts_with("UID:")).map(str::to_owned);
        let first = due(&["2024-02-09"]);
        let mut later = due(&["2024-03-01"]);
        later.incident.title = "Another title".to_owned();
        assert_eq!(uid(&first), uid(&later));
        later.actions[0].text.push('!');
        assert_ne!(uid(&first), uid(&later));
    }
}
