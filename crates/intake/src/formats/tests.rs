use evidence::{Level, Moment, RecordRef, SourceId};
use proptest::prelude::*;

use super::definition;
use super::*;

fn place() -> RecordRef {
    RecordRef { source: SourceId { input: 0, entry: 0 }, start: 0, end: 0, line: 1, last_line: 1 }
}

/// The record of a line in the format that knows it.
fn read(line: &str) -> Record<'_> {
    let formats = Formats::load();
    formats.parse(formats.recognise(&[line]), line, place())
}

#[test]
fn every_file_is_valid_and_reads_its_own_samples_and_no_lookalike() {
    let mut wrong = Vec::new();
    for (id, format) in definition::files() {
        match format {
            Ok(format) => {
                let name = format!("{id}.toml");
                let text = definition::text_of(&name).unwrap();
                let format = Formats::load().get(format.id()).unwrap();
                wrong.extend(Formats::load().prove(format, File { name: &name, text: &text }).iter().map(Fault::to_string));
            }
            Err(fault) => wrong.push(fault.to_string()),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_two_formats_read_each_others_samples() {
    let formats = Formats::load();
    let wrong: Vec<String> =
        formats.all().iter().flat_map(|f| formats.rivals(f).into_iter().map(|r| format!("{} and {r}", f.id()))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_first_format_to_read_a_sample_is_its_own() {
    let formats = Formats::load();
    let wrong: Vec<String> = formats
        .all()
        .iter()
        .filter_map(|f| formats.usurper(f).map(|(first, line)| format!("{}: {first} comes first for {line:?}", f.id())))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_source_is_recognised_by_most_of_its_lines() {
    let formats = Formats::load();
    let java = [
        "2025-06-11 15:16:00.628 ERROR 1 --- [exec-57] d.s.Web : failed",
        "java.lang.IllegalStateException: x",
        "\tat d.s.Web.run(Web.java:1)",
        "\t... 12 more",
    ];
    assert_eq!(formats.recognise(&java).id(), "spring_boot");
    assert_eq!(formats.recognise(&["hello", "world"]).id(), "text");
    assert_eq!(formats.recognise(&[]).id(), "text");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_vote_that_ends_early_ends_as_if_all_had_voted(which in prop::collection::vec((0..2_000_usize, 1..12_usize), 1..6),
                                                       traces in 0..30_usize, nothing in 0..60_usize) {
        let formats = Formats::load();
        let known: Vec<&str> = formats.all().iter().flat_map(|f| f.samples()).filter_map(|s| s.line.lines().next()).collect();
        let mut lines: Vec<&str> = which.iter().flat_map(|(n, times)| std::iter::repeat_n(known[n % known.len()], *times)).collect();
        lines.extend(std::iter::repeat_n("\tat d.s.Web.run(Web.java:1)", traces));
        lines.extend(std::iter::repeat_n("nothing", nothing));
        let mut votes = vec![0_usize; formats.all().len()];
        lines.iter().filter_map(|line| formats.of_line(&clean(line))).for_each(|i| votes[i] += 1);
        let (best, most) = votes.iter().enumerate().max_by_key(|(i, n)| (**n, usize::MAX - i)).unwrap();
        let expected = if *most > 0 && most * 10 >= lines.len() { formats.all()[best].id() } else { "text" };
        prop_assert_eq!(formats.recognise(&lines).id(), expected);
    }
}

#[test]
fn day_and_month_follow_the_source() {
    let time = |lines: &[&str], line: &str| {
        let format = Formats::load().recognise(lines);
        Formats::load().parse(format, line, place()).stamp.map(|s| Moment(s.micros).date())
    };
    let line = "[05/06/2025 18:05:05] INFO  donations: ok";
    assert_eq!(time(&[line, "[14/11/2025 18:05:05] INFO  donations: ok"], line).as_deref(), Some("2025-06-05"));
    assert_eq!(time(&[line, "[11/14/2025 18:05:05] INFO  donations: ok"], line).as_deref(), Some("2025-05-06"));
    assert_eq!(time(&[line], line).as_deref(), Some("2025-06-05"));
    let why = |other: &'static str| Formats::load().recognise(&[line, other]).date_order(&[line, other]);
    let (day, month) = ("[14/11/2025 18:05:05] INFO  donations: ok", "[11/14/2025 18:05:05] INFO  donations: ok");
    assert_eq!(why(day).as_deref(), Some("dates read day first: 14/11 has no other reading"));
    assert_eq!(why(month).as_deref(), Some("dates read month first: 11/14 has no other reading"));
    assert_eq!(why(line).as_deref(), Some("dates read day first: none at the beginning shows which it is"));
    assert_eq!(Formats::load().get("klog").unwrap().date_order(&[line]), None);
}

#[test]
fn a_line_of_another_format_is_read_by_that() {
    let format = Formats::load().get("nginx_error").unwrap();
    let record = Formats::load().parse(format, "{\"ts\":1707296425.5,\"level\":\"warn\",\"msg\":\"x\"}", place());
    assert_eq!((record.level, record.message.as_ref()), (Some(Level::Warn), "x"));
}

#[test]
fn a_container_line_is_read_to_its_core() {
    let line = r#"{"log":"2024-02-07T09:00:25.1Z stdout F {\"level\":50,\"time\":1707296425100,\"pid\":1,\"hostname\":\"cart-6f5b9c-7jx2m\",\"msg\":\"boom\"}\n","stream":"stdout","time":"2024-02-07T09:00:25.2Z"}"#;
    let record = read(line);
    assert_eq!(
        (record.format, record.level, record.service.as_deref(), record.message.as_ref()),
        ("docker_json", Some(Level::Error), Some("cart"), "boom")
    );
}

#[test]
fn nothing_panics() {
    let lines = [
        "",
        " ",
        "\u{1b}[",
        "\u{1b}[2K",
        "{",
        "{}",
        "[",
        "é",
        "=",
        "a=",
        "a=\"",
        "a=\"\\",
        "2024-02-07T09:00:25é",
        "\u{feff}",
        "<",
        "<34>",
        "\u{1b}[\u{e9}",
        "GET /",
        "\"GET /\u{e9}",
        "x {\"a\":1}",
        "[2024-02-07 09:00:25] é: ",
        "99/99/9999 99:99:99 x",
        "I9999 99:99:99.999999 1 x.go:1] y",
        "-1",
        "9999999999999999999",
        "Feb",
        "Feb 30 00:00:00 a b: c",
        "trace=",
        "user=\"",
        "1e400",
    ];
    for format in Formats::load().all() {
        for line in lines {
            Formats::load().is_head(format, line);
            let text = format!("{line}\n\u{e9} more\n");
            Formats::load().parse(format, line, place());
            Formats::load().parse(format, &text, place());
        }
    }
    for n in 0..lines.len() {
        Formats::load().recognise(&lines[n..]);
    }
}

#[test]
fn colour_codes_that_were_written_out_are_no_text() {
    let line = r"\x1b[33m[Nest] 31  - \x1b[39m08/02/2023, 7:47:42 PM \x1b[33m   WARN\x1b[39m \x1b[38;5;3m[BasketService] \x1b[39m\x1b[33mstock check failed\x1b[39m";
    let format = Formats::load().get("nest").unwrap();
    assert!(Formats::load().is_head(format, line));
    let record = Formats::load().parse(format, line, place());
    assert_eq!((record.format, record.level, record.message.as_ref()), ("nest", Some(Level::Warn), "stock check failed"));
    assert_eq!(clean("2025-01-01 a #033[0mb ^[[1mc"), "2025-01-01 a b c");
    assert_eq!(clean(r#"{"msg":"\u001b[1mx"}"#), r#"{"msg":"\u001b[1mx"}"#);
}

#[test]
fn a_template_beside_its_values_is_a_message() {
    let line = r#"{"Timestamp":"2025-01-13T09:49:28Z","Level":"Error","MessageTemplate":"Basket {Id} lost","Exception":"a\n at b","Properties":{"Id":17}}"#;
    let record = read(line);
    assert_eq!(record.message.as_ref(), "Basket 17 lost\na\n at b");
    let line = r#"{"t":"2025-01-13T09:49:28Z","m":"basket lost","x":"a\n at b"}"#;
    let record = read(line);
    assert_eq!(record.message.as_ref(), "basket lost\na\n at b");
}

#[test]
fn lines_without_a_time_among_lines_with_one_begin_records() {
    let timed = "19-Oct-2022 05:01:27.758 client @0x11aa 192.0.2.204#4160 (shop.example): query denied\n";
    let bare = "security: client @0x11aa 192.0.2.204#4160 (shop.example): zone transfer denied\nclient @0x11ab 192.0.2.205#4160 (shop.example): query denied\n";
    let (source, kept) = crate::testing::read_one("named.log", [timed, timed, timed, bare, timed].concat().as_bytes()).remove(0);
    assert_eq!((source.records, kept.records.len(), kept.records[3].format.as_str()), (6, 6, "bind_untimed"));
    let nest = "[Nest] 31  - 08/02/2023, 7:47:42 PM    WARN [BasketService] stock check failed\n";
    let codes = r"\x1b[33m[Nest] 32  - \x1b[39m08/02/2023, 7:47:43 PM \x1b[33m   WARN\x1b[39m \x1b[38;5;3m[BasketService] \x1b[39mno stock";
    let (source, kept) = crate::testing::read_one("n.log", [nest, nest, codes].concat().as_bytes()).remove(0);
    assert_eq!((source.records, kept.records[2].message.as_str()), (3, "no stock"));
}

#[test]
fn a_line_is_again_of_a_format_only_where_it_would_be_found_so() {
    let formats = Formats::load();
    let mut again = 0;
    for (near, format) in formats.all().iter().enumerate() {
        let samples = format.samples().iter().map(|sample| sample.line.as_str());
        for line in samples.chain(format.lookalikes().iter().map(String::as_str)) {
            if formats.is_again(near, line) {
                again += 1;
                assert_eq!(formats.of_line(line), Some(near), "{}: {line}", format.id());
            }
        }
    }
    assert!(again > 500, "{again}");
}

#[test]
fn an_exception_with_its_package_begins_a_record_of_no_format_but_one_that_writes_it() {
    let own = r#"
title = 'Ours'
about = 'Class, time, message.'
pattern = '(?<logger>[a-z.]+[A-Z]\w+): (?<time>%iso%) (?<message>.*)'

[[samples]]
line = 'shop.pay.PayError: 2025-03-01T10:00:00Z no'
time = '2025-03-01T10:00:00Z'
message = 'no'
"#
    .to_string();
    let formats = Formats::with(&[("own.toml".to_string(), own)]).unwrap_or_else(|faults| panic!("{}", faults[0]));
    let head = |id: &str, line: &str| formats.is_head(formats.get(id).unwrap(), line);
    let (error, gate) = ("shop.pay.PayError: 2025-03-01T10:00:00Z no", "shop.pay.PayGate: 2025-03-01T10:00:00Z no");
    assert!(head("own", error) && head("own", gate));
    assert!(head("java_level_service_thread", gate), "a record of another format");
    assert!(!head("java_level_service_thread", error), "part of a trace");
}
