//! From scores to a ranking, the tests that each of the best must stand, and the right to say "not determined".

use super::{Hypothesis, outsiders, people};
use crate::changes;
use crate::findings::{
    Change, ChangeKind, Check, CommitFinding, HypothesisKind, NAMED_AS_CAUSE, Places, Reason, Term, Test, TestResult,
    Undetermined,
};
use crate::incident::Incident;
use crate::signatures::Category;
use crate::weights;

pub struct Verdict {
    /// Best first: at most six, and behind them those that were suspected and refuted.
    pub hypotheses: Vec<Hypothesis>,
    pub undetermined: Option<Undetermined>,
}

/// How many are printed.
const KEPT: usize = 6;
/// And how many that people suspected and took back in vain, or cleared.
const KEPT_REFUTED: usize = 3;

pub fn decide(incident: &Incident<'_>, mut all: Vec<Hypothesis>) -> Verdict {
    still_stands(&mut all);
    behind_what_they_take_back(&mut all);
    explained_by_a_change(&mut all);
    all.sort_by(|a, b| score(b).total_cmp(&score(a)).then_with(|| a.places.first().cmp(&b.places.first())));
    once(&mut all);
    share_out(&mut all);
    for hypothesis in &mut all {
        hypothesis.terms.sort_by(|a, b| b.value.total_cmp(&a.value));
        hypothesis.tests = tests(hypothesis);
    }
    let undetermined = undetermined(incident, &all);
    if undetermined.is_some() && all.len() == 1 {
        let other = from_outside(&mut all[0]);
        all.push(other);
    }
    let mut place = 0..;
    all.retain(|h| place.next().is_some_and(|n| n < KEPT) || is_refuted(h));
    all.truncate(KEPT + KEPT_REFUTED);
    Verdict { hypotheses: all, undetermined }
}

/// A change that was taken back in vain, or that a person cleared.
fn is_refuted(hypothesis: &Hypothesis) -> bool {
    let refutes = |reason: &Reason| matches!(reason, Reason::NoReversal { .. } | Reason::Refuted { .. });
    hypothesis.kind == HypothesisKind::Change && hypothesis.terms.iter().any(|t| t.value < 0.0 && refutes(&t.reason))
}

pub fn score(hypothesis: &Hypothesis) -> f64 {
    hypothesis.terms.iter().map(|t| t.value).sum()
}

/// One change that was made in several steps, or tried more than once (a flag that is turned up, a deploy that is run again), is one
/// suspect: the step that scores best, and the last of those.
fn once(all: &mut Vec<Hypothesis>) {
    let mut kept: Vec<Hypothesis> = Vec::new();
    for hypothesis in all.drain(..) {
        let known = kept.iter_mut().find(|known| are_steps_of_one(known, &hypothesis));
        let at = |h: &Hypothesis| h.change.as_ref().map(|change| change.at);
        match known {
            Some(known) if score(&hypothesis) >= score(known) && at(&hypothesis) > at(known) => *known = hypothesis,
            Some(_) => {}
            None => kept.push(hypothesis),
        }
    }
    *all = kept;
}

fn are_steps_of_one(a: &Hypothesis, b: &Hypothesis) -> bool {
    let (Some(one), Some(other)) = (&a.change, &b.change) else { return false };
    let sha = |change: &Change| change.commit.as_ref().map(|commit| commit.sha.clone());
    let may_be_one = |a: Option<String>, b: Option<String>| a.is_none() || b.is_none() || a == b;
    matches!(one.kind, ChangeKind::Deploy | ChangeKind::Flag)
        && (one.kind, &one.reference) == (other.kind, &other.reference)
        && (one.kind == ChangeKind::Flag || a.service == b.service)
        && one.reference.is_some()
        && may_be_one(sha(one), sha(other))
}

/// The failures ended when one change was taken back: changes that still stand were not needed for that.
fn still_stands(all: &mut [Hypothesis]) {
    let reversed = all.iter().flat_map(|h| &h.terms).find(|t| t.name == "reversal" && t.value > 0.0).cloned();
    let Some(reversed) = reversed else { return };
    for hypothesis in all.iter_mut().filter(|h| h.kind == HypothesisKind::Change && !h.terms.iter().any(|t| t.name == "reversal"))
    {
        let reason = reversed.reason.clone();
        hypothesis.terms.push(Term { name: "ended without it", value: weights::STANDS, reason, places: reversed.places.clone() });
    }
}

