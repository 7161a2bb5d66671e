//! A report of ours (`casefile.report/1`), checked by itself: what it says twice agrees. Must never know the input it was
//! made from. What `verify` checks without an input is not doubled here.

mod actions;
mod claims;
mod evidence;
mod view;

use serde_json::Value;

use crate::{Finding, RULES, Severity, places};
use view::View;

const SCHEMA: &str = "casefile.report/1";

pub fn is_report(bytes: &[u8]) -> bool {
    let start = bytes.iter().find(|b| !b.is_ascii_whitespace());
    start == Some(&b'{')
        && serde_json::from_slice::<Value>(bytes).is_ok_and(|v| v.get("schema").and_then(Value::as_str) == Some(SCHEMA))
}

pub fn check(json: &[u8]) -> Vec<Finding> {
    let Ok(value) = serde_json::from_slice::<Value>(json) else { return Vec::new() };
    let text = String::from_utf8_lossy(json);
    let mut view = View::new(&value, &text);
    claims::check(&mut view);
    evidence::check(&mut view);
    actions::check(&mut view);
    view.findings
}

/// The place that the first words of a fault name: `c12: …`, `timeline[3] …`, `times.started …`.
pub fn from_fault(json: &[u8], rule: &'static str, fault: &str) -> Finding {
    let text = String::from_utf8_lossy(json);
    let path = path_of(json, fault).unwrap_or_default();
    let (line, column) = places::of(&text, &path);
    let severity = RULES.iter().find(|r| r.id == rule).map_or(Severity::Error, |r| r.severity);
    Finding { rule, severity, line, column, quote: path, message: fault.to_string(), other_line: None }
}

fn path_of(json: &[u8], fault: &str) -> Option<String> {
    let word = fault.split([' ', ':']).find(|w| w.contains(['[', '.']) || is_id(w))?;
    if is_id(word) {
        let value: Value = serde_json::from_slice(json).ok()?;
        let at = value.get("claims")?.as_array()?.iter().position(|c| c.get("id").and_then(Value::as_str) == Some(word))?;
        return Some(format!("claims.{at}"));
    }
    Some(word.replace('[', ".").replace(']', ""))
}

fn is_id(word: &str) -> bool {
    word.strip_prefix('c').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}
