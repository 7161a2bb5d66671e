//! Objects, documents and tables whose shape is the attack: depth, numbers of members, references to themselves.
//!
//! Must never test what a document says. Each shape is read by both commands, in memory and time that its bytes explain.

use std::time::Instant;

use crate::cases::{Files, Memory};
use crate::hostile_input::{in_time, log, read};

/// One of these lines among others is a record of its own, and those around it are read.
fn among(line: &str) -> crate::hostile_input::Read {
    let object =
        |level: &str, text: &str| format!("{{\"ts\":\"2024-02-07T09:00:00Z\",\"level\":\"{level}\",\"msg\":\"{text}\"}}\n");
    let bytes = [object("error", "before").repeat(8), format!("{line}\n"), object("error", "after").repeat(8)].concat();
    let read = read("a.log", bytes.as_bytes());
    assert_eq!(read.lines.len(), 17, "{}", &line[..line.len().min(60)]);
    assert_eq!((read.message(7), read.message(9), read.lines[9]["line"].as_u64()), ("before", "after", Some(10)));
    read
}

#[test]
fn b8_an_object_of_any_depth_is_read_or_kept_as_text() {
    let deep =
        format!("{{\"ts\":\"2024-02-07T09:00:00Z\",\"msg\":\"x\",\"a\":{}1{}}}", "{\"a\":".repeat(5_000), "}".repeat(5_000));
    assert_eq!(among(&deep).message(8), "x", "what is deeper than is looked at stands in a field");
    let deep = ["{\"a\":".repeat(100_000), "1".into(), "}".repeat(100_000)].concat();
    let read_deep = among(&deep);
    assert!(read_deep.message(8).starts_with("{\"a\":{\"a\":"));
    let list = ["[".repeat(100_000), "]".repeat(100_000)].concat();
    let read_list = among(&list);
    assert!(read_list.message(8).ends_with('…'));
    read_list.says("1 record was cut off at the end");
}

#[test]
fn b8_an_object_of_any_size_is_read_or_cut() {
    let members: String = (0..1_000_000).map(|i| format!(",\"k{i}\":{i}")).collect();
    let many = among(&format!("{{\"ts\":\"2024-02-07T09:00:00Z\",\"level\":\"error\",\"msg\":\"x\"{members}}}"));
    many.says("1 record was cut off at the end");
    assert!(many.message(8).ends_with('…') && many.message(8).len() <= 1 << 20);
    let members: String = (0..9_000).map(|i| format!(",\"k{i}\":{i}")).collect();
    let some = among(&format!("{{\"ts\":\"2024-02-07T09:00:00Z\",\"level\":\"error\",\"msg\":\"x\"{members}}}"));
    assert_eq!((some.message(8), some.lines[8]["fields"].as_object().unwrap().len() <= 200), ("x", true));
    let text = among(&format!("{{\"ts\":\"2024-02-07T09:00:00Z\",\"level\":\"error\",\"msg\":\"{}\"}}", "y".repeat(10 << 20)));
    text.says("1 record was cut off at the end");
}

#[test]
fn b8_odd_values_are_told_as_they_stand() {
    let object = |rest: &str| format!("{{\"ts\":\"2024-02-07T09:00:00Z\",\"level\":\"error\",\"msg\":\"x\",{rest}}}");
    let twice = among(&object("\"msg\":\"y\",\"level\":\"info\",\"a\":1,\"a\":2"));
    assert_eq!((twice.message(8), twice.lines[8]["level"].as_str()), ("x", Some("error")), "the first of two counts");
    assert_eq!((&twice.lines[8]["fields"]["a"], &twice.lines[8]["fields"]["a_2"]), (&"1".into(), &"2".into()));
    assert_eq!(among(&object("\"n\":1e999")).lines[8]["fields"]["n"], "1e999");
    for value in ["NaN", "-Infinity", "01", "'x'"] {
        let line = object(&format!("\"n\":{value}"));
        let kept = among(&line);
        let rest = format!("\"msg\":\"x\",\"n\":{value}}}");
        assert!(kept.message(8).ends_with(&rest) && kept.lines[8]["format"] == "text", "{value}: {}", kept.message(8));
    }
}

