//! Where results go: standard output, or a file that appears whole or not at all. Must never print progress.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

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

/// The last look at what is about to leave: why it must not, where a secret stands in it. The value is never told.
pub fn leak(what: &Path, bytes: &[u8]) -> Option<String> {
    let found = redact::gate(bytes);
    let first = found.first()?;
    let line = 1 + bytes[..first.start].iter().filter(|b| **b == b'\n').count();
    Some(format!(
        "{} was not written: the rule {} finds a secret in it, at line {line}, bytes {} to {} ({} in all); this should have \
         been replaced before, please report it, and leave out the input that has it until then",
        what.display(),
        first.rule,
        first.start,
        first.end,
        found.len()
    ))
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

/// Adds JSON as its writer made it, in which strings may still have characters that are not seen: they are escaped, which
/// changes nothing for whoever reads it as JSON.
pub fn push_json(json: &str, out: &mut Vec<u8>) {
    if json.is_ascii() {
        return out.extend_from_slice(json.as_bytes());
    }
    let mut units = [0; 2];
    let mut rest = json;
    while let Some((at, c)) = rest.char_indices().find(|(_, c)| !c.is_ascii() && intake::is_unseen(*c)) {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        c.encode_utf16(&mut units).iter().for_each(|unit| out.extend_from_slice(format!("\\u{unit:04x}").as_bytes()));
        rest = &rest[at + c.len_utf8()..];
    }
    out.extend_from_slice(rest.as_bytes());
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
    fn json_says_the_same_with_what_is_not_seen_escaped() {
        let text = "é\u{202e}x\u{9b}1m\u{e0041}\u{1b}";
        let mut out = Vec::new();
        push_json(&serde_json::to_string(text).unwrap(), &mut out);
        assert_eq!(out, "\"é\\u202ex\\u009b1m\\udb40\\udc41\\u001b\"".as_bytes());
        assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
    }

    #[test]
    fn a_secret_on_its_way_out_is_told_by_its_rule_and_place() {
        // Put together here, so that no line of this file has the shape of a credential.
        let token = ["ghp", "_", "a8vXnt57yzfYm909fb3N5hhcmyx7O1preh3s"].concat();
        let why = leak(Path::new("report.md"), format!("fine\nsee {token}\n").as_bytes()).unwrap();
        assert!(why.starts_with("report.md was not written: the rule vendor_token") && why.contains("line 2"), "{why}");
        assert!(!why.contains(&token[4..]));
        assert_eq!(leak(Path::new("report.md"), b"see [token:1]"), None);
    }

    #[test]
    fn a_missing_folder_is_told_beforehand() {
        let paths = [PathBuf::from("a.md"), PathBuf::from("no/such/b.md")];
        assert_eq!(missing_folder(&paths), Some(Path::new("no/such/b.md")));
        assert!(write(Some(&paths[1]), b"x").unwrap_err().to_string().starts_with("cannot write no/such/b.md"));
    }
}
