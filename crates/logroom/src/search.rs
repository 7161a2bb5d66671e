//! Page after page of what matches, in the order of the sources or of time.
//!
//! Blocks are looked at in their order by several threads, a few at first and then more at once, until a page is full. Must
//! never hold more than a page and what the blocks at hand have. What breaks it: an order by time of sources whose records
//! are not in order, of which many blocks have to be looked at before the first record is certain.

use std::fmt;
use std::ops::{ControlFlow, Range};
use std::str::FromStr;
use std::thread;

use evidence::{Level, Moment};

use crate::Fault;
use crate::index::Block;
use crate::matching::{Looked, Matching, row_text};
use crate::query::{Query, Wrong};
use crate::room::{Inside, Reader, Room, moment_of};
use crate::shelf::Shelf;

/// Bytes of a text that are shown, and before the first match where the beginning does not fit.
const SHOWN: usize = 8 << 10;
const BEFORE: usize = 512;
/// Matches in a text that are marked.
const RANGES: usize = 64;
/// Hits of a page.
const MOST: usize = 10_000;
/// Bytes of text that each thread takes at once, when the first blocks did not fill a page; and blocks, where they are small.
const AT_ONCE: u64 = 8 << 20;
const BLOCKS: usize = 8 << 10;

/// In which order hits come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// By source and line.
    #[default]
    Place,
    /// By time; what has none comes last, by source and line.
    Time,
}

/// Where a page ended: the next one begins behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Of the last hit or of the place up to which was searched, where the order is by time.
    pub at: Option<Moment>,
    pub source: u32,
    pub line: u64,
}

/// As it stands in an address: `SOURCE.LINE` or `SOURCE.LINE.MICROSECONDS`.
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.source, self.line)?;
        self.at.map_or(Ok(()), |at| write!(f, ".{}", at.0))
    }
}

impl FromStr for Position {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Position, Wrong> {
        let mut parts = text.splitn(3, '.');
        let mut read = || {
            let (source, line) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            let at = parts.next().map(|at| at.parse().map(Moment)).transpose().ok()?;
            Some(Position { at, source, line })
        };
        read().ok_or_else(|| Wrong { at: 0, why: "this is no position in a log room".into() })
    }
}

/// How a page is searched for.
#[derive(Debug, Clone, Copy)]
pub struct Seek {
    pub after: Option<Position>,
    /// Hits of the page.
    pub limit: usize,
    pub order: Order,
    pub threads: usize,
}

impl Default for Seek {
    fn default() -> Seek {
        Seek { after: None, limit: 100, order: Order::Place, threads: 1 }
    }
}

/// A row that matches.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Its number among the sources of the room.
    pub source: u32,
    pub line: u64,
    pub last_line: u64,
    pub at: Option<Moment>,
    pub level: Option<Level>,
    pub service: Option<String>,
    /// Rank of its kind of message: 17 for `p17`.
    pub pattern: Option<u32>,
    /// Its lines; of a long one a part in which it matches.
    pub text: String,
    /// Bytes of it that are not shown, before and after.
    pub cut: (usize, usize),
    /// Where it matches in `text`, in bytes.
    pub ranges: Vec<Range<usize>>,
}

/// How far a search is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Blocks of the room, those that were read and those that need not be.
    pub blocks: u64,
    pub scanned: u64,
    pub skipped: u64,
    pub hits: u64,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    pub hits: Vec<Hit>,
    /// Where to go on; `None` at the end.
    pub next: Option<Position>,
    pub scanned: u64,
    pub skipped: u64,
    /// False when whoever watches stopped the search: then there may be more hits before `next`'s.
    pub is_complete: bool,
}

impl<S: Shelf> Room<S> {
    /// The next page of what matches. `watch` is told now and then how far it is, and may end the search.
    pub fn search(&self, query: &Query, seek: &Seek, watch: &mut dyn FnMut(Progress) -> ControlFlow<()>) -> Result<Page, Fault> {
        let inside = self.inside();
        let matching = self.matching(query)?;
        let search = Search { inside, matching: &matching, seek: Seek { limit: seek.limit.clamp(1, MOST), ..*seek } };
        search.page(watch)
    }
}

struct Search<'s> {
    inside: Inside<'s>,
    matching: &'s Matching<'s>,
    seek: Seek,
}

/// What stands in the order of a search.
type Key = (i64, u32, u64);

/// What a block had.
struct Looks {
    looked: Looked,
    hits: Vec<(Key, Hit)>,
}

