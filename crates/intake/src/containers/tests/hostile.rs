//! Archives that are broken, that lie, or that want to do harm: what is told of them. Must never need a file.

use flate2::Crc;

use super::packings::Pack;
use super::{Limits, is, told, walked};
use crate::testing::{
    Memory, Said, assert_accounted, bzip2, gzip, lz4, read_all, tar_entry, tarball, xz, zip_directory, zip_of, zipped, zstd,
};

/// Walks the archive and reads it: every source that it has is accounted for.
fn accounted(bytes: &[u8]) -> Vec<(String, u32, String)> {
    for (source, _) in read_all(&Memory::new([("x", bytes.to_vec())]), &Limits::default()) {
        assert_accounted(&source);
    }
    told("x", bytes)
}

fn sum(bytes: &[u8]) -> u32 {
    let mut sum = Crc::new();
    sum.update(bytes);
    sum.sum()
}

#[test]
fn b1_a_zip_archive_is_read_up_to_where_it_is_cut() {
    let whole = zipped(&[("a.log", b"a\n"), ("b.log", b"b\n")]);
    for end in 31..whole.len() {
        let found = accounted(&whole[..end]);
        let cut = found.iter().any(|(.., text)| text.contains("the zip archive"));
        assert!(cut, "at {end}: {found:?}");
        let both = end > whole.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
        assert!(!both || found[0].2 == "a\n" && found[1].2 == "b\n", "at {end}: {found:?}");
    }
}

#[test]
fn b1_a_tar_archive_is_read_up_to_where_it_is_damaged() {
    let bytes = [tar_entry(b"a.log", b'0', 2, b"a\n"), vec![0x55; 1024]].concat();
    let damaged = is("x", 1, "(tar 512: the tar archive has a damaged header (at 1,536 bytes))");
    assert_eq!(accounted(&bytes), [is("x!a.log", 0, "a\n"), damaged]);
}

#[test]
fn b1_an_archive_that_was_appended_to_another_is_read_too() {
    let both = [tarball(&[("a.log", b"a\n")]), tarball(&[("b.log", b"b\n")])].concat();
    assert_eq!(accounted(&both), [is("x!a.log", 0, "a\n"), is("x!b.log", 1, "b\n")]);
    let followed = [tarball(&[("a.log", b"a\n")]), b"no archive".to_vec()].concat();
    assert_eq!(accounted(&followed)[1], is("x", 1, "(tar 0: the tar archive is followed by other bytes (at 2,058 bytes))"));
}

#[test]
fn b1_checksums_that_do_not_fit_are_told() {
    let mut said = Said::stored("a.log", b"a\n");
    said.checksum ^= 1;
    let found = accounted(&zip_of(&[said, Said::stored("b.log", b"b\n")]));
    assert_eq!(found, [is("x!a.log", 0, "a\n|the checksum of the zip member does not fit"), is("x!b.log", 1, "b\n")]);
    // The last four bytes are a checksum of the text.
    let text = vec![b'a'; 100_000];
    for (kind, mut packed) in [("lz4", lz4(&text)), ("zstd", zstd(&text))] {
        let at = packed.len() - 1;
        packed[at] ^= 1;
        let told = &accounted(&packed)[0].2;
        assert!(told.ends_with(&format!("aaa|the checksum of the {kind} stream does not fit")), "{kind}");
    }
}

#[test]
fn b1_a_wrong_ending_does_not_hide_what_a_file_is() {
    let inside = [("a.log", &b"a\n"[..])];
    for bytes in [gzip(&tarball(&inside)), xz(&zipped(&inside)), bzip2(&zstd(&tarball(&inside))), lz4(&zipped(&inside))] {
        for name in ["x.log", "x.zip", "x.gz", "x.txt", "x"] {
            assert_eq!(told(name, &bytes), [is(&format!("{name}!a.log"), 0, "a\n")]);
        }
    }
    assert_eq!(told("x.tar.gz", b"no archive\n"), [is("x.tar.gz", 0, "no archive\n")]);
}

