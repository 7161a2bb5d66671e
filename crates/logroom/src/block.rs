//! One block: the text of some hundreds or thousands of rows, and beside it a table of what is known of each.
//!
//! A row is a record with its lines, or a line that belongs to none. The table is apart from the text, so that what asks
//! for levels, services, patterns or times only never unpacks a text. Must never know where a block lies. Nothing that is
//! decoded is trusted: lengths are bounded before anything is allocated, and sums have to be those of the summary.

use evidence::{Basis, Level, Stamp};
use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::CParameter;

use crate::Fault;
use crate::varint::{Numbers, put, put_signed};

/// Bytes of text that a block may have: those that it should have, a row of the longest kind, and room.
pub const MOST_TEXT: usize = 8 << 20;
/// Rows that a block may have, so that a table of empty lines stays small, too.
pub const MOST_ROWS: usize = 32 << 10;
/// Bytes of a table for each row, at most: eight numbers of up to ten bytes.
const ROW_BYTES: usize = 80;
const BASES: [Basis; 7] =
    [Basis::Zoned, Basis::Epoch, Basis::Civil, Basis::CivilNoYear, Basis::ClockOnly, Basis::ZonedNoYear, Basis::ZonedClock];

/// What kind of thing a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// A record, or the beginning of an element of a document.
    #[default]
    Record,
    /// A line that belongs to no record.
    Line,
    /// The same, and there is nothing on it.
    Blank,
}

/// What is known of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Row {
    pub kind: Kind,
    pub lines: u32,
    /// Bytes of its text, its line ends included.
    pub bytes: u32,
    pub level: Option<Level>,
    /// Number in the room's table of services; 0 where it has none, 1 where it has one that is not in the table.
    pub service: u32,
    /// Number in the room's table of kinds of message; 0 where it has none.
    pub pattern: u32,
    /// Number in the room's table of formats.
    pub format: u32,
    pub stamp: Option<Stamp>,
}

/// Rows and their text, before they are packed.
#[derive(Debug, Default)]
pub struct Loose {
    pub text: Vec<u8>,
    pub rows: Vec<Row>,
}

/// The same, compressed.
#[derive(Debug)]
pub struct Packed {
    pub text: Vec<u8>,
    pub table: Vec<u8>,
}

/// Packs blocks, one after the other.
pub struct Packer(Compressor<'static>);

impl Packer {
    pub fn new(level: i32) -> Result<Packer, Fault> {
        let mut compressor = Compressor::new(level)?;
        compressor.set_parameter(CParameter::ChecksumFlag(true))?;
        Ok(Packer(compressor))
    }

    pub fn pack(&mut self, loose: &Loose) -> Result<Packed, Fault> {
        Ok(Packed { text: self.0.compress(&loose.text)?, table: self.0.compress(&table_of(&loose.rows))? })
    }

    /// Any bytes, in the same way.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
        Ok(self.0.compress(bytes)?)
    }
}

/// Unpacks blocks, one after the other; keeps its memory.
pub struct Unpacker {
    decompressor: Decompressor<'static>,
    table: Vec<u8>,
}

impl Unpacker {
    pub fn new() -> Result<Unpacker, Fault> {
        Ok(Unpacker { decompressor: Decompressor::new()?, table: Vec::new() })
    }

    /// The bytes that were packed, of which there have to be exactly so many.
    pub fn bytes(&mut self, packed: &[u8], size: usize, into: &mut Vec<u8>) -> Result<(), Fault> {
        into.clear();
        into.reserve_exact(size);
        let had =
            self.decompressor.decompress_to_buffer(packed, into).map_err(|_| Fault::Broken("a block cannot be unpacked"))?;
        if had == size && into.len() == size { Ok(()) } else { Err(Fault::Broken("a block has another size")) }
    }

    /// The rows of a block that has so many of them.
    pub fn rows(&mut self, packed: &[u8], rows: usize, into: &mut Vec<Row>) -> Result<(), Fault> {
        let most = rows.min(MOST_ROWS).saturating_mul(ROW_BYTES);
        let mut table = std::mem::take(&mut self.table);
        table.clear();
        // What the frame says of its size is bounded by what the rows can need, and both by what a page of memory is.
        let said = zstd::zstd_safe::get_frame_content_size(packed).ok().flatten().and_then(|said| usize::try_from(said).ok());
        let size = said.filter(|said| *said <= most).ok_or(Fault::Broken("a table has another size"))?;
        table.reserve_exact(size);
        let unpacked = self.decompressor.decompress_to_buffer(packed, &mut table);
        let read = unpacked.ok().and_then(|_| rows_of(&table, rows, into));
        self.table = table;
        read.ok_or(Fault::Broken("a table cannot be read"))
    }
}

