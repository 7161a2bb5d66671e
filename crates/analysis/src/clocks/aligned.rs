//! Metrics and chats without zone beside what they tell of.
//!
//! What it sees: a series of errors that rises and falls back, and logs whose failures set in and cease; messages that name
//! a flag or a version, and the record of its change. Where one shift alone lays them together, it is the zone of whoever saved
//! the source. When it misleads: two outages of one length, and people who talk of a change whole hours later, twice.

use evidence::{Basis, Body, Clock, Event, Moment, Stamp};

use super::paged::{ceased, failures, set_in};
use super::{candidates, offset_word};
use crate::acts::{self, Act};
use crate::digest::Digest;
use crate::metrics;

/// Seconds beyond a step of the series by which an end may be off.
const OFF: i64 = 150;
/// Failures of a log that tell when they set in.
const MIN_FAILURES: u64 = 20;
/// Seconds between a change and what is said of it at once; chats write minutes.
const ECHO: i64 = 90;
/// So many changes at different times are no accident.
const MIN_ECHOES: usize = 2;
/// So long before and after failures people speak of them.
const BEFORE: i64 = 1_800;
const AFTER: i64 = 7_200;
/// Messages that make a conversation.
const MIN_MESSAGES: usize = 5;
/// Characters of a name that no other word has by chance.
const LEAST_NAME: usize = 4;

pub fn by_series(index: usize, digests: &[Digest], clocks: &[Clock]) -> Option<Clock> {
    let base = &clocks[index];
    let told: Vec<(i64, i64, i64)> = digests[index].events.iter().filter_map(|event| of_errors(&event.body, base)).collect();
    if told.is_empty() {
        return None;
    }
    let failing: Vec<(i64, i64)> =
        (0..digests.len()).filter(|o| *o != index).filter_map(|o| ends(&digests[o], &clocks[o])).collect();
    let fits = |offset: i64| {
        let near = |a: i64, b: i64, step: i64| (a - offset - b).abs() <= step + OFF;
        told.iter()
            .any(|(onset, end, step)| failing.iter().any(|(first, last)| near(*onset, *first, *step) && near(*end, *last, *step)))
    };
    let mut fitting = candidates().filter(|offset| fits(*offset));
    let best = fitting.next()?;
    if fitting.next().is_some() || best == 0 {
        return None;
    }
    Some(Clock {
        offset_s: best,
        zone: offset_word(best),
        basis: "no zone written; shifted so, its errors rise and fall with the failures of the logs".into(),
        uncertainty_s: 60,
        ..base.clone()
    })
}

/// A chat in which several changes are told of right when they were recorded elsewhere.
pub fn by_echoes(index: usize, digests: &[Digest], clocks: &[Clock]) -> Option<Clock> {
    let base = &clocks[index];
    let messages: Vec<(i64, String)> = digests[index].events.iter().filter_map(|event| message(event, base)).collect();
    if messages.is_empty() {
        return None;
    }
    let recorded = digests.iter().zip(clocks).enumerate().filter(|(other, _)| *other != index);
    let recorded: Vec<(String, i64)> =
        recorded.flat_map(|(_, (digest, clock))| digest.events.iter().filter_map(move |event| changed(event, clock))).collect();
    let told = |offset: i64| {
        let is_echo = |(name, at): &&(String, i64)| {
            messages.iter().any(|(said, text)| (said - offset - at).abs() <= ECHO && text.contains(name.as_str()))
        };
        recorded.iter().filter(is_echo).map(|(_, at)| at).collect::<std::collections::BTreeSet<_>>().len()
    };
    let best = candidates().max_by_key(|offset| (told(*offset), -offset.abs()))?;
    if best == 0 || told(best) < MIN_ECHOES || told(best) <= told(0) {
        return None;
    }
    Some(Clock {
        offset_s: best,
        zone: offset_word(best),
        basis: "no zone written; shifted so, changes are told of when they were recorded".into(),
        uncertainty_s: 60,
        ..base.clone()
    })
}

/// A chat whose steps fit the course of the failures in one zone alone: taken while they came, treated before they ceased, over
/// when they had. A guess.
pub fn by_course(index: usize, digests: &[Digest], clocks: &[Clock]) -> Option<Clock> {
    let base = &clocks[index];
    let steps: Vec<(Act, i64)> = digests[index].events.iter().flat_map(|event| steps(event, base)).collect();
    let of = |acts: &[Act]| steps.iter().filter(|(act, _)| acts.contains(act)).map(|(_, at)| *at).collect::<Vec<_>>();
    let taken = *of(&[Act::Acknowledge, Act::Detect, Act::Act]).iter().min()?;
    let treated = of(&[Act::Act]);
    let over = of(&[Act::Resolve]).into_iter().min().or_else(|| of(&[Act::Mitigate]).into_iter().max())?;
    let (first, last) = (treated.iter().min().copied().unwrap_or(over), treated.iter().max().copied().unwrap_or(taken));
    let others = (0..digests.len()).filter(|other| *other != index);
    let failing: Vec<(i64, i64)> = others.filter_map(|other| ends(&digests[other], &clocks[other])).collect();
    let from = failing.iter().map(|(first, _)| *first).min()?;
    let to = failing.iter().map(|(_, last)| *last).max()?;
    let fits = |offset: i64| {
        (from - OFF..=to).contains(&(taken - offset))
            && first - offset >= from
            && last - offset <= to + 2 * OFF
            && (to - OFF..=to + AFTER).contains(&(over - offset))
    };
    let mut fitting = candidates().filter(|offset| fits(*offset));
    let best = fitting.next().filter(|best| *best != 0)?;
    fitting.next().is_none().then(|| Clock {
        offset_s: best,
        zone: offset_word(best),
        basis: "no zone written; guessed so that what people did fits the course of the failures".into(),
        uncertainty_s: 3_600,
        ..base.clone()
    })
}

