//! Which explanations compete, and what speaks for and against each.
//!
//! What it sees: every change before the failure, every failure that explains itself, third parties, and "something in
//! the service that failed first". Why it matters: a cause is only worth something beside what it was chosen over. When
//! it misleads: a guilty change that is not in the input; then the best of the others must not win, which is what the
//! penalties for unrelated diffs and the unknown hypothesis are for.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{Moment, RecordRef};

use crate::changes::{self, Candidate};
use crate::diffs::{self, DiffMatch, Symptom};
use crate::findings::{
    Change, ChangeKind, CommitFinding, Hypothesis, HypothesisKind, Places, Reason, Term, Trigger, TriggerKind,
};
use crate::incident::Incident;
use crate::signals::{Signal, SignalKind};
use crate::signatures::{Category, Role, Signature};
use crate::targets::{self, Target};

mod after_first;
mod bends;
mod callee;
pub mod confessions;
mod expiry;
mod fading;
mod found_to_be;
mod fronted;
mod given;
mod kinds;
mod late;
pub mod layers;
mod locked;
mod looked_up;
mod machine_memory;
pub mod outlived;
mod outsiders;
mod outweighed;
mod overlap;
mod owned;
mod people;
mod quoted;
mod releases;
mod rotated;
mod scheduled;
mod score;
pub mod started_jobs;
mod stated;
mod table_locks;
mod third_parties;
mod told_jobs;
mod told_over;
mod unknown;
pub mod unreached;
mod verbose;
mod verdict;

pub use score::last_failure;
pub use verdict::decide;

/// All hypotheses with their terms, not yet ranked.
pub fn all(incident: &Incident<'_>) -> Vec<Hypothesis> {
    let candidates = changes::candidates(incident.scene, &incident.window);
    let targets = targets::find(incident);
    let held = table_locks::held(incident);
    let mut found = by_changes(incident, &candidates, &targets, held.as_ref());
    found.extend(by_failures(incident, &targets));
    found.extend(third_parties::all(incident, &targets));
    outlived::weigh(incident, &mut found);
    given::weigh(incident, &mut found);
    let is_brought = |h: &Hypothesis| h.change.is_some() && h.trigger.as_ref().is_some_and(|t| t.kind == TriggerKind::Migration);
    let held = held.filter(|_| !found.iter().any(is_brought));
    let run = held
        .and_then(|held| locked::by_job(incident, &held).or_else(|| locked::by_hand(incident, &held)))
        .or_else(|| overlap::of_runs(incident))
        .or_else(|| scheduled::job(incident));
    let known = run.as_ref().and_then(|run| run.service.clone());
    found.extend(run);
    found.extend(started_jobs::all(incident).into_iter().filter(|job| known.is_none() || job.service != known));
    found.extend(told_jobs::all(incident).filter(|_| known.is_none()));
    let killed = machine_memory::ran_out(incident, &found);
    found.extend(killed);
    owned::tie(incident, &mut found);
    let set_up = |h: &Hypothesis| h.terms.iter().any(|t| t.name == "seen in effect" && t.value > 0.0) && h.change.is_some();
    found.extend(rotated::itself(incident).filter(|_| !found.iter().any(set_up)));
    let outside = outsiders::suspected(incident, &found);
    found.extend(outside);
    found.extend(unknown::in_service(incident));
    stated::weigh(incident, &mut found);
    layers::weigh(incident, &mut found);
    let not_reached = callee::not_reached(incident, &targets, &found);
    found.extend(not_reached);
    // A change is not the cause for want of anything else.
    if found.iter().all(|h| h.kind == HypothesisKind::Change) {
        found.extend(unknown::by_alarm(incident));
    }
    found
}

