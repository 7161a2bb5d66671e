//! What people decided and learned: action items, beliefs that were refuted, and what they suggest for the future.

use std::collections::BTreeMap;

use evidence::{AlertState, Moment, Page, PageAction};

use crate::acts::{self, Act, Said};
use crate::findings::{Belief, Observation, Places, Stated, StatedAction, Times};
use crate::incident::Incident;
use crate::scene::{At, Scene, Utterance};

mod beliefs;
mod tickets;
mod written;

pub use beliefs::{find as beliefs, not_held, says_no_effect};

/// Action items as stated, in the order of their statement; a later one with the same words replaces an earlier.
pub fn actions(scene: &Scene) -> Vec<StatedAction> {
    let order = order_of_dates(scene);
    let due = |message: &At<Utterance>, said: &Said| due(message, said, order);
    let mut found: BTreeMap<(Moment, usize), StatedAction> = BTreeMap::new();
    let mut order = 0;
    let written = written::items(scene);
    for message in scene.chat.iter().filter(|m| !m.what.message.is_bot).chain(&written) {
        for said in message.what.said.iter().filter(|s| s.act == Act::ActionItem) {
            let Some(text) = said.slots.task.clone() else { continue };
            if let Some(known) = found.values_mut().find(|a| a.text == text) {
                known.due = due(message, said).or(known.due.take());
                known.owner = owner(message, said).or(known.owner.take());
                continue;
            }
            let action = StatedAction {
                text,
                priority: said.slots.priority.clone(),
                owner: owner(message, said),
                due: due(message, said),
                status: said.slots.status.clone(),
                author: Some(message.what.speaker.clone()),
                places: Places::one(message.place),
            };
            found.insert((message.at, order), action);
            order += 1;
        }
    }
    let mut found: Vec<StatedAction> = found.into_values().collect();
    tickets::join(scene, &mut found, &due);
    found
}

/// Which number of a date is the month, by all dates that items are due at.
fn order_of_dates(scene: &Scene) -> Option<acts::Order> {
    let said = scene.chat.iter().flat_map(|m| m.what.said.iter().map(move |said| (said, m.at)));
    acts::order(said.filter_map(|(said, at)| Some((said.slots.due.as_deref()?, at))))
}

/// The day that is meant, where it is one, else the words.
fn due(message: &At<Utterance>, said: &Said, order: Option<acts::Order>) -> Option<String> {
    let words = said.slots.due.as_ref()?;
    let day = acts::day(words, message.at).or_else(|| acts::by_order(words, message.at, order));
    Some(day.unwrap_or_else(|| words.clone()))
}

fn owner(message: &At<Utterance>, said: &Said) -> Option<String> {
    let owner = said.slots.owner.clone()?;
    if owner.eq_ignore_ascii_case("author") || owner == "I" || owner == message.what.message.author {
        return Some(message.what.speaker.clone());
    }
    Some(owner)
}

fn stated(message: &At<Utterance>, said: &Said) -> Stated {
    Stated {
        words: message.what.sentence(said).to_string(),
        author: Some(message.what.speaker.clone()),
        at: Some(message.at),
        places: Places::one(message.place),
    }
}

/// Prevention that people suggest without making it an action item.
pub fn suggestions(scene: &Scene) -> Vec<Stated> {
    let messages = scene.chat.iter().filter(|m| !m.what.message.is_bot);
    messages.flat_map(|m| m.what.said.iter().filter(|s| s.act == Act::Prevention).map(move |s| stated(m, s))).take(8).collect()
}

