//! Counts that people told and that others, or they themselves, set right: "63 in the end, my 40 was a guess", and two people who
//! count the same things when it was over.
//!
//! What it sees: a number that is withdrawn by itself, with the earlier message that told it; and two counts of one noun. Why it
//! matters: the first number is what was passed on. When it misleads: a noun that two people mean differently; so of small numbers,
//! which are counts of many things, and of what comes and goes nothing is said.

use std::sync::LazyLock;

use evidence::Moment;

use super::corrections::{has_count, noun, sentence_with};
use super::speech::Sentence;
use crate::acts::{self, Quantity, QuantityKind};
use crate::findings::{About, Contradiction, ContradictionKind};
use crate::incident::Incident;
use crate::scene::{At, Utterance};
use expressions::{Expression, constant};

/// Counts of fewer are of many things.
const LEAST: f64 = 30.0;
/// What comes and goes while people count, or is counted by each in their own part.
const PASSING: [&str; 27] = [
    "pod",
    "node",
    "replica",
    "connection",
    "conexione",
    "conexoe",
    "connexion",
    "connessioni",
    "verbindungen",
    "thread",
    "worker",
    "instance",
    "server",
    "host",
    "shard",
    "partition",
    "broker",
    "retrie",
    "retry",
    "attempt",
    "error",
    "message",
    "job",
    "row",
    "line",
    "commit",
    "gb",
];
/// What is not rounded differs by so much.
const APART: f64 = 1.25;
/// Beyond so many times it is money for something else.
const MOST: f64 = 10.0;

/// What somebody takes back in the message that tells the new count, with the last earlier message that told it.
pub fn withdrawn(incident: &Incident<'_>) -> Vec<Contradiction> {
    let chat = &incident.scene.chat;
    let said = chat.iter().filter(|m| !m.what.message.is_bot && m.at >= incident.window.from);
    let mut found = Vec::new();
    for later in said {
        let text = &later.what.message.text;
        let Some((old, new)) = taken_back(text) else { continue };
        let tells = |m: &&At<Utterance>| {
            let is_before = m.place != later.place && m.at <= later.at && m.at >= incident.window.from;
            is_before && !m.what.message.is_bot && has_count(&m.what.message.text, &old)
        };
        let Some(earlier) = chat.iter().rev().find(tells) else { continue };
        let first = Sentence { message: earlier, text: sentence_with(&earlier.what.message.text, &old) };
        let last = Sentence { message: later, text: sentence_with(text, number(&new.text)) };
        let about = About::Corrected { what: first.text.to_string(), is_recorded: false };
        let sides = vec![last.side(&new.text), first.side(&old)];
        found.push(Contradiction { kind: ContradictionKind::Number, about, sides });
    }
    found
}

/// The number that a message takes back, and the count that it tells instead.
fn taken_back(text: &str) -> Option<(String, Quantity)> {
    static BACK: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:forget|ignore|scrap|disregard|scratch|instead of|rather than) (?:about )?(?:(?:the|my|our|that|those|these) )?(?:earlier |first |old )?~?(?P<a>\d[\d.,]*\d?k?)\b|\b(?:my|our|the|that|those) (?:earlier |first |old )?~?(?P<b>\d[\d.,]*\d?k?)\b[^.;!?\d]{0,40}\b(?:was|were) (?:just |only |all )?(?:a |an )?(?:wild |rough |first )?(?:guess|estimate|wrong|too (?:high|low|many)|off|nonsense|from memory)\b",
        )
    });
    let c = BACK.captures(text)?;
    let old = c.name("a").or_else(|| c.name("b"))?;
    let counted = acts::quantities(text, false).into_iter().filter(|q| is_count(q) && q.to.is_none());
    let mut others = counted.filter(|q| q.span.1 <= old.start() || q.span.0 >= old.end());
    Some((old.as_str().trim_end_matches(['.', ',']).to_string(), others.next()?))
}

fn is_count(quantity: &Quantity) -> bool {
    matches!(
        quantity.what,
        QuantityKind::Users
            | QuantityKind::Requests
            | QuantityKind::Orders
            | QuantityKind::Tickets
            | QuantityKind::Money(_)
            | QuantityKind::Count(_)
    )
}

fn number(words: &str) -> &str {
    words.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(words)
}

