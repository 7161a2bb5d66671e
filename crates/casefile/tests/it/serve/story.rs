//! The way of a case: evidence in, a report out, people's words beside it, and out again.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use super::{Served, example};

fn reported(served: &Served) -> String {
    let case = served.new_case("Checkout");
    for (name, bytes) in example() {
        let answer = served.put(&case, &name, &bytes).expect("answers");
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
    let told = served.settled(&case);
    assert_eq!(told["phase"], "done", "{told}");
    case
}

fn report(served: &Served, case: &str) -> Value {
    served.get(&format!("/api/v1/cases/{case}/report")).json()
}

fn change(served: &Served, case: &str, change: &Value) -> Value {
    let wanted = json!({ "by": "Ann Example", "why": "the dashboard shows it", "change": change });
    let answer = served.post(&format!("/api/v1/cases/{case}/changes"), &wanted);
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

/// Of the first claim of the summary.
fn first(report: &Value) -> (String, String) {
    let claim = report["claims"].as_array().unwrap().iter().find(|claim| claim["section"] == "summary").unwrap();
    (claim["id"].as_str().unwrap().to_owned(), claim["text"].as_str().unwrap().to_owned())
}

#[test]
fn what_was_uploaded_is_what_the_command_reports() {
    let data = tempfile::tempdir().unwrap();
    let served = Served::at(data.path());
    let case = reported(&served);
    let mut of_server = report(&served, &case);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/checkout");
    let output = Command::new(env!("CARGO_BIN_EXE_casefile")).args(["report", folder, "--format", "json"]).output().unwrap();
    let of_command: Value = serde_json::from_slice(&output.stdout).unwrap();
    of_server.as_object_mut().unwrap().remove("by_hand");
    assert_eq!(of_server, of_command);
}

#[test]
fn a_sentence_that_was_reworded_keeps_its_citations_and_is_told_from_the_analysis_in_every_format() {
    let data = tempfile::tempdir().unwrap();
    let served = Served::at(data.path());
    let case = reported(&served);
    let before = report(&served, &case);
    let (id, machine) = first(&before);
    change(&served, &case, &json!({ "kind": "reword", "claim": id, "text": "Nobody could pay." }));
    let after = report(&served, &case);
    assert_eq!(after["claims"], before["claims"], "what the analysis says stands");
    assert_eq!(after["by_hand"]["wordings"][0]["text"], "Nobody could pay.");
    for format in ["html", "md", "notion", "confluence", "confluence-wiki", "jira", "slack"] {
        let text = served.get(&format!("/api/v1/cases/{case}/exports/{format}")).text();
        let text = text.replace("&#32;", " ").replace('\\', "");
        assert!(text.contains("Nobody could pay.") && text.contains("Worded by Ann Example"), "{format}");
        assert!(!text.contains(&machine), "{format} says both");
    }
    let page = served.get(&format!("/cases/{case}")).text();
    assert!(page.contains("Worded by Ann Example"));
    let customer = served.get(&format!("/api/v1/cases/{case}/exports/md?audience=customer"));
    assert!(customer.status == 200 && !customer.text().contains("Ann Example"), "{}", customer.text());
}

#[test]
fn an_edited_report_still_verifies_against_the_files_it_was_made_of() {
    let data = tempfile::tempdir().unwrap();
    let served = Served::at(data.path());
    let case = reported(&served);
    let (id, _) = first(&report(&served, &case));
    change(&served, &case, &json!({ "kind": "reword", "claim": id, "text": "Nobody could pay: 99 % of all orders failed." }));
    change(&served, &case, &json!({ "kind": "judge", "claim": id, "verdict": "partly" }));
    let path = data.path().join("edited.json");
    fs::write(&path, served.get(&format!("/api/v1/cases/{case}/exports/json")).body).unwrap();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/checkout");
    let output = Command::new(env!("CARGO_BIN_EXE_casefile")).arg("verify").arg(&path).arg(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn customers_are_told_a_cause_only_as_long_as_no_person_says_that_it_is_none() {
    let data = tempfile::tempdir().unwrap();
    let served = Served::at(data.path());
    let case = reported(&served);
    let cause = report(&served, &case)["causes"][0]["claim"].as_str().unwrap().to_owned();
    let causes =
        || served.get(&format!("/api/v1/cases/{case}/exports/json?audience=customer")).json()["causes"].as_array().unwrap().len();
    change(&served, &case, &json!({ "kind": "judge", "claim": cause, "verdict": "wrong" }));
    assert_eq!(causes(), 0);
    change(&served, &case, &json!({ "kind": "choose", "claim": cause }));
    assert_eq!(causes(), 1);
}

#[test]
fn two_people_who_change_the_same_version_do_not_overwrite_each_other() {
    let data = tempfile::tempdir().unwrap();
    let served = Served::at(data.path());
    let case = reported(&served);
    let (id, _) = first(&report(&served, &case));
    let wanted = |by: &str| json!({ "by": by, "expected": 0, "change": { "kind": "judge", "claim": id, "verdict": "right" } });
    let path = format!("/api/v1/cases/{case}/changes");
    assert_eq!(served.post(&path, &wanted("Ann")).status, 201);
    let late = served.post(&path, &wanted("Bo"));
    assert_eq!((late.status, late.json()["current"].as_i64()), (409, Some(1)));
    assert_eq!(served.get(&path).json().as_array().unwrap().len(), 1);
}

#[test]
fn more_evidence_changes_the_analysis_and_never_a_persons_words() {
    let data = tempfile::tempdir().unwrap();
    let served = Served::at(data.path());
    let case = served.new_case("Checkout");
    let (late, early): (Vec<_>, Vec<_>) =
        example().into_iter().partition(|(name, _)| name.starts_with("slack/") || name == "pagerduty.json");
    for (name, bytes) in &early {
        assert_eq!(served.put(&case, name, bytes).unwrap().status, 201);
    }
    served.settled(&case);
    let (id, _) = first(&report(&served, &case));
    change(&served, &case, &json!({ "kind": "reword", "claim": id, "text": "Nobody could pay." }));
    let number = |served: &Served| served.get(&format!("/api/v1/cases/{case}")).json()["analysis"].as_i64().unwrap();
    let before = number(&served);
    for (name, bytes) in &late {
        assert_eq!(served.put(&case, name, bytes).unwrap().status, 201);
    }
    served.settled(&case);
    let after = number(&served);
    assert!(after > before);
    let hand = report(&served, &case)["by_hand"].clone();
    let kept = hand["wordings"].to_string() + &hand["unmatched"].to_string();
    assert!(kept.contains("Nobody could pay."), "{hand}");
    let differences = served.get(&format!("/api/v1/cases/{case}/differences?from_analysis={before}&to_analysis={after}")).json();
    assert!(differences.as_array().unwrap().iter().any(|d| d["what"] != "title"), "{differences}");
}

#[test]
fn a_statement_by_hand_is_cited_with_its_name_and_never_measured() {
    let data = tempfile::tempdir().unwrap();
    let served = Served::at(data.path());
    let case = reported(&served);
    let about = report(&served, &case)["times"]["started"]["at"].as_str().unwrap().to_owned();
    let text = "I rolled back checkout-api because the pool was empty";
    change(&served, &case, &json!({ "kind": "testify", "text": text, "about": about }));
    served.settled(&case);
    let report = report(&served, &case);
    let cited: Vec<&Value> =
        report["evidence"].as_array().unwrap().iter().filter(|e| e["source"] == "statements-by-hand/statements.json").collect();
    let source =
        report["coverage"]["sources"].as_array().unwrap().iter().find(|s| s["name"] == "statements-by-hand/statements.json");
    assert!(source.is_some_and(|source| source["records"].as_u64() >= Some(1)), "{}", report["coverage"]);
    for evidence in cited {
        let by = |claim: &&Value| {
            claim["citations"].as_array().unwrap().contains(&evidence["id"]) && claim["citations"].as_array().unwrap().len() == 1
        };
        for claim in report["claims"].as_array().unwrap().iter().filter(by) {
            assert_ne!(claim["status"], "measured", "{claim}");
        }
    }
}

#[test]
fn what_was_changed_can_be_compared_and_taken_back() {
    let data = tempfile::tempdir().unwrap();
    let served = Served::at(data.path());
    let case = reported(&served);
    let (id, machine) = first(&report(&served, &case));
    change(&served, &case, &json!({ "kind": "reword", "claim": id, "text": "Nobody could pay." }));
    let differences = served.get(&format!("/api/v1/cases/{case}/differences?from=0&to=1")).json();
    let found = differences.as_array().unwrap().iter().find(|d| d["by"] == "Ann Example").unwrap();
    assert_eq!(found["before"].as_str(), Some(machine.as_str()));
    change(&served, &case, &json!({ "kind": "restore", "version": 0 }));
    assert_eq!(served.get(&format!("/api/v1/cases/{case}/differences?from=0&to=2")).json(), json!([]));
    let changes = served.get(&format!("/api/v1/cases/{case}/changes")).json();
    assert_eq!(changes.as_array().unwrap().len(), 2, "nothing is forgotten");
}

#[test]
fn an_action_that_somebody_added_is_assigned_and_done_and_goes_wherever_actions_go() {
    let data = tempfile::tempdir().unwrap();
    let served = Served::at(data.path());
    let case = reported(&served);
    change(&served, &case, &json!({ "kind": "act", "text": "Write a runbook." }));
    change(&served, &case, &json!({ "kind": "assign", "claim": "h1", "owner": "Cy", "due": "2026-12-24" }));
    change(&served, &case, &json!({ "kind": "assign", "claim": "h1", "status": "done" }));
    let action = report(&served, &case)["by_hand"]["actions"][0].clone();
    assert_eq!((&action["owner"], &action["due"], &action["status"]), (&json!("Cy"), &json!("2026-12-24"), &json!("done")));
    assert_eq!((&action["version"], &action["assigned"]["version"]), (&json!(1), &json!(3)));
    let export = |format: &str| served.get(&format!("/api/v1/cases/{case}/exports/{format}")).text().replace("\r\n ", "");
    let csv = export("actions-csv");
    let line = csv.lines().find(|line| line.contains("Write a runbook.")).unwrap();
    assert!(line.contains("\"Cy\",\"2026-12-24\",\"done\""), "{line}");
    assert!(export("ics").contains("DTSTART;VALUE=DATE:20261224"), "{}", export("ics"));
    assert!(export("md").contains("as set by Ann Example"));
    let history = served.get(&format!("/cases/{case}/history")).text();
    assert!(history.contains("set owner Cy, due 2026-12-24") && history.contains("set status done"), "{history}");
    let panel = served.get(&format!("/cases/{case}/statements/h1"));
    assert!(panel.status == 200 && panel.text().contains("value=\"assign\"") && !panel.text().contains("value=\"reword\""));
    let path = format!("/api/v1/cases/{case}/changes");
    let wanted = json!({ "by": "Ann", "change": { "kind": "reword", "claim": "h1", "text": "Other words." } });
    assert_eq!(served.post(&path, &wanted).status, 404, "it is no statement of the analysis");
    let gone = json!({ "by": "Ann", "change": { "kind": "assign", "claim": "h7", "status": "done" } });
    assert_eq!(served.post(&path, &gone).status, 404);
    change(&served, &case, &json!({ "kind": "restore", "version": 0 }));
    assert!(report(&served, &case)["by_hand"].get("actions").is_none());
}

#[test]
fn the_log_room_finds_a_line_counts_it_and_shows_what_stands_around_it() {
    let data = tempfile::tempdir().unwrap();
    let served = Served::at(data.path());
    let case = reported(&served);
    let base = format!("/api/v1/cases/{case}/logs");
    let found = (0..100)
        .map(|_| served.get(&format!("{base}?q=%22profile+lookup+failed%22+level%3Aerror&limit=5")))
        .find(|answer| {
            std::thread::sleep(std::time::Duration::from_millis(if answer.status == 503 { 100 } else { 0 }));
            answer.status != 503
        })
        .unwrap();
    assert_eq!(found.status, 200, "{}", found.text());
    let hit = &found.json()["hits"][0];
    assert!(hit["text"].as_str().unwrap().contains("profile lookup failed") && hit["level"] == "error", "{hit}");
    let lines =
        served.get(&format!("{base}/lines?source={}&line={}&context=2", hit["source"].as_str().unwrap(), hit["line"])).json();
    let lines = lines.as_array().unwrap();
    assert!(lines.len() == 5 && lines[2]["is_it"] == true && lines[2]["number"] == hit["line"], "{lines:?}");
    let counted = served.get(&format!("{base}/counts?q=level%3Aerror")).text();
    let last = counted.lines().rfind(|line| line.starts_with("data:")).unwrap();
    let last: Value = serde_json::from_str(last.trim_start_matches("data:")).unwrap();
    let levels: u64 = served.get(&format!("{base}/sources")).json().as_array().unwrap().iter().map(errors).sum();
    assert_eq!((last["total"].as_u64(), last["is_done"].as_bool()), (Some(levels), Some(true)));
}

fn errors(source: &Value) -> u64 {
    source["levels"].as_array().unwrap().iter().filter(|level| level[0] == "error").filter_map(|level| level[1].as_u64()).sum()
}

#[test]
fn deleting_a_case_leaves_nothing_of_it() {
    let data = tempfile::tempdir().unwrap();
    let served = Served::at(data.path());
    let case = served.new_case("Gone");
    let line = "2026-03-01T10:00:00Z ERROR unmistakable-words of a case that goes away\n";
    served.put(&case, "a.log", line.repeat(50).as_bytes()).unwrap();
    served.settled(&case);
    served.get(&format!("/api/v1/cases/{case}/logs"));
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert_eq!(served.send("DELETE", &format!("/api/v1/cases/{case}"), &[], b"").unwrap().status, 204);
    assert_eq!(served.get(&format!("/cases/{case}")).status, 404);
    let mut left = Vec::new();
    for part in ["blobs", "rooms", "incoming"] {
        files(&data.path().join(part), &mut left);
    }
    assert!(left.is_empty(), "{left:?}");
}

/// Every file in a folder, however deep.
pub fn files(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() { files(&entry.path(), found) } else { found.push(entry.path()) }
    }
}

#[test]
fn on_thin_evidence_it_says_that_nothing_could_be_used() {
    let data = tempfile::tempdir().unwrap();
    let served = Served::at(data.path());
    let case = served.new_case("Thin");
    served.put(&case, "a.txt", b"hello\n").unwrap();
    let told = served.settled(&case);
    assert_eq!(told["phase"], "failed");
    assert!(told["why"].as_str().unwrap().starts_with("nothing usable in the input: a.txt (6 bytes)"), "{told}");
    let page = served.get(&format!("/cases/{case}"));
    assert!(page.status == 200 && page.text().contains("nothing usable in the input"), "{}", page.text());
}
