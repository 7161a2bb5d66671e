//! Lines of plain text as what they stand for: items with their bullets, headings, rows with tabs, lines of a log, and
//! the furniture of pages, which is left out. Must never touch what Markdown has already told apart.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::{Document, Kind, Section, Unit};

const BULLETS: &str = r"(?:[•·●▪◦‣∙○►–—*]|-|\[[ xX]\])";

static STARTS_LINE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(&format!(
        r"^\s*(?:{BULLETS}\s|\[?(?:\d{{4}}-\d\d-\d\d|\d{{1,2}}:\d\d\b)|\d{{1,2}}[.)]\s|[A-Z][\w/() -]{{0,40}}:\s|\{{\x22|Why\b)"
    ))
    .ok()
});
static BULLET: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&format!(r"^\s*(?:{BULLETS}\s+)+")).ok());
static LOG_LINE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let time = r"(?:\d{4}-\d\d-\d\d[T ]|\w{3} \d\d?,? (?:\d{4} )?)\d\d:\d\d:\d\d\S*";
    let level = r"\[?(?:FATAL|ERROR|WARN(?:ING)?|INFO|DEBUG|TRACE|CRITICAL|PANIC)\b";
    Regex::new(&format!(
        r#"^\s*(?:\[?{time}\]?(?: UTC)?\s+{level}|{level}\]?:?\s+\[?{time}|\{{"\w+":|goroutine \d+|\s+at \w+[.(])"#
    ))
    .ok()
});
static PAGE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?:^|\D)\d{1,4}\s?(?:/|of)\s?\d{1,4}$").ok());
static DIGITS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\d+").ok());

pub fn refine(document: &mut Document) {
    let titled = document.units.iter().any(|u| u.kind == Kind::Heading);
    let units = std::mem::take(&mut document.units);
    let lines: Vec<Unit> = units.into_iter().flat_map(lines).collect();
    document.units = rows(lines, &mut document.tables);
    if !titled {
        headings(document);
    }
}

/// The lines of a paragraph that begin anew; others are joined as they are wrapped.
fn lines(unit: Unit) -> Vec<Unit> {
    if matches!(unit.kind, Kind::Code | Kind::Row | Kind::Heading) {
        return vec![unit];
    }
    let mut parts = Vec::new();
    let mut from = 0;
    for (i, _) in unit.text.match_indices('\n') {
        let (line, rest) = (unit.text.get(from..i).unwrap_or_default(), unit.text.get(i + 1..).unwrap_or_default());
        if begins_anew(line, rest) || is_entry(&unit.text, line, rest) {
            parts.push(from..i);
            from = i + 1;
        }
    }
    parts.push(from..unit.text.len());
    parts.into_iter().filter_map(|range| item(&unit, range)).collect()
}

fn begins_anew(line: &str, rest: &str) -> bool {
    let next = rest.lines().next().unwrap_or_default();
    let tabbed = line.contains('\t') || next.contains('\t');
    let short = |l: &str| l.len() < 60 && !l.trim_end().ends_with(['.', ',', ';', '-']);
    tabbed || matches(&STARTS_LINE, next) || is_log(line) || is_log(next) || short(line) && short(next)
}

/// Lines of one item that begin with the same word, after one that ends as a statement does, are entries.
fn is_entry(text: &str, line: &str, rest: &str) -> bool {
    let ended = line.trim_end().ends_with([']', '.', ')', '”']);
    let word = rest.split_whitespace().next().unwrap_or_default();
    let lead = word.len() > 1 && word.bytes().all(|b| b.is_ascii_lowercase());
    ended
        && lead
        && (text.lines().filter(|l| l.split_whitespace().next() == Some(word)).count() >= 2 || line.trim_end().ends_with(']'))
}

fn item(unit: &Unit, range: std::ops::Range<usize>) -> Option<Unit> {
    let text = unit.text.get(range.clone())?;
    let bullet = BULLET.as_ref().and_then(|b| b.find(text)).map_or(0, |m| m.end());
    let kind = match () {
        () if is_log(text) => Kind::Code,
        () if bullet > 0 || matches(&STARTS_LINE, text) => Kind::Item,
        () => unit.kind,
    };
    let mut part = unit.part(range.start + bullet..range.end, kind);
    part.text = part.text.replace('\n', " ");
    (!part.text.trim().is_empty()).then_some(part)
}

fn is_log(line: &str) -> bool {
    matches(&LOG_LINE, line)
}

/// The text without the heads and feet of pages, of the same length; the first of each stays.
pub fn without_furniture(text: &str) -> String {
    let Some(digits) = DIGITS.as_ref() else { return text.to_string() };
    let paged = |l: &str| l.len() < 300 && matches(&PAGE, l);
    let shape = |l: &str| digits.replace_all(l, "#").into_owned();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for line in text.lines().map(str::trim).filter(|l| paged(l)) {
        *counts.entry(shape(line)).or_default() += 1;
    }
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut kept = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let bare = line.trim();
        let shape = if paged(bare) { shape(bare) } else { String::new() };
        let again = counts.get(&shape).is_some_and(|n| *n >= 3) && !seen.insert(shape);
        match again {
            true => kept.push_str(&format!("{}\n", " ".repeat(line.len().saturating_sub(1)))),
            false => kept.push_str(line),
        }
    }
    kept
}

/// Lines with tabs are rows; the first of several is the head.
fn rows(units: Vec<Unit>, tables: &mut Vec<Vec<String>>) -> Vec<Unit> {
    let mut found: Vec<Unit> = Vec::with_capacity(units.len());
    let mut open: Option<usize> = None;
    for mut unit in units {
        let tabbed = matches!(unit.kind, Kind::Prose | Kind::Item) && unit.text.trim().contains('\t');
        if !tabbed {
            open = None;
            found.push(unit);
            continue;
        }
        let mut at = 0;
        for cell in unit.text.split('\t') {
            unit.cells.push(at..at + cell.len());
            at += cell.len() + 1;
        }
        if open.is_none() && !unit.text.bytes().any(|b| b.is_ascii_digit()) {
            tables.push(unit.text.split('\t').map(|c| c.trim().to_lowercase()).collect());
            open = Some(tables.len() - 1);
            continue;
        }
        unit.kind = Kind::Row;
        unit.table = open;
        found.push(unit);
    }
    found
}

/// A short line that stands alone and says nothing is a heading, in a document without others.
fn headings(document: &mut Document) {
    let title = |u: &Unit| {
        let text = u.text.trim();
        let first = text.chars().next().is_some_and(char::is_uppercase);
        let plain = u.kind == Kind::Prose && text.len() <= 60 && text.split_whitespace().count() <= 7;
        plain && first && !text.ends_with(['.', ',', ';', '!']) && !text.contains(['@', '=', '|', '\t']) && !text.contains(": ")
    };
    for index in 0..document.units.len() {
        let is_title = document.units.get(index).is_some_and(title);
        if is_title && let Some(unit) = document.units.get_mut(index) {
            unit.kind = Kind::Heading;
            let path = unit.text.trim().trim_end_matches(':').to_lowercase();
            document.sections.push(Section { path });
        }
        if let Some(unit) = document.units.get_mut(index) {
            unit.section = document.sections.len() - 1;
        }
    }
}

fn matches(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|p| p.is_match(text))
}
