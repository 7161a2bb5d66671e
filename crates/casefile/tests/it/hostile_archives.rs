//! Archives that are cut, that lie or that want to do harm: the program ends in order, says what it did not read, uses the
//! rest, takes little memory and writes nothing.
//!
//! What is told of each kind of harm is tested where containers are read; here is what a user sees of it. Must never keep
//! an archive in the repository: each is made when it is needed.

use std::fs;
use std::path::Path;

use intake::containers::grouped;
use report::model::{CoverageSource, Report};

use crate::cases::{self, Files, gzip};
use crate::packed::{bzip2, lz4, tarball, xz, zipped, zstd};
use crate::program::casefile;

/// A log of so many lines that hardly compress.
fn log(lines: u32) -> Vec<u8> {
    let line = |i: u32| format!("2024-02-07T09:00:00Z INFO shop stored {}\n", i.wrapping_mul(2_654_435_761));
    (0..lines).map(line).collect::<String>().into_bytes()
}

/// The report on a log and one more file: how that file was covered. The log is read and every byte is accounted for.
fn beside(name: &str, bytes: Vec<u8>, config: &investigate::Config) -> Vec<CoverageSource> {
    let files = Files::from([("a.log".to_string(), log(30)), (name.to_string(), bytes)]);
    let report = investigate::investigate(&cases::Memory::new(&files), config).report;
    for source in &report.coverage.sources {
        let skipped: u64 = source.skipped.iter().map(|part| part.bytes).sum();
        assert_eq!(source.read_bytes + skipped, source.bytes, "{}", source.name);
    }
    assert!(report.coverage.sources.iter().any(|s| s.name == "a.log" && s.records == 30));
    report.coverage.sources.into_iter().filter(|s| s.name != "a.log").collect()
}

fn reasons(sources: &[CoverageSource]) -> Vec<&str> {
    sources.iter().flat_map(|s| s.skipped.iter().map(|part| part.reason.as_str())).collect()
}

type Pack = fn(&[u8]) -> Vec<u8>;

/// Each kind of compression, by the ending that its files have.
const PACKS: [(&str, Pack); 5] = [("gz", gzip), ("zst", zstd), ("bz2", bzip2), ("xz", xz), ("lz4", lz4)];

#[test]
fn b1_what_stands_before_a_cut_is_read_and_the_cut_has_a_place() {
    // What is unpacked at once is lost with the cut: a block in bzip2 (here 100 kB) and lz4 (64 kB), 64 kB as stored in xz.
    let text = log(24_000);
    for (ending, pack) in PACKS {
        let packed = pack(&text);
        let sources = beside(&format!("b.log.{ending}"), packed[..packed.len() * 4 / 5].to_vec(), &Default::default());
        let (source, reason) = (&sources[0], reasons(&sources)[0]);
        assert!(source.records > 1_000 && source.records < 24_000, "{ending}: {} records", source.records);
        let place = format!("ends in the middle (at {} bytes)", grouped(source.read_bytes));
        assert!(reason.contains(&place), "{ending}: {reason}");
    }
}

#[test]
fn b1_damage_costs_its_own_file_at_most() {
    let text = log(2_000);
    let archives = [("b.zip", zipped(&[("b.log", &text)])), ("b.tar", tarball(&[("b.log", &text)]))];
    let packed = PACKS.map(|(ending, pack)| (ending, pack(&text)));
    for (name, bytes) in archives.into_iter().chain(packed) {
        for at in [0, 5, 20, bytes.len() / 2, bytes.len() - 2] {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x41;
            let sources = beside(name, damaged, &Default::default());
            let told = !reasons(&sources).is_empty() || sources.iter().any(|s| s.format == "text" || s.records > 0);
            assert!(told, "{name} at {at}: {sources:?}");
        }
    }
}

