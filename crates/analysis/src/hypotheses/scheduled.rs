//! A job that the clock started before the failures, and that people ended or named.
//!
//! What it sees: the record by which a scheduler starts a job, and what people say and do about it while it lasts. Why it matters:
//! a monthly report on the database of everybody is no change and no failure of its own, and the first symptom is of somebody
//! else. When it misleads: a job that runs at the same time by chance; so the failures must end when people end it, or somebody
//! must say that it was the job, and earlier runs of the same night must not have gone by without harm.

use std::sync::LazyLock;

use evidence::{Moment, RecordRef};

use super::{last_failure, people, root_signature, unknown};
use crate::acts::Act;
use crate::changes::mentions;
use crate::digest::Pattern;
use crate::findings::{Hypothesis, HypothesisKind, NAMED_AS_CAUSE, Places, RULED_OUT, Reason, Term, Trigger, TriggerKind};
use crate::incident::{Incident, places_of};
use crate::weights;
use expressions::{Expression, constant};

/// Seconds from the start of a job to the failures, at most.
const SOON_S: f64 = 6.0 * 3_600.0;
/// A job that was started so often before did no harm then.
const HARMLESS: usize = 2;

static STARTS: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"^\s*(?:\((?P<user>[\w.-]+)\) CMD \(\s*(?P<command>.+)\)\s*$|Start(?:ing|ed) (?P<unit>[\w@:.-]+)\.service\b|Created job (?P<job>[\w.-]+?)(?:-\d+)?\s*$)",
    )
});
static ENDS: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)\b(?:kill(?:ed|ing|s)?|stop(?:ped|ping|s)?|abort\w*|cancel\w*|terminat\w*|suspend\w*|paus(?:e|ed|es|ing)|unscheduled)\b",
    )
});

/// Words of a job, where its name may be that of a service as well.
static WORK: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)\b(?:jobs?|cron(?:job)?s?|reports?|batch(?:es)?|runs?|imports?|exports?|quer(?:y|ies)|backups?|dumps?|scripts?|nightly|hourly|daily|weekly|monthly|scheduled?|reindex\w*|workers?|timer)\b",
    )
});

struct Run {
    /// What people would call it by.
    names: Vec<String>,
    at: Moment,
    place: RecordRef,
}

/// The job that people ended, or named as the cause.
pub fn job(incident: &Incident<'_>) -> Option<Hypothesis> {
    let found = runs(incident).into_iter().filter_map(|run| of_run(incident, &run));
    found.max_by(|a, b| super::verdict::score(a).total_cmp(&super::verdict::score(b)))
}

fn of_run(incident: &Incident<'_>, run: &Run) -> Option<Hypothesis> {
    let (name, told) = run.names.iter().find_map(|name| {
        let mut terms = people::about(incident, std::slice::from_ref(name), incident.window.from);
        terms.retain(|t| !matches!(&t.reason, Reason::Said { words, .. } if !is_of_job(incident, words, name)));
        terms.extend(ended(incident, name));
        terms.iter().any(|t| matches!(t.name, NAMED_AS_CAUSE | "reversal")).then_some((name, terms))
    })?;
    if told.iter().any(|t| t.name == RULED_OUT) {
        return None;
    }
    let index = unknown::origin(incident, incident.main_failure(|s| s.service.as_deref() != Some(name.as_str()))?);
    let signal = &incident.signals[index];
    let start = Places::one(run.place);
    let seconds = incident.began(index).since(run.at).max(0.0);
    let before = Term {
        name: "before the failure",
        value: weights::BEFORE * (-seconds / weights::BEFORE_TAU_S).exp(),
        reason: Reason::Before { seconds, change: format!("the run of {name}"), took_effect: true },
        places: start.and(&places_of(signal).few(1)),
    };
    Some(Hypothesis {
        service: Some(name.clone()),
        signature: root_signature(incident, index),
        change_caused: Some(false),
        change: None,
        trigger: Some(Trigger {
            kind: TriggerKind::Schedule,
            reference: Some(name.clone()),
            at: Some(run.at),
            places: start.clone(),
        }),
        probability: 0.0,
        kind: HypothesisKind::Failure,
        failure: Some(incident.failure(index)),
        terms: [vec![before], told].concat(),
        tests: Vec::new(),
        places: start.and(&places_of(signal).few(1)),
        objects: Vec::new(),
    })
}

