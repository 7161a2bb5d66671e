//! The sections of the Markdown that are mostly tables: impact, actions, response, coverage, score.
//!
//! This module must never know more than the view. What breaks it: nothing; each cell is escaped on its own.

use super::super::figures::Figure;
use super::super::view::Page;
use super::super::{parts, sources};
use super::escape::{code, inline};
use super::{Out, or, said};

pub fn impact(page: &Page, out: &mut Out) {
    out.heading(2, "Impact");
    let impact = &page.impact;
    if impact.rows.is_empty() {
        out.block("No incident was found, so nothing was harmed.");
        return out.statements(&impact.more);
    }
    let names = |list: &[String], none: &str| {
        if list.is_empty() { none.to_owned() } else { list.iter().map(|name| inline(name)).collect::<Vec<_>>().join(", ") }
    };
    let mut lines = vec![format!("**Affected services:** {}", names(&impact.services, "none named"))];
    if page.shows("blast_radius") {
        lines.push(format!("**Harmed by the cause:** {}", names(&impact.blast_radius, "no further service")));
    }
    out.list(&lines);
    let rows: Vec<Vec<String>> = impact.rows.iter().map(|row| figure(row, page.none_found)).collect();
    out.table(&["Figure", "Value", "How it is known"], &rows);
    out.statements(&impact.more);
}

/// Label, value with its basis, and the claim behind it or what would be needed.
pub fn figure(figure: &Figure, none_found: bool) -> Vec<String> {
    let label = format!("**{}**", figure.label);
    let Some(value) = &figure.value else {
        return vec![label, "unknown".to_owned(), needs(figure.needs.as_ref(), none_found)];
    };
    let mut known = figure.said.as_ref().map(said).unwrap_or_default();
    if let Some(between) = &figure.between {
        known = format!("{known} ({})", inline(between));
    }
    vec![label, format!("{} ({})", inline(value), figure.basis), known]
}

pub fn actions(actions: &parts::Actions, out: &mut Out) {
    out.heading(2, "Action items");
    if actions.rows.is_empty() {
        out.block("Nobody stated an action, and none could be suggested from the evidence.");
    }
    let none = "none stated";
    let row = |row: &parts::Todo| {
        let mut text = said(&row.said);
        if row.suggested {
            text.push_str(" *Suggested by this report, nobody stated it.*");
        }
        if let Some(done) = &row.done_when {
            text.push_str(&format!(" **Done when** {}", inline(done)));
        }
        let cell = |value: &Option<String>| or(value.as_ref(), none);
        vec![cell(&row.priority), text, cell(&row.owner), cell(&row.due), cell(&row.status)]
    };
    out.table(&["Priority", "Action", "Owner", "Due", "Status"], &actions.rows.iter().map(row).collect::<Vec<_>>());
    out.statements(&actions.more);
}

pub fn response(page: &Page, out: &mut Out) {
    out.heading(2, "Detection, response and resolution");
    let response = &page.response;
    if response.instants.is_empty() {
        out.block("No incident was found, so there was nothing to detect or to end.");
        return out.statements(&response.more);
    }
    let mut rows = Vec::new();
    for mark in &response.instants {
        let label = format!("**{}**", mark.label);
        rows.push(match &mark.at {
            Some(at) => vec![label, inline(at), inline(&mark.interval), mark.said.as_ref().map(said).unwrap_or_default()],
            None => vec![label, "unknown".to_owned(), String::new(), needs(mark.needs.as_ref(), page.none_found)],
        });
    }
    out.table(&["Time", "Best estimate", "Between", "How it is known"], &rows);
    let rows: Vec<Vec<String>> = response.rows.iter().map(|row| figure(row, page.none_found)).collect();
    out.table(&["How long", "Value", "How it is known"], &rows);
    out.block(&match (&response.remediation, &response.remediation_needs) {
        (Some(remedy), _) => format!("Remedy: **{}**", inline(remedy)),
        (None, Some(needs)) => format!("Remedy: unknown: needs {}", inline(needs)),
        (None, None) => "Remedy: unknown".to_owned(),
    });
    out.statements(&response.more);
}

pub fn coverage(coverage: &sources::Covered, out: &mut Out) {
    out.heading(2, "Coverage");
    if coverage.rows.is_empty() {
        out.block("No source was given.");
    }
    let row = |row: &sources::Read| {
        let mut read = format!("{}% of {}, {} lines", row.share, row.size, row.lines);
        for part in &row.skipped {
            read.push_str(&format!("; skipped, {}", inline(part)));
        }
        for note in &row.notes {
            read.push_str(&format!("; note: {}", inline(note)));
        }
        let mut clock = format!("{}, zone {}; {}", inline(&row.offset), inline(&row.zone), inline(&row.basis));
        for segment in &row.segments {
            clock.push_str(&format!("; {}", inline(segment)));
        }
        vec![code(&row.name), inline(&row.format), read, row.records.clone(), clock]
    };
    out.table(&["Source", "Format", "Read", "Records", "Clock"], &coverage.rows.iter().map(row).collect::<Vec<_>>());
    out.statements(&coverage.more);
}

pub fn score(score: &sources::Score, out: &mut Out) {
    out.heading(2, "Confidence score");
    out.block(&format!("**{}** of 100", score.value));
    let rows: Vec<Vec<String>> =
        score.parts.iter().map(|part| vec![inline(&part.name), format!("{} of {}", part.points, part.of)]).collect();
    out.table(&["Part", "Points"], &rows);
}

fn needs(needs: Option<&String>, none_found: bool) -> String {
    match needs {
        Some(needs) => format!("needs {}", inline(needs)),
        None if none_found => "no incident was found".to_owned(),
        None => "nothing in the input gives it".to_owned(),
    }
}
