//! Zip archives: by their directory where it is whole, by the members' own headers where the archive is cut.
//!
//! A directory stands at the end, so the archive must be sought: a small or nested one is held, a large input is opened
//! anew at each place. Must never trust a size that an archive states.

use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};

use flate2::bufread::DeflateDecoder;
use zip::ZipArchive;
use zip::result::ZipError;

use super::layer::{Member, Peek, Unpacked};
use super::{Flow, Level, Walk, grouped, member_name};
use crate::Bundle;

const WHAT: &str = "the zip archive";
/// An input up to this size is held rather than opened anew at each place.
const HELD: u64 = 32 << 20;

/// Hands on the members of the archive in the order of its directory.
pub fn walk(walk: &mut Walk<'_>, level: Level<'_>, archive: &mut Peek<'_>) -> Flow {
    let (bundle, input) = (walk.bundle, walk.input);
    match level.size {
        Some(size) if level.depth == 0 && size > HELD => {
            let whole = BufReader::new(Sought { bundle, input, size, at: 0, reader: None });
            match ZipArchive::new(whole) {
                Ok(zip) => by_directory(walk, level, zip),
                Err(_) => by_headers(walk, level, &mut BufReader::new(archive), size),
            }
        }
        _ => held(walk, level, archive),
    }
}

fn held(walk: &mut Walk<'_>, level: Level<'_>, archive: &mut Peek<'_>) -> Flow {
    let most = walk.limits.document_bytes;
    let mut bytes = Vec::new();
    let broken = archive.take(most.saturating_add(1)).read_to_end(&mut bytes).is_err();
    if bytes.len() as u64 > most {
        let reason = format!("{WHAT} is larger than {} bytes and cannot be held", grouped(most));
        let size = archive.count();
        return walk.closed(level.name, "zip", size, reason);
    }
    match ZipArchive::new(Cursor::new(bytes.as_slice())) {
        Ok(zip) if !broken => by_directory(walk, level, zip),
        _ => by_headers(walk, level, &mut bytes.as_slice(), bytes.len() as u64),
    }
}

fn by_directory<R: Read + Seek>(walk: &mut Walk<'_>, level: Level<'_>, mut zip: ZipArchive<R>) -> Flow {
    let budget = walk.budget;
    for index in 0..zip.len() {
        let Ok(raw) = zip.by_index_raw(index) else {
            walk.closed(level.name, "zip", 0, format!("{WHAT} has a damaged header (member {})", index + 1))?;
            continue;
        };
        let own = raw.name().map(|n| n.into_owned()).unwrap_or_else(|_| String::from_utf8_lossy(raw.name_raw()).into_owned());
        let name = member_name(level.name, &own);
        let (stored, is_dir, is_link) = (raw.compressed_size(), raw.is_dir(), raw.is_symlink());
        drop(raw);
        if is_dir {
            continue;
        }
        if is_link {
            walk.closed(&name, "link", stored, "a link, which is not followed".into())?;
            continue;
        }
        match zip.by_index(index) {
            Ok(file) => {
                let size = file.size();
                let mut reader = Unpacked::new(file, "the zip member", budget);
                walk.layer(level.member(&name, Some(size)), &mut reader)?;
            }
            Err(e) => walk.closed(&name, "zip", stored, refusal(&e))?,
        }
    }
    Flow::Continue(())
}

fn refusal(error: &ZipError) -> String {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => "it is encrypted".into(),
        ZipError::CompressionMethodNotSupported(_) | ZipError::UnsupportedArchive(_) => {
            "it is compressed with a method that is not read".into()
        }
        _ => "the zip member is damaged".into(),
    }
}

/// A large input as something that can be sought: each place opens it anew.
struct Sought<'b> {
    bundle: &'b dyn Bundle,
    input: usize,
    size: u64,
    at: u64,
    reader: Option<Box<dyn Read + Send + 'b>>,
}

impl Read for Sought<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let reader = match &mut self.reader {
            Some(reader) => reader,
            none => none.insert(self.bundle.open_at(self.input, self.at)?),
        };
        let had = reader.read(buf)?;
        self.at += had as u64;
        Ok(had)
    }
}

impl Seek for Sought<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        let at = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        if at != self.at {
            (self.at, self.reader) = (at, None);
        }
        Ok(at)
    }
}

/// What stands before a member (APPNOTE.TXT, 4.3.7).
struct Local {
    flags: u16,
    method: u16,
    stored: u64,
    name: String,
}

