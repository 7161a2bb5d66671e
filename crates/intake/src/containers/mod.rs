//! What lies in an input: a text, a compressed text, or an archive of either, to any permitted depth.
//!
//! A container is known by its first bytes, never by its name. Everything streams: a member is handed on as a reader
//! and is gone afterwards; only a zip archive that cannot be sought is held. This module must never know what the
//! texts say, and names of members never become paths. A broken or hostile archive ends early with a reason: what was
//! before the break has been handed on.

mod layer;
mod tarball;
mod zipped;

use std::io::{BufReader, Read};
use std::ops::ControlFlow;

use flate2::bufread::MultiGzDecoder;

use crate::{Bundle, Limits};
use layer::{Budget, Peek, Unpacked};
pub use layer::{Stop, grouped, words};

/// Tells the walk to go on or to stop.
pub type Flow = ControlFlow<()>;

/// One source, as it is met.
pub struct Found<'a> {
    /// Its public name: `a.zip!b.tar.gz!c.log`.
    pub name: &'a str,
    /// How many sources of this input were met before it.
    pub entry: u32,
    pub body: Body<'a>,
}

/// What stands in a source.
pub enum Body<'a> {
    /// Bytes to the end or to an error that carries a [`Stop`]. The size where the bundle knows it: never an archive's word.
    Open { reader: &'a mut dyn Read, size: Option<u64> },
    /// It cannot be unpacked: the kind of container, its stored bytes and why.
    Closed { format: &'static str, bytes: u64, reason: String },
}

/// Hands every source of the input to `each`, in the order in which they stand. The order and the numbers do not depend
/// on how much of each source is read. An input that cannot be opened at all is one closed source.
pub fn walk(bundle: &dyn Bundle, input: usize, limits: &Limits, each: &mut dyn FnMut(Found<'_>) -> Flow) {
    let Some(given) = bundle.inputs().get(input) else { return };
    let budget = Budget::new(limits.unpacked_bytes);
    let mut walk = Walk { bundle, input, limits, each, entry: 0, budget: &budget };
    let _ = match bundle.open(input) {
        Ok(mut reader) => walk.layer(Level { name: &given.name, depth: 0, size: given.size }, &mut reader),
        Err(e) => {
            // What the system says can differ by machine and is left out; what the bundle says is its own.
            let why = if e.kind() == std::io::ErrorKind::Other { e.to_string() } else { e.kind().to_string() };
            let reason = format!("it cannot be opened ({why})");
            walk.closed(&given.name, "binary", given.size.unwrap_or(0), reason)
        }
    };
}

/// Whether an input with this beginning (at least 512 bytes, where it has them) is a container.
pub fn is_container(head: &[u8]) -> bool {
    kind(head).is_some()
}

struct Walk<'w> {
    bundle: &'w dyn Bundle,
    input: usize,
    limits: &'w Limits,
    each: &'w mut dyn FnMut(Found<'_>) -> Flow,
    entry: u32,
    budget: &'w Budget,
}

/// Where in the nesting a stream stands.
#[derive(Clone, Copy)]
struct Level<'n> {
    name: &'n str,
    depth: u32,
    size: Option<u64>,
}

impl<'n> Level<'n> {
    /// The stream within a compressed one, under the same name.
    fn inside(self) -> Level<'n> {
        Level { depth: self.depth.saturating_add(1), size: None, ..self }
    }

    /// A member of the archive of this level.
    fn member<'m>(self, name: &'m str, size: Option<u64>) -> Level<'m> {
        Level { name, depth: self.depth.saturating_add(1), size }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Gzip,
    Zstd,
    Zip,
    Tar,
    /// A container that is not read, with its name.
    Foreign(&'static str),
}

/// Bytes that must be seen to tell the containers apart: the size of a tar header.
const HEAD: usize = 512;
/// The stack is the last bound on nesting, whatever the configuration permits.
const DEEPEST: u32 = 32;

impl<'w> Walk<'w> {
    fn layer(&mut self, level: Level<'_>, reader: &mut dyn Read) -> Flow {
        let mut peek = Peek::new(reader, HEAD);
        let Some(kind) = kind(peek.head()) else { return self.open(level, &mut peek) };
        if level.depth >= self.limits.depth.min(DEEPEST) {
            let reason = format!("containers are nested deeper than {} levels", self.limits.depth);
            return self.closed(level.name, kind.word(), peek.count(), reason);
        }
        match kind {
            Kind::Gzip | Kind::Zstd => self.compressed(level, &mut peek, kind),
            Kind::Tar | Kind::Zip => {
                let before = self.entry;
                let walk = if kind == Kind::Tar { tarball::walk } else { zipped::walk };
                walk(self, level, &mut peek)?;
                if self.entry > before {
                    return Flow::Continue(());
                }
                // Without a member nothing else would tell that the archive was there.
                self.closed(level.name, kind.word(), peek.count(), "there is no file in the archive".into())
            }
            Kind::Foreign(word) => {
                self.closed(level.name, "binary", peek.count(), format!("compressed with {word}, which is not read"))
            }
        }
    }