#[test]
fn b2_each_limit_says_which_it_is() {
    let zeros = vec![0; 4 << 20];
    let limits = Limits { unpacked_bytes: 1 << 20, ..Limits::default() };
    let reason = "the limit of 1,048,576 unpacked bytes for one input is reached";
    for packed in [gzip(&zeros), zstd(&zeros), bzip2(&zeros), xz(&zeros), lz4(&zeros), gzip(&gzip(&zeros))] {
        let found = walked("x", &packed, &limits);
        assert!(found.len() == 1 && found[0].2.ends_with(&format!("|{reason}")), "{}", found[0].2.trim_matches('\0'));
    }
    let archive = zipped(&[("a", &zeros), ("b", &zeros), ("c", &zeros)]);
    let found = walked("x", &archive, &limits);
    assert_eq!(found[1], is("x", 1, &format!("(zip 0: {reason}; the rest of the archive was not read)")));
    assert_eq!(found.len(), 2, "nothing is begun after the limit");
}

#[test]
fn b2_what_is_not_compressed_is_read_beside_a_bomb() {
    let limits = Limits { unpacked_bytes: 1 << 20, ..Limits::default() };
    let archive = tarball(&[("bomb", &gzip(&vec![0; 4 << 20])), ("a.log", b"a\n")]);
    assert_eq!(walked("x", &archive, &limits)[1], is("x!a.log", 1, "a\n"));
}

#[test]
fn b2_a_large_input_may_unpack_to_more_than_a_small_one() {
    let limits = Limits::default();
    assert_eq!(limits.unpacked(Some(42_000)), 2 << 30);
    assert_eq!(limits.unpacked(None), 2 << 30);
    assert_eq!(limits.unpacked(Some(1_000_000_000)), 200_000_000_000, "100 GB of honest logs are read");
    assert_eq!(limits.unpacked(Some(u64::MAX)), 1 << 40);
    assert_eq!(Limits { unpacked_bytes: 1_000, ..limits }.unpacked(Some(1_000_000_000)), 1_000);
}

#[test]
fn b2_archives_twenty_deep_end_at_the_depth_that_is_allowed() {
    let packs: [Pack; 4] = [gzip, |b| tarball(&[("t", b)]), |b| zipped(&[("z", b)]), xz];
    let deep = (0..20).fold(b"a\n".to_vec(), |bytes, i| packs[i % 4](&bytes));
    let found = accounted(&deep);
    assert!(found.len() == 1 && found[0].2.contains(": containers are nested deeper than 6 levels"), "{found:?}");
    let found = walked("x", &deep, &Limits { depth: 20, ..Limits::default() });
    assert_eq!(found, [is("x!z!t!z!t!z!t!z!t!z!t", 0, "a\n")]);
}

#[test]
fn b2_many_empty_files_end_at_the_number_that_is_allowed() {
    let limits = Limits { entries: 1_000, ..Limits::default() };
    let names: Vec<String> = (0..3_000).map(|i| format!("{i}.log")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    for bytes in [tarball(&files), zipped(&files), gzip(&tarball(&files))] {
        let found = walked("x", &bytes, &limits);
        assert_eq!(found.len(), 1_001);
        assert_eq!(found[1_000], is("x", 1_000, "(archive 0: it has more than 1,000 members; the rest was not read)"));
    }
}

#[test]
fn b2_a_file_that_unpacks_to_itself_ends() {
    let quine = quine();
    let mut unpacked = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&quine[..]), &mut unpacked).unwrap();
    assert!(unpacked == quine, "it is one");
    let found = accounted(&quine);
    let reason = format!("(gzip {}: containers are nested deeper than 6 levels)", quine.len());
    assert_eq!(found, [is("x", 0, &reason)]);
}

