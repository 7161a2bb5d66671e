//! An incident that somebody or something told of, where nothing stands out in what was logged.
//!
//! What it sees: pages and grave alerts, incidents of a status page, a channel in which people handled one, and the few
//! records that somebody cut out because they fail. Why it matters: logs of a part that stayed well say nothing against
//! a page, and an incident of which no log is here is one all the same. When it misleads: pages for a drill that nobody
//! calls one, and a vendor's incident that did not reach us.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{AlertState, Level, Moment, PageAction};

use crate::incident::is_felt;
use crate::metrics;
use crate::scene::Scene;
use crate::signals::{Signal, SignalKind};
use crate::signatures::Role;
use crate::standing::{self, Standing};
use crate::window::{self, Window, is_low};

pub mod one_sided;
mod people;

/// What lies so close together is one incident.
const PAUSE_S: f64 = 3_600.0;
/// So long before anybody told of it records may show it.
const AHEAD_S: f64 = 1_800.0;
/// Less is no incident: one vendor's word without a grade.
const ENOUGH: u32 = 2;
/// Records of a source that somebody cut out, and how many of them have to fail.
const EXCERPT: u64 = 50;
const FAILING: u64 = 4;
/// Failing traces that are no accident, and the part of all traces that they are.
const FAILING_TRACES: usize = 2;
const PART_OF_TRACES: usize = 4;
/// Errors in an interval that somebody sees, and how many times the usual number they are; and the same for a share of all.
const ERRORS: f64 = 50.0;
const TIMES_USUAL: f64 = 10.0;
const SHARE: f64 = 0.05;
/// A kind of failure as specific as this is one by itself.
const KNOWN: f64 = 0.8;

/// Somebody or something tells of trouble from a moment to another.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Tale {
    from: Moment,
    to: Moment,
    weight: u32,
}

impl Tale {
    fn new(from: Moment, to: Moment, weight: u32) -> Tale {
        Tale { from, to: to.max(from), weight }
    }
}

/// The stretch that most is told of. Of what failed without standing out, `signals` keeps what is more than the odd error
/// of every day.
pub fn window(scene: &Scene, signals: &mut Vec<Signal>, standing: Option<&Standing>) -> Option<Window> {
    let shown: Vec<Tale> = few_records(scene, signals);
    let mut tales = shown.clone();
    tales.extend(pages(scene));
    tales.extend(statuses(scene));
    tales.extend(people::tales(&scene.chat));
    // Objects that were looked at and are well say more than an alert.
    if standing.is_none_or(|s| s.well.is_empty()) {
        tales.extend(alerts(scene));
    }
    let told = heaviest(tales)?;
    if !shown.iter().any(|tale| tale.from <= told.to && tale.to >= told.from) {
        signals.retain(|s| s.kind != SignalKind::Log || is_telling(s));
    }
    let near = |s: &&Signal| s.first <= told.to && s.last >= told.from.plus(-AHEAD_S) && s.first >= told.from.plus(-AHEAD_S);
    let shows = |s: &&Signal| match s.kind {
        SignalKind::Log | SignalKind::Span => s.is_failure() && s.level.is_some_and(Level::is_bad),
        SignalKind::Metric => is_felt(&s.words),
        _ => false,
    };
    let from = signals.iter().filter(near).filter(shows).map(|s| s.first).fold(told.from, Moment::min);
    let data = window::data_span(scene, signals).unwrap_or((from, told.to));
    Some(Window { from, to: told.to.plus(1.0), data_from: data.0.min(from), data_to: data.1.max(told.to.plus(1.0)), width: 60 })
}

/// From when until when people handled something, each time that they did.
pub fn handled(chat: &[crate::scene::At<crate::scene::Utterance>]) -> Vec<window::Stretch> {
    people::tales(chat).into_iter().map(|tale| (tale.from, tale.to)).collect()
}

/// An alert of a tracker of errors: since when an error was seen, not when anybody was told.
pub fn is_first_sight(alert: &AlertState) -> bool {
    alert.labels.iter().any(|(name, _)| matches!(name.as_str(), "lastSeen" | "last_seen" | "lastSeenAt" | "last_seen_at"))
}

/// It only shows that alerting works.
pub fn is_exercise(alert: &AlertState) -> bool {
    standing::is_background(&alert.name) || people::is_exercise(&alert.name) || people::is_exercise(&alert.summary)
}

/// More than the odd error of every day.
fn is_telling(signal: &Signal) -> bool {
    let is_known = signal.hits.iter().any(|h| h.role == Role::Cause && h.spec >= KNOWN);
    signal.level.is_some_and(Level::is_bad) && (signal.count >= 3 || signal.level == Some(Level::Fatal) || is_known)
}

