//! What `casefile patterns` shows to somebody at a terminal. Must never know a number that [`super::line`] does not have.
//! What misleads: a cell of the line over time is a share of the span, so that a short burst in a long log is one cell.

use std::env;
use std::io::{self, IsTerminal, Write};

use analysis::kinds::{Change, Counts, Unit};
use evidence::{Level, Moment};

use super::grid::{self, Cell, Column, Style, painted};
use super::{Against, Row, Summary, line};

/// Columns of a page that goes to no terminal.
const USUAL_WIDTH: u16 = 120;
/// Cells of the line over time.
const CELLS: usize = 16;
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Names of services that are shown of one pattern, and how much of each.
const SERVICES: usize = 2;
const NAME: usize = 20;

/// How wide, and whether in colour.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    pub width: usize,
    pub color: bool,
}

impl Look {
    /// In colour only for who can see it and did not decline it (no-color.org).
    pub fn of_terminal() -> Look {
        let width = terminal_size::terminal_size().map_or(USUAL_WIDTH, |(width, _)| width.0);
        let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
        Look { width: usize::from(width), color: io::stdout().is_terminal() && !is_set("NO_COLOR") && !is_dumb }
    }
}

pub fn write(rows: &[Row<'_>], summary: &Summary, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut columns = vec![column("pattern", rows, |row| Cell::new(&format!("p{}", row.rank), Style::Dim))];
    if summary.baseline.is_some() {
        columns.extend(compared(rows));
    } else {
        columns.push(column("count", rows, |row| Cell::new(&grouped(row.here.count), Style::Bold)).right());
        columns.push(column("share", rows, |row| Cell::new(&share(row.here.count, summary.records), Style::Plain)).right());
    }
    if let Some(span) = summary.span {
        let short = span.0.date() == span.1.date();
        let time = |at: Option<Moment>| Cell::new(&at.map_or(String::new(), |at| instant(at, short)), Style::Dim);
        columns.push(column("over time", rows, |row| Cell::new(&bars(row, span, summary.one_axis), Style::Plain)).expendable(2));
        columns.push(column("first", rows, |row| time(row.here.first)).expendable(3));
        columns.push(column("last", rows, |row| time(row.here.last)).expendable(3));
    }
    columns.push(column("levels", rows, |row| levels(told(row))).expendable(1));
    columns.push(column("services", rows, |row| Cell::new(&services(told(row)), Style::Plain)).expendable(4));
    columns.push(column("template", rows, |row| Cell::new(row.template, Style::Plain)));
    grid::write(columns, look.width, look.color, out)?;
    writeln!(out, "{}", painted(&footer(rows, summary), Style::Dim, look.color))
}

fn column(title: &'static str, rows: &[Row<'_>], cell: impl Fn(&Row<'_>) -> Cell) -> Column {
    Column::new(title, rows.iter().map(cell).collect())
}

fn compared(rows: &[Row<'_>]) -> Vec<Column> {
    let against = |row: &Row<'_>, text: &dyn Fn(&Against<'_>) -> String| row.against.as_ref().map(text).unwrap_or_default();
    vec![
        column("change", rows, |row| row.against.as_ref().map(|a| change(a.comparison.change)).unwrap_or_default()),
        column("count", rows, |row| Cell::new(&grouped(row.here.count), Style::Bold)).right(),
        column("baseline", rows, |row| Cell::new(&against(row, &|a| grouped(a.counts.count)), Style::Plain)).right(),
        column("rate", rows, |row| Cell::new(&against(row, &times_as_many), Style::Plain)).right(),
        column("q", rows, |row| Cell::new(&against(row, &|a| chance(a.comparison.q)), Style::Dim)).right().expendable(5),
    ]
}

/// Of a pattern that is gone, what it was.
fn told<'f>(row: &Row<'f>) -> &'f Counts {
    match &row.against {
        Some(against) if row.here.count == 0 => against.counts,
        _ => row.here,
    }
}

fn change(change: Change) -> Cell {
    let style = match change {
        Change::New => Style::Red,
        Change::More => Style::Yellow,
        Change::Gone | Change::Fewer => Style::Green,
        Change::Same => Style::Dim,
    };
    Cell::new(line::word(change), style)
}