fn table_of(rows: &[Row]) -> Vec<u8> {
    let mut out = Vec::with_capacity(rows.len() * 10);
    for row in rows {
        let kind = [Kind::Record, Kind::Line, Kind::Blank].iter().position(|k| *k == row.kind).unwrap_or_default() as u8;
        out.push(kind << 4 | row.level.map_or(0, |level| level as u8 + 1));
    }
    rows.iter().for_each(|row| put(&mut out, row.lines.into()));
    rows.iter().for_each(|row| put(&mut out, row.bytes.into()));
    rows.iter().for_each(|row| put(&mut out, row.service.into()));
    rows.iter().for_each(|row| put(&mut out, row.pattern.into()));
    rows.iter().for_each(|row| put(&mut out, row.format.into()));
    let mut before = 0i64;
    for row in rows {
        let Some(stamp) = row.stamp else {
            out.push(0);
            continue;
        };
        out.push(BASES.iter().position(|basis| *basis == stamp.basis).unwrap_or_default() as u8 + 1);
        put_signed(&mut out, stamp.micros.wrapping_sub(before));
        before = stamp.micros;
    }
    out
}

fn rows_of(table: &[u8], count: usize, into: &mut Vec<Row>) -> Option<()> {
    into.clear();
    let (heads, rest) = table.split_at_checked(count)?;
    for head in heads {
        let kind = *[Kind::Record, Kind::Line, Kind::Blank].get(usize::from(head >> 4))?;
        let level = match head & 0xf {
            0 => None,
            n => Some(*Level::ALL.get(usize::from(n) - 1)?),
        };
        into.push(Row { kind, level, ..Row::default() });
    }
    let mut numbers = Numbers(rest);
    for row in into.iter_mut() {
        row.lines = numbers.next_u32()?;
    }
    for row in into.iter_mut() {
        row.bytes = numbers.next_u32()?;
    }
    for row in into.iter_mut() {
        row.service = numbers.next_u32()?;
    }
    for row in into.iter_mut() {
        row.pattern = numbers.next_u32()?;
    }
    for row in into.iter_mut() {
        row.format = numbers.next_u32()?;
    }
    let mut before = 0i64;
    for row in into.iter_mut() {
        let basis = match numbers.byte()? {
            0 => continue,
            n => *BASES.get(usize::from(n) - 1)?,
        };
        before = before.wrapping_add(numbers.next_signed()?);
        row.stamp = Some(Stamp::new(before, basis));
    }
    numbers.0.is_empty().then_some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row() -> impl Strategy<Value = Row> {
        let kind = prop::sample::select(vec![Kind::Record, Kind::Line, Kind::Blank]);
        let level = prop::option::of(prop::sample::select(Level::ALL.to_vec()));
        let stamp = prop::option::of((any::<i64>(), 0..7usize).prop_map(|(micros, basis)| Stamp::new(micros, BASES[basis])));
        let numbers = (any::<u32>(), any::<u32>(), any::<u32>(), any::<u32>(), any::<u32>());
        (kind, level, stamp, numbers).prop_map(|(kind, level, stamp, (lines, bytes, service, pattern, format))| Row {
            kind,
            lines,
            bytes,
            level,
            service,
            pattern,
            format,
            stamp,
        })
    }

    proptest! {
        #[test]
        fn what_was_packed_is_unpacked(rows in prop::collection::vec(row(), 0..50), text in prop::collection::vec(any::<u8>(), 0..500)) {
            let packed = Packer::new(1).unwrap().pack(&Loose { text: text.clone(), rows: rows.clone() }).unwrap();
            let (mut unpacker, mut bytes, mut read) = (Unpacker::new().unwrap(), Vec::new(), Vec::new());
            unpacker.bytes(&packed.text, text.len(), &mut bytes).unwrap();
            unpacker.rows(&packed.table, rows.len(), &mut read).unwrap();
            prop_assert_eq!((bytes, read), (text, rows));
        }

        #[test]
        fn a_table_of_any_bytes_is_rows_or_none(table in prop::collection::vec(any::<u8>(), 0..80), count in 0..12usize) {
            let _ = rows_of(&table, count, &mut Vec::new());
        }
    }
}
