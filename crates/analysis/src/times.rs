//! The six instants of an incident, each with the record that marks it and with how far it may be off.
//!
//! What it sees: first and last failures, alerts and pages, what people said, and what took a change back. Why it
//! matters: every response time is a difference of two of these. When it misleads: a "resolved" said of something else;
//! only words after the failures ended are taken.

use std::sync::LazyLock;

use evidence::{Moment, PageAction};

use crate::acts::Act;
use crate::findings::{Hypothesis, Places, TimeBasis, TimeFinding, Times};
use crate::hypotheses::last_failure;
use crate::incident::{Incident, is_felt};
use crate::metrics;
use crate::scene::At;
use crate::signals::SignalKind;
use crate::told::is_first_sight;
use crate::window::is_low;
use expressions::{Expression, constant};

mod closing;
mod passing;
mod quiet;
mod restored;
mod retried;
pub mod steps;

pub use steps::Step;

/// Warnings so shortly before the first failure are of it.
const WARNED_S: f64 = 60.0;

pub fn find(incident: &Incident<'_>, best: Option<&Hypothesis>) -> (Times, Option<Step>) {
    let started = started(incident);
    let from = started.as_ref().map_or(incident.window.from, |t| t.at);
    let detected = detected(incident, from);
    let acknowledged = acknowledged(incident, detected.as_ref().map_or(from, |t| t.at));
    let is_retried = retried::is_so(incident);
    let shown = || mitigated(incident).filter(|_| !is_retried);
    let told = || told_over(incident, from).filter(|_| incident.is_told || is_retried);
    let mitigated = shown().or_else(told).filter(|m| m.at >= from);
    let end = mitigated.as_ref().map_or(incident.window.data_to, |m| m.at);
    let is_open = mitigated.is_none();
    let ending = steps::ending(incident, best, from, end).filter(|step| !(is_open && steps::is_anybodys(step)));
    let step = ending.or_else(|| is_open.then(|| steps::meant(incident, from, end)).flatten());
    let known = detected.as_ref().map_or(from, |t| t.at.max(from));
    let resolved = resolved(incident, mitigated.as_ref(), known);
    let ended_by = step.as_ref().filter(|s| s.at >= from && s.at <= end).map(|s| steps::begun(incident, s, from));
    let first = steps::first::begun(incident, best, (from, known), end);
    let is_before = |first: &TimeFinding| ended_by.as_ref().is_none_or(|last| first.at < last.at);
    let mitigation_started = first.filter(is_before).or_else(|| ended_by.clone());
    let times = Times { started, detected, acknowledged, mitigation_started, ended_by, mitigated, resolved };
    (times, step)
}

/// So soon after a check is well people say that it is over; later they speak of what was.
const SAID_WITHIN_S: f64 = 3_600.0;

/// First harm: the first failure of the incident, or the first failed request when that came before.
fn started(incident: &Incident<'_>) -> Option<TimeFinding> {
    let of_service = |s: &crate::signals::Signal| s.service.as_deref().is_none_or(|name| !incident.scene.is_node(name));
    let harms =
        |s: &crate::signals::Signal| harms(s) || s.service.as_deref().is_some_and(|name| incident.fails_by_warnings(name));
    // What nothing joins to the incident is trouble of its own, and it may come first.
    let belongs = |s: &crate::signals::Signal| s.service.as_deref().is_none_or(|name| incident.hurt(name).is_some());
    let own = incident.failures().filter(|(_, s, _)| harms(s) && of_service(s) && belongs(s));
    let first = own.min_by_key(|(i, _, share)| (share.onset, *i));
    let first = first.or_else(|| {
        let any = incident.failures().filter(|(_, s, _)| harms(s) && of_service(s));
        any.min_by_key(|(i, _, share)| (share.onset, *i))
    });
    let first = first.or_else(|| incident.failures().min_by_key(|(i, _, share)| (share.onset, *i)));
    let limit = incident.window.to.plus(1.0);
    let at_edge = incident.edge.as_ref().and_then(|e| e.onset(incident.window.from, limit, incident.scene));
    // Warnings of who fails by it may be its beginning, which nobody can tell.
    let warned = |onset: Moment| {
        let shortly = |at: &Moment| *at < onset && onset.since(*at) <= WARNED_S;
        incident.failures().filter(|(_, s, _)| of_service(s)).map(|(_, _, share)| share.onset).filter(shortly).min()
    };
    let earliest = |index: usize| incident.began(index).min(warned(incident.shares[index].onset).unwrap_or(Moment(i64::MAX)));
    match (first, at_edge) {
        (Some((_, _, share)), Some(edge)) if edge.at < share.onset => Some(TimeFinding {
            at: edge.at,
            earliest: edge.at.plus(-edge.lasted_s.min(120.0)),
            latest: share.onset,
            by: TimeBasis::FailedRequests { service: incident.edge.as_ref().and_then(|e| e.service.clone()) },
            places: Places::one(edge.place),
        }),
        (Some((index, signal, share)), _) => Some(TimeFinding {
            at: share.onset,
            earliest: earliest(index),
            latest: share.onset,
            by: TimeBasis::FirstFailure { service: signal.service.clone(), words: signal.words.clone() },
            places: incident.first_places(index),
        }),
        (None, Some(edge)) => Some(TimeFinding {
            at: edge.at,
            earliest: edge.at.plus(-edge.lasted_s.min(120.0)),
            latest: edge.at,
            by: TimeBasis::FailedRequests { service: incident.edge.as_ref().and_then(|e| e.service.clone()) },
            places: Places::one(edge.place),
        }),
        (None, None) => None,
    }
}

