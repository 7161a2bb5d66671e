//! The values of the variables of each kind of message: which part of a message each variable of its template stands for,
//! and what is kept of it.
//!
//! A template is known only when all messages were seen, so the values are gathered in a reading of their own. What is
//! kept is a function of the set of values: to see a record twice changes nothing, and so neither do copies in several
//! sources, cuts and orders. Must never know how a value is shown. What misleads it: a variable at whose place some of
//! the messages have nothing; then all of that message's values are left out, which is said. Memory is bounded by the
//! number of variables ([`MOST`], the most frequent kinds first), some two kilobytes each.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use evidence::{Clock, Event, Record, Sink};
use foldhash::fast::FixedState;

use super::{Masker, Ranks, Survey, Windows, key};
use crate::mask::cut;
use crate::mining;

mod distinct;
mod variable;

pub use variable::Variable;

/// Variables of all kinds, and of one kind.
const MOST: usize = 16_384;
const OF_ONE: usize = 32;
/// Bytes of what a template has behind a variable: more than any unit has.
const BEHIND: usize = 24;

/// Where the variables of each kind stand in its masks.
#[derive(Debug, Default)]
pub struct Layouts {
    /// By hash of the mask.
    masks: HashMap<u64, Layout, FixedState>,
    /// What each template has behind each of its variables that is kept; the first is that of rank 1.
    after: Vec<Vec<String>>,
}

#[derive(Debug)]
struct Layout {
    rank: u32,
    /// `None` where the mask has not the text of its template.
    places: Option<Box<[Range<u32>]>>,
}

/// What is kept of the variables of one kind.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Gathered {
    /// In the order of the template.
    pub variables: Vec<Variable>,
    /// There were messages in which the places of the variables were not found.
    pub incomplete: bool,
}

impl Layouts {
    /// Of all kinds that were ranked.
    pub fn of<'s>(surveys: impl IntoIterator<Item = &'s Survey>, ranks: &Ranks) -> Layouts {
        let mut left = MOST;
        let mut layouts = Layouts::default();
        for template in &ranks.templates {
            let behind = |place: Range<usize>| cut(&template[place.end..], BEHIND).to_string();
            let mut after: Vec<String> = mining::values(template).into_iter().map(behind).collect();
            after.truncate(OF_ONE.min(left));
            left -= after.len();
            layouts.after.push(after);
        }
        for (key, (_, mask)) in surveys.into_iter().flat_map(|survey| &survey.counts) {
            let Some(rank) = ranks.of_key(*key).filter(|rank| !layouts.after_of(*rank).is_empty()) else { continue };
            let kept = layouts.after_of(rank).len();
            layouts.masks.entry(*key).or_insert_with(|| {
                let narrow = |place: Range<usize>| place.start as u32..place.end as u32;
                let places = mining::align(ranks.shape(rank), mask);
                Layout { rank, places: places.map(|places| places.into_iter().take(kept).map(narrow).collect()) }
            });
        }
        layouts
    }

    fn after_of(&self, rank: u32) -> &[String] {
        (rank as usize).checked_sub(1).and_then(|place| self.after.get(place)).map_or(&[], Vec::as_slice)
    }
}

/// Gathers the values of a source.
pub struct Values<'l> {
    layouts: &'l Layouts,
    masker: Masker,
    clock: Clock,
    windows: Windows,
    by_rank: BTreeMap<u32, Gathered>,
}

impl<'l> Values<'l> {
    pub fn new(layouts: &'l Layouts, ranks: &Ranks, clock: Clock, windows: Windows) -> Values<'l> {
        Values { layouts, masker: ranks.masker(), clock, windows, by_rank: BTreeMap::new() }
    }

    /// By rank.
    pub fn close(self) -> BTreeMap<u32, Gathered> {
        self.by_rank
    }
}

/// Adds what was gathered elsewhere.
pub fn gather(mine: &mut BTreeMap<u32, Gathered>, theirs: BTreeMap<u32, Gathered>) {
    for (rank, theirs) in theirs {
        mine.entry(rank).or_default().join(theirs);
    }
}

impl Gathered {
    fn join(&mut self, other: Gathered) {
        self.incomplete |= other.incomplete;
        self.variables.resize(self.variables.len().max(other.variables.len()), Variable::default());
        self.variables.iter_mut().zip(other.variables).for_each(|(mine, theirs)| mine.join(theirs));
    }
}

impl Sink for Values<'_> {
    fn record(&mut self, record: &Record<'_>) {
        if !self.windows.is_here(record.stamp.and_then(|stamp| self.clock.moment(stamp))) {
            return;
        }
        let key = key(self.masker.mask_with_places(&record.message));
        let Some(layout) = self.layouts.masks.get(&key) else { return };
        let gathered = self.by_rank.entry(layout.rank).or_default();
        let Some(places) = &layout.places else {
            gathered.incomplete = true;
            return;
        };
        gathered.variables.resize(places.len(), Variable::default());
        let after = self.layouts.after_of(layout.rank);
        for ((variable, place), after) in gathered.variables.iter_mut().zip(places).zip(after) {
            let place = self.masker.place(place.start as usize..place.end as usize);
            if let Some(value) = record.message.get(place) {
                variable.see(value, after);
            }
        }
    }

    fn event(&mut self, _: Event) {}

