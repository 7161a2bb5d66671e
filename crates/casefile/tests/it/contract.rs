//! What `report-v1` and the command line promise, checked on every case: with the laws written down here once more, with
//! `verify`, and by altering what is true.

mod rules;

use std::fs;

use intake::Settings;
use serde_json::{Value, json};

use crate::cases::{self, Files, Memory};
use crate::known;
use crate::program::casefile;

const SMALL: &str = "07-wal";

#[test]
fn every_report_keeps_the_contract() {
    for case in cases::names() {
        let faults = rules::faults(&json_of(&case));
        assert!(faults.is_empty(), "{case}: {faults:#?}");
    }
}

#[test]
fn every_report_holds_against_its_input() {
    let mut gaps = Vec::new();
    for case in cases::names() {
        let faults = verified(&json_of(&case), &cases::files(&case));
        gaps.extend(faults.into_iter().map(|fault| (case.clone(), fault)));
    }
    known::only(gaps, KNOWN_FAULTS);
}

/// Cases whose report says something that `verify` cannot find.
const KNOWN_FAULTS: &[&str] = &[];

#[test]
fn verify_notices_whatever_is_altered() {
    let files = cases::example();
    let report = serde_json::to_value(cases::report(&files)).unwrap();
    assert_eq!(verified(&report, &files), Vec::<String>::new());
    let mut unseen = Vec::new();
    for (pointer, value) in alterations(&report) {
        let mut altered = report.clone();
        let place = altered.pointer_mut(&pointer).unwrap_or_else(|| panic!("no {pointer}"));
        assert_ne!(*place, value, "{pointer} is altered to what it is");
        *place = value.clone();
        if verified(&altered, &files).is_empty() {
            unseen.push(format!("{pointer} = {value}"));
        }
    }
    assert!(unseen.is_empty(), "not noticed: {unseen:#?}");
}

#[test]
fn the_number_of_threads_changes_nothing() {
    for files in [cases::files(SMALL), cases::example()] {
        let one = serde_json::to_string(&cases::outcome(&files, 1).report).unwrap();
        for threads in [2, 8] {
            assert!(one == serde_json::to_string(&cases::outcome(&files, threads).report).unwrap(), "{threads} threads");
        }
    }
}

#[test]
fn the_order_of_inputs_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    cases::lay_out(&cases::example(), dir.path());
    let mut inputs: Vec<String> =
        fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    inputs.sort();
    let run = |inputs: &[String]| {
        let mut words = vec!["report", "--format", "json"];
        words.extend(inputs.iter().map(String::as_str));
        let run = casefile(dir.path(), &words);
        assert_eq!(run.code, Some(0), "{}", run.err);
        run.out
    };
    let forward = run(&inputs);
    inputs.reverse();
    assert!(forward == run(&inputs));
    let middle = inputs.len() / 2;
    inputs.rotate_left(middle);
    assert!(forward == run(&inputs));
}

#[test]
fn one_run_writes_several_files() {
    let dir = tempfile::tempdir().unwrap();
    cases::lay_out(&cases::example(), &dir.path().join("in"));
    let run = casefile(dir.path(), &["report", "in", "--out", "a.json", "--out", "b.html", "--out", "c.md", "--out", "d.txt"]);
    assert_eq!((run.code, run.out.len()), (Some(0), 0), "{}", run.err);
    let read = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&read("a.json")).unwrap()["schema"], "casefile.report/1");
    assert!(read("b.html").to_ascii_lowercase().starts_with("<!doctype html"));
    assert_eq!(read("c.md"), read("d.txt"));
    assert_eq!(read("a.json").into_bytes(), casefile(dir.path(), &["report", "in", "--format", "json"]).out);
    assert_eq!(read("c.md").into_bytes(), casefile(dir.path(), &["report", "in"]).out);
    for page in ["a.json", "b.html", "c.md"] {
        assert!(!read(page).contains(dir.path().to_str().unwrap()), "{page} names the folder of this run");
    }
    assert_eq!(casefile(dir.path(), &["verify", "a.json", "in"]).code, Some(0));
}

#[test]
fn html_refers_to_nothing_outside() {
    let page = report::render::html(&cases::base(SMALL)).to_ascii_lowercase();
    let page = page.replace("<link rel=\"icon\" href=\"data:,\">", "");
    for word in [" src=\"http", "url(http", "<link", "@import", "<script src"] {
        assert!(!page.contains(word), "{word}");
    }
}

