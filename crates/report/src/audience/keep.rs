//! Keeps of a report the claims that are wanted and those that its parts refer to, and the evidence that these cite.
//!
//! Ids stay, so that a sentence can be found again in the engineers' report. Must never change a text.

use std::collections::BTreeSet;

use crate::course::Course;
use crate::model::{Claim, Evidence, Report};

/// Leaves out all other claims, and the evidence that nothing cites any more.
pub fn only(report: &mut Report, wanted: impl Fn(&Claim) -> bool) {
    let referred = referred(report);
    report.claims.retain(|claim| referred.contains(&claim.id) || wanted(claim));
    let mut used = cited(report);
    used.extend(named(report, &used));
    report.evidence.retain(|evidence| used.contains(&evidence.id));
    let rows = report.course.iter_mut().flat_map(Course::citations);
    rows.for_each(|ids| ids.retain(|id| used.contains(id)));
}

/// Evidence that nothing cites and that is the only one to show a name with digits which a text uses (`web-7d9f4`): a
/// number in a name rests on any evidence of the report.
fn named(report: &Report, used: &BTreeSet<String>) -> BTreeSet<String> {
    let shows = |evidence: &Evidence, word: &str| evidence.text.contains(word) || evidence.source.contains(word);
    let words = report.claims.iter().flat_map(|claim| claim.text.split(|c: char| c.is_whitespace() || "“”`(),;".contains(c)));
    let names: BTreeSet<&str> = words.map(|word| word.trim_end_matches(['.', ':', '…'])).filter(|word| is_name(word)).collect();
    let missing = names.into_iter().filter(|name| !report.evidence.iter().any(|e| used.contains(&e.id) && shows(e, name)));
    missing.filter_map(|name| report.evidence.iter().find(|e| shows(e, name))).map(|e| e.id.clone()).collect()
}

/// Letters and digits in one word, or a version of three parts.
fn is_name(word: &str) -> bool {
    let digit = word.contains(|c: char| c.is_ascii_digit());
    digit && (word.contains(char::is_alphabetic) || word.matches('.').count() >= 2)
}

/// The claims that parts of the report repeat or point to.
fn referred(report: &Report) -> BTreeSet<String> {
    let times = report.times.all().into_iter().filter_map(|(_, t)| t.map(|t| &t.claim));
    let metrics = report.metrics.all().into_iter().filter_map(|(_, m)| m.map(|m| &m.claim));
    let mut ids: BTreeSet<&String> = times.chain(metrics).collect();
    for cause in &report.causes {
        let terms = cause.terms.iter().filter_map(|t| t.claim.as_ref());
        let tests = cause.tests.iter().filter_map(|t| t.claim.as_ref());
        ids.extend([&cause.claim].into_iter().chain(&cause.supports).chain(&cause.against).chain(terms).chain(tests));
    }
    ids.extend(report.timeline.iter().map(|x| &x.claim));
    ids.extend(report.contributing.iter().map(|x| &x.claim));
    ids.extend(report.chain.iter().map(|x| &x.claim));
    ids.extend(report.actions.iter().map(|x| &x.claim));
    ids.extend(report.whys.iter().filter_map(|x| x.claim.as_ref()));
    ids.extend(report.prevention.iter().map(|x| &x.claim));
    ids.extend(report.lessons.iter().map(|x| &x.claim));
    ids.extend(report.contradictions.iter().map(|x| &x.claim));
    let regulatory = report.audience.iter().filter_map(|a| a.regulatory.as_ref());
    ids.extend(regulatory.flat_map(|r| &r.items).flat_map(|item| &item.answers).map(|answer| &answer.claim));
    ids.into_iter().cloned().collect()
}

/// The evidence that claims and parts cite.
fn cited(report: &Report) -> BTreeSet<String> {
    let mut ids: BTreeSet<&String> = report.claims.iter().flat_map(|c| c.citations.iter()).collect();
    ids.extend(report.timeline.iter().flat_map(|x| x.citations.iter()));
    ids.extend(report.causes.iter().filter_map(|c| c.trigger.as_ref()).flat_map(|t| &t.citations));
    ids.extend(report.contributing.iter().flat_map(|x| x.citations.iter()));
    ids.extend(report.chain.iter().flat_map(|x| x.citations.iter()));
    ids.extend(report.actions.iter().flat_map(|x| x.citations.iter()));
    ids.extend(report.whys.iter().flat_map(|x| &x.citations));
    ids.extend(report.prevention.iter().flat_map(|x| x.citations.iter()));
    ids.extend(report.lessons.iter().flat_map(|x| x.citations.iter()));
    ids.extend(report.contradictions.iter().flat_map(|x| &x.values).flat_map(|v| v.citations.iter()));
    ids.into_iter().cloned().collect()
}
