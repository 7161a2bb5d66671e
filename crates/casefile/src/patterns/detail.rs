//! What `casefile patterns --show` shows of single patterns to somebody at a terminal: where and when, and what its
//! variables hold. Must never know a number that [`super::line`] does not have.

use std::io::{self, Write};

use super::grid::{self, Cell, Column, Style, painted};
use super::table::{Look, grouped, share};
use super::variables::{Of, Told, numbered, readable};
use super::{Row, Summary, line};
use crate::output;

pub fn write(rows: &[(Row<'_>, Option<Told<'_>>)], summary: &Summary, look: Look, out: &mut dyn Write) -> io::Result<()> {
    for (index, (row, told)) in rows.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let name = format!("p{}", row.rank);
        writeln!(out, "{}  {}", painted(&name, Style::Bold, look.color), shown(&numbered(row.template)))?;
        facts(row, summary).iter().try_for_each(|fact| writeln!(out, "  {}", shown(fact)))?;
        if let Some(told) = told {
            variables(told, look, out)?;
        }
    }
    Ok(())
}

fn shown(text: &str) -> String {
    output::shown(text).replace(['\n', '\t'], " ")
}

fn facts(row: &Row<'_>, summary: &Summary) -> Vec<String> {
    let here = row.here;
    let mut facts =
        vec![format!("{} of {} records, {}", grouped(here.count), grouped(summary.records), share(here.count, summary.records))];
    if let Some(against) = &row.against {
        let change = line::word(against.comparison.change);
        facts.push(format!("against the baseline: {change}, {} records there", grouped(against.counts.count)));
    }
    let levels: Vec<String> = here.levels().map(|(level, count)| format!("{} {}", level.word(), grouped(count))).collect();
    if !levels.is_empty() {
        facts.push(format!("levels: {}", levels.join(", ")));
    }
    if !here.services.is_empty() {
        let names: Vec<&str> = here.services.iter().map(String::as_str).collect();
        facts.push(format!("services: {}{}", names.join(", "), if here.more_services { " and more" } else { "" }));
    }
    if let Some((first, last)) = here.first.zip(here.last) {
        facts.push(format!("from {} to {}", first.rfc3339(), last.rfc3339()));
    }
    facts.extend(here.example.map(|place| format!("first in {}, line {}", row.source, place.line)));
    facts
}

fn variables(told: &Told<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    if !told.variables.is_empty() {
        writeln!(out)?;
        let column =
            |title: &'static str, cell: &dyn Fn(&Of<'_>) -> Cell| Column::new(title, told.variables.iter().map(cell).collect());
        let amount = |of: &Of<'_>, which: fn((f64, f64)) -> f64| {
            Cell::new(&of.extremes.map(|extremes| readable(which(extremes), of.unit)).unwrap_or_default(), Style::Plain)
        };
        let columns = vec![
            column("variable", &|of| Cell::new(&format!("<{}>", of.position), Style::Dim)).right(),
            column("type", &|of| Cell::new(of.kind, Style::Plain)),
            column("distinct", &|of| Cell::new(&grouped(of.distinct), Style::Bold)).right(),
            column("least", &|of| amount(of, |(least, _)| least)).right().expendable(2),
            column("greatest", &|of| amount(of, |(_, greatest)| greatest)).right().expendable(1),
            column("some of its values", &|of| Cell::new(&of.sample.join("  "), Style::Plain)),
        ];
        grid::write(columns, look.width, look.color, out)?;
    }
    let more = match told.more {
        0 => None,
        1 => Some("of one further variable nothing was kept".to_string()),
        more => Some(format!("of {more} further variables nothing was kept")),
    };
    let incomplete = told
        .incomplete
        .then(|| "some of its records are not made like its template; their values are not among these".to_string());
    more.iter().chain(&incomplete).try_for_each(|note| writeln!(out, "  {}", painted(note, Style::Dim, look.color)))
}
