//! Tables that one tool exported have one zone: what one of them turned out to have, the other in the same folder has, too.
//!
//! What it sees: documents beside each other, of the same kind of file, that write no zone. Why it matters: the list of changes of a
//! service desk has two or three rows, too few to tell a zone by, and read as UTC its release lies behind the failure that it brought. It
//! must never know what a table tells. When it misleads: a folder in which tables of several tools were gathered.

use std::collections::BTreeSet;

use evidence::{Basis, Clock};

use super::{QUARTER, UNKNOWN, written};
use crate::digest::Digest;

pub fn set(digests: &[Digest], clocks: &mut [Clock]) {
    let is_table = |index: usize| {
        let digest = &digests[index];
        digest.first.is_none()
            && !digest.events.is_empty()
            && matches!(written(digest), Some(Basis::Civil | Basis::CivilNoYear))
            && place(&digest.name).is_some()
    };
    let open: Vec<usize> = (0..digests.len())
        .filter(|i| is_table(*i) && clocks[*i].basis.starts_with(UNKNOWN) && clocks[*i].offset_s == 0)
        .collect();
    for index in open {
        let beside =
            |other: &usize| *other != index && is_table(*other) && place(&digests[*other].name) == place(&digests[index].name);
        // Those of which something told the zone; another one of which nothing is known says nothing.
        let told = |other: &usize| !clocks[*other].basis.starts_with(UNKNOWN);
        let known: BTreeSet<i64> = (0..digests.len()).filter(beside).filter(told).map(|o| clocks[o].offset_s).collect();
        let mut zones = known.into_iter();
        let (Some(zone), None) = (zones.next().filter(|zone| *zone != 0 && zone % QUARTER == 0), zones.next()) else { continue };
        let Some(other) = (0..digests.len()).find(|o| beside(o) && clocks[*o].offset_s == zone) else { continue };
        clocks[index] = Clock {
            offset_s: zone,
            zone: clocks[other].zone.clone(),
            basis: format!("no zone written; exported beside {}, and guessed to have its zone", digests[other].name),
            uncertainty_s: clocks[other].uncertainty_s.max(60),
            ..clocks[index].clone()
        };
    }
}

/// The folder and how the name ends: `desk/changes.csv` and `desk/incidents.csv`.
fn place(name: &str) -> Option<(&str, &str)> {
    let (folder, file) = name.rsplit_once('/')?;
    Some((folder, file.rsplit_once('.')?.1))
}

#[cfg(test)]
mod tests {
    use evidence::{AlertState, Body, Event, Moment, RecordRef, SourceId, Stamp};

    use super::*;

    #[test]
    fn a_table_has_the_zone_of_the_one_that_was_exported_beside_it() {
        let table = |name: &str| {
            let source = SourceId { input: 0, entry: 0 };
            let mut digest = Digest::new(source, name);
            let place = RecordRef { source, start: 0, end: 1, line: 1, last_line: 1 };
            let stamp = Some(Stamp::new(1_000 * Moment::SECOND, Basis::Civil));
            digest.events.push(Event { place, stamp, body: Body::Alert(AlertState::default()) });
            digest
        };
        let offset = |own: &str, others: &[(&str, i64, &str)]| {
            let digests: Vec<Digest> = [table(own)].into_iter().chain(others.iter().map(|(name, ..)| table(name))).collect();
            let clock = |offset_s, basis: &str| Clock { offset_s, basis: basis.into(), ..Clock::trusted() };
            let known = others.iter().map(|(_, offset, basis)| clock(*offset, basis));
            let mut clocks: Vec<Clock> = [clock(0, UNKNOWN)].into_iter().chain(known).collect();
            set(&digests, &mut clocks);
            clocks[0].offset_s
        };
        assert_eq!(offset("desk/changes.csv", &[("desk/incidents.csv", 3_600, "told")]), 3_600);
        assert_eq!(offset("desk/changes.csv", &[("net/incidents.csv", 3_600, "told")]), 0, "another folder");
        assert_eq!(offset("desk/changes.csv", &[("desk/a.csv", 3_600, "told"), ("desk/b.csv", 7_200, "told")]), 0, "two zones");
        assert_eq!(offset("changes.csv", &[("incidents.csv", 3_600, "told")]), 0, "a heap of files is no export");
    }
}
