//! A1: a process dies at every place where a machine may die, and at any moment; what it was told is kept is kept once, what it
//! was not told is there as a whole or not at all.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use store::{Ending, Location, State, Store, StoreError};

use crate::child::{Lines, child};
use crate::engines::{NOW, Place, ask, is_intact, run};
use crate::keeping::{change, put};

/// Everything that commits something, once; doing it again from any point comes to the same end.
pub async fn script(location: &Location, lines: &Lines) {
    let store = Store::open(location, NOW).await.unwrap();
    let a = store.create_case("A", Some("a"), NOW).await.unwrap().value.id;
    lines.say(format_args!("case {a}"));
    upload(&store, &a, "x.log", b"content x", lines).await;
    work(&store, lines).await;
    store.rename_case(&a, "A, renamed").await.unwrap();
    upload(&store, &a, "y.log", &[b'y'; 1_500_000], lines).await;
    store.lease("w", NOW, NOW + 60_000).await.unwrap();
    for (version, key) in [(0, "c1"), (1, "c2")] {
        let version = store.add_change(&a, version, &change(key, Some(key))).await.unwrap();
        lines.say(format_args!("change {a} {version} {key}"));
    }
    let b = store.create_case("B", Some("b"), NOW).await.unwrap().value.id;
    lines.say(format_args!("case {b}"));
    upload(&store, &b, "x.log", b"content x", lines).await;
    upload(&store, &b, "z.log", b"content z", lines).await;
    store.cancel(&b, NOW).await.unwrap();
    remove(&store, &a, "y.log", lines).await;
    delete(&store, &b, lines).await;
    let passed = store.fault_points();
    store.close().await;
    drop(store);

    // The lease that nobody ended is given back by opening, which may die as well.
    let abort_at = location.abort_at.map(|n| n.saturating_sub(passed));
    let store = Store::open(&Location { abort_at, ..location.clone() }, NOW).await.unwrap();
    while work(&store, lines).await {}
    lines.say(format_args!("points {}", passed + store.fault_points()));
    store.close().await;
}

/// Uploads, jobs, changes and deletions all at once, until it is killed.
pub async fn storm(location: &Location, lines: &Lines) {
    let store = Store::open(location, NOW).await.unwrap();
    lines.say("open");
    let old = store.cases().await.unwrap();
    let case = store.create_case("storm", None, NOW).await.unwrap().value.id;
    lines.say(format_args!("case {case}"));
    let uploading = async {
        for n in 0.. {
            // Twice each, so that there are some that are not new.
            let content = format!("{case} {}", n / 2).repeat(if n % 16 == 0 { 30_000 } else { 10 });
            upload(&store, &case, &format!("{}.log", n % 7), content.as_bytes(), lines).await;
        }
    };
    let working = async {
        loop {
            work(&store, lines).await;
            tokio::task::yield_now().await;
        }
    };
    let changing = async {
        for version in 0.. {
            let version = store.add_change(&case, version, &change("storm", None)).await.unwrap();
            lines.say(format_args!("change {case} {version} storm"));
        }
    };
    let deleting = async {
        for case in old.iter().skip(2) {
            delete(&store, &case.id, lines).await;
        }
    };
    tokio::join!(uploading, working, changing, deleting);
}

async fn upload(store: &Store, case: &str, name: &str, content: &[u8], lines: &Lines) {
    let blob = put(store, content).await;
    let upload = store.add_upload(case, name, &blob, "ana", NOW).await.unwrap().value;
    lines.say(format_args!("upload {case} {} {}", upload.id, upload.sha256));
}

async fn remove(store: &Store, case: &str, name: &str, lines: &Lines) {
    for upload in store.uploads(case).await.unwrap().into_iter().filter(|u| u.name == name) {
        lines.say(format_args!("gone {}", upload.id));
        store.remove_upload(case, &upload.id, NOW).await.unwrap();
        lines.say(format_args!("removed {}", upload.id));
    }
}

async fn delete(store: &Store, case: &str, lines: &Lines) {
    lines.say(format_args!("gone {case}"));
    store.delete_case(case).await.unwrap();
    lines.say(format_args!("removed {case}"));
}

/// Does one job; false if there is none.
async fn work(store: &Store, lines: &Lines) -> bool {
    let Some(lease) = store.lease("w", NOW, NOW + 60_000).await.unwrap() else { return false };
    store.tell(&lease, "{}").await.unwrap();
    let report = report(&lease.job);
    let ending = Ending::Analysis { report: report.as_bytes(), uploads: &[] };
    if let Some(number) = store.finish(&lease, ending, NOW).await.unwrap() {
        lines.say(format_args!("report {} {number} {}", lease.case, lease.job));
    }
    true
}

