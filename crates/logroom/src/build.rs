//! Writes a room: the records of a bundle and their lines, in blocks.
//!
//! Two threads read every source at the same time: one finds the records and says on which lines they begin
//! ([`marks`]), the other takes the lines and puts them together ([`rows`]). Blocks are packed by as many threads as are
//! given and written in their order by the caller's, so that a room has the same bytes with one thread or eight. Must never
//! hold more than some blocks; what grows with the input is their summaries. What breaks it: a source that changes while
//! it is read, whose lines and records then do not fit together.

mod marks;
mod rows;
mod summary;

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use analysis::mining;
use evidence::SourceId;
use intake::{Bundle, Input};

use crate::Fault;
use crate::block::{Packed, Packer};
use crate::filter;
use crate::index::{Index, MAGIC};
use marks::{Found, Message};
use rows::{Cut, Sealed};
use summary::{Seen, Summary};

/// How a room is built.
#[derive(Debug, Clone)]
pub struct Settings {
    pub intake: intake::Settings,
    /// What a user masks and pins, so that `p17` means what it means elsewhere.
    pub mining: Arc<mining::Options>,
    /// Bytes of text of a block; it has whole records, so that most have a little more.
    pub block_bytes: usize,
    /// Of zstd.
    pub level: i32,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { intake: intake::Settings::default(), mining: Arc::default(), block_bytes: 1 << 20, level: 1 }
    }
}

/// Who builds a room looks here.
pub trait Watch: Sync {
    /// So many bytes of text are in the room by now.
    fn kept(&self, _bytes: u64) {}
    /// The building is to end as soon as it can; what was written is no room then.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Nobody looks.
impl Watch for () {}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    pub sources: u64,
    pub blocks: u64,
    /// Records and elements of documents.
    pub records: u64,
    /// Bytes of text that are kept, and of the room.
    pub text: u64,
    pub bytes: u64,
}

/// Messages about marks, and blocks, that may wait.
const WAITING: usize = 4;

/// Writes a room of all that the bundle has. Up to `threads` threads pack blocks; two more read.
pub fn build(
    bundle: &dyn Bundle,
    settings: &Settings,
    threads: usize,
    out: &mut dyn Write,
    watch: &dyn Watch,
) -> Result<Built, Fault> {
    let stop = AtomicBool::new(false);
    let bundle = Stoppable { inner: bundle, stop: &stop };
    let threads = threads.clamp(1, 64);
    let (mark_sender, marks) = sync_channel::<Message>(WAITING);
    let (block_sender, blocks) = sync_channel::<(u64, Sealed)>(threads);
    let (packed_sender, packed) = sync_channel::<(u64, Result<Ready, Fault>)>(threads);
    let blocks = Mutex::new(blocks);
    thread::scope(|scope| {
        let found = scope.spawn(|| marks::find(&bundle, settings, mark_sender));
        let cuts = scope.spawn(|| rows::cut(&bundle, settings, marks, &block_sender_of(block_sender)));
        for _ in 0..threads {
            let (sender, blocks, level) = (packed_sender.clone(), &blocks, settings.level);
            scope.spawn(move || pack(level, blocks, &sender));
        }
        drop(packed_sender);
        let written = write(packed, out, (watch, &stop));
        if written.is_err() {
            stop.store(true, Ordering::Relaxed);
        }
        // Nobody packs any more: whoever has a block to hand over is let go.
        let found = found.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let cuts = cuts.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        finish(written?, (found, cuts), settings, out)
    })
}

/// Numbers the blocks in the order in which they are sealed.
fn block_sender_of(sender: SyncSender<(u64, Sealed)>) -> impl Fn(Sealed) -> bool {
    let next = std::cell::Cell::new(0);
    move |sealed| {
        let number = next.replace(next.get() + 1);
        sender.send((number, sealed)).is_ok()
    }
}

/// A block that only has to be written.
struct Ready {
    packed: Packed,
    filter: Vec<u8>,
    seen: Seen,
    text: u64,
}

