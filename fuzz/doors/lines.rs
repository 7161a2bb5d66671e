//! Text as a log: streams, framing, formats, times. Must never have the ending of a document.
#![no_main]

use doors::{Files, read};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    read(&Files::one("app.log", text.as_bytes()));
});
