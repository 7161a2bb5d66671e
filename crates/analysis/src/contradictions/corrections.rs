//! Words that contradict others by themselves: what somebody corrects ("17:43, not 17:20"), and a duration beside its own ends.
//!
//! Must never need a record: nothing here hangs on zones or clocks. Misled by "three, not two" where two was told of something
//! else; so the corrected value has to have been told before, of the same kind.

use std::sync::LazyLock;

use super::speech::{self, Sentence, Told};
use crate::acts::{self, DurationOf, Quantity, QuantityKind};
use crate::findings::{About, Contradiction, ContradictionKind, Places, Side};
use crate::incident::Incident;
use crate::scene::{At, Scene, Utterance};
use expressions::{Expression, constant};

/// Words of fewer letters are of many things.
const TELLING: usize = 6;

/// What a sentence corrects, with the last earlier sentence that told it so.
pub fn corrected(scene: &Scene, sentences: &[Sentence<'_>]) -> Vec<Contradiction> {
    let mut found = Vec::new();
    for (index, later) in sentences.iter().enumerate() {
        let Some((new, old)) = times_of(later.text) else { continue };
        let tells = |s: &&Sentence<'_>| {
            let is_other = s.message.place != later.message.place && s.message.at <= later.message.at;
            is_other && (speech::times_in(s.text).iter().any(|told| told.text == old) || has_hour(s.text, &old))
        };
        let Some(earlier) = sentences[..index].iter().rev().find(tells) else { continue };
        let record = recorded(scene, later, &new);
        let about = About::Corrected { what: earlier.text.to_string(), is_recorded: record.is_some() };
        let sides = [later.side(&new), earlier.side(&old)].into_iter().chain(record).collect();
        found.push(Contradiction { kind: ContradictionKind::Time, about, sides });
    }
    found
}

/// A figure that somebody corrects, with the last earlier sentence that told another of the same thing.
pub fn corrected_figures(sentences: &[Sentence<'_>]) -> Vec<Contradiction> {
    let mut found = Vec::new();
    for (index, later) in sentences.iter().enumerate().filter(|(_, s)| CORRECTS.is_match(&acts::in_english(s.text))) {
        for new in acts::quantities(later.text, false).into_iter().filter(is_count) {
            let told = |s: &Sentence<'_>| {
                let same = |old: &Quantity| old.what == new.what && noun(&old.text) == noun(&new.text) && old.value != new.value;
                let is_other = s.message.place != later.message.place && s.message.at <= later.message.at;
                is_other.then(|| acts::quantities(s.text, false).into_iter().find(same)).flatten()
            };
            let Some((earlier, old)) = sentences[..index].iter().rev().find_map(|s| Some((s, told(s)?))) else { continue };
            let about = About::Corrected { what: earlier.text.to_string(), is_recorded: false };
            let sides = vec![later.side(&new.text), earlier.side(&old.text)];
            found.push(Contradiction { kind: ContradictionKind::Number, about, sides });
        }
    }
    found
}

/// A count that its sentence corrects, with the earlier message that told it so: "212 drivers were affected, not 500".
pub fn recounted(incident: &Incident<'_>, sentences: &[Sentence<'_>]) -> Vec<Contradiction> {
    let scene = incident.scene;
    let mut found = Vec::new();
    for later in sentences {
        let Some((new, old)) = counts_of(later.text) else { continue };
        let tells = |m: &&At<Utterance>| {
            let is_before = m.place != later.message.place && m.at <= later.message.at && m.at >= incident.window.from;
            is_before && !m.what.message.is_bot && has_count(&m.what.message.text, &old)
        };
        let Some(earlier) = scene.chat.iter().rev().find(tells) else { continue };
        let words = sentence_with(&earlier.what.message.text, &old);
        let what = new.text.split_whitespace().last().unwrap_or_default().to_string();
        let sides = vec![later.side(&new.text), Sentence { message: earlier, text: words }.side(&old)];
        found.push(Contradiction { kind: ContradictionKind::Number, about: About::Quantity { what }, sides });
    }
    found
}

static CORRECTS: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)^\W*(?:small |one )?(?:correction|corrected|korrektur|i (?:was|were) wrong|my number was wrong|that number was wrong)\b",
    )
});

fn is_count(quantity: &Quantity) -> bool {
    matches!(quantity.what, QuantityKind::Users | QuantityKind::Requests | QuantityKind::Tickets) && quantity.to.is_none()
}