/// People say that they end it, and the failures end soon after.
fn ended(incident: &Incident<'_>, name: &str) -> Option<Term> {
    let (last, place) = last_failure(incident)?;
    let inside = |at: Moment| at >= incident.window.from && at <= last.plus(60.0);
    let people = incident.scene.chat.iter().rev().filter(|m| inside(m.at) && !m.what.message.is_bot);
    let ends = |words: &str| ENDS.is_match(words) && mentions(words, name) && is_of_job(incident, words, name);
    let mut acts = people.filter(|m| m.what.said.iter().any(|s| s.act == Act::Act && ends(m.what.sentence(s))));
    let step = acts.find(|m| last.since(m.at) <= weights::SOON_S)?;
    let reason = Reason::Reversal { undone: format!("the end of {name}"), seconds: last.since(step.at).max(0.0) };
    let places = Places::one(step.place).and(&Places::one(place));
    Some(Term { name: "reversal", value: weights::REVERSAL, reason, places })
}

/// The words are about the job: a service may bear the same name.
fn is_of_job(incident: &Incident<'_>, words: &str, name: &str) -> bool {
    WORK.is_match(words) || incident.scene.entities.known(name).is_none()
}

/// What schedulers started before the failures.
fn runs(incident: &Incident<'_>) -> Vec<Run> {
    let scene = incident.scene;
    let mut found = Vec::new();
    for digest in &scene.digests {
        let clock = scene.clock(digest.source);
        for pattern in digest.patterns.iter().filter(|p| may_start(p)) {
            let shown = [&pattern.first].into_iter().chain(&pattern.exemplars);
            let mut started: Vec<(Moment, RecordRef, Vec<String>)> = shown
                .filter_map(|e| Some((clock.moment(e.stamp?)?, e.place, names(&e.text)?)))
                .filter(|(at, ..)| *at <= incident.window.from.plus(60.0))
                .collect();
            started.sort_by_key(|(at, place, _)| (*at, *place));
            started.dedup_by_key(|(_, place, _)| *place);
            let Some((at, place, own)) = started.pop() else { continue };
            let earlier = started.iter().filter(|(_, _, names)| *names == own).count();
            if earlier < HARMLESS && incident.window.from.since(at) <= SOON_S {
                found.push(Run { names: own, at, place });
            }
        }
    }
    found
}

/// Few records of many kinds start something.
fn may_start(pattern: &Pattern) -> bool {
    let text = pattern.first.text.as_str();
    (text.contains(") CMD (") || text.contains(".service") || text.contains("Created job ")) && STARTS.is_match(text)
}

/// By what the job is known: its unit, the parts of the path of its program, whose it is.
fn names(text: &str) -> Option<Vec<String>> {
    const COMMON: [&str; 38] = [
        "root", "daemon", "nobody", "www-data", "ubuntu", "admin", "deploy", "cron", "crontab", "hourly", "daily", "weekly",
        "monthly", "local", "share", "bin", "sbin", "usr", "opt", "var", "etc", "srv", "home", "lib", "scripts", "script",
        "jobs", "tools", "current", "main", "start", "python", "python3", "bash", "php", "node", "java", "null",
    ];
    let c = STARTS.captures(text)?;
    let whole = ["unit", "job"].iter().find_map(|name| c.name(name)).map(|m| m.as_str().to_string());
    let command = c.name("command").map_or("", |m| m.as_str());
    let paths = command.split_whitespace().filter(|word| word.starts_with('/'));
    let parts = paths.flat_map(|path| path.split('/')).map(|part| part.split('.').next().unwrap_or(part).to_string());
    let user = c.name("user").map(|m| m.as_str().to_string());
    let mut found: Vec<String> = whole.into_iter().chain(user).chain(parts).collect();
    found.retain(|name| name.len() >= 4 && !COMMON.contains(&name.as_str()) && name.contains(|c: char| c.is_alphabetic()));
    found.dedup();
    (!found.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_known_by_its_unit_its_program_or_its_user() {
        let told = |text: &str| names(text).unwrap_or_default().join(" ");
        assert_eq!(told("(billing) CMD (/opt/invoices/run.sh --month 2025-11)"), "billing invoices");
        assert_eq!(told("(root) CMD (   cd / && run-parts --report /etc/cron.hourly)"), "");
        assert_eq!(told("Starting ledger-close.service - Close the books..."), "ledger-close");
        assert_eq!(told("Created job reindex-29341760"), "reindex");
        assert_eq!(told("Started Session 411 of user backup."), "");
        assert_eq!(told("session opened for user billing"), "");
    }

    #[test]
    fn to_end_a_job_is_no_other_step() {
        assert!(ENDS.is_match("killing the 24 invoices queries") && ENDS.is_match("stopped the reindex"));
        assert!(WORK.is_match("killing the 24 invoices queries") && !WORK.is_match("stopping invoices"));
        assert!(!ENDS.is_match("restarting the pods of invoices") && !ENDS.is_match("invoices starts at ten"));
    }
}
