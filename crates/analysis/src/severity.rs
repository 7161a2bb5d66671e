//! How grave the incident was in the words of those who rated it.
//!
//! What it sees: a priority of the incident (`P2`, `SEV-1`) wherever it is given to it, then how grave its page is, then the
//! gravest of its alerts. Why it matters: the rating decides who is told. When it misleads: a priority that somebody gives to a
//! ticket elsewhere; only words that rate this incident are taken.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use evidence::{Moment, Page, PageAction};

use crate::acts::Act;
use crate::contradictions;
use crate::findings::{Places, Stated};
use crate::incident::Incident;
use crate::scene::{At, Scene, Utterance};
use crate::window::is_low;
use expressions::{Expression, constant};

pub fn find(incident: &Incident<'_>) -> Option<Stated> {
    let scene = incident.scene;
    let near = |at: Moment| at >= incident.window.from.plus(-120.0) && at <= incident.window.to.plus(3_600.0);
    let near_pages = || scene.pages.iter().filter(|p| near(p.at));
    let acknowledged = near_pages().filter(|p| p.what.action == PageAction::Acknowledged);
    let taken: BTreeSet<&str> = acknowledged.map(|p| p.what.incident.as_str()).collect();
    let is_taken = |p: &At<Page>| taken.contains(p.what.incident.as_str());
    // Pages that somebody took before those that nobody did.
    let mut pages: Vec<&At<Page>> = near_pages().collect();
    pages.sort_by_key(|p| !is_taken(p));
    let of_page = |p: &At<Page>, words: &str| stated(words, None, p.at, Places::one(p.place));
    let rated = pages.iter().filter_map(|p| set_to(&p.what.text).map(|words| of_page(p, words))).max_by_key(|s| s.at);
    let marked = || pages.iter().find_map(|p| p.what.priority.as_deref().and_then(mark).map(|words| of_page(p, words)));
    let titled = || {
        let opened = |p: &At<Page>| p.what.action == PageAction::Triggered;
        let told = |p: &At<Page>| mark(&p.what.title).or_else(|| mark(&p.what.text).filter(|_| opened(p))).map(|w| of_page(p, w));
        pages.iter().find_map(|p| told(p))
    };
    let graded = |p: &&At<Page>| p.what.priority.as_deref().or_else(|| worded(&p.what.title)).map(|words| of_page(p, words));
    let by_page =
        || pages.iter().filter(|p| is_taken(p)).find_map(graded).or_else(|| pages.iter().filter_map(graded).min_by_key(rank_of));
    let said = || by_people(scene, &near).or_else(|| in_passing(scene, &near)).or_else(|| by_programs(scene, &near));
    let said = || said().or_else(|| in_notes(incident));
    rated.or_else(marked).or_else(titled).or_else(said).or_else(by_page).or_else(|| by_alert(incident, &near))
}

fn rank_of(stated: &Stated) -> u8 {
    rank(&stated.words)
}

fn stated(words: &str, author: Option<String>, at: Moment, places: Places) -> Stated {
    Stated { words: words.to_string(), author, at: Some(at), places }
}

fn by_message(message: &At<Utterance>, words: &str) -> Stated {
    stated(words, Some(message.what.speaker.clone()), message.at, Places::one(message.place))
}

/// A priority as it is written: `P2`, `SEV-1`.
pub fn mark(text: &str) -> Option<&str> {
    static MARK: LazyLock<Expression> = LazyLock::new(|| {
        constant(r"\b(?:P[0-5]|(?i:SEV)(?:(?i:erity))?[ -]?[0-5]|(?i:prio)(?:(?i:rity)|(?i:rität))?[ -]?[0-5])\b")
    });
    MARK.find(text).map(|m| m.as_str())
}

/// What the entry of a pager says it was set to.
fn set_to(text: &str) -> Option<&str> {
    static SET: LazyLock<Expression> = LazyLock::new(|| {
        constant(r"(?i)\b(?:priority|severity) (?:was |is )?(?:set|changed|raised|lowered|updated)(?: from \S+)? to \S")
    });
    SET.find(text).and_then(|m| mark(&text[m.end() - 1..]))
}

/// `severity critical`, `severity: major` in a title.
fn worded(title: &str) -> Option<&str> {
    static WORDED: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\bseverity\s*[:=]?\s*(critical|major|high|error|warning|minor|medium|low)\b|^\[?(CRITICAL|MAJOR|WARNING)\b",
        )
    });
    let c = WORDED.captures(title)?;
    c.get(1).or(c.get(2)).map(|m| m.as_str())
}

/// What people declare it to be, the last word.
fn by_people(scene: &Scene, near: &dyn Fn(Moment) -> bool) -> Option<Stated> {
    let people = scene.chat.iter().rev().filter(|m| near(m.at) && !m.what.message.is_bot);
    let declared = |m: &At<Utterance>| {
        let mut sentences = m.what.said.iter().filter(|s| s.act == Act::Declare).map(|s| m.what.sentence(s));
        sentences.find_map(mark).map(|words| by_message(m, words))
    };
    people.into_iter().find_map(declared)
}

/// How people call it while they speak of something else, the last word: "acked, SEV3 for now". Priorities are given to tickets as
/// well, so only the marks of incidents count.
fn in_passing(scene: &Scene, near: &dyn Fn(Moment) -> bool) -> Option<Stated> {
    let people = scene.chat.iter().rev().filter(|m| near(m.at) && !m.what.message.is_bot);
    people.into_iter().find_map(|m| {
        let text = m.what.message.text.as_str();
        let is_work = m.what.does(Act::ActionItem) || m.what.does(Act::Prevention);
        let mut sentences = crate::acts::relative_sentence_split(text).into_iter().filter_map(|(from, to)| text.get(from..to));
        let words =
            sentences.find_map(|sentence| passing_mark(sentence).or_else(|| short_mark(sentence))).filter(|_| !is_work)?;
        Some(by_message(m, words))
    })
}

