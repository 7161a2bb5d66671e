//! What took a change back: a rollout of what ran before, a commit that reverts it, a flag that is set back, or the word of a
//! person.
//!
//! Must never judge whether it helped. When it misleads: a second change of the same settings that is no revert.

use evidence::{Deploy, Moment};

use super::rollouts::{Rollout, goes_back_to, is_older};
use super::{Candidate, PHASES_S, Undo, deploy_service, is_revert_of, mentions, runs, same_sha, settings, subject, synced};
use crate::acts::{Act, Said};
use crate::findings::{ChangeKind, Places};
use crate::scene::{At, Scene, Utterance};
use crate::window::Window;

/// What took a candidate back: a rollback of its service, a commit that reverts it, a flag set back, or a person who
/// says so.
pub fn by(scene: &Scene, window: &Window, rollouts: &[Rollout], candidate: &Candidate) -> Option<Undo> {
    let after = candidate.at.max(window.from.plus(-60.0));
    by_rollout(rollouts, after, candidate)
        .or_else(|| by_revert(scene, after, candidate))
        .or_else(|| by_flag(scene, after, candidate))
        .or_else(|| by_setting(scene, after, candidate))
        .or_else(|| runs::made_again(scene, after, candidate))
        .or_else(|| by_word(scene, rollouts, after, candidate))
}

fn by_rollout(rollouts: &[Rollout], after: Moment, candidate: &Candidate) -> Option<Undo> {
    if candidate.kind == ChangeKind::Flag {
        return None;
    }
    let back = rollouts.iter().find(|r| {
        r.at > after
            && !goes_back_to(rollouts, r, candidate)
            && r.service == candidate.service
            && takes_its_place(rollouts, r, candidate)
    })?;
    let plain = if back.kind == ChangeKind::Config { "the revert of the configuration" } else { "the rollback" };
    let words = back.version.clone().map_or_else(|| plain.to_string(), |v| format!("the rollback to {v}"));
    Some(Undo { started: back.at, finished: back.until.max(back.at), dated: true, words, places: back.places.few(2) })
}

/// It brings back what ran before. Where neither says of which service it is, an older version says enough.
pub fn takes_its_place(rollouts: &[Rollout], back: &Rollout, candidate: &Candidate) -> bool {
    let of_settings = || back.kind == ChangeKind::Config && candidate.kind == ChangeKind::Config;
    match candidate.service {
        Some(_) => back.rollback || returns_to_older(rollouts, back, candidate) || of_settings(),
        None => {
            let versions = back.version.as_deref().zip(candidate.reference.as_deref());
            versions.is_some_and(|(back, own)| back.contains('.') && is_older(back, own))
        }
    }
}

/// A rollout of what ran before the candidate.
fn returns_to_older(rollouts: &[Rollout], back: &Rollout, candidate: &Candidate) -> bool {
    let same = |r: &Rollout| match (&r.version, &back.version, &r.sha, &back.sha) {
        (Some(a), Some(b), ..) => a == b,
        (_, _, Some(a), Some(b)) => same_sha(a, b),
        _ => false,
    };
    back.version.as_deref().zip(candidate.reference.as_deref()).is_some_and(|(back, own)| is_older(back, own))
        || rollouts.iter().any(|r| r.at < candidate.at && r.service == candidate.service && same(r))
}

fn by_revert(scene: &Scene, after: Moment, candidate: &Candidate) -> Option<Undo> {
    let subject = subject(&scene.commits[candidate.commit?].what);
    let sha = &scene.commits[candidate.commit?].what.sha;
    let revert = scene.commits.iter().find(|c| {
        let message = &c.what.message;
        c.at > after && (is_revert_of(message, subject) || sha.get(..7).is_some_and(|short| takes_back(message, short)))
    })?;
    // The revert takes effect when it is synced, if something says when: a rollout that names it, or one of the same service.
    let later = || scene.deploys.iter().filter(|d| d.at >= revert.at);
    let brings = |d: &&At<Deploy>| is_named([&d.what.sha, &d.what.version], &revert.what.sha);
    let of_service = |d: &&At<Deploy>| d.what.kind == "config" && deploy_service(scene, &d.what) == candidate.service;
    let effect = later().find(brings).or_else(|| later().find(of_service));
    let effect = effect
        .map(|d| (d.at, d.place))
        .or_else(|| synced(scene, revert).take_while(|(at, _)| at.since(revert.at) <= PHASES_S).last());
    let finished = effect.map_or(revert.at, |(at, _)| at);
    let places = Places::new(revert.place, effect.map(|(_, place)| place));
    Some(Undo { started: revert.at, finished, dated: effect.is_some(), words: "the revert".into(), places })
}

