//! Names of services that hold digits, each with a record that has the name.
//!
//! A digit of a name is no number, but a reader who checks every digit must find it: a sentence that says such a name
//! cites a record that has it. Must never know what the sentence claims. A name that stands in no record stays without.

use std::collections::{BTreeMap, BTreeSet};

use analysis::findings::{Findings, Places};
use evidence::RecordRef;

use super::Quotes;

/// Each name with digits, and the first known place whose words or source have it.
pub fn of(findings: &Findings, quotes: &dyn Quotes) -> BTreeMap<String, RecordRef> {
    let mut found = BTreeMap::new();
    for name in names(findings) {
        let place =
            places(findings, &name).into_iter().find(|place| quotes.quote(*place).is_some_and(|q| q.text.contains(&name)));
        if let Some(place) = place {
            found.insert(name, place);
        }
    }
    found
}

/// Where a service is known to have failed or been harmed.
pub fn shown_at(findings: &Findings, service: &str) -> Option<Places> {
    let harmed = findings.blast_radius.iter().chain(&findings.first_failing);
    let own = harmed.filter(|(name, _)| name == service).map(|(_, places)| places.few(1)).next();
    own.or_else(|| findings.samples.iter().find(|s| s.service.as_deref() == Some(service)).map(|s| s.places.few(1)))
}

fn names(findings: &Findings) -> BTreeSet<String> {
    let listed =
        findings.services.iter().chain(findings.blast_radius.iter().chain(&findings.first_failing).map(|(name, _)| name));
    let causes = findings.hypotheses.iter().flat_map(|h| {
        let seen = h.failure.iter().filter_map(|f| f.service.as_ref());
        h.service.iter().chain(seen).chain(h.change.iter().filter_map(|c| c.service.as_ref()))
    });
    let edges = findings.chain.iter().flat_map(|e| [&e.from, &e.to]);
    listed.chain(causes).chain(edges).filter(|n| n.contains(|c: char| c.is_ascii_digit())).cloned().collect()
}

/// Places that may have the name, the likeliest first.
fn places(findings: &Findings, name: &str) -> Vec<RecordRef> {
    let own = shown_at(findings, name).into_iter().flat_map(|p| p.iter().copied().collect::<Vec<_>>());
    let causes = findings.hypotheses.iter().flat_map(|h| {
        let failure = h.failure.iter().flat_map(|f| f.places.iter());
        let change = h.change.iter().flat_map(|c| c.places.iter());
        h.places.iter().chain(failure).chain(change)
    });
    let told = findings.timeline.iter().flat_map(|h| h.places.iter());
    let edges = findings.chain.iter().flat_map(|e| e.places.iter());
    own.chain(causes.chain(edges).chain(told).copied()).collect()
}
