//! What speaks against each hypothesis beside what its score weighs.
//!
//! What it sees: words that clear what it accuses, records that could not be there if it held, another step after which the
//! failures ended, and a record that passes the blame on. Why it matters: an explanation that nothing is held against has not been
//! tried. When it misleads: people clear what is guilty all the same; so these facts are shown and not weighed.

use evidence::RecordRef;

use crate::acts::{Act, Said};
use crate::changes::mentions;
use crate::findings::{Edge, EdgeBasis, Fact, Hypothesis, HypothesisKind, Places, Reason, TimeBasis, Times};
use crate::incident::{Incident, first_place, places_of};
use crate::scene::{At, Utterance};
use crate::signals::SignalKind;

mod words;

/// Shown of each hypothesis, at most.
const MOST: usize = 4;
/// An answer to a suspicion comes within this time.
const ANSWER_S: f64 = 600.0;
/// What the failures ended so long after did not end them.
const ENDED_S: f64 = 1_800.0;

/// The first hypothesis is held to be the cause, or it is not decided.
pub struct Held<'h> {
    pub hypotheses: &'h [Hypothesis],
    pub is_decided: bool,
    pub chain: &'h [Edge],
    pub times: &'h Times,
}

/// Of each hypothesis, in their order.
pub fn find(incident: &Incident<'_>, held: &Held<'_>) -> Vec<Vec<Fact>> {
    held.hypotheses.iter().enumerate().map(|(rank, h)| against(incident, h, rank, held)).collect()
}

fn against(incident: &Incident<'_>, hypothesis: &Hypothesis, rank: usize, held: &Held<'_>) -> Vec<Fact> {
    let mut facts: Vec<Fact> = cleared(incident, hypothesis, held.times).into_iter().collect();
    facts.extend(answered(incident, hypothesis));
    facts.extend(answers(incident, hypothesis));
    facts.extend(crate::hypotheses::outlived::shown(incident, hypothesis));
    if let Some(best) = held.hypotheses.first().filter(|_| rank > 0 && held.is_decided) {
        facts.extend(comes_from(best, hypothesis, held.chain));
        facts.extend(explained(best, hypothesis));
        facts.extend(later(incident, best, hypothesis));
        facts.extend(ended_by_another(best, hypothesis, held.times));
    }
    let weighed = |f: &Fact| hypothesis.terms.iter().any(|t| t.value < 0.0 && t.places == f.places);
    facts.retain(|f| !weighed(f));
    facts.truncate(MOST);
    facts
}

/// Somebody says of the thing that is accused that it is well, while it is not over.
fn cleared(incident: &Incident<'_>, hypothesis: &Hypothesis, times: &Times) -> Option<Fact> {
    let is_weighed = hypothesis.terms.iter().any(|t| matches!(t.reason, Reason::Refuted { .. }));
    let names = words::names(hypothesis);
    if is_weighed || names.is_empty() {
        return None;
    }
    let until = times.mitigated.as_ref().map_or(incident.window.to, |t| t.at);
    let inside = |m: &&At<Utterance>| !m.what.message.is_bot && m.at >= incident.window.from && m.at < until;
    let clears = |m: &At<Utterance>, s: &Said| {
        let object = s.slots.object.as_deref().unwrap_or_default();
        s.act == Act::Refute && names.iter().any(|name| words::clears(m.what.sentence(s), object, name))
    };
    let found = incident.scene.chat.iter().filter(inside).find_map(|m| Some((m, m.what.said.iter().find(|s| clears(m, s))?)));
    let (message, said) = found?;
    Some(refuted(message, message.what.sentence(said)))
}

fn refuted(message: &At<Utterance>, words: &str) -> Fact {
    let reason = Reason::Refuted { author: message.what.speaker.clone(), words: words.to_string() };
    Fact { reason, places: Places::one(message.place) }
}

/// Somebody suspects the change by what it is, and the next one who answers says no.
fn answered(incident: &Incident<'_>, hypothesis: &Hypothesis) -> Option<Fact> {
    let change = hypothesis.change.as_ref().filter(|_| hypothesis.kind == HypothesisKind::Change)?;
    let scene = incident.scene;
    let deployed = scene.deploys.iter().filter(|d| change.places.iter().any(|p| *p == d.place)).map(|d| d.what.text.as_str());
    let subject = change.commit.iter().map(|c| c.subject.as_str());
    let told: Vec<&str> = deployed.chain(subject).chain(change.service.as_deref()).collect();
    let suspects = |m: &&At<Utterance>| {
        let own = change.reference.as_deref().is_some_and(|name| mentions(&m.what.message.text, name));
        m.at >= change.at && !m.what.message.is_bot && (own || words::shared(&m.what.message.text, &told) >= 2)
    };
    scene.chat.iter().filter(suspects).find_map(|suspicion| {
        let replies = scene.chat.iter().filter(|m| {
            m.at > suspicion.at && m.what.message.channel == suspicion.what.message.channel && !m.what.message.is_bot
        });
        let reply = replies.take(1).find(|m| m.what.speaker != suspicion.what.speaker && m.at.since(suspicion.at) <= ANSWER_S)?;
        let words = words::denial(&reply.what.message.text)?;
        let fact = refuted(reply, words);
        Some(Fact { places: fact.places.and(&Places::one(suspicion.place)), ..fact })
    })
}

