//! A job that is started by the clock while its earlier runs are not done.
//!
//! What it sees: records of one log by which runs of a job begin, at even distances, and those by which they end, of which none
//! comes any more. Why it matters: each run slows the others down until the database below has no room for anybody else, and
//! the first symptom is of somebody else. When it misleads: a job whose ends are written elsewhere; so earlier runs must have
//! ended in the same log, and later ones have failed to at least twice.

use std::cell::LazyCell;
use std::sync::LazyLock;

use evidence::{Moment, RecordRef};

use crate::digest::{Digest, Pattern};
use crate::findings::{Hypothesis, HypothesisKind, Places, Reason, Term, Trigger, TriggerKind};
use crate::incident::Incident;
use crate::signatures::Catalogue;
use crate::weights;
use expressions::{Expression, constant};

/// Runs that ended before, and those that were begun since without any end.
const ENDED: usize = 2;
const OPEN: usize = 2;
/// Seconds between runs at least, and the part by which these distances differ at most.
const APART_S: f64 = 120.0;
const EVEN: f64 = 0.1;
/// So many distances are needed, and such a part of them has to be even.
const LEAST: usize = 3;
const MOST_EVEN: f64 = 0.8;
/// Seconds from the first run that does not end to the failures, at most.
const SOON_S: f64 = 4.0 * 3_600.0;

static BEGINS: LazyLock<Expression> =
    LazyLock::new(|| constant(r"(?i)\b(?:start(?:ed|ing|s)?|begin(?:s|ning)?|begun|launch(?:ed|ing)?|kicked off)\b"));
static ENDS: LazyLock<Expression> =
    LazyLock::new(|| constant(r"(?i)\b(?:done|finish(?:ed|es)?|complet(?:ed|e|es)|ended|succeeded|exited|exit)\b"));
static NAMED: LazyLock<Expression> = LazyLock::new(|| constant(r"^\W*([A-Za-z][\w.-]{2,})(?:\[\d+\]|:)"));

/// Runs of a job, as its log tells them.
struct Runs {
    job: String,
    words: String,
    /// When each run began, and the records of the first that did not end and of the last end before it.
    open: Vec<Moment>,
    first: RecordRef,
    /// The record that `words` are of.
    begun: RecordRef,
    ended: RecordRef,
    every_s: f64,
}

/// The job whose runs overlap when the failures begin.
pub fn of_runs(incident: &Incident<'_>) -> Option<Hypothesis> {
    let found = incident.scene.digests.iter().filter_map(|digest| of_digest(incident, digest));
    let runs = found.min_by_key(|runs| (runs.open[0], runs.first))?;
    let signature = Catalogue::load().get("cron_overlap");
    let places = Places::new(runs.ended, [runs.first]);
    let reason = Reason::Overlaps { job: runs.job.clone() };
    let terms = vec![
        Term { name: "its runs overlap", value: weights::OVERLAPS, reason, places: places.clone() },
        Term {
            name: "kind of failure",
            value: 0.5,
            reason: Reason::Specific { words: runs.words.clone(), signature: signature? },
            places: Places::one(runs.begun),
        },
    ];
    let terms = [terms, super::people::about(incident, std::slice::from_ref(&runs.job), incident.window.from)].concat();
    let failure = incident.main_failure(|_| true).map(|index| incident.failure(index));
    Some(Hypothesis {
        service: Some(runs.job.clone()),
        signature,
        change_caused: Some(false),
        change: None,
        trigger: Some(Trigger {
            kind: TriggerKind::Schedule,
            reference: Some(runs.job),
            at: Some(runs.open[0]),
            places: Places::one(runs.first),
        }),
        probability: 0.0,
        kind: HypothesisKind::Failure,
        failure,
        terms,
        tests: Vec::new(),
        places,
        objects: Vec::new(),
    })
}

