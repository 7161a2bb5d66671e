//! Names of keys, kept once for the life of the process: plans of many sources name the same ones.
//!
//! Must never grow with the input: beyond a bound there are no further names, and lines with others are read in general.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// Names that are kept, and bytes of the longest.
const NAMES: usize = 16_384;
const LONGEST: usize = 128;

static KNOWN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// The name as it is kept; `None` when there are too many.
pub fn name(text: &str) -> Option<&'static str> {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(name) = known.get(text) {
        return Some(name);
    }
    if known.len() >= NAMES || text.len() > LONGEST {
        return None;
    }
    let name: &'static str = String::leak(text.to_string());
    known.insert(name);
    Some(name)
}
