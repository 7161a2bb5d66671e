//! Which of the commits that one release brought stand for it.
//!
//! What it sees: candidates of one rollout, each with another commit and how well its diff explains what was seen. Why it
//! matters: a release is guilty as a whole, and its commits are no rivals of each other; the one whose diff fits is told.
//! When it misleads: a range that is longer than the release was.

use std::collections::BTreeSet;

use crate::changes::Candidate;
use crate::diffs::{self, DiffMatch};
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

/// Each diff with the commit that it is of. What compares two versions tells the changes of all commits between them in one
/// diff, which stands with one of them: there, whose message speaks of the telling change is it; where none does, the diff is
/// nobody's.
pub fn told_apart<'c>(
    commits: &[&evidence::Commit],
    all: Vec<(&'c Candidate, Option<DiffMatch>)>,
) -> Vec<(&'c Candidate, Option<DiffMatch>)> {
    let candidates: Vec<&Candidate> = all.iter().map(|(c, _)| *c).collect();
    let commit = |at: usize| candidates[at].commit.and_then(|index| commits.get(index));
    let has_diff = |at: usize| commit(at).is_some_and(|c| c.files.iter().any(|f| !f.patch.is_empty()));
    let mut told = all;
    for at in 0..candidates.len() {
        let beside: Vec<usize> =
            (0..candidates.len()).filter(|n| *n != at && of_one_release(candidates[*n], candidates[at])).collect();
        if beside.is_empty() || !has_diff(at) || beside.iter().any(|n| has_diff(*n)) {
            continue;
        }
        let telling = told[at].1.as_ref().zip(commit(at)).map(|(diff, commit)| telling_words(diff, commit)).unwrap_or_default();
        let shares = |n: usize| commit(n).map_or(0, |c| words(&c.message).intersection(&telling).count());
        let best = beside.iter().copied().chain([at]).map(|n| (shares(n), n)).max();
        let diff = told[at].1.take();
        let Some((most, owner)) = best.filter(|(most, _)| *most > 0) else { continue };
        let alone = beside.iter().chain([&at]).filter(|n| shares(**n) == most).count() == 1;
        if alone {
            told[owner].1 = diff;
        }
    }
    told
}

/// Words of the change that fits best.
fn telling_words(diff: &DiffMatch, commit: &evidence::Commit) -> BTreeSet<String> {
    let reading = diffs::read(commit);
    let best = diff.reasons.iter().filter(|r| r.change.is_some()).max_by(|a, b| a.value.total_cmp(&b.value));
    let change = best.and_then(|reason| reading.changes.get(reason.change?));
    change.map(|c| words(&format!("{} {} {}", c.file, c.removed, c.added))).unwrap_or_default()
}

/// Words of at least four letters, those that are joined in identifiers one by one, without the ending of a plural.
fn words(text: &str) -> BTreeSet<String> {
    let mut spaced = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        if c.is_uppercase() && before.is_lowercase() {
            spaced.push(' ');
        }
        spaced.push(c);
        before = c;
    }
    let words = spaced.split(|c: char| !c.is_alphabetic()).map(|w| w.to_lowercase().trim_end_matches('s').to_string());
    words.filter(|w| w.chars().count() >= 4).collect()
}

/// Of each release those whose diff fits, else the one that somebody owns up to (`is_owned`), else the nearest one in the name of
/// all; what is no release as it is.
pub fn guilty<'c>(
    all: Vec<(&'c Candidate, Option<DiffMatch>)>,
    is_owned: &dyn Fn(&Candidate) -> bool,
) -> Vec<(&'c Candidate, Option<DiffMatch>, Commit)> {
    let values: Vec<(&Candidate, f64)> = all.iter().map(|(c, d)| (*c, d.as_ref().map_or(0.0, |d| d.value))).collect();
    let owned: Vec<bool> = values.iter().map(|(c, _)| is_owned(c)).collect();
    let mut chosen = Vec::new();
    for (at, (candidate, diff)) in all.into_iter().enumerate() {
        let (_, own) = values[at];
        let others = || values.iter().enumerate().filter(|(n, (c, _))| *n != at && of_one_release(c, candidate));
        let better = others().any(|(n, (_, value))| *value > own || *value == own && n < at);
        let fits = others().any(|(_, (_, value))| *value >= FITS) || own >= FITS;
        let owned_others = others().filter(|(n, _)| owned[*n]).count();
        match (others().next().is_some(), own >= FITS) {
            (true, _) if !fits && owned[at] && owned_others == 0 => chosen.push((candidate, diff, Commit::Known)),
            (true, _) if !fits && owned_others == 1 && !owned[at] => {}
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
        chosen_where(values, &[])
    }

    fn chosen_where(values: &[f64], owned: &[usize]) -> Vec<(Option<usize>, Commit)> {
        let candidates: Vec<Candidate> = (0..values.len()).map(of_release).collect();
        let diffs = values.iter().map(|v| Some(DiffMatch { value: *v, ..DiffMatch::default() }));
        let is_owned = |c: &Candidate| c.commit.is_some_and(|commit| owned.contains(&commit));
        guilty(candidates.iter().zip(diffs).collect(), &is_owned).into_iter().map(|(c, _, told)| (c.commit, told)).collect()
    }

    #[test]
    fn a_release_is_told_by_the_commit_that_fits() {
        assert_eq!(chosen(&[0.4, 5.0, 1.0]), [(Some(1), Commit::Known)]);
        assert_eq!(chosen(&[0.4]), [(Some(0), Commit::Known)]);
    }

    #[test]
    fn a_diff_of_all_commits_is_of_the_one_that_speaks_of_it() {
        let commit = |message: &str, patch: &str| evidence::Commit {
            message: message.into(),
            files: vec![evidence::FileDiff { path: "src/Tray.cs".into(), patch: patch.into() }],
            ..evidence::Commit::default()
        };
        let patch = "@@ -1,2 +1,3 @@\n public Tray(Belt belt)\n+    belt.SpeedChanged += OnSpeedChanged;\n";
        let commits = [commit("Logging library 3.1 -> 4.0", patch), commit("Trays follow the belt's speed", "")];
        let commits: Vec<&evidence::Commit> = commits.iter().collect();
        let change = diffs::read(commits[0]).changes.len();
        assert!(change > 0);
        let reasons = vec![diffs::Reason { value: 3.0, says: String::new(), change: Some(0) }];
        let fits = DiffMatch { value: 5.0, reasons, ..DiffMatch::default() };
        let candidates: Vec<Candidate> = (0..2).map(of_release).collect();
        let told = told_apart(&commits, vec![(&candidates[0], Some(fits)), (&candidates[1], None)]);
        assert!(told[0].1.is_none() && told[1].1.is_some());
    }

    #[test]
    fn where_none_fits_the_one_that_somebody_owns_up_to_is_told() {
        assert_eq!(chosen_where(&[0.4, 1.0, 0.2], &[2]), [(Some(2), Commit::Known)]);
        assert_eq!(chosen_where(&[0.4, 1.0, 0.2], &[0, 2]), [(Some(1), Commit::AnyOf)], "two own up");
        assert_eq!(chosen_where(&[0.4, 5.0, 0.2], &[2]), [(Some(1), Commit::Known)], "a diff that fits says more");
    }

    #[test]
    fn where_none_fits_none_is_told() {
        assert_eq!(chosen(&[0.4, 1.0, 1.0]), [(Some(1), Commit::AnyOf)]);
    }
}
