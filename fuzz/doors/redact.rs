//! Bytes through the redactor, as a whole and line by line: lines stay lines, findings lie in order on characters, both
//! ways say the same.
#![no_main]

use redact::{Redactor, Stream, scan};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let whole = Redactor::new().redact_bytes(data).into_owned();
    let mut stream = Stream::new(Redactor::new());
    let streamed: Vec<u8> = data.split_inclusive(|b| *b == b'\n').flat_map(|line| stream.line(line).into_owned()).collect();
    assert_eq!(whole, streamed, "a stream is redacted in another way than a whole");
    assert_eq!(feeds(&whole), feeds(data), "a line was made or lost");
    let text = String::from_utf8_lossy(data);
    let mut last = 0;
    for found in scan(&text) {
        assert!(found.start >= last && found.start < found.end && text.get(found.start..found.end).is_some(), "{found:?}");
        last = found.end;
    }
    Redactor::secrets_only().redact(&text);
});

fn feeds(bytes: &[u8]) -> usize {
    bytes.iter().filter(|b| **b == b'\n').count()
}
