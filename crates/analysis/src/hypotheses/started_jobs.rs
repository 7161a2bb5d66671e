//! A job that was started right before the failures, by the clock or by hand.
//!
//! What it sees: starts and stops of runs in audit trails, beside the failures and what people say of the job. Why it matters: a
//! job that runs every week is no change, and on the day on which it has ten times as much to do it takes what others live on.
//! When it misleads: a job that happens to start then; so its start alone weighs no more than that of a release.

use evidence::{Deploy, Moment};

use crate::findings::{Hypothesis, HypothesisKind, Places, Reason, Term, Trigger, TriggerKind};
use crate::incident::Incident;
use crate::scene::At;
use crate::weights;

use super::score::last_failure;

/// Seconds from its start to the failures, at most, and after them in which their log may be slower.
const BEFORE_S: f64 = 3_600.0;
const SLOWER_S: f64 = 30.0;

/// One for each job of which a run was started then.
pub fn all(incident: &Incident<'_>) -> Vec<Hypothesis> {
    let from = incident.window.from;
    let due = |d: &&At<Deploy>| {
        let age = from.since(d.at);
        d.what.kind == "job" && !is_stop(&d.what) && (-SLOWER_S..=BEFORE_S).contains(&age)
    };
    let mut found: Vec<Hypothesis> = Vec::new();
    for start in incident.scene.deploys.iter().filter(due) {
        let Some(job) = job_of(incident, &start.what) else { continue };
        // The last of its starts before the failures is the run that was under way.
        found.retain(|h| h.service.as_deref() != Some(job.as_str()));
        found.extend(by_start(incident, start, job));
    }
    found
}

fn by_start(incident: &Incident<'_>, start: &At<Deploy>, job: String) -> Option<Hypothesis> {
    let own = incident.main_failure(|s| s.service.as_deref() == Some(job.as_str()));
    let failure = own.or_else(|| incident.main_failure(|_| true))?;
    let signal = &incident.signals[failure];
    let failing = crate::incident::places_of(signal).few(1);
    let places = Places::one(start.place).and(&failing);
    let seconds = incident.window.from.since(start.at).max(0.0);
    let reason = Reason::Before { seconds, change: format!("the run of {job}"), took_effect: true };
    let value = weights::BEFORE * (-seconds / weights::BEFORE_TAU_S).exp();
    let mut terms = vec![Term { name: "before the failure", value, reason, places: places.clone() }];
    terms.extend(stopped(incident, start, &job));
    terms.extend(own.and_then(|index| {
        let signature = incident.signals[index].signature()?;
        let reason = Reason::Specific { words: signal.words.clone(), signature };
        Some(Term { name: "kind of failure", value: 0.5, reason, places: failing.clone() })
    }));
    terms.extend(super::people::about(incident, std::slice::from_ref(&job), incident.window.from));
    Some(Hypothesis {
        service: Some(job.clone()),
        signature: signal.signature(),
        change_caused: Some(false),
        change: None,
        trigger: Some(Trigger {
            kind: TriggerKind::Schedule,
            reference: Some(job),
            at: Some(start.at),
            places: Places::one(start.place),
        }),
        probability: 0.0,
        kind: HypothesisKind::Failure,
        failure: Some(incident.failure(failure)),
        terms,
        tests: Vec::new(),
        places,
        objects: Vec::new(),
    })
}

/// It was stopped, and the failures ended then or went on.
fn stopped(incident: &Incident<'_>, start: &At<Deploy>, job: &str) -> Option<Term> {
    let is_own = |d: &&At<Deploy>| {
        d.at > start.at
            && d.what.kind == "job"
            && is_stop(&d.what)
            && job_of(incident, &d.what).is_some_and(|of| is_run_of(&of, job))
    };
    let stop = incident.scene.deploys.iter().find(is_own)?;
    let (end, place) = last_failure(incident)?;
    let places = Places::new(stop.place, [place]);
    let undone = format!("stopping {job}");
    (stop.at <= Moment::plus(end, 60.0)).then_some(())?;
    let seconds = end.since(stop.at).max(0.0);
    let reversal = |value, reason| Term { name: "reversal", value, reason, places };
    Some(if seconds <= weights::SOON_S {
        reversal(weights::REVERSAL, Reason::Reversal { undone, seconds })
    } else {
        reversal(weights::NO_REVERSAL, Reason::NoReversal { undone, seconds })
    })
}

fn job_of(incident: &Incident<'_>, deploy: &Deploy) -> Option<String> {
    deploy.service.as_deref().map(|name| incident.scene.entities.name(name))
}

/// `price-export-7kd2p` is a run of `price-export`.
fn is_run_of(run: &str, job: &str) -> bool {
    run.strip_prefix(job).is_some_and(|rest| rest.is_empty() || rest.starts_with('-') && rest.matches('-').count() == 1)
}

/// The call stops a run: `...Executions.CancelExecution`.
pub fn is_stop(deploy: &Deploy) -> bool {
    let call = deploy.text.split_whitespace().next().unwrap_or_default();
    ["Cancel", "Stop"].iter().any(|verb| call.rsplit('.').next().unwrap_or(call).starts_with(verb))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_bears_the_name_of_its_job_and_a_mark() {
        assert!(is_run_of("price-export-7kd2p", "price-export") && is_run_of("price-export", "price-export"));
        assert!(!is_run_of("price-exporter", "price-export") && !is_run_of("price-export-eu-7kd2p", "price-export"));
    }
}