/// One hypothesis per change.
fn by_changes(
    incident: &Incident<'_>,
    candidates: &[Candidate],
    targets: &[Target],
    held: Option<&table_locks::Held>,
) -> Vec<Hypothesis> {
    let symptoms = symptoms(incident);
    let commits: Vec<&evidence::Commit> =
        candidates.iter().filter_map(|c| c.commit).map(|i| &incident.scene.commits[i].what).collect();
    let frames = frames(incident);
    let frames: Vec<diffs::Frame<'_>> =
        frames.iter().map(|f| diffs::Frame { function: &f.function, file: &f.file, line: f.line }).collect();
    let mut matches = diffs::rank(&commits, &symptoms, &frames).into_iter();
    let with_diffs = candidates.iter().map(|c| (c, c.commit.and_then(|_| matches.next()))).collect();
    let all: Vec<&evidence::Commit> = incident.scene.commits.iter().map(|c| &c.what).collect();
    let is_waited_for = |c: &Candidate| held.and_then(|held| held.term(incident, c)).is_some();
    let is_owned = |c: &Candidate| {
        let is_told =
            |commit| confessions::is_owned(incident, commit) || is_named(incident, &incident.scene.commits[commit].what);
        c.commit.is_some_and(is_told) || is_waited_for(c)
    };
    let chosen = releases::guilty(releases::told_apart(&all, with_diffs), &is_owned);
    let of = |(candidate, diff, told)| {
        let found = by_change(incident, candidate, diff, told, targets);
        match held.and_then(|held| held.term(incident, candidate)) {
            Some(term) => of_migration(found, term),
            None => found,
        }
    };
    chosen.into_iter().map(of).collect()
}

/// Somebody who handles it names the commit by its id, and does not clear it.
fn is_named(incident: &Incident<'_>, commit: &evidence::Commit) -> bool {
    let Some(short) = commit.sha.get(..7).map(str::to_lowercase) else { return false };
    let names = |m: &&crate::scene::At<crate::scene::Utterance>| {
        !m.what.message.is_bot && m.at >= incident.window.from && m.what.message.text.to_lowercase().contains(&short)
    };
    incident.scene.chat.iter().filter(names).any(|m| !m.what.does(crate::acts::Act::Refute))
}

fn by_change(
    incident: &Incident<'_>,
    candidate: &Candidate,
    diff: Option<DiffMatch>,
    told: releases::Commit,
    targets: &[Target],
) -> Hypothesis {
    let quoting = quoted::failure(incident, candidate);
    let of_its_kind = || kinds::failure(incident, candidate);
    let failure = quoting.or_else(of_its_kind).or_else(|| explained_failure(incident, candidate, diff.as_ref()));
    let mut terms = score::change_terms(incident, candidate, diff.as_ref(), failure, targets);
    let looked_up = looked_up::at(incident, candidate);
    let shown = looked_up.as_ref().map(|(_, signature)| *signature);
    terms.extend(looked_up.map(|(term, _)| term));
    let commit = candidate.commit.filter(|_| told == releases::Commit::Known).map(|i| commit_finding(incident, i, diff.as_ref()));
    let places = change_places(incident, candidate, failure);
    let kind = trigger_kind(candidate.kind);
    let reference = candidate.reference.clone();
    // Where it is not known of whom a change is, it is of the one that was seen to act on it.
    let seen = terms.iter().find_map(|t| match &t.reason {
        Reason::Seen { service, .. } => Some(service.clone()),
        _ => None,
    });
    Hypothesis {
        service: candidate
            .service
            .clone()
            .or(seen)
            .or_else(|| component(incident, candidate))
            .or_else(|| failure.and_then(|f| incident.signals[f].service.clone())),
        signature: shown
            .or_else(|| failure.and_then(|f| kind_signature(incident, f, &families(incident, candidate, diff.as_ref())))),
        change_caused: Some(true),
        change: Some(Change {
            kind: candidate.kind,
            service: candidate.service.clone(),
            reference: reference.clone(),
            at: candidate.at,
            commit,
            places: candidate.places.clone(),
        }),
        trigger: Some(Trigger { kind, reference, at: Some(candidate.at), places: candidate.places.clone() }),
        probability: 0.0,
        kind: HypothesisKind::Change,
        failure: failure.map(|f| incident.failure(f)),
        terms,
        tests: Vec::new(),
        places,
        objects: Vec::new(),
    }
}

