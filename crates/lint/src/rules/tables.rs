//! Parts against the whole in tables, and in lines that list points (`Confidence 91: a 30/30, b 15/20`).
//!
//! Misleads in a table whose total counts what its rows do not show.

use std::sync::LazyLock;

use regex::Regex;

use super::Spot;
use super::totals::plain;
use crate::Finding;
use crate::document::{Document, Kind, Unit};
use crate::story::{Story, speaks};

static TOTAL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)^\W*(?:grand |sub)?(?:total|sum|score|overall|all)\b").ok());
static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^\W{0,2}?([+\-−–]?)[$€£]?\s?(\d[\d,]*(?:\.\d+)?)\s?(%|ms|s|min|minutes|h|k|M|USD|EUR|points?|requests|users)?\W{0,2}$",
    )
    .ok()
});
static POINTS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(\d+(?:\.\d+)?)\s?(?:/|of)\s?(\d+(?:\.\d+)?)").ok());
static SCORE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\W*(\d+)\W* of 100\W*$").ok());
static LISTED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\W*[A-Za-z ]{3,40}? (\d+)(?:/100)?: [^:]*\d+/\d+, [^:]*\d+/\d+").ok());

pub fn check(document: &Document, _: &Story, found: &mut Vec<Finding>) {
    let mut open: Vec<&Unit> = Vec::new();
    for unit in &document.units {
        if open.last().is_some_and(|last| unit.kind != Kind::Row || last.table != unit.table) {
            table(document, &open, found);
            open.clear();
        }
        if unit.kind == Kind::Row && unit.table.is_some() {
            open.push(unit);
        } else if speaks(unit.kind) {
            listed(document, unit, found);
        }
    }
    table(document, &open, found);
    scores(document, found);
}

fn table(document: &Document, rows: &[&Unit], found: &mut Vec<Finding>) {
    let Some((last, above)) =
        rows.split_last().filter(|(last, above)| above.len() >= 2 || !above.is_empty() && last.text.contains("sum of"))
    else {
        return;
    };
    let columns = last.cells.len();
    let total = TOTAL.as_ref().is_some_and(|p| p.is_match(&last.text));
    for column in 1..columns {
        let number = |row: &&&Unit| row.cells.get(column).and_then(|c| number(row.text.get(c.clone())?));
        let parts: Vec<f64> = above.iter().filter_map(|r| number(&r).map(|n| n.0)).collect();
        if total && parts.len() == above.len() {
            total_row(document, last, column, &parts, found);
        } else if !total {
            let all: Vec<(f64, bool)> = rows.iter().filter_map(|r| number(&r)).collect();
            if all.len() == rows.len() {
                split(document, last, column, &all, found);
            }
        }
    }
}

fn total_row(document: &Document, last: &Unit, column: usize, parts: &[f64], found: &mut Vec<Finding>) {
    let Some(cell) = last.cells.get(column) else { return };
    let Some((sum, _)) = last.text.get(cell.clone()).and_then(number) else { return };
    let is: f64 = parts.iter().sum();
    if last.text.get(cell.clone()).and_then(number).is_some_and(|n| n.1)
        && (sum - 100.0).abs() > 1.5
        && (80.0..=120.0).contains(&sum)
    {
        let spot = Spot { document, unit: last, range: cell.clone() };
        found.push(spot.says("sum/percent", format!("the shares of the column add up to {} %, not 100 %", plain(sum)), None));
        return;
    }
    let average = is / parts.len() as f64;
    let kept = [is, average].iter().any(|v| (v - sum).abs() <= 0.011 * (parts.len() as f64).clamp(1.0, 5.0) + sum.abs() * 1e-6);
    if !kept {
        let spot = Spot { document, unit: last, range: cell.clone() };
        found.push(spot.says("sum/total", format!("the rows above add up to {}, not {}", plain(is), plain(sum)), None));
    }
}

/// A column of shares that is nearly a whole.
fn split(document: &Document, last: &Unit, column: usize, all: &[(f64, bool)], found: &mut Vec<Finding>) {
    let sum: f64 = all.iter().map(|n| n.0).sum();
    let shares = all.len() >= 3 && all.iter().all(|n| n.1);
    if shares
        && (85.0..=115.0).contains(&sum)
        && (sum - 100.0).abs() > 1.5
        && let Some(cell) = last.cells.get(column)
    {
        let spot = Spot { document, unit: last, range: cell.clone() };
        found.push(spot.says("sum/percent", format!("the shares of the column add up to {} %, not 100 %", plain(sum)), None));
    }
}

