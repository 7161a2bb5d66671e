//! From the rows of each block to what the index says of blocks, sources, services and kinds of message.
//!
//! Must never hold a row. Which day or year a time without one means, and which rank a kind of message has, is known only
//! when all was read: until then times are kept as they are written, kinds by their numbers. What misleads it: a block
//! whose times without a date lie on both sides of where a day changes; it is said to have any time near its anchor.

use std::collections::BTreeMap;

use analysis::dates::{self, Dates};
use analysis::kinds::Ranks;
use evidence::{Basis, Clock, Moment, Source, SourceId, Stamp};

use super::Settings;
use super::marks::Found;
use super::rows::Cut;
use crate::block::{Kind, Loose, Row};
use crate::histogram::{Bars, slot};
use crate::index::{Block, Few, Index, Pattern, Service, SourceTotals};
use crate::room::moment_of;
use crate::written;

/// Bins of one source; where all sources have more than so many together, further ones have fewer.
const BINS: usize = 1_024;
const BINS_OF_ALL: usize = 200_000;
const BINS_AT_LEAST: usize = 32;
/// As long before and after its anchor a time without a date, or without a year, may be: seconds.
const NEAR_DAY: f64 = 1.5 * 86_400.0;
const NEAR_YEAR: f64 = 1.5 * 366.0 * 86_400.0;

/// What the rows of one block have.
#[derive(Debug, Default)]
pub struct Seen {
    source: Option<SourceId>,
    first_line: u64,
    lines: u64,
    rows: u32,
    levels: [u32; 7],
    untimed: u32,
    hides: bool,
    services: Vec<u32>,
    patterns: Vec<u32>,
    times: [Times; 3],
}

/// Times of one kind, as they are written.
#[derive(Debug, Default)]
struct Times {
    span: Option<(i64, i64)>,
    bars: Bars,
}

/// Times that are whole, that have no year, that have no date.
const KINDS: [Basis; 3] = [Basis::Civil, Basis::CivilNoYear, Basis::ClockOnly];

fn kind(basis: Basis) -> usize {
    match basis {
        Basis::Zoned | Basis::Epoch | Basis::Civil => 0,
        Basis::CivilNoYear | Basis::ZonedNoYear => 1,
        Basis::ClockOnly | Basis::ZonedClock => 2,
    }
}

impl Seen {
    pub fn of(source: SourceId, first_line: u64, Loose { text, rows }: &Loose) -> Seen {
        let hides = written::hides(text);
        let mut seen = Seen { source: Some(source), first_line, rows: rows.len() as u32, hides, ..Seen::default() };
        for row in rows {
            seen.lines += u64::from(row.lines);
            if row.kind == Kind::Blank {
                continue;
            }
            seen.levels[slot(row.level)] += 1;
            seen.services.push(row.service);
            seen.patterns.push(row.pattern);
            match row.stamp {
                Some(stamp) => seen.times[kind(stamp.basis)].add(stamp, row),
                None => seen.untimed += 1,
            }
        }
        for numbers in [&mut seen.services, &mut seen.patterns] {
            numbers.sort_unstable();
            numbers.dedup();
        }
        seen.times.iter_mut().for_each(|times| times.bars.shrink(BINS));
        seen
    }
}

impl Times {
    fn add(&mut self, stamp: Stamp, row: &Row) {
        let (first, last) = self.span.unwrap_or((stamp.micros, stamp.micros));
        self.span = Some((first.min(stamp.micros), last.max(stamp.micros)));
        self.bars.add(Moment(stamp.micros), row.level, 1);
    }
}

/// What all blocks have, as it grows.
#[derive(Debug, Default)]
pub struct Summary {
    blocks: Vec<Waiting>,
    sources: BTreeMap<SourceId, Totals>,
    bins: usize,
}

/// A block of which the times and the ranks are not known yet.
#[derive(Debug)]
struct Waiting {
    block: Block,
    source: SourceId,
    times: [Option<(i64, i64)>; 3],
    /// Numbers of kinds of message, as long as they are few.
    patterns: Option<Vec<u32>>,
}