/// Tales that lie together are one; of several the one that most is told of, then the first.
fn heaviest(mut tales: Vec<Tale>) -> Option<Tale> {
    tales.sort_by_key(|tale| (tale.from, tale.to));
    let mut joined: Vec<Tale> = Vec::new();
    for tale in tales {
        match joined.last_mut().filter(|last| tale.from.since(last.to) <= PAUSE_S) {
            Some(last) => *last = Tale { from: last.from, to: last.to.max(tale.to), weight: last.weight + tale.weight },
            None => joined.push(tale),
        }
    }
    let enough = joined.into_iter().filter(|tale| tale.weight >= ENOUGH);
    enough.max_by_key(|tale| (tale.weight, std::cmp::Reverse(tale.from)))
}

/// Each incident of a pager that woke somebody.
fn pages(scene: &Scene) -> Vec<Tale> {
    let mut incidents: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for page in &scene.pages {
        incidents.entry(page.what.incident.as_str()).or_default().push(page);
    }
    let woke = |action: PageAction| {
        matches!(action, PageAction::Triggered | PageAction::Acknowledged | PageAction::Escalated | PageAction::Notified)
    };
    let told = incidents.into_values().filter_map(|steps| {
        let low = |s: &&&crate::scene::At<evidence::Page>| {
            is_low(s.what.priority.as_deref()) || is_low(s.what.urgency.as_deref()) || people::is_exercise(&s.what.title)
        };
        let from = steps.iter().filter(|s| woke(s.what.action)).map(|s| s.at).min()?;
        let to = steps.iter().map(|s| s.at).max()?;
        let is_off = steps.iter().any(|s| low(&s) || people::is_exercise(&s.what.text) || people::calls_off(&s.what.text));
        (!is_off && !people::is_called_off(&scene.chat, from)).then(|| Tale::new(from, to, 3))
    });
    told.collect()
}

/// Alerts that by their own grade wake somebody, until they end.
fn alerts(scene: &Scene) -> Vec<Tale> {
    let counts = |alert: &AlertState| alert.firing && is_grave(alert) && !is_first_sight(alert) && !is_exercise(alert);
    let told = scene.alerts.iter().filter(|a| counts(&a.what) && !people::is_called_off(&scene.chat, a.at)).map(|alert| {
        let own = alert.what.ends.and_then(|ends| scene.clock(alert.place.source).moment(ends));
        let same = |a: &&crate::scene::At<AlertState>| !a.what.firing && a.what.name == alert.what.name && a.at >= alert.at;
        let ended = own.or_else(|| scene.alerts.iter().find(same).map(|a| a.at));
        Tale::new(alert.at, ended.unwrap_or(alert.at), 3)
    });
    told.collect()
}

/// Words by which a source says that somebody has to get up.
fn is_grave(alert: &AlertState) -> bool {
    const WORDS: [&str; 16] = [
        "critical",
        "crit",
        "fatal",
        "emergency",
        "emerg",
        "disaster",
        "page",
        "paging",
        "high",
        "major",
        "p0",
        "p1",
        "p2",
        "sev0",
        "sev1",
        "sev2",
    ];
    let word = alert.severity.as_deref().unwrap_or("").to_ascii_lowercase().replace(['-', ' '], "");
    WORDS.contains(&word.as_str())
}

/// Incidents of a status page, each from its first entry to its last.
fn statuses(scene: &Scene) -> Vec<Tale> {
    let mut incidents: BTreeMap<(&str, &str), Vec<_>> = BTreeMap::new();
    for update in &scene.statuses {
        incidents.entry((update.what.provider.as_str(), update.what.title.as_str())).or_default().push(update);
    }
    let is_one_of = |word: &str, words: &[&str]| words.iter().any(|w| word.eq_ignore_ascii_case(w));
    let told = incidents.into_values().filter_map(|updates| {
        let impacts = || updates.iter().filter_map(|u| u.what.impact.as_deref());
        let states = || updates.iter().map(|u| u.what.state.as_str());
        let weight = if impacts().any(|i| is_one_of(i, &["critical", "major", "major_outage", "full_outage"])) {
            3
        } else if impacts().next().is_none() && states().any(|s| is_one_of(s, &["investigating", "identified"])) {
            1
        } else {
            return None;
        };
        let moment = |u: &crate::scene::At<evidence::StatusUpdate>, stamp: Option<evidence::Stamp>| {
            stamp.and_then(|s| scene.clock(u.place.source).moment(s)).unwrap_or(u.at)
        };
        let from = updates.iter().map(|u| u.at.min(moment(u, u.what.started))).min()?;
        let to = updates.iter().map(|u| u.at.max(moment(u, u.what.resolved))).max()?;
        Some(Tale::new(from, to, weight))
    });
    told.collect()
}

