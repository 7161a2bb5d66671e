//! What was done to end it, and which of that did.
//!
//! What it sees: deployments, reverts, flags, what people say that they do, and whether fewer requests failed afterwards. Why it
//! matters: the step that ended an incident is the remedy of the next. When it misleads: two steps within minutes, and a
//! deployment that does not say whether it goes back or forward; then the word of people counts.

use evidence::{Moment, PageAction};

use crate::acts::{Act, Said};
use crate::findings::{ChangeKind, Hypothesis, Places, Reason, Term, TimeBasis, TimeFinding};
use crate::incident::Incident;
use crate::scene::{At, Scene};
use crate::signatures::Signature;

mod done;
pub mod first;
mod logged;
mod vain;
mod versions;

pub use done::is_anybodys;
use done::is_past;

/// What the failures went on after for so long did not end them.
const HELPS_WITHIN_S: f64 = 660.0;
/// Who says afterwards that it was rolled back says so within this time of the end.
const TOLD_WITHIN_S: f64 = 900.0;
/// Who says that it is well again says so at most so long before the last failure: a minute of a chat, and who is served last.
const TOLD_BEFORE_S: f64 = 120.0;
/// Seconds between the words for a step and its record.
const ANNOUNCED_S: f64 = 120.0;
/// Failures are this far apart where few users come.
const SPARSE_S: f64 = 200.0;
/// A record of a deployment and the words or the revert that it carries out lie so near to each other.
const CARRIED_OUT_S: f64 = 1_800.0;
/// Failures before a step and after it are compared over so long, and the step has so long to take effect.
const COMPARED_S: f64 = 180.0;
const TAKES_S: f64 = 30.0;
/// The share of failures that is left where a step lessened them.
const LESSENED: f64 = 0.7;
const LEAST_FAILED: u64 = 5;

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
    /// It is over at that moment, and what it does shows at once.
    pub is_done: bool,
}

impl Step {
    /// It was taken when all was over. Who says that something is done did it before.
    pub fn is_after(&self, end: Moment) -> bool {
        let is_told_done = self.is_done && matches!(self.by, TimeBasis::Said { .. } | TimeBasis::Page { .. });
        !is_told_done && self.at.since(end) > crate::weights::SAME_TIME_S
    }
}

/// When the step that helped was begun: somebody may have said "rolling back" before the record of it was made.
pub fn begun(incident: &Incident<'_>, step: &Step, from: Moment) -> TimeFinding {
    let said = said_steps(incident, &|at| at >= from && at < step.at && step.at.since(at) <= 600.0);
    let same = said.into_iter().find(|s| {
        s.remediation.is_some() && s.remediation == step.remediation && (s.service.is_none() || s.service == step.service)
    });
    let first = same.as_ref().unwrap_or(step);
    // Words that it is done bound when it was begun: after it was decided, if that was said.
    let decided = || {
        let chat = incident.scene.chat.iter().rev().filter(|m| m.at >= from && m.at < first.at && !m.what.message.is_bot);
        let orders = |s: &Said| s.act == Act::Decide && s.slots.remediation.map(str::to_string) == first.remediation;
        chat.into_iter().find(|m| first.remediation.is_some() && m.what.said.iter().any(orders)).map(|m| m.at)
    };
    let is_told_done = first.is_done && matches!(first.by, TimeBasis::Said { .. });
    let earliest = if is_told_done { decided().unwrap_or(first.at) } else { first.at };
    TimeFinding { at: first.at, earliest, latest: step.at, by: first.by.clone(), places: first.places.clone() }
}

