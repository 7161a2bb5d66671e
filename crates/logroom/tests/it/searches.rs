//! What is searched for is found, and nothing else, whatever the blocks deny without being read.

use std::ops::ControlFlow;

use evidence::{Level, Moment};
use logroom::{Order, Position, Query, Room, Seek, Stretch};
use proptest::prelude::*;

use crate::bundle::{Memory, all, bytes_of, lines_of, page, room_of};

const SHOP: &str = r#"{"timestamp":"2024-02-07T09:00:00Z","level":"INFO","service":"auth","msg":"user 1 logged in","status":200,"user_id":7}
{"timestamp":"2024-02-07T09:00:01Z","level":"ERROR","service":"checkout","msg":"connection pool of seating is full","status":503,"user_id":8}
{"timestamp":"2024-02-07T09:00:02Z","level":"WARN","service":"checkout","msg":"Timeout after 5030 ms","status":200,"user_id":9}
{"timestamp":"2024-02-07T09:00:03Z","level":"INFO","service":"auth","msg":"user 2 logged in","status":200,"user_id":503}
"#;

fn shop() -> Room<Vec<u8>> {
    room_of(&Memory::new([("shop.log", SHOP)]))
}

/// The lines of the shop's log that a search finds.
fn found(query: &str) -> Vec<u64> {
    lines_of(&shop(), query).into_iter().map(|(_, line)| line).collect()
}

#[test]
fn words_and_phrases_are_found_in_whatever_letters() {
    assert_eq!(found("TIMEOUT"), [3]);
    assert_eq!(found("\"pool of SEATING\""), [2]);
    assert_eq!(found("pool seating connection"), [2]);
    assert_eq!(found("logged -\"user 2\""), [1]);
    assert_eq!(found("nobody"), [] as [u64; 0]);
}

#[test]
fn facets_narrow_a_search() {
    assert_eq!(found("level:error"), [2]);
    assert_eq!(found("level:warn+ service:Checkout"), [2, 3]);
    assert_eq!(found("service:auth source:shop"), [1, 4]);
    assert_eq!(found("service:auth source:other"), [] as [u64; 0]);
    assert_eq!(found("from:2024-02-07T09:00:01Z to:2024-02-07T09:00:03Z"), [2, 3]);
}

#[test]
fn a_field_is_its_value_and_not_a_part_of_the_text() {
    assert_eq!(found("field:status=503"), [2]);
    assert_eq!(found("field:user_id=503"), [4]);
    assert_eq!(found("503"), [2, 3, 4]);
}

#[test]
fn a_pattern_is_a_kind_of_message() {
    let room = shop();
    let logins = &room.patterns()[0];
    assert_eq!((logins.template.as_str(), logins.count, logins.example), ("user <*> logged in", 2, (0, 1)));
    assert_eq!(found("pattern:p1"), [1, 4]);
    assert_eq!(found("pattern:p1 \"user 2\""), [4]);
    assert_eq!(found("pattern:p99"), [] as [u64; 0]);
}

