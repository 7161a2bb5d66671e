//! States that Kubernetes objects show: how a container ended last, why it waits, conditions of pods, nodes and workloads.
//!
//! Both `kubectl get ... -o json` and tools' own short forms (snake case, flat). A healthy object of a whole document is a
//! state as well, without a warning: that a pod is ready says that an earlier warning about it is over. It must never call
//! an object healthy of which nothing says so.

use evidence::{Body, KubeEvent, Stamp};

use super::json::El;
use super::{Context, Out};

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    if context.is_line && !(element.has("metadata") && element.has("status")) {
        return false;
    }
    let before = out.events.len();
    let (kind, name) = (element.word("kind"), element.first(&["metadata.name", "name"]).unwrap_or_default());
    let containers = ["status.containerStatuses", "status.initContainerStatuses", "containers", "container_statuses"];
    let statuses: Vec<El<'_>> = containers.iter().filter_map(|k| element.dig(k)).flat_map(El::items).collect();
    let is_status = |s: &El<'_>| s.has_any(&["restartCount", "restart_count", "state", "lastState", "last_state"]);
    if !name.is_empty() && (kind == "Pod" || statuses.iter().any(is_status)) {
        let about = About { kind: "Pod", name: &name, namespace: namespace(element) };
        let is_well = are_ready(element, &statuses);
        statuses.iter().for_each(|s| container(*s, (element, is_well), &about, out));
        conditions(element, &about, out);
        phase(element, &about, out);
        let was_started = ready_since(&statuses);
        at_large((element, &about), before, is_well.then_some(("Ready", was_started)), context, out);
    } else if !name.is_empty() && (kind == "Node" || element.has("memory_pressure")) {
        let about = About { kind: "Node", name: &name, namespace: None };
        conditions(element, &about, out);
        flat_node(element, &about, out);
        let is_ready = element.word("ready").eq_ignore_ascii_case("true") || condition_is(element, "Ready", "True");
        at_large((element, &about), before, is_ready.then_some(("NodeReady", None)), context, out);
    } else if !name.is_empty() && is_workload(element, &kind) {
        let kind = if kind.is_empty() { "Deployment" } else { &kind };
        let about = About { kind, name: &name, namespace: namespace(element) };
        let is_complete = workload(element, &about, out);
        conditions(element, &about, out);
        at_large((element, &about), before, is_complete.then_some(("Available", None)), context, out);
    }
    let is_known = out.events.len() > before;
    if is_known {
        out.is("kubernetes_objects");
    }
    is_known
}

struct About<'a> {
    kind: &'a str,
    name: &'a str,
    namespace: Option<String>,
}

impl About<'_> {
    fn state(&self, reason: String, message: String) -> KubeEvent {
        let (kind, name) = (self.kind.to_string(), self.name.to_string());
        KubeEvent {
            reason,
            kind,
            name,
            namespace: self.namespace.clone(),
            message,
            warning: true,
            count: 1,
            is_state: true,
            ..KubeEvent::default()
        }
    }
}

/// A pod whose containers are all ready, or that did what it was for.
fn are_ready(element: El<'_>, statuses: &[El<'_>]) -> bool {
    let phase = element.first(&["status.phase", "phase"]).unwrap_or_default();
    let codes = ["state.terminated.exitCode", "state.terminated.exit_code", "state.exit_code", "state.exitCode"];
    let is_done = |s: &El<'_>| {
        let code = codes.iter().find_map(|k| s.dig(k)).and_then(El::number);
        s.dig("state.terminated").is_some_and(|t| t.truth() != Some(false)) && code == Some(0.0)
    };
    let all = |s: &&El<'_>| s.get("ready").and_then(El::truth) == Some(true) || is_done(s);
    phase == "Succeeded" || (phase.is_empty() || phase == "Running") && !statuses.is_empty() && statuses.iter().all(|s| all(&s))
}

