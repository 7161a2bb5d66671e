//! Third parties as the cause: those that failing calls name and whose own logs are not here, and those with a status page.
//!
//! What it sees: whom failing records try to reach, and notices of providers. Why it matters: no change of the house explains
//! a failure that came from outside. When it misleads: a page of the house itself, which is told by its name and its words;
//! a provider that gave notice late and that no record names.

use evidence::{Moment, StatusUpdate};

use super::{HypothesisKind, score};
use crate::entities::normal;
use crate::findings::{Hypothesis, NAMED_AS_CAUSE, Places, Trigger, TriggerKind};
use crate::incident::Incident;
use crate::scene::At;
use crate::signals::Signal;
use crate::signatures::{Catalogue, Category, Role, Signature};
use crate::targets::Target;

/// Seconds within which two things begin together.
const AT_ONCE_S: f64 = 60.0;

/// Third parties: those that failing calls name and whose own logs are not here, and those with a status page.
pub fn all(incident: &Incident<'_>, targets: &[Target]) -> Vec<Hypothesis> {
    let mut names: Vec<String> =
        targets.iter().filter(|t| t.external && is_third_party(incident, &t.name)).map(|t| t.name.clone()).collect();
    for status in incident.scene.statuses.iter() {
        let name = incident.scene.entities.name(&status.what.provider);
        let named = || targets.iter().any(|t| t.name == name) || is_blamed(incident, &name);
        if (super::near(incident, status.at) || status.what.started.is_some())
            && !is_own_page(incident, status)
            && (told_in_time(incident, status) || named())
        {
            names.push(name);
        }
    }
    names.retain(|name| !is_own(incident, name) && !is_machine(incident, name));
    names.sort();
    names.dedup();
    let mut found = Vec::new();
    for name in names {
        let target = targets.iter().find(|t| t.name == name);
        let failure = target
            .and_then(|t| t.signals.iter().copied().min_by_key(|i| (incident.shares[*i].onset, *i)))
            .or_else(|| incident.main_failure(|_| true));
        let Some(failure) = failure else { continue };
        let terms = score::third_party_terms(incident, &name, target, failure);
        let signature = earliest_signature(incident, target.map_or(&[], |t| t.signals.as_slice()));
        let places = crate::incident::places_of(&incident.signals[failure]).few(2);
        let status = score::notice(incident, &name);
        let places = status.map_or(places.clone(), |s| places.and(&Places::one(s.place)));
        found.push(Hypothesis {
            service: Some(name.clone()),
            signature: signature.or_else(|| of_outside(&incident.signals[failure])),
            change_caused: Some(false),
            change: None,
            trigger: Some(Trigger {
                kind: TriggerKind::Dependency,
                reference: Some(name),
                at: Some(incident.began(failure)),
                places: places.clone(),
            }),
            probability: 0.0,
            kind: HypothesisKind::External,
            failure: Some(incident.failure(failure)),
            terms,
            tests: Vec::new(),
            places,
            objects: Vec::new(),
        });
    }
    found
}

