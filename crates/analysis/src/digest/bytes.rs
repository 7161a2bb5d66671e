//! A digest as bytes, so that parts of a source can be counted elsewhere and joined here.
//!
//! Must never be taken from whoever one does not trust: a sum tells damage and other versions, not intent. What breaks it:
//! a digest that was settled; it has been told and cannot be joined any more.

use std::fmt;

use twox_hash::XxHash64;

use super::Digest;

/// What the bytes begin with. The number changes with every change of what is kept.
const MARK: &[u8] = b"casefile.digest/8\n";
/// Bytes of the sum that follows.
const SUM: usize = 8;

/// Bytes that are no digest of this version, or damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// They do not begin like a digest of this version.
    Foreign,
    Damaged,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unreadable::Foreign => "these bytes are no digest of this version",
            Unreadable::Damaged => "this digest is damaged",
        })
    }
}

impl std::error::Error for Unreadable {}

impl Digest {
    /// What was counted so far, to be joined with other parts of the source.
    pub fn to_bytes(mut self) -> Vec<u8> {
        self.end_course();
        // Into memory, of types that can all be written: there is nothing that could fail.
        let body = postcard::to_stdvec(&self).unwrap_or_default();
        [MARK, &XxHash64::oneshot(0, &body).to_le_bytes(), &body].concat()
    }

    /// The digest that these bytes are of.
    pub fn from_bytes(bytes: &[u8]) -> Result<Digest, Unreadable> {
        let (sum, body) = bytes.strip_prefix(MARK).and_then(|rest| rest.split_first_chunk::<SUM>()).ok_or(Unreadable::Foreign)?;
        if u64::from_le_bytes(*sum) != XxHash64::oneshot(0, body) {
            return Err(Unreadable::Damaged);
        }
        postcard::from_bytes(body).map_err(|_| Unreadable::Damaged)
    }
}

#[cfg(test)]
mod tests {
    use evidence::{Basis, Http, Level, Moment, Record, RecordRef, Sink, SourceId, Stamp};
    use proptest::prelude::*;

    use super::*;

    const SOURCE: SourceId = SourceId { input: 0, entry: 0 };

    /// A record that follows from its number and a few choices.
    fn record(line: u64, (kind, service, second, status): (u8, u8, i64, u16)) -> Record<'static> {
        let failed = kind % 3 == 0;
        let path = ["/a", "/a/b/7", "/cart/items/9", "/x"][usize::from(service % 4)];
        Record {
            place: RecordRef { source: SOURCE, start: line * 10, end: line * 10 + 9, line, last_line: line },
            stamp: (kind != 7).then(|| Stamp::new(second * Moment::SECOND + i64::from(kind), Basis::Zoned)),
            stamp_text: None,
            level: Some(if failed { Level::Error } else { Level::Info }),
            service: (service > 0).then(|| format!("svc-{service}").into()),
            instance: Some(format!("pod-{}", service % 3).into()),
            message: format!("message of kind {} took {second} ms", ["one", "two", "three"][usize::from(kind % 3)]).into(),
            trace: Some(format!("t{}", second % 5).into()),
            http: Some(Http { path: Some(path.into()), status: Some(status), ..Http::default() }),
            user: Some(format!("u{service}").into()),
            format: "text",
            fields: vec![("upstream".into(), format!("db-{}", kind % 4).into())],
        }
    }

    fn digest(records: &[Record<'_>]) -> Digest {
        let mut digest = Digest::new(SOURCE, "a.log");
        records.iter().for_each(|record| digest.record(record));
        digest
    }

    /// Everything that is told of a digest.
    fn told(digest: Digest) -> String {
        let mut d = digest.settled();
        let strays = d.leave_strays();
        let bins: Vec<String> = d.patterns.iter().map(|p| format!("{:?}", p.bins.written().collect::<Vec<_>>())).collect();
        let begins: Vec<String> = d.patterns.iter().map(|p| format!("{:?}", p.begins.written().collect::<Vec<_>>())).collect();
        let requests: Vec<String> =
            d.requests.iter().map(|(k, r)| format!("{k} {:?} {:?}", r.basis, r.bins.written().collect::<Vec<_>>())).collect();
        let patterns: Vec<_> = d
            .patterns
            .iter()
            .map(|p| (&p.template, p.level, &p.service, p.count, p.basis, &p.first, p.last, &p.exemplars))
            .collect();
        format!(
            "{patterns:?} {bins:?} {begins:?} {requests:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {strays:?} {:?}",
            (d.records, d.quotes, d.stamped),
            (d.first, d.last),
            d.dates,
            d.services,
            d.instances,
            d.peers,
            d.traces,
            d.failed_users,
            d.basis(),
            d.other_patterns,
            d.other_names
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn parts_joined_in_any_order_through_bytes_or_not_are_the_whole(
            choices in proptest::collection::vec((0..8_u8, 0..6_u8, 0..3_000_i64, prop_oneof![Just(200_u16), Just(503)]), 1..80),
            parts in proptest::collection::vec(0..4_usize, 80),
            through_bytes in any::<bool>(),
            backwards in any::<bool>(),
        ) {
            // A part begins with a record that has a time, as pieces do.
            let mut choices = choices;
            choices.iter_mut().for_each(|c| c.0 = c.0.min(6));
            let records: Vec<Record<'_>> = (1..).zip(choices).map(|(line, choice)| record(line, choice)).collect();
            let mut cut: Vec<Vec<Record<'_>>> = vec![Vec::new(); 4];
            records.iter().zip(&parts).for_each(|(record, part)| cut[*part].push(record.clone()));
            let mut digests: Vec<Digest> = cut.iter().map(|part| digest(part)).collect();
            if through_bytes {
                digests = digests.into_iter().map(|d| Digest::from_bytes(&d.to_bytes()).unwrap()).collect();
            }
            if backwards {
                digests.reverse();
            }
            let joined = digests.into_iter().reduce(|mut one, other| { one.join(other); one }).unwrap();
            prop_assert_eq!(told(joined), told(digest(&records)));
        }

        #[test]
        fn damaged_bytes_are_no_digest(at in 0..400_usize, bit in 0..8_u8) {
            let good = digest(&[record(1, (1, 1, 1, 200)), record(2, (0, 2, 5, 503))]).to_bytes();
            prop_assert!(Digest::from_bytes(&good).is_ok());
            prop_assert!(Digest::from_bytes(&good[..at.min(good.len() - 1)]).is_err());
            let mut bad = good.clone();
            let at = at % bad.len();
            bad[at] ^= 1 << bit;
            prop_assert!(Digest::from_bytes(&bad).is_err());
        }
    }
}