#[cfg(feature = "pdf")]
#[test]
fn a_pdf_is_the_same_every_time() {
    let dir = tempfile::tempdir().unwrap();
    cases::lay_out(&cases::example(), &dir.path().join("in"));
    let pdf = || casefile(dir.path(), &["report", "in", "--format", "pdf"]);
    let first = pdf();
    assert!(first.out.starts_with(b"%PDF-"), "{}", first.err);
    assert!(first.out == pdf().out);
}

#[test]
fn mistakes_of_the_operator_exit_with_2() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.log"), "2024-02-07T09:00:00Z INFO up\n").unwrap();
    let mistakes: &[&[&str]] = &[
        &["report"],
        &["report", "missing.log"],
        &["report", "a.log", "missing.log"],
        &["report", "a.log", "--format", "rtf"],
        &["report", "a.log", "--out", "no/such/folder/a.md"],
        &["report", "a.log", "--unknown"],
        &["report", "a.log", "--from", "yesterday"],
        &["verify", "missing.json", "a.log"],
        &["verify", "a.log"],
        &["nonsense"],
        &[],
    ];
    for words in mistakes {
        let run = casefile(dir.path(), words);
        assert_eq!((run.code, run.out.len()), (Some(2), 0), "{words:?}: {}", run.err);
        assert!(!run.err.trim().is_empty(), "{words:?}");
    }
}

#[test]
fn verify_exits_with_1_when_something_does_not_hold() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.log"), "2024-02-07T09:00:00Z INFO up\n").unwrap();
    fs::write(dir.path().join("no.json"), "{}").unwrap();
    let run = casefile(dir.path(), &["verify", "no.json", "a.log"]);
    assert_eq!(run.code, Some(1));
    assert!(run.text().lines().last().unwrap().starts_with("does not hold"));
}

fn json_of(case: &str) -> Value {
    serde_json::to_value(cases::base(case)).unwrap()
}

fn verified(report: &Value, files: &Files) -> Vec<String> {
    verify::verify(&serde_json::to_vec(report).unwrap(), &Memory::new(files), &Settings::default(), 2).faults
}

/// Places of a report, and other values for them: each kind of thing that can be wrong, on what the report has.
fn alterations(report: &Value) -> Vec<(String, Value)> {
    let mut all: Vec<(String, Value)> = vec![
        ("/schema".into(), json!("other/1")),
        ("/coverage/sources/0/read_bytes".into(), json!(report["coverage"]["sources"][0]["read_bytes"].as_u64().unwrap() + 1)),
        ("/coverage/sources/0/name".into(), json!("other.log")),
        ("/causes/0/for".into(), json!([])),
        ("/causes/0/claim".into(), json!("c9999")),
        ("/timeline".into(), json!([])),
    ];
    for (i, claim) in array(report, "claims").iter().enumerate().take(7) {
        all.push((format!("/claims/{i}/text"), json!(format!("{} In all 98765.", text(claim, "text")))));
        all.push((format!("/claims/{i}/citations"), json!(["e99999"])));
        if claim["derivation"].is_object() {
            all.push((format!("/claims/{i}/derivation/value"), json!(98_765.5)));
            all.push((format!("/claims/{i}/derivation"), Value::Null));
        }
    }
    for (i, evidence) in array(report, "evidence").iter().enumerate().take(5) {
        all.push((format!("/evidence/{i}/text"), json!(format!("{} and more", text(evidence, "text")))));
        all.push((format!("/evidence/{i}/line"), json!(evidence["line"].as_u64().unwrap() + 1)));
        all.push((format!("/evidence/{i}/bytes"), json!([0, 1])));
        all.push((format!("/evidence/{i}/source"), json!("other.log")));
        if evidence["at"].is_string() {
            all.push((format!("/evidence/{i}/at"), json!("2001-01-01T00:00:00Z")));
        }
    }
    for (i, _) in array(report, "timeline").iter().enumerate().take(3) {
        all.push((format!("/timeline/{i}/text"), json!("All was well.")));
        all.push((format!("/timeline/{i}/at"), json!("2001-01-01T00:00:00Z")));
    }
    for part in ["times", "metrics"] {
        for (name, value) in report[part].as_object().unwrap().iter().filter(|(_, v)| v.is_object()) {
            all.push((format!("/{part}/{name}"), Value::Null));
            let key = if part == "times" { "at" } else { "value" };
            let other = if part == "times" { json!("2001-01-01T00:00:00Z") } else { json!(98_765.5) };
            assert!(value[key] != other);
            all.push((format!("/{part}/{name}/{key}"), other));
        }
    }
    all
}

fn array<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_string()
}
