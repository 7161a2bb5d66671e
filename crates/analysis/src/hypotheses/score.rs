//! The terms of each hypothesis' score: what was looked at, what it is worth, and where it stands.

use std::sync::LazyLock;

use evidence::{Moment, StatusUpdate};

use super::{after_first, bends, fading, kinds, late, people};
use crate::acts::Act;
use crate::changes::{self, Candidate};
use crate::diffs::DiffMatch;
use crate::findings::{ChangeKind, NAMED_AS_CAUSE, ORDERED_UNDONE, Places, RULED_OUT, Reason, Term};
use crate::incident::{Incident, first_place, places_of};
use crate::scene::At;
use crate::share::Share;
use crate::signals::Signal;
use crate::signatures::{Role, Signature};
use crate::targets::Target;
use crate::weights;
use expressions::{Expression, constant};

/// Failures that build up slowly, by the family of their signature.
const SLOW: &[&str] = &["memory", "disk", "leak", "oom"];
/// Failures on data or with a credential, which came from somewhere else.
const GIVEN: &[&str] = &["data", "queue", "auth"];

pub fn change_terms(
    incident: &Incident<'_>,
    candidate: &Candidate,
    diff: Option<&DiffMatch>,
    failure: Option<usize>,
    targets: &[Target],
) -> Vec<Term> {
    let onset = failure.map_or(incident.window.from, |f| incident.began(f));
    let shown = late::shown(incident.scene, candidate, onset).or_else(|| super::rotated::shown(incident, candidate, failure));
    let bend = failure.filter(|f| is_slow(incident, *f) || runs_out(incident, *f)).and_then(|_| bends::at(incident, candidate));
    let bend = bend.or_else(|| failure.filter(|f| is_behind(incident, *f)).and_then(|_| bends::of_backlog(incident, candidate)));
    let felt =
        bend.as_ref().map(|b| b.at).or(shown.as_ref().map(|s| onset.min(s.at)).map(|at| candidate.at.plus(onset.since(at))));
    let mut terms = vec![in_time(incident, candidate, failure, felt)];
    terms.extend(by_diff(incident, candidate, diff));
    terms.extend(super::verbose::fills_the_disk(incident, candidate, failure));
    if !terms.iter().any(|term| term.name == "diff") {
        terms.extend(kinds::fits(incident, candidate, failure));
    }
    let is_explained = || terms.iter().any(|term| term.name == "diff" && term.value > 0.0);
    let explained = failure.filter(|_| diff.is_some_and(|d| weights::diff(d.value) > 0.0) || is_explained());
    terms.extend(by_place(incident, candidate, explained, targets));
    terms.extend(shown.map(late::Shown::term));
    terms.extend(bend.map(bends::Bent::term));
    terms.extend(seen_flag(incident, candidate));
    terms.extend(super::quoted::term(incident, candidate, failure));
    terms.extend(by_undoing(incident, candidate));
    terms.extend(people::about_change(incident, candidate));
    let is_judged = |term: &Term| [NAMED_AS_CAUSE, RULED_OUT].contains(&term.name);
    if !terms.iter().any(is_judged) {
        terms.extend(super::found_to_be::term(incident, candidate));
    }
    // That it helped says more than that somebody wanted it.
    if terms.iter().any(|term| term.name == "reversal" && term.value > 0.0) {
        terms.retain(|term| term.name != ORDERED_UNDONE);
    }
    super::outweighed::drop_unknown(&mut terms);
    // Who made it knows more of what it brings about than is known here of such diffs.
    if terms.iter().any(|term| term.name == NAMED_AS_CAUSE && term.value >= weights::CONFESSED) {
        terms.retain(|term| !matches!(term.reason, Reason::DiffUnrelated { .. }) || term.value <= weights::DIFF_NEUTRAL);
    }
    terms
}

