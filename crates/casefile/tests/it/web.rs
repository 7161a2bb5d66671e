//! The web app in a real browser, from `casefile serve` with an empty folder: what a person does there, at the width of a desk
//! and of a phone, in light and dark. The scenarios stand in `browser/app.mjs`.
//!
//! Needs what `browser.rs` needs. Must never pass without having run; each scenario has a server of its own, which ends with it.

use std::process::Command;

use crate::browser::browser;
use crate::cases;
use crate::serve::Served;

fn holds(scenario: &str) {
    let Some((chromium, modules)) = browser() else { return };
    let data = tempfile::tempdir().unwrap();
    let server = Served::at(data.path());
    let ran = Command::new("node")
        .arg(cases::root().join("browser/app.mjs"))
        .args([scenario, &format!("http://{}", server.address)])
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
fn a_dropped_folder_arrives_with_the_places_of_its_files() {
    holds("folder");
}

#[test]
fn an_upload_that_broke_is_sent_again_and_nobody_leaves_it_unasked() {
    holds("interrupted");
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
fn c1_naughty_strings_stand_as_text_wherever_a_visitor_gives_them() {
    holds("naughty");
}

#[test]
fn everybody_can_use_every_page() {
    holds("accessible");
}

#[test]
fn without_scripts_forms_and_links_do() {
    holds("scriptless");
}
