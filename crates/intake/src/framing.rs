//! Where a record begins and where it ends. Lines that begin a record are known to its format; what follows belongs to
//! it, except what a crashing program prints between other records: that is a record of its own.
//!
//! Framing never parses and must never look at times or levels of a line, with one exception: whether a Python or Java
//! trace belongs to the record before it depends on whether that record reports something bad. Misleading input: tables
//! and other indented text, which become one record up to the limit of lines.

use evidence::{Level, RecordRef, SourceId};

use crate::Limits;
use crate::formats::{Format, Formats};
use crate::lines::Line;

/// A record before it is parsed. Its buffer is used again for the next one.
pub struct Frame {
    /// Head and continuation lines joined by `\n`, cut to the limit of bytes.
    pub text: String,
    pub place: RecordRef,
    pub format: &'static Format,
    /// For what a crashing program prints: the level that it means.
    pub crash: Option<Level>,
    /// Some of the text was cut off.
    pub cut: bool,
    kind: Kind,
    lines: u64,
    tail: Tail,
}

/// Cuts a stream of lines into records.
pub struct Framer {
    heads: Vec<&'static Format>,
    /// Of a source whose format nobody knows: what tells that a line begins with a time, when most of its lines do.
    timed: Option<&'static Format>,
    plain: &'static Format,
    frame: Frame,
    open: bool,
    blanks: u64,
    /// The record before is a single line by its nature (JSON, unknown text): plain lines do not join it.
    single: bool,
    /// Most of the source is known to no format (prose with some log lines in it): plain lines are records of their own.
    loose: bool,
    most_bytes: usize,
    most_lines: u64,
    strays: Strays,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Begun by a line that the format knows.
    Head,
    Crash,
    Plain,
}

/// What the last line of a crash makes of the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tail {
    None,
    /// The message follows on the next line, whatever it looks like.
    Message,
    /// Frames of a Python trace; the first line that is not indented is its message.
    Frames,
    /// "During handling of the above exception ...": another trace follows.
    Chained,
}

/// A JSON object on one line may be longer than other records: cut, it cannot be read at all.
const OBJECT_FACTOR: usize = 16;

impl Framer {
    /// `sample`: the first lines of the source that are not blank, without escapes.
    pub fn new(formats: &'static Formats, sample: &[&str], source: SourceId, limits: &Limits) -> Framer {
        let plain = formats.recognise(&[]);
        let main = formats.recognise(sample);
        let mut heads = Vec::new();
        let mut timed = None;
        if main.id() != plain.id() {
            heads.push(main);
            let others: Vec<&str> = sample.iter().copied().filter(|l| !main.is_head(l) && sign(l) == Sign::Plain).collect();
            heads.extend(also(formats, &others, &heads));
        } else {
            // Every format but `text` takes a line that begins with a time for a head.
            let any = formats.all().iter().find(|f| f.id() != plain.id());
            timed = any.filter(|f| sample.iter().any(|l| f.is_head(l)));
        }
        let is_head = |l: &&&str| heads.iter().chain(&timed).any(|f| f.is_head(l));
        let known = sample.iter().filter(is_head).count();
        let unknown = sample.iter().filter(|l| !is_head(l) && sign(l) == Sign::Plain && !is_of_a_crash(l)).count();
        let loose = unknown >= known;
        let place = RecordRef { source, start: 0, end: 0, line: 0, last_line: 0 };
        let (kind, tail) = (Kind::Plain, Tail::None);
        let frame = Frame { text: String::new(), place, format: plain, crash: None, cut: false, kind, lines: 0, tail };
        Framer {
            single: loose,
            loose,
            heads,
            timed,
            plain,
            frame,
            open: false,
            blanks: 0,
            most_bytes: limits.record_bytes.max(1),
            most_lines: limits.record_lines.max(1),
            strays: Strays { formats, lines: Vec::new(), attempts: 0 },
        }
    }

