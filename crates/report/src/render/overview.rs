//! The pictures of the incident: rates, swim lanes and patterns under one axis of time, and the way of the failure.
//!
//! Made of the report's `course`, times and timeline. This module must never count anything itself. What breaks it: a
//! report without a course has no pictures of counts; one without times has no axis.

mod axis;
mod graph;
mod lanes;
mod rates;

use super::ledger::Ledger;
use super::scene::Scene;
use super::words;
use crate::course::Course;
use crate::model::{Report, Status};
use axis::Axis;

/// What the numbers of a service count.
pub const COUNTED: &str =
    "Failures: records of the incident's kinds of failure, or requests answered with 5xx where these are more.";

pub struct Overview {
    pub charts: Vec<Chart>,
    /// What each service did over time.
    pub rows: Vec<Row>,
}

pub struct Chart {
    pub title: &'static str,
    /// Names that its parts refer to begin so.
    pub anchor: &'static str,
    /// Where time stands on it, if it has an axis of time.
    pub axis: Option<Span>,
    /// What it shows, in words for who does not see it.
    pub says: String,
    pub scene: Scene,
}

/// Seconds since 1970 at the ends of an axis, and where these lie.
pub struct Span {
    pub from: f64,
    pub to: f64,
    pub left: f64,
    pub right: f64,
}

pub struct Row {
    pub name: String,
    pub failures: String,
    pub records: String,
    /// The failures as a line of blocks.
    pub blocks: String,
}

/// Counts and events over time, of a report that is no "none found".
pub fn overview(report: &Report, ledger: &Ledger) -> Overview {
    if report.incident.status == Status::NoneFound {
        return Overview { charts: Vec::new(), rows: Vec::new() };
    }
    let rows = report.course.as_ref().map(rows).unwrap_or_default();
    Overview { charts: time(report, ledger).into_iter().collect(), rows }
}

/// The way of the failure through the services.
pub fn way(report: &Report, ledger: &Ledger) -> Option<Chart> {
    graph::chart(report, ledger)
}

/// Everything that has a time, under one axis.
fn time(report: &Report, ledger: &Ledger) -> Option<Chart> {
    let axis = Axis::of(report, ledger)?;
    let told = &Told { report, ledger };
    let mut scene = Scene { width: axis::WIDTH, height: 0.0, marks: Vec::new() };
    let mut y = axis.markers_height();
    let top = y;
    if let Some(course) = &report.course {
        y = rates::volume(course, told, (&axis, y), &mut scene);
        y = rates::tracks(course, told, (&axis, y), &mut scene);
    }
    y = lanes::services(told, (&axis, y), &mut scene);
    if let Some(course) = &report.course {
        y = lanes::patterns(course, told, (&axis, y), &mut scene);
    }
    if y <= top {
        return None;
    }
    scene.height = lanes::legend(report, axis.draw(&mut scene, (top, y)), &mut scene);
    Some(Chart { title: "The incident over time", anchor: "time", axis: Some(axis.span()), says: says(report, &axis), scene })
}

/// The picture in a sentence or two.
fn says(report: &Report, axis: &Axis) -> String {
    let mut parts = vec![format!("Time runs from {} to {}.", words::moment(&axis.begins()), words::moment(&axis.ends()))];
    if let Some(course) = &report.course {
        let failing = course.services.iter().filter(|s| s.failures.iter().any(|n| *n > 0)).count();
        let services = words::counted(failing as u64, "service that failed", "services that failed");
        let kinds = words::counted(course.patterns.len() as u64, "kind of failure", "kinds of failure");
        parts.push(format!("It shows {services} and {kinds}, each with when they came and how often."));
    }
    parts.push("Every mark links to its evidence; the numbers stand in the sections below.".to_owned());
    parts.join(" ")
}

fn rows(course: &Course) -> Vec<Row> {
    let row = |service: &crate::course::ServiceCourse| Row {
        name: words::line(&service.name),
        failures: words::thousands(service.failures.iter().sum()),
        records: words::thousands(service.records.iter().sum()),
        blocks: blocks(&service.failures, 24),
    };
    course.services.iter().map(row).collect()
}

/// Counts as a line of so many blocks; each holds the greatest of its steps.
fn blocks(counts: &[u64], length: usize) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = counts.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return String::new();
    }
    let width = counts.len().div_ceil(length.max(1)).max(1);
    let block = |part: &[u64]| match part.iter().copied().max().unwrap_or(0) {
        0 => '·',
        n => BLOCKS[((n * 8).div_ceil(most).clamp(1, 8) - 1) as usize],
    };
    counts.chunks(width).map(block).collect()
}

/// A report and where its evidence stands on the page.
struct Told<'a> {
    report: &'a Report,
    ledger: &'a Ledger<'a>,
}

/// Text of a size that fits into a width, by the usual widths of letters in a sans face.
fn fitted(text: &str, size: f64, width: f64) -> String {
    let em = |c: char| match c {
        'i' | 'j' | 'l' | 't' | 'f' | 'r' | ' ' | '.' | ',' | ':' | ';' | '|' | '!' | '\'' | '(' | ')' | '[' | ']' => 0.34,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 0.92,
        c if c.is_ascii_uppercase() || c == '_' => 0.66,
        c if c.is_ascii() => 0.58,
        _ => 1.0,
    };
    let whole: f64 = text.chars().map(em).sum();
    if whole * size <= width {
        return text.to_owned();
    }
    let mut used = em('…') * size;
    let fits = |c: &char| {
        used += em(*c) * size;
        used <= width
    };
    let head: String = text.chars().take_while(fits).collect();
    // Half of a long word reads as something else: a header's value without what tells that it is no secret.
    let head = match head.rsplit_once(' ') {
        Some((whole, half)) if half.chars().count() >= LONG_WORD => whole,
        _ => head.as_str(),
    };
    format!("{}…", head.trim_end())
}

/// A part of a word that is left out where it is as long.
const LONG_WORD: usize = 10;

#[cfg(test)]
mod tests;
