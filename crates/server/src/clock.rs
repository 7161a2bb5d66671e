//! The time of day, in the forms that the rest asks for. The only place of this crate that looks at a clock.

use std::time::Instant;

use jiff::Timestamp;

/// Milliseconds since 1970, as the store keeps them.
pub fn now() -> i64 {
    Timestamp::now().as_millisecond()
}

/// The time when the server started and what passed since: a clock of the machine that jumps moves it not at all.
#[derive(Debug, Clone, Copy)]
pub struct Steady {
    started: i64,
    at: Instant,
}

impl Steady {
    pub fn start() -> Steady {
        Steady { started: now(), at: Instant::now() }
    }

    pub fn now(&self) -> i64 {
        self.started.saturating_add(i64::try_from(self.at.elapsed().as_millis()).unwrap_or(i64::MAX))
    }
}

/// RFC 3339 UTC, to the second.
pub fn rfc3339(millis: i64) -> String {
    let stamp = Timestamp::from_millisecond(millis).unwrap_or_default();
    stamp.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `28 Nov 2026, 10:12 UTC`, for a reader.
pub fn words(millis: i64) -> String {
    let stamp = Timestamp::from_millisecond(millis).unwrap_or_default();
    stamp.strftime("%-d %b %Y, %H:%M UTC").to_string()
}
