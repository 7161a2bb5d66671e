//! Work that somebody started by hand and told of in a chat: a backfill on the primary, an export, a load test.
//!
//! What it sees: who says before the failures that they start such work, who owns up to it, names it or ends it while requests fail,
//! and whether the failures ended then. Why it matters: nothing records what is run from a terminal, and what fails first is
//! somebody else's service. When it misleads: work that happens to be started then; so its start alone makes no hypothesis.

use std::sync::LazyLock;

use evidence::Moment;

use super::score::last_failure;
use super::{people, root_signature, unknown};
use crate::acts::Act;
use crate::findings::{Hypothesis, HypothesisKind, NAMED_AS_CAUSE, Places, RULED_OUT, Reason, Term, Trigger, TriggerKind};
use crate::incident::{Incident, places_of};
use crate::scene::{At, Utterance};
use crate::signatures::{Catalogue, Signature};
use crate::weights;
use expressions::{Expression, constant};

/// Seconds from the words to the failures, at most, and after them in which the words may be told.
const BEFORE_S: f64 = 3_600.0;
const LATER_S: f64 = 60.0;

static STARTS: LazyLock<Expression> = LazyLock::new(|| {
    let work = r"back-?fill(?:ing)?|re-?index(?:ing)?|re-?build|imports?|exports?|dumps?|pg_dump|mysqldump|vacuum(?: full)?|etl|batch|reports?|scans?|crawl(?:er)?|(?:load|stress|performance) ?tests?|benchmarks?|backups?|restores?|replays?|re-?sync|re-?process(?:ing)?|clean-?up|purge|jobs?|quer(?:y|ies)|scripts?|bulk \w+|data load|snapshots?";
    constant(&format!(
        r"(?i)(?:^|[.,;:!] |\b(?:i|we|i[’']?m|we[’']?re|i am|we are|i[’']?ve|just|now|to|about to) )(?:kick(?:ing|ed)? off|start(?:ing|ed)?|launch(?:ing|ed)?|trigger(?:ing|ed)?|running|ran|re-?running|re-?ran|firing off|fired off|doing) (?:(?:the|a|an|another|my|our|this|that|one) )?(?P<what>(?:[\w./-]+ ){{0,3}}?(?:{work}))\b"
    ))
});
/// It is not being started, or not now.
static NOT: LazyLock<Expression> =
    LazyLock::new(|| constant(r"(?i)\b(?:not|never|\w+n[’']t|would|could|should|if|instead|want|plan(?:ning)?)\b"));
static NOT_NOW: LazyLock<Expression> =
    LazyLock::new(|| constant(r"(?i)\?|\b(?:tomorrow|tonight|later|next (?:week|month)|staging)\b"));
static ENDS: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)\b(?:kill(?:ed|ing)?|stop(?:ped|ping)|abort(?:ed|ing)|cancel(?:l?ed|l?ing)|terminat(?:ed|ing)|paus(?:ed|ing))\b",
    )
});

/// What somebody started.
struct Told<'i> {
    message: &'i At<Utterance>,
    /// `the scorecard backfill` without its article, as written.
    what: String,
}

/// The last one of which there is more than its start.
pub fn all(incident: &Incident<'_>) -> Option<Hypothesis> {
    let from = incident.window.from;
    let near = |m: &&At<Utterance>| (-LATER_S..=BEFORE_S).contains(&from.since(m.at)) && !m.what.message.is_bot;
    let told = incident.scene.chat.iter().rev().filter(near).filter_map(|message| {
        let what = started(&message.what.message.text)?;
        Some(Told { message, what })
    });
    told.into_iter().find_map(|told| of(incident, &told))
}

/// The work that the words say to be started.
fn started(text: &str) -> Option<String> {
    let sentence = text.split(['\n', ';']).flat_map(|line| line.split(". ")).find(|part| STARTS.is_match(part))?;
    let found = STARTS.captures(sentence)?.name("what")?;
    let until = sentence.get(..found.end())?;
    (!NOT.is_match(until) && !NOT_NOW.is_match(sentence)).then(|| found.as_str().trim().to_string())
}

fn of(incident: &Incident<'_>, told: &Told<'_>) -> Option<Hypothesis> {
    let mut terms: Vec<Term> = Vec::new();
    terms.extend(owned(incident, told).or_else(|| named(incident, told)));
    terms.extend(ended(incident, told));
    if !terms.iter().any(|term| term.value > 0.0) {
        return None;
    }
    terms.extend(
        people::about(incident, std::slice::from_ref(&told.what), incident.window.from)
            .into_iter()
            .filter(|t| t.name == RULED_OUT),
    );
    let scene = incident.scene;
    let on = scene.entities.named_in(&told.message.what.message.text).into_iter().next();
    let index = unknown::origin(incident, incident.main_failure(|_| true)?);
    let failing = places_of(&incident.signals[index]).few(1);
    let start = Places::one(told.message.place);
    let seconds = incident.began(index).since(told.message.at).max(0.0);
    terms.push(Term {
        name: "before the failure",
        value: weights::BEFORE * (-seconds / weights::BEFORE_TAU_S).exp(),
        reason: Reason::Before { seconds, change: format!("the {}", told.what), took_effect: true },
        places: start.and(&failing),
    });
    let of_store = || Catalogue::load().get("db_slow").filter(|_| on.as_deref().is_some_and(is_store));
    let signature: Option<&'static Signature> = of_store().or_else(|| root_signature(incident, index));
    Some(Hypothesis {
        service: on.or_else(|| incident.signals[index].service.clone()),
        signature,
        change_caused: Some(false),
        change: None,
        trigger: Some(Trigger {
            kind: TriggerKind::Load,
            reference: Some(told.what.clone()),
            at: Some(told.message.at),
            places: start.clone(),
        }),
        probability: 0.0,
        kind: HypothesisKind::Failure,
        failure: Some(incident.failure(index)),
        terms,
        tests: Vec::new(),
        places: start.and(&failing),
        objects: Vec::new(),
    })
}

