//! What stands in the evidence to the question that a kind of failure asks: words of who knows, and records of what led to it.
//!
//! Must never answer with a guess: people are quoted, records are shown. What breaks it: somebody who speaks of the same things
//! in another matter.

use analysis::findings::{
    ChangeKind, Findings, Happening, HappeningKind, Hypothesis, HypothesisKind, ORDERED_UNDONE, Places, Reason, Term, What,
};

use super::super::ledger::Line;
use super::super::words;
use crate::model::Section;

/// Letters by which a word of the question is known again.
const STEM: usize = 5;
/// Records of what led to it, at most.
const SHOWN: usize = 2;
/// Words of any question.
const COMMON: [&str; 14] = [
    "which", "where", "change", "changed", "what", "loaded", "before", "after", "other", "their", "there", "users", "input",
    "value",
];
const GUESSES: [&str; 14] = [
    "maybe",
    "perhaps",
    "probably",
    "i think",
    "looks like",
    "might",
    "not sure",
    "i would bet",
    "my money",
    "i bet",
    "must be",
    "i guess",
    "suspect",
    "could be",
];

/// Words by which people tell how one thing came of another.
const TELLS: [&str; 34] = [
    "because",
    "so they",
    "so it",
    "so the",
    "keeps",
    "keep it",
    "waits behind",
    "wait behind",
    "waits for",
    "wait for",
    "waiting for",
    "waits on",
    "overlap",
    "forgot",
    "forgotten",
    "no lock",
    "no limit",
    "no timeout",
    "no backoff",
    "backoff 0",
    "no index",
    "never closed",
    "never released",
    "not released",
    "not closed",
    "open since",
    "held by",
    "holds the",
    "ran out",
    "filled",
    "fills",
    "left on",
    "piled up",
    "every timeout",
];
/// What such a sentence has to have at least: two signs, or one and somebody who owns up.
const LEAST: usize = 2;

/// How it came about, in the words of who found out: by the names that they share with the records, else the latest statement that
/// says what brought what about and speaks of the failure. Nothing where nobody does.
pub fn mechanism(findings: &Findings, best: &Hypothesis) -> Option<(String, Places)> {
    if let Some(found) = &findings.found_out {
        let author = found.author.as_deref().unwrap_or_default();
        return Some((quoted(author, &found.words), found.places.clone()));
    }
    let stems = of_failure(best);
    let refuted = |h: &Happening| findings.beliefs.iter().any(|b| b.said.places == h.places);
    let started = findings.times.started.as_ref().map(|t| t.at);
    let after = findings.timeline.iter().filter(|h| started.is_none_or(|at| h.at >= at) && !refuted(h));
    let best = after
        .filter_map(|h| {
            let (author, text) = said(h)?;
            let (tells, about) = account(text, &stems)?;
            Some((tells, about, h, author, text))
        })
        .max_by_key(|(tells, about, h, ..)| ((*tells).min(2), (*about).min(2), h.at))?;
    Some((quoted(best.3, best.4), best.2.places.clone()))
}

/// How many signs of an account a text has, and how many words of the failure; nothing where it guesses, asks, plans, or has too
/// few of them.
fn account(text: &str, stems: &[String]) -> Option<(usize, usize)> {
    let lower = text.to_lowercase();
    let guesses = lower.contains('?') || GUESSES.iter().any(|guess| lower.contains(guess));
    let tells: usize = TELLS.iter().map(|words| lower.matches(words).count()).sum();
    let about = stems.iter().filter(|stem| words_of(&lower).any(|w| w.starts_with(stem.as_str()))).count();
    let is_told = !guesses && !is_to_be_done(&lower) && tells > 0 && about > 0 && tells + about >= LEAST;
    is_told.then_some((tells, about))
}

/// A task is no account of what was.
fn is_to_be_done(lower: &str) -> bool {
    ["todo", "action:", "ai:", "action item", "- [ ]"].iter().any(|mark| lower.trim_start().starts_with(mark))
}

/// By which words a statement is one of this failure: its services, what it is called, and what its record says.
fn of_failure(best: &Hypothesis) -> Vec<String> {
    let own = best.signature.map(|s| format!("{} {} {}", s.id, s.title, s.why)).unwrap_or_default();
    let failure = best.failure.as_ref().map(|f| format!("{} {}", f.words, f.service.as_deref().unwrap_or_default()));
    let change = best.change.as_ref().map(|c| {
        let subject = c.commit.as_ref().map_or("", |c| c.subject.as_str());
        let kind = if c.kind == ChangeKind::Migration { "alter table lock migration" } else { "" };
        format!("{} {subject} {kind}", c.reference.as_deref().unwrap_or_default())
    });
    let all = format!(
        "{own} {} {} {}",
        best.service.as_deref().unwrap_or_default(),
        failure.unwrap_or_default(),
        change.unwrap_or_default()
    );
    let lower = all.to_lowercase();
    let telling = lower.split(|c: char| !c.is_alphabetic()).filter(|w| w.len() >= 4 && !COMMON.contains(w) && !DULL.contains(w));
    let mut stems: Vec<String> = telling.map(|w| w.chars().take(STEM).collect()).collect();
    stems.sort();
    stems.dedup();
    stems
}

/// Words of any record of a failure.
const DULL: [&str; 20] = [
    "error", "fail", "failed", "with", "from", "that", "this", "have", "http", "https", "post", "request", "service", "while",
    "when", "since", "does", "into", "than", "same",
];

/// The change is known, and its diff says how it came to the failure.
pub fn is_explained(best: &Hypothesis) -> bool {
    best.terms.iter().any(|t| t.value > 0.0 && matches!(t.reason, Reason::Diff { .. }))
}

