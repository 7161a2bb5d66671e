//! A search by a field or a trace reads the blocks that can have it, and finds what a look at every parsed record finds.

use evidence::{Record, RecordRef, SourceId};
use intake::formats::Formats;
use logroom::{Query, Room, Seek};
use proptest::prelude::*;

use crate::bundle::{Memory, all, lines_of, page, room_of};

/// Random as those of real traces are, and the same in every run.
fn id(n: u64) -> String {
    let mix = |n: u64| {
        let n = (n ^ n >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let n = (n ^ n >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        n ^ n >> 31
    };
    format!("{:016x}{:016x}", mix(2 * n + 1), mix(2 * n + 2))
}

fn uuid(n: u64) -> String {
    let id = id(n);
    format!("{}-{}-{}-{}-{}", &id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..])
}

fn time(n: u64) -> String {
    format!("2024-02-07T09:{:02}:{:02}Z", n / 60 % 60, n % 60)
}

type Notation = fn(u64) -> String;

/// How a trace is written, and what is searched for one.
const NOTATIONS: [(&str, Notation, Notation); 5] = [
    (
        "json.log",
        |n| {
            format!(
                "{{\"timestamp\":\"{}\",\"level\":\"INFO\",\"msg\":\"order {n} was paid\",\"trace_id\":\"{}\"}}",
                time(n),
                id(n)
            )
        },
        |n| format!("trace:{}", id(n)),
    ),
    (
        "uuid.log",
        |n| format!("{{\"timestamp\":\"{}\",\"level\":\"INFO\",\"msg\":\"order {n}\",\"requestId\":\"{}\"}}", time(n), uuid(n)),
        |n| format!("trace:{}", uuid(n)),
    ),
    (
        "logfmt.log",
        |n| format!("time={} level=info msg=\"order {n} was paid\" trace_id={} user=u{n}", time(n), id(n)),
        |n| format!("trace:{}", id(n)),
    ),
    ("pairs.log", |n| format!("{} INFO checkout order {n} was paid trace_id={}", time(n), id(n)), |n| format!("trace:{}", id(n))),
    (
        "access.log",
        |n| {
            format!(
                "10.0.0.1 - - [07/Feb/2024:09:{:02}:{:02} +0000] \"GET /cart/{} HTTP/1.1\" 200 512",
                n / 60 % 60,
                n % 60,
                id(n)
            )
        },
        |n| format!("field:path=/cart/{}", id(n)),
    ),
];

#[test]
fn one_trace_among_thousands_is_found_without_reading_the_blocks_of_others() {
    for (name, line, search) in NOTATIONS {
        let text: String = (0..3_000).map(|n| line(n) + "\n").collect();
        let room = room_of(&Memory::new([(name, text)]));
        assert!(room.blocks() > 20, "{name}");
        for n in [0, 1_500, 2_999] {
            assert_eq!(lines_of(&room, &search(n)), [(0, n + 1)], "{name}");
            let found = page(&room, &search(n), &Seek::default());
            assert!(found.scanned <= 3 && found.skipped + found.scanned == u64::from(room.blocks()), "{name}: {found:?}");
        }
        let absent = page(&room, &search(9_999), &Seek::default());
        assert!(absent.hits.is_empty() && absent.scanned <= 2, "{name}: {absent:?}");
    }
}

#[test]
fn a_value_that_is_spelled_otherwise_is_found_all_the_same() {
    let filler: String = (0..200).map(|n| NOTATIONS[0].1(n) + "\n").collect();
    for (line, search) in [
        (r#"{"timestamp":"2024-02-07T10:00:00Z","level":"INFO","msg":"x","color":"cr\u0069mson"}"#, "field:color=crimson"),
        (
            r#"{"timestamp":"2024-02-07T10:00:00Z","level":"INFO","msg":"x","trace_id":"\u0034bf92f3577b34da6"}"#,
            "trace:4bf92f3577b34da6",
        ),
        (
            r#"{"timestamp":"2024-02-07T10:00:00Z","level":"INFO","msg":"x","url":"a.example\/cart?id=7\u0026of=9"}"#,
            "field:url=a.example/cart?id=7&of=9",
        ),
    ] {
        let room = room_of(&Memory::new([("a.log", format!("{filler}{line}\n{filler}"))]));
        assert_eq!(lines_of(&room, search), [(0, 201)], "{search}");
    }
    let target = "2024-02-07T10:00:00.000000Z  INFO app_core::pool: it is full\n".repeat(200);
    let room = room_of(&Memory::new([("a.log", target)]));
    assert_eq!(lines_of(&room, "field:service=app-core").len(), 200, "the name of a service has another sign than its module");
    let took = "{\"timestamp\":\"2024-02-07T10:00:00Z\",\"msg\":\"x\",\"path\":\"/a\",\"status\":200,\"duration\":\"1.5s\"}\n"
        .repeat(200);
    let room = room_of(&Memory::new([("a.log", took)]));
    assert_eq!(lines_of(&room, "field:duration_ms=1500").len(), 200, "a duration is converted");
}

/// A letter of a value as a notation may write it.
fn spelled(value: &str, how: &[u8], escape: fn(char, u8) -> String) -> String {
    value.chars().zip(how.iter().cycle()).map(|(c, how)| escape(c, *how)).collect()
}

fn in_json(c: char, how: u8) -> String {
    match (c, how) {
        ('"' | '\\', _) => format!("\\{c}"),
        ('\n', _) => "\\n".to_owned(),
        ('/', 1) => "\\/".to_owned(),
        (c, 0) => format!("\\u{:04x}", c as u32),
        _ => c.to_string(),
    }
}

fn in_logfmt(c: char, how: u8) -> String {
    match (c, how) {
        ('"' | '\\', _) | (_, 0) => format!("\\{c}"),
        ('\n', _) => "\\n".to_owned(),
        (_, 1) => format!("\\r{c}"),
        _ => c.to_string(),
    }
}

fn has_field(record: &Record<'_>, name: &str, value: &str) -> bool {
    let same = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
    let http = record.http.as_ref();
    let own = [
        ("trace", record.trace.as_deref()),
        ("user", record.user.as_deref()),
        ("service", record.service.as_deref()),
        ("instance", record.instance.as_deref()),
        ("path", http.and_then(|http| http.path.as_deref())),
    ];
    own.into_iter().any(|(known, had)| same(known, name) && had.is_some_and(|had| same(had, value)))
        || record.fields.iter().any(|(known, had)| same(known, name) && same(had, value))
}

/// The lines that have the field by a look at each parsed record.
fn plainly(room: &Room<Vec<u8>>, name: &str, value: &str) -> Vec<u64> {
    let formats = Formats::load();
    let format = formats.get(&room.sources()[0].format).unwrap();
    let everything = all(room, &Query::default(), &Seek { limit: 1_000, ..Seek::default() });
    let has = |hit: &&logroom::Hit| {
        let (source, end) = (SourceId { input: 0, entry: 0 }, hit.text.len() as u64);
        let place = RecordRef { source, start: 0, end, line: hit.line, last_line: hit.last_line };
        has_field(&formats.parse(format, &hit.text, place), name, value)
    };
    everything.iter().filter(has).map(|hit| hit.line).collect()
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-c0-2]{3,8}",
        "[a-c]{3,6}[-_./ ][0-2]{3,6}",
        "/[a-c]{3}/[0-2]{3}",
        prop::sample::select(vec!["müller", "say \"abc\"", "abc\ndef", "C:\\abc", "a&bcd", "Kelvin"]).prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_search_by_a_field_is_a_look_at_every_parsed_record(
        values in prop::collection::vec((value(), prop::collection::vec(0..12u8, 1..4)), 1..120),
        asked in value(),
        is_json in any::<bool>(),
        name in prop::sample::select(vec!["colour", "trace", "user", "path"]),
    ) {
        let line = |n: usize, value: &str, how: &[u8]| match is_json {
            true => format!("{{\"timestamp\":\"{}\",\"level\":\"INFO\",\"msg\":\"number {n} of many that are the same\",\"{name}\":\"{}\"}}\n", time(n as u64), spelled(value, how, in_json)),
            false => format!("time={} level=info msg=\"number {n} of many that are the same\" {name}=\"{}\"\n", time(n as u64), spelled(value, how, in_logfmt)),
        };
        let text: String = values.iter().enumerate().map(|(n, (value, how))| line(n, value, how)).collect();
        let room = room_of(&Memory::new([("a.log", text)]));
        for value in values.iter().map(|(value, _)| value).take(8).chain([&asked]) {
            let query = Query { fields: vec![(name.to_owned(), value.clone())], ..Query::default() };
            let found: Vec<u64> = all(&room, &query, &Seek::default()).iter().map(|hit| hit.line).collect();
            let plain = plainly(&room, name, value);
            // A pair as it is written is as good as a parsed one, so there may be more.
            prop_assert!(plain.iter().all(|line| found.contains(line)), "{name}={value:?}: {found:?} {plain:?}");
        }
    }
}