#[test]
fn expressions_match_within_a_record_and_by_its_lines() {
    assert_eq!(found("/pool.*full/"), [2]);
    assert_eq!(found(r"/\d{4} ms/"), [3]);
    assert_eq!(found("/TIMEOUT/"), [] as [u64; 0]);
    assert_eq!(found("/TIMEOUT/i"), [3]);
    assert_eq!(found(r#"/^\{"time/"#), [1, 2, 3, 4]);
    assert_eq!(found(r"/\A\{.*503\}\z/"), [4]);
    assert_eq!(found(r"/\}\n\{/"), [] as [u64; 0]);
}

#[test]
fn signs_of_other_languages_are_signs() {
    // C8: nothing of a query is ever spliced into another language.
    for odd in ["%", "_", "100%", "a'; DROP TABLE lines;--", "\" OR 1=1", "$(reboot)", "*", "?", "[a-z]", "(", "\\", "^", "{}"] {
        let text = format!("before\nthis is {odd} here\nafter\n");
        let room = room_of(&Memory::new([("a.log", text)]));
        let query = Query { words: vec![odd.to_string()], ..Query::default() };
        let hits = all(&room, &query, &Seek::default());
        assert_eq!(hits.iter().map(|hit| hit.line).collect::<Vec<_>>(), [2], "{odd}");
        assert_eq!(&hits[0].text[hits[0].ranges[0].clone()], odd);
    }
}

#[test]
fn a_hit_says_what_is_known_of_it() {
    let page = page(&shop(), "pool full", &Seek::default());
    let hit = &page.hits[0];
    assert_eq!((hit.source, hit.line, hit.last_line, hit.level), (0, 2, 2, Some(Level::Error)));
    assert_eq!(
        (hit.at.map(Moment::rfc3339).as_deref(), hit.service.as_deref()),
        (Some("2024-02-07T09:00:01Z"), Some("checkout"))
    );
    let marked: Vec<&str> = hit.ranges.iter().map(|range| &hit.text[range.clone()]).collect();
    assert_eq!(marked, ["pool", "full"]);
    assert!(page.is_complete && page.next.is_none());
}

#[test]
fn a_record_of_several_lines_is_one_hit() {
    let text = "2024-02-07 09:00:00,000 ERROR [main] c.e.Shop - it failed\njava.lang.IllegalStateException: full\n\tat c.e.Pool.take(Pool.java:7)\n2024-02-07 09:00:01,000 INFO [main] c.e.Shop - next\n";
    let room = room_of(&Memory::new([("a.log", text)]));
    let hits = page(&room, "pool.take", &Seek::default()).hits;
    assert_eq!((hits.len(), hits[0].line, hits[0].last_line, hits[0].level), (1, 1, 3, Some(Level::Error)));
    assert!(hits[0].text.ends_with("(Pool.java:7)"));
}

/// Two sources whose times interlace, some of whose lines have none.
fn two() -> Memory {
    let line =
        |second: u64, word: &str| format!("2024-02-07T09:{:02}:{:02}Z INFO {word} number {second}\n", second / 60, second % 60);
    let one: String = (0..600).step_by(2).map(|second| line(second, "even")).collect();
    let other: String = (1..600).step_by(2).map(|second| line(second, "odd")).collect();
    Memory::new([("a.log", one), ("b.log", other), ("c.log", "number without a time\n".into())])
}

#[test]
fn hits_come_by_source_and_line_or_by_time() {
    let room = room_of(&two());
    let query = Query::parse("number").unwrap();
    for limit in [1, 7, 100, 1_000] {
        for threads in [1, 3] {
            let by_place = all(&room, &query, &Seek { limit, threads, ..Seek::default() });
            let by_time = all(&room, &query, &Seek { limit, threads, order: Order::Time, ..Seek::default() });
            assert!(by_place.is_sorted_by_key(|hit| (hit.source, hit.line)) && by_place.len() == 601);
            assert!(by_time.is_sorted_by_key(|hit| (hit.at.is_none(), hit.at)) && by_time.len() == 601);
            assert_eq!(by_time.last().map(|hit| hit.source), Some(2));
        }
    }
}

#[test]
fn a_page_is_full_before_all_was_read() {
    let room = room_of(&two());
    let page = page(&room, "number", &Seek { limit: 5, ..Seek::default() });
    assert_eq!((page.hits.len(), page.scanned), (5, 1));
    assert!(u64::from(room.blocks()) > 4 && page.next.is_some());
}

#[test]
fn a_search_that_is_stopped_goes_on_where_it_was() {
    let room = room_of(&two());
    let query = Query::parse("/number 59[0-9]/").unwrap();
    for order in [Order::Place, Order::Time] {
        let (mut seek, mut lines, mut pages) = (Seek { limit: 3, order, ..Seek::default() }, Vec::new(), 0);
        loop {
            let page = room.search(&query, &seek, &mut |_| ControlFlow::Break(())).unwrap();
            lines.extend(page.hits.iter().map(|hit| (hit.source, hit.line)));
            pages += 1;
            match page.next {
                Some(next) => seek.after = Some(next.to_string().parse::<Position>().unwrap()),
                None => break,
            }
        }
        lines.sort_unstable();
        let wanted: Vec<(u32, u64)> = [0, 1].into_iter().flat_map(|source| (296..=300).map(move |line| (source, line))).collect();
        assert_eq!(lines, wanted);
        assert!(pages > 3);
    }
}

#[test]
fn blocks_that_cannot_have_it_are_not_read() {
    let room = room_of(&two());
    let blocks = u64::from(room.blocks());
    let skipped = |query: &str| page(&room, query, &Seek::default()).skipped;
    assert!(skipped("from:2024-02-07T10:00:00Z") == blocks && skipped("level:fatal") == blocks && skipped("service:x") == blocks);
    assert!(skipped("source:c.log") == blocks - 1);
    assert!(skipped("absentword") >= blocks - 3, "all but the last ones of each source, which are short");
}

#[test]
fn counts_are_exact_however_they_are_cut() {
    let room = room_of(&two());
    for (query, total) in [
        ("", 601),
        ("number", 601),
        ("even", 300),
        ("source:b.log", 300),
        ("level:info", 600),
        ("from:2024-02-07T09:09:00Z", 60),
        ("number -odd", 301),
    ] {
        let query = Query::parse(query).unwrap();
        let mut whole = room.count(&query, &Stretch { budget: u32::MAX, bin_s: 60, ..Stretch::default() }).unwrap();
        let mut cut = logroom::Count::default();
        let mut stretch = Stretch { budget: 1, bin_s: 60, threads: 2, ..Stretch::default() };
        loop {
            let part = room.count(&query, &stretch).unwrap();
            cut.join(&part);
            match part.next {
                Some(next) => stretch.from_block = next,
                None => break,
            }
        }
        assert_eq!((whole.total(), &whole.levels, &whole.bars), (total, &cut.levels, &cut.bars), "{query}");
        whole.bars.shrink(3);
        assert!(whole.bars.len() <= 3);
    }
}

#[test]
fn a_histogram_has_every_record_that_has_a_time() {
    let room = room_of(&two());
    for (query, total) in [("", 600), ("even", 300), ("source:a.log level:info", 300), ("level:error", 0)] {
        let bars = room.histogram(&Query::parse(query).unwrap(), 20, 2).unwrap();
        assert_eq!(bars.total(), total, "{query}");
        assert!(bars.len() <= 20);
    }
}

#[test]
fn a_room_has_the_same_bytes_with_one_thread_or_eight() {
    let bundle = two();
    assert_eq!(bytes_of(&bundle, 1), bytes_of(&bundle, 8));
}

/// Lines of logs, and what is none.
fn line() -> impl Strategy<Value = String> {
    let level = prop::sample::select(vec!["INFO", "WARN", "ERROR", "DEBUG"]);
    let service = prop::sample::select(vec!["auth", "checkout", "seating"]);
    let word = prop::sample::select(vec!["pool full", "Pool FULL", "timeout", "user logged in", "müller", "ſtock", "K", "zz"]);
    prop_oneof![
        6 => (0..3_000u32, level, service, word, 0..400u32).prop_map(|(second, level, service, word, number)| {
            format!(r#"{{"timestamp":"2024-02-07T09:{:02}:{:02}Z","level":"{level}","service":"{service}","msg":"{word} {number}","status":{}}}"#, second / 60, second % 60, 200 + number % 4)
        }),
        1 => "[ a-zA-Z0-9.,:]{0,40}",
        1 => Just(String::new()),
    ]
}

fn query() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "pool",
        "\"pool full\"",
        "timeout",
        "TIMEOUT",
        "stock",
        "k",
        "müller",
        "-timeout",
        "-pool",
        "absent",
        "level:error",
        "level:warn+",
        "service:auth",
        "service:nobody",
        "pattern:p1",
        "pattern:p3",
        "field:status=202",
        "/full 1[0-9]+/",
        "/(?i)TIMEOUT|pool/",
        "/^$|zz/",
        "/[0-9]{3}\"/",
        "from:2024-02-07T09:20:00Z",
        "to:2024-02-07T09:30:00Z",
        "source:b",
    ]);
    // A record has one pattern, so that asking for two is refused.
    let is_askable =
        |parts: &std::collections::BTreeSet<&str>| parts.iter().filter(|part| part.starts_with("pattern:")).count() < 2;
    prop::collection::btree_set(part, 0..4)
        .prop_filter("one pattern at most", is_askable)
        .prop_map(|parts| parts.into_iter().collect::<Vec<_>>().join(" "))
}

