//! For customers: what they felt, from when to when, what was done, and why only where a person confirmed it.
//!
//! No sentence of the engineers' report is passed on or searched for names: each is built anew from the fields of the
//! report, in a closed vocabulary (`phrases.rs`), with pseudonyms (`names.rs`); what cannot be built so is left out.
//! Ids, numbers and times stay. At the end `gate.rs` reads everything once more and refuses what it does not know. Must
//! never quote. What breaks it: nothing gets through by mistake, but much may be left out.

mod gate;
mod names;
mod parts;
mod phrases;
mod sentences;

use std::collections::{BTreeMap, BTreeSet};

use super::{Refusal, for_whom, keep};
use crate::model::{
    Claim, ClaimStatus, ConfidenceScore, Derivation, Incident, Reader, Report, SCHEMA, Status, Unknown, WITHHELD,
};
use names::Names;
use phrases::say;

/// Never for customers.
const NEVER: [&str; 8] = ["chain", "contributing", "whys", "prevention", "lessons", "contradictions", "blast_radius", "course"];

pub fn rewrite(whole: &Report) -> Result<Report, Refusal> {
    let mut names = Names::of(whole);
    let mut told = Told::default();
    let mut report = empty(whole, &mut names);
    report.metrics = sentences::metrics(whole, &mut told);
    report.times = sentences::times(whole, &mut told);
    sentences::severity(whole, &mut report, &mut told);
    report.remediation = sentences::summary(whole, &mut names, &mut told);
    report.causes = parts::causes(whole, &mut names, &mut told);
    report.actions = parts::actions(whole, &mut told);
    report.timeline = parts::timeline(whole, (&report, &mut names), &mut told);
    report.claims = told.claims(whole, &names);
    report.evidence = whole.evidence.clone();
    keep::only(&mut report, |_| true);
    for evidence in &mut report.evidence {
        evidence.source = names.source(&evidence.source);
        evidence.text = WITHHELD.to_string();
        evidence.withheld = true;
        evidence.before.clear();
        evidence.after.clear();
    }
    if whole.incident.status != Status::NoneFound {
        close(whole, &mut report);
    }
    report.incident.title = title(&report);
    gate::check(&report, whole, &names)?;
    Ok(report)
}

/// The texts that claims get, by their ids.
#[derive(Default)]
pub struct Told(BTreeMap<String, String>);

impl Told {
    /// The first text stays: parts of the report may share a claim.
    pub fn tell(&mut self, claim: &str, text: String) -> String {
        self.0.entry(claim.to_string()).or_insert(text).clone()
    }

    pub fn text(&self, claim: &str) -> Option<&str> {
        self.0.get(claim).map(String::as_str)
    }

    /// The claims that were told, in the order of the engineers' report.
    fn claims(&self, whole: &Report, names: &Names) -> Vec<Claim> {
        let retold = |claim: &Claim| {
            let text = self.0.get(&claim.id)?.clone();
            if text == phrases::AGAINST {
                // What it measures is not told; that it speaks against the cause is a conclusion.
                return Some(Claim { text, status: ClaimStatus::Inferred, derivation: None, ..claim.clone() });
            }
            let derivation = claim.derivation.as_ref().map(|derivation| hidden(derivation, names));
            Some(Claim { text, derivation, ..claim.clone() })
        };
        whole.claims.iter().filter_map(retold).collect()
    }
}

/// The numbers of a derivation stay; what was searched for may be the words of a log.
fn hidden(derivation: &Derivation, names: &Names) -> Derivation {
    let sources = derivation.sources.iter().map(|source| names.source(source)).collect();
    let generic = ["any", "status", "user", "instance", "/", "of=user", "of=instance"];
    let is_generic = |word: &str| generic.contains(&word) || word.starts_with("status>=") || word.starts_with("level>=");
    let filter = match derivation.filter.split(' ').all(is_generic) {
        true => derivation.filter.clone(),
        false => WITHHELD.to_string(),
    };
    Derivation { sources, filter, ..derivation.clone() }
}

