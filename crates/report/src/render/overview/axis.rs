//! The axis of time that all pictures share, with the six times of the incident marked across them.
//!
//! Must never know what is drawn under it. What breaks it: a report without any time has no axis.

use super::super::ledger::Ledger;
use super::super::scene::{Align, Mark, Scene, Shape, Tone};
use super::super::words;
use crate::model::{Instant, Report};

pub const WIDTH: f64 = 960.0;
/// Left of the plot: names of lanes.
pub const GUTTER: f64 = 178.0;
const RIGHT: f64 = 12.0;
const LABEL: f64 = 15.0;
const NICE: [f64; 19] = [
    1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 10_800.0, 21_600.0, 43_200.0,
    86_400.0, 604_800.0,
];

/// Seconds since 1970 on the width of the plot.
pub struct Axis {
    from: f64,
    to: f64,
    markers: Vec<Marker>,
}

struct Marker {
    label: &'static str,
    tone: Tone,
    at: f64,
    between: (f64, f64),
    row: usize,
    to: Option<String>,
    tip: String,
}

const MARKERS: [(&str, &str, Tone); 6] = [
    ("started", "Onset", Tone::Bad),
    ("detected", "Detected", Tone::Warn),
    ("acknowledged", "Acknowledged", Tone::Accent),
    ("mitigation_started", "Mitigation", Tone::Violet),
    ("mitigated", "Recovered", Tone::Good),
    ("resolved", "Resolved", Tone::Good),
];

impl Axis {
    /// Over the course where there is one, else over the times and the timeline.
    pub fn of(report: &Report, ledger: &Ledger) -> Option<Axis> {
        let (from, to) = of_course(report).or_else(|| of_times(report))?;
        let mut axis = Axis { from, to: to.max(from + 1.0), markers: Vec::new() };
        axis.markers = axis.mark(report, ledger);
        Some(axis)
    }

    /// Where a time stands, as far as it is on the axis.
    pub fn x(&self, at: f64) -> Option<f64> {
        (self.from..=self.to).contains(&at).then(|| self.place(at))
    }

    /// As [`Axis::x`], and at the left end for what came before it.
    pub fn x_or_before(&self, at: f64) -> Option<f64> {
        if at < self.from { Some(GUTTER) } else { self.x(at) }
    }

    pub fn is_before(&self, at: f64) -> bool {
        at < self.from
    }

    fn place(&self, at: f64) -> f64 {
        GUTTER + (at - self.from) / (self.to - self.from) * (WIDTH - GUTTER - RIGHT)
    }

    /// How wide so many seconds are.
    pub fn wide(&self, seconds: f64) -> f64 {
        seconds / (self.to - self.from) * (WIDTH - GUTTER - RIGHT)
    }

    pub fn span(&self) -> super::Span {
        super::Span { from: self.from, to: self.to, left: GUTTER, right: WIDTH - RIGHT }
    }

    pub fn begins(&self) -> String {
        written(self.from)
    }

    pub fn ends(&self) -> String {
        written(self.to)
    }

    /// Room for the names of the times above the plots.
    pub fn markers_height(&self) -> f64 {
        self.markers.iter().map(|m| m.row + 1).max().map_or(4.0, |rows| rows as f64 * LABEL + 8.0)
    }

    /// Times and ticks across what was drawn between two heights; gives back the height of the whole.
    pub fn draw(&self, scene: &mut Scene, (top, bottom): (f64, f64)) -> f64 {
        let mut under: Vec<Mark> = Vec::new();
        for at in self.ticks() {
            let x = self.place(at);
            under.push(line((x, top), (x, bottom), Tone::Hair, false));
        }
        for marker in &self.markers {
            let (low, high) = (marker.between.0.max(self.from), marker.between.1.min(self.to));
            if high > low {
                let shape =
                    Shape::Rect { x: self.place(low), y: top, width: self.wide(high - low), height: bottom - top, radius: 0.0 };
                under.push(Mark::new(shape, marker.tone).faint(0.12));
            }
        }
        // Under everything else: marks that link must stay within reach.
        scene.marks.splice(0..0, under);
        self.names(scene, (top, bottom));
        self.scale(scene, bottom);
        bottom + 24.0
    }

    fn names(&self, scene: &mut Scene, (top, bottom): (f64, f64)) {
        for marker in &self.markers {
            let x = self.place(marker.at);
            let y = LABEL * (marker.row + 1) as f64 - 3.0;
            scene.marks.push(line((x, y + 3.0), (x, bottom), marker.tone, true).faint(0.8));
            let end = x > WIDTH - 110.0;
            let (at, align) = if end { (x - 4.0, Align::End) } else { (x + 4.0, Align::Start) };
            let shape = Shape::Text { x: at, y, text: marker.label.to_owned(), size: 11.0, align, bold: true, mono: false };
            let dot = Mark::new(Shape::Dot { x, y: y - 3.5, radius: 3.0 }, marker.tone);
            for mark in [dot, Mark::new(shape, marker.tone)] {
                scene.marks.push(mark.to(marker.to.clone()).tip(marker.tip.clone()).during(marker.at, marker.at));
            }
        }
        scene.rule((GUTTER, top), (GUTTER, bottom), Tone::Hair);
    }

