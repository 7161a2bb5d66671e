//! Inputs are read and never changed, what a run writes is never its own evidence, and a file appears whole or not at all.
//!
//! Must never look at what a report says.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::cases;
use crate::program::{Run, casefile, casefile_with, command, finished, folder};

const LOG: &str = "2024-02-07T09:00:25Z INFO up\n2024-02-07T09:00:26Z ERROR mail to ana.ruiz@example.com failed\n";

/// Runs it, and says what it would have changed of the files of the folder.
fn refused(dir: &Path, words: &[&str]) {
    let before = cases::files_below(dir);
    let run = casefile(dir, words);
    assert_eq!((run.code, run.out.len()), (Some(2), 0), "{words:?}: {}", run.err);
    assert!(run.err.contains("cannot write"), "{words:?}: {}", run.err);
    assert!(before == cases::files_below(dir), "{words:?}");
}

#[test]
fn no_output_is_written_over_an_input() {
    let dir = folder(&[("d/f.log", LOG), ("f.log", LOG), ("p.md", "# Postmortem\n")]);
    let all: &[&[&str]] = &[
        &["report", "f.log", "--out", "f.log"],
        &["report", "f.log", "--out", "d/../f.log"],
        &["report", "d", "--out", "d/f.log"],
        &["report", "d", "f.log", "--out", "a.md", "--out", "d/f.log"],
        &["report", "f.log", "--out", "a.md", "--manifest", "f.log"],
        &["parse", "d", "--out", "d/f.log"],
        &["patterns", "f.log", "--baseline", "d", "--out", "d/f.log"],
        &["redact", "f.log", "--out", "f.log"],
        &["redact", "f.log", "--out", "a.log", "--ledger", "f.log"],
        &["lint", "p.md", "--out", "p.md"],
    ];
    all.iter().for_each(|words| refused(dir.path(), words));
}

#[cfg(unix)]
#[test]
fn a_link_to_an_input_is_no_way_around() {
    let dir = folder(&[("d/f.log", LOG)]);
    std::os::unix::fs::symlink("d/f.log", dir.path().join("r.md")).unwrap();
    refused(dir.path(), &["report", "d", "--out", "r.md"]);
    refused(dir.path(), &["report", "d/f.log", "--out", "r.md"]);
}

#[test]
fn what_is_read_beside_the_input_is_spared_too() {
    let dir = folder(&[("f.log", LOG), ("casefile.toml", ""), ("formats/a.toml", "")]);
    casefile(dir.path(), &["keygen", "k"]);
    fs::write(dir.path().join("t.toml"), casefile(dir.path(), &["template"]).out).unwrap();
    refused(dir.path(), &["report", "f.log", "--config", "casefile.toml", "--out", "casefile.toml"]);
    refused(dir.path(), &["report", "f.log", "--template", "t.toml", "--out", "t.toml"]);
    refused(dir.path(), &["parse", "f.log", "--formats", "formats", "--out", "formats/a.toml"]);
    refused(dir.path(), &["report", "f.log", "--out", "a.md", "--manifest", "m", "--sign", "k", "--out", "k"]);
}

#[test]
fn two_outputs_are_never_the_same_file() {
    let dir = folder(&[("d/f.log", LOG)]);
    refused(dir.path(), &["report", "d", "--out", "a.md", "--out", "d/../a.md"]);
    refused(dir.path(), &["report", "d", "--out", "a.md", "--manifest", "a.md"]);
    refused(dir.path(), &["redact", "d/f.log", "--out", "a.log", "--ledger", "./a.log"]);
}

