//! What must not change the answer: when it happened, what things are called, how files are cut, who deployed something
//! else. And what may only weaken it: a source that is missing.
//!
//! Compared are the first cause's service, signature and commit with those of the untouched case. What the program is
//! known to get wrong stands in a list of each test; a gap that closes has to leave its list, and none may come unseen.

mod innocent;
mod rename;
mod shift;

use std::collections::BTreeSet;

use report::model::Report;
use serde_json::Value;

use crate::cases::{self, Files};
use crate::known::{self, Gap};
use crate::packed;

/// Whom a report blames.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Answer {
    service: Option<String>,
    signature: Option<String>,
    commit: Option<String>,
    undetermined: bool,
}

#[test]
fn the_time_of_an_incident_does_not_matter() {
    let mut gaps = Vec::new();
    for case in cases::names() {
        gaps.extend(shifted(&case, &cases::base(&case), &cases::files(&case), 7 * shift::DAY));
    }
    let paste = "09-paste";
    gaps.extend(shifted(
        &format!("{paste} by hours"),
        &cases::base(paste),
        &cases::files(paste),
        3 * shift::DAY + 2 * shift::HOUR,
    ));
    known::only(gaps, KNOWN_OF_SHIFTS);
}

const KNOWN_OF_SHIFTS: &[&str] = &[];

#[test]
fn the_names_of_services_do_not_matter() {
    let mut gaps = Vec::new();
    for case in cases::names() {
        let names = rename::of(&case);
        let base = answer(&cases::base(&case));
        let wanted = Answer { service: base.service.map(|s| rename::text(&s, names)), ..base };
        let found = answer(&cases::report(&rename::files(&cases::files(&case), names)));
        gaps.extend(changed(&case, &wanted, &found));
    }
    known::only(gaps, KNOWN_OF_NAMES);
}

const KNOWN_OF_NAMES: &[&str] = &[];

#[test]
fn a_log_that_was_rotated_says_the_same() {
    let mut gaps = Vec::new();
    for case in cases::names() {
        let Some(files) = cut_in_two(&cases::files(&case)) else { continue };
        gaps.extend(changed(&case, &answer(&cases::base(&case)), &answer(&cases::report(&files))));
    }
    known::only(gaps, KNOWN_OF_CUTS);
}

const KNOWN_OF_CUTS: &[&str] = &[];

#[test]
fn the_order_of_files_does_not_matter() {
    let mut gaps = Vec::new();
    for case in cases::names() {
        let found = cases::report(&numbered_backwards(&cases::files(&case)));
        gaps.extend(changed(&case, &answer(&cases::base(&case)), &answer(&found)));
    }
    known::only(gaps, KNOWN_OF_ORDERS);
}

const KNOWN_OF_ORDERS: &[&str] = &[];

/// The files with a number before their names, so that they sort the other way around.
fn numbered_backwards(files: &Files) -> Files {
    let last = files.len();
    let renamed = files.iter().enumerate().map(|(n, (name, bytes))| {
        let (folder, file) = name.rsplit_once('/').map_or(("", name.as_str()), |(folder, file)| (folder, file));
        let sign = if folder.is_empty() { "" } else { "/" };
        (format!("{folder}{sign}{:02}-{file}", last - n), bytes.clone())
    });
    renamed.collect()
}

#[test]
fn a_case_in_an_archive_says_the_same() {
    let mut gaps = Vec::new();
    for case in ["07-wal", "09-paste"] {
        let files = cases::files(case);
        let files: Vec<(&str, &[u8])> = files.iter().map(|(n, b)| (n.as_str(), b.as_slice())).collect();
        for (name, bytes) in [("in.zip", packed::zipped(&files)), ("in.tar.gz", cases::gzip(&packed::tarball(&files)))] {
            let found = cases::report(&Files::from([(name.to_string(), bytes)]));
            gaps.extend(changed(&format!("{case} as {name}"), &answer(&cases::base(case)), &answer(&found)));
            assert!(found.evidence.iter().all(|e| e.source.starts_with(&format!("{name}!"))));
        }
    }
    known::only(gaps, &[]);
}

