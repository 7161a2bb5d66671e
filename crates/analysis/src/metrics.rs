//! Metric series that leave their usual range, by the median and the spread of their beginning.
//!
//! What it sees: a series' first half as its usual range (median, median absolute deviation: Hampel's identifier, which
//! a late or early onset does not spoil; BARO, FSE 2024, shows why not mean and deviation). Why it matters: memory, lag
//! and saturation show before errors do. When it misleads: series that were bad from their first point on.

use evidence::{Moment, Series};

use crate::scene::Scene;
use crate::signals::{Signal, SignalKind};

/// Robust deviations from the median beyond which a point stands out.
const STANDS_OUT: f64 = 8.0;
const MIN_POINTS: usize = 8;

/// How a series moved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Move {
    pub onset: Moment,
    pub end: Moment,
    pub usual: f64,
    /// The value farthest from the usual one.
    pub extreme: f64,
    pub extreme_at: Moment,
    /// Robust deviations of the extreme.
    pub score: f64,
}

/// One signal per series that moved.
pub fn from_series(scene: &Scene) -> Vec<Signal> {
    of_moves(scene, moved)
}

/// The same of series that are too short to know what is usual, where an alert says that something is wrong.
pub fn from_short_series(scene: &Scene) -> Vec<Signal> {
    of_moves(scene, |points| if points.len() < MIN_POINTS { shifted(points) } else { None })
}

fn of_moves(scene: &Scene, find: impl Fn(&[(Moment, f64)]) -> Option<Move>) -> Vec<Signal> {
    let mut signals = Vec::new();
    for series in &scene.series {
        let points = moments(scene, &series.what, series.place.source);
        let Some(change) = find(&points) else { continue };
        let service = series.what.service.as_deref().map(|s| scene.entities.name(s));
        let direction = if change.extreme > change.usual { "rose" } else { "fell" };
        let words = format!("{} {direction} from {} to {}", series.what.metric, short(change.usual), short(change.extreme));
        let clock = scene.clock(series.place.source);
        let place = |at: Moment| {
            let point = series.what.points.iter().find(|p| clock.moment(p.stamp) == Some(at));
            point.map_or(series.place, |p| p.place)
        };
        let usual = series.what.points.iter().find(|p| p.value == change.usual).map_or(series.place, |p| p.place);
        signals.push(Signal {
            kind: SignalKind::Metric,
            service,
            source: series.place.source,
            texts: vec![words.clone().into()],
            level: None,
            hits: Vec::new(),
            first: change.onset,
            last: change.end,
            count: points.iter().filter(|(at, _)| *at >= change.onset && *at <= change.end).count() as u64,
            bins: Vec::new(),
            bin_s: 1,
            kinds: Vec::new(),
            places: vec![place(change.onset), place(change.extreme_at), usual],
            last_place: place(change.end),
            lasted_s: None,
            trace: None,
            explained: false,
            words,
        });
    }
    signals
}

/// Whether the series of a move ends outside of its usual range: at most its last point is back.
pub fn is_still_off(scene: &Scene, signal: &Signal) -> bool {
    let source = signal.source;
    let own = |s: &&crate::scene::At<Series>| {
        s.place.source == source && s.what.points.iter().any(|p| p.place == signal.last_place) || s.place == signal.last_place
    };
    let later = |s: &crate::scene::At<Series>| moments(scene, &s.what, source).iter().filter(|(at, _)| *at > signal.last).count();
    scene.series.iter().find(own).is_none_or(|s| later(s) <= 1)
}

pub fn moments(scene: &Scene, series: &Series, source: evidence::SourceId) -> Vec<(Moment, f64)> {
    let clock = scene.clock(source);
    let mut points: Vec<(Moment, f64)> =
        series.points.iter().filter(|p| p.value.is_finite()).filter_map(|p| Some((clock.moment(p.stamp)?, p.value))).collect();
    points.sort_by_key(|a| a.0);
    points
}

/// Where a series leaves the range of its first points for at least two in a row.
pub fn moved(points: &[(Moment, f64)]) -> Option<Move> {
    if points.len() < MIN_POINTS {
        return None;
    }
    let head: Vec<f64> = points[..(points.len() / 3).max(4)].iter().map(|p| p.1).collect();
    let usual = median(&head);
    let spread: Vec<f64> = head.iter().map(|v| (v - usual).abs()).collect();
    let scale = (1.4826 * median(&spread)).max(usual.abs() * 0.02).max(1e-9);
    let score = |value: f64| (value - usual).abs() / scale;
    let out: Vec<bool> = points.iter().map(|p| score(p.1) > STANDS_OUT).collect();
    let onset = (0..points.len() - 1).find(|&i| out[i] && out[i + 1])?;
    let end = out.iter().rposition(|o| *o).unwrap_or(onset);
    let extreme = points[onset..=end].iter().max_by(|a, b| score(a.1).total_cmp(&score(b.1)))?;
    Some(Move {
        onset: points[onset].0,
        end: points[end].0,
        usual,
        extreme: extreme.1,
        extreme_at: extreme.0,
        score: score(extreme.1),
    })
}

/// Where a series that was level begins to go one way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bend {
    pub at: Moment,
    pub rises: bool,
    /// Seconds between two points.
    pub step_s: f64,
}