/// A rollout that names the commit as what it brings.
fn is_named(by: [&Option<String>; 2], sha: &str) -> bool {
    by.into_iter().flatten().any(|name| name.len() >= 7 && same_sha(name, sha))
}

/// The revert of a commit by its SHA, whatever its subject is: git writes the line below it.
fn takes_back(message: &str, short: &str) -> bool {
    let lower = message.to_lowercase();
    message.contains(short) && (lower.starts_with("revert") || lower.contains(&format!("this reverts commit {short}")))
}

fn by_flag(scene: &Scene, after: Moment, candidate: &Candidate) -> Option<Undo> {
    if candidate.kind != ChangeKind::Flag {
        return None;
    }
    let flag = scene.flags.iter().find(|f| f.at > after && Some(&f.what.name) == candidate.reference.as_ref())?;
    Some(Undo {
        started: flag.at,
        finished: flag.at,
        dated: true,
        words: format!("setting `{}` back", flag.what.name),
        places: Places::one(flag.place),
    })
}

/// A later change that sets the same setting to what it was before.
fn by_setting(scene: &Scene, after: Moment, candidate: &Candidate) -> Option<Undo> {
    let own = settings::record(scene, candidate)?;
    let back = scene.deploys.iter().find(|d| d.at > after && settings::takes_back(&own.what.text, &d.what.text))?;
    let words = back.what.version.clone().map_or_else(|| "setting it back".to_string(), |v| format!("setting it back by {v}"));
    Some(Undo { started: back.at, finished: back.at, dated: true, words, places: Places::one(back.place) })
}

/// A person who says that they rolled back, with the version or service of the candidate or the version that only it followed.
fn by_word(scene: &Scene, rollouts: &[Rollout], after: Moment, candidate: &Candidate) -> Option<Undo> {
    let names = [candidate.service.clone(), candidate.reference.clone()];
    let names_it = |m: &At<Utterance>, s: &Said| {
        let other = scene.entities.named_in(m.what.sentence(s)).into_iter().any(|name| Some(&name) != candidate.service.as_ref());
        let back_to = |version: &String| !other && is_what_it_followed(version, rollouts, candidate, m.at);
        names.iter().flatten().any(|n| mentions(m.what.sentence(s), n)) || s.slots.versions.iter().any(back_to)
    };
    let message = scene.chat.iter().find(|m| {
        m.at > after
            && m.what.said.iter().any(|s| {
                s.act == Act::Act
                    && matches!(s.slots.remediation, Some("rollback" | "config-revert" | "feature-flag-disable"))
                    && names_it(m, s)
            })
    })?;
    Some(Undo {
        started: message.at,
        finished: message.at,
        dated: true,
        words: "the rollback".into(),
        places: Places::one(message.place),
    })
}

/// An older version of the same release line, and no other service ran a later one of that line.
fn is_what_it_followed(version: &str, rollouts: &[Rollout], candidate: &Candidate, said: Moment) -> bool {
    let line = |version: &str| version.trim_start_matches(['v', 'V']).split('.').next().map(str::to_string);
    let leads = |later: &str| is_older(version, later) && line(version) == line(later);
    let others = rollouts.iter().filter(|r| r.at <= said && r.service != candidate.service);
    let is_anothers = others.filter_map(|r| r.version.as_deref()).any(|v| leads(v) || v == version);
    candidate.service.is_some() && candidate.reference.as_deref().is_some_and(leads) && !is_anothers
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::{RecordRef, SourceId};

    #[test]
    fn a_revert_takes_effect_with_the_rollout_that_names_it() {
        let sha = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567";
        let some = |name: &str| Some(name.to_string());
        assert!(is_named([&None, &some("0a1b2c3")], sha) && is_named([&some(sha), &some("2.1.0")], sha));
        assert!(!is_named([&None, &some("2.1.0")], sha) && !is_named([&None, &some("0a1b2c")], sha));
    }

    #[test]
    fn a_rollback_to_a_version_is_of_the_service_whose_version_it_was() {
        let source = SourceId { input: 0, entry: 0 };
        let places = Places::one(RecordRef { source, start: 0, end: 1, line: 1, last_line: 1 });
        let of = |service: &str, version: &str| Candidate {
            kind: ChangeKind::Deploy,
            service: Some(service.into()),
            reference: Some(version.into()),
            at: Moment::from_seconds(0),
            commit: None,
            places: places.clone(),
            dated: true,
            undone: None,
        };
        let said = Moment::from_seconds(600);
        assert!(is_what_it_followed("7.3.9", &[], &of("basket", "7.4.0"), said));
        assert!(!is_what_it_followed("7.5.0", &[], &of("basket", "7.4.0"), said));
        assert!(!is_what_it_followed("2.1.0", &[], &of("basket", "7.4.0"), said));
    }
}
