//! A count that is called the final one, beside another one of the same things.
//!
//! What it sees: "final count: 312 passengers" after "about 400 foot passengers are waiting". Why it matters: the rough number was passed on
//! while it lasted. It must never hold a rounded number against what it was rounded from. When it misleads: two groups of one noun; so
//! the later one has to say that it is the final or counted one, and both have to be of one size.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use evidence::Moment;

use super::answered::is_rounded;
use super::speech::Sentence;
use crate::findings::{About, Contradiction, ContradictionKind};
use expressions::{Expression, constant};

/// Smaller numbers are of many things.
const LEAST: f64 = 20.0;
/// The one is at most so many times the other.
const MOST: f64 = 5.0;
/// A noun has so many letters, and stands within so many words of its number.
const LETTERS: usize = 4;
const WORDS: usize = 3;

pub fn find(sentences: &[Sentence<'_>], over: Moment) -> Vec<Contradiction> {
    let mut found = Vec::new();
    // What a ticket says has no time of its own among them.
    for later in sentences.iter().filter(|s| is_final(s.text)) {
        let before = sentences.iter().rev().filter(|s| s.message.place != later.message.place && !is_final(s.text));
        let beside = |s: &Sentence<'_>| rougher(s.text, later.text).filter(|(old, new, _)| !has_grown(s, over, old, new));
        let Some((earlier, (old, new, what))) = before.into_iter().find_map(|s| Some((s, beside(s)?))) else { continue };
        let sides = vec![later.side(&new), earlier.side(&old)];
        found.push(Contradiction { kind: ContradictionKind::Number, about: About::Quantity { what }, sides });
    }
    found
}

/// While it lasts there are ever more of them.
fn has_grown(earlier: &Sentence<'_>, over: Moment, old: &str, new: &str) -> bool {
    let value = |written: &str| counts(&format!("{written} things")).first().map_or(0.0, |(_, value, _)| *value);
    earlier.message.at < over && value(old) < value(new)
}

fn is_final(text: &str) -> bool {
    static FINAL: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:final (?:count|number|figure|tally|total)|(?:exact|real|true|correct|actual|confirmed|official) (?:count|number|figure|total)|in total|all told|counted (?:them|it|again|now)|in the end|endgültige? (?:zahl|anzahl)|am ende (?:waren|sind)|insgesamt|genaue zahl|au final|au total|chiffre exact|total final|en total|al final|cifra (?:final|exacta)|no total|número final|conteggio finale|in totale|alla fine|numero (?:esatto|finale)|uiteindelijk|in totaal|totalt|till slut|til slutt|i alt)\b",
        )
    });
    FINAL.is_match(text)
}

/// Of two texts with counts of one noun the two numbers as they are written, and the noun.
fn rougher(earlier: &str, later: &str) -> Option<(String, String, String)> {
    let new = counts(later);
    for (old, value, words) in counts(earlier) {
        let same = |(written, other, nouns): &(String, f64, BTreeSet<String>)| {
            let noun = nouns.intersection(&words).next()?;
            let is_like = value.max(*other) <= MOST * value.min(*other) && !is_rounded(value, *other);
            is_like.then(|| (old.clone(), written.clone(), noun.clone()))
        };
        if let Some(found) = new.iter().find_map(same) {
            return Some(found);
        }
    }
    None
}

/// Numbers of a text with the nouns that follow them.
fn counts(text: &str) -> Vec<(String, f64, BTreeSet<String>)> {
    static COUNT: LazyLock<Expression> = LazyLock::new(|| {
        constant(r"(?P<n>\d{1,3}(?:[.,\u{a0} ]\d{3})+|\d+)(?P<k>k\b)? (?P<words>\p{L}[\p{L}'’-]*(?: \p{L}[\p{L}'’-]*){0,2})")
    });
    let of = |c: expressions::Captures<'_>| {
        let (number, words) = (c.name("n")?, c.name("words")?.as_str());
        let joins = |c: char| c.is_alphanumeric() || matches!(c, '.' | ',' | ':' | '/' | '-' | '_' | '#');
        let is_free = !text[..number.start()].ends_with(joins);
        let digits: String = number.as_str().chars().filter(char::is_ascii_digit).collect();
        let value = digits.parse::<f64>().ok()? * if c.name("k").is_some() { 1_000.0 } else { 1.0 };
        let nouns = words.split(' ').take(WORDS).map(str::to_lowercase).filter(|w| is_noun(w));
        let nouns: BTreeSet<String> = nouns.map(|w| w.trim_end_matches('s').to_string()).collect();
        let written = text.get(number.start()..c.name("k").map_or(number.end(), |k| k.end()))?.to_string();
        (is_free && value >= LEAST && !nouns.is_empty()).then_some((written, value, nouns))
    };
    COUNT.captures_iter(text).filter_map(of).collect()
}

/// A word that is counted: neither a small word nor a measure.
fn is_noun(word: &str) -> bool {
    const NOT: [&str; 22] = [
        "minutes", "seconds", "hours", "days", "weeks", "percent", "errors", "error", "that", "were", "with", "from", "have",
        "been", "this", "more", "less", "times", "of", "their", "which", "still",
    ];
    word.chars().count() >= LETTERS && !NOT.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{At, Utterance};
    use evidence::{Message, RecordRef, SourceId};

    #[test]
    fn what_grows_while_it_lasts_is_no_other_count() {
        let at = |minute: i64, line: u64, text: &str| {
            let place = RecordRef { source: SourceId { input: 0, entry: 0 }, start: line, end: line + 1, line, last_line: line };
            let message = Message { author: "kim".into(), text: text.into(), ..Message::default() };
            At {
                at: Moment::from_seconds(minute * 60),
                place,
                what: Utterance { message, speaker: "@kim".into(), said: Vec::new() },
            }
        };
        let found = |first: &str, over: i64| {
            let (a, b) = (at(10, 1, first), at(60, 2, "final count 41 tickets"));
            let of = |message| Sentence { message, text: &message.what.message.text };
            find(&[of(&a), of(&b)], Moment::from_seconds(over * 60)).len()
        };
        assert_eq!(found("23 tickets by now", 30), 0, "it went on");
        assert_eq!(found("63 tickets by now", 30), 1, "they do not become fewer");
        assert_eq!(found("23 tickets by now", 5), 1, "it was over");
    }

    #[test]
    fn a_final_count_is_held_against_the_first_guess_of_the_same_things() {
        let of = |earlier, later| rougher(earlier, later).map(|(old, new, what)| format!("{old} {new} {what}"));
        let later = "all aboard. Final count is 312 passengers, boarded on paper";
        assert!(is_final(later) && is_final("in totale 312 passeggeri") && !is_final("312 passengers are waiting"));
        assert_eq!(of("about 400 foot passengers in the shed", later).as_deref(), Some("400 312 passenger"));
        assert_eq!(of("roughly 2,000 orders hang", "in the end 1,380 orders were lost").as_deref(), Some("2,000 1,380 order"));
        assert_eq!(of("about 300 passengers in the shed", later), None, "rounded");
        assert_eq!(of("40 passengers at the desk", later), None, "of another size");
        assert_eq!(of("400 parcels in the shed", later), None, "of other things");
        assert_eq!(of("down for 400 minutes", "in total 312 minutes"), None);
    }
}