/// Before the failure, and how long before; or after it had begun.
///
/// `felt`: when it was first felt, where that is known to be earlier than the failure.
fn in_time(incident: &Incident<'_>, candidate: &Candidate, failure: Option<usize>, felt: Option<Moment>) -> Term {
    let onset = failure.map_or(incident.window.from, |f| incident.began(f));
    let seconds = onset.since(candidate.at);
    let change = candidate.label(incident.scene);
    let places = failure
        .map_or_else(|| candidate.places.clone(), |f| candidate.places.clone().and(&places_of(&incident.signals[f]).few(1)));
    if seconds < -2.0 {
        let reason = Reason::After { seconds: -seconds, change };
        return Term { name: "effect before cause", value: weights::AFTER, reason, places };
    }
    let slow = failure.is_some_and(|f| is_slow(incident, f));
    let tau = if slow { weights::BEFORE_TAU_SLOW_S } else { weights::BEFORE_TAU_S };
    let until_felt = felt.map_or(seconds, |at| at.since(candidate.at).min(seconds));
    let value = weights::BEFORE * (-until_felt.max(0.0) / tau).exp() * if candidate.dated { 1.0 } else { 0.3 };
    let reason = Reason::Before { seconds: seconds.max(0.0), change, took_effect: candidate.dated };
    Term { name: "before the failure", value, reason, places }
}

/// Connections may run out slowly, too.
fn runs_out(incident: &Incident<'_>, failure: usize) -> bool {
    incident.signals[failure].signature().is_some_and(|s| s.family == "pool")
}

/// It fails of what is old, or waits: work piles up somewhere before anybody feels it.
fn is_behind(incident: &Incident<'_>, failure: usize) -> bool {
    static BEHIND: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:stale|outdated|too old|(?:s|seconds|min|minutes|h|hours) old|lag\w*|behind|backlog|not fresh|delayed|age)\b",
        )
    });
    let signal = &incident.signals[failure];
    BEHIND.is_match(&signal.words) || signal.signature().is_some_and(|s| s.family == "queue")
}

fn is_slow(incident: &Incident<'_>, failure: usize) -> bool {
    incident.signals[failure].signature().is_some_and(|s| SLOW.contains(&s.family.as_str()))
}

/// What the diff does beside what failed.
fn by_diff(incident: &Incident<'_>, candidate: &Candidate, diff: Option<&DiffMatch>) -> Vec<Term> {
    let (Some(diff), Some(commit)) = (diff, candidate.commit) else { return Vec::new() };
    let commit = &incident.scene.commits[commit];
    // Of a diff that is not here nothing can be said, nor of a failure that no record words.
    let is_here = commit.what.files.iter().any(|f| !f.patch.trim().is_empty());
    if !is_here || diff.value > -2.0 && incident.failures().next().is_none() {
        return Vec::new();
    }
    let places = Places::one(commit.place);
    let subject = changes::subject(&commit.what).to_string();
    if diff.value <= -2.0 {
        return vec![Term { name: "diff", value: weights::DIFF_NEUTRAL, reason: Reason::DiffUnrelated { subject }, places }];
    }
    let mut terms = Vec::new();
    let value = weights::diff(diff.value);
    let best = diff.reasons.iter().max_by(|a, b| a.value.total_cmp(&b.value));
    terms.extend(best.filter(|_| value > 0.0).and_then(|r| in_effect(incident, candidate, r.change?)));
    match best {
        Some(reason) if value > 0.0 => {
            terms.push(Term { name: "diff", value, reason: Reason::Diff { says: reason.says.clone() }, places: places.clone() });
        }
        _ => {
            let reason = Reason::DiffUnrelated { subject };
            terms.push(Term { name: "diff", value: weights::DIFF_UNRELATED, reason, places: places.clone() });
        }
    }
    terms
}

/// A log record of the changed service that shows the new value of what was changed (`maximumPoolSize....3`).
fn in_effect(incident: &Incident<'_>, candidate: &Candidate, change: usize) -> Option<Term> {
    let commit = &incident.scene.commits[candidate.commit?].what;
    let reading = crate::diffs::read(commit);
    let change = reading.changes.get(change)?;
    let (name, _, to) = change.kind.setting()?;
    let (at, place, words) = incident.scene.shows_setting(name, to, candidate.service.as_deref()?)?;
    if at < candidate.at.plus(-60.0) || at > incident.window.to {
        return None;
    }
    let reason = Reason::Seen { service: candidate.service.clone()?, words };
    Some(Term { name: "seen in effect", value: weights::SEEN, reason, places: Places::one(place) })
}

