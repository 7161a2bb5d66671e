//! Steps of which somebody says right then that they changed nothing: "restarted. still the same", and "no better" four minutes after
//! a rollback.
//!
//! What it sees: the message that tells of the step, and what people say in the minutes after it, while requests go on to fail. Why it
//! matters: of several steps before the end the last one is told as the remedy, and those who took it knew better. When it misleads: a
//! step that takes its time; so words that come at once after it, or right before the end, say nothing.

use std::sync::LazyLock;

use evidence::Moment;

use super::Step;
use crate::acts::{self, Act, Said};
use crate::incident::Incident;
use crate::scene::{At, Utterance};
use expressions::{Expression, constant};

/// What a step does shows after so many seconds, and nobody waits longer than that to say that it does not.
const SHOWS_S: f64 = 120.0;
const SAID_WITHIN_S: f64 = 600.0;

static NOTHING: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)\b(?:no|not(?: any)?|isn[’']?t(?: any)?|wasn[’']?t(?: any)?) better\b|\bno (?:change|difference|effect|improvement|luck)\b|\b(?:did|does|do) ?(?:not|n[’']?t) (?:help|change anything|fix it)\b|\bstill (?:the same|failing|broken|down|no)\b|\bsame (?:errors?|as before|thing|picture|result)\b|\b(?:nothing changed|changed nothing|made it worse|even worse)\b|\b(?:it|that|this)(?: is|[’']s)(?: now)? worse\b|\b(?:then|but|and)(?: it (?:is|was))? the same\b|\b(?:half a|a|one|two|few|\d+) (?:min(?:ute)?s?|seconds?|moment|bit)(?: of)? (?:better|relief|calm)\b|\b(?:better|helped|worked|quiet) (?:only )?for (?:only |just |about )?(?:half a|a|one|two|few|\d+) (?:min(?:ute)?s?|seconds?|moment|bit|while)\b|\b(?:full|stuck|failing|red) again\b",
    )
});

pub fn is_said_of(incident: &Incident<'_>, step: &Step, end: Moment) -> bool {
    let people = || incident.scene.chat.iter().filter(|m| !m.what.message.is_bot);
    let own = people().filter(|m| step.places.iter().any(|p| *p == m.place) && end.since(m.at) >= SHOWS_S);
    // Who tells of the same step again, as done, knows by then what it did.
    let again = |m: &At<Utterance>| m.what.said.iter().any(|s| is_same(s, step));
    let later = people().filter(|m| {
        let after = m.at.since(step.at);
        let least = if again(m) { 1.0 } else { SHOWS_S };
        (least..=SAID_WITHIN_S).contains(&after) && end.since(m.at) >= SHOWS_S
    });
    own.chain(later).any(|m| says_nothing(&m.what.message.text))
}

/// Words for a step with the same remedy.
fn is_same(said: &Said, step: &Step) -> bool {
    said.act == Act::Act && said.slots.remediation.is_some() && said.slots.remediation == step.remediation.as_deref()
}

fn says_nothing(text: &str) -> bool {
    let english = acts::in_english(text);
    NOTHING.is_match(&english) && !english.contains('?')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_tells_of_the_same_step_again_is_known_by_its_remedy() {
        let by = crate::findings::TimeBasis::Said { author: "@mira".into(), words: "restarting it".into() };
        let place =
            evidence::RecordRef { source: evidence::SourceId { input: 0, entry: 0 }, start: 0, end: 1, line: 1, last_line: 1 };
        let places = crate::findings::Places::one(place);
        let (at, remediation, words) = (Moment::from_seconds(0), Some("restart".to_string()), String::new());
        let step = Step { at, service: None, by, remediation, words, author: None, places, is_done: false };
        let is_told = |text: &str| acts::read(text, "mira", false).iter().any(|said| is_same(said, &step));
        assert!(is_told("restarted the pool, one minute better and then full again"));
        assert!(!is_told("rolled back to 2.4.1, no change") && !is_told("the pool is full again"));
    }

    #[test]
    fn people_say_that_it_changed_nothing() {
        for text in [
            "restarted. still the same",
            "no better. ssh hangs too",
            "5.11 is back everywhere, no change",
            "didn't help",
            "half a minute better, then the same",
            "that helped for 2 minutes",
            "it is WORSE. how",
            "pool is full again",
        ] {
            assert!(says_nothing(text), "{text}");
        }
        for text in ["much better now", "no change?", "still watching", "a minute later it was fine", "same team as last week"] {
            assert!(!says_nothing(text), "{text}");
        }
    }
}
