//! Text that is none, or that says something else than it shows: broken and foreign encodings, commands for a terminal,
//! characters that turn, hide or break what is read.
//!
//! Must never test how a character is told, only what a user sees: the words, where they stand, and that it was said.

use std::fs;

use crate::hostile_input::{Read, log, orderly, read};

fn wide(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

fn messages(read: &Read) -> Vec<&str> {
    (0..read.lines.len()).map(|i| read.message(i)).collect()
}

#[test]
fn b5_utf_16_is_read_with_and_without_its_mark() {
    let text = log().replace("order", "订单 käse 👩\u{200d}🚀");
    let plain = read("a.log", text.as_bytes());
    for units in [u16::to_le_bytes, u16::to_be_bytes] {
        for marked in [text.clone(), format!("\u{feff}{text}")] {
            let bytes = wide(&marked, units);
            let read = read("a.log", &bytes);
            assert_eq!(messages(&read), messages(&plain));
            for e in &read.report.evidence {
                let (from, to) = (e.bytes[0] as usize, e.bytes[1] as usize);
                let line = text.lines().nth(e.line as usize - 1).unwrap();
                assert_eq!(bytes[from..to], wide(line, units), "line {}", e.line);
            }
        }
    }
    let marked = read("a.log", format!("\u{feff}{text}").as_bytes());
    assert_eq!(messages(&marked), messages(&plain));
}

#[test]
fn b5_bytes_that_are_no_text_are_shown_and_counted() {
    let line = |bytes: &[u8]| [b"2024-02-07T09:01:00Z ERROR shop a ", bytes, b" z\n"].concat();
    for (what, bytes, shown) in [
        ("Latin-1", &b"caf\xe9"[..], "a caf\u{fffd} z"),
        ("GBK", b"\xb6\xa9\xb5\xa5", "\u{fffd} z"),
        ("an overlong slash", b"\xc0\xaf", "a \u{fffd}\u{fffd} z"),
        ("a lone surrogate", b"\xed\xa0\x80", "a \u{fffd}\u{fffd}\u{fffd} z"),
        ("beyond Unicode", b"\xf4\x90\x80\x80", "\u{fffd} z"),
        ("a character that is cut", b"\xe2\x82", "a \u{fffd} z"),
    ] {
        let all = [log().as_bytes(), &line(bytes), &line(b"ok"), &line(bytes)].concat();
        let read = read("a.log", &all);
        assert_eq!((read.lines.len(), read.source().read_bytes), (63, all.len() as u64), "{what}");
        assert!(read.message(60).contains(shown), "{what}: {}", read.message(60));
        assert!(read.message(61).ends_with("a ok z"));
        read.says("2 lines have bytes that are no text in the encoding of the source");
        assert!(read.told.contains("(first at line 61)"), "{}", read.told);
    }
}

#[test]
fn b5_zero_bytes_are_shown_and_counted() {
    let bytes = format!("{}2024-02-07T09:01:00Z ERROR shop a\0b\n2024-02-07T09:01:01Z ERROR shop ok\n", log());
    let read = read("a.log", bytes.as_bytes());
    assert!(read.message(60).ends_with("a\u{fffd}b") && read.message(61).ends_with("ok"));
    read.says("1 character or sequence would control a terminal");
}

#[test]
fn b5_half_a_pair_of_surrogates_is_shown() {
    let text = "2024-02-07T09:00:00Z ERROR shop a";
    let half = [b"\xff\xfe".to_vec(), wide(text, u16::to_le_bytes), vec![0x00, 0xd8], wide(" z\n", u16::to_le_bytes)].concat();
    let read_wide = read("a.log", &half);
    assert!(read_wide.message(0).ends_with("a\u{fffd} z"), "{:?}", read_wide.lines);
    read_wide.says("1 line has bytes that are no text");
    let escaped = "{\"ts\":\"2024-02-07T09:00:00Z\",\"level\":\"error\",\"msg\":\"a \\ud800 z\"}\n";
    let read_json = read("a.log", [escaped, escaped].concat().as_bytes());
    assert_eq!(read_json.lines.len(), 2, "nothing is dropped");
    assert!(read_json.message(0).contains("a ") && read_json.message(0).contains(" z"));
}

/// What could steer a terminal or a reader, and what is shown of it.
const STEERS: [(&str, &str); 18] = [
    ("\x1b[31mred\x1b[0m", "red"),
    ("\x1b[2J\x1b[Hgone", "gone"),
    ("\x1b]8;;https://evil.example\x07link\x1b]8;;\x07", "link"),
    ("\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\", "link"),
    ("\x1b]0;title\x07text", "text"),
    ("\x1b]52;c;cm0gLXJm\x07text", "text"),
    ("\x1bP$q\"p\x1b\\text", "text"),
    ("\x1b_command\x1b\\te\x1b^private\x1b\\xt", "text"),
    ("\u{9b}31mred\u{9b}0m", "red"),
    ("\u{9d}0;title\u{9c}text", "text"),
    ("ab\x08\x08cd", "abcd"),
    ("all is well\rall is lost", "all is well all is lost"),
    ("\x07bell", "bell"),
    ("\u{202e}gnp.exe\u{202c}", "gnp.exe"),
    ("\u{2066}if admin\u{2069}", "if admin"),
    ("pass\u{200b}wo\u{ad}rd\u{feff}", "password"),
    ("t\u{e0041}\u{e0042}ag", "tag"),
    ("first\u{2028}second", "first second"),
];

/// A log in which each of these stands, as it is and as JSON escapes it.
fn steering() -> [(&'static str, String); 2] {
    let plain = |(i, (text, _)): (usize, &(&str, &str))| format!("2024-02-07T09:00:{i:02}Z ERROR shop refused {text} end\n");
    let object = |(i, (text, _)): (usize, &(&str, &str))| {
        let text: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        format!(
            "{{\"ts\":\"2024-02-07T09:00:{i:02}Z\",\"level\":\"error\",\"service\":\"shop{text}\",\"msg\":\"refused {text} end\",\"k{text}\":\"v{text}\"}}\n"
        )
    };
    let lines = || STEERS.iter().enumerate();
    [("plain.log", lines().map(plain).collect()), ("objects.log", lines().map(object).collect())]
}

/// Nothing that a terminal obeys, nothing that turns or hides text.
pub fn is_harmless(text: &str) -> bool {
    let odd = |c: char| {
        c.is_control() && c != '\n' && c != '\t'
            || matches!(u32::from(c), 0xad | 0x200b | 0x2028..=0x202e | 0x2060..=0x206f | 0xfeff | 0xe0000..=0xe007f)
    };
    !text.chars().any(odd)
}

#[test]
fn b6_what_is_not_seen_is_stripped_before_it_is_matched() {
    for (name, bytes) in steering() {
        let read = read(name, bytes.as_bytes());
        assert_eq!(read.lines.len(), STEERS.len(), "{name}");
        for (i, (text, shown)) in STEERS.iter().enumerate() {
            assert!(read.message(i).ends_with(&format!("refused {shown} end")), "{name}, {text:?}: {:?}", read.message(i));
        }
        read.says("characters or sequences would control a terminal, turn the direction of reading or have no width");
    }
    let words = "2024-02-07T09:00:00Z ERROR shop connection refused\n2024-02-07T09:00:01Z ERROR shop con\u{200b}nection \x1b[1mref\u{202e}used\x1b[0m\n";
    let read = read("a.log", words.as_bytes());
    assert_eq!(read.lines[0]["pattern"], read.lines[1]["pattern"], "it is the same kind of message");
}

#[test]
fn b6_no_output_steers_a_terminal() {
    let dir = tempfile::tempdir().unwrap();
    let name = |rest: &str| format!("ev\x1b]0;t\x07\x1b[31mil\u{202e}\u{9b}2J{rest}");
    for (file, bytes) in steering() {
        fs::write(dir.path().join(name(file)), bytes).unwrap();
    }
    fs::write(dir.path().join(name(".bin")), [1u8, 2, 3, 0].repeat(99)).unwrap();
    fs::write(dir.path().join("report.json"), "").unwrap();
    let (log, binary) = (name("objects.log"), name(".bin"));
    for words in [
        &["report", ".", "--format", "md"][..],
        &["report", ".", "--format", "html"],
        &["report", ".", "--format", "json"],
        &["report", ".", "--format", "jira"],
        &["report", ".", "--format", "slack"],
        &["report", ".", "--format", "confluence"],
        &["report", &binary],
        &["parse", "."],
        &["parse", &binary],
        &["patterns", "."],
        &["patterns", ".", "--format", "table", "--baseline", &log],
        &["patterns", &binary],
        &["explain-format", &log, &binary],
        &["explain-format", &log, "--toml"],
        &["verify", "report.json", &log],
        &["verify", &log, &binary],
        &["report", "--formats", &log, "."],
        &["parse", &name("missing")],
    ] {
        let run = orderly(dir.path(), words);
        assert!(is_harmless(&run.text()), "{words:?}: {:?}", run.text());
        assert!(is_harmless(&run.err), "{words:?}: {:?}", run.err);
    }
}

#[test]
fn b6_what_turns_the_direction_of_reading_is_flagged_and_kept_apart() {
    let text = "2024-02-07T09:01:00Z ERROR shop connection refused \u{202e}gnp.exe\u{202c} שלום\n";
    let read = read("a.log", format!("{}{}", log(), text.repeat(3)).as_bytes());
    read.says("6 characters or sequences would control a terminal, turn the direction of reading or have no width");
    let page = report::render::html(&read.report);
    assert!(page.contains("unicode-bidi:isolate") && is_harmless(&page));
    let cited = |text: &str| text.contains("\u{fffd}gnp.exe\u{fffd}");
    assert!(
        read.report.evidence.iter().all(|e| !e.text.contains("gnp")) || cited(&page),
        "it is seen that something stood there"
    );
}
