//! A table row by row, and what stands in its cells: numbers with the units of dashboards, times in the order of their column.
//!
//! It must never guess whether the day or the month comes first: where no time of the column tells, none is read. What breaks
//! it: a table between semicolons whose numbers have commas between their thousands.

use evidence::{Basis, Body, Event, Stamp};

use super::Document;
use super::page::Page;
use super::when;

/// What stands before the line of names: what Excel and InfluxDB write there, or nothing.
pub fn is_prelude(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#') || line.starts_with("sep=")
}

/// The mark between the cells, by the line of names: the one that stands most often outside of quotes.
pub fn delimiter(names: &str) -> Option<char> {
    let bare: String = names.split('"').step_by(2).collect();
    [',', ';', '\t'].into_iter().max_by_key(|d| (bare.matches(*d).count(), *d == ','))
}

/// The line of names: the first one that is no prelude.
pub fn names_at(page: &Page<'_>) -> Option<usize> {
    (0..page.len().min(20)).find(|i| !is_prelude(&page.line(*i)))
}

/// The last line of the row that begins with a line: quotes may hold line ends. A quote that is never closed is none.
pub fn row_end(page: &Page<'_>, first: usize) -> usize {
    const MOST: usize = 200;
    let mut is_open = false;
    for index in first..page.len().min(first + MOST) {
        is_open ^= page.line(index).matches('"').count() % 2 == 1;
        if !is_open {
            return index;
        }
    }
    first
}

/// The lines from one to another as one text.
pub fn joined(page: &Page<'_>, first: usize, last: usize) -> String {
    (first..=last).map(|i| page.line(i)).collect::<Vec<_>>().join("\n")
}

/// How the times of a column are read.
#[derive(Clone, Copy, Default)]
pub struct Times {
    /// Whether months stand before days, where the times say so.
    month_first: Option<bool>,
    /// The name of the column says that they are in UTC.
    is_utc: bool,
}

impl Times {
    /// By the name of the column, in lower case, and its first cells.
    pub fn of(name: &str, cells: &[String]) -> Times {
        let dates = || cells.iter().filter_map(|cell| numbers(cell));
        let above = |n: &str| n.parse::<u8>().is_ok_and(|n| n > 12);
        let halves = |rest: &str| rest.to_ascii_lowercase().ends_with('m');
        let day_first = dates().any(|(a, ..)| above(a)) || cells.iter().any(|cell| is_dotted(cell) && numbers(cell).is_some());
        let month_first = dates().any(|(_, b, rest)| above(b) || halves(rest));
        let order = if day_first == month_first { None } else { Some(month_first) };
        let order = order.or_else(|| closest(cells).filter(|_| !day_first));
        Times { month_first: order, is_utc: name.contains("utc") }
    }

    pub fn read(self, cell: &str) -> Option<Stamp> {
        // Kibana: `Jan 9, 2024 @ 11:22:33.123`.
        let plain = cell.replacen(" @ ", " ", 1);
        let stamp =
            when::read(&plain).or_else(|| when::numeric(&plain, self.month_first.filter(|_| numbers(cell).is_some())?))?;
        Some(if self.is_utc && stamp.basis == Basis::Civil { Stamp::new(stamp.micros, Basis::Zoned) } else { stamp })
    }
}

/// The order in which all dates of a table lie within a few days, where in the other one they are months apart: `11/06`, `12/06`,
/// `12/06`. Who exports an incident exports what was around it.
fn closest(cells: &[String]) -> Option<bool> {
    const FEW_DAYS: i64 = 7;
    let span = |month_first: bool| -> Option<i64> {
        let dated = cells.iter().filter(|cell| numbers(cell).is_some());
        let days: Vec<i64> =
            dated.map(|cell| Some(when::numeric(cell, month_first)?.micros.div_euclid(DAY))).collect::<Option<_>>()?;
        Some(days.iter().max()? - days.iter().min()?)
    };
    let (by_day, by_month) = (span(false)?, span(true)?);
    let apart = |near: i64, far: i64| (1..=FEW_DAYS).contains(&near) && far >= 3 * FEW_DAYS;
    match (apart(by_day, by_month), apart(by_month, by_day)) {
        (true, _) => Some(false),
        (_, true) => Some(true),
        _ => None,
    }
}

/// Microseconds.
const DAY: i64 = 86_400_000_000;

/// The two numbers of `1/19/2024 ...` or `19.01.2024 ...`, and what follows.
fn numbers(time: &str) -> Option<(&str, &str, &str)> {
    let (a, rest) = time.trim().split_once(['/', '.'])?;
    let (b, rest) = rest.split_once(['/', '.'])?;
    let is_number = |text: &str| matches!(text.len(), 1 | 2) && text.bytes().all(|b| b.is_ascii_digit());
    (is_number(a) && is_number(b) && rest.contains(':')).then_some((a, b, rest))
}

/// Whether a date is written as in `19.01.2024`, which has the day in front everywhere.
fn is_dotted(time: &str) -> bool {
    time.trim().trim_start_matches(|c: char| c.is_ascii_digit()).starts_with('.')
}