/// A warning tells of trouble that was survived, and so does a watcher that says how full something is, and a log of what was
/// answered late; harm is an error, a crash or what an orchestrator reports as one.
fn harms(signal: &crate::signals::Signal) -> bool {
    let is_log = signal.kind == crate::signals::SignalKind::Log;
    !is_log || signal.level != Some(evidence::Level::Warn) && !is_nearly_full(&signal.words) && !is_slow(signal)
}

/// An entry of a log of slow queries: each was answered.
fn is_slow(signal: &crate::signals::Signal) -> bool {
    signal.level.is_none() && signal.signature().is_some_and(|s| s.id == "db_slow")
}

/// `/var at 97%`, `disk usage 91 %`, `heap used: 88%`: whatever fails by it does not yet.
fn is_nearly_full(words: &str) -> bool {
    static FULL: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)(?:\B/[\w/.-]*|\b(?:disk|volume|filesystem|partition|storage|tablespace|memory|heap|inodes?|quota|swap))(?: \w+){0,2}(?: (?:at|is|usage|used|full))?[ :=]+\d{1,2}(?:\.\d+)? ?%",
        )
    });
    FULL.is_match(words)
}

/// The first alarm or person that noticed.
fn detected(incident: &Incident<'_>, from: Moment) -> Option<TimeFinding> {
    let scene = incident.scene;
    let limit = incident.window.to.plus(1_800.0);
    let inside = |at: Moment| at >= from.plus(-1.0) && at <= limit;
    let mut found: Vec<(Moment, TimeBasis, Places)> = Vec::new();
    let warns = |a: &evidence::AlertState| a.firing && !is_low(a.severity.as_deref()) && !is_first_sight(a);
    let firing: Vec<_> = scene.alerts.iter().filter(|a| inside(a.at) && warns(&a.what)).collect();
    let lasting = firing.iter().any(|a| !passing::is_over_early(incident, a, from));
    for alert in firing.into_iter().filter(|a| !lasting || !passing::is_over_early(incident, a, from)) {
        found.push((alert.at, TimeBasis::Alert { name: alert.what.name.clone() }, Places::one(alert.place)));
    }
    for page in scene.pages.iter().filter(|p| p.what.action == PageAction::Triggered && inside(p.at)) {
        found.push((page.at, TimeBasis::Page { incident: page.what.incident.clone(), actor: None }, Places::one(page.place)));
    }
    for message in scene.chat.iter().filter(|m| inside(m.at)) {
        // Who opens or rates an incident has noticed it, as has who takes it.
        let takes = || message.what.does(Act::Acknowledge) || message.what.does(Act::Declare);
        let notices = message.what.does(Act::Detect) || (!message.what.message.is_bot && takes());
        if incident_talk(incident, message.at) && (notices || reports(message)) {
            let words = message.what.message.text.clone();
            found.push((message.at, TimeBasis::Said { author: message.what.speaker.clone(), words }, Places::one(message.place)));
        }
    }
    let (at, by, places) = found.into_iter().min_by_key(|(at, _, places)| (*at, places.first()))?;
    Some(TimeFinding { at: at.max(from), earliest: at.max(from), latest: at.max(from), by, places })
}

