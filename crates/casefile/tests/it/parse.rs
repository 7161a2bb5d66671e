//! `casefile parse` and `casefile explain-format` as a user meets them: the contract of the command line, line by line.
//!
//! Must never test how a format is told from another; that is `intake`'s.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::program::{casefile, casefile_with, folder};

fn parsed(dir: &Path, words: &[&str]) -> Vec<Value> {
    let run = casefile(dir, &[&["parse"], words].concat());
    assert_eq!(run.code, Some(0), "{}", run.err);
    run.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// One member of every record.
fn all<'r>(records: &'r [Value], key: &str) -> Vec<&'r Value> {
    records.iter().map(|record| &record[key]).collect()
}

const SYSLOG: &str = "\
Feb  7 09:00:25 web-1 checkout[812]: connection to 10.0.0.7 timed out after 30 ms
Feb  7 09:00:26 web-1 checkout[812]: connection to 10.0.0.9 timed out after 31 ms
Feb  7 09:00:27 web-1 sshd[9]: session closed
";

#[test]
fn a_record_is_the_object_that_the_contract_describes() {
    let dir = folder(&[("app.log", "2024-02-07T09:00:25.123Z ERROR it broke\njava.lang.Error: x\n\tat a.B.c(B.java:1)\n")]);
    let records = parsed(dir.path(), &["app.log"]);
    assert_eq!(
        records,
        [json!({
            "source": "app.log", "line": 1, "last_line": 3, "at": "2024-02-07T09:00:25.123Z", "at_raw": "2024-02-07T09:00:25.123Z",
            "at_basis": "zoned", "level": "error", "service": null, "message": "it broke\njava.lang.Error: x\n\tat a.B.c(B.java:1)",
            "format": records[0]["format"], "pattern": "p1", "trace": null, "fields": {}
        })]
    );
}

#[test]
fn patterns_are_numbered_by_how_often_they_occur() {
    let dir = folder(&[("a/syslog", SYSLOG)]);
    let records = parsed(dir.path(), &["a"]);
    assert_eq!(all(&records, "pattern"), ["p1", "p1", "p2"]);
    assert_eq!(all(&records, "service"), ["checkout", "checkout", "sshd"]);
    assert_eq!(records[0]["fields"], json!({"instance": "web-1", "host": "web-1", "pid": "812"}));
    let streamed = parsed(dir.path(), &["a", "--no-patterns"]);
    assert!(all(&streamed, "pattern").iter().all(|p| p.is_null()));
    assert_eq!(all(&streamed, "message"), all(&records, "message"));
}

#[test]
fn a_year_comes_from_the_name_or_the_other_sources_and_is_1972_when_nothing_tells() {
    let years = |files: &[(&str, &str)], input: &str| {
        let dir = folder(files);
        let records = parsed(dir.path(), &[input, "--no-patterns"]);
        let syslog = records.iter().find(|r| r["at_basis"] == "no_year").unwrap();
        syslog["at"].as_str().unwrap()[..10].to_string()
    };
    assert_eq!(years(&[("in/messages-20230210", SYSLOG)], "in"), "2023-02-07");
    assert_eq!(years(&[("in/messages", SYSLOG), ("in/app.log", "2021-02-07T09:00:25Z INFO up\n")], "in"), "2021-02-07");
    assert_eq!(years(&[("in/messages", SYSLOG)], "in"), "1972-02-07");
}

#[test]
fn a_time_of_day_without_any_date_is_no_instant() {
    let dir = folder(&[("app.log", "09:00:25.123 [main] INFO c.e.App - up\n")]);
    let records = parsed(dir.path(), &["app.log"]);
    assert_eq!(
        (&records[0]["at"], &records[0]["at_raw"], &records[0]["at_basis"]),
        (&Value::Null, &json!("09:00:25.123"), &json!("no_date"))
    );
}

#[test]
fn records_come_in_the_order_of_the_input_with_any_number_of_threads() {
    let long: String = (0..3_000).map(|n| format!("2024-02-07T09:{:02}:{:02}Z INFO line {n}\n", n / 60 % 60, n % 60)).collect();
    let files: Vec<(String, &str)> = (0..12).map(|n| (format!("in/{n:02}.log"), long.as_str())).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let dir = folder(&files);
    let one = casefile(dir.path(), &["parse", "in", "--threads", "1"]).text();
    let eight = casefile(dir.path(), &["parse", "in", "--threads", "8"]).text();
    assert!(one == eight, "the number of threads shows");
    let place = |line: &str| {
        let record: Value = serde_json::from_str(line).unwrap();
        (record["source"].as_str().unwrap().to_string(), record["line"].as_u64().unwrap())
    };
    let places: Vec<(String, u64)> = one.lines().map(place).collect();
    assert_eq!(places.len(), 36_000);
    assert!(places.is_sorted());
}

