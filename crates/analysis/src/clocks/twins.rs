//! The log of a server's errors without zone beside its own log of accesses with one: both are in the time of that machine.
//!
//! What it sees: names that differ in nothing but `error` and `access`, in one folder. Why it matters: web servers write a zone into
//! the one and none into the other, and what failed stands an hour beside the requests that failed. It must never look at any other
//! pair of names. When it misleads: a server whose log of accesses was given another zone by hand.

use evidence::{Basis, Clock, Moment};

use super::{Span, offset_word};
use crate::digest::Digest;

/// Gives the zone of the one to the other where they then lie together.
pub fn set(digests: &[Digest], spans: &[Option<Span>], clocks: &mut [Clock]) {
    for index in 0..digests.len() {
        let is_open = clocks[index].offset_s == 0 && digests[index].basis() == Some(Basis::Civil);
        let Some(span) = spans[index].filter(|_| is_open) else { continue };
        let zoned = |other: &usize| {
            digests[*other].basis() == Some(Basis::Zoned) && are_twins(&digests[index].name, &digests[*other].name)
        };
        let Some(other) = (0..digests.len()).find(zoned) else { continue };
        let Some((_, zone)) = digests[other].written_zone.filter(|(_, zone)| *zone != 0) else { continue };
        let moved = Clock { offset_s: zone, ..clocks[index].clone() };
        let ends = |span: Span, clock: &Clock| {
            Some((clock.moment(span.first).map(Moment::seconds)?, clock.moment(span.last).map(Moment::seconds)?))
        };
        let Some((own, beside)) = ends(span, &moved).zip(spans[other].and_then(|span| ends(span, &clocks[other]))) else {
            continue;
        };
        if own.0 <= beside.1 && own.1 >= beside.0 {
            clocks[index] = Clock {
                zone: offset_word(zone),
                basis: "no zone written; that of the log of accesses of the same server".into(),
                uncertainty_s: 2,
                ..moved
            };
        }
    }
}

/// `lb/error.log` and `lb/access.log`, packed or not.
fn are_twins(errors: &str, accesses: &str) -> bool {
    let bare = |name: &str| {
        let name = name.split('!').next().unwrap_or(name).to_lowercase();
        [".gz", ".zst", ".bz2", ".xz"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name).to_string()
    };
    let (errors, accesses) = (bare(errors), bare(accesses));
    accesses.contains("access")
        && errors.contains("error")
        && (errors.replace("errors", "access") == accesses || errors.replace("error", "access") == accesses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_errors_of_a_server_are_told_by_the_name_of_its_accesses() {
        assert!(are_twins("lb/error.log", "lb/access.log.gz") && are_twins("shop_ssl_error_log", "shop_ssl_access_log"));
        assert!(!are_twins("lb/error.log", "web/access.log") && !are_twins("lb/app.log", "lb/access.log"));
        assert!(!are_twins("lb/error.log", "lb/error.log"));
    }
}
