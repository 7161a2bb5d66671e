//! Tests of the whole program: from files as a user has them to the report that a user reads.
//!
//! Must never test how something is found, only what comes out. One binary, so that it links once. The cases at the root
//! are its data; `cargo xtask bless` rewrites what is expected of them.
// Tests are outside, like the binary: files, processes and threads are what they are about.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod accounts;
mod as_of;
#[cfg(feature = "server")]
mod assets;
mod audiences;
mod bad_input;
mod blamed;
mod browser;
mod cases;
mod clusters;
mod consistent;
mod contract;
mod cuts;
mod digest;
mod docs;
mod explains;
mod exports;
mod golden;
mod hostile;
mod hostile_archives;
mod hostile_formats;
mod hostile_input;
mod hostile_shapes;
mod hostile_text;
mod known;
mod lint;
mod many;
mod memory;
mod metamorphic;
mod packed;
mod parse;
mod patterns;
mod program;
mod sealed;
mod secrets;
#[cfg(feature = "server")]
mod serve;
mod spared;
mod told;
mod turned;
mod variables;
mod volume;
#[cfg(feature = "server")]
mod web;
