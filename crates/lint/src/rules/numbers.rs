//! One quantity of the incident with two values.
//!
//! Misleads where the two are of different scope and only the text around them says so.

use std::collections::BTreeMap;

use super::{Spot, cut};
use crate::Finding;
use crate::document::Document;
use crate::facts::Measure;
use crate::story::{Measured, Story, tolerance};

/// Sections that speak of other times than the incident.
const ELSEWHERE: &[&str] = &["action", "prevent", "lesson", "follow", "similar", "checklist", "next steps", "timeline"];

pub fn check(document: &Document, story: &Story, found: &mut Vec<Finding>) {
    let mut first: BTreeMap<&str, &Measured> = BTreeMap::new();
    let mut told: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for measured in &story.measures {
        let Some(unit) = document.units.get(measured.unit) else { continue };
        let amount = &measured.amount;
        let path = document.path(unit);
        let apart = ELSEWHERE.iter().any(|w| path.contains(w));
        if apart || amount.bound && amount.unit != Measure::Count || measured.measure.starts_with("time from") {
            continue;
        }
        let Some(reference) = first.get(measured.measure) else {
            first.insert(measured.measure, measured);
            continue;
        };
        let off = (amount.value - reference.amount.value).abs();
        let seen = told.entry(measured.measure).or_default();
        if off <= tolerance(amount, &reference.amount) || reference.amount.unit != amount.unit || seen.contains(&amount.value) {
            continue;
        }
        seen.push(amount.value);
        let Some(before) = document.units.get(reference.unit) else { continue };
        let line = document.place(before, reference.amount.range.start).0;
        let words = |u: &crate::document::Unit, m: &Measured| cut(u.text.get(m.amount.range.clone()).unwrap_or_default());
        let message = format!(
            "the {} {} “{}” here and “{}” in line {line}",
            measured.measure,
            if measured.measure.ends_with('s') || measured.measure.contains("users") { "are" } else { "is" },
            words(unit, measured),
            words(before, reference)
        );
        found.push(Spot { document, unit, range: amount.range.clone() }.says("number/twice", message, Some(line)));
    }
}
