//! Where a run writes, held against what it reads: an input is never written over, and two outputs never share a file.
//!
//! Must never write. Everything is compared by where a path really leads, so that a link or another spelling hides
//! nothing. What an earlier run of ours left in a folder may be replaced: it is no evidence.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::args::Common;
use crate::walk::{Found, What};
use crate::{earlier, output, repository};

/// The files that a run is going to write.
pub struct Targets(Vec<Target>);

struct Target {
    /// As the user knows it.
    named: String,
    real: PathBuf,
    is_stdout: bool,
}

impl Targets {
    /// `outs` get the results, standard output where there are none; `others` are written as well. Fails where a folder is
    /// missing, so that a long run does not end in a mistake that was visible before, and where two of them are one file.
    pub fn new<'p>(outs: &'p [PathBuf], others: impl IntoIterator<Item = &'p PathBuf>) -> Result<Targets> {
        let named: Vec<&PathBuf> = outs.iter().chain(others).collect();
        if let Some(path) = named.iter().find(|path| !output::folder_of(path).is_dir()) {
            bail!("cannot write {}: its folder does not exist; make it first", path.display());
        }
        let mut targets: Vec<Target> = named.into_iter().filter_map(|path| Target::named(path)).collect();
        for (at, target) in targets.iter().enumerate() {
            if let Some(other) = targets[..at].iter().find(|other| other.real == target.real) {
                bail!("cannot write {} and {}: they are one file; give each its own", other.named, target.named);
            }
        }
        targets.extend(outs.is_empty().then(Target::stdout).flatten());
        Ok(Targets(targets))
    }

    /// For a command that writes to standard output only.
    pub fn stdout() -> Targets {
        Targets(Target::stdout().into_iter().collect())
    }

    /// Fails where one of these files, which are read, is one of those that are written.
    pub fn spare<'p>(&self, read: impl IntoIterator<Item = &'p PathBuf>) -> Result<()> {
        read.into_iter().try_for_each(|path| {
            let is_stdin = path.as_os_str() == "-";
            let real = real(if is_stdin { Path::new(STDIN) } else { path });
            match self.0.iter().find(|target| real.as_deref().is_ok_and(|real| real == target.real)) {
                Some(target) => bail!("{}", refusal(target, if is_stdin { "standard input" } else { "it" })),
                None => Ok(()),
            }
        })
    }

    /// The same for what a user has set once.
    pub fn spare_common(&self, common: &Common) -> Result<()> {
        self.spare(&common.config)?;
        let Some(folder) = &common.formats else { return Ok(()) };
        match self.below(folder).find(|target| target.real.exists()) {
            Some(target) => bail!("{}", refusal(target, "it")),
            None => Ok(()),
        }
    }

    /// Takes out of what was found below a folder what this run writes itself. Fails where that is evidence.
    pub fn leave_out(&self, folder: &Path, found: &mut Vec<Found>) -> Result<()> {
        let inside: Vec<&Target> = self.below(folder).collect();
        if inside.is_empty() {
            return Ok(());
        }
        let mut kept = Vec::with_capacity(found.len());
        for one in found.drain(..) {
            let hit = match &one.what {
                What::File(path) => inside.iter().find(|target| real(path).is_ok_and(|real| real == target.real)),
                What::Repository(path) => inside.iter().find(|target| is_kept_by(path, target)),
                What::Unreadable(_) => None,
            };
            match hit {
                None => kept.push(one),
                Some(target) if target.may_be_replaced() && matches!(one.what, What::File(_)) => {}
                Some(target) => bail!("{}", refusal(target, "it")),
            }
        }
        *found = kept;
        Ok(())
    }

    fn below<'t>(&'t self, folder: &Path) -> impl Iterator<Item = &'t Target> {
        let folder = folder.canonicalize().ok();
        self.0.iter().filter(move |target| folder.as_ref().is_some_and(|folder| target.real.starts_with(folder)))
    }
}

/// Where the system says what the standard streams are; where it does not, nothing is known of them.
const STDIN: &str = "/dev/stdin";
const STDOUT: &str = "/dev/stdout";

