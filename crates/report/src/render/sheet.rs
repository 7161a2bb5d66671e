//! Timeline and actions as tables for a spreadsheet or a program: CSV by RFC 4180, in UTF-8.
//!
//! Every row names its claim and where the evidence stands. This module must never know findings. What breaks it: text
//! that a spreadsheet would take for a formula gets an apostrophe, as OWASP asks, also where a program that splits at `;`
//! or `"` would begin a cell.

use std::collections::BTreeMap;

use super::words;
use crate::model::{Claim, ClaimStatus, Evidence, Origin, Report};

const TIMELINE: [&str; 9] = ["time_utc", "kind", "service", "actor", "text", "status", "confidence", "claim", "citations"];
const ACTIONS: [&str; 10] =
    ["priority", "action", "owner", "due", "status", "origin", "done_when", "confidence", "claim", "citations"];

/// The timeline, one entry a row.
pub fn timeline_csv(report: &Report) -> String {
    let known = Known::of(report);
    let row = |entry: &crate::model::TimelineEntry| {
        let (status, confidence) = known.standing(&entry.claim);
        let (service, actor) = (entry.service.clone().unwrap_or_default(), entry.actor.clone().unwrap_or_default());
        let kind = words::kind(entry.kind).to_lowercase();
        let citations = known.places(entry.citations.iter().chain(known.cited(&entry.claim)));
        vec![entry.at.clone(), kind, service, actor, entry.text.clone(), status, confidence, entry.claim.clone(), citations]
    };
    written(&TIMELINE, report.timeline.iter().map(row))
}

/// The actions, one a row; what nobody stated is empty.
pub fn actions_csv(report: &Report) -> String {
    let known = Known::of(report);
    let row = |action: &crate::model::Action| {
        let stated = |value: &Option<String>| value.clone().unwrap_or_default();
        let origin = if action.origin == Origin::Suggested { "suggested" } else { "stated" };
        vec![
            stated(&action.priority),
            action.text.clone(),
            stated(&action.owner),
            stated(&action.due),
            stated(&action.status),
            origin.to_owned(),
            stated(&action.done_when),
            known.standing(&action.claim).1,
            action.claim.clone(),
            known.places(action.citations.iter().chain(known.cited(&action.claim))),
        ]
    };
    written(&ACTIONS, report.actions.iter().map(row))
}

/// Claims and evidence by their ids.
struct Known<'a> {
    claims: BTreeMap<&'a str, &'a Claim>,
    evidence: BTreeMap<&'a str, &'a Evidence>,
}

impl<'a> Known<'a> {
    fn of(report: &'a Report) -> Known<'a> {
        Known {
            claims: report.claims.iter().map(|claim| (claim.id.as_str(), claim)).collect(),
            evidence: report.evidence.iter().map(|item| (item.id.as_str(), item)).collect(),
        }
    }

    fn cited(&self, claim: &str) -> std::slice::Iter<'_, String> {
        self.claims.get(claim).map(|claim| claim.citations.iter()).unwrap_or_default()
    }

    /// How it is known, and how surely, 0 to 1.
    fn standing(&self, claim: &str) -> (String, String) {
        let Some(claim) = self.claims.get(claim) else { return Default::default() };
        let status = match claim.status {
            ClaimStatus::Measured => "measured",
            ClaimStatus::Stated => "stated",
            ClaimStatus::Inferred => "inferred",
            ClaimStatus::Disputed => "disputed",
        };
        (status.to_owned(), claim.confidence.to_string())
    }

    /// `logs/api.log:12 chat.txt:4`, each once.
    fn places<'b>(&self, ids: impl Iterator<Item = &'b String>) -> String {
        let mut places: Vec<String> = Vec::new();
        for item in ids.filter_map(|id| self.evidence.get(id.as_str())) {
            let place = format!("{}:{}", words::line(&item.source), item.line);
            if !places.contains(&place) {
                places.push(place);
            }
        }
        places.join(", ")
    }
}

fn written(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut out =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
    // Writing to memory does not fail, and all rows have as many cells as the head.
    let _ = out.write_record(head);
    for row in rows {
        let _ = out.write_record(row.iter().map(|cell| harmless(cell)));
    }
    String::from_utf8(out.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// One line in which no cell begins like a formula.
fn harmless(cell: &str) -> String {
    // What a control character in front would hide is shown first, so that it begins with a sign.
    let line = words::line(cell);
    let mut out = String::with_capacity(line.len() + 1);
    let mut begins = true;
    for c in line.chars() {
        if begins && matches!(c, '=' | '+' | '-' | '@' | '\u{FF1D}' | '\u{FF0B}' | '\u{FF0D}' | '\u{FF20}') {
            out.push('\'');
        }
        begins = matches!(c, ';' | '"' | '\'' | '|') || begins && (c == ' ' || is_picture(c));
        out.push(c);
    }
    if cell.starts_with(['\t', '\r', '\0']) && !out.starts_with('\'') { format!("'{out}") } else { out }
}

/// How a control character is shown.
fn is_picture(c: char) -> bool {
    matches!(c, '\u{2400}'..='\u{2421}' | '\u{FFFD}')
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn read(text: &str) -> Vec<Vec<String>> {
        let rows = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes()).into_records();
        rows.map(|row| row.expect("is CSV").iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn c5_no_cell_begins_like_a_formula() {
        for text in
            ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1", "\0=1", "  =1", "\"=1", ";=1", "a;=cmd|' /C calc'!A0", "a\";=1", "a\n=1"]
        {
            let shown = harmless(text);
            assert!(!shown.starts_with(['=', '+', '-', '@', '\t', '\r', '\0', '\n']), "{text:?}: {shown}");
            for cell in shown.split([';', '"']).map(str::trim_start) {
                assert!(!cell.starts_with(['=', '+', '-', '@']), "{text:?}: {shown}");
            }
        }
        assert_eq!(harmless("=1"), "'=1");
        assert_eq!(harmless("profile-service 3.8.0 = bad"), "profile-service 3.8.0 = bad");
    }

    #[test]
    fn c5_quotes_line_ends_and_separators_stay_in_their_cell() {
        let report = fixture::poisoned("a \"b\", c; d\r\n=e");
        for (text, columns) in [(timeline_csv(&report), TIMELINE.len()), (actions_csv(&report), ACTIONS.len())] {
            let rows = read(&text);
            assert!(rows.len() > 1 && rows.iter().all(|row| row.len() == columns));
            assert_eq!(text.matches("\r\n").count(), rows.len(), "a row is a line");
        }
    }

    #[test]
    fn every_row_names_its_claim_and_the_places_of_its_evidence() {
        let report = fixture::full();
        let rows = read(&timeline_csv(&report));
        for (row, entry) in rows.iter().skip(1).zip(&report.timeline) {
            assert_eq!((&row[0], &row[7]), (&entry.at, &entry.claim));
            for id in entry.citations.iter() {
                let item = report.evidence.iter().find(|item| item.id == *id).expect("the evidence is there");
                assert!(row[8].split(", ").any(|place| place == format!("{}:{}", item.source, item.line)), "{row:?}");
            }
        }
        assert_eq!(read(&actions_csv(&report)).len(), report.actions.len() + 1);
    }
}
