//! What every request shares: the store, the options, what was rendered before, and who listens for progress.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use intake::Settings;
use moka::sync::Cache;
use report::model::Report;
use store::Store;
use tokio::sync::{Notify, Semaphore, watch};

use crate::clock::Steady;
use crate::rooms::Rooms;

/// What an operator may set.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where everything is kept.
    pub folder: PathBuf,
    /// A PostgreSQL to keep all but the uploads in.
    pub postgres: Option<String>,
    /// Names by which browsers may reach this server, beside those of this machine.
    pub names: Vec<String>,
    /// Largest upload, in bytes.
    pub largest: u64,
    /// Cases without any activity for so many days are deleted.
    pub retention_days: Option<u32>,
    /// Threads of one analysis.
    pub threads: usize,
    pub settings: Settings,
    /// Files of the case that is opened to try the program on.
    pub example: Vec<(String, &'static [u8])>,
    /// For tests: the process aborts at the n-th point at which something is made durable.
    pub abort_at: Option<u64>,
}

/// A page as it is sent, packed.
#[derive(Debug, Clone)]
pub struct Page {
    pub packed: Bytes,
    pub tag: String,
}

/// Which state of a case: its id, the number of the analysis, the version of the last change.
pub type State = (String, i64, i64);

pub struct App {
    pub store: Store,
    pub options: Options,
    /// Woken when there is work.
    pub work: Notify,
    /// Reports as people left them.
    pub reports: Cache<State, Arc<Report>>,
    pub pages: Cache<(State, String), Page>,
    /// For what must not happen early because a clock jumped.
    pub clock: Steady,
    pub rooms: Rooms,
    /// Searches at once.
    pub searches: Semaphore,
    channels: Mutex<BTreeMap<String, watch::Sender<String>>>,
}

/// Bytes of pages, and number of reports, that are kept ready.
const READY_BYTES: u64 = 32 << 20;
const READY_REPORTS: u64 = 12;
/// A search takes two threads; more at once only wait for each other.
const SEARCHES: usize = 4;

impl App {
    pub fn new(store: Store, options: Options) -> App {
        let weigher = |(_, place): &(State, String), page: &Page| (page.packed.len() + place.len() + 200) as u32;
        App {
            store,
            options,
            work: Notify::new(),
            reports: Cache::new(READY_REPORTS),
            pages: Cache::builder().weigher(weigher).max_capacity(READY_BYTES).build(),
            clock: Steady::start(),
            rooms: Rooms::new(),
            searches: Semaphore::new(SEARCHES),
            channels: Mutex::default(),
        }
    }

    /// Milliseconds since 1970, for what is written down.
    pub fn now(&self) -> i64 {
        self.clock.latest()
    }

    /// The progress of a case's work, as JSON; empty before there is any.
    pub fn listen(&self, case: &str) -> watch::Receiver<String> {
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        channels.retain(|known, sender| known == case || sender.receiver_count() > 0);
        channels.entry(case.to_owned()).or_insert_with(|| watch::channel(String::new()).0).subscribe()
    }

    pub fn tell(&self, case: &str, progress: String) {
        let channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = channels.get(case) {
            sender.send_replace(progress);
        }
    }
}