#[test]
fn a_deploy_of_something_else_at_the_onset_is_not_blamed() {
    let mut gaps = Vec::new();
    for case in cases::names() {
        let base = cases::base(&case);
        let Some(onset) = onset(&base) else { continue };
        let mut files = cases::files(&case);
        files.insert("more/deploys.json".into(), innocent::deploy(&onset).into_bytes());
        files.insert("more/commits.json".into(), innocent::commit(&onset, &base).into_bytes());
        let (mut wanted, mut found) = (answer(&base), answer(&cases::report(&files)));
        (wanted.undetermined, found.undetermined) = (false, false);
        gaps.extend(changed(&case, &wanted, &found));
    }
    known::only(gaps, KNOWN_OF_INNOCENTS);
}

const KNOWN_OF_INNOCENTS: &[&str] = &[];

#[test]
fn without_one_source_nobody_else_is_blamed() {
    let small = ["07-wal"];
    let listed: Vec<&str> = KNOWN_OF_DROPS.iter().copied().filter(|k| small.iter().any(|s| k.starts_with(s))).collect();
    known::only(small.iter().flat_map(|case| blamed_without(case)).collect(), &listed);
}

#[test]
#[ignore = "minutes without optimisation; `cargo test --release -p casefile -- --ignored` runs it"]
fn without_one_source_nobody_else_is_blamed_in_any_case() {
    known::only(cases::names().iter().flat_map(|case| blamed_without(case)).collect(), KNOWN_OF_DROPS);
}

/// None: every single source may be missing.
const KNOWN_OF_DROPS: &[&str] = &[];

/// What is wrongly blamed when one of the sources is missing, for each.
fn blamed_without(case: &str) -> Vec<Gap> {
    let files = cases::files(case);
    let (services, commits) = may_be_named(case);
    let mut gaps = Vec::new();
    for dropped in sources(&files).iter().filter(|_| files.len() > 1) {
        let rest: Files = files.iter().filter(|(n, _)| !n.starts_with(dropped)).map(|(n, b)| (n.clone(), b.clone())).collect();
        let found = answer(&cases::report(&rest));
        let wrong_service = !found.undetermined && found.service.as_ref().is_some_and(|s| !services.contains(s));
        let wrong_commit = found.commit.as_ref().is_some_and(|c| !commits.contains(c));
        if wrong_service || wrong_commit {
            gaps.push((format!("{case} without {dropped}"), format!("{found:?}, known are {services:?} {commits:?}")));
        }
    }
    gaps
}

#[test]
fn stamps_are_shifted_as_their_formats_write_them() {
    let week = |text: &str| String::from_utf8(shift::text(text.as_bytes(), 7 * shift::DAY, 2024)).unwrap();
    assert_eq!(week("2024-02-26T09:00:00.5Z x"), "2024-03-04T09:00:00.5Z x");
    assert_eq!(week("[28/Feb/2024:23:59:59 +0100]"), "[06/Mar/2024:23:59:59 +0100]");
    assert_eq!(week("2024/12/30 01:02:03 [error]"), "2025/01/06 01:02:03 [error]");
    assert_eq!(week("Feb  7 09:00:25 host"), "Feb 14 09:00:25 host");
    assert_eq!(week("1:M 07 Feb 2024 08:38:12.595"), "1:M 14 Feb 2024 08:38:12.595");
    assert_eq!(week("{\"ts\":1707316680,\"t\":1707316680303}"), "{\"ts\":1707921480,\"t\":1707921480303}");
    assert_eq!(week("I0228 10:00:00.1 1 x.go"), "I0306 10:00:00.1 1 x.go");
    assert_eq!(week("a1707316680 17073166801"), "a1707316680 17073166801");
    let hours = String::from_utf8(shift::text(b"2024-02-28T23:00:00Z", 3 * shift::DAY + 2 * shift::HOUR, 2024)).unwrap();
    assert_eq!(hours, "2024-03-03T01:00:00Z");
}