    fn scale(&self, scene: &mut Scene, bottom: f64) {
        scene.rule((GUTTER, bottom), (WIDTH - RIGHT, bottom), Tone::Muted);
        let mut day = String::new();
        for at in self.ticks() {
            let time = written(at);
            let clock = words::clock(&time);
            let clock = if self.step() >= 60.0 { clock.get(..5).unwrap_or(&clock).to_owned() } else { clock };
            let today = words::day(&time);
            let text = if today == day { clock } else { format!("{} {clock}", today.get(5..).unwrap_or(&today)) };
            day = today;
            let shape = Shape::Text {
                x: self.place(at),
                y: bottom + 15.0,
                text,
                size: 11.0,
                align: Align::Middle,
                bold: false,
                mono: false,
            };
            scene.marks.push(Mark::new(shape, Tone::Muted).during(at, at));
        }
        scene.text((GUTTER - 8.0, bottom + 15.0), "UTC", (11.0, Align::End, Tone::Muted));
    }

    fn step(&self) -> f64 {
        NICE.into_iter().find(|step| (self.to - self.from) / step <= 8.0).unwrap_or((self.to - self.from) / 6.0)
    }

    fn ticks(&self) -> Vec<f64> {
        let step = self.step();
        let first = (self.from / step).ceil();
        (0..12)
            .map(|n| (first + f64::from(n)) * step)
            .take_while(|at| *at <= self.to)
            .filter(|at| self.place(*at) > GUTTER + 14.0)
            .collect()
    }

    fn mark(&self, report: &Report, ledger: &Ledger) -> Vec<Marker> {
        let known = report.times.all().into_iter().zip(MARKERS);
        let mut markers: Vec<Marker> =
            known.filter_map(|((_, instant), (_, label, tone))| self.marker(instant?, (label, tone), (report, ledger))).collect();
        markers.sort_by(|a, b| a.at.total_cmp(&b.at));
        // Each name takes the first row in which it does not run into the one before it.
        let mut ends: Vec<f64> = Vec::new();
        for marker in &mut markers {
            let x = self.place(marker.at);
            let width = marker.label.chars().count() as f64 * 7.0 + 14.0;
            let begin = if x > WIDTH - 110.0 { x - width } else { x };
            let row = ends.iter().position(|end| *end <= begin).unwrap_or(ends.len());
            if row == ends.len() {
                ends.push(0.0);
            }
            ends[row] = begin + width;
            marker.row = row;
        }
        markers
    }

    fn marker(
        &self,
        instant: &Instant,
        (label, tone): (&'static str, Tone),
        (report, ledger): (&Report, &Ledger),
    ) -> Option<Marker> {
        let at = words::epoch(&instant.at).filter(|at| (self.from..=self.to).contains(at))?;
        let between = (words::epoch(&instant.earliest).unwrap_or(at), words::epoch(&instant.latest).unwrap_or(at));
        let claim = report.claims.iter().find(|claim| claim.id == instant.claim);
        let to = claim.and_then(|claim| ledger.evidence_anchor(claim.citations.iter().next()?).map(str::to_owned));
        let tip = match words::interval(&instant.earliest, &instant.latest).as_str() {
            "exact" => format!("{label}: {}", words::moment(&instant.at)),
            between => format!("{label}: {}, between {between}", words::moment(&instant.at)),
        };
        Some(Marker { label, tone, at, between, row: 0, to, tip })
    }
}

fn of_course(report: &Report) -> Option<(f64, f64)> {
    let course = report.course.as_ref()?;
    let from = words::epoch(&course.from)?;
    let counted = course.services.iter().map(|s| s.records.len()).chain(course.patterns.iter().map(|p| p.counts.len()));
    let steps = counted.chain(course.requests.iter().map(|r| r.total.len())).max().unwrap_or(0);
    let end = course.tracks.iter().flat_map(|t| &t.points).filter_map(|(at, _)| words::epoch(at)).fold(from, f64::max);
    Some((from, (from + steps as f64 * course.step_s as f64).max(end))).filter(|(from, to)| to > from)
}

fn of_times(report: &Report) -> Option<(f64, f64)> {
    let times = report.times.all().into_iter().filter_map(|(_, instant)| words::epoch(&instant?.at));
    let all: Vec<f64> = times.chain(report.timeline.iter().filter_map(|entry| words::epoch(&entry.at))).collect();
    let (from, to) = all.iter().fold((f64::MAX, f64::MIN), |(low, high), at| (low.min(*at), high.max(*at)));
    let room = ((to - from) * 0.04).max(1.0);
    (to > from).then_some((from - room, to + room))
}

fn line((x1, y1): (f64, f64), (x2, y2): (f64, f64), tone: Tone, dashed: bool) -> Mark {
    Mark::new(Shape::Line { x1, y1, x2, y2, width: 1.0, dashed, arrow: false }, tone)
}

/// RFC 3339 of seconds since 1970, to the second.
fn written(at: f64) -> String {
    evidence::Moment::from_seconds(at.round() as i64).rfc3339()
}