/// `1.234,5` is `1234.5` in a table whose cells stand between semicolons.
fn pointed(cell: &str, delimiter: char) -> String {
    let is_comma = delimiter == ';' && cell.matches(',').count() == 1;
    if is_comma { cell.replace('.', "").replace(',', ".") } else { cell.to_string() }
}

/// A number, possibly with the unit that a dashboard shows beside it: times in milliseconds, sizes in bytes, counts as they
/// are.
pub fn value(cell: &str, delimiter: char) -> Option<f64> {
    const UNITS: [(&str, f64); 31] = [
        ("%", 1.0),
        ("ns", 1e-6),
        ("µs", 1e-3),
        ("μs", 1e-3),
        ("ms", 1.0),
        ("s", 1e3),
        ("min", 6e4),
        ("mins", 6e4),
        ("B", 1.0),
        ("kB", 1e3),
        ("KB", 1e3),
        ("MB", 1e6),
        ("GB", 1e9),
        ("TB", 1e12),
        ("KiB", 1_024.0),
        ("MiB", 1_048_576.0),
        ("GiB", 1_073_741_824.0),
        ("TiB", 1_099_511_627_776.0),
        ("K", 1e3),
        ("Mil", 1e6),
        ("Bil", 1e9),
        ("req/s", 1.0),
        ("reqps", 1.0),
        ("ops/s", 1.0),
        ("rps", 1.0),
        ("rd/s", 1.0),
        ("wr/s", 1.0),
        ("c/s", 1.0),
        ("mps", 1.0),
        ("B/s", 1.0),
        ("cores", 1.0),
    ];
    let cell = &pointed(cell.trim(), delimiter);
    let at = cell.find(|c: char| c.is_alphabetic() && c != 'e' && c != 'E' || c == '%' || c == ' ').unwrap_or(cell.len());
    let (number, unit) = cell.split_at(at);
    let factor = match unit.trim() {
        "" => 1.0,
        unit => UNITS.iter().find(|(known, _)| *known == unit)?.1,
    };
    let value: f64 = number.trim().parse().ok()?;
    value.is_finite().then_some(value * factor)
}

/// A table of rows, each of which tells one or two things that happened; what tells nothing stays as text.
pub fn document(
    page: &Page<'_>,
    format: &str,
    (header, delimiter): (usize, char),
    tell: impl Fn(&[String]) -> Option<Vec<(Stamp, Body)>>,
) -> Document {
    let mut document = Document { format: format.into(), ..Document::default() };
    document.texts.extend((0..=header).filter_map(|i| page.record(i)));
    let mut next = header + 1;
    while let Some(index) = (next..page.len()).find(|i| !page.is_blank(*i)) {
        let end = row_end(page, index);
        match tell(&super::csv::cells(&joined(page, index, end), delimiter)) {
            Some(told) => {
                let place = page.place(index, end);
                document.events.extend(told.into_iter().map(|(stamp, body)| Event { place, stamp: Some(stamp), body }));
                document.records += 1;
            }
            None => document.texts.extend((index..=end).filter_map(|i| page.record(i))),
        }
        next = end + 1;
    }
    document.records += document.texts.len() as u64;
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_a_date_is_told_by_its_column() {
        let read = |cells: &[&str]| {
            let cells: Vec<String> = cells.iter().map(|c| c.to_string()).collect();
            Times::of("time", &cells).read(&cells[0]).map(|s| s.micros)
        };
        let at = |text: &str| when::read(text).map(|s| s.micros);
        assert_eq!(read(&["06/11/2025 14:00:00", "06/13/2025 14:01:00"]), at("2025-06-11 14:00:00"));
        assert_eq!(read(&["06/11/2025 14:00:00", "13/11/2025 14:01:00"]), at("2025-11-06 14:00:00"));
        assert_eq!(read(&["06/11/2025, 2:00:05 PM"]), at("2025-06-11 14:00:05"));
        assert_eq!(read(&["11.06.2025 14:00:00"]), at("2025-06-11 14:00:00"));
        assert_eq!(read(&["06/11/2025 14:00:00"]), None);
        // Of a table of two days no other order makes two days.
        assert_eq!(read(&["06/11/2025 14:00:00", "07/11/2025 09:00:00"]), at("2025-11-06 14:00:00"));
        assert_eq!(read(&["11/06/2025 14:00:00", "11/07/2025 09:00:00"]), at("2025-11-06 14:00:00"));
        assert_eq!(read(&["06/11/2025 14:00:00", "06/11/2025 15:00:00"]), None);
        assert_eq!(read(&["Jun 11, 2025 @ 14:00:00.101"]), at("2025-06-11 14:00:00.101"));
    }

    #[test]
    fn numbers_between_semicolons_have_commas() {
        assert_eq!((value("1.234,5 ms", ';'), value("0,2", ';'), value("1,2", ',')), (Some(1_234.5), Some(0.2), None));
    }
}