/// Since when the container runs that was started last.
fn ready_since(statuses: &[El<'_>]) -> Option<Stamp> {
    let paths = ["state.running.startedAt", "state.running.started_at", "state.startedAt", "state.started_at", "started_at"];
    statuses.iter().filter_map(|s| s.stamp(&paths)).max_by_key(|s| s.micros)
}

fn condition_is(element: El<'_>, kind: &str, status: &str) -> bool {
    let listed = element.dig("status.conditions").or_else(|| element.get("conditions"));
    listed.into_iter().flat_map(El::items).any(|c| c.word("type") == kind && c.word("status") == status)
}

/// What is left to say of an object as a whole: that it is well, or that it is not although nothing above says why.
/// `before`: events of the document before this object; `well`: the word for it and since when.
fn at_large(
    (element, about): (El<'_>, &About<'_>),
    before: usize,
    well: Option<(&str, Option<Stamp>)>,
    context: &Context<'_>,
    out: &mut Out,
) {
    let own = out.events.get(before..).unwrap_or_default();
    let warns = own.iter().any(|e| matches!(&e.body, Body::Kube(k) if k.warning && k.exit_code.is_none()));
    match well {
        // In a stream each change of an object is a line of its own, and most of them say that it is well.
        Some((word, since)) if !warns && !context.is_line => {
            let restarts = restarts_of(element);
            let event = KubeEvent {
                warning: false,
                count: restarts as u32,
                first: since,
                last: since,
                ..about.state(word.to_string(), String::new())
            };
            out.add(element, None, Body::Kube(event));
        }
        None if own.is_empty() && about.kind == "Pod" && !context.is_line => {
            let phase = element.first(&["status.phase", "phase"]).unwrap_or_default();
            let reason = if phase == "Pending" { "Pending" } else { "NotReady" };
            // A pod that runs and says nothing of its containers may be well.
            if phase == "Pending" || phase == "Running" && has_statuses(element) {
                out.add(element, None, Body::Kube(about.state(reason.into(), format!("phase is {phase}"))));
            }
        }
        _ => {}
    }
}

fn has_statuses(element: El<'_>) -> bool {
    let lists = ["status.containerStatuses", "containers", "container_statuses"];
    lists.iter().filter_map(|k| element.dig(k)).any(|l| l.items().next().is_some())
}

/// Restarts of all containers of a pod.
fn restarts_of(element: El<'_>) -> f64 {
    let lists = ["status.containerStatuses", "containers", "container_statuses"];
    let statuses = lists.iter().filter_map(|k| element.dig(k)).flat_map(El::items);
    statuses.filter_map(|s| ["restartCount", "restart_count"].iter().find_map(|k| s.get(k)).and_then(El::number)).sum()
}

fn namespace(element: El<'_>) -> Option<String> {
    element.first(&["metadata.namespace", "namespace"])
}

fn is_workload(element: El<'_>, kind: &str) -> bool {
    // What somebody asks for has no status yet: a manifest is not a workload that lacks its replicas.
    ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Rollout"].contains(&kind)
        && (element.has("status") || !element.has("spec"))
        || element.has("desired") && element.has_any(&["available", "ready", "unavailable"])
}

/// A pod this short is cited whole, with its name beside what its containers show.
const SHORT: usize = 1_200;

/// `is_well`: the pod is ready, so that the way it ended last is history.
fn container(status: El<'_>, (pod, is_well): (El<'_>, bool), about: &About<'_>, out: &mut Out) {
    let place = if pod.raw().len() <= SHORT { pod } else { status };
    let name = status.first(&["name"]);
    let restarts = ["restartCount", "restart_count"].iter().find_map(|k| status.get(k)).and_then(El::number).unwrap_or(0.0);
    for path in
        ["lastState.terminated", "last_state.terminated", "state.terminated", "lastState", "last_state", "last_termination"]
    {
        // Tools after it write `{"state": {"terminated": true, "reason": ...}}`.
        let is_flat = path == "state.terminated" && status.dig(path).and_then(El::truth) == Some(true);
        let found = if is_flat { status.get("state") } else { status.dig(path) };
        let Some(ended) = found.filter(|e| e.has_any(&["reason", "exitCode", "exit_code"])) else { continue };
        let exit = ["exitCode", "exit_code"].iter().find_map(|k| ended.get(k)).and_then(El::number).map(|n| n as i32);
        let reason = ended.first(&["reason"]).unwrap_or_else(|| "Terminated".to_string());
        if exit == Some(0) || reason == "Completed" {
            continue;
        }
        let first = ended.stamp(&["startedAt", "started_at"]);
        let last = ended.stamp(&["finishedAt", "finished_at"]);
        let event = KubeEvent {
            container: name.clone(),
            count: restarts.max(1.0) as u32,
            exit_code: exit,
            first,
            last,
            is_state: !is_well,
            ..about.state(reason, ended.word("message"))
        };
        out.add(place, last, Body::Kube(event));
        break;
    }
    let waiting = status
        .dig("state.waiting")
        .filter(|w| w.is_object())
        .or_else(|| status.get("state").filter(|s| s.get("waiting").is_some_and(|w| w.truth() != Some(false))));
    let routine = ["ContainerCreating", "PodInitializing", ""];
    if let Some(waiting) = waiting.filter(|w| !routine.contains(&w.word("reason").as_str())) {
        let exit = ["exitCode", "exit_code"].iter().find_map(|k| waiting.get(k)).and_then(El::number).map(|n| n as i32);
        let event = KubeEvent {
            container: name,
            count: restarts.max(1.0) as u32,
            exit_code: exit.filter(|e| *e != 0),
            ..about.state(waiting.word("reason"), waiting.word("message"))
        };
        out.add(place, None, Body::Kube(event));
    }
}

