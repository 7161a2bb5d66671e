//! The corpora that the doors begin with, made of what the repository has: `cargo run -p seeds` within `fuzz`, then
//! `corpus/DOOR` has the files and `dictionary` the words. Neither is kept: samples of secrets stand decoded there.
//!
//! Must never need more than the files of the repository. What breaks it: a folder that moved; its seeds are missing then.

mod literals;
mod packed;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Bytes of a seed; a log says the same in its first ones.
const MOST: usize = 6 << 10;
/// What ends a file where several stand in one input (`src/lib.rs`).
const BETWEEN: u8 = 0x1e;

/// A text of the repository, with the name that it has there.
struct Text {
    name: String,
    bytes: Vec<u8>,
}

fn main() -> Result<()> {
    let fuzz = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let root = fuzz.join("..");
    let corpus = Corpus { folder: fuzz.join("corpus"), names: fs::read_to_string(fuzz.join("names"))? };
    let literals = literals::all(&root.join("crates"))?;
    let long: Vec<&str> = literals.iter().filter(|l| l.len() >= 60).map(String::as_str).collect();
    let texts = texts(&root)?;

    for (id, format) in toml_files(&root.join("formats"))? {
        let lines = samples(&format).join("\n") + "\n";
        for door in ["lines", "pieces", "redact"] {
            corpus.add(door, lines.as_bytes())?;
        }
        if id.len() % 4 == 0 {
            corpus.add("formats", format.to_string().as_bytes())?;
        }
        corpus.add("formats", lines.as_bytes())?;
    }
    for (_, rules) in toml_files(&root.join("redactions"))? {
        corpus.add("redact", packed::decoded(&samples(&rules).join("\n")).as_bytes())?;
    }
    for text in texts.iter().map(|t| (t.name.as_str(), &t.bytes[..])).chain(long.iter().map(|l| (guess(l), l.as_bytes()))) {
        corpus.document(text.0, text.1)?;
        corpus.add("lines", text.1)?;
        corpus.add("pieces", text.1)?;
        corpus.add("redact", text.1)?;
    }
    texts.iter().try_for_each(|t| corpus.add("overlap", &overlapping(&String::from_utf8_lossy(&t.bytes))))?;
    for (n, text) in texts.iter().enumerate().step_by(3) {
        corpus.several(&[text, &texts[(n + 7) % texts.len()], &texts[(n + 31) % texts.len()]])?;
    }
    packed::all(&texts[0].bytes, &texts[texts.len() / 2].bytes)?.iter().try_for_each(|c| corpus.add("containers", c))?;
    dictionary(&fuzz.join("dictionary"), &literals)
}

struct Corpus {
    folder: PathBuf,
    names: String,
}

impl Corpus {
    fn add(&self, door: &str, bytes: &[u8]) -> Result<()> {
        let folder = self.folder.join(door);
        fs::create_dir_all(&folder)?;
        let count = fs::read_dir(&folder)?.count();
        Ok(fs::write(folder.join(format!("seed-{count:05}")), bytes)?)
    }

    /// The byte that means a name of the same ending.
    fn byte(&self, name: &str) -> u8 {
        let ending = |n: &str| n.rsplit('.').next().unwrap_or_default().to_string();
        let known = self.names.lines().position(|n| ending(n) == ending(name) && n.contains("slack") == name.contains("slack"));
        u8::try_from(known.unwrap_or(0)).unwrap_or_default()
    }

    fn document(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let one = [&[self.byte(name)], bytes].concat();
        self.add("documents", &one)?;
        self.add("investigate", &one)
    }

    fn several(&self, texts: &[&Text]) -> Result<()> {
        let pieces: Vec<Vec<u8>> = texts.iter().map(|t| [&[self.byte(&t.name)], &t.bytes[..]].concat()).collect();
        self.add("investigate", &pieces.join(&BETWEEN))
    }
}

/// A text with the four cuts before it that make its halves overlap.
fn overlapping(text: &str) -> Vec<u8> {
    [&[180, 60, 20, 240], text.as_bytes()].concat()
}

/// The beginnings of all files of the example and of the cases.
fn texts(root: &Path) -> Result<Vec<Text>> {
    let mut all = Vec::new();
    for path in literals::below(&root.join("examples"), "")? {
        all.push(Text { name: path.to_string_lossy().into_owned(), bytes: fs::read(path)? });
    }
    for path in literals::below(&root.join("cases"), "input.tar.gz")? {
        all.extend(packed::members(&path).with_context(|| format!("cannot read {}", path.display()))?);
    }
    for text in &mut all {
        let end = text.bytes.iter().take(MOST).rposition(|b| *b == b'\n').map_or(MOST, |at| at + 1);
        text.bytes.truncate(end);
    }
    all.retain(|t| !t.bytes.is_empty());
    Ok(all)
}

fn toml_files(folder: &Path) -> Result<Vec<(String, toml::Table)>> {
    let read = |path: PathBuf| {
        let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok((id, fs::read_to_string(&path)?.parse()?))
    };
    literals::below(folder, ".toml")?.into_iter().map(read).collect()
}

/// The lines in `samples` (texts or tables with a `line`), `samples_b64` and `lookalikes`.
fn samples(table: &toml::Table) -> Vec<String> {
    let lists = ["samples", "samples_b64", "lookalikes"].iter().filter_map(|key| table.get(*key)?.as_array());
    let line = |value: &toml::Value| Some(value.as_str().or(value.get("line").and_then(|l| l.as_str()))?.to_string());
    lists.flatten().filter_map(line).collect()
}

/// The name of a text of which only the text is known.
fn guess(text: &str) -> &'static str {
    match text.trim_start().chars().next() {
        Some('{' | '[') => "app.json",
        Some('<') => "page.html",
        _ if text.starts_with("WEBVTT") => "call.vtt",
        _ if text.contains("kind:") || text.contains("\n- ") => "pods.yaml",
        _ if text.lines().next().is_some_and(|l| l.contains(',') && !l.contains(' ')) => "export.csv",
        _ => "chat.txt",
    }
}

/// Short words of the sources: names of members, words that begin something.
fn dictionary(path: &Path, literals: &BTreeSet<String>) -> Result<()> {
    let mut out = String::new();
    for word in literals.iter().filter(|l| (2..=24).contains(&l.len()) && !l.contains(['{', '%'])) {
        let quoted: String = word.bytes().map(|b| format!("\\x{b:02x}")).collect();
        out += &format!("\"{quoted}\"\n");
    }
    Ok(fs::write(path, out)?)
}