#[derive(Debug, Default)]
struct Totals {
    levels: [u64; 7],
    bars: [Bars; 3],
    blocks: u32,
}

impl Summary {
    /// Adds a block that lies at `offset`, with so many bytes of text, of the packed text, the table and the set.
    pub fn add(&mut self, seen: Seen, (offset, text): (u64, u64), parts: [usize; 3]) {
        let Some(source) = seen.source else { return };
        let totals = self.sources.entry(source).or_default();
        totals.blocks += 1;
        totals.levels.iter_mut().zip(seen.levels).for_each(|(sum, count)| *sum += u64::from(count));
        let before: usize = totals.bars.iter().map(Bars::len).sum();
        let most = if self.bins < BINS_OF_ALL { BINS } else { BINS_AT_LEAST };
        for (bars, times) in totals.bars.iter_mut().zip(&seen.times) {
            bars.join(&times.bars);
            bars.shrink(most);
        }
        self.bins = self.bins + totals.bars.iter().map(Bars::len).sum::<usize>() - before;
        let few = |numbers: &Vec<u32>| Some(numbers.clone()).filter(|numbers| numbers.len() <= Few::MOST);
        let [packed, table, filter] = parts.map(|size| size as u32);
        let block = Block {
            source: 0,
            first_line: seen.first_line,
            lines: seen.lines,
            rows: seen.rows,
            text: text as u32,
            packed,
            table,
            filter,
            offset,
            hides: seen.hides,
            levels: seen.levels,
            span: None,
            untimed: seen.untimed,
            services: Few(few(&seen.services)),
            patterns: Few(None),
        };
        let patterns = few(&seen.patterns);
        self.blocks.push(Waiting { block, source, times: seen.times.map(|times| times.span), patterns });
    }

    /// The index, now that all is known.
    pub fn index(mut self, found: Found, cuts: &BTreeMap<SourceId, Cut>, settings: &Settings) -> Index {
        let ranks = Ranks::of([&found.survey], &settings.mining);
        let rank_of: Vec<u32> = found.keys.iter().map(|key| ranks.of_key(*key).unwrap_or(0)).collect();
        let clocks = clocks(&found.sources);
        let numbers: BTreeMap<SourceId, u32> = found.sources.iter().map(|(source, _)| source.id).zip(0..).collect();
        let blocks = std::mem::take(&mut self.blocks);
        // Every line stands in a source; a source that changed while it was read may have lines and no account.
        let settled = |waiting: Waiting| {
            let number = *numbers.get(&waiting.source)?;
            Some(waiting.settle(number, clocks[number as usize].0.as_deref(), &rank_of))
        };
        let blocks: Vec<Block> = blocks.into_iter().filter_map(settled).collect();
        let mut index = Index {
            patterns: patterns(&found, &ranks, (&rank_of, &numbers)),
            services: found.services.into_iter().map(|(name, count)| Service { name, count }).collect(),
            more_services: found.more_services,
            formats: found.formats,
            ranks: rank_of,
            more_patterns: found.others > 0,
            ..Index::default()
        };
        let mut next = 0;
        for ((source, _), (clock, decision)) in found.sources.into_iter().zip(clocks) {
            let cut = cuts.get(&source.id).copied().unwrap_or_default();
            let totals = self.sources.remove(&source.id).unwrap_or_default();
            let own = next as usize..next as usize + totals.blocks as usize;
            index.sources.push(of_source(source, (clock, decision), (cut, totals), (next, &blocks[own])));
            next += index.sources.last().map_or(0, |source| source.blocks);
        }
        index.blocks = blocks;
        index
    }
}

impl Waiting {
    fn settle(self, number: u32, clock: Option<&Clock>, ranks: &[u32]) -> Block {
        let spans = self.times.into_iter().zip(KINDS).filter_map(|(span, basis)| span_of(span?, basis, clock));
        let span = spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        let rank = |number: &u32| (*number as usize).checked_sub(1).and_then(|place| ranks.get(place)).copied().unwrap_or(0);
        let patterns = self.patterns.map(|numbers| {
            let mut listed: Vec<u32> = numbers.iter().map(rank).collect();
            listed.sort_unstable();
            listed.dedup();
            listed
        });
        Block { source: number, span, patterns: Few(patterns), ..self.block }
    }
}