/// Facts about the response.
pub fn observations(incident: &Incident<'_>, times: &Times, beliefs: &[Belief]) -> Vec<Observation> {
    let mut found = Vec::new();
    if let (Some(started), Some(detected)) = (&times.started, &times.detected) {
        let seconds = detected.at.since(started.at);
        let places = started.places.and(&detected.places);
        let by_machine = !detected.by.is_person();
        if seconds >= 300.0 {
            found.push(Observation::SlowDetection { seconds, places });
        } else if by_machine {
            found.push(Observation::DetectedByMachine { seconds, places });
        }
    }
    if let (Some(step), Some(end)) = (&times.ended_by, &times.mitigated) {
        let seconds = end.at.since(step.at);
        if (0.0..=600.0).contains(&seconds) {
            found.push(Observation::FastRecovery { seconds, places: step.places.and(&end.places) });
        }
    }
    for belief in beliefs {
        let (Some(from), Some(to)) = (belief.said.at, belief.refuted_by.at) else { continue };
        found.push(Observation::WrongTurn {
            words: belief.said.words.clone(),
            author: belief.said.author.clone().unwrap_or_default(),
            seconds: to.since(from),
            places: belief.said.places.and(&belief.refuted_by.places),
        });
    }
    found.extend(missed(incident, times).or_else(|| overheard(incident, times)));
    found
}

/// An alarm of what failed then, open when it failed, that nobody had taken.
fn missed(incident: &Incident<'_>, times: &Times) -> Option<Observation> {
    let started = times.started.as_ref()?;
    let pages = &incident.scene.pages;
    let until = |page: &At<Page>, action: PageAction| {
        pages
            .iter()
            .any(|p| p.what.incident == page.what.incident && p.what.action == action && p.at >= page.at && p.at < started.at)
    };
    let early = pages.iter().find(|p| {
        p.what.action == PageAction::Triggered
            && p.at < started.at
            && started.at.since(p.at) < 86_400.0
            && !until(p, PageAction::Acknowledged)
            && !until(p, PageAction::Resolved)
            && is_about(incident, &p.what)
    })?;
    let places = Places::new(early.place, [started.places.first()]);
    let words = early.what.title.clone();
    Some(Observation::MissedSignal { words, seconds: started.at.since(early.at), by_pager: true, places })
}

/// The same of an alert that was open all the time from hours before the failure on, and of which no pager and nobody speaks.
fn overheard(incident: &Incident<'_>, times: &Times) -> Option<Observation> {
    const LEAST_S: f64 = 300.0;
    let started = times.started.as_ref()?;
    let scene = incident.scene;
    let before = |at: Moment| at < started.at.plus(-LEAST_S) && started.at.since(at) < 86_400.0;
    let is_over = |alert: &At<AlertState>| {
        let ended = alert.what.ends.and_then(|end| scene.clock(alert.place.source).moment(end));
        let same = |a: &&At<AlertState>| a.what.name == alert.what.name && a.what.service == alert.what.service;
        let closed = scene.alerts.iter().filter(same).any(|a| !a.what.firing && a.at >= alert.at && a.at < started.at);
        closed || ended.is_some_and(|end| end < started.at)
    };
    let is_about = |alert: &AlertState| {
        let own = alert.service.as_deref().map(|service| scene.entities.name(service));
        let labels = alert.labels.iter().map(|(_, value)| scene.entities.name(value));
        let named = scene.entities.named_in(&format!("{} {}", alert.name, alert.summary));
        own.into_iter().chain(labels).chain(named).any(|name| incident.hurt(&name).is_some())
    };
    let spoken = |alert: &At<AlertState>| {
        let said = scene.chat.iter().any(|m| !m.what.message.is_bot && m.at >= alert.at && m.at < started.at);
        let paged =
            scene.pages.iter().any(|p| p.what.action == PageAction::Acknowledged && p.at >= alert.at && p.at < started.at);
        said || paged
    };
    let early = scene.alerts.iter().find(|a| a.what.firing && before(a.at) && is_about(&a.what) && !is_over(a) && !spoken(a))?;
    let what = &early.what;
    let words = if what.summary.is_empty() { what.name.clone() } else { what.summary.clone() };
    let places = Places::new(early.place, [started.places.first()]);
    Some(Observation::MissedSignal { words, seconds: started.at.since(early.at), by_pager: false, places })
}

/// The page is of a service that failed in the incident.
fn is_about(incident: &Incident<'_>, page: &Page) -> bool {
    let entities = &incident.scene.entities;
    let own = page.service.as_deref().map(|service| entities.name(service));
    let named = own.into_iter().chain(entities.named_in(&page.title)).chain(entities.named_in(&page.text));
    named.into_iter().any(|name| incident.hurt(&name).is_some())
}
