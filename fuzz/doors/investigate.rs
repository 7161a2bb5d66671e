//! Up to five files through the whole program: the report is made and laid out. Whether it holds is asked by `holds`.
#![no_main]

use doors::{Files, settings};
use investigate::{Config, investigate};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let files = Files::several(data);
    let config = Config { threads: 1, settings: settings(), ..Config::default() };
    let outcome = investigate(&files, &config);
    report::render::markdown(&outcome.report);
    report::render::html(&outcome.report);
});
