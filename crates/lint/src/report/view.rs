//! A report as JSON with what is looked up in it again and again. Must never panic on a value of another kind.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::{Finding, RULES, Severity, places};

pub struct View<'r> {
    pub value: &'r Value,
    text: &'r str,
    pub claims: BTreeMap<&'r str, (usize, &'r Value)>,
    pub evidence: BTreeMap<&'r str, (usize, &'r Value)>,
    pub findings: Vec<Finding>,
}

impl<'r> View<'r> {
    pub fn new(value: &'r Value, text: &'r str) -> View<'r> {
        let by_id = |part: &str| list(value, part).enumerate().filter_map(|(i, v)| Some((string(v, "id")?, (i, v)))).collect();
        View { value, text, claims: by_id("claims"), evidence: by_id("evidence"), findings: Vec::new() }
    }

    /// Notes a finding at a path such as `claims.3.text`.
    pub fn says(&mut self, rule: &'static str, path: &str, message: String) {
        let (line, column) = places::of(self.text, path);
        let severity = RULES.iter().find(|r| r.id == rule).map_or(Severity::Error, |r| r.severity);
        self.findings.push(Finding { rule, severity, line, column, quote: path.to_string(), message, other_line: None });
    }

    pub fn line(&self, path: &str) -> usize {
        places::of(self.text, path).0
    }

    /// The whole text of the report.
    pub fn text(&self) -> &'r str {
        self.text
    }
}

pub fn list<'v>(value: &'v Value, part: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    value.get(part).and_then(Value::as_array).into_iter().flatten()
}

pub fn string<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_str)
}

pub fn number(value: &Value, key: &str) -> Option<f64> {
    value.get(key).and_then(Value::as_f64)
}

/// Seconds since 1970 of an RFC 3339 time.
pub fn time(value: &Value, key: &str) -> Option<f64> {
    let at: Timestamp = string(value, key)?.parse().ok()?;
    Some(at.as_microsecond() as f64 / 1e6)
}

pub fn strings<'v>(value: &'v Value, key: &str) -> Vec<&'v str> {
    list(value, key).filter_map(Value::as_str).collect()
}
