//! Which value has which pseudonym. Values are kept as a hash of 128 bits, so that memory does not grow with their length and
//! none can be read from it.
//!
//! Must never depend on anything but the values and their order.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, DefaultHasher, Hasher};

use crate::{base64, views};

#[derive(Debug, Clone, Default)]
pub(crate) struct Numbers {
    known: HashMap<u128, (&'static str, usize), BuildHasherDefault<DefaultHasher>>,
    last: BTreeMap<&'static str, usize>,
}

impl Numbers {
    /// The kind and the number of a value: of its first appearance, in whatever writing.
    pub(crate) fn of(&mut self, kind: &'static str, value: &[u8]) -> (&'static str, usize) {
        let last = &mut self.last;
        *self.known.entry(key(value)).or_insert_with(|| {
            let number = last.entry(kind).or_insert(0);
            *number += 1;
            (kind, *number)
        })
    }
}

/// The same for a value and for its escaped, percent-encoded or base64 form.
fn key(value: &[u8]) -> u128 {
    let plain = views::plain(value);
    let plain = plain.as_deref().unwrap_or(value);
    match base64::text(plain) {
        Some(text) => hash(&text),
        None => hash(plain),
    }
}

fn hash(value: &[u8]) -> u128 {
    let half = |seed: u8| {
        let mut hasher = DefaultHasher::new();
        hasher.write_u8(seed);
        hasher.write(value);
        u128::from(hasher.finish())
    };
    half(1) << 64 | half(2)
}
