//! The line of names above a log's table: what its columns are, told by their names and by the first rows.
//!
//! The names mean what they mean in JSON, once those that other systems have are put into its words. Must never take a table of
//! metrics or changes for a log, which are documents. What breaks it: a time in a column whose name no log gives to times.

use std::borrow::Cow;

use evidence::{Basis, Level, Record, RecordRef, SourceId, Stamp};

use super::calls::Calls;
use super::members::Members;
use super::queries::Queries;
use crate::documents;
use crate::formats::{Format, Formats, names_level};

/// Rows by which a table is told, and columns that it may have.
const SAMPLE: usize = 50;
const MOST_COLUMNS: usize = 150;

/// The line of names and what the first rows tell about the columns.
pub struct Header {
    pub delimiter: char,
    /// As they are given to the readers of JSON.
    pub names: Vec<String>,
    /// As they stand.
    written: Vec<String>,
    /// Lines up to the one of names.
    pub lines: u64,
    pub time: usize,
    pub message: Option<usize>,
    /// Times of the first rows.
    times: Vec<String>,
    month_first: bool,
    pub is_windows: bool,
    /// The name of the column, or the tool, says that the times are in UTC.
    is_utc: bool,
    /// A column of numbers that are levels, and their words from nought on.
    levels: Option<(usize, &'static [&'static str])>,
    /// Where each row is a request, or a call of another service, of Application Insights.
    calls: Option<Calls>,
    objects: Vec<String>,
    messages: Vec<String>,
    /// Where it is a history of queries.
    queries: Option<Queries>,
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
        let is_graylog = !is_windows && has(&["source"]) && has(&["timestamp"]) && has(&["message", "fullmessage"]);
        // Event Viewer writes no name above its messages.
        if is_windows && !has(&["message"]) && plain.last().is_some_and(|name| name == "taskcategory") {
            written.push("Message".into());
            plain.push("message".into());
        }
        let names = written.iter().zip(&plain).map(|(written, name)| {
            let of_windows = if is_windows { alias(&WINDOWS, name) } else { None };
            let of_tool = of_windows.or_else(|| alias(&INSIGHTS, written));
            let of_tool = of_tool.or_else(|| Some("host").filter(|_| is_graylog && name == "source"));
            let other = of_tool.or_else(|| alias(&OTHERS, name).filter(|to| !plain.iter().any(|name| name == to)));
            other.map_or_else(|| without_zone(written).replace(' ', "_"), str::to_string)
        });
        let mut names: Vec<String> = names.collect();
        let has_own = |name: &&str| names.iter().any(|n| n == name);
        let queries = Queries::of(&plain).filter(|_| !is_windows && !["message", "level", "time"].iter().any(has_own));
        if let Some(queries) = &queries {
            names[queries.time] = "time".into();
            queries.place.into_iter().for_each(|place| names[place] = "service".into());
        }
        let is_level = |name: &str| plain.iter().position(|plain| plain == name);
        let of_graylog = is_level("level").filter(|_| is_graylog).map(|column| (column, &SYSLOG[..]));
        let levels = of_graylog.or_else(|| is_level("severitylevel").map(|column| (column, &APPLICATION_INSIGHTS[..])));
        let calls = Calls::of(&plain);
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
            is_utc: false,
            levels,
            calls,
            objects: Vec::new(),
            messages: Vec::new(),
            queries,
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
        self.take_status_for_level(&rows);
        let none = SourceId { input: 0, entry: 0 };
        let place = RecordRef { source: none, start: 0, end: 0, line: 1, last_line: 1 };
        let (mut has_level, mut is_answered) = (false, false);
        let mut times: Vec<usize> = Vec::new();
        let mut stamps: Vec<i64> = Vec::new();
        for row in &rows {
            let object = self.object(row);
            let record = formats.parse(self.format(formats), &object, place);
            let column = |text: &str| (0..row.len()).find(|i| self.time_as_read(*i, &row[*i]).trim() == text.trim());
            times.extend(record.stamp.and(record.stamp_text.as_deref()).and_then(column));
            has_level |= record.level.is_some();
            stamps.push(record.stamp.map_or(0, |stamp| stamp.micros));
            is_answered |= record.http.as_ref().is_some_and(|http| http.status.is_some() && http.path.is_some());
            // A message that is the whole object is none, and neither is a number.
            if record.message != object && record.message.trim().parse::<f64>().is_err() && !record.message.is_empty() {
                self.message = self.message.or_else(|| column(&record.message));
                self.messages.push(record.message.into_owned());
            }
            self.objects.push(object);
        }
        if let Some(calls) = &mut self.calls {
            calls.learn(stamps.iter().copied().zip(rows.iter().map(Vec::as_slice)));
        }
        let Some(time) = times.first().copied().filter(|_| times.len() * 2 >= rows.len()) else { return false };
        self.time = time;
        self.times = rows.iter().filter_map(|row| row.get(time).cloned()).collect();
        // Servers of HPE write American dates only.
        let is_american = self.written.iter().any(|name| name == "Initial Update");
        self.month_first = is_month_first(&self.times, is_american);
        self.is_utc = self.written.iter().zip(0..).any(|(name, column)| name == "@message" || column == time && says_utc(name));
        has_level || is_answered || self.messages.len() * 2 >= rows.len()
    }

    /// Datadog calls the level of a record its status, as others do the one of an answer: the cells tell which.
    fn take_status_for_level(&mut self, rows: &[Vec<String>]) {
        if self.names.iter().any(|name| names_level(name)) {
            return;
        }
        let Some(column) = self.names.iter().position(|name| normal(name) == "status") else { return };
        let mut words = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.trim()).filter(|cell| !cell.is_empty());
        // A single letter may stand for anything that ended somehow.
        let is_level = |word: &str| word.len() > 2 && Level::from_word(word).is_some();
        if words.clone().next().is_some() && words.all(is_level) {
            self.names[column] = "level".into();
        }
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
    pub fn fitted(&self, mut cells: Vec<String>) -> Option<Vec<String>> {
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

    pub fn is_repeated(&self, cells: &[String]) -> bool {
        cells.iter().zip(&self.written).all(|(cell, name)| cell == name)
    }

    /// A cell, and where it is a time that nobody reads as it stands, that time in the order in which the table has its numbers.
    pub fn time_as_read<'c>(&self, column: usize, cell: &'c str) -> Cow<'c, str> {
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

    /// The word for a level that is a number here.
    fn level<'c>(&self, cell: &'c str) -> &'c str {
        let words = self.levels.map_or(&[][..], |(_, words)| words);
        cell.trim().parse::<usize>().ok().and_then(|number| words.get(number)).copied().unwrap_or(cell)
    }

    /// The stamp of a row, in UTC where the table says so.
    pub fn in_zone(&self, stamp: Option<Stamp>) -> Option<Stamp> {
        stamp.map(|s| if self.is_utc && s.basis == Basis::Civil { Stamp::new(s.micros, Basis::Zoned) } else { s })
    }

    /// Who probably wrote a row in which no column says so: by the stream, the group or the labels under which it was kept.
    pub fn likely_service(&self, cells: &[String]) -> Option<String> {
        let cell = |name: &str| cells.get(self.names.iter().position(|n| n == name)?).filter(|cell| !cell.is_empty());
        let group = || cell("log_group").map(|group| group.split_once(':').map_or(group.as_str(), |(_, group)| group));
        cell("log_stream")
            .and_then(|stream| documents::of_stream(stream).0)
            .or_else(|| group().or_else(|| cell("source_category").map(String::as_str)).and_then(documents::of_group))
            .or_else(|| cell("labels").and_then(|labels| documents::of_labels(labels)))
    }

    /// A row as an object.
    pub fn object(&self, cells: &[String]) -> String {
        let mut members = Members::default();
        if let Some(calls) = &self.calls {
            calls.add(cells, &mut members);
        }
        for (column, (name, cell)) in self.names.iter().zip(cells).enumerate() {
            match name.as_str() {
                _ if self.calls.as_ref().is_some_and(|calls| calls.has(column)) => {}
                "Level" if self.is_windows => members.add(name, level(cell)),
                _ if self.levels.is_some_and(|(of, _)| of == column) => members.add(name, self.level(cell)),
                // A message that is an object is a record of its own.
                "message" | "Message" | "msg" | "log" => members.add(name, cell),
                _ => members.add_value(name, &self.time_as_read(column, cell)),
            }
        }
        if let Some(queries) = &self.queries {
            let (message, level) = queries.told(cells);
            members.add("message", message);
            members.add("level", level);
        }
        if self.is_windows {
            let lacks = |name: &&&str| !self.names.iter().any(|n| n == **name);
            ["Channel", "ProviderName", "Id"].iter().filter(lacks).for_each(|name| members.add(name, ""));
        }
        members.finish()
    }
}

