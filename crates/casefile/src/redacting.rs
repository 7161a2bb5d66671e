//! `casefile redact`: the same bytes without secrets, piece by piece. Must never need UTF-8 or the whole file.
//!
//! Fails closed: a file appears whole or not at all, where the redactor fails nothing of that piece is written, and what is
//! packed or no text is refused, as its secrets would not be seen. UTF-16 is redacted as text and stays UTF-16.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use redact::{Redactor, Removed, Stream};
use serde_json::json;

use crate::args::RedactOptions;
use crate::looks::{self, FromWide, Looks, Order, ToWide};
use crate::targets::Targets;
use crate::{Outcome, output};

/// Bytes that are asked for at once.
const CHUNK: usize = 1 << 20;
/// A line that is longer is cut where a value is not likely to stand.
const LONGEST: usize = 16 << 20;

pub fn run(options: &RedactOptions) -> Result<Outcome> {
    let targets = Targets::new(options.out.as_slice(), &options.ledger)?;
    let stdin = PathBuf::from("-");
    let given = options.input.as_ref().unwrap_or(&stdin);
    targets.spare([given])?;
    let (mut reader, units) = read(given)?;
    let redactor = options.also.iter().fold(Redactor::new(), |r, word| r.also(word));
    let out = options.out.as_deref();
    match &options.ledger {
        None => output::stream(out, |out| redact(&mut *reader, &mut *units.written(out), redactor, |_, _| Ok(())))?,
        Some(path) => {
            output::stream(Some(path), |file| {
                let mut entries = Ledger::begin(BufWriter::new(file), units)?;
                let written = output::stream(out, |out| {
                    redact(&mut *reader, &mut *units.written(out), redactor, |piece, removed| entries.add(piece, removed))
                });
                written.map_err(|e| io::Error::other(format!("{e:#}")))?;
                entries.finish()
            })?;
        }
    }
    Ok(Outcome::Done)
}

/// How the characters of the input are written.
#[derive(Debug, Clone, Copy)]
enum Units {
    Bytes,
    Wide(Order),
}

impl Units {
    /// Writes what was redacted as the input had it.
    fn written<'w>(self, out: &'w mut dyn Write) -> Box<dyn Write + 'w> {
        let out = BufWriter::new(out);
        match self {
            Units::Bytes => Box::new(out),
            Units::Wide(order) => Box::new(ToWide::new(out, order)),
        }
    }

    /// How many bytes this text takes in the input.
    fn size(self, text: &[u8]) -> usize {
        match self {
            Units::Bytes => text.len(),
            Units::Wide(_) => 2 * String::from_utf8_lossy(text).encode_utf16().count(),
        }
    }
}

/// The text of a file or of standard input. Refuses what would go out as it came in, with every secret.
fn read(given: &Path) -> Result<(Box<dyn Read>, Units)> {
    let is_stdin = given.as_os_str() == "-";
    let reader: Box<dyn Read> = if is_stdin { Box::new(io::stdin()) } else { Box::new(opened(given)?) };
    let name = if is_stdin { "standard input".to_string() } else { given.display().to_string() };
    let (head, reader) = looks::ahead(reader).with_context(|| format!("cannot read {name}"))?;
    match looks::of(&head) {
        Looks::Text => Ok((Box::new(reader), Units::Bytes)),
        Looks::Wide(order) => Ok((Box::new(FromWide::new(reader, order)), Units::Wide(order))),
        Looks::Packed => {
            bail!("cannot redact {name}: it is compressed or an archive, in which no secret is seen; unpack it first")
        }
        Looks::Binary => {
            bail!("cannot redact {name}: it is no text, so that secrets in it are not seen; export it as text first")
        }
    }
}

fn opened(path: &Path) -> Result<File> {
    let file =
        File::open(path).and_then(|f| if f.metadata()?.is_dir() { Err(io::ErrorKind::IsADirectory.into()) } else { Ok(f) });
    file.with_context(|| format!("cannot read {}; give one file, or pipe it in", path.display()))
}

/// Whole lines at a time; lines keep their ends, whatever they are.
fn redact(
    reader: &mut dyn Read,
    writer: &mut dyn Write,
    redactor: Redactor,
    mut told: impl FnMut(&[u8], &[Removed]) -> io::Result<()>,
) -> io::Result<()> {
    let mut stream = Stream::new(redactor);
    let mut held = Vec::with_capacity(2 * CHUNK);
    loop {
        let read = (&mut *reader).take(CHUNK as u64).read_to_end(&mut held)?;
        let end = if read == 0 { held.len() } else { cut(&held) };
        let out = stream.line(&held[..end]);
        writer.write_all(&out)?;
        told(&held[..end], stream.removed())?;
        held.drain(..end);
        if read == 0 {
            return writer.flush();
        }
    }
}