/// The last word of a figure: `3,100 riders`.
pub fn noun(text: &str) -> String {
    text.rsplit(' ').next().unwrap_or_default().to_lowercase().trim_end_matches('s').to_string()
}

/// Of what is none of these, smaller counts are of many things.
const LEAST: f64 = 20.0;

/// The new count, of people, orders, requests, tickets or money, and the number that it was not.
fn counts_of(text: &str) -> Option<(Quantity, String)> {
    static NOT: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:not|instead of|rather than|nicht|statt|pas|et non|au lieu de|no|en vez de|não|em vez de|non|invece di|niet|in plaats van|inte|ikke|i stället för|a nie|zamiast) (?:the |about |around |~|some |die |les |los |las |os |as |de )?(?P<old>\d[\d.,]*\d)(?P<then>[^\d%:]*)$",
        )
    });
    let c = NOT.captures(text)?;
    let (whole, old, then) = (c.get(0)?, c.name("old")?.as_str(), c.name("then")?.as_str());
    let is_counted = |q: &Quantity| {
        let counts = matches!(
            q.what,
            QuantityKind::Users | QuantityKind::Orders | QuantityKind::Requests | QuantityKind::Tickets | QuantityKind::Money(_)
        ) || matches!(q.what, QuantityKind::Count(_)) && q.value >= LEAST;
        counts && q.span.1 <= whole.start() && q.to.is_none()
    };
    let new = acts::quantities(text, false).into_iter().rfind(is_counted)?;
    // "214 of them, not 500 and not 300": what follows is no part of a count any more.
    // What stands in brackets explains it.
    let then = then.trim_start();
    let is_short =
        then.split_whitespace().count() <= 3 || then.starts_with('(') && then.trim_end_matches(['.', ' ']).ends_with(')');
    (is_short && !new.text.contains(old)).then(|| (new, old.to_string()))
}

/// The number stands there as a count: not in a time, a version, an address, a share or as the status of an answer.
pub fn has_count(text: &str, number: &str) -> bool {
    static STATUS: LazyLock<Expression> =
        LazyLock::new(|| constant(r"(?i)^(?:s\b| ?(?:errors?|status|codes?|responses?|%|percent|ms|s|min|minutes?|mb|gb)\b)"));
    let is_status = |rest: &str| STATUS.is_match(rest) || rest.starts_with('%');
    text.match_indices(number).any(|(at, _)| {
        let rest = &text[at + number.len()..];
        let before = text[..at].chars().next_back();
        let joins = |c: char| c.is_alphanumeric() || matches!(c, '.' | ':' | '#' | '-' | '/' | '_' | ',');
        let goes_on = rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, ':' | '/' | '_' | '-'))
            || rest.starts_with(['.', ',']) && rest[1..].starts_with(|c: char| c.is_ascii_digit());
        !before.is_some_and(joins) && !goes_on && !is_status(rest)
    })
}

pub fn sentence_with<'t>(text: &'t str, number: &str) -> &'t str {
    let spans = acts::relative_sentence_split(text);
    spans.into_iter().map(|(start, end)| text[start..end].trim()).find(|s| has_count(s, number)).unwrap_or(text)
}

/// A record of a log of just that second that has a telling word of who corrects.
fn recorded(scene: &Scene, later: &Sentence<'_>, new: &str) -> Option<Side> {
    let told = speech::times_in(later.text).into_iter().find(|told| told.text == new)?;
    let lower = later.text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() >= TELLING).collect();
    let kept = scene.digests.iter().flat_map(|d| d.patterns.iter().flat_map(|p| p.exemplars.iter()));
    let mut fits = kept.filter_map(|e| {
        let at = scene.clock(e.place.source).moment(e.stamp?)?;
        let text = e.text.to_lowercase();
        (told.from(at).0 == 0 && words.iter().any(|word| text.contains(word))).then_some((at, e))
    });
    let (at, record) = fits.next()?;
    Some(Side {
        value: at.time_of_day(),
        number: None,
        between: None,
        measure: None,
        stated_by: None,
        words: Some(crate::signals::first_line(&record.text)),
        places: Places::one(record.place),
    })
}