/// What ended it: taking back the change that is the cause, else the last thing done before the failures ended.
pub fn ending(incident: &Incident<'_>, best: Option<&Hypothesis>, from: Moment, end: Moment) -> Option<Step> {
    let mut steps = steps(incident, from, end);
    steps.extend(logged::steps(incident, best, from, end));
    steps.sort_by_key(|s| (s.at, s.places.first()));
    let takes_back = |t: &&Term| matches!(t.reason, Reason::Reversal { .. } | Reason::EndedFirst { .. });
    if let Some((best, term)) = best.and_then(|h| Some((h, h.terms.iter().find(takes_back)?))) {
        let of_undo = steps.iter().find(|s| term.places.iter().any(|p| s.places.iter().any(|q| q == p)));
        if let Some(step) = of_undo.cloned().or_else(|| as_logged(incident, best, term)) {
            return Some(step);
        }
    }
    announced(&mut steps, end);
    steps.retain(|s| !s.is_after(end) && !is_told_over(incident, s, end));
    let service = best.and_then(|h| h.service.as_deref());
    let about = |s: &&Step| service.is_some() && s.service.as_deref() == service;
    // What the failures went on after for long did not end them; neither did taking back a change of another service.
    let helped = |s: &&Step| {
        end.since(s.at) <= helps_within(s)
            && !(s.is_done && goes_on_after(incident, s.at, end))
            && !was_in_vain(incident, s)
            && !vain::is_said_of(incident, s, end)
    };
    let names_none = |s: &Step| s.remediation.is_none() && service.is_some();
    let elsewhere = |s: &&Step| s.service.is_some() && !about(s) && (names_none(s) || matches!(s.by, TimeBasis::Change { .. }));
    let fitting: Vec<&Step> = steps.iter().filter(helped).filter(|s| !elsewhere(s)).collect();
    let names_a_remedy = |s: &&&Step| s.remediation.is_some();
    let remedies = || fitting.iter().rev().filter(names_a_remedy);
    // Who restarts what was given a new secret only has it read that.
    let cures = |s: &&&Step| best.and_then(|b| b.signature).is_some_and(|kind| is_cure(kind, s));
    let found = remedies()
        .find(cures)
        .or(remedies().find(|s| about(s)))
        .or(remedies().find(|s| s.service.as_deref().is_none_or(|name| incident.scene.is_node(name))))
        .or(fitting.iter().rev().find(|s| about(s)))
        .or(fitting.iter().rev().find(|s| s.remediation.is_some()))
        .or(fitting.last());
    let had_read = found.and_then(|step| done::read_by_restart(&fitting, step));
    had_read.or(found.copied()).cloned().or_else(|| right_after(incident, best, end)).or_else(|| told_afterwards(incident, end))
}

/// What an expired credential or certificate is cured with: whatever else is done makes others read it.
fn is_cure(kind: &Signature, step: &Step) -> bool {
    const CURES: [&str; 2] = ["rotate-secret", "rotate-cert"];
    step.remediation.as_ref().is_some_and(|remedy| CURES.contains(&remedy.as_str()) && *remedy == kind.remediation)
}

/// A machine that is started again takes its time, and so do those that are started one after the other.
fn helps_within(step: &Step) -> f64 {
    if step.remediation.as_deref() == Some("restart") { 2.0 * HELPS_WITHIN_S } else { HELPS_WITHIN_S }
}

/// Who says "moving it over" before the end does what a record tells of right after: the words have the remedy of the record.
fn announced(steps: &mut [Step], end: Moment) {
    let late: Vec<(Moment, Option<String>)> =
        steps.iter().filter(|s| s.is_after(end)).map(|s| (s.at, s.remediation.clone())).collect();
    let is_open = |s: &Step| !s.is_done && s.remediation.is_none() && matches!(s.by, TimeBasis::Said { .. }) && s.at <= end;
    for step in steps.iter_mut().filter(|s| is_open(s)) {
        let carried_out = late.iter().find(|(at, _)| at.since(step.at) <= ANNOUNCED_S);
        step.remediation = carried_out.and_then(|(_, remedy)| remedy.clone());
    }
}

/// What took a change back where only a log tells of it: it starts with what ran before.
fn as_logged(incident: &Incident<'_>, best: &Hypothesis, term: &Term) -> Option<Step> {
    let place = term.places.first();
    let service = best.change.as_ref().filter(|c| c.kind == ChangeKind::Deploy)?.service.clone();
    let (at, words) = incident.scene.words_at(place)?;
    Some(Step {
        at,
        service: service.clone(),
        by: TimeBasis::Logged { service, words: words.clone() },
        remediation: Some("rollback".into()),
        words,
        author: None,
        places: Places::one(place),
        is_done: false,
    })
}

