//! One way of asking two engines: the same SQL with `$1`, arguments of three kinds, rows read by position.
//!
//! SQLite has one connection that writes and a pool that reads; PostgreSQL has one pool. Must never know what a table means.

use std::path::Path;
use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgRow};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous};
use sqlx::{Connection, Decode, Pool, Postgres, Row as _, Sqlite, SqliteConnection, Transaction, Type};

use crate::StoreError;

const READERS: u32 = 4;
const CONNECTIONS: u32 = 8;
/// How long a request waits for its turn before it is told that the store is busy.
const PATIENCE: Duration = Duration::from_secs(10);

pub enum Db {
    Lite { writer: Pool<Sqlite>, reader: Pool<Sqlite> },
    Postgres(Pool<Postgres>),
}

/// What is written together or not at all. Dropped without `commit`, nothing of it happened.
pub enum Tx {
    Lite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

#[derive(Debug, Clone, Copy)]
pub enum Arg<'a> {
    Int(i64),
    Text(&'a str),
    MaybeText(Option<&'a str>),
    Bytes(&'a [u8]),
}

pub enum Row {
    Lite(SqliteRow),
    Postgres(PgRow),
}

/// What both engines can decode.
pub trait Column: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres> + Sized {}
impl Column for i64 {}
impl Column for Option<i64> {}
impl Column for String {}
impl Column for Option<String> {}
impl Column for Vec<u8> {}

impl Row {
    pub fn get<T: Column>(&self, index: usize) -> Result<T, StoreError> {
        match self {
            Self::Lite(row) => Ok(row.try_get(index)?),
            Self::Postgres(row) => Ok(row.try_get(index)?),
        }
    }
}

/// Binds the arguments; PostgreSQL's texts have no NUL, so neither have SQLite's.
macro_rules! bound {
    ($sql:expr, $args:expr) => {
        $args.iter().fold(sqlx::query($sql), |query, arg| match *arg {
            Arg::Int(value) => query.bind(value),
            Arg::Text(value) => query.bind(value.replace('\0', "\u{fffd}")),
            Arg::MaybeText(value) => query.bind(value.map(|v| v.replace('\0', "\u{fffd}"))),
            Arg::Bytes(value) => query.bind(value),
        })
    };
}

fn lite<'a>(sql: &'static str, args: &'a [Arg<'a>]) -> Query<'a, Sqlite, SqliteArguments> {
    bound!(sql, args)
}

fn postgres<'a>(sql: &'static str, args: &'a [Arg<'a>]) -> Query<'a, Postgres, PgArguments> {
    bound!(sql, args)
}

impl Tx {
    /// How many rows were touched.
    pub async fn run(&mut self, sql: &'static str, args: &[Arg<'_>]) -> Result<u64, StoreError> {
        match self {
            Self::Lite(tx) => Ok(lite(sql, args).execute(&mut **tx).await?.rows_affected()),
            Self::Postgres(tx) => Ok(postgres(sql, args).execute(&mut **tx).await?.rows_affected()),
        }
    }

    pub async fn all(&mut self, sql: &'static str, args: &[Arg<'_>]) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Lite(tx) => Ok(rows(lite(sql, args).fetch_all(&mut **tx).await?, Row::Lite)),
            Self::Postgres(tx) => Ok(rows(postgres(sql, args).fetch_all(&mut **tx).await?, Row::Postgres)),
        }
    }

    pub async fn one(&mut self, sql: &'static str, args: &[Arg<'_>]) -> Result<Option<Row>, StoreError> {
        Ok(self.all(sql, args).await?.into_iter().next())
    }

    /// Several statements without arguments.
    pub async fn script(&mut self, sql: &'static str) -> Result<(), StoreError> {
        match self {
            Self::Lite(tx) => sqlx::raw_sql(sql).execute(&mut **tx).await.map(|_| ())?,
            Self::Postgres(tx) => sqlx::raw_sql(sql).execute(&mut **tx).await.map(|_| ())?,
        }
        Ok(())
    }

    /// The next number of a sequence, in the order of commits.
    pub async fn next(&mut self, counter: &str) -> Result<i64, StoreError> {
        let sql = "UPDATE counters SET last = last + 1 WHERE name = $1 RETURNING last";
        self.one(sql, &[Arg::Text(counter)]).await?.ok_or(StoreError::NotFound)?.get(0)
    }

    /// Says what it is for where engines differ.
    pub fn choose<T>(&self, lite: T, postgres: T) -> T {
        match self {
            Self::Lite(_) => lite,
            Self::Postgres(_) => postgres,
        }
    }

    pub async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Lite(tx) => Ok(tx.commit().await?),
            Self::Postgres(tx) => Ok(tx.commit().await?),
        }
    }

    pub async fn rollback(self) -> Result<(), StoreError> {
        match self {
            Self::Lite(tx) => Ok(tx.rollback().await?),
            Self::Postgres(tx) => Ok(tx.rollback().await?),
        }
    }
}

