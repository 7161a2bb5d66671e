//! Claims against the parts that repeat them: sources, and sums within a sentence.

use serde_json::Value;

use super::view::{View, list, string, strings};
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
        for finding in check_text(text.as_bytes(), &options) {
            view.says(finding.rule, &format!("claims.{i}.text"), finding.message);
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
