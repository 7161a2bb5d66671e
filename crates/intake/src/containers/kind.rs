//! Containers are known by their first bytes, never by their names.
//!
//! This module must never read further than the beginning that it is given. A beginning that several kinds share (frames
//! to be skipped before zstd or lz4) is decided by what follows, as far as it stands there.

use super::decoders::Packing;
use super::{lz4, tarball};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Packed(Packing),
    Zip,
    Tar,
    /// A container that is not read, with its name.
    Foreign(&'static str),
}

impl Kind {
    pub fn word(self) -> &'static str {
        match self {
            Kind::Packed(packing) => packing.word(),
            Kind::Zip => "zip",
            Kind::Tar => "tar",
            Kind::Foreign(_) => "binary",
        }
    }

    /// The container that begins like this (at least 512 bytes, where there are so many).
    pub fn of(head: &[u8]) -> Option<Kind> {
        let after = after_skippable(head);
        if head.starts_with(b"\x1f\x8b\x08") {
            Some(Kind::Packed(Packing::Gzip))
        } else if after.starts_with(lz4::MAGIC) {
            Some(Kind::Packed(Packing::Lz4))
        } else if after.starts_with(b"\x28\xb5\x2f\xfd") || after.len() < head.len() {
            Some(Kind::Packed(Packing::Zstd))
        } else if is_bzip2(head) {
            Some(Kind::Packed(Packing::Bzip2))
        } else if head.starts_with(b"\xfd7zXZ\x00") {
            Some(Kind::Packed(Packing::Xz))
        } else if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
            Some(Kind::Zip)
        } else if tarball::is_header(head) {
            Some(Kind::Tar)
        } else {
            FOREIGN.iter().find(|(magic, _)| head.starts_with(magic)).map(|&(_, word)| Kind::Foreign(word))
        }
    }
}

const FOREIGN: [(&[u8], &str); 6] = [
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"LZIP\x01", "lzip"),
    (b"\x1f\x9d", "compress (.Z)"),
    (b"\x02\x21\x4c\x18", "lz4 in its old format"),
    (b"\xff\x06\x00\x00sNaPpY", "snappy"),
];

/// A block, or the end of a file without one.
fn is_bzip2(head: &[u8]) -> bool {
    let marks = [b"1AY&SY", b"\x17\x72\x45\x38\x50\x90"];
    head.starts_with(b"BZh") && marks.iter().any(|&mark| head.get(4..10) == Some(mark))
}

/// What follows frames of user data (RFC 8878, 3.1.2; the lz4 frame format has the same); nothing where it lies beyond.
fn after_skippable(mut head: &[u8]) -> &[u8] {
    while head.len() >= 8 && head[0] & 0xf0 == 0x50 && head[1..4] == [0x2a, 0x4d, 0x18] {
        let size = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
        let end = usize::try_from(size).unwrap_or(usize::MAX).saturating_add(8);
        head = head.get(end..).unwrap_or_default();
    }
    head
}
