//! How well the signatures know lines: `signs < labelled` reads `signature id|line` and says of each line whether its
//! signature was found (`ok`, `MISS`), or whether one that means a failure was found where the label is `none` (`FALSE`).
//!
//! It asks through the same door as the report does, with the word of a record of unknown level; with `--quiet` as of one at
//! level info, where only a clear word counts. Whoever changes signatures measures with it on lines that they did not write
//! them for. It must never know what the lines are about.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, clippy::print_stdout)] // a tool that speaks

use std::io::Read;

use analysis::signatures::{Catalogue, Role};

fn main() -> std::io::Result<()> {
    let spec = if std::env::args().any(|arg| arg == "--quiet") { 0.8 } else { 0.0 };
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let (mut wanted, mut found, mut first, mut healthy, mut misled) = (0, 0, 0, 0, 0);
    for (want, line) in text.lines().filter_map(|line| line.split_once('|')) {
        let hits = Catalogue::load().matches_beside(&[], line, spec, None);
        let ids: Vec<&str> = hits.iter().map(|hit| hit.signature.id.as_str()).collect();
        let mut failing = hits.iter().map(|hit| hit.signature.role);
        let word = if want == "none" {
            healthy += 1;
            let is_misled = failing.any(|role| matches!(role, Role::Cause | Role::Symptom | Role::Amplifier | Role::External));
            misled += usize::from(is_misled);
            if is_misled { "FALSE" } else { "ok" }
        } else {
            wanted += 1;
            first += usize::from(ids.first() == Some(&want));
            found += usize::from(ids.contains(&want));
            if ids.contains(&want) { "ok" } else { "MISS" }
        };
        println!("{word}|{want}|{}|{line}", ids.join(" "));
    }
    println!("found {found} of {wanted}, {first} of them first; misled by {misled} of {healthy}");
    Ok(())
}