/// Reads members one after the other up to where the archive (of `size` bytes) is cut.
fn by_headers(walk: &mut Walk<'_>, level: Level<'_>, archive: &mut dyn BufRead, size: u64) -> Flow {
    let budget = walk.budget;
    let mut unread = size;
    loop {
        let local = match local_header(archive) {
            Ok(Some(local)) => local,
            Ok(None) => return walk.closed(level.name, "zip", unread, format!("{WHAT} is damaged")),
            Err(_) => return walk.closed(level.name, "zip", unread, format!("{WHAT} ends in the middle")),
        };
        unread = 0;
        let name = member_name(level.name, &local.name);
        let (encrypted, unsized_) = (local.flags & 1 != 0, local.flags & 8 != 0);
        if unsized_ && (encrypted || local.method != 8) {
            return walk.closed(&name, "zip", 0, format!("{WHAT} is cut and does not say where this member ends"));
        }
        if local.name.ends_with('/') && local.stored == 0 {
            continue;
        }
        if unsized_ {
            let cut = {
                let mut whole = Unpacked::new(DeflateDecoder::new(&mut *archive), WHAT, budget);
                walk.layer(level.member(&name, None), &mut whole)?;
                io::copy(&mut whole, &mut io::sink()).is_err()
            };
            if cut || skip_descriptor(archive).is_err() {
                return Flow::Continue(());
            }
            continue;
        }
        let mut stored: Box<dyn Read + '_> = Box::new(&mut *archive);
        let mut member = Member::new(&mut stored, local.stored, WHAT);
        sized(walk, level, &local, &name, &mut member)?;
        let _ = io::copy(&mut member, &mut io::sink());
        if member.broken {
            return Flow::Continue(());
        }
    }
}

/// A member whose size stands before it.
fn sized(walk: &mut Walk<'_>, level: Level<'_>, local: &Local, name: &str, member: &mut Member<'_>) -> Flow {
    let budget = walk.budget;
    let level = level.member(name, None);
    match local.method {
        _ if local.flags & 1 != 0 => walk.closed(name, "zip", 0, "it is encrypted".into()),
        0 => walk.layer(level, member),
        8 => walk.layer(level, &mut Unpacked::new(DeflateDecoder::new(BufReader::new(member)), WHAT, budget)),
        _ => walk.closed(name, "zip", 0, "it is compressed with a method that is not read".into()),
    }
}

/// The header of the next member; `None` where something else stands.
fn local_header(archive: &mut dyn BufRead) -> io::Result<Option<Local>> {
    let mut fixed = [0; 30];
    archive.read_exact(&mut fixed)?;
    if !fixed.starts_with(b"PK\x03\x04") {
        return Ok(None);
    }
    let short = |at: usize| u16::from_le_bytes([fixed[at], fixed[at + 1]]);
    let long = |at: usize| u32::from_le_bytes([fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]]);
    let mut name = vec![0; usize::from(short(26))];
    archive.read_exact(&mut name)?;
    let mut extra = vec![0; usize::from(short(28))];
    archive.read_exact(&mut extra)?;
    let stored = match long(18) {
        u32::MAX => long_size(&extra).unwrap_or(u64::from(u32::MAX)),
        size => u64::from(size),
    };
    Ok(Some(Local { flags: short(6), method: short(8), stored, name: String::from_utf8_lossy(&name).into_owned() }))
}

/// The stored size of a member of more than 4 GiB (APPNOTE.TXT, 4.5.3).
fn long_size(mut extra: &[u8]) -> Option<u64> {
    loop {
        let id = u16::from_le_bytes([*extra.first()?, *extra.get(1)?]);
        let size = usize::from(u16::from_le_bytes([*extra.get(2)?, *extra.get(3)?]));
        let body = extra.get(4..4 + size)?;
        if id == 1 {
            return Some(u64::from_le_bytes(body.get(8..16)?.try_into().ok()?));
        }
        extra = &extra[4 + size..];
    }
}

/// Steps over the sizes that follow a member whose header had none; their mark is optional.
fn skip_descriptor(archive: &mut dyn BufRead) -> io::Result<()> {
    let mut first = [0; 4];
    archive.read_exact(&mut first)?;
    let rest = if first == *b"PK\x07\x08" { 12 } else { 8 };
    archive.read_exact(&mut [0; 12][..rest])
}
