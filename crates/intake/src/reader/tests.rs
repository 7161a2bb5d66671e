use evidence::Level;
use proptest::prelude::*;

use super::*;
use crate::Limits;
use crate::testing::{Keep, Memory, assert_accounted, gzip, read_all, read_one, tarball, zipped};

/// The only source of a file.
fn only(name: &str, bytes: &[u8]) -> (Source, Keep) {
    let mut all = read_one(name, bytes);
    assert_eq!(all.len(), 1);
    let (source, sink) = all.remove(0);
    assert_accounted(&source);
    (source, sink)
}

/// Lines of each record, and its level's word or `-`.
fn framed(text: &str) -> Vec<String> {
    let (_, sink) = only("app.log", text.as_bytes());
    let level = |l: Option<evidence::Level>| l.map_or("-", |l| l.word());
    sink.records.iter().map(|r| format!("{}-{} {}", r.place.line, r.place.last_line, level(r.level))).collect()
}

#[test]
fn a_record_is_its_head_and_what_follows() {
    let log = "2025-03-01T10:00:00Z INFO ready\n2025-03-01T10:00:01Z ERROR failed\njava.lang.IllegalStateException: no\n\tat a.B.c(B.java:1)\n\n2025-03-01T10:00:02Z INFO up\n";
    assert_eq!(framed(log), ["1-1 info", "2-4 error", "6-6 info"]);
    let (source, sink) = only("app.log", log.as_bytes());
    assert_eq!((source.lines, source.records, source.read_bytes), (6, 3, log.len() as u64));
    let place = sink.records[1].place;
    assert!(log[place.start as usize..place.end as usize].starts_with("2025-03-01T10:00:01Z ERROR"));
    assert!(log[place.start as usize..place.end as usize].ends_with("(B.java:1)"));
}

/// What is read of a text but its last record, by pieces of so many bytes and so many threads.
fn before_the_last(text: String, limits: &Limits, piece_bytes: usize, threads: usize) -> (u64, Vec<Skipped>, Keep) {
    let settings = Settings { limits: limits.clone(), piece_bytes, ..Settings::default() };
    let bundle = Memory::new([("app.log", text.into_bytes())]);
    let Reading { source, mut sink, .. } = read(&bundle, &settings, threads, &|_, _| Keep::default()).remove(0);
    sink.records.pop();
    (source.lines, source.skipped, sink)
}

#[test]
fn a_trace_is_cut_where_it_is_when_its_lines_come_one_by_one() {
    let record =
        "2025-03-01T10:00:00Z ERROR no\njava.lang.Fault: no\n\tat a.B.c(B.java:1)\n\tat a.B.d(B.java:22)\n\tat é.B(B.java:3)\n";
    let text = record.repeat(3) + "2025-03-01T10:00:02Z INFO end";
    for (record_lines, record_bytes) in (1..7).map(|n| (n, 1_000)).chain((1..=record.len() + 1).map(|n| (100, n))) {
        let limits = Limits { record_lines, record_bytes, ..Limits::default() };
        let one_by_one = before_the_last(format!("{text}\u{1b}[0m\n"), &limits, 1 << 20, 1);
        assert_eq!(before_the_last(format!("{text}\n"), &limits, 1 << 20, 1), one_by_one, "{record_lines} {record_bytes}");
    }
}

proptest! {
    #[test]
    fn frames_are_taken_at_once_as_they_are_one_by_one(
        lines in proptest::collection::vec(proptest::sample::select(vec![
            "2025-03-01T10:00:00Z ERROR failed", "2025-03-01T10:00:01Z INFO {", "java.lang.IllegalStateException: no", "\tat a.B.c(B.java:1)",
            "    at x (/srv/a.js:1:2)", "  ... 3 more", "Caused by: x", "", "   ", "\t\t", " ", "goroutine 1 [running]:", "panic: boom",
            "thread 'main' panicked at src/main.rs:3:5:", "Traceback (most recent call last):", "  File \"a.py\", line 1, in f", "ValueError: x",
            "\u{a0} x", "  é", "\t}",
        ]), 0..40),
        // In a piece in which something is not seen each line is looked at by itself.
        ready in proptest::sample::select(vec!["ready", "\u{1b}[32mready", "ready\r"]),
        (record_lines, record_bytes) in (1_u64..8, 20_usize..200),
        (piece_bytes, threads) in (1_usize..3_000, 1_usize..4),
    ) {
        let head = format!("2025-03-01T09:59:59Z INFO {ready}\n").repeat(30);
        let text = lines.iter().fold(head, |text, line| text + line + "\n") + "2025-03-01T10:00:02Z INFO end";
        for limits in [Limits::default(), Limits { record_lines, record_bytes, ..Limits::default() }] {
            let one_by_one = before_the_last(format!("{text}\u{1b}[0m\n"), &limits, 1 << 20, 1);
            prop_assert_eq!(&before_the_last(format!("{text}\n"), &limits, 1 << 20, 1), &one_by_one);
            prop_assert_eq!(&before_the_last(format!("{text}\n"), &limits, piece_bytes, threads), &one_by_one);
        }
    }
}

#[test]
fn a_log_that_is_indented_as_a_whole_is_read_like_any_other() {
    let log = "    2025-03-01T10:00:00Z INFO ready\n    2025-03-01T10:00:01Z ERROR failed\n      at a.b(c)\n    2025-03-01T10:00:02Z INFO up\n";
    assert_eq!(framed(log), ["1-1 info", "2-3 error", "4-4 info"]);
}

