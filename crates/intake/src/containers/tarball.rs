//! Tar archives as a stream: headers, long names, members.
//!
//! Read here and not by a library's iterator because a cut or hostile archive has to be told exactly: a member that ends
//! early is a break of that member, a long name of a gigabyte is not a name. Must never hold a member.

use std::io::{self, Read};
use std::ops::ControlFlow;

use tar::{EntryType, Header, PaxExtensions};

use super::layer::{Member, Peek, fill, words};
use super::{Flow, Level, Walk, grouped, names};

const BLOCK: usize = 512;
const WHAT: &str = "the tar archive";
/// Bytes of a long name or of a list of extensions that are looked at.
const LONGEST_NAME: u64 = 64 << 10;

/// Whether a tar archive begins like this: the checksum of the header fits.
pub fn is_header(head: &[u8]) -> bool {
    match head.get(..BLOCK) {
        // The name may be empty in a header that carries extensions.
        Some(block) => (block[0] != 0 || block[257..].starts_with(b"ustar")) && checksum_fits(block),
        None => false,
    }
}

/// Hands on the members of the archive in the order in which they stand. An archive that was appended to another one is
/// read too: what ends the first is only zero bytes.
pub fn walk(walk: &mut Walk<'_>, level: Level<'_>, archive: &mut Peek<'_>) -> Flow {
    let mut next = Next::default();
    let mut ended = false;
    loop {
        let mut block = [0; BLOCK];
        match fill(archive, &mut block) {
            Ok(0) => return Flow::Continue(()),
            Ok(BLOCK) if checksum_fits(&block) => {}
            Ok(n) if block[..n].iter().all(|&b| b == 0) => {
                ended = true;
                continue;
            }
            Ok(_) if ended => return broken(walk, level, archive, "is followed by other bytes"),
            Ok(BLOCK) => return broken(walk, level, archive, "has a damaged header"),
            Ok(_) => return broken(walk, level, archive, "ends in the middle"),
            Err(e) => return walk.closed(level.name, "tar", 0, words(&e, WHAT)),
        }
        ended = false;
        if !entry(walk, level, archive, &block, &mut next)? {
            return Flow::Continue(());
        }
    }
}

/// The entry whose header was read; false when the archive cannot be read further, and that was told.
fn entry(
    walk: &mut Walk<'_>,
    level: Level<'_>,
    archive: &mut Peek<'_>,
    block: &[u8; BLOCK],
    next: &mut Next,
) -> ControlFlow<(), bool> {
    let header = Header::from_byte_slice(block);
    let Some(size) = next.size.or_else(|| header.entry_size().ok()) else {
        broken(walk, level, archive, "has a damaged header")?;
        return ControlFlow::Continue(false);
    };
    let kind = header.entry_type();
    if kind == EntryType::GNUSparse {
        skip_map(archive, block);
    }
    let mut member = Member::new(archive, size, WHAT);
    if is_about_the_next(kind) {
        next.note(kind, &mut member);
    } else {
        let mut said = std::mem::take(next);
        said.sparse |= kind == EntryType::GNUSparse;
        let own = said.name.take().unwrap_or_else(|| String::from_utf8_lossy(&header.path_bytes()).into_owned());
        member_of(walk, level, (&own, kind, said.sparse), &mut member)?;
    }
    let told = member.broken;
    match io::copy(&mut member, &mut io::sink()) {
        _ if told => return ControlFlow::Continue(false),
        Err(e) => {
            walk.closed(level.name, "tar", 0, words(&e, WHAT))?;
            return ControlFlow::Continue(false);
        }
        Ok(_) => skip_padding(archive, size),
    }
    ControlFlow::Continue(true)
}

/// Steps over what fills the last block of a member.
fn skip_padding(archive: &mut Peek<'_>, size: u64) {
    let padding = size.next_multiple_of(BLOCK as u64) - size;
    let _ = io::copy(&mut archive.take(padding), &mut io::sink());
}

