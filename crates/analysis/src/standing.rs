//! What a cluster shows when it is looked at: which of its warnings still stand, and which are over.
//!
//! What it sees: the states of objects (a pod that waits, a node that is not ready, replicas that are all there), the
//! warnings of events beside them, and alerts that fire. Why it matters: a warning is history, a state is now; an alert
//! about a pod that is ready again is no incident, and one about a pod that still waits is one even where no log says a
//! word. When it misleads: objects fetched long before the events, and a container that fails every few minutes and was
//! caught in a good one; the latter is told by its restarts.

use std::collections::BTreeMap;

use evidence::{AlertState, KubeEvent, Moment, RecordRef, Stamp};

use crate::scene::Scene;
use crate::signatures::{Catalogue, Signature};
use crate::window::is_low;

/// An event is repeated while its reason lasts, at the latest after some minutes: one older than this may be over.
const REPEATED_S: f64 = 20.0 * 60.0;
/// What is older than this says nothing of an object that is ill now.
const OLD_S: f64 = 2.0 * 3_600.0;
/// A container that was started this short a time ago, and not for the first time, has not proved itself.
const PROVED_S: f64 = 600.0;
const RESTARTS: u32 = 3;

/// Reasons of a pod that has not been started: once one of its containers ran, they are over.
const BEFORE_START: [&str; 6] =
    ["FailedScheduling", "FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox", "NetworkNotReady", "FailedBinding"];

/// The state of the cluster at the end of the evidence.
#[derive(Debug, Clone)]
pub struct Standing {
    pub now: Moment,
    /// The record that has this moment.
    pub now_place: RecordRef,
    /// What fails, by time.
    pub troubles: Vec<Trouble>,
    /// Warnings that are over, each with the object that shows it.
    pub over: Vec<(Trouble, Option<RecordRef>)>,
    /// Objects that are well.
    pub well: Vec<(KubeEvent, RecordRef)>,
    /// Alerts that fire and that somebody has to look at.
    pub alarms: Vec<(AlertState, RecordRef)>,
}

/// One warning or state.
#[derive(Debug, Clone)]
pub struct Trouble {
    pub what: KubeEvent,
    pub place: RecordRef,
    pub first: Moment,
    pub last: Moment,
}

/// What the states of one object say together.
#[derive(Debug, Clone, Default)]
struct Health {
    ill: bool,
    well: Option<RecordRef>,
    /// Since when its containers run.
    since: Option<Moment>,
    restarts: u32,
    started: bool,
    /// It failed as a whole, or was marked for deletion: what its containers show is no trouble where others replace it.
    leaves: bool,
}

type Objects<'a> = BTreeMap<(&'a str, &'a str), Health>;

/// `None`: nothing in the input has a time.
pub fn find(scene: &Scene) -> Option<Standing> {
    let (now, now_place) = last_record(scene)?;
    let objects = objects(scene);
    let alarms: Vec<(AlertState, RecordRef)> = alarms(scene);
    let mut standing = Standing { now, now_place, troubles: Vec::new(), over: Vec::new(), well: well(scene), alarms };
    for (place, state) in &scene.states {
        if !state.warning && !is_missed(state, &standing.alarms) {
            continue;
        }
        let state = &KubeEvent { warning: true, ..state.clone() };
        let since = moment(scene, *place, state.first);
        let trouble = Trouble { what: state.clone(), place: *place, first: since.unwrap_or(now), last: now };
        match is_replaced(state, &objects) {
            Some(by) => standing.over.push((trouble, Some(by))),
            None => standing.troubles.push(trouble),
        }
    }
    for event in scene.kube.iter().filter(|k| k.what.warning && !k.what.is_state) {
        let first = moment(scene, event.place, event.what.first).unwrap_or(event.at);
        let last = moment(scene, event.place, event.what.last).unwrap_or(first).max(first);
        let trouble = Trouble { what: event.what.clone(), place: event.place, first, last };
        match verdict(&trouble, &objects, now) {
            Verdict::Stands => standing.troubles.push(trouble),
            Verdict::Over(by) => standing.over.push((trouble, by)),
        }
    }
    standing.troubles.sort_by_key(|t| (t.first, t.place));
    standing.over.sort_by_key(|(t, _)| (t.first, t.place));
    Some(standing)
}