fn empty(whole: &Report, names: &mut Names) -> Report {
    let incident = Incident {
        title: String::new(),
        severity: None,
        status: whole.incident.status,
        services: whole.incident.services.iter().map(|name| names.service(name)).collect(),
    };
    Report {
        schema: SCHEMA.to_string(),
        generator: whole.generator.clone(),
        audience: Some(for_whom(Reader::Customer, &NEVER)),
        as_of: whole.as_of.clone(),
        incident,
        times: Default::default(),
        metrics: Default::default(),
        claims: Vec::new(),
        evidence: Vec::new(),
        timeline: Vec::new(),
        undetermined: false,
        next_check: None,
        causes: Vec::new(),
        contributing: Vec::new(),
        first_failing_service: None,
        blast_radius: Vec::new(),
        remediation: None,
        chain: Vec::new(),
        actions: Vec::new(),
        whys: Vec::new(),
        prevention: Vec::new(),
        lessons: Vec::new(),
        contradictions: Vec::new(),
        unknowns: Vec::new(),
        course: None,
        by_hand: None,
        coverage: names.coverage(whole),
        confidence_score: score(whole),
    }
}

/// The points stay; a part that is not named in the vocabulary is not named.
fn score(whole: &Report) -> ConfidenceScore {
    let mut score = whole.confidence_score.clone();
    for part in score.parts.iter_mut().filter(|part| !gate::is_in_the_vocabulary(&part.name)) {
        part.name = WITHHELD.to_string();
    }
    score
}

/// What is open, and which parts are empty because a customer does not get them.
fn close(whole: &Report, report: &mut Report) {
    let times = report.times.all().into_iter().map(|(name, time)| (format!("times.{name}"), time.is_none()));
    let metrics = report.metrics.all().into_iter().map(|(name, metric)| (format!("metrics.{name}"), metric.is_none()));
    let others = [
        ("incident.severity".to_string(), report.incident.severity.is_none()),
        ("remediation".to_string(), report.remediation.is_none()),
        ("causes".to_string(), report.causes.is_empty()),
    ];
    let open: Vec<String> = times.chain(metrics).chain(others).filter(|(_, null)| *null).map(|(field, _)| field).collect();
    let asked: BTreeSet<&str> = whole.unknowns.iter().map(|unknown| unknown.field.as_str()).collect();
    report.unknowns = open.into_iter().map(|field| unknown(field, &asked)).collect();
    let mut withheld = vec!["first_failing_service"];
    if report.causes.is_empty() {
        withheld.push("causes");
    }
    if report.timeline.is_empty() && !whole.timeline.is_empty() {
        withheld.push("timeline");
    }
    if report.actions.is_empty() {
        withheld.push("actions");
    }
    if report.claims.iter().all(|claim| claim.section != crate::model::Section::Summary) {
        withheld.push("summary");
    }
    let Some(audience) = &mut report.audience else { return };
    audience.withheld.extend(withheld.into_iter().map(str::to_string));
    audience.note = report.causes.is_empty().then(|| phrases::BEING_CONFIRMED.to_string());
}

/// What nobody knows, or what a customer is told when it is confirmed.
fn unknown(field: String, asked: &BTreeSet<&str>) -> Unknown {
    let question = phrases::question(&field).to_string();
    let needs = match field.as_str() {
        "causes" => phrases::BEING_CONFIRMED,
        field if asked.contains(field) => phrases::BEING_ASKED,
        _ => phrases::NOT_CONFIRMED,
    };
    Unknown { field, question, needs: needs.to_string() }
}

fn title(report: &Report) -> String {
    if report.incident.status == Status::NoneFound {
        return phrases::NO_INCIDENT.to_string();
    }
    let day = report.times.started.as_ref().or(report.times.detected.as_ref()).and_then(|time| time.at.get(..10));
    match (day, report.incident.services.as_slice()) {
        (Some(day), []) => say(phrases::TITLE_DAY, &[day]),
        (None, []) => phrases::TITLE.to_string(),
        (Some(day), [service]) => say(phrases::TITLE_DAY_SERVICE, &[day, service]),
        (Some(day), [service, ..]) => say(phrases::TITLE_DAY_SERVICES, &[day, service]),
        (None, [service, ..]) => say(phrases::TITLE_SERVICE, &[service]),
    }
}