/// While something fails, a message that does nothing that is known and leans to telling of trouble tells of that.
fn reports(message: &At<crate::scene::Utterance>) -> bool {
    let else_done = message.what.said.iter().any(|s| !matches!(s.act, Act::Observe | Act::Impact | Act::Suppose));
    !message.what.message.is_bot && !else_done && crate::acts::leans_to_trouble(&message.what.message.text)
}

/// During the incident, not before or long after.
fn incident_talk(incident: &Incident<'_>, at: Moment) -> bool {
    at >= incident.window.from && at <= incident.window.to.plus(900.0)
}

/// The first responder who took it: the pager's record, else the first words that say so.
fn acknowledged(incident: &Incident<'_>, detected: Moment) -> Option<TimeFinding> {
    let scene = incident.scene;
    let limit = incident.window.to.plus(3_600.0);
    let page = scene.pages.iter().find(|p| p.what.action == PageAction::Acknowledged && p.at >= detected && p.at <= limit);
    // A pager says in the channel who took it.
    let takes = |m: &At<crate::scene::Utterance>| {
        m.what.does(Act::Acknowledge) && (!m.what.message.is_bot || m.what.message.text.to_lowercase().contains("acknowledged"))
    };
    let said = scene.chat.iter().find(|m| m.at >= detected && m.at <= limit && takes(m));
    if let Some(page) = page {
        let by = TimeBasis::Page { incident: page.what.incident.clone(), actor: page.what.actor.clone() };
        let earliest = said.map_or(page.at, |m| m.at.min(page.at));
        return Some(TimeFinding { at: page.at, earliest, latest: page.at, by, places: Places::one(page.place) });
    }
    let message = said?;
    let by = TimeBasis::Said { author: message.what.speaker.clone(), words: message.what.message.text.clone() };
    Some(TimeFinding { at: message.at, earliest: message.at, latest: message.at, by, places: Places::one(message.place) })
}

/// The last failure, when it is followed by quiet.
fn mitigated(incident: &Incident<'_>) -> Option<TimeFinding> {
    if incident.goes_on {
        return None;
    }
    if incident.is_told {
        return back_to_usual(incident);
    }
    let (at, place) = last_failure(incident)?;
    let rest = quiet::after(incident);
    let quiet = rest.until.seconds() - at.seconds();
    if quiet < rest.least_s || !quiet::is_shown(incident, at) {
        return None;
    }
    let own = incident.signals.iter().find(|s| s.last_place == place && s.is_failure()).and_then(|s| s.service.clone());
    let of_edge = || incident.edge.as_ref().and_then(|e| e.service.clone());
    let service = own.or_else(of_edge).or_else(|| incident.services.first().map(|s| s.name.clone()));
    if let Some(again) = restored::after(incident, at, place) {
        let by = TimeBasis::Logged { service: again.service, words: again.words };
        let places = Places::one(again.place).and(&Places::one(place));
        return Some(TimeFinding { at: again.at, earliest: at, latest: again.at, by, places });
    }
    let latest = at.plus(rest.least_s as f64 / quiet::BINS as f64);
    Some(TimeFinding {
        at,
        earliest: at,
        latest,
        by: TimeBasis::LastFailure { service, quiet_s: quiet },
        places: Places::one(place),
    })
}

/// Where only metrics show it: the last point of what users felt that was not usual, with usual ones behind it.
fn back_to_usual(incident: &Incident<'_>) -> Option<TimeFinding> {
    let scene = incident.scene;
    let felt = |s: &&crate::signals::Signal| s.kind == SignalKind::Metric && is_felt(&s.words);
    let own: Vec<_> = incident.failures().map(|(_, s, _)| s).filter(felt).collect();
    let is_seen = scene.digests.iter().any(|d| d.stamped > 0) || own.iter().any(|s| metrics::is_still_off(scene, s));
    let last = own.into_iter().max_by_key(|s| (s.last, s.last_place)).filter(|_| !is_seen)?;
    let rest = quiet::after(incident);
    let quiet_s = rest.until.seconds() - last.last.seconds();
    let by = TimeBasis::LastFailure { service: last.service.clone(), quiet_s };
    let latest = last.last.plus(rest.least_s as f64 / quiet::BINS as f64);
    (quiet_s >= rest.least_s).then(|| TimeFinding {
        at: last.last,
        earliest: last.last,
        latest,
        by,
        places: Places::one(last.last_place),
    })
}

