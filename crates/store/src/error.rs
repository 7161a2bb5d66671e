//! What may go wrong in keeping, told apart by what the caller can do about it.
//!
//! Must never know HTTP. An error that is not understood is `Other`, never a guess that somebody would act on.

use std::io;

use sqlx::sqlite::SqliteError;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("there is no such item")]
    NotFound,
    /// Somebody else was first: the version that stands now.
    #[error("version {current} came first; read it and decide again")]
    Conflict { current: i64 },
    /// No space, a quota, or a limit of a file's size. Reading still works; writing does as soon as there is space.
    #[error("no space is left to write to; nothing of this was kept")]
    Full,
    /// The disk or the database cannot serve now: read-only, broken, out of descriptors, down.
    #[error("the store cannot be written or read now: {0}")]
    Unavailable(String),
    #[error(
        "these data were written by a newer version (schema {found}; this version knows up to {known}). Nothing was \
         changed; use the newer version, or another folder"
    )]
    Newer { found: i64, known: i64 },
    #[error("{0}")]
    Other(String),
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull, WriteZero};
        match error.kind() {
            StorageFull | FileTooLarge | QuotaExceeded | WriteZero => Self::Full,
            _ => Self::Unavailable(error.to_string()),
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error::{Database, Io, PoolClosed, PoolTimedOut, Protocol, RowNotFound, Tls, WorkerCrashed};
        match error {
            RowNotFound => Self::NotFound,
            Io(error) => error.into(),
            Tls(_) | PoolTimedOut | PoolClosed | WorkerCrashed | Protocol(_) => Self::Unavailable(error.to_string()),
            Database(error) => {
                let code = error.code().unwrap_or_default().into_owned();
                let lite = error.try_downcast_ref::<SqliteError>().is_some();
                if lite { of_sqlite(&code, error.message()) } else { of_postgres(&code, error.message()) }
            }
            other => Self::Other(other.to_string()),
        }
    }
}

/// By SQLite's result codes, <https://www.sqlite.org/rescode.html>: the low byte says what, the rest where.
fn of_sqlite(code: &str, message: &str) -> StoreError {
    let code: i64 = code.parse().unwrap_or(1);
    match code & 0xff {
        13 => StoreError::Full,
        // Only ENOSPC becomes SQLITE_FULL; a file that has reached the limit of its size is told as an input/output error.
        10 if files_are_limited() => StoreError::Full,
        // Busy, locked, out of memory, read-only, input/output, cannot open.
        5 | 6 | 7 | 8 | 10 | 14 => StoreError::Unavailable(format!("SQLite: {message} (code {code})")),
        _ => StoreError::Other(format!("SQLite: {message} (code {code})")),
    }
}

fn files_are_limited() -> bool {
    rustix::process::getrlimit(rustix::process::Resource::Fsize).current.is_some()
}

/// By PostgreSQL's classes, <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn of_postgres(code: &str, message: &str) -> StoreError {
    match code {
        "53100" => StoreError::Full,
        // Read-only, serialisation, deadlock; then connection, resources, operator's intervention, system.
        "25006" | "40001" | "40P01" => StoreError::Unavailable(format!("PostgreSQL: {message} ({code})")),
        _ if ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class)) => {
            StoreError::Unavailable(format!("PostgreSQL: {message} ({code})"))
        }
        _ => StoreError::Other(format!("PostgreSQL: {message} ({code})")),
    }
}
