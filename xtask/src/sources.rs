//! The files of the repository, as git knows them. Must never look at what is not under version control.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// One text file.
pub struct Source {
    /// Relative to the root, with `/`.
    pub path: String,
    pub text: String,
}

/// All tracked and all new text files that are not ignored, sorted by path.
pub fn all(root: &Path) -> Result<Vec<Source>> {
    let list = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
    let output = Command::new("git").args(list).current_dir(root).output().context("cannot run git")?;
    if !output.status.success() {
        bail!("git does not know this folder; run this in a checkout");
    }
    let names = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut paths: Vec<&str> = names.split('\0').filter(|p| !p.is_empty()).collect();
    paths.sort_unstable();
    paths.dedup();
    let read = |path: &str| Some(Source { path: path.to_string(), text: std::fs::read_to_string(root.join(path)).ok()? });
    Ok(paths.into_iter().filter_map(read).collect())
}
