//! For who decides and does not debug: what happened, what it cost, why in one sentence, what is done about it.
//!
//! Sentences keep their ids and words, so that each can be found again in the engineers' report; of the cause its first
//! sentence is printed, with what speaks against it. Must never word anything anew. What breaks it: a first sentence that
//! says nothing without the second.

use std::collections::BTreeSet;

use super::{for_whom, keep};
use crate::compose::ROLLBACK;
use crate::model::{Cause, Claim, ContradictionKind, Reader, Report, Section, TimelineEntry, TimelineKind};

const WITHHELD: [&str; 4] = ["chain", "contributing", "whys", "prevention"];

pub fn brief(mut report: Report) -> Report {
    let mut audience = for_whom(Reader::Executive, &WITHHELD);
    let before = report.contradictions.len();
    report.contradictions.retain(|c| touches_figures(c.kind));
    if report.contradictions.is_empty() && before > 0 {
        // None that matters here is not the same as none.
        audience.withheld.push("contradictions".to_string());
    }
    report.chain.clear();
    report.contributing.clear();
    report.whys.clear();
    report.prevention.clear();
    report.audience = Some(audience);
    shorten(&mut report);
    report
}

/// The course in its milestones, the cause in a sentence, no stack traces; only claims and evidence that are used.
pub fn shorten(report: &mut Report) {
    report.timeline = milestones(report);
    let most = if report.undetermined { 2 } else { 1 };
    report.causes.truncate(most);
    report.causes.iter_mut().for_each(in_short);
    if let Some(course) = &mut report.course {
        // Words of logs and names of metrics are for those who debug.
        course.patterns.clear();
        course.tracks.clear();
        course.links.clear();
    }
    keep::only(report, is_wanted);
    for evidence in &mut report.evidence {
        evidence.before.clear();
        evidence.after.clear();
        evidence.text = without_trace(&evidence.text);
    }
}

fn is_wanted(claim: &Claim) -> bool {
    matches!(claim.section, Section::Summary | Section::Impact | Section::Response | Section::Actions | Section::Lessons)
}

fn touches_figures(kind: ContradictionKind) -> bool {
    matches!(kind, ContradictionKind::Duration | ContradictionKind::Time | ContradictionKind::Number)
}

/// The entries of the timeline that mark one of the six times, or else its first and its last.
fn milestones(report: &Report) -> Vec<TimelineEntry> {
    let known: BTreeSet<&str> = report.times.all().into_iter().filter_map(|(_, t)| t.map(|t| t.at.as_str())).collect();
    let triggers: BTreeSet<&str> = report.causes.iter().take(1).filter_map(|c| c.trigger.as_ref()?.at.as_deref()).collect();
    // What was taken back in vain cost time.
    let undone = |entry: &&TimelineEntry| entry.kind == TimelineKind::Action && entry.text.starts_with(ROLLBACK);
    let marks =
        |entry: &&TimelineEntry| known.contains(entry.at.as_str()) || triggers.contains(entry.at.as_str()) || undone(entry);
    let mut chosen: Vec<TimelineEntry> = report.timeline.iter().filter(marks).cloned().collect();
    chosen.dedup_by(|a, b| a.at == b.at && a.kind == b.kind);
    if !chosen.is_empty() {
        return chosen;
    }
    let ends = if report.timeline.len() > 1 { report.timeline.last() } else { None };
    report.timeline.first().into_iter().chain(ends).cloned().collect()
}

fn in_short(cause: &mut Cause) {
    cause.text = first_sentence(&cause.text).to_string();
    let strongest = cause.terms.iter().filter(|t| t.value > 0.0).max_by(|a, b| a.value.total_cmp(&b.value));
    if let Some(claim) = strongest.and_then(|term| term.claim.clone()) {
        cause.supports = vec![claim];
    } else {
        cause.supports.truncate(1);
    }
    cause.terms.clear();
    cause.tests.clear();
    // The sum of terms that are not shown.
    cause.score = None;
}

/// Up to the first full stop that ends a sentence, not one within a quotation or a name.
fn first_sentence(text: &str) -> &str {
    let mut quoted = false;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '“' => quoted = true,
            '”' => quoted = false,
            '.' if !quoted && letters.peek().is_none_or(|(_, next)| next.is_whitespace()) => {
                return text.get(..=at).unwrap_or(text);
            }
            _ => {}
        }
    }
    text
}

/// A record up to its first frame, with `…` for the rest.
fn without_trace(text: &str) -> String {
    let ends = ["\\n\\tat ", "\\n    at ", "\\nTraceback", "\\n  File ", "\\ngoroutine "];
    let escaped = ends.iter().filter_map(|end| text.find(end)).min();
    let mut at = 0;
    let mut framed = None;
    for line in text.split_inclusive('\n') {
        if at > 0 && is_frame(line) {
            framed = Some(at);
            break;
        }
        at += line.len();
    }
    match escaped.into_iter().chain(framed).min() {
        Some(end) => format!("{} …", text.get(..end).unwrap_or(text).trim_end()),
        None => text.to_string(),
    }
}

/// A line of a stack trace, in one of the languages that write them.
fn is_frame(line: &str) -> bool {
    let text = line.trim_start();
    let indented = text.len() < line.len();
    let head = ["at ", "File \"", "from ", "#0", "... "];
    indented && head.iter().any(|head| text.starts_with(head))
        || ["Traceback ", "goroutine ", "Caused by:", "stack backtrace:"].iter().any(|head| text.starts_with(head))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_ends_at_its_full_stop_and_not_within_a_name_or_a_quotation() {
        let text = "cart 3.8.0 caused it: it said “Stop. Now.” at once. Callers wait.";
        assert_eq!(first_sentence(text), "cart 3.8.0 caused it: it said “Stop. Now.” at once.");
        assert_eq!(first_sentence("no end"), "no end");
    }

    #[test]
    fn a_record_is_shown_without_its_stack_trace() {
        assert_eq!(without_trace("boom\n\tat a.B.c(B.java:3)\n\tat d"), "boom …");
        assert_eq!(without_trace(r#"{"m":"boom\n\tat a.B"}"#), r#"{"m":"boom …"#);
        assert_eq!(without_trace("{\n  \"from\": 1\n}"), "{\n  \"from\": 1\n}");
    }
}
