//! The timeline: one claim an entry, in the words of the record where it has words.
//!
//! Must never put two sources into one sentence, and never a time of day other than the entry's own.

use analysis::findings::{Findings, Happening, HappeningKind, Places, What};

use crate::model::{Derivation, Report, Section, TimelineEntry, TimelineKind};

use super::ledger::{Ledger, Line};
use super::{phrases, places, repeats, words};

/// How the entry of a change that took another one back begins.
pub const ROLLBACK: &str = "Rollback of";

pub fn write(findings: &Findings, ledger: &mut Ledger<'_>, report: &mut Report) {
    let mut happenings: Vec<&Happening> = findings.timeline.iter().collect();
    happenings.sort_by_key(|h| h.at);
    for happening in &repeats::merged(happenings) {
        let happening = &in_own_words(happening, ledger);
        let (text, stated) = tell(happening, ledger);
        let places = match ledger.tells(&happening.places, happening.at) {
            true => happening.places.clone(),
            false => places::dated(findings, &happening.places, happening.at),
        };
        let (text, shift) = shifted(text, happening, &places, ledger);
        let line = match stated {
            true => Line::stated(Section::Timeline, text, &places).with(shift),
            false => Line::inferred(Section::Timeline, text, &places).sure(0.9).with(shift),
        };
        let said = ledger.claim(line);
        report.timeline.push(TimelineEntry {
            at: happening.at.rfc3339(),
            kind: kind(happening.kind),
            service: ledger.cleaned(happening.service.as_deref()),
            actor: ledger.cleaned(happening.actor.as_deref().map(words::who).as_deref()),
            text: said.text,
            claim: said.id,
            citations: said.citations,
        });
    }
}

/// A kind of failure is told in the words of the record that has the entry's time, where these can be told.
fn in_own_words(happening: &Happening, ledger: &Ledger<'_>) -> Happening {
    let What::Failure { words, signature, count, is_varied } = &happening.what else { return happening.clone() };
    let own = ledger.own_words(&happening.places, words).filter(|_| ledger.shows(&happening.places.few(1), happening.at));
    match own {
        Some(words) => {
            let what = What::Failure { words, signature: *signature, count: *count, is_varied: *is_varied };
            Happening { what, places: happening.places.few(1), ..happening.clone() }
        }
        None => happening.clone(),
    }
}

/// An entry whose record has no time of its own says how far it is from the nearest one that has.
fn shifted(text: String, happening: &Happening, places: &Places, ledger: &Ledger<'_>) -> (String, Option<Derivation>) {
    let known = places.iter().filter_map(|p| ledger.moment(p)).min_by_key(|m| m.0.abs_diff(happening.at.0));
    match known.filter(|_| !ledger.tells(places, happening.at)) {
        None => (text, None),
        Some(record) => {
            let derivation = ledger.difference(happening.at.min(record), happening.at.max(record), places);
            let long = words::duration(record.since(happening.at));
            let way = if happening.at < record { "before" } else { "after" };
            (format!("{} That is {long} {way} the time of the nearest cited record.", words::end(&text)), Some(derivation))
        }
    }
}

