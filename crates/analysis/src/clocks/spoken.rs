//! A list of tickets without zone beside the chat in which one of them is spoken of: nobody does so before it was opened, and who says
//! that they close it does.
//!
//! What it sees: a ticket's number in what somebody says. Where nobody closes one, only zones that other sources turned out to have are
//! tried. When it misleads: a ticket that is taken up much later.

use std::collections::BTreeMap;

use evidence::{Body, Clock, PageAction};

use super::{candidates, offset_word, said_act};
use crate::digest::Digest;

/// A ticket is spoken of so long after it was opened, in seconds; clocks differ by a little.
const SOON: i64 = 7_200;
const SKEW: i64 = 60;
/// And it is closed so near to the words for it.
const CLOSING: i64 = 180;

/// The only zone in which tickets were closed when somebody said so by their numbers.
pub fn by_closing(index: usize, digests: &[Digest], clocks: &[Clock]) -> Option<Clock> {
    let base = &clocks[index];
    let own = digests[index].events.iter().filter_map(|event| match &event.body {
        Body::Page(page) if page.action == PageAction::Resolved && is_number(&page.incident) => {
            let stamp = event.stamp.filter(|stamp| !stamp.basis.is_stated())?;
            Some((page.incident.to_lowercase(), Clock { offset_s: 0, ..base.clone() }.moment(stamp)?.seconds()))
        }
        _ => None,
    });
    let closed: BTreeMap<String, i64> = own.collect();
    if closed.is_empty() {
        return None;
    }
    let others = digests.iter().zip(clocks).enumerate().filter(|(other, _)| *other != index).map(|(_, pair)| pair);
    let told = others.flat_map(|(digest, clock)| digest.events.iter().map(move |event| (event, clock)));
    let apart: Vec<i64> = told
        .filter_map(|(event, clock)| {
            let Body::Message(message) = &event.body else { return None };
            let stamp = event.stamp.filter(|stamp| stamp.basis.is_stated())?;
            let text = message.text.to_lowercase();
            let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '-');
            let at = words.find_map(|word| closed.get(word))?;
            (said_act(&event.body) == Some(PageAction::Resolved)).then_some(at - clock.moment(stamp)?.seconds())
        })
        .collect();
    let fits = |offset: &i64| !apart.is_empty() && apart.iter().all(|apart| (apart - offset).abs() <= CLOSING);
    let offset = candidates().find(fits)?;
    Some(Clock {
        offset_s: offset,
        zone: offset_word(offset),
        basis: "no zone written; read so, a ticket was closed when somebody said so".into(),
        uncertainty_s: 60,
        ..base.clone()
    })
}

pub fn clock_of(index: usize, digests: &[Digest], clocks: &[Clock], zones: impl Iterator<Item = i64>) -> Option<Clock> {
    let base = &clocks[index];
    let opened = digests[index].events.iter().filter_map(|event| match &event.body {
        Body::Page(page) if page.action == PageAction::Triggered && is_number(&page.incident) => {
            Some((page.incident.to_lowercase(), base.moment(event.stamp?)?.seconds()))
        }
        _ => None,
    });
    let opened: BTreeMap<String, i64> = opened.collect();
    if opened.is_empty() {
        return None;
    }
    let mut spoken: BTreeMap<&str, i64> = BTreeMap::new();
    for (event, clock) in digests.iter().zip(clocks).flat_map(|(d, clock)| d.events.iter().map(move |event| (event, clock))) {
        let Body::Message(message) = &event.body else { continue };
        let Some(at) = event.stamp.and_then(|stamp| clock.moment(stamp)).map(|at| at.seconds()) else { continue };
        let text = message.text.to_lowercase();
        for word in text.split(|c: char| !c.is_alphanumeric() && c != '-') {
            if let Some((number, _)) = opened.get_key_value(word) {
                spoken.entry(number.as_str()).and_modify(|first| *first = at.min(*first)).or_insert(at);
            }
        }
    }
    let told: Vec<(i64, i64)> = spoken.into_iter().filter_map(|(number, said)| Some((*opened.get(number)?, said))).collect();
    let fits = |offset: i64| !told.is_empty() && told.iter().all(|(at, said)| (-SKEW..=SOON).contains(&(said - (at - offset))));
    let mut fitting = zones.filter(|offset| fits(*offset));
    let offset = fitting.next().filter(|offset| *offset != 0 && !fits(0) && fitting.next().is_none())?;
    Some(Clock {
        offset_s: offset,
        zone: offset_word(offset),
        basis: "no zone written; guessed to be that of another source, in which a ticket was opened before it was spoken of"
            .into(),
        uncertainty_s: 60,
        ..base.clone()
    })
}

/// `INC0041880`, `OPS-512`: a number that nothing else has.
fn is_number(incident: &str) -> bool {
    incident.len() >= 5 && incident.bytes().filter(u8::is_ascii_digit).count() >= 3
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::{Basis, Event, Message, Moment, Page, RecordRef, SourceId, Stamp};

    fn source(input: u32, at: i64, basis: Basis, body: Body) -> Digest {
        let source = SourceId { input, entry: 0 };
        let mut digest = Digest::new(source, "source");
        let place = RecordRef { source, start: 0, end: 1, line: 1, last_line: 1 };
        digest.events.push(Event { place, stamp: Some(Stamp::new(at * Moment::SECOND, basis)), body });
        digest
    }

    #[test]
    fn a_ticket_is_opened_before_it_is_spoken_of() {
        let page = Page {
            incident: "INC0004711".into(),
            title: String::new(),
            action: PageAction::Triggered,
            actor: None,
            priority: None,
            urgency: None,
            service: None,
            text: String::new(),
        };
        let offset = |opened: i64, said: &str| {
            let message = Message { text: said.into(), ..Message::default() };
            let digests = [
                source(0, opened, Basis::Civil, Body::Page(page.clone())),
                source(1, 100_000, Basis::Zoned, Body::Message(message)),
            ];
            clock_of(0, &digests, &[Clock::trusted(), Clock::trusted()], [-3_600, 46_800].into_iter()).map(|c| c.offset_s)
        };
        assert_eq!(offset(100_000 + 46_800 - 460, "calls come in. I take INC0004711"), Some(46_800));
        assert_eq!(offset(100_000 - 460, "I take INC0004711"), None, "it fits as it is written");
        assert_eq!(offset(100_000 + 46_800 + 900, "I take INC0004711"), None, "before it was opened");
        assert_eq!(offset(100_000 + 46_800 - 460, "I take it"), None);
    }

    #[test]
    fn a_ticket_is_closed_when_somebody_says_so() {
        let page = Page {
            incident: "INC0004711".into(),
            title: String::new(),
            action: PageAction::Resolved,
            actor: None,
            priority: None,
            urgency: None,
            service: None,
            text: String::new(),
        };
        let offset = |closed: i64, said: &str| {
            let message = Message { author: "ann".into(), text: said.into(), ..Message::default() };
            let digests = [
                source(0, closed, Basis::Civil, Body::Page(page.clone())),
                source(1, 100_000, Basis::Zoned, Body::Message(message)),
            ];
            by_closing(0, &digests, &[Clock::trusted(), Clock::trusted()]).map(|c| c.offset_s)
        };
        assert_eq!(offset(100_030 + 3_600, "quiet for ten minutes. resolving INC0004711"), Some(3_600));
        assert_eq!(offset(100_030, "resolving INC0004711"), Some(0));
        assert_eq!(offset(100_030 + 4_500, "resolving INC0004711"), None, "no zone of the world");
        assert_eq!(offset(100_030 + 3_600, "I look into INC0004711"), None, "nobody closes it");
    }
}
