//! A count beside which somebody else puts their own: "sacct says 134 jobs", "I count 143".
//!
//! What it sees: words of one's own counting with a number, soon after a number of the same size that somebody else told. Why it
//! matters: one of them goes into the report, and nobody has looked which. When it misleads: counts that grow while it goes on; so
//! only what was told when users were served again counts, of the same things where both name them.

use std::sync::LazyLock;

use evidence::Moment;

use super::speech::Sentence;
use crate::findings::{About, Contradiction, ContradictionKind};
use expressions::{Expression, constant};

/// An answer comes within this time, and after no more than so many sentences.
const SOON_S: f64 = 900.0;
const BETWEEN: usize = 8;
/// Fewer are counted without mistakes, or are of something else.
const LEAST: f64 = 20.0;
/// So many times the other is of something else.
const MOST: f64 = 3.0;

/// Words with which people tell their own count, in the languages of war rooms.
static OWN: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)\b(?:i|we) (?:only |also |actually )?(?:count|counted|get|got|make it|see|find|found|come to|arrive at|have)\b|\b(?:my|our) (?:own )?(?:count|number|figure|list|query|report|sheet|export|system)\b|\bmine (?:says|shows|has)\b|\b(?:a m[ií] )?me (?:figuran|salen|aparecen|dan)\b|\byo (?:cuento|veo|tengo)\b|\bich (?:z[äa]hle|komme auf|sehe|habe)\b|\bbei (?:mir|uns) (?:sind|waren|stehen|steht)\b|\bj['’]en (?:compte|ai|vois|trouve)\b|\bje (?:compte|trouve|vois)\b|\bchez (?:moi|nous)\b|\b(?:eu conto|eu vejo|aqui (?:aparecem|d[áa]|constam))\b|\bik (?:tel|kom op|zie|heb)\b|\b(?:io ne conto|a me risultano|ne conto)\b|\bjag (?:r[äa]knar|f[åa]r)\b|\bjeg (?:teller|f[åa]r)\b",
    )
});

