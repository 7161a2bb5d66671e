//! What else puts a hypothesis to the test: facts that no term of its score tells.
//!
//! Must never turn a test round that a term has decided. When it misleads: a remedy that fits the failure and had not taken
//! effect when the failures ended of themselves.

use crate::findings::{Fact, Hypothesis, HypothesisKind, Places, Reason, Remediation, Test, TestResult, TimeBasis, Times};

/// What the failures ended so long after did not end them.
const ENDED_S: f64 = 1_800.0;
/// What ends trouble of a third party as seen from here.
const BY_OTHERS: [&str; 5] = ["failover", "wait-for-vendor", "escalate-upstream", "throttle", "feature-flag-disable"];

/// What is known beside the hypotheses.
pub struct Known<'k> {
    pub times: &'k Times,
    pub remediation: Option<&'k Remediation>,
    pub is_decided: bool,
}

pub fn fill(hypotheses: &mut [Hypothesis], objections: &[Vec<Fact>], known: &Known<'_>) {
    for (rank, (hypothesis, against)) in hypotheses.iter_mut().zip(objections).enumerate() {
        let order = order(hypothesis, known.times);
        let is_held = rank == 0 && known.is_decided;
        let ended = if is_held { ended(hypothesis, known) } else { failed(against, |r| matches!(r, Reason::EndedBy { .. })) };
        let cleared = failed(against, |r| matches!(r, Reason::Refuted { .. }));
        for test in &mut hypothesis.tests {
            let found = match test.name {
                "the cause comes before the effect" => order.clone(),
                "what was done about it ended it" => ended.clone(),
                "nobody ruled it out" => cleared.clone(),
                _ => None,
            };
            decide(test, found);
        }
    }
}

/// Only where no term tells.
fn decide(test: &mut Test, found: Option<(TestResult, Fact)>) {
    if let Some((result, fact)) = found.filter(|_| test.result == TestResult::NotTestable && test.term.is_none()) {
        test.result = result;
        test.fact = Some(fact);
    }
}

fn failed(against: &[Fact], fits: fn(&Reason) -> bool) -> Option<(TestResult, Fact)> {
    against.iter().find(|f| fits(&f.reason)).map(|f| (TestResult::Failed, f.clone()))
}

/// What set it off is dated before the first failure, or by nothing but the failure.
fn order(hypothesis: &Hypothesis, times: &Times) -> Option<(TestResult, Fact)> {
    let trigger = hypothesis.trigger.as_ref()?;
    let (at, started) = (trigger.at?, times.started.as_ref()?);
    let seconds = started.at.since(at);
    let places = trigger.places.and(&started.places);
    if seconds >= 1.0 {
        return Some((TestResult::Passed, Fact { reason: Reason::Dated { seconds }, places }));
    }
    let by_failure = hypothesis.failure.as_ref().is_some_and(|f| f.places.iter().any(|p| trigger.places.iter().any(|q| q == p)));
    by_failure.then(|| (TestResult::NotTestable, Fact { reason: Reason::DatedByFailure, places: trigger.places.clone() }))
}

/// The failures ended soon after what ends such a failure.
fn ended(hypothesis: &Hypothesis, known: &Known<'_>) -> Option<(TestResult, Fact)> {
    let (step, end) = (known.times.ended_by.as_ref()?, known.times.mitigated.as_ref()?);
    let remedy = known.remediation.filter(|r| !r.words.is_empty())?;
    let fits = match hypothesis.kind {
        HypothesisKind::External => BY_OTHERS.contains(&remedy.word.as_str()),
        _ => hypothesis.signature.is_some_and(|s| s.remediation == remedy.word),
    };
    let undone = match &step.by {
        TimeBasis::Change { words, .. } | TimeBasis::Logged { words, .. } | TimeBasis::Said { words, .. } => words.clone(),
        _ => return None,
    };
    let seconds = end.at.since(step.at);
    let places: Places = step.places.and(&end.places);
    (fits && !undone.is_empty() && (0.0..=ENDED_S).contains(&seconds))
        .then_some((TestResult::Passed, Fact { reason: Reason::Reversal { undone, seconds }, places }))
}
