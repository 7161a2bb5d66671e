//! A room that is open: its index in memory, its blocks on the shelf.
//!
//! Must never keep a block. Reading is bounded by what the index says, which was checked when the room was opened.

use std::ops::Range;

use evidence::{Basis, Clock, Moment, Stamp};

use intake::formats::Formats;

use crate::Fault;
use crate::block::{Row, Unpacker};
use crate::histogram::Bars;
use crate::index::{Block, Index, Pattern, Service, SourceTotals};
use crate::matching::Matching;
use crate::query::Query;
use crate::shelf::Shelf;

/// A room to be read, by any number of threads.
pub struct Room<S> {
    shelf: S,
    index: Index,
    formats: &'static Formats,
}

/// What of a room is behind every question: no type of shelf.
#[derive(Clone, Copy)]
pub(crate) struct Inside<'r> {
    pub shelf: &'r dyn Shelf,
    pub index: &'r Index,
}

impl<S: Shelf> Room<S> {
    /// Reads the index; nothing else is read before somebody asks.
    pub fn open(shelf: S) -> Result<Room<S>, Fault> {
        let index = Index::read(&shelf)?;
        Ok(Room { shelf, index, formats: Formats::load() })
    }

    /// With the formats with which it was built, where those are not the known ones: fields of records are read by them.
    pub fn with_formats(self, formats: &'static Formats) -> Room<S> {
        Room { formats, ..self }
    }

    /// In the order in which they were given; a source's number is its place.
    pub fn sources(&self) -> &[SourceTotals] {
        &self.index.sources
    }

    /// The number of the source of this public name.
    pub fn source_named(&self, name: &str) -> Option<u32> {
        (0..).zip(&self.index.sources).find(|(_, source)| source.name == name).map(|(number, _)| number)
    }

    /// The most frequent first: `p1` is the first of them.
    pub fn patterns(&self) -> &[Pattern] {
        &self.index.patterns
    }

    /// There are messages whose kind is not told apart.
    pub fn has_more_patterns(&self) -> bool {
        self.index.more_patterns
    }

    /// In the order in which they were met.
    pub fn services(&self) -> &[Service] {
        &self.index.services
    }

    pub fn has_more_services(&self) -> bool {
        self.index.more_services
    }

    /// How many blocks there are.
    pub fn blocks(&self) -> u32 {
        self.index.blocks.len() as u32
    }

    pub(crate) fn matching<'q>(&self, query: &'q Query) -> Result<Matching<'q>, Fault> {
        Matching::new(query, &self.index, self.formats)
    }

    pub(crate) fn inside(&self) -> Inside<'_> {
        Inside { shelf: &self.shelf, index: &self.index }
    }
}

/// The moment of a time, as `casefile parse` shows it.
pub(crate) fn moment_of(clock: Option<&Clock>, stamp: Stamp) -> Option<Moment> {
    match (stamp.basis, clock) {
        (Basis::Zoned | Basis::Epoch | Basis::Civil, None) => Some(Moment(stamp.micros)),
        (_, clock) => clock.and_then(|clock| clock.moment(stamp)).or_else(|| analysis::dates::written(Some(stamp))),
    }
}

impl Inside<'_> {
    /// A stretch of the records over time, of all sources or of some, as the index knows it.
    pub fn bars(&self, is_wanted: &dyn Fn(u32) -> bool) -> Bars {
        let mut all = Bars::default();
        (0..).zip(&self.index.sources).filter(|(number, _)| is_wanted(*number)).for_each(|(_, source)| all.join(&source.bars));
        all
    }

    pub fn clock(&self, block: &Block) -> Option<&Clock> {
        self.index.sources[block.source as usize].clock.as_deref()
    }
}

/// Reads blocks one after the other and keeps the memory for it.
pub(crate) struct Reader<'r> {
    inside: Inside<'r>,
    unpacker: Unpacker,
    packed: Vec<u8>,
    pub text: Vec<u8>,
    pub rows: Vec<Row>,
    pub filter: Vec<u8>,
}

impl<'r> Reader<'r> {
    pub fn new(inside: Inside<'r>) -> Result<Reader<'r>, Fault> {
        let (packed, text, rows, filter) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Ok(Reader { inside, unpacker: Unpacker::new()?, packed, text, rows, filter })
    }

    pub fn read_filter(&mut self, block: &Block) -> Result<(), Fault> {
        self.filter.resize(block.filter as usize, 0);
        let offset = block.offset + u64::from(block.packed) + u64::from(block.table);
        Ok(self.inside.shelf.read_at(offset, &mut self.filter)?)
    }

    pub fn read_text(&mut self, block: &Block) -> Result<(), Fault> {
        self.packed.resize(block.packed as usize, 0);
        self.inside.shelf.read_at(block.offset, &mut self.packed)?;
        self.unpacker.bytes(&self.packed, block.text as usize, &mut self.text)
    }

    pub fn read_rows(&mut self, block: &Block) -> Result<(), Fault> {
        self.packed.resize(block.table as usize, 0);
        self.inside.shelf.read_at(block.offset + u64::from(block.packed), &mut self.packed)?;
        self.unpacker.rows(&self.packed, block.rows as usize, &mut self.rows)?;
        let sum = |of: fn(&Row) -> u32| self.rows.iter().map(|row| u64::from(of(row))).sum::<u64>();
        let fits = sum(|row| row.bytes) == u64::from(block.text) && sum(|row| row.lines) == block.lines;
        if fits { Ok(()) } else { Err(Fault::Broken("a table and its text differ")) }
    }

    /// Where each row lies in the text, and the line on which it begins.
    pub fn places<'s>(&'s self, block: &Block) -> impl Iterator<Item = (&'s Row, Range<usize>, u64)> + use<'s> {
        let (mut at, mut line) = (0, block.first_line);
        self.rows.iter().map(move |row| {
            let place = (row, at..at + row.bytes as usize, line);
            at += row.bytes as usize;
            line += u64::from(row.lines);
            place
        })
    }
}
