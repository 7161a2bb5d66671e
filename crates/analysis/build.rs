//! Makes the compiler look again when a file is added to the folders that are embedded, and does once what every start would
//! have to do: reads the files, and finds the literals without which the cues of a signature cannot match.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, clippy::print_stdout)] // it reads files and speaks to cargo

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs, io};

#[path = "src/signatures/literals/required.rs"]
mod required;

const SIGNATURES: &str = "../../signatures";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={SIGNATURES}");
    println!("cargo::rerun-if-changed=../../acts");
    println!("cargo::rerun-if-changed=src/signatures/literals/required.rs");
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
    fs::write(out("signatures.json"), serde_json::to_string(&files.values().collect::<Vec<_>>())?)
}

/// The cues of a file that have literals, with these, with all that they need, and whether they stay within a line. What is
/// wrong with the file, its tests say.
fn literals_of(file: &toml::Table) -> Vec<(String, String)> {
    let cues = file.get("cues").and_then(|cues| cues.as_array()).map_or(&[][..], Vec::as_slice);
    let cues = cues.iter().filter_map(toml::Value::as_str);
    let row = |cue: &str| {
        let (words, need) = (expressions::literals::required(cue)?, required::needs(cue)?);
        Some((cue.to_string(), format!("&{words:?}, {need}, {}", required::is_within_line(cue))))
    };
    cues.filter_map(row).collect()
}
