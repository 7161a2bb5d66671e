//! Both engines, each test with a folder and a database of its own.
//!
//! PostgreSQL is started once for all tests in a folder that goes when they end. Must never pass without having run: what
//! is missing is a failure, unless CASEFILE_NO_POSTGRES says that there shall be none.

use std::future::Future;

use store::{Location, Store};
use tempfile::TempDir;

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

    pub async fn open(&self) -> Store {
        Store::open(&self.location, NOW).await.unwrap()
    }
}

/// Runs a test on each engine.
pub fn on_both<F: Future<Output = ()>>(test: impl Fn(Place) -> F) {
    run(test(Place::lite()));
}

pub fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(test)
}
