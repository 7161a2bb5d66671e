//! Incidents that are told of where no log shows them, and what sounds like one and is none: all invented.

use serde_json::{Value, json};

use report::model::Status;

use crate::cases::{self, Files};

/// Half an hour of a probe that is answered.
fn well() -> (String, Vec<u8>) {
    let line = |i: usize| {
        format!("10.0.0.7 - - [18/Mar/2025:13:{:02}:00 +0000] \"GET /health HTTP/1.1\" 200 2 \"-\" \"probe\"\n", 25 + i)
    };
    ("health.log".into(), (0..30).map(line).collect::<String>().into_bytes())
}

fn alert(severity: &str, name: &str, summary: &str) -> (String, Vec<u8>) {
    let alert = json!({"status": "resolved", "labels": {"alertname": name, "service": "basket", "severity": severity},
        "annotations": {"summary": summary}, "startsAt": "2025-03-18T13:40:00Z", "endsAt": "2025-03-18T13:50:00Z"});
    ("alerts.json".into(), json!({"version": "4", "status": "resolved", "alerts": [alert]}).to_string().into_bytes())
}

fn chat(lines: &[&str]) -> (String, Vec<u8>) {
    let line = |(i, text): (usize, &&str)| format!("[2025-03-18 13:{:02}] {text}\n", 40 + i);
    ("chat.txt".into(), lines.iter().enumerate().map(line).collect::<String>().into_bytes())
}

#[track_caller]
fn check(file: &(String, Vec<u8>), is_one: bool) {
    for files in [vec![file.clone()], vec![file.clone(), well()]] {
        let report = cases::report(&Files::from_iter(files));
        let text = String::from_utf8_lossy(&file.1);
        assert_eq!(report.incident.status != Status::NoneFound, is_one, "{text}: {:?}", report.incident);
        let started = serde_json::to_value(&report.times).ok().and_then(|times: Value| times.get("started").cloned());
        assert!(started.is_none_or(|started| started.is_null()), "no record shows when it began: {text}");
    }
}

#[test]
fn a_grave_alert_is_an_incident_beside_logs_that_are_well() {
    check(&alert("critical", "BasketErrors", "61% of the requests of basket fail"), true);
}

#[test]
fn a_warning_that_is_over_and_an_exercise_are_none() {
    check(&alert("warning", "DiskFills", "the disk of basket is 71% full"), false);
    check(&alert("low", "DiskFills", "the disk of basket is 71% full"), false);
    check(&alert("critical", "TestAlert", "this is a test of the pager"), false);
}

#[test]
fn people_who_say_that_it_is_down_and_treat_it_have_an_incident() {
    check(
        &chat(&["Ann: the shop is down, customers cannot pay", "Bob: on it", "Bob: rolled back basket to v3", "Bob: resolved"]),
        true,
    );
}

#[test]
fn a_question_a_build_and_a_false_alarm_are_none() {
    check(&chat(&["Ann: is the shop down?", "Ann: no, my wifi. sorry", "Bob: deployed the new banner"]), false);
    check(&chat(&["cibot: build failed on main", "Bob: on it", "Bob: fixed, all green"]), false);
    check(&chat(&["Ann: does anyone see errors in the shop?", "Bob: looking", "Bob: nothing in the graphs"]), false);
}
