//! Sentences about objects of a cluster: what they show beside a cause, and why a warning about one is over.
//!
//! Must never judge: that something is over was decided before, and the object that shows it is cited.

use analysis::findings::{Hypothesis, LookedAt, ObjectState, Places};

use crate::model::Section;

use super::ledger::{Ledger, Line};
use super::words;

/// Characters of an object's own message.
const MESSAGE: usize = 240;

/// `Pod cart-1 shows CrashLoopBackOff with exit code 137: “back-off …”.`, a sentence each, with the time since when where its
/// record has it.
pub fn shown(hypothesis: &Hypothesis, ledger: &Ledger<'_>) -> Vec<String> {
    let sentence = |o: &ObjectState| {
        let since = o.since.filter(|at| ledger.shows(&o.places, *at)).map(|at| format!(" since {}", words::clock(at)));
        if o.kind == "Metric" {
            return words::end(&o.reason);
        }
        if o.kind == "Record" {
            return words::end(&format!("A record says {}", words::quote_log(&o.reason, MESSAGE)));
        }
        if o.kind == "Alert" {
            return words::end(&format!("The alert {} {}", o.name, said(&o.reason)));
        }
        words::end(&format!("{} shows {}", named(&o.kind, &o.name), state(o, since)))
    };
    hypothesis.objects.iter().map(sentence).collect()
}

/// The words of the failure stand in a message of an object as well.
pub fn repeats(hypothesis: &Hypothesis) -> bool {
    let said = hypothesis.failure.as_ref().map(|f| f.words.as_str()).unwrap_or_default();
    hypothesis
        .objects
        .iter()
        .any(|o| said == o.reason || !o.message.is_empty() && said.starts_with(&o.reason) && said.ends_with(&o.message))
}

pub fn places(hypothesis: &Hypothesis) -> Option<Places> {
    hypothesis.objects.iter().map(|o| o.places.clone()).reduce(|a, b| a.and(&b))
}

fn named(kind: &str, name: &str) -> String {
    if kind.is_empty() { name.to_string() } else { format!("{kind} {name}") }
}

/// `since`: ` since 09:00:25 UTC`, or nothing.
fn state(object: &ObjectState, since: Option<String>) -> String {
    let code = object.exit_code.map(|c| format!(" with exit code {c}")).unwrap_or_default();
    let message = words::quote(&object.message, MESSAGE);
    let message = if object.message.trim().is_empty() { String::new() } else { format!(": {message}") };
    format!("{}{code}{}{message}", object.reason, since.unwrap_or_default())
}

/// What was looked at in an input in which nothing fails, a claim each.
pub fn nothing_fails(all: &[LookedAt], ledger: &mut Ledger<'_>) {
    for one in all {
        let line = match one {
            LookedAt::Alert { name, summary, places } => {
                let says = if summary.is_empty() { "says no more than its name".to_string() } else { said(summary) };
                let text = words::end(&format!("The alert {name} {says}"));
                Line::stated(Section::Evidence, text, places)
            }
            LookedAt::Over { object, by } => over(object, by.as_ref()),
            LookedAt::Logged { words: text, places, .. } => {
                let text = words::end(&format!("A record tells how it went on: {}", words::quote_log(text, MESSAGE)));
                Line::stated(Section::Evidence, text, places)
            }
            LookedAt::Well { names, more, places } => {
                let names: Vec<String> = names.iter().map(|(kind, name)| named(kind, name)).collect();
                let others = if *more > 0 { " and further objects" } else { "" };
                let text = format!("What was fetched shows as well: {}{others}.", words::list(&names));
                Line::inferred(Section::Evidence, text, places).sure(0.9)
            }
        };
        ledger.claim(line);
    }
}

fn said(summary: &str) -> String {
    format!("says {}", words::quote(summary, words::LONG_QUOTE))
}

fn over(object: &ObjectState, by: Option<&(String, String, evidence::RecordRef)>) -> Line {
    let what = words::end(&format!("{} reported {}", named(&object.kind, &object.name), state(object, None)));
    let (why, places) = match by {
        Some((kind, name, place)) => {
            let who = if *name == object.name { "It".to_string() } else { named(kind, name) };
            (format!("{who} is well in what was fetched later, so this is over."), object.places.and(&Places::one(*place)))
        }
        None => ("It was not repeated, so this is over.".to_string(), object.places.clone()),
    };
    Line::inferred(Section::Evidence, format!("{what} {why}"), &places).sure(0.8)
}
