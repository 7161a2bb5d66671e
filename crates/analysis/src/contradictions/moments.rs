//! Times of day that people tell beside what was recorded: when it began and ended, when something was released and taken back.
//!
//! What it sees: the words right before a time ("errors started at", "rolled back at"), and every record that may be meant. Why it
//! matters: a time that is copied from a wrong report shifts blame. When it misleads: somebody who speaks of another incident, and
//! a release of which only one end was recorded; so a time counts only where it fits none of the records, in no zone.

use std::sync::LazyLock;

use evidence::{ChangePhase, Deploy, Moment, PageAction};

use super::speech::{self, Sentence, Told};
use crate::acts::{self, Act};
use crate::findings::{About, Change, Contradiction, ContradictionKind, Places, Side, TimeFinding, Times};
use crate::incident::Incident;
use crate::scene::At;
use crate::times::steps;
use expressions::{Expression, constant};

/// People round to minutes, and look at graphs of minutes.
const OFF_S: i64 = 240;
/// So many told times that fit what was recorded make a zone certain.
const SURE: usize = 3;
/// A release takes so long, where only its beginning or its end was recorded.
const TAKES_S: i64 = 840;

/// A moment that may be meant, and how many seconds before and after it a told time still fits.
struct Mark {
    at: Moment,
    before_s: i64,
    after_s: i64,
    places: Places,
}

impl Mark {
    fn at(at: Moment, places: Places) -> Mark {
        Mark { at, before_s: OFF_S, after_s: OFF_S, places }
    }
}

pub fn find(incident: &Incident<'_>, times: &Times, sentences: &[Sentence<'_>]) -> Vec<Contradiction> {
    let zone = speech::zone(incident, sentences);
    let mut found = Vec::new();
    for sentence in sentences.iter().filter(|s| !s.is_loose()) {
        for told in speech::times_in(sentence.text).iter().filter(|t| !t.is_about) {
            let marks = marks(incident, times, sentence, told);
            found.extend(beside(incident, sentence, told, &marks, zone));
        }
    }
    found
}

/// When what is held to be the cause was changed, as people and tickets tell it: with what it did begun before, it cannot have been
/// later, in no zone.
pub fn of_change(
    incident: &Incident<'_>,
    times: &Times,
    change: Option<&Change>,
    sentences: &[Sentence<'_>],
) -> Vec<Contradiction> {
    let (Some(change), Some(started)) = (change, &times.started) else { return Vec::new() };
    let until_felt = started.at.since(change.at).max(0.0) as i64;
    let mark = Mark { at: change.at, before_s: TAKES_S, after_s: OFF_S + until_felt, places: change.places.clone() };
    let zone = speech::zone(incident, sentences);
    let mut found = Vec::new();
    for sentence in sentences.iter().filter(|s| !s.is_loose()) {
        for told in speech::times_in(sentence.text).iter().filter(|t| !t.is_about) {
            let head = clause(&sentence.text[..told.span.0]);
            if !is_undoing(head) && tells_of(change, head) {
                found.extend(beside(incident, sentence, told, std::slice::from_ref(&mark), zone));
            }
        }
    }
    found
}

/// The words before a time say that something was changed, and share a telling word with the change.
fn tells_of(change: &Change, head: &str) -> bool {
    static CHANGED: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:changed|switched|turned (?:on|off)|enabled|disabled|lowered|raised|reduced|cut|applied|pushed|merged|went in)\b(?: \S+){0,3}?\W*(?:at|since)\W*$",
        )
    });
    let commit = change.commit.as_ref();
    let own = [change.reference.as_deref(), change.service.as_deref(), commit.map(|c| c.subject.as_str())];
    let own: Vec<String> = own.into_iter().flatten().flat_map(super::telling).collect();
    CHANGED.is_match(head) && super::telling(head).iter().any(|word| own.contains(word))
}

