//! Findings to a report: every sentence of it is made here, and each with its citations.
//!
//! [`places`] says which places of the input are quoted, so that they can be read back in one go; [`compose`] then says
//! everything. It must never know how something was found, nor how the report looks. It is misled by findings that cite
//! the wrong place: a number that the cited record does not have is printed as `…`.

mod actions;
mod advice;
mod alike;
mod causes;
mod chain;
mod contradictions;
mod course;
mod coverage;
mod guard;
mod impact;
mod ledger;
mod lessons;
mod names;
mod objects;
mod phrases;
mod places;
mod quotes;
mod recovery;
mod repeats;
mod replays;
pub(crate) mod response;
mod score;
pub(crate) mod summary;
mod timeline;
mod unknowns;
mod whys;
pub(crate) mod words;

use analysis::findings::{self, Findings};
use evidence::RecordRef;
use redact::Redactor;

use crate::model::{Generator, Incident, Report, SCHEMA, Section, Status};
use ledger::{Ledger, Line};

pub use places::places;
pub(crate) use timeline::ROLLBACK;

/// The words at a place of the input, as they stand there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quoted {
    /// The public name of the source; empty: as the findings name it.
    pub source: String,
    pub text: String,
    /// Whole lines around it.
    pub before: Vec<String>,
    pub after: Vec<String>,
}

/// Gives back what stands at a place.
pub trait Quotes {
    fn quote(&self, place: RecordRef) -> Option<Quoted>;
}

/// The whole report. Secrets in it become marks by `redactor`.
pub fn compose(findings: &Findings, quotes: &dyn Quotes, redactor: &mut Redactor) -> Report {
    let mut ledger = Ledger::new(findings, quotes, redactor);
    let mut report = empty(findings, &mut ledger);
    if findings.status == findings::Status::NoneFound {
        nothing_found(findings, &mut ledger);
        objects::nothing_fails(&findings.looked_at, &mut ledger);
        report.actions = actions::stated(findings, &mut ledger);
    } else {
        summary::write(findings, &mut ledger);
        timeline::write(findings, &mut ledger, &mut report);
        causes::write(findings, &mut ledger, &mut report);
        chain::write(findings, &mut ledger, &mut report);
        impact::write(findings, &mut ledger, &mut report);
        response::write(findings, &mut ledger, &mut report);
        actions::write(findings, &mut ledger, &mut report);
        whys::write(findings, &mut ledger, &mut report);
        lessons::write(findings, &mut ledger, &mut report);
        contradictions::write(findings, &mut ledger, &mut report);
        unknowns::write(findings, &mut report);
    }
    report.unknowns.extend(unknowns::losses(findings, &mut ledger));
    report.course = course::of(findings, &mut ledger);
    report.incident.title = ledger.clean(&summary::title(findings));
    report.confidence_score = score::of(findings, &report);
    (report.claims, report.evidence) = ledger.finish();
    report
}

fn empty(findings: &Findings, ledger: &mut Ledger<'_>) -> Report {
    let status = match findings.status {
        findings::Status::Resolved => Status::Resolved,
        findings::Status::Ongoing => Status::Ongoing,
        findings::Status::Unknown => Status::Unknown,
        findings::Status::NoneFound => Status::NoneFound,
    };
    let quiet = status == Status::NoneFound;
    Report {
        schema: SCHEMA.to_string(),
        generator: Generator { name: "casefile".to_string(), version: env!("CARGO_PKG_VERSION").to_string() },
        audience: None,
        as_of: None,
        incident: Incident { title: String::new(), severity: None, status, services: ledger.clean_all(&findings.services) },
        times: Default::default(),
        metrics: Default::default(),
        claims: Vec::new(),
        evidence: Vec::new(),
        timeline: Vec::new(),
        undetermined: !quiet && findings.undetermined.is_some() && findings.hypotheses.len() >= 2,
        next_check: None,
        causes: Vec::new(),
        contributing: Vec::new(),
        first_failing_service: findings.first_failing.as_ref().map(|(s, _)| ledger.clean(s)).filter(|s| !s.is_empty()),
        blast_radius: findings.blast_radius.iter().map(|(s, _)| ledger.clean(s)).collect(),
        remediation: (findings.remediation.as_ref().filter(|_| !summary::is_only_tried(findings)))
            .map(|r| ledger.clean(&r.word))
            .filter(|w| !w.is_empty()),
        chain: Vec::new(),
        actions: Vec::new(),
        whys: Vec::new(),
        prevention: Vec::new(),
        lessons: Vec::new(),
        contradictions: Vec::new(),
        unknowns: Vec::new(),
        course: None,
        by_hand: None,
        coverage: coverage::of(findings, ledger),
        confidence_score: crate::model::ConfidenceScore { value: 0, parts: Vec::new() },
    }
}

/// The one statement about an input in which nothing stands out, with the records between which it was looked for.
fn nothing_found(findings: &Findings, ledger: &mut Ledger<'_>) {
    let Some(places) = places::boundaries(findings) else { return };
    let derivation = ledger.everything();
    let records = if findings.records == 1 { "record" } else { "records" };
    let text = format!(
        "Casefile read {} {records} and found no failure that stands out from the rest.",
        words::count(findings.records as f64)
    );
    ledger.claim(Line::measured(Section::Summary, text, &places, derivation).sure(0.8));
    if let Some((_, line)) = summary::one_sided(findings, ledger) {
        ledger.claim(line);
    }
}

#[cfg(test)]
mod tests;