    fn joins(&self) -> bool {
        true
    }

    fn join(&mut self, other: Self) {
        gather(&mut self.by_rank, other.by_rank);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::super::testing::record;
    use super::*;
    use crate::mask::Kind;
    use crate::mining::Options;

    struct Found {
        ranks: Ranks,
        gathered: BTreeMap<u32, Gathered>,
    }

    fn surveyed(messages: &[&str], options: Options) -> (Ranks, Layouts) {
        let options = Arc::new(options);
        let mut survey = Survey::one_of(1, &options);
        messages.iter().for_each(|message| survey.record(&record(1, None, message)));
        let ranks = Ranks::of([&survey], &options);
        let layouts = Layouts::of([&survey], &ranks);
        (ranks, layouts)
    }

    fn found(messages: &[&str], options: Options) -> Found {
        let (ranks, layouts) = surveyed(messages, options);
        let mut values = Values::new(&layouts, &ranks, Clock::trusted(), Windows::default());
        messages.iter().for_each(|message| values.record(&record(1, None, message)));
        let gathered = values.close();
        Found { ranks, gathered }
    }

    impl Found {
        /// The values of each variable of a rank, in alphabetical order.
        fn sample(&self, rank: u32) -> Vec<Vec<&str>> {
            self.gathered[&rank]
                .variables
                .iter()
                .map(|variable| {
                    let mut values: Vec<&str> = variable.sample().collect();
                    values.sort_unstable();
                    values
                })
                .collect()
        }
    }

    #[test]
    fn names_that_only_a_merge_finds_are_values_too() {
        let messages =
            ["the user ana logged in after 5 ms", "the user bo logged in after 7 ms", "the user cy logged in after 5 ms"];
        let found = found(&messages, Options::default());
        assert_eq!(found.ranks.template(1), "the user <*> logged in after <*> ms");
        assert_eq!(found.sample(1), [vec!["ana", "bo", "cy"], vec!["5", "7"]]);
        let took = &found.gathered[&1].variables[1];
        assert_eq!((took.kind("after ", " ms"), took.extremes(Kind::Duration)), (Kind::Duration, Some((5.0, 7.0))));
    }

    #[test]
    fn a_value_is_as_it_was_written() {
        let found = found(&["took 5 ms   to read", "took 1.5 s to read", "at Mon Jun 17 12:30:01 2005"], Options::default());
        let took = (1..).find(|rank| found.ranks.template(*rank) == "took <*> to read").unwrap();
        assert_eq!(found.sample(took), [vec!["1.5 s", "5 ms"]]);
        let at = (1..).find(|rank| found.ranks.template(*rank) == "at <*>").unwrap();
        assert_eq!(found.sample(at), [vec!["Mon Jun 17 12:30:01 2005"]]);
        assert_eq!(found.gathered[&at].variables[0].kind("at ", ""), Kind::Time);
    }

    #[test]
    fn what_a_user_masks_and_pins_has_values() {
        let mut options = Options::default();
        options.add_mask("order", "ORD-[0-9]+").unwrap();
        options.add_pin("error 404 for <*>").unwrap();
        let found = found(
            &["placed ORD-1 at 10.0.0.7:80", "placed ORD-2 at 10.0.0.8:80", "error 404 for /a", "error 404 for /b"],
            options,
        );
        let rank = |template| (1..5).find(|rank| found.ranks.template(*rank) == template).unwrap();
        assert_eq!(found.sample(rank("placed <*> at <*>")), [vec!["ORD-1", "ORD-2"], vec!["10.0.0.7:80", "10.0.0.8:80"]]);
        assert_eq!(found.sample(rank("error 404 for <*>")), [vec!["/a", "/b"]]);
    }

    #[test]
    fn messages_that_lack_a_part_of_their_template_are_said() {
        let found =
            found(&["a close, 12 bytes sent", "a close, 1800 bytes (1.75 KB) sent", "a close, 9 bytes sent"], Options::default());
        assert_eq!(found.sample(1), [vec!["12", "9"]]);
        assert!(found.gathered[&1].incomplete);
    }

    fn message() -> impl Strategy<Value = String> {
        let part = prop::sample::select(vec![
            "user ana",
            "user bo",
            "user cy",
            "took 5 ms",
            "took 1s",
            "10.0.0.7:80",
            "x=1",
            "up",
            "down",
            "\"View Lock\"",
            "a-7",
        ]);
        prop::collection::vec(part, 1..4).prop_map(|parts| parts.join(" "))
    }

    proptest! {
        #[test]
        fn neither_order_nor_cuts_nor_copies_change_anything(messages in prop::collection::vec(message(), 1..40), at in 0..40_usize) {
            let messages: Vec<&str> = messages.iter().map(String::as_str).collect();
            let (ranks, layouts) = surveyed(&messages, Options::default());
            let of = |messages: &[&str]| {
                let mut values = Values::new(&layouts, &ranks, Clock::trusted(), Windows::default());
                messages.iter().for_each(|message| values.record(&record(1, None, message)));
                values
            };
            let whole = of(&messages).close();
            let (first, second) = messages.split_at(at.min(messages.len()));
            let mut joined = of(second);
            joined.join(of(first));
            joined.join(of(second));
            prop_assert_eq!(joined.close(), whole);
        }
    }
}
