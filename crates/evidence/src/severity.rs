//! The six levels to which every source's own words are mapped.

use serde::{Deserialize, Serialize};

/// Severity of a log record, in rising order. Notice and informational are info; critical, alert, emergency and panic
/// are fatal; severe is error; fine, finer, finest and verbose are debug or trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

impl Level {
    pub const ALL: [Level; 6] = [Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error, Level::Fatal];

    /// The level that a word of a log means (any letter case), or `None` for a word that means none.
    pub fn from_word(word: &str) -> Option<Level> {
        let is = |words: &[&str]| words.iter().any(|w| word.eq_ignore_ascii_case(w));
        if is(&["info", "inf", "i", "notice", "informational", "information", "log", "note", "hint", "statement", "detail"]) {
            Some(Level::Info)
        } else if is(&["error", "err", "e", "eror", "severe", "failure"]) {
            Some(Level::Error)
        } else if is(&["warn", "warning", "w", "wrn"]) {
            Some(Level::Warn)
        } else if is(&["debug", "dbug", "dbg", "d", "fine", "config", "verbose", "debug1", "debug2", "debug3"]) {
            Some(Level::Debug)
        } else if is(&["fatal", "ftl", "f", "critical", "crit", "alert", "emerg", "emergency", "panic", "dpanic", "c"]) {
            Some(Level::Fatal)
        } else if is(&["trace", "trc", "t", "finer", "finest", "silly", "debug4", "debug5"]) {
            Some(Level::Trace)
        } else {
            None
        }
    }

    pub fn word(self) -> &'static str {
        ["trace", "debug", "info", "warn", "error", "fatal"][self as usize]
    }

    /// Error or worse.
    pub fn is_bad(self) -> bool {
        self >= Level::Error
    }
}