/// A record of a failing service that shows the change of a flag: it has it.
fn seen_flag(incident: &Incident<'_>, candidate: &Candidate) -> Option<Term> {
    let name = candidate.reference.as_deref().filter(|_| candidate.kind == ChangeKind::Flag)?;
    let seen = changes::flags::seen(incident.scene, name, candidate.at)?;
    incident.hurt(&seen.service)?;
    let reason = Reason::Seen { service: seen.service, words: seen.words };
    Some(Term { name: "seen in effect", value: weights::SEEN, reason, places: Places::one(seen.place) })
}

/// The changed service beside those that fail.
///
/// `explained`: the failure that its diff explains.
fn by_place(incident: &Incident<'_>, candidate: &Candidate, explained: Option<usize>, targets: &[Target]) -> Option<Term> {
    let service = candidate.service.as_deref()?;
    let Some(first) = incident.first() else { return at_the_edge(incident, service) };
    if first.name == service {
        let places = candidate.places.clone().few(1).and(&Places::one(first_place(incident, first)));
        let reason = Reason::First { service: service.to_string() };
        return Some(Term { name: "failed first", value: weights::CHANGED_FAILS_FIRST, reason, places });
    }
    let mut reached: Vec<String> = targets.iter().filter(|t| t.name == service).flat_map(|t| t.callers.clone()).collect();
    if let Some(hurt) = incident.hurt(service) {
        let mut services = vec![service.to_string()];
        services.extend(reached);
        let places = Places::one(first_place(incident, hurt));
        return Some(Term { name: "reach", value: weights::CHANGED_FAILS, reason: Reason::Reaches { services }, places });
    }
    if let Some(target) = targets.iter().find(|t| t.name == service).filter(|_| !reached.is_empty()) {
        let places = Places::from_many(target.signals.iter().map(|i| incident.signals[*i].places[0]).take(4))?;
        return Some(Term {
            name: "reach",
            value: weights::CHANGED_FAILS,
            reason: Reason::Reaches { services: reached },
            places,
        });
    }
    let linked = incident.services.iter().find_map(|h| Some((h, crate::chain::link(incident, service, &h.name)?)));
    if let Some((hurt, edge)) = linked {
        reached.push(hurt.name.clone());
        return Some(Term {
            name: "reach",
            value: weights::CHANGED_FAILS,
            reason: Reason::Reaches { services: reached },
            places: edge.places,
        });
    }
    // Records of a known failure that their own log does not hold to be bad: a resolver tells of each answer that it has not.
    let tells = |(s, share): (&Signal, &Share)| share.excess && s.service.as_deref() == Some(service) && !s.hits.is_empty();
    if let Some(at) = incident.signals.iter().zip(&incident.shares).position(tells) {
        let reason = Reason::Reaches { services: vec![service.to_string()] };
        return Some(Term {
            name: "reach",
            value: weights::CHANGED_FAILS,
            reason,
            places: places_of(&incident.signals[at]).few(2),
        });
    }
    let span = (incident.window.from, incident.window.to.plus(1.0));
    // Requests that fail in its own log may be its doing or not.
    if crate::edge::failing_at(incident.scene, service, span).is_some() {
        return None;
    }
    // Who fails on what it was given does not name the giver.
    if explained
        .and_then(|f| incident.signals[f].signature())
        .is_some_and(|s| GIVEN.contains(&s.family.as_str()) || s.id == "db_auth")
    {
        return None;
    }
    let places = candidate.places.clone().few(1).and(&Places::one(first_place(incident, first)));
    // Whatever users ask for comes through the network at the edge, and no call of ours names it.
    if crate::edge::is_network(service) && incident.edge.is_some() {
        return None;
    }
    if crate::edge::is_path(service) && candidate.kind != ChangeKind::Deploy {
        return None;
    }
    // What runs on every machine harms what runs beside it by way of the machine, and writes no log here that could tell.
    let fails_on_a_machine =
        || incident.failures().any(|(_, s, _)| s.service.as_deref().is_some_and(|n| incident.scene.is_node(n)));
    if candidate.kind == ChangeKind::Config && incident.scene.ties().logs(service).is_empty() && fails_on_a_machine() {
        return None;
    }
    let reason = Reason::NotReached { service: service.to_string() };
    Some(Term { name: "reach", value: weights::CHANGED_IS_WELL, reason, places })
}

