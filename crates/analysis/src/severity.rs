//! How grave the incident was in the words of those who rated it.
//!
//! What it sees: a priority of the incident (`P2`, `SEV-1`) wherever it is given to it, then how grave its page is, then the
//! gravest of its alerts. Why it matters: the rating decides who is told. When it misleads: a priority that somebody gives to a
//! ticket elsewhere; only words that rate this incident are taken.

use std::sync::LazyLock;

use evidence::{Moment, Page, PageAction};
use regex::Regex;

use crate::acts::Act;
use crate::expressions::constant;
use crate::findings::{Places, Stated};
use crate::incident::Incident;
use crate::scene::{At, Utterance};
use crate::window::is_low;

pub fn find(incident: &Incident<'_>) -> Option<Stated> {
    let scene = incident.scene;
    let near = |at: Moment| at >= incident.window.from.plus(-120.0) && at <= incident.window.to.plus(3_600.0);
    let pages: Vec<&At<Page>> = taken_first(scene.pages.iter().filter(|p| near(p.at)).collect());
    let of_page = |p: &&At<Page>, words: &str| stated(words, None, p.at, Places::one(p.place));
    let rated = pages.iter().filter_map(|p| set_to(&p.what.text).map(|words| of_page(p, words))).max_by_key(|s| s.at);
    let marked = || pages.iter().find_map(|p| p.what.priority.as_deref().and_then(mark).map(|words| of_page(p, words)));
    let opened = |p: &&&At<Page>| p.what.action == PageAction::Triggered;
    let titled = || {
        let opening = |p: &&At<Page>| mark(&p.what.text).filter(|_| opened(&p)).map(|words| of_page(p, words));
        pages.iter().find_map(|p| mark(&p.what.title).map(|words| of_page(p, words)).or_else(|| opening(p)))
    };
    let said = || scene.chat.iter().rev().filter(|m| near(m.at)).find_map(|m| Some(by_message(m, rating(&m.what)?)));
    let by_page =
        || pages.iter().find_map(|p| p.what.priority.as_deref().or_else(|| worded(&p.what.title)).map(|w| of_page(p, w)));
    rated.or_else(marked).or_else(titled).or_else(said).or_else(by_page).or_else(|| by_alert(incident, &near))
}

fn stated(words: &str, author: Option<String>, at: Moment, places: Places) -> Stated {
    Stated { words: words.to_string(), author, at: Some(at), places }
}

fn by_message(message: &At<Utterance>, words: &str) -> Stated {
    stated(words, Some(message.what.speaker.clone()), message.at, Places::one(message.place))
}

/// Pages that somebody took before those that nobody did.
fn taken_first(mut pages: Vec<&At<Page>>) -> Vec<&At<Page>> {
    let taken: Vec<String> =
        pages.iter().filter(|p| p.what.action == PageAction::Acknowledged).map(|p| p.what.incident.clone()).collect();
    pages.sort_by_key(|p| !taken.contains(&p.what.incident));
    pages
}

/// A priority as it is written: `P2`, `SEV-1`.
fn mark(text: &str) -> Option<&str> {
    static MARK: LazyLock<Regex> = LazyLock::new(|| constant(r"\b(?:P[0-5]|(?i:SEV)(?:(?i:erity))?[ -]?[0-5])\b"));
    MARK.find(text).map(|m| m.as_str())
}

/// What the entry of a pager says it was set to.
fn set_to(text: &str) -> Option<&str> {
    static SET: LazyLock<Regex> = LazyLock::new(|| {
        constant(r"(?i)\b(?:priority|severity) (?:was |is )?(?:set|changed|raised|lowered|updated)(?: from \S+)? to \S")
    });
    SET.find(text).and_then(|m| mark(&text[m.end() - 1..]))
}

/// `severity critical`, `severity: major` in a title.
fn worded(title: &str) -> Option<&str> {
    static WORDED: LazyLock<Regex> = LazyLock::new(|| {
        constant(
            r"(?i)\bseverity\s*[:=]?\s*(critical|major|high|error|warning|minor|medium|low)\b|^\[?(CRITICAL|MAJOR|WARNING)\b",
        )
    });
    let c = WORDED.captures(title)?;
    c.get(1).or(c.get(2)).map(|m| m.as_str())
}

/// What a person declares it to be, or what a program that reports it calls it.
fn rating(said: &Utterance) -> Option<&str> {
    let does = |s: &&crate::acts::Said| s.act == Act::Declare || said.message.is_bot && s.act == Act::Detect;
    let declared = said.said.iter().filter(does).find_map(|s| mark(said.sentence(s)));
    declared.or_else(|| mark(&said.message.text).filter(|_| said.message.is_bot && said.does(Act::Detect)))
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
        (None, "critical" | "page" | "fatal" | "emergency" | "disaster" | "crit") => 0,
        (None, "high" | "error" | "major" | "average") => 1,
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
        assert_eq!(mark("p95 above 2 s, P95 too, step 1"), None);
        assert_eq!(set_to("Priority set to P2 by Iva Horn."), Some("P2"));
        assert_eq!(set_to("priority changed from P3 to P1"), Some("P1"));
        assert_eq!(set_to("the priority is P2"), None);
        assert_eq!(worded("StockApi5xxHigh (prod, severity critical)"), Some("critical"));
    }

    #[test]
    fn the_gravest_comes_first() {
        let mut words = ["info", "warning", "SEV-1", "P3", "major"];
        words.sort_by_key(|w| rank(w));
        assert_eq!(words, ["SEV-1", "major", "warning", "P3", "info"]);
    }
}
