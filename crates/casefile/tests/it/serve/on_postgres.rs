//! The server with its rows in PostgreSQL: the same way of a case, and a database that is taken away and comes back.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::client::Answer;
use super::days::{Acknowledged, holds};
use super::postgres::Postgres;
use super::story::files;
use super::{Served, example};

fn at(data: &std::path::Path, postgres: &Postgres) -> Served {
    Served::with(data, &["--postgres", &postgres.url()], &[]).expect("the server starts")
}

#[test]
fn a_case_goes_its_whole_way_and_outlives_the_server() {
    let Some(postgres) = Postgres::start() else { return };
    let data = tempfile::tempdir().unwrap();
    let mut served = at(data.path(), &postgres);
    let case = served.new_case("Checkout");
    let path = format!("/api/v1/cases/{case}");
    for (name, bytes) in example() {
        assert_eq!(served.put(&case, &name, &bytes).unwrap().status, 201);
    }
    assert_eq!(served.settled(&case)["phase"], "done");
    let before = served.get(&format!("{path}/report")).json();
    let claim = before["claims"][0]["id"].as_str().unwrap().to_owned();
    let said = |served: &Served, change: Value| {
        let answer = served.post(&format!("{path}/changes"), &json!({ "by": "Ann", "why": "I was there", "change": change }));
        assert_eq!(answer.status, 201, "{}", answer.text());
    };
    said(&served, json!({ "kind": "reword", "claim": claim, "text": "Nobody could pay." }));
    said(&served, json!({ "kind": "testify", "text": "I rolled it back" }));
    assert_eq!(served.settled(&case)["phase"], "done");
    let differences = served.get(&format!("{path}/differences?from=0&to=1")).json();
    assert!(differences.as_array().unwrap().iter().any(|d| d["by"] == "Ann"), "{differences}");

    served.kill();
    let served = at(data.path(), &postgres);
    assert_eq!(served.get(&path).json()["version"], 2);
    assert_eq!(served.get(&format!("{path}/report")).json()["by_hand"]["wordings"][0]["text"], "Nobody could pay.");
    said(&served, json!({ "kind": "restore", "version": 0 }));
    served.settled(&case);
    assert_eq!(served.get(&format!("{path}/report")).json()["claims"], before["claims"]);
    assert!(served.get(&format!("{path}/exports/md")).status == 200 && served.get(&format!("/cases/{case}")).status == 200);
    assert_eq!(served.send("DELETE", &path, &[], b"").unwrap().status, 204);
    assert_eq!(served.get(&path).status, 404);
    let mut left = Vec::new();
    files(&data.path().join("blobs"), &mut left);
    assert!(left.is_empty(), "the evidence goes with it: {left:?}");
}

/// A refusal that says when to come back.
fn is_put_off(answer: &Answer) -> bool {
    answer.status == 503 && answer.header("retry-after").is_some()
}

fn healed(served: &Served) -> Duration {
    let begun = Instant::now();
    while served.get("/readyz").status != 200 {
        assert!(begun.elapsed() < Duration::from_secs(5), "it does not heal");
        std::thread::sleep(Duration::from_millis(20));
    }
    begun.elapsed()
}

#[test]
fn a5_a_database_that_is_away_is_told_and_what_waits_for_it_is_done_when_it_is_back() {
    let Some(mut postgres) = Postgres::start() else { return };
    let data = tempfile::tempdir().unwrap();
    let served = at(data.path(), &postgres);
    let case = served.new_case("Away");
    let log = "2026-03-01T10:00:00Z ERROR checkout failed: the pool is empty\n".repeat(40);
    assert_eq!(served.put(&case, "a.log", log.as_bytes()).unwrap().status, 201);
    // While the analysis is under way, or about to be.
    postgres.crash();
    for path in ["/api/v1/cases", "/readyz", &format!("/cases/{case}")] {
        let answer = served.get(path);
        assert!(is_put_off(&answer), "{path}: {} {}", answer.status, answer.text());
    }
    assert!(is_put_off(&served.post("/api/v1/cases", &json!({ "title": "Nowhere" }))));
    assert!(is_put_off(&served.put(&case, "b.log", log.as_bytes()).unwrap()));
    assert_eq!(served.get("/healthz").status, 200);
    postgres.rise();
    healed(&served);
    assert_eq!(served.settled(&case)["phase"], "done");
    assert_eq!(served.get("/api/v1/cases").json().as_array().unwrap().len(), 1, "nothing is there that was refused");
}

/// PostgreSQL is restarted as after a crash so many times, under people who write and read; says how long healing took.
fn restarted_under_load(times: usize) -> Vec<Duration> {
    let Some(mut postgres) = Postgres::start() else { return Vec::new() };
    let data = tempfile::tempdir().unwrap();
    let served = at(data.path(), &postgres);
    let (told, over, put_off) = (Mutex::new(Acknowledged::default()), AtomicBool::new(false), AtomicUsize::new(0));
    let answered = |answer: Answer, wanted: u16| {
        assert!(answer.status == wanted || is_put_off(&answer), "{} {}", answer.status, answer.text());
        put_off.fetch_add(usize::from(answer.status == 503), Ordering::Relaxed);
        (answer.status == wanted).then(|| answer.json())
    };
    let mut took = Vec::new();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let (served, told, over, answered) = (&served, &told, &over, &answered);
            scope.spawn(move || {
                for round in 0.. {
                    if over.load(Ordering::Relaxed) {
                        return;
                    }
                    let made = served.post("/api/v1/cases", &json!({ "title": format!("{writer}-{round}") }));
                    let Some(made) = answered(made, 201) else { continue };
                    let case = made["id"].as_str().unwrap().to_owned();
                    told.lock().unwrap().cases.push(case.clone());
                    // Each is analysed, which takes longer than all the rest.
                    if round % 40 == 0 {
                        let log = format!("2026-03-01T10:00:00Z ERROR {writer} {round} failed\n").repeat(40);
                        if answered(served.put(&case, "a.log", log.as_bytes()).unwrap(), 201).is_some() {
                            told.lock().unwrap().uploads.push((case.clone(), "a.log".to_owned()));
                            let said = json!({ "by": "Ann", "change": { "kind": "testify", "text": "I saw it" } });
                            let changed = answered(served.post(&format!("/api/v1/cases/{case}/changes"), &said), 201);
                            let version = changed.and_then(|changed| changed["version"].as_i64());
                            told.lock().unwrap().changes.extend(version.map(|version| (case.clone(), version)));
                        }
                    }
                    let _ = answered(served.get(&format!("/api/v1/cases/{case}")), 200);
                }
            });
        }
        for _ in 0..times {
            std::thread::sleep(Duration::from_millis(700));
            postgres.crash();
            std::thread::sleep(Duration::from_millis(200));
            postgres.rise();
            took.push(healed(&served));
        }
        std::thread::sleep(Duration::from_millis(300));
        over.store(true, Ordering::Relaxed);
    });
    let told = told.into_inner().unwrap();
    let counts = (told.cases.len(), told.changes.len(), told.uploads.len(), put_off.into_inner());
    println!("{counts:?} cases, changes and uploads acknowledged, and requests put off; healed after {took:?}");
    assert!(counts.0 > times && counts.3 > 0, "{counts:?}");
    holds(&served, &told, "after the restarts");
    took
}

#[test]
fn a5_a_database_that_is_restarted_under_load_loses_nothing_acknowledged() {
    restarted_under_load(2);
}

#[test]
#[ignore = "the long form: 20 times; its result is kept in docs/reliability.md"]
fn a5_twenty_restarts() {
    restarted_under_load(20);
}