/// Conditions that say that something is wrong, with their reason.
fn conditions(element: El<'_>, about: &About<'_>, out: &mut Out) {
    let listed = element.dig("status.conditions").or_else(|| element.get("conditions"));
    for condition in listed.into_iter().flat_map(El::items) {
        let (kind, status) = (condition.word("type"), condition.word("status"));
        let is_pressure = kind.ends_with("Pressure") || kind.ends_with("Unavailable") || kind.ends_with("Failure");
        let is_bad = if is_pressure { status == "True" } else { matches!(status.as_str(), "False" | "Unknown") };
        let own = condition.first(&["reason"]);
        let is_node_lost = about.kind == "Node" && kind == "Ready";
        let why = own.clone().filter(|_| is_node_lost).map(|r| format!(" ({r})")).unwrap_or_default();
        let own = if is_node_lost { Some("NodeNotReady".to_string()) } else { own };
        let reason = own.unwrap_or_else(|| if is_pressure { kind.clone() } else { format!("Not{kind}") });
        if is_bad && reason != "PodCompleted" && !kind.is_empty() {
            let stamp = condition.stamp(&["lastTransitionTime", "last_transition_time"]);
            let message = [format!("{kind} is {status}{why}"), condition.word("message")].join(": ");
            let event =
                KubeEvent { first: stamp, last: stamp, ..about.state(reason, message.trim_end_matches([':', ' ']).to_string()) };
            out.add(condition, stamp, Body::Kube(event));
        }
    }
}

/// A pod that failed as a whole, was evicted, or hangs.
fn phase(element: El<'_>, about: &About<'_>, out: &mut Out) {
    let phase = element.first(&["status.phase", "phase"]).unwrap_or_default();
    let reason = element.first(&["status.reason", "reason"]);
    let message = element.first(&["status.message", "message"]).unwrap_or_default();
    if phase == "Failed" || phase == "Unknown" || reason.is_some() {
        out.add(element, None, Body::Kube(about.state(reason.unwrap_or(phase), message)));
        return;
    }
    let deleted: Option<Stamp> = element.stamp(&["metadata.deletionTimestamp", "deletion_timestamp"]);
    if deleted.is_some() {
        let event =
            KubeEvent { first: deleted, last: deleted, ..about.state("Terminating".into(), "marked for deletion".into()) };
        out.add(element, deleted, Body::Kube(event));
    }
}

fn flat_node(element: El<'_>, about: &About<'_>, out: &mut Out) {
    let known = [
        ("memory_pressure", "MemoryPressure"),
        ("disk_pressure", "DiskPressure"),
        ("pid_pressure", "PIDPressure"),
        ("network_unavailable", "NetworkUnavailable"),
    ];
    let pressed = known.iter().filter(|(key, _)| element.word(key).eq_ignore_ascii_case("true"));
    let ready = element.word("ready");
    if !ready.is_empty() && !ready.eq_ignore_ascii_case("true") {
        // A node that is not heard of has nothing new to say of its memory and disks.
        let more: Vec<String> = pressed.map(|(_, reason)| format!(", {reason} was True when last heard")).collect();
        let message = format!("Ready is {ready}{}", more.concat());
        out.add(element, None, Body::Kube(about.state("NodeNotReady".into(), message)));
    } else {
        for (_, reason) in pressed {
            out.add(element, None, Body::Kube(about.state(reason.to_string(), format!("{reason} is True"))));
        }
    }
    if element.first(&["unschedulable", "spec.unschedulable"]).is_some_and(|u| u.eq_ignore_ascii_case("true")) {
        out.add(element, None, Body::Kube(about.state("NodeNotSchedulable".into(), "cordoned".into())));
    }
}

/// Says what is missing; true when there is all that is wanted, and something is.
fn workload(element: El<'_>, about: &About<'_>, out: &mut Out) -> bool {
    let number = |paths: &[&str]| paths.iter().find_map(|p| element.dig(p)).and_then(El::number);
    let desired = number(&["spec.replicas", "desired", "status.desiredNumberScheduled"]);
    let available = number(&["status.availableReplicas", "available", "status.numberAvailable", "status.readyReplicas", "ready"]);
    let missing = number(&["status.unavailableReplicas", "unavailable", "status.numberUnavailable"]);
    let missing = missing.or_else(|| Some(desired? - available.unwrap_or(0.0))).unwrap_or(0.0);
    if missing > 0.0 && desired != Some(0.0) {
        let of = desired.map(|d| format!(" of {d}")).unwrap_or_default();
        out.add(
            element,
            None,
            Body::Kube(about.state("ReplicasUnavailable".into(), format!("{missing}{of} replicas unavailable"))),
        );
    }
    if desired == Some(0.0) && number(&["status.replicas", "ready", "available"]).unwrap_or(0.0) == 0.0 {
        let event = KubeEvent { warning: false, ..about.state("ScaledToZero".into(), "0 replicas are wanted".into()) };
        out.add(element, None, Body::Kube(event));
    }
    missing <= 0.0 && desired.is_some_and(|d| d > 0.0)
}

