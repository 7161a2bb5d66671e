//! The cause that nothing here names: something in the service that failed first, or what an alarm alone tells of.
//!
//! What it sees: the most telling failure; where no record tells of one, the first alarm, and else the record with which
//! the harm begins. Why it matters: an incident has a cause even where none is known, and it must not be the best of
//! guesses. When it misleads: an alarm without logs beside it may be of another service than the one that failed.

use evidence::RecordRef;

use super::{fronted, root_signature};
use crate::findings::{Hypothesis, HypothesisKind, Places, Reason, Term};
use crate::incident::{Hurt, Incident, places_of};
use crate::signatures::{Catalogue, Role, Signature};
use crate::weights;

/// Something in the service that failed first, which nothing here names.
pub fn in_service(incident: &Incident<'_>) -> Option<Hypothesis> {
    let failure = origin(incident, incident.main_failure(|_| true)?);
    let signal = &incident.signals[failure];
    // Who only asked in vain is not where to look.
    let service = super::unreached::of(incident, &[failure]).or_else(|| signal.service.clone());
    let known = Hypothesis {
        signature: root_signature(incident, failure).or_else(|| alarm_signature(incident)),
        failure: Some(incident.failure(failure)),
        ..nothing_known(service, places_of(signal).few(2))
    };
    Some(known)
}

/// Seconds by which a log may be slower to tell of a failure than that of who asked in vain.
pub(super) const SLOWER_S: f64 = 10.0;
/// Steps from who asked to who was asked.
const STEPS: usize = 4;
/// Families of failures that tell of the other side.
const OTHER_SIDE: [&str; 8] = ["timeout", "network", "cache", "db", "queue", "external", "tls", "auth"];

/// From who only says that another one does not answer to the one that failed by then.
pub fn origin(incident: &Incident<'_>, failure: usize) -> usize {
    let mut at = failure;
    let mut seen = vec![incident.signals[at].service.clone()];
    for _ in 0..STEPS {
        let signal = &incident.signals[at];
        let is_own = |s: &&'static Signature| s.role == Role::Cause && !OTHER_SIDE.contains(&s.family.as_str());
        if signal.hits.iter().any(is_own) {
            break;
        }
        let named = incident.named(at).iter().filter_map(|name| incident.hurt(name));
        let before = named.filter(|hurt| hurt.onset <= incident.shares[at].onset.plus(SLOWER_S));
        let is_new = |hurt: &&Hurt| !seen.contains(&Some(hurt.name.clone()));
        let asked = before.filter(is_new).min_by_key(|hurt| (hurt.onset, &hurt.name));
        let asked = asked.or_else(|| fronted::behind(incident, at).filter(is_new).min_by_key(|hurt| (hurt.onset, &hurt.name)));
        let Some(asked) = asked else { break };
        let Some(next) = incident.main_failure(|s| s.service.as_ref() == Some(&asked.name)) else { break };
        seen.push(Some(asked.name.clone()));
        at = next;
    }
    at
}

/// Where no record tells of a failure and nothing else explains one.
pub fn by_alarm(incident: &Incident<'_>) -> Option<Hypothesis> {
    if let Some((alert, place)) = incident.open_alarm().filter(|_| incident.by_instruments()) {
        let service = alert.service.as_deref().map(|s| incident.scene.entities.name(s));
        return Some(Hypothesis { signature: alarm_signature(incident), ..nothing_known(service, Places::one(*place)) });
    }
    let (service, place) = alarm(incident).or_else(|| at_the_edge(incident)).or_else(|| Some((None, first_record(incident)?)))?;
    let service = service.map(|s| incident.scene.entities.name(&s));
    Some(nothing_known(service, Places::one(place)))
}

fn nothing_known(service: Option<String>, places: Places) -> Hypothesis {
    let terms = vec![Term {
        name: "no better explanation",
        value: weights::UNKNOWN,
        reason: Reason::First { service: service.clone().unwrap_or_default() },
        places: places.few(1),
    }];
    Hypothesis {
        service,
        signature: None,
        change_caused: None,
        change: None,
        trigger: None,
        probability: 0.0,
        kind: HypothesisKind::UnknownIn,
        failure: None,
        terms,
        tests: Vec::new(),
        places,
        objects: Vec::new(),
    }
}

/// What an alert names that fires, where nothing else than what stands tells of the incident.
fn alarm_signature(incident: &Incident<'_>) -> Option<&'static Signature> {
    let (alert, _) = incident.open_alarm().filter(|_| incident.by_instruments())?;
    let hits = Catalogue::load().matches(&crate::standing::words_of(alert));
    hits.into_iter().map(|h| h.signature).find(|s| s.role != Role::Recovery)
}

/// The first alarm of the incident, and the service that it names.
fn alarm(incident: &Incident<'_>) -> Option<(Option<String>, RecordRef)> {
    let alerts = incident.scene.alerts.iter().filter(|a| a.what.firing).map(|a| (a.at, a.place, &a.what.service));
    let pages = incident.scene.pages.iter().map(|p| (p.at, p.place, &p.what.service));
    let near = alerts.chain(pages).filter(|(at, ..)| super::near(incident, *at));
    near.min().map(|(_, place, service)| (service.clone(), place))
}

/// The first request that failed, and whose log it stands in.
fn at_the_edge(incident: &Incident<'_>) -> Option<(Option<String>, RecordRef)> {
    let edge = incident.edge.as_ref()?;
    let failed = edge.onset(incident.window.from, incident.window.to.plus(1.0), incident.scene)?;
    Some((edge.service.clone(), failed.place))
}

/// The record or event nearest to the beginning of the harm.
fn first_record(incident: &Incident<'_>) -> Option<RecordRef> {
    let from = incident.window.from;
    incident.scene.moments().into_iter().min_by_key(|(place, at)| (at.0.abs_diff(from.0), *place)).map(|(place, _)| place)
}
