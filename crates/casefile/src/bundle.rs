//! The paths of the command line as a [`Bundle`]: bytes under public names.
//!
//! Must never change an input. A missing INPUT is told before anything is read; whatever else cannot be opened is an
//! input whose `open` fails with the reason, so that the reader lists it; so is what an earlier run of ours wrote. Standard
//! input and pipes are spooled into a temporary file without a name, which is gone when the program is.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use anyhow::{Context, Result, bail};
use evidence::rotation;
use intake::{Bundle, Input};

use crate::earlier::{self, Made};
use crate::targets::Targets;
use crate::{names, repository, walk};

/// Files, folders, standard input and repositories, sorted by public name; rotated logs from the oldest part on.
pub struct FileBundle {
    inputs: Vec<Input>,
    origins: Vec<Origin>,
    read: AtomicU64,
}

enum Origin {
    File(Held),
    Spooled(Mutex<File>),
    Text(Vec<u8>),
    Unreadable(String),
}

/// A file that is opened when it is read.
struct Held {
    path: PathBuf,
    met: Met,
    /// What an earlier run of ours wrote into it; looked at when it is opened first.
    made: OnceLock<Option<Made>>,
}

/// How we came by a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Met {
    ByName,
    InFolder,
}

impl FileBundle {
    /// Opens nothing but what has to be spooled. Fails on a missing INPUT, on standard input given twice, and where one of
    /// the targets would be written over what is read.
    pub fn new(given: &[PathBuf], targets: &Targets) -> Result<FileBundle> {
        if let Some(missing) = given.iter().find(|p| !is_stdin(p) && !p.exists()) {
            bail!("cannot read {}: there is no such file or folder; check the path", missing.display());
        }
        if given.iter().filter(|p| is_stdin(p)).count() > 1 {
            bail!("cannot read - twice: standard input is read once; give it once");
        }
        targets.spare(given.iter().filter(|path| !path.is_dir()))?;
        let only = given.len() == 1;
        let mut found: Vec<(String, Origin)> = Vec::new();
        for path in given {
            found.extend(expand(path, only, targets)?);
        }
        Ok(FileBundle::sorted(found))
    }

    fn sorted(mut found: Vec<(String, Origin)>) -> FileBundle {
        // The parts of a rotated log in the order in which they were written.
        found.sort_by(|a, b| (rotation(&a.0), &a.0, a.1.rank()).cmp(&(rotation(&b.0), &b.0, b.1.rank())));
        found.dedup_by(|a, b| a.0 == b.0 && a.1.same_file(&b.1));
        let (mut labels, origins): (Vec<String>, Vec<Origin>) = found.into_iter().unzip();
        names::made_unique(&mut labels);
        let inputs = labels.into_iter().zip(&origins).map(|(name, o)| Input { name, size: o.size() }).collect();
        FileBundle { inputs, origins, read: AtomicU64::new(0) }
    }

    /// Without what earlier runs of ours wrote, but for what bears one of these names: a report is checked against what it
    /// was made from, and not against those that were put beside it since.
    pub fn without_reports_but(mut self, named: &BTreeSet<String>) -> FileBundle {
        let is_ours = |origin: &Origin| matches!(origin, Origin::File(held) if held.why_not().is_some());
        let pairs = self.inputs.drain(..).zip(self.origins.drain(..));
        let kept = pairs.filter(|(input, origin)| named.contains(&input.name) || !is_ours(origin));
        let (inputs, origins) = kept.collect::<Vec<_>>().into_iter().unzip();
        FileBundle { inputs, origins, read: self.read }
    }

    /// Bytes of all inputs as they stand, as far as known.
    pub fn size(&self) -> u64 {
        self.inputs.iter().filter_map(|i| i.size).fold(0, u64::saturating_add)
    }

    /// Bytes that were read so far, of whatever input; what is read twice counts twice.
    pub fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    fn origin(&self, input: usize) -> io::Result<&Origin> {
        self.origins.get(input).ok_or_else(|| io::Error::other("there is no such input"))
    }
}

