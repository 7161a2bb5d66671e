//! The kinds of message of an input and their rank: what `pattern` means in the records that a program prints.
//!
//! What it sees: the mask of each message and nothing else of its record; which masks are one kind is decided by
//! [`crate::mining`] when all are counted. Why it matters: records of one kind can be counted and compared without
//! reading them. When it misleads: free text with names in it makes one kind a name; the number of masks is capped, and
//! messages beyond the cap have no kind. Those that come first are told apart, among which are mostly the frequent ones;
//! which they are cannot be found in pieces, so that a source with so many has to be surveyed as a whole
//! ([`Survey::is_whole`]).

use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::sync::Arc;

use evidence::{Event, Record, Sink};
use foldhash::fast::FixedState;

use crate::dates::Dates;
use crate::mining::{self, Options};

mod census;
mod compare;
mod counts;
mod masker;
pub mod statistics;
mod values;

pub use census::{Census, Counted, Side, Stretch, Windows};
pub use compare::{Change, Comparison, Exposure, Unit, compare};
pub use counts::Counts;
pub use masker::Masker;
pub use values::{Gathered, Layouts, Values, Variable, gather};

/// Kinds of one source that are told apart, and of all sources together. A source that is one of very many still has a
/// few, so that the second number is not kept by whoever has a hundred thousand sources of many kinds each.
const OF_ONE: usize = 50_000;
const OF_ALL: usize = 500_000;
const LEAST: usize = 200;

/// Sees a source once, before its records are printed: its kinds of message and its dates.
#[derive(Debug)]
pub struct Survey {
    pub dates: Dates,
    most: usize,
    counts: BTreeMap<u64, (u64, String)>,
    /// There are kinds beyond those that are told apart.
    full: bool,
    /// It is put together of pieces.
    joined: bool,
    /// It takes no pieces.
    alone: bool,
    masker: Masker,
}

/// The rank of each kind over all sources: 1 for the most frequent; equally frequent ones in the order of their templates.
#[derive(Debug, Default)]
pub struct Ranks {
    /// By hash of the mask.
    ranks: std::collections::HashMap<u64, u32, FixedState>,
    /// The first is that of rank 1.
    templates: Vec<String>,
    /// Of those that a user pinned, how they look as masks.
    shapes: BTreeMap<u32, String>,
    options: Arc<Options>,
}

impl Survey {
    /// For one of so many sources.
    pub fn one_of(sources: usize, options: &Arc<Options>) -> Survey {
        let most = (OF_ALL / sources.max(1)).clamp(LEAST, OF_ONE);
        let masker = Masker::new(options.clone());
        Survey { dates: Dates::default(), most, counts: BTreeMap::new(), full: false, joined: false, alone: false, masker }
    }

    /// The same, for a source that is to be seen as a whole.
    pub fn alone(self) -> Survey {
        Survey { alone: true, ..self }
    }

    /// Whether it has what one survey of the whole source would have. Of kinds beyond the cap, pieces tell others apart: then
    /// the source has to be surveyed again, [`Survey::alone`].
    pub fn is_whole(&self) -> bool {
        !(self.full && self.joined)
    }

    /// Counts a record. The key of its kind, unless it is beyond those that are told apart; see [`Ranks::of_key`].
    pub fn see(&mut self, record: &Record<'_>) -> Option<u64> {
        if let Some(stamp) = record.stamp {
            self.dates.see(stamp);
        }
        let masked = self.masker.mask(&record.message);
        let key = key(masked);
        if let Some((count, _)) = self.counts.get_mut(&key) {
            *count += 1;
        } else if self.counts.len() < self.most {
            self.counts.insert(key, (1, masked.to_string()));
        } else {
            self.full = true;
            return None;
        }
        Some(key)
    }
}

impl Sink for Survey {
    fn record(&mut self, record: &Record<'_>) {
        self.see(record);
    }

    fn event(&mut self, event: Event) {
        if let Some(stamp) = event.stamp {
            self.dates.see(stamp);
        }
    }

    fn joins(&self) -> bool {
        !self.alone
    }

    fn join(&mut self, other: Survey) {
        self.dates.join(other.dates);
        for (key, (count, masked)) in other.counts {
            self.counts.entry(key).or_insert((0, masked)).0 += count;
        }
        self.joined = true;
        self.full |= other.full || self.counts.len() > self.most;
    }
}