impl Db {
    /// The file must exist. Durable at each commit, also when the power fails: write-ahead log, synchronous in full.
    pub async fn lite(file: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(false)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(PATIENCE)
            .foreign_keys(true)
            // What was deleted is overwritten, not only forgotten.
            .pragma("secure_delete", "ON");
        // The writer first: it makes the write-ahead log that the readers read along.
        let writer = pool(1).before_acquire(|connection, _| Box::pin(is_clean(connection)));
        let writer = writer.connect_with(options.clone()).await?;
        let reading = options.read_only(true);
        let reader = pool(READERS).min_connections(READERS).connect_with(reading).await?;
        Ok(Self::Lite { writer, reader })
    }

    /// Changes nothing in the file, not even its mode of journal, and makes none beside it.
    pub async fn lite_as_it_stands(file: &Path) -> Result<Self, StoreError> {
        let log = file.with_extension("db-wal");
        let options = SqliteConnectOptions::new().filename(file).create_if_missing(false).read_only(true);
        // Without a write-ahead log the file is complete, and need not be guarded against others: the folder is ours.
        let options = options.immutable(!log.exists());
        let reader = pool(1).connect_with(options).await?;
        Ok(Self::Lite { writer: reader.clone(), reader })
    }

    pub async fn postgres(url: &str) -> Result<Self, StoreError> {
        let options: PgConnectOptions = url.parse().map_err(|e| StoreError::Other(format!("the URL of PostgreSQL: {e}")))?;
        let options = options.application_name("casefile");
        let pool = PoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE).connect_with(options).await?;
        Ok(Self::Postgres(pool))
    }

    pub async fn begin(&self) -> Result<Tx, StoreError> {
        match self {
            // Immediate: a transaction that reads first and writes later would else fail when another program writes between.
            Self::Lite { writer, .. } => Ok(Tx::Lite(writer.begin_with("BEGIN IMMEDIATE").await?)),
            Self::Postgres(pool) => Ok(Tx::Postgres(pool.begin().await?)),
        }
    }

    pub async fn all(&self, sql: &'static str, args: &[Arg<'_>]) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Lite { reader, .. } => Ok(rows(lite(sql, args).fetch_all(reader).await?, Row::Lite)),
            Self::Postgres(pool) => Ok(rows(postgres(sql, args).fetch_all(pool).await?, Row::Postgres)),
        }
    }

    pub async fn one(&self, sql: &'static str, args: &[Arg<'_>]) -> Result<Option<Row>, StoreError> {
        Ok(self.all(sql, args).await?.into_iter().next())
    }

    /// Takes what was deleted out of the write-ahead log, too; best effort, as it waits for who reads. What PostgreSQL keeps of
    /// deleted rows goes with its own vacuum.
    pub async fn forget(&self) {
        if let Self::Lite { writer, .. } = self {
            let _ = sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)").execute(writer).await;
        }
    }

    /// Waits until every connection is closed.
    pub async fn close(&self) {
        match self {
            Self::Lite { writer, reader } => {
                reader.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// A full disk makes SQLite end a transaction by itself; then the driver's own end of it fails, and it believes for ever that
/// the connection is in one. Such a connection is replaced.
async fn is_clean(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // The end of the transaction before is still under way when the connection is handed on.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// Connections to a file do not grow old.
fn pool(connections: u32) -> PoolOptions<Sqlite> {
    PoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

fn rows<T>(rows: Vec<T>, of: fn(T) -> Row) -> Vec<Row> {
    rows.into_iter().map(of).collect()
}