#[test]
fn b8_a_document_has_as_many_values_as_fit_and_the_rest_is_told() {
    let element = "{\"a\":[1,2]},";
    let bytes = format!("[{}{{}}]", element.repeat(50_000));
    let files = Files::from([("a.json".to_string(), bytes.clone().into_bytes()), ("b.log".to_string(), log().into_bytes())]);
    let mut config = investigate::Config { threads: 2, ..Default::default() };
    config.settings.limits.document_values = 100_000;
    let report = investigate::investigate(&Memory::new(&files), &config).report;
    let source = report.coverage.sources.iter().find(|s| s.name == "a.json").unwrap();
    let rest = &source.skipped[0];
    assert_eq!(rest.reason, "the document has more than 100,000 values; what follows was not read");
    assert_eq!(source.read_bytes + rest.bytes, bytes.len() as u64);
    assert!(rest.bytes > 100_000 && source.records > 10_000, "{} records, {} bytes left", source.records, rest.bytes);
}

#[test]
fn b8_deep_documents_end_at_a_depth() {
    let begin = Instant::now();
    let nested = ["{\"a\":".repeat(100_000), "1".into(), "}".repeat(100_000)].concat();
    let yaml: String = (0..2_000).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
    let shapes = [
        ("a.json", format!("[{{\"a\":1}},{nested}]")),
        ("b.yaml", format!("apiVersion: v1\nkind: Pod\n{yaml}")),
        ("c.yaml", format!("apiVersion: v1\nkind: Pod\n{}a\n", "- ".repeat(100_000))),
        ("d.yaml", format!("apiVersion: v1\nkind: Pod\nx: {}{}\n", "[".repeat(100_000), "]".repeat(100_000))),
    ];
    let size: usize = shapes.iter().map(|(_, text)| text.len()).sum();
    for (name, text) in shapes {
        let files = Files::from([(name.to_string(), text.into_bytes()), ("log".to_string(), log().into_bytes())]);
        assert!(crate::cases::outcome(&files, 1).usable, "{name}");
    }
    in_time(begin, size + (4 << 20));
}

#[test]
fn b10_no_reference_is_followed() {
    let aliases = ('b'..='j').map(|c| {
        let before = char::from(c as u8 - 1);
        format!("{c}: &{c} [{}]\n", format!("*{before},").repeat(9))
    });
    let yaml: String =
        ["apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\na: &a [lol]\n".to_string()].into_iter().chain(aliases).collect();
    let entities: String = (1..10).map(|i| format!("<!ENTITY l{i} \"{}\">\n", format!("&l{};", i - 1).repeat(10))).collect();
    let xml = format!("<?xml version=\"1.0\"?>\n<!DOCTYPE z [\n<!ENTITY l0 \"lol\">\n{entities}]>\n<z>&l9;</z>\n");
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), "what nobody gave to be read").unwrap();
    let outside = format!(
        "<?xml version=\"1.0\"?>\n<!DOCTYPE r [<!ENTITY x SYSTEM \"file://{}\">]>\n<rss><channel><item><title>&x;</title><pubDate>Wed, 07 Feb 2024 09:00:00 GMT</pubDate></item></channel></rss>\n",
        secret.path().display()
    );
    for (name, text) in [("a.yaml", yaml), ("a.xml", xml), ("b.xml", outside)] {
        let bytes = format!("{}{text}", if name == "b.xml" { String::new() } else { log() });
        let read = read(name, bytes.as_bytes());
        let told: usize = (0..read.lines.len()).map(|i| read.message(i).len()).sum();
        assert!(told <= bytes.len(), "{name}: {told} bytes of {}", bytes.len());
        assert!(!serde_json::to_string(&read.report).unwrap().contains("what nobody gave"), "{name}");
        assert!(read.lines.iter().all(|line| !line.to_string().contains("what nobody gave")), "{name}");
    }
}

#[test]
fn b10_a_table_of_any_width_is_read_or_cut() {
    let columns = |of: &dyn Fn(usize) -> String| (0..100_000).map(of).collect::<Vec<_>>().join(",");
    for first in ["timestamp,level,message", "timestamp,service,metric,value", "timestamp"] {
        let head = format!("{first},{}\n", columns(&|i| format!("c{i}")));
        let rest = ",x".repeat(first.matches(',').count());
        let row = |i: usize| format!("2024-02-07T09:00:{i:02}Z{rest},{}\n", columns(&|_| "1".into()));
        let text: String = [head].into_iter().chain((0..4).map(row)).collect();
        let read = read("wide.csv", text.as_bytes());
        assert_eq!(read.source().lines, 5, "{first}");
        read.says("5 records were cut off at the end");
    }
}