#[test]
fn what_is_asked_for_narrows_the_records() {
    let dir = folder(&[("in/syslog", SYSLOG), ("in/app.log", "2024-02-07T09:00:26Z INFO up\n2024-02-08T09:00:26Z INFO on\n")]);
    let count = |words: &[&str]| parsed(dir.path(), &[&["in"], words].concat()).len();
    assert_eq!(count(&["--source", "syslog"]), 3);
    assert_eq!(count(&["--service", "sshd", "--source", "syslog"]), 1);
    assert_eq!(count(&["--from", "2024-02-07T09:00:26Z", "--to", "2024-02-08"]), 3);
}

#[test]
fn a_record_that_names_no_service_is_its_sources() {
    const LINE: &str = "2024-02-07T09:00:26Z INFO up\n";
    let dir = folder(&[("in/cart/cart.log", LINE), ("in/coredns.log", LINE), ("in/app.log", LINE)]);
    let sources = |service: &str| {
        let told = |record: &Value| record["source"].as_str().unwrap().to_owned();
        parsed(dir.path(), &["in", "--service", service]).iter().map(told).collect::<Vec<_>>()
    };
    assert_eq!(sources("cart"), ["app.log", "cart/cart.log"], "nothing says whose app.log is");
    assert_eq!(sources("coredns"), ["app.log", "coredns.log"]);
    assert_eq!(sources("coredn"), ["app.log"]);
    let run = casefile(dir.path(), &["report", "in", "--service", "coredn"]);
    assert!(run.code == Some(1) && run.err.contains("nothing is of the service coredn"), "{:?} {}", run.code, run.err);
}

#[test]
fn elements_of_documents_are_records_too() {
    let chat = r#"[{"type":"message","user":"U1","text":"checkout is down","ts":"1707296425.000000"}]"#;
    let dir = folder(&[("chat.json", chat)]);
    let records = parsed(dir.path(), &["chat.json"]);
    assert_eq!((&records[0]["message"], &records[0]["at"]), (&json!("checkout is down"), &json!("2024-02-07T09:00:25Z")));
    assert_eq!(records[0]["fields"]["author"], "U1");
}

#[test]
fn standard_input_and_a_file_for_the_output_are_as_everywhere() {
    let dir = folder(&[("x", SYSLOG)]);
    let run = casefile_with(dir.path(), &["parse", "-", "--out", "records.ndjson"], &dir.path().join("x"));
    assert_eq!((run.code, run.out.len()), (Some(0), 0), "{}", run.err);
    let text = fs::read_to_string(dir.path().join("records.ndjson")).unwrap();
    assert_eq!((text.lines().count(), text.contains("\"source\":\"stdin\"")), (3, true));
}

#[test]
fn without_a_record_the_status_is_1_and_what_was_skipped_is_said() {
    let dir = folder(&[("blank.log", "\n\n")]);
    fs::write(dir.path().join("core"), [0u8, 1, 2, 3, 0, 0, 0, 255, 0, 0, 7]).unwrap();
    let run = casefile(dir.path(), &["parse", "."]);
    assert_eq!((run.code, run.out.len()), (Some(1), 0));
    assert!(run.err.contains("core: skipped: binary data") && run.err.contains("blank.log: skipped: blank"), "{}", run.err);
    assert_eq!(casefile(dir.path(), &["parse", "nowhere"]).code, Some(2));
    assert_eq!(casefile(dir.path(), &["parse", "core", "--format", "csv"]).code, Some(2));
}

const ODD: &str = "~~ 2024-02-07 09:00:25,123 ~~ [worker-7] <ERROR> it broke\n~~ 2024-02-07 09:00:26,001 ~~ [main] <INFO> well\n";

