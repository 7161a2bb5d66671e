//! Which sources are parts of one log that was cut by time: `access.log.1` and `access.log`, an archive for each hour.
//!
//! What it sees: names that differ in numbers alone, and which part begins where another ends. Why it matters: an incident at the full
//! hour lies in two parts, and a share of failures is one of all requests. Must never take logs that were written side by side for
//! one: they overlap. When it misleads: logs of two machines of which one took over from the other.

use std::collections::BTreeMap;

use evidence::Moment;

use crate::digest::Digest;
use crate::scene::Scene;

/// A part may begin so many seconds before the one ahead of it ends: what is cut by size is not cut at a moment.
const OVERLAP_S: f64 = 5.0;

/// The logs that have requests, each with its parts in the order of time.
pub fn logs(scene: &Scene) -> Vec<Vec<&Digest>> {
    let mut logs: Vec<Vec<&Digest>> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for digest in scene.digests.iter().filter(|digest| !digest.requests.is_empty()) {
        let at = *known.entry(key(&digest.name)).or_insert(logs.len());
        logs.resize(logs.len().max(at + 1), Vec::new());
        logs[at].push(digest);
    }
    logs.into_iter().flat_map(|parts| apart(scene, parts)).collect()
}

/// The parts as one log, or each as its own.
fn apart<'s>(scene: &Scene, parts: Vec<&'s Digest>) -> Vec<Vec<&'s Digest>> {
    match in_turn(scene, &parts) {
        Some(order) => vec![order.into_iter().map(|at| parts[at]).collect()],
        None => parts.into_iter().map(|part| vec![part]).collect(),
    }
}

/// The order in which the parts follow each other, if they do.
fn in_turn(scene: &Scene, parts: &[&Digest]) -> Option<Vec<usize>> {
    let span = |(at, digest): (usize, &&Digest)| {
        let moment = |stamp| scene.clock(digest.source).moment(stamp);
        Some((moment(digest.first?.0)?, moment(digest.last?.0)?, at))
    };
    let spans: Vec<(Moment, Moment, usize)> = parts.iter().enumerate().map(span).collect::<Option<_>>()?;
    follow(spans)
}

fn follow(mut spans: Vec<(Moment, Moment, usize)>) -> Option<Vec<usize>> {
    spans.sort();
    let follows = |two: &[(Moment, Moment, usize)]| two[1].0 >= two[0].1.plus(-OVERLAP_S);
    spans.windows(2).all(follows).then(|| spans.into_iter().map(|(.., at)| at).collect())
}

/// The name without numbers and what tells how it is packed.
fn key(name: &str) -> String {
    let packed = [".gz", ".zst", ".bz2", ".xz", ".old"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    let letters: String = packed.chars().filter(|c| !c.is_ascii_digit()).collect();
    let plain = letters.trim_end_matches(['.', '-', '_']);
    let mut key = String::with_capacity(plain.len());
    // `access-2025-03-01.log` beside `access.log`.
    for (at, c) in plain.char_indices() {
        let next = plain[at + c.len_utf8()..].chars().next();
        if !(matches!(c, '-' | '_' | '.') && next.is_none_or(|next| matches!(next, '-' | '_' | '.' | 'T'))) {
            key.push(c);
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_parts_differ_in_numbers_and_in_how_they_are_packed() {
        for (one, other) in [
            ("nginx/access.log", "nginx/access.log.1"),
            ("access.log.1", "access.log.12.gz"),
            ("papertrail/2025-07-09-08.tsv.gz", "papertrail/2025-07-09-09.tsv.gz"),
            ("access-2025-03-01.log", "access.log"),
            ("lb/access_20250301.log.zst", "lb/access_20250302.log"),
        ] {
            assert_eq!(key(one), key(other), "{one} {other}");
        }
        for (one, other) in [("access.log", "error.log"), ("edge/access.log", "shop/access.log"), ("a/2025.tsv", "b/2025.tsv")] {
            assert_ne!(key(one), key(other), "{one} {other}");
        }
    }

    #[test]
    fn parts_follow_each_other_and_logs_side_by_side_do_not() {
        let span = |from: i64, to: i64, at: usize| (Moment::from_seconds(from), Moment::from_seconds(to), at);
        assert_eq!(follow(vec![span(3_600, 7_199, 0), span(0, 3_600, 1)]), Some(vec![1, 0]));
        assert_eq!(follow(vec![span(0, 3_602, 0), span(3_600, 7_000, 1)]), Some(vec![0, 1]), "cut by size");
        assert_eq!(follow(vec![span(0, 3_600, 0), span(10, 3_590, 1)]), None);
    }
}
