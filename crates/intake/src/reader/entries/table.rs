//! Logs as tables: a line of names, and below it a record a row, between commas, semicolons or tabs (RFC 4180, with line ends in
//! quotes). The names mean what they mean in JSON.
//!
//! A table without times, or without messages and levels, is none of these; tables of metrics and changes are documents. Must
//! never count on all rows being whole: what is no row goes on with the one before, as the lines of a stack trace do. What
//! breaks it: a time in a column whose name no log gives to times.

use std::borrow::Cow;
use std::collections::VecDeque;

use evidence::{Record, RecordRef, SourceId};

use super::members::Members;
use super::{Teller, limited};
use crate::documents;
use crate::documents::carried::within;
use crate::formats::{Format, Formats};
use crate::lines::{Encoding, Feed, Lines};

/// Rows by which a table is told, and columns that it may have.
const SAMPLE: usize = 50;
const MOST_COLUMNS: usize = 150;
/// How often lines are not what they seemed to be, a quote that is closed far below, until quotes end with their line.
const MOST_MISTAKES: u32 = 1_000;

/// The line of names and what the first rows tell about the columns.
pub struct Header {
    delimiter: char,
    /// As they are given to the readers of JSON.
    names: Vec<String>,
    /// As they stand.
    written: Vec<String>,
    /// Lines up to the one of names.
    lines: u64,
    time: usize,
    message: Option<usize>,
    /// Times of the first rows.
    times: Vec<String>,
    month_first: bool,
    is_windows: bool,
    objects: Vec<String>,
    messages: Vec<String>,
}

/// Recognises the names of a log's columns at the beginning of a text that is whole, or not.
pub fn header(text: &str, whole: bool) -> Option<Header> {
    let end = if whole { text.len() } else { text.rfind('\n')? };
    let mut lines = text[..end].lines();
    let mut count = 1;
    let first = loop {
        let line = lines.next()?;
        if !is_prelude(line) {
            break line;
        }
        count += 1;
    };
    let delimiter = [',', ';', '\t'].into_iter().max_by_key(|d| (first.matches(*d).count(), *d == ','))?;
    let written = Cells::of(first, delimiter);
    if !(2..=MOST_COLUMNS).contains(&written.len()) || !written.iter().all(|name| is_name(name)) {
        return None;
    }
    let mut header = Header::new(delimiter, written, count);
    if documents::is_table(text.as_bytes()) {
        return None;
    }
    header.look(lines).then_some(header)
}

/// Whether a line stands before the names: what Excel and PowerShell write there, or nothing.
fn is_prelude(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with("sep=") || line.starts_with("#TYPE ")
}

fn is_name(name: &str) -> bool {
    let name = name.trim();
    (1..=64).contains(&name.len()) && name.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '@'))
}

impl Header {
    fn new(delimiter: char, mut written: Vec<String>, lines: u64) -> Header {
        let mut plain: Vec<String> = written.iter().map(|name| normal(name)).collect();
        let has = |names: &[&str]| plain.iter().any(|name| names.contains(&name.as_str()));
        let is_windows = has(&["timecreated", "dateandtime", "timegenerated"])
            && has(&["providername", "source"])
            && has(&["leveldisplayname", "level", "entrytype", "id", "eventid"]);
        // Event Viewer writes no name above its messages.
        if is_windows && !has(&["message"]) && plain.last().is_some_and(|name| name == "taskcategory") {
            written.push("Message".into());
            plain.push("message".into());
        }
        let names = written.iter().zip(&plain).map(|(written, name)| {
            let of_windows = if is_windows { alias(&WINDOWS, name) } else { None };
            let other = of_windows.or_else(|| alias(&OTHERS, name).filter(|to| !plain.iter().any(|name| name == to)));
            other.map_or_else(|| written.trim().replace(' ', "_"), str::to_string)
        });
        let names = names.collect();
        Header {
            delimiter,
            names,
            written,
            lines,
            time: 0,
            message: None,
            times: Vec::new(),
            month_first: false,
            is_windows,
            objects: Vec::new(),
            messages: Vec::new(),
        }
    }

