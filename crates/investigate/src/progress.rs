//! How far a run is and what it has come across, for whoever watches it. Nothing of it goes into a report, so that watching
//! changes no result.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use evidence::{Level, Record};

/// Counters that are written while a run goes on and may be read at any time.
#[derive(Debug, Default)]
pub struct Progress {
    phase: AtomicU8,
    records: AtomicU64,
    errors: AtomicU64,
    events: AtomicU64,
    /// The first failures that came by, shortened.
    seen: Mutex<Vec<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Reading,
    /// All was read; what it means is being worked out.
    Reasoning,
    /// What is cited is read again.
    Quoting,
}

/// Failures that are told while reading, and characters of each.
const SEEN: usize = 6;
const LENGTH: usize = 160;
/// Records that a source counts for itself before it tells.
const EVERY: u32 = 4_096;

impl Progress {
    pub fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Relaxed) {
            0 => Phase::Reading,
            1 => Phase::Reasoning,
            _ => Phase::Quoting,
        }
    }

    pub fn records(&self) -> u64 {
        self.records.load(Ordering::Relaxed)
    }

    /// Records of level error and above.
    pub fn errors(&self) -> u64 {
        self.errors.load(Ordering::Relaxed)
    }

    /// Chat messages, pages, deploys and the like.
    pub fn events(&self) -> u64 {
        self.events.load(Ordering::Relaxed)
    }

    /// As they stand in the input: to be redacted before anybody sees them.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::Relaxed);
    }

    pub(crate) fn event(&self) {
        self.events.fetch_add(1, Ordering::Relaxed);
    }

    fn tell(&self, message: &str) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let line: String = message.lines().next().unwrap_or_default().chars().take(LENGTH).collect();
        if seen.len() < SEEN && !line.is_empty() && !seen.contains(&line) {
            seen.push(line);
        }
    }
}

/// What one sink counted and has not told yet.
#[derive(Debug, Default)]
pub struct Count {
    records: u32,
    errors: u32,
}

impl Count {
    pub fn record(&mut self, record: &Record<'_>, progress: &Progress) {
        self.records += 1;
        if record.level.is_some_and(|level| level >= Level::Error) {
            self.errors += 1;
            if self.errors == 1 {
                progress.tell(&record.message);
            }
        }
        if self.records >= EVERY {
            self.flush(progress);
        }
    }

    pub fn flush(&mut self, progress: &Progress) {
        progress.records.fetch_add(u64::from(self.records), Ordering::Relaxed);
        progress.errors.fetch_add(u64::from(self.errors), Ordering::Relaxed);
        *self = Count::default();
    }
}
