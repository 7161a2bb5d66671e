//! Changes of which nothing tells but who made them: "it's the cache upgrade I did at 08:55".
//!
//! What it sees: what somebody owns up to, with the thing that was changed and the time of day. Why it matters: in a chat
//! alone nobody but its author tells of a change. When it misleads: a change that a record tells of as well, which is left
//! to the record; and a time in another zone than the chat's, so only one shortly before the message counts: nearly all zones
//! would put it after the message or long before.

use std::sync::LazyLock;

use evidence::{Commit, Moment};

use super::rollouts::Rollout;
use super::{Candidate, LOOK_BACK_S};
use crate::acts::Act;
use crate::contradictions::times_in;
use crate::entities::word_at;
use crate::findings::{ChangeKind, Places};
use crate::scene::{At, Scene, Utterance};
use crate::window::Window;
use expressions::{Expression, constant};

/// Who owns up to it speaks of a change this long ago at most.
const AGO_S: i64 = 2 * 3_600;
const DAY_S: i64 = 86_400;
/// A record of a change so near may be of the same one.
const NEAR_S: f64 = 900.0;

static OWNED: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)\b(?:the|my|our) (?P<what>(?P<of>[\w./-]+) (?P<kind>upgrade|update|bump|deploy(?:ment)?|release|rollout|migration|config(?:uration)? change)) (?:that )?(?:i|we)\b",
    )
});

/// Words before `upgrade` that name nothing.
const NO_NAMES: [&str; 16] = [
    "big",
    "small",
    "last",
    "latest",
    "new",
    "quick",
    "whole",
    "other",
    "same",
    "first",
    "second",
    "prod",
    "production",
    "manual",
    "planned",
    "version",
];

pub fn candidates(scene: &Scene, window: &Window, known: &[Candidate]) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    for message in scene.chat.iter().filter(|m| !m.what.message.is_bot) {
        for said in message.what.said.iter().filter(|s| s.act == Act::Confess) {
            let sentence = message.what.sentence(said);
            let (Some((what, of, kind)), Some(at)) = (owned(sentence), made_at(scene, message, sentence)) else { continue };
            let is_before = (-60.0..=LOOK_BACK_S).contains(&window.from.since(at));
            if is_before && !known.iter().chain(&found).any(|c| c.at.since(at).abs() < NEAR_S) {
                found.push(Candidate {
                    kind,
                    service: of.map(|of| scene.entities.name(&of)),
                    reference: Some(what),
                    at,
                    commit: None,
                    places: Places::one(message.place),
                    dated: true,
                    undone: None,
                });
            }
        }
    }
    found
}

/// Whether somebody who owns up to something names this release by its version.
pub fn names(scene: &Scene, window: &Window, rollout: &Rollout) -> bool {
    let Some(version) = rollout.version.as_deref().map(str::to_lowercase).filter(|version| is_telling(version)) else {
        return false;
    };
    let owns = |m: &&At<Utterance>| !m.what.message.is_bot && m.at >= window.from && m.what.does(Act::Confess);
    let named = |m: &At<Utterance>| word_at(&m.what.message.text.to_lowercase(), &version).is_some();
    scene.chat.iter().filter(owns).any(named)
}

/// Whether somebody who owns up to something names the version that this commit says it makes.
pub fn names_commit(scene: &Scene, window: &Window, commit: &At<Commit>) -> bool {
    let subject = super::subject(&commit.what).to_lowercase();
    let version = super::version_in(&subject).filter(|version| is_telling(version));
    let Some(version) = version else { return false };
    let owns = |m: &&At<Utterance>| !m.what.message.is_bot && m.at >= window.from && m.what.does(Act::Confess);
    scene.chat.iter().filter(owns).any(|m| word_at(&m.what.message.text.to_lowercase(), &version).is_some())
}

/// `v3.8.0` and `2024.11`, not `7`: what is a word of a chat by chance names no release.
fn is_telling(version: &str) -> bool {
    version.len() >= 4 && version.contains('.') && version.contains(|c: char| c.is_ascii_digit())
}

/// What it is called, of what it is, and its kind.
fn owned(sentence: &str) -> Option<(String, Option<String>, ChangeKind)> {
    let c = OWNED.captures(sentence)?;
    let kind = match c["kind"].to_lowercase().as_str() {
        "migration" => ChangeKind::Migration,
        kind if kind.starts_with("config") => ChangeKind::Config,
        _ => ChangeKind::Deploy,
    };
    let of = c["of"].to_string();
    let is_name = of.chars().count() >= 3 && !NO_NAMES.contains(&of.to_lowercase().as_str());
    Some((c["what"].to_string(), is_name.then_some(of), kind))
}