/// A record of the incident that something wrote which is held to be down.
fn answers(incident: &Incident<'_>, hypothesis: &Hypothesis) -> Option<Fact> {
    let held = hypothesis.signature.filter(|_| hypothesis.change.is_none())?;
    let failing = hypothesis.failure.as_ref()?;
    incident.signals.iter().filter(|s| s.kind == SignalKind::Log && s.service == failing.service).find_map(|signal| {
        let proof = signal.hits.iter().copied().find(|s| s.disproves.contains(&held.id))?;
        let within = |at| at >= failing.first && at <= incident.window.to;
        let shows = |place: &&RecordRef| incident.scene.words_at(**place).is_some_and(|(at, _)| within(at));
        let place = *signal.places.iter().chain([&signal.last_place]).find(shows)?;
        let reason = Reason::Answers { words: signal.words.clone(), signature: proof };
        Some(Fact { reason, places: Places::one(place) })
    })
}

/// Its own failing record names the cause that is held.
fn comes_from(best: &Hypothesis, hypothesis: &Hypothesis, chain: &[Edge]) -> Option<Fact> {
    let failing = hypothesis.failure.as_ref()?.service.as_ref()?;
    let root = best.service.as_ref().filter(|root| hypothesis.service.as_ref() != Some(root))?;
    let edge = chain.iter().find(|e| e.verified && e.to == *failing && e.from == *root)?;
    let EdgeBasis::Names { words } = &edge.by else { return None };
    let reason = Reason::ComesFrom { from: root.clone(), to: failing.clone(), words: words.clone() };
    Some(Fact { reason, places: edge.places.few(1) })
}

/// A change brings the same failure about, and its diff says how.
fn explained(best: &Hypothesis, hypothesis: &Hypothesis) -> Option<Fact> {
    let change = best.change.as_ref().filter(|_| hypothesis.change.is_none())?;
    let same = best.signature.zip(hypothesis.signature).is_some_and(|(a, b)| a.id == b.id);
    let (term, says) = best.terms.iter().filter(|t| t.value > 0.0).find_map(|t| match &t.reason {
        Reason::Diff { says } => Some((t, says)),
        _ => None,
    })?;
    let name = change.reference.clone().filter(|_| same)?;
    Some(Fact {
        reason: Reason::ExplainedBy { change: name, says: says.clone() },
        places: term.places.and(&change.places.few(1)),
    })
}

/// What it would explain came when another service had been failing, beyond what clocks may be off.
fn later(incident: &Incident<'_>, best: &Hypothesis, hypothesis: &Hypothesis) -> Option<Fact> {
    // Where the cause that is held shows as late, it is no objection.
    let shown = best.failure.as_ref().and_then(|f| f.service.as_ref());
    let own = hypothesis.failure.as_ref().filter(|f| f.service.as_ref() != shown)?;
    let first = incident.first().filter(|hurt| own.service.as_ref() != Some(&hurt.name))?;
    let index =
        incident.failures().map(|(i, _, _)| i).find(|i| incident.signals[*i].places.first() == Some(&own.places.first()))?;
    let place = first_place(incident, first);
    let doubt = [place.source, own.places.first().source].map(|s| incident.scene.clock(s).uncertainty_s).iter().sum::<i64>();
    let seconds = incident.began(index).since(first.onset);
    if seconds <= doubt as f64 + 1.0 || hypothesis.terms.iter().any(|t| t.name == "effect before cause") {
        return None;
    }
    let signal = &incident.signals[index];
    let reason = Reason::Later { seconds, words: signal.words.clone(), first: first.name.clone() };
    Some(Fact { reason, places: Places::one(place).and(&places_of(signal).few(1)) })
}

/// The failures ended after a step that has to do with something else, and the change is not known to have been taken back.
fn ended_by_another(best: &Hypothesis, hypothesis: &Hypothesis, times: &Times) -> Option<Fact> {
    let change = hypothesis.change.as_ref().filter(|_| hypothesis.kind == HypothesisKind::Change)?;
    let is_told = hypothesis.terms.iter().any(|t| ["reversal", "taken back after the end", "ended without it"].contains(&t.name));
    let (step, end) = (times.ended_by.as_ref()?, times.mitigated.as_ref()?);
    let (words, service) = match &step.by {
        TimeBasis::Change { words, service, .. } | TimeBasis::Logged { words, service } => (words, service.as_ref()),
        TimeBasis::Said { words, .. } => (words, None),
        _ => return None,
    };
    let seconds = end.at.since(step.at);
    let named = change.reference.iter().chain(&change.service).any(|name| mentions(words, name));
    let is_same = best.change.as_ref().is_some_and(|b| b.reference == change.reference && b.service == change.service);
    let own = named || is_same || service.is_some() && service == change.service.as_ref();
    (!is_told && !own && !words.is_empty() && (0.0..=ENDED_S).contains(&seconds))
        .then(|| Fact { reason: Reason::EndedBy { step: words.clone(), seconds }, places: step.places.and(&end.places) })
}