/// Steps over the blocks that continue the map of a sparse file and that its size does not count.
fn skip_map(archive: &mut Peek<'_>, header: &[u8; BLOCK]) {
    let mut more = header[482] != 0;
    while more {
        let mut block = [0; BLOCK];
        more = matches!(fill(archive, &mut block), Ok(BLOCK)) && block[504] != 0;
    }
}

/// What an entry says about the one that follows it.
#[derive(Default)]
struct Next {
    name: Option<String>,
    size: Option<u64>,
    sparse: bool,
}

impl Next {
    fn note(&mut self, kind: EntryType, member: &mut Member<'_>) {
        let mut bytes = Vec::new();
        if member.take(LONGEST_NAME).read_to_end(&mut bytes).is_err() {
            return;
        }
        if kind == EntryType::GNULongName {
            let end = bytes.iter().position(|&b| b == 0).unwrap_or(bytes.len());
            self.name = Some(String::from_utf8_lossy(&bytes[..end]).into_owned());
        } else if kind == EntryType::XHeader {
            for pair in PaxExtensions::new(&bytes).flatten() {
                let value = String::from_utf8_lossy(pair.value_bytes());
                match pair.key_bytes() {
                    b"path" if !self.sparse => self.name = Some(value.into_owned()),
                    b"size" => self.size = value.parse().ok(),
                    // The file's own name; that of the entry is the archiver's.
                    b"GNU.sparse.name" => (self.name, self.sparse) = (Some(value.into_owned()), true),
                    key => self.sparse |= key.starts_with(b"GNU.sparse."),
                }
            }
        }
    }
}

fn is_about_the_next(kind: EntryType) -> bool {
    matches!(kind, EntryType::GNULongName | EntryType::GNULongLink | EntryType::XHeader | EntryType::XGlobalHeader)
}

fn member_of(
    walk: &mut Walk<'_>,
    level: Level<'_>,
    (own, kind, sparse): (&str, EntryType, bool),
    member: &mut Member<'_>,
) -> Flow {
    let name = names::of_member(level.name, own);
    match kind {
        // What is stored are its parts: lines would be joined that are megabytes apart.
        _ if sparse => not_read(walk, &name, member, ("binary", "a sparse file, which is not read")),
        EntryType::Directory => Flow::Continue(()),
        // Archives of the seventh edition mark a directory by its name only.
        EntryType::Regular if own.ends_with('/') && member.left == 0 => Flow::Continue(()),
        EntryType::Regular | EntryType::Continuous => walk.layer(level.member(&name, Some(member.left)), member),
        EntryType::Link | EntryType::Symlink => not_read(walk, &name, member, ("link", "a link, which is not followed")),
        _ => not_read(walk, &name, member, ("binary", "not a regular file")),
    }
}

/// Lists a member with the bytes that are there, whatever its header says of them.
fn not_read(walk: &mut Walk<'_>, name: &str, member: &mut Member<'_>, (format, why): (&'static str, &str)) -> Flow {
    let said = member.left;
    let cut = io::copy(member, &mut io::sink()).err().map(|e| format!("; {}", words(&e, WHAT)));
    walk.closed(name, format, said - member.left, format!("{why}{}", cut.unwrap_or_default()))
}

fn broken(walk: &mut Walk<'_>, level: Level<'_>, archive: &mut Peek<'_>, how: &str) -> Flow {
    let at = archive.passed;
    let rest = archive.count().saturating_sub(at);
    walk.closed(level.name, "tar", rest, format!("{WHAT} {how} (at {} bytes)", grouped(at)))
}

fn checksum_fits(block: &[u8]) -> bool {
    let Some(field) = block.get(148..156) else { return false };
    let digits = field.iter().map(|&b| b as char).filter(|c| !matches!(c, ' ' | '\0')).collect::<String>();
    let Ok(written) = u32::from_str_radix(&digits, 8) else { return false };
    let sum = |value: fn(u8) -> i32| {
        block.iter().enumerate().map(|(i, &b)| if (148..156).contains(&i) { 32 } else { value(b) }).sum::<i32>()
    };
    // Some old archivers summed signed characters.
    i64::from(written) == i64::from(sum(i32::from)) || i64::from(written) == i64::from(sum(|b| i32::from(b as i8)))
}
