//! What stands in the evidence to the question that a kind of failure asks: words of who knows, and records of what led to it.
//!
//! Must never answer with a guess: people are quoted, records are shown. What breaks it: somebody who speaks of the same things
//! in another matter.

use analysis::findings::{Findings, Happening, HappeningKind, Hypothesis, HypothesisKind, Reason, Term, What};

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
const GUESSES: [&str; 7] = ["maybe", "perhaps", "probably", "i think", "looks like", "might", "not sure"];

/// The change is known, and its diff says how it came to the failure.
pub fn is_explained(best: &Hypothesis) -> bool {
    best.terms.iter().any(|t| t.value > 0.0 && matches!(t.reason, Reason::Diff { .. }))
}

/// Who made the change, or named it as the cause; else what led to the failure.
pub fn given(findings: &Findings, best: &Hypothesis, question: &str) -> Option<Line> {
    if best.kind == HypothesisKind::Change {
        let owned = findings.owned.as_ref().map(|s| (s.author.as_deref().unwrap_or_default(), s.words.as_str(), &s.places));
        let named = best.terms.iter().filter(|t| t.value > 0.0).find_map(|t| match &t.reason {
            Reason::Said { author, words } => Some((author.as_str(), words.as_str(), &t.places)),
            _ => None,
        });
        let (author, said, places) = owned.or(named)?;
        return Some(Line::stated(Section::Whys, quoted(author, said), places));
    }
    let led: Vec<&Term> = best.terms.iter().filter(|t| t.name == "what led to it" && t.value > 0.0).take(SHOWN).collect();
    let shown: Vec<String> = led.iter().filter_map(|t| shown(&t.reason)).collect();
    let told = told(findings, best, question);
    let places = led.iter().map(|t| t.places.few(1)).chain(told.iter().map(|h| h.places.clone())).reduce(|a, b| a.and(&b))?;
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