impl Target {
    /// Nothing for a pipe or a device: nothing is lost there.
    fn named(path: &Path) -> Option<Target> {
        let real = real(path).ok()?;
        let is_file = !real.exists() || real.is_file();
        is_file.then(|| Target { named: path.display().to_string(), real, is_stdout: path == Path::new(STDOUT) })
    }

    /// Nothing unless it was led into a file.
    fn stdout() -> Option<Target> {
        let real = Path::new(STDOUT).canonicalize().ok().filter(|real| real.is_file())?;
        Some(Target { named: "to standard output".to_string(), real, is_stdout: true })
    }

    fn may_be_replaced(&self) -> bool {
        // A shell makes the file, or empties it, before we begin.
        let is_new = || self.is_stdout && self.real.metadata().is_ok_and(|file| file.len() == 0);
        is_new() || earlier::made(&self.real).is_some()
    }
}

/// What of a repository is read is its own folder, not the files that are checked out.
fn is_kept_by(repository: &Path, target: &Target) -> bool {
    let git = repository::git_dir(repository).and_then(|git| git.canonicalize().ok());
    git.is_some_and(|git| target.real.starts_with(git))
}

/// Where a path leads; of a file that is not there yet, where it will be.
fn real(path: &Path) -> io::Result<PathBuf> {
    path.canonicalize().or_else(|error| {
        let name = path.file_name().ok_or(error)?;
        Ok(output::folder_of(path).canonicalize()?.join(name))
    })
}

fn refusal(target: &Target, read: &str) -> String {
    let what = if target.is_stdout { "it goes to a file that" } else { read };
    format!("cannot write {}: {what} is read as well, and what is read is never changed; give another PATH", target.named)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::walk;

    fn folder(names: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for name in names {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "2024-02-07T09:00:00Z INFO up\n").unwrap();
        }
        dir
    }

    fn targets(paths: &[PathBuf]) -> Result<Targets> {
        Targets::new(paths, &[])
    }

    #[test]
    fn two_outputs_are_never_one_file_however_it_is_spelled() {
        let dir = folder(&["d/x"]);
        let at = |name: &str| dir.path().join(name);
        assert!(targets(&[at("a.md"), at("b.md")]).is_ok());
        let same = targets(&[at("a.md"), at("d/../a.md")]).err().unwrap().to_string();
        assert!(same.contains("they are one file"), "{same}");
        assert!(targets(&[at("no/such/a.md")]).err().unwrap().to_string().contains("its folder does not exist"));
    }

    #[test]
    fn an_input_is_spared_however_it_is_spelled() {
        let dir = folder(&["a.log", "d/x"]);
        let at = |name: &str| dir.path().join(name);
        assert!(targets(&[at("d/../a.log")]).unwrap().spare(&[at("a.log")]).is_err());
        assert!(targets(&[at("a.md")]).unwrap().spare(&[at("a.log")]).is_ok());
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(at("a.log"), at("link.md")).unwrap();
            assert!(targets(&[at("link.md")]).unwrap().spare(&[at("a.log")]).is_err());
        }
    }

    #[test]
    fn what_is_found_in_a_folder_is_spared_and_a_new_file_there_is_allowed() {
        let dir = folder(&["in/a.log", "in/repo/.git/HEAD", "in/repo/main.rs"]);
        let root = dir.path().join("in");
        let left = |name: &str| {
            let mut found = walk::folder(&root, "");
            let done = targets(&[root.join(name)]).unwrap().leave_out(&root, &mut found);
            done.map(|()| found.len()).ok()
        };
        assert_eq!([left("a.log"), left("repo/.git/HEAD"), left("repo/.git/new")], [None; 3]);
        // The files of a checkout are not read.
        assert_eq!([left("new.md"), left("repo/main.rs")], [Some(2); 2]);
    }

    #[test]
    fn a_report_that_was_made_before_is_replaced_and_not_read() {
        let dir = folder(&["a.log"]);
        fs::write(dir.path().join("r.json"), "{\n  \"schema\": \"casefile.report/1\"\n}\n").unwrap();
        let mut found = walk::folder(dir.path(), "");
        targets(&[dir.path().join("r.json")]).unwrap().leave_out(dir.path(), &mut found).unwrap();
        assert_eq!(found.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["a.log"]);
    }
}