fn report(job: &str) -> String {
    format!("report of {job} ").repeat(1000)
}

#[test]
fn a1_a_process_may_die_at_every_place_and_what_it_was_told_is_kept_once() {
    if cfg!(not(debug_assertions)) {
        eprintln!("NOT RUN: a release build has no places to die at");
        return;
    }
    let points: Vec<u64> = Place::both().iter().map(|place| check_a_death(place, None).unwrap()).collect();
    println!("places where a machine may die: {points:?}");
    // Each dies and comes back mostly waiting for the disk.
    thread::scope(|scope| {
        for (engine, points) in points.iter().copied().enumerate() {
            assert!(points > 40, "{points}");
            for first in 1..=AT_ONCE {
                scope.spawn(move || (first..=points).step_by(AT_ONCE as usize).for_each(|number| die_at(engine, number)));
            }
        }
    });
}

const AT_ONCE: u64 = 4;

fn die_at(engine: usize, number: u64) {
    let place = if engine == 0 { Place::lite() } else { Place::postgres().unwrap() };
    assert_eq!(check_a_death(&place, Some(number)), None, "it lived on at {number}");
}

/// The number of places if it lived to the end.
fn check_a_death(place: &Place, abort_at: Option<u64>) -> Option<u64> {
    let folder = tempfile::tempdir().unwrap();
    let lines = folder.path().join("lines");
    fs::write(&lines, "").unwrap();
    let location = Location { abort_at, ..place.location.clone() };
    let ran = child("script", &location, &lines, None).output().unwrap();
    let said = fs::read_to_string(&lines).unwrap();
    let points = said.lines().find_map(|l| l.strip_prefix("points ")).map(|n| n.parse().unwrap());
    assert_eq!(ran.status.success(), points.is_some(), "{}", String::from_utf8_lossy(&ran.stderr));
    holds(&place.location, &said);
    run(the_same_again_is_the_same(&place.location, folder.path()));
    points
}

/// What was not acknowledged is asked for again; nothing is there twice.
async fn the_same_again_is_the_same(location: &Location, folder: &Path) {
    let lines = folder.join("again");
    let status = child("script", location, &lines, None).output().unwrap().status;
    assert!(status.success());
    let store = Store::open(location, NOW).await.unwrap();
    let cases = store.cases().await.unwrap();
    assert_eq!(cases.iter().map(|c| c.title.as_str()).collect::<Vec<_>>(), ["A, renamed"]);
    let names: Vec<String> = store.uploads(&cases[0].id).await.unwrap().into_iter().map(|u| u.name).collect();
    assert_eq!(names, ["x.log"]);
    let changes: Vec<String> = store.changes(&cases[0].id).await.unwrap().into_iter().map(|c| c.what).collect();
    assert_eq!(changes, ["c1", "c2"]);
    assert_eq!(store.job(&cases[0].id).await.unwrap().unwrap().state, State::Done);
}

#[test]
fn a1_twenty_kills_at_any_moment_lose_nothing_that_was_acknowledged() {
    for place in Place::both() {
        kills(&place, 20);
    }
}

#[test]
#[ignore = "minutes; the long form of the twenty"]
fn a1_two_hundred_kills_at_any_moment_lose_nothing_that_was_acknowledged() {
    for place in Place::both() {
        kills(&place, 200);
    }
}

/// So much is acknowledged before three of four kills.
const FIRST: usize = 5;

fn kills(place: &Place, rounds: u64) {
    let folder = tempfile::tempdir().unwrap();
    let lines = folder.path().join("lines");
    let (mut acknowledged, mut slowest) = (0, Duration::ZERO);
    for round in 0..rounds {
        let before = fs::read_to_string(&lines).unwrap_or_default().lines().count();
        let mut running = child("storm", &place.location, &lines, None).spawn().unwrap();
        // From the first moment of its life to half a second into the storm; a machine that has much to do gets the time for it.
        let moment = Duration::from_millis(round * 7919 % 500);
        if round % 4 > 0 {
            let opened = Instant::now();
            let said = || fs::read_to_string(&lines).unwrap_or_default().lines().count();
            while said() < before + FIRST && opened.elapsed().as_secs() < 60 {
                thread::sleep(Duration::from_millis(5));
            }
        }
        thread::sleep(moment);
        running.kill().unwrap();
        running.wait().unwrap();
        let said = fs::read_to_string(&lines).unwrap_or_default();
        acknowledged = said.lines().count();
        slowest = slowest.max(holds(&place.location, &said));
    }
    let engine = if place.location.postgres.is_some() { "PostgreSQL" } else { "SQLite" };
    println!("{engine}: {rounds} kills, {acknowledged} lines acknowledged, slowest opening {slowest:?}");
    assert!(acknowledged >= rounds as usize / 4 * 3 * FIRST, "{acknowledged}");
}

