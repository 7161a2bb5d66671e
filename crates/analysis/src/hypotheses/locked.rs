//! A job, or somebody by hand, that took a lock for which everybody else waits.
//!
//! What it sees: a statement that takes a table for itself, or the session that a database names as the holder, and who runs it: a log
//! of a job that tells the same statement in the same seconds, or a user of the database that bears a job's name; else it was run
//! by hand. Why it matters: applications tell of slow queries, the database of those who wait, and neither of the night's job that
//! ran in the morning. When it misleads: a job that was itself behind another one; so who waits must have begun to wait right after it.

use std::sync::LazyLock;

use evidence::{Moment, SourceId};
use expressions::{Expression, constant};

use super::table_locks::{self, Held};
use crate::digest::{Digest, Exemplar, Pattern};
use crate::findings::{Hypothesis, HypothesisKind, Reason, Term, Trigger, TriggerKind};
use crate::incident::Incident;
use crate::signatures::{Catalogue, Signature};
use crate::weights;

/// Seconds between a statement in the log of a job and in that of its database, at most.
const TOGETHER_S: f64 = 10.0;

/// Words of a name that say that it is a job's.
static JOB: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)(?:^|[-_.])(?:batch\w*|jobs?|cron\w*|etl|reports?|reporting|exports?|imports?|sync|reconcil\w+|nightly|daily|weekly|monthly|hourly|backups?|archiv\w+|clean-?up|purge\w*|rollups?|loader|scheduler|billing-?run)(?:$|[-_.])",
    )
});
/// What started by itself says so.
static BY_CLOCK: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)\b(?:started by (?:a )?timer|triggered by (?:schedule|cron|timer)|cron(?:job|tab)?|scheduled (?:run|job|task)|nightly|schedule)\b",
    )
});

/// The job behind a statement for which others were seen to wait, unless a change is known to have brought it.
pub fn by_job(incident: &Incident<'_>, held: &Held) -> Option<Hypothesis> {
    let (job, source) = by_its_log(incident, held).or_else(|| Some((by_its_user(incident, held)?, None)))?;
    let signature = Catalogue::load().get("lock_contention")?;
    let words = held.words.clone();
    let reason =
        Reason::HoldsLock { holder: job.clone(), table: held.table.clone(), words: words.clone(), is_done: held.is_done };
    let specific = Reason::Specific { words, signature };
    let mut terms = vec![
        Term { name: "holds what others wait for", value: weights::HOLDS, reason, places: held.places.clone() },
        Term { name: "kind of failure", value: 0.5, reason: specific, places: held.places.few(1) },
    ];
    terms.extend(super::people::about(incident, &[job.clone(), held.table.clone()], incident.window.from));
    let by_clock = JOB.is_match(&job) || source.is_some_and(|source| started_by_clock(incident, source));
    let trigger = by_clock.then(|| trigger(held, TriggerKind::Schedule, &job));
    Some(Hypothesis { service: Some(job), change_caused: Some(false), trigger, ..holds(incident, held, signature, terms) })
}

/// Somebody's own statement that changes a table and for which others were seen to wait, where neither a change nor a job is known
/// to have brought it: it is a migration all the same, run by hand.
pub fn by_hand(incident: &Incident<'_>, held: &Held) -> Option<Hypothesis> {
    let signature = Held::signature()?;
    let words = held.words.clone();
    let holder = of_whom(incident, held).unwrap_or_else(|| held.service.clone());
    let reason = Reason::HoldsLock { holder, table: held.table.clone(), words: words.clone(), is_done: held.is_done };
    let mut terms = vec![
        Term { name: "holds what others wait for", value: weights::HOLDS, reason, places: held.places.clone() },
        Term { name: "kind of failure", value: 0.5, reason: Reason::Specific { words, signature }, places: held.places.few(1) },
    ];
    terms.extend(super::people::about(incident, &[held.service.clone(), held.table.clone()], incident.window.from));
    let trigger = Some(trigger(held, TriggerKind::Migration, &held.table));
    Some(Hypothesis { change_caused: Some(true), trigger, ..holds(incident, held, signature, terms) })
}

/// The statement that others wait for as a cause, whoever ran it.
fn holds(incident: &Incident<'_>, held: &Held, signature: &'static Signature, terms: Vec<Term>) -> Hypothesis {
    Hypothesis {
        service: Some(held.service.clone()),
        signature: Some(signature),
        change_caused: None,
        change: None,
        trigger: None,
        probability: 0.0,
        kind: HypothesisKind::Failure,
        failure: incident.main_failure(|_| true).map(|index| incident.failure(index)),
        terms,
        tests: Vec::new(),
        places: held.places.clone(),
        objects: Vec::new(),
    }
}

