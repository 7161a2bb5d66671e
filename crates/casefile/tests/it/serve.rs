//! `casefile serve` as visitors, programs and bad days meet it: over the network, from outside, with the ids of the
//! reliability catalogue in the names.
//!
//! Only this machine's loopback is talked to, with few connections and limits of time. Must never look into the server.

mod client;
mod days;
mod hostile;
mod machine;
mod on_postgres;
#[path = "../../../store/tests/it/postgres.rs"]
mod postgres;
mod story;

pub use client::{Served, example};