/// It names a day, and not that of the incident: "13/05: 6,200 students, no errors".
fn names_another_day(text: &str, over: Moment) -> bool {
    static DAY: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"^[\W_]*(?:\p{L}{2,10}\.?,? )?(?P<a>\d{1,2})(?:/(?P<b>\d{1,2})(?:/\d{2,4})?|\.(?P<c>\d{1,2})\.(?:\d{2,4})?)[:,]",
        )
    });
    let day = |at: Moment| {
        let date = at.rfc3339();
        let part = |range: std::ops::Range<usize>| date.get(range).and_then(|part| part.parse::<u8>().ok());
        part(5..7).zip(part(8..10))
    };
    let own = [day(over), day(over.plus(-86_400.0))];
    let named = DAY.captures(text).and_then(|c| {
        let (a, b): (u8, u8) = (c["a"].parse().ok()?, c.name("b").or(c.name("c"))?.as_str().parse().ok()?);
        ((1..=31).contains(&a) && (1..=31).contains(&b) && (a <= 12 || b <= 12)).then_some((a, b))
    });
    let Some((a, b)) = named else { return false };
    !own.iter().flatten().any(|day| *day == (a, b) || *day == (b, a))
}

/// Two people, two counts of the same things, when it was over.
pub fn of_two(sentences: &[Sentence<'_>], over: Moment) -> Vec<Contradiction> {
    let of = |s: &Sentence<'_>| acts::quantities(s.text, false).into_iter().filter(|q| q.value >= LEAST && q.to.is_none());
    let told: Vec<(Sentence<'_>, Quantity)> = sentences
        .iter()
        .filter(|s| {
            s.message.at >= over
                && !s.is_loose()
                && !is_reading(s.text)
                && !is_of_another_day(s.text)
                && !names_another_day(s.text, over)
        })
        .flat_map(|s| of(s).filter(|q| matches!(q.what, QuantityKind::Count(_))).map(|q| (*s, q)))
        .collect();
    let mut found = Vec::new();
    for (index, (first, one)) in told.iter().enumerate() {
        let differs = |(second, other): &&(Sentence<'_>, Quantity)| {
            second.message.what.speaker != first.message.what.speaker
                && noun(&one.text) == noun(&other.text)
                && noun(&one.text).chars().count() > 3
                && !PASSING.contains(&noun(&one.text).as_str())
                && are_apart((first, one), (second, other))
        };
        if let Some((second, other)) = told[index + 1..].iter().find(differs) {
            let what = noun(&one.text);
            let sides = vec![first.side(&one.text), second.side(&other.text)];
            found.push(Contradiction { kind: ContradictionKind::Number, about: About::Quantity { what }, sides });
        }
    }
    found
}

/// Money that two people say was lost.
pub fn of_money(sentences: &[Sentence<'_>]) -> Vec<Contradiction> {
    let told: Vec<(Sentence<'_>, Quantity, String)> = sentences
        .iter()
        .flat_map(|s| acts::quantities(s.text, false).into_iter().map(|q| (*s, q)))
        .filter_map(|(s, q)| match &q.what {
            QuantityKind::Money(currency) if q.to.is_none() && q.value >= LEAST && is_of_loss(&acts::in_english(s.text)) => {
                let currency = sign_of(currency);
                Some((s, q, currency))
            }
            _ => None,
        })
        .collect();
    let mut found = Vec::new();
    for (index, (first, one, currency)) in told.iter().enumerate() {
        let differs = |(second, other, same): &&(Sentence<'_>, Quantity, String)| {
            let ratio = one.value.max(other.value) / one.value.min(other.value);
            second.message.what.speaker != first.message.what.speaker && same == currency && (APART..=MOST).contains(&ratio)
        };
        if let Some((second, other, _)) = told[index + 1..].iter().find(differs) {
            let about = About::Quantity { what: "money that was lost".to_string() };
            let sides = vec![first.side(&one.text), second.side(&other.text)];
            found.push(Contradiction { kind: ContradictionKind::Number, about, sides });
        }
    }
    found.truncate(1);
    found
}

/// What did not come in, or what the whole of it cost; not a price, a fine or a budget.
fn is_of_loss(text: &str) -> bool {
    static LOSS: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:lost|los[es]s?|losing|missed|missing|did ?n[o'’]t (?:get|receive|come|take)|never (?:came|got)|revenue|turnover|umsatz|sales (?:we|that)|over the (?:window|outage|incident|period)|cost (?:us|of the (?:outage|incident)))\b",
        )
    });
    static ELSE: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:per (?:hour|minute|day|month|year)|an? (?:hour|minute|day|month)|each|budget|invoice|licen[cs]e|refund\w*|fine|penalt\w+)\b|/ ?(?:h|min|day)\b",
        )
    });
    LOSS.is_match(text) && !ELSE.is_match(text)
}

