//! What a sentence does in which no cue was found: each of its words votes, as it was used in messages whose act is known.
//!
//! The messages stand in `messages/*.txt` at the root, one a line; the build script counts them, and the vote is that of a
//! multinomial naive Bayes classifier (Manning, Raghavan, Schütze: Introduction to Information Retrieval, 2008, 13.2), with each
//! feature counted once a message. People say the same in more ways than anybody can list: of 600 messages that neither cues nor
//! labels were made for, cues understood four in ten. It speaks only where one act leads all others by far and most words are known.
//! Must never overrule a cue, and gives no slots. Misled by words that were only used in one way in the messages.

use super::Act;

mod features;
pub mod lengths;

/// How many times likelier than any other an act has to be, as a natural logarithm: nine of ten are right then.
const LEAD: f64 = 4.0;
/// The same where something else speaks for it.
const LEANS: f64 = 1.0;
/// What a word counts that was never seen with an act.
const UNSEEN: f64 = 0.1;
/// Words that have to be known, as a share and at least.
const KNOWN: f64 = 0.6;
const LEAST_KNOWN: usize = 2;

/// By the build script: the labels in their order, messages and features of each, and the features with their counts.
struct Table<const LABELS: usize> {
    messages: [u32; LABELS],
    features: [u32; LABELS],
    numbers: &'static [u32],
    /// Where the counts of each begin.
    begins: &'static [u32],
    counts: &'static [(u8, u16)],
}

/// What a label stands for; the last two are silent.
const ACTS: [Option<Act>; 13] = [
    Some(Act::Acknowledge),
    Some(Act::Act),
    Some(Act::ActionItem),
    Some(Act::Confess),
    Some(Act::Decide),
    Some(Act::Detect),
    Some(Act::Mitigate),
    Some(Act::Refute),
    Some(Act::Resolve),
    Some(Act::RootCause),
    Some(Act::Suppose),
    None,
    None,
];

static TABLE: Table<{ ACTS.len() }> = include!(concat!(env!("OUT_DIR"), "/votes.rs"));

impl<const LABELS: usize> Table<LABELS> {
    fn counts(&self, number: u32) -> &'static [(u8, u16)] {
        let Ok(at) = self.numbers.binary_search(&number) else { return &[] };
        &self.counts[self.begins[at] as usize..self.begins[at + 1] as usize]
    }

    /// The label that leads all others so far; none where too few words are known.
    fn vote(&self, text: &str, share_known: f64, lead: f64) -> Option<usize> {
        let words = features::words(text);
        let known = words.iter().filter(|word| !self.counts(features::number(word)).is_empty()).count();
        if known < LEAST_KNOWN || (known as f64) < share_known * words.len() as f64 {
            return None;
        }
        let all = f64::from(self.messages.iter().sum::<u32>());
        let mut scores = self.messages.map(|n| (f64::from(n) / all).ln());
        let kinds = self.numbers.len() as f64;
        for number in features::features(&words) {
            let counts = self.counts(number);
            if counts.is_empty() {
                continue;
            }
            for (label, score) in scores.iter_mut().enumerate() {
                let count = counts.iter().find(|(of, _)| usize::from(*of) == label).map_or(0.0, |(_, count)| f64::from(*count));
                *score += ((count + UNSEEN) / (f64::from(self.features[label]) + UNSEEN * kinds)).ln();
            }
        }
        let mut order: Vec<usize> = (0..LABELS).collect();
        order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
        (scores[order[0]] - scores[order[1]] >= lead).then_some(order[0])
    }
}

/// The act of an English sentence, where the votes are clear.
pub(super) fn act(sentence: &str) -> Option<Act> {
    ACTS[TABLE.vote(sentence, KNOWN, LEAD)?]
}

/// The act that a sentence leans to, for those who know more of when it was said.
pub(super) fn leans(sentence: &str) -> Option<Act> {
    ACTS[TABLE.vote(sentence, KNOWN, LEANS)?]
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    /// Messages that nothing was made for, by whoever did not know the cues.
    const UNSEEN_MESSAGES: &str = include_str!("votes/unseen.txt");

    fn label(name: &str) -> Option<Act> {
        Some(match name {
            "acknowledge" => Act::Acknowledge,
            "act" => Act::Act,
            "action_item" => Act::ActionItem,
            "confess" => Act::Confess,
            "decide" => Act::Decide,
            "detect" => Act::Detect,
            "mitigate" => Act::Mitigate,
            "refute" => Act::Refute,
            "resolve" => Act::Resolve,
            "root_cause" => Act::RootCause,
            "suppose" => Act::Suppose,
            _ => return None,
        })
    }

    fn messages() -> impl Iterator<Item = (Option<Act>, &'static str)> {
        UNSEEN_MESSAGES.lines().filter_map(|line| line.split_once(" | ")).map(|(name, text)| (label(name), text))
    }

    #[test]
    fn nine_of_ten_votes_on_messages_that_nobody_made_them_for_are_right() {
        let spoken: Vec<_> = messages().filter_map(|(own, text)| Some((own, act(text)?))).collect();
        let right = spoken.iter().filter(|(own, voted)| *own == Some(*voted)).count();
        assert!(spoken.len() >= 330, "{} spoke", spoken.len());
        assert!(right as f64 >= 0.88 * spoken.len() as f64, "{right} of {} are right", spoken.len());
    }

    #[test]
    fn cues_and_votes_together_understand_most_of_such_messages() {
        let said: Vec<_> = messages().filter_map(|(own, text)| Some((own?, read(text, "ana", false)))).collect();
        let understood = said.iter().filter(|(own, said)| said.iter().any(|s| s.act == *own)).count();
        assert!(understood as f64 >= 0.56 * said.len() as f64, "{understood} of {}", said.len());
    }

    #[test]
    fn words_that_nobody_knows_have_no_vote() {
        assert_eq!(act("zwei Wörter und noch welche"), None);
        assert_eq!(act("ok"), None);
        assert_eq!(act(""), None);
    }

    #[test]
    fn names_and_numbers_vote_as_what_they_are() {
        let words = |text: &str| features::words(text).join(" ");
        assert_eq!(
            words("@kim checkout-svc v2.3.1 isn't up at 14:02, 3 fail-overs?"),
            "@ #name #name isn't up at #time # fail overs ?"
        );
        assert_eq!(words("don’t… re-try https://x.example/a"), "don't re try https #name");
    }
}
