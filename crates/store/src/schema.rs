//! Brings the schema up to date: every missing migration in one transaction, or none.
//!
//! A database of a newer schema is told, and nothing is written to it. Must never know what the tables mean.

use crate::StoreError;
use crate::db::{Arg, Db, Tx};
use crate::fault::Faults;

/// In order; the n-th makes version n. What was released is never edited again: a change is another file.
const MIGRATIONS: &[&str] = &[include_str!("../migrations/0001_cases.sql")];

/// Refuses a newer schema. Reads only.
pub async fn check(db: &Db) -> Result<(), StoreError> {
    let exists = match db {
        Db::Lite { .. } => LITE_EXISTS,
        Db::Postgres(_) => POSTGRES_EXISTS,
    };
    let Some(row) = db.one(exists, &[]).await? else { return Ok(()) };
    if row.get::<i64>(0)? > 0 {
        known(db.one(VERSION, &[]).await?.map_or(Ok(0), |row| row.get(0))?)?;
    }
    Ok(())
}

pub async fn migrate(db: &Db, faults: &Faults) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    if let Tx::Postgres(_) = tx {
        // Two servers that start at the same time: the second waits, and finds everything done. Any number will do.
        tx.all("SELECT CAST(pg_advisory_xact_lock(7205759403792793) AS TEXT)", &[]).await?;
    }
    tx.script("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)").await?;
    let version: Option<i64> = tx.one(VERSION, &[]).await?.map(|row| row.get(0)).transpose()?;
    let found = version.unwrap_or(0);
    let done = known(found)?;
    if done == MIGRATIONS.len() {
        return tx.rollback().await;
    }
    for migration in &MIGRATIONS[done..] {
        tx.script(migration).await?;
        faults.fault("in the middle of migrating");
    }
    let write = match version {
        Some(_) => "UPDATE schema_version SET version = $1",
        None => "INSERT INTO schema_version (version) VALUES ($1)",
    };
    tx.run(write, &[Arg::Int(MIGRATIONS.len() as i64)]).await?;
    faults.fault("before migrations are committed");
    tx.commit().await?;
    faults.fault("after migrations are committed");
    Ok(())
}

const VERSION: &str = "SELECT version FROM schema_version";
const LITE_EXISTS: &str = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'";
const POSTGRES_EXISTS: &str = "SELECT COUNT(*) FROM information_schema.tables \
     WHERE table_schema = current_schema() AND table_name = 'schema_version'";

fn known(found: i64) -> Result<usize, StoreError> {
    let known = MIGRATIONS.len() as i64;
    if found > known { Err(StoreError::Newer { found, known }) } else { Ok(found.max(0) as usize) }
}
