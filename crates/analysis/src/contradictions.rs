//! The sums court: numbers and times that sources state are held against each other and against what was computed.
//!
//! What it sees: durations and mean times that people state, the same event told with two times, the same rule told
//! with two thresholds, clocks that disagree, and suspicions that were refuted. Why it matters: a report that repeats a
//! wrong number is not believed in the rest. When it misleads: people round, and count from other boundary events.

use std::sync::LazyLock;

use evidence::{Basis, Clock, Moment, RecordRef};

use crate::acts::{Act, DurationOf, Quantity, QuantityKind, Said};
use crate::clocks::told::{self, Told};
use crate::digest::Digest;
use crate::findings::{About, Belief, Contradiction, ContradictionKind, Hypothesis, Metrics, Places, Side, TimeFinding, Times};
use crate::incident::Incident;
use crate::scene::{At, Utterance};
use expressions::{Expression, constant};

mod answered;
mod begun;
mod corrections;
mod countered;
mod counts;
mod denials;
mod figures;
mod finals;
mod intervals;
mod lengths;
mod measured;
mod moments;
mod order;
mod parts;
mod providers;
mod refuted;
mod replies;
mod set_beside;
mod settings;
mod since;
mod speech;
mod verdicts;

pub use speech::{times_in, written};

pub fn find(
    incident: &Incident<'_>,
    (times, metrics): (&Times, &Metrics),
    best: Option<&Hypothesis>,
    beliefs: &[Belief],
) -> Vec<Contradiction> {
    let written = speech::written(incident);
    let sentences = speech::stated(incident, &written);
    let tickets = speech::tickets(incident);
    let mut found = clocks(incident);
    found.extend(durations(incident, times, written.iter().chain(&tickets)));
    found.extend(corrections::own_ends(&sentences));
    found.extend(corrections::corrected(incident.scene, &sentences));
    found.extend(corrections::corrected_figures(&sentences));
    found.extend(corrections::recounted(incident, &sentences));
    found.extend(counts::withdrawn(incident));
    found.extend(set_beside::find(incident, &written));
    found.extend(countered::find(&sentences, times.mitigated.as_ref().map_or(incident.window.to, |m| m.at)));
    found.extend(counts::of_two(&sentences, times.mitigated.as_ref().map_or(incident.window.to, |m| m.at)));
    found.extend(counts::of_money(&sentences));
    found.extend(retold_times(incident));
    found.extend(moments::find(incident, times, &sentences));
    let with_tickets: Vec<_> = sentences.iter().copied().chain(speech::sentences(&tickets)).collect();
    found.extend(lengths::find(times, &with_tickets));
    found.extend(intervals::find(times, &with_tickets));
    found.extend(moments::of_change(incident, times, best.and_then(|h| h.change.as_ref()), &with_tickets));
    found.extend(since::find(incident, times, &sentences));
    found.extend(figures::find(incident, times, metrics, &sentences));
    found.extend(answered::find(incident, times.mitigated.as_ref().map_or(incident.window.to, |m| m.at)));
    found.extend(begun::find(incident));
    found.extend(finals::find(&with_tickets, times.mitigated.as_ref().map_or(incident.window.to, |m| m.at)));
    found.extend(parts::find(&sentences));
    found.extend(measured::find(incident, &sentences));
    found.extend(thresholds(incident));
    found.extend(settings::find(incident, &sentences));
    found.extend(denials::find(&sentences));
    found.extend(providers::find(incident, times, best));
    found.extend(order::find(incident, times, &sentences));
    found.extend(verdicts::find(incident, times, best, &sentences));
    found.extend(refuted::find(beliefs));
    let mut seen: Vec<(ContradictionKind, Vec<(String, RecordRef)>)> = Vec::new();
    found.retain(|c| {
        let key = (c.kind, c.sides.iter().map(|s| (s.value.clone(), s.places.first())).collect());
        let new = !seen.contains(&key);
        seen.push(key);
        new
    });
    found
}

