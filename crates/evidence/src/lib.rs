//! The shared words: what a source, a record, an event, a time and a place in the input are.
//!
//! Everything that reads evidence and everything that reasons over it meets here and nowhere else. This crate must
//! never know files, formats, English or HTTP: it holds values, not behaviour. A wrong word here is wrong everywhere,
//! so each type says its unit and where it comes from.

mod event;
mod known;
mod named;
mod record;
mod rotation;
mod severity;
mod source;
mod time;
mod unseen;

pub use event::{
    AlertState, Body, ChangePhase, Commit, Deploy, Event, FileDiff, Flag, KubeEvent, Message, Page, PageAction, Person, Point,
    Series, Span, StatusUpdate,
};
pub use known::Known;
pub use named::{is_address, is_file};
pub use record::{Http, Record, Sink};
pub use rotation::{Age, rotation};
pub use severity::Level;
pub use source::{RecordRef, Skipped, Source, SourceId};
pub use time::{Basis, Clock, Moment, Segment, Stamp};
pub use unseen::is_unseen;
