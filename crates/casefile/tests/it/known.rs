//! Gaps that are known: a test that meets one says so in a list beside it, and passes only while exactly those show.

use std::collections::BTreeSet;

/// What was found wrong: the name of the gap, and what was seen.
pub type Gap = (String, String);

/// Fails unless exactly the gaps of the list show: none may come unseen, and one that closes has to leave the list.
pub fn only(found: Vec<Gap>, known: &[&str]) {
    let names: BTreeSet<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    let known: BTreeSet<&str> = known.iter().copied().collect();
    let new: Vec<_> = found.iter().filter(|(name, _)| !known.contains(name.as_str())).collect();
    let closed: Vec<_> = known.difference(&names).collect();
    assert!(new.is_empty() && closed.is_empty(), "new gaps: {new:#?}\nclosed, take them off the list: {closed:#?}");
}