/// From when until when times are, of which the first and the last are known as they are written.
fn span_of((first, last): (i64, i64), basis: Basis, clock: Option<&Clock>) -> Option<(Moment, Moment)> {
    let at = |micros| moment_of(clock, Stamp::new(micros, basis));
    let (from, to) = (at(first), at(last));
    // The later of two times of a day is never put on a later day than the earlier one: where both are moved alike, so is
    // what lies between them.
    if let (Some(from), Some(to)) = (from, to)
        && to.0.saturating_sub(from.0) == last.saturating_sub(first)
    {
        return Some((from, to));
    }
    let anchor = clock?.anchor?;
    let near = if basis == Basis::ClockOnly { NEAR_DAY } else { NEAR_YEAR };
    Some((anchor.plus(-near), anchor.plus(near)))
}

/// The clock of each source, in their order, and what was decided where its times lack a date.
fn clocks(sources: &[(Source, Dates)]) -> Vec<(Option<Box<Clock>>, Option<String>)> {
    let named: Vec<(&str, Dates)> = sources.iter().map(|(source, dates)| (source.name.as_str(), *dates)).collect();
    let lacks = sources.iter().map(|(_, dates)| dates.lacks());
    dates::anchors(&named)
        .into_iter()
        .zip(lacks)
        .map(|(anchor, lacks)| {
            let anchor = anchor.filter(|_| lacks);
            let decision = anchor
                .as_ref()
                .map(|anchor| format!("times without a date or a year are placed near {}: {}", anchor.at.date(), anchor.why));
            (anchor.map(|anchor| Box::new(Clock { anchor: Some(anchor.at), ..Clock::trusted() })), decision)
        })
        .collect()
}

fn of_source(
    source: Source,
    (clock, decision): (Option<Box<Clock>>, Option<String>),
    (cut, totals): (Cut, Totals),
    (block, blocks): (u32, &[Block]),
) -> SourceTotals {
    let mut bars = Bars::wide(totals.bars.iter().filter(|bars| !bars.is_empty()).map(Bars::width).max().unwrap_or(1));
    for (of_kind, basis) in totals.bars.iter().zip(KINDS) {
        for (at, levels) in of_kind.each() {
            moment_of(clock.as_deref(), Stamp::new(at.0, basis)).into_iter().for_each(|at| bars.add_all(at, levels));
        }
    }
    let spans = || blocks.iter().filter_map(|block| block.span);
    SourceTotals {
        id: source.id,
        name: source.name,
        format: source.format,
        bytes: source.bytes,
        lines: source.lines,
        records: source.records,
        levels: totals.levels,
        first: spans().map(|span| span.0).min(),
        last: spans().map(|span| span.1).max(),
        clock,
        decisions: source.decisions.into_iter().chain(decision).collect(),
        skipped: source.skipped.into_iter().map(|skipped| skipped.reason).collect(),
        cut_bytes: cut.bytes,
        block,
        blocks: totals.blocks,
        bars,
    }
}

fn patterns(found: &Found, ranks: &Ranks, (rank_of, numbers): (&[u32], &BTreeMap<SourceId, u32>)) -> Vec<Pattern> {
    let last = rank_of.iter().copied().max().unwrap_or(0);
    let blank = |rank| Pattern { template: ranks.template(rank).to_string(), count: 0, levels: [0; 7], example: (u32::MAX, 0) };
    let mut patterns: Vec<Pattern> = (1..=last).map(blank).collect();
    for (counted, rank) in found.patterns.iter().zip(rank_of) {
        let Some(pattern) = (*rank as usize).checked_sub(1).and_then(|place| patterns.get_mut(place)) else { continue };
        pattern.count += counted.count;
        pattern.levels.iter_mut().zip(counted.levels).for_each(|(sum, count)| *sum += count);
        let (source, line) = counted.example;
        let source = numbers.get(&source).copied().unwrap_or(0);
        pattern.example = pattern.example.min((source, line));
    }
    patterns
}
