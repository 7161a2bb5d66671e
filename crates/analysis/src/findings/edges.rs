//! How trouble in one service reached another, and what shows it.

use super::Places;

/// Fault flows from `from` to `to`: `to` depends on `from`.
#[derive(Debug, Clone)]
pub struct Edge {
    pub from: String,
    pub to: String,
    /// All three checks hold: a dependency is shown, the order fits, and `to` deviates.
    pub verified: bool,
    pub by: EdgeBasis,
    pub places: Places,
}

#[derive(Debug, Clone)]
pub enum EdgeBasis {
    /// A failing record of `to` names `from`.
    Names {
        words: String,
    },
    /// A failing record of `to` speaks of what `from` is or does, and not by its name.
    SpeaksOf {
        of: String,
        words: String,
    },
    /// `to` fails in the way of what `from` is the cause of, and not before it.
    Alike {
        words: String,
    },
    /// Shared traces: calls of `to` are served by `from`.
    Traces {
        shared: u64,
    },
    Spans {
        name: String,
    },
    /// A person says so.
    Said {
        author: String,
        words: String,
    },
    /// Messages pass from `from` to `to`.
    Data {
        words: String,
    },
    /// `from` asks `to` for more than it can serve: what `to` failed by.
    Load {
        words: String,
    },
    /// Only the order in time.
    Order {
        seconds: f64,
    },
}
