//! Where in the input something was found: the proof that every finding carries. Must never be empty.

use evidence::RecordRef;

/// Places in the input, at least one, without repeats, in the order of their weight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places(Vec<RecordRef>);

impl Places {
    pub fn new(first: RecordRef, rest: impl IntoIterator<Item = RecordRef>) -> Places {
        let mut all: Vec<RecordRef> = [first].into_iter().chain(rest).collect();
        // In the order of places, those that are the same stand behind the one that came first.
        let mut order: Vec<usize> = (0..all.len()).collect();
        order.sort_unstable_by_key(|n| (all[*n], *n));
        let mut repeats = vec![false; all.len()];
        order.windows(2).filter(|two| all[two[0]] == all[two[1]]).for_each(|two| repeats[two[1]] = true);
        let mut repeats = repeats.into_iter();
        all.retain(|_| !repeats.next().unwrap_or_default());
        Places(all)
    }

    /// `None` when there are none.
    pub fn from_many(places: impl IntoIterator<Item = RecordRef>) -> Option<Places> {
        let mut places = places.into_iter();
        places.next().map(|first| Places::new(first, places))
    }

    pub fn one(place: RecordRef) -> Places {
        Places(vec![place])
    }

    pub fn first(&self) -> RecordRef {
        self.0[0]
    }

    pub fn iter(&self) -> std::slice::Iter<'_, RecordRef> {
        self.0.iter()
    }

    /// At most `n` of them, the first ones.
    pub fn few(&self, n: usize) -> Places {
        Places(self.0.iter().copied().take(n.max(1)).collect())
    }

    pub fn and(&self, other: &Places) -> Places {
        Places::new(self.0[0], self.0[1..].iter().chain(other.0.iter()).copied())
    }
}

#[cfg(test)]
mod tests {
    use evidence::SourceId;

    use super::*;

    #[test]
    fn places_are_told_once_in_the_order_in_which_they_came_however_many_they_are() {
        let source = SourceId { input: 0, entry: 0 };
        let place = |n: u64| RecordRef { source, start: n * 10, end: n * 10 + 9, line: n, last_line: n };
        for many in [0, 3, 15, 16, 17, 40] {
            let found = Places::new(place(7), (0..many).chain([7, 0]).map(place));
            let others = (0..many.max(1)).filter(|n| *n != 7);
            let expected: Vec<RecordRef> = [7].into_iter().chain(others).map(place).collect();
            assert_eq!(found.iter().copied().collect::<Vec<_>>(), expected, "{many}");
        }
    }
}