/// Who reverts a change did not bring what that brought. Where a revert scores about as much, as where times cannot tell, the
/// other one is the suspect.
fn behind_what_they_take_back(all: &mut [Hypothesis]) {
    let brought = |h: &Hypothesis| h.change.as_ref().and_then(|c| c.commit.clone());
    let commits: Vec<(CommitFinding, f64)> = all.iter().filter_map(|h| Some((brought(h)?, score(h)))).collect();
    for hypothesis in all.iter_mut() {
        let own = score(hypothesis);
        let Some(commit) = hypothesis.change.as_ref().and_then(|c| c.commit.as_ref()) else { continue };
        let taken = commits.iter().find(|(c, other)| {
            c.sha != commit.sha && changes::is_revert_of(&commit.subject, &c.subject) && *other + weights::ABOUT_AS_MUCH > own
        });
        let Some((other, _)) = taken else { continue };
        let reason = Reason::TakesBack { change: other.sha.clone() };
        let places = Places::new(commit.place, [other.place]);
        hypothesis.terms.push(Term { name: "it takes back another one", value: weights::STANDS, reason, places });
    }
}

/// Families of failures that have a cause of their own, and what a diff that explains them is worth at least.
const BUILD_UP: [(&[&str], f64); 2] =
    [(&["disk", "memory", "pool", "cpu", "queue", "cache", "db"], 0.5), (&["network", "dns", "tls", "node"], 1.5)];

/// A failure that builds up (a full disk, spent memory) has a cause of its own: where a change explains it, "the disk was
/// full" is not the end of the story.
fn explained_by_a_change(all: &mut [Hypothesis]) {
    let explains = |h: &Hypothesis| {
        let family = h.signature?.family.clone();
        let least = BUILD_UP.iter().find(|(families, _)| families.contains(&family.as_str()))?.1;
        let diff = h.terms.iter().find(|t| t.name == "diff" && t.value >= least);
        // Or whoever made it says that this is what it did.
        let owned = h.terms.iter().find(|t| t.name == NAMED_AS_CAUSE && t.value > 0.0).filter(|_| !is_refuted(h));
        diff.or(owned).filter(|_| h.kind == HypothesisKind::Change).map(|term| (family, term.clone()))
    };
    let Some((family, diff)) = all.iter().find_map(explains) else { return };
    for hypothesis in
        all.iter_mut().filter(|h| h.kind == HypothesisKind::Failure && h.signature.is_some_and(|s| s.family == family))
    {
        hypothesis.terms.push(Term {
            name: "a change explains it",
            value: -2.5,
            reason: diff.reason.clone(),
            places: diff.places.clone(),
        });
    }
}

/// Softmax at temperature one.
fn share_out(all: &mut [Hypothesis]) {
    let top = all.first().map_or(0.0, score);
    let weights: Vec<f64> = all.iter().map(|h| (score(h) - top).exp()).collect();
    let sum: f64 = weights.iter().sum();
    for (hypothesis, weight) in all.iter_mut().zip(weights) {
        hypothesis.probability = weight / sum.max(1e-9) * weights::WITHIN_THE_INPUT;
    }
}

/// Where nothing but "something in this service" is left, what the service depends on or is given is as likely.
fn from_outside(only: &mut Hypothesis) -> Hypothesis {
    only.probability /= 2.0;
    Hypothesis { kind: HypothesisKind::External, service: None, trigger: None, change_caused: None, ..only.clone() }
}