    /// Id of the source's format.
    pub fn format(&self) -> &'static str {
        self.heads.first().unwrap_or(&self.plain).id()
    }

    /// The longest line that is of use.
    pub fn longest_line(limits: &Limits) -> usize {
        limits.record_bytes.saturating_mul(OBJECT_FACTOR).clamp(4 << 10, 64 << 20)
    }

    /// Takes the next line; hands out the record before it when that is complete.
    pub fn push(&mut self, text: &str, line: &Line<'_>, out: &mut dyn FnMut(&Frame)) {
        if text.trim_ascii().is_empty() {
            self.blanks += 1;
            return;
        }
        if let Some(&format) = self.heads.iter().find(|f| f.is_head(text)) {
            self.single = self.loose || text.trim_ascii_start().starts_with('{');
            return self.begin(Kind::Head, format, text, line, out);
        }
        if self.timed.is_some_and(|f| f.is_head(text)) {
            self.single = self.loose;
            return self.begin(Kind::Head, self.plain, text, line, out);
        }
        let sign = sign(text);
        if sign == Sign::Plain && self.strays.take(text) {
            let others = also(self.strays.formats, &self.strays.sample(), &self.heads);
            self.strays.lines.clear();
            self.heads.extend(others);
        }
        if self.open && self.joins(sign, text) && self.frame.lines < self.most_lines {
            return self.join(text, line);
        }
        let kind = if matches!(sign, Sign::Crash(..)) { Kind::Crash } else { Kind::Plain };
        self.begin(kind, self.plain, text, line, out);
        if let Sign::Crash(level, tail) = sign {
            self.frame.crash = Some(level);
            self.frame.tail = tail;
        }
    }

    /// Hands out the last record.
    pub fn finish(&mut self, out: &mut dyn FnMut(&Frame)) {
        if self.open {
            out(&self.frame);
            self.open = false;
        }
    }

    fn begin(&mut self, kind: Kind, format: &'static Format, text: &str, line: &Line<'_>, out: &mut dyn FnMut(&Frame)) {
        self.finish(out);
        self.open = true;
        self.blanks = 0;
        let frame = &mut self.frame;
        frame.text.clear();
        frame.place.start = line.start;
        frame.place.line = line.number;
        (frame.kind, frame.format, frame.crash, frame.cut) = (kind, format, None, false);
        (frame.lines, frame.tail) = (0, Tail::None);
        self.append(text, line);
    }

    fn join(&mut self, text: &str, line: &Line<'_>) {
        for _ in 0..self.blanks.min(self.most_lines) {
            self.frame.text.push('\n');
        }
        self.blanks = 0;
        self.frame.text.push('\n');
        self.frame.tail = match self.frame.tail {
            Tail::Message => Tail::None,
            Tail::Frames if text.starts_with([' ', '\t']) => Tail::Frames,
            _ if text.starts_with("Traceback (most recent call last)") => Tail::Frames,
            _ if text.starts_with("During handling of the above") || text.starts_with("The above exception was") => Tail::Chained,
            _ => Tail::None,
        };
        self.append(text, line);
    }

    fn append(&mut self, text: &str, line: &Line<'_>) {
        let frame = &mut self.frame;
        let most = if frame.text.is_empty() && text.trim_ascii_start().starts_with('{') {
            self.most_bytes.saturating_mul(OBJECT_FACTOR)
        } else {
            self.most_bytes
        };
        let room = most.saturating_sub(frame.text.len());
        frame.cut |= text.len() > room || line.bytes.len() as u64 != line.end - line.start;
        frame.text.push_str(&text[..text.floor_char_boundary(room)]);
        frame.place.end = line.end;
        frame.place.last_line = line.number;
        frame.lines += 1;
    }

    /// Whether a line that no format knows belongs to the open record.
    fn joins(&self, sign: Sign, text: &str) -> bool {
        let frame = &self.frame;
        if frame.tail == Tail::Message {
            return true;
        }
        match (sign, frame.kind) {
            (Sign::Goroutine, Kind::Crash) => true,
            (Sign::Goroutine | Sign::Crash(_, Tail::Frames), _) if frame.tail == Tail::Chained => true,
            (Sign::Goroutine, _) => !self.single && self.open_level() >= Some(Level::Error),
            (Sign::Crash(Level::Error, _), Kind::Head | Kind::Plain) => {
                self.blanks == 0 && !frame.text.starts_with('{') && self.open_level() >= Some(Level::Warn)
            }
            (Sign::Crash(..), _) => false,
            (Sign::Indented, Kind::Head) => !frame.text.trim_ascii_start().starts_with('{'),
            (_, Kind::Head) => !self.single,
            // A table's rows are looked at one by one, and a blank line ends what was said before.
            (Sign::Indented, Kind::Plain) => self.blanks == 0 && !text.contains(" | "),
            (Sign::Indented, _) => true,
            (_, Kind::Crash) => !self.single || frame.tail == Tail::Frames || frame.tail == Tail::Chained || is_of_a_crash(text),
            (Sign::Plain, Kind::Plain) => false,
        }
    }

    fn open_level(&self) -> Option<Level> {
        self.frame.crash.or_else(|| self.frame.format.parse(&self.frame.text, self.frame.place).level)
    }
}