/// A source that states its zone and is off all the same, or is off as no zone is.
fn clocks(incident: &Incident<'_>) -> Vec<Contradiction> {
    let scene = incident.scene;
    let mut found = Vec::new();
    let measured = told::find(&scene.digests, scene.chat.iter().map(|m| (m.what.message.text.as_str(), m.place)));
    for digest in &scene.digests {
        let clock = scene.clock(digest.source);
        let stated = matches!(digest.basis(), Some(Basis::Zoned | Basis::Epoch));
        if clock.offset_s == 0 || !stated && clock.offset_s % 900 == 0 {
            continue;
        }
        let Some((own, other)) = shared_trace(incident, digest) else {
            found.extend(measured_clock(incident, digest, clock, &measured));
            continue;
        };
        let (raw, corrected) = (Moment(own.0.micros), clock.moment(own.0).unwrap_or(Moment(own.0.micros)));
        let side = |value: String, between, place| Side {
            value,
            number: None,
            between,
            measure: None,
            stated_by: None,
            words: None,
            places: Places::one(place),
        };
        found.push(Contradiction {
            kind: ContradictionKind::ClockOffset,
            about: About::Clock { source: digest.name.clone(), offset_s: clock.offset_s, basis: clock.basis.clone() },
            sides: vec![side(raw.time_of_day(), Some((corrected, raw)), own.1), side(other.0.time_of_day(), None, other.1)],
        });
    }
    found
}

/// A clock that a tool measured beside what the log wrote by it.
fn measured_clock(incident: &Incident<'_>, digest: &Digest, clock: &Clock, measured: &[Told]) -> Option<Contradiction> {
    let told = told::of(digest, measured)?;
    let (stamp, place) = digest.first?;
    let (raw, corrected) = (Moment(stamp.micros), clock.moment(stamp)?);
    let message = incident.scene.chat.iter().find(|m| m.place == told.place);
    let by = message.and_then(speech::speaker);
    let side = |value: String, between, words: Option<String>, place| Side {
        value,
        number: None,
        between,
        measure: None,
        stated_by: by.clone().filter(|_| words.is_some()),
        words,
        places: Places::one(place),
    };
    Some(Contradiction {
        kind: ContradictionKind::ClockOffset,
        about: About::Clock { source: digest.name.clone(), offset_s: clock.offset_s, basis: String::new() },
        sides: vec![
            side(raw.time_of_day(), Some((corrected, raw)), None, place),
            side(told.words.clone(), None, Some(told.text.clone()), told.place),
        ],
    })
}

type Seen<T> = (T, RecordRef);

/// A trace that the source shares with one whose clock is right.
fn shared_trace(incident: &Incident<'_>, digest: &crate::digest::Digest) -> Option<(Seen<evidence::Stamp>, Seen<Moment>)> {
    let scene = incident.scene;
    let right = scene.digests.iter().filter(|d| d.source != digest.source && scene.clock(d.source).offset_s == 0);
    for other in right {
        let shared = digest.traces.iter().find_map(|(id, link)| Some((link, other.traces.get(id)?)));
        if let Some((own, theirs)) = shared {
            let at = scene.clock(other.source).moment(theirs.first)?;
            return Some(((own.first, own.place), (at, theirs.place)));
        }
    }
    None
}

/// Durations as people state them beside the same durations from two records.
fn durations<'a>(incident: &Incident<'a>, times: &Times, written: impl Iterator<Item = &'a At<Utterance>>) -> Vec<Contradiction> {
    let mut found = Vec::new();
    for (message, said, quantity) in quantities(incident, written) {
        let QuantityKind::Duration(of) = quantity.what else { continue };
        let sentence = message.what.sentence(said);
        let Some((about, from, to)) = computed(of, sentence, times) else { continue };
        let seconds = to.0.since(from.0);
        let off = (quantity.value - seconds).abs();
        let room = if quantity.approx { 0.25 } else { 0.05 };
        let fits = off <= 5.0 || off <= room * seconds.max(quantity.value) || fits_another_end(of, quantity, times, room);
        if fits || goes_on(sentence, message, times) || is_of_one(sentence) || is_within(sentence) {
            continue;
        }
        let computed = computed_side(&from, &to);
        found.push(Contradiction {
            kind: ContradictionKind::Duration,
            about,
            sides: vec![stated_side(message, said, quantity), computed],
        });
    }
    found
}

/// Who says how long it has lasted while it lasts does not say how long it did.
fn goes_on(sentence: &str, message: &At<Utterance>, times: &Times) -> bool {
    static NOW: LazyLock<Expression> = LazyLock::new(|| constant(r"(?i)\b(?:been|is|are|now|already|still)\b|['’]s\b"));
    let inside = |(from, to): (&TimeFinding, &TimeFinding)| message.at >= from.at && message.at < to.at;
    let ended = times.mitigated.as_ref().or(times.resolved.as_ref());
    times.started.as_ref().zip(ended).is_some_and(inside) && NOW.is_match(sentence)
}

