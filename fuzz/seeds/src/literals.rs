//! The string literals of Rust sources: what the tests feed the doors, and the words that the readers look for.
//!
//! Must never be more than a scanner: a quote in a comment gives a wrong word, which is no harm in a corpus.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

/// All literals of the sources that are read into records, events and reports, and of their tests.
pub fn all(crates: &Path) -> Result<BTreeSet<String>> {
    let mut all = BTreeSet::new();
    for part in ["intake", "analysis", "redact"] {
        for path in below(&crates.join(part), ".rs")? {
            of(&fs::read_to_string(path)?, &mut all);
        }
    }
    Ok(all)
}

/// The files below a folder whose paths end so, sorted.
pub fn below(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)?.map(|e| Ok(e?.path())).collect::<Result<_>>()?;
    entries.sort();
    let mut found = Vec::new();
    for path in entries {
        if path.is_dir() {
            found.extend(below(&path, ending)?);
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    Ok(found)
}

fn of(source: &str, all: &mut BTreeSet<String>) {
    let mut rest = source;
    while let Some(at) = rest.find('"') {
        let hashes = rest[..at].bytes().rev().take_while(|b| *b == b'#').count();
        let is_raw = rest[..at - hashes].ends_with('r');
        rest = &rest[at + 1..];
        let (literal, end) = if is_raw { raw(rest, hashes) } else { escaped(rest) };
        all.insert(literal);
        rest = &rest[end..];
    }
}

fn raw(rest: &str, hashes: usize) -> (String, usize) {
    let close = format!("\"{}", "#".repeat(hashes));
    let end = rest.find(&close).unwrap_or(rest.len());
    (rest[..end].to_string(), (end + close.len()).min(rest.len()))
}

fn escaped(rest: &str) -> (String, usize) {
    let mut out = String::new();
    let mut chars = rest.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (out, at + 1),
            '\\' => match chars.next().map_or('\\', |(_, c)| c) {
                'n' => out.push('\n'),
                't' => out.push('\t'),
                'r' => out.push('\r'),
                '\n' => {
                    while chars.as_str().starts_with(' ') {
                        chars.next();
                    }
                }
                other => out.push(other),
            },
            c => out.push(c),
        }
    }
    (out, rest.len())
}