/// The sentence, and whether somebody or something says just that.
fn tell(happening: &Happening, ledger: &Ledger<'_>) -> (String, bool) {
    let service = happening.service.as_deref().unwrap_or("An unnamed service");
    let actor = happening.actor.as_deref().map(words::who);
    let said = |text: &str| words::quote(text, words::LONG_QUOTE);
    match &happening.what {
        What::Message { text } => (format!("{}: {}", actor.unwrap_or_else(|| "A message".into()), said(text)), true),
        What::Alert { name, summary, firing, .. } => {
            let alert = if summary.is_empty() { format!("Alert {name}") } else { format!("Alert {name} ({})", said(summary)) };
            (format!("{alert} {}.", if *firing { "fired" } else { "is over" }), true)
        }
        What::Page { incident, title, text } => {
            let known = ledger.has(&happening.places, incident);
            (
                page(
                    if known { incident } else { "" },
                    if ledger.has(&happening.places, title) { title } else { "" },
                    text,
                    actor,
                ),
                true,
            )
        }
        What::Deploy { version, kind, rollback, text, .. } => {
            let of = happening.service.as_deref().unwrap_or("an unnamed service");
            (deploy(of, version.as_deref(), kind, *rollback, text), true)
        }
        What::Commit { sha, message } => (format!("Commit {}: {}", phrases::short(sha), said(message)), true),
        What::Flag { name, old, new } => {
            let change = match (old, new) {
                (Some(old), Some(new)) => format!(" from {old} to {new}"),
                (None, Some(new)) => format!(" to {new}"),
                _ => String::new(),
            };
            (format!("Flag {name} was set{change}."), true)
        }
        What::Kube { reason, object, message } => {
            let named = Some(object.as_str()).filter(|o| !o.is_empty()).or(happening.service.as_deref());
            let object = named.map(|o| format!(" for {o}")).unwrap_or_default();
            let message = if message.is_empty() { ".".to_string() } else { format!(": {}", said(message)) };
            (format!("Kubernetes reports {reason}{object}{message}"), true)
        }
        What::Status { provider, state, body } => (format!("{provider} reports “{state}”: {}", said(body)), true),
        What::Failure { words, signature, count, is_varied } => {
            let title = signature.map(|s| words::without_numbers_or(&s.title, ""));
            let title = title.filter(|t| !t.is_empty()).map(|t| format!(" ({t})")).unwrap_or_default();
            let often = if *count > 1 || *is_varied { "begins to log" } else { "logs" };
            let varied = if *is_varied { ", and the same with other values" } else { "" };
            (format!("{} {often} {}{title}{varied}.", service, said(words)), false)
        }
        What::Logged { words } => (format!("{} logs {}.", service, said(words)), true),
        What::Expired { words } => {
            let by = happening.service.as_deref().unwrap_or("an unnamed service");
            (format!("What {by} relies on expires, according to {}.", said(words)), true)
        }
        What::FirstFailedRequest => {
            let place = happening.service.as_ref().map(|s| format!(", seen at {s}")).unwrap_or_default();
            (format!("The first failed request of the incident{place}."), false)
        }
        What::LastFailure { .. } => {
            let place = happening.service.as_ref().map(|s| format!(", recorded by {s}")).unwrap_or_default();
            let text = match ledger.findings().lasting.is_empty() {
                true => format!("The last failure of the incident{place}; users are served again afterwards."),
                false => format!("The last failed request{place}; other services fail on."),
            };
            (text, false)
        }
        What::LastOf { to_the_end: true } => (format!("{service} still fails in its last records."), false),
        What::LastOf { to_the_end: false } => (format!("The last failure of {service}, which had failed on."), false),
    }
}

fn page(incident: &str, title: &str, text: &str, actor: Option<String>) -> String {
    let by = actor.map(|a| format!(" ({a})")).unwrap_or_default();
    let number = if incident.is_empty() { String::new() } else { format!(" {incident}") };
    let title_known = !title.is_empty() && !text.contains(title);
    let title = if title_known { format!(", {}", words::quote(title, words::QUOTE)) } else { String::new() };
    let text = if text.is_empty() { ".".to_string() } else { format!(": {}", words::quote(text, words::LONG_QUOTE)) };
    format!("Pager incident{number}{by}{title}{text}")
}

fn deploy(service: &str, version: Option<&str>, kind: &str, rollback: bool, text: &str) -> String {
    let to = version.map(|v| format!(" {v}")).unwrap_or_default();
    let what = match (rollback, kind) {
        (true, _) => format!("{ROLLBACK} {service}{}", version.map(|v| format!(" to {v}")).unwrap_or_default()),
        (_, "config") => format!("Configuration change of {service}{to}"),
        (_, "migration") => format!("Migration of {service}{to}"),
        (_, "infrastructure") => format!("Infrastructure change of {service}{to}"),
        _ => format!("Deploy of {service}{to}"),
    };
    let idle = text.is_empty() || what.to_lowercase().contains(&text.to_lowercase());
    if idle { format!("{what}.") } else { format!("{what}: {}", words::quote(text, words::LONG_QUOTE)) }
}

fn kind(kind: HappeningKind) -> TimelineKind {
    match kind {
        HappeningKind::Change => TimelineKind::Change,
        HappeningKind::Symptom => TimelineKind::Symptom,
        HappeningKind::Alert => TimelineKind::Alert,
        HappeningKind::Ack => TimelineKind::Ack,
        HappeningKind::Statement => TimelineKind::Statement,
        HappeningKind::Decision => TimelineKind::Decision,
        HappeningKind::Action => TimelineKind::Action,
        HappeningKind::Recovery => TimelineKind::Recovery,
        HappeningKind::Resolved => TimelineKind::Resolved,
    }
}
