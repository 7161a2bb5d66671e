//! Makes the compiler look again when a file is added to the folder that is embedded, and does once what every start would have
//! to do: reads the rules, and finds the literals without which their patterns cannot match.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, clippy::print_stdout)] // it reads files and speaks to cargo

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs, io};

#[path = "src/literals.rs"]
#[allow(dead_code)]
mod literals;

const RULES: &str = "../../redactions";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={RULES}");
    println!("cargo::rerun-if-changed=src/literals.rs");
    let (mut rules, mut words) = (BTreeMap::new(), BTreeMap::new());
    for entry in fs::read_dir(RULES)? {
        let path = entry?.path();
        let Some(id) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".toml")) else { continue };
        // A file that cannot be read as what it should be is no rule here, and then nothing is: the program fails closed.
        let mut rule = fs::read_to_string(&path)?.parse::<toml::Table>().unwrap_or_default();
        let patterns = rule.get("patterns").and_then(|patterns| patterns.as_array()).map_or(&[][..], Vec::as_slice);
        let patterns = patterns.iter().filter_map(toml::Value::as_str);
        words.extend(patterns.filter_map(|pattern| Some((pattern.to_owned(), literals::required(pattern)?))));
        // For people, and for the tests, which read the files themselves.
        ["prose", "samples_b64", "lookalikes"].iter().for_each(|key| drop(rule.remove(*key)));
        rules.insert(id.to_owned(), rule);
    }
    let out = Path::new(&env::var_os("OUT_DIR").unwrap_or_default()).join("rules.json");
    let rules: Vec<_> = rules.iter().collect();
    fs::write(out, serde_json::json!({ "rules": rules, "literals": words }).to_string())
}
