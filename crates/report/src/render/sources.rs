//! What the report rests on: evidence with its surroundings, sources with what was read of them, what is not known.
//!
//! This module must never know markup and never cut a text: a long record is the page's to scroll. What breaks it: a
//! record whose text has other line breaks than its source is shown without line numbers.

use super::ledger::{Back, Ledger, Statement};
use super::words;
use crate::model::{ClockNote, CoverageSource, Evidence, Report, Section, SkippedPart};

/// A piece of evidence as it stands in its source.
pub struct Exhibit {
    pub id: String,
    pub anchor: String,
    pub source: String,
    /// `line 12` or `lines 12–18`.
    pub place: String,
    /// As data and in words.
    pub at: Option<(String, String)>,
    /// In which its source writes its times.
    pub zone: Option<String>,
    /// The record itself, without its surroundings; empty where it is withheld.
    pub text: String,
    pub lines: Vec<Line>,
    pub backs: Vec<Back>,
}

pub struct Line {
    /// Empty where the text's lines are not the source's.
    pub number: String,
    pub text: String,
    pub cited: bool,
}

pub struct Gap {
    pub field: String,
    pub question: String,
    pub needs: String,
}

pub struct Covered {
    pub rows: Vec<Read>,
    pub more: Vec<Statement>,
}

pub struct Read {
    pub name: String,
    pub format: String,
    pub size: String,
    pub lines: String,
    pub records: String,
    /// Rounded down: what was not read in full must not look so.
    pub share: u32,
    pub whole: bool,
    pub skipped: Vec<String>,
    /// What is to be said of what was read.
    pub notes: Vec<String>,
    pub zone: String,
    pub offset: String,
    pub basis: String,
    pub segments: Vec<String>,
}

pub struct Score {
    pub value: u32,
    pub parts: Vec<Points>,
}

pub struct Points {
    pub name: String,
    pub points: u32,
    pub of: u32,
    /// 0 to 100.
    pub share: u32,
}

pub fn evidence(report: &Report, ledger: &Ledger) -> Vec<Exhibit> {
    let mut seen = std::collections::BTreeSet::new();
    let mut out = Vec::new();
    for (i, item) in report.evidence.iter().enumerate() {
        let first = seen.insert(item.id.as_str());
        let anchor =
            ledger.evidence_anchor(&item.id).filter(|_| first).map_or_else(|| format!("evidence-{i}-again"), str::to_owned);
        out.push(Exhibit {
            id: words::short(&item.id, 24),
            anchor,
            source: words::line(&item.source),
            place: place(item),
            at: item.at.as_deref().map(|at| (words::line(at), words::moment(at))),
            zone: zone_of(report, &item.source),
            text: if item.withheld { String::new() } else { words::visible(&item.text) },
            lines: if item.withheld { Vec::new() } else { lines(item) },
            backs: if first { ledger.backs(&item.id) } else { Vec::new() },
        });
    }
    out
}

pub fn unknowns(report: &Report) -> Vec<Gap> {
    let gap = |unknown: &crate::model::Unknown| Gap {
        field: words::line(&unknown.field),
        question: words::line(&unknown.question),
        needs: words::line(&unknown.needs),
    };
    report.unknowns.iter().map(gap).collect()
}

pub fn coverage<'a>(report: &'a Report, ledger: &mut Ledger<'a>) -> Covered {
    Covered { rows: report.coverage.sources.iter().map(read).collect(), more: ledger.rest(report, Section::Evidence) }
}

pub fn score(report: &Report) -> Score {
    let part = |part: &crate::model::ScorePart| Points {
        name: words::plain(&part.name),
        points: part.points,
        of: part.of,
        share: if part.of == 0 { 0 } else { words::hundredths(f64::from(part.points) / f64::from(part.of)) },
    };
    Score { value: report.confidence_score.value, parts: report.confidence_score.parts.iter().map(part).collect() }
}

/// Where the clock of a source says in which zone it writes.
pub fn zone_of(report: &Report, source: &str) -> Option<String> {
    let source = report.coverage.sources.iter().find(|known| known.name == source)?;
    Some(words::line(&source.clock.zone)).filter(|zone| !zone.is_empty())
}

pub fn zone_of_evidence(report: &Report, id: &str) -> Option<String> {
    zone_of(report, &report.evidence.iter().find(|item| item.id == id)?.source)
}

fn place(item: &Evidence) -> String {
    if item.last_line > item.line {
        return format!("lines {}–{}", words::thousands(item.line), words::thousands(item.last_line));
    }
    format!("line {}", words::thousands(item.line))
}

/// The record between its neighbours.
fn lines(item: &Evidence) -> Vec<Line> {
    let text = words::visible(&item.text);
    let own: Vec<&str> = text.trim_end_matches('\n').split('\n').collect();
    let whole = item.last_line.checked_sub(item.line).is_some_and(|more| more.saturating_add(1) == own.len() as u64);
    let first = item.line.saturating_sub(item.before.len() as u64);
    let mut out = Vec::new();
    for (i, line) in (0_u64..).zip(&item.before) {
        out.push(Line {
            number: first.saturating_add(i).to_string(),
            text: words::visible(line).replace('\n', " "),
            cited: false,
        });
    }
    for (i, line) in (0_u64..).zip(own) {
        let number = if whole || i == 0 { item.line.saturating_add(i).to_string() } else { String::new() };
        out.push(Line { number, text: line.to_owned(), cited: true });
    }
    for (i, line) in (1_u64..).zip(&item.after) {
        let number = item.last_line.saturating_add(i).to_string();
        out.push(Line { number, text: words::visible(line).replace('\n', " "), cited: false });
    }
    out
}

fn read(source: &CoverageSource) -> Read {
    let whole = source.read_bytes >= source.bytes;
    let share = if source.bytes == 0 { 1.0 } else { source.read_bytes as f64 / source.bytes as f64 };
    Read {
        name: words::line(&source.name),
        format: words::line(&source.format),
        size: words::bytes(source.bytes),
        lines: words::thousands(source.lines),
        records: words::thousands(source.records),
        share: (share * 100.0).floor().clamp(0.0, 100.0) as u32,
        whole,
        skipped: parts(source, |part| !is_note(part)),
        notes: parts(source, is_note),
        zone: words::line(&source.clock.zone),
        offset: words::offset(source.clock.offset_s),
        basis: words::line(&source.clock.basis),
        segments: segments(&source.clock),
    }
}

fn is_note(part: &SkippedPart) -> bool {
    part.lines == 0 && part.bytes == 0 && part.first_line.is_some()
}

fn parts(source: &CoverageSource, wanted: fn(&SkippedPart) -> bool) -> Vec<String> {
    let told = |part: &SkippedPart| {
        let size = format!(": {}, {}", words::counted(part.lines, "line", "lines"), words::bytes(part.bytes));
        let size = if is_note(part) { String::new() } else { size };
        let from = part.first_line.map(|line| format!(", first at line {}", words::thousands(line))).unwrap_or_default();
        format!("{}{size}{from}", words::line(&part.reason))
    };
    source.skipped.iter().filter(|part| wanted(part)).map(told).collect()
}

fn segments(clock: &ClockNote) -> Vec<String> {
    let segment = |segment: &crate::model::ClockSegment| {
        let (first, last) = (words::thousands(segment.first_line), words::thousands(segment.last_line));
        format!("lines {first}–{last}: {}", words::offset(segment.offset_s))
    };
    clock.segments.iter().map(segment).collect()
}
