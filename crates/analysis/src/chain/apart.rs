//! Services whose failure is told as a factor of its own and not as harm.
//!
//! What it sees: what contributes, and what its service failed of first. Why it matters: who ran out of connections minutes after the database
//! below stood still made it worse, and was harmed all the same. When it misleads: a service that has two troubles at a time; the
//! first one tells.

use crate::findings::Contributing;
use crate::incident::Incident;
use crate::signatures::Signature;

/// It contributes by the very kind of which it failed first.
pub fn is_apart(incident: &Incident<'_>, contributing: &[Contributing], name: &str) -> bool {
    let first = incident.hurt(name).and_then(|hurt| hurt.by_onset.first());
    let kinds = first.map(|index| incident.signals[*index].hits.as_slice());
    contributing.iter().any(|c| c.service.as_deref() == Some(name) && is_of_it(c.signature, kinds))
}

/// Where it is not known what it contributed or failed of, it is.
fn is_of_it(kind: Option<&Signature>, first: Option<&[&'static Signature]>) -> bool {
    kind.zip(first).is_none_or(|(kind, first)| first.is_empty() || first.iter().any(|hit| hit.id == kind.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signatures::Catalogue;

    #[test]
    fn who_failed_of_something_else_first_was_harmed() {
        let get = |id: &str| Catalogue::load().get(id).expect("a signature");
        let (pool, slow) = (get("pool_exhausted"), get("db_slow"));
        assert!(!is_of_it(Some(pool), Some(&[slow])), "the pool ran out later");
        assert!(is_of_it(Some(pool), Some(&[pool])) && is_of_it(Some(pool), None) && is_of_it(None, Some(&[slow])));
    }
}
