//! Zip archives: by their directory where it is whole, by the members' own headers where the archive is cut.
//!
//! A directory stands at the end, so the archive must be read from any place: a small or nested one is held, a large
//! input is opened anew at each place. Must never trust a size that an archive states. Hostile archives have members
//! that lie in each other, so that a few bytes unpack a million times: bytes belong to the first who names them.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read};
use std::ops::ControlFlow;

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use super::decoders;
use super::directory::{Directory, Entry, Fields, OpenAt, decoded, long_fields};
use super::layer::{Member, Peek, Stop, Unpacked};
use super::{Flow, Level, Walk, grouped, names};

const WHAT: &str = "the zip archive";
/// An input up to this size is held rather than opened anew at each place.
const HELD: u64 = 32 << 20;

/// Hands on the members of the archive in the order of its directory.
pub fn walk(walk: &mut Walk<'_>, level: Level<'_>, archive: &mut Peek<'_>) -> Flow {
    let (bundle, input) = (walk.bundle, walk.input);
    match level.size {
        Some(size) if level.depth == 0 && size > HELD => {
            let open = |at| bundle.open_at(input, at).map(|reader| reader as Box<dyn Read + Send>);
            match Directory::find(&open, size) {
                Some(directory) => by_directory(walk, level, (&open, size), directory),
                None => by_headers(walk, level, &mut BufReader::new(archive), size),
            }
        }
        _ => held(walk, level, archive),
    }
}

fn held(walk: &mut Walk<'_>, level: Level<'_>, archive: &mut Peek<'_>) -> Flow {
    let most = walk.limits.document_bytes;
    let mut bytes = Vec::new();
    let broken = archive.take(most.saturating_add(1)).read_to_end(&mut bytes).is_err();
    let size = bytes.len() as u64;
    if size > most {
        let reason = format!("{WHAT} is larger than {} bytes and cannot be held", grouped(most));
        let size = archive.count();
        return walk.closed(level.name, "zip", size, reason);
    }
    let from = |at| usize::try_from(at).ok().and_then(|at| bytes.get(at..)).unwrap_or_default();
    let open = |at| Ok(Box::new(from(at)) as Box<dyn Read + Send>);
    match Directory::find(&open, size) {
        Some(directory) if !broken => by_directory(walk, level, (&open, size), directory),
        _ => by_headers(walk, level, &mut bytes.as_slice(), size),
    }
}

fn by_directory<'a>(
    walk: &mut Walk<'_>,
    level: Level<'_>,
    (open, size): (&OpenAt<'a>, u64),
    mut directory: Directory<'a>,
) -> Flow {
    let mut taken = Taken::default();
    let mut number = 0u64;
    while let Some(next) = directory.next() {
        number += 1;
        let Ok(entry) = next else {
            return walk.closed(level.name, "zip", 0, format!("{WHAT} has a damaged header (member {})", grouped(number)));
        };
        if let Some(reason) = walk.budget.reached() {
            return walk.closed(level.name, "zip", 0, format!("{reason}; the rest of the archive was not read"));
        }
        if is_folder(&entry.name, entry.size) {
            continue;
        }
        let name = names::of_member(level.name, &entry.name);
        let data = refusal(entry.flags, entry.mode).map_or_else(|| data(open, &entry, &mut taken), Err);
        match data {
            Ok(mut data) => {
                let mut member = Member::new(&mut data, entry.stored, WHAT);
                unpacked(walk, level.member(&name, None), &Local::from(&entry), &mut member)?;
            }
            Err((format, reason)) => walk.closed(&name, format, entry.stored.min(size), reason.into())?,
        }
    }
    Flow::Continue(())
}

fn is_folder(name: &str, size: u64) -> bool {
    name.ends_with(['/', '\\']) && size == 0
}

/// Why a member is not read, whatever stands in it.
fn refusal(flags: u16, mode: u32) -> Option<(&'static str, &'static str)> {
    match mode & 0o170_000 {
        0o120_000 => Some(("link", "a link, which is not followed")),
        0 | 0o100_000 => (flags & 1 != 0).then_some(("zip", "it is encrypted")),
        _ => Some(("binary", "not a regular file")),
    }
}

/// The stored bytes of a member, behind its own header.
fn data<'a>(
    open: &OpenAt<'a>,
    entry: &Entry,
    taken: &mut Taken,
) -> Result<Box<dyn Read + Send + 'a>, (&'static str, &'static str)> {
    const DAMAGED: (&str, &str) = ("zip", "the zip member is damaged");
    let mut reader = open(entry.at).map_err(|_| DAMAGED)?;
    let mut fixed = [0; 30];
    reader.read_exact(&mut fixed).ok().filter(|()| fixed.starts_with(LOCAL)).ok_or(DAMAGED)?;
    let field = Fields(&fixed);
    let lengths = [26, 28].map(|at| u64::from(field.short(at).unwrap_or(0)));
    let before = lengths.iter().sum::<u64>();
    if io::copy(&mut reader.by_ref().take(before), &mut io::sink()).ok() != Some(before) {
        return Err(DAMAGED);
    }
    let end = entry.at.saturating_add(30 + before).saturating_add(entry.stored);
    if taken.take(entry.at, end) { Ok(reader) } else { Err(("zip", "its bytes belong to another member as well")) }
}

/// The stretches of an archive that belong to a member, each end by its beginning.
#[derive(Default)]
struct Taken(BTreeMap<u64, u64>);

impl Taken {
    /// Takes the stretch; false where a part of it is taken.
    fn take(&mut self, start: u64, end: u64) -> bool {
        let free = self.0.range(..end).next_back().is_none_or(|(_, &other)| other <= start);
        if free {
            self.0.insert(start, end);
        }
        free
    }
}