impl Standing {
    /// Trouble that is an incident by itself: of what runs, not of what limits it.
    pub fn fails(&self) -> bool {
        let runs = |t: &Trouble| !LIMITS.contains(&t.what.kind.as_str());
        self.troubles.iter().any(runs) || !self.alarms.is_empty() && !self.troubles.is_empty()
    }

    /// Some object was looked at, and no trouble stands.
    pub fn is_well(&self) -> bool {
        !self.well.is_empty() && self.troubles.is_empty()
    }

    /// Every warning was a short one: a flap.
    pub fn was_short(&self) -> bool {
        self.over.iter().all(|(t, _)| t.what.count <= 5 && t.last.since(t.first) <= 600.0)
    }
}

/// The state of a workload of which nothing is wanted.
const NOTHING_WANTED: &str = "ScaledToZero";

/// Objects that only limit what runs.
const LIMITS: [&str; 4] = ["HorizontalPodAutoscaler", "ResourceQuota", "PersistentVolumeClaim", "PodDisruptionBudget"];

fn moment(scene: &Scene, place: RecordRef, stamp: Option<Stamp>) -> Option<Moment> {
    stamp.and_then(|s| scene.clock(place.source).moment(s))
}

/// The last record or event of all, and when it was.
fn last_record(scene: &Scene) -> Option<(Moment, RecordRef)> {
    let logs = scene.digests.iter().filter_map(|d| d.last.map(|(stamp, place)| (scene.clock(d.source).moment(stamp), place)));
    let kube = scene.kube.iter().map(|k| (moment(scene, k.place, k.what.last).or(Some(k.at)), k.place));
    let states = scene.states.iter().map(|(place, s)| (moment(scene, *place, s.last), *place));
    let alerts = scene.alerts.iter().map(|a| (Some(a.at), a.place));
    let points = scene.series.iter().flat_map(|s| &s.what.points).map(|p| (moment(scene, p.place, Some(p.stamp)), p.place));
    let all = logs.chain(kube).chain(states).chain(alerts).chain(points);
    all.filter_map(|(at, place)| Some((at?, place))).max()
}

fn objects(scene: &Scene) -> Objects<'_> {
    let mut objects: Objects<'_> = BTreeMap::new();
    for (place, state) in &scene.states {
        let health = objects.entry((state.kind.as_str(), state.name.as_str())).or_default();
        health.restarts = health.restarts.max(if state.kind == "Pod" { state.count } else { 0 });
        if state.reason == NOTHING_WANTED {
            continue;
        }
        if state.warning {
            health.ill = true;
            health.leaves |= ["Terminating", "Failed", "Evicted"].contains(&state.reason.as_str());
            health.started |= state.exit_code.is_some() || state.reason == "CrashLoopBackOff";
        } else {
            health.well = Some(*place);
            health.started = true;
            health.since = health.since.max(moment(scene, *place, state.first));
        }
    }
    objects
}

fn well(scene: &Scene) -> Vec<(KubeEvent, RecordRef)> {
    scene.states.iter().filter(|(_, s)| !s.warning && s.reason != NOTHING_WANTED).map(|(place, s)| (s.clone(), *place)).collect()
}

