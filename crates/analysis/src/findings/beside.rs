//! What stands beside the conclusions: facts that no score weighs, and how far a figure or an end reaches.

use evidence::Moment;

use super::{Places, Reason};

/// Something that speaks for or against, without a weight of its own.
#[derive(Debug, Clone)]
pub struct Fact {
    pub reason: Reason,
    pub places: Places,
}

/// A service that went on failing when the requests that were looked at no longer did.
#[derive(Debug, Clone, PartialEq)]
pub struct Lasting {
    pub service: String,
    /// Its last failure.
    pub last: Moment,
    /// It failed until the end of what was recorded.
    pub to_the_end: bool,
    pub places: Places,
}

/// What was counted is one of several of its kind, as somebody says.
#[derive(Debug, Clone, PartialEq)]
pub struct OneOf {
    /// As the words have it: `lb-2`, `four LBs`.
    pub name: String,
    pub all: String,
    pub places: Places,
}
