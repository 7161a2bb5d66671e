//! Taste as a test. Each check is one function from files to faults. Must never mend anything.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::catalogue;
use crate::sources::{self, Source};

/// Which of our crates a crate may use: the arrows of the architecture.
const ARROWS: &[(&str, &[&str])] = &[
    ("evidence", &[]),
    ("expressions", &[]),
    ("intake", &["evidence", "expressions"]),
    ("analysis", &["evidence", "expressions"]),
    ("redact", &[]),
    ("seal", &[]),
    ("report", &["evidence", "analysis", "redact"]),
    ("pdf", &["report"]),
    ("investigate", &["evidence", "intake", "analysis", "redact", "report"]),
    ("verify", &["evidence", "intake", "report"]),
    ("lint", &[]),
    ("logroom", &["evidence", "intake", "analysis"]),
    ("narrate", &["report"]),
    ("connect", &["evidence"]),
    ("store", &[]),
    ("cluster", &["evidence", "intake", "analysis"]),
    ("corpus", &[]),
    ("xtask", &["intake", "analysis", "corpus"]),
];
/// May use everything.
const TOPS: &[&str] = &["casefile", "server"];
/// Folders of knowledge: every file in them carries samples that prove it.
const KNOWLEDGE: &[&str] = &["formats/", "signatures/", "acts/", "redactions/", "lints/"];
/// What may look like a path of a machine: samples, inputs, and what is written about them.
const MAY_NAME_PATHS: &[&str] = &["formats/", "signatures/", "acts/", "redactions/", "cases/", "examples/", "docs/"];

const MAX_FILE: usize = 800;
const LONG_FILE: usize = 400;
const MAX_FUNCTION: usize = 100;

#[derive(Default)]
struct Faults {
    faults: Vec<String>,
    warnings: Vec<String>,
}

pub fn run(root: &Path) -> Result<bool> {
    let files = sources::all(root)?;
    let mut found = Faults::default();
    arrows(root, &mut found)?;
    for file in &files {
        if file.path.ends_with(".rs") {
            header(file, &mut found);
            size(file, &mut found);
            functions(file, &mut found);
        }
        samples(file, &mut found);
        machine_paths(file, &mut found);
    }
    found.faults.extend(catalogue::check(root));
    for warning in &found.warnings {
        println!("warning: {warning}");
    }
    for fault in &found.faults {
        println!("fault: {fault}");
    }
    println!("{} files looked at: {} faults, {} warnings", files.len(), found.faults.len(), found.warnings.len());
    Ok(found.faults.is_empty())
}

/// Uses between crates stand in the table.
fn arrows(root: &Path, found: &mut Faults) -> Result<()> {
    let arguments = ["metadata", "--format-version", "1", "--no-deps", "--offline"];
    let output = Command::new("cargo").args(arguments).current_dir(root).output().context("cannot run cargo")?;
    let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata is no JSON")?;
    let packages = metadata["packages"].as_array().cloned().unwrap_or_default();
    let names: BTreeSet<&str> = packages.iter().filter_map(|p| p["name"].as_str()).collect();
    let table: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    for package in &packages {
        let name = package["name"].as_str().unwrap_or_default();
        let Some(allowed) = table.get(name) else {
            if !TOPS.contains(&name) {
                found.faults.push(format!("the crate {name} has no row in the table of arrows; say what it must never know"));
            }
            continue;
        };
        let uses = package["dependencies"].as_array().into_iter().flatten().filter(|d| d["kind"] != "dev");
        for used in uses.filter_map(|d| d["name"].as_str()).filter(|n| names.contains(n)) {
            if !allowed.contains(&used) {
                found.faults.push(format!("{name} uses {used}, which it must never know"));
            }
        }
    }
    Ok(())
}

/// Every module says what it is for; a file of tests alone need not.
fn header(file: &Source, found: &mut Faults) {
    let first = file.text.lines().find(|l| !l.trim().is_empty() && !l.starts_with("#!["));
    let tests = file.path.ends_with("/tests.rs") || file.path.contains("/tests/");
    if !tests && !first.is_some_and(|l| l.starts_with("//!")) {
        found.faults.push(format!("{} has no header; say what it is for and what it must never know", file.path));
    }
}

fn size(file: &Source, found: &mut Faults) {
    let lines = file.text.lines().count();
    let code = file.text.lines().take_while(|l| *l != "#[cfg(test)]").count();
    if lines > MAX_FILE {
        found.faults.push(format!("{} has {lines} lines; split it", file.path));
    } else if code > LONG_FILE && !file.path.ends_with("/tests.rs") {
        found.warnings.push(format!("{} has {code} lines", file.path));
    }
}

