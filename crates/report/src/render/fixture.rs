//! Reports to lay out in tests: one with every section filled, and those that know little or nothing.
//!
//! `fixture.json` is invented; its texts carry marks of HTML and Markdown, as those of real sources do.

use crate::model::{Report, Status};
use serde_json::json;

pub fn full() -> Report {
    serde_json::from_str(include_str!("fixture.json")).expect("the fixture is a report")
}

/// Nothing found out: an incident of which only one source is known.
pub fn unknown() -> Report {
    let mut report: Report = serde_json::from_value(json!({
        "schema": "casefile.report/1", "generator": { "name": "casefile", "version": "0.1.0" },
        "incident": { "title": "Unclear trouble", "severity": null, "status": "unknown", "services": [] },
        "times": {}, "metrics": {}, "claims": [], "evidence": [], "timeline": [], "undetermined": false, "next_check": null,
        "causes": [], "contributing": [], "first_failing_service": null, "blast_radius": [], "remediation": null, "chain": [],
        "actions": [], "whys": [], "prevention": [], "lessons": [], "contradictions": [],
        "unknowns": [{ "field": "times.started", "question": "When did it start?", "needs": "a log of the service that was harmed" },
                     { "field": "incident.severity", "question": "How severe was it?", "needs": "a page or a person that states it" },
                     { "field": "metrics.users_affected", "question": "How many users were harmed?", "needs": "an access log with user ids" }],
        "coverage": { "sources": [] }, "confidence_score": { "value": 0, "parts": [] }
    }))
    .expect("the fixture is a report");
    report.coverage.sources.extend(full().coverage.sources.pop());
    report
}

/// Nothing is wrong in this input.
pub fn quiet() -> Report {
    let mut report = unknown();
    report.incident.title = "No incident found".to_owned();
    report.incident.status = Status::NoneFound;
    report.unknowns.clear();
    report.coverage = full().coverage;
    report
}

/// Two hypotheses that the evidence cannot tell apart.
pub fn undetermined() -> Report {
    let mut report = full();
    report.undetermined = true;
    report.next_check = Some("Start v4.2.0 with the session cache reachable and count the panics.".to_owned());
    report.causes[0].probability = 0.52;
    report.causes[1].probability = 0.44;
    report.incident.status = Status::Ongoing;
    report.times.resolved = None;
    report
}

/// `text` wherever a text can stand.
pub fn poisoned(text: &str) -> Report {
    let mut report = full();
    let poison = |field: &mut String| text.clone_into(field);
    poison(&mut report.incident.title);
    report.incident.severity = Some(text.to_owned());
    report.incident.services.iter_mut().for_each(poison);
    report.blast_radius.iter_mut().for_each(poison);
    report.claims.iter_mut().for_each(|claim| poison(&mut claim.text));
    for item in &mut report.evidence {
        poison(&mut item.text);
        poison(&mut item.source);
        item.before.iter_mut().chain(&mut item.after).for_each(poison);
    }
    for entry in &mut report.timeline {
        poison(&mut entry.text);
        entry.at = text.to_owned();
        entry.actor = Some(text.to_owned());
    }
    for edge in &mut report.chain {
        poison(&mut edge.from);
        poison(&mut edge.text);
    }
    for cause in &mut report.causes {
        cause.commit = Some(text.to_owned());
        cause.terms.iter_mut().for_each(|term| poison(&mut term.name));
    }
    for unknown in &mut report.unknowns {
        poison(&mut unknown.field);
        poison(&mut unknown.needs);
    }
    for action in &mut report.actions {
        poison(&mut action.text);
        action.owner = Some(text.to_owned());
    }
    for source in &mut report.coverage.sources {
        poison(&mut source.name);
        poison(&mut source.clock.basis);
    }
    if let Some(course) = &mut report.course {
        course.services.iter_mut().for_each(|service| poison(&mut service.name));
        course.patterns.iter_mut().for_each(|pattern| poison(&mut pattern.text));
        course.tracks.iter_mut().for_each(|track| poison(&mut track.metric));
        course.links.iter_mut().for_each(|link| poison(&mut link.from));
    }
    report.generator.version = text.to_owned();
    report
}