/// Names of columns that mean something else elsewhere or are unknown there, and what they are called in JSON.
const OTHERS: [(&str, &str); 19] = [
    ("raw", "message"),
    ("line", "message"),
    ("content", "message"),
    ("logline", "message"),
    ("eventmessage", "message"),
    ("description", "message"),
    ("timecreated", "time"),
    ("timegenerated", "time"),
    ("dateandtime", "time"),
    ("leveldisplayname", "level"),
    ("severitylevel", "level"),
    ("cloudrolename", "service"),
    ("approlename", "service"),
    ("cloudroleinstance", "instance"),
    ("messagetimems", "time"),
    ("date/time", "time"),
    ("lastupdate", "time"),
    ("sourcehost", "host"),
    ("sourcecategory", "source_category"),
];

/// What Logs Insights of CloudWatch calls the parts of a line.
const INSIGHTS: [(&str, &str); 3] = [("@message", "message"), ("@log", "log_group"), ("@logStream", "log_stream")];

const SYSLOG: [&str; 8] = ["fatal", "fatal", "fatal", "error", "warn", "info", "info", "debug"];
const APPLICATION_INSIGHTS: [&str; 5] = ["debug", "info", "warn", "error", "fatal"];

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

/// Azure says in the name of a column in which zone its times are.
fn without_zone(name: &str) -> &str {
    name.trim().trim_end_matches("[UTC]").trim_end()
}