/// Somebody had said that all is well again before a step that came after the last failure.
fn is_told_over(incident: &Incident<'_>, step: &Step, end: Moment) -> bool {
    let better = |m: &At<crate::scene::Utterance>| !m.what.message.is_bot && m.what.does(Act::Mitigate);
    let before = |m: &At<crate::scene::Utterance>| m.at < step.at && m.at >= end.plus(-TOLD_BEFORE_S);
    step.at > end && incident.scene.chat.iter().any(|m| before(m) && better(m))
}

/// Where no failure shows when users were served again: the last remedy before somebody says that it is better, else the
/// first one.
pub fn meant(incident: &Incident<'_>, from: Moment, end: Moment) -> Option<Step> {
    let scene = incident.scene;
    let better = |m: &&At<crate::scene::Utterance>| {
        m.at > from && !m.what.message.is_bot && (m.what.does(Act::Mitigate) || m.what.does(Act::Resolve))
    };
    let said = scene.chat.iter().find(better).map(|m| m.at);
    let over = scene.pages.iter().find(|p| p.at > from && p.what.action == PageAction::Resolved).map(|p| p.at);
    let eased = said.into_iter().chain(over).min();
    let is_meant = |s: &Step| s.remediation.is_some() && !is_anybodys(s);
    let steps: Vec<Step> = steps(incident, from, end).into_iter().filter(is_meant).collect();
    let before = eased.and_then(|eased| steps.iter().rev().find(|s| s.at <= eased));
    before.or(steps.first()).cloned()
}

/// Somebody had accused a release before it was rolled back, and cleared it afterwards.
fn was_in_vain(incident: &Incident<'_>, step: &Step) -> bool {
    let around = |b: &&crate::findings::Belief| {
        b.said.at.is_some_and(|at| at <= step.at) && b.refuted_by.at.is_some_and(|at| at > step.at)
    };
    let of_release = |b: &crate::findings::Belief| !crate::acts::versions(&b.said.words).is_empty();
    step.remediation.as_deref() == Some("rollback") && incident.beliefs().iter().filter(around).any(of_release)
}

/// As many requests fail right after a moment as before it.
fn goes_on_after(incident: &Incident<'_>, at: Moment, end: Moment) -> bool {
    let Some(edge) = &incident.edge else { return false };
    let share = |from: Moment, to: Moment| {
        let failed = edge.failed_between(from, to);
        (failed, failed as f64 / edge.total_between(from, to).max(1) as f64)
    };
    let (failed, before) = share(at.plus(-COMPARED_S), at);
    let (still, after) = share(at.plus(TAKES_S), at.plus(TAKES_S + COMPARED_S).min(end.plus(1.0)));
    let is_over = at.plus(2.0 * TAKES_S) >= end;
    !is_over && failed >= LEAST_FAILED && still >= LEAST_FAILED && after > LESSENED * before
}

/// The last failure that was logged may be a while before the step that ended them: users do not come every second.
fn right_after(incident: &Incident<'_>, best: Option<&Hypothesis>, end: Moment) -> Option<Step> {
    let service = best.and_then(|h| h.service.as_deref());
    let mut steps = steps(incident, end, end.plus(SPARSE_S));
    steps.extend(logged::steps(incident, best, end, end.plus(SPARSE_S)));
    steps.sort_by_key(|s| (s.at, s.places.first()));
    let of_service = |s: &&Step| s.service.is_none() || service.is_none() || s.service.as_deref() == service;
    steps.retain(|s| !is_told_over(incident, s, end));
    steps.into_iter().find(|s| s.remediation.is_some() && s.remediation.as_deref() != Some("roll-forward") && of_service(&s))
}

/// "Rolled back at ten past", said when it was over.
fn told_afterwards(incident: &Incident<'_>, end: Moment) -> Option<Step> {
    let told = said_steps(incident, &|at| at > end && end.plus(TOLD_WITHIN_S) >= at);
    // A restart that is told of then may have been one of many.
    const TOLD: [&str; 5] = ["rollback", "config-revert", "failover", "kill-query", "rotate-cert"];
    told.into_iter().find(|s| s.is_done && s.remediation.as_deref().is_some_and(|word| TOLD.contains(&word)))
}