/// Alerts that fire at the end: those without a time are what the reader was woken by.
fn alarms(scene: &Scene) -> Vec<(AlertState, RecordRef)> {
    let ended = |name: &str, at: Moment| scene.alerts.iter().any(|a| !a.what.firing && a.what.name == name && a.at >= at);
    let dated = scene.alerts.iter().filter(|a| !ended(&a.what.name, a.at)).map(|a| (&a.what, a.place));
    let undated = scene.open_alerts.iter().map(|(place, a)| (a, *place));
    let matters = |a: &AlertState| a.firing && !is_low(a.severity.as_deref()) && !is_background(&a.name);
    dated.chain(undated).filter(|(a, _)| matters(a)).map(|(a, place)| (a.clone(), place)).collect()
}

/// Alerts that always fire, to show that alerting works, or that only silence others.
pub fn is_background(name: &str) -> bool {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    ["watchdog", "deadmansswitch", "infoinhibitor", "alwaysfiring", "heartbeat"].contains(&name.as_str())
}

/// What an alert says.
pub fn words_of(alert: &AlertState) -> String {
    format!("{}: {}", alert.name, alert.summary)
}

/// Whether an alert names that kind of failure.
pub fn tells_of(alert: &AlertState, signature: &Signature) -> bool {
    Catalogue::load().matches(&words_of(alert)).iter().any(|h| h.signature.id == signature.id)
}

/// Who wants nothing to run has none of it: trouble only where an alert asks for it.
fn is_missed(state: &KubeEvent, alarms: &[(AlertState, RecordRef)]) -> bool {
    let asks = |a: &AlertState| a.service.as_deref() == Some(state.name.as_str()) || a.summary.contains(&state.name);
    state.reason == NOTHING_WANTED && alarms.iter().any(|(alert, _)| asks(alert))
}

/// A pod that is done for (evicted, failed, marked for deletion) whose workload has all that it wants.
fn is_replaced(what: &KubeEvent, objects: &Objects<'_>) -> Option<RecordRef> {
    let leaves = objects.get(&(what.kind.as_str(), what.name.as_str())).is_some_and(|o| o.leaves);
    let workload = workload(&what.name, objects).filter(|_| what.kind == "Pod" && leaves)?;
    workload.well.filter(|_| !workload.ill)
}

enum Verdict {
    Stands,
    /// With the object that shows it.
    Over(Option<RecordRef>),
}

fn verdict(trouble: &Trouble, objects: &Objects<'_>, now: Moment) -> Verdict {
    let what = &trouble.what;
    let age = now.since(trouble.last);
    if let Some(by) = is_replaced(what, objects) {
        return Verdict::Over(Some(by));
    }
    let own = objects.get(&(what.kind.as_str(), what.name.as_str()));
    let has_run = own.is_some_and(|o| o.started) && BEFORE_START.contains(&what.reason.as_str());
    if has_run || age > OLD_S {
        return Verdict::Over(own.and_then(|o| o.well));
    }
    if let Some(own) = own {
        let proved = own.restarts < RESTARTS || own.since.is_some_and(|s| now.since(s) > PROVED_S);
        return if own.ill || !proved { Verdict::Stands } else { Verdict::Over(own.well) };
    }
    if let Some(workload) = ["Pod", "ReplicaSet"].contains(&what.kind.as_str()).then(|| workload(&what.name, objects)).flatten() {
        return if workload.ill { Verdict::Stands } else { Verdict::Over(workload.well) };
    }
    // Nothing was looked at: what is not repeated any more is over, and a probe that failed once or twice is nothing.
    let is_slight = what.reason == "Unhealthy" && what.count < 3;
    if age <= REPEATED_S && !is_slight { Verdict::Stands } else { Verdict::Over(None) }
}

/// What a pod or a replica set belongs to, by its name.
fn workload<'o>(name: &str, objects: &'o Objects<'_>) -> Option<&'o Health> {
    let owns = |owner: &str| name.strip_prefix(owner).is_some_and(|rest| rest.starts_with('-'));
    let workloads =
        objects.iter().filter(|((kind, owner), _)| ["Deployment", "StatefulSet", "DaemonSet"].contains(kind) && owns(owner));
    workloads.max_by_key(|((_, owner), _)| owner.len()).map(|(_, health)| health)
}
