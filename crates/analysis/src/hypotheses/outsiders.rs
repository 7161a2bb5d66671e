//! Work of somebody outside of the house at the time of the failure, of which only words tell: the carrier moves a gateway, the data
//! centre works on its power.
//!
//! What it sees: messages from such a party, or of people who speak of its work, around the time. Why it matters: where such work
//! and a change of the house fall together, both are suspects, and a report that names one has chosen. When it misleads: work
//! that was announced and concerns something else; so it is a suspect by what people say, and no more.

use std::sync::LazyLock;

use evidence::Moment;

use crate::acts::Act;
use crate::entities::normal;
use crate::findings::{Hypothesis, HypothesisKind, Places, Reason, Term, Trigger, TriggerKind};
use crate::incident::{Incident, places_of};
use crate::scene::{At, Utterance};
use crate::weights;
use expressions::{Expression, constant};

/// Seconds before the failure in which work may be announced, more where people name the announcement, and after its end in which
/// they speak of it.
const ANNOUNCED_S: f64 = 3.0 * 86_400.0;
const LONG_BEFORE_S: f64 = 21.0 * 86_400.0;
const AFTER_S: f64 = 7_200.0;

static PARTY: LazyLock<Expression> = LazyLock::new(|| {
    constant(r"(?i)\b(carrier|isp|telco|hoster|hosting provider|network provider|internet provider|data ?cent(?:er|re)|colo)\b")
});
static WORKS: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)\b(?:planned|scheduled|emergency) (?:work|maintenance)\b|\bmaintenance (?:window|work)\b|\bwork(?:s|ed|ing)? (?:on|at) (?:our|the|their)\b|\bwork completed\b|\b(?:moves?|moved|migrat\w+|replac\w+|upgrad\w+) (?:the|our|their)\b",
    )
});
static AT_ONCE: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)\b(?:ended|stopped|over|recovered|came back|cleared)\b.{0,40}\bsame (?:minute|moment|time|second)\b|\bsame (?:minute|moment|time)\b.{0,30}\b(?:ended|stopped|recovered)\b",
    )
});
static DOUBTS: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)\b(?:can(?:[’']|no)t|cannot|could(?:n[’']t| not)|impossible to|hard to|no way to) (?:tell|say|know)\b|\b(?:cause|reason) (?:is |remains |still )*(?:unclear|unknown|open)\b|\bwe (?:do not|don[’']t|never) (?:know|knew) (?:what|why|which|whether)\b",
    )
});

/// The party whose work people speak of, if there is one.
pub fn suspected(incident: &Incident<'_>, known: &[Hypothesis]) -> Option<Hypothesis> {
    let failure = incident.main_failure(|_| true)?;
    let from = incident.window.from;
    let near = |at: Moment| at >= from.plus(-ANNOUNCED_S) && at <= incident.window.to.plus(AFTER_S);
    let told: Vec<(&At<Utterance>, String)> =
        incident.scene.chat.iter().filter(|m| near(m.at)).filter_map(|m| Some((m, words(m)?))).collect();
    let spoken = told.iter().find(|(m, _)| !m.what.message.is_bot && m.at >= from && sender(m).is_none());
    let spoken = spoken.or_else(|| told.iter().find(|(m, _)| !m.what.message.is_bot && m.at >= from));
    let (first, own, name, told) = match spoken {
        Some((first, own)) => {
            let name = told.iter().find_map(|(m, _)| sender(m)).or_else(|| party(own))?;
            (*first, own.clone(), name, told.iter().map(|(m, _)| m.place).collect::<Vec<_>>())
        }
        None => {
            let Named { by, announcement, house } = named(incident)?;
            (by, by.what.message.text.clone(), house, vec![announcement.place])
        }
    };
    if known.iter().any(|h| h.service.as_deref() == Some(name.as_str())) {
        return None;
    }
    let said = |m: &At<Utterance>, words: &str| Reason::Said { author: m.what.speaker.clone(), words: words.to_string() };
    let places = Places::new(first.place, told.into_iter().filter(|p| *p != first.place).take(1));
    let mut terms =
        vec![Term { name: "suspected", value: weights::SAID, reason: said(first, &own), places: Places::one(first.place) }];
    let mut after = incident.scene.chat.iter().filter(|m| m.at >= from && !m.what.message.is_bot);
    // Who cannot tell which of two it was speaks for neither.
    let is_told = |m: &&At<Utterance>| AT_ONCE.is_match(&m.what.message.text) && !doubts(m);
    if let Some(m) = after.rfind(is_told) {
        let reason = said(m, &m.what.message.text);
        terms.push(Term { name: "ended at the same time", value: weights::REVERSAL, reason, places: Places::one(m.place) });
    }
    Some(Hypothesis {
        service: Some(name.clone()),
        signature: incident.signals[failure].signature(),
        change_caused: Some(false),
        change: None,
        trigger: Some(Trigger { kind: TriggerKind::Dependency, reference: Some(name), at: None, places: places.clone() }),
        probability: 0.0,
        kind: HypothesisKind::External,
        failure: Some(incident.failure(failure)),
        terms,
        tests: Vec::new(),
        places: places.and(&places_of(&incident.signals[failure]).few(1)),
        objects: Vec::new(),
    })
}