#[test]
fn a_panic_between_records_is_a_record_of_its_own() {
    let log = "2025-03-01T10:00:00Z INFO ready\npanic: runtime error: index out of range [5]\n\ngoroutine 1 [running]:\nmain.main()\n\t/srv/main.go:12 +0x1d\nexit status 2\n2025-03-01T10:00:02Z INFO up\n";
    assert_eq!(framed(log), ["1-1 info", "2-7 fatal", "8-8 info"]);
    let log = "2025-03-01T10:00:00Z INFO ready\nthread 'main' panicked at src/main.rs:3:5:\nINFO is not a level\nnote: run with `RUST_BACKTRACE=1`\n2025-03-01T10:00:02Z INFO up\n";
    assert_eq!(framed(log), ["1-1 info", "2-4 fatal", "5-5 info"]);
}

#[test]
fn a_panic_that_a_server_survives_is_one_record_with_its_stack() {
    let log = "2024/01/09 11:22:31 ready\n2024/01/09 11:22:33 http: panic serving 10.0.0.1:4321: boom\ngoroutine 34 [running]:\nnet/http.(*conn).serve.func1()\n\t/go/net/http/server.go:1868 +0xb0\nmain.handler({0x1, 0x2}, 0x14)\n\t/app/main.go:17 +0x20\n2024/01/09 11:22:34 up\n";
    assert_eq!(framed(log), ["1-1 -", "2-7 error", "8-8 -"]);
}

#[test]
fn statements_and_blocks_below_a_head_are_of_its_record() {
    let statement = "2024-01-09 11:22:33.101 UTC [4711] LOG:  statement: SELECT a,\nb\nFROM c\nWHERE d\nORDER BY e;\n";
    assert_eq!(framed(&statement.repeat(3)), ["1-5 info", "6-10 info", "11-15 info"]);
    let request = "10.0.0.7 - - [09/Jan/2024:11:22:33 +0000] \"GET /a HTTP/1.1\" 200 7 \"-\" \"-\"\n";
    let log = format!("{request}PHP Warning:  Undefined variable\n{request}{request}");
    assert_eq!(framed(&log).len(), 4, "a request takes nothing in: {:?}", framed(&log));
}

#[test]
fn a_trace_belongs_to_the_bad_record_before_it() {
    let trace = "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n    g()\nValueError: empty\n";
    let end = "2025-03-01T10:00:02Z INFO up\n";
    assert_eq!(framed(&format!("2025-03-01T10:00:00Z ERROR failed\n{trace}{end}")), ["1-5 error", "6-6 info"]);
    assert_eq!(framed(&format!("2025-03-01T10:00:00Z INFO ready\n{trace}{end}")), ["1-1 info", "2-5 error", "6-6 info"]);
}

#[test]
fn traces_that_led_to_each_other_belong_to_the_bad_request_before_them() {
    let request = "[14/Aug/2025 14:06:20] \"POST /api/ HTTP/1.1\" 201 84\n";
    let error = "[14/Aug/2025 14:06:22] ERROR [django.request:241] Internal Server Error: /api/\n";
    let trace = "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n    g()\n";
    for between in [
        "The above exception was the direct cause of the following exception:",
        "During handling of the above exception, another exception occurred:",
    ] {
        let chain = format!("{trace}psycopg.Refused: no\n\n{between}\n\n{trace}django.db.utils.OperationalError: no\n");
        assert_eq!(framed(&format!("{request}{error}{chain}{request}")), ["1-1 -", "2-13 error", "14-14 -"], "{between}");
        let added = chain.replacen("no\n\n", "no\nDETAIL:  Key (id)=(1) is there.\n\n", 1);
        assert_eq!(framed(&format!("{error}{added}{error}{chain}")), ["1-13 error", "14-25 error"], "{between}");
    }
    // What is no part of a trace stays a record of its own between requests.
    let after = format!("{request}{error}{trace}ValueError: no\nworker 7 is back\n{request}");
    assert_eq!(framed(&after), ["1-1 -", "2-6 error", "7-7 -", "8-8 -"]);
    let cut = format!("{request}{error}{trace}\nworker 7 is back\n{request}");
    assert_eq!(framed(&cut), ["1-1 -", "2-5 error", "7-7 -", "8-8 -"]);
}

#[test]
fn plain_text_has_a_record_a_line() {
    let text = "We saw the first errors.\nat 09:02 we rolled back (v2)\n\nDone.\n  indented\n";
    assert_eq!(framed(text), ["1-1 -", "2-2 -", "4-5 -"]);
    let text = "db=> select 1;\n state | n\n-------+---\n idle  | 3\n\n  a note\n";
    assert_eq!(framed(text), ["1-1 -", "2-2 -", "3-3 -", "4-4 -", "6-6 -"]);
    let text = "starting\nTraceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'x'\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File \"b.py\", line 2\nValueError: y\nrestarting\n";
    assert_eq!(framed(text), ["1-1 -", "2-10 error", "11-11 -"]);
}

#[test]
fn prose_around_some_log_lines_is_not_theirs() {
    let prose = "We looked at the edge.\nNothing there.\nThen Bo pasted this:\n";
    let text = format!(
        "{prose}2025-03-01T10:00:00Z ERROR failed\n\tat a.b(c)\nand we knew.\n{prose}2025-03-01T10:00:00Z INFO x\nEnd.\n"
    );
    assert_eq!(
        framed(&text),
        ["1-1 -", "2-2 -", "3-3 -", "4-5 error", "6-6 -", "7-7 -", "8-8 -", "9-9 -", "10-10 info", "11-11 -"]
    );
}

#[test]
fn lines_between_objects_are_records_of_their_own() {
    let text = "{\"msg\":\"a\"}\nlistening on 80\n{\"msg\":\"b\"}\nTypeError: x\n    at run (/srv/a.js:1:2)\n{\"msg\":\"c\"}\n";
    assert_eq!(framed(text), ["1-1 -", "2-2 -", "3-3 -", "4-5 -", "6-6 -"]);
}

