//! Tests of keeping: from what a caller is told to what is there after the worst has happened.
//!
//! Every test of rows runs on SQLite and on PostgreSQL. One binary, so that it links once; it also is the child process that
//! dies in the tests of dying.
// Tests are outside, like the binary: files and processes are what they are about.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod bad_days;
mod child;
mod dying;
mod engines;
mod jobs;
mod keeping;
mod once;
mod postgres;
mod upgrades;
