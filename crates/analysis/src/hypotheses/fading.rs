//! Failures that go on when their cause was taken back, and become fewer and fewer.
//!
//! What it sees: failed requests at the edge in the minutes before a step and from it to the last one. Why it matters: clients ask for
//! their flags every few minutes, names and caches expire; an undo that works does not show at once. When it misleads: failures that
//! fade of themselves, as users go home; so they have to end within half an hour, and have to have been steady until the step.

use evidence::Moment;

use crate::incident::Incident;

/// What expires does so within this time.
const FADES_S: f64 = 1_800.0;
/// And the step is held against as long before it.
const BEFORE_S: f64 = 600.0;
/// The share of failures a second of before that is left in the last third, and over all of it.
const LEFT: f64 = 0.65;
const LEFT_OF_ALL: f64 = 0.85;
/// Failures before it that make a rate.
const LEAST: u64 = 20;
/// They had not been becoming fewer before.
const STEADY: f64 = 0.8;

/// Whether failures faded from a step on until the last one.
pub fn fades(incident: &Incident<'_>, step: Moment, last: Moment) -> bool {
    let Some(edge) = &incident.edge else { return false };
    fade(step, last, &|from, to| edge.failed_between(from, to))
}

fn fade(step: Moment, last: Moment, failed: &dyn Fn(Moment, Moment) -> u64) -> bool {
    let span = last.since(step);
    if span <= 0.0 || span > FADES_S {
        return false;
    }
    let rate = |from: f64, to: f64| failed(step.plus(from), step.plus(to)) as f64 / (to - from);
    let (early, before) = (rate(-BEFORE_S, -BEFORE_S / 2.0), rate(-BEFORE_S / 2.0, 0.0));
    let is_steady = before >= STEADY * early && failed(step.plus(-BEFORE_S / 2.0), step) >= LEAST;
    let (all, end) = (rate(0.0, span), rate(span * 2.0 / 3.0, span));
    is_steady && all <= LEFT_OF_ALL * before && end <= LEFT * before
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Failures a minute before a step and from it on; whether they fade.
    fn is_fading(before: [u64; 10], after: &[u64]) -> bool {
        let minutes: Vec<u64> = before.iter().chain(after).copied().collect();
        let failed = |from: Moment, to: Moment| {
            let of = |(n, count): (usize, &u64)| {
                let at = n as i64 * 60;
                if at >= from.seconds() && at < to.seconds() { *count } else { 0 }
            };
            minutes.iter().enumerate().map(of).sum()
        };
        fade(Moment::from_seconds(600), Moment::from_seconds(600 + after.len() as i64 * 60), &failed)
    }

    #[test]
    fn failures_fade_when_they_become_fewer_from_the_step_on() {
        let steady = [100; 10];
        assert!(is_fading(steady, &[90, 80, 70, 50, 40, 20]));
        assert!(!is_fading(steady, &[100, 105, 95, 100, 98, 100]), "they went on");
        assert!(!is_fading(steady, &[100, 100, 100, 100, 100, 30]), "something else ended them");
        assert!(!is_fading([190, 180, 170, 160, 150, 130, 120, 110, 100, 90], &[80, 70, 60, 40, 30, 20]), "they faded before");
        assert!(!is_fading([1; 10], &[1, 1, 0, 1, 0, 0]), "too few to tell");
        assert!(!is_fading(steady, &[90; 40]), "it took too long");
    }
}
