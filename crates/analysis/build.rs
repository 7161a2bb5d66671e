//! Makes the compiler look again when a file is added to the folders that are embedded, and finds once the literals without
//! which the cues of a signature cannot match.
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
    for entry in fs::read_dir(SIGNATURES)? {
        literals.extend(literals_of(&fs::read_to_string(entry?.path())?));
    }
    let rows: String = literals.iter().map(|(cue, words)| format!("({cue:?}, &{words:?}),\n")).collect();
    let out = Path::new(&env::var_os("OUT_DIR").unwrap_or_default()).join("literals.rs");
    fs::write(out, format!("&[\n{rows}]"))
}

/// The cues of a file that have literals. What is wrong with the file, its tests say.
fn literals_of(text: &str) -> Vec<(String, Vec<String>)> {
    let file = text.parse::<toml::Table>().unwrap_or_default();
    let cues = file.get("cues").and_then(|cues| cues.as_array()).map_or(&[][..], Vec::as_slice);
    let cues = cues.iter().filter_map(toml::Value::as_str);
    cues.filter_map(|cue| Some((cue.to_string(), required::required(cue)?))).collect()
}
