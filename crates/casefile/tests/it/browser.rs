//! The HTML report in a real browser: what it fetches, whether everybody can use it, how fast it opens, and that a claim's
//! evidence is one step away. The scenarios stand in `browser/report.mjs`.
//!
//! Needs Node; `browser/setup` brings the rest. Must never pass without having run: what is missing is a failure, unless
//! CASEFILE_NO_BROWSER says that there shall be none.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use report::model::{Report, TimelineEntry};

use crate::cases;
use crate::hostile::attacked;

/// Chromium and where the modules are; `None` where no browser is wanted.
pub fn browser() -> Option<&'static (String, PathBuf)> {
    static READY: OnceLock<Option<(String, PathBuf)>> = OnceLock::new();
    let prepare = || {
        if std::env::var_os("CASEFILE_NO_BROWSER").is_some() {
            return None;
        }
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("browser");
        let made = Command::new(cases::root().join("browser/setup")).arg(&folder).output().expect("browser/setup runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Some((String::from_utf8_lossy(&made.stdout).trim().to_owned(), folder.join("node_modules")))
    };
    READY.get_or_init(prepare).as_ref()
}

/// Runs a scenario on reports; says what does not hold.
fn holds(scenario: &str, reports: &[(&str, Report)]) {
    let Some((chromium, modules)) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut pages = Vec::new();
    for (name, report) in reports {
        let path = folder.path().join(format!("{name}.html"));
        std::fs::write(&path, report::render::html(report)).unwrap();
        pages.push(path);
    }
    let script = cases::root().join("browser/report.mjs");
    let ran = Command::new("node")
        .arg(script)
        .arg(scenario)
        .args(&pages)
        .env("CHROMIUM", chromium)
        .env("MODULES", modules)
        .output()
        .expect("Node is installed");
    let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    println!("{said}");
    assert!(ran.status.success(), "{scenario} does not hold:\n{said}");
}

/// Every case, the example, text that attacks, an input in which nothing is wrong.
fn all() -> Vec<(&'static str, Report)> {
    let mut reports: Vec<(&str, Report)> =
        cases::names().into_iter().map(|name| (&*name.clone().leak(), cases::base(&name).clone())).collect();
    reports.push(("example", cases::report(&cases::example())));
    reports.push(("hostile", cases::report(&attacked())));
    reports.push(("quiet", quiet()));
    reports
}

fn quiet() -> Report {
    let line = |n: u32| format!("2024-02-07T10:{:02}:{:02}Z INFO shop GET /cart answered in {n} ms\n", n / 60, n % 60);
    let log: String = (0..600).map(line).collect();
    cases::report(&cases::Files::from([("shop.log".to_owned(), log.into_bytes())]))
}

/// A report whose timeline has so many entries.
fn long(entries: usize) -> Report {
    let mut report = cases::report(&cases::example());
    let own: Vec<TimelineEntry> = report.timeline.clone();
    while report.timeline.len() < entries {
        let next = own[report.timeline.len() % own.len()].clone();
        report.timeline.push(next);
    }
    report.timeline.sort_by(|a, b| a.at.cmp(&b.at));
    report
}

#[test]
fn c1_nothing_is_fetched_nothing_is_said_on_the_console_and_a_page_opens_in_a_second() {
    holds("quiet", &all());
}

#[test]
fn a_page_of_five_thousand_entries_opens_in_a_second() {
    holds("quiet", &[("long", long(5_000))]);
}

#[test]
fn everybody_can_use_the_page() {
    let mut reports = all();
    reports
        .retain(|(name, _)| ["example", "hostile", "quiet"].contains(name) || name.starts_with("01") || name.starts_with("04"));
    holds("accessible", &reports);
}

#[test]
fn the_evidence_of_every_statement_is_one_click_or_two_keys_away() {
    holds("cited", &[("example", cases::report(&cases::example())), ("07", cases::base("07-wal").clone())]);
}

#[test]
fn chart_timeline_and_text_point_at_each_other() {
    holds("workplace", &[("example", cases::report(&cases::example())), ("04", cases::base("04-ledger-sunday").clone())]);
}

#[test]
fn without_scripts_everything_is_there() {
    holds("scriptless", &all());
}

#[test]
fn on_paper_nothing_is_cut_and_no_tool_is_printed() {
    holds("paper", &[("example", cases::report(&cases::example())), ("hostile", cases::report(&attacked()))]);
}
