//! Detection, response, resolution: the six times, what marks each of them, and the durations between them.
//!
//! Must never print a duration whose two ends are not known, and never a negative one.

use analysis::findings::{Findings, Places, TimeBasis, TimeFinding};
use evidence::Moment;

use crate::model::{Basis, Instant, Metric, Report, Section};

use super::ledger::{self, Ledger, Line};
use super::{places, recovery, words};

/// What is said of the step that ended it, before its time.
pub const ENDING_STEP: &str = "the step that ended it was begun";

/// Which of the six times a sentence is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Started,
    Detected,
    Acknowledged,
    MitigationStarted,
    Mitigated,
    Resolved,
}

pub fn write(findings: &Findings, ledger: &mut Ledger<'_>, report: &mut Report) {
    let t = &findings.times;
    let mut mark = |time: &Option<TimeFinding>, of: Of| time.as_ref().map(|found| instant(found, of, ledger));
    report.times.started = mark(&t.started, Of::Started);
    report.times.detected = mark(&t.detected, Of::Detected);
    report.times.acknowledged = mark(&t.acknowledged, Of::Acknowledged);
    report.times.mitigation_started = mark(&t.mitigation_started, Of::MitigationStarted);
    report.times.mitigated = mark(&t.mitigated, Of::Mitigated);
    report.times.resolved = mark(&t.resolved, Of::Resolved);
    let mut between = |from: (&Option<TimeFinding>, Of), to: (&Option<TimeFinding>, Of), what: &str| {
        let (start, end) = (from.0.as_ref()?, to.0.as_ref()?);
        duration((start, from.1), (end, to.1), what, ledger)
    };
    let started = (&t.started, Of::Started);
    let detected = (&t.detected, Of::Detected);
    let mitigated = (&t.mitigated, Of::Mitigated);
    let resolved = (&t.resolved, Of::Resolved);
    report.metrics.duration_s = between(started, resolved, "The incident lasted");
    report.metrics.mttd_s = between(started, detected, "Detection took");
    report.metrics.mtta_s = between(detected, (&t.acknowledged, Of::Acknowledged), "Acknowledgement took");
    report.metrics.mttm_s = between(started, mitigated, "Mitigation took");
    // The same by definition, and said once.
    report.metrics.mttr_s = report.metrics.duration_s.clone();
}

fn instant(found: &TimeFinding, of: Of, ledger: &mut Ledger<'_>) -> Instant {
    let found = &in_own_words(found, ledger);
    let aside = matches!(found.by, TimeBasis::BackDated { .. } | TimeBasis::QuietPeriod { .. });
    let places = match aside || ledger.shows(&found.places, found.at) {
        true => found.places.clone(),
        false => places::dated(ledger.findings(), &found.places, found.at),
    };
    let on = matches!(of, Of::Mitigated | Of::Resolved).then(|| recovery::failed_on(ledger.findings(), found.at)).flatten();
    let places = on.as_ref().map_or(places.clone(), |(_, on)| places.and(on));
    let found = &TimeFinding { places, ..found.clone() };
    let text = words::end(&tell(found, of, ledger));
    let text = on.map_or(text.clone(), |(on, _)| format!("{}; {on}.", text.trim_end_matches('.')));
    let known = found.places.iter().filter_map(|p| ledger.moment(p)).collect::<Vec<_>>();
    let shown = ledger.has(&found.places, &found.at.time_of_day()) && !aside
        || known.iter().any(|m| m.0.abs_diff(found.at.0) < Moment::SECOND as u64 && m.seconds() == found.at.seconds());
    // Behind the last failure, whose own record may be of a document without a time of its own.
    let last_failure = || matches!(found.by, TimeBasis::QuietPeriod { .. }).then_some(found.earliest);
    let nearest = known.into_iter().min_by_key(|m| m.0.abs_diff(found.at.0)).or_else(last_failure);
    let line = match (shown, nearest) {
        (false, Some(record)) => shifted(text, found, record, ledger),
        _ => standing(found, text),
    };
    let said = ledger.claim(line);
    Instant {
        at: found.at.rfc3339(),
        earliest: found.earliest.min(found.at).rfc3339(),
        latest: found.latest.max(found.at).rfc3339(),
        claim: said.id,
    }
}

/// The first failure is told in the words of the record that has its time, where these can be told.
fn in_own_words(found: &TimeFinding, ledger: &Ledger<'_>) -> TimeFinding {
    let TimeBasis::FirstFailure { service, words } = &found.by else { return found.clone() };
    match ledger.own_words(&found.places, words).filter(|_| ledger.shows(&found.places.few(1), found.at)) {
        Some(words) => {
            let by = TimeBasis::FirstFailure { service: service.clone(), words };
            TimeFinding { by, places: found.places.few(1), ..found.clone() }
        }
        None => found.clone(),
    }
}

/// A time that no record has: so long before or after one that has its own.
fn shifted(text: String, found: &TimeFinding, record: Moment, ledger: &Ledger<'_>) -> Line {
    let (from, to) = (found.at.min(record), found.at.max(record));
    let derivation = ledger.difference(from, to, &found.places);
    let long = words::duration(to.since(from));
    let text = match found.by {
        TimeBasis::BackDated { .. } | TimeBasis::QuietPeriod { .. } if text.contains(&long) => text,
        _ if found.at < record => format!("{text} That is {long} before the time of the nearest cited record."),
        _ => format!("{text} That is {long} after the time of the nearest cited record."),
    };
    Line::measured(Section::Response, text, &found.places, derivation).sure(0.8)
}

