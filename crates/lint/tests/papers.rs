//! Invented postmortems of several styles: consistent ones, of which nothing but hints may be said, and others with the
//! findings that are known to be in them.
// Tests are outside: files are what they are about.
#![allow(clippy::disallowed_methods)]

use std::path::Path;

use lint::{Options, Severity, check_text};

fn paper(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/papers").join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Line and rule of all findings that are no hints.
fn found(name: &str) -> Vec<(usize, &'static str)> {
    let findings = check_text(&paper(name), &Options::default());
    findings.into_iter().filter(|f| f.severity != Severity::Hint).map(|f| (f.line, f.rule)).collect()
}

#[test]
fn consistent_papers_are_left_alone() {
    for name in [
        "google_style.md",
        "atlassian_style.md",
        "bare_notes.txt",
        "status_page.md",
        "two_days.md",
        "prose_only.md",
        "newest_first.md",
        "review.md",
        "rca_half_days.md",
        "plain_columns.txt",
    ] {
        let findings = check_text(&paper(name), &Options::default());
        let said: Vec<_> = findings.iter().filter(|f| f.severity != Severity::Hint).collect();
        assert!(said.is_empty(), "{name}: {said:#?}");
    }
}

#[test]
fn sums_that_do_not_add_up_are_found() {
    let expected = [
        (5, "sum/duration"),
        (5, "sum/total"),
        (5, "sum/total"),
        (5, "sum/percent"),
        (7, "sum/percent"),
        (16, "sum/total"),
        (16, "sum/percent"),
        (22, "number/twice"),
        (22, "number/twice"),
        (29, "time/order"),
        (34, "blame/cause"),
        (34, "blame/person"),
        (34, "name/version"),
        (41, "action/owner"),
        (42, "action/due"),
    ];
    assert_eq!(found("inconsistent_sums.md"), expected);
}

#[test]
fn figures_that_are_told_twice_are_found() {
    let expected = [
        (3, "sum/duration"),
        (3, "number/twice"),
        (6, "number/twice"),
        (12, "name/version"),
        (14, "number/twice"),
        (17, "sum/duration"),
        (17, "time/twice"),
        (20, "cause/order"),
        (20, "blame/person"),
        (24, "action/owner"),
    ];
    assert_eq!(found("inconsistent_figures.md"), expected);
}

#[test]
fn times_that_contradict_each_other_are_found() {
    let expected =
        [(1, "time/date"), (4, "time/order"), (9, "time/twice"), (9, "sum/duration"), (26, "time/clock"), (33, "action/owner")];
    assert_eq!(found("inconsistent_times.md"), expected);
}

#[test]
fn a_statement_without_source_among_others_is_found() {
    assert_eq!(found("sources.md"), [(7, "source/missing"), (9, "source/unresolved")]);
}

#[test]
fn all_twelve_kinds_of_contradiction_of_a_copied_page_are_found() {
    let found = found("copied_page.txt");
    for (what, line, rule) in [
        ("the date of the title is not that of the incident", 4, "time/date"),
        ("the outage is longer than the timeline", 12, "sum/duration"),
        ("recovery took less than is stated", 34, "sum/duration"),
        ("the time to resolve is neither of the two", 82, "sum/duration"),
        ("the election was complete twice", 82, "time/twice"),
        ("one source is whole hours ahead", 96, "time/clock"),
        ("the effect comes before what is given as the condition", 57, "cause/order"),
        ("what timed out began before the start", 96, "time/early"),
        ("so long after the crash loop was seen", 80, "sum/duration"),
        ("tickets over a longer time than the incident", 63, "sum/window"),
        ("two thresholds of one trigger", 87, "number/threshold"),
        ("the alert is for a service that nothing else names", 42, "name/alias"),
    ] {
        assert!(found.contains(&(line, rule)), "{what}: {found:?}");
    }
    assert!(found.contains(&(101, "number/threshold")), "two shares of one canary: {found:?}");
}

#[test]
fn only_and_allow_choose_the_rules() {
    let said =
        |options: Options| check_text(&paper("inconsistent_sums.md"), &options).into_iter().map(|f| f.rule).collect::<Vec<_>>();
    assert!(said(Options { only: vec!["action".into()], ..Options::default() }).iter().all(|r| r.starts_with("action/")));
    assert!(!said(Options { allow: vec!["sum/total".into()], ..Options::default() }).contains(&"sum/total"));
}

#[test]
fn hostile_documents_end_and_say_little() {
    let nested: String = (0..400).map(|i| format!("{}- item {i} at 12:00 [e{i}]\n", " ".repeat(2 * (i % 100)))).collect();
    let odd = "\u{202e}\u{0}\u{fffd}\u{e0041}é́ ٠٩:٠٠ 〇 12:6１ 2024-13-45 99:99 “„”” [[[ ⟦d0⟧ ⟦t99⟧ lasted ⟦d7⟧";
    let numbers = "1 of 2 and 3% ".repeat(20_000);
    let marks = "“".repeat(20_000) + &"[".repeat(20_000) + &"|".repeat(20_000) + &"*".repeat(20_000);
    let quotes = "> ".repeat(50_000);
    let bytes: Vec<u8> = (0..100_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let texts: [&[u8]; 9] = [
        b"",
        b"\n\n\n",
        b"\xff\xfe\x00",
        nested.as_bytes(),
        odd.as_bytes(),
        numbers.as_bytes(),
        marks.as_bytes(),
        quotes.as_bytes(),
        &bytes,
    ];
    for (i, text) in texts.iter().enumerate() {
        let findings = check_text(text, &Options::default());
        assert!(findings.len() < 4_000, "document {i}: {} findings", findings.len());
    }
    assert!(
        lint::check_report(b"{\"schema\": \"casefile.report/1\", \"claims\": [1, {}], \"actions\": 3}", &Options::default())
            .is_empty()
    );
}
