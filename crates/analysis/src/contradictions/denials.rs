//! A duration that one tells and the next one denies with another: "down for 30 minutes", "no, the failover took 9 seconds".
//!
//! What it sees: an answer that begins with a no and has a duration, and the last one told before it by somebody else. Why it
//! matters: the first one goes into reports. When it misleads: a no to something else; so the two are said within minutes, and one
//! is at least twice the other.

use std::sync::LazyLock;

use super::speech::Sentence;
use crate::acts::{self, DurationOf, Quantity, QuantityKind};
use crate::findings::{About, Contradiction, ContradictionKind};
use expressions::{Expression, constant};

/// An answer comes within this time, and after no more than so many sentences of others.
const WITHIN_S: f64 = 600.0;
const SENTENCES: usize = 6;
const APART: f64 = 2.0;

pub fn find(sentences: &[Sentence<'_>]) -> Vec<Contradiction> {
    let mut found = Vec::new();
    for (index, answer) in sentences.iter().enumerate().filter(|(_, s)| denies(s)) {
        let Some(denied) = duration(answer.text, true) else { continue };
        let near = |s: &&Sentence<'_>| {
            let gap = answer.message.at.since(s.message.at);
            s.message.what.speaker != answer.message.what.speaker && (0.0..=WITHIN_S).contains(&gap)
        };
        let before = sentences[..index].iter().rev().take(SENTENCES).filter(near);
        let Some((told, first)) = before.filter_map(|s| Some((s, duration(s.text, false)?))).next() else { continue };
        if first.value.max(denied.value) >= APART * first.value.min(denied.value) {
            let sides = vec![told.side(&first.text), answer.side(&denied.text)];
            found.push(Contradiction { kind: ContradictionKind::Statement, about: About::Whether, sides });
        }
    }
    found
}

/// Its sentence begins the message with a no.
fn denies(sentence: &Sentence<'_>) -> bool {
    sentence.message.what.message.text.trim_start().starts_with(sentence.text) && begins_with_no(sentence.text)
}

fn begins_with_no(text: &str) -> bool {
    static NO: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)^(?:@\S+[,:]? )?(?:no|nope|nein|wrong|not true|that(?:'s|’s| is) (?:not (?:true|right|so)|wrong))[,.!:;–—-]",
        )
    });
    NO.is_match(text)
}

/// The one duration of a sentence: how long it was out, or, in an answer, how long anything took.
fn duration(text: &str, is_answer: bool) -> Option<Quantity> {
    let is_told = |q: &Quantity| match q.what {
        QuantityKind::Duration(DurationOf::Outage) => true,
        QuantityKind::Duration(DurationOf::Window) => false,
        QuantityKind::Duration(_) => is_answer,
        _ => false,
    };
    let mut all = acts::quantities(text, false).into_iter().filter(is_told);
    all.next().filter(|q| all.next().is_none() && q.value > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_begins_with_a_no() {
        for text in ["no, the restart took 9 seconds", "Nope. It was 2 min", "@ann: no, 9 s", "that's wrong, 9 s"] {
            assert!(begins_with_no(text), "{text}");
        }
        for text in ["no restart took longer than 9 seconds", "nobody waited 9 s", "now it takes 9 seconds"] {
            assert!(!begins_with_no(text), "{text}");
        }
    }

    #[test]
    fn an_outage_is_told_and_anything_may_be_answered() {
        let read = |text, is_answer| duration(text, is_answer).map(|q| q.value);
        assert_eq!(read("the cache has been down for 30 minutes", false), Some(1_800.0));
        assert_eq!(read("no, the failover took 9 seconds", true), Some(9.0));
        assert_eq!(read("wait 5 minutes", false), None);
        assert_eq!(read("340 tickets in 5 minutes", true), None);
    }
}