#[cfg(target_os = "linux")]
#[test]
fn standard_streams_that_are_files_are_inputs_and_outputs_as_well() {
    let dir = folder(&[("d/f.log", LOG)]);
    let log = dir.path().join("d/f.log");
    let run = casefile_with(dir.path(), &["report", "-", "--out", "d/f.log"], &log);
    assert_eq!((run.code, fs::read_to_string(&log).unwrap().as_str()), (Some(2), LOG), "{}", run.err);
    let onto = |path: &Path, words: &[&str]| {
        let file = fs::File::options().append(true).create(true).open(path).unwrap();
        command(dir.path(), words).stdout(file).stderr(std::process::Stdio::null()).status().unwrap().code()
    };
    for words in [["parse", "d"], ["parse", "d/f.log"], ["report", "d"], ["redact", "d/f.log"]] {
        assert_eq!((onto(&log, &words), fs::read_to_string(&log).unwrap().as_str()), (Some(2), LOG), "{words:?}");
    }
    // What the shell has just made is no evidence.
    let new = dir.path().join("d/records.ndjson");
    assert_eq!(onto(&new, &["parse", "d"]), Some(0));
    assert_eq!(fs::read_to_string(new).unwrap().lines().count(), 2);
}

#[test]
fn a_run_into_its_own_folder_can_be_repeated() {
    let dir = tempfile::tempdir().unwrap();
    cases::lay_out(&cases::example(), &dir.path().join("in"));
    let words = ["report", "in", "--out", "in/r.json", "--out", "in/r.html", "--out", "in/r.md"];
    let made = || {
        let run = casefile(dir.path(), &words);
        assert_eq!(run.code, Some(0), "{}", run.err);
        ["r.json", "r.html", "r.md"].map(|name| fs::read(dir.path().join("in").join(name)).unwrap())
    };
    let first = made();
    assert!(first == made());
    let run = casefile(dir.path(), &["verify", "in/r.json", "in"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
}

#[test]
fn a_sealed_report_in_its_own_folder_can_be_made_again_and_checked() {
    let dir = tempfile::tempdir().unwrap();
    cases::lay_out(&cases::example(), &dir.path().join("in"));
    casefile(dir.path(), &["keygen", "k"]);
    for _ in 0..2 {
        let run = casefile(dir.path(), &["report", "in", "--out", "in/r.json", "--manifest", "in/m.json", "--sign", "k"]);
        assert_eq!(run.code, Some(0), "{}", run.err);
    }
    let run = casefile(dir.path(), &["verify", "in/r.json", "in", "--manifest", "in/m.json", "--public-key", "k.pub"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert_eq!(casefile(dir.path(), &["disclose", "in/m.json", "e1", "in"]).code, Some(0));
}

/// Every format, with every reader, as far as this build has it.
#[test]
fn what_an_earlier_run_wrote_is_no_evidence_and_is_listed_with_the_reason() {
    let dir = tempfile::tempdir().unwrap();
    cases::lay_out(&cases::example(), &dir.path().join("in"));
    let clean = casefile(dir.path(), &["report", "in", "--format", "json"]).out;
    let formats = report::render::formats::FORMATS.iter().filter(|f| f.id != "pdf" || cfg!(feature = "pdf"));
    let endings: Vec<&str> = formats.map(|format| format.endings[0]).collect();
    let mut names = Vec::new();
    for who in ["engineering", "executive", "customer", "regulator"] {
        let outs: Vec<String> = endings.iter().map(|ending| format!("in/old/{who}.{ending}")).collect();
        fs::create_dir_all(dir.path().join("in/old")).unwrap();
        let mut words = vec!["report", "in", "--audience", who];
        words.extend(outs.iter().flat_map(|out| ["--out", out]));
        assert_eq!(casefile(dir.path(), &words).code, Some(0));
        names.extend(outs);
    }
    let run = casefile(dir.path(), &["report", "in", "--format", "json"]);
    let now: Value = serde_json::from_slice(&run.out).unwrap();
    let sources = now["coverage"]["sources"].as_array().unwrap();
    for name in &names {
        let name = name.strip_prefix("in/").unwrap();
        let source = sources.iter().find(|source| source["name"] == name).unwrap_or_else(|| panic!("{name} is not listed"));
        let reason = source["skipped"][0]["reason"].as_str().unwrap_or_default();
        assert!(reason.contains("a report of casefile") && source["records"] == 0, "{name}: {source}");
    }
    let clean_json: Value = serde_json::from_slice(&clean).unwrap();
    assert_eq!((&now["incident"], &now["causes"]), (&clean_json["incident"], &clean_json["causes"]));
    fs::write(dir.path().join("clean.json"), clean).unwrap();
    fs::write(dir.path().join("now.json"), run.out).unwrap();
    // Each holds against the folder, whether what was put there since is listed in it or not.
    for report in ["clean.json", "now.json"] {
        let run = casefile(dir.path(), &["verify", report, "in"]);
        assert_eq!(run.code, Some(0), "{report}: {}", run.text());
    }
}

#[test]
fn lines_that_we_printed_count_once_and_are_read_by_their_name() {
    let dir = folder(&[("d/f.log", LOG)]);
    for (words, out) in [(["parse", "d"], "d/r.ndjson"), (["patterns", "d"], "d/p.ndjson")] {
        assert_eq!(casefile(dir.path(), &[words[0], words[1], "--out", out]).code, Some(0));
    }
    let run = casefile(dir.path(), &["parse", "d"]);
    assert_eq!(run.text().lines().count(), 2, "{}", run.text());
    assert!(run.err.contains("r.ndjson: skipped") && run.err.contains("p.ndjson: skipped"), "{}", run.err);
    assert_eq!(casefile(dir.path(), &["parse", "d/r.ndjson"]).text().lines().count(), 2);
}

#[test]
fn a_report_alone_is_nothing_to_report_on() {
    let dir = folder(&[("d/f.log", LOG)]);
    assert_eq!(casefile(dir.path(), &["report", "d", "--out", "r.json"]).code, Some(0));
    let run = casefile(dir.path(), &["report", "r.json"]);
    assert_eq!((run.code, run.out.len()), (Some(1), 0));
    assert!(run.err.contains("a report of casefile"), "{}", run.err);
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_that_is_ended_leaves_nothing_beside_its_output() {
    use std::io::Write;
    let dir = tempfile::tempdir().unwrap();
    let mut command = command(dir.path(), &["redact", "--out", "clean.log"]);
    let mut child = command.stdin(std::process::Stdio::piped()).spawn().unwrap();
    // More than a pipe holds: when it is written, the program has begun to write, too.
    child.stdin.take().unwrap().write_all(LOG.repeat(40_000).as_bytes()).unwrap();
    let rest = fs::read_dir(dir.path()).unwrap().count();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(rest <= 1);
    let left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(left.is_empty() || left == ["clean.log"], "{left:?}");
}

fn redacted(dir: &Path, name: &str, bytes: &[u8]) -> Run {
    fs::write(dir.join(name), bytes).unwrap();
    casefile(dir, &["redact", name, "--ledger", "l.json"])
}

#[test]
fn wide_text_is_redacted_and_stays_wide() {
    let dir = tempfile::tempdir().unwrap();
    let little = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let big = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    for wide in [&little as &dyn Fn(&str) -> Vec<u8>, &big] {
        for mark in ["\u{feff}", ""] {
            let run = redacted(dir.path(), "a.log", &wide(&format!("{mark}{}", LOG.replace('\n', "\r\n"))));
            let clean = LOG.replace("ana.ruiz@example.com", "[email:1]").replace('\n', "\r\n");
            assert!(run.out == wide(&format!("{mark}{clean}")), "{:?} {}", run.code, run.err);
            let ledger: Value = serde_json::from_slice(&fs::read(dir.path().join("l.json")).unwrap()).unwrap();
            let start = 2 * (mark.chars().count() + LOG.find("ana.").unwrap() + 1);
            assert_eq!(ledger["removed"][0]["bytes"], serde_json::json!([start, start + 40]));
        }
    }
}

#[test]
fn what_cannot_be_looked_into_is_not_passed_on_as_clean() {
    use std::io::Write;
    let dir = tempfile::tempdir().unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(LOG.as_bytes()).unwrap();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("a.log", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(LOG.as_bytes()).unwrap();
    let packed = [
        gzip.finish().unwrap(),
        zstd::encode_all(LOG.as_bytes(), 1).unwrap(),
        zip.finish().unwrap().into_inner(),
        b"%PDF-1.7\n".to_vec(),
        (0..=255).cycle().take(2_000).collect(),
    ];
    for bytes in packed {
        let run = redacted(dir.path(), "a.log", &bytes);
        assert_eq!((run.code, run.out.len()), (Some(2), 0), "{}", run.err);
        assert!(run.err.contains("first") && !dir.path().join("l.json").exists(), "{}", run.err);
        let run = casefile_with(dir.path(), &["redact"], &dir.path().join("a.log"));
        assert_eq!((run.code, run.out.len()), (Some(2), 0), "{}", run.err);
        let run = casefile(dir.path(), &["lint", "a.log"]);
        assert_eq!((run.code, run.out.len()), (Some(2), 0), "{}", run.err);
        assert!(run.err.contains("export it as Markdown"), "{}", run.err);
    }
}

#[test]
fn a_damaged_log_is_redacted_as_ever() {
    let dir = tempfile::tempdir().unwrap();
    let log = [&[0; 9][..], b"caf\xe9 ", LOG.as_bytes(), b"\0\x01 \xff\n"].concat();
    let run = redacted(dir.path(), "a.log", &log);
    assert_eq!(
        (run.code, run.out.starts_with(b"\0\0\0\0\0\0\0\0\0caf\xe9 "), run.out.ends_with(b"\0\x01 \xff\n")),
        (Some(0), true, true)
    );
}

#[test]
fn a_postmortem_in_wide_text_is_looked_at_like_any_other() {
    let text = "# Postmortem\n\nJim's carelessness caused the outage. It lasted 30 minutes, from 10:00 to 11:00 UTC.\n";
    let dir = folder(&[("p.md", text)]);
    fs::write(dir.path().join("w.md"), format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>())
        .unwrap();
    let told = |name: &str| casefile(dir.path(), &["lint", name]).text().replace(name, "");
    assert_eq!(told("w.md"), told("p.md"));
    assert!(told("p.md").lines().count() > 1);
}

#[test]
fn an_empty_stretch_of_time_is_a_mistake() {
    let dir = folder(&[("f.log", LOG)]);
    for command in ["report", "parse", "patterns"] {
        let run = finished(&mut self::command(dir.path(), &[command, "f.log", "--from", "2024-02-08", "--to", "2024-02-07"]));
        assert_eq!((run.code, run.out.len()), (Some(2), 0), "{command}: {}", run.err);
        assert!(run.err.contains("--from must be before --to"), "{command}: {}", run.err);
    }
}

#[test]
fn a_name_that_nothing_has_gives_no_all_clear() {
    let dir = tempfile::tempdir().unwrap();
    cases::lay_out(&cases::example(), &dir.path().join("in"));
    let cases: [(&[&str], &str); 4] = [
        (&["--source", "nosuch"], "no source has nosuch in its name; there are alertmanager.json, "),
        (&["--service", "nosuch"], "nothing is of the service nosuch; named are checkout-api"),
        (&["--service", "nosuch", "--service", "neither"], "nothing is of the service neither"),
        (&["--from", "2030-01-01", "--to", "2031-01-01"], "nothing has a time from 2030-01-01T00:00:00Z to 2031-01-01T00:00:00Z"),
    ];
    for (words, wanted) in cases {
        let run = casefile(dir.path(), &[&["report", "in"], words].concat());
        assert_eq!((run.code, run.out.len()), (Some(1), 0), "{words:?}: {}", run.err);
        assert!(run.err.contains(wanted), "{words:?}: {}", run.err);
    }
    let run = casefile(dir.path(), &["report", "in", "--service", "checkout-api", "--service", "nosuch"]);
    assert!(run.code == Some(0) && run.err.contains("nothing is of the service nosuch"), "{:?} {}", run.code, run.err);
    // Its log does not say whose it is, but for its name.
    let run = casefile(dir.path(), &["report", "in/logs", "--service", "profile-service"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
}

#[test]
fn parse_says_which_name_nothing_has() {
    let dir = folder(&[("f.log", LOG)]);
    let run = casefile(dir.path(), &["parse", "f.log", "--source", "nosuch"]);
    assert_eq!((run.code, run.out.len()), (Some(1), 0));
    assert!(run.err.contains("no source has nosuch in its name") && run.err.contains("no record is as --from"), "{}", run.err);
    let run = casefile(dir.path(), &["parse", "f.log", "--service", "nosuch"]);
    assert!(run.err.contains("no record that was looked at names the service nosuch"), "{}", run.err);
}
