//! The very thing that somebody found broken, where records show that it is: "Te1/1/4: the optic is dying", and warnings of that interface.
//!
//! What it sees: a statement of a kind of failure that explains itself, with a name that records of the same kind have. Why it matters:
//! whoever finds a broken part says what it is and where, and never "the cause is"; its own warnings are of a level that stands
//! out nowhere, and may be days old. It must never take a guess, a question or a change for it. When it misleads: a part that was broken
//! before and harms nobody; so nobody may deny it later.

use std::collections::BTreeSet;

use super::{Stated, names_a_change};
use crate::acts;
use crate::found;
use crate::incident::Incident;
use crate::mask::cut;
use crate::scene::{At, Utterance};
use crate::signals::{Signal, Text};
use crate::signatures::{Catalogue, Category, Role, Signature};
use crate::weights;

/// People go on to look for so long after the end.
const AFTERWARDS_S: f64 = 3.0 * 3_600.0;
/// Letters of a name that stands for one thing, and of a record that are looked through.
const LEAST: usize = 4;
const MOST_TEXT: usize = 1_500;

/// The last such statement.
pub fn shown<'i>(incident: &Incident<'i>) -> Option<Stated<'i>> {
    let (from, to) = (incident.window.from, incident.window.to.plus(AFTERWARDS_S));
    let inside = incident.scene.chat.iter().rev().filter(|m| m.at >= from && m.at <= to);
    inside.filter(|m| found::is_statement(incident, m)).find_map(|message| of(incident, message))
}

fn of<'i>(incident: &Incident<'i>, message: &'i At<Utterance>) -> Option<Stated<'i>> {
    let text = &message.what.message.text;
    let english = acts::in_english(text);
    let own = names(text);
    // Who pastes a record tells what it says, and not what it means.
    if own.is_empty() || text.contains('`') || names_a_change(&english) {
        return None;
    }
    let hits = Catalogue::load().matches(text).into_iter().chain(Catalogue::load().matches(&english));
    let kinds: Vec<&'static Signature> = hits.map(|hit| hit.signature).filter(|s| explains_itself(s)).collect();
    let shows = |signal: &Signal| {
        let kind = kinds.iter().copied().find(|own| signal.hits.iter().any(|hit| hit.family == own.family))?;
        let service = signal.service.clone()?;
        let has = |text: &Text| names(cut(text, MOST_TEXT)).intersection(&own).next().is_some();
        signal.texts.iter().any(has).then_some((kind, service))
    };
    let (kind, service) = incident.signals.iter().find_map(shows)?;
    Some(Stated { message, words: text.clone(), signature: Some(kind), service, value: weights::SAID })
}

/// A part of the house's machines and lines that broke by itself.
fn explains_itself(signature: &Signature) -> bool {
    signature.role == Role::Cause && !signature.needs_change && signature.category == Category::Infrastructure
}

/// Names that stand for one thing: an interface, a disk, a table.
fn names(text: &str) -> BTreeSet<String> {
    found::tokens(text).filter(|(token, is_name)| *is_name && token.len() >= LEAST).map(|(token, _)| token).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_known_by_its_name() {
        let of = |text: &str| names(text).into_iter().collect::<Vec<_>>();
        assert!(of("Te1/0/9: rx power -15 dBm, the optic is dying").contains(&"te1/0/9".to_string()));
        assert!(of("the optic of the second link is dying").is_empty());
    }

    #[test]
    fn only_what_needs_no_change_is_a_thing_that_broke() {
        let get = |id: &str| Catalogue::load().get(id).expect("a signature");
        assert!(explains_itself(get("hardware_fault")) && !explains_itself(get("read_timeout")));
        assert!(!explains_itself(get("quota_exceeded")), "what somebody set");
    }
}
