//! The six instants of an incident, each with the record that marks it and with how far it may be off.
//!
//! What it sees: first and last failures, alerts and pages, what people said, and what took a change back. Why it
//! matters: every response time is a difference of two of these. When it misleads: a "resolved" said of something else;
//! only words after the failures ended are taken.

use evidence::{Moment, PageAction};

use crate::acts::Act;
use crate::findings::{Hypothesis, Places, Reason, TimeBasis, TimeFinding, Times};
use crate::hypotheses::last_failure;
use crate::incident::Incident;
use crate::scene::At;
use crate::told::is_first_sight;
use crate::window::is_low;

mod quiet;

/// Something that somebody did to end it.
#[derive(Debug, Clone)]
pub struct Step {
    pub at: Moment,
    pub service: Option<String>,
    pub by: TimeBasis,
    pub remediation: Option<String>,
    pub words: String,
    pub author: Option<String>,
    pub places: Places,
}

pub fn find(incident: &Incident<'_>, best: Option<&Hypothesis>) -> (Times, Option<Step>) {
    let started = started(incident);
    let from = started.as_ref().map_or(incident.window.from, |t| t.at);
    let detected = detected(incident, from);
    let acknowledged = acknowledged(incident, detected.as_ref().map_or(from, |t| t.at));
    let mitigated = mitigated(incident).filter(|m| m.at >= from);
    let end = mitigated.as_ref().map_or(incident.window.data_to, |m| m.at);
    let step = mitigating_step(incident, best, from, end).or_else(|| {
        let is_open = mitigated.is_none();
        is_open.then(|| step_meant(incident, from, end)).flatten()
    });
    let resolved = resolved(incident, mitigated.as_ref(), from);
    let mitigation_started = step.as_ref().filter(|s| s.at >= from && s.at <= end).map(|s| begun(incident, s, from));
    let times = Times { started, detected, acknowledged, mitigation_started, mitigated, resolved };
    (times, step)
}

/// When the step that helped was begun: somebody may have said "rolling back" before the record of it was made.
fn begun(incident: &Incident<'_>, step: &Step, from: Moment) -> TimeFinding {
    let said = said_steps(incident, &|at| at >= from && at < step.at && step.at.since(at) <= 600.0);
    let same = said.into_iter().find(|s| {
        s.remediation.is_some() && s.remediation == step.remediation && (s.service.is_none() || s.service == step.service)
    });
    let first = same.as_ref().unwrap_or(step);
    TimeFinding { at: first.at, earliest: first.at, latest: step.at, by: first.by.clone(), places: first.places.clone() }
}

