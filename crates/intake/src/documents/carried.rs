//! A line of a log that a document carries: an entry of a log store's export, a line pasted into a chat.
//!
//! The line itself is read by the format that knows it; what stands around it says when, where and by whom it was
//! written. This module must never know which product's document it came from, nor read a time out of a text. What
//! breaks it: a label that names the shipper of the logs where others name the service.

use std::borrow::Cow;

use evidence::{Basis, Level, Record, RecordRef, Stamp};

use crate::formats::{Format, Formats};

/// Lines by which the format of a document's lines is found.
const SAMPLE: usize = 200;
/// Fields of one record, those of its surroundings included.
const FIELDS: usize = 64;

/// One such line with its place in the document.
#[derive(Debug, Clone)]
pub struct Carried {
    pub place: RecordRef,
    words: String,
    outer: Outer,
    formats: &'static Formats,
    /// What most lines of the document are; it is asked first, as in a log.
    format: &'static Format,
    /// The message of `words`, where that is a record of a format of its own.
    inner: Option<String>,
}

impl PartialEq for Carried {
    fn eq(&self, other: &Carried) -> bool {
        (self.place, &self.words, &self.outer) == (other.place, &other.words, &other.outer)
    }
}

/// What stands around a line.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outer {
    pub stamp: Option<Stamp>,
    /// Believed only where the line says none: stores call everything from standard error an error.
    pub level: Option<Level>,
    /// The container or application that wrote it.
    pub service: Option<String>,
    /// A name that is often the service's (a job, a group of logs): taken where nothing better is told.
    pub likely: Option<String>,
    pub instance: Option<String>,
    pub trace: Option<String>,
    pub fields: Vec<(String, String)>,
    /// Somebody quoted it in a conversation.
    pub is_quote: bool,
}

impl Carried {
    /// A line that is still to be [settled](settle); until then it is read for itself, by the embedded formats.
    pub fn new(place: RecordRef, words: String, outer: Outer) -> Carried {
        let formats = Formats::load();
        let mut carried = Carried { place, words, outer, formats, format: formats.text(), inner: None };
        carried.look_inside();
        carried
    }

    /// Whether an object carries another line as its message.
    fn look_inside(&mut self) {
        if self.words.trim_start().starts_with('{') {
            let told = self.formats.parse(self.format, &self.words, self.place);
            let is_line = |m: &&str| *m != self.words && may_be_record(m) && is_known_to(self.formats, m, self.place);
            self.inner = Some(told.message.as_ref()).filter(is_line).map(str::to_string);
        }
    }

    pub fn is_quote(&self) -> bool {
        self.outer.is_quote
    }

    /// The record that it is, at that place of the source.
    pub fn record(&self, place: RecordRef) -> Record<'_> {
        let mut record = self.formats.parse(self.format, &self.words, place);
        if let Some(inner) = &self.inner {
            record = within(record, self.formats.parse(self.formats.text(), inner, place));
        }
        record = self.outer.around(record);
        if self.outer.is_quote { quoted(record) } else { record }
    }
}

/// Finds out of which format the lines of a document are, of those that there are.
pub fn settle(carried: &mut [Carried], formats: &'static Formats) {
    let sample: Vec<&str> =
        carried.iter().filter(|c| !c.is_quote()).take(SAMPLE).filter_map(|c| c.words.lines().next()).collect();
    let format = formats.recognise(&sample);
    for line in carried.iter_mut() {
        line.formats = formats;
        line.format = if line.is_quote() { formats.text() } else { format };
        if !std::ptr::eq(formats, Formats::load()) {
            line.look_inside();
        }
    }
}

/// A cheap look before all formats are tried: most messages are words.
fn may_be_record(message: &str) -> bool {
    let head = message.as_bytes().get(..message.len().min(64)).unwrap_or_default();
    message.starts_with('{') || message.contains("level=") || head.iter().filter(|b| b.is_ascii_digit()).count() >= 4
}

impl Outer {
    fn around<'a>(&'a self, record: Record<'a>) -> Record<'a> {
        let own = |text: &'a Option<String>| text.as_deref().map(Cow::Borrowed);
        let stamp = match (self.stamp, record.stamp) {
            (Some(outer), Some(inner)) if rank(inner) < rank(outer) => Some(inner),
            (outer, inner) => outer.or(inner),
        };
        let mut fields: Vec<_> =
            self.fields.iter().map(|(k, v)| (Cow::Borrowed(k.as_str()), Cow::Borrowed(v.as_str()))).collect();
        fields.extend(record.fields);
        fields.truncate(FIELDS);
        Record {
            stamp,
            level: record.level.or(self.level),
            service: own(&self.service).or(record.service).or_else(|| own(&self.likely)),
            instance: own(&self.instance).or(record.instance),
            trace: record.trace.or_else(|| own(&self.trace)),
            fields,
            ..record
        }
    }
}