/// The only time of day in the sentence, as the chat writes its own.
fn made_at(scene: &Scene, message: &At<Utterance>, sentence: &str) -> Option<Moment> {
    let source = message.place.source;
    let told = times_in(sentence);
    let [told] = told.as_slice() else { return None };
    let offset = if told.is_utc { 0 } else { scene.clock(source).offset_s };
    let ago = (message.at.seconds() + offset - told.second).rem_euclid(DAY_S);
    (ago <= AGO_S).then(|| Moment::from_seconds(message.at.seconds() - ago))
}

#[cfg(test)]
mod tests {
    use evidence::{Basis, Body, ChangePhase, Deploy, Event, Message, RecordRef, Sink, Source, SourceId, Stamp};

    use super::*;
    use crate::digest::Digest;

    const BEGIN: i64 = 1_700_000_000;

    /// The releases before an incident that a message brings to mind, where v3.8.0 went out so many days before.
    fn remembered(days: i64, message: &str) -> Vec<String> {
        let deploy = Deploy {
            service: Some("sessions".into()),
            version: Some("v3.8.0".into()),
            sha: None,
            phase: ChangePhase::Finished,
            finished: None,
            rollback: false,
            environment: None,
            actor: None,
            kind: "deploy".into(),
            text: String::new(),
        };
        brought_to_mind(days, Body::Deploy(deploy), message)
    }

    /// The same of a change of any kind.
    fn brought_to_mind(days: i64, change: Body, message: &str) -> Vec<String> {
        let id = SourceId { input: 0, entry: 0 };
        let mut digest = Digest::new(id, "notes.json");
        let mut event = |line: u64, second: i64, body| {
            let place = RecordRef { source: id, start: line * 10, end: line * 10 + 9, line, last_line: line };
            digest.event(Event { place, stamp: Some(Stamp::new(second * Moment::SECOND, Basis::Zoned)), body });
        };
        event(1, BEGIN - days * DAY_S, change);
        event(2, BEGIN + 600, Body::Message(Message { author: "olek".into(), text: message.into(), ..Message::default() }));
        let (skipped, decisions) = (Vec::new(), Vec::new());
        let (name, format) = ("notes.json".to_string(), "text".to_string());
        let source = Source { id, name, format, bytes: 9, read_bytes: 9, lines: 2, records: 2, skipped, decisions };
        let scene = Scene::lay_out(vec![(source, digest.settled())]);
        let (from, to) = (Moment::from_seconds(BEGIN), Moment::from_seconds(BEGIN + 1_800));
        let window = Window { from, to, data_from: from, data_to: to, width: 60 };
        let all = crate::changes::candidates(&scene, &window);
        all.into_iter().filter_map(|candidate| candidate.reference).collect()
    }

    #[test]
    fn a_release_of_days_ago_is_a_suspect_where_somebody_owns_up_to_it() {
        let owned = "that is my live view thing from v3.8.0. I left the expiry as a TODO and forgot it, sorry";
        assert_eq!(remembered(3, owned), ["v3.8.0"]);
        assert_eq!(remembered(90, owned), Vec::<String>::new(), "it ran for months");
        assert_eq!(remembered(3, "we still run v3.8.0 everywhere"), Vec::<String>::new());
        assert_eq!(remembered(3, "my mistake, I forgot the expiry, sorry"), Vec::<String>::new(), "of which release is not said");
        assert_eq!(remembered(1, "we still run v3.8.0 everywhere"), ["v3.8.0"], "so near it is one in any case");
    }

    #[test]
    fn a_commit_of_the_spring_is_a_suspect_where_somebody_owns_up_to_its_version() {
        let commit =
            |subject: &str| Body::Commit(Commit { sha: "0a1b2c3d4e5f".into(), message: subject.into(), ..Commit::default() });
        let owned = "oh no, that was me, I simplified the calendar in 3.8.0, sorry";
        assert_eq!(brought_to_mind(200, commit("3.8.0 calendar simplified"), owned), ["0a1b2c3"]);
        assert_eq!(brought_to_mind(200, commit("3.7.0 metrics"), owned), Vec::<String>::new());
        assert_eq!(brought_to_mind(200, commit("3.8.0 calendar simplified"), "we run 3.8.0"), Vec::<String>::new());
    }

    #[test]
    fn what_somebody_owns_up_to_has_a_name_and_a_kind() {
        let read = |text| owned(text).map(|(what, of, _)| (what, of));
        let named = |what: &str, of: &str| Some((what.to_string(), Some(of.to_string())));
        assert_eq!(read("it's the memcached upgrade I did at 08:55, sorry"), named("memcached upgrade", "memcached"));
        assert_eq!(read("that is our mailer rollout we made"), named("mailer rollout", "mailer"));
        assert_eq!(read("it's the last deploy I did"), Some(("last deploy".to_string(), None)));
        assert_eq!(read("it's the upgrade of the CDN, they had an incident"), None);
        assert_eq!(read("the memcached upgrade is fine"), None);
        assert!(matches!(owned("it was my ledger migration I ran at 10:02"), Some((.., ChangeKind::Migration))));
    }
}
