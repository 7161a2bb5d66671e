//! The timeline: what changed, failed, was noticed, said, tried and undone, in order.
//!
//! It picks; it does not judge. A long incident has thousands of records: each kind of failure appears once, when it
//! began, and talk appears where it belongs to the incident.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use evidence::{Moment, PageAction, RecordRef};

use crate::acts::Act;
use crate::findings::{
    ChangeKind, Happening, HappeningKind, Hypothesis, Places, Reason, Term, TimeBasis, Times, TriggerKind, What,
};
use crate::incident::Incident;
use crate::scene::{At, Utterance};
use crate::signals::SignalKind;
use crate::signatures::{Catalogue, Memory, Role};
use crate::times::steps;
use crate::told::is_first_sight;
use expressions::{Expression, constant};

mod alike;
mod tickets;

/// Kinds of failure shown at most, and steps from logs.
const MAX_FAILURES: usize = 28;
const MAX_LOGGED: usize = 10;
/// Changes this long before the failure are shown.
const LOOK_BACK_S: f64 = 3.0 * 3_600.0;
/// A commit so long before it took effect is shown as well.
const BROUGHT_S: f64 = 7.0 * 86_400.0;
/// From this share on a candidate is one that a reader weighs, and the timeline has its change.
const WEIGHED: f64 = 0.005;

pub fn tell(incident: &Incident<'_>, times: &Times, hypotheses: &[Hypothesis]) -> Vec<Happening> {
    let mut story = changes(incident, times, hypotheses);
    story.extend(failures(incident));
    story.extend(rescaled(incident));
    story.extend(alarms(incident, times));
    story.extend(talk(incident, times));
    story.extend(logged(incident, times));
    story.extend(statuses(incident, times));
    story.extend(end(incident, times));
    if story.is_empty() {
        story.extend(begin(times));
    }
    story.sort_by_key(|a| (a.at, a.kind, a.places.first()));
    story.dedup_by(|a, b| a.places.first() == b.places.first() && a.at == b.at && a.kind == b.kind);
    without_doubles(story)
}

/// A message stands once: as what it tells of the change, where it does.
fn without_doubles(story: Vec<Happening>) -> Vec<Happening> {
    let is_message = |h: &Happening| matches!(h.what, What::Message { .. });
    let is_change = |h: &Happening| h.kind != HappeningKind::Statement;
    let told: BTreeSet<RecordRef> = story.iter().filter(|h| is_message(h) && is_change(h)).map(|h| h.places.first()).collect();
    story.into_iter().filter(|h| !is_message(h) || is_change(h) || !told.contains(&h.places.first())).collect()
}

fn last_moment(incident: &Incident<'_>, times: &Times) -> Moment {
    times.resolved.as_ref().map_or(incident.window.to, |t| t.at).max(incident.window.to)
}

