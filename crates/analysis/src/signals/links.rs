//! Ports of a switch that go up and down all day: an error by its own word, and the life of a switch.
//!
//! What it sees: records of the state of an interface, and how many there are of a kind. Why it matters: people plug in and out, and
//! what a switch calls an error for it is none. When it misleads: an uplink that flaps; whoever is paged for that tells of it.

use std::sync::LazyLock;

use evidence::Level;
use expressions::{Expression, constant};

use crate::digest::Pattern;

/// What is logged so often is usual.
const OFTEN: u64 = 10;

static STATE: LazyLock<Expression> = LazyLock::new(|| {
    constant(r"(?i)\b(?:interface|port|link)\b.{0,60}\b(?:changed state to |link (?:is )?|state (?:is )?)(?P<state>up|down)\b")
});

/// The level of a kind of record as it is to be taken.
pub fn level(pattern: &Pattern) -> Option<Level> {
    match pattern.level {
        Some(level) if level.is_bad() => Some(taken(level, &pattern.first.text, pattern.count)),
        level => level,
    }
}

fn taken(level: Level, text: &str, count: u64) -> Level {
    let state = STATE.captures(text).and_then(|c| c.name("state")).map(|state| state.as_str().to_ascii_lowercase());
    match state.as_deref() {
        Some("up") => Level::Info,
        Some("down") if count >= OFTEN => Level::Warn,
        _ => level,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_that_go_up_and_down_all_day_are_no_failures() {
        let of = |text: &str, count| taken(Level::Error, text, count);
        assert_eq!(of("Interface GigabitEthernet1/0/7, changed state to up", 1), Level::Info);
        assert_eq!(of("Interface GigabitEthernet1/0/7, changed state to down", 40), Level::Warn);
        assert_eq!(of("Interface TenGigE0/0/0/1, changed state to down", 1), Level::Error, "it may be the one that matters");
        assert_eq!(of("cannot bring the service up", 40), Level::Error);
    }
}