    /// Looks at the first rows. False where they have no times, or nothing that happened.
    fn look<'l>(&mut self, lines: impl Iterator<Item = &'l str>) -> bool {
        let formats = Formats::load();
        let mut cells = Cells::new(self.delimiter);
        let mut rows = Vec::new();
        for line in lines.filter(|line| !line.trim().is_empty()) {
            cells.add(line);
            if !cells.is_quoted {
                rows.extend(self.fitted(std::mem::replace(&mut cells, Cells::new(self.delimiter)).cells));
            }
            if rows.len() >= SAMPLE {
                break;
            }
        }
        let none = SourceId { input: 0, entry: 0 };
        let place = RecordRef { source: none, start: 0, end: 0, line: 1, last_line: 1 };
        let mut has_level = false;
        let mut times: Vec<usize> = Vec::new();
        for row in &rows {
            let object = self.object(row);
            let record = formats.parse(self.format(formats), &object, place);
            let column = |text: &str| (0..row.len()).find(|i| self.time_as_read(*i, &row[*i]).trim() == text.trim());
            times.extend(record.stamp.and(record.stamp_text.as_deref()).and_then(column));
            has_level |= record.level.is_some();
            // A message that is the whole object is none, and neither is a number.
            if record.message != object && record.message.trim().parse::<f64>().is_err() && !record.message.is_empty() {
                self.message = self.message.or_else(|| column(&record.message));
                self.messages.push(record.message.into_owned());
            }
            self.objects.push(object);
        }
        let Some(time) = times.first().copied().filter(|_| times.len() * 2 >= rows.len()) else { return false };
        self.time = time;
        self.times = rows.iter().filter_map(|row| row.get(time).cloned()).collect();
        self.month_first = is_month_first(&self.times);
        has_level || self.messages.len() * 2 >= rows.len()
    }

    fn format(&self, formats: &'static Formats) -> &'static Format {
        let id = if self.is_windows { "evtx_json" } else { "json_lines" };
        formats.get(id).unwrap_or(formats.text())
    }

    /// How days and months are read, where the times leave that open.
    pub fn date_order(&self, formats: &'static Formats) -> Option<String> {
        let times: Vec<&str> = self.times.iter().map(String::as_str).collect();
        times.iter().find(|time| day_and_month(time).is_some())?;
        formats.get("windows_event_csv")?.date_order(&times)
    }

    /// The cells of a row: as many as there are names. `None` for what is no row.
    fn fitted(&self, mut cells: Vec<String>) -> Option<Vec<String>> {
        let count = self.names.len();
        let last = count.checked_sub(1)?;
        // Who writes commas into a message without quotes has it in the last column.
        if cells.len() > count && self.message.is_none_or(|message| message == last) {
            let more = cells.split_off(count);
            let text = cells.last_mut()?;
            more.iter().for_each(|cell| {
                text.push(self.delimiter);
                text.push_str(cell);
            });
        }
        let is_short = cells.len() < count && cells.len() > self.time.max(self.message.unwrap_or(last));
        let is_timed = cells.get(self.time).is_some_and(|cell| self.times.is_empty() || may_be_time(cell));
        ((cells.len() == count || is_short) && is_timed).then_some(cells)
    }

    fn is_repeated(&self, cells: &[String]) -> bool {
        cells.iter().zip(&self.written).all(|(cell, name)| cell == name)
    }

    /// A cell, and where it is a time that nobody reads as it stands, that time in the order in which the table has its numbers.
    fn time_as_read<'c>(&self, column: usize, cell: &'c str) -> Cow<'c, str> {
        let may_be_time = self.times.is_empty() || column == self.time;
        if !may_be_time || cell.len() > 40 || !cell.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return Cow::Borrowed(cell);
        }
        match day_and_month(cell).filter(|_| self.month_first) {
            Some((month, day, rest)) => Cow::Owned(format!("{day}/{month}/{rest}")),
            // Kibana: `Jan 9, 2024 @ 11:22:33.123`.
            None if cell.contains(" @ ") => Cow::Owned(cell.replacen(" @ ", " ", 1)),
            None => Cow::Borrowed(cell),
        }
    }

    /// A row as an object.
    fn object(&self, cells: &[String]) -> String {
        let mut members = Members::default();
        for (column, (name, cell)) in self.names.iter().zip(cells).enumerate() {
            match name.as_str() {
                "Level" if self.is_windows => members.add(name, level(cell)),
                // A message that is an object is a record of its own.
                "message" | "Message" | "msg" | "log" => members.add(name, cell),
                _ => members.add_value(name, &self.time_as_read(column, cell)),
            }
        }
        if self.is_windows {
            let lacks = |name: &&&str| !self.names.iter().any(|n| n == **name);
            ["Channel", "ProviderName", "Id"].iter().filter(lacks).for_each(|name| members.add(name, ""));
        }
        members.finish()
    }
}

