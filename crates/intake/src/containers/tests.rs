use proptest::prelude::*;

use super::*;
use crate::testing::{self, Memory, Said, gzip, tarball, zip_of, zipped};

mod hostile;
mod packings;

/// Name, entry and either the text or, in parentheses, the reason; a break follows the text after `|`.
fn walked(name: &str, bytes: &[u8], limits: &Limits) -> Vec<(String, u32, String)> {
    let bundle = Memory::new([(name, bytes.to_vec())]);
    let mut all = Vec::new();
    walk(&bundle, 0, limits, &mut |found| {
        let text = match found.body {
            Body::Closed { format, bytes, reason } => format!("({format} {bytes}: {reason})"),
            Body::Open { reader, .. } => {
                let mut bytes = Vec::new();
                let broken = reader.read_to_end(&mut bytes).err().map(|e| format!("|{}", words(&e, "it")));
                String::from_utf8_lossy(&bytes).into_owned() + &broken.unwrap_or_default()
            }
        };
        all.push((found.name.to_string(), found.entry, text));
        Flow::Continue(())
    });
    all
}

fn told(name: &str, bytes: &[u8]) -> Vec<(String, u32, String)> {
    walked(name, bytes, &Limits::default())
}

fn is(name: &str, entry: u32, text: &str) -> (String, u32, String) {
    (name.into(), entry, text.into())
}

#[test]
fn a_compressed_text_keeps_its_name() {
    assert_eq!(told("x.log.gz", &gzip(b"a\n")), [is("x.log.gz", 0, "a\n")]);
    assert_eq!(told("x.log", &gzip(b"a\n")), [is("x.log", 0, "a\n")], "the content decides");
    assert_eq!(told("x.zst", &zstd::encode_all(&b"a\n"[..], 3).unwrap()), [is("x.zst", 0, "a\n")]);
    assert_eq!(told("x.gz.gz", &gzip(&gzip(b"a\n"))), [is("x.gz.gz", 0, "a\n")]);
    assert_eq!(told("x.gz", &gzip(b"")), [is("x.gz", 0, "")]);
}

#[test]
fn the_members_of_a_gzip_file_are_one_text() {
    let both = [gzip(b"a\n"), gzip(b"b\n")].concat();
    assert_eq!(told("x.gz", &both), [is("x.gz", 0, "a\nb\n")]);
    let padded = [gzip(b"a\n"), vec![0; 1024]].concat();
    assert_eq!(told("x.gz", &padded), [is("x.gz", 0, "a\n|the gzip stream is followed by other bytes")]);
}

#[test]
fn archives_in_archives_have_names_in_names() {
    let inner = gzip(&tarball(&[("./c.log", b"c\n"), ("d/e.log.gz", &gzip(b"e\n"))]));
    let outer = zipped(&[("a.log", b"a\n"), ("dir/", b""), ("b.tar.gz", &inner)]);
    let expected = [is("x.zip!a.log", 0, "a\n"), is("x.zip!b.tar.gz!c.log", 1, "c\n"), is("x.zip!b.tar.gz!d/e.log.gz", 2, "e\n")];
    assert_eq!(told("x.zip", &outer), expected);
    let packed = tarball(&[("in/a.zip", &zipped(&[("b.log", b"b\n")]))]);
    assert_eq!(told("t.tar.zst", &zstd::encode_all(&packed[..], 3).unwrap()), [is("t.tar.zst!in/a.zip!b.log", 0, "b\n")]);
}

#[test]
fn long_names_of_tar_members_are_whole() {
    let long = format!("{}/app.log", "directory".repeat(30));
    assert_eq!(told("x.tar", &tarball(&[(&long, b"a\n")])), [is(&format!("x.tar!{long}"), 0, "a\n")]);
    let mut builder = tar::Builder::new(Vec::new());
    builder.append_pax_extensions([("path", long.as_bytes())]).unwrap();
    let mut header = tar::Header::new_ustar();
    header.set_size(2);
    builder.append_data(&mut header, "short", &b"a\n"[..]).unwrap();
    assert_eq!(told("x.tar", &builder.into_inner().unwrap()), [is(&format!("x.tar!{long}"), 0, "a\n")]);
}