/// What a person does in a message, and when.
fn steps(event: &Event, clock: &Clock) -> Vec<(Act, i64)> {
    let Body::Message(message) = &event.body else { return Vec::new() };
    let Some(at) = event.stamp.and_then(|stamp| clock.moment(stamp)).filter(|_| !message.is_bot) else { return Vec::new() };
    acts::read(&message.text, &message.author, false).into_iter().map(|said| (said.act, at.seconds())).collect()
}

/// Seconds by which most zones differ.
const HALF_HOUR: i64 = 1_800;

/// A chat that speaks of the failures of the logs, in a zone that another source turned out to have: a guess.
pub fn by_neighbours(index: usize, digests: &[Digest], clocks: &[Clock]) -> Option<Clock> {
    let base = &clocks[index];
    let said: Vec<i64> = digests[index].events.iter().filter_map(|event| Some(message(event, base)?.0)).collect();
    if said.len() < MIN_MESSAGES {
        return None;
    }
    let others = (0..digests.len()).filter(|other| *other != index);
    let failing: Vec<(i64, i64)> = others.clone().filter_map(|other| ends(&digests[other], &clocks[other])).collect();
    let from = failing.iter().map(|(first, _)| *first).min()?;
    let to = failing.iter().map(|(_, last)| *last).max()?;
    let inside = |offset: i64| {
        let near = |at: &&i64| (from - BEFORE..=to + AFTER).contains(&(**at - offset));
        said.iter().filter(near).count()
    };
    // Of a clock that is off its zone as well, the zone is what another source may share.
    let zone = |offset: i64| (offset + HALF_HOUR / 2).div_euclid(HALF_HOUR) * HALF_HOUR;
    let known: std::collections::BTreeSet<i64> = others
        .map(|other| clocks[other].offset_s)
        .map(|offset| if offset % super::QUARTER == 0 { offset } else { zone(offset) })
        .filter(|offset| *offset != 0)
        .collect();
    let best = known.into_iter().max_by_key(|offset| (inside(*offset), -offset.abs()))?;
    if inside(best) < MIN_MESSAGES || inside(best) * 10 < said.len() * 8 || inside(0) * 10 > said.len() * 2 {
        return None;
    }
    Some(Clock {
        offset_s: best,
        zone: offset_word(best),
        basis: "no zone written; guessed to be that of other sources, in which it speaks of the failures".into(),
        uncertainty_s: 3_600,
        ..base.clone()
    })
}

/// When and what a message says, in lower case.
fn message(event: &Event, clock: &Clock) -> Option<(i64, String)> {
    let Body::Message(message) = &event.body else { return None };
    Some((clock.moment(event.stamp?)?.seconds(), message.text.to_lowercase()))
}

/// The name of a flag or version that was changed, in lower case, and when, as far as the source writes its zone.
fn changed(event: &Event, clock: &Clock) -> Option<(String, i64)> {
    let name = match &event.body {
        Body::Flag(flag) => flag.name.clone(),
        Body::Deploy(deploy) => deploy.version.clone()?,
        _ => return None,
    };
    let stamp = event.stamp.filter(|stamp| matches!(stamp.basis, Basis::Zoned | Basis::Epoch))?;
    (name.len() >= LEAST_NAME).then_some((name.to_lowercase(), clock.moment(stamp)?.seconds()))
}

/// When a series of errors rises and is back, and its step, in seconds as they are written.
fn of_errors(body: &Body, clock: &Clock) -> Option<(i64, i64, i64)> {
    let Body::Series(series) = body else { return None };
    let name = series.metric.to_lowercase();
    if !["fail", "error", "5xx", "exception"].iter().any(|word| name.contains(word)) {
        return None;
    }
    let at = |stamp: Stamp| clock.moment(stamp).filter(|_| matches!(stamp.basis, Basis::Civil | Basis::CivilNoYear));
    let mut points: Vec<(Moment, f64)> = series.points.iter().filter_map(|p| Some((at(p.stamp)?, p.value))).collect();
    points.sort_by_key(|(at, _)| *at);
    let change = metrics::moved(&points)?;
    let step = points.windows(2).map(|pair| pair[1].0.seconds() - pair[0].0.seconds()).min()?;
    let is_over = points.last().is_some_and(|(last, _)| *last > change.end);
    is_over.then(|| (change.onset.seconds(), change.end.seconds(), step))
}