/// Names of columns that mean something else elsewhere or are unknown there, and what they are called in JSON.
const OTHERS: [(&str, &str); 9] = [
    ("raw", "message"),
    ("line", "message"),
    ("content", "message"),
    ("logline", "message"),
    ("eventmessage", "message"),
    ("description", "message"),
    ("timecreated", "time"),
    ("dateandtime", "time"),
    ("leveldisplayname", "level"),
];

/// The same of events of Windows, as converters of them to JSON have it.
const WINDOWS: [(&str, &str); 17] = [
    ("timecreated", "TimeCreated"),
    ("dateandtime", "TimeCreated"),
    ("timegenerated", "TimeCreated"),
    ("providername", "ProviderName"),
    ("source", "ProviderName"),
    ("leveldisplayname", "LevelDisplayName"),
    ("entrytype", "LevelDisplayName"),
    ("level", "Level"),
    ("id", "Id"),
    ("eventid", "Id"),
    ("machinename", "MachineName"),
    ("computer", "Computer"),
    ("channel", "Channel"),
    ("logname", "Channel"),
    ("message", "Message"),
    ("description", "Message"),
    // A security identifier is nobody's account.
    ("userid", "Sid"),
];

fn alias(table: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    table.iter().find(|(from, _)| *from == name).map(|(_, to)| *to)
}

fn normal(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, ' ' | '_' | '-' | '@' | '.')).flat_map(char::to_lowercase).collect()
}

/// Word for the number of a level, as Windows counts them.
fn level(cell: &str) -> &str {
    match cell.trim() {
        "1" => "Critical",
        "2" => "Error",
        "3" => "Warning",
        "4" => "Information",
        "5" => "Verbose",
        word => word,
    }
}

/// A cheap look: a line of a stack trace is none.
fn may_be_time(cell: &str) -> bool {
    let cell = cell.trim();
    cell.is_empty() || cell.len() <= 64 && cell.bytes().filter(u8::is_ascii_digit).count() >= 4
}

/// The two numbers of `1/19/2024 ...`, and what follows.
fn day_and_month(time: &str) -> Option<(&str, &str, &str)> {
    let (a, rest) = time.trim().split_once('/')?;
    let (b, rest) = rest.split_once('/')?;
    let is_number = |text: &str| matches!(text.len(), 1 | 2) && text.bytes().all(|b| b.is_ascii_digit());
    (is_number(a) && is_number(b)).then_some((a, b, rest))
}