#[test]
fn an_unknown_format_is_explained_and_its_definition_works_at_once() {
    let dir = folder(&[("odd.log", ODD), ("formats/.keep", "")]);
    let run = casefile(dir.path(), &["explain-format", "odd.log"]);
    assert!(run.text().contains("no format knows these lines; a definition to start from"), "{}", run.text());
    let start = casefile(dir.path(), &["explain-format", "--toml", "odd.log"]).text();
    fs::write(dir.path().join("formats/mine.toml"), start).unwrap();
    let records = parsed(dir.path(), &["odd.log", "--formats", "formats"]);
    assert_eq!(all(&records, "format"), ["mine", "mine"]);
    assert_eq!(all(&records, "level"), ["error", "info"]);
    let run = casefile(dir.path(), &["explain-format", "odd.log", "--formats", "formats"]);
    assert!(
        run.text().contains("odd.log: mine (My format)") && run.text().contains("matches   2 of 2 records"),
        "{}",
        run.text()
    );
}

#[test]
fn a_known_format_names_the_lines_that_do_not_fit_and_where_they_leave_it() {
    let line = "I0207 09:00:25.781414       1 a.go:252] well\n";
    let dir = folder(&[("kubelet.log", &[line, line, line, "2024-02-07 09:00:26 ERROR from elsewhere\n"].concat())]);
    let text = casefile(dir.path(), &["explain-format", "kubelet.log"]).text();
    assert!(text.starts_with("kubelet.log: klog (klog)"), "{text}");
    assert!(text.contains("line 4 is not of it, but"), "{text}");
    assert!(text.contains("wanted (?<level>[DIWEF]) at the beginning, found \"2024-02-07 09:00:26 ERROR"), "{text}");
}

#[test]
fn a_format_that_does_not_hold_is_told_with_file_line_and_remedy() {
    let good = "title = 'x'\nabout = 'x'\npattern = '~~ (?<time>%iso%) (?<message>.*)'\n";
    let sample = "[[samples]]\nline = '~~ 2024-02-07 09:00:25 it broke'\nlevel = 'error'\n";
    let told = |text: &str| {
        let dir = folder(&[("formats/mine.toml", text), ("odd.log", ODD)]);
        let run = casefile(dir.path(), &["parse", "odd.log", "--formats", "formats"]);
        assert_eq!((run.code, run.out.len()), (Some(2), 0), "{}", run.err);
        run.err
    };
    let is_told = |text: &str, words: &[&str]| {
        let err = told(text);
        assert!(words.iter().all(|w| err.contains(w)), "{err}");
    };
    is_told(&format!("titel = 1\n{good}"), &["mine.toml, line 1: unknown field `titel`"]);
    is_told(&good.replace("(?<message>", "(?<message"), &["mine.toml, line 3: the pattern is no regular expression"]);
    is_told(good, &["mine.toml: it has no sample; add [[samples]]"]);
    is_told(
        &format!("{good}{sample}"),
        &["mine.toml, line 5: `level` of its sample", "is \"nothing\", not \"error\"", "mend the pattern"],
    );
    is_told(
        &format!("{good}{}", sample.replace("~~ 2024", "~ 2024")),
        &["line 5: it does not match its sample", "wanted ~, found \" 2024"],
    );
    is_told(&good.replace("~~ ", "(?:~~ )?").replace("(?<time>%iso%) ", ""), &["line 3: the pattern matches the empty line"]);
    is_told(&format!("{good}[levels]\n'E' = 'bad'\n{sample}"), &["line 5: unknown level \"bad\"; write trace, debug"]);
    let dir = folder(&[("formats/text.toml", &format!("{good}{sample}")), ("odd.log", ODD)]);
    let run = casefile(dir.path(), &["parse", "odd.log", "--formats", "formats"]);
    assert!(
        run.code == Some(2) && run.err.contains("text.toml: `text` is what reads the lines that no format knows"),
        "{}",
        run.err
    );
    let dir = folder(&[("formats/readme.md", ""), ("odd.log", ODD)]);
    let run = casefile(dir.path(), &["explain-format", "odd.log", "--formats", "formats"]);
    assert!(run.code == Some(2) && run.err.contains("there is no format in formats"), "{}", run.err);
}

#[test]
fn the_known_formats_are_listed() {
    let run = casefile(Path::new("."), &["explain-format"]);
    let text = run.text();
    assert!(text.lines().any(|l| l.starts_with("klog ")) && text.contains(" formats, 0 of them your own"), "{text}");
}