/// The worst level, how many records have it where not all do, and how many other levels there are.
fn levels(counts: &Counts) -> Cell {
    let mut all: Vec<(Level, u64)> = counts.levels().collect();
    all.reverse();
    let style = match all.first() {
        Some((level, _)) if level.is_bad() => Style::Red,
        Some((Level::Warn, _)) => Style::Yellow,
        _ => Style::Plain,
    };
    let text = match all.as_slice() {
        [] => String::new(),
        [(level, count)] if *count == counts.count => level.word().to_string(),
        [(level, count)] => format!("{} {}", level.word(), grouped(*count)),
        [(level, count), others @ ..] => format!("{} {} +{}", level.word(), grouped(*count), others.len()),
    };
    Cell::new(&text, style)
}

fn services(counts: &Counts) -> String {
    let shown: Vec<String> = counts.services.iter().take(SERVICES).map(|name| grid::shortened(name, NAME)).collect();
    let more = counts.services.len().saturating_sub(SERVICES);
    let beyond = if counts.more_services { "+" } else { "" };
    if more > 0 { format!("{} +{more}{beyond}", shown.join(" ")) } else { shown.join(" ") }
}

/// A bar a cell, the highest for the fullest cell of the row; a blank where nothing was.
fn bars(row: &Row<'_>, span: (Moment, Moment), with_baseline: bool) -> String {
    let mut cells = [0.0; CELLS];
    row.here.spread(span, &mut cells);
    if with_baseline {
        row.against.iter().for_each(|against| against.counts.spread(span, &mut cells));
    }
    let most = cells.iter().copied().fold(0.0, f64::max);
    let bar = |cell: f64| match (cell / most * BARS.len() as f64).ceil() as usize {
        _ if cell <= 0.0 => ' ',
        height => BARS[height.clamp(1, BARS.len()) - 1],
    };
    cells.into_iter().map(bar).collect()
}

/// The time of day, with month and day where the span has several.
fn instant(at: Moment, short: bool) -> String {
    if short { at.time_of_day() } else { format!("{} {}", &at.date()[5..], &at.time_of_day()[..5]) }
}

pub fn share(count: u64, of: u64) -> String {
    format!("{:.1}%", 100.0 * count as f64 / of.max(1) as f64)
}

/// What is on one side only has no rate that would tell more than the two counts.
fn times_as_many(against: &Against<'_>) -> String {
    match against.comparison.change {
        Change::New | Change::Gone => String::new(),
        Change::More | Change::Fewer | Change::Same => times(against.comparison.contrast.ratio),
    }
}

fn times(ratio: f64) -> String {
    if ratio >= 10.0 { format!("×{}", grouped(ratio.round() as u64)) } else { format!("×{}", significant(ratio)) }
}

fn significant(value: f64) -> String {
    if value >= 1.0 {
        format!("{value:.1}")
    } else if value >= 0.01 {
        format!("{value:.2}")
    } else {
        "0.00".to_string()
    }
}

fn chance(q: f64) -> String {
    if q < 0.001 { "<0.001".to_string() } else { format!("{q:.3}") }
}

/// 1234567 as 1,234,567.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn footer(rows: &[Row<'_>], summary: &Summary) -> String {
    let shown: u64 = rows.iter().map(|row| row.here.count).sum();
    let mut text = format!(
        "{} of {} patterns, {} of {} records",
        grouped(rows.len() as u64),
        grouped(summary.patterns as u64),
        grouped(shown),
        grouped(summary.records)
    );
    if let Some((from, to)) = summary.span {
        text.push_str(&format!("; {} {} to {} {} UTC", from.date(), from.time_of_day(), to.date(), to.time_of_day()));
    }
    if let Some((records, exposure)) = summary.baseline {
        let (here, before) = (grouped(exposure.here), grouped(exposure.baseline));
        let basis = match exposure.unit {
            Unit::Seconds => format!("rates are per second, of {here} s here and {before} s there"),
            Unit::Records => format!("rates are shares of the records, of {here} here and {before} there"),
        };
        text.push_str(&format!("\nbaseline: {} records; {basis}", grouped(records)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_at_a_glance() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0.001, 0.25, 1.0, 8.44, 1_520.4].map(times), ["×0.00", "×0.25", "×1.0", "×8.4", "×1,520"]);
        assert_eq!([0.0, 0.0004, 0.04].map(chance), ["<0.001", "<0.001", "0.040"]);
        assert_eq!((share(1, 3), share(0, 0)), ("33.3%".to_string(), "0.0%".to_string()));
    }
}