/// Where only requests tell of failures: it is the one that they failed at.
fn at_the_edge(incident: &Incident<'_>, service: &str) -> Option<Term> {
    let edge = incident.edge.as_ref().filter(|edge| edge.service.as_deref() == Some(service))?;
    let failed = edge.onset(incident.window.from, incident.window.to.plus(1.0), incident.scene)?;
    let reason = Reason::First { service: service.to_string() };
    Some(Term { name: "failed first", value: weights::CHANGED_FAILS_FIRST, reason, places: Places::one(failed.place) })
}

/// The change was taken back: the failures ended then, or they went on.
fn by_undoing(incident: &Incident<'_>, candidate: &Candidate) -> Option<Term> {
    let undo = candidate.undone.as_ref()?;
    let end = incident.window.to;
    if undo.started > end.plus(30.0) {
        return None;
    }
    let last = last_failure(incident)?;
    let places = undo.places.and(&Places::one(last.1));
    let undone = undo.words.clone();
    let went_on = last.0.since(undo.finished);
    let soon = if undo.dated { weights::SOON_S } else { weights::SOON_UNDATED_S };
    if !undo.dated && went_on > soon && went_on <= weights::UNDATED_S {
        return None;
    }
    let late = undo.started.since(last.0);
    if went_on <= soon && late <= 60.0 && late > weights::SAME_TIME_S + doubt(incident, &places) {
        let reason = Reason::EndedFirst { undone, seconds: late };
        return Some(Term { name: "taken back after the end", value: weights::ENDED_FIRST, reason, places });
    }
    if went_on <= soon && late <= 60.0 {
        let seconds = (-late).max(0.0);
        return Some(Term { name: "reversal", value: weights::REVERSAL, reason: Reason::Reversal { undone, seconds }, places });
    }
    // Failures had ended before, so nothing went on; a job that fails once an hour is not seen to go on or to end.
    if bends::turns(incident, undo) || went_on <= 0.0 {
        return None;
    }
    // It took a while, and those who waited for it saw nothing that speaks against it.
    if went_on <= weights::WAITED_S && is_waited_for(incident, undo, last.0) {
        let reason = Reason::Reversal { undone, seconds: went_on };
        return Some(Term { name: "reversal", value: weights::FADED, reason, places });
    }
    if fading::fades(incident, undo.finished, last.0) {
        let reason = Reason::Reversal { undone, seconds: went_on };
        return Some(Term { name: "reversal", value: weights::FADED, reason, places });
    }
    Some(Term { name: "reversal", value: weights::NO_REVERSAL, reason: Reason::NoReversal { undone, seconds: went_on }, places })
}

/// The incident had lasted longer than that, nothing else was begun in between, and nobody said that it changed nothing.
fn is_waited_for(incident: &Incident<'_>, undo: &changes::Undo, last: Moment) -> bool {
    let long = undo.started.since(incident.window.from) >= 2.0 * last.since(undo.finished);
    let inside = |at: Moment| at > undo.finished && at <= last.plus(60.0);
    let denies = |m: &At<crate::scene::Utterance>| {
        m.what.said.iter().any(|s| matches!(s.act, Act::Refute | Act::Suppose | Act::Decide))
            || crate::warroom::says_no_effect(&m.what.message.text)
    };
    let words = || incident.scene.chat.iter().filter(|m| !m.what.message.is_bot && inside(m.at));
    let others = || incident.scene.deploys.iter().any(|d| inside(d.at) && !undo.places.iter().any(|p| *p == d.place));
    long && !words().any(denies) && !others()
}

/// Seconds by which the clocks of what is compared may be off against each other.
fn doubt(incident: &Incident<'_>, places: &Places) -> f64 {
    let sources: std::collections::BTreeSet<_> = places.iter().map(|p| p.source).collect();
    let off = |source| incident.scene.clock(source).uncertainty_s as f64;
    if sources.len() > 1 { sources.into_iter().map(off).sum() } else { 0.0 }
}

/// The last failure that users felt: at the edge when requests are logged there, else the last record of a failure.
pub fn last_failure(incident: &Incident<'_>) -> Option<(Moment, evidence::RecordRef)> {
    let limit = incident.window.to.plus(1.0);
    let at_edge = incident.edge.as_ref().and_then(|e| e.end(incident.window.from, limit, incident.scene));
    // A kind that came again later was last seen in the last of its bins before the end.
    let last_of = |signal: &Signal| match signal.last <= limit {
        true => Some((signal.last, signal.last_place)),
        false => signal.last_begun(incident.scene, limit),
    };
    let own = || incident.failures().filter_map(|(_, s, _)| last_of(s)).max();
    at_edge.map(|last| (last.at, last.place)).or_else(own)
}

