//! Cases: made, listed, renamed, deleted with everything that only they have.
//!
//! Must never know what a case is about.

use crate::db::{Arg, Row};
use crate::{Made, Store, StoreError, ids};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub id: String,
    pub title: String,
    pub created_at: i64,
    /// Of the last change; 0 if there is none.
    pub version: i64,
    /// Number of the latest.
    pub analysis: Option<i64>,
    pub uploads: i64,
    /// Of all uploads together.
    pub bytes: i64,
}

impl Store {
    /// The same key again is the same case.
    pub async fn create_case(&self, title: &str, key: Option<&str>, now: i64) -> Result<Made<Case>, StoreError> {
        let id = ids::new(now)?;
        let mut tx = self.db.begin().await?;
        let number = tx.next("case").await?;
        let args = [Arg::Text(&id), Arg::Int(number), Arg::Text(title), Arg::MaybeText(key), Arg::Int(now)];
        let is_new = tx.run(INSERT, &args).await? == 1;
        let row = match key {
            Some(key) => tx.one(BY_KEY, &[Arg::Text(key)]).await?,
            None => tx.one(BY_ID, &[Arg::Text(&id)]).await?,
        };
        let value = read(&row.ok_or(StoreError::NotFound)?)?;
        if is_new {
            self.commit(tx).await?;
        } else {
            tx.rollback().await?;
        }
        Ok(Made { value, is_new })
    }

    /// The newest first.
    pub async fn cases(&self) -> Result<Vec<Case>, StoreError> {
        self.db.all(ALL, &[]).await?.iter().map(read).collect()
    }

    pub async fn case(&self, id: &str) -> Result<Case, StoreError> {
        read(&self.db.one(BY_ID, &[Arg::Text(id)]).await?.ok_or(StoreError::NotFound)?)
    }

    pub async fn rename_case(&self, id: &str, title: &str) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        if tx.run("UPDATE cases SET title = $2 WHERE id = $1", &[Arg::Text(id), Arg::Text(title)]).await? == 0 {
            return Err(StoreError::NotFound);
        }
        self.commit(tx).await
    }

    /// All its rows at once, then the content that no other case has.
    pub async fn delete_case(&self, id: &str) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        // First the row of the case: who adds to it at the same time waits, and finds that it is gone.
        self.touch(&mut tx, id, 0).await?;
        let rows = tx.all("SELECT DISTINCT sha256 FROM uploads WHERE case_id = $1", &[Arg::Text(id)]).await?;
        let contents: Vec<String> = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        tx.run("DELETE FROM cases WHERE id = $1", &[Arg::Text(id)]).await?;
        self.commit(tx).await?;
        self.db.forget().await;
        self.discard(&contents).await
    }

    /// Cases in which nothing has happened since `before`, the oldest first.
    pub async fn expired(&self, before: i64) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT id FROM cases WHERE active_at < $1 ORDER BY number";
        self.db.all(sql, &[Arg::Int(before)]).await?.iter().map(|row| row.get(0)).collect()
    }
}

const INSERT: &str = "INSERT INTO cases (id, number, title, made_by, created_at, active_at, version) \
     VALUES ($1, $2, $3, $4, $5, $5, 0) ON CONFLICT (made_by) DO NOTHING";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, title, created_at, version, \
             (SELECT MAX(number) FROM analyses WHERE case_id = cases.id), \
             (SELECT COUNT(*) FROM uploads WHERE case_id = cases.id), \
             (SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM uploads WHERE case_id = cases.id) \
             FROM cases ",
            $rest
        )
    };
}

const ALL: &str = select!("ORDER BY number DESC");
const BY_ID: &str = select!("WHERE id = $1");
const BY_KEY: &str = select!("WHERE made_by = $1");

fn read(row: &Row) -> Result<Case, StoreError> {
    Ok(Case {
        id: row.get(0)?,
        title: row.get(1)?,
        created_at: row.get(2)?,
        version: row.get(3)?,
        analysis: row.get(4)?,
        uploads: row.get(5)?,
        bytes: row.get(6)?,
    })
}
