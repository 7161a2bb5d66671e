//! Lines and marks to rows, and rows to blocks: the half of the building that keeps.
//!
//! Must never understand a line. A record has the lines from its first one on, up to its last one or to the next record's
//! first; what is left is a row for each line. A block has rows of one source.

use std::collections::{BTreeMap, VecDeque};
use std::ops::ControlFlow;
use std::sync::mpsc::Receiver;

use evidence::SourceId;
use intake::{Bundle, Text};

use super::Settings;
use super::marks::{Mark, Message};
use crate::block::{Kind, Loose, MOST_ROWS, Row};

/// Bytes of one line, and of one row, that are kept.
pub const LINE: usize = 1 << 20;

/// A block that has all of its rows.
pub struct Sealed {
    pub source: SourceId,
    pub first_line: u64,
    pub loose: Loose,
}

/// What is not in the room of a source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cut {
    pub bytes: u64,
}

/// Takes the lines of all sources, in their order, and hands on blocks until nobody takes them.
pub fn cut(
    bundle: &dyn Bundle,
    settings: &Settings,
    marks: Receiver<Message>,
    take: &dyn Fn(Sealed) -> bool,
) -> BTreeMap<SourceId, Cut> {
    let mut rows = Rows::new(settings.block_bytes.clamp(1 << 10, 4 << 20), Marks::new(marks), take);
    for input in 0..bundle.inputs().len() {
        let each = &mut |text: Text<'_>| {
            rows.text(text);
            if rows.closed { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        intake::texts(bundle, input, &settings.intake.limits, LINE, each);
    }
    rows.seal();
    // The other thread may have more to say: it is heard out.
    rows.marks.rest();
    rows.cuts
}

struct Rows<'t> {
    size: usize,
    marks: Marks,
    take: &'t dyn Fn(Sealed) -> bool,
    source: Option<SourceId>,
    first_line: u64,
    loose: Loose,
    /// The last line of the record that is open.
    until: u64,
    closed: bool,
    cuts: BTreeMap<SourceId, Cut>,
}

impl<'t> Rows<'t> {
    fn new(size: usize, marks: Marks, take: &'t dyn Fn(Sealed) -> bool) -> Rows<'t> {
        let cuts = BTreeMap::new();
        Rows { size, marks, take, source: None, first_line: 1, loose: Loose::default(), until: 0, closed: false, cuts }
    }

    fn text(&mut self, text: Text<'_>) {
        if self.source != Some(text.source) {
            self.seal();
            self.source = Some(text.source);
            self.until = 0;
        }
        let bytes = text.lines.as_bytes();
        let mut from = 0;
        for (number, end) in (text.first_line..).zip(memchr::memchr_iter(b'\n', bytes)) {
            self.line(number, &bytes[from..=end]);
            from = end + 1;
        }
        if text.cut > 0 {
            self.cuts.entry(text.source).or_default().bytes += text.cut;
        }
    }

    fn line(&mut self, number: u64, line: &[u8]) {
        let Some(source) = self.source else { return };
        let mark = self.marks.of_line(source, number);
        let fits = |row: &Row| row.bytes as usize + line.len() <= LINE;
        if let (None, true, Some(row)) = (mark, number <= self.until, self.loose.rows.last_mut().filter(|row| fits(row))) {
            row.lines += 1;
            row.bytes += line.len() as u32;
        } else {
            self.begin(number, line, mark);
        }
        self.loose.text.extend_from_slice(line);
    }

    fn begin(&mut self, number: u64, line: &[u8], mark: Option<Mark>) {
        if self.loose.text.len() >= self.size || self.loose.rows.len() >= MOST_ROWS {
            self.seal();
        }
        if self.loose.rows.is_empty() {
            self.first_line = number;
        }
        let kind = match mark {
            Some(_) => Kind::Record,
            None if line.trim_ascii().is_empty() => Kind::Blank,
            None => Kind::Line,
        };
        let mut row = Row { kind, lines: 1, bytes: line.len() as u32, ..Row::default() };
        // Lines of a record that has become too long belong to none; so do those behind its end.
        self.until = 0;
        if let Some(mark) = mark {
            self.until = mark.last_line;
            (row.level, row.stamp) = (mark.level, mark.stamp);
            (row.service, row.pattern, row.format) = (mark.service, mark.pattern, mark.format);
        }
        self.loose.rows.push(row);
    }

    fn seal(&mut self) {
        if self.loose.rows.is_empty() {
            return;
        }
        // A source that fills a block is likely to fill the next one.
        let room = if self.loose.text.len() >= self.size { self.size + self.size / 8 } else { 0 };
        let next = Loose { text: Vec::with_capacity(room), rows: Vec::new() };
        let loose = std::mem::replace(&mut self.loose, next);
        if let Some(source) = self.source.filter(|_| !self.closed) {
            self.closed = !(self.take)(Sealed { source, first_line: self.first_line, loose });
        }
    }
}

/// The marks of one source after the other, as far as the other thread has found them.
struct Marks {
    received: Receiver<Message>,
    source: Option<SourceId>,
    /// There are no more of this source.
    ended: bool,
    waiting: VecDeque<Mark>,
    /// The first message of a source that is yet to come.
    early: Option<Message>,
}

impl Marks {
    fn new(received: Receiver<Message>) -> Marks {
        Marks { received, source: None, ended: true, waiting: VecDeque::new(), early: None }
    }

    /// The first mark on a line. Lines are asked for in rising order, sources in theirs.
    fn of_line(&mut self, source: SourceId, line: u64) -> Option<Mark> {
        if self.source != Some(source) {
            (self.source, self.ended) = (Some(source), false);
            self.waiting.clear();
        }
        loop {
            match self.waiting.front() {
                Some(mark) if mark.line < line => {
                    self.waiting.pop_front();
                }
                Some(mark) => return Some(*mark).filter(|mark| mark.line == line),
                None if self.ended => return None,
                None => self.receive(source),
            }
        }
    }

    fn receive(&mut self, source: SourceId) {
        let next = self.early.take().or_else(|| self.received.recv().ok());
        match next {
            Some(Message::Marks(of, marks)) if of == source => self.waiting.extend(marks),
            Some(Message::End(of)) if of == source => self.ended = true,
            // A source that has no lines.
            Some(Message::Marks(of, _) | Message::End(of)) if of < source => {}
            Some(early) => (self.early, self.ended) = (Some(early), true),
            None => self.ended = true,
        }
    }

    fn rest(&mut self) {
        self.early = None;
        while self.received.recv().is_ok() {}
    }
}