/// A failure that explains itself. `alike`: the failures that show the signature, by onset, at least one.
pub fn failure_terms(
    incident: &Incident<'_>,
    alike: &[usize],
    signature: &'static Signature,
    target: Option<&Target>,
) -> Vec<Term> {
    let signal = &incident.signals[alike[0]];
    let places = places_of(signal).few(2);
    let scale = if signature.needs_change { weights::SPECIFIC_NEEDS_CHANGE } else { weights::SPECIFIC };
    let mut terms = vec![Term {
        name: "kind of failure",
        value: signature.weight() * scale,
        reason: Reason::Specific { words: signal.words.clone(), signature },
        places,
    }];
    if let Some(first) = incident.first()
        && Some(&first.name) == signal.service.as_ref()
    {
        let reason = Reason::First { service: first.name.clone() };
        terms.push(Term { name: "failed first", value: 0.5, reason, places: Places::one(first_place(incident, first)) });
    }
    terms.extend(after_first::term(incident, alike));
    terms.extend(common_target(incident, target).or_else(|| shared_kind(incident, alike)));
    terms.extend(signal.service.as_deref().filter(|s| incident.scene.is_node(s)).and_then(|node| runs_on(incident, node)));
    let service = target.map(|t| t.name.clone()).or_else(|| signal.service.clone());
    terms.extend(older_notes(incident, signature, service.as_deref()));
    terms.extend(consequence(incident, alike, signature));
    terms.extend(by_alarm(incident, signature));
    let names: Vec<String> = service.into_iter().collect();
    terms.extend(
        people::about(incident, &names, incident.window.from)
            .into_iter()
            .filter(|t| t.value != weights::REFUTED || !signal.has_role(Role::Cause)),
    );
    terms
}

/// The alert that woke the reader names the same kind of failure. It counts only where nothing else than what stands tells
/// of the incident: an alert tells the symptom, as a rule.
fn by_alarm(incident: &Incident<'_>, signature: &'static Signature) -> Option<Term> {
    let alarms = &incident.standing.as_ref().filter(|_| incident.by_instruments())?.alarms;
    let (alert, place) = alarms.iter().find(|(a, _)| crate::standing::tells_of(a, signature))?;
    let reason = Reason::Specific { words: crate::standing::words_of(alert), signature };
    Some(Term { name: "the alert names it", value: weights::ALERTED, reason, places: Places::one(*place) })
}

/// All that shows it is the consequence of another failure of the same thing.
fn consequence(incident: &Incident<'_>, alike: &[usize], signature: &'static Signature) -> Option<Term> {
    if !alike.iter().all(|i| incident.signals[*i].explained) {
        return None;
    }
    let (cause, words, index) = incident.failures().find_map(|(index, signal, _)| {
        let cause = signal.hits.iter().copied().find(|h| h.explains.contains(&signature.id))?;
        Some((cause, signal.words.clone(), index))
    })?;
    let reason = Reason::Specific { words, signature: cause };
    let places = places_of(&incident.signals[index]).few(1);
    Some(Term { name: "explained by another failure", value: weights::CONSEQUENCE, reason, places })
}

/// Failing services name the machine that they ran on.
fn runs_on(incident: &Incident<'_>, node: &str) -> Option<Term> {
    let short = node.split('.').next().unwrap_or(node);
    let names = |i: &usize| incident.signals[*i].texts.iter().any(|t| t.to_lowercase().contains(short));
    let hurt: Vec<(String, evidence::RecordRef)> = incident
        .services
        .iter()
        .filter_map(|h| Some((h.name.clone(), incident.signals[*h.signals.iter().find(|i| names(i))?].places[0])))
        .collect();
    let places = Places::from_many(hurt.iter().map(|(_, p)| *p))?;
    Some(Term {
        name: "reach",
        value: weights::CHANGED_FAILS,
        reason: Reason::Reaches { services: hurt.into_iter().map(|(s, _)| s).collect() },
        places,
    })
}

