//! Every byte of what is handed over is accounted for: read, or skipped with a reason. Must never look at what is found.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use gix::objs::tree::{Entry, EntryKind};
use gix::objs::{Commit, Tree};
use report::model::{CoverageSource, Report};

use crate::cases::{self, gzip};
use crate::packed::{bzip2, lz4, tarball, xz, zipped, zstd};
use crate::program::casefile_with;

/// A log of one service, of a length of its own.
fn log(service: &str, lines: usize) -> Vec<u8> {
    let line = |i: usize| format!("2024-02-07T09:{:02}:{:02}Z INFO {service} order stored id={i}\n", i / 60, i % 60);
    (0..lines).map(line).collect::<String>().into_bytes()
}

fn assert_accounted(source: &CoverageSource) {
    let skipped: u64 = source.skipped.iter().map(|part| part.bytes).sum();
    assert_eq!(source.read_bytes + skipped, source.bytes, "{}: {:?}", source.name, source.skipped);
}

#[test]
fn every_byte_of_a_nested_bundle_is_accounted_for() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("in");
    fs::create_dir(&input).unwrap();
    let noise = noise();
    let innermost = zipped(&[("deep/a.log", &log("a", 31)), ("b.log.zst", &zstd(&log("b", 32))), ("noise.bin", &noise)]);
    let middle = tarball(&[("in.zip", &innermost), ("c.log.bz2", &bzip2(&log("c", 33))), ("d.log", &log("d", 34))]);
    let outer = zipped(&[("middle.tar", &middle), ("e.log.lz4", &lz4(&log("e", 35))), ("empty.log", b"")]);
    fs::write(input.join("bundle.zip"), outer).unwrap();
    fs::write(input.join("rest.tar.zst"), zstd(&tarball(&[("f.log.xz", &xz(&log("f", 36)))]))).unwrap();
    fs::write(input.join("g.log.gz"), [gzip(&log("g", 37)), gzip(&log("g", 38))].concat()).unwrap();
    let text = repository(&input.join("shop.git"));
    fs::write(dir.path().join("piped"), xz(&zipped(&[("h.log", &log("h", 39))]))).unwrap();

    let run = casefile_with(dir.path(), &["report", "in", "-", "--format", "json"], &dir.path().join("piped"));
    assert_eq!(run.code, Some(0), "{}", run.err);
    let report: Report = serde_json::from_slice(&run.out).unwrap();
    report.coverage.sources.iter().for_each(assert_accounted);
    let seen: BTreeMap<&str, (u64, u64)> =
        report.coverage.sources.iter().map(|s| (s.name.as_str(), (s.bytes, s.records))).collect();
    let size = |service: &str, lines: usize| (log(service, lines).len() as u64, lines as u64);
    let expected = BTreeMap::from([
        ("in/bundle.zip!middle.tar!in.zip!deep/a.log", size("a", 31)),
        ("in/bundle.zip!middle.tar!in.zip!b.log.zst", size("b", 32)),
        ("in/bundle.zip!middle.tar!in.zip!noise.bin", (noise.len() as u64, 0)),
        ("in/bundle.zip!middle.tar!c.log.bz2", size("c", 33)),
        ("in/bundle.zip!middle.tar!d.log", size("d", 34)),
        ("in/bundle.zip!e.log.lz4", size("e", 35)),
        ("in/bundle.zip!empty.log", (0, 0)),
        ("in/rest.tar.zst!f.log.xz", size("f", 36)),
        ("in/g.log.gz", (size("g", 37).0 + size("g", 38).0, 75)),
        ("in/shop", (text.len() as u64, 1)),
        ("stdin!h.log", size("h", 39)),
    ]);
    assert_eq!(seen, expected);
}

#[test]
fn every_byte_of_every_case_is_accounted_for() {
    for case in cases::names() {
        let report = cases::base(&case);
        report.coverage.sources.iter().for_each(assert_accounted);
        for (name, bytes) in cases::files(&case) {
            let known = cases::unpacked(&name, &bytes).len() as u64;
            match report.coverage.sources.iter().find(|s| s.name == name) {
                Some(source) => assert_eq!(source.bytes, known, "{case}: {name}"),
                None => {
                    assert!(report.coverage.sources.iter().any(|s| s.name.starts_with(&format!("{name}!"))), "{case}: {name}")
                }
            }
        }
    }
}

/// Bytes that are no text.
fn noise() -> Vec<u8> {
    (0..5_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

/// A repository with one commit; the text as which it is read.
fn repository(at: &Path) -> String {
    let repo = gix::init_bare(at).unwrap();
    let blob = repo.write_blob("pool: 3\n").unwrap().detach();
    let entry = Entry { mode: EntryKind::Blob.into(), filename: "app.yaml".into(), oid: blob };
    let tree = repo.write_object(&Tree { entries: vec![entry] }).unwrap().detach();
    let time = gix::date::Time { seconds: 1_707_296_400, offset: 0 };
    let who = gix::actor::Signature { name: "Ana Ruiz".into(), email: "ana@example.com".into(), time };
    let (author, committer) = (who.clone(), who);
    let commit = Commit {
        tree,
        parents: Default::default(),
        author,
        committer,
        encoding: None,
        message: "Lower the pool\n".into(),
        extra_headers: Vec::new(),
    };
    let id = repo.write_object(&commit).unwrap().detach();
    fs::write(at.join("refs/heads/main"), format!("{id}\n")).unwrap();
    fs::write(at.join("HEAD"), "ref: refs/heads/main\n").unwrap();
    format!(
        "commit {id}\nAuthor: Ana Ruiz <ana@example.com>\nDate:   2024-02-07T09:00:00+00:00\n\n    Lower the pool\n\ndiff --git \
         a/app.yaml b/app.yaml\nnew file mode 100644\n--- /dev/null\n+++ b/app.yaml\n@@ -0,0 +1,1 @@\n+pool: 3\n\n"
    )
}
