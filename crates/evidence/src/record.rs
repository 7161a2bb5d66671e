//! One record of a log, as it passes by. Streams are read once and never held: a record borrows from the buffer of its
//! reader and is gone after the call. Whoever wants to keep something of it copies that, bounded.

use std::borrow::Cow;

use crate::{Event, Level, RecordRef, Stamp};

/// A log record with its continuation lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Record<'a> {
    pub place: RecordRef,
    pub stamp: Option<Stamp>,
    /// The time as written, byte for byte.
    pub stamp_text: Option<Cow<'a, str>>,
    pub level: Option<Level>,
    /// Program, unit, container or service that wrote it, when the record says so.
    pub service: Option<Cow<'a, str>>,
    /// Pod, host or container instance.
    pub instance: Option<Cow<'a, str>>,
    /// Without the header (time, level, host, program, pid); continuation lines follow after `\n`.
    pub message: Cow<'a, str>,
    /// Trace or request id.
    pub trace: Option<Cow<'a, str>>,
    pub http: Option<Http<'a>>,
    /// The person or account on whose behalf it ran (user id, account, customer), not an operating-system user.
    pub user: Option<Cow<'a, str>>,
    /// Id of the format that told the fields apart; `text` when none did.
    pub format: &'a str,
    /// Further named values in the order in which they stand.
    pub fields: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl Record<'_> {
    /// The value of a further field, by its exact name.
    #[inline]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_ref())
    }
}

/// The request that a record tells about: a line of an access log, or an application's own.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Http<'a> {
    pub method: Option<Cow<'a, str>>,
    /// Path without the query.
    pub path: Option<Cow<'a, str>>,
    pub status: Option<u16>,
    /// Milliseconds.
    pub duration_ms: Option<f64>,
    /// Upstream or backend that served it, as named there.
    pub upstream: Option<Cow<'a, str>>,
}

/// What takes what a reader finds, one source at a time, in the order of the source.
pub trait Sink: Send {
    /// Once, before anything else: the id of the format that the source was recognised as.
    fn begin(&mut self, _format: &str) {}
    /// A log record.
    fn record(&mut self, record: &Record<'_>);
    /// A typed event of a document (chat message, page, deploy, commit, ...).
    fn event(&mut self, event: Event);
    /// Once, when all of the source was read and joined.
    fn end(&mut self) {}
    /// Whether parts of one source may go to several sinks, which are joined afterwards: nothing then depends on the order
    /// in which records come, but for what [`Sink::begin_piece`] tells.
    fn joins(&self) -> bool {
        false
    }
    /// What comes until [`Sink::end_piece`] is the piece of this number of the source. The pieces of all sinks are numbered
    /// in the order of the source, from 0 and without gaps; of one sink they come in that order. Pieces that come before
    /// it never wait for the end of a later one. Never called where one sink has the whole source.
    fn begin_piece(&mut self, _number: u64) {}
    /// The piece is over.
    fn end_piece(&mut self) {}
    /// No piece comes any more, and a sink that has others will take this one or be taken: what can be done before is done by
    /// each at once.
    fn end_part(&mut self) {}
    /// Takes what another sink has of the same source.
    fn join(&mut self, _other: Self)
    where
        Self: Sized,
    {
    }
}