/// What a change of settings says that it is of, where that is no service that writes a log: `resolver: shorter cache`.
fn component(incident: &Incident<'_>, candidate: &Candidate) -> Option<String> {
    let commit = candidate.commit.filter(|_| candidate.kind == ChangeKind::Config)?;
    changes::scope(&incident.scene.commits[commit].what)
}

/// A change whose statement others were seen to wait for: its diff does bring this about, whatever it looks like, and no
/// rollback of the program ends a statement that runs in the database.
fn of_migration(found: Hypothesis, term: Term) -> Hypothesis {
    let is_moot = |t: &Term| matches!(t.name, "diff" | "reversal") && t.value < 0.0;
    let mut terms: Vec<Term> = found.terms.into_iter().filter(|t| t.name != term.name && !is_moot(t)).collect();
    terms.push(term);
    let trigger = found.trigger.map(|trigger| Trigger { kind: TriggerKind::Migration, ..trigger });
    Hypothesis { terms, trigger, signature: table_locks::Held::signature().or(found.signature), ..found }
}

fn change_places(incident: &Incident<'_>, candidate: &Candidate, failure: Option<usize>) -> Places {
    let failing = failure.map(|f| crate::incident::places_of(&incident.signals[f]).few(1));
    let change = candidate.places.clone();
    match failing {
        Some(failing) => change.and(&failing),
        None => change,
    }
}

fn trigger_kind(kind: ChangeKind) -> TriggerKind {
    match kind {
        ChangeKind::Deploy => TriggerKind::Deploy,
        ChangeKind::Commit => TriggerKind::Commit,
        ChangeKind::Flag => TriggerKind::Flag,
        ChangeKind::Config => TriggerKind::Config,
        ChangeKind::Migration => TriggerKind::Migration,
        ChangeKind::Infrastructure => TriggerKind::Infrastructure,
    }
}

fn commit_finding(incident: &Incident<'_>, index: usize, diff: Option<&DiffMatch>) -> CommitFinding {
    let commit = &incident.scene.commits[index];
    CommitFinding {
        sha: commit.what.sha.clone(),
        subject: changes::subject(&commit.what).to_string(),
        author: commit.what.author.clone(),
        says: diffs::told(&commit.what, diff),
        files: commit.what.files.iter().map(|f| f.path.clone()).filter(|p| !p.is_empty()).collect(),
        place: commit.place,
    }
}

/// The failure that a change would explain: one of the kind that its diff brings about, wherever it shows; else one of
/// its own service, else the most telling one.
fn explained_failure(incident: &Incident<'_>, candidate: &Candidate, diff: Option<&DiffMatch>) -> Option<usize> {
    let telling = telling_changes(incident, candidate, diff);
    let fits: BTreeMap<usize, f64> = if telling.is_empty() {
        BTreeMap::new()
    } else {
        let shown = incident.failures().filter(|(_, s, _)| s.hits.iter().any(|h| shows(h)));
        shown.map(|(i, s, _)| (i, fit(&telling, s))).collect()
    };
    let best = fits.values().copied().fold(LEAST_FIT, f64::max);
    let fitting: BTreeSet<RecordRef> =
        fits.into_iter().filter(|(_, f)| *f >= best * NEARLY).map(|(i, _)| incident.signals[i].places[0]).collect();
    let of_kind = |s: &Signal| fitting.contains(&s.places[0]);
    let own = |s: &Signal| candidate.service.is_some() && s.service == candidate.service && s.has_telling_role();
    incident
        .main_failure(|s| of_kind(s) && own(s))
        .or_else(|| incident.main_failure(of_kind))
        .or_else(|| incident.main_failure(own))
        .or_else(|| incident.main_failure(|_| true))
}