/// A database by its name.
fn is_store(name: &str) -> bool {
    const STORES: [&str; 11] =
        ["db", "database", "pg", "postgres", "postgresql", "mysql", "mariadb", "mongo", "mongodb", "oracle", "mssql"];
    name.split(['-', '.', '_']).any(|part| STORES.contains(&part.trim_end_matches(|c: char| c.is_ascii_digit())))
}

/// People who speak while requests fail.
fn during<'i>(incident: &'i Incident<'_>) -> impl Iterator<Item = &'i At<Utterance>> {
    let until = incident.window.to.plus(1_800.0);
    incident.scene.chat.iter().filter(move |m| !m.what.message.is_bot && m.at >= incident.window.from && m.at <= until)
}

/// Who started it says that it was theirs.
fn owned(incident: &Incident<'_>, told: &Told<'_>) -> Option<Term> {
    let own = |m: &&At<Utterance>| m.what.speaker == told.message.what.speaker && m.what.does(Act::Confess);
    let message = during(incident).filter(own).last()?;
    let reason = Reason::Said { author: message.what.speaker.clone(), words: super::confessions::words(&message.what) };
    Some(Term { name: NAMED_AS_CAUSE, value: weights::CONFESSED, reason, places: Places::one(message.place) })
}

/// Somebody else comes upon it: the words have in common what tells it from other work.
fn named(incident: &Incident<'_>, told: &Told<'_>) -> Option<Term> {
    let own = super::confessions::telling(&told.what);
    let names = |m: &&At<Utterance>| super::confessions::telling(&m.what.message.text).intersection(&own).count() >= 2;
    let message = during(incident).filter(|m| m.what.speaker != told.message.what.speaker).find(names)?;
    let reason = Reason::Said { author: message.what.speaker.clone(), words: message.what.message.text.clone() };
    Some(Term { name: "suspected", value: weights::SUSPECTED, reason, places: Places::one(message.place) })
}

/// Who started it, or whoever names it, ends it; and the failures end, or go on.
fn ended(incident: &Incident<'_>, told: &Told<'_>) -> Option<Term> {
    let (last, place) = last_failure(incident)?;
    let own = super::confessions::telling(&told.what);
    let is_its = |m: &&At<Utterance>| {
        m.what.speaker == told.message.what.speaker || !super::confessions::telling(&m.what.message.text).is_disjoint(&own)
    };
    let ends = |m: &&At<Utterance>| {
        let words = |s: &crate::acts::Said| s.act == Act::Act && ENDS.is_match(&m.what.english(s));
        m.at <= last.plus(60.0) && m.what.said.iter().any(words)
    };
    let step = during(incident).filter(is_its).filter(ends).last()?;
    let seconds = last.since(step.at).max(0.0);
    let undone = format!("the end of the {}", told.what);
    let places = Places::one(step.place).and(&Places::one(place));
    let (value, reason) = if soon(step.at, last) {
        (weights::REVERSAL, Reason::Reversal { undone, seconds })
    } else {
        (weights::NO_REVERSAL, Reason::NoReversal { undone, seconds })
    };
    Some(Term { name: "reversal", value, reason, places })
}

fn soon(step: Moment, last: Moment) -> bool {
    last.since(step) <= weights::SOON_S
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_starts_work_by_hand_says_what() {
        for (text, what) in [
            ("kicking off the loyalty backfill by hand on the primary, should be quick", "loyalty backfill"),
            ("ok, running a full export for finance", "full export"),
            ("I started the yearly tax report on ledger-db", "yearly tax report"),
            ("just triggered reindex of the catalogue", "reindex"),
            ("starting load test against quotes now", "load test"),
        ] {
            assert_eq!(started(text).as_deref(), Some(what), "{text}");
        }
        for text in [
            "should we run the backfill?",
            "not running the backfill today",
            "kicking off the backfill tomorrow",
            "the nightly backup started at 02:00",
            "cron is running late",
            "I started to look at the logs",
        ] {
            assert_eq!(started(text), None, "{text}");
        }
    }

    #[test]
    fn a_database_is_told_by_a_part_of_its_name() {
        assert!(is_store("ledger-db") && is_store("pg-main") && is_store("mysql8"));
        assert!(!is_store("ledger-api") && !is_store("dbt-runner"));
    }
}
