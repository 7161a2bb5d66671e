//! Swim lanes: one per service with its failures and what is told of it, one for people and tools, and below them the kinds
//! of failure as strips of heat.
//!
//! Must never decide what belongs to a service: the report's entries name it. What breaks it: thousands of entries; those of
//! one kind in one step of a lane are one mark.

use std::collections::{BTreeMap, BTreeSet};

use super::super::ledger::Ledger;
use super::super::scene::{Align, Mark, Scene, Shape, Tone};
use super::super::words;
use super::axis::{Axis, GUTTER, WIDTH};
use super::rates::time;
use super::{Told, fitted};
use crate::course::{Course, ServiceCourse};
use crate::model::{Report, TimelineEntry, TimelineKind};

const LANE: f64 = 30.0;
const STRIP: f64 = 17.0;
const LANES: usize = 14;
const GAP: f64 = 14.0;
/// For names left of the plots.
pub const ROOM: f64 = GUTTER - 14.0;

/// The lanes; gives back where the next plot begins.
pub fn services(told: &Told, (axis, top): (&Axis, f64), scene: &mut Scene) -> f64 {
    let report = told.report;
    let lanes = lanes(report, axis);
    let mut y = top;
    for (name, course) in &lanes {
        scene.text((GUTTER - 8.0, y + LANE / 2.0 + 4.0), &fitted(name, 11.5, ROOM), (11.5, Align::End, Tone::Ink));
        if let (Some(service), Some(whole)) = (course, &report.course) {
            let cited = Cited::of(&service.citations, told);
            heat(&service.failures, (whole, &cited, name), (axis, y + 6.0, LANE - 12.0), scene);
        }
        for spot in spots(report, name, axis) {
            scene.marks.push(spot.mark(told.ledger, axis, y + LANE / 2.0));
        }
        y += LANE;
        scene.rule((0.0, y), (WIDTH - 12.0, y), Tone::Hair);
    }
    if lanes.is_empty() { top } else { y + GAP }
}

/// Kinds of failure as strips; gives back where the next plot begins.
pub fn patterns(course: &Course, told: &Told, (axis, top): (&Axis, f64), scene: &mut Scene) -> f64 {
    if course.patterns.is_empty() {
        return top;
    }
    scene.text((0.0, top + 10.0), "Kinds of failure, by when they began", (11.0, Align::Start, Tone::Muted));
    let mut y = top + 18.0;
    let labels: Vec<String> = course.patterns.iter().map(|p| fitted(&words::line(&p.text), 10.5, ROOM)).collect();
    for (pattern, label) in course.patterns.iter().zip(&labels) {
        let text = words::line(&pattern.text);
        // What reads the same is told apart by its service.
        let twice = labels.iter().filter(|other| *other == label).count() > 1;
        let service = pattern.service.as_deref().filter(|_| twice).map(words::line);
        let label = service.map_or_else(|| label.clone(), |name| fitted(&format!("{name}: {text}"), 10.5, ROOM));
        scene.text((GUTTER - 8.0, y + 12.0), &label, (10.5, Align::End, Tone::Ink));
        let cited = Cited::of(&pattern.citations, told);
        heat(&pattern.counts, (course, &cited, &text), (axis, y + 2.0, STRIP - 4.0), scene);
        y += STRIP;
    }
    y + GAP / 2.0
}

/// What the dots mean; gives back the height of the whole.
pub fn legend(report: &Report, top: f64, scene: &mut Scene) -> f64 {
    let kinds: BTreeSet<TimelineKind> = report.timeline.iter().map(|entry| entry.kind).collect();
    let mut x = GUTTER;
    for kind in &kinds {
        let word = words::kind(*kind);
        scene.marks.push(Mark::new(Shape::Dot { x: x + 4.0, y: top + 8.0, radius: 4.0 }, Tone::of(words::kind_tone(*kind))));
        scene.text((x + 13.0, top + 12.0), word, (10.5, Align::Start, Tone::Muted));
        x += 30.0 + word.chars().count() as f64 * 6.0;
    }
    if kinds.is_empty() { top } else { top + 20.0 }
}

/// Counts as strength of colour: the logarithm, so that one and a thousand are both seen.
fn heat(counts: &[u64], (course, cited, name): (&Course, &Cited, &str), (axis, y, height): (&Axis, f64, f64), scene: &mut Scene) {
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let Some(from) = words::epoch(&course.from) else { return };
    for (index, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let at = from + index as f64 * course.step_s as f64;
        let until = at + course.step_s as f64;
        let Some(x) = axis.x(at) else { continue };
        let width = (axis.wide(course.step_s as f64) - 0.4).max(1.2);
        let strength = 0.25 + 0.75 * (*count as f64 + 1.0).ln() / (most as f64 + 1.0).ln();
        let tip = format!("{}: {} × {}", words::clock(&time(at)), words::thousands(*count), words::beginning(name, 80));
        let mark = Mark::new(Shape::Rect { x, y, width, height, radius: 1.0 }, Tone::Bad).faint(strength);
        scene.marks.push(mark.to(cited.near(at, until)).tip(tip).during(at, until));
    }
}

