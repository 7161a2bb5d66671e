//! Analyses: the report that each finished job left, in the order in which they came.
//!
//! Must never know what a report says; it is bytes. Nothing changes one that was kept.

use std::io;

use tokio::task::spawn_blocking;

use crate::db::{Arg, Row};
use crate::{Store, StoreError};

/// JSON of a report becomes some twentieth at this level; higher ones take longer than the analysis.
const LEVEL: i32 = 3;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Analysis {
    /// From 1 in each case.
    pub number: i64,
    pub at: i64,
    /// What it read: ids of uploads, and whatever else the worker says.
    pub uploads: Vec<String>,
}

impl Store {
    /// In order of their numbers.
    pub async fn analyses(&self, case: &str) -> Result<Vec<Analysis>, StoreError> {
        let sql = "SELECT number, at, uploads FROM analyses WHERE case_id = $1 ORDER BY number";
        self.db.all(sql, &[Arg::Text(case)]).await?.iter().map(read).collect()
    }

    pub async fn report(&self, case: &str, number: i64) -> Result<Vec<u8>, StoreError> {
        let sql = "SELECT report FROM analyses WHERE case_id = $1 AND number = $2";
        let row = self.db.one(sql, &[Arg::Text(case), Arg::Int(number)]).await?.ok_or(StoreError::NotFound)?;
        let packed: Vec<u8> = row.get(0)?;
        aside(move || zstd::decode_all(packed.as_slice())).await
    }
}

pub async fn pack(report: &[u8]) -> Result<Vec<u8>, StoreError> {
    let report = report.to_vec();
    aside(move || zstd::encode_all(report.as_slice(), LEVEL)).await
}

async fn aside(work: impl FnOnce() -> io::Result<Vec<u8>> + Send + 'static) -> Result<Vec<u8>, StoreError> {
    let done = spawn_blocking(work).await.map_err(|e| StoreError::Other(e.to_string()))?;
    done.map_err(|e| StoreError::Other(format!("a report that was kept cannot be read: {e}")))
}

fn read(row: &Row) -> Result<Analysis, StoreError> {
    let uploads: String = row.get(2)?;
    Ok(Analysis { number: row.get(0)?, at: row.get(1)?, uploads: uploads.lines().map(str::to_owned).collect() })
}
