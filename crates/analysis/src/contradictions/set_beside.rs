//! A count that somebody tells, and in the same breath the number of before that it is not: "correction: 287. the 310 had test accounts
//! in it", "1100, counted. the 2000 on the page are all who looked".
//!
//! What it sees: a message with a count and, behind it, a number with an article, which somebody told before. Why it matters: the older
//! number was passed on. When it misleads: two numbers of two things; so the older one has to have been told in an earlier message, and
//! both have to be of one size.

use std::sync::LazyLock;

use super::corrections::{has_count, sentence_with};
use super::speech::Sentence;
use crate::acts;
use crate::findings::{About, Contradiction, ContradictionKind};
use crate::incident::Incident;
use crate::scene::{At, Utterance};
use expressions::{Expression, constant};

/// Smaller numbers are of many things.
const LEAST: f64 = 20.0;
/// The one is at most so many times the other.
const MOST: f64 = 5.0;

/// In the chat, and in notes that somebody wrote afterwards.
pub fn find(incident: &Incident<'_>, written: &[At<Utterance>]) -> Vec<Contradiction> {
    let chat = &incident.scene.chat;
    let mut found = Vec::new();
    let said = chat.iter().filter(|m| !m.what.message.is_bot && m.at >= incident.window.from);
    for later in said.chain(written) {
        let text = &later.what.message.text;
        let Some((new, old)) = numbers(text) else { continue };
        let tells = |m: &&At<Utterance>| {
            let is_before = m.place != later.place && m.at <= later.at && m.at >= incident.window.from;
            is_before && !m.what.message.is_bot && has_count(&m.what.message.text, &old) && !has_count(&m.what.message.text, &new)
        };
        let Some(earlier) = chat.iter().rev().find(tells) else { continue };
        let first = Sentence { message: earlier, text: sentence_with(&earlier.what.message.text, &old) };
        let last = Sentence { message: later, text: sentence_with(text, &new) };
        let about = About::Corrected { what: first.text.to_string(), is_recorded: false };
        let sides = vec![last.side(&new), first.side(&old)];
        found.push(Contradiction { kind: ContradictionKind::Number, about, sides });
    }
    found
}

/// The count that a message tells, and the number that it sets beside it.
fn numbers(text: &str) -> Option<(String, String)> {
    static OLD: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)(?:^|[.;,!\n(–—-] ?)(?:the|those|these|my|our|your|les|ces|die|diese|los|las|esos|i|gli|os|as) ~?(?P<old>\d[\d.,]*\d)\b(?P<then>[^.;!\n]*)",
        )
    });
    // A stretch of time, a share, a size, a date.
    static UNIT: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)^ ?(?:st|nd|rd|th|s|ms|secs?|seconds?|min\w*|h|hours?|heures?|horas?|stunden?|days?|tage?n?|jours?|d[ií]as?|weeks?|am|pm|uhr|%|percent|mb|gb|errors?|ones|release|version|build)\b",
        )
    });
    let c = OLD.captures(text)?;
    let (old, then) = (c.name("old")?, c.name("then")?.as_str());
    // It says something of the older number.
    let says = then.split_whitespace().count() >= 2 && !UNIT.is_match(then) && !then.contains('?');
    let value = |written: &str| written.replace([',', '.'], "").parse::<f64>().ok();
    // The new count stands in the same line, and first: what follows it explains it.
    let line = text[..old.start()].rfind('\n').map_or(0, |at| at + 1);
    let head = text.get(line..old.start())?;
    let told = acts::quantities(head, false);
    let is_other = |q: &acts::Quantity| q.to.is_some() || matches!(q.what, acts::QuantityKind::Duration(_));
    let spans: Vec<(usize, usize)> = told.iter().filter(|q| is_other(q)).map(|q| q.span).collect();
    let is_free = |from: usize| !spans.iter().any(|(start, end)| (*start..*end).contains(&from));
    let b = value(old.as_str())?;
    let is_like = |a: f64| a.min(b) >= LEAST && (a - b).abs() > 0.5 && a.max(b) <= MOST * a.min(b);
    static NUMBER: LazyLock<Expression> = LazyLock::new(|| constant(r"\d[\d.,]*\d"));
    let mut before = NUMBER.find_iter(head).filter(|m| is_free(m.start()) && has_count(head, m.as_str()));
    let new = before.find(|m| value(m.as_str()).is_some_and(is_like))?;
    says.then(|| (new.as_str().to_string(), old.as_str().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        numbers(text).map(|(new, old)| format!("{new} {old}"))
    }

    #[test]
    fn an_older_number_is_set_beside_the_new_one() {
        assert_eq!(read("correction on riders: 187. the 210 had the test accounts in it").as_deref(), Some("187 210"));
        assert_eq!(read("joueurs dehors: 700, compté. les 900 du forum c'est tout le monde").as_deref(), Some("700 900"));
        assert_eq!(
            read("dehors: **700**, compté sur la courbe (850 -> 140). les 900 du forum c'est tout le monde").as_deref(),
            Some("700 900")
        );
        assert_eq!(read("41 tickets, my 60 was with the duplicates").as_deref(), Some("41 60"));
    }

    #[test]
    fn two_numbers_of_two_things_are_no_correction() {
        for text in [
            "187 riders, the 20 minutes before were fine",
            "the 210 had the test accounts in it",
            "187 riders. the 210?",
            "we scaled to 30, the 4000 requests waited",
            "187 of the 210",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