/// Opens what a dead process left and checks everything that must hold; how long opening took.
fn holds(location: &Location, said: &str) -> Duration {
    run(async {
        let began = Instant::now();
        let store = Store::open(location, NOW).await.unwrap();
        let took = began.elapsed();
        assert!(took < Duration::from_secs(5), "{took:?}");
        assert!(is_intact(location).await);
        files_and_rows_agree(&store, location).await;
        rows_agree(location).await;
        acknowledged_once(&store, said).await;
        store.ready().await.unwrap();
        store.close().await;
        took
    })
}

async fn files_and_rows_agree(store: &Store, location: &Location) {
    let mut named = BTreeSet::new();
    for case in store.cases().await.unwrap() {
        for upload in store.uploads(&case.id).await.unwrap() {
            let content = fs::read(store.blob_path(&upload.sha256)).unwrap();
            let hash: String = Sha256::digest(&content).iter().map(|b| format!("{b:02x}")).collect();
            assert_eq!((&hash, content.len() as i64), (&upload.sha256, upload.bytes));
            named.insert(store.blob_path(&upload.sha256));
        }
        let numbers: Vec<i64> = store.analyses(&case.id).await.unwrap().iter().map(|a| a.number).collect();
        assert_eq!(numbers, (1..=numbers.len() as i64).collect::<Vec<_>>());
        for number in numbers {
            let kept = String::from_utf8(store.report(&case.id, number).await.unwrap()).unwrap();
            assert_eq!(kept, report(kept.split(' ').nth(2).unwrap()));
        }
        let versions: Vec<i64> = store.changes(&case.id).await.unwrap().iter().map(|c| c.version).collect();
        assert_eq!(versions, (1..=case.version).collect::<Vec<_>>());
        if case.uploads > 0 {
            assert_ne!(store.job(&case.id).await.unwrap().map(|job| job.state), Some(State::Running));
            assert!(store.job(&case.id).await.unwrap().is_some(), "an upload without its job");
        }
    }
    assert_eq!(files(&location.folder.join("blobs")), named);
    assert_eq!(files(&location.folder.join("incoming")), BTreeSet::new());
}

async fn rows_agree(location: &Location) {
    let doubled = "SELECT COUNT(*) FROM jobs WHERE state IN ('queued', 'running') GROUP BY case_id HAVING COUNT(*) > 1";
    assert_eq!(ask(location, doubled).await, Vec::<i64>::new());
    let done = "SELECT COUNT(*) FROM jobs WHERE state = 'done' UNION ALL SELECT COUNT(*) FROM analyses";
    let counts = ask(location, done).await;
    assert_eq!(counts[0], counts[1], "one report for a job");
}

async fn acknowledged_once(store: &Store, said: &str) {
    let lines: Vec<Vec<&str>> = said.lines().map(|l| l.split(' ').collect()).collect();
    let gone: BTreeSet<&str> = lines.iter().filter(|l| l[0] == "gone").map(|l| l[1]).collect();
    for line in &lines {
        match line[..] {
            ["case", id] if !gone.contains(id) => assert_eq!(store.case(id).await.unwrap().id, id),
            ["upload", case, id, hash] if !gone.contains(case) && !gone.contains(id) => {
                let same = store.uploads(case).await.unwrap().into_iter().filter(|u| u.id == id && u.sha256 == hash);
                assert_eq!(same.count(), 1);
            }
            ["report", case, number, job] if !gone.contains(case) => {
                assert_eq!(store.report(case, number.parse().unwrap()).await.unwrap(), report(job).as_bytes());
            }
            ["change", case, version, what] if !gone.contains(case) => {
                let all = store.changes(case).await.unwrap();
                assert_eq!(all.iter().filter(|c| c.version.to_string() == version && c.what == what).count(), 1);
            }
            ["removed", id] => assert!(matches!(store.case(id).await, Err(StoreError::NotFound))),
            _ => {}
        }
    }
}

fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
        if entry.is_dir() {
            found.extend(files(&entry));
        } else {
            found.insert(entry);
        }
    }
    found
}
