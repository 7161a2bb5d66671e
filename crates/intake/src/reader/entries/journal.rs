//! Entries of systemd's journal as `journalctl -o export` and `-o verbose` write them: named values, one a line.
//!
//! In an export a value with a line end in it stands behind its length (systemd's "Journal Export Formats"); in the verbose form
//! its further lines are indented below the value. Must never know what a field says but its time, message and program, which
//! the format of `journalctl -o json` knows; what breaks it: an export that was edited by hand.

use std::borrow::Cow;

use evidence::Record;

use super::members::Members;
use super::stream::Stream;
use super::{Teller, limited};
use crate::lines::{Encoding, Feed, Lines};

const TIME: &str = "__REALTIME_TIMESTAMP";
const MESSAGE: &str = "MESSAGE";
const PROGRAM: &str = "SYSLOG_IDENTIFIER";
/// Fields of one entry, those that more is known of among a few more, and bytes of a value that is no message.
const MOST_FIELDS: usize = 120;
const MOST_KNOWN: usize = 136;
const MOST_BYTES: usize = 4 << 10;
/// A longer value is none: the journal takes none above this (`DATA_SIZE_MAX` of journald).
const LONGEST: u64 = 768 << 20;

/// Whether an export begins so: each entry does with the fields that the journal itself adds.
pub fn is_export(head: &[u8]) -> bool {
    let head = head.trim_ascii_start();
    [&b"__CURSOR="[..], b"__REALTIME_TIMESTAMP="].iter().any(|name| head.starts_with(name))
}

/// Whether verbose entries begin so: a time with a cursor, and a field below it.
pub fn is_verbose(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim_ascii().is_empty() && !line.starts_with("-- "));
    lines.next().is_some_and(|line| time_of_head(line).is_some()) && lines.next().is_some_and(|line| field(line).is_some())
}

/// The fields of an entry, and where it stands.
struct Entry {
    fields: Vec<(String, String)>,
    bytes: (u64, u64),
    lines: (u64, u64),
    cut: u64,
}

impl Entry {
    fn new(start: u64, line: u64) -> Entry {
        Entry { fields: Vec::new(), bytes: (start, start), lines: (line, line), cut: 0 }
    }

    fn add(&mut self, name: &str, value: Cow<'_, str>) {
        let is_known = [MESSAGE, PROGRAM, TIME, "PRIORITY"].contains(&name);
        if self.fields.len() < if is_known { MOST_KNOWN } else { MOST_FIELDS } {
            self.fields.push((name.to_string(), value.into_owned()));
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, v)| n == name && !v.is_empty()).map(|(_, v)| v.as_str())
    }

    /// The program that wrote it, where it does not name itself.
    fn program(&self) -> Option<&str> {
        let unit = || self.get("_SYSTEMD_UNIT").map(|unit| unit.strip_suffix(".service").unwrap_or(unit));
        self.get("_COMM").or_else(unit)
    }

    /// The entry as `journalctl -o json` writes it.
    fn as_object(&self) -> String {
        let mut members = Members::default();
        self.fields.iter().filter(|(_, value)| !value.is_empty()).for_each(|(name, value)| members.add(name, value));
        if self.get(MESSAGE).is_none() {
            members.add(MESSAGE, "");
        }
        if let (None, Some(program)) = (self.get(PROGRAM), self.program()) {
            members.add(PROGRAM, program);
        }
        members.finish()
    }
}

fn tell(entry: &Entry, teller: &mut Teller<'_, '_, '_>) {
    let formats = teller.hand.settings.formats;
    let place = teller.place(entry.bytes, entry.lines);
    let object = entry.as_object();
    let format = formats.get("journald_json").unwrap_or(formats.text());
    let mut record: Record<'_> = formats.parse(format, &object, place);
    if entry.get(MESSAGE).is_none() {
        record.message = Cow::Borrowed("");
    }
    teller.cut(entry.cut, entry.lines.0);
    teller.tell(record, &object);
}

/// Reads an export; says how many lines it has.
pub fn read_export(feed: &mut Feed<'_>, mark: usize, teller: &mut Teller<'_, '_, '_>) -> u64 {
    let mut stream = Stream::new(feed, Encoding::Utf8, mark);
    let mut entry: Option<Entry> = None;
    while stream.has(1) {
        let (start, line) = (stream.at, stream.line);
        let keep = teller.limits().record_bytes.max(MOST_BYTES);
        let (kept, size) = stream.line_left(keep);
        if kept.trim_ascii().is_empty() {
            entry.take().into_iter().for_each(|entry| tell(&entry, teller));
        } else if let Some(name) = name_of_value(&kept) {
            let open = entry.get_or_insert_with(|| Entry::new(start, line));
            let equals = kept.get(name.len()) == Some(&b'=');
            let (value, beyond) = match equals {
                true => (kept[name.len() + 1..].to_vec(), size - kept.len() as u64),
                false => sized_value(&mut stream, keep),
            };
            // A place ends with a line's text.
            let ends = if equals || beyond > 0 { 0 } else { value.iter().rev().take_while(|b| **b == b'\n').count() as u64 };
            (open.bytes.1, open.lines.1) = (stream.at - ends, stream.line - ends);
            if name == MESSAGE {
                let value = teller.text(&value, line);
                let (value, more) = limited(&value, keep);
                open.cut += beyond + more;
                open.add(name, value);
            } else if let Some(value) = printable(&value) {
                open.add(name, limited(value, MOST_BYTES).0);
            }
        } else {
            entry.take().into_iter().for_each(|entry| tell(&entry, teller));
            let text = teller.text(&kept, line).into_owned();
            let place = teller.place((start, stream.at), (line, line));
            teller.line(&text, place, size - kept.len() as u64);
        }
        if stream.has(1) && stream.rest()[0] == b'\n' {
            stream.pass(1);
        }
    }
    entry.into_iter().for_each(|entry| tell(&entry, teller));
    stream.lines()
}