/// Whether months stand before days: day first where any first number is above 12, month first where a second one is or the
/// clock has twelve hours.
fn is_month_first(times: &[String]) -> bool {
    let above = |text: &str| text.parse::<u8>().is_ok_and(|n| n > 12);
    let dates = || times.iter().filter_map(|time| day_and_month(time));
    let has_halves = |rest: &str| rest.ends_with("AM") || rest.ends_with("PM") || rest.ends_with("am") || rest.ends_with("pm");
    !dates().any(|(a, _, _)| above(a)) && dates().any(|(_, b, rest)| above(b) || has_halves(rest))
}

/// The cells of a row, which may have line ends in quotes.
struct Cells {
    delimiter: char,
    cells: Vec<String>,
    /// A quote is open: the row goes on in the next line.
    is_quoted: bool,
}

impl Cells {
    fn new(delimiter: char) -> Cells {
        Cells { delimiter, cells: Vec::new(), is_quoted: false }
    }

    /// The cells of a line that is a row of its own, whatever its quotes say.
    fn of(line: &str, delimiter: char) -> Vec<String> {
        let mut cells = Cells::new(delimiter);
        cells.add(line);
        match cells.is_quoted {
            true => line.split(delimiter).map(str::to_string).collect(),
            false => cells.cells,
        }
    }

    fn add(&mut self, line: &str) {
        match self.cells.last_mut() {
            Some(cell) => cell.push('\n'),
            None => self.cells.push(String::new()),
        }
        let mut rest = line.chars().peekable();
        while let Some(c) = rest.next() {
            let Some(cell) = self.cells.last_mut() else { break };
            match c {
                '"' if self.is_quoted && rest.peek() == Some(&'"') => {
                    cell.push('"');
                    rest.next();
                }
                '"' if self.is_quoted || cell.is_empty() => self.is_quoted = !self.is_quoted,
                c if c == self.delimiter && !self.is_quoted => self.cells.push(String::new()),
                c => cell.push(c),
            }
        }
    }
}

/// A line of the table.
struct Row {
    text: String,
    place: RecordRef,
    cut: u64,
}

/// Reads the rows of a table; says how many lines it has.
pub fn read(
    feed: &mut Feed<'_>,
    (encoding, mark): (Encoding, usize),
    header: &Header,
    teller: &mut Teller<'_, '_, '_>,
) -> u64 {
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
        if header.is_windows && let Some((name, _)) = record.fields.iter_mut().find(|(name, _)| name == "Id") {
            *name = Cow::Borrowed("event_id");
        }
        if record.message == object {
            record.message = Cow::Borrowed(&row.text);
        }
        let message;
        if let Some(inner) = inner {
            message = record.message.to_string();
            let told = formats.parse(inner, &message, row.place);
            if is_record(&told, &message) {
                record = within(record, told);
            }
        }
        teller.cut(cut, row.place.line);
        teller.tell(record, &row.text);
    }
}

impl Header {
    fn format_of_objects(&self, formats: &'static Formats) -> &'static Format {
        let objects: Vec<&str> = self.objects.iter().map(String::as_str).collect();
        let known = formats.recognise(&objects);
        if self.is_windows || known.id() == formats.text().id() { self.format(formats) } else { known }
    }

    /// What the messages of the first rows are, where most are records themselves.
    fn format_of_messages(&self, formats: &'static Formats) -> Option<&'static Format> {
        let messages: Vec<&str> = self.messages.iter().map(String::as_str).collect();
        let format = formats.recognise(&messages);
        let place = RecordRef { source: SourceId { input: 0, entry: 0 }, start: 0, end: 0, line: 1, last_line: 1 };
        let known = messages.iter().filter(|message| is_record(&formats.parse(format, message, place), message)).count();
        (format.id() != formats.text().id() && known * 2 > messages.len()).then_some(format)
    }
}

/// Whether a message is a record itself: it has a time of its own, or is an object.
fn is_record(told: &Record<'_>, message: &str) -> bool {
    told.stamp.is_some() || message.starts_with('{') && told.format != "text"
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
