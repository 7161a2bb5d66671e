//! What a room knows of itself without reading a block: its sources, the summary of each block, and the tables of services,
//! formats and kinds of message. It stands behind the blocks, so that a room is written in one go.
//!
//! Must never be trusted when it is read: every number that leads somewhere is checked once, here, and a room whose index
//! does not hold is broken as a whole. What breaks it: a hundred thousand sources have a hundred thousand blocks, and
//! their summaries are held while a room is open.

use evidence::{Clock, Level, Moment, SourceId};
use serde::{Deserialize, Serialize};

use crate::block::{MOST_ROWS, MOST_TEXT, Packer, Unpacker};
use crate::shelf::Shelf;
use crate::{Fault, histogram::Bars};

/// The first bytes of a room; the number is that of this layout.
pub const MAGIC: &[u8; 16] = b"casefile room 2\n";
/// The last bytes: where the index begins, its packed and its unpacked size, the beginning once more.
const TRAILER: usize = 40;
/// Bytes of an unpacked index: ten times that of a hundred thousand sources.
const MOST: u64 = 256 << 20;

/// Records by level, in rising order; the last are those without one.
pub type Levels = [u64; Level::ALL.len() + 1];

/// All that stands behind the blocks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Index {
    pub sources: Vec<SourceTotals>,
    pub blocks: Vec<Block>,
    /// By number in the tables of the blocks, from 2 on.
    pub services: Vec<Service>,
    /// There are services that are not in the table.
    pub more_services: bool,
    pub formats: Vec<String>,
    /// The rank of each kind of message by its number in the tables, from 1 on; 0 for those beyond the cap.
    pub ranks: Vec<u32>,
    /// By rank, from 1 on.
    pub patterns: Vec<Pattern>,
    /// There are kinds of message that are not told apart.
    pub more_patterns: bool,
}

/// One source of the room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceTotals {
    pub id: SourceId,
    /// The public name, as in a report.
    pub name: String,
    pub format: String,
    /// Bytes and lines of the source as they were read.
    pub bytes: u64,
    pub lines: u64,
    pub records: u64,
    pub levels: Levels,
    /// The earliest and the latest moment of its records.
    pub first: Option<Moment>,
    pub last: Option<Moment>,
    /// How its times become moments, where they lack a year or a day. Offsets that a report decides are not in it: times
    /// are shown as they are written.
    pub clock: Option<Box<Clock>>,
    /// What was decided about its times while it was read, and why.
    pub decisions: Vec<String>,
    /// What was not read, and why, in words.
    pub skipped: Vec<String>,
    /// Bytes that are not in the room, as they stand at the end of very long lines.
    pub cut_bytes: u64,
    /// Its first block, and how many it has.
    pub block: u32,
    pub blocks: u32,
    pub bars: Bars,
}

/// What is known of a block without reading it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Block {
    pub source: u32,
    pub first_line: u64,
    pub lines: u64,
    pub rows: u32,
    /// Bytes of its text, unpacked and packed, of its table, and of the sets of its sequences. They stand one behind the
    /// other from `offset` on.
    pub text: u32,
    pub packed: u32,
    pub table: u32,
    pub filter: u32,
    pub offset: u64,
    /// A value may be spelled otherwise in its text.
    pub hides: bool,
    /// Records and other lines by level, without blank lines.
    pub levels: [u32; Level::ALL.len() + 1],
    /// The earliest and the latest moment; `None` where no row has one.
    pub span: Option<(Moment, Moment)>,
    /// Rows that have no moment and are not blank.
    pub untimed: u32,
    pub services: Few,
    /// By rank.
    pub patterns: Few,
}

/// The numbers that occur in a block, ascending; `None` where they are too many to be listed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Few(pub Option<Vec<u32>>);

impl Few {
    /// As many as are listed.
    pub const MOST: usize = 128;

    pub fn may_have(&self, number: u32) -> bool {
        self.0.as_ref().is_none_or(|listed| listed.binary_search(&number).is_ok())
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Service {
    pub name: String,
    pub count: u64,
}

/// A kind of message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pattern {
    /// What its messages have in common, variables as `<*>`.
    pub template: String,
    pub count: u64,
    pub levels: Levels,
    /// The source and the line of the first one.
    pub example: (u32, u64),
}

impl Block {
    pub fn last_line(&self) -> u64 {
        self.first_line.saturating_add(self.lines.saturating_sub(1))
    }

    /// Rows that are not blank.
    pub fn count(&self) -> u64 {
        self.levels.iter().map(|count| u64::from(*count)).sum()
    }

