//! Changes: what people did to a case, one version after the other, each said against the version that its author saw.
//!
//! Must never know what a change means, and never changes or removes one that was recorded.

use crate::db::{Arg, Row};
use crate::{Store, StoreError};

/// What somebody wants to record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    pub who: String,
    pub why: String,
    /// JSON, opaque here.
    pub what: String,
    pub at: i64,
    /// The same key in the same case again is the same change.
    pub key: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// From 1 in each case, without a gap.
    pub version: i64,
    pub at: i64,
    pub who: String,
    pub why: String,
    pub what: String,
}

impl Store {
    /// The version that the change has become. `Conflict` when another came after `expected`.
    pub async fn add_change(&self, case: &str, expected: i64, change: &Change) -> Result<i64, StoreError> {
        let mut tx = self.db.begin().await?;
        self.touch(&mut tx, case, change.at).await?;
        if let Some(key) = &change.key {
            let sql = "SELECT version FROM changes WHERE case_id = $1 AND made_by = $2";
            if let Some(row) = tx.one(sql, &[Arg::Text(case), Arg::Text(key)]).await? {
                tx.rollback().await?;
                return row.get(0);
            }
        }
        let row = tx.one("SELECT version FROM cases WHERE id = $1", &[Arg::Text(case)]).await?;
        let current: i64 = row.ok_or(StoreError::NotFound)?.get(0)?;
        if current != expected {
            tx.rollback().await?;
            return Err(StoreError::Conflict { current });
        }
        let version = current + 1;
        let args = [
            Arg::Text(case),
            Arg::Int(version),
            Arg::MaybeText(change.key.as_deref()),
            Arg::Int(change.at),
            Arg::Text(&change.who),
            Arg::Text(&change.why),
            Arg::Text(&change.what),
        ];
        tx.run(INSERT, &args).await?;
        tx.run("UPDATE cases SET version = $2 WHERE id = $1", &[Arg::Text(case), Arg::Int(version)]).await?;
        self.commit(tx).await?;
        Ok(version)
    }

    /// In the order of their versions.
    pub async fn changes(&self, case: &str) -> Result<Vec<Recorded>, StoreError> {
        let sql = "SELECT version, at, who, why, what FROM changes WHERE case_id = $1 ORDER BY version";
        self.db.all(sql, &[Arg::Text(case)]).await?.iter().map(read).collect()
    }
}

const INSERT: &str = "INSERT INTO changes (case_id, version, made_by, at, who, why, what) VALUES ($1, $2, $3, $4, $5, $6, $7)";

fn read(row: &Row) -> Result<Recorded, StoreError> {
    Ok(Recorded { version: row.get(0)?, at: row.get(1)?, who: row.get(2)?, why: row.get(3)?, what: row.get(4)? })
}