fn trigger(held: &Held, kind: TriggerKind, reference: &str) -> Trigger {
    Trigger { kind, reference: Some(reference.to_string()), at: Some(held.at), places: held.places.few(1) }
}

/// The user of the database whose statement it was, as a field or as the slow query log of MySQL has it.
fn of_whom(incident: &Incident<'_>, held: &Held) -> Option<String> {
    let own = own(incident, held)?;
    let field = own.fields.iter().find(|(key, _)| *key == "user").map(|(_, name)| name.to_string());
    field.or_else(|| user_in(&own.text))
}

fn user_in(entry: &str) -> Option<String> {
    static USER: LazyLock<Expression> = LazyLock::new(|| constant(r"(?i)\bUser@Host: ([\w.-]{2,40})\["));
    USER.captures(entry).map(|found| found[1].to_string())
}

/// The record of the statement.
fn own<'i>(incident: &'i Incident<'_>, held: &Held) -> Option<&'i Exemplar> {
    let place = held.places.first();
    let digest = incident.scene.digests.iter().find(|digest| digest.source == place.source)?;
    digest.patterns.iter().flat_map(shown).find(|shown| shown.place == place)
}

/// Whose log, that is none of a database, tells the same statement in the same seconds.
fn by_its_log(incident: &Incident<'_>, held: &Held) -> Option<(String, Option<SourceId>)> {
    let scene = incident.scene;
    scene.digests.iter().filter(|digest| !waits(digest)).find_map(|digest| {
        let clock = scene.clock(digest.source);
        let tells = |shown: &Exemplar| {
            let at = shown.stamp.and_then(|stamp| clock.moment(stamp));
            at.is_some_and(|at| Moment::since(at, held.at).abs() <= TOGETHER_S)
                && table_locks::table_of(&shown.text).is_some_and(|table| table == held.table)
        };
        let pattern = digest.patterns.iter().find(|pattern| shown(pattern).any(tells))?;
        Some((scene.service_of(pattern.service.as_deref(), digest.source)?, Some(digest.source)))
    })
}

/// The user of the database whose statement it was, where that is a job's own.
fn by_its_user(incident: &Incident<'_>, held: &Held) -> Option<String> {
    let named = own(incident, held)?.fields.iter().filter(|(key, _)| matches!(*key, "user" | "application" | "application_name"));
    named.map(|(_, name)| name).find(|name| JOB.is_match(name)).map(crate::entities::normal)
}

fn waits(digest: &Digest) -> bool {
    digest.patterns.iter().any(|pattern| table_locks::is_waiting(&pattern.first.text))
}

fn started_by_clock(incident: &Incident<'_>, source: SourceId) -> bool {
    let own = incident.scene.digests.iter().filter(|digest| digest.source == source);
    own.flat_map(|digest| &digest.patterns).flat_map(shown).any(|shown| BY_CLOCK.is_match(&shown.text))
}

fn shown(pattern: &Pattern) -> impl Iterator<Item = &Exemplar> {
    pattern.exemplars.iter().chain([&pattern.first])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_that_it_is_a_job() {
        for job in ["stock_batch", "nightly-labels", "etl", "report-export", "cleanup.worker"] {
            assert!(JOB.is_match(job), "{job}");
        }
        for other in ["rx_api", "exporting-house", "checkout", "postgres", "synchrotron"] {
            assert!(!JOB.is_match(other), "{other}");
        }
    }

    #[test]
    fn the_slow_query_log_says_whose_statement_it_was() {
        let entry = "# User@Host: dba_ann[dba_ann] @  [10.0.0.3]  Id: 12\n# Query_time: 600.4  Lock_time: 599.9\nALTER TABLE items ADD x INT;";
        assert_eq!(user_in(entry).as_deref(), Some("dba_ann"));
        assert_eq!(user_in("# User@Host: [] @  [10.0.0.3]"), None);
    }

    #[test]
    fn what_the_clock_started_says_so() {
        assert!(BY_CLOCK.is_match("Started by timer") && BY_CLOCK.is_match("Triggered by schedule: 0 2 * * *"));
        assert!(!BY_CLOCK.is_match("Started by user Ann") && !BY_CLOCK.is_match("rescheduled the delivery"));
    }
}
