//! `kubectl describe` as text: how containers of pods ended and why they wait, bad conditions of nodes and workloads,
//! replicas that are missing, and the table of events.
//!
//! It must never turn an age (`5m ago`) into a time. All lines that say nothing of this stay text.

use evidence::{Body, Event, KubeEvent};

use super::page::Page;
use super::{Document, when};

/// Reads such a text; `None` when it is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    if !is_likely(page) {
        return None;
    }
    let mut reader = Reader {
        page,
        document: Document { format: "kubectl_describe".into(), ..Document::default() },
        about: KubeEvent::default(),
    };
    let mut index = 0;
    while index < page.len() {
        index = reader.line(index);
    }
    let mut document = reader.document;
    document.records = (document.events.len() + document.texts.len()) as u64;
    Some(document)
}

/// Whether the first lines have the names of members that such a text begins with.
pub fn is_likely(page: &Page<'_>) -> bool {
    let first = |name: &str, within: usize| (0..page.len().min(within)).any(|i| page.line(i).starts_with(name));
    let cues = ["Namespace:", "Containers:", "Labels:", "Conditions:", "Start Time:", "Events:"];
    first("Name:", 12) && cues.iter().filter(|c| first(c, 60)).count() >= 2
}

struct Reader<'a, 'b> {
    page: &'a Page<'b>,
    document: Document,
    /// The object whose lines are being read; `container` is the one within it.
    about: KubeEvent,
}

impl Reader<'_, '_> {
    /// Reads the line of that index, with those that belong to it, and says where to go on.
    fn line(&mut self, index: usize) -> usize {
        let line = self.page.line(index);
        let trimmed = line.trim();
        if let Some(name) = line.strip_prefix("Name:") {
            let kind = self.kind(index).to_string();
            self.about = KubeEvent { kind, name: name.trim().into(), warning: true, count: 1, ..KubeEvent::default() };
        } else if let Some(namespace) = line.strip_prefix("Namespace:") {
            self.about.namespace = Some(namespace.trim().to_string());
        } else if indent(&line) == 2 && trimmed.ends_with(':') && trimmed.len() > 1 && !trimmed.contains(' ') {
            self.about.container = Some(trimmed.trim_end_matches(':').to_string());
        } else if trimmed.starts_with("State:") || trimmed.starts_with("Last State:") {
            return self.state(index);
        } else if let Some(count) = trimmed.strip_prefix("Restart Count:").and_then(|c| c.trim().parse::<u32>().ok()) {
            self.restarts(count);
        } else if self.table_row(index) || self.condition(index) || self.missing(index) {
            return index + 1;
        }
        self.document.texts.extend(self.page.record(index));
        index + 1
    }

    /// A state with the lines indented below it.
    fn state(&mut self, start: usize) -> usize {
        let depth = indent(&self.page.line(start));
        let end = (start + 1..self.page.len()).find(|i| self.page.is_blank(*i) || indent(&self.page.line(*i)) <= depth);
        let end = end.unwrap_or(self.page.len());
        let head = self.page.line(start);
        let word = head.split_once(':').map_or("", |(_, w)| w.trim());
        let value = |name: &str| {
            let lines = (start + 1..end).map(|i| self.page.line(i).trim().to_string());
            lines.filter_map(|l| l.strip_prefix(name).map(|v| v.trim().to_string())).next()
        };
        let reason = value("Reason:").unwrap_or_else(|| word.to_string());
        let exit_code = value("Exit Code:").and_then(|c| c.parse::<i32>().ok());
        let routine = ["Completed", "ContainerCreating", "PodInitializing", ""];
        let is_event = matches!(word, "Terminated" | "Waiting") && !routine.contains(&reason.as_str()) && exit_code != Some(0);
        if !is_event {
            self.document.texts.extend((start..end).filter_map(|i| self.page.record(i)));
            return end;
        }
        let first = value("Started:").and_then(|t| when::read(&t));
        let last = value("Finished:").and_then(|t| when::read(&t));
        let message = value("Message:").unwrap_or_default();
        let is_state = word == "Waiting";
        let body = KubeEvent { reason, message, exit_code, first, last, is_state, ..self.about.clone() };
        self.document.events.push(Event {
            place: self.page.place(start, end - 1),
            stamp: last.or(first),
            body: Body::Kube(body),
        });
        end
    }

