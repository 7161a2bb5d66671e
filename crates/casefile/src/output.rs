//! Where results go: standard output, or a file that appears whole or not at all. Must never print progress.

use std::fs::File;
use std::io::{self, IsTerminal, Seek, Write};
use std::path::Path;

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

/// A file without a name in the target's folder, which gets its name when it is complete: whatever ends the program before,
/// nothing is left. What is no regular file (a pipe, a device) is written to directly.
fn file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    if target.exists() && !target.is_file() {
        return Ok(write(&mut File::options().write(true).open(&target)?)?);
    }
    let mut nameless = nameless::open(folder_of(&target));
    if let Some(file) = &mut nameless {
        write(file)?;
        file.sync_all()?;
        if nameless::place(file, &target).is_ok() {
            return Ok(());
        }
        file.rewind()?;
        return named(&target, |out| io::copy(file, out).map(drop));
    }
    named(&target, write)
}

/// Where a file cannot be without a name: one beside the target, renamed when it is complete.
fn named(target: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let mut builder = temporary();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut temporary = builder.tempfile_in(folder_of(target))?;
    write(&mut temporary)?;
    temporary.as_file().sync_all()?;
    temporary.persist(target)?;
    Ok(())
}

fn temporary() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".casefile-");
    builder
}

#[cfg(target_os = "linux")]
mod nameless {
    use std::fs::File;
    use std::io;
    use std::os::fd::AsRawFd;
    use std::path::Path;

    use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat};

    /// Where the system keeps what a process has open; a name is given by way of it.
    const OPEN: &str = "/proc/self/fd";

    /// Nothing where the file system cannot do it.
    pub fn open(folder: &Path) -> Option<File> {
        let mode = Mode::from_raw_mode(0o666);
        let file = rustix::fs::open(folder, OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC, mode).ok()?;
        Path::new(OPEN).is_dir().then(|| File::from(file))
    }

    /// A name cannot be given over another: where the target is there, the file gets one beside it, and is renamed.
    pub fn place(file: &File, target: &Path) -> io::Result<()> {
        let from = Path::new(OPEN).join(file.as_raw_fd().to_string());
        let link = |to: &Path| linkat(CWD, &from, CWD, to, AtFlags::SYMLINK_FOLLOW).map_err(io::Error::from);
        match link(target) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                super::temporary().make_in(super::folder_of(target), link)?.persist(target)?;
                Ok(())
            }
            done => done,
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod nameless {
    use std::fs::File;
    use std::io;
    use std::path::Path;

    pub fn open(_: &Path) -> Option<File> {
        None
    }

    pub fn place(_: &File, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

pub fn folder_of(path: &Path) -> &Path {
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
    fn a_missing_folder_is_told() {
        let path = Path::new("no/such/b.md");
        assert!(write(Some(path), b"x").unwrap_err().to_string().starts_with("cannot write no/such/b.md"));
    }
}
