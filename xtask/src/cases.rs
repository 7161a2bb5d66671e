//! Cases are packed, since they hold invented strings in the shape of live credentials. Must never change their bytes.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::{Compression, GzBuilder, read::GzDecoder};

/// Names of the cases in a folder, sorted.
pub fn names(cases: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(cases).with_context(|| format!("cannot read {}", cases.display()))?;
    let mut names: Vec<String> = entries
        .filter_map(|e| e.ok())
        .filter(|e| e.path().join("input.tar.gz").is_file())
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    Ok(names)
}

/// Lays `NAME/input.tar.gz` out as `TO/NAME/input`.
pub fn unpack(cases: &Path, to: &Path) -> Result<bool> {
    for name in names(cases)? {
        println!("{}", unpack_one(&cases.join(&name), &to.join(&name))?.display());
    }
    Ok(true)
}

/// Lays one case out below `to` and returns its input folder.
pub fn unpack_one(case: &Path, to: &Path) -> Result<PathBuf> {
    fs::create_dir_all(to)?;
    let packed = case.join("input.tar.gz");
    let file = File::open(&packed).with_context(|| format!("cannot read {}", packed.display()))?;
    tar::Archive::new(GzDecoder::new(file)).unpack(to).with_context(|| format!("cannot unpack {}", packed.display()))?;
    Ok(to.join("input"))
}

/// Packs `FROM/NAME/input` into `cases/NAME/input.tar.gz`, the same bytes for the same files.
pub fn pack(from: &Path, cases: &Path) -> Result<bool> {
    let entries = fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))?;
    let mut folders: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).filter(|p| p.join("input").is_dir()).collect();
    folders.sort();
    for folder in folders {
        let target = cases.join(folder.file_name().unwrap_or_default());
        fs::create_dir_all(&target)?;
        let file = File::create(target.join("input.tar.gz"))?;
        let mut archive = tar::Builder::new(GzBuilder::new().mtime(0).write(file, Compression::best()));
        archive.mode(tar::HeaderMode::Deterministic);
        for path in below(&folder.join("input"))? {
            archive.append_path_with_name(&path, path.strip_prefix(&folder)?)?;
        }
        archive.into_inner()?.finish()?;
        println!("{}", target.display());
    }
    Ok(true)
}

/// A folder and everything below it, sorted.
fn below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = vec![folder.to_path_buf()];
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)?.map(|e| Ok(e?.path())).collect::<Result<_>>()?;
    entries.sort();
    for path in entries {
        if path.is_dir() { found.extend(below(&path)?) } else { found.push(path) }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_unpacks_as_it_was_and_packs_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let (from, cases) = (dir.path().join("plain"), dir.path().join("cases"));
        fs::create_dir_all(from.join("01-x/input/logs")).unwrap();
        fs::write(from.join("01-x/input/logs/a.log"), "one\n").unwrap();
        fs::write(from.join("01-x/input/.hidden"), "two\n").unwrap();
        pack(&from, &cases).unwrap();
        let packed = fs::read(cases.join("01-x/input.tar.gz")).unwrap();
        let again = dir.path().join("again");
        unpack(&cases, &again).unwrap();
        assert_eq!(fs::read_to_string(again.join("01-x/input/logs/a.log")).unwrap(), "one\n");
        pack(&again, &cases).unwrap();
        assert_eq!(fs::read(cases.join("01-x/input.tar.gz")).unwrap(), packed);
    }
}
