//! A table of alerts or pages without zone beside what others recorded of the same incident.
//!
//! Two steps of different kinds have to fall together to the minute, and in one zone only: one alone falls together with
//! something in nearly any. When it misleads: two incidents of which the second went as the first, a whole hour later.

use std::collections::BTreeMap;

use evidence::{Body, Clock, PageAction};

use super::{candidates, offset_word};
use crate::digest::Digest;

/// Seconds between what a tool records of a step and what another does.
const TOGETHER: i64 = 60;

/// Seconds between a commit and its release, where that is in a hurry.
const AT_ONCE: i64 = 900;

/// Seconds between a release and what people say of it.
const SAID: i64 = 180;

/// The clock in which the steps of a table fall to those that were `recorded` elsewhere; nothing where none or several do.
pub fn clock_of(digest: &Digest, base: &Clock, recorded: &[(PageAction, i64)]) -> Option<Clock> {
    let fit = |offset: i64| -> usize {
        let clock = Clock { offset_s: offset, ..base.clone() };
        let mut nearest: BTreeMap<PageAction, i64> = BTreeMap::new();
        for event in &digest.events {
            let Some(action) = step(&event.body) else { continue };
            let Some(at) = event.stamp.and_then(|stamp| clock.moment(stamp)) else { continue };
            let of_kind = recorded.iter().filter(|(other, _)| *other == action).map(|(_, t)| (t - at.seconds()).abs()).min();
            if let Some(distance) = of_kind {
                nearest.entry(action).and_modify(|d| *d = (*d).min(distance)).or_insert(distance);
            }
        }
        nearest.values().filter(|distance| **distance <= TOGETHER).count()
    };
    let best = candidates().max_by_key(|offset| (fit(*offset), -offset.abs()))?;
    let kinds = fit(best);
    let is_alone = candidates().filter(|offset| fit(*offset) == kinds).count() == 1;
    (kinds >= 2 && is_alone).then(|| Clock {
        offset_s: best,
        zone: offset_word(best),
        basis: "no zone written; read so, its steps fall to what other sources recorded".into(),
        uncertainty_s: 60,
        ..base.clone()
    })
}

/// The offset, of those that others turned out to have, in which a list of releases falls to what people said they did, where
/// it does not as it is written.
pub fn offset_of_releases(digest: &Digest, base: &Clock, offsets: &[i64], acted: &[(i64, &str)]) -> Option<i64> {
    let fit = |offset: i64| -> usize {
        let clock = Clock { offset_s: offset, ..base.clone() };
        let deploys = digest.events.iter().filter(|e| matches!(e.body, Body::Deploy(_)));
        let at = deploys.filter_map(|e| Some(clock.moment(e.stamp?)?.seconds()));
        at.filter(|at| acted.iter().any(|(act, _)| (act - at).abs() <= SAID)).count()
    };
    let best = offsets.iter().copied().max_by_key(|offset| (fit(*offset), -offset.abs()))?;
    let is_alone = offsets.iter().filter(|offset| fit(**offset) == fit(best)).all(|offset| *offset == best);
    (fit(best) > 0 && fit(0) == 0 && is_alone).then_some(best)
}

/// The only offset in which a release falls to words of somebody who did something with its version; nothing where one does so
/// as it is written.
pub fn offset_by_versions(digest: &Digest, base: &Clock, acted: &[(i64, &str)]) -> Option<i64> {
    let named = |words: &str, version: &str| {
        let mut words = words.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')'));
        words.any(|word| word.trim_end_matches(['.', ':', '!', '?']).trim_start_matches('v') == version.trim_start_matches('v'))
    };
    let fits = |offset: i64| {
        let clock = Clock { offset_s: offset, ..base.clone() };
        digest.events.iter().any(|event| {
            let Body::Deploy(deploy) = &event.body else { return false };
            let version = deploy.version.as_deref().filter(|version| version.contains('.'));
            let at = event.stamp.and_then(|stamp| clock.moment(stamp)).map(|at| at.seconds());
            version
                .zip(at)
                .is_some_and(|(version, at)| acted.iter().any(|(act, words)| (act - at).abs() <= SAID && named(words, version)))
        })
    };
    let mut fitting = candidates().filter(|offset| fits(*offset));
    fitting.next().filter(|offset| *offset != 0 && fitting.next().is_none())
}

/// The offset, of those that others turned out to have, in which each of several releases follows its commit at once; nothing where one
/// does so as it is written. Who releases every night is never so quick.
pub fn offset_by_commits(digest: &Digest, base: &Clock, offsets: &[i64], commits: &[(&str, i64)]) -> Option<i64> {
    let same = |one: &str, other: &str| {
        let length = one.len().min(other.len());
        length >= 7 && one.get(..length).zip(other.get(..length)).is_some_and(|(a, b)| a.eq_ignore_ascii_case(b))
    };
    let brought = digest.events.iter().filter_map(|event| {
        let Body::Deploy(deploy) = &event.body else { return None };
        let sha = deploy.sha.as_deref()?;
        let (_, committed) = commits.iter().find(|(commit, _)| same(commit, sha))?;
        Some((*committed, base.moment(event.stamp?)?.seconds()))
    });
    let brought: std::collections::BTreeSet<(i64, i64)> = brought.collect();
    let follows = |offset: i64, (committed, at): &(i64, i64)| (0..=AT_ONCE).contains(&(at - offset - committed));
    let fits = |offset: i64| brought.iter().all(|pair| follows(offset, pair));
    let mut fitting = offsets.iter().copied().filter(|offset| fits(*offset));
    let best = fitting.next().filter(|best| fitting.all(|other| other == *best))?;
    (brought.len() >= 2 && !brought.iter().any(|pair| follows(0, pair))).then_some(best)
}