/// Who made the change, or named it as the cause; else what led to the failure.
pub fn given(findings: &Findings, best: &Hypothesis, question: &str) -> Option<Line> {
    let found_out = || mechanism(findings, best).map(|(text, places)| Line::stated(Section::Whys, text, &places));
    if best.kind == HypothesisKind::Change {
        if let Some(line) = found_out() {
            return Some(line);
        }
        let owned = findings.owned.as_ref().map(|s| (s.author.as_deref().unwrap_or_default(), s.words.as_str(), &s.places));
        let named = best.terms.iter().filter(|t| t.value > 0.0 && t.name != ORDERED_UNDONE).find_map(|t| match &t.reason {
            Reason::Said { author, words } => Some((author.as_str(), words.as_str(), &t.places)),
            _ => None,
        });
        let (author, said, places) = owned.or(named)?;
        return Some(Line::stated(Section::Whys, quoted(author, said), places));
    }
    let led: Vec<&Term> = best.terms.iter().filter(|t| t.name == "what led to it" && t.value > 0.0).take(SHOWN).collect();
    let shown: Vec<String> = led.iter().filter_map(|t| shown(&t.reason)).collect();
    let found = mechanism(findings, best);
    let told = told(findings, best, question).filter(|_| found.is_none());
    let places = led.iter().map(|t| t.places.few(1)).chain(told.iter().map(|h| h.places.clone())).reduce(|a, b| a.and(&b));
    if let (Some((text, at)), false) = (&found, shown.is_empty()) {
        let places = places.as_ref().map_or_else(|| at.clone(), |places| places.and(at));
        let text = format!("The records tell of {}. {text}", words::list(&shown));
        return Some(Line::inferred(Section::Whys, text, &places));
    }
    let Some(places) = places.filter(|_| told.is_some()) else {
        let named = best.terms.iter().filter(|t| t.value > 0.0 && t.name != ORDERED_UNDONE).find_map(|t| match &t.reason {
            Reason::Said { author, words } => Some(Line::stated(Section::Whys, quoted(author, words), &t.places)),
            _ => None,
        });
        let led = led
            .iter()
            .map(|t| t.places.few(1))
            .reduce(|a, b| a.and(&b))
            .map(|places| Line::inferred(Section::Whys, format!("The records tell of {}.", words::list(&shown)), &places));
        return found_out().or(named).or(led.filter(|_| !shown.is_empty()));
    };
    let by_records = if shown.is_empty() { String::new() } else { format!("The records tell of {}.", words::list(&shown)) };
    let by_people = told.and_then(said).map(|(author, text)| quoted(author, text));
    let parts: Vec<String> = [by_records].into_iter().chain(by_people).filter(|p| !p.is_empty()).collect();
    Some(Line::inferred(Section::Whys, parts.join(" "), &places))
}

fn quoted(author: &str, said: &str) -> String {
    let who = if author.is_empty() { "a message".to_string() } else { words::who(author) };
    words::end(&format!("According to {who}: {}", words::quote(said, words::LONG_QUOTE)))
}

/// `failing certificate renewal (“…”)`.
fn shown(reason: &Reason) -> Option<String> {
    let Reason::Specific { words: said, signature } = reason else { return None };
    let title = words::without_numbers_or(&signature.title, "a known failure");
    Some(format!("{title} ({})", words::quote_log(said, words::QUOTE)))
}

/// Somebody says, and does not guess, something with words of the question and a service that has to do with it.
fn told<'f>(findings: &'f Findings, best: &Hypothesis, question: &str) -> Option<&'f Happening> {
    let stems = stems(question);
    let factors = findings.contributing.iter().filter_map(|c| c.service.as_deref());
    let services: Vec<&str> = best.service.as_deref().into_iter().chain(factors).collect();
    let refuted = |h: &Happening| findings.beliefs.iter().any(|b| b.said.places == h.places);
    let started = findings.times.started.as_ref().map(|t| t.at);
    findings.timeline.iter().filter(|h| h.kind == HappeningKind::Statement && started.is_none_or(|at| h.at >= at)).find(|h| {
        let Some((_, text)) = said(h) else { return false };
        let lower = text.to_lowercase();
        let asks = text.contains('?') || GUESSES.iter().any(|guess| lower.contains(guess));
        let names = services.iter().any(|name| lower.contains(&name.to_lowercase()));
        let shares = words_of(&lower).any(|w| stems.iter().any(|stem| w.starts_with(stem.as_str())));
        !asks && names && shares && !refuted(h)
    })
}

fn said(happening: &Happening) -> Option<(&str, &str)> {
    match (&happening.what, happening.actor.as_deref()) {
        (What::Message { text }, Some(author)) if !words::is_tool(author) => Some((author, text)),
        _ => None,
    }
}

fn stems(question: &str) -> Vec<String> {
    let lower = question.to_lowercase();
    let telling = words_of(&lower).filter(|w| w.len() >= STEM && !COMMON.contains(w));
    telling.map(|w| w.chars().take(STEM).collect()).collect()
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_says_what_brought_what_about_and_is_no_guess_and_no_plan() {
        let stems: Vec<String> = ["undo", "disk", "index", "runs"].map(str::to_string).to_vec();
        let told = |text: &str| account(text, &stems).is_some();
        assert!(told("a session of the importer is open since Monday, that keeps the undo from being purged"));
        assert!(told("there is no lock, so they overlap when the runs take long"));
        for text in [
            "maybe the importer keeps the undo?",
            "I would bet that it keeps the disk full",
            "TODO: a lock, so they do not overlap, for all runs",
            "it waits behind the other one",
            "the disk is full",
        ] {
            assert!(!told(text), "{text}");
        }
    }
}