fn standing(found: &TimeFinding, text: String) -> Line {
    match found.by {
        TimeBasis::FirstFailure { .. } | TimeBasis::FailedRequests { .. } | TimeBasis::LastFailure { .. } => {
            Line::inferred(Section::Response, text, &found.places).sure(0.85)
        }
        _ => Line::stated(Section::Response, text, &found.places),
    }
}

/// What marks the time.
fn tell(found: &TimeFinding, of: Of, ledger: &Ledger<'_>) -> String {
    let at = words::clock(found.at);
    let head = match of {
        Of::Started => format!("The failure began at {at}"),
        Of::Detected => format!("The incident was noticed at {at}"),
        Of::Acknowledged => format!("The incident was acknowledged at {at}"),
        Of::MitigationStarted => format!("{} at {at}", words::capital(step(ledger.findings()))),
        Of::Mitigated => format!("{} from {at}", words::sentence(&recovery::served(ledger.findings()))),
        Of::Resolved if matches!(found.by, TimeBasis::QuietPeriod { .. }) => format!("The incident was over at {at}"),
        Of::Resolved => format!("The incident was declared over at {at}"),
    };
    let place = |service: &Option<String>| service.as_ref().map(|s| format!(" at {s}")).unwrap_or_default();
    let quoted = |text: &str| if text.is_empty() { String::new() } else { format!(": {}", words::quote_log(text, words::QUOTE)) };
    match &found.by {
        TimeBasis::FirstFailure { service, words } => {
            format!("{head}, with the first failure{}{}", place(service), quoted(words))
        }
        TimeBasis::FailedRequests { service } => {
            format!("{head}, with the first failed request{} that stands out", place(service))
        }
        TimeBasis::BackDated { service, seconds } => {
            let long = words::duration(*seconds);
            format!("{head}: a record of a failure{} tells of work that had taken {long} when it was written", place(service))
        }
        TimeBasis::Alert { name } => format!("{head} by the alert {name}"),
        TimeBasis::Page { incident, actor } => {
            let by = actor.as_deref().map(|a| format!(" by {}", words::who(a))).unwrap_or_default();
            let place =
                if ledger.has(&found.places, incident) { format!("pager incident {incident}") } else { "the pager".to_string() };
            format!("{head}{by}, in {place}")
        }
        TimeBasis::Said { author, words } if matches!(of, Of::MitigationStarted | Of::Mitigated) => {
            format!("{head}, according to {}{}", words::who(author), quoted(words))
        }
        TimeBasis::Said { author, words } => format!("{head} by {}{}", words::who(author), quoted(words)),
        TimeBasis::Change { service, version, words } => {
            let to = version.as_ref().map(|v| format!(" ({v})")).unwrap_or_default();
            format!("{head}, by a change{}{to}{}", place(service), quoted(words))
        }
        TimeBasis::Logged { service, words } => format!("{head}, as logged{}{}", place(service), quoted(words)),
        TimeBasis::LastFailure { service, .. } => {
            format!("{head}: the last failure{} is from then, and a quiet period follows", place(service))
        }
        TimeBasis::QuietPeriod { quiet_s } => {
            format!("{head}: {} had passed since the last failure", words::duration(*quiet_s as f64))
        }
    }
}

/// A duration between two of the six times.
fn duration(from: (&TimeFinding, Of), to: (&TimeFinding, Of), what: &str, ledger: &mut Ledger<'_>) -> Option<Metric> {
    let seconds = to.0.at.since(from.0.at);
    if seconds < 0.0 {
        return None;
    }
    let places: Places = from.0.places.and(&to.0.places);
    let derivation = ledger.difference(from.0.at, to.0.at, &places);
    let text = format!(
        "{what} {}: {} at {}, {} at {} UTC.",
        words::duration(seconds),
        event(from.0, from.1, ledger.findings()),
        words::precise(from.0.at),
        event(to.0, to.1, ledger.findings()),
        words::precise(to.0.at)
    );
    let said = ledger.claim(Line::measured(Section::Response, text, &places, derivation));
    Some(Metric { value: ledger::number(seconds), unit: "s".to_string(), basis: Basis::Computed, claim: said.id })
}

/// The event that marks a time, in a few words.
fn event(found: &TimeFinding, of: Of, findings: &Findings) -> String {
    if of == Of::Mitigated {
        return recovery::served(findings);
    }
    let words = match (of, &found.by) {
        (Of::Started, _) => "the failure began",
        (Of::Detected, TimeBasis::Alert { .. }) => "the alert fired",
        (Of::Detected, TimeBasis::Page { .. }) => "the pager opened the incident",
        (Of::Detected, by @ TimeBasis::Said { .. }) if by.is_person() => "a person noticed it",
        (Of::Detected, TimeBasis::Said { .. }) => "a program reported it",
        (Of::Detected, _) => "it was noticed",
        (Of::Acknowledged, _) => "a responder took it",
        (Of::MitigationStarted, _) => step(findings),
        (Of::Resolved, TimeBasis::QuietPeriod { .. }) => "the quiet period after the last failure was over",
        _ => "it was declared over",
    };
    words.to_string()
}

/// The first one may have been without effect; while users are still harmed, none has ended it yet.
fn step(findings: &Findings) -> &'static str {
    let t = &findings.times;
    let is_the_last = t.ended_by.as_ref().zip(t.mitigation_started.as_ref()).is_some_and(|(end, first)| end.at == first.at);
    match t.mitigated {
        Some(_) if is_the_last => ENDING_STEP,
        Some(_) => "the first step meant to end it was begun",
        None => "a step to end it was begun",
    }
}
