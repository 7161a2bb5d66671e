//! The folder of data: who may use it, where a blob lies, what is left over and goes.
//!
//! ```text
//! casefile.lock          held by the one server that uses the folder
//! casefile.db            SQLite, with its write-ahead log beside it
//! incoming/<id>.part     uploads that are not complete; emptied at opening
//! blobs/ab/<sha256>      uploads by their content
//! rooms/<sha256>         made from blobs, may be deleted at any time
//! ```
//!
//! Must never remove what it did not make: only names of its own shapes are touched.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::StoreError;

/// Below this much free space the store is not ready.
const SPACE_LEFT: u64 = 16 << 20;

#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Locked as long as it is open; the system lets go of it however the process ends.
    lock: File,
}

impl Drop for Folder {
    /// Closing is not enough: a process that another thread is just starting has the file open too until it runs its program.
    fn drop(&mut self) {
        // Where it fails, closing it is all that is left.
        let _ = self.lock.unlock();
    }
}

impl Folder {
    /// Makes the folder if it is missing and takes its lock, nothing else.
    pub fn claim(path: &Path) -> Result<Self, StoreError> {
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|e| at(path, &e))?;
        let file = path.join("casefile.lock");
        let options = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&file);
        let lock = options.map_err(|e| at(&file, &e))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), lock }),
            Err(TryLockError::WouldBlock) => {
                Err(StoreError::Unavailable(format!("another server uses {}; stop it, or use another folder", path.display())))
            }
            Err(TryLockError::Error(e)) => Err(at(&file, &e)),
        }
    }

    /// The folders in it, for nobody else to read.
    pub fn furnish(&self) -> Result<(), StoreError> {
        for name in ["blobs", "incoming", "rooms"] {
            private_folder(&self.path.join(name))?;
        }
        Ok(sync(&self.path)?)
    }

    pub fn database(&self) -> PathBuf {
        self.path.join("casefile.db")
    }

    /// Made here rather than by SQLite, whose other files take its mode.
    pub fn make_database(&self) -> Result<(), StoreError> {
        let file = self.database();
        let options = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&file);
        options.map(drop).map_err(|e| at(&file, &e))
    }

    pub fn incoming(&self, id: &str) -> PathBuf {
        self.path.join("incoming").join(format!("{id}.part"))
    }

    pub fn blob(&self, sha256: &str) -> PathBuf {
        self.path.join("blobs").join(first_two(sha256)).join(plain(sha256))
    }

    pub fn room(&self, sha256: &str) -> PathBuf {
        self.path.join("rooms").join(plain(sha256))
    }

    /// The folder in which a blob lies, made and safe on the disk.
    pub fn shelf(&self, sha256: &str) -> Result<PathBuf, StoreError> {
        let blobs = self.path.join("blobs");
        let shelf = blobs.join(first_two(sha256));
        if !shelf.is_dir() {
            private_folder(&shelf)?;
            sync(&blobs)?;
        }
        Ok(shelf)
    }

    pub fn remove_blob(&self, sha256: &str) -> Result<(), StoreError> {
        self.remove_room(sha256);
        match fs::remove_file(self.blob(sha256)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e.into()),
            _ => Ok(()),
        }
    }

    pub fn clear_incoming(&self) -> Result<(), StoreError> {
        let left = entries(&self.path.join("incoming"))?;
        for name in left.iter().filter(|name| name.ends_with(".part")) {
            fs::remove_file(self.path.join("incoming").join(name))?;
        }
        Ok(())
    }

    /// Removes blobs and rooms that `kept`, sorted, does not name.
    pub fn sweep(&self, kept: &[String]) -> Result<(), StoreError> {
        let unknown = |name: &String| is_sha256(name) && kept.binary_search(name).is_err();
        let blobs = self.path.join("blobs");
        for shelf in entries(&blobs)?.iter().filter(|name| name.len() == 2) {
            for name in entries(&blobs.join(shelf))?.iter().filter(|name| unknown(name)) {
                self.remove_blob(name)?;
            }
        }
        entries(&self.path.join("rooms"))?.iter().filter(|name| unknown(name)).for_each(|name| self.remove_room(name));
        Ok(())
    }

    /// Can something be written here, and is there space for more?
    pub fn probe(&self, id: &str) -> Result<(), StoreError> {
        let path = self.incoming(id);
        let written = new_file(&path).and_then(|mut file| file.write_all(b"ready"));
        let removed = fs::remove_file(&path);
        written?;
        removed?;
        let space = rustix::fs::statvfs(&self.path).map_err(io::Error::from)?;
        if space.f_bavail.saturating_mul(space.f_frsize) < SPACE_LEFT { Err(StoreError::Full) } else { Ok(()) }
    }

    /// A room is a file or a folder, and nobody misses it.
    fn remove_room(&self, sha256: &str) {
        let room = self.room(sha256);
        if fs::remove_file(&room).is_err() {
            let _ = fs::remove_dir_all(&room);
        }
    }
}

pub fn new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().create_new(true).write(true).mode(0o600).open(path)
}

/// A name in a folder is on the disk when the folder is.
pub fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

pub fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// What is no hash names no file: a path from outside must not lead out of the folder.
fn plain(sha256: &str) -> &str {
    if is_sha256(sha256) { sha256 } else { "none" }
}

fn first_two(sha256: &str) -> &str {
    &plain(sha256)[..2]
}

fn private_folder(path: &Path) -> Result<(), StoreError> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => Ok(made?),
    }
}

fn entries(folder: &Path) -> Result<Vec<String>, StoreError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.extend(entry?.file_name().into_string());
    }
    names.sort();
    Ok(names)
}

fn at(path: &Path, error: &io::Error) -> StoreError {
    match StoreError::from(io::Error::from(error.kind())) {
        StoreError::Full => StoreError::Full,
        _ => StoreError::Unavailable(format!("{}: {error}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_lets_go_of_a_folder_lets_go_of_it_even_while_another_has_the_lock_file_open() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::claim(place.path()).unwrap();
        assert!(matches!(Folder::claim(place.path()), Err(StoreError::Unavailable(_))));
        // As a process that is being started has it until it runs its program.
        let inherited = folder.lock.try_clone().unwrap();
        drop(folder);
        let again = Folder::claim(place.path()).unwrap();
        drop(inherited);
        assert!(matches!(Folder::claim(place.path()), Err(StoreError::Unavailable(_))), "the lock of another is not let go of");
        drop(again);
    }
}