fn changes(incident: &Incident<'_>, times: &Times, hypotheses: &[Hypothesis]) -> Vec<Happening> {
    let best = hypotheses.first();
    let scene = incident.scene;
    let guilty = best.and_then(|h| h.change.as_ref());
    let from = incident.window.from.plus(-LOOK_BACK_S).min(guilty.map_or(incident.window.from, |c| c.at));
    let to = last_moment(incident, times).plus(1_800.0);
    let inside = |at: Moment| at >= from && at <= to;
    let begun = times.started.as_ref().map_or(incident.window.from, |started| started.at.max(incident.window.from));
    // What is held to have caused it answers nothing.
    let is_guilty = |place: RecordRef| guilty.is_some_and(|change| change.places.first() == place);
    let during = |at: Moment, place: RecordRef| at >= begun && !is_guilty(place);
    let mut story = Vec::new();
    for deploy in scene.deploys.iter().filter(|d| inside(d.at)) {
        let what = &deploy.what;
        let kind =
            if during(deploy.at, deploy.place) && (what.rollback || what.kind == "config" || steps::takes_back(scene, deploy)) {
                HappeningKind::Action
            } else {
                HappeningKind::Change
            };
        let told = What::Deploy {
            version: what.version.clone(),
            kind: what.kind.clone(),
            rollback: what.rollback,
            finished: false,
            text: what.text.clone(),
        };
        let service = what.service.as_deref().map(|s| scene.entities.name(s));
        story.push(happening(deploy.at, kind, (service, what.actor.clone()), told, Places::one(deploy.place)));
    }
    let weighed = || hypotheses.iter().filter(|h| h.probability >= WEIGHED).filter_map(|h| h.change.as_ref());
    story.extend(guilty.and_then(|change| taking_effect(incident, change)).map(|told| in_its_name(told, best)));
    let said = |c: &&crate::findings::Change| scene.chat.iter().any(|m| m.place == c.places.first());
    let told = hypotheses.iter().filter_map(|h| h.change.as_ref()).filter(said);
    story.extend(told.filter_map(|change| taking_effect(incident, change)));
    for flag in scene.flags.iter().filter(|f| inside(f.at)) {
        let kind = if during(flag.at, flag.place) { HappeningKind::Action } else { HappeningKind::Change };
        let told = What::Flag { name: flag.what.name.clone(), old: flag.what.old.clone(), new: flag.what.new.clone() };
        let service = flag.what.service.as_deref().map(|s| scene.entities.name(s));
        story.push(happening(flag.at, kind, (service, flag.what.actor.clone()), told, Places::one(flag.place)));
    }
    story.extend(best.and_then(|h| acting(incident, h)));
    story.extend(best.and_then(|h| started_by_clock(incident, h)));
    story.extend(best.and_then(|h| expired(incident, h)));
    story.extend(best.map(|h| taking_back(incident, h)).unwrap_or_default());
    let weighed: Vec<&str> = weighed().filter_map(|change| Some(change.commit.as_ref()?.sha.as_str())).collect();
    // The guilty one is older than when it took effect.
    let brought = guilty.and_then(|g| g.commit.as_ref()).map(|c| c.sha.as_str());
    let is_brought = |c: &At<evidence::Commit>| brought == Some(c.what.sha.as_str()) && from.since(c.at) <= BROUGHT_S;
    for commit in scene.commits.iter().filter(|c| inside(c.at) || is_brought(c)) {
        let is_guilty = weighed.contains(&commit.what.sha.as_str()) || brought == Some(commit.what.sha.as_str());
        let reverts = steps::reverts(&commit.what);
        if !is_guilty && !reverts {
            continue;
        }
        let kind = if during(commit.at, commit.place) { HappeningKind::Action } else { HappeningKind::Change };
        let told = What::Commit { sha: commit.what.sha.clone(), message: crate::changes::subject(&commit.what).to_string() };
        let service = crate::changes::commit_service(scene, commit);
        story.push(happening(commit.at, kind, (service, Some(commit.what.author.clone())), told, Places::one(commit.place)));
    }
    story
}

/// The record in which the guilty change is seen at work.
fn acting(incident: &Incident<'_>, best: &Hypothesis) -> Option<Happening> {
    let (term, service) = best.terms.iter().find_map(|t| match &t.reason {
        Reason::Seen { service, .. } => Some((t, service)),
        _ => None,
    })?;
    let place = term.places.first();
    let (at, words) = incident.scene.words_at(place)?;
    Some(happening(at, HappeningKind::Change, (Some(service.clone()), None), What::Logged { words }, Places::one(place)))
}

/// The start of the job that is held to be the cause, by the clock or by hand.
fn started_by_clock(incident: &Incident<'_>, best: &Hypothesis) -> Option<Happening> {
    let of_job =
        |t: &&crate::findings::Trigger| matches!(t.kind, TriggerKind::Schedule | TriggerKind::Load) && t.reference.is_some();
    let trigger = best.trigger.as_ref().filter(of_job)?;
    let place = trigger.places.first();
    let (at, actor, what) = told_at(incident, place)?;
    Some(happening(at, HappeningKind::Change, (best.service.clone(), actor), what, Places::one(place)))
}

