//! What objects of a cluster show, picked for a reader: beside a hypothesis, and where nothing stands out.
//!
//! It picks; it does not judge. Beside a hypothesis stands what its own kind of failure shows first, then what else the
//! same workload shows, each reason once. It must never pick an object of another service.

use crate::findings::{Hypothesis, LookedAt, ObjectState, Places};
use crate::incident::Incident;
use crate::scene::Scene;
use crate::signals::{self, Signal, SignalKind, first_line};
use crate::signatures::{Catalogue, Role};
use crate::standing::{self, Standing, Trouble};

/// Objects beside a hypothesis; a change explains itself.
const BESIDE: usize = 3;
const BESIDE_A_CHANGE: usize = 2;
/// Records beside metrics.
const NOTES: usize = 2;
/// Warnings, records and alerts told of an input in which nothing fails.
const TOLD: usize = 6;
/// Objects named as well.
const NAMED: usize = 8;

/// Reasons that only repeat that something is not there.
const EMPTY: [&str; 5] = ["ContainersNotReady", "ReplicasUnavailable", "MinimumReplicasUnavailable", "NotReady", "Pending"];

/// What stands at the end of the evidence and belongs to the hypothesis.
pub fn beside(incident: &Incident<'_>, hypothesis: &Hypothesis) -> Vec<ObjectState> {
    let Some(standing) = &incident.standing else { return Vec::new() };
    let failing = hypothesis.failure.as_ref().and_then(|f| f.service.clone());
    let names: Vec<String> = hypothesis.service.iter().cloned().chain(failing).collect();
    let belongs = |t: &&Trouble| signals::owner(incident.scene, &t.what).is_none_or(|o| names.contains(&o));
    let in_time = |t: &&Trouble| t.last >= incident.window.from.plus(-600.0) && t.first <= incident.window.to.plus(600.0);
    let id = hypothesis.signature.map(|s| s.id.as_str());
    let mut ranked: Vec<(u8, &Trouble)> =
        standing.troubles.iter().filter(belongs).filter(in_time).map(|t| (rank(t, id), t)).collect();
    ranked.sort_by_key(|(rank, t)| (*rank, t.first, t.place));
    let most = if hypothesis.change.is_some() { BESIDE_A_CHANGE } else { BESIDE };
    let mut chosen: Vec<&Trouble> = Vec::new();
    for (rank, trouble) in ranked {
        // Of an event and the state that goes on, the state says how it is now.
        let known = chosen.iter_mut().find(|c| c.what.reason == trouble.what.reason);
        let is_known = known.is_some();
        if let Some(known) = known.filter(|k| trouble.what.is_state && !k.what.is_state && k.what.name == trouble.what.name) {
            *known = trouble;
        }
        if !is_known && chosen.len() < most && !(rank == 3 && !chosen.is_empty()) {
            chosen.push(trouble);
        }
    }
    if chosen.is_empty() {
        return instruments(incident, hypothesis);
    }
    chosen.into_iter().map(|t| named(incident, of_trouble(t))).collect()
}

/// With a place where the object's name stands: the state of a container has it not.
fn named(incident: &Incident<'_>, object: ObjectState) -> ObjectState {
    let about = incident.scene.kube.iter().filter(|k| !k.what.is_state && k.what.name == object.name).map(|k| k.place);
    let alarms = incident.standing.iter().flat_map(|s| &s.alarms);
    let alarmed = alarms.filter(|(a, _)| !object.name.is_empty() && a.summary.contains(&object.name)).map(|(_, place)| *place);
    let place = about.chain(alarmed).next();
    ObjectState { places: place.map_or(object.places.clone(), |p| object.places.and(&Places::one(p))), ..object }
}

/// Where no object shows anything: the metrics that moved, and the alert.
fn instruments(incident: &Incident<'_>, hypothesis: &Hypothesis) -> Vec<ObjectState> {
    let own = hypothesis.failure.as_ref().map(|f| f.places.first());
    let is_metric = |s: &&Signal| s.kind == SignalKind::Metric && Some(s.places[0]) != own;
    let instrument = |kind: &str, name: String, reason: String, places: Places| ObjectState {
        kind: kind.to_string(),
        name,
        reason,
        message: String::new(),
        exit_code: None,
        since: None,
        places,
    };
    let mut found = Vec::new();
    if !incident.by_instruments() {
        return found;
    }
    for signal in incident.signals.iter().filter(is_metric).take(BESIDE) {
        found.push(instrument("Metric", String::new(), signal.words.clone(), crate::incident::places_of(signal)));
    }
    let is_known = |s: &&Signal| matches!(s.kind, SignalKind::Note | SignalKind::Log) && !s.hits.is_empty();
    for signal in incident.signals.iter().filter(is_known).filter(|s| Some(s.places[0]) != own).take(NOTES) {
        found.push(instrument("Record", String::new(), signal.words.clone(), Places::one(signal.places[0])));
    }
    found.extend(
        incident.open_alarm().map(|(a, place)| instrument("Alert", a.name.clone(), a.summary.clone(), Places::one(*place))),
    );
    found
}