/// The two best are too near to each other, or the best is weak, or it needs a change and none is known.
fn undetermined(incident: &Incident<'_>, all: &[Hypothesis]) -> Option<Undetermined> {
    let best = all.first()?;
    let rival = all.iter().skip(1).find(|h| !same_story(best, h));
    let lead = best.probability - rival.map_or(0.0, |r| r.probability);
    let merged: f64 = all.iter().filter(|h| same_story(best, h)).map(|h| h.probability).sum();
    let weak = merged < weights::LEAST_SHARE || lead < weights::LEAST_LEAD;
    let unexplained =
        best.kind == HypothesisKind::UnknownIn || (best.kind == HypothesisKind::Failure && best.change_caused.is_none());
    let doubted = rival.is_some_and(|r| r.kind != HypothesisKind::UnknownIn) && outsiders::is_doubted(incident);
    let lead = if people::cannot_tell(incident) { LEAD_IN_DOUBT } else { LEAD };
    let twin = all.iter().skip(1).find(|h| !same_story(best, h) && are_undone_together(best, h, lead));
    // What those who were there leave open no report closes, unless taking something back has shown it.
    let is_shown = best.terms.iter().any(|t| t.name == "reversal" && t.value > 0.0) && !others_ended_then(incident, all);
    let left_open = !is_shown && people::leaves_it_open(incident);
    if !weak && !unexplained && !doubted && !left_open && twin.is_none() {
        return None;
    }
    Some(Undetermined { check: check(incident, best, twin.or(rival)) })
}

/// A provider among the hypotheses told the end of its own trouble when ours ended: whatever was taken back then shows nothing.
fn others_ended_then(incident: &Incident<'_>, all: &[Hypothesis]) -> bool {
    let Some((end, _)) = super::last_failure(incident) else { return false };
    let is_end = |state: &str| ["monitoring", "resolved", "fixed", "completed"].iter().any(|s| state.eq_ignore_ascii_case(s));
    let told = incident.scene.statuses.iter().filter(|s| is_end(&s.what.state));
    let mut then = told.filter(|s| (-TOLD_BEFORE_S..=TOLD_AFTER_S).contains(&s.at.since(end)));
    then.any(|s| all.iter().any(|h| h.service.as_deref() == Some(incident.scene.entities.name(&s.what.provider).as_str())))
}

/// Seconds around the last failure within which a provider says that it is over.
const TOLD_BEFORE_S: f64 = 60.0;
const TOLD_AFTER_S: f64 = 300.0;
/// Seconds between two steps within which nothing tells which of them helped.
const TOGETHER_S: f64 = 60.0;
/// What else speaks for the one has to be worth so much more.
const LEAD: f64 = 1.0;
/// And where those who took them back say that they cannot know.
const LEAD_IN_DOUBT: f64 = 3.0;

/// Both changes were taken back at the same time and the failures ended: nothing but when they were made tells one from the
/// other.
fn are_undone_together(best: &Hypothesis, other: &Hypothesis, lead: f64) -> bool {
    let undone = |h: &Hypothesis| {
        h.terms.iter().find_map(|t| match t.reason {
            Reason::Reversal { seconds, .. } if t.value > 0.0 && t.name == "reversal" => Some(seconds),
            _ => None,
        })
    };
    let has_diff = |h: &Hypothesis| h.terms.iter().any(|t| t.name == "diff");
    // That one of them is not known to do it says nothing where what the other did is not here to be looked at.
    let is_one_sided = has_diff(best) != has_diff(other);
    let says_little = |t: &&Term| {
        ["reversal", "before the failure", "seen in effect"].contains(&t.name)
            || is_one_sided && matches!(t.reason, Reason::DiffUnrelated { .. }) && t.value > weights::DIFF_NEUTRAL
    };
    let rest = |h: &Hypothesis| h.terms.iter().filter(|t| !says_little(t)).map(|t| t.value).sum::<f64>();
    match (undone(best), undone(other)) {
        (Some(own), Some(theirs)) => (own - theirs).abs() <= TOGETHER_S && rest(best) - rest(other) < lead,
        _ => false,
    }
}

