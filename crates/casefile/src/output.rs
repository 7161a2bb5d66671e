//! Where results go: standard output, or a file that appears whole or not at all. Must never print progress.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
pub use report::render::formats::push_json;

/// Writes to PATH, or to standard output without one.
pub fn write(path: Option<&Path>, bytes: &[u8]) -> Result<()> {
    match path {
        Some(path) => file(path, |out| out.write_all(bytes))
            .with_context(|| format!("cannot write {}; check the folder and its rights", path.display())),
        None => {
            let mut out = io::stdout().lock();
            out.write_all(bytes)?;
            Ok(out.flush()?)
        }
    }
}

/// Lets `write` write bit by bit, to PATH or to standard output without one.
pub fn stream(path: Option<&Path>, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let Some(path) = path else {
        let mut out = io::stdout().lock();
        write(&mut out)?;
        return Ok(out.flush()?);
    };
    file(path, |out| write(out)).with_context(|| format!("cannot write {}; check the folder and its rights", path.display()))
}

/// The first PATH whose folder is not there, so that a long run does not end in a mistake that was visible before.
pub fn missing_folder(paths: &[PathBuf]) -> Option<&Path> {
    paths.iter().find(|p| !folder_of(p).is_dir()).map(PathBuf::as_path)
}

/// Whether what goes to PATH, or to standard output without one, is seen at once.
pub fn is_terminal(path: Option<&Path>) -> bool {
    path.is_none() && io::stdout().is_terminal()
}

/// A line on standard error that goes away again; only on a terminal.
pub fn progress(line: &str) {
    let mut err = io::stderr().lock();
    if err.is_terminal() {
        let _ = write!(err, "\r\x1b[K{line}");
        let _ = err.flush();
    }
}

/// What came from an input, as a terminal may be given it: what is not seen, and could steer it, stands as U+FFFD.
pub fn shown(text: &str) -> String {
    text.chars().map(|c| if intake::is_unseen(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Did whoever reads our output stop reading? That is no mistake.
pub fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|e| e.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe))
}

/// A temporary file beside the target, renamed when it is complete. What is no regular file (a pipe, a device) is
/// written to directly.
fn file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    if target.exists() && !target.is_file() {
        return Ok(write(&mut File::options().write(true).open(&target)?)?);
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".casefile-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut temporary = builder.tempfile_in(folder_of(&target))?;
    write(&mut temporary)?;
    temporary.as_file().sync_all()?;
    temporary.persist(&target)?;
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("report.md");
        write(Some(&path), b"one").unwrap();
        write(Some(&path), b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_missing_folder_is_told_beforehand() {
        let paths = [PathBuf::from("a.md"), PathBuf::from("no/such/b.md")];
        assert_eq!(missing_folder(&paths), Some(Path::new("no/such/b.md")));
        assert!(write(Some(&paths[1]), b"x").unwrap_err().to_string().starts_with("cannot write no/such/b.md"));
    }
}
