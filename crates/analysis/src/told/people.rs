//! Whether people in a channel handled an incident, and what they say was none.
//!
//! What it sees: a page, an alarm or somebody who says that something is down, somebody who takes it, somebody who treats
//! it. When it misleads: trouble of a test environment that nobody calls one.

use std::collections::{BTreeMap, BTreeSet};

use evidence::Moment;

use crate::acts::Act;
use crate::scene::{At, Utterance};

use super::Tale;

/// So long after somebody noticed it words are still about it.
const LASTS_S: f64 = 6.0 * 3_600.0;
/// So long after an alarm it is called off, and words may stand before it by as much as clocks are off.
const CALLED_OFF_S: f64 = 2.0 * 3_600.0;
/// The weight of plain words that something is down.
const PLAIN: f64 = 2.0;

/// Words by which an alarm is no incident: drills and tests of the alarm itself.
const EXERCISES: [&str; 13] = [
    "test page",
    "test alert",
    "testalert",
    "test notification",
    "test incident",
    "[test]",
    "this is a test",
    "only a test",
    "just a test",
    "fire drill",
    "game day",
    "gameday",
    "please ignore",
];

/// Words that take an alarm back.
const CALLED_OFF: [&str; 19] = [
    "false alarm",
    "falskt larm",
    "falsk alarm",
    "fehlalarm",
    "fausse alerte",
    "falsa alarm",
    "falso alarme",
    "falso allarme",
    "vals alarm",
    "fałszywy alarm",
    "false positive",
    "was a test",
    "was only a test",
    "never mind",
    "nevermind",
    "my wifi",
    "my vpn",
    "ignore that page",
    "ignore the page",
];

/// What fails there harms no user: where people build and try things out, and what is not of the system.
const ELSEWHERE: [&str; 15] = [
    "staging",
    "sandbox",
    "test environment",
    "dev environment",
    "dev cluster",
    "preview",
    "pipeline",
    "build",
    "unit test",
    "ci ",
    "coffee",
    "wifi",
    "laptop",
    "locally",
    "yesterday",
];

pub fn is_exercise(text: &str) -> bool {
    has_any(text, &EXERCISES)
}

pub fn calls_off(text: &str) -> bool {
    has_any(text, &CALLED_OFF)
}

/// Somebody says within the next hours that the alarm was none.
pub fn is_called_off(chat: &[At<Utterance>], alarm: Moment) -> bool {
    let after = chat.iter().filter(|m| m.at >= alarm && m.at.since(alarm) <= CALLED_OFF_S && !m.what.message.is_bot);
    after.into_iter().any(|m| calls_off(&m.what.message.text) || is_exercise(&m.what.message.text))
}

/// Each incident that people handled, by channel.
pub fn tales(chat: &[At<Utterance>]) -> Vec<Tale> {
    let mut channels: BTreeMap<Option<&str>, Vec<&At<Utterance>>> = BTreeMap::new();
    for message in chat {
        channels.entry(message.what.message.channel.as_deref()).or_default().push(message);
    }
    channels.into_values().flat_map(|messages| of_channel(&messages)).collect()
}

fn of_channel(messages: &[&At<Utterance>]) -> Vec<Tale> {
    let mut tales: Vec<Tale> = Vec::new();
    for (index, first) in messages.iter().enumerate() {
        let is_known = tales.last().is_some_and(|last| first.at <= last.to);
        if is_known || !notices(first) && !asks(first) && !takes(first) {
            continue;
        }
        let about: Vec<&At<Utterance>> =
            messages[index..].iter().copied().take_while(|m| m.at.since(first.at) <= LASTS_S).collect();
        tales.extend(told(first, &about));
    }
    tales
}

/// What was noticed was taken and treated; or one says that something is down, and another agrees or does something.
fn told(first: &At<Utterance>, about: &[&At<Utterance>]) -> Option<Tale> {
    if about.iter().any(|m| !m.what.message.is_bot && calls_off(&m.what.message.text)) {
        return None;
    }
    let does = |m: &At<Utterance>, acts: &[Act]| !m.what.message.is_bot && acts.iter().any(|act| m.what.does(*act));
    let treats = [Act::Act, Act::Mitigate, Act::Resolve];
    let part = [Act::Detect, Act::Acknowledge, Act::Declare, Act::RootCause, Act::Act, Act::Mitigate, Act::Resolve];
    let taken = about.iter().any(|m| does(m, &[Act::Acknowledge, Act::Declare]));
    let treated = about.iter().rev().find(|m| does(m, &treats));
    let taking_part: BTreeSet<&str> = about.iter().filter(|m| does(m, &part)).map(|m| m.what.speaker.as_str()).collect();
    let plain = !first.what.message.is_bot && first.what.said.iter().any(|s| s.act == Act::Detect && s.weight >= PLAIN);
    // Where the alarm itself is not here, all else has to be.
    let has = |act: Act| about.iter().any(|m| does(m, &[act]));
    let remedied = about
        .iter()
        .any(|m| !m.what.message.is_bot && m.what.said.iter().any(|s| s.act == Act::Act && s.slots.remediation.is_some()));
    let handled = remedied && has(Act::Resolve) && (has(Act::Mitigate) || has(Act::Impact) || has(Act::RootCause));
    // Who asks whether something fails is answered by what is done about it.
    let answered = asks(first) && taken && has(Act::Mitigate) && (has(Act::Resolve) || has(Act::Act));
    if !notices(first) && !handled && !answered {
        return None;
    }
    let is_one = taken && treated.is_some() || plain && (treated.is_some() || taking_part.len() >= 2);
    let last = about.iter().rev().find(|m| does(m, &part)).map_or(first.at, |m| m.at);
    let over = about.iter().find(|m| does(m, &[Act::Resolve])).map_or(last, |m| m.at);
    is_one.then(|| Tale::new(first.at, over, 2))
}