/// When what is held to be the cause ran out, where something tells it.
fn expired(incident: &Incident<'_>, best: &Hypothesis) -> Option<Happening> {
    let trigger = best.trigger.as_ref().filter(|t| t.kind == TriggerKind::Expiry)?;
    let (at, place) = (trigger.at?, *trigger.places.iter().last()?);
    let scene = incident.scene;
    let said = scene.chat.iter().find(|m| m.place == place).map(|m| m.what.message.text.clone());
    let words = said.or_else(|| scene.text_at(place).map(crate::signals::first_line))?;
    Some(happening(at, HappeningKind::Change, (best.service.clone(), None), What::Expired { words }, Places::one(place)))
}

/// The message or log record that says when the guilty change took effect; deployments and flags tell themselves.
fn taking_effect(incident: &Incident<'_>, change: &crate::findings::Change) -> Option<Happening> {
    let place = change.places.first();
    let (at, actor, what) = told_at(incident, place)?;
    Some(happening(at, HappeningKind::Change, (change.service.clone(), actor), what, Places::one(place)))
}

/// A record of nobody in particular tells of the guilty change, whose name a reader knows.
fn in_its_name(told: Happening, best: Option<&Hypothesis>) -> Happening {
    let change = best.and_then(|h| h.change.as_ref());
    let (What::Logged { words }, None, Some(change)) = (&told.what, &told.service, change) else { return told };
    let kind = match change.kind {
        ChangeKind::Config => "config",
        ChangeKind::Migration => "migration",
        ChangeKind::Infrastructure => "infrastructure",
        _ => "deploy",
    };
    let version = change.commit.as_ref().map(|c| crate::changes::short_sha(&c.sha)).or_else(|| change.reference.clone());
    let what = What::Deploy { version, kind: kind.into(), rollback: false, finished: true, text: words.clone() };
    Happening { service: best.and_then(|h| h.service.clone()), what, ..told }
}

/// What says that the guilty change was taken back, and when that took effect.
fn taking_back(incident: &Incident<'_>, best: &Hypothesis) -> Vec<Happening> {
    let takes_back = |t: &&Term| matches!(t.reason, Reason::Reversal { .. } | Reason::EndedFirst { .. }) && t.value > 0.0;
    let Some(term) = best.terms.iter().find(takes_back) else { return Vec::new() };
    let service = best.change.as_ref().and_then(|c| c.service.clone());
    // The failures' own record is the last of the places.
    let last = term.places.iter().last();
    let undone = term.places.iter().take(2).filter(|place| Some(*place) != last).filter_map(|place| {
        let is_trouble = incident.scene.kube.iter().any(|event| event.place == *place && event.what.warning);
        let told = told_at(incident, *place).filter(|(_, _, what)| !matches!(what, What::Logged { .. }) && !is_trouble);
        let (at, actor, what) = told?;
        Some(happening(at, HappeningKind::Action, (service.clone(), actor), what, Places::one(*place)))
    });
    undone.collect()
}

/// A message, an event of a cluster or a log record, with its moment and who said it.
fn told_at(incident: &Incident<'_>, place: RecordRef) -> Option<(Moment, Option<String>, What)> {
    let scene = incident.scene;
    if let Some(m) = scene.chat.iter().find(|m| m.place == place) {
        return Some((m.at, Some(m.what.speaker.clone()), What::Message { text: m.what.message.text.clone() }));
    }
    if let Some(e) = scene.kube.iter().find(|e| e.place == place) {
        let (reason, message) = (e.what.reason.clone(), e.what.message.clone());
        return Some((e.at, None, What::Kube { reason, object: e.what.name.clone(), message }));
    }
    let (at, words) = scene.words_at(place)?;
    Some((at, None, What::Logged { words }))
}

