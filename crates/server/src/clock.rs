//! The time of day, in the forms that the rest asks for. The only place of this crate that looks at a clock.

use std::time::Instant;

use jiff::Timestamp;

/// Milliseconds since 1970, as the store keeps them.
pub fn now() -> i64 {
    Timestamp::now().as_millisecond()
}

/// The time when the server started and what passed since, beside the clock of the machine, which may jump.
///
/// Neither is right for certain: the machine may be set right later, or wrong. What is written down has the later of the two,
/// so that nothing looks older than it is; what goes when it is old waits for both.
#[derive(Debug, Clone, Copy)]
pub struct Steady {
    started: i64,
    at: Instant,
}

impl Steady {
    pub fn start() -> Steady {
        Steady { started: now(), at: Instant::now() }
    }

    pub fn latest(&self) -> i64 {
        self.passed().max(now())
    }

    pub fn certain(&self) -> i64 {
        self.passed().min(now())
    }

    fn passed(&self) -> i64 {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a6_a_machine_whose_clock_jumped_makes_nothing_older_than_it_is() {
        let year = 365 * 86_400_000;
        let jumped = |by: i64| Steady { started: now() - by, at: Instant::now() };
        let set_back = jumped(-year);
        assert!(set_back.latest() >= now() + year - 1_000, "a case of now is not a year old once the clock is right");
        assert!(set_back.certain() <= now(), "and nothing goes before its time by either");
        let set_forward = jumped(year);
        assert!(set_forward.latest() >= now() - 1_000 && set_forward.certain() <= now() - year + 1_000);
    }
}
