//! Volume and failures over time: the requests at the edge (else records), and metrics that moved.
//!
//! Must never compute a rate that the report states: what is drawn here are counts. What breaks it: nothing; values that
//! are no numbers are not drawn.

use super::super::scene::{Align, Mark, Scene, Shape, Tone};
use super::super::words;
use super::axis::{Axis, GUTTER};
use super::lanes::{Cited, ROOM};
use super::{Told, fitted};
use crate::course::{Course, Track};

const HEIGHT: f64 = 84.0;
const TRACK: f64 = 46.0;
const GAP: f64 = 14.0;

/// Requests at the edge as bars, all of them and those that failed; where nobody logs requests, records and failures of all
/// services. Gives back where the next plot begins.
pub fn volume(course: &Course, told: &Told, (axis, top): (&Axis, f64), scene: &mut Scene) -> f64 {
    let bars = match &course.requests {
        Some(requests) => Bars {
            label: "Requests, failed",
            place: format!("at {}", words::line(requests.service.as_deref().unwrap_or("the edge"))),
            unit: "requests failed",
            total: requests.total.clone(),
            failed: requests.failed.clone(),
            cited: Cited::of(&requests.citations, told),
        },
        None => Bars {
            label: "Records, failures",
            place: "of all services".to_owned(),
            unit: "records tell of failures",
            total: sum(course.services.iter().map(|service| &service.records)),
            failed: sum(course.services.iter().map(|service| &service.failures)),
            cited: Cited::of(&course.services.iter().flat_map(|service| service.citations.clone()).collect::<Vec<_>>(), told),
        },
    };
    bars.draw(course, (axis, top), scene).unwrap_or(top)
}

struct Bars {
    label: &'static str,
    place: String,
    unit: &'static str,
    total: Vec<u64>,
    failed: Vec<u64>,
    cited: Cited,
}

impl Bars {
    fn draw(&self, course: &Course, (axis, top): (&Axis, f64), scene: &mut Scene) -> Option<f64> {
        let from = words::epoch(&course.from)?;
        let most = self.total.iter().chain(&self.failed).copied().max().filter(|most| *most > 0)?;
        let bottom = top + HEIGHT;
        self.name((course, most), top, scene);
        for (index, (total, failed)) in self.total.iter().zip(&self.failed).enumerate() {
            let at = from + index as f64 * course.step_s as f64;
            let until = at + course.step_s as f64;
            let Some(x) = axis.x(at) else { continue };
            let width = (axis.wide(course.step_s as f64) - 0.6).max(0.6);
            let bar = |count: u64| {
                let height = count as f64 / most as f64 * (HEIGHT - 12.0);
                Shape::Rect { x, y: bottom - height, width, height, radius: 0.0 }
            };
            let (of, count) = (words::thousands(*total), words::thousands(*failed));
            let tip = format!("{}: {count} of {of} {}", words::clock(&time(at)), self.unit);
            if *total > 0 {
                scene.marks.push(Mark::new(bar(*total), Tone::Plain).faint(0.35).tip(tip.clone()).during(at, until));
            }
            if *failed > 0 {
                let mark = Mark::new(bar(*failed), Tone::Bad).to(self.cited.near(at, until));
                scene.marks.push(mark.tip(tip).during(at, until));
            }
        }
        scene.rule((GUTTER, bottom), (super::axis::WIDTH - 12.0, bottom), Tone::Hair);
        Some(bottom + GAP)
    }

    fn name(&self, (course, most): (&Course, u64), top: f64, scene: &mut Scene) {
        let per = format!("per {}", words::duration(course.step_s as f64));
        scene.text((GUTTER - 8.0, top + 14.0), self.label, (11.5, Align::End, Tone::Ink));
        scene.text((GUTTER - 8.0, top + 28.0), &fitted(&self.place, 10.5, ROOM), (10.5, Align::End, Tone::Muted));
        scene.text((GUTTER - 8.0, top + 42.0), &per, (10.5, Align::End, Tone::Muted));
        scene.text((GUTTER + 4.0, top + 9.0), &words::thousands(most), (9.5, Align::Start, Tone::Muted));
    }
}

fn sum<'a>(rows: impl Iterator<Item = &'a Vec<u64>>) -> Vec<u64> {
    let mut out: Vec<u64> = Vec::new();
    for row in rows {
        out.resize(out.len().max(row.len()), 0);
        out.iter_mut().zip(row).for_each(|(sum, count)| *sum += count);
    }
    out
}

/// Metrics that moved, a line each.
pub fn tracks(course: &Course, told: &Told, (axis, top): (&Axis, f64), scene: &mut Scene) -> f64 {
    let mut y = top;
    for track in &course.tracks {
        y = line(track, told, (axis, y), scene);
    }
    y
}

fn line(track: &Track, told: &Told, (axis, top): (&Axis, f64), scene: &mut Scene) -> f64 {
    let points: Vec<(f64, f64)> = track.points.iter().filter_map(|(at, value)| Some((words::epoch(at)?, *value))).collect();
    let (low, high) = points.iter().fold((0.0_f64, f64::MIN), |(low, high), (_, value)| (low.min(*value), high.max(*value)));
    if points.len() < 2 || high <= low {
        return top;
    }
    let bottom = top + TRACK;
    let place = |(at, value): &(f64, f64)| Some((axis.x(*at)?, bottom - (value - low) / (high - low) * (TRACK - 10.0)));
    scene.text((GUTTER - 8.0, top + 14.0), &fitted(&words::line(&track.metric), 11.0, ROOM), (11.0, Align::End, Tone::Ink));
    let service = track.service.as_deref().map(words::line).unwrap_or_default();
    scene.text((GUTTER - 8.0, top + 28.0), &fitted(&service, 10.5, ROOM), (10.5, Align::End, Tone::Muted));
    scene.text((GUTTER + 4.0, top + 9.0), &words::number(high), (9.5, Align::Start, Tone::Muted));
    let drawn: Vec<(f64, f64)> = points.iter().filter_map(place).collect();
    scene.marks.push(Mark::new(Shape::Path { points: drawn, closed: false, width: 1.6 }, Tone::Accent));
    let cited = Cited::of(&track.citations, told);
    for (at, value) in points.iter().filter(|(at, _)| cited.has(*at)) {
        let Some((x, y)) = place(&(*at, *value)) else { continue };
        let tip = format!("{}: {} {}", words::clock(&time(*at)), words::line(&track.metric), words::number(*value));
        let dot = Mark::new(Shape::Dot { x, y, radius: 3.0 }, Tone::Accent);
        scene.marks.push(dot.to(cited.near(*at, *at)).tip(tip).during(*at, *at));
    }
    scene.rule((GUTTER, bottom), (super::axis::WIDTH - 12.0, bottom), Tone::Hair);
    bottom + GAP
}

/// RFC 3339 of seconds since 1970.
pub fn time(at: f64) -> String {
    evidence::Moment::from_seconds(at.round() as i64).rfc3339()
}