/// The answer and every time have to follow the clocks.
fn shifted(name: &str, base: &Report, files: &Files, seconds: i64) -> Vec<Gap> {
    let year = base.timeline.first().and_then(|t| t.at.get(..4)?.parse().ok()).unwrap_or(2024);
    let found = cases::report(&shift::files(files, seconds, year));
    let mut gaps: Vec<_> = changed(name, &answer(base), &answer(&found)).into_iter().collect();
    for ((what, was), (_, is)) in base.times.all().into_iter().zip(found.times.all()) {
        let wanted = was.map(|t| String::from_utf8_lossy(&shift::text(t.at.as_bytes(), seconds, year)).into_owned());
        if wanted.as_deref() != is.map(|t| t.at.as_str()) {
            gaps.push((format!("{name}: {what}"), format!("wanted {wanted:?}, found {:?}", is.map(|t| &t.at))));
        }
    }
    gaps
}

fn answer(report: &Report) -> Answer {
    let first = report.causes.first();
    Answer {
        service: first.and_then(|c| c.service.clone()),
        signature: first.and_then(|c| c.signature.clone()),
        commit: first.and_then(|c| c.commit.clone()),
        undetermined: report.undetermined,
    }
}

fn changed(name: &str, wanted: &Answer, found: &Answer) -> Option<Gap> {
    (wanted != found).then(|| (name.to_string(), format!("wanted {wanted:?}, found {found:?}")))
}

/// Services and commits that are right, or that the whole case leads to.
fn may_be_named(case: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let (base, truth) = (answer(&cases::base(case)), cases::truth(case));
    let words = |value: &Value| -> Vec<String> {
        let one = value.as_str().map(str::to_string);
        value.as_array().into_iter().flatten().filter_map(|v| Some(v.as_str()?.to_string())).chain(one).collect()
    };
    let services = words(&truth["cause"]["service"]).into_iter().chain(base.service).collect();
    let commits = words(&truth["cause"]["commit"]).into_iter().chain(base.commit).collect();
    (services, commits)
}

/// Each file, and each folder of an export of a chat as one.
fn sources(files: &Files) -> BTreeSet<String> {
    let exports: BTreeSet<&str> =
        files.keys().filter_map(|n| n.strip_suffix("channels.json")).filter(|f| !f.is_empty()).collect();
    let whole = |name: &str| exports.iter().find(|e| name.starts_with(**e)).map(|e| e.to_string());
    files.keys().map(|n| whole(n).unwrap_or_else(|| n.clone())).collect()
}

/// The largest file of lines as rotation leaves it: the older half with `.1` at its end.
fn cut_in_two(files: &Files) -> Option<Files> {
    let plain = files.iter().map(|(name, bytes)| (name, cases::unpacked(name, bytes)));
    let (name, text) = plain.filter(|(_, t)| !t.starts_with(b"[\n") && !t.starts_with(b"{\n")).max_by_key(|(_, t)| t.len())?;
    let half = text.len() / 2;
    let at = half + text.get(half..)?.iter().position(|b| *b == b'\n')? + 1;
    let mut cut = files.clone();
    let older = name.strip_suffix(".gz").map_or(format!("{name}.1"), |stem| format!("{stem}.1.gz"));
    cut.insert(older, cases::packed_like(name, &text[..at]));
    cut.insert(name.clone(), cases::packed_like(name, &text[at..]));
    Some(cut)
}

/// When it began, as far as the report knows.
fn onset(report: &Report) -> Option<String> {
    let started = report.times.started.as_ref().map(|t| t.at.clone());
    started.or_else(|| report.timeline.first().map(|t| t.at.clone()))
}