#[test]
fn what_stands_before_a_cut_is_used() {
    let text = (0..20_000u32).map(|i| format!("line {}\n", i.wrapping_mul(2_654_435_761))).collect::<String>();
    let packed = gzip(text.as_bytes());
    let found = told("x.gz", &packed[..packed.len() / 2]);
    let (had, why) = found[0].2.split_once('|').unwrap();
    assert_eq!((found.len(), why), (1, "the gzip stream ends in the middle"));
    assert!(text.starts_with(had) && had.len() > text.len() / 3, "{} of {}", had.len(), text.len());

    let packed = zstd::encode_all(text.as_bytes(), 3).unwrap();
    let found = told("x.zst", &packed[..packed.len() * 3 / 4]);
    assert!(found[0].2.ends_with("|the zstd stream ends in the middle"));
}

#[test]
fn a_wrong_checksum_is_told_after_the_text() {
    let mut packed = gzip(b"some text\n");
    let at = packed.len() - 6;
    packed[at] ^= 0xff;
    let found = told("x.gz", &packed);
    assert!(found[0].2.starts_with("some text\n|the "), "{found:?}");

    let mut packed = zipped(&[("a.log", b"some text, not compressed"), ("b.log", b"b")]);
    let at = packed.windows(2).position(|w| w == b"PK").unwrap() + 36;
    packed[at] ^= 0x01;
    let found = told("x.zip", &packed);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].2.contains("|the "), "{found:?}");
}

#[test]
fn a_cut_tar_archive_breaks_in_the_member_that_is_cut() {
    let bytes = tarball(&[("a.log", b"a\n"), ("b.log", &b"b\n".repeat(600))]);
    let expected = [is("x.tar!a.log", 0, "a\n"), is("x.tar!b.log", 1, "b\nb\n|the tar archive ends in the middle")];
    assert_eq!(told("x.tar", &bytes[..512 * 3 + 4]), expected);
    let found = told("x.tar", &bytes[..512 * 2 + 100]);
    assert_eq!(found[1], is("x.tar", 1, "(tar 0: the tar archive ends in the middle (at 1,124 bytes))"));
}

#[test]
fn a_cut_zip_archive_is_read_by_the_headers_of_its_members() {
    let text = (0..20_000u32).map(|i| format!("line {}\n", i.wrapping_mul(2_654_435_761))).collect::<String>();
    let bytes = zipped(&[("a.log", b"a\n"), ("b.log", text.as_bytes())]);
    let found = told("x.zip", &bytes[..bytes.len() / 2]);
    assert_eq!(found[0], is("x.zip!a.log", 0, "a\n"));
    let (had, why) = found[1].2.split_once('|').unwrap();
    assert_eq!((found.len(), found[1].0.as_str(), why), (2, "x.zip!b.log", "the zip archive ends in the middle"));
    assert!(text.starts_with(had) && had.len() > 10_000);
}

#[test]
fn an_archive_that_cannot_be_opened_is_one_source() {
    assert_eq!(told("x.zip", b"PK\x03\x04 and nothing"), [is("x.zip", 0, "(zip 16: the zip archive ends in the middle)")]);
    let found = told("x.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xff\xff\xff\xff");
    assert_eq!(found, [is("x.gz", 0, "(gzip 14: the gzip stream is damaged)")]);
    assert_eq!(told("x.xz", b"\xfd7zXZ\x00abc"), [is("x.xz", 0, "(xz 9: the xz stream ends in the middle)")]);
    assert_eq!(told("x.Z", b"\x1f\x9d\x90abc"), [is("x.Z", 0, "(binary 6: compressed with compress (.Z), which is not read)")]);
}

