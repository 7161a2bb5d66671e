//! Any text and any bytes through the redactor: nothing panics, lines stay lines, what is clean stays as it is, and what
//! was found once is gone. What once failed stands in `tests/kept` and is tried again.

use std::path::Path;

use proptest::prelude::*;
use redact::{Redactor, Stream, scan};

/// Values in shapes that rules look for; none is or was real, and none has the shape of a live credential.
const PIECES: &[&str] = &[
    "ana@example.com",
    "password=",
    "hunter2!",
    "Bearer ",
    "abc.def.ghi",
    "postgres://u:p@db/x",
    "https://h/?token=",
    "0123456789abcdef",
    "-----BEGIN ",
    "PRIVATE KEY-----",
    "-----END ",
    "4111 1111 1111 1111",
    "198.51.100.7",
    "2001:db8::1",
    "\"secret\": \"",
    "é",
    "'",
    "\"",
    "\\\"",
    "\r\n",
    "\n",
    "=",
    ": ",
    " ",
    "[email:1]",
    "[",
    "]",
    "{",
    "}",
    "+49 30 1234567",
    "DE89370400440532013000",
    "\u{202e}",
    "\0",
];

fn redact(text: &str) -> String {
    let once = Redactor::new().redact(text);
    assert_eq!(once, Redactor::new().redact(text));
    assert_eq!(once.matches('\n').count(), text.matches('\n').count(), "{text:?} {once:?}");
    let mut last = 0;
    for found in scan(text) {
        assert!(
            found.start >= last && found.start < found.end && text.get(found.start..found.end).is_some(),
            "{text:?} {found:?}"
        );
        last = found.end;
    }
    if scan(text).is_empty() {
        assert_eq!(once, text);
    }
    Redactor::secrets_only().redact(text);
    once
}

#[test]
fn what_once_failed_is_tried_again() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kept");
    #[allow(clippy::disallowed_methods)]
    for entry in std::fs::read_dir(folder).into_iter().flatten().filter_map(|e| e.ok()) {
        redact(&String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap()));
    }
}

#[test]
fn a_long_line_takes_no_longer_than_many_short_ones() {
    for piece in ["a", "password=", "-----BEGIN ", "ana@", "1234 ", "\"k\":\"v\","] {
        redact(&piece.repeat(100_000 / piece.len()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in "(\\PC|\n|\r|\t){0,120}") {
        redact(&text);
    }

    #[test]
    fn any_mix_of_shapes(pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..20), cut in 0usize..200) {
        let text = pieces.concat();
        redact(&text);
        redact(&text.chars().take(cut).collect::<String>());
    }

    #[test]
    fn any_bytes_keep_their_lines(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut stream = Stream::new(Redactor::new());
        let lines: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
        for line in lines {
            let out = stream.line(line);
            prop_assert_eq!(out.iter().filter(|b| **b == b'\n').count(), line.iter().filter(|b| **b == b'\n').count());
        }
    }
}