/// How well a failure fits a change before it counts as one that it brings about, and the share of the best fit that is
/// as good.
const LEAST_FIT: f64 = 0.3;
const NEARLY: f64 = 0.8;

fn fit(telling: &[diffs::Change], signal: &Signal) -> f64 {
    let text = signal.texts.iter().take(2).map(|t| crate::mask::cut(t, 1_500)).collect::<Vec<_>>().join("\n");
    let symptom =
        Symptom { text, service: signal.service.clone(), weight: 1.0, family: signal.signature().map(|s| s.family.clone()) };
    telling.iter().map(|change| diffs::fit(change, &symptom)).fold(0.0, f64::max)
}

/// It tells of a failure, whether or not of its cause.
fn shows(signature: &Signature) -> bool {
    matches!(signature.role, Role::Cause | Role::Symptom | Role::Amplifier | Role::External)
}

/// The telling changes of a strong diff.
fn telling_changes(incident: &Incident<'_>, candidate: &Candidate, diff: Option<&DiffMatch>) -> Vec<diffs::Change> {
    let (Some(diff), Some(commit)) = (diff.filter(|d| d.value >= 3.0), candidate.commit) else { return Vec::new() };
    let reading = diffs::read(&incident.scene.commits[commit].what);
    let mut reasons: Vec<&diffs::Reason> = diff.reasons.iter().collect();
    reasons.sort_by(|a, b| b.value.total_cmp(&a.value));
    reasons.iter().filter_map(|r| reading.changes.get(r.change?).cloned()).take(2).collect()
}