/// How those call it who wrote it down, where they call it so only.
fn in_notes(incident: &Incident<'_>) -> Option<Stated> {
    let notes = contradictions::written(incident);
    let mut marked = notes.iter().filter_map(|m| Some((m, passing_mark(&m.what.message.text)?)));
    let (first, words) = marked.next()?;
    let found = Stated { words: words.to_string(), author: None, at: None, places: Places::one(first.place) };
    marked.all(|(_, other)| rank(other) == rank(words)).then_some(found)
}

/// `SEV3` of this incident: not of another one, and neither asked nor denied.
fn passing_mark(sentence: &str) -> Option<&str> {
    static OTHER: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\?|\b(?:not|no|never|isn[’']t|wasn[’']t|if|would|could|should|may|might|like|as|same|other|another|last|previous|yesterday|next|every|any|if|unless|than|was)\b",
        )
    });
    let words = mark(sentence).filter(|words| words.to_ascii_uppercase().starts_with("SEV"))?;
    (!OTHER.is_match(sentence)).then_some(words)
}

/// `S2` where the word for it stands before, in any language.
fn short_mark(sentence: &str) -> Option<&str> {
    static SHORT: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i:\bseverity)(?: is| was| level)?\s*[:=]?\s*(S[1-5])\b|(?:^|[,;(-] ?)(?:(?:it|this) )?(?i:is )?((?i:prio(?:rity)?) ?[1-5])\b(?:[.,;)]|$)",
        )
    });
    let english = crate::acts::in_english(sentence);
    let mark = SHORT.captures(&english).and_then(|c| c.get(1).or(c.get(2)))?.as_str();
    (!sentence.contains('?')).then(|| sentence.find(mark).and_then(|at| sentence.get(at..at + mark.len()))).flatten()
}

/// What programs that report it call it, the gravest.
fn by_programs(scene: &Scene, near: &dyn Fn(Moment) -> bool) -> Option<Stated> {
    let programs = scene.chat.iter().filter(|m| near(m.at) && m.what.message.is_bot && m.what.does(Act::Detect));
    programs.filter_map(|m| mark(&m.what.message.text).map(|words| by_message(m, words))).min_by_key(rank_of)
}

/// The gravest of the alerts that fired, the first of equals.
fn by_alert(incident: &Incident<'_>, near: &dyn Fn(Moment) -> bool) -> Option<Stated> {
    let firing = incident.scene.alerts.iter().filter(|a| a.what.firing && near(a.at));
    let rated = firing.filter_map(|a| {
        let words = mark(&a.what.name).or(a.what.severity.as_deref())?;
        Some((rank(words), a, words))
    });
    let (_, alert, words) = rated.min_by_key(|(rank, a, _)| (*rank, a.at, a.place))?;
    Some(stated(words, None, alert.at, Places::one(alert.place)))
}

/// 0 is the gravest.
fn rank(words: &str) -> u8 {
    let lower = words.to_lowercase();
    let digit = lower.bytes().find(u8::is_ascii_digit).filter(|_| mark(words).is_some());
    match (digit, lower.as_str()) {
        (Some(digit), _) => (digit - b'0').saturating_sub(1).min(4),
        (None, "critical" | "page" | "fatal" | "emergency" | "disaster" | "crit" | "kritisch" | "katastrophe") => 0,
        (None, "high" | "error" | "major" | "average" | "hoch") => 1,
        (None, _) if is_low(Some(words)) => 4,
        (None, _) => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priorities_are_marks_and_percentiles_are_none() {
        assert_eq!(mark("[P2] High 5xx ratio"), Some("P2"));
        assert_eq!(mark("*Triggered* #12 SEV2 | success ratio"), Some("SEV2"));
        assert_eq!(mark("Prio 1, nobody can log in"), Some("Prio 1"));
        assert_eq!(mark("p95 above 2 s, P95 too, step 1"), None);
        assert_eq!(short_mark("closing it, severity S2, some 40 customers"), Some("S2"));
        assert_eq!(short_mark("avslutter, alvorlighet S3"), Some("S3"));
        assert_eq!(short_mark("the bucket in S3 is slow"), None);
        assert_eq!(short_mark("Schaue ich mir an, ist Prio 2"), Some("Prio 2"));
        assert_eq!(short_mark("the ticket for prio 3 customers"), None);
        assert_eq!(set_to("Priority set to P2 by Iva Horn."), Some("P2"));
        assert_eq!(set_to("priority changed from P3 to P1"), Some("P1"));
        assert_eq!(set_to("the priority is P2"), None);
        assert_eq!(worded("StockApi5xxHigh (prod, severity critical)"), Some("critical"));
    }

    #[test]
    fn people_call_this_incident_so_and_no_other_one() {
        assert_eq!(passing_mark("queue is growing, acked. SEV3 for now"), Some("SEV3"));
        assert_eq!(passing_mark("SEV1, shop-5xx, see #ops"), Some("SEV1"));
        for other in ["is this a SEV1?", "not a SEV1", "like the SEV2 of last week", "it was a SEV2 then", "P1 ticket for it"] {
            assert_eq!(passing_mark(other), None, "{other}");
        }
    }

    #[test]
    fn the_gravest_comes_first() {
        let mut words = ["info", "warning", "SEV-1", "P3", "major"];
        words.sort_by_key(|w| rank(w));
        assert_eq!(words, ["SEV-1", "major", "warning", "P3", "info"]);
    }
}