/// What stands before a member (APPNOTE.TXT, 4.3.7).
struct Local {
    flags: u16,
    method: u16,
    checksum: u32,
    stored: u64,
    size: u64,
    name: String,
}

impl From<&Entry> for Local {
    /// The directory knows better: what stands before a member may have no sizes.
    fn from(entry: &Entry) -> Local {
        let Entry { flags, method, checksum, stored, size, .. } = *entry;
        Local { flags, method, checksum, stored, size, name: entry.name.clone() }
    }
}

const LOCAL: &[u8] = b"PK\x03\x04";

/// Reads members one after the other up to where the archive (of `size` bytes) is cut.
fn by_headers(walk: &mut Walk<'_>, level: Level<'_>, archive: &mut (dyn BufRead + Send), size: u64) -> Flow {
    let mut unread = size;
    loop {
        let local = match local_header(archive) {
            Ok(Some(local)) => local,
            Ok(None) => return walk.closed(level.name, "zip", unread, format!("{WHAT} is damaged")),
            Err(_) => return walk.closed(level.name, "zip", unread, format!("{WHAT} ends in the middle")),
        };
        unread = 0;
        if is_folder(&local.name, local.stored) {
            continue;
        }
        let name = names::of_member(level.name, &local.name);
        let (encrypted, unsized_) = (local.flags & 1 != 0, local.flags & 8 != 0);
        if unsized_ && (encrypted || local.method != 8) {
            return walk.closed(&name, "zip", 0, format!("{WHAT} is cut and does not say where this member ends"));
        }
        let whole = if unsized_ {
            to_its_end(walk, level.member(&name, None), archive)?
        } else {
            let mut stored: Box<dyn Read + Send + '_> = Box::new(&mut *archive);
            let mut member = Member::new(&mut stored, local.stored, WHAT);
            match refusal(local.flags, 0) {
                Some((format, reason)) => walk.closed(&name, format, 0, reason.into())?,
                None => unpacked(walk, level.member(&name, None), &local, &mut member)?,
            }
            let _ = io::copy(&mut member, &mut io::sink());
            !member.broken
        };
        if !whole {
            return Flow::Continue(());
        }
    }
}

/// A deflated member without a size; false when the archive ends before it does.
fn to_its_end(walk: &mut Walk<'_>, level: Level<'_>, archive: &mut (dyn BufRead + Send)) -> ControlFlow<(), bool> {
    let budget = walk.budget;
    let mut whole = Unpacked::new(DeflateDecoder::new(&mut *archive), WHAT, budget);
    walk.layer(level, &mut whole)?;
    let cut = io::copy(&mut whole, &mut io::sink()).is_err();
    ControlFlow::Continue(!cut && skip_descriptor(archive).is_ok())
}

/// A member whose stored bytes are known.
fn unpacked(walk: &mut Walk<'_>, level: Level<'_>, local: &Local, stored: &mut Member<'_>) -> Flow {
    let (budget, memory) = (walk.budget, walk.memory);
    let said = stored.left;
    let refused = match decoders::member(local.method, BufReader::new(&mut *stored), local.size, memory) {
        Ok(inner) => {
            let checked = Checked { inner, sum: Crc::new(), size: 0, local };
            return walk.layer(level, &mut Unpacked::new(checked, "the zip member", budget));
        }
        Err(reason) => reason,
    };
    let _ = io::copy(stored, &mut io::sink());
    walk.closed(level.name, "zip", said - stored.left, refused)
}

/// A member that must have the checksum and the size that were stated.
struct Checked<'l, R> {
    inner: R,
    sum: Crc,
    size: u64,
    local: &'l Local,
}

impl<R: Read> Read for Checked<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let had = self.inner.read(buf)?;
        self.sum.update(&buf[..had]);
        self.size += had as u64;
        if had > 0 || buf.is_empty() {
            Ok(had)
        } else if self.sum.sum() != self.local.checksum {
            Err(Stop("the checksum of the zip member does not fit".into()).into())
        } else if self.size != self.local.size {
            Err(Stop(format!("the zip member was said to have {} bytes", grouped(self.local.size))).into())
        } else {
            Ok(0)
        }
    }
}

/// The header of the next member; `None` where something else stands.
fn local_header(archive: &mut (dyn BufRead + Send)) -> io::Result<Option<Local>> {
    let mut fixed = [0; 30];
    archive.read_exact(&mut fixed)?;
    if !fixed.starts_with(LOCAL) {
        return Ok(None);
    }
    let field = Fields(&fixed);
    let (short, long) = (|at| field.short(at).unwrap_or(0), |at| field.long(at).unwrap_or(0));
    let mut name = vec![0; usize::from(short(26))];
    archive.read_exact(&mut name)?;
    let mut extra = vec![0; usize::from(short(28))];
    archive.read_exact(&mut extra)?;
    let mut longer = long_fields(&extra);
    let mut size = |at| if long(at) == u32::MAX { longer.next().unwrap_or(u64::MAX) } else { long(at).into() };
    let (size, stored) = (size(22), size(18));
    Ok(Some(Local { flags: short(6), method: short(8), checksum: long(14), stored, size, name: decoded(&name) }))
}

/// Steps over the sizes that follow a member whose header had none; their mark is optional.
fn skip_descriptor(archive: &mut (dyn BufRead + Send)) -> io::Result<()> {
    let mut first = [0; 4];
    archive.read_exact(&mut first)?;
    let rest = if first == *b"PK\x07\x08" { 12 } else { 8 };
    archive.read_exact(&mut [0; 12][..rest])
}