/// Everything done in the incident that may have ended it, by time.
pub fn steps(incident: &Incident<'_>, from: Moment, end: Moment) -> Vec<Step> {
    let scene = incident.scene;
    let inside = |at: Moment| at >= from && at <= end.plus(30.0);
    let mut steps: Vec<Step> = Vec::new();
    let said = said_steps(incident, &inside);
    for deploy in scene.deploys.iter().filter(|d| inside(d.at)) {
        let what = &deploy.what;
        let service = what.service.as_deref().map(|s| scene.entities.name(s));
        steps.push(Step {
            at: deploy.at,
            service: service.clone(),
            by: TimeBasis::Change { service, version: what.version.clone(), words: what.text.clone() },
            remediation: remedy(scene, deploy, &said).map(str::to_string),
            words: what.text.clone(),
            author: what.actor.clone(),
            places: Places::one(deploy.place),
            is_done: false,
        });
    }
    for commit in scene.commits.iter().filter(|c| inside(c.at) && reverts(&c.what)) {
        let service = crate::changes::commit_service(scene, commit);
        let words = crate::changes::subject(&commit.what).to_string();
        steps.push(Step {
            at: commit.at,
            service: service.clone(),
            by: TimeBasis::Change { service, version: None, words: words.clone() },
            remediation: Some(undoing(scene, &commit.what).into()),
            words,
            author: Some(commit.what.author.clone()),
            places: Places::one(commit.place),
            is_done: false,
        });
    }
    steps.extend(flag_steps(incident, &inside));
    steps.extend(said);
    steps.sort_by_key(|s| (s.at, s.places.first()));
    steps
}

/// What a deployment is as a remedy: what its record says or its version shows, else what it carries out.
fn remedy(scene: &Scene, deploy: &At<evidence::Deploy>, said: &[Step]) -> Option<&'static str> {
    let kind = deploy.what.kind.as_str();
    if kind == "job" {
        return crate::hypotheses::started_jobs::is_stop(&deploy.what).then_some("kill-query");
    }
    if deploy.what.rollback || versions::goes_back(scene, deploy) {
        return Some(if kind == "config" { "config-revert" } else { "rollback" });
    }
    let since = deploy.at.plus(-CARRIED_OUT_S);
    let reverted = scene.commits.iter().rev().find(|c| c.at >= since && c.at <= deploy.at && reverts(&c.what));
    let logged = || scene.logged("Revert \"").filter(|(at, _)| *at >= since && *at <= deploy.at);
    let of_settings = kind != "deploy";
    let by_word = || {
        let near = said.iter().rev().filter(|s| s.at >= since && s.at <= deploy.at.plus(COMPARED_S));
        near.filter_map(|s| s.remediation.as_deref()).find_map(|word| {
            ["rollback", "config-revert", "roll-forward", "scale", "failover", "restart"].into_iter().find(|known| *known == word)
        })
    };
    let carried_out =
        reverted.map(|c| undoing(scene, &c.what)).or_else(|| logged().map(|_| "config-revert").filter(|_| of_settings));
    let guess = match kind {
        "config" => Some("config-revert"),
        "deploy" | "" => Some("roll-forward"),
        _ => None,
    };
    // Of settings nothing is rolled back: whoever says so then means a release, or this.
    let own = |word| if kind == "config" && word == "rollback" { "config-revert" } else { word };
    carried_out.or_else(|| by_word().map(own)).or(guess)
}

/// It goes back to what was before, or carries out a revert.
pub fn takes_back(scene: &Scene, deploy: &At<evidence::Deploy>) -> bool {
    versions::goes_back(scene, deploy) || deploy.what.kind != "deploy" && is_carried_out(scene, deploy.at)
}

/// A revert was written or checked out shortly before.
fn is_carried_out(scene: &Scene, at: Moment) -> bool {
    let near = |revert: Moment| revert >= at.plus(-CARRIED_OUT_S) && revert <= at;
    scene.commits.iter().any(|c| near(c.at) && reverts(&c.what)) || scene.logged("Revert \"").is_some_and(|(at, _)| near(at))
}

pub fn reverts(commit: &evidence::Commit) -> bool {
    commit.message.to_lowercase().starts_with("revert")
}

