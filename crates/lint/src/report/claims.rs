//! Claims against the parts that repeat them: sources, and sums within a sentence.

use serde_json::Value;

use super::view::{View, list, string, strings};
use crate::document::quotes;
use crate::rules::bears_out;
use crate::{Options, check_text};

const PARTS: &[&str] = &["timeline", "contributing", "chain", "actions", "whys", "prevention", "lessons"];
/// Rules over sentences that hold for a claim by itself.
const SENTENCES: &[&str] = &["sum/duration", "sum/total", "sum/percent", "time/order", "time/date"];

pub fn check(view: &mut View<'_>) {
    for part in PARTS {
        for (i, item) in list(view.value, part).enumerate() {
            sources(view, &format!("{part}.{i}"), item);
        }
    }
    contradictions(view);
    let options = Options { only: SENTENCES.iter().map(|r| r.to_string()).collect(), ..Options::default() };
    for (i, claim) in list(view.value, "claims").enumerate() {
        if strings(claim, "citations").is_empty() {
            view.says("source/missing", &format!("claims.{i}"), "the claim cites nothing".to_string());
        }
        let text = string(claim, "text").unwrap_or_default().replace('\n', " ");
        quotations(view, i, claim, &text);
        for finding in check_text(text.as_bytes(), &options) {
            view.says(finding.rule, &format!("claims.{i}.text"), finding.message);
        }
    }
}

/// What a claim quotes stands in a record that it cites.
fn quotations(view: &mut View<'_>, at: usize, claim: &Value, text: &str) {
    let cites = strings(claim, "citations");
    let texts: Vec<&str> = cites.iter().filter_map(|id| string(view.evidence.get(id)?.1, "text")).collect();
    for range in quotes::extents(text) {
        let quote = text.get(range).unwrap_or_default();
        if !texts.is_empty() && quote.starts_with('“') && !bears_out(&texts, quote) {
            view.says("source/quote", &format!("claims.{at}.text"), format!("{} do not say {quote}", cites.join(", ")));
        }
    }
}

/// A part cites what its claim cites.
fn sources(view: &mut View<'_>, path: &str, item: &Value) {
    let cites = strings(item, "citations");
    let Some((at, claim)) = string(item, "claim").and_then(|id| view.claims.get(id)).copied() else { return };
    let own = strings(claim, "citations");
    if cites.is_empty() {
        view.says("source/missing", path, "it cites nothing".to_string());
    } else if cites.iter().any(|c| !own.contains(c)) {
        let line = view.line(&format!("claims.{at}"));
        let message = format!("it cites {}, and its claim (line {line}) cites {}", cites.join(", "), own.join(", "));
        view.says("source/twice", &format!("{path}.citations"), message);
    }
}

/// The values of a contradiction stand in its text.
fn contradictions(view: &mut View<'_>) {
    let plain = |t: &str| t.to_lowercase().split_whitespace().collect::<String>();
    for (i, item) in list(view.value, "contradictions").enumerate() {
        let text = plain(string(item, "text").unwrap_or_default());
        for (j, value) in list(item, "values").enumerate() {
            let said = string(value, "value").unwrap_or_default();
            if !text.contains(&plain(said.trim_end_matches('…'))) {
                let message = format!("the value “{said}” does not stand in the text of the contradiction");
                view.says("number/twice", &format!("contradictions.{i}.values.{j}.value"), message);
            }
        }
    }
}
