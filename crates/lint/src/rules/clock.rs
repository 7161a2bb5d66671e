//! Log samples against the timeline: times that are whole hours off, and what began before the stated start.
//!
//! Misleads where a sample is from another day on purpose. Evidence for which the document states a time of its own is
//! left alone, and so is a document that tells of the clock itself.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::Spot;
use crate::Finding;
use crate::document::{Document, Kind, Unit};
use crate::facts::{duration, time};
use crate::story::{Story, speaks};

/// Zones differ by quarter hours, and by at most fourteen.
const STEP: f64 = 900.0;
const MOST: f64 = 14.0 * 3_600.0;

static TELLS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\bclocks?\b[^.]{0,60}\b(?:ahead|behind|skew|offset|off by|drift)|\b(?:ahead|behind), zone|\btimes? (?:in|of) (?:the )?(?:logs?|samples?)[^.]{0,40}\b(?:local|zone|UTC)").ok()
});
static LENGTH: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?i)(?:duration|elapsed|latency|took|timeout|timed out after)[\w .]*?(_ms|_s|_seconds)?"?\s*[:= ]\s*"?(\d+(?:\.\d+)?)\s?(ms|s|sec|seconds)?\b"#).ok()
});

/// How far the first time of a line of log is off, in whole quarter hours, where only that makes it fit.
pub fn offset(story: &Story, at: f64) -> f64 {
    let Some((from, to)) = story.span() else { return 0.0 };
    let wide = (to - from).clamp(1_800.0, 7_200.0);
    if from - wide <= at && at <= to + wide {
        return 0.0;
    }
    let close = ((to - from) * 0.25).clamp(120.0, 900.0);
    let off = ((at - from.midpoint(to)) / STEP).round() * STEP;
    let fits = |o: &f64| from - close <= at - o && at - o <= to + close;
    let hours = (off / 3_600.0).round() * 3_600.0;
    [hours, off].into_iter().find(fits).filter(|o| o.abs() <= MOST).unwrap_or(0.0)
}

fn samples<'d>(document: &'d Document, story: &'d Story) -> impl Iterator<Item = &'d Unit> {
    let timed: BTreeSet<usize> = story.sources.values().filter(|s| s.at.is_some()).map(|s| s.unit).collect();
    let mut evidence = false;
    let own = move |(index, unit): (usize, &'d Unit)| {
        if unit.kind != Kind::Code {
            evidence = timed.contains(&index);
        }
        (unit.kind == Kind::Code && !evidence && !unit.facts.clocks.is_empty()).then_some(unit)
    };
    document.units.iter().enumerate().filter_map(own)
}

pub fn check(document: &Document, story: &Story, found: &mut Vec<Finding>) {
    if document.units.iter().any(|u| speaks(u.kind) && TELLS.as_ref().is_some_and(|p| p.is_match(&u.text))) {
        return;
    }
    let Some((from, to)) = story.span() else { return };
    let line = story.timeline().first().and_then(|e| document.units.get(e.unit)).map(|u| document.line(u));
    let mut told: Vec<f64> = Vec::new();
    for unit in samples(document, story) {
        let Some((at, clock)) = story.instant(unit, 0).zip(unit.facts.clocks.first()) else { continue };
        let off = offset(story, at);
        if off == 0.0 || told.contains(&off) {
            continue;
        }
        told.push(off);
        let word = if off > 0.0 { "ahead of" } else { "behind" };
        let message = format!(
            "it means {} UTC, {} {word} the timeline, which goes from {} to {}",
            time(at),
            duration(off),
            time(from),
            time(to)
        );
        found.push(Spot { document, unit, range: clock.range.clone() }.says("time/clock", message, line));
    }
}

/// What a line of log says had lasted so long began before the incident did.
pub fn early(document: &Document, story: &Story, found: &mut Vec<Finding>) {
    let Some((first, last)) = story.span() else { return };
    let stated = story.moments.get("started").into_iter().flatten().filter(|m| m.stated).map(|m| m.at);
    let start = stated.fold(first, f64::min);
    for unit in samples(document, story) {
        let Some(at) = story.instant(unit, 0) else { continue };
        let Some(found_length) = LENGTH.as_ref().and_then(|p| p.captures(&unit.text)) else { continue };
        let Some(number) = found_length.get(2) else { continue };
        let scale = match (found_length.get(1).map(|m| m.as_str()), found_length.get(3).map(|m| m.as_str())) {
            (Some("_ms"), _) | (_, Some("ms")) => 0.001,
            (Some(_), _) | (_, Some(_)) => 1.0,
            _ => continue,
        };
        let Some(lasted) = number.as_str().parse::<f64>().ok().map(|n| n * scale) else { continue };
        let at = at - offset(story, at);
        let began = at - lasted;
        if at >= start - 1.0 && at <= last + 1.0 && began < start - 1.0 {
            let spot = Spot { document, unit, range: number.range() };
            let line = story.timeline().first().and_then(|e| document.units.get(e.unit)).map(|u| document.line(u));
            let message = format!(
                "what ended at {} after {} began at {}, before the first instant of the timeline, {}",
                time(at),
                duration(lasted),
                time(began),
                time(start)
            );
            found.push(spot.says("time/early", message, line));
        }
    }
}