pub fn find(sentences: &[Sentence<'_>], over: Moment) -> Vec<Contradiction> {
    let mut told: Vec<&Sentence<'_>> = sentences.iter().filter(|s| s.message.at >= over).collect();
    told.sort_by_key(|s| (s.message.at, s.message.place));
    let mut found = Vec::new();
    for (index, later) in told.iter().enumerate().filter(|(_, s)| OWN.is_match(s.text)) {
        let Some(own) = only_count(later.text) else { continue };
        let before = told[..index].iter().rev().take(BETWEEN).take_while(|s| later.message.at.since(s.message.at) <= SOON_S);
        let others = before.filter(|s| s.message.what.speaker != later.message.what.speaker);
        let mut differing = others.filter_map(|s| Some((s, only_count(s.text)?)));
        let Some((earlier, count)) = differing.find(|(_, count)| is_of_the_same(count, &own)) else { continue };
        if count.value == own.value || OWN.is_match(earlier.text) && found.iter().any(|c| tells(c, earlier)) {
            continue;
        }
        let what = if count.noun.is_empty() { own.noun.clone() } else { count.noun.clone() };
        let sides = vec![later.side(&own.text), earlier.side(&count.text)];
        found.push(Contradiction { kind: ContradictionKind::Number, about: About::Quantity { what }, sides });
    }
    found
}

fn tells(contradiction: &Contradiction, sentence: &Sentence<'_>) -> bool {
    contradiction.sides.iter().any(|side| side.places.iter().any(|place| *place == sentence.message.place))
}

struct Count {
    /// The number with what is counted, as they stand.
    text: String,
    value: f64,
    /// What is counted; empty where nothing is said.
    noun: String,
}

fn is_of_the_same(a: &Count, b: &Count) -> bool {
    let is_like = a.value <= MOST * b.value && b.value <= MOST * a.value;
    let stem = |noun: &str| noun.trim_end_matches('s').chars().take(6).collect::<String>();
    is_like && (a.noun.is_empty() || b.noun.is_empty() || stem(&a.noun) == stem(&b.noun))
}

/// The count of a sentence that has one number, and that one no time, share, length, version or size.
fn only_count(text: &str) -> Option<Count> {
    static NUMBER: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?:^|[\s(~>])(?P<n>\d{1,3}(?:[.,' ]\d{3})+|\d+)(?P<k>k)?(?:\s+(?P<noun>\p{L}[\p{L}-]{2,}))?(?P<then>[^\s,;.!?)]*)",
        )
    });
    static UNITS: [&str; 28] = [
        "min", "mins", "minutes", "minuten", "minutos", "sec", "secs", "seconds", "sekunden", "segundos", "hours", "stunden",
        "horas", "heures", "hour", "days", "tage", "percent", "prozent", "gib", "mib", "gig", "megs", "uhr", "error", "status",
        "pods", "nodes",
    ];
    // In words, preposition and article say nothing of what is counted.
    static NONE: [&str; 20] = [
        "in", "the", "from", "for", "and", "here", "now", "too", "not", "with", "per", "von", "aus", "und", "dans", "les", "sur",
        "por", "para", "con",
    ];
    let mut numbers = NUMBER.captures_iter(text);
    let first = numbers.next()?;
    let digits: String = first["n"].chars().filter(char::is_ascii_digit).collect();
    let value = digits.parse::<f64>().ok()? * if first.name("k").is_some() { 1_000.0 } else { 1.0 };
    let noun = first.name("noun").map_or(String::new(), |noun| noun.as_str().to_lowercase());
    let follows = &first["then"];
    let is_measure = UNITS.contains(&noun.as_str()) || !follows.is_empty() && first.name("noun").is_none();
    if numbers.next().is_some() || is_measure || value < LEAST || text.contains(':') && text.contains("http") {
        return None;
    }
    let noun = if NONE.contains(&noun.as_str()) { String::new() } else { noun };
    let text = if noun.is_empty() { first["n"].to_string() } else { format!("{} {noun}", &first["n"]) };
    Some(Count { text, value, noun })
}

#[cfg(test)]
mod tests {
    use evidence::{Message, RecordRef, SourceId};

    use super::*;
    use crate::acts;
    use crate::scene::{At, Utterance};

    fn place(line: u64) -> RecordRef {
        RecordRef { source: SourceId { input: 0, entry: 0 }, start: line * 10, end: line * 10 + 9, line, last_line: line }
    }

    /// Two people say these, a minute apart.
    fn sides(first: &str, second: &str) -> Vec<String> {
        let message = |who: &str, text: &str, line: u64| {
            let message = Message { author: who.into(), text: text.into(), ..Message::default() };
            let said = acts::read(text, who, false);
            let at = Moment::from_seconds(1_700_000_000 + 60 * line as i64);
            At { at, place: place(line), what: Utterance { message, speaker: who.into(), said } }
        };
        let (one, other) = (message("ana", first, 1), message("ben", second, 2));
        let sentences = [Sentence { message: &one, text: first }, Sentence { message: &other, text: second }];
        let found = find(&sentences, Moment::from_seconds(1_700_000_000));
        found.iter().flat_map(|c| c.sides.iter().map(|side| side.value.clone())).collect()
    }

    #[test]
    fn ones_own_count_is_held_against_the_one_told_before() {
        assert_eq!(sides("the scheduler says 412 orders hit", "I count 431 in the order log"), ["431", "412 orders"]);
        assert_eq!(sides("son 310 facturas según el gateway", "a mi me figuran 280 facturas"), ["280 facturas", "310 facturas"]);
        assert_eq!(sides("laut Liste 52 Aufträge", "ich zähle 61"), ["61", "52 aufträge"]);
    }

    #[test]
    fn other_things_other_sizes_and_the_same_number_contradict_nothing() {
        assert!(sides("the scheduler says 412 orders hit", "I count 412").is_empty());
        assert!(sides("the scheduler says 412 orders hit", "I see 431 users").is_empty());
        assert!(sides("the scheduler says 412 orders hit", "I see 9000 in the order log").is_empty());
        assert!(sides("the scheduler says 412 orders hit", "I have 40 minutes until my train").is_empty());
        assert!(sides("it took 45 minutes", "I count 52").is_empty());
        assert!(sides("p99 is at 412ms", "I see 431 in the order log").is_empty());
        assert!(sides("the scheduler says 412 orders hit", "431 more to go").is_empty());
    }
}
