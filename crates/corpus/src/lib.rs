//! Invented logs of any size, for benchmarks: the same bytes for the same kind and size, on every machine.
//!
//! A ticket shop of twenty services has two hours of an ordinary morning; in the last two fifths of it the pool of
//! connections of `seating` is exhausted. This crate must never know Casefile: what is fast on lines that were made to
//! suit a parser says nothing. It knows no clock and no randomness but its own. It misleads where real logs are worse:
//! its lines have few kinds, no line is cut or broken, and no stream is mixed with another.

mod entries;
mod lines;
mod random;
mod words;

use std::io::{self, Write};

pub use entries::{Entries, Entry, Level};

/// How the lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One JSON object a line, all with the same keys.
    Json,
    /// JSON lines of four loggers.
    MixedJson,
    /// `key=value` pairs.
    Logfmt,
    /// What a web server writes about its requests.
    Access,
    /// Text with a time, and Java's stack traces.
    Plain,
}

impl Kind {
    pub const ALL: [Kind; 5] = [Kind::Json, Kind::MixedJson, Kind::Logfmt, Kind::Access, Kind::Plain];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Json => "json",
            Kind::MixedJson => "mixed-json",
            Kind::Logfmt => "logfmt",
            Kind::Access => "access",
            Kind::Plain => "plain",
        }
    }

    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Bytes that are made before they are handed on.
const PIECE: usize = 1 << 20;

/// Whole lines, until they are at least so many bytes.
pub fn write(kind: Kind, bytes: u64, out: &mut dyn Write) -> io::Result<()> {
    let mut entries = Entries::new();
    let (mut piece, mut before) = (String::with_capacity(2 * PIECE), 0);
    while before < bytes {
        while piece.len() < PIECE && before + (piece.len() as u64) < bytes {
            let share = (before + piece.len() as u64) as f64 / bytes as f64;
            lines::write(kind, &entries.draw(share), &mut piece);
        }
        out.write_all(piece.as_bytes())?;
        before += piece.len() as u64;
        piece.clear();
    }
    Ok(())
}

/// The same in memory.
pub fn bytes(kind: Kind, bytes: usize) -> Vec<u8> {
    let mut made = Vec::with_capacity(bytes + PIECE);
    // Writing to memory cannot fail.
    let _ = write(kind, bytes as u64, &mut made);
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_kind_and_size_give_the_same_whole_lines() {
        for kind in Kind::ALL {
            let made = bytes(kind, 300_000);
            assert_eq!(made, bytes(kind, 300_000));
            assert!((300_000..310_000).contains(&made.len()) && made.ends_with(b"\n"), "{}", kind.name());
        }
    }

    #[test]
    fn the_incident_is_in_the_last_two_fifths() {
        let text = String::from_utf8(bytes(Kind::Json, 1_000_000)).unwrap();
        let first = text.find("no free connection").unwrap();
        assert!((600_000..650_000).contains(&first), "{first}");
    }

    #[test]
    fn plain_text_has_stack_traces() {
        let text = String::from_utf8(bytes(Kind::Plain, 100_000)).unwrap();
        assert!(text.contains("\n\tat ") && text.contains("\nCaused by: "));
    }

    #[test]
    fn a_kind_is_known_by_its_name() {
        assert!(Kind::ALL.into_iter().all(|kind| Kind::named(kind.name()) == Some(kind)));
        assert_eq!(Kind::named("csv"), None);
    }
}
