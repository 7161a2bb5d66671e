//! The page of all log formats, made of their files: `docs/catalogue/formats.md`.
//!
//! Must never say more of a format than its file does. It is stale as soon as a format changes; `cargo xtask tidy` notices.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use intake::formats::{Format, Formats};

const PAGE: &str = "docs/catalogue/formats.md";

/// Writes the page.
pub fn write(root: &Path) -> Result<bool> {
    let path = root.join(PAGE);
    fs::create_dir_all(path.parent().unwrap_or(root))?;
    fs::write(&path, page()).with_context(|| format!("cannot write {PAGE}"))?;
    Ok(true)
}

/// What is wrong with the page that stands there.
pub fn check(root: &Path) -> Option<String> {
    let stands = fs::read_to_string(root.join(PAGE)).unwrap_or_default();
    (stands != page()).then(|| format!("{PAGE} is not what formats/ says; write it with `cargo xtask catalogue`"))
}

fn page() -> String {
    let formats: Vec<&Format> = Formats::load().all().to_vec();
    let of = |shape: &'static str| formats.iter().filter(move |f| f.shape() == shape);
    let mut out = format!(
        "# Log formats\n\n\
         <!-- Written by `cargo xtask catalogue` from the files of formats/; not by hand. -->\n\n\
         Casefile knows {} log formats. Each is one file in [`formats/`](../../formats) with a pattern, samples that it must read and\n\
         look-alikes that it must not. Where two formats read a line, the more special one has it, and which that is follows from\n\
         the samples. `casefile explain-format FILE` says which format a file has and why; [CONTRIBUTING](../../CONTRIBUTING.md)\n\
         says how to add one, and `--formats DIR` reads your own without building anything.\n",
        formats.len()
    );
    for (shape, title) in
        [("pattern", "Lines"), ("json", "JSON objects, one a line"), ("logfmt", "Pairs"), ("text", "Whatever is left")]
    {
        out.push_str(&format!("\n## {title} ({})\n\n| id | format | what writes it |\n|---|---|---|\n", of(shape).count()));
        for format in of(shape) {
            let id = format.id();
            out.push_str(&format!("| [`{id}`](../../formats/{id}.toml) | {} | {} |\n", cell(&format.title), cell(&format.about)));
        }
    }
    out
}

/// Text within a table of Markdown.
fn cell(text: &str) -> String {
    let special = |c: char| matches!(c, '|' | '<' | '>' | '*' | '_' | '[' | ']' | '`' | '\\');
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if special(c) {
            out.push('\\');
        }
        out.push(if c == '\n' { ' ' } else { c });
    }
    out
}
