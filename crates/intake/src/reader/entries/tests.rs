use evidence::Level;

use crate::Limits;
use crate::testing::{Keep, Memory, assert_accounted, read_all, read_one};
use evidence::Source;

/// The only source of a file.
fn only(name: &str, bytes: &[u8]) -> (Source, Keep) {
    let mut all = read_one(name, bytes);
    assert_eq!(all.len(), 1);
    let (source, sink) = all.remove(0);
    assert_accounted(&source);
    assert_eq!(source.lines, bytes.split_inclusive(|b| *b == b'\n').count() as u64);
    for record in &sink.records {
        let (from, to) = (record.place.start as usize, record.place.end as usize);
        let feeds = |to: usize| 1 + bytes[..to].iter().filter(|b| **b == b'\n').count() as u64;
        assert!(from < to && to <= bytes.len(), "{record:?}");
        assert_eq!((record.place.line, record.place.last_line), (feeds(from), feeds(to - 1)), "{record:?}");
    }
    (source, sink)
}

/// Lines, time, level and message of each record.
fn told(name: &str, text: &str) -> Vec<String> {
    let (_, sink) = only(name, text.as_bytes());
    let line = |r: &crate::testing::Kept| {
        let level = r.level.map_or("-", |l| l.word());
        let time = if r.has_time { "at" } else { "--" };
        format!("{}-{} {time} {level} {}", r.place.line, r.place.last_line, r.message.replace('\n', "|"))
    };
    sink.records.iter().map(line).collect()
}

const EXPORT: &str = "__CURSOR=s=0a;i=1\n__REALTIME_TIMESTAMP=1704799353123456\nPRIORITY=3\n_HOSTNAME=web-1\nSYSLOG_IDENTIFIER=nginx\nMESSAGE=bind() failed\n\n__CURSOR=s=0a;i=2\n__REALTIME_TIMESTAMP=1704799354123456\nPRIORITY=6\nMESSAGE=Started\n";

#[test]
fn an_entry_of_a_journal_export_is_one_record() {
    let (source, sink) = only("j.export", EXPORT.as_bytes());
    assert_eq!((source.format.as_str(), source.records), ("journald_export", 2));
    assert_eq!(told("j.export", EXPORT), ["1-6 at error bind() failed", "8-11 at info Started"]);
    assert_eq!((sink.records[0].format.as_str(), sink.records[0].level), ("journald_export", Some(Level::Error)));
}