#[test]
fn b2_bytes_of_a_zip_archive_unpack_once() {
    // Twenty members, each of which has the headers of the next ones in its data, and all of them the same zeros.
    let zeros = vec![0; 100_000];
    let mut body = deflate(&zeros);
    let mut text = zeros;
    let mut members: Vec<(Said, usize)> = Vec::new();
    let mut shifts = 0;
    for i in (0..20).rev() {
        let said = Said::packed(&format!("{i:02}"), 8, &text, &body);
        let header = said.local();
        shifts += header.len();
        members.push((said, shifts));
        text = [&header[..], &text].concat();
        let size = u16::try_from(header.len()).unwrap();
        let quote = [&[0][..], &size.to_le_bytes(), &(!size).to_le_bytes(), &header].concat();
        body = [&quote[..], &body].concat();
        shifts += 5;
    }
    let archive = &body[5..];
    let whole = archive.len();
    let end = shifts - 5;
    members.iter_mut().for_each(|(_, at)| *at = end - *at);
    members.reverse();
    let bytes = [archive, &zip_directory(&members, whole)[..]].concat();
    let found = accounted(&bytes);
    let refused = found.iter().filter(|f| f.2.ends_with(": its bytes belong to another member as well)"));
    assert_eq!((refused.count(), found[0].0.starts_with("x!00")), (19, true), "{:?}", found.last());
}

#[test]
fn b2_two_entries_of_one_member_unpack_it_once() {
    let said = Said::stored("a.log", b"a\n");
    let local = [said.local(), said.data.clone()].concat();
    let bytes = [&local[..], &zip_directory(&vec![(said, 0); 3], local.len())].concat();
    let found = accounted(&bytes);
    let twice = "(zip 2: its bytes belong to another member as well)";
    assert_eq!(found, [is("x!a.log", 0, "a\n"), is("x!a.log (2)", 1, twice), is("x!a.log (3)", 2, twice)]);
}

#[test]
fn b2_sparse_files_are_never_filled() {
    // The map of the first one goes on in two blocks that its size does not count.
    let mut sparse = tar_entry(b"sparse.log", b'S', 4, b"");
    sparse[482] = 1;
    sparse[483..495].copy_from_slice(b"777777777777");
    let total: u32 = sparse.iter().enumerate().map(|(i, &b)| if (148..156).contains(&i) { 32 } else { u32::from(b) }).sum();
    sparse[148..156].copy_from_slice(format!("{total:06o}\0 ").as_bytes());
    let mut map = [0; 1024];
    map[504] = 1;
    let pax = b"22 GNU.sparse.major=1\n28 GNU.sparse.name=real.log\n";
    let bytes = [
        [&sparse[..], &map, b"abc\n", &[0; 508]].concat(),
        tar_entry(b"PaxHeaders/x", b'x', pax.len() as u64, pax),
        tar_entry(b"GNUSparseFile.0/real.log", b'0', 4, b"1\n0\n"),
        tar_entry(b"a.log", b'0', 2, b"a\n"),
    ]
    .concat();
    let said = "(binary 4: a sparse file, which is not read)";
    assert_eq!(accounted(&bytes), [is("x!sparse.log", 0, said), is("x!real.log", 1, said), is("x!a.log", 2, "a\n")]);
}

#[test]
fn b2_sizes_that_lie_cost_nothing() {
    let cut = "|the tar archive ends in the middle";
    assert_eq!(accounted(&tar_entry(b"a.log", b'0', 1 << 62, b"a\n"))[0].2.trim_end_matches(cut).trim_end_matches('\0'), "a\n");
    let link = accounted(&tar_entry(b"a.log", b'2', 1 << 62, b"a\n"));
    assert_eq!(link, [is("x!a.log", 0, "(link 512: a link, which is not followed; the tar archive ends in the middle)")]);
    let more = Said { size: u32::MAX - 1, ..Said::stored("a.log", b"a\n") };
    let less = Said { size: 1, ..Said::packed("b.log", 8, b"b\nb\n", &deflate(b"b\nb\n")) };
    let found = accounted(&zip_of(&[more, less]));
    assert_eq!(found[0], is("x!a.log", 0, "a\n|the zip member was said to have 4,294,967,294 bytes"));
    assert_eq!(found[1], is("x!b.log", 1, "b\nb\n|the zip member was said to have 1 bytes"));
}

