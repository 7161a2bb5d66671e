//! Columns of text on a terminal of some width. Must never know what stands in them, and never let anything through that
//! could steer a terminal. What breaks it: a terminal that draws a character wider than Unicode says.

use std::io::{self, Write};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::output;

/// Between two columns.
const GAP: &str = "  ";
/// The last column gets at least this much before others are left out for it.
const LEAST: usize = 26;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    #[default]
    Plain,
    Dim,
    Bold,
    Red,
    Yellow,
    Green,
}

/// What is in one row of a column.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    text: String,
    style: Style,
}

pub struct Column {
    title: &'static str,
    /// Numbers stand to the right.
    right: bool,
    /// Left out when there is no room: the highest first; 0 never.
    expendable: u8,
    cells: Vec<Cell>,
}

impl Cell {
    /// What comes from an input is made fit for a terminal: one line, nothing that is not seen.
    pub fn new(text: &str, style: Style) -> Cell {
        Cell { text: output::shown(text).replace(['\n', '\t'], " "), style }
    }
}

impl Column {
    pub fn new(title: &'static str, cells: Vec<Cell>) -> Column {
        Column { title, right: false, expendable: 0, cells }
    }

    pub fn right(self) -> Column {
        Column { right: true, ..self }
    }

    pub fn expendable(self, expendable: u8) -> Column {
        Column { expendable, ..self }
    }

    fn width(&self) -> usize {
        self.cells.iter().map(|cell| cell.text.width()).max().unwrap_or(0).max(self.title.width())
    }
}

/// Writes the columns, but for those in which nothing stands; the last one takes what room there is and is shortened to it.
pub fn write(mut columns: Vec<Column>, width: usize, color: bool, out: &mut dyn Write) -> io::Result<()> {
    columns.retain(|column| column.expendable == 0 || column.cells.iter().any(|cell| !cell.text.trim().is_empty()));
    let taken = |columns: &[Column]| -> usize {
        let before = columns.len().saturating_sub(1);
        columns.iter().take(before).map(|column| column.width() + GAP.len()).sum()
    };
    while taken(&columns) + LEAST > width
        && let Some(at) = (0..columns.len()).filter(|at| columns[*at].expendable > 0).max_by_key(|at| columns[*at].expendable)
    {
        columns.remove(at);
    }
    let room = width.saturating_sub(taken(&columns)).max(LEAST);
    let mut widths: Vec<usize> = columns.iter().map(Column::width).collect();
    widths.last_mut().into_iter().for_each(|last| *last = room);
    let titles: Vec<Cell> = columns.iter().map(|column| Cell::new(column.title, Style::Dim)).collect();
    row(&columns, &widths, titles.iter(), color, out)?;
    let rows = columns.iter().map(|column| column.cells.len()).min().unwrap_or(0);
    (0..rows).try_for_each(|at| row(&columns, &widths, columns.iter().map(|column| &column.cells[at]), color, out))
}

fn row<'c>(
    columns: &[Column],
    widths: &[usize],
    cells: impl Iterator<Item = &'c Cell>,
    color: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut line = String::new();
    for (index, ((column, width), cell)) in columns.iter().zip(widths).zip(cells).enumerate() {
        let text = shortened(&cell.text, *width);
        let blank = " ".repeat(width - text.width().min(*width));
        line.push_str(if index > 0 { GAP } else { "" });
        line.push_str(if column.right { &blank } else { "" });
        line.push_str(&painted(&text, cell.style, color));
        line.push_str(if column.right || index + 1 == columns.len() { "" } else { &blank });
    }
    writeln!(out, "{}", line.trim_end())
}

/// The text, or its beginning with an ellipsis behind it.
pub fn shortened(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_string();
    }
    let mut left = width.saturating_sub(1);
    let fits = |c: &char| {
        let wide = c.width().unwrap_or(0);
        let fits = wide <= left;
        left = left.saturating_sub(wide);
        fits
    };
    let beginning: String = text.chars().take_while(fits).collect();
    format!("{beginning}…")
}

pub fn painted(text: &str, style: Style, color: bool) -> String {
    let code = match style {
        Style::Plain => return text.to_string(),
        Style::Bold => "1",
        Style::Dim => "2",
        Style::Red => "31",
        Style::Green => "32",
        Style::Yellow => "33",
    };
    if color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(title: &'static str, texts: [&str; 2]) -> Column {
        Column::new(title, texts.iter().map(|text| Cell::new(text, Style::Plain)).collect())
    }

    fn written(columns: Vec<Column>, width: usize) -> String {
        let mut out = Vec::new();
        write(columns, width, false, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_last_column_is_shortened_to_the_room_there_is() {
        let columns = || {
            vec![
                column("n", ["1", "1,204"]).right(),
                column("much", ["x", "y"]).expendable(1),
                column("text", ["a", "b".repeat(60).as_str()]),
            ]
        };
        assert_eq!(written(columns(), 50), format!("    n  much  text\n    1  x     a\n1,204  y     {}…\n", "b".repeat(36)));
        assert_eq!(written(columns(), 38), format!("    n  text\n    1  a\n1,204  {}…\n", "b".repeat(30)));
    }

    #[test]
    fn wide_letters_take_two_places_and_what_is_not_seen_takes_none_of_the_terminal() {
        assert_eq!(shortened("日本語", 5), "日本…");
        assert_eq!(shortened("日本語", 4), "日…");
        assert_eq!(Cell::new("a\x1b[31mb\nc\u{202e}", Style::Plain).text, "a\u{fffd}[31mb c\u{fffd}");
    }

    #[test]
    fn without_color_there_is_no_escape() {
        assert_eq!((painted("x", Style::Red, true), painted("x", Style::Red, false)), ("\x1b[31mx\x1b[0m".into(), "x".into()));
    }
}
