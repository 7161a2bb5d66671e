//! What is read of each kind of compression, alone and in zip archives. Must never need a file.

use super::{Limits, is, told, walked};
use crate::testing::{Said, bzip2, gzip, lz4, skippable, tarball, xz, xz_with, zip_of, zstd};

pub type Pack = fn(&[u8]) -> Vec<u8>;

const ALL: [(&str, Pack); 5] = [("gzip", gzip), ("zstd", zstd), ("bzip2", bzip2), ("xz", xz), ("lz4", lz4)];

fn lines(count: u32) -> String {
    (0..count).map(|i| format!("line {}\n", i.wrapping_mul(2_654_435_761))).collect()
}

#[test]
fn every_compression_is_known_by_its_content() {
    for (kind, pack) in ALL {
        assert_eq!(told("x.log", &pack(b"a\n")), [is("x.log", 0, "a\n")], "{kind}");
        assert_eq!(told("x.log", &pack(b"")), [is("x.log", 0, "")], "{kind} of nothing");
        let text = lines(40_000);
        assert!(told("x.log", &pack(text.as_bytes())) == [is("x.log", 0, &text)], "{kind} of many blocks");
        let archive = pack(&tarball(&[("a.log", b"a\n"), ("b.log", &pack(b"b\n"))]));
        assert_eq!(told("x.tar", &archive), [is("x.tar!a.log", 0, "a\n"), is("x.tar!b.log", 1, "b\n")], "{kind}");
    }
}

#[test]
fn parts_one_after_the_other_are_one_text() {
    for (kind, pack) in ALL {
        let parts = [pack(b"a\n"), pack(b""), pack(lines(9_000).as_bytes()), pack(b"z\n")].concat();
        assert!(told("x", &parts) == [is("x", 0, &format!("a\n{}z\n", lines(9_000)))], "{kind}");
    }
}

#[test]
fn frames_to_be_skipped_are_skipped() {
    for pack in [lz4 as Pack, zstd] {
        let parts = [skippable(b"12"), skippable(b""), pack(b"a\n"), skippable(b"345"), pack(b"b\n"), skippable(b"6")].concat();
        assert_eq!(told("x", &parts), [is("x", 0, "a\nb\n")]);
    }
    let cut = [lz4(b"a\n"), skippable(b"123")].concat();
    assert_eq!(told("x", &cut[..cut.len() - 1]), [is("x", 0, "a\n|the lz4 stream ends in the middle")]);
}

#[test]
fn padding_between_xz_streams_is_none_of_the_text() {
    let padded = [xz(b"a\n"), vec![0; 8], xz(b"b\n"), vec![0; 4]].concat();
    assert_eq!(told("x", &padded), [is("x", 0, "a\nb\n")]);
}

#[test]
fn what_follows_a_stream_is_told() {
    for (kind, pack) in ALL.into_iter().filter(|(kind, _)| *kind != "zstd") {
        let followed = [pack(b"a\n"), b"and a few words".to_vec()].concat();
        assert_eq!(told("x", &followed), [is("x", 0, &format!("a\n|the {kind} stream is followed by other bytes"))]);
    }
    let followed = [zstd(b"a\n"), b"and a few words".to_vec()].concat();
    assert_eq!(told("x", &followed), [is("x", 0, "a\n|the zstd stream is damaged")]);
}

#[test]
fn wherever_a_stream_is_cut_the_cut_is_told() {
    for (kind, pack) in ALL {
        let packed = pack(lines(40).as_bytes());
        for end in 12..packed.len() {
            let found = told("x", &packed[..end]);
            let reason = format!("the {kind} stream ends in the middle");
            assert!(found.len() == 1 && found[0].2.trim_end_matches(')').ends_with(&reason), "{kind} at {end}: {found:?}");
        }
    }
}

#[test]
fn what_stands_before_damage_is_used() {
    let text = lines(60_000);
    for (kind, pack) in ALL {
        let mut packed = pack(text.as_bytes());
        let at = packed.len() * 9 / 10;
        packed[at..at + 8].fill(0x55);
        let found = told("x", &packed);
        let (had, why) = found[0].2.split_once('|').unwrap();
        // bzip2, lz4 and zstd unpack a block at once, xz and gzip as they go; checksums may be told later.
        assert!(why.starts_with(&format!("the {kind} stream")) || why.contains("checksum"), "{kind}: {why}");
        assert!(had.len() > text.len() / 4, "{kind}: {} of {}", had.len(), text.len());
    }
}

