//! When mitigation began: with the first thing that somebody did to end it, whether or not it helped.
//!
//! What it sees: steps that name a remedy, between the moment when it was noticed and the step that ended it. Why it matters: a
//! wrong remedy that was tried for an hour is a part of the response, and the way to shorten the next one. When it misleads:
//! something done for another reason while the incident went on; so an ordinary release begins nothing, nor does what another
//! party is asked to do.

use evidence::Moment;

use super::steps::{self, Step};
use crate::findings::{TimeBasis, Times};
use crate::incident::Incident;

/// Remedies that are somebody else's to bring, or that may be the day's work.
const OTHERS: [&str; 4] = ["wait-for-vendor", "escalate-upstream", "roll-forward", "other"];

/// Lets mitigation begin with what was tried before the step that ended it. To be asked when all that hangs on that step is known.
pub fn settle(incident: &Incident<'_>, times: &mut Times) {
    let Some(from) = times.detected.as_ref().or(times.started.as_ref()).map(|t| t.at) else { return };
    let known = times.mitigation_started.as_ref().or(times.mitigated.as_ref()).map(|t| t.at);
    let Some(before) = known.or_else(|| times.resolved.as_ref().map(|t| t.at)) else { return };
    let started = times.started.as_ref().map_or(from, |t| t.at);
    if let Some(step) = first(incident, from, before) {
        times.mitigation_started = Some(steps::begun(incident, &step, started.max(from)));
        times.tried_in_vain = true;
    }
}

/// The first step from a moment on and before another that was meant to end it.
fn first(incident: &Incident<'_>, from: Moment, before: Moment) -> Option<Step> {
    let tried = |s: &Step| s.at >= from && s.at < before && is_meant(s);
    steps::steps(incident, from, before).into_iter().find(tried)
}

fn is_meant(step: &Step) -> bool {
    let of_people = matches!(step.by, TimeBasis::Said { .. } | TimeBasis::Page { .. });
    let remedy = step.remediation.as_deref().filter(|remedy| !OTHERS.contains(remedy));
    // A record of a change may be anybody's; what goes back is meant to end something.
    remedy
        .is_some_and(|remedy| of_people || matches!(remedy, "rollback" | "config-revert" | "feature-flag-disable" | "kill-query"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Places;

    fn step(by: TimeBasis, remediation: Option<&str>) -> Step {
        let place =
            evidence::RecordRef { source: evidence::SourceId { input: 0, entry: 0 }, start: 0, end: 1, line: 1, last_line: 1 };
        Step {
            at: Moment::from_seconds(1_000),
            service: None,
            by,
            remediation: remediation.map(str::to_string),
            words: String::new(),
            author: None,
            places: Places::one(place),
            is_done: false,
        }
    }

    #[test]
    fn what_names_a_remedy_is_an_attempt_and_the_days_work_is_none() {
        let said = || TimeBasis::Said { author: "@mira".into(), words: String::new() };
        let logged = || TimeBasis::Change { service: None, version: None, words: String::new() };
        assert!(is_meant(&step(said(), Some("restart"))));
        assert!(is_meant(&step(logged(), Some("rollback"))));
        for (by, remedy) in
            [(said(), None), (said(), Some("escalate-upstream")), (logged(), Some("roll-forward")), (logged(), Some("scale"))]
        {
            assert!(!is_meant(&step(by, remedy)), "{remedy:?}");
        }
    }
}
