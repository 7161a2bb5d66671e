//! What is not known, as a question, with who or what could tell. Every null of the report has its entry.
//!
//! Must never fill a gap.

use analysis::findings::Findings;

use super::ledger::Ledger;
use crate::model::{Report, Unknown};

/// Field, question, and what is needed to answer it.
const ASKED: [(&str, &str, &str); 19] = [
    (
        "times.started",
        "When did the first harm happen?",
        "logs or metrics of the affected service from before the first record here",
    ),
    (
        "times.detected",
        "Who or what noticed the incident first, and when?",
        "the alert history, the pager or the chat of the people on call",
    ),
    (
        "times.acknowledged",
        "When did the first responder take the incident?",
        "the pager's log or the chat of the people on call",
    ),
    (
        "times.mitigation_started",
        "When was the step begun that ended it?",
        "the deploy and change history, or the responder who acted",
    ),
    ("times.mitigated", "From when on were users served again?", "logs or metrics that reach beyond the last failure"),
    ("times.resolved", "When was the incident declared over?", "the pager, the status page or the incident commander"),
    ("metrics.duration_s", "How long did the incident last?", "its begin and its end"),
    ("metrics.mttd_s", "How long did detection take?", "the first harm and the first alert, page or message that noticed it"),
    ("metrics.mtta_s", "How long did it take until somebody took it?", "the first notice and the first acknowledgement"),
    ("metrics.mttm_s", "How long did it take until users were served again?", "the first harm and the end of the failures"),
    ("metrics.mttr_s", "How long did it take to resolve the incident?", "its begin and its declared end"),
    (
        "metrics.peak_error_rate",
        "What share of requests failed at the peak?",
        "an access log or request metrics of the edge nearest the users",
    ),
    (
        "metrics.users_affected",
        "How many users were affected?",
        "user ids in the request log, or an analyst with access to product data",
    ),
    ("metrics.requests_failed", "How many requests failed?", "an access log or request metrics of the edge nearest the users"),
    ("metrics.support_tickets", "How many support tickets did it cause?", "the support team or its ticket system"),
    (
        "metrics.revenue_impact",
        "What did the incident cost?",
        "the finance or product owner, with orders during the incident and before it",
    ),
    ("incident.severity", "Which severity does the incident have?", "the pager's priority or the incident commander"),
    ("remediation", "What ended the incident?", "the responder who acted, or the change history of that time"),
    ("first_failing_service", "Which service failed first?", "logs of the services with a name and a time in each record"),
];

/// Where people or instruments tell of an incident alone.
const NOT_SHOWN: &str = "logs or metrics of the affected service: none here shows the failure";

fn is_shown_by_none(findings: &Findings) -> bool {
    findings.services.is_empty() && findings.samples.is_empty()
}

/// Sources that are told one by one.
const TOLD: usize = 8;

/// What would stand in sources that could not be read to their end.
pub fn losses(findings: &Findings, ledger: &mut Ledger<'_>) -> Vec<Unknown> {
    let parts = findings.sources.iter().flat_map(|found| found.source.skipped.iter().map(|part| (found.source.id, part)));
    let lost: Vec<_> = parts.filter(|(_, part)| part.is_loss()).collect();
    let mut told = Vec::new();
    for (id, part) in lost.iter().take(TOLD) {
        let name = ledger.source(*id);
        let reason = sentence(&ledger.clean(&part.reason));
        told.push((format!("What else does {name} say? {reason}"), name));
    }
    if lost.len() > TOLD {
        let more = lost.len() - TOLD;
        told.push((format!("What do {more} more sources say that could not be read to their end?"), "them".to_string()));
    }
    let entry = |(question, what): (String, String)| Unknown {
        field: "coverage.sources".to_string(),
        question,
        needs: format!("all of {what}, and a new report: what is missing could change this one"),
    };
    told.into_iter().map(entry).collect()
}

fn sentence(reason: &str) -> String {
    let mut letters = reason.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).chain(['.']).collect()).unwrap_or_default()
}

pub fn write(findings: &Findings, report: &mut Report) {
    let times = report.times.all().into_iter().map(|(n, t)| (format!("times.{n}"), t.is_none()));
    let metrics = report.metrics.all().into_iter().map(|(n, m)| (format!("metrics.{n}"), m.is_none()));
    let others = [
        ("incident.severity".to_string(), report.incident.severity.is_none()),
        ("remediation".to_string(), report.remediation.is_none()),
        ("first_failing_service".to_string(), report.first_failing_service.is_none()),
    ];
    let missing: Vec<String> = times.chain(metrics).chain(others).filter(|(_, null)| *null).map(|(field, _)| field).collect();
    let entry = |field: String| {
        let known = ASKED.iter().find(|(f, _, _)| *f == field);
        let (question, needs) = known.map_or(("What is it?", "the people who handled the incident"), |(_, q, n)| (*q, *n));
        let needs = if field == "times.started" && is_shown_by_none(findings) { NOT_SHOWN } else { needs };
        Unknown { field, question: question.to_string(), needs: needs.to_string() }
    };
    report.unknowns.extend(missing.into_iter().map(entry));
    if let Some(next) = report.next_check.clone() {
        report.unknowns.push(Unknown {
            field: "causes".to_string(),
            question: "Which of the candidates is the cause?".to_string(),
            needs: next,
        });
    } else if findings.hypotheses.first().is_some_and(|h| h.change_caused.is_none()) {
        let needs = "the change history (deploys, commits, flags, configuration) of the failing service".to_string();
        report.unknowns.push(Unknown { field: "causes".to_string(), question: "Did a change cause it?".to_string(), needs });
    }
}
