//! Volume and failures over time: the requests at the edge, and metrics that moved.
//!
//! Must never compute a rate that the report states: what is drawn here are counts. What breaks it: nothing; values that
//! are no numbers are not drawn.

use super::super::scene::{Align, Mark, Scene, Shape, Tone};
use super::super::words;
use super::axis::{Axis, GUTTER};
use super::lanes::{Cited, cut};
use crate::course::{Course, Track};
use crate::model::Report;

const HEIGHT: f64 = 84.0;
const TRACK: f64 = 46.0;
const GAP: f64 = 14.0;

/// Requests at the edge as bars: all of them, and those that failed. Gives back where the next plot begins.
pub fn requests(course: &Course, report: &Report, (axis, top): (&Axis, f64), scene: &mut Scene) -> f64 {
    let Some(requests) = &course.requests else { return top };
    let Some(from) = words::epoch(&course.from) else { return top };
    let most = requests.total.iter().chain(&requests.failed).copied().max().unwrap_or(0).max(1);
    let cited = Cited::of(&requests.citations, report);
    let name = requests.service.as_deref().unwrap_or("the edge");
    scene.text((GUTTER - 8.0, top + 14.0), "Requests, failed", 11.5, Align::End, Tone::Ink);
    scene.text((GUTTER - 8.0, top + 28.0), &cut(&format!("at {name}"), 24), 10.5, Align::End, Tone::Muted);
    scene.text(
        (GUTTER - 8.0, top + 42.0),
        &format!("per {}", words::duration(course.step_s as f64)),
        10.5,
        Align::End,
        Tone::Muted,
    );
    scene.text((GUTTER + 4.0, top + 9.0), &words::thousands(most), 9.5, Align::Start, Tone::Muted);
    let bottom = top + HEIGHT;
    for (index, (total, failed)) in requests.total.iter().zip(&requests.failed).enumerate() {
        let at = from + index as f64 * course.step_s as f64;
        let until = at + course.step_s as f64;
        let Some(x) = axis.x(at) else { continue };
        let width = (axis.wide(course.step_s as f64) - 0.6).max(0.6);
        let bar = |count: u64| {
            let height = count as f64 / most as f64 * (HEIGHT - 12.0);
            Shape::Rect { x, y: bottom - height, width, height, radius: 0.0 }
        };
        let tip =
            format!("{}: {} of {} requests failed", words::clock(&time(at)), words::thousands(*failed), words::thousands(*total));
        if *total > 0 {
            scene.marks.push(Mark::new(bar(*total), Tone::Plain).faint(0.35).tip(tip.clone()).during(at, until));
        }
        if *failed > 0 {
            scene.marks.push(Mark::new(bar(*failed), Tone::Bad).to(cited.near(at, until)).tip(tip).during(at, until));
        }
    }
    scene.rule((GUTTER, bottom), (super::axis::WIDTH - 12.0, bottom), Tone::Hair);
    bottom + GAP
}

/// Metrics that moved, a line each.
pub fn tracks(course: &Course, report: &Report, (axis, top): (&Axis, f64), scene: &mut Scene) -> f64 {
    let mut y = top;
    for track in &course.tracks {
        y = line(track, report, (axis, y), scene);
    }
    y
}

fn line(track: &Track, report: &Report, (axis, top): (&Axis, f64), scene: &mut Scene) -> f64 {
    let points: Vec<(f64, f64)> = track.points.iter().filter_map(|(at, value)| Some((words::epoch(at)?, *value))).collect();
    let (low, high) = points.iter().fold((0.0_f64, f64::MIN), |(low, high), (_, value)| (low.min(*value), high.max(*value)));
    if points.len() < 2 || high <= low {
        return top;
    }
    let bottom = top + TRACK;
    let place = |(at, value): &(f64, f64)| Some((axis.x(*at)?, bottom - (value - low) / (high - low) * (TRACK - 10.0)));
    scene.text((GUTTER - 8.0, top + 14.0), &cut(&words::line(&track.metric), 26), 11.0, Align::End, Tone::Ink);
    let service = track.service.as_deref().map(words::line).unwrap_or_default();
    scene.text((GUTTER - 8.0, top + 28.0), &cut(&service, 26), 10.5, Align::End, Tone::Muted);
    scene.text((GUTTER + 4.0, top + 9.0), &words::number(high), 9.5, Align::Start, Tone::Muted);
    let drawn: Vec<(f64, f64)> = points.iter().filter_map(place).collect();
    scene.marks.push(Mark::new(Shape::Path { points: drawn, closed: false, width: 1.6 }, Tone::Accent));
    let cited = Cited::of(&track.citations, report);
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