/// Lines that no format of the source knew, kept until there are enough to ask again.
struct Strays {
    formats: &'static Formats,
    lines: Vec<String>,
    attempts: u32,
}

impl Strays {
    const ENOUGH: usize = 24;
    const ATTEMPTS: u32 = 8;

    /// Keeps the line; true when it is time to ask.
    fn take(&mut self, text: &str) -> bool {
        if self.attempts >= Self::ATTEMPTS {
            return false;
        }
        self.lines.push(text[..text.floor_char_boundary(4 << 10)].to_string());
        let enough = self.lines.len() >= Self::ENOUGH;
        self.attempts += u32::from(enough);
        enough
    }

    fn sample(&self) -> Vec<&str> {
        self.lines.iter().map(String::as_str).collect()
    }
}

/// A further format of the same source, when most of these lines are records of it.
fn also(formats: &'static Formats, lines: &[&str], known: &[&'static Format]) -> Option<&'static Format> {
    let format = formats.recognise(lines);
    let is_new = format.id() != formats.recognise(&[]).id() && known.iter().all(|k| k.id() != format.id());
    let heads = lines.iter().filter(|l| format.is_head(l)).count();
    (is_new && heads >= 2 && heads * 2 >= lines.len()).then_some(format)
}

/// What a line looks like, by its first characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Plain,
    /// Indented, or a frame of a stack trace.
    Indented,
    /// What a crashing program prints first.
    Crash(Level, Tail),
    /// The stack of one goroutine.
    Goroutine,
}

/// Beginnings of what a crashing program prints outside of its log.
const CRASHES: [(&str, Level, Tail); 16] = [
    ("panic: ", Level::Fatal, Tail::None),
    ("fatal error: ", Level::Fatal, Tail::None),
    ("FATAL ERROR: ", Level::Fatal, Tail::None),
    ("Fatal error: ", Level::Fatal, Tail::None),
    ("PHP Fatal error", Level::Fatal, Tail::None),
    ("PHP Parse error", Level::Fatal, Tail::None),
    ("Fatal Python error", Level::Fatal, Tail::None),
    ("Traceback (most recent call last)", Level::Error, Tail::Frames),
    ("Exception in thread ", Level::Error, Tail::None),
    ("Unhandled exception", Level::Fatal, Tail::None),
    ("Unhandled Exception", Level::Fatal, Tail::None),
    ("Uncaught ", Level::Fatal, Tail::None),
    ("terminate called ", Level::Fatal, Tail::None),
    ("Segmentation fault", Level::Fatal, Tail::None),
    ("# A fatal error has been detected by the Java Runtime", Level::Fatal, Tail::None),
    ("SIGSEGV: segmentation violation", Level::Fatal, Tail::None),
];

fn sign(text: &str) -> Sign {
    match text.as_bytes().first() {
        // The brace ends an object that was begun on a line before.
        Some(b' ' | b'\t' | b'}') => return Sign::Indented,
        Some(b'0'..=b'9' | b'{' | b'[' | b'<') => return Sign::Plain,
        _ => {}
    }
    if text.starts_with("thread '") && text.contains("' ") && text.contains("panicked at ") {
        let tail = if text.trim_ascii_end().ends_with(':') { Tail::Message } else { Tail::None };
        return Sign::Crash(Level::Fatal, tail);
    }
    if let Some(&(_, level, tail)) = CRASHES.iter().find(|(start, ..)| text.starts_with(start)) {
        return Sign::Crash(level, tail);
    }
    if text.starts_with("goroutine ") && text.trim_ascii_end().ends_with("]:") {
        return Sign::Goroutine;
    }
    if is_thrown_in_script(text) {
        return Sign::Crash(Level::Fatal, Tail::None);
    }
    if is_frame(text) { Sign::Indented } else { Sign::Plain }
}