/// The value behind a line that is a name alone: how long it is, in eight bytes, and itself. What is kept of it, and how many
/// bytes are not. Without a length that can be one there is no value.
fn sized_value(stream: &mut Stream<'_, '_>, keep: usize) -> (Vec<u8>, u64) {
    if !stream.has(9) {
        // The export breaks off here.
        stream.pass(stream.rest().len());
        return (Vec::new(), 0);
    }
    let size = stream.rest().get(1..9).and_then(|bytes| bytes.first_chunk::<8>()).copied().map(u64::from_le_bytes);
    let Some(size) = size.filter(|size| *size <= LONGEST) else { return (Vec::new(), 0) };
    stream.pass(9);
    let before = stream.at;
    let value = stream.take(size, keep);
    let beyond = stream.at - before - value.len() as u64;
    (value, beyond)
}

/// A value that is text: the memory of a program that crashed is none.
fn printable(value: &[u8]) -> Option<&str> {
    let is_text = value.iter().all(|b| *b >= b' ' || matches!(b, b'\t' | b'\n' | b'\r' | 0x1b));
    std::str::from_utf8(value).ok().filter(|_| is_text)
}

/// The name at the beginning of a line of an export, with `=` or nothing behind it.
fn name_of_value(line: &[u8]) -> Option<&'_ str> {
    let end = line.iter().position(|b| *b == b'=').unwrap_or(line.len());
    std::str::from_utf8(&line[..end]).ok().filter(|name| is_name(name))
}

/// Whether the journal takes this for a field's name (`journal_field_valid` of systemd).
fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

/// Reads verbose entries; says how many lines there are.
pub fn read_verbose(feed: &mut Feed<'_>, (encoding, mark): (Encoding, usize), teller: &mut Teller<'_, '_, '_>) -> u64 {
    let keep = teller.limits().record_bytes.max(MOST_BYTES);
    let mut lines = Lines::new(feed, encoding, mark, keep);
    let mut entry: Option<Entry> = None;
    // Blanks before the further lines of the value that was met last.
    let mut indent = usize::MAX;
    while let Some(line) = lines.next() {
        let text = teller.decoded(&line, encoding);
        if let Some((time, cursor)) = time_of_head(&text) {
            entry.take().into_iter().for_each(|entry| tell(&entry, teller));
            let open = entry.insert(Entry::new(line.start, line.number));
            open.add(TIME, Cow::Borrowed(time));
            open.add("__CURSOR", Cow::Borrowed(cursor));
            (open.bytes.1, indent) = (line.end, usize::MAX);
            continue;
        }
        let Some(open) = entry.as_mut().filter(|_| text.starts_with(' ') || text.trim_ascii().is_empty()) else {
            entry.take().into_iter().for_each(|entry| tell(&entry, teller));
            teller.line(&text, teller.place((line.start, line.end), (line.number, line.number)), line.cut);
            continue;
        };
        let blanks = text.bytes().take_while(|b| *b == b' ').count();
        match field(&text).filter(|_| blanks < indent) {
            Some((name, value)) => {
                let (value, _) = limited(value, if name == MESSAGE { keep } else { MOST_BYTES });
                open.cut += if name == MESSAGE { line.cut } else { 0 };
                open.add(name, value);
                indent = blanks + name.len() + 1;
            }
            None if text.trim_ascii().is_empty() => continue,
            None => goes_on(open, text.get(indent.min(blanks)..).unwrap_or_default(), keep),
        }
        (open.bytes.1, open.lines.1) = (line.end, line.number);
    }
    entry.into_iter().for_each(|entry| tell(&entry, teller));
    lines.count
}

/// Adds a further line to the value that stands last.
fn goes_on(entry: &mut Entry, line: &str, keep: usize) {
    let Some((name, value)) = entry.fields.last_mut() else { return };
    let most = if name == MESSAGE { keep } else { MOST_BYTES };
    if value.len() + line.len() < most {
        value.push('\n');
        value.push_str(line);
    } else if name == MESSAGE {
        entry.cut += line.len() as u64;
    }
}

/// Time and cursor of `Tue 2024-01-09 11:22:33.123456 UTC [s=0a1b;i=1;b=2c3d]`.
fn time_of_head(line: &str) -> Option<(&str, &str)> {
    let (time, cursor) = line.trim_end().split_once(" [")?;
    let cursor = cursor.strip_suffix(']').filter(|c| c.starts_with("s=") && c.contains(";i="))?;
    let has_date = time.split(' ').nth(1).is_some_and(|date| date.len() == 10 && date.as_bytes()[4] == b'-');
    (has_date && time.len() <= 64 && !line.starts_with(' ')).then_some((time, cursor))
}

/// Name and value of an indented `NAME=value`.
fn field(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.strip_prefix("  ")?.trim_ascii_start().split_once('=')?;
    is_name(name).then_some((name, value))
}
