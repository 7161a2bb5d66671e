//! How many rows match, by level and over time: in steps, so that whoever shows it need not wait for the whole.
//!
//! Must never estimate. A block is counted from its summary where that says it all, from its table where no text is asked
//! for, and else from its text. What misleads a reader: rows without a time are in no bin.

use evidence::Moment;

use crate::Fault;
use crate::histogram::{Bars, slot};
use crate::index::{Block, Levels};
use crate::matching::{Looked, Matching};
use crate::query::Query;
use crate::room::{Inside, Reader, Room, moment_of};
use crate::search::in_parallel;
use crate::shelf::Shelf;

/// Which blocks are counted, and how finely.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stretch {
    pub from_block: u32,
    /// Blocks at most that are read; those that need not be cost nothing.
    pub budget: u32,
    /// Seconds of a bin, at least.
    pub bin_s: i64,
    pub threads: usize,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Count {
    /// Rows by level; the last are those without one.
    pub levels: Levels,
    /// The same over time.
    pub bars: Bars,
    /// The block to go on with; `None` when all are counted.
    pub next: Option<u32>,
    pub scanned: u64,
    pub skipped: u64,
}

impl Count {
    pub fn total(&self) -> u64 {
        self.levels.iter().sum()
    }

    /// Adds what was counted of further blocks.
    pub fn join(&mut self, other: &Count) {
        self.levels.iter_mut().zip(other.levels).for_each(|(mine, theirs)| *mine += theirs);
        self.bars.join(&other.bars);
        self.next = other.next;
        self.scanned += other.scanned;
        self.skipped += other.skipped;
    }
}

impl<S: Shelf> Room<S> {
    /// Counts what matches in some blocks; go on with [`Count::next`].
    pub fn count(&self, query: &Query, stretch: &Stretch) -> Result<Count, Fault> {
        let inside = self.inside();
        let matching = self.matching(query)?;
        Counting { inside, matching: &matching, stretch: *stretch }.count()
    }

    /// What matches over time, in at most about so many bins: from the index where only sources, levels and times are asked
    /// for, else by counting all blocks.
    pub fn histogram(&self, query: &Query, bins: usize, threads: usize) -> Result<Bars, Fault> {
        let bins = bins.max(1);
        let mut bars = if query.has_text() || !query.services.is_empty() || query.pattern.is_some() {
            let stretch = Stretch { from_block: 0, budget: u32::MAX, bin_s: self.width(query, bins)?, threads };
            self.count(query, &stretch)?.bars
        } else {
            let matching = self.matching(query)?;
            let mut bars = self.inside().bars(&|source| matching.has_source(source));
            bars.cut(query.from, query.to);
            if !query.levels.is_empty() {
                bars.keep(&query.levels);
            }
            bars
        };
        bars.shrink(bins);
        Ok(bars)
    }

    /// Seconds of a bin, so that there are about so many in the time that a query may be of.
    pub fn width(&self, query: &Query, bins: usize) -> Result<i64, Fault> {
        let matching = self.matching(query)?;
        let mut bars = self.inside().bars(&|source| matching.has_source(source));
        bars.cut(query.from, query.to);
        bars.shrink(bins.max(1));
        Ok(bars.width())
    }
}

struct Counting<'c> {
    inside: Inside<'c>,
    matching: &'c Matching<'c>,
    stretch: Stretch,
}

/// Blocks that are handed out to the threads at once.
const AT_ONCE: usize = 256;

impl Counting<'_> {
    fn count(&self) -> Result<Count, Fault> {
        let bars = Bars::wide(self.stretch.bin_s.max(1));
        let mut count = Count { bars, ..Count::default() };
        let (mut waiting, mut read): (Vec<&Block>, u32) = (Vec::new(), 0);
        for (number, block) in (0u32..).zip(&self.inside.index.blocks).skip(self.stretch.from_block as usize) {
            if !self.matching.may_have(block) {
                count.skipped += 1;
            } else if !self.is_in_summary(block, &mut count) {
                if read >= self.stretch.budget.max(1) {
                    count.next = Some(number);
                    break;
                }
                read += 1;
                waiting.push(block);
            }
            if waiting.len() >= AT_ONCE {
                self.read(&std::mem::take(&mut waiting), &mut count)?;
            }
        }
        self.read(&waiting, &mut count)?;
        Ok(count)
    }

    /// Whether the summary says it all: every row matches, and all are in one bin or have no time.
    fn is_in_summary(&self, block: &Block, count: &mut Count) -> bool {
        let bin = |at: Moment| at.seconds().div_euclid(count.bars.width());
        let is_one_bin = block.span.is_none_or(|(first, last)| bin(first) == bin(last) && block.untimed == 0);
        if !is_one_bin || !self.matching.has_all(block) {
            return false;
        }
        let levels = block.levels.map(u64::from);
        count.levels.iter_mut().zip(levels).for_each(|(sum, level)| *sum += level);
        block.span.iter().for_each(|(first, _)| count.bars.add_all(*first, &levels));
        count.skipped += 1;
        true
    }

    fn read(&self, blocks: &[&Block], count: &mut Count) -> Result<(), Fault> {
        let width = count.bars.width();
        for part in in_parallel(self.inside, self.stretch.threads.clamp(1, 64), blocks, &|reader, block| {
            self.of_block(reader, block, width)
        })? {
            let next = count.next;
            count.join(&part);
            count.next = next;
        }
        Ok(())
    }

    fn of_block(&self, reader: &mut Reader<'_>, block: &Block, width: i64) -> Result<Count, Fault> {
        let mut found = Vec::new();
        let looked = self.matching.look(reader, (self.inside, block), &mut found)?;
        let mut count = Count { bars: Bars::wide(width), ..Count::default() };
        count.scanned = u64::from(looked == Looked::Scanned);
        count.skipped = u64::from(looked == Looked::Skipped);
        let clock = self.inside.clock(block);
        // Rows that follow each other are mostly of one bin.
        let mut waiting: Option<(Moment, Levels)> = None;
        for row in found.into_iter().map(|at| &reader.rows[at]) {
            count.levels[slot(row.level)] += 1;
            let Some(at) = row.stamp.and_then(|stamp| moment_of(clock, stamp)) else { continue };
            let bin = |at: Moment| at.seconds().div_euclid(width);
            match &mut waiting {
                Some((other, levels)) if bin(*other) == bin(at) => levels[slot(row.level)] += 1,
                _ => {
                    waiting.take().into_iter().for_each(|(at, levels)| count.bars.add_all(at, &levels));
                    let mut levels = Levels::default();
                    levels[slot(row.level)] += 1;
                    waiting = Some((at, levels));
                }
            }
        }
        waiting.into_iter().for_each(|(at, levels)| count.bars.add_all(at, &levels));
        Ok(count)
    }
}