#[test]
fn b2_a_bomb_ends_at_each_limit_with_its_name() {
    let bomb = gzip(&gzip(&vec![0; 8 << 20]));
    let deep = gzip(&gzip(&gzip(b"a\n")));
    let many = tarball(&[("a", b""), ("b", b""), ("c", b"")]);
    let mut config = investigate::Config::default();
    config.settings.limits = intake::Limits { unpacked_bytes: 1 << 20, depth: 2, entries: 2, ..config.settings.limits };
    for (bytes, words) in [
        (bomb, "the limit of 1,048,576 unpacked bytes for one input is reached"),
        (deep, "containers are nested deeper than 2 levels"),
        (many, "it has more than 2 members; the rest was not read"),
    ] {
        let sources = beside("bomb", bytes, &config);
        assert!(reasons(&sources).iter().any(|r| r.contains(words)), "{words}: {sources:?}");
        assert!(sources.iter().all(|s| s.bytes <= 1 << 20));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn b2_a_bomb_takes_the_memory_of_any_file() {
    let dir = tempfile::tempdir().unwrap();
    let zeros = vec![0; 48 << 20];
    let inner = [("gz", gzip(&zeros)), ("zst", zstd(&zeros)), ("bz2", bzip2(&zeros))];
    fs::write(dir.path().join("small.log"), "2024-02-07T09:00:00Z INFO shop up\n").unwrap();
    let (_, usual) = crate::memory::run(dir.path(), "small.log");
    for (ending, packed) in inner {
        fs::write(dir.path().join(ending), zipped(&[("bomb", &packed)])).unwrap();
        let (status, peak) = crate::memory::run(dir.path(), ending);
        assert_eq!(status.code(), Some(1), "{ending}: there is nothing usable in it");
        assert!(peak < usual + (24 << 10), "{ending}: {peak} KiB, {usual} for a line, and the zeros alone are 48 MiB");
    }
}

#[test]
fn b2_a_bomb_ends_within_a_second_of_the_limit() {
    // Ten gigabytes of zeros in as many members as it takes, behind them nothing.
    let member = gzip(&vec![0; 8 << 20]);
    let bomb = member.repeat(1_280);
    let mut config = investigate::Config::default();
    config.settings.limits.unpacked_bytes = 1 << 20;
    let took = |name: &str, bytes: Vec<u8>| {
        let start = std::time::Instant::now();
        let sources = beside(name, bytes, &config);
        (start.elapsed(), sources)
    };
    // The first run loads what every run needs.
    took("small.gz", gzip(b"a\n"));
    let (without, _) = took("small.gz", gzip(b"a\n"));
    let (with, sources) = took("bomb.gz", bomb);
    let is_told = reasons(&sources).iter().any(|r| r.contains("the limit of 1,048,576 unpacked bytes"));
    assert!(is_told, "{sources:?}");
    let more = with.saturating_sub(without);
    assert!(more.as_secs_f64() < 1.0, "{more:?} beyond the limit");
}

#[test]
fn b1_b2_parse_prints_what_stands_before_a_cut_or_a_limit_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let packed = gzip(&log(24_000));
    fs::write(dir.path().join("cut.log.gz"), &packed[..packed.len() * 4 / 5]).unwrap();
    fs::write(
        dir.path().join("whole.zip"),
        zipped(&[("in/a.log", &log(40)), ("b.tar.gz", &gzip(&tarball(&[("b.log", &log(7))])))]),
    )
    .unwrap();
    let cut = casefile(dir.path(), &["parse", "cut.log.gz", "--no-patterns"]);
    assert!(cut.code == Some(0) && cut.err.contains("ends in the middle"), "{}", cut.err);
    assert!((1_000..24_000).contains(&cut.text().lines().count()));
    let whole = casefile(dir.path(), &["parse", "whole.zip", "--no-patterns"]);
    assert_eq!((whole.code, whole.text().lines().count()), (Some(0), 47), "{}", whole.err);
    let limited = casefile(dir.path(), &["parse", "whole.zip", "--no-patterns", "--max-depth", "1"]);
    assert!(limited.err.contains("nested deeper than 1 level") && limited.text().lines().count() == 40, "{}", limited.err);
}

#[test]
fn a_report_asks_for_what_could_not_be_read_to_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let packed = gzip(&log(24_000));
    fs::write(dir.path().join("cut.log.gz"), &packed[..packed.len() * 4 / 5]).unwrap();
    fs::write(dir.path().join("whole.log"), log(40)).unwrap();
    let run = casefile(dir.path(), &["report", ".", "--format", "json"]);
    assert!(run.err.contains("1 of 2 sources could not be read to the end: cut.log.gz"), "{}", run.err);
    let report: serde_json::Value = serde_json::from_slice(&run.out).unwrap();
    let asked = report["unknowns"].as_array().unwrap().iter().find(|unknown| unknown["field"] == "coverage.sources");
    let question = asked.map(|unknown| unknown["question"].as_str().unwrap()).unwrap_or_default();
    assert!(question.starts_with("What else does cut.log.gz say? The gzip stream ends in the middle"), "{question}");
}

#[test]
fn b2_what_is_not_usable_is_said_with_all_its_reasons() {
    let dir = tempfile::tempdir().unwrap();
    let deep = (0..20).fold(log(3), |bytes, i| if i % 2 == 0 { gzip(&bytes) } else { tarball(&[("x", &bytes)]) });
    fs::write(dir.path().join("deep.tgz"), deep).unwrap();
    let run = casefile(dir.path(), &["report", "deep.tgz"]);
    assert_eq!(run.code, Some(1));
    assert!(run.err.contains("containers are nested deeper than 6 levels"), "{}", run.err);
}

