//! One quantity of the incident with two values.
//!
//! Misleads where the two are of different scope and only the text around them says so.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::{Spot, cut};
use crate::Finding;
use crate::document::Document;
use crate::facts::Measure;
use crate::story::{Measured, Story, masked, tolerance};

/// Sections that speak of other times than the incident.
const ELSEWHERE: &[&str] = &["action", "prevent", "lesson", "follow", "similar", "checklist", "next steps", "timeline"];

pub fn check(document: &Document, story: &Story, found: &mut Vec<Finding>) {
    peak(document, story, found);
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

static RATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)⟦s(\d+)⟧ (?:error|failure) rate|(?:error|failure) rate (?:at |of |is |now |= ?|: ?)?⟦s(\d+)⟧").ok()
});

/// The peak of the error rate is not below, nor nearly, what the timeline has.
fn peak(document: &Document, story: &Story, found: &mut Vec<Finding>) {
    let Some(stated) = story.measures.iter().find(|m| m.measure == "peak error rate") else { return };
    let mut highest: Option<(f64, usize)> = None;
    for unit in story.timeline().iter().filter_map(|e| document.units.get(e.unit)) {
        let mask = masked(unit);
        let rates =
            RATE.iter().flat_map(|p| p.captures_iter(&mask.text)).filter_map(|c| c.get(1).or(c.get(2))?.as_str().parse().ok());
        for rate in rates.filter_map(|i: usize| mask.amounts.get(i)).filter(|a| !a.bound) {
            if highest.is_none_or(|h| rate.value > h.0) {
                highest = Some((rate.value, document.line(unit)));
            }
        }
    }
    let Some(((rate, line), unit)) = highest.zip(document.units.get(stated.unit)) else { return };
    let peak = &stated.amount;
    let off = rate - peak.value;
    let rounded = if peak.about { 5.0 } else { peak.fine * 0.6 };
    if off > rounded || off < -rounded && -off <= 0.08 * peak.value {
        let message = format!(
            "the peak error rate is “{}”, and the highest in the timeline is {rate} % (line {line})",
            cut(unit.text.get(peak.range.clone()).unwrap_or_default())
        );
        found.push(Spot { document, unit, range: peak.range.clone() }.says("number/twice", message, Some(line)));
    }
}
