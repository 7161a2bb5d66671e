//! Makes the compiler look again when a file is added to the folders that are embedded, and does once what every start would
//! have to do for eight hundred of them: reads the files, and finds what a line needs to be of each format.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, clippy::print_stdout)] // it reads files and speaks to cargo

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs, io};

#[path = "src/formats/needs.rs"]
mod needs;
#[path = "src/formats/parts.rs"]
#[allow(dead_code)]
mod parts;
#[path = "src/formats/trial.rs"]
#[allow(dead_code)]
mod trial;

const FORMATS: &str = "../../formats";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={FORMATS}");
    println!("cargo::rerun-if-changed=src/formats/needs.rs");
    println!("cargo::rerun-if-changed=src/formats/parts.rs");
    println!("cargo::rerun-if-changed=src/formats/trial.rs");
    let (mut gates, mut specs) = (BTreeMap::new(), BTreeMap::new());
    for entry in fs::read_dir(FORMATS)? {
        let path = entry?.path();
        let Some(id) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".toml")) else { continue };
        let mut spec = fs::read_to_string(&path)?.parse::<toml::Table>().unwrap_or_default();
        gates.extend(gate(&spec).map(|gate| (id.to_owned(), gate)));
        // Lines that it shows are for its tests, and for telling it from others when that is asked.
        ["samples", "lookalikes"].iter().for_each(|key| drop(spec.remove(*key)));
        specs.insert(id.to_owned(), spec);
    }
    let rows: String = gates.iter().map(|(id, gate)| format!("({id:?}, {gate}),\n")).collect();
    let out = |name: &str| Path::new(&env::var_os("OUT_DIR").unwrap_or_default()).join(name);
    fs::write(out("gates.rs"), format!("&[\n{rows}]"))?;
    fs::write(out("formats.json"), serde_json::to_string(&specs.iter().collect::<Vec<_>>())?)
}

/// What a line needs to be of a format with a pattern. What is wrong with a file, its tests say.
fn gate(spec: &toml::Table) -> Option<String> {
    let pattern = spec.get("pattern").and_then(|pattern| pattern.as_str());
    let hir = regex_syntax::parse(&parts::anchored(pattern?)).ok()?;
    let needs = needs::Needs::of(&hir);
    let words: String = needs.words.iter().map(|word| bytes(word)).collect();
    let trial = serde_json::to_string(&trial::Trial::of(&hir)).ok()?;
    Some(format!("{:?}, &{:?}, &[{words}], {:?}, {trial:?}", needs.first, needs.shape, needs.bytes))
}

fn bytes(word: &[u8]) -> String {
    format!("b\"{}\", ", word.escape_ascii())
}
