//! Cause, actions and timeline in the words that customers get.
//!
//! A cause stands only where a person who took part named it and nobody ruled it out: by its change, where those words
//! name that, and else by its service; or where somebody chose it or called it right by hand. Must never tell a suspicion, a decision's content or an innocent change.

use analysis::findings::{NAMED_AS_CAUSE, RULED_OUT};

use super::names::{self, Names};
use super::phrases::{self, say};
use super::{Told, sentences};
use crate::compose::words;
use crate::model::{
    Action, Cause, ClaimStatus, Derivation, Instant, Op, Origin, Report, Section, TimelineEntry, TimelineKind, Trigger,
    TriggerKind,
};
use crate::revision::Verdict;

/// The first hypothesis, where a person confirmed it; nothing otherwise.
pub fn causes(whole: &Report, names: &mut Names, told: &mut Told) -> Vec<Cause> {
    whole
        .causes
        .first()
        .filter(|_| !whole.undetermined)
        .and_then(|cause| confirmed(cause, whole, (names, told)))
        .into_iter()
        .collect()
}

/// That something was agreed on; not what, nor by whom.
pub fn actions(whole: &Report, told: &mut Told) -> Vec<Action> {
    let first = whole.actions.iter().find(|action| action.origin == Origin::Stated);
    let keep = |action: &Action| Action {
        priority: None,
        text: told.tell(&action.claim, phrases::AGREED.to_string()),
        owner: None,
        due: None,
        status: None,
        origin: Origin::Stated,
        done_when: None,
        claim: action.claim.clone(),
        citations: action.citations.clone(),
    };
    first.map(keep).into_iter().collect()
}

/// The milestones that the times of the report mark, the change that caused it, and who failed on.
pub fn timeline(whole: &Report, (report, names): (&Report, &mut Names), told: &mut Told) -> Vec<TimelineEntry> {
    let trigger = report.causes.first().and_then(|cause| cause.trigger.as_ref()?.at.clone());
    let mut entries = milestones(report, whole, told);
    for entry in whole.timeline.iter().filter(|e| e.kind == TimelineKind::Change && trigger.as_ref() == Some(&e.at)) {
        let claim = sentences::claim(whole, &entry.claim).filter(|claim| claim.status == ClaimStatus::Stated);
        entries.extend(claim.map(|claim| changed(entry, claim.derivation.as_ref(), (&mut *names, &mut *told))));
    }
    for claim in whole.claims.iter().filter(|claim| claim.section == Section::Summary) {
        let (Some((at, service)), Some(text)) = (sentences::failed_on(claim, whole), told.text(&claim.id)) else { continue };
        let (service, text, citations) = (Some(names.service(service)), text.to_string(), claim.citations.clone());
        let (at, kind) = (at.to_string(), TimelineKind::Recovery);
        entries.push(TimelineEntry { at, kind, service, actor: None, text, claim: claim.id.clone(), citations });
    }
    entries.sort_by(|a, b| order(&a.at).cmp(&order(&b.at)));
    entries
}

fn confirmed(cause: &Cause, whole: &Report, (names, told): (&mut Names, &mut Told)) -> Option<Cause> {
    let term = |name: &str| cause.terms.iter().find(|term| term.name == name && term.claim.is_some());
    let by_hand = agreed(cause, whole);
    let named = term(NAMED_AS_CAUSE).filter(|term| term.value > 0.0).and_then(|term| term.claim.as_deref());
    let said = named.filter(|_| term(RULED_OUT).is_none());
    if by_hand == Some(false) || by_hand.is_none() && said.is_none() {
        return None;
    }
    let words_of = said.and_then(|said| sentences::claim(whole, said));
    let short = cause.commit.as_deref().and_then(|sha| sha.get(..7));
    let reference = cause.trigger.as_ref().and_then(|t| t.reference.as_deref()).filter(|r| r.len() > 1);
    // Who agrees with the sentence agrees with the change in it.
    let names_change = by_hand == Some(true)
        || words_of.is_some_and(|claim| short.into_iter().chain(reference).any(|name| claim.text.contains(name)));
    // Who names another service only does not say that it lies in this one.
    let is_of_another = || words_of.is_some_and(|claim| names_another(&claim.text, cause.service.as_deref(), whole));
    if by_hand.is_none() && !names_change && is_of_another() {
        return None;
    }
    let trigger = cause.trigger.as_ref().filter(|_| names_change);
    let change = trigger.and_then(|trigger| change(trigger.kind));
    let service = names.service(cause.service.as_deref()?);
    let text = match change {
        Some(change) => say(phrases::CAUSE_CHANGE, &[change, &service]),
        None => say(phrases::CAUSE_SERVICE, &[&service]),
    };
    told.tell(&cause.claim, text.clone());
    if let (Some(said), Some(claim)) = (said, words_of) {
        told.tell(said, say(phrases::CONFIRMS, &[&speaker(claim.citations.as_slice(), whole, names)]));
    }
    cause.against.iter().for_each(|id| drop(told.tell(id, phrases::AGAINST.to_string())));
    Some(Cause {
        rank: 1,
        service: Some(service),
        signature: None,
        change_caused: cause.change_caused.filter(|_| change.is_some()),
        commit: None,
        trigger: trigger.filter(|_| change.is_some()).map(|trigger| Trigger { reference: None, ..trigger.clone() }),
        score: None,
        probability: cause.probability,
        text,
        claim: cause.claim.clone(),
        supports: said.map(str::to_owned).into_iter().collect(),
        against: cause.against.clone(),
        terms: Vec::new(),
        tests: Vec::new(),
    })
}

