//! What somebody looked up shows what a change brings about: packets of a ping that are lost after a change of their size.
//!
//! What it sees: outputs of commands without a time, beside what the diffs of changes do. Why it matters: clients only tell that
//! they waited, and whoever looked closer has the answer in a file. When it misleads: a look at another machine; so it counts
//! little, and only for a change that alone is a plausible outage of that kind.

use crate::changes::Candidate;
use crate::diffs;
use crate::findings::{Reason, Term};
use crate::incident::{Incident, places_of};
use crate::signals::{Signal, SignalKind};
use crate::signatures::{Role, Signature};
use crate::weights;

/// How plausible an outage by such a change has to be.
const PLAUSIBLE: f64 = 0.8;

/// The look that shows a failure of the kind that the change is known for, and that kind.
pub fn at(incident: &Incident<'_>, candidate: &Candidate) -> Option<(Term, &'static Signature)> {
    let commit = &incident.scene.commits[candidate.commit?].what;
    let families = first_families(&diffs::read(commit).changes);
    let mut notes = incident.signals.iter().filter(|s| s.kind == SignalKind::Note);
    let (signal, signature) = notes.find_map(|s| Some((s, cause_among(s, &families)?)))?;
    let reason = Reason::Specific { words: signal.words.clone(), signature };
    let places = candidate.places.few(1).and(&places_of(signal).few(1));
    Some((Term { name: "what was looked up shows it", value: weights::SEEN, reason, places }, signature))
}

/// What the changes of a diff are known for first.
fn first_families(changes: &[diffs::Change]) -> Vec<&'static str> {
    let plausible = changes.iter().filter(|change| change.kind.weight() >= PLAUSIBLE);
    plausible.filter_map(|change| change.families.first().copied()).collect()
}

fn cause_among(signal: &Signal, families: &[&'static str]) -> Option<&'static Signature> {
    signal.hits.iter().copied().find(|s| s.role == Role::Cause && families.contains(&s.family.as_str()))
}

#[cfg(test)]
mod tests {
    use evidence::{Commit, FileDiff};

    use super::*;

    #[test]
    fn a_change_is_known_for_what_it_brings_about_first() {
        let of = |path: &str, patch: &str| {
            let files = vec![FileDiff { path: path.into(), patch: patch.into() }];
            first_families(&diffs::read(&Commit { files, ..Commit::default() }).changes)
        };
        assert_eq!(of("cni/flannel.yaml", "-  iface_mtu: \"1400\"\n+  iface_mtu: \"1500\"\n"), ["network"]);
        assert!(of("app/values.yaml", "-  greeting: \"hello\"\n+  greeting: \"good day\"\n").is_empty());
    }
}