/// When the failures of a log set in and cease that writes its zone, or whose clock is decided.
fn ends(digest: &Digest, clock: &Clock) -> Option<(i64, i64)> {
    let is_sure = matches!(digest.basis(), Some(Basis::Zoned | Basis::Epoch)) || clock.offset_s != 0;
    let failures = failures(digest, clock);
    let many = failures.iter().map(|(_, n)| n).sum::<u64>() >= MIN_FAILURES;
    set_in(&failures).zip(ceased(&failures)).filter(|_| is_sure && many)
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::{Flag, Level, Message, Record, RecordRef, Sink, SourceId};

    fn place(input: u32, line: u64) -> RecordRef {
        RecordRef { source: SourceId { input, entry: 0 }, start: line * 10, end: line * 10 + 9, line, last_line: line }
    }

    fn document(input: u32, basis: Basis, bodies: Vec<(i64, Body)>) -> Digest {
        let mut digest = Digest::new(SourceId { input, entry: 0 }, "document");
        for (line, (at, body)) in (1..).zip(bodies) {
            digest.event(Event { place: place(input, line), stamp: Some(Stamp::new(at * Moment::SECOND, basis)), body });
        }
        digest.settled()
    }

    fn chat(lines: &[(i64, &str)]) -> Digest {
        let message = |text: &str| Body::Message(Message { author: "ann".into(), text: text.into(), ..Message::default() });
        document(0, Basis::Civil, lines.iter().map(|(at, text)| (*at, message(text))).collect())
    }

    fn flags(changes: &[i64]) -> Digest {
        let flag = || Body::Flag(Flag { name: "new_basket".into(), ..Flag::default() });
        document(1, Basis::Zoned, changes.iter().map(|at| (*at, flag())).collect())
    }

    /// A log that fails twice a minute from 7200 to 9000 seconds.
    fn failing() -> Digest {
        let mut log = Digest::new(SourceId { input: 1, entry: 0 }, "basket.log");
        for (line, at) in (1..).zip((7_200..9_000).step_by(30)) {
            log.record(&Record {
                place: place(1, line),
                stamp: Some(Stamp::new(at * Moment::SECOND, Basis::Zoned)),
                stamp_text: None,
                level: Some(Level::Error),
                service: None,
                instance: None,
                message: "no connection".into(),
                trace: None,
                http: None,
                user: None,
                format: "text",
                fields: Vec::new(),
            });
        }
        log.settled()
    }

    #[track_caller]
    fn check(found: fn(usize, &[Digest], &[Clock]) -> Option<Clock>, digests: [Digest; 2], other: i64, expected: Option<i64>) {
        let clocks = [Clock::trusted(), Clock { offset_s: other, ..Clock::trusted() }];
        assert_eq!(found(0, &digests, &clocks).map(|clock| clock.offset_s), expected);
    }

    #[test]
    fn changes_that_are_told_of_at_once_tell_the_zone() {
        let (on, off) = ((10_810, "new_basket is now ON"), (12_020, "new_basket is off"));
        check(by_echoes, [chat(&[on, off]), flags(&[7_200, 8_400])], 0, Some(3_600));
        check(by_echoes, [chat(&[on]), flags(&[7_200, 8_400])], 0, None);
        check(by_echoes, [chat(&[on, off]), flags(&[10_800, 12_000])], 0, None);
    }

    #[test]
    fn steps_that_fit_the_failures_in_one_zone_alone_tell_it() {
        let talk = |shift: i64| {
            chat(&[
                (7_500 + shift, "on it"),
                (8_700 + shift, "rolling back basket to v4"),
                (9_300 + shift, "all clear, incident resolved"),
            ])
        };
        check(by_course, [talk(3_600), failing()], 0, Some(3_600));
        check(by_course, [talk(0), failing()], 0, None);
    }

    #[test]
    fn a_conversation_has_the_zone_of_others_where_it_is_about_the_failures_there() {
        let talk = |shift: i64| chat(&[0, 60, 120, 180, 240, 300].map(|at| (7_500 + shift + at, "what is with the basket")));
        let at = |offset: i64| Clock { offset_s: offset, ..Clock::trusted() };
        let told = |talk: Digest, other: i64| {
            let digests = [talk, failing(), flags(&[1])];
            by_neighbours(0, &digests, &[at(0), at(0), at(other)]).map(|clock| clock.offset_s)
        };
        let all = [talk(-21_600), talk(0), talk(40_000)].map(|talk| told(talk, -21_600));
        assert_eq!(all, [Some(-21_600), None, None]);
        assert_eq!(told(talk(-21_600), -21_353), Some(-21_600), "that clock is four minutes off, too, and people's are not");
    }
}