#[test]
fn b3_names_in_archives_never_become_paths() {
    let dir = tempfile::tempdir().unwrap();
    let inside = dir.path().join("work/in");
    fs::create_dir_all(&inside).unwrap();
    let outside = dir.path().join("up.log");
    let absolute = outside.to_string_lossy().into_owned();
    let text = log(20);
    let names = ["../../up.log", "../up.log", absolute.as_str(), "C:\\up.log", "link/up.log"];
    fs::write(inside.join("slip.zip"), zipped(&names.map(|name| (name, &text[..])))).unwrap();
    fs::write(inside.join("slip.tar"), written_through_a_link(&text)).unwrap();
    let before = listing(dir.path());

    let run = casefile(&dir.path().join("work"), &["report", "in", "--format", "json"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert_eq!(listing(dir.path()), before, "nothing was written");
    let report: Report = serde_json::from_slice(&run.out).unwrap();
    for name in names {
        let source = report.coverage.sources.iter().find(|s| s.name == format!("slip.zip!{name}")).expect(name);
        // All have the same records: the first one counts them, the others say so.
        let copies: u64 = source.skipped.iter().filter(|s| s.reason.ends_with("counted there")).map(|s| s.lines).sum();
        assert_eq!(source.records + copies, 20, "{name}");
    }
    let link = report.coverage.sources.iter().find(|s| s.name == "slip.tar!link").unwrap();
    assert_eq!((link.records, link.skipped[0].reason.as_str()), (0, "a link, which is not followed"));
}

#[test]
fn b3_names_that_differ_in_case_or_in_the_form_of_a_letter_are_sources_of_their_own() {
    let names = ["in/Shop.log", "in/shop.log", "IN/shop.log", "caf\u{e9}.log", "cafe\u{301}.log"];
    // Of each name other records: the same ones would be copies.
    let text = |n: u32| String::from_utf8(log(10 + n)).unwrap().replace("shop", &format!("shop{n}")).into_bytes();
    let texts: Vec<Vec<u8>> = (0..5).map(text).collect();
    let files: Vec<(&str, &[u8])> = names.into_iter().zip(texts.iter().map(Vec::as_slice)).collect();
    for (name, packed) in [("x.zip", zipped(&files)), ("x.tar", tarball(&files))] {
        let sources = beside(name, packed, &Default::default());
        let mut found: Vec<(String, u64)> = sources.into_iter().map(|s| (s.name, s.records)).collect();
        let mut wanted: Vec<(String, u64)> = (10..).zip(names).map(|(n, inner)| (format!("{name}!{inner}"), n)).collect();
        found.sort();
        wanted.sort();
        assert_eq!(found, wanted);
    }
}

#[test]
fn b3_files_that_share_a_name_are_cited_apart() {
    let dir = tempfile::tempdir().unwrap();
    let failing = |host: &str| {
        let line = |i: u32| format!("2024-02-07T09:00:{i:02}Z ERROR shop connection refused: {host}:5432\n");
        (0..40).map(line).collect::<String>()
    };
    let both = tarball(&[("app.log", failing("10.0.0.7").as_bytes()), ("app.log", failing("10.0.0.8").as_bytes())]);
    fs::write(dir.path().join("twice.tar"), both).unwrap();
    let run = casefile(dir.path(), &["report", "twice.tar", "--format", "json", "--out", "report.json"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    let report: Report = serde_json::from_slice(&fs::read(dir.path().join("report.json")).unwrap()).unwrap();
    let names: Vec<&str> = report.coverage.sources.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["twice.tar!app.log", "twice.tar!app.log (2)"]);
    let check = casefile(dir.path(), &["verify", "report.json", "twice.tar"]);
    assert_eq!(check.code, Some(0), "{}{}", check.text(), check.err);
}

/// A link to the folder above, and a file that is to be written through it.
fn written_through_a_link(text: &[u8]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    archive.append_link(&mut header, "link", "../..").unwrap();
    let mut header = tar::Header::new_gnu();
    header.set_size(text.len() as u64);
    archive.append_data(&mut header, "link/up.log", text).unwrap();
    archive.into_inner().unwrap()
}

/// Everything below a folder, by name.
fn listing(folder: &Path) -> Vec<String> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        all.push(path.to_string_lossy().into_owned());
        if path.is_dir() {
            all.extend(listing(&path));
        }
    }
    all.sort();
    all
}
