//! Whether a change came before the failure, as people tell it and as it was recorded.
//!
//! What it sees: "errors began before the deploy", "the release went out after the errors", and the other way round. Why it matters: it
//! clears the guilty change or accuses an innocent one. When it misleads: failures of another kind that came before; so a change has to
//! lie clearly on the other side of the first failure, and to be the one that is meant.

use std::sync::LazyLock;

use evidence::{ChangePhase, Deploy, Moment};

use super::speech::Sentence;
use crate::acts;
use crate::findings::{About, Contradiction, ContradictionKind, Side, TimeFinding, Times};
use crate::incident::Incident;
use crate::scene::At;
use expressions::{Expression, constant};

/// So far apart two records of different sources are in a certain order.
const SURE_S: f64 = 90.0;
/// A release takes so long at most.
const TAKES_S: f64 = 600.0;
/// A change so long before the failure may be meant without its version.
const NEAR_S: f64 = 6.0 * 3_600.0;

#[derive(Debug, PartialEq, Clone, Copy)]
enum Claim {
    ChangeFirst,
    FailureFirst,
}

pub fn find(incident: &Incident<'_>, times: &Times, sentences: &[Sentence<'_>]) -> Vec<Contradiction> {
    let Some(started) = &times.started else { return Vec::new() };
    let told = sentences.iter().filter(|s| !s.is_loose()).filter_map(|s| Some((s, claim(s.text)?)));
    told.filter_map(|(sentence, claim)| against(incident, started, sentence, claim)).collect()
}

fn against(incident: &Incident<'_>, started: &TimeFinding, sentence: &Sentence<'_>, claim: Claim) -> Option<Contradiction> {
    let deploy = meant(incident, started.at, sentence.text)?;
    // Of a record that it was finished nobody knows when it began to have effect.
    let takes = if deploy.what.phase == ChangePhase::Started { SURE_S } else { TAKES_S };
    let is_other_way = match claim {
        Claim::FailureFirst => started.earliest.since(deploy.at) > SURE_S,
        Claim::ChangeFirst => deploy.at.since(started.latest) > takes,
    };
    if !is_other_way {
        return None;
    }
    let places = crate::findings::Places::one(deploy.place).and(&started.places);
    let name = deploy.what.version.clone().or_else(|| deploy.what.service.clone())?;
    let recorded = Side { value: name, number: None, between: None, measure: None, stated_by: None, words: None, places };
    let about = About::Order { change: deploy.at, failed: started.at };
    let sides = vec![sentence.side(sentence.text), recorded];
    Some(Contradiction { kind: ContradictionKind::Order, about, sides })
}

/// The one change that the words name by its version, or the only one that there was before it was over.
fn meant<'a>(incident: &Incident<'a>, started: Moment, text: &str) -> Option<&'a At<Deploy>> {
    let scene = incident.scene;
    let versions = acts::versions(text);
    let plain = |v: &str| v.trim_start_matches('v').to_string();
    let is_named = |d: &&At<Deploy>| d.what.version.as_deref().is_some_and(|own| versions.iter().any(|v| plain(v) == plain(own)));
    let near = |d: &&At<Deploy>| started.since(d.at) <= NEAR_S && d.at <= incident.window.to;
    let forward = |d: &&At<Deploy>| !d.what.rollback && d.what.kind != "infrastructure";
    let all: Vec<&At<Deploy>> = scene.deploys.iter().filter(near).filter(forward).collect();
    let own: Vec<&At<Deploy>> = if versions.is_empty() { all } else { all.into_iter().filter(is_named).collect() };
    // Its beginning, where its end was recorded as well.
    let first = own.first()?;
    let same = own.iter().all(|d| d.what.version == first.what.version && d.what.service == first.what.service);
    (same && (first.what.version.is_some() || own.len() == 1)).then_some(*first)
}

/// Which of the two came first, by the words.
fn claim(text: &str) -> Option<Claim> {
    const FAILURE: &str = r"(?:errors?|failures?|alerts?|5xx|50\ds?|timeouts?|symptoms?|outage|incident)";
    const CHANGE: &str = r"(?:deploy(?:ment|s)?|release|rollout|roll-out|v?\d+\.\d+\.\d+)";
    static EXPRESSIONS: LazyLock<[(Expression, Claim); 4]> = LazyLock::new(|| {
        let began = r"(?: \w+){0,3} (?:started|began|were (?:already )?there|had (?:already )?(?:started|begun)|set in|came)";
        let ahead = r"(?: \w+){0,3} (?:came|went out|was|happened|landed|shipped|finished|started|began)";
        let near = r"(?: \w+){0,3} (?:\S+ )?";
        [
            (constant(&format!(r"(?i)\b{FAILURE}{began}(?: \w+){{0,3}} before{near}{CHANGE}\b")), Claim::FailureFirst),
            (constant(&format!(r"(?i)\b{CHANGE}{ahead}(?: \w+){{0,3}} after{near}{FAILURE}\b")), Claim::FailureFirst),
            (constant(&format!(r"(?i)\b{FAILURE}{began}(?: \w+){{0,3}} after{near}{CHANGE}\b")), Claim::ChangeFirst),
            (constant(&format!(r"(?i)\b{CHANGE}{ahead}(?: \w+){{0,3}} before{near}{FAILURE}\b")), Claim::ChangeFirst),
        ]
    });
    static NOT: LazyLock<Expression> = LazyLock::new(|| constant(r"(?i)\b(?:not|no|never|roll\w* ?back|revert\w*)\b|n't\b"));
    let (told, claim) = EXPRESSIONS.iter().find_map(|(expression, claim)| Some((expression.find(text)?, *claim)))?;
    // "before the deploy was done" is during it.
    let rest = text[told.end()..].trim_start();
    let is_during = ["finish", "complet", "was done", "was finish", "was complet", "ended", "had finish"];
    (!NOT.is_match(told.as_str()) && !is_during.iter().any(|words| rest.starts_with(words))).then_some(claim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_say_which_came_first() {
        for (text, expected) in [
            ("the errors started well before the deploy", Some(Claim::FailureFirst)),
            ("the deploy came after the errors, so it is not the release", Some(Claim::FailureFirst)),
            ("4.2.0 went out minutes after the first errors", Some(Claim::FailureFirst)),
            ("errors began right after the release", Some(Claim::ChangeFirst)),
            ("alerts began before the deploy was done", None),
            ("the errors did not start before the deploy", None),
            ("errors stopped after the rollback", None),
            ("the deploy is done", None),
        ] {
            assert_eq!(claim(text), expected, "{text}");
        }
    }
}