fn of_digest(incident: &Incident<'_>, digest: &Digest) -> Option<Runs> {
    let apart = digest.patterns.iter().filter(|p| may_be_even(p.bins.len(), p.bins.span_s()));
    let mut begins = apart.filter(|p| BEGINS.is_match(&p.first.text) && !ENDS.is_match(&p.first.text));
    // Looked for once, however many kinds of message tell that something begins.
    let ends = LazyCell::new(|| {
        let ends = digest.patterns.iter().filter(|p| ENDS.is_match(&p.first.text) && !BEGINS.is_match(&p.first.text));
        ends.filter_map(|p| Some((job_of(incident, digest, p)?, p))).collect::<Vec<(String, &Pattern)>>()
    });
    begins
        .find_map(|begin| {
            let job = job_of(incident, digest, begin)?;
            let ends: Vec<&Pattern> = ends.iter().filter(|(of, _)| *of == job).map(|(_, p)| *p).collect();
            let ended: Vec<Moment> = ends.iter().flat_map(|p| moments(incident, digest, p)).collect();
            let began = moments(incident, digest, begin);
            let limit = incident.window.from.plus(600.0);
            let last = ended.iter().copied().filter(|at| *at <= limit).max()?;
            if ended.len() < ENDED || ended.iter().any(|at| *at > last && *at <= incident.window.to) {
                return None;
            }
            let open: Vec<Moment> = began.iter().copied().filter(|at| *at > last && *at <= incident.window.to).collect();
            let in_time = open.first().is_some_and(|at| *at <= limit && incident.window.from.since(*at) <= SOON_S);
            let open_then = open.iter().filter(|at| **at <= limit).count();
            let every_s = even(&began)?;
            let place = |p: &Pattern| p.exemplars.iter().map(|e| e.place).chain([p.last.place]).collect::<Vec<_>>();
            let ended_place = ends.iter().map(|p| p.last.place).max()?;
            let first = *place(begin).iter().filter(|p| **p > ended_place).min().unwrap_or(&begin.last.place);
            let words = crate::signals::first_line(&begin.first.text);
            (in_time && open_then >= OPEN).then_some(Runs {
                job,
                words,
                open,
                first,
                begun: begin.first.place,
                ended: ended_place,
                every_s,
            })
        })
        .filter(|runs| runs.every_s >= APART_S)
}

/// `label-export[411] start run` is of `label-export`; else whose log it is.
fn job_of(incident: &Incident<'_>, digest: &Digest, pattern: &Pattern) -> Option<String> {
    let named = NAMED.captures(&pattern.first.text).map(|c| crate::entities::normal(&c[1]));
    named.or_else(|| incident.scene.service_of(pattern.service.as_deref(), digest.source))
}

fn moments(incident: &Incident<'_>, digest: &Digest, pattern: &Pattern) -> Vec<Moment> {
    let clock = incident.scene.clock(digest.source);
    let bins = pattern.basis.map(|basis| pattern.bins.moments(clock, basis).map(|(at, _)| at).collect());
    bins.unwrap_or_default()
}

/// Whether so many times within so many seconds can be that far apart: nearly all of them are.
fn may_be_even(times: usize, span_s: i64) -> bool {
    times > LEAST && (times - 1) as f64 * MOST_EVEN * (1.0 - EVEN) * APART_S <= span_s as f64 + APART_S
}

/// The distance of runs that begin at even distances.
fn even(began: &[Moment]) -> Option<f64> {
    let mut apart: Vec<f64> = began.windows(2).map(|pair| pair[1].since(pair[0])).collect();
    apart.sort_by(f64::total_cmp);
    let usual = *apart.get(apart.len() / 2)?;
    let is_even = apart.iter().filter(|s| (*s - usual).abs() <= EVEN * usual).count();
    (apart.len() >= LEAST && is_even as f64 >= apart.len() as f64 * MOST_EVEN).then_some(usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: &[i64]) -> Vec<Moment> {
        seconds.iter().map(|s| Moment::from_seconds(*s)).collect()
    }

    #[test]
    fn runs_by_the_clock_are_told_from_requests() {
        assert_eq!(even(&at(&[0, 900, 1_800, 2_702, 3_600])), Some(900.0));
        assert_eq!(even(&at(&[0, 900, 2_400, 2_500, 3_600])), None);
        assert_eq!(even(&at(&[0, 900])), None);
    }

    #[test]
    fn what_comes_too_often_for_its_time_need_not_be_looked_at() {
        let all = |seconds: &[i64]| may_be_even(seconds.len(), seconds[seconds.len() - 1] - seconds[0]);
        for runs in [&[0, 120, 240, 360][..], &[0, 108, 228, 348, 468, 469], &[0, 900, 1_800, 2_702, 3_600]] {
            assert!(even(&at(runs)).is_some_and(|every| every >= APART_S) && all(runs), "{runs:?}");
        }
        let requests: Vec<i64> = (0..3_600).step_by(60).collect();
        assert!(!all(&requests) && !all(&[0, 900, 1_800]));
    }

    #[test]
    fn records_tell_when_a_run_begins_and_ends() {
        assert!(BEGINS.is_match("label-export[9] start run rows=40") && ENDS.is_match("label-export[9] done in 300 s"));
        assert!(!ENDS.is_match("label-export[9] progress 480 rows"));
        assert_eq!(NAMED.captures("label-export[9] start run").map(|c| c[1].to_string()).as_deref(), Some("label-export"));
    }
}
