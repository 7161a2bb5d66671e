//! The one trait that is the whole outside: bytes under names. No path, no file handle goes further in than this.

use std::io::{self, Read};

use crate::formats::Formats;

/// One thing handed over: a file, an archive, standard input, or a repository rendered as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Its public name (see "Sources" in the contract of the command line), `/` between parts.
    pub name: String,
    /// Bytes as they stand, when known beforehand.
    pub size: Option<u64>,
}

/// What is handed over to be read. Inputs are sorted by name and keep their index.
pub trait Bundle: Sync {
    fn inputs(&self) -> &[Input];

    /// The bytes of an input from its beginning. May be called several times, from several threads.
    fn open(&self, input: usize) -> io::Result<Box<dyn Read + Send + '_>>;

    /// The bytes of an input from `offset`; a bundle that can seek does it.
    fn open_at(&self, input: usize, offset: u64) -> io::Result<Box<dyn Read + Send + '_>> {
        let mut reader = self.open(input)?;
        io::copy(&mut reader.by_ref().take(offset), &mut io::sink())?;
        Ok(reader)
    }
}

/// Bounds that keep hostile input from becoming a problem of memory or time. Checked while streaming; what lies beyond
/// is listed as skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Containers within containers.
    pub depth: u32,
    /// Members of one archive, nested ones counted.
    pub entries: u32,
    /// Unpacked bytes of one input, whatever its size. What stands uncompressed in an archive does not count, what is
    /// compressed twice counts twice.
    pub unpacked_bytes: u64,
    /// Unpacked bytes that every input may become, however small it is. A larger one may become [`USUAL_RATIO`] times
    /// its own size: an honest log of 100 GB comes as one GB, a bomb of 10 GB as 42 kB.
    pub unpacked_anyway: u64,
    /// Memory for the windows of the decoders of one input, nested ones together.
    pub window_bytes: u64,
    /// Bytes of a document (JSON, chat) that is held whole.
    pub document_bytes: u64,
    /// Values of a document that are read: names, numbers, texts, lines. In memory each takes many times its bytes.
    pub document_values: u64,
    /// Bytes of one record that are looked at; the rest of a longer record is read and counted, its text is cut.
    pub record_bytes: usize,
    /// Lines of one record.
    pub record_lines: u64,
}

/// How input is read: within which bounds, and which log formats are known.
#[derive(Debug, Clone)]
pub struct Settings {
    pub limits: Limits,
    pub formats: &'static Formats,
    /// Bytes of a source that a thread reads at once where several read it. Changes the time, never what comes out.
    pub piece_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { limits: Limits::default(), formats: Formats::load(), piece_bytes: 1 << 18 }
    }
}

/// How many times smaller than its text no honest log is compressed; 5 to 30 are usual, 100 happen.
const USUAL_RATIO: u64 = 200;

impl Limits {
    /// Unpacked bytes that an input of this size, where it is known, may become.
    pub fn unpacked(&self, stored: Option<u64>) -> u64 {
        let usual = stored.unwrap_or(0).saturating_mul(USUAL_RATIO);
        usual.max(self.unpacked_anyway).min(self.unpacked_bytes)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            depth: 6,
            entries: 100_000,
            unpacked_bytes: 1 << 40,
            unpacked_anyway: 2 << 30,
            // `zstd --long` needs 128 MiB, `xz -9` 64: either of them within the other.
            window_bytes: 200 << 20,
            document_bytes: 128 << 20,
            document_values: 2_000_000,
            record_bytes: 64 << 10,
            record_lines: 500,
        }
    }
}