/// The end of the last whole line, or of a part of a line that is too long to be held.
fn cut(held: &[u8]) -> usize {
    let line = held.iter().rposition(|b| *b == b'\n').map_or(0, |n| n + 1);
    if line > 0 || held.len() < LONGEST {
        return line;
    }
    held.iter().rposition(|b| b" ,}\t".contains(b)).map_or(held.len(), |n| n + 1)
}

/// The JSON of what was replaced, entry by entry.
struct Ledger<W: Write> {
    out: W,
    units: Units,
    entries: u64,
    /// Bytes and lines of the pieces so far.
    bytes: usize,
    lines: usize,
    /// For each kind, how many values and how many places.
    totals: BTreeMap<&'static str, (usize, u64)>,
}

impl<W: Write> Ledger<W> {
    fn begin(mut out: W, units: Units) -> io::Result<Ledger<W>> {
        out.write_all(b"{\"schema\":\"casefile.redactions/1\",\"removed\":[")?;
        Ok(Ledger { out, units, entries: 0, bytes: 0, lines: 1, totals: BTreeMap::new() })
    }

    fn add(&mut self, piece: &[u8], removed: &[Removed]) -> io::Result<()> {
        let (mut at, mut line, mut byte) = (0, self.lines, self.bytes);
        for entry in removed {
            line += newlines(&piece[at..entry.start]);
            byte += self.units.size(&piece[at..entry.start]);
            at = entry.start;
            let bytes = [byte, byte + self.units.size(&piece[entry.start..entry.end])];
            let value = json!({ "rule": entry.rule, "kind": entry.kind, "number": entry.number, "line": line, "bytes": bytes });
            write!(self.out, "{}\n{value}", if self.entries > 0 { "," } else { "" })?;
            self.entries += 1;
            let total = self.totals.entry(entry.kind).or_default();
            *total = (total.0.max(entry.number), total.1 + 1);
        }
        self.lines = line + newlines(&piece[at..]);
        self.bytes = byte + self.units.size(&piece[at..]);
        Ok(())
    }

    fn finish(mut self) -> io::Result<()> {
        let totals: serde_json::Map<_, _> = self
            .totals
            .iter()
            .map(|(kind, (values, places))| (kind.to_string(), json!({ "values": values, "places": places })))
            .collect();
        write!(self.out, "\n],\"totals\":{}}}\n", serde_json::Value::Object(totals))?;
        self.out.flush()
    }
}

fn newlines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|b| **b == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_the_values_changes() {
        let input = b"mail to ana.ruiz@example.com\r\n\xff\xfe from ana.ruiz@example.com\nno end";
        let mut out = Vec::new();
        redact(&mut &input[..], &mut out, Redactor::new(), |_, _| Ok(())).unwrap();
        assert_eq!(out, b"mail to [email:1]\r\n\xff\xfe from [email:1]\nno end");
    }

    #[test]
    fn the_ledger_tells_places_and_never_values() {
        let input = b"a\nmail to ana.ruiz@example.com\nana.ruiz@example.com password=Kd8xTq1\n";
        let mut json = Vec::new();
        let mut ledger = Ledger::begin(&mut json, Units::Bytes).unwrap();
        redact(&mut &input[..], &mut io::sink(), Redactor::new(), |piece, removed| ledger.add(piece, removed)).unwrap();
        ledger.finish().unwrap();
        let text = String::from_utf8(json).unwrap();
        assert!(!text.contains("ana.ruiz") && !text.contains("Kd8"), "{text}");
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["removed"][1], json!({ "rule": "email", "kind": "email", "number": 1, "line": 3, "bytes": [31, 51] }));
        assert_eq!(json["totals"]["email"], json!({ "values": 1, "places": 2 }));
    }

    #[test]
    fn a_line_without_end_is_cut_between_values() {
        let text = "x".repeat(LONGEST) + " password=Kd8xTq1 y";
        assert_eq!(cut(text.as_bytes()), text.len() - 1);
        assert_eq!(cut(b"a\nbc"), 2);
        assert_eq!(cut(b"abc"), 0);
    }
}