#[test]
fn a_window_larger_than_the_memory_is_refused() {
    let limits = Limits { window_bytes: 24 << 20, ..Limits::default() };
    let reason = "needs more memory than the 25,165,824 bytes that are left for unpacking one input";
    assert_eq!(walked("x", &xz_with(b"a\n", 16 << 20), &limits), [is("x", 0, "a\n")]);
    let found = walked("x", &xz_with(b"a\n", 32 << 20), &limits);
    assert!(found[0].2.ends_with(&format!(": the xz stream {reason})")), "{found:?}");
    let found = walked("x", &zstd_with(b"a\n", 25), &limits);
    assert!(found[0].2.ends_with(&format!(": the zstd stream {reason})")), "{found:?}");
    let later = [zstd(b"a\n"), zstd_with(b"b\n", 25)].concat();
    let found = walked("x", &later, &limits);
    assert!(found[0].2.starts_with("a\n|the zstd stream needs more memory than "), "{found:?}");
}

#[test]
fn nested_windows_share_the_memory() {
    let limits = Limits { window_bytes: 24 << 20, ..Limits::default() };
    let found = walked("x", &xz_with(&zstd_with(b"a\n", 24), 16 << 20), &limits);
    assert!(found[0].2.contains("the 8,388,608 bytes that are left"), "{found:?}");
    let beside = tarball(&[("a", &zstd_with(b"a\n", 24)), ("b", &xz_with(b"b\n", 16 << 20))]);
    assert_eq!(walked("x", &beside, &limits), [is("x!a", 0, "a\n"), is("x!b", 1, "b\n")]);
}

#[test]
fn members_of_zip_archives_are_read_by_every_usual_method() {
    let text = lines(3_000);
    let bytes = text.as_bytes();
    let members = [(0, bytes.to_vec()), (8, deflated(bytes)), (9, deflated(bytes)), (12, bzip2(bytes)), (14, lzma(bytes))];
    let more = [(93, zstd(bytes)), (95, xz(bytes))];
    for (method, data) in members.into_iter().chain(more) {
        let archive = zip_of(&[Said::packed("a.log", method, bytes, &data), Said::stored("b.log", b"b\n")]);
        assert!(told("x", &archive) == [is("x!a.log", 0, &text), is("x!b.log", 1, "b\n")], "method {method}");
    }
    let archive = zip_of(&[Said::packed("a.log", 98, b"a\n", b"??"), Said::stored("b.log", b"b\n")]);
    let refused = is("x!a.log", 0, "(zip 2: it is compressed with a method that is not read (PPMd))");
    assert_eq!(told("x", &archive), [refused, is("x!b.log", 1, "b\n")]);
}

#[test]
fn a_library_and_this_agree_on_zip_archives() {
    use std::io::Write;
    use zip::CompressionMethod as M;
    let text = lines(2_000);
    for (method, large) in [(M::Stored, false), (M::Deflated, true), (M::Bzip2, false), (M::Zstd, true), (M::Xz, false)] {
        let mut writer = zip::ZipWriter::new(std::io::Cursor::new(b"#!/bin/sh\n".to_vec()));
        let how = zip::write::SimpleFileOptions::default().compression_method(method).large_file(large);
        writer.set_comment("with a comment").unwrap();
        writer.start_file("größe.log", how).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
        let bytes = writer.finish().unwrap().into_inner();
        assert!(told("x", &bytes) == [is("x!größe.log", 0, &text)], "{method}");
    }
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut writer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// LZMA with the head that it has in zip archives.
fn lzma(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut options = lzma_rust2::LzmaOptions::with_preset(0);
    options.dict_size = 1 << 20;
    let mut out = b"\x09\x14\x05\x00".to_vec();
    out.push(options.get_props());
    out.extend(options.dict_size.to_le_bytes());
    let mut writer = lzma_rust2::LzmaWriter::new_no_header(out, &options, false).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn zstd_with(bytes: &[u8], window_log: u32) -> Vec<u8> {
    use std::io::Write;
    let mut writer = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    writer.window_log(window_log).unwrap();
    writer.write_all(bytes).unwrap();
    // A frame that is begun before its size is known has a window of its own.
    writer.flush().unwrap();
    writer.finish().unwrap()
}
