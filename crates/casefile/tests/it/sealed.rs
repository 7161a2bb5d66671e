//! Sealed reports, as whoever hands one on and whoever is handed one use them.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{Run, casefile, folder};

const LOG: &str = "logs/app.log";

fn log() -> String {
    let calm = (0..600).map(|n| format!("2026-02-25T08:{:02}:{:02}Z INFO [checkout] request {n} done\n", n / 10, n % 10));
    let failing = (0..60).map(|n| format!("2026-02-25T09:00:{n:02}Z ERROR [checkout] request {n} failed: connection refused\n"));
    calm.chain(failing).collect()
}

/// A folder with an input, a key, and a report that is sealed with it.
fn sealed() -> TempDir {
    let dir = folder(&[(LOG, &log())]);
    holds(&casefile(dir.path(), &["keygen", "key.pem"]));
    let words = ["report", "logs", "--out", "r.json", "--out", "r.md", "--manifest", "m.json", "--sign", "key.pem"];
    holds(&casefile(dir.path(), &words));
    dir
}

fn verify(dir: &Path, more: &[&str]) -> Run {
    let words = ["verify", "r.json", "--manifest", "m.json", "--public-key", "key.pem.pub"];
    casefile(dir, &[&words[..], more].concat())
}

#[track_caller]
fn holds(run: &Run) {
    assert_eq!(run.code, Some(0), "{}{}", run.text(), run.err);
}

#[track_caller]
fn fails(run: &Run, with: &str) {
    assert_eq!(run.code, Some(1), "{}{}", run.text(), run.err);
    assert!(run.text().contains(with), "{}", run.text());
}

fn change(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from));
    std::fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn a_sealed_report_holds_with_and_without_its_input() {
    let dir = sealed();
    let alone = verify(dir.path(), &[]);
    holds(&alone);
    assert!(alone.text().starts_with("the seal holds: the signature, "), "{}", alone.text());
    let whole = verify(dir.path(), &["logs"]);
    holds(&whole);
    assert!(whole.text().contains("1 inputs") && whole.text().contains("numbers"), "{}", whole.text());
}

#[test]
fn the_same_input_and_key_give_the_same_seal() {
    let dir = sealed();
    let (manifest, signature) = (read(&dir, "m.json"), read(&dir, "m.json.sig"));
    let words = ["report", "logs", "--out", "r.json", "--out", "r.md", "--manifest", "m.json", "--sign", "key.pem"];
    holds(&casefile(dir.path(), &words));
    assert_eq!((read(&dir, "m.json"), read(&dir, "m.json.sig")), (manifest, signature));
    assert_eq!(read(&dir, "m.json.sig").len(), 64);
}

#[test]
fn the_manifest_has_the_hashes_of_inputs_and_outputs() {
    let dir = sealed();
    let manifest: Value = serde_json::from_slice(&read(&dir, "m.json")).unwrap();
    assert_eq!(manifest["schema"], "casefile.manifest/1");
    assert_eq!(manifest["inputs"][0]["name"], "app.log");
    assert_eq!(manifest["inputs"][0]["sha256"], seal::sha256(log().as_bytes()));
    assert_eq!(manifest["outputs"][1]["name"], "r.md");
    assert_eq!(manifest["outputs"][1]["sha256"], seal::sha256(&read(&dir, "r.md")));
    assert!(manifest["evidence"].as_array().unwrap().iter().all(|e| e["commitment"].is_string() && e.get("text").is_none()));
}

#[test]
fn a_changed_report_is_told() {
    let dir = sealed();
    change(&dir.path().join("r.json"), "connection refused", "connection reused");
    fails(&verify(dir.path(), &[]), "r.json is none of the files that were sealed");
}

