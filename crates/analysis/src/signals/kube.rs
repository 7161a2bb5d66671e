//! What an orchestrator reports and what its objects show, as signals.
//!
//! What it sees: warnings of events and states of objects. Why it matters: that a container ran out of memory stands
//! nowhere else. It must never take the way in which a probe failed for a failure of a dependency, nor what only limits
//! others for a service.

use evidence::{KubeEvent, Level, Moment, RecordRef};

use super::{Signal, SignalKind, first_line};
use crate::scene::Scene;
use crate::signatures::{Catalogue, Role, Signature};
use crate::standing::Trouble;

/// A rollout takes so long at most.
const ROLLOUT_S: f64 = 3_600.0;

/// What an orchestrator reports, the same reason of all pods of a workload as one.
pub fn from_kube(scene: &Scene, catalogue: &'static Catalogue) -> Vec<Signal> {
    let mut signals: Vec<Signal> = Vec::new();
    for event in &scene.kube {
        let kube = &event.what;
        let clock = scene.clock(event.place.source);
        let at = |stamp: Option<evidence::Stamp>| stamp.and_then(|s| clock.moment(s));
        // A container that ended did so at the end of its run, not at its start.
        let ended = kube.exit_code.is_some();
        let first = at(kube.first).filter(|_| !ended).unwrap_or(event.at);
        let last = at(kube.last).unwrap_or(first).max(first);
        let text = if kube.message.is_empty() { kube.reason.clone() } else { format!("{}: {}", kube.reason, kube.message) };
        add_kube(scene, catalogue, Told { kube, text, place: event.place, first, last, kind: SignalKind::Kube }, &mut signals);
    }
    signals.iter_mut().for_each(|signal| signal.bins.sort());
    signals
}

/// What stands at the end of the evidence: events, and states whether or not they have a time.
pub fn of_troubles(scene: &Scene, troubles: &[Trouble]) -> Vec<Signal> {
    let catalogue = Catalogue::load();
    let mut signals: Vec<Signal> = Vec::new();
    let is_killed = |pod: &str| troubles.iter().any(|t| t.what.name == pod && t.what.message.contains("iveness probe"));
    for trouble in troubles {
        let kube = &trouble.what;
        let dated = kube.first.is_some();
        // Who is killed for a failing probe ends with the code of the signal, which says nothing more.
        let code = kube.exit_code.filter(|c| !(matches!(c, 137 | 143) && is_killed(&kube.name)));
        let code = code.map(|c| format!("exit code {c}")).unwrap_or_default();
        let parts = [kube.reason.as_str(), &code, &kube.message];
        let text = parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(": ");
        let kind = if dated { SignalKind::Kube } else { SignalKind::State };
        let told = Told { kube, text, place: trouble.place, first: trouble.first, last: trouble.last, kind };
        add_kube(scene, catalogue, told, &mut signals);
    }
    signals.iter_mut().for_each(|signal| signal.bins.sort());
    signals
}

/// One event or state with when it was.
struct Told<'k> {
    kube: &'k KubeEvent,
    text: String,
    place: RecordRef,
    first: Moment,
    last: Moment,
    kind: SignalKind,
}

fn add_kube(scene: &Scene, catalogue: &'static Catalogue, told: Told<'_>, signals: &mut Vec<Signal>) {
    let Told { kube, text, place, first, last, kind } = told;
    let mut hits: Vec<&'static Signature> = catalogue.matches(&text).into_iter().map(|h| h.signature).collect();
    // In which way a probe fails (refused, too late, 503) says nothing of a dependency.
    if hits.iter().any(|s| s.id == "probe_fail") {
        hits.retain(|s| s.family == "k8s");
    }
    // Clusters report the loss of a node as an ordinary event.
    let telling = hits.iter().any(|s| matches!(s.role, Role::Cause | Role::Trigger) && s.family != "change");
    if !kube.warning && (!telling || is_rollout(scene, kube, first)) {
        return;
    }
    let service = (is_workload(&kube.kind) || telling).then(|| owner(scene, kube)).flatten();
    let count = u64::from(kube.count.max(1));
    let same = |s: &&mut Signal| {
        s.kind == kind
            && s.service == service
            && s.words.split(':').next() == Some(kube.reason.as_str())
            && s.hits.first().map(|h| &h.id) == hits.first().map(|h| &h.id)
    };
    if let Some(known) = signals.iter_mut().find(same) {
        known.join(first, last, count, place);
        return;
    }
    signals.push(Signal {
        kind,
        service,
        source: place.source,
        words: first_line(&text),
        hits,
        texts: vec![text.into()],
        level: Some(Level::Warn),
        first,
        last,
        count,
        bins: spread(first, last, count),
        bin_s: 1,
        kinds: Vec::new(),
        places: vec![place],
        last_place: place,
        lasted_s: None,
        trace: None,
        explained: false,
    });
}

/// What a rollout replaces is scaled down after its successor was scaled up: nothing was taken away.
fn is_rollout(scene: &Scene, kube: &KubeEvent, at: Moment) -> bool {
    let Some(replaced) = scaled(&kube.message, "Scaled down replica set ") else { return false };
    let is_successor = |other: &crate::scene::At<KubeEvent>| {
        let before = at.since(other.at);
        other.what.name == kube.name
            && (0.0..=ROLLOUT_S).contains(&before)
            && scaled(&other.what.message, "Scaled up replica set ").is_some_and(|own| own != replaced)
    };
    scene.kube.iter().any(is_successor)
}

/// The replica set that an event names.
fn scaled<'t>(message: &'t str, words: &str) -> Option<&'t str> {
    message.strip_prefix(words)?.split(' ').next()
}

/// The service that an object is part of: the workload whose name its own begins with, else its own name. What only limits
/// others (a quota, a claim) is nobody's by itself.
pub fn owner(scene: &Scene, kube: &KubeEvent) -> Option<String> {
    let is_part = matches!(kube.kind.as_str(), "Pod" | "ReplicaSet");
    if let Some(workload) = scene.ties().workload(&kube.name).filter(|_| is_part) {
        return Some(scene.entities.name(workload));
    }
    let is_own = is_workload(&kube.kind) || matches!(kube.kind.as_str(), "" | "Node");
    is_own.then(|| scene.entities.name(&kube.name)).or_else(|| scene.entities.known(&kube.name).map(str::to_string))
}

/// Nodes, volumes and the like are no services.
fn is_workload(kind: &str) -> bool {
    matches!(
        kind,
        "Pod" | "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" | "CronJob" | "Container" | "Service"
    )
}

/// A counted event says when it was first and last seen and how often: the rest lies between.
pub fn spread(first: Moment, last: Moment, count: u64) -> Vec<(Moment, u64)> {
    if count <= 1 || last <= first {
        return vec![(first, count)];
    }
    let steps = count.min(60);
    let step = (last.0 - first.0) / steps as i64;
    (0..steps).map(|n| (Moment(first.0 + step * n as i64), count / steps)).collect()
}