#[test]
fn b3_names_are_names_and_not_places() {
    let names = ["../../up.log", "/etc/abs.log", "C:\\Windows\\c.log", "..\\..\\b.log", "a/../../b", "con", "~/x", "-rf"];
    let files: Vec<Said> = names.iter().map(|name| Said::stored(name, b"a\n")).collect();
    let found = accounted(&zip_of(&files));
    let expected: Vec<_> = names.iter().zip(0..).map(|(name, i)| is(&format!("x!{name}"), i, "a\n")).collect();
    assert_eq!(found, expected);
    let entries: Vec<u8> = names.iter().flat_map(|name| tar_entry(name.as_bytes(), b'0', 2, b"a\n")).collect();
    assert_eq!(accounted(&entries), expected);
}

#[test]
fn b3_control_characters_do_not_get_through_names() {
    let found = accounted(&zip_of(&[Said::stored("a\0.log\x1b[2J\r\n", b"a\n"), Said::stored("a\0.log", b"b\n")]));
    assert_eq!(found, [is("x!a\u{fffd}.log\u{fffd}[2J\u{fffd}\u{fffd}", 0, "a\n"), is("x!a\u{fffd}.log", 1, "b\n")]);
    assert_eq!(accounted(&tar_entry(b"a\0.log", b'0', 2, b"a\n")), [is("x!a", 0, "a\n")], "the name ends there");
}

#[test]
fn b3_names_of_64_kilobytes_are_cut_and_still_told_apart() {
    let long = "n".repeat(65_535);
    let found = accounted(&zip_of(&[Said::stored(&long, b"a\n"), Said::stored(&long.replace("nn", "no"), b"b\n")]));
    assert!(found.iter().all(|f| f.0.chars().count() < 520), "{found:?}");
    assert_eq!((found[0].2.as_str(), found[1].2.as_str(), found[0].0 != found[1].0), ("a\n", "b\n", true));
    let same = accounted(&zip_of(&[Said::stored(&long, b"a\n"), Said::stored(&format!("{}o", &long[1..]), b"b\n")]));
    assert_eq!((same[1].2.as_str(), same[1].0.ends_with("… (2)")), ("b\n", true));
    let tar = tarball(&[(&format!("{}/a.log", "d".repeat(60_000)), b"a\n"), ("b.log", b"b\n")]);
    assert_eq!(accounted(&tar)[1], is("x!b.log", 1, "b\n"));
}

#[test]
fn b3_files_of_one_name_are_both_read() {
    let expected = [is("x!a.log", 0, "a\n"), is("x!a.log (2)", 1, "b\n")];
    assert_eq!(accounted(&zip_of(&[Said::stored("a.log", b"a\n"), Said::stored("a.log", b"b\n")])), expected);
    assert_eq!(accounted(&tarball(&[("a.log", b"a\n"), ("a.log", b"b\n")])), expected);
    let near = ["A.log", "a.log", "gru\u{308}n.log", "gr\u{fc}n.log"];
    let found = accounted(&zip_of(&near.map(|name| Said::stored(name, b"a\n"))));
    assert_eq!(found.iter().map(|f| f.0.as_str()).collect::<Vec<_>>(), near.map(|name| format!("x!{name}")));
    let inner = zipped(&[("c.log", b"a\n")]);
    let ambiguous = accounted(&zip_of(&[Said::stored("b.zip", &inner), Said::stored("b.zip!c.log", b"b\n")]));
    assert_eq!(ambiguous, [is("x!b.zip!c.log", 0, "a\n"), is("x!b.zip!c.log (2)", 1, "b\n")]);
}