/// One of several machines, or what is no service, was out for a while: the incident may have lasted longer.
fn is_of_one(sentence: &str) -> bool {
    static ONE: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)^\W*(?:and |but |so |only )?(?:(?:one|a|an|the|that|our|my|each|every) )?(?:\S+ )?(?:pod|node|replica|host|vm|instance|broker|worker|leader|primary|standby|job|pager|dashboards?|grafana|alert\w*|metrics|ci|pipeline|vpn|laptop|link|switch)\b.{0,20}\b(?:was|were|is|has been|had been)\b",
        )
    });
    ONE.is_match(sentence)
}

/// It tells of the worst part of it.
fn is_within(sentence: &str) -> bool {
    static WITHIN: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:in between|of (?:that|these|those|which)|fully|completely|totally|at (?:the|its) (?:worst|peak)|the first|the last)\b",
        )
    });
    WITHIN.is_match(sentence)
}

/// Who says how long it was may mean the time until users were served again, or until it was closed.
fn fits_another_end(of: DurationOf, quantity: &Quantity, times: &Times, room: f64) -> bool {
    let (DurationOf::Outage, Some(started)) = (of, &times.started) else { return false };
    let ends = times.mitigated.iter().chain(&times.resolved).map(|end| end.at.since(started.at));
    ends.into_iter().any(|seconds| (quantity.value - seconds).abs() <= 5.0_f64.max(room * seconds.max(quantity.value)))
}

type Marked = (Moment, Places);

/// The two instants that a stated duration lies between: an outage is over when users are served again, an incident when it is
/// closed.
fn computed(of: DurationOf, sentence: &str, times: &Times) -> Option<(About, Marked, Marked)> {
    let mark = |t: &Option<TimeFinding>| t.as_ref().map(|t| (t.at, t.places.clone()));
    let started = || mark(&times.started);
    let end = || mark(&times.resolved).or_else(|| mark(&times.mitigated));
    let is_of_response = || sentence.to_lowercase().contains("incident") || times.mitigated.is_none();
    match of {
        DurationOf::Outage if is_of_response() => Some((About::IncidentDuration, started()?, end()?)),
        DurationOf::Outage => Some((About::OutageDuration, started()?, mark(&times.mitigated)?)),
        DurationOf::Mttr => Some((About::TimeToResolve, started()?, end()?)),
        DurationOf::Mttd => Some((About::TimeToDetect, started()?, mark(&times.detected)?)),
        DurationOf::Recovery => Some((About::RecoveryAfterDecision, mark(&times.ended_by)?, end()?)),
        _ => None,
    }
}

/// What lies between two instants, as a side of its own.
fn computed_side(from: &Marked, to: &Marked) -> Side {
    let seconds = to.0.since(from.0).round();
    Side {
        value: format!("{seconds} s"),
        number: Some(seconds),
        between: Some((from.0, to.0)),
        measure: None,
        stated_by: None,
        words: None,
        places: from.1.and(&to.1),
    }
}

fn stated_side(message: &At<Utterance>, said: &Said, quantity: &Quantity) -> Side {
    Side {
        value: quantity.text.clone(),
        number: Some(quantity.value),
        between: None,
        measure: None,
        stated_by: speech::speaker(message),
        words: Some(message.what.sentence(said).to_string()),
        places: Places::one(message.place),
    }
}

fn quantities<'a>(
    incident: &Incident<'a>,
    written: impl Iterator<Item = &'a At<Utterance>>,
) -> Vec<(&'a At<Utterance>, &'a Said, &'a Quantity)> {
    let messages = incident.scene.chat.iter().filter(|m| !m.what.message.is_bot && m.at >= incident.window.from);
    messages
        .chain(written)
        .flat_map(|m| m.what.said.iter().flat_map(move |s| s.slots.quantities.iter().map(move |q| (m, s, q))))
        .collect()
}

