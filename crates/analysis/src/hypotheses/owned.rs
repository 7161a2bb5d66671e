//! A change of which only the one who made it tells, behind a failure that builds up.
//!
//! What it sees: somebody who owns up to a setting that no record of a change has, in words that the failure has, too. Why it matters:
//! "the disk was full, no change" is not so where somebody says that they changed what filled it. When it misleads: who owns up
//! to something else in the same words; so it takes two of them, and nobody who clears it.

use std::sync::LazyLock;

use super::confessions::{self, telling};
use crate::acts::Act;
use crate::findings::{Hypothesis, HypothesisKind, NAMED_AS_CAUSE, Places, Reason, Term, Trigger, TriggerKind};
use crate::incident::Incident;
use crate::scene::{At, Utterance};
use crate::weights;
use expressions::{Expression, constant};

/// Families of failures that somebody's setting brings about, hours later.
const BUILD_UP: [&str; 5] = ["disk", "memory", "pool", "cpu", "cache"];
/// Words that the confession and the failure have in common at least.
const SHARED: usize = 2;

static SETS: LazyLock<Expression> = LazyLock::new(|| {
    constant(r"(?i)\b(?:set|changed|switched|turned|raised|lowered|enabled|disabled|configured|put|bumped|reduced|increased)\b")
});

/// Ties such a confession to the failure that it is about.
pub fn tie(incident: &Incident<'_>, found: &mut Vec<Hypothesis>) {
    let is_used = |m: &At<Utterance>| found.iter().flat_map(|h| &h.terms).any(|t| t.places.iter().any(|p| *p == m.place));
    let owned = incident.scene.chat.iter().filter(|m| !m.what.message.is_bot && m.at >= incident.window.from);
    let owned = owned.filter(|m| m.what.does(Act::Confess) && !is_used(m) && !is_cleared(incident, m));
    let Some((message, words)) = owned.map(|m| (m, confessions::words(&m.what))).filter(|(_, words)| SETS.is_match(words)).last()
    else {
        return;
    };
    let own = telling(&words);
    let shares = |h: &&mut Hypothesis| {
        let fits = h.kind == HypothesisKind::Failure && h.signature.is_some_and(|s| BUILD_UP.contains(&s.family.as_str()));
        let texts = incident.failures().filter(|(_, s, _)| s.hits.iter().any(|hit| h.signature.is_some_and(|k| k.id == hit.id)));
        let said: std::collections::BTreeSet<String> = texts.flat_map(|(_, s, _)| &s.texts).flat_map(|t| telling(t)).collect();
        fits && own.intersection(&said).count() >= SHARED
    };
    let Some(hypothesis) = found.iter_mut().find(shares) else { return };
    let places = Places::one(message.place);
    let reason = Reason::Said { author: message.what.speaker.clone(), words };
    hypothesis.terms.push(Term { name: NAMED_AS_CAUSE, value: weights::CONFESSED, reason, places: places.clone() });
    hypothesis.change_caused = Some(true);
    let recorded = recorded(incident, &own);
    let (at, reference) = (recorded.map(|d| d.at), recorded.and_then(|d| setting(&d.what.text)));
    let places = recorded.map_or(places.clone(), |d| Places::one(d.place).and(&places));
    hypothesis.trigger = Some(Trigger { kind: TriggerKind::Config, reference, at, places });
    // The change that is owned up to is no candidate beside what it brought about.
    if let Some(deploy) = recorded {
        found.retain(|h| h.change.as_ref().is_none_or(|c| !c.places.iter().any(|p| *p == deploy.place)));
    }
}

/// The record of a configuration change before the failure that has the words of the confession.
fn recorded<'i>(incident: &'i Incident<'_>, own: &std::collections::BTreeSet<String>) -> Option<&'i At<evidence::Deploy>> {
    let before = incident.scene.deploys.iter().filter(|d| d.at < incident.window.from && d.what.kind == "config");
    let fits = |d: &&At<evidence::Deploy>| own.intersection(&telling(&d.what.text)).count() >= SHARED;
    before.filter(fits).max_by_key(|d| (d.at, d.place))
}

/// `cache/size` of `cache/size: 10 -> 400`.
fn setting(text: &str) -> Option<String> {
    let (name, _) = text.split_once([':', '='])?;
    let name = name.trim();
    (!name.is_empty() && name.len() <= 60 && !name.contains(char::is_whitespace)).then(|| name.to_string())
}

/// What the same person said before was refuted later.
fn is_cleared(incident: &Incident<'_>, message: &At<Utterance>) -> bool {
    incident.beliefs().iter().any(|b| b.said.places.iter().any(|p| *p == message.place))
}

#[cfg(test)]
mod tests {
    use super::setting;

    #[test]
    fn a_setting_is_named_before_its_values() {
        assert_eq!(setting("cache/size: 10 -> 400").as_deref(), Some("cache/size"));
        assert_eq!(setting("verbose=true").as_deref(), Some("verbose"));
        assert_eq!(setting("a new size for the cache: 400"), None);
        assert_eq!(setting("no value"), None);
    }
}
