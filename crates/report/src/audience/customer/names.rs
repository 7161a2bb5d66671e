//! Pseudonyms: what a service, a person and a source is called outside, numbered by first appearance.
//!
//! The order is that of the engineers' report, so that all parts and all files of a report call a thing alike. Must never
//! derive a pseudonym from the name it stands for. What breaks it: a person who goes by two names gets two.

use std::collections::BTreeMap;

use super::phrases::{self, say};
use crate::compose::words;
use crate::model::{ClockNote, Coverage, CoverageSource, Report, SkippedPart, WITHHELD};

#[derive(Default)]
pub struct Names {
    services: BTreeMap<String, String>,
    people: BTreeMap<String, String>,
    sources: BTreeMap<String, String>,
}

impl Names {
    pub fn of(whole: &Report) -> Names {
        let mut names = Names::default();
        services(whole).for_each(|name| drop(names.service(name)));
        people(whole).for_each(|name| drop(names.person(name)));
        let formats: BTreeMap<&str, &str> = whole.coverage.sources.iter().map(|s| (s.name.as_str(), s.format.as_str())).collect();
        let cited = whole.evidence.iter().map(|e| e.source.as_str());
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for source in cited.chain(whole.coverage.sources.iter().map(|s| s.name.as_str())) {
            if !names.sources.contains_key(source) {
                let kind = kind(formats.get(source).copied().unwrap_or_default());
                let count = counts.entry(kind).or_default();
                *count += 1;
                names.sources.insert(source.to_string(), format!("{kind} {count}"));
            }
        }
        names
    }

    /// `service A`.
    pub fn service(&mut self, name: &str) -> String {
        let next = self.services.len();
        self.services.entry(name.to_string()).or_insert_with(|| say(phrases::SERVICE, &[&letters(next)])).clone()
    }

    /// `engineer 1`, or `None` for a tool.
    pub fn person(&mut self, name: &str) -> Option<String> {
        if words::is_tool(name) {
            return None;
        }
        let next = (self.people.len() + 1).to_string();
        let key = name.trim_start_matches('@').to_lowercase();
        Some(self.people.entry(key).or_insert_with(|| say(phrases::ENGINEER, &[&next])).clone())
    }

    /// `chat 1`: its kind and its number.
    pub fn source(&self, name: &str) -> String {
        self.sources.get(name).cloned().unwrap_or_else(|| WITHHELD.to_string())
    }

    /// All that is given out, the longest first.
    pub fn given(&self) -> Vec<&str> {
        let all = self.services.values().chain(self.people.values()).chain(self.sources.values());
        let mut all: Vec<&str> = all.map(String::as_str).collect();
        all.sort_by_key(|name| std::cmp::Reverse(name.len()));
        all
    }

    /// What was read, without names and without the words of reasons.
    pub fn coverage(&self, whole: &Report) -> Coverage {
        let skipped = |part: &SkippedPart| SkippedPart { reason: WITHHELD.to_string(), ..part.clone() };
        let source = |source: &CoverageSource| CoverageSource {
            name: self.source(&source.name),
            format: kind(&source.format).to_string(),
            skipped: source.skipped.iter().map(skipped).collect(),
            clock: ClockNote { zone: zone(&source.clock.zone), basis: WITHHELD.to_string(), ..source.clock.clone() },
            ..source.clone()
        };
        Coverage { sources: whole.coverage.sources.iter().map(source).collect() }
    }
}

/// Every name of a service in the order in which a reader meets it.
pub fn services(whole: &Report) -> impl Iterator<Item = &String> {
    let of_incident = whole.incident.services.iter().chain(&whole.first_failing_service);
    let of_causes = whole.causes.iter().filter_map(|c| c.service.as_ref());
    let of_chain = whole.chain.iter().flat_map(|edge| [&edge.from, &edge.to]);
    let others = whole.timeline.iter().filter_map(|t| t.service.as_ref());
    let factors = whole.contributing.iter().filter_map(|c| c.service.as_ref());
    of_incident.chain(others).chain(of_causes).chain(&whole.blast_radius).chain(of_chain).chain(factors).filter(|n| !n.is_empty())
}

/// Every person.
pub fn people(whole: &Report) -> impl Iterator<Item = &String> {
    let owners = whole.actions.iter().filter_map(|a| a.owner.as_ref());
    whole.timeline.iter().filter_map(|t| t.actor.as_ref()).chain(owners).filter(|n| !n.is_empty())
}

/// `A` to `Z`, then `AA`.
fn letters(number: usize) -> String {
    let last = char::from(b'A' + (number % 26) as u8);
    if number < 26 { last.to_string() } else { format!("{}{last}", letters(number / 26 - 1)) }
}

/// The kind of a source by its format's id.
pub fn kind(format: &str) -> &'static str {
    let kinds: [(&str, &[&str]); 6] = [
        ("chat", &["slack", "chat", "teams", "discord", "mattermost", "transcript", "vtt", "srt", "conversation"]),
        ("status page", &["status", "feed"]),
        ("alerts", &["alert", "pager", "opsgenie", "sentry", "monitor"]),
        ("changes", &["commit", "git", "deploy", "helm", "argo", "terraform", "flag", "audit", "cloudtrail", "release"]),
        ("metrics", &["metric", "prometheus", "graphite", "series", "span", "trace", "otlp", "jaeger", "zipkin", "grafana"]),
        ("cluster state", &["kube", "pod"]),
    ];
    kinds.iter().find(|(_, words)| words.iter().any(|word| format.contains(word))).map_or("log", |(kind, _)| *kind)
}

pub const KINDS: [&str; 7] = ["chat", "status page", "alerts", "changes", "metrics", "cluster state", "log"];

/// `UTC+02:00`; nothing else.
fn zone(zone: &str) -> String {
    let is_plain = zone.strip_prefix("UTC").is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || "+-:".contains(c)));
    if is_plain { zone.to_string() } else { WITHHELD.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_pseudonym_and_a_tool_has_none() {
        let mut names = Names::default();
        assert_eq!([names.service("cart"), names.service("web"), names.service("cart")], ["service A", "service B", "service A"]);
        assert_eq!(names.person("@Ana"), names.person("ana"));
        assert_eq!(names.person("deploybot"), None);
        assert_eq!((letters(25), letters(26), letters(27)), ("Z".into(), "AA".into(), "AB".into()));
    }
}
