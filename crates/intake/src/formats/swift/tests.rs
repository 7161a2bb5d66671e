//! Both ways of reading a line, the swift one and the general one, say the same.

use proptest::prelude::*;

use super::*;
use crate::marks::{Alone, Marks};

const PLACE: RecordRef = RecordRef { source: SourceId { input: 0, entry: 0 }, start: 10, end: 90, line: 3, last_line: 3 };

/// How many of the lines followed a plan; each that did has the record that the general reader makes of it.
fn followed(format: &'static Format, lines: &[&str]) -> usize {
    let formats = Formats::load();
    let Some(mut swift) = Swift::of(formats, format) else { return 0 };
    let (mut found, mut count) = (Followed::default(), 0);
    let mut at = 0;
    let piece = lines.join("\n");
    let mut marks = Marks::default();
    marks.look(piece.as_bytes(), swift.signs());
    swift.begin(piece.as_bytes());
    for line in lines {
        let mut fields = Fields::new();
        let alone = Alone::new(line);
        let within = Marked::new(&marks, piece.as_bytes(), (at, at + line.len()));
        let place = if count % 3 > 0 { within } else { alone.marked() };
        at += line.len() + 1;
        if !crate::unseen::is_seen(line) || !swift.follow((line, true), place, &mut found) {
            continue;
        }
        let general = formats.parse(format, line, PLACE);
        let read = swift.read((line, &found), PLACE, &mut fields, &mut |record, verbatim| {
            assert_eq!(*record, general, "{line}");
            // A blank that does not break is shown as one, and not as it stands.
            let shown = format!("{record:?}").replace("\\u{a0}", "");
            assert!(!verbatim || line.contains("\\u{") || !shown.contains("\\u{"), "{line}");
        });
        assert!(fields.is_empty());
        assert!(!read || formats.is_head(format, line), "{line}");
        count += usize::from(read);
    }
    count
}

fn format(id: &str) -> &'static Format {
    Formats::load().get(id).expect("an embedded format")
}

#[test]
fn samples_of_every_format_are_read_alike() {
    let mut swift = 0;
    for format in Formats::load().all() {
        let samples: Vec<&str> = format.samples().iter().map(|s| s.line.as_str()).filter(|text| !text.contains('\n')).collect();
        swift += followed(format, &samples);
    }
    assert!(swift > 30, "{swift}");
}

#[test]
fn samples_with_further_lines_are_read_alike() {
    let formats = Formats::load();
    let mut swift = 0;
    for format in formats.all() {
        let Some(mut lines) = Swift::of(formats, format) else { continue };
        let samples: Vec<&str> = format.samples().iter().map(|s| s.line.as_str()).collect();
        for (sample, more) in samples.iter().flat_map(|s| MORE.map(|more| (*s, more))) {
            let text = format!("{sample}{more}");
            let general = formats.parse(format, &text, PLACE);
            let mut fields = Fields::new();
            let read = lines.read_lines(&text, PLACE, &mut fields, &mut |record, _| assert_eq!(*record, general, "{text}"));
            assert!(fields.is_empty());
            swift += usize::from(read);
        }
    }
    assert!(swift > 300, "{swift}");
}

/// What may follow the first line of a record.
const MORE: [&str; 6] = [
    "",
    "\n\tat shop.Cart.total(Cart.java:41)\n",
    "\r\njava.lang.Fault: odd\r\n  at x\r\n",
    "\n\n",
    "  \n \x1b[31mred\x1b[0m",
    "\n\\x1b[33mé",
];

#[test]
fn lines_with_letters_beyond_ascii_are_read_alike() {
    let mut swift = 0;
    for format in Formats::load().all() {
        let lines: Vec<String> = format
            .samples()
            .iter()
            .filter(|s| !s.line.contains('\n'))
            .take(2)
            .flat_map(|sample| {
                let line = &sample.line;
                let with = |at: usize, letter: &str| format!("{}{letter}{}", &line[..at], &line[at..]);
                let places = line.char_indices().map(|(at, _)| at).step_by(7).chain([line.len()]);
                let damaged = places.flat_map(|at| [with(at, "é"), with(at, "“日”"), with(at, "\u{a0}")]);
                [line.clone()].into_iter().chain(damaged).collect::<Vec<_>>()
            })
            .collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        swift += followed(format, &lines);
    }
    assert!(swift > 5_000, "{swift}");
}