impl Bundle for FileBundle {
    fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    fn open(&self, input: usize) -> io::Result<Box<dyn Read + Send + '_>> {
        self.open_at(input, 0)
    }

    fn open_at(&self, input: usize, offset: u64) -> io::Result<Box<dyn Read + Send + '_>> {
        let inner: Box<dyn Read + Send + '_> = match self.origin(input)? {
            Origin::File(held) => {
                if let Some(reason) = held.why_not() {
                    return Err(io::Error::other(reason));
                }
                let mut file = File::open(&held.path)?;
                if offset > 0 {
                    file.seek(SeekFrom::Start(offset))?;
                }
                Box::new(file)
            }
            Origin::Spooled(file) => Box::new(SpoolReader { file, at: offset }),
            Origin::Text(text) => {
                let mut cursor = Cursor::new(text.as_slice());
                cursor.set_position(offset);
                Box::new(cursor)
            }
            Origin::Unreadable(reason) => return Err(io::Error::other(reason.clone())),
        };
        Ok(Box::new(Counting { inner, read: &self.read }))
    }
}

/// Tells the bundle how much was read of it.
struct Counting<'a> {
    inner: Box<dyn Read + Send + 'a>,
    read: &'a AtomicU64,
}

impl Read for Counting<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl Origin {
    fn size(&self) -> Option<u64> {
        match self {
            Origin::File(held) => held.path.metadata().ok().map(|m| m.len()),
            Origin::Spooled(file) => file.lock().unwrap_or_else(PoisonError::into_inner).metadata().ok().map(|m| m.len()),
            Origin::Text(text) => Some(text.len() as u64),
            Origin::Unreadable(_) => None,
        }
    }

    fn same_file(&self, other: &Origin) -> bool {
        matches!((self, other), (Origin::File(a), Origin::File(b))
            if a.path == b.path || a.path.canonicalize().is_ok_and(|a| b.path.canonicalize().is_ok_and(|b| a == b)))
    }

    /// Tells apart what has the same name, whatever the order in which it was given.
    fn rank(&self) -> (u8, &Path) {
        match self {
            Origin::File(held) => (0, &held.path),
            Origin::Text(_) => (1, Path::new("")),
            Origin::Spooled(_) => (2, Path::new("")),
            Origin::Unreadable(_) => (3, Path::new("")),
        }
    }
}

impl Held {
    fn new(path: PathBuf, met: Met) -> Held {
        Held { path, met, made: OnceLock::new() }
    }

    /// Why it is not read. Lines that we printed may be all that somebody was handed: by its name such a file is read.
    fn why_not(&self) -> Option<&'static str> {
        match self.made.get_or_init(|| earlier::made(&self.path)) {
            Some(Made::Report) => Some("it is a report of casefile"),
            Some(Made::Companion) => Some("casefile wrote it beside a report"),
            Some(Made::Lines) if self.met == Met::InFolder => {
                Some("casefile wrote these lines from other files; give it by its name to read it")
            }
            Some(Made::Lines) | None => None,
        }
    }
}

/// Reads the spool from a position of its own, so that several can read at once.
struct SpoolReader<'a> {
    file: &'a Mutex<File>,
    at: u64,
}

impl Read for SpoolReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.at))?;
        let read = file.read(buffer)?;
        self.at = self.at.saturating_add(read as u64);
        Ok(read)
    }
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn expand(path: &Path, only: bool, targets: &Targets) -> Result<Vec<(String, Origin)>> {
    if is_stdin(path) {
        let spool = spooled(&mut io::stdin().lock()).context("cannot read standard input; try a file instead")?;
        return Ok(vec![("stdin".to_string(), Origin::Spooled(Mutex::new(spool)))]);
    }
    if path.is_dir() {
        let mut found = walk::folder(path, &names::front(path, only));
        targets.leave_out(path, &mut found)?;
        return Ok(found.into_iter().map(|f| (f.name, origin(f.what))).collect());
    }
    let name = names::of_file(path, only);
    let is_file = path.metadata().is_ok_and(|m| m.is_file());
    if is_file {
        return Ok(vec![(name, Origin::File(Held::new(path.to_path_buf(), Met::ByName)))]);
    }
    let spool = File::open(path).and_then(|mut pipe| spooled(&mut pipe));
    Ok(vec![(name, spool.map_or_else(|e| Origin::Unreadable(e.to_string()), |f| Origin::Spooled(Mutex::new(f))))])
}