/// Whether a text is of a log: a format knows it, or it begins with a time that has a date.
pub fn is_known(text: &str, place: RecordRef) -> bool {
    is_known_to(Formats::load(), text, place)
}

fn is_known_to(formats: &'static Formats, text: &str, place: RecordRef) -> bool {
    let record = formats.parse(formats.text(), text, place);
    record.format != "text" || record.stamp.is_some_and(|s| s.basis != Basis::ClockOnly)
}

/// An object that carries a line of another format as its message: the line says what happened, the object the rest.
pub fn within<'a>(outer: Record<'a>, inner: Record<'a>) -> Record<'a> {
    let takes_inner = inner.stamp.is_some_and(|i| outer.stamp.is_none_or(|o| rank(i) < rank(o)));
    let (stamp, stamp_text) = if takes_inner { (inner.stamp, inner.stamp_text) } else { (outer.stamp, outer.stamp_text) };
    let mut fields = outer.fields;
    fields.extend(inner.fields);
    fields.truncate(FIELDS);
    Record {
        place: outer.place,
        stamp,
        stamp_text,
        level: inner.level.or(outer.level),
        service: outer.service.or(inner.service),
        instance: outer.instance.or(inner.instance),
        message: inner.message,
        trace: inner.trace.or(outer.trace),
        http: inner.http.or(outer.http),
        user: inner.user.or(outer.user),
        format: if inner.format == "text" { outer.format } else { inner.format },
        fields,
    }
}

/// A quote of a record, which may stand in a log that is there as well. So that it is not counted twice it is no
/// request, links no trace and has no time: a time without a zone would also decide how the clock of the whole
/// conversation is read. What it says of them stays, as text and under its name.
fn quoted(mut record: Record<'_>) -> Record<'_> {
    record.fields.insert(0, (Cow::Borrowed("via"), Cow::Borrowed("chat")));
    if let Some(trace) = record.trace.take() {
        record.fields.push((Cow::Borrowed("trace"), trace));
    }
    if let Some(status) = record.http.take().and_then(|h| h.status) {
        record.fields.push((Cow::Borrowed("status"), Cow::Owned(status.to_string())));
    }
    record.fields.truncate(FIELDS);
    Record { stamp: None, user: None, ..record }
}

/// How much of a time is stated, the most first.
fn rank(stamp: Stamp) -> u8 {
    match stamp.basis {
        Basis::Zoned | Basis::Epoch => 0,
        Basis::Civil => 1,
        Basis::CivilNoYear | Basis::ZonedNoYear => 2,
        Basis::ClockOnly | Basis::ZonedClock => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::SourceId;

    const PLACE: RecordRef = RecordRef { source: SourceId { input: 0, entry: 0 }, start: 3, end: 9, line: 2, last_line: 2 };
    const NGINX: &str = r#"192.0.2.7 - - [01/Jan/2025:00:00:05 +0000] "GET /cart?id=1 HTTP/1.1" 502 157 "-" "curl/8.5.0""#;

    fn outer() -> Outer {
        Outer {
            stamp: Some(Stamp::new(1_735_689_605_000_000, Basis::Epoch)),
            level: Some(Level::Error),
            service: Some("cart".into()),
            instance: Some("cart-1".into()),
            fields: vec![("namespace".into(), "shop".into())],
            ..Outer::default()
        }
    }

    #[test]
    fn the_line_says_what_and_its_surroundings_say_where() {
        let carried = Carried::new(PLACE, "2025-01-01 01:00:05,123 INFO started".into(), outer());
        let record = carried.record(PLACE);
        assert_eq!((record.level, record.message.as_ref()), (Some(Level::Info), "started"));
        assert_eq!((record.service.as_deref(), record.instance.as_deref()), (Some("cart"), Some("cart-1")));
        assert_eq!((record.stamp, record.field("namespace")), (outer().stamp, Some("shop")));
    }

    #[test]
    fn a_line_in_an_object_is_read_by_its_own_format() {
        let words = serde_json::json!({"message": NGINX, "kubernetes": {"pod": {"name": "edge-7"}}}).to_string();
        let mut carried = [Carried::new(PLACE, words, Outer::default())];
        settle(&mut carried, Formats::load());
        let record = carried[0].record(PLACE);
        assert_eq!(record.http.as_ref().and_then(|h| h.status), Some(502));
        assert_eq!((record.format, record.instance.as_deref()), ("access_combined", Some("edge-7")));
    }

    #[test]
    fn a_quote_is_no_request_and_has_no_time() {
        let carried = Carried::new(PLACE, NGINX.into(), Outer { is_quote: true, ..Outer::default() });
        let record = carried.record(PLACE);
        assert!(record.http.is_none() && record.stamp.is_none());
        assert_eq!((record.field("via"), record.field("status")), (Some("chat"), Some("502")));
        assert_eq!(record.stamp_text.as_deref(), Some("01/Jan/2025:00:00:05 +0000"));
    }
}
