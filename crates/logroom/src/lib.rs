//! A log room: the lines of all sources, kept so that they can be searched without reading most of them.
//!
//! [`build`] writes a room in one go: blocks of whole records, compressed one by one, a small summary of each, and an index
//! behind them. [`Room`] reads it back by positions: searches, counts, histograms, the lines around a place. This crate
//! must never know HTTP, databases, paths or the clock; it reads a [`Bundle`](intake::Bundle), writes to a `Write` and
//! reads from a [`Shelf`]. A room that was cut or altered is a [`Fault`], never a wrong answer that could have been
//! noticed. What breaks it: lines of many megabytes, of which only the beginning is kept, and records of several streams
//! that are mixed in one source: a line stands with the record before it.
//!
//! Texts are given as they are; who shows them to a reader redacts them.

mod block;
mod build;
mod context;
mod count;
mod fault;
mod filter;
mod histogram;
mod index;
mod matching;
mod query;
mod room;
mod search;
mod shelf;
mod varint;
mod written;

pub use build::{Built, Settings, Watch, build};
pub use context::Line;
pub use count::{Count, Stretch};
pub use fault::Fault;
pub use histogram::Bars;
pub use index::{Levels, Pattern, Service, SourceTotals};
pub use query::{Query, Wrong};
pub use room::Room;
pub use search::{Hit, Order, Page, Position, Progress, Seek};
pub use shelf::Shelf;
