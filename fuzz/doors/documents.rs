//! Bytes as a document: the first one says which name the file has (`names` beside this folder), the rest is the file.
#![no_main]

use doors::{Files, name, read};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Some((first, bytes)) = data.split_first() {
        read(&Files::one(name(*first), bytes));
    }
});