/// People say in the end that they cannot tell what it was, and nobody says it after that.
pub fn is_doubted(incident: &Incident<'_>) -> bool {
    let end = super::last_failure(incident).map_or(incident.window.to, |(at, _)| at);
    let people = || incident.scene.chat.iter().filter(|m| !m.what.message.is_bot && m.at >= end.plus(-60.0));
    let doubt = people().filter(|m| doubts(m)).map(|m| m.at).max();
    let told = people().filter(|m| m.what.does(Act::RootCause) || m.what.does(Act::Confess)).map(|m| m.at).max();
    doubt.is_some_and(|doubt| told.is_none_or(|told| told < doubt))
}

fn doubts(message: &At<Utterance>) -> bool {
    let text = &message.what.message.text;
    let sentences = crate::acts::relative_sentence_split(text).into_iter().filter_map(|(from, to)| text.get(from..to));
    sentences.into_iter().any(|sentence| DOUBTS.is_match(&crate::acts::in_english(sentence)))
}

/// Somebody who names the announcement of another house's work while requests fail.
struct Named<'i> {
    by: &'i At<Utterance>,
    announcement: &'i At<Utterance>,
    house: String,
}

fn named<'i>(incident: &Incident<'i>) -> Option<Named<'i>> {
    let (from, to) = (incident.window.from, incident.window.to);
    let is_work = |m: &&At<Utterance>| (0.0..=LONG_BEFORE_S).contains(&from.since(m.at)) && WORKS.is_match(&m.what.message.text);
    let chat = || incident.scene.chat.iter();
    let announced = chat().filter(is_work).filter_map(|m| Some((m, sender(m)?, numbers(&m.what.message.text))));
    let announced: Vec<_> = announced.collect();
    let during = chat().filter(|m| m.at >= from && m.at <= to.plus(AFTER_S) && sender(m).is_none());
    during.into_iter().find_map(|by| {
        let own = numbers(&by.what.message.text);
        let (announcement, house, _) = announced.iter().find(|(.., theirs)| theirs.iter().any(|number| own.contains(number)))?;
        Some(Named { by, announcement, house: house.clone() })
    })
}

/// `PW-48811`, `MAINT-2207`, `CHG0031337`: what an announcement is called by.
fn numbers(text: &str) -> Vec<String> {
    static NUMBER: LazyLock<Expression> = LazyLock::new(|| constant(r"\b[A-Z]{2,}-?\d{3,}\b"));
    NUMBER.find_iter(text).map(|m| m.as_str().to_string()).collect()
}

/// The sentence that tells of such work.
fn words(message: &At<Utterance>) -> Option<String> {
    let text = &message.what.message.text;
    let sentences = crate::acts::relative_sentence_split(text).into_iter().filter_map(|(from, to)| text.get(from..to));
    let about = |s: &&str| WORKS.is_match(s) && (PARTY.is_match(s) || sender(message).is_some());
    sentences.into_iter().find(about).map(|s| s.trim().to_string())
}

/// `noc@linecast.example` writes for `linecast`: only desks of operations do.
fn sender(message: &At<Utterance>) -> Option<String> {
    const DESKS: [&str; 6] = ["noc", "maintenance", "operations", "status", "notifications", "netops"];
    let (desk, domain) = message.what.speaker.trim_start_matches('@').split_once('@')?;
    let desk = desk.rsplit(|c: char| c.is_whitespace() || c == '<').next()?.to_lowercase();
    let house = domain.trim_end_matches('>').split('.').rev().nth(1)?;
    DESKS.contains(&desk.as_str()).then(|| normal(house))
}

fn party(words: &str) -> Option<String> {
    PARTY.captures(words).map(|c| normal(&c[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_of_somebody_else_is_told_from_work_of_ours() {
        let tells = |text: &str| WORKS.is_match(text) && PARTY.is_match(text);
        assert!(tells("the carrier also wrote that they work on our lines tonight"));
        assert!(tells("planned maintenance of the data center from 22:00 on"));
        assert!(!tells("the carrier does not answer"));
        assert!(!tells("we work on the index"));
    }

    #[test]
    fn an_announcement_is_named_by_its_number() {
        assert_eq!(numbers("[MAINT-2207] Planned work at the exchange"), ["MAINT-2207"]);
        assert_eq!(numbers("CHG0031337 is in"), ["CHG0031337"]);
        assert!(numbers("AS 64500, RFC-12 and the A-100").is_empty());
    }

    #[test]
    fn who_cannot_tell_doubts() {
        assert!(
            DOUBTS.is_match("can't tell. both ended in the same minute") && AT_ONCE.is_match("both ended in the same minute")
        );
        assert!(DOUBTS.is_match("we don't know which of the two it was"));
        assert!(!DOUBTS.is_match("it was the release"));
    }
}