    fn end(&self) -> Option<u64> {
        let sizes = [self.packed, self.table, self.filter].into_iter().map(u64::from);
        sizes.into_iter().try_fold(self.offset, u64::checked_add)
    }
}

impl Index {
    /// As it is written behind the blocks, which end at `offset`.
    pub fn written(&self, offset: u64, packer: &mut Packer) -> Result<Vec<u8>, Fault> {
        let plain = postcard::to_stdvec(self).map_err(|_| Fault::Broken("the index cannot be written"))?;
        if plain.len() as u64 > MOST {
            return Err(Fault::TooMuch);
        }
        let mut out = packer.bytes(&plain)?;
        let packed = out.len() as u64;
        for number in [offset, packed, plain.len() as u64] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(MAGIC);
        Ok(out)
    }

    /// Reads and checks the index of a room.
    pub fn read(shelf: &dyn Shelf) -> Result<Index, Fault> {
        let (mut head, mut trailer) = ([0; MAGIC.len()], [0; TRAILER]);
        let size = shelf.size();
        if size < (MAGIC.len() + TRAILER) as u64 {
            return Err(Fault::Broken("it is too short for a room"));
        }
        shelf.read_at(0, &mut head)?;
        shelf.read_at(size - TRAILER as u64, &mut trailer)?;
        if head != *MAGIC || trailer[24..] != *MAGIC {
            return Err(Fault::Broken("it is no room of this version, or not whole"));
        }
        let number = |at: usize| u64::from_le_bytes(std::array::from_fn(|i| trailer[at + i]));
        let (offset, packed, plain) = (number(0), number(8), number(16));
        let fits = offset.checked_add(packed) == Some(size - TRAILER as u64) && offset >= MAGIC.len() as u64 && plain <= MOST;
        if !fits {
            return Err(Fault::Broken("its index does not lie where it should"));
        }
        let mut bytes = vec![0; usize::try_from(packed).map_err(|_| Fault::TooMuch)?];
        shelf.read_at(offset, &mut bytes)?;
        let mut unpacked = Vec::new();
        Unpacker::new()?.bytes(&bytes, plain as usize, &mut unpacked)?;
        let index: Index = postcard::from_bytes(&unpacked).map_err(|_| Fault::Broken("its index cannot be read"))?;
        if index.holds(offset) { Ok(index) } else { Err(Fault::Broken("its index contradicts itself")) }
    }

    /// The rank of the kind of message that a row has, by its number in the table.
    pub fn rank(&self, pattern: u32) -> Option<u32> {
        let place = (pattern as usize).checked_sub(1)?;
        self.ranks.get(place).copied().filter(|rank| *rank > 0)
    }

    pub fn service(&self, number: u32) -> Option<&str> {
        let place = (number as usize).checked_sub(2)?;
        self.services.get(place).map(|service| service.name.as_str())
    }

    fn holds(&self, end: u64) -> bool {
        let patterns = self.patterns.len() as u64;
        let ranks = self.ranks.iter().all(|rank| u64::from(*rank) <= patterns);
        let examples = self.patterns.iter().all(|pattern| (pattern.example.0 as usize) < self.sources.len());
        ranks && examples && self.blocks.iter().all(|block| self.block_holds(block, end)) && self.blocks_are_in_order()
    }

    fn block_holds(&self, block: &Block, end: u64) -> bool {
        let sizes = block.text as usize <= MOST_TEXT && block.rows as usize <= MOST_ROWS && block.filter <= 1 << 20;
        let lies = block.offset >= MAGIC.len() as u64 && block.end().is_some_and(|at| at <= end);
        let lines = block.first_line >= 1 && block.lines >= 1 && block.first_line.checked_add(block.lines).is_some();
        sizes && lies && lines && (block.source as usize) < self.sources.len() && block.count() <= u64::from(block.rows)
    }

    /// Each source has its blocks in one stretch, by rising lines.
    fn blocks_are_in_order(&self) -> bool {
        let place = |block: &Block| (block.source, block.first_line);
        let rises = self.blocks.windows(2).all(|two| {
            place(&two[0]) < place(&two[1]) && (two[0].source != two[1].source || two[0].last_line() < two[1].first_line)
        });
        let mut next = 0u64;
        let stretches = (0u32..).zip(&self.sources).all(|(number, source)| {
            let (from, to) = (u64::from(source.block), u64::from(source.block) + u64::from(source.blocks));
            let own = self.blocks.get(from as usize..to as usize);
            let fits = from == next && own.is_some_and(|own| own.iter().all(|block| block.source == number));
            next = to;
            fits
        });
        rises && stretches && next == self.blocks.len() as u64
    }
}