#[test]
fn lines_of_one_shape_follow_the_plan_of_the_first() {
    let json = [
        r#"{"timestamp":"2024-02-07T09:00:00.000Z","level":"INFO","service":"auth","msg":"up","n":1}"#,
        r#"{"timestamp":"2024-02-07T09:00:59.123Z","level":"WARN","service":"cart","msg":"say \"hi\"","n":-1.5e3}"#,
        r#"{"timestamp":"2024-02-08T10:07:01.5Z","level":"odd","service":"cart","msg":"","n":0}"#,
    ];
    assert_eq!(followed(format("json_lines"), &json), 2);
    let pairs = [
        "ts=2024-02-07T09:00:00.000Z level=info service=auth msg=\"it is up\" duration=3ms",
        "ts=2024-02-07T09:00:01.100Z level=warn service=cart msg=\"it \\\"is\\\" down\" duration=soon",
        "ts=2024-02-07T09:00:02.200Z level=error service= msg=\"\" duration=4ms",
    ];
    assert!(followed(format("logfmt"), &pairs) >= 2);
}

#[test]
fn objects_of_several_writers_are_read_alike() {
    let lines = [
        r#"{"time":"2024-02-07T09:00:00.000Z","level":"INFO","msg":"up","n":1}"#,
        r#"{"timestamp":"2024-02-07T09:00:00.000Z","severity":"ERROR","service":"cart","message":"down"}"#,
        r#"{"time":"2024-02-07T09:00:01.000Z","level":"WARN","msg":"up","n":2}"#,
        r#"{"timestamp":"2024-02-07T09:00:02.000Z","severity":"ERROR","service":"cart","message":"down again"}"#,
    ];
    for id in ["json_lines", "slog_json", "bunyan"] {
        assert_eq!(followed(format(id), &lines), 4, "{id}");
    }
}

#[test]
fn what_is_no_json_follows_no_plan() {
    let good = r#"{"ts":"2024-02-07T09:00:00Z","level":"info","msg":"a","n":1,"ok":true}"#;
    for bad in [
        r#"{"ts":"2024-02-07T09:00:00Z","level":"info","msg":"a","n":01,"ok":true}"#,
        r#"{"ts":"2024-02-07T09:00:00Z","level":"info","msg":"a","n":1.,"ok":true}"#,
        r#"{"ts":"2024-02-07T09:00:00Z","level":"info","msg":"a","n":1,"ok":truth}"#,
        r#"{"ts":"2024-02-07T09:00:00Z","level":"info","msg":"a","n":1,"ok":true"#,
        r#"{"ts":"2024-02-07T09:00:00Z","level":"info","msg":"\q","n":1,"ok":true}"#,
        r#"{"ts":"2024-02-07T09:00:00Z","level":"info","msg":"\","n":1,"ok":true}"#,
        "{\"ts\":\"2024-02-07T09:00:00Z\",\"level\":\"info\",\"msg\":\"a\tb\",\"n\":1,\"ok\":true}",
    ] {
        assert_eq!(followed(format("json_lines"), &[good, bad, good]), 2, "{bad}");
    }
}

/// Lines that are made like each other, and some that nearly are.
fn lines() -> impl Strategy<Value = Vec<String>> {
    let value = prop_oneof![
        Just("\"2024-02-07T09:00:25.1Z\"".to_string()),
        (0..100_u32).prop_map(|n| format!("\"2024-02-07T09:{:02}:{n:02},{n:03}\"", n % 60)),
        Just("\"INFO\"".to_string()),
        Just("\"-\"".to_string()),
        Just("\"\"".to_string()),
        Just("null".to_string()),
        Just("true".to_string()),
        Just("30".to_string()),
        Just("{\"id\":\"x\",\"status\":500}".to_string()),
        Just("[1]".to_string()),
        "[a-z/{ =\"\\\\é“\u{a0}日]{0,12}".prop_map(|text| format!("\"{text}\"")),
        "-?[0-9]{1,3}(\\.[0-9]{1,2})?".prop_map(|n| n),
    ];
    let keys =
        ["ts", "level", "msg", "service", "trace_id", "status", "path", "duration_ms", "user_id", "pod", "m", "x.y", "verb"];
    let shape = proptest::sample::subsequence(keys.to_vec(), 2..9);
    shape.prop_flat_map(move |keys| {
        let line = proptest::collection::vec(value.clone(), keys.len()).prop_map(move |values| {
            let pairs: Vec<String> = keys.iter().zip(&values).map(|(k, v)| format!("\"{k}\":{v}")).collect();
            format!("{{{}}}", pairs.join(","))
        });
        proptest::collection::vec(line, 1..12)
    })
}