/// A person takes what was noticed elsewhere.
fn takes(message: &At<Utterance>) -> bool {
    let text = &message.what.message.text;
    !message.what.message.is_bot && message.what.does(Act::Acknowledge) && !has_any(text, &ELSEWHERE) && !is_exercise(text)
}

/// A person asks whether others see it, too.
fn asks(message: &At<Utterance>) -> bool {
    let text = &message.what.message.text;
    !message.what.message.is_bot && message.what.does(Act::Detect) && !has_any(text, &ELSEWHERE) && !is_exercise(text)
}

/// An alarm, or somebody who says that something fails and does not ask whether.
fn notices(message: &At<Utterance>) -> bool {
    let what = &message.what;
    let says =
        |s: &&crate::acts::Said| matches!(s.act, Act::Detect | Act::Declare) && !what.sentence(s).trim_end().ends_with('?');
    let text = &what.message.text;
    what.said.iter().any(|s| says(&s)) && !has_any(text, &ELSEWHERE) && !is_exercise(text)
}

fn has_any(text: &str, words: &[&str]) -> bool {
    let lower = text.to_lowercase();
    words.iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acts;
    use evidence::{Message, RecordRef, SourceId};

    /// Each a minute after the one before: a bot's words after `!`.
    fn found(lines: &[(&str, &str)]) -> usize {
        let source = SourceId { input: 0, entry: 0 };
        let message = |(n, (author, text)): (usize, &(&str, &str))| {
            let is_bot = author.starts_with('!');
            let message = Message { author: author.to_string(), is_bot, text: text.to_string(), ..Message::default() };
            let place = RecordRef { source, start: n as u64, end: n as u64 + 1, line: n as u64 + 1, last_line: n as u64 + 1 };
            let said = acts::read(text, author, is_bot);
            At {
                at: Moment::from_seconds(60 * n as i64),
                place,
                what: Utterance { message, speaker: format!("@{author}"), said },
            }
        };
        let chat: Vec<At<Utterance>> = lines.iter().enumerate().map(message).collect();
        tales(&chat).len()
    }

    #[test]
    fn a_page_that_is_taken_and_treated_is_an_incident() {
        let page = ("!pager", "[FIRING] High error rate of basket");
        assert_eq!(found(&[page, ("ann", "on it"), ("ann", "rolling back basket to v4"), ("ann", "all clear, resolved")]), 1);
        assert_eq!(found(&[page, ("bob", "lunch?")]), 0);
        let remedy = ("ann", "rolling back basket to v4");
        assert_eq!(found(&[("ann", "on it"), remedy, ("ann", "errors are gone"), ("ann", "incident resolved")]), 1);
        assert_eq!(found(&[("ann", "on it"), ("ann", "merged your branch"), ("ann", "closing")]), 0);
    }

    #[test]
    fn two_who_say_that_something_is_down_are_believed_and_a_question_is_not() {
        assert_eq!(found(&[("ann", "the shop is down"), ("bob", "looking"), ("bob", "restarted the shop pods")]), 1);
        assert_eq!(found(&[("ann", "is the shop down?"), ("ann", "no, my wifi")]), 0);
        assert_eq!(found(&[("ann", "the shop is down"), ("bob", "on it"), ("ann", "never mind, it was my vpn")]), 0);
        let asked = ("ann", "is anyone else seeing errors at login? customers are calling");
        let done = ("bob", "fixed, errors are gone");
        assert_eq!(found(&[asked, ("bob", "ack, looking"), ("bob", "restarted the session store"), done]), 1);
        assert_eq!(found(&[asked, ("bob", "no, works here")]), 0);
        assert_eq!(found(&[("ann", "staging is down"), ("bob", "on it"), ("bob", "restarted it")]), 0);
    }
}