fn step(body: &Body) -> Option<PageAction> {
    match body {
        Body::Page(page) => Some(page.action),
        Body::Alert(alert) if alert.firing => Some(PageAction::Triggered),
        Body::Alert(_) => Some(PageAction::Resolved),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::{AlertState, Basis, Event, Moment, RecordRef, SourceId, Stamp};

    fn table(steps: &[(bool, i64)]) -> Digest {
        let source = SourceId { input: 0, entry: 0 };
        let mut digest = Digest::new(source, "problems.csv");
        let event = |(firing, at): &(bool, i64)| Event {
            place: RecordRef { source, start: 0, end: 1, line: 1, last_line: 1 },
            stamp: Some(Stamp::new(at * Moment::SECOND, Basis::Civil)),
            body: Body::Alert(AlertState { firing: *firing, ..AlertState::default() }),
        };
        digest.events = steps.iter().map(event).collect();
        digest
    }

    #[test]
    fn releases_fall_to_what_people_said_they_did() {
        let mut list = table(&[(true, 107_300)]);
        list.events[0].body = Body::Deploy(evidence::Deploy {
            service: None,
            version: None,
            sha: None,
            phase: evidence::ChangePhase::Finished,
            finished: None,
            rollback: true,
            environment: None,
            actor: None,
            kind: "deploy".into(),
            text: String::new(),
        });
        let offset = |acted: &[i64]| {
            let acted: Vec<(i64, &str)> = acted.iter().map(|at| (*at, "rolling it back")).collect();
            offset_of_releases(&list, &Clock::trusted(), &[7_200, -3_600], &acted)
        };
        assert_eq!(offset(&[100_000]), Some(7_200));
        assert_eq!(offset(&[104_000]), None);
        assert_eq!(offset(&[100_000, 107_250]), None, "as it is written, it falls to an act as well");
    }

    #[test]
    fn a_release_falls_to_words_about_its_version_in_one_zone_only() {
        let mut list = table(&[(true, 110_850)]);
        list.events[0].body = Body::Deploy(evidence::Deploy {
            service: None,
            version: Some("3.7.5".into()),
            sha: None,
            phase: evidence::ChangePhase::Started,
            finished: None,
            rollback: true,
            environment: None,
            actor: None,
            kind: "deploy".into(),
            text: String::new(),
        });
        let offset = |acted: &[(i64, &str)]| offset_by_versions(&list, &Clock::trusted(), acted);
        assert_eq!(offset(&[(100_030, "rolling cart back to v3.7.5"), (105_000, "still bad")]), Some(10_800));
        assert_eq!(offset(&[(100_030, "rolling cart back"), (100_040, "13.7.5 is out")]), None);
        assert_eq!(
            offset(&[(100_030, "back to 3.7.5"), (110_840, "3.7.5 again")]),
            None,
            "as it is written, it falls to one as well"
        );
    }

    #[test]
    fn releases_follow_their_commits_at_once_in_one_zone_only() {
        let mut list = table(&[(true, 107_300), (true, 109_000)]);
        for (event, sha) in list.events.iter_mut().zip(["87a3a5e41cbd", "98235804c486"]) {
            event.body = Body::Deploy(evidence::Deploy {
                service: None,
                version: None,
                sha: Some(sha.into()),
                phase: evidence::ChangePhase::Started,
                finished: None,
                rollback: false,
                environment: None,
                actor: None,
                kind: "config".into(),
                text: String::new(),
            });
        }
        let offset = |first: i64, second: i64| {
            let commits = [("87a3a5e41cbd0000", first), ("98235804c4860000", second)];
            offset_by_commits(&list, &Clock::trusted(), &[7_200, -3_600], &commits)
        };
        assert_eq!(offset(99_900, 101_700), Some(7_200));
        assert_eq!(offset(99_900, 90_000), None, "one of them much later");
        assert_eq!(offset(99_900, 108_900), None, "one follows as it is written");
        assert_eq!(offset(100_200, 101_700), None, "before it was committed");
        assert_eq!(
            offset_by_commits(&list, &Clock::trusted(), &[7_200], &[("87a3a5e41cbd0000", 99_900)]),
            None,
            "one alone says nothing"
        );
    }

    #[test]
    fn two_kinds_of_steps_have_to_fall_together_in_one_zone() {
        let recorded = [(PageAction::Triggered, 100_010), (PageAction::Resolved, 102_000)];
        let clock = |steps: &[(bool, i64)]| clock_of(&table(steps), &Clock::trusted(), &recorded).map(|c| c.offset_s);
        assert_eq!(clock(&[(true, 110_800), (false, 112_790)]), Some(10_800));
        assert_eq!(clock(&[(true, 110_800), (false, 119_000)]), None, "one alone says nothing");
        assert_eq!(clock(&[(true, 100_000), (false, 102_000)]), Some(0));
    }
}