    /// A compressed stream keeps its name, whatever lies in it.
    fn compressed(&mut self, level: Level<'_>, packed: &mut Peek<'_>, kind: Kind) -> Flow {
        let budget = self.budget;
        let broken = {
            let stored = BufReader::with_capacity(64 << 10, &mut *packed);
            let mut decoder: Box<dyn Read + '_> = if kind == Kind::Gzip {
                Box::new(Unpacked::new(MultiGzDecoder::new(stored), "the gzip stream", budget))
            } else {
                match zstd::stream::read::Decoder::with_buffer(stored) {
                    Ok(decoder) => Box::new(Unpacked::new(decoder, "the zstd stream", budget)),
                    Err(_) => return self.closed(level.name, kind.word(), 0, "the zstd stream cannot be unpacked".into()),
                }
            };
            let mut peek = Peek::new(&mut decoder, HEAD);
            match peek.nothing() {
                Some(reason) => reason,
                None => return self.layer(level.inside(), &mut peek),
            }
        };
        let bytes = packed.count();
        self.closed(level.name, kind.word(), bytes, broken)
    }

    fn open(&mut self, level: Level<'_>, reader: &mut dyn Read) -> Flow {
        let size = if level.depth == 0 { level.size } else { None };
        self.emit(level.name, Body::Open { reader, size })
    }

    fn closed(&mut self, name: &str, format: &'static str, bytes: u64, reason: String) -> Flow {
        self.emit(name, Body::Closed { format, bytes, reason })
    }

    fn emit<'a>(&mut self, name: &'a str, body: Body<'a>) -> Flow {
        let entry = self.entry;
        if entry >= self.limits.entries.max(1) {
            let reason = format!("it has more than {} members; the rest was not read", grouped(entry.into()));
            let name = self.bundle.inputs()[self.input].name.as_str();
            let _ = (self.each)(Found { name, entry, body: Body::Closed { format: "archive", bytes: 0, reason } });
            return Flow::Break(());
        }
        self.entry = entry.saturating_add(1);
        (self.each)(Found { name, entry, body })
    }
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Kind::Gzip => "gzip",
            Kind::Zstd => "zstd",
            Kind::Zip => "zip",
            Kind::Tar => "tar",
            Kind::Foreign(_) => "binary",
        }
    }
}

fn kind(head: &[u8]) -> Option<Kind> {
    const FOREIGN: [(&[u8], &str); 5] = [
        (b"\xfd7zXZ\x00", "xz"),
        (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
        (b"\x04\x22\x4d\x18", "lz4"),
        (b"Rar!\x1a\x07", "RAR"),
        (b"LZIP\x01", "lzip"),
    ];
    if head.starts_with(b"\x1f\x8b\x08") {
        Some(Kind::Gzip)
    } else if head.starts_with(b"\x28\xb5\x2f\xfd") || is_skippable_frame(head) {
        Some(Kind::Zstd)
    } else if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        Some(Kind::Zip)
    } else if tarball::is_header(head) {
        Some(Kind::Tar)
    } else if head.starts_with(b"BZh") && head.get(4..10) == Some(b"1AY&SY") {
        Some(Kind::Foreign("bzip2"))
    } else {
        FOREIGN.iter().find(|(magic, _)| head.starts_with(magic)).map(|&(_, word)| Kind::Foreign(word))
    }
}

/// A frame of user data that may precede a zstd frame (RFC 8878, 3.1.2).
fn is_skippable_frame(head: &[u8]) -> bool {
    head.len() >= 8 && head[0] & 0xf0 == 0x50 && head[1..4] == [0x2a, 0x4d, 0x18]
}

/// The public name of a member: the archive's name, `!`, the member's own without a leading `./`.
fn member_name(archive: &str, member: &str) -> String {
    let mut own = member;
    while let Some(rest) = own.strip_prefix("./") {
        own = rest;
    }
    format!("{archive}!{own}")
}

#[cfg(test)]
mod tests;
