//! Who was not there when it was asked: its callers find nobody at its address, and of itself it tells nothing.
//!
//! What it sees: the one known service, or the one product, that such failures name. Why it matters: whoever asks in vain is the first to
//! fail, and is well; what is down writes no error. When it misleads: a caller with a wrong address, or a path between the two
//! that is cut; so it says where to look, and not why.

use crate::entities;
use crate::incident::Incident;
use crate::signatures::Signature;
use crate::targets::stores;

/// Failures of which the other side has no process that listens, or no way to it.
const NOBODY: [&str; 4] = ["conn_refused", "no_endpoints", "db_down", "redis_down"];
/// Those of them that are of a store of data, whatever it is called.
const STORES: [&str; 2] = ["db_down", "redis_down"];

/// The one whom these failures name and who tells of no failure itself.
pub fn of(incident: &Incident<'_>, failures: &[usize]) -> Option<String> {
    let is_gone = |i: &&usize| incident.signals[**i].hits.iter().any(|s| NOBODY.contains(&s.id.as_str()));
    let mut failing = failures.iter().filter(is_gone).peekable();
    failing.peek()?;
    let mut named: Vec<&String> =
        failing.clone().flat_map(|i| incident.named(*i)).filter(|name| is_silent(incident, name)).collect();
    named.sort();
    named.dedup();
    match named.as_slice() {
        [one] => Some((*one).clone()),
        [] => failing.find_map(|i| store(incident, *i)),
        _ => None,
    }
}

/// The product that a failure of a store is of, where no store has a name.
fn store(incident: &Incident<'_>, failure: usize) -> Option<String> {
    let signal = &incident.signals[failure];
    let is_store = |s: &&'static Signature| STORES.contains(&s.id.as_str());
    signal.hits.iter().any(is_store).then(|| stores::product_in(&signal.texts)).flatten().map(str::to_string)
}

/// Families of failures in which somebody else did not answer.
const OTHER_SIDE: [&str; 6] = ["network", "timeout", "db", "cache", "queue", "grpc"];

/// Whom one failing record asked in vain: a known service that tells of no failure itself.
pub fn asked_by<'i>(incident: &'i Incident<'_>, failure: usize) -> Option<&'i str> {
    let is_told = incident.signals[failure].hits.iter().any(|s| OTHER_SIDE.contains(&s.family.as_str()));
    let mut named = incident.named(failure).iter().filter(|name| is_silent(incident, name));
    named.next().filter(|_| is_told && named.next().is_none()).map(String::as_str)
}

fn is_silent(incident: &Incident<'_>, name: &str) -> bool {
    incident.hurt(name).is_none()
        && incident.scene.ties().is_of_its_own(name)
        && !entities::is_proxy(name)
        && !incident.scene.is_node(name)
}