/// A revert of what changed settings only, be it in its own diff or in that of the commit it names.
fn undoing(scene: &Scene, commit: &evidence::Commit) -> &'static str {
    let subject = crate::changes::subject(commit);
    let named = subject.split_once('"').and_then(|(_, rest)| rest.rsplit_once('"')).map(|(title, _)| title);
    let original = named.and_then(|title| scene.commits.iter().find(|c| crate::changes::subject(&c.what) == title));
    let is_config = crate::changes::is_config(commit) || original.is_some_and(|c| crate::changes::is_config(&c.what));
    if is_config { "config-revert" } else { "rollback" }
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
                is_done: true,
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
        let acts = || message.what.said.iter().find(|s| s.act == Act::Act);
        // Short orders of who works on it are what they do: "restart web-1".
        let orders = || message.what.said.iter().find(|s| is_order(s, message.what.sentence(s)));
        let Some(said) = acts().or_else(orders) else { continue };
        let words = message.what.sentence(said).to_string();
        steps.push(Step {
            at: message.at,
            service: scene.entities.named_in(&words).into_iter().next(),
            by: TimeBasis::Said { author: message.what.speaker.clone(), words: words.clone() },
            remediation: said.slots.remediation.map(str::to_string),
            words,
            author: Some(message.what.speaker.clone()),
            places: Places::one(message.place),
            is_done: is_past(&message.what.english(said)),
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
                is_done: is_past(&page.what.text),
            });
        }
    }
    steps
}

/// A few words that begin with what is to be done.
fn is_order(said: &Said, sentence: &str) -> bool {
    const VERBS: [&str; 9] = ["restart", "reboot", "rollback", "failover", "drain", "kill", "scale", "revert", "disable"];
    let mut words = sentence.split_whitespace();
    let begins = words.next().is_some_and(|first| VERBS.iter().any(|verb| first.eq_ignore_ascii_case(verb)));
    said.act == Act::Decide && said.slots.remediation.is_some() && begins && (1..=3).contains(&words.count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(by: TimeBasis, after_s: i64, is_done: bool) -> Step {
        let place =
            evidence::RecordRef { source: evidence::SourceId { input: 0, entry: 0 }, start: 0, end: 1, line: 1, last_line: 1 };
        let at = Moment::from_seconds(1_000 + after_s);
        let (words, places) = (String::new(), Places::one(place));
        Step { at, service: None, by, remediation: None, words, author: None, places, is_done }
    }

    #[test]
    fn what_was_done_after_the_end_did_not_end_it() {
        let end = Moment::from_seconds(1_000);
        let logged = || TimeBasis::Logged { service: None, words: String::new() };
        let said = || TimeBasis::Said { author: "@mira".into(), words: "rolled back".into() };
        assert!(step(logged(), 5, true).is_after(end));
        assert!(step(said(), 5, false).is_after(end), "rolling back now");
        assert!(!step(logged(), 1, true).is_after(end), "within the same seconds nothing is told");
        assert!(!step(logged(), -5, true).is_after(end));
        assert!(!step(said(), 60, true).is_after(end), "who says that it is done did it before");
    }

    #[test]
    fn what_expired_is_cured_by_a_new_one_and_not_by_a_restart() {
        let kind = crate::signatures::Catalogue::load().get("auth_expired").expect("a signature");
        let of = |remedy: &str| Step {
            remediation: Some(remedy.into()),
            ..step(TimeBasis::Change { service: None, version: None, words: String::new() }, 0, true)
        };
        assert!(is_cure(kind, &of("rotate-secret")) && !is_cure(kind, &of("restart")) && !is_cure(kind, &of("rotate-cert")));
    }

    #[test]
    fn a_short_order_is_told_from_a_plan() {
        let is_order = |text: &str| crate::acts::read(text, "ann", false).iter().any(|s| is_order(s, text));
        assert!(is_order("restart web-1") && is_order("reboot both nodes"));
        assert!(!is_order("restart of the nightly job is planned for Friday at six") && !is_order("we restart web-1 later"));
    }

    #[test]
    fn what_is_over_is_told_from_what_goes_on() {
        for words in [
            "rolled back to 3.1.0",
            "quotes is back on 3.1.0",
            "3.1.0 is live",
            "flag turned off",
            "KILL 4711 hecho",
            "rollback fait.",
        ] {
            assert!(is_past(words), "{words}");
        }
        for words in ["rolling back to 3.1.0", "revert is applying", "restarting the pods again", "roll it back"] {
            assert!(!is_past(words), "{words}");
        }
    }
}