/// The number that a cell is, and whether it is a share.
fn number(cell: &str) -> Option<(f64, bool)> {
    let captures = NUMBER.as_ref()?.captures(cell.trim())?;
    let value: f64 = captures.get(2)?.as_str().replace(',', "").parse().ok()?;
    let negative = matches!(captures.get(1).map(|m| m.as_str()), Some("-" | "−" | "–"));
    Some((if negative { -value } else { value }, captures.get(3).is_some_and(|u| u.as_str() == "%")))
}

/// `Confidence 91: citation coverage 30/30, …`.
fn listed(document: &Document, unit: &Unit, found: &mut Vec<Finding>) {
    let Some(total) = LISTED.as_ref().and_then(|p| p.captures(&unit.text)).and_then(|c| c.get(1)) else { return };
    let points = points(&unit.text);
    let is: f64 = points.iter().map(|p| p.0).sum();
    if total.as_str().parse::<f64>().is_ok_and(|t| (t - is).abs() > 0.01) {
        let spot = Spot { document, unit, range: total.range() };
        found.push(spot.says("sum/total", format!("its parts add up to {}, not {}", plain(is), total.as_str()), None));
    }
    exceeding(document, unit, &points, found);
}

/// `**75** of 100`, with a table of points below it.
fn scores(document: &Document, found: &mut Vec<Finding>) {
    let prose = document.units.iter().enumerate().filter(|(_, u)| u.kind == Kind::Prose && u.text.len() < 40);
    for (index, unit) in prose.filter(|(_, u)| SCORE.as_ref().is_some_and(|p| p.is_match(&u.text))).take(8) {
        let Some(total) = SCORE.as_ref().and_then(|p| p.captures(&unit.text)).and_then(|c| c.get(1)) else { continue };
        let rows = document.units.iter().skip(index + 1).take_while(|u| u.kind == Kind::Row && u.section == unit.section);
        let rows: Vec<&Unit> = rows.collect();
        let all: Vec<(f64, f64)> =
            rows.iter().filter_map(|r| points(r.text.get(r.cells.last()?.clone())?).first().copied()).collect();
        let is: f64 = all.iter().map(|p| p.0).sum();
        if all.len() >= 2 && total.as_str().parse::<f64>().is_ok_and(|t| (t - is).abs() > 0.01) {
            let spot = Spot { document, unit, range: total.range() };
            found.push(spot.says("sum/total", format!("its parts add up to {}, not {}", plain(is), total.as_str()), None));
        }
        for row in rows {
            let own = row.cells.last().and_then(|c| row.text.get(c.clone())).map(points).unwrap_or_default();
            exceeding(document, row, &own, found);
        }
        let said = document.units.iter().filter(|u| u.kind == Kind::Prose && u.text.contains("score "));
        for other in said {
            let Some(at) = other.text.find(" of 100") else { continue };
            let digits = other.text.get(..at).and_then(|t| t.split_whitespace().next_back()).unwrap_or_default();
            if digits.parse::<f64>().is_ok() && digits != total.as_str() {
                let spot = Spot { document, unit: other, range: at - digits.len()..at };
                let line = document.line(unit);
                found.push(spot.says(
                    "number/twice",
                    format!("the score is {digits} here and {} in line {line}", total.as_str()),
                    Some(line),
                ));
            }
        }
    }
}

fn exceeding(document: &Document, unit: &Unit, points: &[(f64, f64)], found: &mut Vec<Finding>) {
    for (part, whole) in points.iter().filter(|(part, whole)| part > whole) {
        let spot = Spot { document, unit, range: 0..unit.text.len() };
        found.push(spot.says("sum/total", format!("{} points of {} are too many", plain(*part), plain(*whole)), None));
    }
}

fn points(text: &str) -> Vec<(f64, f64)> {
    let all = POINTS.iter().flat_map(|p| p.captures_iter(text));
    all.filter_map(|c| Some((c.get(1)?.as_str().parse().ok()?, c.get(2)?.as_str().parse().ok()?))).collect()
}