/// Two hypotheses that a reader would call the same: one failure seen as such and through its service.
fn same_story(a: &Hypothesis, b: &Hypothesis) -> bool {
    if a.kind == HypothesisKind::Change || b.kind == HypothesisKind::Change {
        let change = |h: &Hypothesis| h.change.as_ref().map(|c| (c.service.clone(), c.reference.clone(), c.at));
        return change(a) == change(b);
    }
    // The machine below is told under several names (its own, the cloud's): one story.
    let below = |h: &Hypothesis| {
        h.kind == HypothesisKind::Failure
            && h.signature.is_some_and(|s| s.category == Category::Infrastructure && ["node", "k8s"].contains(&s.family.as_str()))
    };
    if below(a) && below(b) {
        return true;
    }
    a.service == b.service && (a.kind == b.kind || a.signature.map(|s| &s.id) == b.signature.map(|s| &s.id))
        || (a.kind != HypothesisKind::UnknownIn
            && b.kind != HypothesisKind::UnknownIn
            && a.failure.as_ref().map(|f| f.places.first()) == b.failure.as_ref().map(|f| f.places.first()))
}

fn check(incident: &Incident<'_>, best: &Hypothesis, rival: Option<&Hypothesis>) -> Check {
    let service = best
        .service
        .clone()
        .or_else(|| incident.services.first().map(|h| h.name.clone()))
        .unwrap_or_else(|| "the failing service".into());
    if !changes::has_history(incident.scene) {
        return Check::ChangeHistory { service, before: incident.window.from };
    }
    let label = |h: &Hypothesis| h.change.as_ref().and_then(|c| c.reference.clone());
    let outside = [Some(best), rival].into_iter().flatten().find(|h| h.kind == HypothesisKind::External);
    let outside = outside.and_then(|h| h.service.clone());
    match (label(best), rival.and_then(label)) {
        (Some(first), Some(second)) if first != second => Check::CompareChanges { first, second },
        _ if best.kind == HypothesisKind::External => Check::AskProvider { provider: service },
        (Some(_), _) if outside.is_some() => Check::AskProvider { provider: outside.unwrap_or(service) },
        _ => Check::ChangeHistory { service, before: incident.window.from },
    }
}

/// The falsification tests (algorithms, 3.4), each told by one term where the input allows it.
fn tests(hypothesis: &Hypothesis) -> Vec<Test> {
    let term = |names: &[&str]| names.iter().find_map(|name| hypothesis.terms.iter().position(|t| t.name == *name));
    let test = |name: &'static str, names: &[&str]| {
        let index = term(names);
        let result = match index.map(|i| hypothesis.terms[i].value) {
            None => TestResult::NotTestable,
            Some(value) if value < -0.4 => TestResult::Failed,
            Some(_) => TestResult::Passed,
        };
        Test { name, result, term: index, fact: None }
    };
    let mut tests = vec![test("the cause comes before the effect", &["before the failure", "effect before cause"])];
    tests.push(match term(&["taken back after the end"]) {
        // What came after the end is no proof.
        Some(late) => {
            Test { name: "what was done about it ended it", result: TestResult::NotTestable, term: Some(late), fact: None }
        }
        None => test("what was done about it ended it", &["reversal", "ended without it"]),
    });
    tests.push(test("it reaches what failed", &["reach", "failed first", "common target"]));
    if hypothesis.kind == HypothesisKind::Change {
        tests.push(test("what changed fits what failed", &["diff"]));
    }
    tests.push(test("nobody ruled it out", &["ruled out by a person", "named as the cause"]));
    tests
}

#[cfg(test)]
mod tests {
    use evidence::{RecordRef, SourceId};

    use super::*;
    use crate::findings::Places;

    fn undone(seconds: f64, diff: f64) -> Hypothesis {
        let places = Places::one(RecordRef { source: SourceId { input: 0, entry: 0 }, start: 0, end: 1, line: 1, last_line: 1 });
        let term = |name, value, reason| Term { name, value, reason, places: places.clone() };
        let terms = vec![
            term("reversal", weights::REVERSAL, Reason::Reversal { undone: "the rollback".into(), seconds }),
            term("diff", diff, Reason::Diff { says: "it closes a connection".into() }),
        ];
        Hypothesis {
            service: None,
            signature: None,
            change_caused: Some(true),
            change: None,
            trigger: None,
            probability: 0.0,
            kind: HypothesisKind::Change,
            failure: None,
            terms,
            tests: Vec::new(),
            places: places.clone(),
            objects: Vec::new(),
        }
    }

