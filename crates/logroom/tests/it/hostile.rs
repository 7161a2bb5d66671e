//! Nothing that is handed over, and nothing that happened to a room, makes it panic.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};

use logroom::{Fault, Order, Query, Room, Seek, Settings, Stretch, Watch, build};
use proptest::prelude::*;

use crate::bundle::{Memory, bytes_of, lines_of, page, room_of, settings};

#[test]
fn nul_and_broken_text_are_lines_like_others() {
    let text = b"2024-02-07T09:00:00Z INFO a\0b\n\xff\xfe\xc3( broken\n\n\r\n2024-02-07T09:00:01Z INFO last".to_vec();
    let room = room_of(&Memory::new([("a.log", text)]));
    assert_eq!(lines_of(&room, "last"), [(0, 5)]);
    let texts: Vec<String> = room.lines(0, 1, 10).unwrap().into_iter().map(|line| line.text).collect();
    assert_eq!(texts.len(), 5);
    assert!(texts[1].contains("broken") && texts[1].contains('\u{fffd}'));
}

#[test]
fn an_empty_source_is_a_source_without_lines() {
    let room = room_of(&Memory::new([("a.log", ""), ("b.log", "one\n")]));
    assert_eq!((room.sources().len(), room.sources()[0].lines), (2, 0));
    assert_eq!(lines_of(&room, "one"), [(1, 1)]);
    assert!(room.lines(0, 1, 5).unwrap().is_empty());
    let none = room_of(&Memory::new(Vec::<(String, String)>::new()));
    assert!(page(&none, "one", &Seek::default()).hits.is_empty() && none.sources().is_empty());
}

#[test]
fn of_a_line_of_ten_megabytes_the_beginning_is_kept() {
    let long = format!("first\n{}needle{}\nlast\n", "x".repeat(500_000), "y".repeat(9_500_000));
    let room = room_of(&Memory::new([("a.log", long)]));
    let source = &room.sources()[0];
    assert_eq!((source.lines, source.cut_bytes), (3, 500_000 + 6 + 9_500_000 - (1 << 20)));
    let hits = page(&room, "needle", &Seek::default()).hits;
    assert!(hits[0].text.len() <= 8 << 10 && hits[0].cut.0 > 490_000);
    assert_eq!(&hits[0].text[hits[0].ranges[0].clone()], "needle");
    assert_eq!(lines_of(&room, "last"), [(0, 3)]);
}

#[test]
fn who_cancels_gets_no_room() {
    struct Soon(AtomicU64);
    impl Watch for Soon {
        fn is_cancelled(&self) -> bool {
            self.0.fetch_add(1, Ordering::Relaxed) > 2
        }
    }
    let bundle = Memory::new([("a.log", "2024-02-07T09:00:00Z INFO a line of some length, again and again\n".repeat(50_000))]);
    let mut out = Vec::new();
    let built = build(&bundle, &settings(), 2, &mut out, &Soon(AtomicU64::new(0)));
    assert!(matches!(built, Err(Fault::Cancelled)), "{built:?}");
    assert!(Room::open(out).is_err());
}

#[test]
fn a_disk_that_is_full_is_told() {
    struct Full(usize);
    impl std::io::Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or_else(|| std::io::Error::other("no space left"))?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let bundle = Memory::new([("a.log", corpus::bytes(corpus::Kind::Json, 3_000_000))]);
    for room in [0, 20, 5_000, 100_000] {
        assert!(matches!(build(&bundle, &settings(), 2, &mut Full(room), &()), Err(Fault::Io(_))));
    }
}

#[test]
fn a_room_that_was_cut_is_none() {
    let whole = bytes_of(&Memory::new([("a.log", corpus::bytes(corpus::Kind::Plain, 60_000))]), 1);
    for size in (0..whole.len()).step_by(whole.len() / 50) {
        assert!(Room::open(whole[..size].to_vec()).is_err());
    }
}

/// Asks everything of a room; it may answer or fail.
fn ask(room: &Room<Vec<u8>>) -> Result<(), Fault> {
    for line in ["", "timeout", "level:error pool", "field:status=503", "/a.*b/", "pattern:p2", "service:auth", "from:2020-01-01"]
    {
        let query = Query::parse(line)?;
        for order in [Order::Place, Order::Time] {
            room.search(&query, &Seek { order, limit: 5, ..Seek::default() }, &mut |_| ControlFlow::Continue(()))?;
        }
        room.count(&query, &Stretch { budget: 1_000, bin_s: 60, ..Stretch::default() })?;
        room.histogram(&query, 50, 1)?;
    }
    room.context(0, 10, 20, 20)?;
    room.lines(u32::MAX, u64::MAX, usize::MAX)?;
    room.context(0, u64::MAX, usize::MAX, usize::MAX)?;
    Ok(())
}

#[test]
fn a_whole_room_answers_all_that() {
    ask(&room_of(&Memory::new([("a.log", corpus::bytes(corpus::Kind::Json, 100_000))]))).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_room_that_was_altered_fails_or_answers_and_never_panics(flips in prop::collection::vec((any::<prop::sample::Index>(), 1..=255u8), 1..6)) {
        let mut bytes = bytes_of(&Memory::new([("a.log", corpus::bytes(corpus::Kind::Json, 40_000)), ("b.log", b"x\n".to_vec())]), 1);
        for (index, flip) in flips {
            let at = index.index(bytes.len());
            bytes[at] ^= flip;
        }
        if let Ok(room) = Room::open(bytes) {
            let _ = ask(&room);
        }
    }

    #[test]
    fn any_bytes_are_kept_line_by_line(files in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..400), 1..4), newlines in 0..40usize) {
        let files = files.into_iter().enumerate().map(|(n, mut bytes)| {
            let size = bytes.len().max(1);
            for at in (0..bytes.len()).step_by(size.div_ceil(newlines + 1)) {
                bytes[at] = b'\n';
            }
            (format!("{n}.log"), bytes)
        });
        let room = room_of(&Memory::new(files));
        for (number, source) in (0..).zip(room.sources()) {
            let lines = room.lines(number, 1, 5_000).unwrap();
            if source.format != "binary" && source.skipped.is_empty() {
                prop_assert_eq!(lines.len() as u64, source.lines, "{:?}", source);
            }
        }
        ask(&room).unwrap();
    }
}

#[test]
fn an_altered_index_is_found_out_by_what_it_says() {
    // The checksum of the frame is what finds an altered byte; these rooms say something else than they are.
    let small = Settings { block_bytes: 1, ..settings() };
    let mut out = Vec::new();
    build(&Memory::new([("a.log", "x\n".repeat(2_000))]), &small, 1, &mut out, &()).unwrap();
    let size = out.len();
    for at in [size - 40, size - 32, size - 24, size - 1, 3] {
        let mut altered = out.clone();
        altered[at] ^= 1;
        assert!(Room::open(altered).is_err(), "{at}");
    }
}
