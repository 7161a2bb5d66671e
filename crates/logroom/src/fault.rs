//! What can go wrong with a room. Broken input is none of it: that is kept as it stands.

use std::io;

use crate::query::Wrong;

#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("the log room cannot be read or written: {0}")]
    Io(#[from] io::Error),
    #[error("the log room is broken: {0}; build it again from the uploads")]
    Broken(&'static str),
    #[error("there is too much for one log room; build one for a part of the sources")]
    TooMuch,
    #[error("it was cancelled")]
    Cancelled,
    #[error(transparent)]
    Query(#[from] Wrong),
}