/// `14:05:52 …, not 14:05:20` or `not :20`: the new time and the old one.
fn times_of(text: &str) -> Option<(String, String)> {
    static NOT: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:not|instead of|rather than) (?:at |from |since )?(?P<old>\d{0,2}(?::\d{2}){1,2}|\d{1,2} (?:sharp|o['’]clock|uhr)|\d{1,2} ?[ap]m)\b",
        )
    });
    let c = NOT.captures(text)?;
    let old = c.name("old")?;
    let times = speech::times_in(text);
    let new = times.iter().find(|told| told.span.1 <= c.get(0).map_or(0, |m| m.start()) || told.span.0 >= old.end())?;
    let written = old.as_str();
    // Only the part that differs: ":20" of 14:05:52.
    let whole = if written.starts_with(':') {
        let head = new.text.len().checked_sub(written.len())?;
        format!("{}{written}", new.text.get(..head)?)
    } else {
        written.to_string()
    };
    (whole != new.text).then(|| (new.text.to_string(), whole))
}

/// An hour with the word that makes it one: `9 sharp`, `9 o'clock`, `9 pm`.
fn has_hour(text: &str, hour: &str) -> bool {
    !hour.contains(':') && crate::entities::word_at(text, hour).is_some()
}

/// `down from 14:05 to 14:35, 20 minutes`: a duration that its own ends do not give.
pub fn own_ends(sentences: &[Sentence<'_>]) -> Vec<Contradiction> {
    sentences.iter().filter_map(|sentence| by_itself(sentence)).collect()
}

fn by_itself(sentence: &Sentence<'_>) -> Option<Contradiction> {
    let quantities: Vec<Quantity> = acts::quantities(sentence.text, false).into_iter().filter(lasts).collect();
    let [quantity] = quantities.as_slice() else { return None };
    let (from, to, span) = ends(sentence.text)?;
    let (start, end) = quantity.span;
    let between = if start >= span.1 { sentence.text.get(span.1..start)? } else { sentence.text.get(end..span.0)? };
    let seconds = (to.second - from.second).rem_euclid(86_400) as f64;
    let room = if quantity.approx || from.is_about || to.is_about { 0.25 } else { 0.1 };
    let off = (seconds - quantity.value).abs();
    if !is_joint(between) || off <= 120.0 || off <= room * seconds.max(quantity.value) {
        return None;
    }
    let interval = sentence.text.get(from.span.0..to.span.1)?.trim();
    let sides = vec![sentence.side(&quantity.text), sentence.side(interval)];
    Some(Contradiction { kind: ContradictionKind::Duration, about: About::OwnEnds, sides })
}

fn lasts(quantity: &Quantity) -> bool {
    matches!(quantity.what, QuantityKind::Duration(of) if !matches!(of, DurationOf::Window | DurationOf::Mtta | DurationOf::Mttd))
}

/// The two times of `from 14:05 to 14:35`, `14:05-14:35`, and what they span.
pub(super) fn ends(text: &str) -> Option<(Told<'_>, Told<'_>, (usize, usize))> {
    let times = speech::times_in(text);
    let [from, to] = <[Told<'_>; 2]>::try_from(times).ok()?;
    let between = text.get(from.span.1..to.span.0)?.trim();
    let is_span = is_between(&between.to_lowercase())
        || UNTIL.iter().any(|until| text[from.span.1..to.span.1].trim_start().to_lowercase().starts_with(until));
    let head = text.get(..from.span.0)?.trim_end().to_lowercase();
    let opens = between != "and" || head.ends_with("between");
    let span = (from.span.0, to.span.1);
    (is_span && opens).then_some((from, to, span))
}

/// Words that are read as a part of the time behind them.
const UNTIL: [&str; 6] = ["until", "till", "bis", "uhr bis", "hasta", "jusqu"];

/// What stands between the two ends of a stretch, in a few languages.
fn is_between(words: &str) -> bool {
    const BETWEEN: [&str; 20] = [
        "to",
        "until",
        "till",
        "-",
        "–",
        "—",
        "and",
        "→",
        "->",
        "uhr bis",
        "bis",
        "à",
        "jusqu'à",
        "a",
        "a las",
        "hasta",
        "hasta las",
        "alle",
        "tot",
        "utc to",
    ];
    BETWEEN.contains(&words)
}

/// Only words that join a duration to its ends: "(", "for a total of", "lasted".
fn is_joint(between: &str) -> bool {
    static JOINT: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)^(?:\W|\b(?:so|for|a|total|of|in|about|around|roughly|approx|that|this|which|is|was|are|were|makes?|i\.e|utc|gmt|local|time|lasted|lasting|altogether|from|between|duration|outage|downtime|down|out)\b)*$",
        )
    });
    JOINT.is_match(between)
}