fn origin(what: walk::What) -> Origin {
    match what {
        walk::What::File(path) => Origin::File(Held::new(path, Met::InFolder)),
        walk::What::Repository(path) => repository::log(&path).map_or_else(Origin::Unreadable, Origin::Text),
        walk::What::Unreadable(reason) => Origin::Unreadable(reason),
    }
}

fn spooled(from: &mut dyn Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(from, &mut file)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn bundled(given: &[PathBuf]) -> Result<FileBundle> {
        FileBundle::new(given, &Targets::stdout())
    }

    fn text(bundle: &FileBundle, input: usize, offset: u64) -> String {
        let mut out = String::new();
        bundle.open_at(input, offset).unwrap().read_to_string(&mut out).unwrap();
        out
    }

    #[test]
    fn inputs_are_sorted_and_named_whatever_their_order() {
        let dir = tempfile::tempdir().unwrap();
        for (folder, name) in [("logs", "b.log"), ("logs", "a.log"), ("chat", "a.log")] {
            fs::create_dir_all(dir.path().join(folder)).unwrap();
            fs::write(dir.path().join(folder).join(name), format!("{folder} {name}")).unwrap();
        }
        let given = [dir.path().join("logs"), dir.path().join("chat")];
        let bundle = bundled(&given).unwrap();
        let names: Vec<&str> = bundle.inputs().iter().map(|i| i.name.as_str()).collect();
        assert_eq!(names, ["chat/a.log", "logs/a.log", "logs/b.log"]);
        let reversed = bundled(&[given[1].clone(), given[0].clone()]).unwrap();
        assert_eq!(reversed.inputs(), bundle.inputs());
        assert_eq!(text(&bundle, 2, 5), "b.log");
        assert_eq!((bundle.size(), bundle.read()), (30, 5));
    }

    #[test]
    fn a_rotated_log_begins_with_its_oldest_part() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["app.log", "app.log.1", "app.log.10", "app.log.2", "b.log"] {
            fs::write(dir.path().join(name), name).unwrap();
        }
        let bundle = bundled(&[dir.path().to_path_buf()]).unwrap();
        let names: Vec<&str> = bundle.inputs().iter().map(|i| i.name.as_str()).collect();
        assert_eq!(names, ["app.log.10", "app.log.2", "app.log.1", "app.log", "b.log"]);
    }

    #[test]
    fn a_file_given_twice_is_read_once() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.log");
        fs::write(&file, "x").unwrap();
        assert_eq!(bundled(&[file.clone(), file]).unwrap().inputs().len(), 1);
    }

    #[test]
    fn what_is_missing_is_told_before_anything_is_read() {
        let error = bundled(&[PathBuf::from("no/such.log")]).err().unwrap().to_string();
        assert!(error.starts_with("cannot read no/such.log: "), "{error}");
    }

    #[test]
    fn a_spool_is_read_by_several_at_once() {
        let file = spooled(&mut "0123456789".as_bytes()).unwrap();
        let bundle = FileBundle::sorted(vec![("stdin".into(), Origin::Spooled(Mutex::new(file)))]);
        let (mut a, mut b) = (bundle.open(0).unwrap(), bundle.open_at(0, 4).unwrap());
        let mut two = [0; 2];
        a.read_exact(&mut two).unwrap();
        assert_eq!(&two, b"01");
        b.read_exact(&mut two).unwrap();
        assert_eq!(&two, b"45");
        a.read_exact(&mut two).unwrap();
        assert_eq!(&two, b"23");
        assert_eq!(bundle.inputs()[0].size, Some(10));
    }

    #[test]
    fn what_cannot_be_read_says_why_when_it_is_opened() {
        let bundle = FileBundle::sorted(vec![("x".into(), Origin::Unreadable("it is a pipe".into()))]);
        assert_eq!(bundle.open(0).err().unwrap().to_string(), "it is a pipe");
    }
}