    /// What is described, by members that only it has.
    fn kind(&self, start: usize) -> &'static str {
        let end = (start + 1..self.page.len()).find(|i| self.page.line(*i).starts_with("Name:")).unwrap_or(self.page.len());
        let has = |names: &[&str]| (start..end).any(|i| names.iter().any(|n| self.page.line(i).starts_with(n)));
        let kinds: [(&'static str, &[&str]); 6] = [
            ("Deployment", &["StrategyType:", "RollingUpdateStrategy:", "NewReplicaSet:"]),
            ("Node", &["Roles:", "Allocatable:", "System Info:"]),
            ("HorizontalPodAutoscaler", &["Min replicas:", "Max replicas:"]),
            ("StatefulSet", &["Volume Claims:", "Update Strategy:"]),
            ("DaemonSet", &["Desired Number of Nodes Scheduled:"]),
            ("Job", &["Completions:", "Parallelism:"]),
        ];
        kinds.into_iter().find(|(_, names)| has(names)).map_or("Pod", |(kind, _)| kind)
    }

    /// `MemoryPressure  True  (two times)  KubeletHasInsufficientMemory  kubelet has ...`, `Available  False  Reason`.
    fn condition(&mut self, index: usize) -> bool {
        let line = self.page.line(index);
        let columns: Vec<&str> = line.trim().split("  ").map(str::trim).filter(|c| !c.is_empty()).collect();
        let [kind, status @ ("True" | "False" | "Unknown"), rest @ ..] = columns.as_slice() else { return false };
        let is_pressure = ["Pressure", "Unavailable", "Failure", "ScalingLimited"].iter().any(|e| kind.ends_with(e));
        let is_bad = if is_pressure { *status == "True" } else { *status != "True" };
        let times: Vec<_> = rest.iter().filter_map(|c| when::read(c)).collect();
        let mut words = rest.iter().filter(|c| when::read(c).is_none());
        let reason = words.next().map_or_else(|| format!("Not{kind}"), |r| r.to_string());
        if !is_bad || reason == "PodCompleted" || kind.contains([' ', ':']) {
            return false;
        }
        let is_lost = self.about.kind == "Node" && *kind == "Ready";
        let message =
            [format!("{kind} is {status}")].into_iter().chain(words.map(|w| w.to_string())).collect::<Vec<_>>().join(": ");
        let reason = if is_lost { "NodeNotReady".to_string() } else { reason };
        // Of two times the second one says since when.
        let since = times.last().copied();
        let body =
            KubeEvent { reason, message, first: since, last: since, container: None, is_state: true, ..self.about.clone() };
        self.document.events.push(Event { place: self.page.place(index, index), stamp: since, body: Body::Kube(body) });
        true
    }

    /// `Replicas:  3 desired | 3 updated | 3 total | 1 available | 2 unavailable`
    fn missing(&mut self, index: usize) -> bool {
        let line = self.page.line(index);
        let Some(rest) = line.strip_prefix("Replicas:") else { return false };
        let count = |word: &str| rest.split('|').find_map(|p| p.trim().strip_suffix(word)?.trim().parse::<u64>().ok());
        let (Some(desired), Some(missing)) = (count("desired"), count("unavailable")) else { return false };
        if missing == 0 || desired == 0 {
            return false;
        }
        let message = format!("{missing} of {desired} replicas unavailable");
        let body =
            KubeEvent { reason: "ReplicasUnavailable".into(), message, container: None, is_state: true, ..self.about.clone() };
        self.document.events.push(Event { place: self.page.place(index, index), stamp: None, body: Body::Kube(body) });
        true
    }

    fn restarts(&mut self, restarts: u32) {
        for event in &mut self.document.events {
            if let Body::Kube(kube) = &mut event.body
                && kube.name == self.about.name
                && kube.container == self.about.container
            {
                kube.count = restarts.max(1);
            }
        }
    }