/// Lines whose values are nearly always what their names say.
fn usual_lines() -> impl Strategy<Value = Vec<String>> {
    let values: [(&str, &[&str]); 10] = [
        (
            "ts",
            &["2024-02-07T09:00:25.1Z", "2024-02-07T09:00:25.12Z", "2024-02-07T09:01:25.1Z", "2024-02-07 09:01:25 CET", "soon"],
        ),
        ("level", &["INFO", "warn", "ERROR", "information", "-", "odd"]),
        ("service", &["auth", "cart-7", "größe", "", "-", "a b", "4b1e77a0c9d2", "[x]", "\u{a0}a"]),
        (
            "msg",
            &[
                "up",
                "GET /a/b HTTP/1.1 500",
                "trace_id=4bf92f3577b34da6 gone",
                "größer “x” → 日",
                "",
                "-",
                "7",
                "{}",
                "say \\\"x\\\"",
                "up\u{a0}",
            ],
        ),
        ("trace_id", &["4bf92f3577b34da6", "é4bf", "", "-", "--", "{x"]),
        ("pod", &["auth-7d9f8b6c5-x2x4q", "auth", "-a", ""]),
        ("user_id", &["77", "Jürgen", "u 7", "-"]),
        ("status", &["200", "503", "0200", "99", "ok", ""]),
        ("duration_ms", &["12", "1.5", "12ms", "soon", "-", ""]),
        ("zone", &["a", "-", "", "é"]),
    ];
    let line = values.map(|(key, values)| {
        let value = (0..values.len() * 3).prop_map(move |n| values[n.saturating_sub(values.len() * 2)]);
        value.prop_map(move |value| format!("\"{key}\":\"{value}\"")).boxed()
    });
    let keys = proptest::sample::subsequence((0..line.len()).collect::<Vec<_>>(), 4..=10);
    keys.prop_flat_map(move |keys| {
        let line: Vec<_> = keys.iter().map(|key| line[*key].clone()).collect();
        proptest::collection::vec(line.prop_map(|pairs| format!("{{{}}}", pairs.join(","))), 1..8)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_objects_are_read_alike(lines in lines()) {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        followed(format("json_lines"), &lines);
    }

    #[test]
    fn usual_objects_are_read_alike(lines in usual_lines()) {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        followed(format("json_lines"), &lines);
    }

    #[test]
    fn any_pairs_are_read_alike(lines in lines()) {
        let pairs = |line: &String| line.trim_matches(['{', '}']).replace("\":", "=").replace(",\"", " ").trim_matches('"').to_string();
        let lines: Vec<String> = lines.iter().map(pairs).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        followed(format("logfmt"), &lines);
    }
}

/// What a field says of a duration is what a number would write, wherever it comes from.
#[test]
fn milliseconds_are_shown_as_a_number_writes_them_and_mostly_as_they_stand() {
    let of = |text: &'static str, unit: f64| {
        let ms = super::super::draft::duration_ms(text, unit).unwrap();
        let shown = straight::shown(ms, text);
        assert_eq!(shown, ms.to_string(), "{text}");
        matches!(shown, Cow::Borrowed(_))
    };
    for (text, unit) in [("17", 1.0), ("17ms", 1.0), ("12.5", 1.0), ("12.5ms", 1.0), ("0.25", 1.0), ("0.017", 1_000.0)] {
        assert!(of(text, unit), "{text} is copied");
    }
    for (text, unit) in
        [("17", 1_000.0), ("1.5", 1_000.0), ("0.000", 1_000.0), ("007", 1.0), ("12.50", 1.0), ("0.5", 1e-3), ("3s", 1.0)]
    {
        of(text, unit);
    }
}
