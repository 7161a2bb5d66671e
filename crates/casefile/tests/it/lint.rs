//! `casefile lint`: nothing in the golden reports as they are, nine in ten of what is altered in them, and its contract.
//!
//! Must never know a rule: an altered report counts as found when anything is said of it.

mod alter;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::program::{casefile, casefile_with, folder};
use crate::{cases, digest};
use alter::{Kind, Random};

/// Alterations of all golden reports together.
const ALTERATIONS: usize = 200;

/// Every golden report in each of its forms, by name.
fn golden() -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut add = |name: &str, report: &report::model::Report| {
        all.insert(format!("{name}.expected.md"), digest::of(name, report));
        all.insert(format!("{name}.md"), report::render::markdown(report));
        all.insert(format!("{name}.json"), serde_json::to_string_pretty(report).unwrap());
    };
    cases::names().iter().for_each(|name| add(name, &cases::base(name)));
    add("example", &cases::report(&cases::example()));
    all
}

/// What is said of a document, as the program says it.
fn said(text: &str) -> Vec<String> {
    let options = lint::Options::default();
    let mut findings = match lint::is_report(text.as_bytes()) {
        true => lint::check_report(text.as_bytes(), &options),
        false => lint::check_text(text.as_bytes(), &options),
    };
    if lint::is_report(text.as_bytes()) {
        let faults = verify::without_input(text.as_bytes());
        findings.extend(faults.iter().map(|f| lint::from_fault(text.as_bytes(), "report/shape", &f.text)));
    }
    findings.iter().map(|f| format!("{}: {}[{}]: {}", f.line, f.severity.word(), f.rule, f.message)).collect()
}

#[test]
fn nothing_is_said_of_the_golden_reports() {
    let said: Vec<String> =
        golden().iter().flat_map(|(name, text)| said(text).into_iter().map(move |line| format!("{name}:{line}"))).collect();
    assert!(said.is_empty(), "{said:#?}");
}

#[test]
fn nine_in_ten_alterations_of_the_golden_reports_are_found() {
    let reports: Vec<(String, String)> = golden().into_iter().collect();
    let mut random = Random(20_260_611);
    let mut figures: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut missed = Vec::new();
    let mut done = 0;
    while done < ALTERATIONS {
        let kind = Kind::ALL[done % Kind::ALL.len()];
        let (name, text) = random.choose(&reports);
        let Some((altered, what)) = alter::altered(kind, name, text, &mut random) else { continue };
        done += 1;
        let found = !said(&altered).is_empty();
        let form = name.split_once('.').map_or("", |(_, form)| form);
        let figure = figures.entry(format!("{kind:?} in {form}")).or_default();
        *figure = (figure.0 + usize::from(found), figure.1 + 1);
        if !found {
            missed.push(format!("{name}: {kind:?}: {what}"));
        }
    }
    let found = ALTERATIONS - missed.len();
    assert!(found * 10 >= ALTERATIONS * 9, "{found} of {ALTERATIONS} found\n{figures:#?}\nmissed: {missed:#?}");
}

#[test]
fn the_exit_status_says_whether_there_is_an_error() {
    let dir = folder(&[
        ("good.md", "# Short\n\nNothing happened.\n"),
        ("filler.md", "# Short\n\nWe follow best practices.\n"),
        ("bad.md", "# Outage\n\nIt lasted 20 minutes, from 10:00 to 10:40 UTC.\n"),
    ]);
    let code = |words: &[&str]| casefile(dir.path(), words).code;
    assert_eq!(code(&["lint", "good.md", "filler.md"]), Some(0));
    assert_eq!(code(&["lint", "good.md", "bad.md"]), Some(1));
    assert_eq!(code(&["lint", "bad.md", "--allow", "sum"]), Some(0));
    assert_eq!(code(&["lint", "bad.md", "--only", "filler"]), Some(0));
    assert_eq!(code(&["lint", "bad.md", "--only", "sum/duration"]), Some(1));
    assert_eq!(code(&["lint", "bad.md", "--allow", "no/such"]), Some(2));
    assert_eq!(code(&["lint", "missing.md"]), Some(2));
    assert_eq!(code(&["lint"]), Some(2));
    assert_eq!(code(&["lint", "--rules"]), Some(0));
    assert_eq!(casefile_with(dir.path(), &["lint", "-"], &dir.path().join("bad.md")).code, Some(1));
}

#[test]
fn a_finding_is_told_as_compilers_tell_it_and_as_json() {
    let dir = folder(&[("bad.md", "# Outage\n\nIt lasted 20 minutes, from 10:00 to 10:40 UTC.\n")]);
    let line = casefile(dir.path(), &["lint", "bad.md"]).text().lines().next().unwrap_or_default().to_string();
    assert!(line.starts_with("bad.md:3:11: error[sum/duration]: "), "{line}");
    assert!(line.contains("20 minutes") && line.contains("40 min"), "{line}");
    let json: Value = serde_json::from_slice(&casefile(dir.path(), &["lint", "bad.md", "--format", "json"]).out).unwrap();
    let finding = &json["files"][0]["findings"][0];
    assert_eq!(json["schema"], "casefile.lint/1");
    assert_eq!((finding["rule"].as_str(), finding["line"].as_u64()), (Some("sum/duration"), Some(3)));
}

#[test]
fn the_documentation_has_the_rules() {
    let page = std::fs::read_to_string(cases::root().join("docs/lint.md")).unwrap();
    let rows: Vec<String> = lint::RULES.iter().map(|r| format!("| `{}` | {} | {} |", r.id, r.severity.word(), r.finds)).collect();
    let shown: Vec<&str> = page
        .lines()
        .filter(|l| l.starts_with("| `") && l.contains('/') || l.starts_with("| `filler") || l.starts_with("| `vague"))
        .collect();
    assert_eq!(shown, rows);
}
