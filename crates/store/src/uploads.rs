//! Uploads: which content a case has under which names.
//!
//! Must never read the content. Adding and removing ask for an analysis in the same transaction.

use crate::db::{Arg, Row, Tx};
use crate::{Blob, Made, Store, StoreError, ids};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    pub id: String,
    pub case: String,
    /// Each upload of a case has a name of its own.
    pub name: String,
    pub sha256: String,
    pub bytes: i64,
    pub by: String,
    pub at: i64,
}

impl Store {
    /// The same content under the same name is the same upload; other content under that name gets a name beside it.
    #[expect(clippy::too_many_arguments, reason = "five and the store; a struct for them would be named after this function")]
    pub async fn add_upload(&self, case: &str, name: &str, blob: &Blob, by: &str, now: i64) -> Result<Made<Upload>, StoreError> {
        // Its own pin went with the first upload of it; whether it is still there counts only once it is held again.
        let _held = self.pins.pin(&blob.sha256);
        if !self.blob_path(&blob.sha256).is_file() {
            return Err(StoreError::NotFound);
        }
        let mut tx = self.db.begin().await?;
        self.touch(&mut tx, case, now).await?;
        let same = [Arg::Text(case), Arg::Text(name), Arg::Text(&blob.sha256)];
        if let Some(row) = tx.one(SAME, &same).await? {
            let value = read(&row)?;
            tx.rollback().await?;
            blob.let_go();
            return Ok(Made { value, is_new: false });
        }
        let (id, number) = (ids::new(now)?, tx.next("upload").await?);
        let distinct = distinct(&mut tx, case, name).await?;
        let args = [
            Arg::Text(&id),
            Arg::Text(case),
            Arg::Int(number),
            Arg::Text(name),
            Arg::Text(&distinct),
            Arg::Text(&blob.sha256),
            Arg::Int(blob.bytes),
            Arg::Text(by),
            Arg::Int(now),
        ];
        let row = tx.one(INSERT, &args).await?.ok_or(StoreError::NotFound)?;
        let value = read(&row)?;
        self.enqueue_in(&mut tx, case, now).await?;
        self.commit(tx).await?;
        blob.let_go();
        Ok(Made { value, is_new: true })
    }

    /// In the order in which they were added.
    pub async fn uploads(&self, case: &str) -> Result<Vec<Upload>, StoreError> {
        self.db.all(OF_CASE, &[Arg::Text(case)]).await?.iter().map(read).collect()
    }

    pub async fn upload(&self, case: &str, id: &str) -> Result<Upload, StoreError> {
        read(&self.db.one(BY_ID, &[Arg::Text(case), Arg::Text(id)]).await?.ok_or(StoreError::NotFound)?)
    }

    pub async fn remove_upload(&self, case: &str, id: &str, now: i64) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        self.touch(&mut tx, case, now).await?;
        let sql = "DELETE FROM uploads WHERE case_id = $1 AND id = $2 RETURNING sha256";
        let row = tx.one(sql, &[Arg::Text(case), Arg::Text(id)]).await?.ok_or(StoreError::NotFound)?;
        let sha256: String = row.get(0)?;
        self.enqueue_in(&mut tx, case, now).await?;
        self.commit(tx).await?;
        self.discard(&[sha256]).await
    }

    /// Removes the content that no upload has any more. What cannot be removed now is removed at the next opening.
    pub(crate) async fn discard(&self, contents: &[String]) -> Result<(), StoreError> {
        let mut outcome = Ok(());
        for sha256 in contents {
            outcome = outcome.and(self.discard_one(sha256).await);
        }
        outcome
    }

    async fn discard_one(&self, sha256: &str) -> Result<(), StoreError> {
        // Marked before it is looked for: who brings the same content from now on takes the mark away.
        self.pins.doom(sha256);
        let used = self.db.one("SELECT id FROM uploads WHERE sha256 = $1 LIMIT 1", &[Arg::Text(sha256)]).await;
        if let Ok(None) = used {
            self.faults.fault("before a blob is removed");
            self.pins.carry_out(sha256, || self.folder.remove_blob(sha256))?;
            self.faults.fault("after a blob is removed");
            return Ok(());
        }
        self.pins.pardon(sha256);
        used.map(|_| ())
    }

    /// The hashes of all uploads, sorted by bytes.
    pub(crate) async fn contents(&self) -> Result<Vec<String>, StoreError> {
        let rows = self.db.all("SELECT DISTINCT sha256 FROM uploads", &[]).await?;
        let mut contents: Vec<String> = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        contents.sort_unstable();
        Ok(contents)
    }
}

const INSERT: &str = "INSERT INTO uploads (id, case_id, number, given, name, sha256, bytes, by_whom, at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
     RETURNING id, case_id, name, sha256, bytes, by_whom, at";

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, case_id, name, sha256, bytes, by_whom, at FROM uploads WHERE case_id = $1 ", $rest)
    };
}

const SAME: &str = select!("AND given = $2 AND sha256 = $3");
const BY_ID: &str = select!("AND id = $2");
const OF_CASE: &str = select!("ORDER BY number");

fn read(row: &Row) -> Result<Upload, StoreError> {
    Ok(Upload {
        id: row.get(0)?,
        case: row.get(1)?,
        name: row.get(2)?,
        sha256: row.get(3)?,
        bytes: row.get(4)?,
        by: row.get(5)?,
        at: row.get(6)?,
    })
}

/// `logs/api.log.gz`, and where the case has that already, `logs/api-2.log.gz`.
async fn distinct(tx: &mut Tx, case: &str, name: &str) -> Result<String, StoreError> {
    let rows = tx.all("SELECT name FROM uploads WHERE case_id = $1", &[Arg::Text(case)]).await?;
    let taken: Vec<String> = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
    Ok(free(name, &taken))
}

fn free(name: &str, taken: &[String]) -> String {
    let file = name.rfind('/').map_or(0, |slash| slash + 1);
    // A name that begins with a dot has no ending.
    let dot = name[file..].char_indices().skip(1).find(|(_, c)| *c == '.').map_or(name.len(), |(at, _)| file + at);
    let (stem, ending) = name.split_at(dot);
    let mut candidate = name.to_owned();
    for number in 2.. {
        if !taken.contains(&candidate) {
            break;
        }
        candidate = format!("{stem}-{number}{ending}");
    }
    candidate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_gets_a_number_before_its_endings() {
        let taken = ["api.log.gz", "logs/api.log", "logs/api-2.log", ".env", "é", "v1.2/api"].map(str::to_owned);
        assert_eq!(free("new.log", &taken), "new.log");
        assert_eq!(free("api.log.gz", &taken), "api-2.log.gz");
        assert_eq!(free("logs/api.log", &taken), "logs/api-3.log");
        assert_eq!(free(".env", &taken), ".env-2");
        assert_eq!(free("é", &taken), "é-2");
        assert_eq!(free("v1.2/api", &taken), "v1.2/api-2");
        assert_eq!(free("", &[String::new()]), "-2");
    }
}
