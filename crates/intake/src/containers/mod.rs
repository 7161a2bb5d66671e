//! What lies in an input: a text, a compressed text, or an archive of either, to any permitted depth.
//!
//! A container is known by its first bytes, never by its name. Everything streams: a member is handed on as a reader
//! and is gone afterwards; only a zip archive that cannot be sought is held. This module must never know what the
//! texts say, and names of members never become paths. A broken or hostile archive ends early with a reason: what was
//! before the break has been handed on.

mod decoders;
mod directory;
mod kind;
mod layer;
mod lz4;
mod names;
mod tarball;
mod windows;
mod zipped;

use std::io::{BufReader, Read};
use std::ops::ControlFlow;

use crate::{Bundle, Limits};
use decoders::Packing;
use kind::Kind;
use layer::{Budget, Peek, Unpacked};
pub use layer::{Stop, grouped, words};
use names::Given;
use windows::Memory;

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
    Open { reader: &'a mut (dyn Read + Send), size: Option<u64> },
    /// It cannot be unpacked: the kind of container, its stored bytes and why.
    Closed { format: &'static str, bytes: u64, reason: String },
}

/// Hands every source of the input to `each`, in the order in which they stand. The order and the numbers do not depend
/// on how much of each source is read. An input that cannot be opened at all is one closed source.
pub fn walk(bundle: &dyn Bundle, input: usize, limits: &Limits, each: &mut dyn FnMut(Found<'_>) -> Flow) {
    let Some(given) = bundle.inputs().get(input) else { return };
    let budget = Budget::new(limits.unpacked(given.size));
    let memory = Memory::new(limits.window_bytes);
    let mut walk = Walk { bundle, input, limits, each, entry: 0, names: Given::default(), budget: &budget, memory: &memory };
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
    Kind::of(head).is_some()
}

struct Walk<'w> {
    bundle: &'w dyn Bundle,
    input: usize,
    limits: &'w Limits,
    each: &'w mut dyn FnMut(Found<'_>) -> Flow,
    entry: u32,
    names: Given,
    budget: &'w Budget,
    memory: &'w Memory,
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

/// Bytes that must be seen to tell the containers apart: the size of a tar header.
const HEAD: usize = 512;
/// The stack is the last bound on nesting, whatever the configuration permits.
const DEEPEST: u32 = 32;

impl<'w> Walk<'w> {
    fn layer(&mut self, level: Level<'_>, reader: &mut (dyn Read + Send)) -> Flow {
        let mut peek = Peek::new(reader, HEAD);
        let Some(kind) = Kind::of(peek.head()) else { return self.open(level, &mut peek) };
        let deepest = self.limits.depth.min(DEEPEST);
        if level.depth >= deepest {
            let reason = format!("containers are nested deeper than {deepest} levels");
            return self.closed(level.name, kind.word(), peek.count(), reason);
        }
        match kind {
            Kind::Packed(packing) => self.compressed(level, &mut peek, packing),
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
    fn compressed(&mut self, level: Level<'_>, packed: &mut Peek<'_>, packing: Packing) -> Flow {
        let (budget, memory) = (self.budget, self.memory);
        let broken = match decoders::stream(packing, BufReader::with_capacity(64 << 10, &mut *packed), memory) {
            Err(reason) => reason,
            Ok(decoder) => {
                let mut decoder = Unpacked::new(decoder, packing.stream(), budget);
                let mut peek = Peek::new(&mut decoder, HEAD);
                match peek.nothing() {
                    Some(reason) => reason,
                    None => return self.layer(level.inside(), &mut peek),
                }
            }
        };
        let bytes = packed.count();
        self.closed(level.name, packing.word(), bytes, broken)
    }

    fn open(&mut self, level: Level<'_>, reader: &mut (dyn Read + Send)) -> Flow {
        let size = if level.depth == 0 { level.size } else { None };
        self.emit(level.name, Body::Open { reader, size })
    }

    fn closed(&mut self, name: &str, format: &'static str, bytes: u64, reason: String) -> Flow {
        self.emit(name, Body::Closed { format, bytes, reason })
    }

    fn emit(&mut self, name: &str, body: Body<'_>) -> Flow {
        let entry = self.entry;
        if entry >= self.limits.entries.max(1) {
            let reason = format!("it has more than {} members; the rest was not read", grouped(entry.into()));
            let name = self.names.unique(&self.bundle.inputs()[self.input].name);
            let _ = (self.each)(Found { name: &name, entry, body: Body::Closed { format: "archive", bytes: 0, reason } });
            return Flow::Break(());
        }
        self.entry = entry.saturating_add(1);
        let name = self.names.unique(name);
        // Put together anew, as it must live no longer than the name.
        let body = match body {
            Body::Open { reader, size } => Body::Open { reader: &mut *reader, size },
            Body::Closed { format, bytes, reason } => Body::Closed { format, bytes, reason },
        };
        (self.each)(Found { name: &name, entry, body })
    }
}

#[cfg(test)]
mod tests;
