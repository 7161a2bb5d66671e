//! A report explains itself: what its scores are made of, what could have refuted the best explanations, what would decide
//! where they are too near; and a claim goes when the record goes that it rests on.

use std::collections::BTreeSet;

use report::model::{Cause, Claim, Evidence, Report};

use crate::cases::{self, Files};

#[test]
fn terms_add_up_to_scores_and_scores_to_probabilities() {
    for case in cases::names() {
        let report = cases::base(&case);
        for cause in &report.causes {
            let sum: f64 = cause.terms.iter().map(|term| term.value).sum();
            assert!((sum - score(cause)).abs() < 0.005, "{case}: {sum} is printed as {}", score(cause));
            let claims = cause.terms.iter().filter_map(|term| term.claim.as_deref());
            let sides: BTreeSet<&str> = cause.supports.iter().chain(&cause.against).map(String::as_str).collect();
            assert!(claims.clone().all(|claim| sides.contains(claim)), "{case}: a term without its claim for or against");
        }
        for pair in report.causes.windows(2) {
            assert!(in_proportion(&pair[0], &pair[1]), "{case}: {} and {}", pair[0].text, pair[1].text);
        }
        assert!(report.causes.iter().map(|cause| cause.probability).sum::<f64>() < 1.0, "{case}");
    }
}

fn score(cause: &Cause) -> f64 {
    cause.score.expect("a score is printed")
}

/// Probabilities have the proportion of e^score, as far as the digits that are printed tell.
fn in_proportion(first: &Cause, second: &Cause) -> bool {
    let expected = first.probability * (score(second) - score(first)).exp();
    (second.probability - expected).abs() < 0.0002 + 0.03 * expected
}

#[test]
fn the_best_explanations_were_put_to_the_test_and_what_would_decide_is_named() {
    for case in cases::names() {
        let report = cases::base(&case);
        for cause in report.causes.iter().take(3) {
            assert!(cause.tests.len() >= 3, "{case}: {}", cause.text);
            // A test that was made says what it rests on.
            let bare = cause.tests.iter().find(|t| t.claim.is_none() && t.result != report::model::TestResult::NotTestable);
            assert!(bare.is_none(), "{case}: {bare:?}");
        }
        assert!(!report.undetermined || report.causes.is_empty() || report.next_check.is_some(), "{case}");
    }
}

#[test]
fn a_claim_goes_with_the_only_record_that_it_rests_on() {
    let tried: usize = ["07-wal", "08-friday-cards"].iter().map(|case| without_records_of(case, 4)).sum();
    assert!(tried >= 6, "{tried}");
}

#[test]
#[ignore = "minutes without optimisation; `cargo test --release -p casefile -- --ignored` runs it"]
fn every_claim_goes_with_the_only_record_that_it_rests_on() {
    let tried: usize = cases::names().iter().map(|case| without_records_of(case, usize::MAX)).sum();
    assert!(tried >= 60, "{tried}");
}

/// Takes the records away on which one claim each rests alone, and looks whether the claim is still made of them. Says how
/// many were tried.
fn without_records_of(case: &str, most: usize) -> usize {
    let (files, base) = (cases::files(case), cases::base(case));
    let alone = base.claims.iter().filter_map(|claim| Some((claim, only_record(claim, &base)?)));
    let mut tried = 0;
    for (claim, record) in alone {
        let Some(files) = without(&files, record) else { continue };
        let report = cases::report(&files);
        let again = report.claims.iter().find(|c| c.text == claim.text);
        let again = again.filter(|c| only_record(c, &report).is_some_and(|r| r.source == record.source && r.text == record.text));
        assert!(again.is_none(), "{case}: {:?} is still said of {:?}", claim.text, record.text);
        tried += 1;
        if tried == most {
            break;
        }
    }
    tried
}

fn only_record<'r>(claim: &Claim, report: &'r Report) -> Option<&'r Evidence> {
    let mut ids = claim.citations.iter();
    let (Some(id), None) = (ids.next(), ids.next()) else { return None };
    report.evidence.iter().find(|e| e.id == *id)
}

/// The files without the lines of a record. `None` where they are part of a document that is one value, or where the same
/// lines stand elsewhere in the source.
fn without(files: &Files, record: &Evidence) -> Option<Files> {
    let bytes = files.get(&record.source)?;
    let plain = cases::unpacked(&record.source, bytes);
    let text = String::from_utf8(plain).ok()?;
    if [".json", ".yaml", ".yml", ".html", ".eml", ".csv"].iter().any(|end| record.source.trim_end_matches(".gz").ends_with(end))
    {
        return None;
    }
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (from, to) = (record.line as usize - 1, record.last_line as usize);
    let taken = lines.get(from..to)?;
    let is_repeated = lines.windows(taken.len()).filter(|other| *other == taken).count() > 1;
    if is_repeated {
        return None;
    }
    let rest: String = lines[..from].iter().chain(&lines[to..]).copied().collect();
    let mut files = files.clone();
    files.insert(record.source.clone(), cases::packed_like(&record.source, rest.as_bytes()));
    Some(files)
}
