//! Findings to claims to pages: the only place that writes sentences for a reader.
//!
//! `model` is the report as data, `compose` makes it from findings, `audience` makes of it what a reader may have, `filter`
//! is the language in which it says how a number was computed, `layout` says what stands where, `render` makes the pages,
//! `revision` keeps what people say of it apart.
//! This crate must never know files on disk or HTTP.

pub mod audience;
pub mod compose;
pub mod course;
pub mod filter;
pub mod layout;
pub mod model;
pub mod render;
pub mod revision;
