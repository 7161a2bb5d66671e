//! Bytes to records and events: containers, encodings, framing, formats, documents, clocks as written.
//!
//! This crate must never know paths, sockets or what an incident is. It is handed a [`Bundle`] (bytes under names) and
//! hands every record and event, with its place, to a [`Sink`](evidence::Sink). Broken input is data: whatever cannot
//! be read is listed in the [`Source`](evidence::Source) with its reason, and read + skipped bytes add up to the size.

pub mod bundle;
pub mod containers;
pub mod documents;
pub mod formats;
pub mod framing;
mod lanes;
mod lines;
mod marks;
mod overlap;
mod quote;
mod reader;
mod relocate;
mod signs;
#[cfg(test)]
mod testing;
mod unseen;

pub use bundle::{Bundle, Input, Limits, Settings};
pub use evidence::is_unseen;
pub use lines::Encoding;
pub use quote::{Quote, quote};
pub use reader::{Misread, Reading, Spare, Text, is_binary, read, read_each, read_input, texts};
