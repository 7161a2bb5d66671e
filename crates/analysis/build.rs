//! Makes the compiler look again when a file is added to the folders that are embedded, and does once what every start would
//! have to do: reads the files, and finds the literals without which the cues of a signature cannot match.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, clippy::print_stdout)] // it reads files and speaks to cargo

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs, io};

#[path = "src/acts/votes/features.rs"]
mod features;
#[allow(dead_code)]
#[path = "src/signatures/ids.rs"]
mod ids;
#[path = "src/signatures/literals/required.rs"]
mod required;

const SIGNATURES: &str = "../../signatures";
const MESSAGES: &str = "../../messages";
const LENGTHS: &str = "../../lengths";
/// The labels of sentences with a length of time in the order of `acts::votes::lengths`.
const OF_LENGTHS: [&str; 2] = ["outage", "other"];
/// The labels of messages in the order of `acts::votes`.
const LABELS: [&str; 13] = [
    "acknowledge",
    "act",
    "action_item",
    "confess",
    "decide",
    "detect",
    "mitigate",
    "refute",
    "resolve",
    "root_cause",
    "suppose",
    "observe",
    "none",
];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={SIGNATURES}");
    println!("cargo::rerun-if-changed=../../acts");
    println!("cargo::rerun-if-changed={MESSAGES}");
    println!("cargo::rerun-if-changed={LENGTHS}");
    println!("cargo::rerun-if-changed=src/signatures/literals/required.rs");
    println!("cargo::rerun-if-changed=src/signatures/ids.rs");
    println!("cargo::rerun-if-changed=src/acts/votes/features.rs");
    let mut literals = BTreeMap::new();
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(SIGNATURES)? {
        let path = entry?.path();
        let file = fs::read_to_string(&path)?.parse::<toml::Table>().unwrap_or_default();
        literals.extend(literals_of(&file));
        files.insert(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()), file);
    }
    let out = |name: &str| Path::new(&env::var_os("OUT_DIR").unwrap_or_default()).join(name);
    let rows: String = literals.iter().map(|(cue, row)| format!("({cue:?}, {row}),\n")).collect();
    fs::write(out("literals.rs"), format!("&[\n{rows}]"))?;
    fs::write(out("votes.rs"), votes(MESSAGES, &LABELS)?)?;
    fs::write(out("lengths.rs"), votes(LENGTHS, &OF_LENGTHS)?)?;
    fs::write(out("signatures.json"), serde_json::to_string(&files.values().collect::<Vec<_>>())?)
}

/// The labelled messages of a folder, counted: a `Table` of `acts::votes`.
fn votes(folder: &str, labels: &[&str]) -> io::Result<String> {
    let (mut messages, mut totals) = (vec![0_u32; labels.len()], vec![0_u32; labels.len()]);
    let mut counts: BTreeMap<u32, BTreeMap<usize, u16>> = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        for line in fs::read_to_string(&path)?.lines() {
            let label =
                line.split_once(" | ").and_then(|(name, text)| Some((labels.iter().position(|label| *label == name)?, text)));
            let Some((label, text)) = label else {
                return Err(io::Error::other(format!("{}: no label and message: {line}", path.display())));
            };
            messages[label] += 1;
            for feature in features::features(&features::words(text)) {
                totals[label] += 1;
                *counts.entry(feature).or_default().entry(label).or_default() += 1;
            }
        }
    }
    let numbers: Vec<u32> = counts.keys().copied().collect();
    let begins: Vec<usize> = counts.values().scan(0, |at, of| Some(std::mem::replace(at, *at + of.len()))).collect();
    let flat: Vec<(usize, u16)> = counts.values().flatten().map(|(label, count)| (*label, *count)).collect();
    let end = flat.len();
    Ok(format!(
        "Table {{ messages: {messages:?}, features: {totals:?}, numbers: &{numbers:?}, begins: &[{}, {end}], counts: &{flat:?} }}",
        begins.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")
    ))
}

/// The cues of a file that have literals, with these, with all that they need, and whether they stay within a line. What is
/// wrong with the file, its tests say.
fn literals_of(file: &toml::Table) -> Vec<(String, String)> {
    let cues = file.get("cues").and_then(|cues| cues.as_array()).map_or(&[][..], Vec::as_slice);
    let cues = cues.iter().filter_map(toml::Value::as_str);
    let row = |cue: &str| {
        let (words, need) = (expressions::literals::required(cue)?, required::needs(cue, ids::may_hold)?);
        Some((cue.to_string(), format!("&{words:?}, {need}, {}", required::is_within_line(cue))))
    };
    cues.filter_map(row).collect()
}
