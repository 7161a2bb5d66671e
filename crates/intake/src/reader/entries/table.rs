//! Logs as tables: below a line of names a record a row, between commas, semicolons or tabs (RFC 4180, with line ends in quotes).
//!
//! Must never count on all rows being whole: what is no row goes on with the one before, as the lines of a stack trace do. What
//! breaks it: quotes that are no quotes; where they lead to no row, they are read as they stand.

use std::borrow::Cow;
use std::collections::VecDeque;

use evidence::{Record, RecordRef};

use super::header::{Cells, Header, is_record};
use super::{Teller, limited};
use crate::documents::carried::within;
use crate::formats::Format;
use crate::lines::{Encoding, Feed, Lines};

/// How often lines are not what they seemed to be, a quote that is closed far below, until quotes end with their line.
const MOST_MISTAKES: u32 = 1_000;

/// A line of the table.
struct Row {
    text: String,
    place: RecordRef,
    cut: u64,
}

/// Reads the rows of a table; says how many lines it has.
pub fn read(feed: &mut Feed<'_>, (encoding, mark): (Encoding, usize), header: &Header, teller: &mut Teller<'_, '_, '_>) -> u64 {
    let formats = teller.hand.settings.formats;
    let keep = teller.limits().record_bytes.saturating_mul(2);
    let mut queue = Queue { lines: Lines::new(feed, encoding, mark, keep), encoding, waiting: VecDeque::new() };
    for _ in 0..header.lines {
        queue.next(teller);
    }
    let (object, inner) = (header.format_of_objects(formats), header.format_of_messages(formats));
    let mut reading = Reading { header, object, inner, open: None, mistakes: 0 };
    while let Some(line) = queue.next(teller) {
        reading.line(line, &mut queue, teller);
    }
    reading.finish(teller);
    queue.lines.count
}

/// The lines of a table, with those that were taken too early.
struct Queue<'f, 'r> {
    lines: Lines<'f, 'r>,
    encoding: Encoding,
    waiting: VecDeque<Row>,
}

impl Queue<'_, '_> {
    fn next(&mut self, teller: &mut Teller<'_, '_, '_>) -> Option<Row> {
        if let Some(row) = self.waiting.pop_front() {
            return Some(row);
        }
        let line = self.lines.next()?;
        let text = teller.decoded(&line, self.encoding).into_owned();
        let place = teller.place((line.start, line.end), (line.number, line.number));
        Some(Row { text, place, cut: line.cut })
    }

    /// Gives back lines that were taken last.
    fn give_back(&mut self, rows: Vec<Row>) {
        rows.into_iter().rev().for_each(|row| self.waiting.push_front(row));
    }
}

/// What is known of a table while it is read.
struct Reading<'h> {
    header: &'h Header,
    object: &'static Format,
    /// What the messages are, where they are records themselves.
    inner: Option<&'static Format>,
    /// The row that further lines may belong to.
    open: Option<(Vec<String>, Row)>,
    mistakes: u32,
}

impl Reading<'_> {
    /// Takes a line and those that belong to it.
    fn line(&mut self, line: Row, queue: &mut Queue<'_, '_>, teller: &mut Teller<'_, '_, '_>) {
        let (cells, row) = self.row(line, queue, teller);
        if self.header.is_repeated(&cells) {
            return;
        }
        match self.header.fitted(cells) {
            Some(cells) => {
                self.finish(teller);
                self.open = Some((cells, row));
            }
            None if row.text.trim_ascii().is_empty() => {}
            None => self.goes_on(row, teller),
        }
    }

    /// The cells of a row that begins with this line. A quote may be open at its end; where that leads to no row, it was none.
    fn row(&mut self, mut first: Row, queue: &mut Queue<'_, '_>, teller: &mut Teller<'_, '_, '_>) -> (Vec<String>, Row) {
        let delimiter = self.header.delimiter;
        let mut cells = Cells::new(delimiter);
        cells.add(&first.text);
        let (most_bytes, most_lines) = (teller.limits().record_bytes, teller.limits().record_lines);
        let (mut further, mut bytes) = (Vec::new(), first.text.len());
        let may_go_on = self.mistakes < MOST_MISTAKES;
        while cells.is_quoted && may_go_on && bytes < most_bytes && (further.len() as u64) < most_lines {
            let Some(line) = queue.next(teller) else { break };
            cells.add(&line.text);
            bytes += line.text.len();
            further.push(line);
        }
        if !cells.is_quoted && (further.is_empty() || cells.cells.len() == self.header.names.len()) {
            further.into_iter().for_each(|line| first.join(line));
            return (cells.cells, first);
        }
        self.mistakes += u32::from(!further.is_empty());
        queue.give_back(further);
        (Cells::of(&first.text, delimiter), first)
    }

    /// What is no row belongs to the one before, as far as a record may go.
    fn goes_on(&mut self, line: Row, teller: &mut Teller<'_, '_, '_>) {
        let most = teller.limits().record_lines;
        let message = self.header.message;
        if let Some((cells, row)) = &mut self.open
            && row.place.last_line + 1 == line.place.line
            && row.place.last_line - row.place.line < most
            && let Some(cell) = message.and_then(|message| cells.get_mut(message))
        {
            cell.push('\n');
            cell.push_str(&line.text);
            return row.join(line);
        }
        self.finish(teller);
        teller.line(&line.text, line.place, line.cut);
    }

    /// Hands on the row that is open.
    fn finish(&mut self, teller: &mut Teller<'_, '_, '_>) {
        let Some((mut cells, row)) = self.open.take() else { return };
        let Reading { header, object: format, inner, .. } = self;
        let mut cut = row.cut;
        if let Some(cell) = header.message.and_then(|message| cells.get_mut(message))
            && let (Cow::Owned(shorter), more) = limited(cell, teller.limits().record_bytes)
        {
            *cell = shorter;
            cut += more;
        }
        let formats = teller.hand.settings.formats;
        let object = header.object(&cells);
        let mut record: Record<'_> = formats.parse(format, &object, row.place);
        // The time as it stands, not as it was read.
        let time = cells.get(header.time).map_or("", |time| time.trim());
        if record.stamp_text.as_deref() == Some(&*header.time_as_read(header.time, time)) {
            record.stamp_text = Some(Cow::Borrowed(time));
        }
        if header.is_windows
            && let Some((name, _)) = record.fields.iter_mut().find(|(name, _)| name == "Id")
        {
            *name = Cow::Borrowed("event_id");
        }
        if record.message == object {
            record.message = Cow::Borrowed(&row.text);
        }
        let message;
        let of_object = || formats.get("json_lines").filter(|_| record.message.starts_with('{'));
        if let Some(inner) = inner.or_else(of_object) {
            message = record.message.to_string();
            let told = formats.parse(inner, &message, row.place);
            if is_record(&told, &message) {
                record = within(record, told);
            }
        }
        record.stamp = header.in_zone(record.stamp);
        if record.service.is_none() {
            record.service = header.likely_service(&cells).map(Cow::Owned);
        }
        // Where no column says how bad it is, the words may.
        if record.level.is_none() {
            record.level = formats.parse(formats.text(), &record.message, row.place).level;
        }
        teller.cut(cut, row.place.line);
        teller.tell(record, &row.text);
    }
}

impl Row {
    /// Adds a line that follows.
    fn join(&mut self, line: Row) {
        self.text.push('\n');
        self.text.push_str(&line.text);
        (self.place.end, self.place.last_line) = (line.place.end, line.place.last_line);
        self.cut += line.cut;
    }
}