/// A line of a stack trace that need not be indented.
fn is_frame(text: &str) -> bool {
    const STARTS: [&str; 10] = [
        "Caused by: ",
        "Caused by:",
        "...",
        "File \"",
        "Suppressed: ",
        "--- End of ",
        "Stack trace:",
        "stack backtrace:",
        "created by ",
        "[signal ",
    ];
    let numbered = |start: char| text.strip_prefix(start).is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()));
    STARTS.iter().any(|s| text.starts_with(s)) || is_at(text) || (numbered('#') && text.contains(' '))
}

/// `at com.shop.Cart.add(Cart.java:12)`, `at /app/cart.js:12:5`; not `at 09:02 we saw`.
fn is_at(text: &str) -> bool {
    let Some(place) = text.strip_prefix("at ") else { return false };
    !place.starts_with(|c: char| c.is_ascii_digit()) && place.split(' ').take(3).any(|w| w.contains(['(', '/', '<']))
}

/// `/app/cart.js:12`: the place by which Node begins what it prints of an uncaught error.
fn is_thrown_in_script(text: &str) -> bool {
    let place = text.trim_ascii_end();
    let Some((file, line)) = place.rsplit_once(':') else { return false };
    (place.starts_with(['/', 'n', 'f']) && !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit()))
        && !file.contains(' ')
        && ([".js", ".mjs", ".cjs", ".ts"].iter().any(|e| file.ends_with(e)) || file.starts_with("node:internal/"))
}

/// A line that, after a crash, still belongs to it.
fn is_of_a_crash(text: &str) -> bool {
    const STARTS: [&str; 8] = [
        "note: ",
        "exit status ",
        "runtime: ",
        "runtime.",
        "Node.js v",
        "During handling of the above",
        "The above exception was",
        "  what()",
    ];
    let call = text.ends_with(')') && text.split_once('(').is_some_and(|(name, _)| !name.is_empty() && !name.contains(' '));
    STARTS.iter().any(|s| text.starts_with(s)) || call || is_exception(text)
}

/// `java.lang.IllegalStateException: closed`, `ValueError: empty`.
fn is_exception(text: &str) -> bool {
    let name = text.split(':').next().unwrap_or_default();
    (name.ends_with("Error") || name.ends_with("Exception")) && !name.contains(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_is_known_by_its_first_line() {
        assert_eq!(sign("panic: runtime error: index out of range"), Sign::Crash(Level::Fatal, Tail::None));
        assert_eq!(sign("thread 'main' panicked at src/main.rs:3:5:"), Sign::Crash(Level::Fatal, Tail::Message));
        assert_eq!(sign("thread 'w-1' (812) panicked at 'boom', src/a.rs:1:2"), Sign::Crash(Level::Fatal, Tail::None));
        assert_eq!(sign("Traceback (most recent call last):"), Sign::Crash(Level::Error, Tail::Frames));
        assert_eq!(sign("Exception in thread \"main\" java.lang.Error"), Sign::Crash(Level::Error, Tail::None));
        assert_eq!(sign("/srv/app/cart.js:118"), Sign::Crash(Level::Fatal, Tail::None));
        assert_eq!(sign("goroutine 1 [running]:"), Sign::Goroutine);
    }

    #[test]
    fn a_sentence_is_not_a_frame() {
        assert_eq!(sign("at 09:02 we saw errors (many)"), Sign::Plain);
        assert_eq!(sign("at least it is over"), Sign::Plain);
        assert_eq!(sign("at com.shop.Cart.add(Cart.java:12)"), Sign::Indented);
        assert_eq!(sign("at async Cart.add (/srv/cart.js:1:2)"), Sign::Indented);
        assert_eq!(sign("#general is quiet"), Sign::Plain);
        assert_eq!(sign("#0 /srv/a.php(12): run()"), Sign::Indented);
    }
}
