//! Both engines, each test with a folder and a database of its own.
//!
//! PostgreSQL is started once for all tests and goes when they have ended.

use std::future::Future;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{Connection, PgConnection, SqliteConnection};
use store::{Location, Store, StoreError};
use tempfile::TempDir;

use crate::postgres::Postgres;

pub const NOW: i64 = 1_790_000_000_000;

/// A place to open a store at, as often as a test likes.
pub struct Place {
    pub location: Location,
    _folder: TempDir,
}

impl Place {
    pub fn lite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = Location { folder: folder.path().join("data"), ..Location::default() };
        Self { location, _folder: folder }
    }

    /// None where no PostgreSQL is wanted.
    pub fn postgres() -> Option<Self> {
        static SCHEMAS: AtomicU32 = AtomicU32::new(0);
        let server = server()?;
        let schema = format!("test_{}", SCHEMAS.fetch_add(1, Ordering::SeqCst));
        let mut place = Self::lite();
        let base = server.url();
        run(async {
            let mut connection = PgConnection::connect(&base).await.unwrap();
            let make = sqlx::AssertSqlSafe(format!("CREATE SCHEMA {schema}"));
            sqlx::query(make).execute(&mut connection).await.unwrap();
        });
        place.location.postgres = Some(format!("{base}&options[search_path]={schema}"));
        Some(place)
    }

    pub fn both() -> Vec<Self> {
        [Some(Self::lite()), Self::postgres()].into_iter().flatten().collect()
    }

    pub async fn open(&self) -> Store {
        self.try_open().await.unwrap()
    }

    pub async fn try_open(&self) -> Result<Store, StoreError> {
        Store::open(&self.location, NOW).await
    }

    /// Asks the database beside the store; the first column of each row, as a number.
    pub async fn ask(&self, sql: &'static str) -> Vec<i64> {
        ask(&self.location, sql).await
    }

    /// What SQLite itself says about its file; nothing is asked of PostgreSQL.
    pub async fn is_intact(&self) -> bool {
        is_intact(&self.location).await
    }
}

pub async fn ask(location: &Location, sql: &'static str) -> Vec<i64> {
    match &location.postgres {
        Some(url) => sqlx::query_scalar(sql).fetch_all(&mut PgConnection::connect(url).await.unwrap()).await.unwrap(),
        None => sqlx::query_scalar(sql).fetch_all(&mut file(&location.folder).await).await.unwrap(),
    }
}

pub async fn is_intact(location: &Location) -> bool {
    if location.postgres.is_some() {
        return true;
    }
    let mut connection = file(&location.folder).await;
    let said: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check").fetch_all(&mut connection).await.unwrap();
    let dangling = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut connection).await.unwrap();
    said == ["ok"] && dangling.is_empty()
}

async fn file(folder: &Path) -> SqliteConnection {
    SqliteConnection::connect(&format!("sqlite://{}", folder.join("casefile.db").display())).await.unwrap()
}

/// Runs a test on each engine.
pub fn on_both<F: Future<Output = ()>>(test: impl Fn(Place) -> F) {
    for place in Place::both() {
        run(test(place));
    }
}

pub fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(test)
}

/// One for all tests; it ends with this process.
fn server() -> Option<&'static Postgres> {
    static SERVER: OnceLock<Option<Postgres>> = OnceLock::new();
    SERVER.get_or_init(Postgres::start).as_ref()
}
