//! Makes the compiler look again when a file is added to the folders that are embedded, and finds once what a line needs to
//! be of an embedded format: parsing eight hundred expressions at every start took a third of it.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, clippy::print_stdout)] // it reads files and speaks to cargo

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs, io};

#[path = "src/formats/needs.rs"]
mod needs;
#[path = "src/formats/parts.rs"]
#[allow(dead_code)]
mod parts;

const FORMATS: &str = "../../formats";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={FORMATS}");
    println!("cargo::rerun-if-changed=src/formats/needs.rs");
    println!("cargo::rerun-if-changed=src/formats/parts.rs");
    let mut gates = BTreeMap::new();
    for entry in fs::read_dir(FORMATS)? {
        let path = entry?.path();
        if let Some((id, gate)) = gate(&path)? {
            gates.insert(id, gate);
        }
    }
    let rows: String = gates.iter().map(|(id, gate)| format!("({id:?}, {gate}),\n")).collect();
    let out = Path::new(&env::var_os("OUT_DIR").unwrap_or_default()).join("gates.rs");
    fs::write(out, format!("&[\n{rows}]"))
}

/// The id of a format with a pattern, and what a line needs to be of it. What is wrong with a file, its tests say.
fn gate(path: &Path) -> io::Result<Option<(String, String)>> {
    let Some(id) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".toml")) else { return Ok(None) };
    let text = fs::read_to_string(path)?;
    let spec = text.parse::<toml::Table>().ok();
    let pattern = spec.as_ref().and_then(|spec| spec.get("pattern")?.as_str());
    let needs = pattern.and_then(|pattern| needs::Needs::of(&parts::anchored(pattern)).ok());
    let shown = |needs: needs::Needs| {
        let words: String = needs.words.iter().map(|word| bytes(word)).collect();
        format!("{:?}, &{:?}, &[{words}]", needs.first, needs.shape)
    };
    Ok(needs.map(|needs| (id.to_string(), shown(needs))))
}

fn bytes(word: &[u8]) -> String {
    format!("b\"{}\", ", word.escape_ascii())
}