/// First harm: the first failure of the incident, or the first failed request when that came before.
fn started(incident: &Incident<'_>) -> Option<TimeFinding> {
    let of_service = |s: &crate::signals::Signal| s.service.as_deref().is_none_or(|name| !incident.scene.is_node(name));
    let harms =
        |s: &crate::signals::Signal| harms(s) || s.service.as_deref().is_some_and(|name| incident.fails_by_warnings(name));
    let first = incident.failures().filter(|(_, s, _)| harms(s) && of_service(s)).min_by_key(|(i, _, share)| (share.onset, *i));
    let first = first.or_else(|| incident.failures().min_by_key(|(i, _, share)| (share.onset, *i)));
    let limit = incident.window.to.plus(1.0);
    let at_edge = incident.edge.as_ref().and_then(|e| e.onset(incident.window.from, limit, incident.scene));
    let earliest = |index: usize| incident.began(index);
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

/// A warning tells of trouble that was survived; harm is an error, a crash or what an orchestrator reports as one.
fn harms(signal: &crate::signals::Signal) -> bool {
    signal.kind != crate::signals::SignalKind::Log || signal.level != Some(evidence::Level::Warn)
}

/// The first alarm or person that noticed.
fn detected(incident: &Incident<'_>, from: Moment) -> Option<TimeFinding> {
    let scene = incident.scene;
    let limit = incident.window.to.plus(1_800.0);
    let inside = |at: Moment| at >= from.plus(-1.0) && at <= limit;
    let mut found: Vec<(Moment, TimeBasis, Places)> = Vec::new();
    let warns = |a: &evidence::AlertState| a.firing && !is_low(a.severity.as_deref()) && !is_first_sight(a);
    for alert in scene.alerts.iter().filter(|a| inside(a.at) && warns(&a.what)) {
        found.push((alert.at, TimeBasis::Alert { name: alert.what.name.clone() }, Places::one(alert.place)));
    }
    for page in scene.pages.iter().filter(|p| p.what.action == PageAction::Triggered && inside(p.at)) {
        found.push((page.at, TimeBasis::Page { incident: page.what.incident.clone(), actor: None }, Places::one(page.place)));
    }
    for message in scene.chat.iter().filter(|m| inside(m.at)) {
        let notices = message.what.does(Act::Detect) || (!message.what.message.is_bot && message.what.does(Act::Acknowledge));
        if notices && incident_talk(incident, message.at) {
            let words = message.what.message.text.clone();
            found.push((message.at, TimeBasis::Said { author: message.what.speaker.clone(), words }, Places::one(message.place)));
        }
    }
    let (at, by, places) = found.into_iter().min_by_key(|(at, _, places)| (*at, places.first()))?;
    Some(TimeFinding { at: at.max(from), earliest: at.max(from), latest: at.max(from), by, places })
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
    let said =
        scene.chat.iter().find(|m| !m.what.message.is_bot && m.at >= detected && m.at <= limit && m.what.does(Act::Acknowledge));
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
    if incident.goes_on || incident.is_told {
        return None;
    }
    let (at, place) = last_failure(incident)?;
    let rest = quiet::after(incident);
    let quiet = rest.until.seconds() - at.seconds();
    if quiet < rest.least_s {
        return None;
    }
    let own = incident.signals.iter().find(|s| s.last_place == place && s.is_failure()).and_then(|s| s.service.clone());
    let of_edge = || incident.edge.as_ref().and_then(|e| e.service.clone());
    let service = own.or_else(of_edge).or_else(|| incident.services.first().map(|s| s.name.clone()));
    let latest = at.plus(rest.least_s as f64 / quiet::BINS as f64);
    Some(TimeFinding {
        at,
        earliest: at,
        latest,
        by: TimeBasis::LastFailure { service, quiet_s: quiet },
        places: Places::one(place),
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
    if found.is_empty() && mitigated.is_none() {
        let over =
            |s: &&At<evidence::StatusUpdate>| s.what.state.eq_ignore_ascii_case("resolved") && s.at >= from && s.at <= limit;
        let by = |s: &At<evidence::StatusUpdate>| TimeBasis::Said { author: s.what.provider.clone(), words: s.what.body.clone() };
        found.extend(scene.statuses.iter().filter(over).map(|s| (s.at, by(s), Places::one(s.place))));
    }
    if let Some((at, by, places)) = found.into_iter().min_by_key(|(at, _, p)| (*at, p.first())) {
        let at = mitigated.map_or(at, |m| at.max(m.at));
        return Some(TimeFinding { at, earliest: at, latest: at, by, places });
    }
    let last = mitigated?;
    let quiet_s = quiet::after(incident).least_s;
    let at = last.at.plus(quiet_s as f64);
    Some(TimeFinding { at, earliest: last.at, latest: at, by: TimeBasis::QuietPeriod { quiet_s }, places: last.places.clone() })
}

/// What ended it: taking back the change that is the cause, else the last thing done before the failures ended.
fn mitigating_step(incident: &Incident<'_>, best: Option<&Hypothesis>, from: Moment, end: Moment) -> Option<Step> {
    let steps = steps(incident, from, end);
    let undone = best.and_then(|h| h.terms.iter().find(|t| matches!(t.reason, Reason::Reversal { .. })));
    if let Some(term) = undone {
        let of_undo = steps.iter().find(|s| term.places.iter().any(|p| s.places.iter().any(|q| q == p)));
        if let Some(step) = of_undo {
            return Some(step.clone());
        }
    }
    let service = best.and_then(|h| h.service.as_deref());
    let about = |s: &&Step| service.is_some() && s.service.as_deref() == service;
    // What the failures went on after for long did not end them; neither did taking back a change of another service.
    let helped = |s: &&Step| end.since(s.at) <= 600.0;
    let elsewhere = |s: &&Step| s.service.is_some() && !about(s) && matches!(s.by, TimeBasis::Change { .. });
    let fitting: Vec<&Step> = steps.iter().filter(helped).filter(|s| !elsewhere(s)).collect();
    fitting
        .iter()
        .rev()
        .find(|s| about(s))
        .or(fitting.iter().rev().find(|s| s.remediation.is_some()))
        .or(fitting.last())
        .map(|s| (*s).clone())
}

/// Where no failure shows when users were served again: the last remedy before somebody says that it is better, else the
/// first one.
fn step_meant(incident: &Incident<'_>, from: Moment, end: Moment) -> Option<Step> {
    let scene = incident.scene;
    let better = |m: &&At<crate::scene::Utterance>| {
        m.at > from && !m.what.message.is_bot && (m.what.does(Act::Mitigate) || m.what.does(Act::Resolve))
    };
    let said = scene.chat.iter().find(better).map(|m| m.at);
    let over = scene.pages.iter().find(|p| p.at > from && p.what.action == PageAction::Resolved).map(|p| p.at);
    let eased = said.into_iter().chain(over).min();
    let steps: Vec<Step> = steps(incident, from, end).into_iter().filter(|s| s.remediation.is_some()).collect();
    let before = eased.and_then(|eased| steps.iter().rev().find(|s| s.at <= eased));
    before.or(steps.first()).cloned()
}

/// Everything done in the incident that may have ended it, by time.
pub fn steps(incident: &Incident<'_>, from: Moment, end: Moment) -> Vec<Step> {
    let scene = incident.scene;
    let inside = |at: Moment| at >= from && at <= end.plus(30.0);
    let mut steps: Vec<Step> = Vec::new();
    for deploy in scene.deploys.iter().filter(|d| inside(d.at)) {
        let what = &deploy.what;
        let service = what.service.as_deref().map(|s| scene.entities.name(s));
        let remediation = if what.kind == "config" { "config-revert" } else { "rollback" };
        steps.push(Step {
            at: deploy.at,
            service: service.clone(),
            by: TimeBasis::Change { service, version: what.version.clone(), words: what.text.clone() },
            remediation: Some(
                if what.rollback || what.kind == "config" || returns(incident, deploy) { remediation } else { "roll-forward" }
                    .to_string(),
            ),
            words: what.text.clone(),
            author: what.actor.clone(),
            places: Places::one(deploy.place),
        });
    }
    for commit in scene.commits.iter().filter(|c| inside(c.at) && c.what.message.to_lowercase().starts_with("revert")) {
        let service = crate::changes::commit_service(scene, &commit.what);
        let words = crate::changes::subject(&commit.what).to_string();
        let remediation = if crate::changes::is_config(&commit.what) { "config-revert" } else { "rollback" };
        steps.push(Step {
            at: commit.at,
            service: service.clone(),
            by: TimeBasis::Change { service, version: None, words: words.clone() },
            remediation: Some(remediation.into()),
            words,
            author: Some(commit.what.author.clone()),
            places: Places::one(commit.place),
        });
    }
    steps.extend(flag_steps(incident, &inside));
    steps.extend(said_steps(incident, &inside));
    steps.sort_by_key(|s| (s.at, s.places.first()));
    steps
}

/// The version ran before.
fn returns(incident: &Incident<'_>, deploy: &crate::scene::At<evidence::Deploy>) -> bool {
    let same = |d: &&crate::scene::At<evidence::Deploy>| {
        d.at < deploy.at && d.what.service == deploy.what.service && d.what.version == deploy.what.version
    };
    deploy.what.version.is_some() && incident.scene.deploys.iter().any(|d| same(&d))
}

fn flag_steps(incident: &Incident<'_>, inside: &dyn Fn(Moment) -> bool) -> Vec<Step> {
    let scene = incident.scene;
    let flags = scene.flags.iter().filter(|f| inside(f.at));
    flags
        .map(|flag| {
            let words = format!(
                "{} {} → {}",
                flag.what.name,
                flag.what.old.as_deref().unwrap_or("?"),
                flag.what.new.as_deref().unwrap_or("?")
            );
            Step {
                at: flag.at,
                service: None,
                by: TimeBasis::Change { service: None, version: Some(flag.what.name.clone()), words: words.clone() },
                remediation: Some(flag_remedy(flag.what.new.as_deref()).into()),
                words,
                author: flag.what.actor.clone(),
                places: Places::one(flag.place),
            }
        })
        .collect()
}

/// A flag turned off is a flag disabled; one that points elsewhere is a failover.
fn flag_remedy(new: Option<&str>) -> &'static str {
    match new.map(str::to_ascii_lowercase).as_deref() {
        None | Some("false" | "off" | "0" | "disabled" | "null") => "feature-flag-disable",
        Some(value) if value.bytes().any(|b| b.is_ascii_alphabetic()) && value != "true" && value != "on" => "failover",
        _ => "feature-flag-disable",
    }
}

fn said_steps(incident: &Incident<'_>, inside: &dyn Fn(Moment) -> bool) -> Vec<Step> {
    let scene = incident.scene;
    let mut steps = Vec::new();
    for message in scene.chat.iter().filter(|m| !m.what.message.is_bot && inside(m.at)) {
        let Some(said) = message.what.said.iter().find(|s| s.act == Act::Act) else { continue };
        let words = message.what.sentence(said).to_string();
        steps.push(Step {
            at: message.at,
            service: scene.entities.named_in(&words).into_iter().next(),
            by: TimeBasis::Said { author: message.what.speaker.clone(), words: words.clone() },
            remediation: said.slots.remediation.map(str::to_string),
            words,
            author: Some(message.what.speaker.clone()),
            places: Places::one(message.place),
        });
    }
    for page in scene.pages.iter().filter(|p| p.what.action == PageAction::Note && inside(p.at)) {
        let said = crate::acts::read(&page.what.text, page.what.actor.as_deref().unwrap_or(""), false);
        if let Some(act) = said.iter().find(|s| s.act == Act::Act) {
            let by = TimeBasis::Page { incident: page.what.incident.clone(), actor: page.what.actor.clone() };
            let service = scene.entities.named_in(&page.what.text).into_iter().next();
            let remediation = act.slots.remediation.map(str::to_string);
            let words = page.what.text.clone();
            steps.push(Step {
                at: page.at,
                service,
                by,
                remediation,
                words,
                author: page.what.actor.clone(),
                places: Places::one(page.place),
            });
        }
    }
    steps
}
