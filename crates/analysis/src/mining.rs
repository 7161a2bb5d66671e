//! Templates of messages: masks that differ only in names become one, opposites stay apart.
//!
//! A mask takes out of one message what looks like a variable; what only shows when many messages stand side by side
//! ("user ana logged in", "user bo logged in") is found here, on the distinct masks, once all lines are counted. There
//! are two strings for each group: its *key* decides what belongs together and leaves out much (units, values of
//! keys), its *template* is what a reader sees and keeps what all members share. The method is that of the design
//! ("MCM": mask, collapse, merge), which learned from Drain (He et al., ICWS 2017) to group by length and position and
//! from Brain (Yu et al., TSC 2023) to let the number of distinct values tell a variable from a word.
//!
//! It must never know where a message came from or how severe it was. Input that breaks it: free text in which several
//! words vary at once; every such mask stays a group of its own.

mod compare;
mod display;
mod merge;
mod options;
mod phrases;
mod subsume;
mod tokens;
mod words;

use std::collections::BTreeMap;

pub use options::Options;
pub use tokens::{align, values};

use compare::Key;

/// A group of masks that come from one statement, as far as can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// What its members share, `<*>` for the rest.
    pub template: String,
    /// How it looks as a mask, where that is not as it is shown: a user pinned it. For [`align`].
    pub shape: Option<String>,
    /// Indices into what was given, ascending.
    pub members: Vec<usize>,
}

/// The groups of distinct masks with their counts, the one with the most lines first; equal ones by their template.
/// Every index is in exactly one group. Neither the groups nor their order depend on the order of `masked`.
pub fn templates(masked: &[(&str, u64)], options: &Options) -> Vec<Template> {
    let mut pinned: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut by_key: BTreeMap<Key<'_>, Vec<usize>> = BTreeMap::new();
    for (index, (text, _)) in masked.iter().enumerate() {
        match options.pin(text) {
            Some(pin) => pinned.entry(pin).or_default().push(index),
            None => by_key.entry(phrases::key(&phrases::line(text))).or_default().push(index),
        }
    }
    let count = |members: &[usize]| members.iter().map(|member| masked[*member].1).sum::<u64>();
    let keys: Vec<(Key<'_>, u64)> = by_key.iter().map(|(key, members)| (key.clone(), count(members))).collect();
    let members: Vec<Vec<usize>> = by_key.into_values().collect();
    let of_pins = pinned.into_iter().map(|(pin, members)| {
        let (template, shape) = options.pinned(pin);
        Template { template: template.to_string(), shape: Some(shape.to_string()), members }
    });
    let merged = subsume::into_frequent(merge::by_cardinality(keys));
    let of_keys = merged.into_iter().map(|group| {
        let members: Vec<usize> = group.lines.iter().flat_map(|line| members[*line].iter().copied()).collect();
        let lines: Vec<(&str, u64)> = members.iter().map(|member| masked[*member]).collect();
        Template { template: display::template(&group.key, lines), shape: None, members }
    });
    // Groups that look the same to a reader are one.
    let mut by_template: BTreeMap<String, (Option<String>, Vec<usize>)> = BTreeMap::new();
    for group in of_pins.chain(of_keys) {
        by_template.entry(group.template).or_insert((group.shape, Vec::new())).1.extend(group.members);
    }
    let found = by_template.into_iter().map(|(template, (shape, members))| Template { template, shape, members });
    let mut found: Vec<Template> = found.collect();
    found.iter_mut().for_each(|group| group.members.sort_unstable());
    found.sort_by_key(|group| std::cmp::Reverse(count(&group.members)));
    found
}

#[cfg(test)]
mod tests;