fn says_utc(name: &str) -> bool {
    name.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word.eq_ignore_ascii_case("utc"))
}

fn normal(name: &str) -> String {
    without_zone(name).chars().filter(|c| !matches!(c, ' ' | '_' | '-' | '@' | '.')).flat_map(char::to_lowercase).collect()
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
/// clock has twelve hours, or where nothing else is known of the dates and they are American.
fn is_month_first(times: &[String], is_american: bool) -> bool {
    let above = |text: &str| text.parse::<u8>().is_ok_and(|n| n > 12);
    let dates = || times.iter().filter_map(|time| day_and_month(time));
    let has_halves = |rest: &str| rest.ends_with("AM") || rest.ends_with("PM") || rest.ends_with("am") || rest.ends_with("pm");
    !dates().any(|(a, _, _)| above(a)) && dates().any(|(_, b, rest)| is_american || above(b) || has_halves(rest))
}

impl Header {
    pub fn format_of_objects(&self, formats: &'static Formats) -> &'static Format {
        let objects: Vec<&str> = self.objects.iter().map(String::as_str).collect();
        let known = formats.recognise(&objects);
        if self.is_windows || known.id() == formats.text().id() { self.format(formats) } else { known }
    }

    /// What the messages of the first rows are, where most are records themselves.
    pub fn format_of_messages(&self, formats: &'static Formats) -> Option<&'static Format> {
        let messages: Vec<&str> = self.messages.iter().map(String::as_str).collect();
        let format = formats.recognise(&messages);
        let place = RecordRef { source: SourceId { input: 0, entry: 0 }, start: 0, end: 0, line: 1, last_line: 1 };
        let known = messages.iter().filter(|message| is_record(&formats.parse(format, message, place), message)).count();
        (format.id() != formats.text().id() && known * 2 > messages.len()).then_some(format)
    }
}

/// Whether a message is a record itself: it has a time of its own, or is an object or a list of pairs.
pub fn is_record(told: &Record<'_>, message: &str) -> bool {
    told.stamp.is_some() || told.format == "logfmt" || message.starts_with('{') && told.format != "text"
}

/// The cells of a row, which may have line ends in quotes.
pub struct Cells {
    delimiter: char,
    pub cells: Vec<String>,
    /// A quote is open: the row goes on in the next line.
    pub is_quoted: bool,
}

impl Cells {
    pub fn new(delimiter: char) -> Cells {
        Cells { delimiter, cells: Vec::new(), is_quoted: false }
    }

    /// The cells of a line that is a row of its own, whatever its quotes say.
    pub fn of(line: &str, delimiter: char) -> Vec<String> {
        let mut cells = Cells::new(delimiter);
        cells.add(line);
        match cells.is_quoted {
            true => line.split(delimiter).map(str::to_string).collect(),
            false => cells.cells,
        }
    }

    pub fn add(&mut self, line: &str) {
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