    #[test]
    fn what_builds_up_has_the_change_as_its_cause_that_somebody_owns_up_to() {
        let signature = crate::signatures::Catalogue::load().get("redis_oom");
        assert!(signature.is_some_and(|s| BUILD_UP[0].0.contains(&s.family.as_str())));
        let left = |extra: Option<Reason>| {
            let mut change = Hypothesis { signature, ..undone(90.0, 0.0) };
            let places = change.places.clone();
            change.terms.retain(|t| t.name != "reversal");
            let said = Reason::Said { author: "olek".into(), words: "v3.8.0 never lets a key expire".into() };
            change.terms.push(Term { name: NAMED_AS_CAUSE, value: weights::CONFESSED, reason: said, places: places.clone() });
            change.terms.extend(extra.map(|reason| Term { name: "refuted", value: -1.0, reason, places }));
            let failure = Hypothesis { kind: HypothesisKind::Failure, terms: Vec::new(), ..change.clone() };
            let mut all = [change, failure];
            explained_by_a_change(&mut all);
            score(&all[1])
        };
        assert!(left(None) < 0.0);
        let cleared = Reason::Refuted { author: "ines".into(), words: "it is not that".into() };
        assert!(left(Some(cleared)).abs() < 1e-9, "somebody cleared it");
    }

    #[test]
    fn a_change_that_was_made_in_steps_is_one_suspect() {
        let step = |kind, reference: &str, second: i64, diff: f64| {
            let mut step = undone(90.0, diff);
            let (at, places) = (evidence::Moment::from_seconds(second), step.places.clone());
            step.change = Some(Change { kind, service: None, reference: Some(reference.into()), at, commit: None, places });
            step
        };
        let left = |mut all: Vec<Hypothesis>| {
            once(&mut all);
            all.iter().map(|h| h.change.as_ref().map_or(0, |change| change.at.seconds())).collect::<Vec<_>>()
        };
        use ChangeKind::{Config, Deploy, Flag};
        assert_eq!(left(vec![step(Flag, "fast-cart", 10, 0.0), step(Flag, "fast-cart", 90, 0.0)]), [90], "turned up later");
        assert_eq!(left(vec![step(Deploy, "1.4", 10, 0.5), step(Deploy, "1.4", 90, 0.0)]), [10], "the first one scores better");
        assert_eq!(left(vec![step(Deploy, "1.4", 10, 0.0), step(Deploy, "1.5", 90, 0.0)]), [10, 90], "another version");
        assert_eq!(left(vec![step(Config, "pool", 10, 0.0), step(Config, "pool", 90, 0.0)]), [10, 90], "set to two values");
    }

    fn together(best: &Hypothesis, other: &Hypothesis) -> bool {
        are_undone_together(best, other, LEAD)
    }

    #[test]
    fn two_changes_that_were_undone_together_are_told_apart_by_more_than_their_times() {
        assert!(together(&undone(90.0, 0.5), &undone(75.0, 0.0)));
        assert!(!together(&undone(90.0, 2.5), &undone(75.0, 0.0)), "what the diff does tells");
        assert!(are_undone_together(&undone(90.0, 2.5), &undone(75.0, 0.0), LEAD_IN_DOUBT), "nobody can tell");
        assert!(!together(&undone(400.0, 0.5), &undone(75.0, 0.0)), "the failures went on after the first");
        let unseen = |value| {
            let mut other = undone(75.0, value);
            other.terms[1].reason = Reason::DiffUnrelated { subject: "sort by price".into() };
            other
        };
        let without_diff = || Hypothesis { terms: undone(90.0, 0.0).terms[..1].to_vec(), ..undone(90.0, 0.0) };
        assert!(together(&without_diff(), &unseen(weights::DIFF_UNRELATED)), "what the one did is not here");
        assert!(!together(&without_diff(), &unseen(weights::DIFF_NEUTRAL)), "the diff does nothing at all");
        assert!(!together(&undone(90.0, 2.5), &unseen(weights::DIFF_UNRELATED)));
    }
}