/// From a line with `fn` to the brace that closes it, by the indentation that the formatter gives.
fn functions(file: &Source, found: &mut Faults) {
    let lines: Vec<&str> = file.text.lines().collect();
    for (start, line) in lines.iter().enumerate() {
        let body = line.trim_start();
        let indent = line.len() - body.len();
        let words = ["pub ", "pub(crate) ", "pub(super) ", "const ", "async "];
        let plain = words.iter().fold(body, |rest, word| rest.strip_prefix(word).unwrap_or(rest));
        if !plain.starts_with("fn ") {
            continue;
        }
        let close = format!("{}}}", " ".repeat(indent));
        let length = lines[start..].iter().take_while(|l| **l != close && !l.ends_with("{}")).count() + 1;
        if length > MAX_FUNCTION && lines[start..].contains(&close.as_str()) {
            found.faults.push(format!("{}:{} has a function of {length} lines; split it", file.path, start + 1));
        }
    }
}

/// Knowledge that does not prove itself is none.
fn samples(file: &Source, found: &mut Faults) {
    if !file.path.ends_with(".toml") || !KNOWLEDGE.iter().any(|k| file.path.starts_with(k)) {
        return;
    }
    match file.text.parse::<toml::Table>() {
        Err(error) => found.faults.push(format!("{} is no TOML: {}", file.path, error.message())),
        Ok(table) => {
            let keys = ["samples", "sample", "samples_b64", "sample_b64"];
            let proves = |value: &toml::Value| value.as_array().map_or(value.is_str(), |a| !a.is_empty());
            let recognises = !file.path.starts_with("formats/") || table.contains_key("pattern");
            if recognises && !keys.iter().filter_map(|k| table.get(*k)).any(proves) {
                found.faults.push(format!("{} has no sample; add one that it must recognise", file.path));
            }
        }
    }
}

/// Where somebody's checkout lies is nobody's business.
fn machine_paths(file: &Source, found: &mut Faults) {
    let samples = MAY_NAME_PATHS.iter().any(|p| file.path.starts_with(p)) || file.path.contains("tests");
    if samples || file.path.starts_with("xtask/") {
        return;
    }
    for (number, line) in file.text.lines().enumerate() {
        let names = ["home", "root", "work"].iter().any(|folder| line.contains(&format!("/{folder}/")));
        if names && !in_tests(file, number) {
            found.faults.push(format!("{}:{} names a path of a machine", file.path, number + 1));
        }
    }
}

/// Does the line (0-based) stand below `#[cfg(test)]`?
fn in_tests(file: &Source, number: usize) -> bool {
    file.text.lines().take(number).any(|l| l.trim() == "#[cfg(test)]")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(path: &str, text: &str, check: fn(&Source, &mut Faults)) -> usize {
        let mut found = Faults::default();
        check(&Source { path: path.into(), text: text.into() }, &mut found);
        found.faults.len()
    }

    #[test]
    fn a_module_needs_a_header() {
        assert_eq!(faults("a.rs", "//! What for.\n", header), 0);
        assert_eq!(faults("a.rs", "#![allow(x)]\n\n//! What for.\n", header), 0);
        assert_eq!(faults("a.rs", "use x;\n", header), 1);
    }

    #[test]
    fn a_long_function_is_found_and_a_short_one_is_not() {
        let long = format!("pub fn a() {{\n{}}}\n", "    b();\n".repeat(100));
        assert_eq!(faults("a.rs", &long, functions), 1);
        assert_eq!(faults("a.rs", "fn a() {\n    b();\n}\n", functions), 0);
    }

    #[test]
    fn knowledge_needs_a_sample() {
        assert_eq!(faults("formats/a.toml", "pattern = 'x'\n", samples), 1);
        assert_eq!(faults("formats/a.toml", "[[samples]]\nline = 'x'\n", samples), 0);
        assert_eq!(faults("redactions/a.toml", "samples_b64 = ['eA==']\n", samples), 0);
        assert_eq!(faults("other/a.toml", "title = 'x'\n", samples), 0);
    }

    #[test]
    fn a_path_of_a_machine_is_found_outside_of_samples() {
        assert_eq!(faults("crates/a.rs", "let x = \"/home/ana/x\";\n", machine_paths), 1);
        assert_eq!(faults("formats/a.toml", "line = '/home/ana/x'\n", machine_paths), 0);
    }

    #[test]
    fn the_table_of_arrows_has_no_circle() {
        let mut known: BTreeSet<&str> = BTreeSet::new();
        for _ in ARROWS {
            let ready = ARROWS.iter().filter(|(_, uses)| uses.iter().all(|u| known.contains(u))).map(|(n, _)| *n);
            known.extend(ready.collect::<Vec<_>>());
        }
        assert_eq!(known.len(), ARROWS.len());
    }
}