/// The told time beside the records that may be meant, the first of which stands for them.
fn beside(
    incident: &Incident<'_>,
    sentence: &Sentence<'_>,
    told: &Told<'_>,
    marks: &[Mark],
    zone: Option<(i64, usize)>,
) -> Option<Contradiction> {
    let first = marks.first()?;
    let fits = |mark: &Mark| {
        let (apart, _) = told.from(mark.at);
        (-mark.before_s..=mark.after_s).contains(&apart)
    };
    let (_, nearest) = told.from(first.at);
    let own = incident.scene.clock(sentence.message.place.source).offset_s;
    // Where several told times say in which zone people write, another may be off by more than a part of an hour.
    let is_local = || incident.scene.digests.iter().any(|d| incident.scene.clock(d.source).offset_s == nearest);
    let is_known =
        nearest == 0 || own == nearest || zone.is_some_and(|(zone, told)| zone == nearest || told >= SURE) || is_local();
    if marks.iter().any(fits) || !is_known {
        return None;
    }
    let recorded = Side {
        value: first.at.time_of_day(),
        number: None,
        between: None,
        measure: None,
        stated_by: None,
        words: None,
        places: first.places.clone(),
    };
    let about = About::When { what: clause(&sentence.text[..told.span.0]).trim().to_string() };
    Some(Contradiction { kind: ContradictionKind::Time, about, sides: vec![sentence.side(told.text), recorded] })
}

/// What the words before a time say that it was: nothing, where they say nothing of which there are records.
fn marks(incident: &Incident<'_>, times: &Times, sentence: &Sentence<'_>, told: &Told<'_>) -> Vec<Mark> {
    static BEGAN: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)(?:\b(?:errors?|failures?|5xx|50\d(?:s| errors)?|timeouts?|outage|impact|disruption)(?: (?:rate|at|on|for|in|to|of|the|our|all|first|really|actually|\w+-\w+))* (?:started|began|set in|start|begin)|\b(?:down|failing|unavailable) since|\b(?:start|beginning) of (?:the )?(?:\w+ )?(?:impact|incident|outage|disruption)|\b(?:impact|incident|outage) start(?:ed|s)?|^\W*start(?:ed)?(?: time)?)\W*(?:(?:at|since|from|was|is)\W*)?$",
        )
    });
    static ENDED: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)(?:\b(?:errors?|failures?|5xx|outage|impact|disruption|incident) (?:\w+ )?(?:ended|stopped|ceased|gone|over)|\b(?:all clear|back to normal|fully (?:recovered|restored))|\bend of (?:the )?(?:\w+ )?(?:impact|incident|outage|disruption)|^\W*(?:end(?:ed)?(?: time)?|resolved|mitigated|impact end(?:ed)?))\W*(?:(?:at|since|by|was|is|again)\W*)*$",
        )
    });
    static UNDONE: LazyLock<Expression> = LazyLock::new(|| {
        constant(r"(?i)\b(?:roll(?:ed|ing)?[ -]?back|rollback|reverted|revert)\b(?: \S+){0,4}?\W*(?:at|since)\W*$")
    });
    static RELEASED: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:deployed|shipped|released|rolled out|went (?:out|live)|is out|was out|live|deploy|release|rollout)\b(?: \S+){0,3}?\W*(?:(?:at|since|from)\W*)?$",
        )
    });
    // Part of the users, another place, or a thing that leaves no record of a release.
    static PART: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:canary|staging|stage|test|dev|qa|pre-?prod|sandbox|regions?|clusters?|merged|built|tagged|flag|toggle|config|setting|migration|schema|dns|cert\w*|waf|rule|firewall|index)\b",
        )
    });
    let head = clause(&sentence.text[..told.span.0]);
    if PART.is_match(sentence.text) || !names_only_hurt(incident, head) {
        return Vec::new();
    }
    if BEGAN.is_match(head) || is_it(&sentence.text[..told.span.0], &sentence.message.what.message.text) {
        return began(incident, times, head);
    }
    if ENDED.is_match(head) {
        return ended(incident, times);
    }
    if UNDONE.is_match(head) {
        return undone(incident, head);
    }
    if RELEASED.is_match(head) && !is_undoing(sentence.text) {
        return released(incident, sentence.text);
    }
    Vec::new()
}