impl Search<'_> {
    fn page(&self, watch: &mut dyn FnMut(Progress) -> ControlFlow<()>) -> Result<Page, Fault> {
        let blocks = self.blocks();
        let threads = self.seek.threads.clamp(1, 64);
        let mut progress = Progress { blocks: self.inside.index.blocks.len() as u64, ..Progress::default() };
        progress.skipped = progress.blocks - blocks.len() as u64;
        let mut hits: Vec<(Key, Hit)> = Vec::new();
        let (mut from, mut bytes) = (0, 1);
        let after = self.seek.after.map(|position| self.key_of(&position));
        let mut is_stopped = false;
        while from < blocks.len() && !self.is_full(&hits, blocks[from]) {
            let to = from + as_many(&blocks[from..], bytes);
            for looks in in_parallel(self.inside, threads, &blocks[from..to], &|reader, block| self.look(reader, block))? {
                progress.scanned += u64::from(looks.looked == Looked::Scanned);
                progress.skipped += u64::from(looks.looked == Looked::Skipped);
                hits.extend(looks.hits);
            }
            hits.sort_by_key(|(key, _)| *key);
            // One more than the page has, to know whether there is another page.
            hits.truncate(self.seek.limit + 1);
            progress.hits = hits.len().min(self.seek.limit) as u64;
            (from, bytes) = (to, (threads as u64 * AT_ONCE).min(bytes.max(1 << 20) * 4));
            let Some(next) = blocks.get(from) else { break };
            // Where blocks overlap in time, stopping here could be stopping where this search began.
            let goes_on = after.is_none_or(|after| before(self.first_key(next)) > after);
            if watch(progress).is_break() && goes_on {
                is_stopped = true;
                break;
            }
        }
        Ok(self.finish(hits, progress, (blocks.get(from).copied(), is_stopped)))
    }

    /// Those that may have hits, in the order in which they are looked at.
    fn blocks(&self) -> Vec<&Block> {
        let after = self.seek.after.map(|position| self.key_of(&position));
        let is_before = |block: &Block| after.is_some_and(|after| self.last_key(block) <= after);
        let all = self.inside.index.blocks.iter().filter(|block| self.matching.may_have(block) && !is_before(block));
        let mut all: Vec<&Block> = all.collect();
        if self.seek.order == Order::Time {
            all.sort_by_key(|block| self.first_key(block));
        }
        all
    }

    /// Whether no hit of the next block, or of one behind it, can be on this page.
    fn is_full(&self, hits: &[(Key, Hit)], next: &Block) -> bool {
        hits.get(self.seek.limit - 1).is_some_and(|(last, _)| *last < self.first_key(next))
    }

    fn look(&self, reader: &mut Reader<'_>, block: &Block) -> Result<Looks, Fault> {
        let mut found = Vec::new();
        let looked = self.matching.look(reader, (self.inside, block), &mut found)?;
        if found.is_empty() {
            return Ok(Looks { looked, hits: Vec::new() });
        }
        let after = self.seek.after.map(|position| self.key_of(&position));
        let places: Vec<(Range<usize>, u64)> = reader.places(block).map(|(_, range, line)| (range, line)).collect();
        let mut keys: Vec<(Key, usize)> =
            found.into_iter().map(|at| (self.key_of_row(reader, block, (at, places[at].1)), at)).collect();
        keys.retain(|(key, _)| after.is_none_or(|after| *key > after));
        keys.sort_unstable();
        keys.truncate(self.seek.limit + 1);
        if !self.matching.has_text() && !keys.is_empty() {
            reader.read_text(block)?;
        }
        let hits = keys.into_iter().map(|(key, at)| (key, self.hit(reader, block, (at, &places[at])))).collect();
        Ok(Looks { looked, hits })
    }

    fn hit(&self, reader: &Reader<'_>, block: &Block, (at, (range, line)): (usize, &(Range<usize>, u64))) -> Hit {
        let row = &reader.rows[at];
        let index = self.inside.index;
        let (text, cut) = self.shown(row_text(&reader.text, range));
        let ranges = self.matching.ranges(&text, RANGES);
        Hit {
            source: block.source,
            line: *line,
            last_line: line + u64::from(row.lines.max(1) - 1),
            at: row.stamp.and_then(|stamp| moment_of(self.inside.clock(block), stamp)),
            level: row.level,
            service: index.service(row.service).map(str::to_string),
            pattern: index.rank(row.pattern),
            text,
            cut,
            ranges,
        }
    }

    /// The beginning of a text, or what is around the first match.
    fn shown(&self, text: &[u8]) -> (String, (usize, usize)) {
        let text = String::from_utf8_lossy(text);
        if text.len() <= SHOWN {
            return (text.into_owned(), (0, 0));
        }
        let first = self.matching.ranges(&text, 1).first().map_or(0, |range| range.start);
        let from = if first < SHOWN - BEFORE { 0 } else { text.floor_char_boundary(first - BEFORE) };
        let to = text.floor_char_boundary((from + SHOWN).min(text.len()));
        (text[from..to].to_string(), (from, text.len() - to))
    }

    /// The page, when it is full or when nothing is left but what was not looked at.
    fn finish(&self, mut hits: Vec<(Key, Hit)>, progress: Progress, (left, is_stopped): (Option<&Block>, bool)) -> Page {
        let is_more = hits.len() > self.seek.limit || left.is_some();
        let is_complete = !is_stopped || left.is_none_or(|left| self.is_full(&hits, left));
        hits.truncate(self.seek.limit);
        let mut next = hits.last().map(|(key, _)| self.position(*key)).filter(|_| is_more);
        if let Some(left) = left.filter(|_| !is_complete) {
            // All that comes before this block was looked at; what comes behind is found again.
            let before = before(self.first_key(left));
            hits.retain(|(key, _)| *key <= before);
            next = Some(self.position(before));
        }
        let hits = hits.into_iter().map(|(_, hit)| hit).collect();
        Page { hits, next, scanned: progress.scanned, skipped: progress.skipped, is_complete }
    }

    fn position(&self, (at, source, line): Key) -> Position {
        let at = (self.seek.order == Order::Time && at != i64::MAX).then_some(Moment(at));
        Position { at, source, line }
    }

    fn key_of(&self, position: &Position) -> Key {
        (self.time_key(position.at), position.source, position.line)
    }

    fn key_of_row(&self, reader: &Reader<'_>, block: &Block, (at, line): (usize, u64)) -> Key {
        let stamp = reader.rows[at].stamp.filter(|_| self.seek.order == Order::Time);
        (self.time_key(stamp.and_then(|stamp| moment_of(self.inside.clock(block), stamp))), block.source, line)
    }

    fn time_key(&self, at: Option<Moment>) -> i64 {
        match self.seek.order {
            Order::Place => 0,
            Order::Time => at.map_or(i64::MAX, |at| at.0),
        }
    }

    /// No row of the block comes before this one, or behind that one.
    fn first_key(&self, block: &Block) -> Key {
        (self.time_key(block.span.map(|span| span.0)), block.source, block.first_line)
    }

    fn last_key(&self, block: &Block) -> Key {
        let untimed = block.untimed > 0 || block.span.is_none();
        (self.time_key(block.span.map(|span| span.1).filter(|_| !untimed)), block.source, block.last_line())
    }
}

