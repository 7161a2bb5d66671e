//! What the record of a change says that was set: `pool.size: 20 -> 5`, and which later change sets the same back.
//!
//! Must never take an arrow in prose for a setting: what stands before the colon is one word. When it misleads: somebody who sets a
//! value that was right once and is wrong now.

use evidence::Deploy;

use super::Candidate;
use crate::scene::{At, Scene};

/// Name, value before, value after.
pub type Setting = (String, String, String);

/// The settings that the words of a change tell.
pub fn of(text: &str) -> Vec<Setting> {
    let one = |part: &str| {
        let (name, values) = part.trim().split_once(": ")?;
        let (old, new) = values.split_once(" -> ")?;
        let is_name = !name.is_empty() && !name.contains(char::is_whitespace);
        is_name.then(|| (name.to_string(), old.trim().to_string(), new.trim().to_string()))
    };
    text.split(", ").filter_map(one).collect()
}

/// The record of the change itself.
pub fn record<'s>(scene: &'s Scene, candidate: &Candidate) -> Option<&'s At<Deploy>> {
    scene.deploys.iter().find(|d| d.what.kind == "config" && candidate.places.iter().any(|p| *p == d.place))
}

/// Sets something of it back to what it was.
pub fn takes_back(change: &str, later: &str) -> bool {
    let (own, later) = (of(change), of(later));
    own.iter().any(|(name, old, new)| later.iter().any(|(n, o, back)| n == name && back == old && (o == new || old != new)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_taken_back_by_its_old_value() {
        assert_eq!(of("queue.lanes: 16 -> 2, a b: c -> d"), [("queue.lanes".into(), "16".into(), "2".into())]);
        assert!(takes_back("queue.lanes: 16 -> 2", "queue.lanes: 2 -> 16"));
        assert!(!takes_back("queue.lanes: 16 -> 2", "queue.lanes: 2 -> 8"));
        assert!(!takes_back("queue.lanes: 16 -> 2", "queue.depth: 2 -> 16"));
        assert!(of("we moved it: from a -> b").is_empty() || !takes_back("note: a -> b", "other: b -> a"));
    }
}
