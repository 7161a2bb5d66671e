//! Up to five files through the whole program: the report is made, laid out and verified. What it says must hold.
#![no_main]

use doors::{Files, settings};
use investigate::{Config, investigate};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let files = Files::several(data);
    let config = Config { threads: 1, settings: settings(), ..Config::default() };
    let outcome = investigate(&files, &config);
    report::render::markdown(&outcome.report);
    report::render::html(&outcome.report);
    let json = serde_json::to_vec(&outcome.report).expect("a report is JSON");
    let verdict = verify::verify(&json, &files, &config.settings, 1);
    assert!(verdict.holds(), "the report does not hold: {:#?}", verdict.faults);
});
