//! Which of the commits that one release brought stand for it.
//!
//! What it sees: candidates of one rollout, each with another commit and how well its diff explains what was seen. Why it
//! matters: a release is guilty as a whole, and its commits are no rivals of each other; the one whose diff fits is told.
//! When it misleads: a range that is longer than the release was.

use crate::changes::Candidate;
use crate::diffs::DiffMatch;
use crate::findings::ChangeKind;

/// From here on a diff speaks for its commit (`weights::diff`).
const FITS: f64 = 3.0;

/// Whether it is known which commit of a release it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    Known,
    /// None of several explains the failure better than the others.
    AnyOf,
}

/// Of each release those whose diff fits, else the nearest one in the name of all; what is no release as it is.
pub fn guilty(all: Vec<(&Candidate, Option<DiffMatch>)>) -> Vec<(&Candidate, Option<DiffMatch>, Commit)> {
    let values: Vec<(&Candidate, f64)> = all.iter().map(|(c, d)| (*c, d.as_ref().map_or(0.0, |d| d.value))).collect();
    let mut chosen = Vec::new();
    for (at, (candidate, diff)) in all.into_iter().enumerate() {
        let (_, own) = values[at];
        let others = || values.iter().enumerate().filter(|(n, (c, _))| *n != at && of_one_release(c, candidate));
        let better = others().any(|(n, (_, value))| *value > own || *value == own && n < at);
        match (others().next().is_some(), own >= FITS) {
            (false, _) | (_, true) => chosen.push((candidate, diff, Commit::Known)),
            (true, false) if !better => chosen.push((candidate, diff, Commit::AnyOf)),
            _ => {}
        }
    }
    chosen
}

fn of_one_release(one: &Candidate, other: &Candidate) -> bool {
    let key = |c: &Candidate| (c.service.clone(), c.reference.clone(), c.at);
    let released = |c: &Candidate| c.kind == ChangeKind::Deploy && c.commit.is_some();
    released(one) && released(other) && key(one) == key(other)
}

#[cfg(test)]
mod tests {
    use evidence::{Moment, RecordRef, SourceId};

    use super::*;
    use crate::findings::Places;

    fn of_release(commit: usize) -> Candidate {
        let place = RecordRef { source: SourceId { input: 0, entry: 0 }, start: 0, end: 1, line: 1, last_line: 1 };
        Candidate {
            kind: ChangeKind::Deploy,
            service: Some("stock".into()),
            reference: Some("v2.1.0".into()),
            at: Moment(0),
            commit: Some(commit),
            places: Places::one(place),
            dated: true,
            undone: None,
        }
    }

    fn chosen(values: &[f64]) -> Vec<(Option<usize>, Commit)> {
        let candidates: Vec<Candidate> = (0..values.len()).map(of_release).collect();
        let diffs = values.iter().map(|v| Some(DiffMatch { value: *v, ..DiffMatch::default() }));
        guilty(candidates.iter().zip(diffs).collect()).into_iter().map(|(c, _, told)| (c.commit, told)).collect()
    }

    #[test]
    fn a_release_is_told_by_the_commit_that_fits() {
        assert_eq!(chosen(&[0.4, 5.0, 1.0]), [(Some(1), Commit::Known)]);
        assert_eq!(chosen(&[0.4]), [(Some(0), Commit::Known)]);
    }

    #[test]
    fn where_none_fits_none_is_told() {
        assert_eq!(chosen(&[0.4, 1.0, 1.0]), [(Some(1), Commit::AnyOf)]);
    }
}