#[test]
fn a_changed_manifest_and_a_wrong_key_are_told() {
    let dir = sealed();
    holds(&casefile(dir.path(), &["keygen", "other.pem"]));
    let wrong = ["verify", "r.json", "--manifest", "m.json", "--public-key", "other.pem.pub"];
    fails(&casefile(dir.path(), &wrong), "another key signed it");
    change(&dir.path().join("m.json"), "app.log", "apq.log");
    fails(&verify(dir.path(), &[]), "the manifest was changed");
}

#[test]
fn a_changed_a_missing_and_a_new_input_are_told() {
    let dir = sealed();
    change(&dir.path().join(LOG), "request 17 done", "request 18 done");
    fails(&verify(dir.path(), &["logs"]), "the input app.log was changed since the report was sealed");
    std::fs::rename(dir.path().join(LOG), dir.path().join("logs/b.log")).unwrap();
    let run = verify(dir.path(), &["logs"]);
    fails(&run, "the input app.log is missing");
    fails(&run, "the input b.log was not there when the report was sealed");
}

#[test]
fn missing_files_are_the_operators_mistake() {
    let dir = sealed();
    for words in [
        &["verify", "r.json", "--manifest", "no.json"][..],
        &["verify", "r.json", "--manifest", "m.json", "--public-key", "no.pub"],
        &["verify", "r.json", "--manifest", "m.json", "--public-key", "key.pem.pub", "--signature", "no.sig"],
        &["report", "logs", "--out", "x.json", "--manifest", "x.m", "--sign", "no.pem"],
        &["report", "logs", "--out", "x.json", "--manifest", "x.m", "--sign", "key.pem.pub"],
        &["keygen", "key.pem"],
    ] {
        let run = casefile(dir.path(), words);
        assert_eq!(run.code, Some(2), "{words:?}: {}{}", run.text(), run.err);
    }
    assert!(!dir.path().join("x.json").exists());
}

#[test]
fn a_redacted_copy_proves_which_evidence_it_came_from() {
    let dir = sealed();
    change(&dir.path().join("r.json"), "connection refused", "[word:1]");
    holds(&verify(dir.path(), &["--redacted"]));
    holds(&verify(dir.path(), &["--redacted", "logs"]));
    let mut report: Value = serde_json::from_slice(&read(&dir, "r.json")).unwrap();
    report["evidence"][0]["bytes"][1] = (report["evidence"][0]["bytes"][1].as_u64().unwrap() + 7).into();
    std::fs::write(dir.path().join("r.json"), report.to_string()).unwrap();
    fails(&verify(dir.path(), &["--redacted"]), "does not belong to the manifest");
}

#[test]
fn one_record_is_disclosed_and_checked_without_the_input() {
    let dir = sealed();
    holds(&casefile(dir.path(), &["disclose", "m.json", "e1", "logs", "--out", "e1.json"]));
    std::fs::remove_file(dir.path().join(LOG)).unwrap();
    let run = verify(dir.path(), &["--disclosed", "e1.json"]);
    holds(&run);
    assert!(run.text().contains("the record of e1"), "{}", run.text());
    change(&dir.path().join("e1.json"), "\"text\": \"", "\"text\": \"not ");
    fails(&verify(dir.path(), &["--disclosed", "e1.json"]), "it is not the record of evidence e1");
}

#[test]
fn nothing_is_disclosed_from_another_input() {
    let dir = sealed();
    change(&dir.path().join(LOG), "request 17 done", "request 18 done");
    let run = casefile(dir.path(), &["disclose", "m.json", "e1", "logs"]);
    assert_eq!(run.code, Some(1), "{}", run.err);
    assert!(run.out.is_empty() && run.err.contains("was changed since"), "{}", run.err);
    assert_eq!(casefile(dir.path(), &["disclose", "m.json", "e9999", "logs"]).code, Some(2));
}

#[cfg(unix)]
#[test]
fn a_key_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = sealed();
    assert_eq!(dir.path().join("key.pem").metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

fn read(dir: &TempDir, name: &str) -> Vec<u8> {
    std::fs::read(dir.path().join(name)).unwrap()
}
