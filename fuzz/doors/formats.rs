//! Text as a user's file that defines a format, or as the lines of which a definition is made. A set of formats stays in
//! memory once it is made, so this door is run in processes that end (`-fork=1`). Which formats come near is asked for
//! single lines only: for one that nobody knows, parts of every pattern are compiled.
#![no_main]

use intake::formats::{Formats, suggest};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim_ascii().is_empty()).collect();
    if text.contains("title") {
        match Formats::with(&[("x.toml".to_string(), text.to_string())]) {
            Ok(formats) => drop(formats.recognise(&lines)),
            Err(faults) => assert!(faults.iter().all(|f| !f.to_string().is_empty()), "a fault without words"),
        }
        return;
    }
    suggest(&lines);
    if lines.len() == 1 {
        Formats::load().candidates(&lines);
    }
});