/// Where no record shows it: the last to say that it is gone before it is closed, and nobody says otherwise.
fn told_over(incident: &Incident<'_>, from: Moment) -> Option<TimeFinding> {
    let said = || incident.scene.chat.iter().filter(|m| !m.what.message.is_bot && m.at >= from);
    let closed = said().find(|m| m.what.does(Act::Resolve))?.at;
    let over = said().rfind(|m| m.at <= closed && m.what.does(Act::Mitigate))?;
    let is_back = said().any(|m| m.at > over.at && m.at <= closed && m.what.does(Act::Detect) && !m.what.does(Act::Resolve));
    let fails_on = last_failure(incident).is_some_and(|(last, _)| last > over.at.plus(60.0));
    let before = said().rfind(|m| m.at < over.at && m.what.does(Act::Act)).map_or(from, |m| m.at);
    let by = TimeBasis::Said { author: over.what.speaker.clone(), words: over.what.message.text.clone() };
    (!is_back && !fails_on).then(|| TimeFinding {
        at: over.at,
        earliest: before,
        latest: over.at,
        by,
        places: Places::one(over.place),
    })
}

/// The stated end, else the end of the quiet period.
fn resolved(incident: &Incident<'_>, mitigated: Option<&TimeFinding>, from: Moment) -> Option<TimeFinding> {
    let scene = incident.scene;
    let not_before = mitigated.map_or(from, |m| m.at).plus(-60.0);
    let limit = incident.window.to.plus(6.0 * 3_600.0);
    let mut found: Vec<(Moment, TimeBasis, Places)> = Vec::new();
    for page in scene.pages.iter().filter(|p| p.what.action == PageAction::Resolved && p.at >= not_before && p.at <= limit) {
        let by = TimeBasis::Page { incident: page.what.incident.clone(), actor: page.what.actor.clone() };
        found.push((page.at, by, Places::one(page.place)));
    }
    for message in
        scene.chat.iter().filter(|m| !m.what.message.is_bot && m.at >= not_before && m.at <= limit && m.what.does(Act::Resolve))
    {
        let by = TimeBasis::Said { author: message.what.speaker.clone(), words: message.what.message.text.clone() };
        found.push((message.at, by, Places::one(message.place)));
    }
    // What closes itself with its check says that the check is well; that it is over, people say.
    let is_by_itself = |by: &TimeBasis| matches!(by, TimeBasis::Page { actor: None, .. });
    let said = found.iter().filter(|(_, by, _)| matches!(by, TimeBasis::Said { .. })).map(|(at, ..)| *at).min();
    if let Some(said) = said {
        found.retain(|(at, by, _)| !is_by_itself(by) || said.since(*at) > SAID_WITHIN_S);
    }
    if found.is_empty() && mitigated.is_none() {
        let over =
            |s: &&At<evidence::StatusUpdate>| s.what.state.eq_ignore_ascii_case("resolved") && s.at >= from && s.at <= limit;
        let by = |s: &At<evidence::StatusUpdate>| TimeBasis::Said { author: s.what.provider.clone(), words: s.what.body.clone() };
        found.extend(scene.statuses.iter().filter(over).map(|s| (s.at, by(s), Places::one(s.place))));
    }
    closing::retain(&mut found);
    if let Some((at, by, places)) = found.into_iter().min_by_key(|(at, _, p)| (*at, p.first())) {
        let at = mitigated.map_or(at, |m| at.max(m.at));
        return Some(TimeFinding { at, earliest: at, latest: at, by, places });
    }
    let last = mitigated?;
    let quiet_s = quiet::after(incident).least_s;
    let at = last.at.plus(quiet_s as f64);
    Some(TimeFinding { at, earliest: last.at, latest: at, by: TimeBasis::QuietPeriod { quiet_s }, places: last.places.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nearly_full_has_not_failed_yet() {
        for words in
            ["CRIT /srv/data at 97%, wal 196.0 GB", "disk usage 91 % on db-2", "heap used: 88%", "filesystem /var is 95% full"]
        {
            assert!(is_nearly_full(words), "{words}");
        }
        for words in ["CRIT /srv/data at 100%", "error rate at 97%", "GET /quote failed, 50% of retries", "disk is full"] {
            assert!(!is_nearly_full(words), "{words}");
        }
    }
}