fn pack(level: i32, blocks: &Mutex<Receiver<(u64, Sealed)>>, sender: &SyncSender<(u64, Result<Ready, Fault>)>) {
    let mut packer = Packer::new(level);
    loop {
        let next = blocks.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, sealed)) = next else { return };
        let ready = match &mut packer {
            Ok(packer) => ready(packer, sealed),
            Err(_) => Err(Fault::Io(io::Error::other("there is no memory to compress"))),
        };
        if sender.send((number, ready)).is_err() {
            // Takes what waits, so that nobody stands before a full channel.
            while blocks.lock().unwrap_or_else(PoisonError::into_inner).recv().is_ok() {}
            return;
        }
    }
}

fn ready(packer: &mut Packer, sealed: Sealed) -> Result<Ready, Fault> {
    let Sealed { source, first_line, loose } = sealed;
    let packed = packer.pack(&loose)?;
    let filter = filter::of_text(&loose.text);
    Ok(Ready { packed, filter, seen: Seen::of(source, first_line, &loose), text: loose.text.len() as u64 })
}

/// What was written, and where it ends.
#[derive(Default)]
struct Written {
    summary: Summary,
    text: u64,
    offset: u64,
}

fn write(
    packed: Receiver<(u64, Result<Ready, Fault>)>,
    out: &mut dyn Write,
    (watch, stop): (&dyn Watch, &AtomicBool),
) -> Result<Written, Fault> {
    out.write_all(MAGIC)?;
    let mut written = Written { offset: MAGIC.len() as u64, ..Written::default() };
    let mut waiting: BTreeMap<u64, Ready> = BTreeMap::new();
    let mut next = 0;
    for (number, ready) in packed {
        if watch.is_cancelled() {
            stop.store(true, Ordering::Relaxed);
            return Err(Fault::Cancelled);
        }
        waiting.insert(number, ready?);
        while let Some(ready) = waiting.remove(&next) {
            next += 1;
            written.put(ready, out)?;
            watch.kept(written.text);
        }
    }
    if watch.is_cancelled() { Err(Fault::Cancelled) } else { Ok(written) }
}

impl Written {
    fn put(&mut self, ready: Ready, out: &mut dyn Write) -> Result<(), Fault> {
        let Ready { packed, filter, seen, text } = ready;
        let parts = [&packed.text, &packed.table, &filter];
        parts.into_iter().try_for_each(|part| out.write_all(part))?;
        self.summary.add(seen, (self.offset, text), parts.map(Vec::len));
        self.text += text;
        self.offset += parts.into_iter().map(|part| part.len() as u64).sum::<u64>();
        Ok(())
    }
}

fn finish(
    written: Written,
    (found, cuts): (Found, BTreeMap<SourceId, Cut>),
    settings: &Settings,
    out: &mut dyn Write,
) -> Result<Built, Fault> {
    let Written { summary, text, offset } = written;
    let index: Index = summary.index(found, &cuts, settings);
    let end = index.written(offset, &mut Packer::new(settings.level)?)?;
    out.write_all(&end)?;
    out.flush()?;
    let records = index.sources.iter().map(|source| source.records).sum();
    let (sources, blocks) = (index.sources.len() as u64, index.blocks.len() as u64);
    Ok(Built { sources, blocks, records, text, bytes: offset + end.len() as u64 })
}

/// A bundle of which nothing more is had once somebody said so.
struct Stoppable<'b> {
    inner: &'b dyn Bundle,
    stop: &'b AtomicBool,
}

struct Reader<'b> {
    inner: Box<dyn Read + Send + 'b>,
    stop: &'b AtomicBool,
}

impl Bundle for Stoppable<'_> {
    fn inputs(&self) -> &[Input] {
        self.inner.inputs()
    }

    fn open(&self, input: usize) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(Reader { inner: self.inner.open(input)?, stop: self.stop }))
    }

    fn open_at(&self, input: usize, offset: u64) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(Reader { inner: self.inner.open_at(input, offset)?, stop: self.stop }))
    }
}

impl Read for Reader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.load(Ordering::Relaxed) { Ok(0) } else { self.inner.read(buffer) }
    }
}