#[cfg(test)]
mod tests {
    use super::super::{Document, read_whole};
    use super::*;
    use evidence::SourceId;

    fn check(text: &str) -> (Document, Vec<(String, Option<i32>, u32)>) {
        let document = read_whole("p.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let seen = document.events.iter().filter_map(|e| match &e.body {
            Body::Kube(k) => Some((k.reason.clone(), k.exit_code, k.count)),
            _ => None,
        });
        let seen = seen.collect();
        (document, seen)
    }

    #[test]
    fn how_a_container_ended() {
        let text = r#"{"items":[{"kind":"Pod","metadata":{"name":"p","namespace":"n"},"status":{"containerStatuses":[
            {"name":"api","restartCount":4,"state":{"waiting":{"reason":"CrashLoopBackOff","message":"back-off"}},
             "lastState":{"terminated":{"reason":"OOMKilled","exitCode":137,"finishedAt":"2025-01-01T00:00:00Z"}}}]}}]}"#;
        let (document, seen) = check(text);
        assert_eq!(seen, [("OOMKilled".into(), Some(137), 4), ("CrashLoopBackOff".into(), None, 4)]);
        assert_eq!((document.events[0].place.line, document.events[0].place.last_line), (1, 3));
    }

    #[test]
    fn a_node_that_is_not_ready() {
        let text = r#"{"kind":"Node","metadata":{"name":"n-7"},"status":{"conditions":[{"type":"MemoryPressure","status":"False"},
            {"type":"Ready","status":"Unknown","reason":"NodeStatusUnknown","message":"no heartbeat","lastTransitionTime":"2025-01-01T00:00:00Z"}]}}"#;
        let (document, seen) = check(text);
        assert_eq!(seen, [("NodeNotReady".into(), None, 1)]);
        let Body::Kube(kube) = &document.events[0].body else { panic!("a state") };
        assert_eq!(
            (kube.kind.as_str(), kube.name.as_str(), kube.message.as_str()),
            ("Node", "n-7", "Ready is Unknown (NodeStatusUnknown): no heartbeat")
        );
        assert!(document.events[0].stamp.is_some());
    }

    #[test]
    fn a_healthy_object_is_a_state_without_a_warning() {
        let text = r#"{"deployments":[{"name":"a","desired":3,"ready":3,"available":3,"unavailable":0},
            {"name":"b","desired":3,"ready":1,"available":1,"unavailable":2}]}"#;
        let (document, seen) = check(text);
        assert_eq!((seen.len(), seen[0].0.as_str(), seen[1].0.as_str()), (2, "Available", "ReplicasUnavailable"));
        let warns = document.events.iter().map(|e| matches!(&e.body, Body::Kube(k) if k.warning && k.is_state));
        assert_eq!(warns.collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn a_pod_that_is_ready_again_and_one_that_never_was() {
        let text = r#"{"pods":[
            {"name":"a-1","phase":"Running","containers":[{"name":"a","ready":true,"restart_count":2,"state":{"running":true,"started_at":"2025-01-01T00:00:00Z"}}]},
            {"name":"b-1","phase":"Pending","containers":[{"name":"b","ready":false,"restart_count":0,"state":{"waiting":true,"reason":"ContainerCreating"}}]}]}"#;
        let (_, seen) = check(text);
        assert_eq!(seen, [("Ready".into(), None, 2), ("Pending".into(), None, 1)]);
    }

    #[test]
    fn a_container_that_ended_with_an_error_is_not_well_in_any_spelling() {
        let text = r#"{"pods":[{"name":"a-1","phase":"Running","containers":[{"name":"a","ready":false,"restart_count":4,
            "state":{"terminated":true,"reason":"OOMKilled","exit_code":137}}]}]}"#;
        assert_eq!(check(text).1, [("OOMKilled".into(), Some(137), 4)]);
    }

    #[test]
    fn a_node_that_is_not_heard_of_has_no_pressure_of_its_own() {
        let text = r#"{"nodes":[{"name":"n-1","ready":"Unknown","memory_pressure":"True","disk_pressure":"False"}]}"#;
        let (document, seen) = check(text);
        assert_eq!(seen.len(), 1);
        let Body::Kube(kube) = &document.events[0].body else { panic!("a state") };
        assert_eq!(kube.message, "Ready is Unknown, MemoryPressure was True when last heard");
    }
}
