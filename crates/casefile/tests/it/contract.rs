//! What `report-v1` and the command line promise, checked on every case: with the laws written down here once more, with
//! `verify`, and by altering what is true.

use std::collections::BTreeSet;
use std::fs;

use intake::Limits;
use serde_json::{Value, json};

use crate::cases::{self, Files, Memory};
use crate::known;
use crate::program::casefile;

const SMALL: &str = "07-wal";

#[test]
fn every_report_keeps_the_contract() {
    for case in cases::names() {
        let faults = faults(&json_of(&case));
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
        &["report", "a.log", "--format", "docx"],
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
    verify::verify(&serde_json::to_vec(report).unwrap(), &Memory::new(files), &Limits::default(), 2).faults
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

/// What a report does not keep of the rules that `report-v1` numbers, without looking at the input.
fn faults(report: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let quiet = report["incident"]["status"] == "none_found";
    for key in KEYS {
        if report.get(key).is_none() {
            faults.push(format!("{key} is missing"));
        }
    }
    references(report, &mut faults);
    unknowns(report, quiet, &mut faults);
    causes(report, quiet, &mut faults);
    order(report, quiet, &mut faults);
    coverage(report, &mut faults);
    faults
}

const KEYS: &[&str] = &[
    "schema",
    "generator",
    "incident",
    "times",
    "metrics",
    "claims",
    "evidence",
    "timeline",
    "undetermined",
    "next_check",
    "causes",
    "contributing",
    "first_failing_service",
    "blast_radius",
    "remediation",
    "chain",
    "actions",
    "whys",
    "prevention",
    "lessons",
    "contradictions",
    "unknowns",
    "coverage",
    "confidence_score",
];

/// Rule 1, and that every text of a part repeats its claim's.
fn references(report: &Value, faults: &mut Vec<String>) {
    let ids = |part: &str| -> BTreeSet<String> { array(report, part).iter().map(|v| text(v, "id")).collect() };
    let (claims, evidence) = (ids("claims"), ids("evidence"));
    if claims.len() != array(report, "claims").len() || evidence.len() != array(report, "evidence").len() {
        faults.push("an id stands twice".into());
    }
    let cited: BTreeSet<String> = array(report, "claims").iter().flat_map(|c| strings(&c["citations"])).collect();
    for id in evidence.difference(&cited) {
        faults.push(format!("{id} is cited by no claim"));
    }
    for claim in array(report, "claims") {
        if strings(&claim["citations"]).is_empty() || text(claim, "text").trim().is_empty() {
            faults.push(format!("{} cites or says nothing", text(claim, "id")));
        }
        if claim["status"] == "measured" && !claim["derivation"].is_object() {
            faults.push(format!("{} is measured and has no derivation", claim["id"]));
        }
    }
    walk(report, &mut |key, value| {
        let known = match key {
            "citations" => strings(value).iter().all(|id| evidence.contains(id)),
            "claim" => value.is_null() || value.as_str().is_some_and(|id| claims.contains(id)),
            "for" | "against" => strings(value).iter().all(|id| claims.contains(id)),
            _ => true,
        };
        if !known {
            faults.push(format!("{key} {value} leads nowhere"));
        }
    });
}

/// Rule 3: what is not known is asked for, once, and what is known is not.
fn unknowns(report: &Value, quiet: bool, faults: &mut Vec<String>) {
    let asked: BTreeSet<String> = array(report, "unknowns").iter().map(|u| text(u, "field")).collect();
    let mut fields: Vec<(String, &Value)> = vec![
        ("incident.severity".into(), &report["incident"]["severity"]),
        ("remediation".into(), &report["remediation"]),
        ("first_failing_service".into(), &report["first_failing_service"]),
    ];
    for part in ["times", "metrics"] {
        fields.extend(report[part].as_object().into_iter().flatten().map(|(k, v)| (format!("{part}.{k}"), v)));
    }
    for (field, value) in fields {
        if value.is_null() && !quiet && !asked.contains(&field) {
            faults.push(format!("{field} is null and not among the unknowns"));
        }
        if !value.is_null() && asked.contains(&field) {
            faults.push(format!("{field} is known and among the unknowns"));
        }
        if value == "" || value["value"] == "" {
            faults.push(format!("{field} is an empty text"));
        }
    }
}

/// Rule 4.
fn causes(report: &Value, quiet: bool, faults: &mut Vec<String>) {
    let causes = array(report, "causes");
    let undetermined = report["undetermined"] == true;
    let least = if quiet { 0 } else { 1 + usize::from(undetermined) };
    if causes.len() < least || quiet && (!causes.is_empty() || undetermined) {
        faults.push(format!("{} causes, undetermined {undetermined}, none found {quiet}", causes.len()));
    }
    if undetermined != report["next_check"].is_string() {
        faults.push("undetermined and next_check do not go together".into());
    }
    let mut sum = 0.0;
    let mut last = f64::INFINITY;
    for (i, cause) in causes.iter().enumerate() {
        let probability = cause["probability"].as_f64().unwrap_or(-1.0);
        if cause["rank"] != i + 1 || !(0.0..=1.0).contains(&probability) || probability > last + 1e-9 {
            faults.push(format!("cause {} has probability {probability} after {last}", cause["rank"]));
        }
        if strings(&cause["for"]).is_empty() {
            faults.push(format!("nothing speaks for cause {}", cause["rank"]));
        }
        (sum, last) = (sum + probability, probability);
    }
    if sum > 1.0 + 1e-3 {
        faults.push(format!("the probabilities sum to {sum}"));
    }
}

/// Rule 5 and 6.
fn order(report: &Value, quiet: bool, faults: &mut Vec<String>) {
    let at: Vec<String> = array(report, "timeline").iter().map(|t| text(t, "at")).collect();
    if at.is_empty() && !quiet || at.iter().zip(at.iter().skip(1)).any(|(a, b)| moment(a) > moment(b)) {
        faults.push("the timeline is empty or not sorted".into());
    }
    for pair in [
        ("started", "detected"),
        ("detected", "acknowledged"),
        ("started", "mitigation_started"),
        ("mitigation_started", "mitigated"),
        ("started", "mitigated"),
        ("mitigated", "resolved"),
        ("started", "resolved"),
    ] {
        let time = |name: &str| report["times"][name]["at"].as_str().map(moment);
        if let (Some(first), Some(then)) = (time(pair.0), time(pair.1))
            && first > then
        {
            faults.push(format!("{} is after {}", pair.0, pair.1));
        }
    }
    for c in array(report, "contradictions") {
        if array(c, "values").len() < 2 {
            faults.push(format!("a contradiction of one value: {}", text(c, "text")));
        }
    }
    for a in array(report, "actions").iter().filter(|a| a["origin"] == "suggested") {
        if !a["owner"].is_null() || !a["due"].is_null() {
            faults.push(format!("a suggestion with an owner: {}", text(a, "text")));
        }
    }
}

fn coverage(report: &Value, faults: &mut Vec<String>) {
    for source in array(&report["coverage"], "sources") {
        let number = |v: &Value, key: &str| v[key].as_u64().unwrap_or(u64::MAX);
        let skipped: u64 = array(source, "skipped").iter().map(|s| number(s, "bytes")).sum();
        if number(source, "read_bytes").saturating_add(skipped) != number(source, "bytes") {
            faults.push(format!("{}: bytes are not accounted for", source["name"]));
        }
    }
}

fn walk(value: &Value, see: &mut dyn FnMut(&str, &Value)) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                see(key, inner);
                walk(inner, see);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, see)),
        _ => {}
    }
}

fn array<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(|v| Some(v.as_str()?.to_string())).collect()
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_string()
}

fn moment(text: &str) -> jiff::Timestamp {
    text.parse().unwrap_or_else(|_| panic!("{text} is no time"))
}
