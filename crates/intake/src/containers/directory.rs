//! The directory at the end of a zip archive, entry by entry (APPNOTE.TXT, 4.3.12 to 4.3.16).
//!
//! Read here and not by a library because a library holds all entries, and of two with the same name only the last: a
//! million names must cost nothing, and both files of a name are there. Must never open a member. A directory that lies
//! about its place is looked for right before its end; one that lies about members is caught when they are read.

use std::io::{self, BufRead, BufReader, Read};

use super::layer::fill;

/// An archive as something that can be read from any place on.
pub type OpenAt<'a> = dyn Fn(u64) -> io::Result<Box<dyn Read + Send + 'a>> + 'a;

/// What the directory says of one member.
pub struct Entry {
    pub name: String,
    pub flags: u16,
    pub method: u16,
    pub checksum: u32,
    pub stored: u64,
    pub size: u64,
    /// Where the member's own header stands.
    pub at: u64,
    /// Mode of the file as Unix has it; 0 where another system wrote it.
    pub mode: u32,
}

pub struct Directory<'a> {
    reader: Box<dyn BufRead + Send + 'a>,
    left: u64,
    /// What stands before the archive and is not counted by it.
    shift: u64,
}

/// The end of the directory with the longest comment, and what may stand before it in a long archive.
const TAIL: u64 = 22 + 65_535 + 20 + 56;

impl<'a> Directory<'a> {
    /// The directory of an archive of `size` bytes; `None` when there is none.
    pub fn find(open: &OpenAt<'a>, size: u64) -> Option<Directory<'a>> {
        let from = size.saturating_sub(TAIL);
        let mut tail = Vec::new();
        open(from).ok()?.take(TAIL).read_to_end(&mut tail).ok()?;
        let end = End::find(&tail, from)?;
        let before = end.at.checked_sub(end.size)?;
        let begins = |at: u64| -> Option<Box<dyn BufRead + Send + 'a>> {
            let mut reader = BufReader::new(open(at).ok()?);
            let here = reader.fill_buf().ok()?;
            (end.size == 0 || here.starts_with(ENTRY)).then_some(Box::new(reader) as _)
        };
        match (begins(before), before.checked_sub(end.start)) {
            (Some(reader), Some(shift)) => Some(Directory { reader, left: end.size, shift }),
            _ => Some(Directory { reader: begins(end.start)?, left: end.size, shift: 0 }),
        }
    }

    /// The next entry; an error when something else stands there.
    pub fn next(&mut self) -> Option<Result<Entry, ()>> {
        if self.left == 0 {
            return None;
        }
        let entry = self.entry();
        if entry.is_none() {
            self.left = 0;
        }
        Some(entry.ok_or(()))
    }

    fn entry(&mut self) -> Option<Entry> {
        let mut fixed = [0; 46];
        self.reader.read_exact(&mut fixed).ok().filter(|()| fixed.starts_with(ENTRY))?;
        let field = Fields(&fixed);
        let (name, extra, comment) = (field.short(28)?, field.short(30)?, field.short(32)?);
        let name = self.bytes(name)?;
        let extra = self.bytes(extra)?;
        self.bytes(comment)?;
        let used = 46 + name.len() as u64 + extra.len() as u64 + u64::from(comment);
        self.left = self.left.saturating_sub(used);
        let mut long = long_fields(&extra);
        let mut size = |at| match field.long(at)? {
            u32::MAX => long.next().or(Some(u64::from(u32::MAX))),
            short => Some(u64::from(short)),
        };
        let (size, stored, at) = (size(24)?, size(20)?, size(42)?);
        let unix = matches!(fixed[5], 3 | 19);
        Some(Entry {
            name: decoded(&name),
            flags: field.short(8)?,
            method: field.short(10)?,
            checksum: field.long(16)?,
            stored,
            size,
            at: at.checked_add(self.shift)?,
            mode: if unix { field.long(38)? >> 16 } else { 0 },
        })
    }

    fn bytes(&mut self, size: u16) -> Option<Vec<u8>> {
        let mut bytes = vec![0; usize::from(size)];
        (fill(&mut self.reader, &mut bytes).ok()? == bytes.len()).then_some(bytes)
    }
}

const ENTRY: &[u8] = b"PK\x01\x02";

/// Where the directory ends and what is said there of it.
struct End {
    at: u64,
    size: u64,
    start: u64,
}

impl End {
    /// Looks for it from the end of the archive, the last bytes of which begin at `from`.
    fn find(tail: &[u8], from: u64) -> Option<End> {
        let mark = memchr::memmem::rfind_iter(tail, b"PK\x05\x06").find(|&at| {
            let comment = Fields(&tail[at..]).short(20);
            comment.is_some_and(|size| at + 22 + usize::from(size) <= tail.len())
        })?;
        let field = Fields(&tail[mark..]);
        let (size, start) = (field.long(12)?, field.long(16)?);
        let short = End { at: from + mark as u64, size: size.into(), start: start.into() };
        Some(End::long(tail, from, mark).unwrap_or(short))
    }

    /// That of a long archive, which stands before a pointer to it before the short one.
    fn long(tail: &[u8], from: u64, mark: usize) -> Option<End> {
        let pointer = mark.checked_sub(20).filter(|&at| tail[at..].starts_with(b"PK\x06\x07"))?;
        let at = pointer.checked_sub(56).filter(|&at| tail[at..].starts_with(b"PK\x06\x06"))?;
        let field = Fields(&tail[at..]);
        Some(End { at: from + at as u64, size: field.longer(40)?, start: field.longer(48)? })
    }
}

/// Numbers in a header, the lowest byte first.
pub struct Fields<'b>(pub &'b [u8]);

impl Fields<'_> {
    pub fn short(&self, at: usize) -> Option<u16> {
        Some(u16::from_le_bytes(self.0.get(at..at + 2)?.try_into().ok()?))
    }

    pub fn long(&self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(self.0.get(at..at + 4)?.try_into().ok()?))
    }

    pub fn longer(&self, at: usize) -> Option<u64> {
        Some(u64::from_le_bytes(self.0.get(at..at + 8)?.try_into().ok()?))
    }
}

/// The fields that are too long for their place, in the order of their places (APPNOTE.TXT, 4.5.3).
pub fn long_fields(extra: &[u8]) -> impl Iterator<Item = u64> {
    let mut rest = extra;
    let mut body: &[u8] = &[];
    while let (Some(id), Some(size)) = (Fields(rest).short(0), Fields(rest).short(2)) {
        let end = (4 + usize::from(size)).min(rest.len());
        if id == 1 {
            body = &rest[4..end];
            break;
        }
        rest = &rest[end..];
    }
    body.chunks_exact(8).filter_map(|bytes| Fields(bytes).longer(0))
}

/// A name as text: UTF-8 where it is that, whatever the flag says, and otherwise the code page of the first PCs, in which
/// the format has its names (APPNOTE.TXT, appendix D).
pub fn decoded(name: &[u8]) -> String {
    match std::str::from_utf8(name) {
        Ok(text) => text.to_string(),
        Err(_) => {
            name.iter()
                .map(|&byte| {
                    if byte < 128 { char::from(byte) } else { CODE_PAGE_437.chars().nth(usize::from(byte) - 128).unwrap_or('?') }
                })
                .collect()
        }
    }
}

const CODE_PAGE_437: &str = concat!(
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐",
    "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■ ",
);