/// What failed first names the trouble: a refusal of too many calls that follows is of the retries.
fn earliest_signature(incident: &Incident<'_>, signals: &[usize]) -> Option<&'static Signature> {
    let shown: Vec<(Moment, &'static Signature)> =
        signals.iter().filter_map(|i| Some((incident.began(*i), outside_signature(&incident.signals[*i])?))).collect();
    let first = shown.iter().map(|(at, _)| *at).min()?;
    let early = shown.into_iter().filter(|(at, _)| at.since(first) <= AT_ONCE_S).map(|(_, signature)| signature);
    early.max_by(|a, b| a.spec.total_cmp(&b.spec).then(b.id.cmp(&a.id)))
}

/// What the failure is known as; where it only makes another one worse, it is that of a third party.
fn of_outside(signal: &Signal) -> Option<&'static Signature> {
    let own = signal.hits.iter().copied().find(|s| s.role != Role::Amplifier);
    own.or_else(|| signal.signature().and_then(|_| Catalogue::load().get("third_party")))
}

/// The notice was given when the trouble began, or says of itself that it began before.
fn told_in_time(incident: &Incident<'_>, status: &At<StatusUpdate>) -> bool {
    let started = status.what.started.and_then(|s| incident.scene.clock(status.place.source).moment(s)).unwrap_or(status.at);
    started <= incident.window.from.plus(AT_ONCE_S)
}

/// A person names it as the cause.
fn is_blamed(incident: &Incident<'_>, name: &str) -> bool {
    let terms = super::people::about(incident, &[name.to_string()], incident.window.from);
    terms.iter().any(|t| t.name == NAMED_AS_CAUSE)
}

/// The page of the house itself: it is named as the house is, or speaks of a release that people here made.
fn is_own_page(incident: &Incident<'_>, status: &At<StatusUpdate>) -> bool {
    let text = format!("{} {}", status.what.title, status.what.body).to_lowercase();
    let ours =
        ["our release", "our latest release", "a release of ours", "our deployment", "our own "].iter().any(|w| text.contains(w));
    let undone = ["we rolled back", "we have rolled back", "we reverted", "we have reverted"].iter().any(|w| text.contains(w));
    let undone_here = || incident.scene.deploys.iter().any(|d| d.at >= incident.window.from);
    ours || undone && undone_here() && !told_in_time(incident, status)
        || is_own(incident, &incident.scene.entities.name(&status.what.provider))
}

/// A machine that workloads run on is none, however its name is cut.
fn is_machine(incident: &Incident<'_>, name: &str) -> bool {
    let begins = |node: &str| node.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
    incident.scene.is_node(name)
        || incident.signals.iter().filter_map(|s| s.service.as_deref()).any(|s| begins(s) && incident.scene.is_node(s))
}

/// The name of the house: who owns the repositories, and the domain of the addresses of those who work there.
fn is_own(incident: &Incident<'_>, name: &str) -> bool {
    let scene = incident.scene;
    let owner = |repository: &str| repository.split_once('/').is_some_and(|(owner, _)| normal(owner) == name);
    let works_here = |text: &str| house_of(text).is_some_and(|house| house == name);
    scene.commits.iter().any(|c| c.what.repository.as_deref().is_some_and(owner) || works_here(&c.what.author))
        || scene.deploys.iter().any(|d| d.what.actor.as_deref().is_some_and(works_here))
}

/// `mira@stockhouse.example` works at `stockhouse`; who writes from where everybody has an address, or is a program, tells
/// nothing.
fn house_of(text: &str) -> Option<String> {
    const EVERYBODYS: [&str; 12] = [
        "github",
        "gitlab",
        "bitbucket",
        "atlassian",
        "gmail",
        "googlemail",
        "google",
        "outlook",
        "hotmail",
        "yahoo",
        "icloud",
        "proton",
    ];
    let (person, rest) = text.split_once('@')?;
    let person = person.rsplit(|c: char| c.is_whitespace() || c == '<').next()?.to_lowercase();
    let domain = rest.split(|c: char| !(c.is_alphanumeric() || ".-".contains(c))).next()?;
    let house = normal(domain.split('.').rev().nth(1)?);
    let is_program = person.contains("bot") || person.contains("noreply") || person.contains("no-reply");
    (!is_program && !EVERYBODYS.contains(&house.as_str())).then_some(house)
}

/// A signature by which trouble of the other side shows.
fn outside_signature(signal: &Signal) -> Option<&'static Signature> {
    let outside = |s: &&Signature| s.role == Role::External || s.category == Category::Dependency || s.family == "timeout";
    signal.hits.iter().copied().filter(|s| s.role != Role::Amplifier).find(outside)
}

/// Not one of ours: it has a status page, or its name stands in a public host or in a field for providers.
fn is_third_party(incident: &Incident<'_>, name: &str) -> bool {
    incident.scene.statuses.iter().any(|s| incident.scene.entities.name(&s.what.provider) == name)
        || incident.failures().any(|(_, s, _)| {
            s.texts
                .iter()
                .any(|t| public_host(t, name) || t.starts_with(&format!("provider={name}")) || t.contains(&format!("via {name}")))
        })
}

fn public_host(text: &str, name: &str) -> bool {
    let lower = text.to_lowercase();
    let dotted = format!("{name}.");
    lower.contains(&dotted)
        && ["com", "io", "net", "org", "dev", "example", "app", "co", "eu"].iter().any(|tld| {
            lower.split(|c: char| c.is_whitespace() || "/\"'()[],;:".contains(c)).any(|w| w.contains(&format!("{name}.{tld}")))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_house_is_told_by_the_addresses_of_people_and_not_of_programs() {
        assert_eq!(house_of("Mira Keller <mira@ops.stockhouse.example>").as_deref(), Some("stockhouse"));
        assert_eq!(house_of("mira@stockhouse.example").as_deref(), Some("stockhouse"));
        assert_eq!(house_of("GitHub <noreply@github.com>"), None);
        assert_eq!(house_of("mira@users.noreply.github.com"), None);
        assert_eq!(house_of("renovate[bot] <bot@vendor.example>"), None);
        assert_eq!(house_of("Mira Keller"), None);
    }
}