#[test]
fn a_second_format_in_the_same_source_is_not_swallowed() {
    let mut text = "{\"msg\":\"a\"}\n".repeat(300);
    let stray = (0..40).map(|i| format!("2025-03-01 10:00:{i:02} INFO other\n")).collect::<String>();
    text.push_str("2025-03-01T10:00:00Z ERROR first\n");
    text.push_str(&stray);
    let (_, sink) = only("app.log", text.as_bytes());
    assert_eq!(sink.records.len(), 341);
    assert!(sink.records.last().unwrap().has_time);
}

#[test]
fn a_record_has_a_limit_of_lines_and_of_bytes() {
    let text = format!("2025-03-01T10:00:00Z INFO x\n{}2025-03-01T10:00:00Z INFO y\n", "\tat a.b(c)\n".repeat(1_200));
    assert_eq!(framed(&text), ["1-500 info", "501-1000 -", "1001-1201 -", "1202-1202 info"]);
    let long = format!("2025-03-01T10:00:00Z INFO {}\n2025-03-01T10:00:00Z INFO y\n", "é".repeat(5_000_000));
    let (source, sink) = only("app.log", long.as_bytes());
    assert_eq!((source.records, source.lines, source.read_bytes), (2, 2, long.len() as u64));
    assert!(sink.records[0].message.len() <= 64 << 10);
    assert_eq!(sink.records[0].place.end, 10_000_026);
}

#[test]
fn objects_on_lines_may_be_events() {
    let hook = r#"{"receiver":"oncall","status":"firing","alerts":[{"status":"firing","labels":{"alertname":"Errors","severity":"critical"},"annotations":{"summary":"many errors"},"startsAt":"2025-03-01T10:00:00Z","endsAt":"0001-01-01T00:00:00Z"}],"version":"4"}"#;
    let (source, sink) = only("hooks.log", format!("{hook}\n{{\"msg\":\"a\"}}\n").as_bytes());
    assert_eq!((source.records, sink.events.len(), sink.records.len()), (2, 1, 1), "{sink:?}");
}

#[test]
fn a_document_is_held_whole() {
    let text = r#"[{"type":"message","user":"U1","text":"rolling back","ts":"1707296425.000100"}]"#;
    let (source, sink) = only("2024-02-07.json", text.as_bytes());
    assert_eq!((source.lines, source.records, source.read_bytes), (1, 1, text.len() as u64));
    let place = sink.events[0].place;
    assert_eq!(&text[place.start as usize..place.end as usize], &text[1..text.len() - 1]);

    let wide: Vec<u8> = [b"\xff\xfe".to_vec(), text.encode_utf16().flat_map(u16::to_le_bytes).collect()].concat();
    let (source, sink) = only("2024-02-07.json", &wide);
    assert_eq!((source.lines, source.records, source.read_bytes), (1, 1, wide.len() as u64));
    assert_eq!((sink.events[0].place.start, sink.events[0].place.end), (4, wide.len() as u64 - 2));
}

#[test]
fn a_document_that_is_cut_is_read_as_lines() {
    let (source, sink) = only("chat.json", b"[1, 2\nand so on\n");
    assert_eq!((source.format.as_str(), source.records, sink.records.len()), ("text", 2, 2));
}

#[test]
fn what_is_no_text_is_skipped() {
    let (source, _) = only("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\n");
    assert_eq!((source.format.as_str(), source.records, source.read_bytes), ("binary", 0, 0));
    assert_eq!((source.skipped[0].reason.as_str(), source.skipped[0].lines), ("binary data", 3));
    let (source, _) = only("empty.log", b"");
    assert_eq!((source.format.as_str(), source.bytes, source.lines), ("empty", 0, 0));
    let (source, _) = only("blank.log", b"\n  \n\t");
    assert_eq!((source.skipped[0].reason.as_str(), source.skipped_lines(), source.lines), ("blank", 3, 3));
}

#[test]
fn zero_bytes_before_a_log_do_not_hide_it() {
    let bytes = [vec![0; 10_000], b"2025-03-01T10:00:00Z INFO ready\n2025-03-01T10:00:01Z INFO a\0b\n".to_vec()].concat();
    let (source, sink) = only("app.log", &bytes);
    assert_eq!((source.records, source.read_bytes), (2, bytes.len() as u64));
    assert_eq!((sink.records[0].place.start, sink.records[0].has_time), (10_000, true));
}

#[test]
fn escapes_and_invalid_bytes_do_not_hide_a_record() {
    let (_, sink) = only("app.log", b"\x1b[32m2025-03-01T10:00:00Z\x1b[0m INFO caf\xe9\r\n2025-03-01T10:00:01Z INFO b\n");
    assert!(sink.records[0].message.ends_with("caf\u{fffd}"), "{:?}", sink.records[0]);
    assert_eq!((sink.records[0].place.start, sink.records[0].place.end), (0, 39));
    assert!(sink.records[0].has_time);
}

#[test]
fn a_break_is_told_with_what_was_used() {
    let text =
        (0..9_000u32).map(|i| format!("2025-03-01T10:00:00Z INFO {}\n", i.wrapping_mul(2_654_435_761))).collect::<String>();
    let packed = gzip(text.as_bytes());
    let (source, sink) = only("app.log.gz", &packed[..packed.len() / 2]);
    assert!(sink.records.len() > 1_000 && source.records == sink.records.len() as u64);
    let reason = &source.skipped[0].reason;
    let expected = format!(" bytes); {} records before that were used", grouped(source.records));
    assert!(reason.starts_with("the gzip stream ends in the middle (at ") && reason.ends_with(&expected), "{reason}");
}

