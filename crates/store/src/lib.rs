//! What a case is made of, kept: uploads, the analyses of them, the changes that people made, and the jobs between.
//!
//! Uploads are files under their hash, everything else is rows: in SQLite in one file beside them, or in PostgreSQL. What is
//! acknowledged is on the disk; what was not is there as a whole or not at all.
//!
//! Must never know HTTP, what a report says or what a change means (both are opaque), the clock or the environment: times are
//! arguments, in milliseconds since 1970. Like the binary it touches files, and ids need randomness. What breaks it is the
//! machine: a full, read-only or broken disk, a database that is down. Each of them is an error that says so.
// The laws against files are for the core; keeping files is what this crate is for.
#![allow(clippy::disallowed_methods)]

mod analyses;
mod cases;
mod changes;
mod db;
mod error;
mod fault;
mod folder;
mod ids;
mod incoming;
mod jobs;
mod schema;
mod uploads;

use std::path::PathBuf;
use std::sync::Arc;

pub use analyses::Analysis;
pub use cases::Case;
pub use changes::{Change, Recorded};
use db::{Arg, Db, Tx};
pub use error::StoreError;
use fault::Faults;
use folder::Folder;
pub use incoming::{Blob, Incoming};
use incoming::{Pins, Place};
pub use jobs::{Ending, Job, Lease, State};
pub use uploads::Upload;

/// Where to keep things.
#[derive(Debug, Clone, Default)]
pub struct Location {
    pub folder: PathBuf,
    /// Rows go to this database instead of a file in the folder; one database for one folder.
    pub postgres: Option<String>,
    /// Aborts the process at the n-th place where a machine may die. For tests; a release build takes no notice.
    pub abort_at: Option<u64>,
}

/// What was made, or found because the same was asked for before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made<T> {
    pub value: T,
    pub is_new: bool,
}

/// Cheap to clone; the folder is let go of with the last clone.
#[derive(Clone)]
pub struct Store {
    db: Arc<Db>,
    folder: Arc<Folder>,
    faults: Arc<Faults>,
    pins: Pins,
}

impl Store {
    /// Takes the folder, brings the schema up to date, gives back the jobs that a process held which is dead, and removes
    /// what it left half done.
    pub async fn open(location: &Location, now: i64) -> Result<Self, StoreError> {
        let folder = Folder::claim(&location.folder)?;
        let faults = Faults::new(location.abort_at);
        let db = match &location.postgres {
            Some(url) => Db::postgres(url).await?,
            None => lite(&folder).await?,
        };
        schema::check(&db).await?;
        folder.furnish()?;
        schema::migrate(&db, &faults).await?;
        let store = Self { db: Arc::new(db), folder: Arc::new(folder), faults: Arc::new(faults), pins: Pins::default() };
        store.settle().await?;
        store.folder.clear_incoming()?;
        store.folder.sweep(&store.contents().await?)?;
        store.requeue_all(now).await?;
        Ok(store)
    }

    /// Can it write, rows and files, and is there space for more?
    pub async fn ready(&self) -> Result<(), StoreError> {
        self.folder.probe(&ids::new(0)?)?;
        let mut tx = self.db.begin().await?;
        tx.next("probe").await?;
        tx.rollback().await
    }

    /// Begins an upload.
    pub fn incoming(&self, now: i64) -> Result<Incoming, StoreError> {
        Incoming::new(Place::new(&self.folder, &self.faults, &self.pins, now)?)
    }

    pub fn blob_path(&self, sha256: &str) -> PathBuf {
        self.folder.blob(sha256)
    }

    /// Where the log room may keep what it makes of an upload. It goes with the upload, and may go before.
    pub fn room_path(&self, sha256: &str) -> PathBuf {
        self.folder.room(sha256)
    }

    /// Closes every connection, so that the write-ahead log is merged into the file. Not needed for anything to be safe.
    pub async fn close(&self) {
        self.db.close().await;
    }

    /// How many places where a machine may die were passed since opening; 0 in a release build.
    pub fn fault_points(&self) -> u64 {
        self.faults.passed()
    }

    /// PostgreSQL may still be at the last commit that a process sent which is dead now. Blobs are compared with rows after that.
    async fn settle(&self) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        if let Tx::Postgres(_) = tx {
            tx.script("LOCK TABLE cases, uploads, jobs IN SHARE ROW EXCLUSIVE MODE").await?;
        }
        tx.rollback().await
    }

    async fn commit(&self, tx: Tx) -> Result<(), StoreError> {
        self.faults.fault("before a commit");
        tx.commit().await?;
        self.faults.fault("after a commit");
        Ok(())
    }

    /// Says that something happened to a case, and keeps others from it until the transaction ends.
    async fn touch(&self, tx: &mut Tx, case: &str, now: i64) -> Result<(), StoreError> {
        // A clock that jumps back does not make a case older than it is.
        let sql = "UPDATE cases SET active_at = CASE WHEN active_at < $2 THEN $2 ELSE active_at END WHERE id = $1";
        match tx.run(sql, &[Arg::Text(case), Arg::Int(now)]).await? {
            0 => Err(StoreError::NotFound),
            _ => Ok(()),
        }
    }
}

/// Looks before it opens for writing, so that a newer schema is left as it is.
async fn lite(folder: &Folder) -> Result<Db, StoreError> {
    let file = folder.database();
    if std::fs::metadata(&file).is_ok_and(|m| m.len() > 0) {
        let standing = Db::lite_as_it_stands(&file).await?;
        let checked = schema::check(&standing).await;
        standing.close().await;
        checked?;
    }
    folder.make_database()?;
    Db::lite(&file).await
}
