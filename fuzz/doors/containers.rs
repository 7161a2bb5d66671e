//! Any bytes as one file without an ending: containers, encodings, binary data. Must never name the file after its kind.
#![no_main]

use doors::{Files, read};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    read(&Files::one("input", data));
});
