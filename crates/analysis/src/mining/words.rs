//! Words that tell messages apart, and words that belong to a value.
//!
//! English, as the messages of programs are. It must never grow by looking at one system's log: a word is here because
//! it has an opposite or is grammar. Input that breaks it: messages in other languages, which only merge too much
//! where three or more words stand in for each other.

/// States, actions and directions that have an opposite, and grammar: two messages that differ in one of them say
/// different things. Participles (-ed, -ing) need no list.
#[rustfmt::skip]
const CLOSED: &[&str] = &[
    "accept", "acquire", "active", "add", "after", "alive", "all", "allow", "and", "any", "at", "available", "bad", "be",
    "before", "begin", "broken", "by", "client", "close", "commit", "connect", "create", "critical", "dead", "debug", "delete",
    "deny", "dest", "destroy", "disable", "disconnect", "down", "empty", "enable", "end", "enter", "error", "exit", "fail",
    "failure", "fatal", "first", "follower", "for", "free", "from", "full", "get", "good", "head", "healthy", "high", "idle",
    "in", "inactive", "info", "input", "insert", "into", "invalid", "is", "join", "kill", "last", "leader", "leave", "left",
    "load", "login", "logout", "lost", "low", "master", "max", "maximum", "min", "minimum", "missing", "mount", "new", "no",
    "none", "normal", "not", "of", "off", "offline", "ok", "old", "on", "online", "open", "options", "or", "out", "output",
    "passive", "patch", "pause", "pop", "post", "primary", "push", "put", "read", "ready", "receive", "recv", "reject",
    "release", "remove", "reply", "request", "reset", "response", "resume", "right", "rollback", "secondary", "send", "sent",
    "server", "set", "shutdown", "slave", "source", "src", "standby", "start", "stop", "store", "success", "sync", "timeout",
    "to", "trace", "unavailable", "unhealthy", "unknown", "unlock", "unmount", "unreachable", "up", "update", "valid", "warn",
    "warning", "with", "without", "write", "yes",
];

const UNITS: &[&str] = &[
    "B",
    "KB",
    "MB",
    "GB",
    "TB",
    "kB",
    "KiB",
    "MiB",
    "GiB",
    "TiB",
    "bytes",
    "byte",
    "s",
    "sec",
    "secs",
    "second",
    "seconds",
    "ms",
    "msec",
    "millis",
    "milliseconds",
    "us",
    "microseconds",
    "ns",
    "nanoseconds",
    "min",
    "mins",
    "minute",
    "minutes",
    "hour",
    "hours",
    "day",
    "days",
];

const DAYS_AND_MONTHS: &[&str] = &[
    "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
    "Dec",
];

const ZONES: &[&str] =
    &["UTC", "GMT", "PDT", "PST", "EDT", "EST", "CDT", "CST", "MDT", "MST", "CET", "CEST", "BST", "IST", "JST"];

/// Whether a word has an opposite or is grammar, so that it is never one of several names.
pub fn is_closed(word: &str) -> bool {
    let lower = word.trim_end_matches(['.', '!', '?']).to_ascii_lowercase();
    let is_participle = lower.len() > 4 && (lower.ends_with("ed") || lower.ends_with("ing")) && is_alphabetic(&lower);
    // The ends of an axis: `x+`, `x-`.
    let is_direction = word.len() == 2 && word.ends_with(['+', '-']);
    is_participle || is_direction || CLOSED.binary_search(&lower.as_str()).is_ok()
}

/// The words that a name of code is made of: `FAIL_TASK_CLEANUP`, `cache.read`.
pub fn parts(name: &str) -> impl Iterator<Item = &str> {
    name.split(['_', '.', '-', '/', ' ', '$', ':']).filter(|part| !part.is_empty())
}

/// Whether a word is a name of code or of a thing rather than a word of the language. A hyphen also joins words.
pub fn is_name(word: &str) -> bool {
    let inner = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    inner.bytes().any(|byte| matches!(byte, b'_' | b'.' | b'/' | b'$' | b'0'..=b'9'))
}

/// Whether a word is a class with the packages it is in; a constant (`a.b.SCREEN_ON`) is none.
pub fn is_class(word: &str) -> bool {
    let Some((packages, class)) = word.rsplit_once('.') else { return false };
    packages.contains('.')
        && packages.split('.').all(|package| package.starts_with(|c: char| c.is_ascii_lowercase()))
        && class.starts_with(|c: char| c.is_ascii_uppercase())
        && class.contains(|c: char| c.is_ascii_lowercase())
}

/// Whether a class is one of what goes wrong.
pub fn is_fault(class: &str) -> bool {
    ["Exception", "Error", "Failure", "Timeout", "Fault"].iter().any(|end| class.ends_with(end))
}

/// The units of one dimension: a statement that scales an amount for the eye scales all its amounts.
pub fn same_dimension(a: &str, b: &str) -> bool {
    let is_size = |unit: &str| unit.ends_with(['B', 'e']) || unit == "bytes";
    is_size(a) == is_size(b)
}

pub fn is_unit(word: &str) -> bool {
    UNITS.contains(&word)
}

pub fn is_day_or_month(word: &str) -> bool {
    word.len() == 3 && DAYS_AND_MONTHS.contains(&word)
}

pub fn is_zone(word: &str) -> bool {
    ZONES.contains(&word)
}

/// Values that every program has.
pub fn is_boolean(word: &str) -> bool {
    matches!(word, "true" | "false" | "True" | "False" | "TRUE" | "FALSE")
}

pub fn is_null(word: &str) -> bool {
    matches!(word, "null" | "nil" | "None" | "NULL" | "undefined" | "n/a" | "N/A")
}

/// Accounts that every system has.
pub fn is_account(word: &str) -> bool {
    matches!(word, "root" | "admin" | "nobody" | "guest")
}

pub fn is_alphabetic(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_so_that_it_can_be_searched() {
        let mut sorted = CLOSED.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(CLOSED, sorted);
    }

    #[test]
    fn states_and_actions_are_closed_in_any_case_and_names_are_not() {
        assert!(["started", "STOPPING", "Up", "GET", "refused.", "x+", "y-"].into_iter().all(is_closed));
        assert!(["ana", "checkout", "eth", "Normal-cache"].into_iter().all(|word| !is_closed(word)));
    }
}