/// "It started at": what "it" is stands in what else the message says.
fn is_it(head: &str, message: &str) -> bool {
    static IT_BEGAN: LazyLock<Expression> =
        LazyLock::new(|| constant(r"(?i)^\W*(?:it|this|that) (?:all )?(?:started|began)\W*(?:at|around|since)?\W*$"));
    static HARM: LazyLock<Expression> = LazyLock::new(|| {
        constant(r"(?i)\b(?:tickets?|complain\w*|customers?|users?|errors?|outage|impact|incident|down|fail(?:s|ed|ing|ures?))\b")
    });
    static WORK: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:job|cron|deploy\w*|release|rollout|rollback|migration|backup|import|export|query|queries|script|restart\w*)\b",
        )
    });
    IT_BEGAN.is_match(head) && HARM.is_match(message) && !WORK.is_match(message)
}

/// Whatever the words name failed in the incident: a name of two words joined, or a known service.
fn names_only_hurt(incident: &Incident<'_>, head: &str) -> bool {
    const JOINED: [&str; 4] = ["roll-back", "rolled-back", "half-past", "back-to-normal"];
    let entities = &incident.scene.entities;
    let named = entities.named_in(head).into_iter().all(|name| incident.hurt(&name).is_some());
    let joined = head.split(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_')).filter(|word| {
        word.trim_matches('-').contains(['-', '_']) && word.contains(char::is_alphabetic) && !JOINED.contains(word)
    });
    named && joined.into_iter().all(|word| incident.hurt(&entities.name(word)).is_some())
}

/// From the last break on.
fn clause(head: &str) -> &str {
    let breaks = [";", " (", ", ", " and ", " but ", " while "];
    let at = breaks.iter().filter_map(|b| head.rfind(b).map(|at| at + b.len())).max().unwrap_or(0);
    &head[at..]
}

fn is_undoing(text: &str) -> bool {
    let lower = text.to_lowercase();
    ["back", "revert", "undo", "undone"].iter().any(|word| lower.contains(word))
}

fn mark(time: &TimeFinding) -> Mark {
    let early = time.at.since(time.earliest).max(0.0) as i64;
    Mark { at: time.at, before_s: OFF_S + early, after_s: OFF_S, places: time.places.clone() }
}

fn began(incident: &Incident<'_>, times: &Times, head: &str) -> Vec<Mark> {
    let Some(started) = &times.started else { return Vec::new() };
    let mut marks = vec![mark(started)];
    marks.extend(incident.failures().map(|(_, signal, share)| Mark::at(share.onset, Places::one(signal.last_place))));
    let limit = incident.window.to.plus(1.0);
    let edge = incident.edge.as_ref().and_then(|e| e.onset(incident.window.from, limit, incident.scene));
    marks.extend(edge.map(|first| Mark::at(first.at, Places::one(first.place))));
    // An incident of the pager begins when it is opened.
    if head.to_lowercase().contains("incident") {
        marks.extend(times.detected.as_ref().map(mark));
        marks.extend(incident.scene.pages.iter().map(|p| Mark::at(p.at, Places::one(p.place))));
    }
    marks
}

fn ended(incident: &Incident<'_>, times: &Times) -> Vec<Mark> {
    let scene = incident.scene;
    let mut marks: Vec<Mark> = times.mitigated.iter().chain(&times.resolved).map(mark).collect();
    if times.mitigated.is_none() {
        return Vec::new();
    }
    let pages = scene.pages.iter().filter(|p| p.what.action == PageAction::Resolved);
    marks.extend(pages.map(|p| Mark::at(p.at, Places::one(p.place))));
    let alerts = scene.alerts.iter().filter(|a| !a.what.firing || a.what.ends.is_some());
    let ends =
        |a: &At<evidence::AlertState>| a.what.ends.and_then(|ends| scene.clock(a.place.source).moment(ends)).unwrap_or(a.at);
    marks.extend(alerts.map(|a| Mark::at(ends(a), Places::one(a.place))));
    let said = scene.chat.iter().filter(|m| m.what.does(Act::Resolve) || m.what.does(Act::Mitigate));
    marks.extend(said.map(|m| Mark::at(m.at, Places::one(m.place))));
    marks.extend(scene.statuses.iter().map(|s| Mark::at(s.at, Places::one(s.place))));
    marks
}

