//! Bytes on their way in: hashed while they are written, then put among the blobs under their hash.
//!
//! Must never hold more than a piece of them, nor leave a file behind when they end early. A blob that was put down and has no
//! row yet is pinned, so that deleting a case with the same content at the same time does not take it away.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;

use crate::fault::Faults;
use crate::folder::{self, Folder};
use crate::{StoreError, ids};

/// So much is gathered before the disk is asked.
const PIECE: usize = 1 << 20;

/// An upload that is being written.
pub struct Incoming {
    place: Place,
    /// None while a piece is being written, and after that failed.
    open: Option<Open>,
    gathered: Vec<u8>,
    bytes: i64,
}

/// Content that is safe on the disk. Keep it until `add_upload` has answered.
#[derive(Debug, Clone)]
pub struct Blob {
    pub sha256: String,
    pub bytes: i64,
    pin: Arc<Mutex<Option<Pin>>>,
}

impl Blob {
    /// Its row is there, which keeps it from now on.
    pub(crate) fn let_go(&self) {
        self.pin.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// Where files go, and who is told.
#[derive(Clone)]
pub struct Place {
    pub folder: Arc<Folder>,
    pub faults: Arc<Faults>,
    pub pins: Pins,
    pub part: PathBuf,
}

/// How many hold a blob; none, and it is about to be removed.
#[derive(Debug, Clone, Default)]
pub struct Pins(Arc<Mutex<BTreeMap<String, u64>>>);

struct Open {
    file: File,
    hasher: Sha256,
}

impl Incoming {
    pub(crate) fn new(place: Place) -> Result<Self, StoreError> {
        let file = folder::new_file(&place.part)?;
        Ok(Self { place, open: Some(Open { file, hasher: Sha256::new() }), gathered: Vec::new(), bytes: 0 })
    }

    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.bytes += bytes.len() as i64;
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= PIECE { self.flush().await } else { Ok(()) }
    }

    /// After this the content is on the disk whatever happens, and goes at the next opening if no upload names it.
    pub async fn finish(mut self) -> Result<Blob, StoreError> {
        self.flush().await?;
        let Open { file, hasher } = self.open.take().ok_or_else(broken)?;
        let sha256: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let pin = Arc::new(Mutex::new(Some(self.place.pins.pin(&sha256))));
        let (place, name) = (self.place.clone(), sha256.clone());
        blocking(move || put_down(&place, &file, &name)).await?;
        Ok(Blob { sha256, bytes: self.bytes, pin })
    }

    async fn flush(&mut self) -> Result<(), StoreError> {
        let mut open = self.open.take().ok_or_else(broken)?;
        let mut gathered = mem::take(&mut self.gathered);
        let write = move || {
            open.hasher.update(&gathered);
            open.file.write_all(&gathered)?;
            gathered.clear();
            Ok((open, gathered))
        };
        let (open, gathered) = blocking(write).await?;
        self.open = Some(open);
        self.gathered = gathered;
        Ok(())
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // Not there any more when it was put down.
        let _ = fs::remove_file(&self.place.part);
    }
}

impl Pins {
    /// Held until the pin is dropped.
    pub fn pin(&self, sha256: &str) -> Pin {
        *self.lock().entry(sha256.to_owned()).or_default() += 1;
        Pin { pins: self.clone(), sha256: sha256.to_owned() }
    }

    /// Marks what nobody holds as about to go.
    pub fn doom(&self, sha256: &str) {
        self.lock().entry(sha256.to_owned()).or_default();
    }

    /// Removes it, unless somebody has held it since it was marked, even if not any more.
    pub fn carry_out(&self, sha256: &str, remove: impl FnOnce() -> Result<(), StoreError>) -> Result<(), StoreError> {
        let mut pins = self.lock();
        if pins.get(sha256) != Some(&0) {
            return Ok(());
        }
        pins.remove(sha256);
        remove()
    }

    pub fn pardon(&self, sha256: &str) {
        let mut pins = self.lock();
        if pins.get(sha256) == Some(&0) {
            pins.remove(sha256);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
pub struct Pin {
    pins: Pins,
    sha256: String,
}

impl Drop for Pin {
    fn drop(&mut self) {
        let mut pins = self.pins.lock();
        let left = pins.get(&self.sha256).copied().unwrap_or(0);
        if left <= 1 {
            pins.remove(&self.sha256);
        } else {
            pins.insert(self.sha256.clone(), left - 1);
        }
    }
}

impl Place {
    pub fn new(folder: &Arc<Folder>, faults: &Arc<Faults>, pins: &Pins, now: i64) -> Result<Self, StoreError> {
        let part = folder.incoming(&ids::new(now)?);
        Ok(Self { folder: folder.clone(), faults: faults.clone(), pins: pins.clone(), part })
    }
}

/// Whole and synced before it has its name; and its name synced before anybody is told.
fn put_down(place: &Place, file: &File, sha256: &str) -> Result<(), StoreError> {
    let Place { folder, faults, part, .. } = place;
    faults.fault("before an upload is synced");
    file.sync_all()?;
    faults.fault("after an upload is synced");
    let shelf: PathBuf = folder.shelf(sha256)?;
    faults.fault("before an upload gets its name");
    fs::rename(part, folder.blob(sha256))?;
    faults.fault("after an upload got its name");
    folder::sync(Path::new(&shelf))?;
    faults.fault("after the name of an upload is synced");
    Ok(())
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, StoreError> + Send + 'static) -> Result<T, StoreError> {
    spawn_blocking(work).await.map_err(|e| StoreError::Other(e.to_string()))?
}

fn broken() -> StoreError {
    StoreError::Other("an upload that could not be written cannot go on".to_owned())
}
