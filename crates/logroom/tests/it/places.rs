//! A place in a source leads to its lines, whatever the source is.

use flate2::Compression;
use flate2::write::GzEncoder;
use logroom::{Query, Seek};
use std::io::Write;

use crate::bundle::{Memory, all, lines_of, page, room_of};

fn numbered(count: u64) -> String {
    (1..=count).map(|n| format!("2024-02-07T09:{:02}:{:02}Z INFO this is line {n}\n", n / 60 % 60, n % 60)).collect()
}

#[test]
fn the_lines_around_a_place_are_those_of_the_source() {
    let room = room_of(&Memory::new([("a.log", numbered(2_000)), ("b.log", numbered(3))]));
    let around = |source, line, before, after| -> Vec<u64> {
        let lines = room.context(source, line, before, after).unwrap();
        assert!(lines.iter().all(|line| line.text.ends_with(&format!("this is line {}", line.number)) && line.is_first));
        lines.iter().map(|line| line.number).collect()
    };
    assert_eq!(around(0, 1_000, 2, 2), [998, 999, 1_000, 1_001, 1_002]);
    assert_eq!(around(0, 1, 5, 1), [1, 2]);
    assert_eq!(around(0, 2_000, 1, 5), [1_999, 2_000]);
    assert_eq!(around(1, 2, 1, 1), [1, 2, 3]);
    assert_eq!(around(0, 700, 600, 600).len(), 1_201);
    assert_eq!(around(0, 9_999, 2, 2), [] as [u64; 0]);
    assert_eq!(around(7, 1, 2, 2), [] as [u64; 0]);
    assert_eq!(room.source_named("b.log"), Some(1));
}

#[test]
fn members_of_archives_are_sources() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(numbered(500).as_bytes()).unwrap();
    let room = room_of(&Memory::new([("a.log.gz", packed.finish().unwrap()), ("b.bin", vec![0; 5_000])]));
    assert_eq!(lines_of(&room, "\"line 499\""), [(0, 499)]);
    let sources: Vec<(&str, u64)> = room.sources().iter().map(|source| (source.name.as_str(), source.lines)).collect();
    assert_eq!((sources, room.sources()[1].format.as_str()), (vec![("a.log.gz", 500), ("b.bin", 1)], "binary"));
}

#[test]
fn a_document_is_its_lines() {
    let chat = r#"[
 {"type":"message","user":"U1","text":"checkout is down","ts":"1707296400.000100"},
 {"type":"message","user":"U2","text":"rolling back","ts":"1707296460.000100"}
]"#;
    let room = room_of(&Memory::new([("chat.json", chat)]));
    let hits = page(&room, "rolling", &Seek::default()).hits;
    assert_eq!((hits.len(), hits[0].line, hits[0].last_line), (1, 3, 3));
    assert!(hits[0].at.is_some(), "the time of the message");
}

#[test]
fn times_without_a_date_are_placed_as_elsewhere() {
    let console = "09:00:01 INFO starting up now\n09:00:02 ERROR it failed to start\n";
    let room = room_of(&Memory::new([("a.log", numbered(100)), ("console-2024-02-07.log", console.to_string())]));
    let hits = page(&room, "failed", &Seek::default()).hits;
    let source = &room.sources()[1];
    if let Some(at) = hits[0].at {
        assert_eq!(at.rfc3339(), "2024-02-07T09:00:02Z");
        assert!(source.decisions.iter().any(|decision| decision.contains("2024-02-07")));
        assert_eq!(lines_of(&room, "failed from:2024-02-07T09:00:02Z to:2024-02-07T09:00:03Z"), [(1, 2)]);
        assert_eq!(source.bars.total(), 2);
    } else {
        panic!("it has no time: {:?}", source);
    }
}

#[test]
fn what_nobody_sees_hides_nothing() {
    let text =
        "2024-02-07T09:00:00Z INFO con\u{200b}nec\x1b[31mtion\x1b[0m re\u{202e}fused\n2024-02-07T09:00:01Z INFO x\0y \u{feff}z\n";
    let room = room_of(&Memory::new([("a.log", text)]));
    let hits = page(&room, "\"connection refused\"", &Seek::default()).hits;
    assert_eq!((hits.len(), hits[0].text.as_str()), (1, "2024-02-07T09:00:00Z INFO connection refused"));
}

/// So many sources of one line each are a room in which each is found.
fn of_one_line(sources: u32) {
    let line = |n: u32| (format!("{n:06}.log"), format!("2024-02-07T09:00:00Z INFO source number {n}\n"));
    let room = room_of(&Memory::new((0..sources).map(line)));
    assert_eq!((room.sources().len(), room.blocks()), (sources as usize, sources));
    assert_eq!(lines_of(&room, "\"number 7777\"").first(), Some(&(7_777, 1)));
    assert_eq!(all(&room, &Query::parse("source:000017").unwrap(), &Seek::default()).len(), 1);
}

#[test]
fn thousands_of_sources_of_one_line_are_one_room() {
    of_one_line(7_778);
}

#[test]
#[ignore = "the long form: a minute or two without optimisation"]
fn a_hundred_thousand_sources_of_one_line_are_one_room() {
    of_one_line(100_000);
}