/// Whether a record, as a search for everything gives it, is what is asked for: a plain look without blocks or sets.
fn is_match(query: &Query, hit: &logroom::Hit, source: &str) -> bool {
    let has = |word: &String| {
        let flags = if word.is_ascii() { "(?i-u)" } else { "(?i)" };
        regex::bytes::Regex::new(&format!("{flags}{}", regex::escape(word))).unwrap().is_match(hit.text.as_bytes())
    };
    let matches = |pattern: &String| regex::Regex::new(&format!("(?m){pattern}")).unwrap().is_match(&hit.text);
    let has_field =
        |(name, value): &(String, String)| hit.text.starts_with('{') && hit.text.contains(&format!("\"{name}\":{value}"));
    query.words.iter().all(has)
        && !query.without.iter().any(has)
        && query.regexes.iter().all(matches)
        && (query.levels.is_empty() || hit.level.is_some_and(|level| query.levels.contains(&level)))
        && (query.services.is_empty() || hit.service.as_ref().is_some_and(|service| query.services.contains(service)))
        && (query.sources.is_empty() || query.sources.iter().any(|part| source.contains(part)))
        && query.pattern.is_none_or(|rank| hit.pattern == Some(rank))
        && query.fields.iter().all(has_field)
        && query.from.is_none_or(|from| hit.at.is_some_and(|at| at >= from))
        && query.to.is_none_or(|to| hit.at.is_some_and(|at| at < to))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_search_by_blocks_is_a_plain_look_at_every_record(
        lines in prop::collection::vec(line(), 1..400),
        queries in prop::collection::vec(query(), 1..8),
        limit in 1..50usize,
    ) {
        let half = lines.len() / 2;
        let bundle = Memory::new([("a.log", lines[..half].join("\n")), ("b.log", lines[half..].join("\r\n"))]);
        let room = room_of(&bundle);
        let everything = all(&room, &Query::default(), &Seek { limit: 1_000, ..Seek::default() });
        let blank = |lines: &[String]| lines.iter().filter(|line| line.trim().is_empty()).count();
        let read: u64 = everything.iter().map(|hit| hit.last_line - hit.line + 1).sum();
        prop_assert!(read as usize + blank(&lines) >= lines.len(), "no line is lost");
        for line in queries {
            let query = Query::parse(&line).unwrap();
            let wanted = everything.iter().filter(|hit| is_match(&query, hit, ["a.log", "b.log"][hit.source as usize]));
            let wanted: Vec<(u32, u64)> = wanted.map(|hit| (hit.source, hit.line)).collect();
            let found = all(&room, &query, &Seek { limit, threads: 2, ..Seek::default() });
            prop_assert_eq!(found.iter().map(|hit| (hit.source, hit.line)).collect::<Vec<_>>(), wanted.clone(), "{}", line);
            let mut by_time: Vec<(u32, u64)> =
                all(&room, &query, &Seek { limit, order: Order::Time, ..Seek::default() }).iter().map(|hit| (hit.source, hit.line)).collect();
            by_time.sort_unstable();
            prop_assert_eq!(by_time, wanted.clone(), "{} by time", line);
            let count = room.count(&query, &Stretch { budget: u32::MAX, bin_s: 60, ..Stretch::default() }).unwrap();
            prop_assert_eq!(count.total(), wanted.len() as u64, "{} counted", line);
        }
    }
}
