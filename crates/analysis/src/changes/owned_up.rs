//! Changes of which nothing tells but who made them: "it's the cache upgrade I did at 08:55".
//!
//! What it sees: what somebody owns up to, with the thing that was changed and the time of day. Why it matters: in a chat
//! alone nobody but its author tells of a change. When it misleads: a change that a record tells of as well, which is left
//! to the record; and a time in another zone than the chat's, so only one shortly before the message counts: nearly all zones
//! would put it after the message or long before.

use std::sync::LazyLock;

use evidence::Moment;

use super::{Candidate, LOOK_BACK_S};
use crate::acts::Act;
use crate::contradictions::times_in;
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
    use super::*;

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
