//! What is different between two states of a case: two versions, or two analyses.
//!
//! Statements are matched by [`Anchor`]; what differs is told in words. Must never know which state is right.

use serde::{Deserialize, Serialize};

use super::{Anchor, told};
use crate::model::{Claim, Report, Section};

/// One difference; `None` on the side where there is nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Title, status, a time, a figure, or the section of a statement.
    pub what: String,
    pub before: Option<String>,
    pub after: Option<String>,
    /// Who said the newer one, where a person did.
    pub by: Option<String>,
}

/// In the order of a report: what it says of the incident as a whole, then statement by statement.
pub fn compare(before: &Report, after: &Report) -> Vec<Difference> {
    let mut found = Vec::new();
    for ((what, old), (_, new)) in whole(before).into_iter().zip(whole(after)) {
        if old != new {
            found.push(Difference { what, before: old, after: new, by: None });
        }
    }
    let (old, new) = (told(before), told(after));
    let mut met: Vec<&str> = Vec::new();
    for claim in &before.claims {
        let now = Anchor::of(before, &claim.id).and_then(|anchor| anchor.find(after));
        met.extend(now.map(|now| now.id.as_str()));
        let sides = (words(&old, &claim.id), now.and_then(|now| words(&new, &now.id)));
        if sides.0 != sides.1 {
            found.push(statement(claim.section, sides, now.and_then(|now| by(after, now))));
        }
    }
    // What a person added is called the same on both sides.
    for claim in old.claims.iter().skip(before.claims.len()) {
        let sides = (words(&old, &claim.id), words(&new, &claim.id));
        met.extend(new.claims.iter().find(|other| other.id == claim.id).map(|other| other.id.as_str()));
        if sides.0 != sides.1 {
            found.push(statement(claim.section, sides, assigner(after, &claim.id)));
        }
    }
    for claim in new.claims.iter().filter(|claim| !met.contains(&claim.id.as_str())) {
        if !old.claims.iter().any(|other| other.text == claim.text && other.section == claim.section) {
            let by = after.by_hand.as_ref().and_then(|hand| hand.added(&claim.id)).map(|added| added.hand.by.clone());
            found.push(statement(claim.section, (None, words(&new, &claim.id)), by));
        }
    }
    found
}

fn statement(section: Section, (before, after): (Option<String>, Option<String>), by: Option<String>) -> Difference {
    let name = serde_json::to_value(section).ok().and_then(|name| name.as_str().map(|name| name.replace('_', " ")));
    Difference { what: name.unwrap_or_default(), before, after, by }
}

/// What a statement says; of an action also whose it is, until when, and how far.
fn words(report: &Report, claim: &str) -> Option<String> {
    let text = &report.claims.iter().find(|other| other.id == claim)?.text;
    let action = report.actions.iter().find(|action| action.claim == claim);
    let parts = action.map(|action| [("owner", &action.owner), ("due", &action.due), ("status", &action.status)]);
    let said = parts.into_iter().flatten().filter_map(|(name, value)| Some(format!("{name} {}", value.as_deref()?)));
    let said = said.collect::<Vec<_>>().join(", ");
    Some(if said.is_empty() { text.clone() } else { format!("{text} ({said})") })
}

/// Who worded it, or said what becomes of it.
fn by(report: &Report, claim: &Claim) -> Option<String> {
    let worded = report.by_hand.as_ref()?.wording(&claim.id).map(|wording| wording.hand.by.clone());
    worded.or_else(|| assigner(report, &claim.id))
}

fn assigner(report: &Report, id: &str) -> Option<String> {
    let hand = report.by_hand.as_ref()?;
    let assigned = hand.assigned.iter().find(|assigned| assigned.claim == id).map(|assigned| &assigned.hand);
    let of_added = || hand.added(id).and_then(|added| added.assigned.as_ref());
    assigned.or_else(of_added).map(|hand| hand.by.clone())
}

fn whole(report: &Report) -> Vec<(String, Option<String>)> {
    let status = serde_json::to_value(report.incident.status).ok().and_then(|s| s.as_str().map(str::to_owned));
    let mut all = vec![
        ("title".to_owned(), Some(report.incident.title.clone())),
        ("severity".to_owned(), report.incident.severity.clone()),
        ("status".to_owned(), status),
        ("services".to_owned(), Some(report.incident.services.join(", "))),
        ("cause".to_owned(), report.causes.first().map(|cause| cause.text.clone())),
    ];
    let times = report.times.all().into_iter().map(|(name, time)| (name.replace('_', " "), time.map(|time| time.at.clone())));
    all.extend(times);
    let figure = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let metrics = report.metrics.all().into_iter();
    all.extend(
        metrics.map(|(name, metric)| (name.replace('_', " "), metric.map(|m| format!("{} {}", figure(&m.value), m.unit)))),
    );
    all
}
