//! Where parts of a source that were read apart meet: whether each stream says in them what it says when they are one.
//!
//! Must never look at a line; how a stream began and ended is the framer's to say. What breaks it: stack traces that stand
//! between the lines of other streams; such a source is read by one thread.

use std::collections::BTreeMap;

use super::MOST_LANES;
use crate::framing::Behind;

/// What a stream was at both ends of a part of its source.
#[derive(Debug, Clone, Copy)]
pub struct Edge {
    pub lane: u64,
    /// Behind what its first record begins as it did; `None` where more hung on what was before.
    pub begins: Option<Behind>,
    pub ends: Behind,
    /// A line of it goes on, or another took its room.
    pub is_torn: bool,
}

/// Parts of a source that were read apart, put together in their order: whether each stream says in them what it says when
/// they are read as one.
#[derive(Debug, Default)]
pub struct Seams {
    /// Parts whose turn has not come.
    waiting: BTreeMap<u64, Vec<Edge>>,
    next: u64,
    /// How each stream ended that was met so far.
    ends: BTreeMap<u64, Edge>,
}

impl Seams {
    /// Adds a part; false when it, or one that waited for it, would have gone on where others ended.
    pub fn add(&mut self, number: u64, edges: Vec<Edge>) -> bool {
        self.waiting.insert(number, edges);
        while let Some(edges) = self.waiting.remove(&self.next) {
            self.next += 1;
            for edge in edges {
                let goes_on = |before: Edge| before.is_torn || edge.begins.is_none_or(|begins| begins < before.ends);
                if self.ends.insert(edge.lane, edge).is_some_and(goes_on) || self.ends.len() > MOST_LANES {
                    return false;
                }
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(lane: u64, begins: Behind, ends: Behind) -> Edge {
        Edge { lane, begins: Some(begins), ends, is_torn: false }
    }

    #[test]
    fn parts_go_together_in_their_order_whenever_they_come() {
        let parts = [
            vec![edge(1, Behind::Nothing, Behind::Any)],
            vec![edge(1, Behind::Any, Behind::Lines), edge(2, Behind::Nothing, Behind::Nothing)],
            vec![edge(1, Behind::Lines, Behind::Nothing), edge(2, Behind::Nothing, Behind::Nothing)],
        ];
        let mut seams = Seams::default();
        assert!([2, 0, 1].into_iter().all(|n| seams.add(n as u64, parts[n].clone())));
        // In another order the second goes on where the third ended.
        let mut seams = Seams::default();
        assert!(seams.add(2, parts[1].clone()) && seams.add(0, parts[0].clone()));
        assert!(!seams.add(1, vec![edge(1, Behind::Lines, Behind::Nothing)]));
    }

    #[test]
    fn what_is_torn_or_hung_on_more_goes_together_with_nothing() {
        let whole = edge(1, Behind::Any, Behind::Nothing);
        for (first, second) in [(Edge { is_torn: true, ..whole }, whole), (whole, Edge { begins: None, ..whole })] {
            let mut seams = Seams::default();
            assert!(seams.add(0, vec![first]) && !seams.add(1, vec![second]));
        }
        let mut seams = Seams::default();
        let crowd = (0..=MOST_LANES as u64).map(|lane| edge(lane, Behind::Any, Behind::Nothing)).collect();
        assert!(!seams.add(0, crowd));
    }
}