/// Several services fail in the same way at the same time.
fn shared_kind(incident: &Incident<'_>, alike: &[usize]) -> Option<Term> {
    let mut services: Vec<String> = Vec::new();
    let mut places = Vec::new();
    for index in alike {
        if let Some(service) = &incident.signals[*index].service
            && !services.contains(service)
        {
            services.push(service.clone());
            places.push(incident.signals[*index].places[0]);
        }
    }
    if services.len() < 2 {
        return None;
    }
    Some(Term {
        name: "common target",
        value: weights::COMMON_TARGET,
        reason: Reason::Reaches { services },
        places: Places::from_many(places)?,
    })
}

/// What tells how it came so far: a note (the output of a command, a listing) or an older record of the same family that
/// names the service it happened to.
fn older_notes(incident: &Incident<'_>, signature: &'static Signature, service: Option<&str>) -> Vec<Term> {
    let mut terms: Vec<Term> = Vec::new();
    for (signal, share) in incident.signals.iter().zip(&incident.shares) {
        let note = signal.kind == crate::signals::SignalKind::Note;
        let names = service.is_some_and(|s| signal.texts.iter().any(|t| changes::mentions(t, s)));
        let own = service.is_some() && signal.service.as_deref() == service;
        let Some(other) = signal.hits.iter().copied().find(|s| leads_to(s, signature)) else {
            continue;
        };
        if !(note || (share.before > 0 && (names || own))) {
            continue;
        }
        let reason = Reason::Specific { words: signal.words.clone(), signature: other };
        terms.push(Term { name: "what led to it", value: 0.5, reason, places: places_of(signal).few(1) });
    }
    terms.truncate(3);
    terms
}

/// Of the same family, and no proof of the contrary.
fn leads_to(other: &Signature, signature: &Signature) -> bool {
    // Of changes there are all kinds; one leads to no other.
    other.family == signature.family
        && other.family != "change"
        && other.id != signature.id
        && !other.disproves.contains(&signature.id)
}

fn common_target(incident: &Incident<'_>, target: Option<&Target>) -> Option<Term> {
    let target = target.filter(|t| t.callers.len() >= 2)?;
    let places = Places::from_many(target.callers.iter().filter_map(|caller| {
        let index = target.signals.iter().find(|i| incident.signals[**i].service.as_ref() == Some(caller))?;
        Some(incident.signals[*index].places[0])
    }))?;
    let reason = Reason::Reaches { services: target.callers.clone() };
    Some(Term { name: "common target", value: weights::COMMON_TARGET, reason, places })
}

/// What a third party's status page says of the time: of its incident days ago, or of work to come, it says as much.
pub fn notice<'i>(incident: &'i Incident<'_>, name: &str) -> Option<&'i At<StatusUpdate>> {
    let from = incident.window.from.plus(-1_800.0);
    let to = incident.window.to.plus(1_800.0);
    let scene = incident.scene;
    scene.statuses.iter().find(|s| {
        let started = s.what.started.and_then(|st| scene.clock(s.place.source).moment(st)).unwrap_or(s.at);
        scene.entities.name(&s.what.provider) == name && started >= from && started <= to
    })
}

/// A third party: what its status page says, and calls to it that fail.
pub fn third_party_terms(incident: &Incident<'_>, name: &str, target: Option<&Target>, failure: usize) -> Vec<Term> {
    let mut terms = Vec::new();
    let status = notice(incident, name);
    if let Some(status) = status {
        // The title may stand elsewhere than this update.
        let words = if status.what.body.is_empty() { status.what.title.clone() } else { status.what.body.clone() };
        let reason = Reason::Provider { provider: status.what.provider.clone(), words };
        terms.push(Term { name: "the provider says so", value: weights::PROVIDER, reason, places: Places::one(status.place) });
    }
    if let Some(target) = target {
        let signal = &incident.signals[failure];
        let reason = Reason::External { target: name.to_string(), words: signal.words.clone() };
        terms.push(Term {
            name: "calls to a third party",
            value: weights::EXTERNAL_CALLS,
            reason,
            places: places_of(signal).few(2),
        });
        terms.extend(common_target(incident, Some(target)));
    }
    terms.extend(super::told_over::term(incident, name));
    terms.extend(people::about(incident, &[name.to_string()], incident.window.from));
    if terms.is_empty() {
        let reason = Reason::First { service: name.to_string() };
        terms.push(Term {
            name: "no better explanation",
            value: 0.0,
            reason,
            places: places_of(&incident.signals[failure]).few(1),
        });
    }
    terms
}
