//! What the name of a pod says about the workload it belongs to.
//!
//! Must never guess from a plain host name: only the suffixes that a scheduler appends are taken off. What breaks it: a
//! workload whose own name ends in five letters without a vowel.

/// The workload of a pod: `checkout-api-7c9d8b6f5d-x2k4p`, `checkout-api-pod-vhcm2` and `ledger-0` without what was
/// appended. `None` when nothing was, so that a plain host name is not taken for a service.
pub fn workload(pod: &str) -> Option<&str> {
    let (rest, last) = pod.rsplit_once('-')?;
    if last.len() == 5 && is_random(last) {
        if let Some((base, middle)) = rest.rsplit_once('-')
            && (middle == "pod" || (5..=10).contains(&middle.len()) && is_hash(middle))
            && !base.is_empty()
        {
            return Some(base);
        }
        return (!rest.is_empty() && last.bytes().any(|b| b.is_ascii_digit())).then_some(rest);
    }
    None
}

/// The set's name of `ledger-0`, the workload of any other pod's name.
pub fn workload_of_pod(pod: &str) -> Option<&str> {
    if let Some(found) = workload(pod) {
        return Some(found);
    }
    let (rest, last) = pod.rsplit_once('-')?;
    (!rest.is_empty() && !last.is_empty() && last.len() <= 3 && last.bytes().all(|b| b.is_ascii_digit())).then_some(rest)
}

fn is_random(part: &str) -> bool {
    part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        && (part.bytes().any(|b| b.is_ascii_digit()) || !part.bytes().any(|b| b"aeiou".contains(&b)))
}

fn is_hash(part: &str) -> bool {
    part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) && part.bytes().any(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_scheduler_appended_is_taken_off() {
        for (pod, want) in [
            ("checkout-api-pod-7x9m2", Some("checkout-api")),
            ("order-service-6b9f7d5c44-pjmmn", Some("order-service")),
            ("cart-6f5b9c-7jx2m", Some("cart")),
            ("node-exporter-x2k4p", Some("node-exporter")),
            ("ledger-0", Some("ledger")),
            ("db-primary", None),
            ("web", None),
        ] {
            assert_eq!(workload_of_pod(pod), want, "{pod}");
        }
        assert_eq!(workload("ip-10-3-17-44"), None);
    }
}