#[test]
fn an_archive_without_files_is_told_all_the_same() {
    assert_eq!(told("x.zip", &zipped(&[])), [is("x.zip", 0, "(zip 22: there is no file in the archive)")]);
    let found = told("x.tar", &tarball(&[("dir/", b"")]));
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn encrypted_members_and_links_are_listed() {
    let mut bytes = zipped(&[("a.log", b"a\n"), ("b.log", b"b\n")]);
    // The bit that says "encrypted", in the member's own header and in the directory.
    let at = bytes.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    bytes[6] |= 1;
    bytes[at + 8] |= 1;
    let found = told("x.zip", &bytes);
    assert!(found[0].2.ends_with(": it is encrypted)"), "{found:?}");
    assert_eq!(found[1], is("x.zip!b.log", 1, "b\n"));

    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    builder.append_link(&mut header, "current.log", "/etc/passwd").unwrap();
    let found = told("x.tar", &builder.into_inner().unwrap());
    assert_eq!(found, [is("x.tar!current.log", 0, "(link 0: a link, which is not followed)")]);
}

#[test]
fn limits_end_the_walk_with_a_reason() {
    let nested = zipped(&[("b.zip", &zipped(&[("c.zip", &zipped(&[("d.log", b"d\n")]))]))]);
    let found = walked("a.zip", &nested, &Limits { depth: 2, ..Limits::default() });
    assert_eq!(found[0].0, "a.zip!b.zip!c.zip");
    assert!(found[0].2.ends_with(": containers are nested deeper than 2 levels)"), "{found:?}");

    let many = tarball(&[("a", b"a"), ("b", b"b"), ("c", b"c")]);
    let found = walked("x.tar", &many, &Limits { entries: 2, ..Limits::default() });
    assert_eq!(found[2], is("x.tar", 2, "(archive 0: it has more than 2 members; the rest was not read)"));

    let bomb = gzip(&vec![b'0'; 1 << 20]);
    let found = walked("x.gz", &bomb, &Limits { unpacked_bytes: 100_000, ..Limits::default() });
    assert!(found[0].2.ends_with("|the limit of 100,000 unpacked bytes for one input is reached"));
}

fn packed_for(method: u16, text: &[u8]) -> Vec<u8> {
    match method {
        12 => testing::bzip2(text),
        95 => testing::xz(text),
        _ => testing::zstd(text),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_and_no_cut_make_it_fail(cut in 0.0f64..1.0, flip in 0.0f64..1.0, which in 0usize..8) {
        let text = b"2025-01-01T00:00:00Z INFO ready\n".repeat(100);
        let mut bytes = match which {
            0 => gzip(&text),
            1 => tarball(&[("a.log", &text), ("b.log.gz", &gzip(&text))]),
            2 => zipped(&[("a.log", &text), ("b.tar", &tarball(&[("c", &text)]))]),
            3 => testing::bzip2(&text),
            4 => testing::xz(&text),
            5 => testing::lz4(&[&text[..], &text].concat()),
            6 => zip_of(&[12, 95, 93].map(|method| Said::packed("a", method, &text, &packed_for(method, &text)))),
            _ => testing::zstd(&text),
        };
        let at = (bytes.len() as f64 * flip) as usize;
        bytes[at] ^= 0x15;
        bytes.truncate((bytes.len() as f64 * cut) as usize);
        let found = told("x", &bytes);
        prop_assert!(!found.is_empty());
    }

    #[test]
    fn the_numbers_of_sources_do_not_depend_on_how_much_is_read(cut in 0.3f64..1.0) {
        let text = b"2025-01-01T00:00:00Z INFO ready\n".repeat(100);
        let mut bytes = gzip(&tarball(&[("a.log", &text), ("b.zip", &zipped(&[("x", &text), ("y", &text)])), ("c.log", &text)]));
        bytes.truncate((bytes.len() as f64 * cut) as usize);
        let read: Vec<_> = told("x", &bytes).into_iter().map(|(name, entry, _)| (name, entry)).collect();
        let bundle = Memory::new([("x", bytes)]);
        let mut seen = Vec::new();
        walk(&bundle, 0, &Limits::default(), &mut |found| {
            seen.push((found.name.to_string(), found.entry));
            Flow::Continue(())
        });
        prop_assert_eq!(&seen[..read.len().min(seen.len())], &read[..read.len().min(seen.len())]);
    }
}
