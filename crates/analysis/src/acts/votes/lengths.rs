//! Whether the length of time in a sentence is how long users were harmed, by the words around it.
//!
//! The sentences stand in `lengths/*.txt` at the root, in eight languages; half of the lengths that people name in a war room are of
//! something else: of a deploy, a timeout, a wait, another incident. Misled by a length of a part of the users, and where a sentence
//! names several lengths; who asks has to see to both.

use super::Table;

static TABLE: Table<2> = include!(concat!(env!("OUT_DIR"), "/lengths.rs"));

const OUTAGE: usize = 0;

/// Words that have to be known, as a share: there are fewer sentences of each language.
const KNOWN: f64 = 0.4;
/// How many times likelier it has to be, as a natural logarithm.
const LEAD: f64 = 3.0;

/// The votes for an outage are clear.
pub fn is_of_outage(sentence: &str) -> bool {
    TABLE.vote(sentence, KNOWN, LEAD) == Some(OUTAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sentences that nothing was made for.
    const UNSEEN: &str = include_str!("unseen_lengths.txt");

    #[test]
    fn of_sentences_that_nothing_was_made_for_most_outages_are_found_and_little_else() {
        let all: Vec<(bool, &str)> =
            UNSEEN.lines().filter_map(|l| l.split_once(" | ")).map(|(label, text)| (label == "outage", text)).collect();
        let found = all.iter().filter(|(is_outage, text)| *is_outage && is_of_outage(text)).count();
        let wrong = all.iter().filter(|(is_outage, text)| !is_outage && is_of_outage(text)).count();
        let outages = all.iter().filter(|(is_outage, _)| *is_outage).count();
        assert_eq!((all.len(), outages), (200, 90));
        assert!(found >= 58 && wrong <= 8, "{found} of {outages} found, {wrong} wrong");
    }
}