/// One name for a currency.
fn sign_of(currency: &str) -> String {
    let lower = currency.to_lowercase();
    match lower.trim_end_matches('s') {
        "euro" | "eur" | "€" => "EUR".to_string(),
        "dollar" | "usd" | "$" | "us$" => "USD".to_string(),
        "pound" | "gbp" | "£" => "GBP".to_string(),
        other => other.to_uppercase(),
    }
}

/// What was at another time is no other count of this.
fn is_of_another_day(text: &str) -> bool {
    static OTHER: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:last|previous|the) (?:mon|tues|wednes|thurs|fri|satur|sun)day (?:before|ago)\b|\b(?:last|previous) (?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:normally|usually|typically|on average|the (?:day|week|month|year) before|d['’]avant|(?:semaine|mois|année) derni[eè]re?|derni[eè]re? fois|habituellement|d['’]habitude|normalement|vorige[nr]? (?:woche|monat)|letzte[nrs]? (?:mal|woche|monat|jahr)|normalerweise|sonst|(?:semana|mes|m[eê]s|año|ano) (?:pasad[oa]|passad[oa]|anterior)|normalmente|di solito|settimana scorsa|vorige week|normaal)\b",
        )
    });
    OTHER.is_match(text)
}

/// Somebody reads instruments aloud: `1200 players, ws=1215` is how it is now, not how many were hit.
fn is_reading(text: &str) -> bool {
    static READ: LazyLock<Expression> = LazyLock::new(|| constant(r"\b[A-Za-z_]\w*[=:]\d+"));
    READ.is_match(text)
}

/// They differ by more than rounding, or one is below what the other says is the least.
fn are_apart((first, one): (&Sentence<'_>, &Quantity), (second, other): (&Sentence<'_>, &Quantity)) -> bool {
    static LEAST: LazyLock<Expression> = LazyLock::new(|| constant(r"(?i)\b(?:more than|over|at least|above)\b"));
    let is_least = |s: &Sentence<'_>| LEAST.is_match(&acts::in_english(s.text));
    let below = is_least(first) && other.value < one.value || is_least(second) && one.value < other.value;
    below || one.value.max(other.value) >= APART * one.value.min(other.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_that_was_lost_is_told_from_what_things_cost() {
        assert!(
            is_of_loss("I estimate about 48k EUR of gifts we did not get")
                && is_of_loss("finance says EUR 31,200 over the window")
        );
        assert!(is_of_loss("we lost 4,000 euros") && !is_of_loss("the licence costs 4,000 euros"));
        assert!(!is_of_loss("we lose 4,000 euros per hour"), "not of the whole");
        assert_eq!((sign_of("euros"), sign_of("€")), ("EUR".to_string(), "EUR".to_string()));
    }

    #[test]
    fn what_was_at_another_time_is_no_other_count() {
        for text in [
            "the Saturday before: 1412 players",
            "Samedi d'avant: 1412 joueurs",
            "normally 1412 players",
            "letzte Woche 1412 Spieler",
        ] {
            assert!(is_of_another_day(text), "{text}");
        }
        assert!(!is_of_another_day("1412 players could not join on Saturday"));
    }

    #[test]
    fn instruments_that_are_read_aloud_count_nobody_who_was_hit() {
        assert!(is_reading("1200 players, ws=1215, flat") && !is_reading("1200 players could not join at 10:05"));
    }

    #[test]
    fn what_was_counted_on_another_day_is_another_count() {
        let over = Moment::from_seconds(1_747_750_000); // 20 May 2025
        for other in ["martes 13/05: 6.200 alumnos, cero errores", "13.05.: 6,200 students", "5/13/2025: 6,200 students"] {
            assert!(names_another_day(other, over), "{other}");
        }
        for own in ["20/05: 800 students", "3/12 pods are up", "1.5 GB, 800 students", "800 students, see 13/05"] {
            assert!(!names_another_day(own, over), "{own}");
        }
    }

    #[test]
    fn a_number_is_withdrawn_beside_the_one_that_holds() {
        let read = |text| taken_back(text).map(|(old, new)| format!("{old} {}", new.text));
        assert_eq!(read("in the end 212 tickets. my 90 this morning was a guess"), Some("90 212 tickets".into()));
        assert_eq!(read("from the logs: 8,400 players could not join. forget my 50k"), Some("50k 8,400 players".into()));
        assert_eq!(read("forget the 2 pods, 8,400 players could not join"), Some("2 8,400 players".into()));
        for text in ["212 tickets in the end", "my 90 minutes were a long time", "forget it, 212 tickets", "the 500s were wrong"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