#[test]
fn b3_only_files_are_read() {
    let what = [(b'1', "link"), (b'2', "link"), (b'3', "binary"), (b'4', "binary"), (b'6', "binary")];
    let entries: Vec<u8> = what.iter().flat_map(|&(kind, _)| tar_entry(b"a.log", kind, 0, b"")).collect();
    let found = accounted(&[entries, tar_entry(b"b.log", b'0', 2, b"b\n")].concat());
    for (f, (_, format)) in found.iter().zip(what) {
        assert!(f.2.starts_with(&format!("({format} 0: ")), "{f:?}");
    }
    assert_eq!(found[5], is("x!b.log", 5, "b\n"));

    let modes = [(0o120_777, "link"), (0o010_644, "binary"), (0o020_644, "binary"), (0o060_644, "binary"), (0o140_644, "binary")];
    let members = modes.map(|(mode, _)| Said { mode, ..Said::stored("a.log", b"/etc/passwd") });
    let found = accounted(&zip_of(&members));
    for (f, (_, format)) in found.iter().zip(modes) {
        assert!(f.2.starts_with(&format!("({format} 11: ")), "{f:?}");
    }
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut writer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// A gzip file that unpacks to itself, after Russ Cox, "Zip Files All The Way Down" (2010): blocks that print what
/// follows (`L`) and blocks that repeat what was printed last (`R`), five bytes each.
fn quine() -> Vec<u8> {
    const UNIT: usize = 5;
    let print = |size: usize| [&[0][..], &(size as u16).to_le_bytes(), &(!(size as u16)).to_le_bytes()].concat();
    let head = b"\x1f\x8b\x08\x08\0\0\0\0\0\x03name\0".to_vec();
    let tail = |checksum: u32, size: u32| [&b"\x01\0\0\xff\xff"[..], &checksum.to_le_bytes(), &size.to_le_bytes()].concat();
    let make = |checksum: u32, size: u32| {
        let tail = tail(checksum, size);
        let (lp, rp) = (print(head.len() + UNIT), repeat(head.len() + UNIT));
        let (ls, rs) = (print(tail.len() + UNIT), repeat(tail.len() + UNIT));
        let (l0, l1, l4, r4) = (print(0), print(UNIT), print(4 * UNIT), repeat(4 * UNIT));
        let parts: Vec<&[u8]> = vec![
            &head, &lp, &head, &lp, &rp, &l1, &rp, &l1, &l1, &l4, &rp, &l1, &l1, &l4, &r4, &l4, &r4, &l4, &r4, &l4, &r4, &l4,
            &r4, &l0, &l0, &ls, &r4, &l0, &l0, &ls, &rs, &tail, &rs, &tail,
        ];
        parts.concat()
    };
    let size = make(0, 0).len() as u32;
    let checksum = fixed_point(&|checksum| sum(&make(checksum, size)));
    make(checksum, size)
}

/// A deflate block of five bytes that repeats the last `size` (17 to 20) bytes: two copies from that distance.
fn repeat(size: usize) -> Vec<u8> {
    let mut bits: Vec<bool> = vec![false, true, false];
    let mut code = |value: usize, width: usize| (0..width).rev().for_each(|i| bits.push(value >> i & 1 == 1));
    for length in [size / 2, size - size / 2] {
        code(length - 2, 7);
        code(8, 5);
        // The distance less 17, the lowest bit first.
        let extra = size - 17;
        code((extra & 1) << 2 | extra & 2 | extra >> 2, 3);
    }
    code(0, 7);
    bits.chunks(8).map(|byte| byte.iter().rev().fold(0, |all, &bit| all << 1 | u8::from(bit))).collect()
}

/// The value that an affine function of its bits maps to itself, by elimination.
fn fixed_point(of: &dyn Fn(u32) -> u32) -> u32 {
    let zero = of(0);
    let column = |bit: u32| of(1 << bit) ^ zero ^ 1 << bit;
    let columns: Vec<u32> = (0..32).map(column).collect();
    // Row by row: which bits of the value are summed, and the bit that they give.
    let row = |i: u32| (0..32).fold(0u64, |all, bit| all | u64::from(columns[bit as usize] >> i & 1) << bit);
    let mut rows: Vec<u64> = (0..32).map(|i| row(i) | u64::from(zero >> i & 1) << 32).collect();
    for bit in 0..32 {
        let pivot = (bit..32).find(|&i| rows[i] >> bit & 1 == 1).expect("there is one solution");
        rows.swap(bit, pivot);
        let from = rows[bit];
        rows.iter_mut().enumerate().filter(|(i, row)| *i != bit && **row >> bit & 1 == 1).for_each(|(_, row)| *row ^= from);
    }
    (0..32).fold(0, |all, bit| all | ((rows[bit] >> 32) as u32 & 1) << bit)
}