#[test]
fn b2_a_high_ratio_is_a_warning_and_nothing_more() {
    let warned = |bytes, given| inflated(bytes, Some(given)).map(|s| (s.reason, s.lines, s.bytes));
    let reason = "nothing of it, but a warning: it has 1,250 times the bytes of the file it came in".to_string();
    assert_eq!(warned(200_000_000, 160_000), Some((reason, 0, 0)));
    assert_eq!(warned(200_000_000, 400_000), None, "500:1 is much, but happens");
    assert_eq!(warned(90_000_000, 9_000), None, "a small text costs little");
    assert_eq!((warned(200_000_000, 0), inflated(200_000_000, None)), (None, None));
}

#[test]
fn an_unknown_format_with_times_has_records_too() {
    let log = "2025-03-01T10:00:00Z ~ ready ~\n2025-03-01T10:00:01Z ~ went wrong ~\nshop.Closed: no\n\tat a.B.c(B.java:1)\n2025-03-01T10:00:02Z ~ up ~\n";
    let places: Vec<_> = only("app.log", log.as_bytes()).1.records.iter().map(|r| (r.place.line, r.place.last_line)).collect();
    assert_eq!(places, [(1, 1), (2, 4), (5, 5)]);
}

#[test]
fn sources_are_sorted_and_the_same_for_any_number_of_threads() {
    let log = b"2025-03-01T10:00:00Z INFO ready\n".as_slice();
    let files = || {
        Memory::new([
            ("b.zip", zipped(&[("z.log", log), ("a.log", log)])),
            ("c.log", log.to_vec()),
            ("d.tar", tarball(&[("x.log", log)])),
        ])
    };
    let one = read_all(&files(), &Limits::default());
    let names: Vec<_> = one.iter().map(|(s, _)| (s.name.as_str(), s.id.input, s.id.entry)).collect();
    assert_eq!(names, [("b.zip!a.log", 0, 1), ("b.zip!z.log", 0, 0), ("c.log", 1, 0), ("d.tar!x.log", 2, 0)]);
    let eight: Vec<_> =
        read(&files(), &Settings::default(), 8, &|_, _| Keep::default()).into_iter().map(|r| (r.source, r.sink)).collect();
    assert_eq!(one, eight);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_accounted_for(
        bytes in proptest::collection::vec(prop_oneof![
            4 => Just(b"2025-03-01T10:00:00Z INFO x\n".to_vec()),
            2 => Just(b"{\"a\":1}\n".to_vec()),
            2 => Just(b"\tat a.b(c)\n".to_vec()),
            1 => Just(b"panic: x\n".to_vec()),
            1 => Just(b"\x1b[".to_vec()),
            1 => Just(b"\xff\xfe".to_vec()),
            3 => proptest::collection::vec(any::<u8>(), 0..40),
            3 => "[ -~\n]{0,40}".prop_map(String::into_bytes),
        ], 0..30),
        record_bytes in 1usize..200,
        record_lines in 0u64..5,
    ) {
        let bytes = bytes.concat();
        let limits = Limits { record_bytes, record_lines, document_bytes: 300, ..Limits::default() };
        for (source, sink) in read_all(&Memory::new([("x", bytes.clone())]), &limits) {
            assert_accounted(&source);
            let mut last = 0;
            for record in &sink.records {
                prop_assert!(record.place.start >= last && record.place.end <= source.bytes);
                last = record.place.end;
            }
            prop_assert_eq!(source.records, (sink.records.len() + sink.events.len()) as u64);
        }
    }

    #[test]
    fn any_cut_of_a_gzip_file_is_accounted_for(cut in 0.0f64..1.0) {
        let text = (0..500u32).map(|i| format!("2025-03-01T10:00:00Z INFO {}\n", i.wrapping_mul(2_654_435_761))).collect::<String>();
        let packed = gzip(text.as_bytes());
        let size = (packed.len() as f64 * cut) as usize;
        for (source, _) in read_one("x.gz", &packed[..size]) {
            assert_accounted(&source);
            prop_assert!(size == packed.len() || size == 0 || !source.skipped.is_empty());
        }
    }
}