impl Ranks {
    pub fn of<'s>(surveys: impl IntoIterator<Item = &'s Survey>, options: &Arc<Options>) -> Ranks {
        let mut all: BTreeMap<u64, (u64, &str)> = BTreeMap::new();
        for survey in surveys {
            for (key, (count, masked)) in &survey.counts {
                all.entry(*key).or_insert((0, masked)).0 += count;
            }
        }
        let (keys, masks): (Vec<u64>, Vec<(&str, u64)>) =
            all.into_iter().map(|(key, (count, masked))| (key, (masked, count))).unzip();
        let mut ranks = Ranks { options: options.clone(), ..Ranks::default() };
        for (group, rank) in mining::templates(&masks, options).into_iter().zip(1..) {
            ranks.ranks.extend(group.members.iter().map(|member| (keys[*member], rank)));
            ranks.templates.push(group.template);
            ranks.shapes.extend(group.shape.map(|shape| (rank, shape)));
        }
        ranks
    }

    /// What masks messages as those were masked that are ranked.
    pub fn masker(&self) -> Masker {
        Masker::new(self.options.clone())
    }

    /// The rank of a message's kind, by [`Ranks::masker`].
    pub fn rank(&self, message: &str, masker: &mut Masker) -> Option<u32> {
        self.of_key(key(masker.mask(message)))
    }

    /// The rank of a kind by the key that [`Survey::see`] gave.
    pub fn of_key(&self, key: u64) -> Option<u32> {
        self.ranks.get(&key).copied()
    }

    /// What the messages of a rank have in common, variables as `<*>`; empty for a rank that nobody has.
    pub fn template(&self, rank: u32) -> &str {
        let place = (rank as usize).checked_sub(1);
        place.and_then(|place| self.templates.get(place)).map_or("", String::as_str)
    }

    /// How the template of a rank looks as a mask.
    fn shape(&self, rank: u32) -> &str {
        self.shapes.get(&rank).map_or_else(|| self.template(rank), String::as_str)
    }
}

/// By what a mask is known.
fn key(masked: &str) -> u64 {
    FixedState::default().hash_one(masked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn survey(messages: &[&str]) -> Survey {
        let mut survey = Survey::one_of(1, &Arc::default());
        messages.iter().for_each(|message| survey.record(&testing::record(1, None, message)));
        survey
    }

    #[test]
    fn the_most_frequent_kind_over_all_sources_is_the_first() {
        let sources = [survey(&["took 5 ms", "b", "b"]), survey(&["took 7 ms", "took 9 ms", "a"])];
        let ranks = Ranks::of(&sources, &Arc::default());
        let rank = |message: &str| ranks.rank(message, &mut Masker::default());
        assert_eq!([rank("took 1 ms"), rank("b"), rank("a"), rank("c")], [Some(1), Some(2), Some(3), None]);
        assert_eq!([0, 1, 2, 3, 4].map(|rank| ranks.template(rank)), ["", "took <*> ms", "b", "a", ""]);
    }

    #[test]
    fn messages_that_differ_in_a_name_only_are_one_kind() {
        let sources = [survey(&["the user ana logged in", "the user bo logged in", "the user cy logged in"]), survey(&["b"])];
        let ranks = Ranks::of(&sources, &Arc::default());
        let rank = |message: &str| ranks.rank(message, &mut Masker::default());
        assert_eq!([rank("the user bo logged in"), rank("the user cy logged in"), rank("b")], [Some(1), Some(1), Some(2)]);
        assert_eq!(ranks.template(1), "the user <*> logged in");
    }
}

/// Records for the tests of the modules below.
#[cfg(test)]
mod testing {
    use evidence::{Basis, Moment, Record, RecordRef, SourceId, Stamp};

    /// The record of a line, at so many seconds.
    pub fn record(line: u64, second: Option<i64>, message: &str) -> Record<'_> {
        Record {
            place: RecordRef { source: SourceId { input: 0, entry: 0 }, start: line, end: line, line, last_line: line },
            stamp: second.map(|s| Stamp::new(s * Moment::SECOND, Basis::Zoned)),
            stamp_text: None,
            level: None,
            service: None,
            instance: None,
            message: message.into(),
            trace: None,
            http: None,
            user: None,
            format: "text",
            fields: Vec::new(),
        }
    }
}
