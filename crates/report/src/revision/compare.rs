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
        let text = text(&old, &claim.id).unwrap_or(&claim.text);
        match now {
            Some(now) => {
                met.push(&now.id);
                let words = self::text(&new, &now.id).unwrap_or(&now.text);
                if words != text {
                    found.push(statement(claim.section, (Some(text), Some(words)), by(after, now)));
                }
            }
            None => found.push(statement(claim.section, (Some(text), None), None)),
        }
    }
    for claim in new.claims.iter().filter(|claim| !met.contains(&claim.id.as_str())) {
        if !old.claims.iter().any(|other| other.text == claim.text && other.section == claim.section) {
            found.push(statement(claim.section, (None, Some(&claim.text)), None));
        }
    }
    found
}

fn statement(section: Section, (before, after): (Option<&str>, Option<&str>), by: Option<String>) -> Difference {
    let name = serde_json::to_value(section).ok().and_then(|name| name.as_str().map(|name| name.replace('_', " ")));
    Difference { what: name.unwrap_or_default(), before: before.map(str::to_owned), after: after.map(str::to_owned), by }
}

fn text<'r>(report: &'r Report, claim: &str) -> Option<&'r str> {
    report.claims.iter().find(|other| other.id == claim).map(|claim| claim.text.as_str())
}

fn by(report: &Report, claim: &Claim) -> Option<String> {
    report.by_hand.as_ref()?.wording(&claim.id).map(|wording| wording.hand.by.clone())
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
