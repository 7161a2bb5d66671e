//! Up to five files through the whole program, and the report against them: whatever the input is, what was said of it
//! is verified. Where nothing could be used no report is handed out, and nothing is asked.
#![no_main]

use doors::{Files, settings};
use investigate::{Config, investigate};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let files = Files::several(data);
    let config = Config { threads: 1, settings: settings(), ..Config::default() };
    let outcome = investigate(&files, &config);
    if outcome.usable {
        let json = serde_json::to_vec(&outcome.report).expect("a report is JSON");
        let verdict = verify::verify(&json, &files, &config.settings, 1);
        assert!(verdict.holds(), "the report does not hold: {:#?}", verdict.faults);
    }
});