/// Service and person of an entry, where it has them.
type Who = (Option<String>, Option<String>);

fn happening(at: Moment, kind: HappeningKind, (service, actor): Who, what: What, places: Places) -> Happening {
    Happening { at, kind, service, actor, what, places }
}

/// Each kind of failure when it began: of every failing service its first and its most telling ones.
fn failures(incident: &Incident<'_>) -> Vec<Happening> {
    let mut chosen: Vec<usize> = Vec::new();
    for round in 0..8 {
        for hurt in &incident.services {
            if let Some(index) = hurt.signals.get(round)
                && chosen.len() < MAX_FAILURES
            {
                chosen.push(*index);
            }
        }
    }
    // Trouble that no service owns (a node that kills a process) belongs here too, if it is of a known kind.
    let unowned = incident.failures().filter(|(_, s, _)| {
        let owned = s.service.as_deref().is_some_and(|name| incident.hurt(name).is_some());
        !owned && s.signature().is_some_and(|k| k.spec >= 0.8 || k.role == Role::Cause)
    });
    let mut unowned: Vec<usize> = unowned.map(|(i, _, _)| i).collect();
    unowned.sort_by_key(|i| (incident.shares[*i].onset, *i));
    chosen.extend(unowned.into_iter().take(4));
    chosen.sort_by_key(|i| (incident.shares[*i].onset, *i));
    let mut kinds: BTreeMap<(Option<&str>, Option<&str>, String), usize> = BTreeMap::new();
    let mut kept: Vec<usize> = Vec::new();
    for index in chosen {
        let signal = &incident.signals[index];
        let is_log = signal.kind == SignalKind::Log;
        let outline = if is_log { alike::outline(&signal.words) } else { format!("{index}") };
        let variants = kinds.entry((signal.service.as_deref(), signal.signature().map(|s| s.id.as_str()), outline)).or_default();
        *variants += 1;
        if *variants == 1 {
            kept.push(index);
        }
    }
    let tell = |index: usize| {
        let signal = &incident.signals[index];
        let outline = alike::outline(&signal.words);
        let key = (signal.service.as_deref(), signal.signature().map(|s| s.id.as_str()), outline);
        let variants = kinds.get(&key).copied().unwrap_or(1);
        let share = &incident.shares[index];
        let places = incident.first_places(index);
        let what = match signal.kind {
            SignalKind::Kube | SignalKind::State => {
                let (reason, message) = signal.words.split_once(": ").unwrap_or((signal.words.as_str(), ""));
                What::Kube { reason: reason.into(), object: signal.service.clone().unwrap_or_default(), message: message.into() }
            }
            _ => What::Failure {
                words: signal.words.clone(),
                signature: signal.signature(),
                count: share.inside.max(1),
                is_varied: variants > 1,
            },
        };
        happening(share.onset, HappeningKind::Symptom, (signal.service.clone(), None), what, places)
    };
    kept.into_iter().map(tell).collect()
}

/// Seconds before the first failure in which an autoscaler may have set it off, and how many of its steps are shown.
const SCALED_BEFORE_S: f64 = 1_800.0;
const MAX_RESCALED: usize = 4;

/// What an autoscaler did: nobody did it, and new pods on other machines are a change all the same.
fn rescaled(incident: &Incident<'_>) -> Vec<Happening> {
    let (from, to) = (incident.window.from.plus(-SCALED_BEFORE_S), incident.window.to);
    let steps = incident.scene.kube.iter().filter(|k| k.at >= from && k.at <= to && k.what.reason == "SuccessfulRescale");
    let told = |k: &At<evidence::KubeEvent>| {
        let object = incident.scene.entities.name(&k.what.name);
        let what = What::Kube { reason: k.what.reason.clone(), object: object.clone(), message: k.what.message.clone() };
        happening(k.at, HappeningKind::Change, (Some(object), None), what, Places::one(k.place))
    };
    steps.take(MAX_RESCALED).map(told).collect()
}