/// The families of failure that they can bring about.
fn families(incident: &Incident<'_>, candidate: &Candidate, diff: Option<&DiffMatch>) -> Vec<&'static str> {
    telling_changes(incident, candidate, diff).iter().flat_map(|c| c.families.iter().copied()).collect()
}

impl Signal {
    fn has_telling_role(&self) -> bool {
        self.hits.iter().any(|s| matches!(s.role, Role::Cause | Role::External | Role::Amplifier | Role::Symptom))
            || self.trace.is_some()
    }
}

/// The signature of the kind that the diff brings about, else the one under which the failure is known.
fn kind_signature(incident: &Incident<'_>, failure: usize, families: &[&str]) -> Option<&'static Signature> {
    let of_kind = incident.signals[failure].hits.iter().copied().find(|s| shows(s) && families.contains(&s.family.as_str()));
    of_kind.or_else(|| root_signature(incident, failure))
}

/// The signature under which a failure is known: its own, or, when its own is only a symptom, that of a cause that the
/// same service shows at the same time.
fn root_signature(incident: &Incident<'_>, failure: usize) -> Option<&'static Signature> {
    let signal = &incident.signals[failure];
    let own = signal.hits.iter().copied().find(|s| s.role == Role::Cause).or(signal.signature());
    if own.is_some_and(|s| s.role == Role::Cause) {
        return own;
    }
    let is_cause = |s: &Signal| s.has_role(Role::Cause) && !s.explained;
    // The machine below tells of it without a name: a process that was killed for its memory paused for garbage before.
    let below = |s: &Signal| {
        s.service.is_none() && own.is_some_and(|own| s.hits.iter().any(|h| h.role == Role::Cause && h.family == own.family))
    };
    let better = incident
        .main_failure(|s| s.service == signal.service && is_cause(s))
        .or_else(|| incident.main_failure(|s| is_cause(s) && below(s)));
    better.and_then(|b| incident.signals[b].hits.iter().copied().find(|s| s.role == Role::Cause)).or(own)
}

/// Errors and moved metrics of the incident as what a diff may explain, weighed by how much they stand out.
fn symptoms(incident: &Incident<'_>) -> Vec<Symptom> {
    let mut found: Vec<(f64, Symptom)> = Vec::new();
    for (signal, share) in incident.signals.iter().zip(&incident.shares) {
        if !share.excess || !(signal.is_failure() || signal.kind == SignalKind::Metric) {
            continue;
        }
        let surprise = (1.0 + share.inside as f64).ln()
            * if share.new { 1.5 } else { 1.0 }
            * if signal.kind == SignalKind::Metric { 0.7 } else { 1.0 };
        let text = signal.texts.iter().take(4).map(|t| crate::mask::cut(t, 1_500)).collect::<Vec<_>>().join("\n");
        let family = signal.signature().map(|s| s.family.clone());
        found.push((surprise, Symptom { text, service: signal.service.clone(), weight: surprise, family }));
    }
    for alert in incident.scene.alerts.iter().filter(|a| a.what.firing && near(incident, a.at)) {
        let text = format!("{} {}", alert.what.name, alert.what.summary);
        let service = alert.what.service.as_deref().map(|s| incident.scene.entities.name(s));
        found.push((1.5, Symptom { text, service, weight: 1.5, family: None }));
    }
    let most = found.iter().map(|f| f.0).fold(1e-9, f64::max);
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.truncate(60);
    found.into_iter().map(|(_, s)| Symptom { weight: s.weight / most, ..s }).collect()
}

fn near(incident: &Incident<'_>, at: Moment) -> bool {
    at >= incident.window.from.plus(-600.0) && at <= incident.window.to.plus(900.0)
}

fn frames(incident: &Incident<'_>) -> Vec<crate::traces::Frame> {
    let traces = incident.failures().filter_map(|(_, s, _)| s.trace.as_ref());
    traces.flat_map(|t| t.frames.iter().filter(|f| f.in_app).take(1).cloned()).take(40).collect()
}

/// Failures that name their own cause, one hypothesis per signature: where it showed first, or whom all of them blame.
fn by_failures(incident: &Incident<'_>, targets: &[Target]) -> Vec<Hypothesis> {
    let mut found: Vec<Hypothesis> = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    let mut failures: Vec<usize> = incident.failures().map(|(i, _, _)| i).collect();
    failures.sort_by_key(|i| (incident.shares[*i].onset, *i));
    for &index in &failures {
        // The most specific one names the failure; what else it hits says the same more generally.
        if let Some(signature) = incident.signals[index]
            .hits
            .iter()
            .copied()
            .find(|s| s.role == Role::Cause)
            .filter(|s| !seen.contains(&s.id.as_str()))
        {
            seen.push(&signature.id);
            let alike: Vec<usize> =
                failures.iter().copied().filter(|i| incident.signals[*i].hits.iter().any(|s| s.id == signature.id)).collect();
            found.push(by_failure(incident, targets, signature, &alike));
        }
    }
    found
}

/// `alike`: the failures that show the signature, by onset, at least one.
fn by_failure(incident: &Incident<'_>, targets: &[Target], signature: &'static Signature, alike: &[usize]) -> Hypothesis {
    let owner = by_its_owner(incident, alike, signature).or_else(|| by_its_store(incident, alike, signature));
    let index = owner.unwrap_or(alike[0]);
    let target = blamed(targets, alike, signature).filter(|_| owner.is_none());
    let not_there = unreached::of(incident, alike).filter(|_| owner.is_none());
    let terms = score::failure_terms(incident, alike, signature, target);
    let places = Places::from_many(alike.iter().map(|i| incident.first_places(*i).first()).take(3))
        .unwrap_or_else(|| crate::incident::places_of(&incident.signals[index]));
    let kind = category_trigger(signature.category);
    // Where several ask for names in vain, none of them is to blame.
    let of_nobody = signature.family == "dns" && incident.lookups().to_many();
    let own = || incident.signals[index].service.clone().filter(|_| !of_nobody);
    Hypothesis {
        service: target.map(|t| t.name.clone()).or(not_there).or_else(own),
        signature: Some(signature),
        change_caused: if signature.needs_change { None } else { Some(false) },
        change: None,
        trigger: Some(trigger(incident, kind, incident.shares[index].onset, &places)),
        probability: 0.0,
        kind: HypothesisKind::Failure,
        failure: Some(incident.failure(index)),
        terms,
        tests: Vec::new(),
        places,
        objects: Vec::new(),
    }
}

/// What set it off is of when it shows; what expired says itself when it did, or nobody knows.
fn trigger(incident: &Incident<'_>, kind: TriggerKind, onset: Moment, places: &Places) -> Trigger {
    if kind != TriggerKind::Expiry {
        return Trigger { kind, reference: None, at: Some(onset), places: places.clone() };
    }
    let told = expiry::at(incident, onset);
    let places = told.map_or_else(|| places.clone(), |(_, place)| places.and(&Places::one(place)));
    Trigger { kind, reference: None, at: told.map(|(at, _)| at), places }
}

/// A clock is wrong where it was found to be off, else where a machine tells it of its own; who refuses tokens of another time, or is asked
/// to change its own by hours, only sees the difference.
fn by_its_owner(incident: &Incident<'_>, alike: &[usize], signature: &Signature) -> Option<usize> {
    const OWN: [&str; 6] = ["system clock", "system time", "stepped", "selected source", "time jump", "clock drift"];
    const OF_ANOTHER: [&str; 2] = ["needs to be changed", "will not change"];
    let of_clocks = || alike.iter().copied().filter(|_| signature.id == "clock_skew");
    let is_off = |i: &usize| crate::clocks::told::is_off(incident.scene.clock(incident.signals[*i].source));
    let tells = |i: &usize| {
        let words = incident.signals[*i].words.to_lowercase();
        OWN.iter().any(|own| words.contains(own)) && !OF_ANOTHER.iter().any(|other| words.contains(other))
    };
    of_clocks().find(is_off).or_else(|| of_clocks().find(tells))
}

/// What a store of data answers is its own failure where its log shows it as well, and its callers only tell it on.
fn by_its_store(incident: &Incident<'_>, alike: &[usize], signature: &Signature) -> Option<usize> {
    const AT_ONCE_S: f64 = 60.0;
    let stores: Vec<&String> = incident.stores().values().collect();
    let of_data = ["db", "queue", "cache", "disk"].contains(&signature.family.as_str());
    let first = incident.shares[*alike.first()?].onset;
    let is_store = |i: &usize| incident.signals[*i].service.as_ref().is_some_and(|name| stores.contains(&name));
    let others = alike.iter().any(|i| !is_store(i));
    let own = alike.iter().copied().filter(is_store).find(|i| incident.shares[*i].onset.since(first) <= AT_ONCE_S);
    own.filter(|_| of_data && others)
}

/// Whom failures of this kind blame: names and certificates that several fail on belong to the other side, as does what a cache
/// answers; a crash or a full disk is one's own.
fn blamed<'t>(targets: &'t [Target], alike: &[usize], signature: &Signature) -> Option<&'t Target> {
    let of_names = signature.family == "dns";
    if !of_names && !matches!(signature.family.as_str(), "tls" | "auth" | "external" | "network" | "timeout" | "cache") {
        return None;
    }
    let share = |t: &Target| t.signals.iter().filter(|i| alike.contains(i)).count();
    // Whose name is not resolved is not to blame for it.
    let may_be = |t: &&Target| share(t) > 0 && (!of_names || targets::lookups::answers(&t.name));
    targets.iter().filter(may_be).max_by(|a, b| share(a).cmp(&share(b)).then(b.name.cmp(&a.name)))
}

fn category_trigger(category: Category) -> TriggerKind {
    match category {
        Category::Deploy | Category::Config | Category::Migration | Category::None => TriggerKind::None,
        Category::Infrastructure => TriggerKind::Infrastructure,
        Category::Dependency => TriggerKind::Dependency,
        Category::Load => TriggerKind::Load,
        Category::Expiry => TriggerKind::Expiry,
        Category::Data => TriggerKind::Data,
        Category::Schedule => TriggerKind::Schedule,
    }
}
