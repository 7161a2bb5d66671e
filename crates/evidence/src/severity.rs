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
            // `WARN+2` of Go's slog: a level of a program's own, beside a usual one.
            let (base, steps) = word.split_once(['+', '-'])?;
            (steps.len() <= 2 && steps.parse::<u8>().is_ok() && base.len() > 3).then(|| Level::from_word(base)).flatten()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_between_two_usual_ones_is_the_one_it_is_named_after() {
        for (word, level) in [
            ("ERROR+4", Some(Level::Error)),
            ("DEBUG-4", Some(Level::Debug)),
            ("WARN+2", Some(Level::Warn)),
            ("error-code", None),
            ("e+4", None),
            ("+4", None),
        ] {
            assert_eq!(Level::from_word(word), level, "{word}");
        }
    }
}
