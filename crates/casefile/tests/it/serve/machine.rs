//! A machine that has little memory, and one whose clock jumps.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Served;
use super::days::LINE;

/// Address space of a process, in units of 1,024 bytes.
fn address_space(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmSize:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// With so much address space, and a heap that takes no more of it than it needs.
fn with_memory(data: &Path, kib: Option<u64>) -> Option<Served> {
    let limit = kib.map_or("unlimited".to_owned(), |kib| kib.to_string());
    let mut command = Command::new("sh");
    let start = format!("ulimit -v {limit}; exec \"$0\" serve --addr 127.0.0.1:0 --threads 2 --data \"$1\"");
    command.args(["-c", &start, env!("CARGO_BIN_EXE_casefile")]).arg(data).env("MALLOC_ARENA_MAX", "1");
    Served::started(command)
}

/// A chat of so many messages, which is read as a whole.
fn chat(messages: usize) -> Vec<u8> {
    let message = |n: usize| {
        let text = format!("I see errors of checkout, number {n}, and look at the dashboards of the last hour");
        json!({ "type": "message", "user": "U1", "ts": format!("{}.{n:06}", 1_772_359_200 + n), "text": text })
    };
    serde_json::to_vec(&(0..messages).map(message).collect::<Vec<Value>>()).unwrap()
}

#[test]
fn a4_work_that_needs_more_memory_than_there_is_is_given_up_and_nothing_else_is_lost() {
    let data = tempfile::tempdir().unwrap();
    let (small, size) = {
        let served = with_memory(data.path(), None).unwrap();
        let case = served.new_case("Small");
        served.put(&case, "a.log", LINE.repeat(40).as_bytes()).unwrap();
        assert_eq!(served.settled(&case)["phase"], "done");
        (case, address_space(served.id()))
    };
    // Enough for what was done, and much too little for what comes.
    let start = || with_memory(data.path(), Some(size + (96 << 10))).expect("it starts with little memory");
    let mut served = start();
    let large = served.new_case("Large");
    assert_eq!(served.put(&large, "chat.json", &chat(120_000)).unwrap().status, 201, "an upload is streamed");
    // Who supervises it starts it again.
    let (begun, mut deaths) = (Instant::now(), 0);
    let told = loop {
        assert!(begun.elapsed() < Duration::from_secs(120) && deaths < 6, "{deaths} deaths");
        match served.send("GET", &format!("/api/v1/cases/{large}/analysis"), &[], b"") {
            None => {
                assert!(served.ended(Duration::from_secs(10)).is_some());
                deaths += 1;
                served = start();
            }
            Some(answer) if answer.json()["phase"] == "failed" => break answer.json(),
            Some(answer) => assert_ne!(answer.json()["phase"], "done", "it was not too little"),
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    println!("{deaths} deaths, then: {told}");
    assert_eq!(served.get("/healthz").status, 200);
    assert_eq!(served.get("/readyz").status, 200);
    assert_eq!(served.get(&format!("/api/v1/cases/{small}/report")).status, 200);
    assert_eq!(served.get(&format!("/api/v1/cases/{large}/uploads")).json().as_array().unwrap().len(), 1);
    let next = served.new_case("Next");
    served.put(&next, "a.log", LINE.repeat(40).as_bytes()).unwrap();
    assert_eq!(served.settled(&next)["phase"], "done", "it goes on with others");
}

/// Debian's libfaketime, or the one that CASEFILE_FAKETIME names.
fn faketime() -> PathBuf {
    let usual = fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path().join("faketime"));
    let named = std::env::var_os("CASEFILE_FAKETIME").map(PathBuf::from);
    let found = named.into_iter().chain(usual.map(|folder| folder.join("libfaketimeMT.so.1"))).find(|path| path.exists());
    found.expect("libfaketime is installed, or CASEFILE_FAKETIME names it")
}

#[test]
#[ignore = "the long form: needs libfaketime; its result is kept in docs/reliability.md"]
fn a6_a_clock_that_jumps_loses_nothing_ends_nothing_early_and_keeps_the_order() {
    let data = tempfile::tempdir().unwrap();
    let clock = data.path().join("clock");
    fs::write(&clock, "+0").unwrap();
    let folder = data.path().join("data");
    let mut command = Command::new(env!("CARGO_BIN_EXE_casefile"));
    command.args(["serve", "--addr", "127.0.0.1:0", "--retention-days", "1", "--data"]).arg(&folder);
    // The steady clock of the machine is left alone, as it does not jump.
    command.env("LD_PRELOAD", faketime()).env("FAKETIME_TIMESTAMP_FILE", &clock);
    command.env("FAKETIME_NO_CACHE", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    let served = Served::started(command).expect("starts");
    let mut cases = vec![served.new_case("Before")];
    // The year of 2038, a leap day, hours and years in both directions, as offsets or as dates.
    let jumps = ["+1h", "-1h", "+1y", "-1y", "@2038-01-19 03:14:06", "@2028-02-29 23:59:59", "@1970-01-02 00:00:00", "+0"];
    for jump in jumps {
        let case = served.new_case(jump);
        served.put(&case, "a.log", LINE.repeat(4_000).as_bytes()).unwrap();
        // In the middle of it.
        std::thread::sleep(Duration::from_millis(400));
        fs::write(&clock, jump).unwrap();
        assert_eq!(served.settled(&case)["phase"], "done", "{jump}");
        let said = |text: &str| {
            let wanted = json!({ "by": "Ann", "change": { "kind": "act", "text": text } });
            served.post(&format!("/api/v1/cases/{case}/changes"), &wanted).json()["version"].as_i64()
        };
        assert_eq!((said("One"), said("Two")), (Some(1), Some(2)), "{jump}");
        cases.push(case);
        let after = served.new_case(&format!("After {jump}"));
        let made = served.get(&format!("/api/v1/cases/{after}")).json()["created_at"].as_str().unwrap().to_owned();
        assert_eq!(jump.starts_with("@2038"), made.starts_with("2038"), "{jump}: the clock is the one that was given: {made}");
        cases.push(after);
    }
    // Longer than the server waits between two looks for what is old.
    std::thread::sleep(Duration::from_secs(12));
    let listed = served.get("/api/v1/cases").json();
    let ids: Vec<&str> = listed.as_array().unwrap().iter().filter_map(|case| case["id"].as_str()).collect();
    let newest_first: Vec<&str> = cases.iter().rev().map(String::as_str).collect();
    assert_eq!(ids, newest_first, "every case is there, in the order in which it was made");
}
