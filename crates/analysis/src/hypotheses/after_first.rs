//! A kind of failure that first showed when other services had failed for long is no cause of theirs.
//!
//! What it sees: when each service began to fail, and when this kind was first told. Why it matters: what follows of an outage explains itself
//! as well as what set it off. When it misleads: a clock that is off by minutes, as those of switches often are; so a kind that had been told
//! for hours before anything failed is not late, whenever it was told again.

use evidence::Moment;

use crate::findings::{Places, Reason, Term};
use crate::incident::{Incident, first_place, places_of};
use crate::weights;

/// It first showed when other services had failed for long: what they failed of was there before. What had shown for days was there, too.
pub fn term(incident: &Incident<'_>, alike: &[usize]) -> Option<Term> {
    let index = alike[0];
    let first = incident.first().filter(|_| !incident.by_instruments())?;
    if alike.iter().any(|i| is_old(incident.signals[*i].first, first.onset)) {
        return None;
    }
    let seconds = incident.began(index).since(first.onset);
    (seconds > weights::LATE_S).then_some(())?;
    let signal = &incident.signals[index];
    let places = Places::one(first_place(incident, first)).and(&places_of(signal).few(1));
    let reason = Reason::Later { seconds, words: signal.words.clone(), first: first.name.clone() };
    Some(Term { name: "effect before cause", value: weights::LATE, reason, places })
}

/// It was told long before anything failed.
fn is_old(at: Moment, onset: Moment) -> bool {
    const LONG_S: f64 = 3_600.0;
    onset.since(at) >= LONG_S
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_hours_before_is_not_late() {
        let onset = Moment::from_seconds(100_000);
        assert!(is_old(Moment::from_seconds(90_000), onset), "warnings of the night before");
        assert!(!is_old(Moment::from_seconds(99_000), onset), "it may be of this incident");
        assert!(!is_old(Moment::from_seconds(100_400), onset));
    }
}
