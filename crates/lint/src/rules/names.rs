//! Versions that differ between statements about one change, and names of services that stand nowhere else.
//!
//! Misleads where two services change versions in one incident and the sentences do not name them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::Spot;
use crate::Finding;
use crate::document::{Document, Unit};
use crate::story::{Story, speaks};

const VERSION: &str = r"(?P<v>v?\d+\.\d+(?:\.\d+)*[\w.-]*?)(?:[\s,;:.)|]|$)";

static ROLES: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    let back = r"(?i)\b(?:roll(?:ed|ing)?[ -]?back|revert(?:ed|ing)?|restor(?:ed|ing))\b(?P<x>[^.;|]{0,40}?(?:v?\d+\.\d+[\w.-]* ?)?)(?:\bto\b|→|->) ?";
    let from = r"(?i)\b(?:roll(?:ed|ing)?[ -]?back|revert(?:ed|ing)?)\b(?P<x>[^.;|]{0,40}?)\b(?:from |of |: ?[\w-]+ )";
    let broken = r"(?i)\b(?:introduced (?:in|by|with)|shipped in|caused by|deploy(?:ed|ing|s|ment)?(?: of)?|releas(?:ed|ing) (?:of )?|rollout of|bug in|regression in)(?P<x> (?:the )?(?:new )?(?:release |version |[a-z][\w]*-[\w-]+ ){0,2})";
    [
        ("the version that was gone back to", back),
        ("the version that was deployed", broken),
        ("the version that was deployed", from),
    ]
    .into_iter()
    .filter_map(|(role, p)| Some((role, Regex::new(&format!("{p}{VERSION}")).ok()?)))
    .collect()
});
static TITLE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b([A-Z][a-z]{2,}) (Service|API|Api|Gateway|Worker|Database|Cluster|Queue|Server)\b").ok());

/// More statements of versions tell more than one incident.
const MANY: usize = 100;

/// One version per role and service.
pub fn versions(document: &Document, _: &Story, found: &mut Vec<Finding>) {
    let mut known: Vec<Stated<'_>> = Vec::new();
    for unit in document.units.iter().filter(|u| speaks(u.kind) && !u.facts.versions.is_empty() && !document.is_of_others(u)) {
        let own = unit.own_words();
        for (role, captures) in ROLES.iter().flat_map(|(role, p)| p.captures_iter(&own).map(move |c| (*role, c))) {
            let Some((whole, version)) = captures.get(0).zip(captures.name("v")) else { continue };
            let service = service(unit, whole.range()).unwrap_or_default();
            let text = version.as_str().trim_end_matches('.').to_string();
            let line = document.place(unit, version.start()).0;
            let same = |s: &&Stated<'_>| s.role == role && (s.service == service || s.service.is_empty() || service.is_empty());
            let other = known.iter().find(|s| same(s) && is_alike(&s.version, &text));
            if let Some(other) = other.filter(|o| o.version.trim_start_matches('v') != text.trim_start_matches('v')) {
                let message = format!("{role} is {text} here and {} in line {}", other.version, other.line);
                found.push(Spot { document, unit, range: version.range() }.says("name/version", message, Some(other.line)));
            } else if known.len() < MANY {
                known.push(Stated { role, service, version: text, line });
            }
        }
    }
}

/// A version in its role.
struct Stated<'r> {
    role: &'r str,
    service: String,
    version: String,
    line: usize,
}

/// The name that stands last before the version.
fn service(unit: &Unit, range: std::ops::Range<usize>) -> Option<String> {
    let near = unit.facts.names.iter().filter(|n| n.range.start + 30 >= range.start && n.range.end <= range.end);
    near.map(|n| n.text.clone()).next_back()
}

/// Versions of one thing have one shape.
fn is_alike(a: &str, b: &str) -> bool {
    let parts = |v: &str| v.trim_start_matches('v').split('.').map(str::to_string).collect::<Vec<_>>();
    let (a, b) = (parts(a), parts(b));
    a.len() == b.len() && a.first() == b.first()
}

/// `Payment Service`, where everything else says `payment-gateway`.
pub fn aliases(document: &Document, _: &Story, found: &mut Vec<Finding>) {
    let mut identifiers: BTreeMap<String, (String, usize)> = BTreeMap::new();
    for unit in &document.units {
        for name in &unit.facts.names {
            identifiers.entry(name.text.clone()).or_insert_with(|| (name.text.clone(), document.place(unit, name.range.start).0));
        }
    }
    let mut told: Vec<String> = Vec::new();
    for unit in document.units.iter().filter(|u| speaks(u.kind) && !document.is_of_others(u)) {
        for captures in TITLE.iter().flat_map(|p| p.captures_iter(&unit.text)) {
            let (Some(whole), Some(first), Some(kind)) = (captures.get(0), captures.get(1), captures.get(2)) else { continue };
            let name = format!("{}-{}", first.as_str(), kind.as_str()).to_lowercase();
            let stem = format!("{}-", first.as_str().to_lowercase());
            let similar = identifiers.range(stem.clone()..).map(|(_, v)| v).find(|(n, _)| n.starts_with(&stem) && is_service(n));
            let same = identifiers.contains_key(&name) || unit.is_quoted(whole.start()) || told.contains(&name);
            if let Some((other, line)) = similar.filter(|_| !same) {
                told.push(name);
                let message = format!("“{}” is no name that stands elsewhere; is it {other} (line {line})?", whole.as_str());
                found.push(Spot { document, unit, range: whole.range() }.says("name/alias", message, Some(*line)));
            }
        }
    }
}

fn is_service(name: &str) -> bool {
    let ends = [
        "api", "service", "svc", "gateway", "worker", "db", "server", "proxy", "queue", "cluster", "backend", "app", "web",
        "store",
    ];
    ends.iter().any(|e| name.rsplit('-').next() == Some(e))
}