    /// `Warning  BackOff  2m (x5 over 10m)  kubelet  Back-off restarting failed container`
    fn table_row(&mut self, index: usize) -> bool {
        let line = self.page.line(index);
        let columns: Vec<&str> = line.trim().split("  ").map(str::trim).filter(|c| !c.is_empty()).collect();
        let [kind @ ("Normal" | "Warning"), reason, age, _, message @ ..] = columns.as_slice() else { return false };
        let count = age.split_once("(x").and_then(|(_, rest)| rest.split([' ', ')']).next()?.parse().ok());
        let body = KubeEvent {
            reason: reason.to_string(),
            container: None,
            message: message.join("  "),
            warning: *kind == "Warning",
            count: count.unwrap_or(1),
            ..self.about.clone()
        };
        self.document.events.push(Event { place: self.page.place(index, index), stamp: None, body: Body::Kube(body) });
        true
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    #[test]
    fn how_a_container_ended_and_the_table_of_events() {
        let text = "Name:   api-1\nNamespace:  shop\nContainers:\n  api:\n    State:   Waiting\n      Reason:  CrashLoopBackOff\n    Last State:  Terminated\n      Reason:  OOMKilled\n      Exit Code:  137\n      Finished:  Thu, 23 Jan 2025 12:33:19 +0100\n    Ready:  False\n    Restart Count:  2\nEvents:\n  Type  Reason  Age  From  Message\n  Warning  BackOff  2m (x5 over 9m)  kubelet  Back-off restarting\n";
        let document = read_whole("d.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a document");
        let seen = document.events.iter().map(|e| match &e.body {
            Body::Kube(k) => (k.reason.as_str(), k.count, k.exit_code, e.place.line, e.place.last_line),
            other => panic!("{other:?}"),
        });
        let seen: Vec<_> = seen.collect();
        assert_eq!(seen, [("CrashLoopBackOff", 2, None, 5, 6), ("OOMKilled", 2, Some(137), 7, 10), ("BackOff", 5, None, 15, 15)]);
        assert!(matches!(&document.events[1].body, Body::Kube(k) if k.container.as_deref() == Some("api") && k.last.is_some()));
    }

    #[test]
    fn what_is_wrong_with_a_node_and_a_deployment() {
        let text = "Name:               node-7\nRoles:              <none>\nLabels:             a=b\nConditions:\n  Type             Status  LastHeartbeatTime                 LastTransitionTime                Reason                        Message\n  ----             ------  -----------------                 ------------------                ------                        -------\n  MemoryPressure   True    Wed, 01 Jan 2025 00:00:05 +0000   Wed, 01 Jan 2025 00:00:01 +0000   KubeletHasInsufficientMemory  kubelet has insufficient memory\n  Ready            True    Wed, 01 Jan 2025 00:00:05 +0000   Wed, 01 Jan 2025 00:00:01 +0000   KubeletReady                  kubelet is posting ready status\n\nName:          cart\nNamespace:     shop\nReplicas:      3 desired | 3 updated | 3 total | 1 available | 2 unavailable\nStrategyType:  RollingUpdate\nConditions:\n  Type           Status  Reason\n  ----           ------  ------\n  Available      False   MinimumReplicasUnavailable\nEvents:\n  Type    Reason             Age   From                   Message\n  Normal  ScalingReplicaSet  10m   deployment-controller  Scaled up\n";
        let document = read_whole("d.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a document");
        let seen = document.events.iter().map(|e| match &e.body {
            Body::Kube(k) => (k.kind.as_str(), k.name.as_str(), k.reason.as_str(), k.message.as_str(), e.place.line),
            other => panic!("{other:?}"),
        });
        let expected = [
            ("Node", "node-7", "KubeletHasInsufficientMemory", "MemoryPressure is True: kubelet has insufficient memory", 7),
            ("Deployment", "cart", "ReplicasUnavailable", "2 of 3 replicas unavailable", 12),
            ("Deployment", "cart", "MinimumReplicasUnavailable", "Available is False", 17),
            ("Deployment", "cart", "ScalingReplicaSet", "Scaled up", 20),
        ];
        assert_eq!(seen.collect::<Vec<_>>(), expected);
        assert_eq!(document.events[0].stamp.map(|s| s.micros), Some(1_735_689_601_000_000));
    }
}