#[cfg(test)]
mod tests {
    use evidence::{Moment, RecordRef, SourceId};

    use super::*;
    use crate::scene::{At, Utterance};

    #[test]
    fn a_corrected_time_may_be_written_in_part() {
        let read = |text| times_of(text).map(|(new, old)| format!("{new} {old}"));
        assert_eq!(read("correction: the cache came back 17:43:52, not :20"), Some("17:43:52 17:43:20".into()));
        assert_eq!(read("it was 14:15, not 14:05"), Some("14:15 14:05".into()));
        assert_eq!(read("not 14:05, the log has 14:15"), Some("14:15 14:05".into()));
        assert_eq!(read("back at 14:05 and not before"), None);
        assert_eq!(read("by the log it began 6:57:12, not 7 sharp"), Some("6:57:12 7 sharp".into()));
        assert!(has_hour("it went dark at 7 sharp", "7 sharp") && !has_hour("at 17 sharp", "7 sharp"));
        assert_eq!(read("6:57:12, not 7 of them"), None);
    }

    #[test]
    fn a_corrected_count_is_of_the_same_kind() {
        let read = |text| counts_of(text).map(|(new, old)| format!("{} {old}", new.text));
        assert_eq!(read("counted again: 212 tenants were affected, not 500"), Some("212 tenants 500".into()));
        assert_eq!(read("96 tickets rather than the 140 we had"), Some("96 tickets 140".into()));
        assert_eq!(read("212 tenants were affected, not 14:05"), None);
        assert_eq!(read("- 17 Tickets, nicht 23 (da waren Nachfragen mitgezählt)."), Some("17 Tickets 23".into()));
        assert_eq!(read("212 clients touchés, pas 500"), Some("212 clients 500".into()));
        assert_eq!(read("cpu is at 40 now, not 90"), None);
        assert_eq!(read("212 tenants were affected, not 20% of all"), None);
        assert!(has_count("maybe 500 of them?", "500") && has_count("I count 500.", "500"));
        for text in ["we see 500 errors", "lots of 500s", "from 1,500 to", "in v2.500", "500 ms", "500% up", "http/500"] {
            assert!(!has_count(text, "500"), "{text}");
        }
    }

    #[test]
    fn a_figure_is_corrected_by_whoever_says_so() {
        let told = |texts: &[&str]| {
            let at = |line: usize| {
                let place = RecordRef {
                    source: SourceId { input: 0, entry: 0 },
                    start: line as u64,
                    end: line as u64 + 1,
                    line: line as u64,
                    last_line: line as u64,
                };
                let message = evidence::Message { author: "ana".into(), ..evidence::Message::default() };
                let what = Utterance { message, speaker: "@ana".into(), said: Vec::new() };
                At { at: Moment::from_seconds(line as i64 * 60), place, what }
            };
            let messages: Vec<At<Utterance>> = (1..=texts.len()).map(at).collect();
            let sentences: Vec<Sentence<'_>> =
                messages.iter().zip(texts).map(|(message, text)| Sentence { message, text }).collect();
            let values = |c: Contradiction| c.sides.iter().map(|s| s.value.clone()).collect::<Vec<_>>().join(" | ");
            corrected_figures(&sentences).into_iter().map(values).collect::<Vec<_>>()
        };
        let first = "roughly 2,000 patients can not book";
        assert_eq!(told(&[first, "correction: 1,380 patients were affected"]), ["1,380 patients | roughly 2,000 patients"]);
        assert!(told(&[first, "1,380 patients were affected"]).is_empty(), "nobody corrects it");
        assert!(told(&[first, "correction: 54 tickets"]).is_empty(), "of something else");
        assert!(told(&[first, "correction: 2,000 patients, all in one town"]).is_empty(), "the same");
    }

    #[test]
    fn a_duration_belongs_to_the_ends_beside_it() {
        assert!(
            is_joint(" (")
                && is_joint(", so we were down for ".trim_end_matches("we were down for "))
                && is_joint(" UTC, a total of ")
        );
        assert!(!is_joint(", and the queue needed "));
        let read = |text| ends(text).map(|(from, to, _)| (from.text.to_string(), to.text.to_string()));
        assert_eq!(read("down from 14:05 to 14:35 UTC, 20 minutes"), Some(("14:05".into(), "14:35".into())));
        assert_eq!(read("between 14:05 and 14:35"), Some(("14:05".into(), "14:35".into())));
        assert_eq!(read("paged 14:05 and acked 14:08"), None);
    }
}
