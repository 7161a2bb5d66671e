//! An incident that shows only in what stands at the end of the evidence.
//!
//! What it sees: states and repeated warnings of a cluster, and the last errors of logs beside an alert that fires. Why it
//! matters: who is woken fetches what is there now, which is too little for counts to stand out. When it misleads: an
//! alert that fires for a reason of its own beside the odd error of every day.

use evidence::Moment;

use crate::metrics;
use crate::scene::Scene;
use crate::signals::{self, Signal, SignalKind};
use crate::signatures::Role;
use crate::standing::{self, Standing};
use crate::window::Window;

/// Errors this short a time before the end of the evidence go on.
const LATE_S: f64 = 20.0 * 60.0;
/// So many errors beside an alert are no accident, where none of them names its cause.
const LEAST: u64 = 3;
/// A kind of failure this specific is one, whether or not it is the cause.
const KNOWN: f64 = 0.8;

/// From the first of what stands to the end. What an orchestrator reported and is over is taken out of `signals`, what its
/// objects show is put in.
pub fn window(scene: &Scene, standing: &Standing, signals: &mut Vec<Signal>) -> Option<Window> {
    let now = standing.now;
    let late = |s: &Signal| now.since(s.last) <= LATE_S;
    let errors: Vec<Moment> = late_errors(signals, standing).filter(|s| late(s)).map(|s| s.first).collect();
    let mut begins: Vec<Moment> = if standing.fails() { standing.troubles.iter().map(|t| t.first).collect() } else { Vec::new() };
    if !standing.alarms.is_empty() && is_enough(signals, standing, &late) {
        begins.extend(errors);
    }
    if begins.is_empty() && !standing.alarms.is_empty() {
        signals.extend(metrics::from_short_series(scene));
        signals.retain(|s| s.kind != SignalKind::Metric || metrics::is_still_off(scene, s));
        let moved = signals.iter().filter(|s| s.kind == SignalKind::Metric && late(s));
        begins.extend(moved.map(|s| s.first));
        // An alert with nothing beside it that says otherwise.
        let is_silent = standing.well.is_empty()
            && standing.over.is_empty()
            && scene.series.is_empty()
            && scene.digests.iter().all(|d| d.stamped < 20);
        begins.extend(Some(now).filter(|_| is_silent));
    }
    let from = begins.into_iter().min()?;
    signals.retain(|s| s.kind != SignalKind::Kube);
    signals.extend(signals::of_troubles(scene, &standing.troubles));
    signals.sort_by(|a, b| (a.first, a.places[0]).cmp(&(b.first, b.places[0])));
    Some(Window { from, to: now.plus(1.0), data_from: from, data_to: now, width: 60 })
}

fn late_errors<'s>(signals: &'s [Signal], standing: &'s Standing) -> impl Iterator<Item = &'s Signal> {
    let of_log = |s: &&Signal| matches!(s.kind, SignalKind::Log | SignalKind::Span);
    signals.iter().filter(of_log).filter(|s| s.is_failure() && s.last <= standing.now.plus(1.0))
}

/// Several errors, or one of a well-known kind, or a warning of the very kind that the alert is about.
fn is_enough(signals: &[Signal], standing: &Standing, late: &dyn Fn(&Signal) -> bool) -> bool {
    let chosen: Vec<&Signal> = late_errors(signals, standing).filter(|s| late(s)).collect();
    let bad: u64 = chosen.iter().filter(|s| s.level.is_some_and(evidence::Level::is_bad)).map(|s| s.count).sum();
    let about = |s: &Signal| s.hits.iter().any(|h| standing.alarms.iter().any(|(alert, _)| standing::tells_of(alert, h)));
    let is_bad = |s: &Signal| s.level.is_none_or(evidence::Level::is_bad);
    let is_known = |s: &Signal| s.hits.iter().any(|h| h.role == Role::Cause || h.role != Role::Recovery && h.spec >= KNOWN);
    bad >= LEAST || chosen.iter().any(|s| is_bad(s) && is_known(s) || about(s))
}
