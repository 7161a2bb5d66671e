//! Steps of the chain that people tell: one sentence that names two services.
//!
//! What it sees: which of the two asks the other, or harms it, where the words between their names say so ("cart cannot reach
//! pricing"). Why it matters: who knows the house knows its dependencies. When it misleads: a sentence that only lists what is
//! broken; such a step is never more than possible. A sentence that denies the tie, or tells it the other way round, shows none.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::changes::mentions;
use crate::findings::{Edge, EdgeBasis, Places};
use crate::incident::Incident;
use expressions::{Expression, constant};

/// Messages of people that name each service, by their numbers.
pub type Talk = BTreeMap<String, BTreeSet<usize>>;

/// A person names both in one sentence, and does not say that it is otherwise.
pub fn said(incident: &Incident<'_>, (from, to): (&str, &str), talk: &mut Talk) -> Option<Edge> {
    let chat = &incident.scene.chat;
    for name in [from, to] {
        if !talk.contains_key(name) {
            let people = chat.iter().enumerate().filter(|(_, m)| !m.what.message.is_bot && m.at >= incident.window.from);
            let naming = people.filter(|(_, m)| mentions(&m.what.message.text, name));
            talk.insert(name.to_string(), naming.map(|(n, _)| n).collect());
        }
    }
    let naming_both = talk[from].intersection(&talk[to]).filter_map(|n| chat.get(*n));
    let told: Vec<(Told, Edge)> = naming_both
        .flat_map(|m| sentences(&m.what.message.text).map(move |sentence| (m, sentence)))
        .filter(|(_, sentence)| [from, to].iter().all(|name| mentions(sentence, name)))
        .map(|(message, sentence)| {
            let by = EdgeBasis::Said { author: message.what.speaker.clone(), words: sentence.to_string() };
            let places = Places::one(message.place);
            (told(sentence, from, to), Edge { from: from.into(), to: to.into(), verified: false, by, places })
        })
        .collect();
    if told.iter().any(|(told, _)| *told == Told::NoTie) {
        return None;
    }
    let of = |kind: Told| told.iter().find(|(told, _)| *told == kind).map(|(_, edge)| edge.clone());
    of(Told::Harms).or_else(|| of(Told::Both))
}

fn sentences(text: &str) -> impl Iterator<Item = &str> {
    crate::acts::relative_sentence_split(text).into_iter().map(|(from, to)| &text[from..to])
}

/// What a sentence tells of one service and another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// The first harms the second, which needs it.
    Harms,
    /// The other way round.
    HarmedBy,
    NoTie,
    /// It names both, and that is all.
    Both,
}

static NEEDS: LazyLock<Expression> = LazyLock::new(|| {
    constant(concat!(
        r"(?i)\b(?:can ?not|can[’']?t|could ?n[’']?t|could not|unable to|fails? to|failing to|not able to) (?:reach|connect|talk|get|resolve|call|read|write|load|fetch)\b",
        r"|\bdepend(?:s|ed|ing|ent)?\b.{0,12}\bon\b|\breli(?:es|ed) on\b|\b(?:calls|called|calling|talks to|asks|queries|reads from|writes to|uses|needs)\b",
        r"|\bwait(?:s|ing|ed)? (?:for|on)\b|\btim(?:es|ed|ing) ?out\b|\b(?:timeouts?|errors?|5\d\d|5xx|failures) (?:from|against|on|to|calling)\b",
        r"|\b(?:because|due to|blocked (?:by|on)|starved by|stuck (?:on|behind)|fails? (?:on|against|at)|die[sd]? (?:on|against)|backed by|sits behind|goes through)\b",
    ))
});
static HURTS: LazyLock<Expression> = LazyLock::new(|| {
    constant(concat!(
        r"(?i)\b(?:tak(?:es|ing)|took|bring(?:s|ing)?|brought|drag(?:s|ged|ging)|pull(?:s|ed|ing)|knock(?:s|ed|ing)) (?:down|out|with it)?",
        r"|\b(?:breaks|broke|breaking|kills|killed|killing|blocks|blocking|starves|starving|overloads?|overloading|floods?|flooding|hammers?|hammering|feeds|serves|slows|hurts)\b",
    ))
});
static DENIES: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)\bnothing to do with\b|\bunrelated\b|\b(?:does|do|did) ?(?:not|n[’']t)(?: \w+)? (?:call|talk|use|depend|touch|need|ask|reach|go)|\bdo(?:es)?n[’']t(?: \w+)? (?:call|talk|use|depend|touch|need|ask|go)|\b(?:is|are|was|were)(?: not|n[’']t) (?:affected|related|connected|involved|the)\b|\bindependent(?:ly)? of\b|\bunaffected\b|\bno (?:tie|link|dependency)\b",
    )
});

fn told(sentence: &str, one: &str, other: &str) -> Told {
    if DENIES.is_match(sentence) {
        return Told::NoTie;
    }
    let (Some(at_one), Some(at_other)) = (place(sentence, one), place(sentence, other)) else { return Told::Both };
    let (first, second) = if at_one < at_other { (at_one, at_other) } else { (at_other, at_one) };
    let between = sentence.get(first..second).unwrap_or("");
    let one_is_first = at_one < at_other;
    // Who needs the other one is harmed by it. What stands between two whole clauses ties neither.
    if between.contains([';', '.']) || between.contains(" and ") {
        return Told::Both;
    }
    match (NEEDS.is_match(between), HURTS.is_match(between)) {
        (true, false) if one_is_first => Told::HarmedBy,
        (true, false) => Told::Harms,
        (false, true) if one_is_first => Told::Harms,
        (false, true) => Told::HarmedBy,
        _ => Told::Both,
    }
}

/// Where the name, or the part of it that people say, stands.
fn place(sentence: &str, name: &str) -> Option<usize> {
    let lower = sentence.to_ascii_lowercase();
    let name = name.to_ascii_lowercase();
    let stem = name.split(['-', '.']).next().unwrap_or(&name);
    crate::entities::word_at(&lower, &name).or_else(|| lower.find(stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tells(sentence: &str) -> Told {
        told(sentence, "pricing", "basket")
    }

    #[test]
    fn who_needs_the_other_one_is_harmed_by_it() {
        for sentence in [
            "basket cannot reach pricing: i/o timeout",
            "basket depends on pricing for every quote",
            "basket is failing because pricing is slow",
            "basket times out calling pricing",
            "pricing is taking down basket",
        ] {
            assert_eq!(tells(sentence), Told::Harms, "{sentence}");
        }
        assert_eq!(tells("pricing waits for basket"), Told::HarmedBy);
        assert_eq!(tells("basket is hammering pricing"), Told::HarmedBy);
    }

    #[test]
    fn a_denial_is_no_tie_and_a_list_no_direction() {
        assert_eq!(tells("basket does not talk to pricing at all"), Told::NoTie);
        assert_eq!(tells("basket does not even call pricing"), Told::NoTie);
        assert_eq!(tells("pricing has nothing to do with basket"), Told::NoTie);
        assert_eq!(tells("pricing and basket both answer 500"), Told::Both);
        assert_eq!(tells("pricing, basket and invoice complain"), Told::Both);
    }
}
