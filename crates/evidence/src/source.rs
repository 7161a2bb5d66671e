//! Where something stands in the input. Minted once, at the first byte read, and carried unchanged to the last page.
//!
//! A [`RecordRef`] is never rebuilt from text and never optional: whoever holds a record holds its place.

use serde::{Deserialize, Serialize};

/// A source of the bundle: the `input`-th thing handed over (sorted by name), and in it the `entry`-th text (0 for a
/// plain file; archives count their members in the order in which they stand).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SourceId {
    pub input: u32,
    pub entry: u32,
}

/// A place: one record of one source. Bytes are half-open and leave the line end out; lines are 1-based; both count in
/// the unpacked source as it stands (a UTF-16 file in its own bytes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordRef {
    pub source: SourceId,
    pub start: u64,
    pub end: u64,
    pub line: u64,
    pub last_line: u64,
}

/// Part of a source that was not turned into records, and why; or, without lines and bytes, what else is to be said of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    pub reason: String,
    pub lines: u64,
    pub bytes: u64,
    /// First line it concerns; `None` where lines mean nothing (binary data, a broken archive).
    pub first_line: Option<u64>,
}

impl Skipped {
    /// Nothing was left out: it is a word about what was read.
    pub fn is_note(&self) -> bool {
        self.lines == 0 && self.bytes == 0 && self.first_line.is_some()
    }

    /// It could not be read to its end, though there is more: what it would have said is missing.
    pub fn is_loss(&self) -> bool {
        self.lines == 0 && self.first_line.is_none()
    }
}

/// One text of the input and what was made of it. `read_bytes` + the bytes of `skipped` = `bytes`, always.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    pub id: SourceId,
    /// The public name: path relative to the input, `archive.zip!inner/path` inside archives.
    pub name: String,
    /// Id of the format, `text` when none was recognised, `binary` for what is not text.
    pub format: String,
    pub bytes: u64,
    pub read_bytes: u64,
    /// Lines as `wc -l` counts them, a last line without an end included.
    pub lines: u64,
    pub records: u64,
    pub skipped: Vec<Skipped>,
    /// What was decided about its times while it was read, and why.
    pub decisions: Vec<String>,
}

impl Source {
    pub fn skipped_lines(&self) -> u64 {
        self.skipped.iter().map(|s| s.lines).sum()
    }
}
