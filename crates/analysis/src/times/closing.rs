//! Which of the words for the end declare it: "resolved, closing" beside "page is good again" and "alert resolved, watching".
//!
//! What it sees: who says that it is over, and who says so in so many words. Why it matters: the first relief is told by anybody, minutes
//! before somebody closes the incident, and the length of it is counted to the latter. It must never set a later end where nobody declared
//! one within the hour. When it misleads: a room that closes nothing and speaks of another ticket that was closed.

use std::sync::LazyLock;

use evidence::Moment;
use expressions::{Expression, constant};

use crate::findings::{Places, TimeBasis};

/// Who closes an incident does so within this of the first relief; what is closed later is a ticket, the next morning.
const WITHIN_S: f64 = 3_600.0;

/// Where the end is declared soon after the first words for it, only what declares it counts.
pub fn retain(found: &mut Vec<(Moment, TimeBasis, Places)>) {
    let declared = |(_, by, _): &(Moment, TimeBasis, Places)| match by {
        TimeBasis::Said { words, .. } => is_declared(words),
        TimeBasis::Page { actor, .. } => actor.is_some(),
        _ => false,
    };
    let first = found.iter().map(|(at, ..)| *at).min();
    let closed = found.iter().filter(|end| declared(end)).map(|(at, ..)| *at).min();
    if first.zip(closed).is_some_and(|(first, closed)| closed.since(first) <= WITHIN_S) {
        found.retain(declared);
    }
}

/// The words close it, and nobody goes on watching.
fn is_declared(words: &str) -> bool {
    static CLOSES: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:resolv(?:ed|ing)|clos(?:e|ed|ing)|all.?clear|stand(?:ing)? down|(?:it|this|is|outage|incident) over|ended|wrapp(?:ed|ing)|done here|declar\w+)\b",
        )
    });
    static OF_A_CHECK: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:alerts?|alarms?|checks?|monitors?|pages?|probes?) (?:(?:is|are|has|have|was|were|all|auto|just|now) )*(?:resolved|closed|cleared)\b",
        )
    });
    static WATCHES: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:watch(?:ing)?|monitoring|keep(?:ing)? (?:an? )?(?:close )?(?:eye|watch)|observing|before (?:we|i) (?:close|resolve))\b",
        )
    });
    let english = crate::acts::in_english(words);
    CLOSES.is_match(&english) && !OF_A_CHECK.is_match(&english) && !WATCHES.is_match(&english)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(said: &[(i64, &str)]) -> Vec<i64> {
        let source = evidence::SourceId { input: 0, entry: 0 };
        let mut found: Vec<(Moment, TimeBasis, Places)> = said
            .iter()
            .map(|(at, words)| {
                let place = evidence::RecordRef { source, start: 0, end: 1, line: 1, last_line: 1 };
                let by = TimeBasis::Said { author: "ann".into(), words: (*words).into() };
                (Moment::from_seconds(*at), by, Places::one(place))
            })
            .collect();
        retain(&mut found);
        found.iter().map(|(at, ..)| at.seconds()).collect()
    }

    #[test]
    fn who_closes_it_ends_it_and_not_who_is_relieved() {
        assert_eq!(ends(&[(0, "basket page good again"), (900, "closing this, resolved")]), [900]);
        assert_eq!(ends(&[(0, "error alert resolved. watching 5 more min"), (300, "resolved, thanks all")]), [300]);
        assert_eq!(ends(&[(0, "resolved, monitoring for half an hour"), (1_800, "closing out")]), [1_800]);
    }

    #[test]
    fn relief_is_the_end_where_nobody_closes_it() {
        assert_eq!(ends(&[(0, "basket page good again")]), [0]);
        assert_eq!(ends(&[(0, "we're all good"), (9_000, "closing the ticket")]), [0, 9_000], "hours later a ticket is closed");
        assert_eq!(ends(&[(0, "all clear"), (600, "closed")]), [0, 600]);
    }
}
