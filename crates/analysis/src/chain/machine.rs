//! Who was harmed by a machine: the workloads that it put out, and those that found no place any more.
//!
//! What it sees: evictions and refused placements that an orchestrator reports while a machine's trouble is held to be the cause. Why it
//! matters: a workload that was put out writes nothing, and nobody who calls it need be among the logs. When it misleads: a
//! workload that is put out for its own sake; so the trouble has to be that of a machine.

use std::collections::BTreeMap;

use crate::findings::{Hypothesis, Places};
use crate::incident::Incident;
use crate::signals::SignalKind;

/// Signs that an orchestrator takes a workload from a machine, or finds none for it.
const SIGNS: [&str; 3] = ["evicted", "sched_fail", "node_pressure"];
/// More are told as a number elsewhere.
const MOST: usize = 12;

/// Each with the record that shows it.
pub fn harmed(incident: &Incident<'_>, best: Option<&Hypothesis>) -> Vec<(String, Places)> {
    if !best.and_then(|h| h.signature).is_some_and(|s| s.family == "node") {
        return Vec::new();
    }
    let mut found: BTreeMap<String, Places> = BTreeMap::new();
    for (index, signal) in incident.signals.iter().enumerate().filter(|(i, _)| incident.shares[*i].excess) {
        let is_put_out = signal.kind == SignalKind::Kube && signal.hits.iter().any(|s| SIGNS.contains(&s.id.as_str()));
        let Some(name) = signal.service.as_ref().filter(|name| is_put_out && !incident.scene.is_node(name)) else { continue };
        found.entry(name.clone()).or_insert_with(|| incident.first_places(index).few(1));
    }
    found.into_iter().take(MOST).collect()
}