/// Failures among which nothing can stand out: of few records (traces, errors that were counted, an excerpt), or of nothing else.
fn few_records(scene: &Scene, signals: &[Signal]) -> Vec<Tale> {
    let few = failing_traces(scene).into_iter().chain(counted_errors(scene)).chain(excerpts(scene, signals));
    few.chain(one_sided::tales(scene, signals)).collect()
}

fn failing_traces(scene: &Scene) -> Option<Tale> {
    let all: BTreeSet<&str> = scene.spans.iter().map(|s| s.what.trace.as_str()).collect();
    let failing = || scene.spans.iter().filter(|s| s.what.error);
    let failed: BTreeSet<&str> = failing().map(|s| s.what.trace.as_str()).collect();
    if failed.len() < FAILING_TRACES || failed.len() * PART_OF_TRACES < all.len() {
        return None;
    }
    let from = failing().map(|s| s.at).min()?;
    let to = failing().map(|s| s.at.plus(s.what.duration_ms / 1_000.0)).max()?;
    Some(Tale::new(from, to, 2))
}

/// A metric of errors that rises far above what it was.
fn counted_errors(scene: &Scene) -> Vec<Tale> {
    let is_errors = |name: &str| ["5xx", "error", "fail", "exception"].iter().any(|w| name.contains(w)) && !name.contains("4xx");
    let is_share = |name: &str| ["ratio", "rate", "percent", "share"].iter().any(|w| name.contains(w));
    let told = scene.series.iter().filter_map(|series| {
        let name = series.what.metric.to_lowercase();
        let points = metrics::moments(scene, &series.what, series.place.source);
        let change = metrics::moved(&points).filter(|_| is_errors(&name))?;
        let counted = change.extreme >= ERRORS && change.extreme >= TIMES_USUAL * change.usual.max(1.0);
        let of_all = is_share(&name) && change.extreme <= 1.0 && change.extreme - change.usual >= SHARE;
        (counted || of_all).then(|| Tale::new(change.onset, change.end, 2))
    });
    told.collect()
}

/// Sources of a few records that for the most part fail in a known way, and exceptions that stand alone.
fn excerpts(scene: &Scene, signals: &[Signal]) -> Vec<Tale> {
    let is_alone = scene.digests.iter().map(|d| d.stamped).sum::<u64>() <= FAILING;
    let told = scene.digests.iter().filter(|d| (1..=EXCERPT).contains(&d.stamped)).filter_map(|digest| {
        let own = |s: &&Signal| s.kind == SignalKind::Log && s.source == digest.source && s.level.is_some_and(Level::is_bad);
        let of_kind = |s: &&Signal| is_telling(s) && s.signature().is_some();
        let failing: Vec<&Signal> = signals.iter().filter(own).filter(of_kind).collect();
        let thrown: Vec<&Signal> = signals.iter().filter(own).filter(|s| is_alone && s.trace.is_some()).collect();
        let count: u64 = failing.iter().map(|s| s.count).sum();
        let shown = if count >= FAILING && count * 2 >= digest.stamped { failing } else { thrown };
        let (from, to) = (shown.iter().map(|s| s.first).min()?, shown.iter().map(|s| s.last).max()?);
        Some(Tale::new(from, to, 2))
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tale(from: i64, to: i64, weight: u32) -> Tale {
        Tale::new(Moment::from_seconds(from), Moment::from_seconds(to), weight)
    }

    #[test]
    fn what_is_told_of_together_is_one_incident_and_the_most_told_counts() {
        let tales = vec![tale(90_000, 90_500, 3), tale(0, 600, 3), tale(1_200, 4_000, 2)];
        assert_eq!(heaviest(tales), Some(tale(0, 4_000, 5)));
        assert_eq!(heaviest(vec![tale(0, 600, 1)]), None);
        assert_eq!(heaviest(vec![tale(90_000, 90_500, 3), tale(0, 600, 3)]), Some(tale(0, 600, 3)));
    }

    #[test]
    fn only_a_grave_word_wakes_somebody() {
        let alert = |word: &str| AlertState { severity: Some(word.into()), ..AlertState::default() };
        assert!(["critical", "P1", "SEV-2", "page"].iter().all(|word| is_grave(&alert(word))));
        assert!(["warning", "info", "P4", "error", ""].iter().all(|word| !is_grave(&alert(word))));
    }
}
