//! Action items that stand in a tracker: what people took under a key gets the date and the owner that the issue has.
//!
//! What it sees: issues of an export, and their keys in what people say. Why it matters: dates are set in the tracker, not in the
//! room. When it misleads: a tracker holds the work of a whole team, so an issue is told only where somebody named it in the room,
//! or where it names the incident's own (the channel of its message).

use std::sync::LazyLock;

use crate::acts::{self, Act, Said};
use crate::findings::{Places, StatedAction};
use crate::scene::{At, Scene, Utterance};
use expressions::{Expression, constant};

type Due<'f> = dyn Fn(&At<Utterance>, &Said) -> Option<String> + 'f;

/// Adds what the issues say whose keys people named.
pub fn join(scene: &Scene, actions: &mut Vec<StatedAction>, due: &Due<'_>) {
    for message in scene.chat.iter().filter(|m| m.what.message.is_bot) {
        let key = message.what.message.thread.as_deref().filter(|key| **key == message.what.message.author && is_key(key));
        let said = |key: &str| acts::read(&message.what.message.text, key, false).into_iter().find(|s| s.act == Act::ActionItem);
        let Some((key, said)) = key.and_then(|key| Some((key, said(key)?))) else { continue };
        if let Some(known) = actions.iter_mut().find(|a| names(&a.text, key)) {
            known.due = known.due.take().or_else(|| due(message, &said));
            known.owner = known.owner.take().or_else(|| said.slots.owner.clone());
            known.places = known.places.and(&Places::one(message.place));
            continue;
        }
        let is_named = scene.chat.iter().any(|m| !m.what.message.is_bot && names(&m.what.message.text, key));
        let is_of_incident = message.what.message.channel.is_some();
        let Some(text) = said.slots.task.clone().filter(|_| is_named || is_of_incident) else { continue };
        actions.push(StatedAction {
            text,
            priority: said.slots.priority.clone(),
            owner: said.slots.owner.clone(),
            due: due(message, &said),
            status: said.slots.status.clone(),
            author: Some(message.what.speaker.clone()),
            places: Places::one(message.place),
        });
    }
}

fn is_key(text: &str) -> bool {
    static KEY: LazyLock<Expression> = LazyLock::new(|| constant(r"^[A-Z][A-Z0-9_]+-\d+$"));
    KEY.is_match(text)
}

/// The key stands in the text as a whole: `OPS-1` is not in `OPS-12`.
fn names(text: &str, key: &str) -> bool {
    text.match_indices(key).any(|(at, _)| {
        let joins = |c: char| c.is_alphanumeric() || c == '-';
        !text[..at].ends_with(joins) && !text[at + key.len()..].starts_with(joins)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_as_a_whole() {
        assert!(names("separate quota (OPS-12)", "OPS-12") && names("OPS-12: alert", "OPS-12"));
        assert!(!names("OPS-123", "OPS-12") && !names("DEVOPS-12", "OPS-12") && !names("OPS-1", "OPS-12"));
        assert!(is_key("OPS-12") && !is_key("sha-256") && !is_key("deploybot"));
    }
}
