//! When it began as somebody asks or has by hearsay, and the other time with which somebody else answers.
//!
//! What it sees: "is it down since 5:30?" and "much earlier: the first error is of 04:17:44" in one of the next messages. Why it
//! matters: when the users call is not when it broke, and the first time was going into the mail to them. It must never need a
//! record. When it misleads: an answer of another zone, so what is off by whole hours says nothing; and an answer to something else, so
//! it has to say that it was earlier or later, and a time.

use std::sync::LazyLock;

use super::since;
use super::speech::{self, Sentence};
use crate::acts;
use crate::findings::{About, Contradiction, ContradictionKind};
use crate::incident::Incident;
use crate::scene::{At, Utterance};
use expressions::{Expression, constant};

/// Who answers does it within so many messages and so long.
const MESSAGES: usize = 4;
const WITHIN_S: f64 = 1_800.0;
/// Times of day of one moment differ by less than this.
const SAME_S: i64 = 120;

pub fn find(incident: &Incident<'_>) -> Vec<Contradiction> {
    let inside = |m: &&At<Utterance>| !m.what.message.is_bot && m.at >= incident.window.from;
    let people: Vec<&At<Utterance>> = incident.scene.chat.iter().filter(inside).collect();
    let mut found = Vec::new();
    for (index, message) in people.iter().enumerate() {
        let text = &message.what.message.text;
        let Some((sentence, value, asked)) = sentences(text).find_map(|s| since::since(s).map(|(value, at)| (s, value, at)))
        else {
            continue;
        };
        let is_near = |m: &&&At<Utterance>| m.at.since(message.at) <= WITHIN_S && m.what.speaker != message.what.speaker;
        let answers = people[index + 1..].iter().take(MESSAGES).filter(is_near);
        let answer = |m: &At<Utterance>| answer(&m.what.message.text, asked).map(str::to_string);
        let Some((by, time)) = answers.into_iter().find_map(|m| Some((*m, answer(m)?))) else { continue };
        let what = sentence.split_once(value).map_or(sentence, |(head, _)| head).trim().to_string();
        let said = sentences(&by.what.message.text).find(|s| s.contains(&time)).unwrap_or(&by.what.message.text);
        let sides = vec![Sentence { message, text: sentence }.side(value), Sentence { message: by, text: said }.side(&time)];
        found.push(Contradiction { kind: ContradictionKind::Time, about: About::When { what }, sides });
    }
    found
}

fn sentences(text: &str) -> impl Iterator<Item = &str> {
    acts::relative_sentence_split(text).into_iter().map(|(start, end)| text[start..end].trim())
}

/// The time of an answer that says that it was not then, where no zone makes one of the two the other.
fn answer(text: &str, asked: i64) -> Option<&str> {
    static NOT_THEN: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:(?:much|way|well|a (?:lot|bit)|long|already|even) (?:earlier|before|later)|(?:earlier|before|later) than that|since before that|molto prima|già prima|ben prima|viel früher|schon (?:viel |lange )?(?:früher|vorher)|bien avant|bien plus tôt|mucho antes|bastante antes|muito antes|veel eerder|långt tidigare|mye tidligere|meget tidligere|dużo wcześniej)\b",
        )
    });
    let is_answer = NOT_THEN.is_match(text) && !text.trim_end().ends_with('?');
    let told = speech::times_in(text).into_iter().filter(|_| is_answer).find(|told| !told.is_about)?;
    let apart = (told.second - asked).rem_euclid(3_600);
    (apart > SAME_S && apart < 3_600 - SAME_S).then_some(told.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_that_it_was_earlier_and_when() {
        let five_thirty = 5 * 3_600 + 30 * 60;
        assert_eq!(answer("much earlier: the first refused login is of 04:17:44", five_thirty), Some("04:17:44"));
        assert_eq!(answer("molto prima, il primo errore e' delle 4:17", five_thirty), Some("4:17"));
        assert_eq!(answer("viel früher, laut Log 03:12", five_thirty), Some("03:12"));
        assert_eq!(answer("way earlier, 3:30", five_thirty), None, "the same in another zone");
        assert_eq!(answer("the first one is of 04:17:44", five_thirty), None, "no answer to that");
        assert_eq!(answer("much earlier I think", five_thirty), None);
        assert_eq!(answer("much earlier, like 4:17?", five_thirty), None);
    }
}