/// The words name a service, and not this one.
fn names_another(words: &str, service: Option<&str>, whole: &Report) -> bool {
    let lower = words.to_lowercase();
    let has = |name: &str| {
        let name = name.to_lowercase();
        let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-');
        lower
            .match_indices(&name)
            .any(|(at, _)| !is_part(lower[..at].chars().next_back()) && !is_part(lower[at + name.len()..].chars().next()))
    };
    !service.is_some_and(has) && names::services(whole).any(|name| Some(name.as_str()) != service && has(name))
}

/// What people said of the first cause by hand: chosen, or called right by somebody and wrong by nobody. None where nobody
/// said anything.
fn agreed(cause: &Cause, whole: &Report) -> Option<bool> {
    let hand = whole.by_hand.as_ref()?;
    let verdicts: Vec<Verdict> = hand.judgements.iter().filter(|j| j.claim == cause.claim).map(|j| j.verdict).collect();
    match &hand.choice {
        Some(choice) => Some(choice.claim == cause.claim),
        None if verdicts.is_empty() => None,
        None => Some(verdicts.contains(&Verdict::Right) && !verdicts.contains(&Verdict::Wrong)),
    }
}

/// Who wrote what is cited, as the timeline has it.
fn speaker(citations: &[String], whole: &Report, names: &mut Names) -> String {
    let wrote = |entry: &&TimelineEntry| entry.citations.iter().any(|id| citations.contains(id));
    let actor = whole.timeline.iter().filter(wrote).find_map(|entry| entry.actor.as_deref());
    actor.and_then(|actor| names.person(actor)).map_or(phrases::SOMEBODY.to_string(), |name| capital(&name))
}

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn change(kind: TriggerKind) -> Option<&'static str> {
    Some(match kind {
        TriggerKind::Deploy => phrases::A_DEPLOY,
        TriggerKind::Commit => phrases::A_CHANGE,
        TriggerKind::Flag => phrases::A_FLAG,
        TriggerKind::Config => phrases::A_CONFIG,
        TriggerKind::Migration => phrases::A_MIGRATION,
        _ => return None,
    })
}

/// An entry for each time that is told, in its own words.
fn milestones(report: &Report, whole: &Report, told: &Told) -> Vec<TimelineEntry> {
    const KINDS: [TimelineKind; 6] = [
        TimelineKind::Symptom,
        TimelineKind::Alert,
        TimelineKind::Ack,
        TimelineKind::Action,
        TimelineKind::Recovery,
        TimelineKind::Resolved,
    ];
    let entry = |((_, time), kind): ((&str, Option<&Instant>), TimelineKind)| {
        let time = time?;
        let own = sentences::claim(whole, &time.claim)?;
        let by_duration = || sentences::end_of_duration(whole, told, &time.at);
        let of_time = told.text(&own.id).filter(|_| own.derivation.as_ref().is_none_or(|d| d.op != Op::Difference));
        let (claim, text) = of_time.map(|text| (own.id.clone(), text.to_string())).or_else(by_duration)?;
        let citations = sentences::claim(whole, &claim)?.citations.clone();
        Some(TimelineEntry { at: time.at.clone(), kind, service: None, actor: None, text, claim, citations })
    };
    report.times.all().into_iter().zip(KINDS).filter_map(entry).collect()
}

fn changed(entry: &TimelineEntry, derivation: Option<&Derivation>, (names, told): (&mut Names, &mut Told)) -> TimelineEntry {
    let service = entry.service.as_deref().filter(|s| !s.is_empty()).map(|service| names.service(service));
    let place = service.as_deref().map(|name| say(phrases::AT, &[name])).unwrap_or_default();
    let text = say(phrases::CHANGED, &[&place]);
    let text = match derivation.and_then(|d| d.value.as_f64()) {
        Some(apart) => say(phrases::APART, &[&text, &words::duration(apart)]),
        None => text,
    };
    let text = told.tell(&entry.claim, text);
    TimelineEntry { service, actor: None, text, ..entry.clone() }
}

/// Whole seconds, then the fraction, so that `:25Z` comes before `:25.1Z`.
fn order(at: &str) -> (&str, &str) {
    (at.get(..19).unwrap_or(at), at.get(19..).unwrap_or_default().trim_end_matches('Z'))
}