/// Points on either side of a bend, at least, and points that are looked at.
const SIDE: usize = 4;
const MOST_POINTS: usize = 2_000;
/// How much steeper it is behind the bend, how many times the noise before it the way behind it is, and what share of the
/// squares of one line two of them may leave.
const STEEPER: f64 = 4.0;
const BEYOND_NOISE: f64 = 6.0;
const LEFT: f64 = 0.35;

/// The bend of a series up to its last point: two lines fit it far better than one, and the first of them is level.
pub fn bend(points: &[(Moment, f64)]) -> Option<Bend> {
    if points.len() < 3 * SIDE || points.len() > MOST_POINTS {
        return None;
    }
    let start = points[0].0;
    let xy: Vec<(f64, f64)> = points.iter().map(|(at, v)| (at.since(start), *v)).collect();
    let whole = line(&xy);
    let cut = (SIDE..xy.len() - SIDE).map(|at| (at, line(&xy[..at]), line(&xy[at..])));
    let (at, before, after) = cut.min_by(|a, b| (a.1.left + a.2.left).total_cmp(&(b.1.left + b.2.left)))?;
    let way = after.slope * (xy[xy.len() - 1].0 - xy[at].0);
    let noise = (before.left / at as f64).sqrt().max(median(&xy.iter().map(|p| p.1.abs()).collect::<Vec<_>>()) * 1e-3);
    let bends = after.slope.abs() >= STEEPER * before.slope.abs()
        && way.abs() >= BEYOND_NOISE * noise
        && before.left + after.left <= LEFT * whole.left;
    let step_s = (xy[xy.len() - 1].0 / (xy.len() - 1) as f64).max(0.0);
    bends.then(|| Bend { at: points[at].0, rises: after.slope > 0.0, step_s })
}

struct Line {
    slope: f64,
    /// Sum of the squares that it leaves.
    left: f64,
}

/// The line of least squares.
fn line(points: &[(f64, f64)]) -> Line {
    let n = points.len() as f64;
    let (mx, my) = (points.iter().map(|p| p.0).sum::<f64>() / n, points.iter().map(|p| p.1).sum::<f64>() / n);
    let sxx: f64 = points.iter().map(|p| (p.0 - mx).powi(2)).sum();
    let sxy: f64 = points.iter().map(|p| (p.0 - mx) * (p.1 - my)).sum();
    let slope = if sxx > 0.0 { sxy / sxx } else { 0.0 };
    Line { slope, left: points.iter().map(|p| (p.1 - my - slope * (p.0 - mx)).powi(2)).sum() }
}

/// A series of a few points that ends at half as much again as it began with, or at half of that.
fn shifted(points: &[(Moment, f64)]) -> Option<Move> {
    let (first, last) = (points.first()?, points.last()?);
    let ratio = last.1 / first.1;
    if points.len() < 3 || !(ratio >= 1.5 || ratio <= 0.5) {
        return None;
    }
    let onset = points.iter().find(|p| (p.1 - first.1).abs() >= (last.1 - first.1).abs() / 3.0)?;
    Some(Move { onset: onset.0, end: last.0, usual: first.1, extreme: last.1, extreme_at: last.0, score: STANDS_OUT })
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

/// The shortest digits that mean the same number, as documents write them.
pub fn short(value: f64) -> String {
    format!("{value}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: &[f64]) -> Vec<(Moment, f64)> {
        values.iter().enumerate().map(|(i, v)| (Moment::from_seconds(60 * i as i64), *v)).collect()
    }

    #[test]
    fn a_jump_is_found_where_it_begins_and_where_it_ends() {
        let change = moved(&series(&[1.0, 1.1, 0.9, 1.0, 1.05, 0.95, 9.0, 9.5, 9.2, 1.0, 1.0, 1.1])).unwrap();
        assert_eq!((change.onset, change.end), (Moment::from_seconds(360), Moment::from_seconds(480)));
        assert_eq!(short(change.extreme), "9.5");
    }

    #[test]
    fn a_level_that_begins_to_fall_bends_there() {
        let values: Vec<f64> =
            (0..40).map(|i| if i < 20 { 80.0 + (i % 3) as f64 * 0.2 } else { 80.0 - 2.0 * (i - 20) as f64 }).collect();
        let found = bend(&series(&values)).unwrap();
        assert!((19..=21).contains(&(found.at.since(Moment::from_seconds(0)) as i64 / 60)), "{found:?}");
        assert!(!found.rises);
        let steady: Vec<f64> = (0..40).map(|i| 80.0 - 2.0 * i as f64).collect();
        assert_eq!(bend(&series(&steady)), None);
        let level: Vec<f64> = (0..40).map(|i| 80.0 + ((i * 7) % 5) as f64).collect();
        assert_eq!(bend(&series(&level)), None);
    }

    #[test]
    fn noise_and_a_single_spike_are_no_move() {
        assert_eq!(moved(&series(&[1.0, 1.1, 0.9, 1.0, 1.05, 0.95, 1.0, 1.1, 0.9, 1.0])), None);
        assert_eq!(moved(&series(&[1.0, 1.1, 0.9, 1.0, 1.05, 0.95, 9.0, 1.0, 1.0, 1.0])), None);
    }
}