fn alarms(incident: &Incident<'_>, times: &Times) -> Vec<Happening> {
    let scene = incident.scene;
    let from = incident.window.from.plus(-3_600.0);
    let to = last_moment(incident, times).plus(600.0);
    let mut story = Vec::new();
    for alert in scene.alerts.iter().filter(|a| a.at >= from && a.at <= to) {
        let what = &alert.what;
        let kind = if what.firing { HappeningKind::Alert } else { HappeningKind::Recovery };
        let told = What::Alert {
            name: what.name.clone(),
            summary: what.summary.clone(),
            severity: what.severity.clone(),
            firing: what.firing,
        };
        let service = what.service.as_deref().map(|s| scene.entities.name(s));
        // Since when an error was seen: nobody was told then.
        let (kind, told) = match is_first_sight(what) && what.firing {
            true => (HappeningKind::Symptom, What::Logged { words: what.name.clone() }),
            false => (kind, told),
        };
        story.push(happening(alert.at, kind, (service, None), told, Places::one(alert.place)));
    }
    let others = tickets::left_out(scene, (from, to));
    let is_told = |p: &At<evidence::Page>| p.what.action != PageAction::Notified && !others.contains(&p.what.incident);
    for page in scene.pages.iter().filter(|p| p.at >= from && p.at <= to && is_told(p)) {
        let what = &page.what;
        // The incident itself and the entry of its log tell the same beginning.
        let told = |h: &Happening| {
            matches!(&h.what, What::Page { incident, .. } if *incident == what.incident)
                && h.kind == HappeningKind::Alert
                && page.at.since(h.at) < 2.0
        };
        if what.action == PageAction::Triggered
            && let Some(known) = story.iter_mut().find(|h| told(h))
        {
            known.places = known.places.and(&Places::one(page.place));
            continue;
        }
        let kind = match what.action {
            PageAction::Acknowledged => HappeningKind::Ack,
            PageAction::Resolved => HappeningKind::Resolved,
            PageAction::Note if is_step(&what.text) => HappeningKind::Action,
            PageAction::Note => HappeningKind::Statement,
            _ => HappeningKind::Alert,
        };
        let told = What::Page { incident: what.incident.clone(), title: what.title.clone(), text: what.text.clone() };
        story.push(happening(page.at, kind, (None, what.actor.clone()), told, Places::one(page.place)));
    }
    story
}

/// A note tells of something that is done, and not only of what somebody thinks.
fn is_step(note: &str) -> bool {
    crate::acts::read(note, "", false).iter().any(|s| matches!(s.act, Act::Act | Act::Decide))
}

/// Messages of the channels in which the incident was handled.
fn talk(incident: &Incident<'_>, times: &Times) -> Vec<Happening> {
    let scene = incident.scene;
    let from = incident.window.from.plus(-900.0);
    let to = last_moment(incident, times).plus(120.0);
    let handles = |m: &At<Utterance>| {
        m.at >= incident.window.from
            && m.at <= to
            && !m.what.message.is_bot
            && [Act::Acknowledge, Act::Act, Act::Resolve, Act::RootCause, Act::Refute].iter().any(|a| m.what.does(*a))
    };
    let channels: BTreeSet<Option<String>> =
        scene.chat.iter().filter(|m| handles(m)).map(|m| m.what.message.channel.clone()).collect();
    let inside = scene.chat.iter().filter(|m| m.at >= from && m.at <= to);
    // Who asks for help elsewhere tells of what fails.
    let asks = |m: &At<Utterance>| m.at >= incident.window.from && !m.what.message.is_bot && m.what.does(Act::Detect);
    let own = inside
        .filter(|m| channels.contains(&m.what.message.channel) || (m.what.message.is_bot && m.what.does(Act::Act)) || asks(m));
    let is_page = |m: &&At<Utterance>| scene.pages.iter().any(|p| p.place == m.place);
    own.filter(|m| m.at >= incident.window.from || !m.what.said.is_empty())
        .filter(|m| !is_page(m))
        .map(|m| {
            let what = What::Message { text: m.what.message.text.clone() };
            let service = scene.entities.named_in(&m.what.message.text).into_iter().next();
            happening(m.at, talk_kind(incident, times, m), (service, Some(m.what.speaker.clone())), what, Places::one(m.place))
        })
        .collect()
}

