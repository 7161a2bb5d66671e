//! Who has to do with whom: calls that spans show, logs by their services, workloads by their pods.
//!
//! Each is looked up for every pair of services and for every event, and there may be thousands of them: all is gathered
//! once. Must never decide what a tie means. What breaks it: nothing but names that several services share.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{KubeEvent, Span};

use crate::entities::Entities;
use crate::scene::{At, Scene};

#[derive(Debug, Default)]
pub struct Ties {
    /// By who serves and who asks: the first span that shows it.
    calls: Pairs,
    /// The same where a span only names its peer.
    peers: Pairs,
    /// By service: the digests of its own logs.
    logs: BTreeMap<String, Vec<usize>>,
    /// Services of which something else than a machine's log tells.
    of_their_own: BTreeSet<String>,
    /// Names of what owns pods.
    workloads: BTreeSet<String>,
    /// Nodes by the name shown.
    nodes: BTreeSet<String>,
    /// By each part of a name between hyphens: how many services have it.
    parts: BTreeMap<String, usize>,
}

impl Ties {
    pub fn of(scene: &Scene) -> Ties {
        let (calls, peers) = of_spans(&scene.spans, &scene.entities);
        let mut logs: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (n, digest) in scene.digests.iter().enumerate() {
            if let Some(service) = scene.entities.of_source(digest.source) {
                logs.entry(service.to_string()).or_default().push(n);
            }
        }
        let objects = || scene.states.iter().map(|(_, s)| s).chain(scene.kube.iter().map(|k| &k.what));
        let of_kind = |is_one: &dyn Fn(&str) -> bool, name: &dyn Fn(&KubeEvent) -> String| -> BTreeSet<String> {
            objects().filter(|o| is_one(&o.kind)).map(name).collect()
        };
        let mut parts = BTreeMap::new();
        for name in scene.entities.all() {
            for part in name.split('-').collect::<BTreeSet<_>>() {
                *parts.entry(part.to_string()).or_default() += 1;
            }
        }
        let of_their_own = of_their_own(scene, &logs);
        Ties {
            calls,
            peers,
            logs,
            of_their_own,
            workloads: of_kind(&|kind| matches!(kind, "Deployment" | "StatefulSet" | "DaemonSet"), &|o| o.name.clone()),
            nodes: of_kind(&|kind| kind == "Node", &|o| scene.entities.name(&o.name)),
            parts,
        }
    }

    /// The first span by which `from` serves `to`: a child in `from` of a span of `to`, else one of `to` that names it.
    pub fn call(&self, from: &str, to: &str) -> Option<usize> {
        let of = |pairs: &Pairs| pairs.get(from).and_then(|served| served.get(to)).copied();
        of(&self.calls).or_else(|| of(&self.peers))
    }

    /// All pairs of which one calls the other.
    pub fn calls(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.calls.iter().chain(&self.peers);
        all.flat_map(|(from, served)| served.keys().map(move |to| (from.as_str(), to.as_str())))
    }

    /// The digests of the logs that a service writes itself.
    pub fn logs(&self, service: &str) -> &[usize] {
        self.logs.get(service).map_or(&[], Vec::as_slice)
    }

    /// It has a log, spans, changes, pods or alarms.
    pub fn is_of_its_own(&self, service: &str) -> bool {
        self.of_their_own.contains(service) || self.workloads.contains(service)
    }

    /// The workload with the longest name that a pod's name begins with.
    pub fn workload(&self, pod: &str) -> Option<&str> {
        let ends = pod.char_indices().rev().filter(|(_, c)| *c == '-');
        ends.filter_map(|(end, _)| self.workloads.get(&pod[..end])).map(String::as_str).next()
    }

    pub fn is_node(&self, name: &str) -> bool {
        self.nodes.contains(name)
    }

    /// Whether one service alone has this part in its name.
    pub fn is_telling(&self, part: &str) -> bool {
        self.parts.get(part) == Some(&1)
    }
}

fn of_their_own(scene: &Scene, logs: &BTreeMap<String, Vec<usize>>) -> BTreeSet<String> {
    let named = |name: &Option<String>| name.as_deref().map(|name| scene.entities.name(name));
    let spans = scene.spans.iter().map(|s| scene.entities.name(&s.what.service));
    let deploys = scene.deploys.iter().filter_map(|d| named(&d.what.service));
    let alerts = scene.alerts.iter().filter_map(|a| named(&a.what.service));
    let pages = scene.pages.iter().filter_map(|p| named(&p.what.service));
    logs.keys().cloned().chain(spans).chain(deploys).chain(alerts).chain(pages).collect()
}

/// By both names.
type Pairs = BTreeMap<String, BTreeMap<String, usize>>;

fn of_spans(spans: &[At<Span>], entities: &Entities) -> (Pairs, Pairs) {
    let (mut calls, mut peers) = (Pairs::new(), Pairs::new());
    let names: Vec<String> = spans.iter().map(|span| entities.name(&span.what.service)).collect();
    // Several spans may have one id.
    let mut by_id: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (span, name) in spans.iter().zip(&names) {
        by_id.entry(span.what.span.as_str()).or_default().insert(name);
    }
    for (n, (span, name)) in spans.iter().zip(&names).enumerate() {
        let parents = span.what.parent.as_deref().and_then(|parent| by_id.get(parent));
        for asks in parents.into_iter().flatten() {
            calls.entry(name.clone()).or_default().entry(asks.to_string()).or_insert(n);
        }
        if let Some(peer) = &span.what.peer {
            peers.entry(entities.name(peer)).or_default().entry(name.clone()).or_insert(n);
        }
    }
    (calls, peers)
}