/// How many of the blocks have so many bytes of text together; one at least.
fn as_many(blocks: &[&Block], bytes: u64) -> usize {
    let mut sum = 0;
    let fits = blocks.iter().take(BLOCKS).take_while(|block| {
        let before = sum;
        sum += u64::from(block.text);
        before < bytes
    });
    fits.count()
}

/// The last place before another.
fn before((at, source, line): Key) -> Key {
    match (line, source) {
        (1.., _) => (at, source, line - 1),
        (0, 1..) => (at, source - 1, u64::MAX),
        (0, 0) => (at.saturating_sub(1), u32::MAX, u64::MAX),
    }
}

/// Does the work for each of some blocks, on up to so many threads; the results are in the order of the blocks.
pub(crate) fn in_parallel<T: Send>(
    inside: Inside<'_>,
    threads: usize,
    blocks: &[&Block],
    work: &(dyn Fn(&mut Reader<'_>, &Block) -> Result<T, Fault> + Sync),
) -> Result<Vec<T>, Fault> {
    let share = |first: usize, step: usize| -> Result<Vec<T>, Fault> {
        let mut reader = Reader::new(inside)?;
        blocks.iter().skip(first).step_by(step).map(|block| work(&mut reader, block)).collect()
    };
    let threads = threads.min(blocks.len()).max(1);
    if threads == 1 {
        return share(0, 1);
    }
    let shares: Vec<Result<Vec<T>, Fault>> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|n| scope.spawn(move || share(n, threads))).collect();
        let mut all = vec![share(0, threads)];
        all.extend(others.into_iter().map(|other| other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))));
        all
    });
    let mut shares: Vec<std::vec::IntoIter<T>> = shares.into_iter().map(|s| Ok(s?.into_iter())).collect::<Result<_, Fault>>()?;
    Ok((0..blocks.len()).filter_map(|at| shares[at % threads].next()).collect())
}