/// What a message is in the story. Words alone make no recovery while as much fails as before, and no end before it.
fn talk_kind(incident: &Incident<'_>, times: &Times, message: &At<Utterance>) -> HappeningKind {
    let said = &message.what;
    if said.message.is_bot {
        let acts = said.said.iter().any(|s| s.act == Act::Act && s.slots.remediation.is_some());
        return match acts {
            true if message.at >= incident.window.from => HappeningKind::Action,
            _ if said.does(Act::Detect) => HappeningKind::Alert,
            _ => HappeningKind::Statement,
        };
    }
    let ends = times.mitigated.as_ref().or(times.acknowledged.as_ref()).map(|t| t.at.plus(-60.0));
    let order = [
        (Act::Resolve, HappeningKind::Resolved),
        (Act::Mitigate, HappeningKind::Recovery),
        (Act::Act, HappeningKind::Action),
        (Act::Decide, HappeningKind::Decision),
        (Act::RootCause, HappeningKind::Statement),
        (Act::Confess, HappeningKind::Statement),
        (Act::Refute, HappeningKind::Statement),
        (Act::Acknowledge, HappeningKind::Ack),
    ];
    let holds = |act: Act| match act {
        Act::Resolve => ends.is_none_or(|at| message.at >= at),
        Act::Mitigate => gets_better(incident, times, message.at),
        _ => true,
    };
    let kind = order.iter().find(|(act, _)| said.does(*act) && holds(*act)).map_or(HappeningKind::Statement, |(_, kind)| *kind);
    match kind {
        // Nobody answers what has not begun: it tells of a change.
        HappeningKind::Action if times.started.as_ref().is_some_and(|started| message.at < started.at) => HappeningKind::Change,
        HappeningKind::Decision if tells_failure(&said.message.text) => HappeningKind::Statement,
        kind => kind,
    }
}

/// A step that somebody tells to have failed is not decided on.
fn tells_failure(text: &str) -> bool {
    static FAILS: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:roll ?back|revert|restart|fail ?over|re-?deploy|deploy(?:ment)?|rollout|job|pipeline)\b (?:\w+ ){0,3}?(?:fails|failed|is failing|hangs|is stuck|(?:did|does|will)(?:n['’]?t| not)|won['’]?t)\b",
        )
    });
    FAILS.is_match(text)
}

/// The last failure is past, or clearly fewer requests fail than at the worst minute before. Without requests nothing says otherwise.
fn gets_better(incident: &Incident<'_>, times: &Times, at: Moment) -> bool {
    const AROUND_S: f64 = 60.0;
    const BETTER: f64 = 0.8;
    let is_over = times.mitigated.as_ref().is_some_and(|end| at >= end.at.plus(-AROUND_S));
    let Some(edge) = incident.edge.as_ref().filter(|_| !is_over) else { return true };
    let share = |from: Moment, to: Moment| edge.failed_between(from, to) as f64 / edge.total_between(from, to).max(1) as f64;
    let worst = edge.peak(AROUND_S as i64, None, incident.window.from, at).map_or(0.0, |peak| peak.rate());
    worst == 0.0 || share(at.plus(-AROUND_S), at.plus(AROUND_S)) < BETTER * worst
}