/// 0: shows the failure itself; 1: a known failure that says more than where; 2: another reason; 3: only that something is
/// not there.
fn rank(trouble: &Trouble, id: Option<&str>) -> u8 {
    let text = format!("{}: {}", trouble.what.reason, trouble.what.message);
    let hits = Catalogue::load().matches(&text);
    match () {
        () if hits.iter().any(|h| Some(h.signature.id.as_str()) == id) => 0,
        () if trouble.what.exit_code.is_some() || !hits.is_empty() => 1,
        () if EMPTY.contains(&trouble.what.reason.as_str()) => 3,
        () => 2,
    }
}

fn of_trouble(trouble: &Trouble) -> ObjectState {
    let what = &trouble.what;
    ObjectState {
        kind: what.kind.clone(),
        name: what.name.clone(),
        reason: what.reason.clone(),
        message: what.message.clone(),
        exit_code: what.exit_code,
        since: what.first.map(|_| trouble.first),
        places: Places::one(trouble.place),
    }
}

/// What was looked at where nothing stands out: alerts, warnings with what shows that they are over, records that tell of
/// the same, and objects that are well.
pub fn looked_at(scene: &Scene) -> Vec<LookedAt> {
    let dated = scene.alerts.iter().map(|a| (&a.what, a.place));
    let alerts = scene.open_alerts.iter().map(|(place, a)| (a, *place)).chain(dated);
    let mut told: Vec<LookedAt> = alerts
        .filter(|(a, _)| !a.summary.is_empty() || !a.name.is_empty())
        .take(TOLD)
        .map(|(a, place)| LookedAt::Alert { name: a.name.clone(), summary: a.summary.clone(), places: Places::one(place) })
        .collect();
    let Some(standing) = standing::find(scene) else { return told };
    for (trouble, by) in standing.over.iter().take(TOLD) {
        let by = by.and_then(|place| standing.well.iter().find(|(_, p)| *p == place));
        let by = by.map(|(state, place)| (state.kind.clone(), state.name.clone(), *place));
        told.push(LookedAt::Over { object: of_trouble(trouble), by });
    }
    told.extend(logged(scene, &standing));
    if let Some(places) = Places::from_many(standing.well.iter().map(|(_, place)| *place).take(NAMED)) {
        let names = standing.well.iter().take(NAMED).map(|(s, _)| (s.kind.clone(), s.name.clone())).collect();
        told.push(LookedAt::Well { names, more: standing.well.len().saturating_sub(NAMED), places });
    }
    told
}

/// Records that tell of a recovery or a step, or that name what a warning was about.
fn logged(scene: &Scene, standing: &Standing) -> Vec<LookedAt> {
    let Some(from) = standing.over.iter().map(|(t, _)| t.first).min() else { return Vec::new() };
    // What was done shortly before may be why: a rollout takes the pods of the last one away.
    let from = from.plus(-600.0);
    let mut names: Vec<String> = standing.over.iter().map(|(t, _)| t.what.name.clone()).filter(|n| !n.is_empty()).collect();
    names.extend(standing.well.iter().filter(|(s, _)| s.kind != "Pod").map(|(s, _)| format!("{} {}", s.kind, s.name)));
    let mut found = Vec::new();
    for digest in &scene.digests {
        let clock = scene.clock(digest.source);
        for pattern in &digest.patterns {
            let text = &pattern.first.text;
            let Some(at) = pattern.first.stamp.and_then(|s| clock.moment(s)).filter(|at| *at >= from) else { continue };
            let told = |r: Role| matches!(r, Role::Recovery | Role::Mitigation | Role::Trigger);
            let tells = Catalogue::load().matches(text).iter().any(|h| told(h.signature.role));
            if tells || names.iter().any(|n| text.contains(n)) {
                found.push((at, pattern.first.place, first_line(text)));
            }
        }
    }
    found.sort();
    found.truncate(TOLD);
    found.into_iter().map(|(at, place, words)| LookedAt::Logged { at, words, places: Places::one(place) }).collect()
}