/// What was taken back in the incident, as it was recorded; and words that it is being done fit as well.
fn undone(incident: &Incident<'_>, head: &str) -> Vec<Mark> {
    let scene = incident.scene;
    let named = scene.entities.named_in(head);
    let of_named = |d: &At<Deploy>| {
        let own = d.what.service.as_deref().map(|service| scene.entities.name(service));
        named.is_empty() || own.is_none_or(|own| named.contains(&own))
    };
    let inside = |at: Moment| at >= incident.window.from && at <= incident.window.to.plus(1_800.0);
    let goes_back = |d: &&At<Deploy>| inside(d.at) && of_named(d) && (d.what.rollback || steps::takes_back(scene, d));
    let mut marks: Vec<Mark> = scene.deploys.iter().filter(goes_back).map(|d| release(incident, d)).collect();
    if marks.is_empty() {
        return marks;
    }
    let said = scene.chat.iter().filter(|m| inside(m.at) && (m.what.does(Act::Act) || m.what.does(Act::Decide)));
    marks.extend(said.map(|m| Mark::at(m.at, Places::one(m.place))));
    let reverts = scene.commits.iter().filter(|c| inside(c.at) && steps::reverts(&c.what));
    marks.extend(reverts.map(|c| Mark::at(c.at, Places::one(c.place))));
    marks.extend(scene.flags.iter().filter(|f| inside(f.at)).map(|f| Mark::at(f.at, Places::one(f.place))));
    marks
}

/// The releases of the one version that the words name.
fn released(incident: &Incident<'_>, text: &str) -> Vec<Mark> {
    let versions = acts::versions(text);
    let [version] = versions.as_slice() else { return Vec::new() };
    let plain = |v: &str| v.trim_start_matches('v').to_string();
    let is_it = |d: &&At<Deploy>| d.what.version.as_deref().is_some_and(|own| plain(own) == plain(version));
    // That it was put back says nothing of when it was released.
    let goes_forward = |d: &&At<Deploy>| !d.what.rollback && !steps::takes_back(incident.scene, d);
    incident.scene.deploys.iter().filter(is_it).filter(goes_forward).map(|d| release(incident, d)).collect()
}

fn release(incident: &Incident<'_>, deploy: &At<Deploy>) -> Mark {
    let clock = incident.scene.clock(deploy.place.source);
    let finished = deploy.what.finished.and_then(|stamp| clock.moment(stamp)).filter(|at| *at >= deploy.at);
    let takes = finished.map(|at| at.since(deploy.at) as i64);
    let (before_s, after_s) = match (takes, deploy.what.phase) {
        (Some(takes), _) => (OFF_S, OFF_S + takes),
        (None, ChangePhase::Started) => (OFF_S, TAKES_S),
        (None, _) => (TAKES_S / 2, OFF_S),
    };
    Mark { at: deploy.at, before_s, after_s, places: Places::one(deploy.place) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_by_its_own_words() {
        let change = Change {
            kind: crate::findings::ChangeKind::Config,
            service: Some("edge-gw".into()),
            reference: Some("reports.all-rows".into()),
            at: Moment(0),
            commit: None,
            places: Places::one(evidence::RecordRef {
                source: evidence::SourceId { input: 0, entry: 0 },
                start: 0,
                end: 1,
                line: 1,
                last_line: 1,
            }),
        };
        assert!(tells_of(&change, "reports.all-rows was enabled for all at "));
        assert!(!tells_of(&change, "the invoices flag was enabled for all at "), "another one");
        assert!(!tells_of(&change, "reports failed since "), "no change");
        assert!(!tells_of(&change, "we changed it at "));
    }

    #[test]
    fn what_it_is_stands_in_the_message() {
        assert!(is_it("it started at ", "lots of tickets. it started at 18:55"));
        assert!(!is_it("it started at ", "the backup fails. it started at 18:55"), "a job that fails");
        assert!(!is_it("it started at ", "look at the new dashboard. it started at 18:55"));
        assert!(!is_it("the standby, it started at ", "tickets. the standby, it started at 18:55"));
    }

    #[test]
    fn only_the_words_of_the_same_clause_belong_to_a_time() {
        assert_eq!(clause("errors began before noon, rolled back at "), "rolled back at ");
        assert_eq!(clause("we were down since "), "we were down since ");
    }
}
