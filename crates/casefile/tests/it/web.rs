//! The web app in a real browser, from `casefile serve` with an empty folder: what a person does there, at the width of a desk
//! and of a phone, in light and dark. The scenarios stand in `browser/app.mjs`.
//!
//! Needs what `browser.rs` needs. Must never pass without having run; each scenario has a server of its own, which ends with it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::browser::browser;
use crate::cases;

/// A server with an empty folder; gone when it is dropped.
struct Served {
    child: Child,
    origin: String,
    _data: TempDir,
}

impl Served {
    fn start() -> Served {
        let data = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_casefile"))
            .args(["serve", "--addr", "127.0.0.1:0", "--data"])
            .arg(data.path())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
        let first = said.next().expect("the server says where it is").unwrap();
        let place = first.split_whitespace().find(|word| word.starts_with("http://")).unwrap_or_else(|| panic!("{first}"));
        let origin = place.trim_end_matches('/').to_owned();
        // It must not wait for somebody who reads what it says.
        std::thread::spawn(move || said.for_each(drop));
        Served { child, origin, _data: data }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn holds(scenario: &str) {
    let Some((chromium, modules)) = browser() else { return };
    let server = Served::start();
    let ran = Command::new("node")
        .arg(cases::root().join("browser/app.mjs"))
        .args([scenario, &server.origin])
        .arg(cases::root().join("examples/checkout"))
        .env("CHROMIUM", chromium)
        .env("MODULES", modules)
        .output()
        .expect("Node is installed");
    let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    println!("{said}");
    assert!(ran.status.success(), "{scenario} does not hold:\n{said}");
}

#[test]
fn the_example_is_one_click_away_and_a_citation_leads_into_the_log_room() {
    holds("example");
}

#[test]
fn chosen_files_become_a_report_and_a_second_upload_shows_what_it_changed() {
    holds("upload");
}

#[test]
fn dropped_and_pasted_evidence_arrives() {
    holds("drop");
}

#[test]
fn whatever_a_person_says_stands_on_the_report_with_the_name() {
    holds("edit");
}

#[test]
fn a_keyboard_is_enough() {
    holds("keys");
}

#[test]
fn what_was_typed_outlives_a_conflict() {
    holds("conflict");
}

#[test]
fn versions_are_compared_and_restored() {
    holds("history");
}

#[test]
fn the_log_room_finds_counts_narrows_and_shows_a_line_among_its_neighbours() {
    holds("logs");
}

#[test]
fn every_export_answers() {
    holds("exports");
}

#[test]
fn c1_text_from_outside_is_text_wherever_it_is_shown() {
    holds("hostile");
}

#[test]
fn everybody_can_use_every_page() {
    holds("accessible");
}

#[test]
fn without_scripts_forms_and_links_do() {
    holds("scriptless");
}
