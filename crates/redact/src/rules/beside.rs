//! What looks like a name and stands within a value is none: what was found beside it goes.
//!
//! Must never cost more than the line is long, however many names and values it has.

use std::ops::Range;

use crate::Finding;

/// What was found beside names so far.
#[derive(Default)]
pub(super) struct Beside {
    /// The last value: what looks like a name in it is none.
    pub taken: Range<usize>,
    /// The word of each name, and the finding beside it.
    pub names: Vec<(Range<usize>, usize)>,
}

impl Beside {
    /// Drops what stands beside a word that is part of what a pattern found, from this finding on.
    pub fn without_names_in(&self, first: usize, found: &mut Vec<Finding>) {
        if self.names.is_empty() || found.len() == first {
            return;
        }
        let mut covers: Vec<(usize, usize)> =
            found[first..].iter().filter(|f| f.kind != "email").map(|f| (f.start, f.end)).collect();
        covers.sort_unstable();
        let mut furthest = 0;
        for (_, end) in &mut covers {
            furthest = furthest.max(*end);
            *end = furthest;
        }
        let covered = |word: &Range<usize>| {
            let before = covers.partition_point(|(start, _)| *start <= word.start);
            before > 0 && covers[before - 1].1 >= word.end
        };
        let dropped: Vec<usize> = self.names.iter().filter(|(word, _)| covered(word)).map(|(_, at)| *at).collect();
        let mut at = 0;
        found.retain(|_| {
            at += 1;
            dropped.binary_search(&(at - 1)).is_err()
        });
    }
}