const STEPS: [Role; 3] = [Role::Mitigation, Role::Recovery, Role::Trigger];

/// Steps and recoveries that logs tell of, by signatures of these roles.
fn logged(incident: &Incident<'_>, times: &Times) -> Vec<Happening> {
    let catalogue = Catalogue::load();
    let scene = incident.scene;
    let to = last_moment(incident, times).plus(600.0);
    let (mut story, mut memory) = (Vec::new(), Memory::default());
    for digest in &scene.digests {
        let clock = scene.clock(digest.source);
        for pattern in &digest.patterns {
            let Some(at) = pattern.first.stamp.and_then(|s| clock.moment(s)) else { continue };
            if at < incident.window.from.plus(-60.0) || at > to || pattern.count > 50 {
                continue;
            }
            let hits = catalogue.steps(&STEPS, &pattern.first.text, &mut memory);
            let Some(hit) = hits.first() else { continue };
            let kind = match hit.signature.role {
                Role::Recovery => HappeningKind::Recovery,
                Role::Trigger => HappeningKind::Change,
                _ => HappeningKind::Action,
            };
            let service = pattern
                .service
                .as_deref()
                .map(|s| scene.entities.name(s))
                .or_else(|| scene.entities.of_source(digest.source).map(str::to_string));
            let what = What::Logged { words: crate::signals::first_line(&pattern.first.text) };
            story.push(happening(at, kind, (service, None), what, Places::one(pattern.first.place)));
        }
    }
    story.sort_by_key(|h| (h.at, h.places.first()));
    story.truncate(MAX_LOGGED);
    story
}

fn statuses(incident: &Incident<'_>, times: &Times) -> Vec<Happening> {
    let scene = incident.scene;
    let from = incident.window.from.plus(-3_600.0);
    let to = last_moment(incident, times).plus(3_600.0);
    let updates = scene.statuses.iter().filter(|s| s.at >= from && s.at <= to);
    updates
        .map(|s| {
            let body = if s.what.body.is_empty() { s.what.title.clone() } else { s.what.body.clone() };
            let what = What::Status { provider: s.what.provider.clone(), state: s.what.state.clone(), body };
            let kind = if s.what.state == "resolved" { HappeningKind::Recovery } else { HappeningKind::Statement };
            happening(s.at, kind, (Some(scene.entities.name(&s.what.provider)), None), what, Places::one(s.place))
        })
        .collect()
}

/// What the harm begins with, where nothing else has a time: failures of no service, or failed requests only.
fn begin(times: &Times) -> Option<Happening> {
    let started = times.started.as_ref()?;
    let (service, what) = match &started.by {
        TimeBasis::FirstFailure { service, words } => {
            (service.clone(), What::Failure { words: words.clone(), signature: None, count: 1, is_varied: false })
        }
        TimeBasis::FailedRequests { service } => (service.clone(), What::FirstFailedRequest),
        _ => return None,
    };
    Some(happening(started.at, HappeningKind::Symptom, (service, None), what, started.places.clone()))
}

/// The last failure, after which users are served again.
fn end(incident: &Incident<'_>, times: &Times) -> Option<Happening> {
    // Who says that it is over stands in the timeline with their own words.
    let last = times.mitigated.as_ref().filter(|end| matches!(end.by, TimeBasis::LastFailure { .. }))?;
    let count = incident.edge.as_ref().map_or(0, |e| e.failed_between(incident.window.from, last.at.plus(1.0)));
    let service = match &last.by {
        TimeBasis::LastFailure { service, .. } => service.clone(),
        _ => None,
    };
    Some(happening(last.at, HappeningKind::Recovery, (service, None), What::LastFailure { count }, last.places.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_failed_is_no_decision() {
        assert!(tells_failure("rollback fails: no space left on device") && tells_failure("the restart did not help"));
        assert!(!tells_failure("checkout fails, roll it back") && !tells_failure("revert it and restart the pods"));
    }
}