/// An event told again later with another time of day (`failover finished at 09:00:48`, said to be complete at 09:00:45).
fn retold_times(incident: &Incident<'_>) -> Vec<Contradiction> {
    let scene = incident.scene;
    let mut found: Vec<Contradiction> = Vec::new();
    for later in scene.chat.iter().filter(|m| !m.what.message.is_bot && m.at > incident.window.from) {
        let Some((text, second)) = time_of_day(&later.what.message.text) else { continue };
        let words = telling(&later.what.message.text);
        let told = |m: &&At<Utterance>| m.at < later.at && m.at >= incident.window.from.plus(-600.0) && !m.what.message.is_bot;
        for earlier in scene.chat.iter().filter(told) {
            let shared = telling(&earlier.what.message.text).iter().filter(|w| words.contains(w)).count();
            let apart = (earlier.at.seconds().rem_euclid(86_400) - second).abs();
            let offset = scene.clock(later.place.source).offset_s;
            if shared < 2 || !(3..=1_800).contains(&apart) || offset != 0 {
                continue;
            }
            let about = About::When { what: earlier.what.message.text.clone() };
            let side = |m: &At<Utterance>, value: String| Side {
                value,
                number: None,
                between: None,
                measure: None,
                stated_by: Some(m.what.speaker.clone()),
                words: Some(m.what.message.text.clone()),
                places: Places::one(m.place),
            };
            let sides = vec![side(earlier, earlier.at.time_of_day()), side(later, text.clone())];
            found.push(Contradiction { kind: ContradictionKind::Time, about, sides });
            break;
        }
    }
    found
}

/// The first `HH:MM:SS` of a text, literally, and as seconds of the day.
fn time_of_day(text: &str) -> Option<(String, i64)> {
    text.split(|c: char| !c.is_ascii_digit() && c != ':').find_map(|word| {
        let parts: Vec<i64> = word.split(':').map(|p| if p.len() == 2 { p.parse().unwrap_or(-1) } else { -1 }).collect();
        match parts.as_slice() {
            [h @ 0..=23, m @ 0..=59, s @ 0..=59] => Some((word.to_string(), h * 3_600 + m * 60 + s)),
            _ => None,
        }
    })
}

const COMMON: [&str; 14] =
    ["that", "this", "with", "when", "from", "error", "errors", "rate", "after", "before", "according", "would", "have", "more"];

/// Words by which two texts are told to speak of one thing.
fn telling(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    words.filter(|w| w.len() >= 4 && !w.bytes().all(|b| b.is_ascii_digit()) && !COMMON.contains(&w.as_str())).collect()
}

/// The same rule planned with two different shares.
fn thresholds(incident: &Incident<'_>) -> Vec<Contradiction> {
    let plans: Vec<(&At<Utterance>, &Said, &Quantity)> = quantities(incident, std::iter::empty())
        .into_iter()
        .filter(|(_, s, q)| matches!(s.act, Act::ActionItem | Act::Prevention) && q.text.contains('%'))
        .collect();
    let mut found = Vec::new();
    for (index, (first, said, quantity)) in plans.iter().enumerate() {
        for (second, other, figure) in &plans[index + 1..] {
            let near = |m: &At<Utterance>, s: &Said, q: &Quantity| around(m.what.sentence(s), q.span.0);
            let (a, b) = (near(first, said, quantity), near(second, other, figure));
            let shared: Vec<String> = telling(&a).into_iter().filter(|w| telling(&b).contains(w)).collect();
            let same_words = shared.len() >= 2 || shared.iter().any(|w| w.len() >= 6);
            if first.place == second.place || !same_words || quantity.value == figure.value {
                continue;
            }
            let about = About::Quantity { what: shared.join(" ") };
            let sides = vec![stated_side(first, said, quantity), stated_side(second, other, figure)];
            found.push(Contradiction { kind: ContradictionKind::Number, about, sides });
        }
    }
    found
}

/// The clause in which a figure stands.
fn around(sentence: &str, at: usize) -> String {
    let mut at = at.min(sentence.len());
    while !sentence.is_char_boundary(at) {
        at -= 1;
    }
    let start = sentence[..at].rfind([';', ':']).map_or(0, |i| i + 1);
    let end = sentence[at..].find(';').map_or(sentence.len(), |i| at + i);
    sentence[start..end].to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_found_and_a_ratio_is_not() {
        assert_eq!(time_of_day("finished at 09:00:48 according to"), Some(("09:00:48".into(), 32_448)));
        assert_eq!(time_of_day("6:10 pods, 12:99:00"), None);
    }

    #[test]
    fn a_machine_is_not_the_service() {
        assert!(is_of_one("one pod was down for 3 minutes") && is_of_one("the standby broker was out for 10 min"));
        assert!(!is_of_one("checkout was down for 12 min") && !is_of_one("pages of shard 5 were stale for 25 minutes"));
    }

    #[test]
    fn a_figure_is_read_with_its_clause() {
        assert_eq!(around("rollback when rate exceeds 20%; canary 5% traffic", 27), "rollback when rate exceeds 20%");
    }
}
