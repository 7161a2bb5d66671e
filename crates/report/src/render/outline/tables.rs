//! The sections that are mostly tables: overview, impact, actions, response, coverage, score.
//!
//! This module must never know more than the view, nor a format. What breaks it: nothing.

use super::super::blocks::{Inline, Line, Marker, cites, code, marked, plain, said, strong, text};
use super::super::figures::{Figure, Impact, Response};
use super::super::overview::{Overview, Row};
use super::super::{parts, sources};
use super::Out;

/// What each service did over time.
pub fn overview(overview: &Overview, out: &mut Out) {
    if overview.rows.is_empty() {
        return out.say("Nothing was counted over time.");
    }
    let row = |row: &Row| vec![vec![code(&row.name)], plain(&row.failures), plain(&row.records), plain(&row.blocks)];
    let columns = [("Service", 26), ("Failures", 12), ("Records", 12), ("Failures over time", 50)];
    out.table(&columns, overview.rows.iter().map(row).collect());
    out.say(super::super::overview::COUNTED);
}

pub fn impact(impact: &Impact, none_found: bool, out: &mut Out) {
    if impact.rows.is_empty() {
        out.say(if none_found { "No incident was found, so nothing was harmed." } else { "No figure of the harm is known." });
        return out.statements(&impact.more);
    }
    let names = |label: &str, list: &[String], none: &str| {
        let names = if list.is_empty() { none.to_owned() } else { list.join(", ") };
        vec![strong(label), text(format!(" {names}"))]
    };
    let mut lines = vec![names("Affected services:", &impact.services, "none named")];
    lines.extend(impact.blast_radius.as_ref().map(|harmed| names("Harmed by the cause:", harmed, "no further service")));
    out.list(Marker::Bullet, lines);
    let rows = impact.rows.iter().map(|row| figure(row, none_found)).collect();
    out.table(&[("Figure", 22), ("Value", 28), ("How it is known", 50)], rows);
    out.statements(&impact.more);
}

/// Label, value with its basis, and the claim behind it or what would be needed.
pub fn figure(figure: &Figure, none_found: bool) -> Vec<Line> {
    let label = vec![strong(figure.label)];
    let Some(value) = &figure.value else {
        return vec![label, plain("unknown"), needs(figure.needs.as_ref(), none_found)];
    };
    let mut known = figure.said.as_ref().map(said).unwrap_or_default();
    known.extend(figure.between.iter().map(|between| text(format!(" ({between})"))));
    vec![label, plain(format!("{value} ({})", figure.basis)), known]
}

/// On the cover: how long it was is said again below.
pub fn in_short(shown: &Figure, none_found: bool) -> Vec<Line> {
    let mut row = figure(shown, none_found);
    if shown.label == "Duration" && shown.value.is_some() {
        row.pop();
        row.push(shown.said.as_ref().map(|said| cites(said).into_iter().skip(1).collect()).unwrap_or_default());
    }
    row
}

pub fn actions(actions: &parts::Actions, out: &mut Out) {
    if actions.rows.is_empty() {
        out.say("Nobody stated an action, and none could be suggested from the evidence.");
    }
    // Without owners and dates there is nothing to tabulate.
    if actions
        .rows
        .iter()
        .all(|row| [&row.priority, &row.owner, &row.due, &row.status, &row.done_when].iter().all(|c| c.is_none()))
    {
        out.list(Marker::Bullet, actions.rows.iter().map(|row| said(&row.said)).collect());
        return out.statements(&actions.more);
    }
    let row = |row: &parts::Todo| {
        let mut what = said(&row.said);
        if row.suggested {
            what.extend([text(" "), Inline::Emphasis("Suggested by this report, nobody stated it.".to_owned())]);
        }
        if let Some(done) = &row.done_when {
            what.extend([text(" "), strong("Done when"), text(" ")]);
            what.extend(marked(done));
        }
        let cell = |value: &Option<String>| plain(value.as_deref().unwrap_or("none stated"));
        vec![cell(&row.priority), what, cell(&row.owner), cell(&row.due), cell(&row.status)]
    };
    let columns = [("Priority", 11), ("Action", 47), ("Owner", 14), ("Due", 14), ("Status", 14)];
    out.table(&columns, actions.rows.iter().map(row).collect());
    out.statements(&actions.more);
}

pub fn response(response: &Response, none_found: bool, out: &mut Out) {
    if response.instants.is_empty() {
        out.say(if none_found {
            "No incident was found, so there was nothing to detect or to end."
        } else {
            "It is not known when it was noticed and when it ended."
        });
        return out.statements(&response.more);
    }
    let mut rows = Vec::new();
    for mark in &response.instants {
        let label = vec![strong(mark.label)];
        let known = || mark.said.as_ref().map(said).unwrap_or_default();
        rows.push(match &mark.at {
            Some(at) => vec![label, plain(at), plain(&mark.interval), known()],
            None => vec![label, plain("unknown"), Line::new(), needs(mark.needs.as_ref(), none_found)],
        });
    }
    out.table(&[("Time", 18), ("Best estimate", 24), ("Between", 18), ("How it is known", 40)], rows);
    let rows = response.rows.iter().map(|row| figure(row, none_found)).collect();
    out.table(&[("How long", 26), ("Value", 24), ("How it is known", 50)], rows);
    out.paragraph(match (&response.remediation, &response.remediation_needs) {
        (Some(remedy), _) => vec![text("Remedy: "), strong(remedy)],
        (None, Some(needs)) => plain(format!("Remedy: unknown: needs {needs}")),
        (None, None) => plain("Remedy: unknown"),
    });
    out.statements(&response.more);
}

pub fn coverage(coverage: &sources::Covered, out: &mut Out) {
    if coverage.rows.is_empty() {
        out.say("No source was given.");
    }
    let row = |row: &sources::Read| {
        let mut read =
            format!("{}% of {}, {} {}", row.share, row.size, row.lines, if row.lines == "1" { "line" } else { "lines" });
        row.skipped.iter().for_each(|part| read.push_str(&format!("; skipped, {part}")));
        row.notes.iter().for_each(|note| read.push_str(&format!("; note: {note}")));
        let mut clock = match row.records.as_str() {
            "0" => row.basis.clone(),
            _ => format!("{}, zone {}; {}", row.offset, row.zone, row.basis),
        };
        row.segments.iter().for_each(|segment| clock.push_str(&format!("; {segment}")));
        vec![vec![code(&row.name)], plain(&row.format), plain(read), plain(&row.records), plain(clock)]
    };
    let columns = [("Source", 24), ("Format", 14), ("Read", 24), ("Records", 11), ("Clock", 27)];
    out.table(&columns, coverage.rows.iter().map(row).collect());
    if !coverage.more.is_empty() {
        out.paragraph(vec![strong("Records that stand for the rest")]);
    }
    out.statements(&coverage.more);
}

pub fn score(score: &sources::Score, out: &mut Out) {
    out.paragraph(vec![strong(score.value.to_string()), text(" of 100")]);
    let row = |part: &sources::Points| {
        // A cap has no points of its own: it bounds the sum.
        let points = if part.of == 0 { "lowers the parts above".to_owned() } else { format!("{} of {}", part.points, part.of) };
        vec![plain(&part.name), plain(points)]
    };
    out.table(&[("Part", 60), ("Points", 40)], score.parts.iter().map(row).collect());
}

fn needs(needs: Option<&String>, none_found: bool) -> Line {
    plain(match needs {
        Some(needs) => format!("needs {needs}"),
        None if none_found => "no incident was found".to_owned(),
        None => "nothing in the input gives it".to_owned(),
    })
}