/// Names of the lanes in order, with their counts where there are any: services, then people and tools.
fn lanes<'a>(report: &'a Report, axis: &Axis) -> Vec<(String, Option<&'a ServiceCourse>)> {
    let mut lanes: Vec<(String, Option<&'a ServiceCourse>)> = Vec::new();
    let counted = report.course.iter().flat_map(|course| &course.services);
    let failing = counted.filter(|service| service.failures.iter().any(|n| *n > 0) || has_entries(report, &service.name, axis));
    lanes.extend(failing.map(|service| (words::line(&service.name), Some(service))));
    for entry in report.timeline.iter().filter(|entry| is_on(entry, axis)) {
        let Some(name) = entry.service.as_deref().map(words::line) else { continue };
        if !lanes.iter().any(|(known, _)| *known == name) {
            lanes.push((name, None));
        }
    }
    lanes.truncate(LANES);
    if report.timeline.iter().any(|entry| lane_of(entry) == PEOPLE && is_on(entry, axis)) {
        lanes.push((PEOPLE.to_owned(), None));
    }
    lanes
}

const PEOPLE: &str = "People and tools";

fn has_entries(report: &Report, name: &str, axis: &Axis) -> bool {
    report.timeline.iter().any(|entry| entry.service.as_deref() == Some(name) && is_on(entry, axis))
}

fn is_on(entry: &TimelineEntry, axis: &Axis) -> bool {
    words::epoch(&entry.at).is_some_and(|at| axis.x_or_before(at).is_some())
}

fn lane_of(entry: &TimelineEntry) -> String {
    entry.service.as_deref().map_or_else(|| PEOPLE.to_owned(), words::line)
}

/// Entries of one kind that stand at the same place of a lane.
struct Spot<'a> {
    x: f64,
    at: f64,
    first: &'a TimelineEntry,
    more: usize,
}

fn spots<'a>(report: &'a Report, lane: &str, axis: &Axis) -> Vec<Spot<'a>> {
    let mut spots: BTreeMap<(i64, TimelineKind), Spot<'a>> = BTreeMap::new();
    for entry in report.timeline.iter().filter(|entry| lane_of(entry) == lane) {
        let Some((at, x)) = words::epoch(&entry.at).and_then(|at| Some((at, axis.x_or_before(at)?))) else { continue };
        let spot = spots.entry(((x / 6.0) as i64, entry.kind)).or_insert(Spot { x, at, first: entry, more: 0 });
        spot.more += 1;
    }
    spots.into_values().collect()
}

impl Spot<'_> {
    fn mark(&self, ledger: &Ledger, axis: &Axis, y: f64) -> Mark {
        let tone = Tone::of(words::kind_tone(self.first.kind));
        let more = if self.more > 1 { format!(" (and {} more)", self.more - 1) } else { String::new() };
        let text = words::beginning(&words::line(&self.first.text).replace('`', ""), 120);
        let when = if axis.is_before(self.at) {
            format!("before this, {}", words::moment(&self.first.at))
        } else {
            words::clock(&self.first.at)
        };
        let tip = format!("{when} {}: {text}{more}", words::kind(self.first.kind));
        let to = self.first.citations.iter().next().and_then(|id| ledger.evidence_anchor(id)).map(str::to_owned);
        Mark::new(Shape::Dot { x: self.x, y, radius: if self.more > 1 { 5.5 } else { 4.5 } }, tone)
            .to(to)
            .tip(tip)
            .during(self.at, self.at)
    }
}

/// Evidence of a row by its time.
pub struct Cited {
    by_time: Vec<(f64, String)>,
}

impl Cited {
    pub fn of(ids: &[String], told: &Told) -> Cited {
        let mut by_time: Vec<(f64, String)> = Vec::new();
        for item in told.report.evidence.iter().filter(|item| ids.contains(&item.id)) {
            let at = item.at.as_deref().and_then(words::epoch).unwrap_or(f64::MAX);
            by_time.extend(told.ledger.evidence_anchor(&item.id).map(|anchor| (at, anchor.to_owned())));
        }
        by_time.sort_by(|a, b| a.0.total_cmp(&b.0));
        Cited { by_time }
    }

    /// What lies within a stretch, else what is nearest to it.
    pub fn near(&self, from: f64, to: f64) -> Option<String> {
        let away = |at: f64| if at < from { from - at } else { (at - to).max(0.0) };
        self.by_time.iter().min_by(|a, b| away(a.0).total_cmp(&away(b.0))).map(|(_, anchor)| anchor.clone())
    }

    pub fn has(&self, at: f64) -> bool {
        self.by_time.iter().any(|(known, _)| (known - at).abs() < 0.5)
    }
}
