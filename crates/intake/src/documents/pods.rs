//! States that Kubernetes objects show: how a container ended last, why it waits, conditions of pods, nodes and workloads.
//!
//! Both `kubectl get ... -o json` and tools' own short forms (snake case, flat). It must never make an event of a healthy
//! object: those are left as text.

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
        statuses.into_iter().for_each(|s| container(s, &about, out));
        conditions(element, &about, out);
        phase(element, &about, out);
    } else if !name.is_empty() && (kind == "Node" || element.has("memory_pressure")) {
        let about = About { kind: "Node", name: &name, namespace: None };
        conditions(element, &about, out);
        flat_node(element, &about, out);
    } else if !name.is_empty() && is_workload(element, &kind) {
        let kind = if kind.is_empty() { "Deployment" } else { &kind };
        let about = About { kind, name: &name, namespace: namespace(element) };
        workload(element, &about, out);
        conditions(element, &about, out);
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
            ..KubeEvent::default()
        }
    }
}

fn namespace(element: El<'_>) -> Option<String> {
    element.first(&["metadata.namespace", "namespace"])
}

fn is_workload(element: El<'_>, kind: &str) -> bool {
    // What somebody asks for has no status yet: a manifest is not a workload that lacks its replicas.
    ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"].contains(&kind) && (element.has("status") || !element.has("spec"))
        || element.has("desired") && element.has_any(&["available", "ready", "unavailable"])
}

fn container(status: El<'_>, about: &About<'_>, out: &mut Out) {
    let name = status.first(&["name"]);
    let restarts = ["restartCount", "restart_count"].iter().find_map(|k| status.get(k)).and_then(El::number).unwrap_or(0.0);
    for path in
        ["lastState.terminated", "last_state.terminated", "state.terminated", "lastState", "last_state", "last_termination"]
    {
        let Some(ended) = status.dig(path).filter(|e| e.has_any(&["reason", "exitCode", "exit_code"])) else { continue };
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
            ..about.state(reason, ended.word("message"))
        };
        out.add(status, last, Body::Kube(event));
        break;
    }
    let waiting = status.dig("state.waiting").filter(|w| w.is_object()).or_else(|| {
        status.get("state").filter(|s| s.get("waiting").and_then(El::truth) == Some(true) || s.get("waiting").is_some())
    });
    let routine = ["ContainerCreating", "PodInitializing", ""];
    if let Some(waiting) = waiting.filter(|w| !routine.contains(&w.word("reason").as_str())) {
        let event = KubeEvent {
            container: name,
            count: restarts.max(1.0) as u32,
            ..about.state(waiting.word("reason"), waiting.word("message"))
        };
        out.add(status, None, Body::Kube(event));
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
    for (key, reason) in
        [("memory_pressure", "MemoryPressure"), ("disk_pressure", "DiskPressure"), ("pid_pressure", "PIDPressure")]
    {
        if element.word(key).eq_ignore_ascii_case("true") {
            out.add(element, None, Body::Kube(about.state(reason.into(), format!("{key} is true"))));
        }
    }
    let ready = element.word("ready");
    if !ready.is_empty() && !ready.eq_ignore_ascii_case("true") {
        out.add(element, None, Body::Kube(about.state("NodeNotReady".into(), format!("ready is {ready}"))));
    }
    if element.first(&["unschedulable", "spec.unschedulable"]).is_some_and(|u| u.eq_ignore_ascii_case("true")) {
        out.add(element, None, Body::Kube(about.state("NodeNotSchedulable".into(), "cordoned".into())));
    }
}

fn workload(element: El<'_>, about: &About<'_>, out: &mut Out) {
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
        assert_eq!(document.events[0].place.line, 2);
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
    fn healthy_objects_are_text() {
        let text = r#"{"deployments":[{"name":"a","desired":3,"ready":3,"available":3,"unavailable":0},
            {"name":"b","desired":3,"ready":1,"available":1,"unavailable":2}]}"#;
        let (document, seen) = check(text);
        assert_eq!((seen.len(), seen[0].0.as_str(), document.texts.len()), (1, "ReplicasUnavailable", 1));
    }
}