#[test]
fn lines_that_a_document_carries_are_records_of_their_place_in_the_source() {
    let export = r#"{"events":[{"timestamp":1735689605000,"message":"ERROR no route","ingestionTime":1735689605900}],"nextForwardToken":"f/1"}"#;
    let (source, sink) = only("export.json", format!("\u{feff}{export}\n").as_bytes());
    let record = &sink.records[0];
    assert_eq!((source.format.as_str(), source.records, record.message.as_str()), ("cloudwatch_logs", 1, "no route"));
    assert_eq!((record.level, record.has_time), (Some(evidence::Level::Error), true));
    let begin = 3 + export.find(r#"{"timestamp""#).unwrap() as u64;
    assert_eq!((record.place.start, record.place.line), (begin, 1));

    let line =
        r#"{"logGroup":"/ecs/cart","logStream":"cart-1","logEvents":[{"id":"1","timestamp":1735689605000,"message":"up"}]}"#;
    let stream = format!("{{\"level\":\"info\",\"msg\":\"a\"}}\n{line}\n");
    let (source, sink) = only("firehose.json", stream.as_bytes());
    assert_eq!((source.records, sink.records.len(), sink.records[1].message.as_str()), (2, 2, "up"));
    assert_eq!((sink.records[1].place.line, sink.records[1].has_time), (2, true));
}

#[test]
fn a_trace_of_one_pod_survives_the_lines_of_another() {
    let text = "\
[pod/cart-6f5b9c-7jx2m/cart] 2024-04-25T05:32:35Z ERROR it broke
[pod/web-5d9c7b-x2k4p/web] 2024-04-25T05:32:35Z INFO all is well
[pod/cart-6f5b9c-7jx2m/cart] java.lang.IllegalStateException: closed
[pod/web-5d9c7b-x2k4p/web] 2024-04-25T05:32:36Z INFO still well
[pod/cart-6f5b9c-7jx2m/cart] \tat com.shop.Cart.add(Cart.java:12)
[pod/cart-6f5b9c-7jx2m/cart] 2024-04-25T05:32:37Z INFO restarted
";
    let (source, kept) = read_one("pods.log", text.as_bytes()).remove(0);
    assert_accounted(&source);
    let seen: Vec<(u64, u64, &str)> =
        kept.records.iter().map(|r| (r.place.line, r.place.last_line, r.message.as_str())).collect();
    assert_eq!(
        seen,
        [
            (1, 1, "it broke\njava.lang.IllegalStateException: closed\n\tat com.shop.Cart.add(Cart.java:12)"),
            (2, 2, "all is well"),
            (4, 4, "still well"),
            (6, 6, "restarted")
        ]
    );
}

#[test]
fn an_object_is_whole_with_its_line_whatever_else_its_stream_says() {
    let said = r#"{"ts":"2025-03-01T10:00:02Z","level":"error","msg":"failed"}"#;
    let text = format!("2025-03-01T10:00:00Z ~ ready ~\n2025-03-01T10:00:01Z ~ waits ~\n{said}\nlistening\n");
    let messages: Vec<String> = only("app.log", text.as_bytes()).1.records.into_iter().map(|r| r.message).collect();
    assert_eq!((messages[2].as_str(), messages[3].as_str()), ("failed", "listening"));
    // One of another stream does not wait for what follows it there.
    let lines = |n: usize| format!("[pod/a-6f5b9c-7jx2m/a] {said}\n").repeat(n);
    let text = format!("[pod/b-6f5b9c-7jx2m/b] {said}\n{}[pod/b-6f5b9c-7jx2m/b] ends\n", lines(2_000));
    let places: Vec<u64> = only("pods.log", text.as_bytes()).1.records.iter().map(|r| r.place.line).collect();
    assert_eq!(places, (1..=2_002).collect::<Vec<_>>());
}

#[test]
fn a_trace_is_one_record_whatever_a_tool_puts_before_each_of_its_lines() {
    let said = [
        "2024-02-07 09:12:00 ERROR it broke",
        "java.lang.IllegalStateException: no",
        "\tat a.B.c(B.java:1)",
        "",
        "\tat a.B.d(B.java:2)",
        "2024-02-07 09:12:01 INFO on",
    ];
    let heads = [
        "2024-02-07T09:12:00.500123456Z ",
        "2024-02-07T09:12:00.500123456Z stdout F ",
        "hello-world-qz4tn-1298450673: ",
        "[unit : run] ",
        "2024-02-07T09:12:00.500000+00:00 ecs/pay/0123456789abcdef0123456789abcdef ",
        "[pod/app-5d9c7b-x2k4p/app] ",
        "web-1  | ",
    ];
    for head in heads {
        let text: String = said.iter().map(|line| format!("{head}{line}\n").replace(" \n", "\n")).collect();
        let places: Vec<(u64, u64)> =
            only("app.log", text.as_bytes()).1.records.iter().map(|r| (r.place.line, r.place.last_line)).collect();
        assert_eq!(places, [(1, 5), (6, 6)], "{head}");
    }
}

/// A source and its records, read by pieces of so many bytes, and whether several threads misread it.
fn by_pieces(text: &str, piece_bytes: usize, threads: usize) -> (Source, Keep, bool) {
    let settings = Settings { piece_bytes, ..Settings::default() };
    let bundle = Memory::new([("app.log", text.as_bytes().to_vec())]);
    let Reading { source, sink, misread } = read(&bundle, &settings, threads, &|_, _| Keep::default()).remove(0);
    (source, sink, misread)
}

/// A line of a stream, put in what a container engine or a tool puts around it.
fn around(kind: usize, stream: usize, said: &str) -> String {
    let (json, time) = (serde_json::Value::from(format!("{said}\n")), "2025-12-31T17:22:25.1Z");
    match kind {
        0 => format!("{time} {} F {said}\n", ["stdout", "stderr"][stream % 2]),
        1 => format!("{{\"log\":{json},\"stream\":\"{}\",\"time\":\"{time}\"}}\n", ["stdout", "stderr"][stream % 2]),
        2 => format!("[pod/app-5d9c7b-x2k4{stream}/app] {said}\n"),
        3 => format!("web-{stream}  | {said}\n"),
        _ => format!("{{\"date\":1.5,\"log\":{json},\"kubernetes\":{{\"pod_name\":\"a\",\"container_name\":\"{stream}\"}}}}\n"),
    }
}

/// A line of one shape, or one that breaks it.
fn said(shape: usize, number: u32) -> String {
    let minute = number % 60;
    match shape {
        0..=3 => format!(r#"{{"ts":"2025-12-31T17:22:{minute:02}Z","level":"info","msg":"job {number} done","status":200}}"#),
        4..=6 => format!("2025-12-31 17:22:{minute:02},123 ERROR [shop-{number}] com.shop.Cart - job {number} failed"),
        7 => format!(r#"{{"ts":"x","level":"?","msg":"job \"{number}\" of\ttwo\nlines é","status":"-"}}"#),
        8 => format!("\tat com.shop.Cart.add(Cart.java:{number})"),
        9 => "java.lang.IllegalStateException: closed".into(),
        10 => "panic: runtime error".into(),
        11 => format!("time=2025-12-31T17:22:{minute:02}Z level=warn msg=\"job {number} waits\""),
        12 => "\u{1b}[31mred\u{1b}[0m größer \u{202e}".into(),
        13 => "Traceback (most recent call last):".into(),
        14 => "ValueError: no".into(),
        15 => "The above exception was the direct cause of the following exception:".into(),
        _ => String::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn lines_around_lines_are_read_alike_by_plans_and_in_general(
        kind in 0usize..5,
        lines in proptest::collection::vec((0usize..3, 0usize..23, 0u32..100), 1..120),
        is_json in any::<bool>(),
    ) {
        // Most lines of a source have one shape.
        let shape = |shape| if shape < 17 { shape } else { 5 * usize::from(!is_json) };
        let text: String = lines.iter().map(|(stream, of, number)| around(kind, *stream, &said(shape(*of), *number))).collect();
        let (source, sink, _) = by_pieces(&text, 1 << 20, 1);
        // What is longer than a piece is read in general.
        for (piece_bytes, threads) in [(1, 1), (400, 2), (1_500, 3)] {
            let (other, read, _) = by_pieces(&text, piece_bytes, threads);
            prop_assert_eq!((&source, &sink), (&other, &read));
        }
    }

    #[test]
    fn lines_of_no_format_are_read_alike_by_any_number_of_threads(
        lines in proptest::collection::vec((0usize..27, 0u32..60), 1..200),
        is_timed in any::<bool>(),
    ) {
        let line = |(shape, number): &(usize, u32)| match shape {
            0..=7 => format!("work-{number} / 2025-03-01 10:00:{number:02} / went {number}\n"),
            8..=15 if is_timed => format!("2025-03-01T10:00:{number:02}Z ~ job {number} ~\n"),
            8..=15 => format!("node {number} says hello\n"),
            16 => "\tat a.B.c(B.java:1)\n".into(),
            17 => "shop.Closed: no\n".into(),
            18 => "panic: no\n\ngoroutine 1 [running]:\nmain.main()\n".into(),
            19 => "Traceback (most recent call last):\n  File \"a.py\", line 1\nValueError: x\n".into(),
            20 => format!("{{\"ts\":\"2025-03-01T10:00:{number:02}Z\",\"msg\":\"x\"}}\n"),
            21 => "\n".into(),
            22 => "goroutine 7 [running]:\n".into(),
            23 => "During handling of the above exception, another exception occurred:\n".into(),
            24 => "DETAIL:  the key is there\n".into(),
            25 => "ERROR: it is broken\nTraceback (most recent call last):\n  File \"a.py\", line 1\n".into(),
            _ => format!("10:00:{number:02} ERROR it broke\n"),
        };
        let text: String = lines.iter().map(line).collect();
        let (source, sink, _) = by_pieces(&text, 1 << 20, 1);
        for (piece_bytes, threads) in [(150, 2), (700, 3)] {
            let (other, read, _) = by_pieces(&text, piece_bytes, threads);
            prop_assert_eq!((&source, &sink), (&other, &read));
        }
    }

    #[test]
    fn traces_between_requests_are_read_alike_by_any_number_of_threads(
        lines in proptest::collection::vec((0usize..20, 0u32..60), 1..200),
    ) {
        let line = |(shape, number): &(usize, u32)| match shape {
            0..=7 => format!("[14/Aug/2025 14:06:{number:02}] \"GET /a HTTP/1.1\" 200 {number}\n"),
            8..=11 => format!("[14/Aug/2025 14:06:{number:02}] ERROR [django.request:241] Internal Server Error: /a\n"),
            12..=14 => "Traceback (most recent call last):\n  File \"a.py\", line 1\n".into(),
            15 => "ValueError: x\n".into(),
            16 => "\nThe above exception was the direct cause of the following exception:\n\n".into(),
            17 => "DETAIL:  the key is there\n".into(),
            18 => "\n".into(),
            _ => "somebody writes to the terminal\n".into(),
        };
        let text: String = lines.iter().map(line).collect();
        let (source, sink, _) = by_pieces(&text, 1 << 20, 1);
        for (piece_bytes, threads) in [(1, 1), (150, 2), (700, 3)] {
            let (other, read, _) = by_pieces(&text, piece_bytes, threads);
            prop_assert_eq!((&source, &sink), (&other, &read));
        }
    }
}

#[test]
fn streams_are_read_by_several_threads_unless_a_record_of_one_goes_on_beyond_a_piece() {
    let object = |n: u32| said(0, n);
    let lines = |text: &dyn Fn(u32) -> String| (0..400).map(text).collect::<String>();
    // The records of each stream end with their line.
    let objects = lines(&|n| around(n as usize % 3, n as usize % 2, &object(n)).replace("web-", "web-0"));
    let of_kind = |kind: usize| lines(&|n| around(kind, n as usize % 2, &object(n)));
    assert!(!by_pieces(&of_kind(0), 2_000, 2).2 && !by_pieces(&of_kind(1), 2_000, 2).2 && !by_pieces(&of_kind(3), 2_000, 2).2);
    assert_eq!(by_pieces(&objects, 2_000, 2).0, by_pieces(&objects, 2_000, 1).0);
    // The traces of one stream stand between the lines of another.
    let traces = |n: u32| {
        let (stream, shape) = if n % 2 == 0 { (0, 4) } else { (1, if n % 40 == 1 { 4 } else { 8 }) };
        around(0, stream, &said(shape, n))
    };
    let torn = lines(&traces);
    assert!(by_pieces(&torn, 2_000, 2).2);
    assert_eq!(by_pieces(&torn, 2_000, 2).1, by_pieces(&torn, 2_000, 1).1);
    // A line of no format is a record by itself.
    let plain = lines(&|n| format!("work-{n} / 2025-03-01 10:00:{:02} / went\n", n % 60));
    assert!(!by_pieces(&plain, 2_000, 2).2);
}

#[test]
fn a_trace_in_a_container_log_is_one_record_and_a_partial_line_is_whole_again() {
    let text = "\
2025-12-31T17:22:25.1Z stderr F Traceback (most recent call last):
2025-12-31T17:22:25.1Z stderr F   File \"/srv/app.py\", line 3, in <module>
2025-12-31T17:22:25.1Z stderr F     main()
2025-12-31T17:22:25.1Z stderr F ValueError: empty
2025-12-31T17:22:26.1Z stdout P {\"level\":\"error\",\"msg\":\"first
2025-12-31T17:22:26.1Z stdout P  second
2025-12-31T17:22:26.1Z stdout F  third\"}
2025-12-31T17:22:27.1Z stdout F {\"level\":\"info\",\"msg\":\"done\"}
";
    let (source, kept) = read_one("0.log", text.as_bytes()).remove(0);
    assert_accounted(&source);
    let seen: Vec<(u64, u64, &str, Option<Level>)> =
        kept.records.iter().map(|r| (r.place.line, r.place.last_line, r.message.as_str(), r.level)).collect();
    let trace = "Traceback (most recent call last):\n  File \"/srv/app.py\", line 3, in <module>\n    main()\nValueError: empty";
    assert_eq!(
        seen,
        [(1, 4, trace, Some(Level::Error)), (5, 7, "first second third", Some(Level::Error)), (8, 8, "done", Some(Level::Info))]
    );
    assert!(kept.records.iter().all(|r| r.has_time && r.format == "cri"));
}

#[test]
fn a_partial_line_of_a_container_engine_goes_on_until_its_line_end() {
    let text = "\
{\"log\":\"{\\\"level\\\":\\\"error\\\",\",\"stream\":\"stdout\",\"time\":\"2025-12-31T17:22:25.7Z\"}
{\"log\":\"\\\"msg\\\":\\\"torn\\\"}\\n\",\"stream\":\"stdout\",\"time\":\"2025-12-31T17:22:25.8Z\"}
{\"log\":\"plain\\n\",\"stream\":\"stdout\",\"time\":\"2025-12-31T17:22:26.8Z\"}
";
    let (source, kept) = read_one("x-json.log", text.as_bytes()).remove(0);
    assert_accounted(&source);
    let seen: Vec<(u64, u64, &str, Option<Level>)> =
        kept.records.iter().map(|r| (r.place.line, r.place.last_line, r.message.as_str(), r.level)).collect();
    assert_eq!(seen, [(1, 2, "torn", Some(Level::Error)), (3, 3, "plain", None)]);
}

#[test]
fn many_streams_of_one_source_keep_their_order_and_lose_nothing() {
    let line = |i: usize| {
        format!(
            "[pod/app-{:03}-{:05}/app] 2024-04-25T05:{:02}:{:02}Z INFO message {i}\n",
            i % 997,
            10_000 + i % 997,
            i / 60 % 60,
            i % 60
        )
    };
    let text: String = (0..5_000).map(line).collect();
    let (source, kept) = read_one("pods.log", text.as_bytes()).remove(0);
    assert_accounted(&source);
    assert_eq!(kept.records.len(), 5_000);
    assert!(kept.records.windows(2).all(|w| w[0].place.line < w[1].place.line));
}

fn seconds(range: std::ops::Range<u32>) -> String {
    range.map(|n| format!("2024-04-25 05:{:02}:{:02},{:03} ERROR order {n} failed\n", n / 60, n % 60, n % 7)).collect()
}

#[test]
fn records_of_overlapping_exports_count_once_and_it_is_said() {
    let files = [
        ("a.log", seconds(0..900).into_bytes()),
        ("b.log", seconds(600..1_500).into_bytes()),
        ("c.zip", zipped(&[("x.log", seconds(0..900).as_bytes()), ("y.log", b"2024-04-25 06:00:00 INFO alone\n")])),
    ];
    let read = read_all(&Memory::new(files), &Limits::default());
    read.iter().for_each(|(source, _)| assert_accounted(source));
    let counted: Vec<(&str, u64, usize)> = read.iter().map(|(s, k)| (s.name.as_str(), s.records, k.records.len())).collect();
    assert_eq!(counted, [("a.log", 900, 900), ("b.log", 600, 600), ("c.zip!x.log", 0, 0), ("c.zip!y.log", 1, 1)]);
    assert_eq!(read[1].0.skipped[0].reason, "300 records stand in a.log too and are counted there");
    assert_eq!((read[1].0.skipped[0].lines, read[1].0.skipped[0].first_line), (300, Some(1)));
    assert_eq!(read[2].0.skipped[0].reason, "900 records stand in a.log and 1 more too and are counted there");
}

#[test]
fn a_record_that_a_source_has_twice_is_not_lost_to_another() {
    let twice = [seconds(0..100), seconds(99..100)].concat();
    let files = [("a.log", seconds(0..100).into_bytes()), ("b.log", twice.into_bytes())];
    let read = read_all(&Memory::new(files), &Limits::default());
    assert_eq!((read[0].0.records, read[1].0.records), (100, 1));
}

#[test]
fn a_document_that_stands_twice_counts_once() {
    let chat = br#"[{"type":"message","user":"U1","text":"checkout is down","ts":"1714023000.0001"},{"type":"message","user":"U2","text":"looking","ts":"1714023060.0001"}]"#;
    let read = read_all(&Memory::new([("a.json", chat.to_vec()), ("b.json", chat.to_vec())]), &Limits::default());
    assert_eq!((read[0].1.events.len(), read[1].1.events.len()), (2, 0));
    assert_eq!(read[1].0.skipped[0].reason, "the same document stands in a.json and is counted there");
    assert_accounted(&read[1].0);
}

#[test]
fn a_trace_whose_every_line_got_a_head_of_syslog_is_one_record() {
    let text = "\
Feb  7 09:00:25 web-1 cart[12]: ERROR order failed: java.lang.IllegalStateException: closed
Feb  7 09:00:25 web-1 cart[12]: #011at com.shop.Cart.add(Cart.java:12)
Feb  7 09:00:25 web-1 cart[12]: Caused by: java.io.IOException: reset
Feb  7 09:00:25 web-1 cart[12]: #011... 2 more
Feb  7 09:00:25 web-1 sshd[9]: session closed
Feb  7 09:00:26 web-1 job[7]: Traceback (most recent call last):
Feb  7 09:00:26 web-1 job[7]:   File \"/srv/job.py\", line 3, in <module>
Feb  7 09:00:26 web-1 job[7]:     main()
Feb  7 09:00:26 web-1 job[7]: ValueError: empty
Feb  7 09:00:27 web-1 job[7]:   indented words are no trace
Feb  7 09:00:27 web-1 cron[8]: starts at midnight
";
    let (source, kept) = read_one("syslog", text.as_bytes()).remove(0);
    assert_accounted(&source);
    let lines: Vec<(u64, u64)> = kept.records.iter().map(|r| (r.place.line, r.place.last_line)).collect();
    assert_eq!(lines, [(1, 4), (5, 5), (6, 9), (10, 10), (11, 11)]);
    assert!(kept.records[0].message.ends_with("Caused by: java.io.IOException: reset\n#011... 2 more"));
}

#[test]
fn an_object_that_tells_nothing_as_a_document_is_a_record() {
    let line = br#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a1","stage":"ResponseComplete","requestURI":"/api/v1/pods","verb":"list","user":{"username":"ana"},"objectRef":{"resource":"pods"},"requestReceivedTimestamp":"2024-02-07T09:00:25.123456Z"}"#;
    let (source, kept) = read_one("audit.log", line).remove(0);
    assert_accounted(&source);
    assert_eq!((kept.records.len(), kept.records[0].format.as_str(), kept.records[0].has_time), (1, "k8s_audit", true));
}

/// The records of each piece that a sink was given.
#[derive(Default)]
struct Pieces {
    done: Vec<(u64, Vec<RecordRef>)>,
    open: Option<(u64, Vec<RecordRef>)>,
    outside: Vec<RecordRef>,
}

impl Sink for Pieces {
    fn record(&mut self, record: &Record<'_>) {
        self.open.as_mut().map_or(&mut self.outside, |(_, records)| records).push(record.place);
    }

    fn event(&mut self, _: evidence::Event) {}

    fn joins(&self) -> bool {
        true
    }

    fn join(&mut self, other: Pieces) {
        assert!(other.open.is_none());
        self.done.extend(other.done);
        self.outside.extend(other.outside);
    }

    fn begin_piece(&mut self, number: u64) {
        assert!(self.open.replace((number, Vec::new())).is_none());
        assert!(self.done.last().is_none_or(|(before, _)| *before < number));
    }

    fn end_piece(&mut self) {
        self.done.extend(self.open.take());
    }
}

#[test]
fn pieces_are_numbered_in_the_order_of_their_records() {
    let mut text = String::new();
    for n in 0..900 {
        text.push_str(&format!("2025-03-01T10:{:02}:{:02}Z ERROR job {n} failed\n", n / 60, n % 60));
        text.push_str(&"\tat a.B.c(B.java:1)\n".repeat(if n % 50 == 0 { 90 } else { n % 3 }));
    }
    let whole: Vec<RecordRef> = only("app.log", text.as_bytes()).1.records.iter().map(|record| record.place).collect();
    let bundle = Memory::new([("app.log", text.into_bytes())]);
    for (piece_bytes, threads) in [(100, 1), (100, 2), (900, 8), (9_000, 3)] {
        let settings = Settings { piece_bytes, ..Settings::default() };
        let read = read(&bundle, &settings, threads, &|_, _| Pieces::default());
        let Pieces { mut done, outside, .. } = read.into_iter().next().unwrap().sink;
        if threads == 1 {
            assert_eq!((done.len(), outside), (0, whole.clone()));
            continue;
        }
        done.sort_by_key(|(number, _)| *number);
        assert!(done.iter().map(|(number, _)| *number).eq(0..done.len() as u64));
        assert!(done.len() > 2 && outside.is_empty());
        assert_eq!(done.into_iter().flat_map(|(_, records)| records).collect::<Vec<_>>(), whole);
    }
}

#[test]
fn an_input_that_several_threads_misread_is_told() {
    let one = |n: usize| format!("2025-03-01T10:{:02}:{:02}Z INFO job {n} done\n", n / 60 % 60, n % 60);
    let other = |n: usize| format!("WARNING:cart.jobs:job {n} is late\n");
    let alike: String = (0..2_000).map(one).collect();
    let changing: String = (0..1_000).map(one).chain((0..1_000).map(other)).collect();
    for (text, misread) in [(alike, false), (changing, true)] {
        let bundle = Memory::new([("app.log", text.into_bytes())]);
        let settings = Settings { piece_bytes: 4_000, ..Settings::default() };
        let of = |threads| read(&bundle, &settings, threads, &|_, _| Pieces::default()).remove(0).misread;
        assert_eq!((of(1), of(2), of(8)), (false, misread, misread));
        let help = read_input(&bundle, 0, &settings, &|_, _| Pieces::default(), Some(&Spare::new(2)));
        assert_eq!(help.is_err(), misread);
    }
}
