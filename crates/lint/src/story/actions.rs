//! Action items: rows of a table, items of a list, and lines of a table that lost its columns.

use std::sync::LazyLock;

use regex::Regex;

use crate::document::{Document, Kind, Unit};

/// What somebody is to do.
#[derive(Debug, Clone, Default)]
pub struct Action {
    pub unit: usize,
    /// None: the form does not tell. Some of an empty text: it has a place for one that is empty.
    pub owner: Option<String>,
    pub due: Option<i64>,
    /// The form has a place for a date, or other actions have one.
    pub done_test: bool,
    /// The paper itself proposes it, nobody promised it.
    pub suggested: bool,
}

const SECTIONS: &[&str] =
    &["action", "follow-up", "follow up", "followup", "next steps", "remediation items", "to do", "todo", "tasks"];
const OWNERS: &[&str] = &["owner", "assignee", "assigned", "responsible", "who", "dri", "lead"];
const NOBODY: &[&str] =
    &["", "-", "–", "—", "n/a", "none", "none stated", "tbd", "tba", "unassigned", "nobody", "?", "unknown", "todo", "team"];
const DONE: &[&str] = &[
    "done when",
    "done if",
    "done-when",
    "definition of done",
    "acceptance",
    "verified by",
    "verify by",
    "verification",
    "success criteri",
    "exit criteri",
    "success metric",
    "how we will know",
    "measured by",
    "passes when",
    "test that",
];

static OWNER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:\b(?:owner|assignee|assigned to|responsible|dri)\b\W{0,4}?(?P<a>[@\w][\w.@-]*(?: [A-Z][\w.-]+)?|[-–—?]))|(?P<b>@[A-Za-z_][A-Za-z_.-]*\d{0,2}?)(?:\d{4}-|\b)|(?:\(|—|–|- |: |, )(?P<c>[A-Z][a-z]+(?: [A-Z]\.?[a-z]*)?)(?:[,)]|\s+by\b|\s*$)|^\W*(?P<d>[A-Z][a-z]+(?: [A-Z][a-z]+)?|[a-z]{3,12})(?::| –| —| -)\s").ok()
});

pub fn of(document: &Document) -> Vec<Action> {
    let mut found = Vec::new();
    for (index, unit) in document.units.iter().enumerate() {
        let path = document.path(unit).rsplit(" / ").next().unwrap_or_default();
        let listed = SECTIONS.iter().any(|s| path.contains(s)) && !path.contains("checklist");
        let action = match unit.kind {
            Kind::Row => row(document, unit, listed),
            Kind::Item if listed => Some(item(unit)),
            Kind::Prose if listed && unit.text.contains('@') => Some(item(unit)),
            _ => None,
        };
        found.extend(action.map(|a| Action { unit: index, ..a }));
    }
    found
}

/// Is this the name of somebody, and not a sign for nobody?
pub fn is_somebody(owner: &str) -> bool {
    !NOBODY.contains(&owner.trim().trim_matches(['*', '_', '.', '(', ')']).to_lowercase().as_str())
}

fn row(document: &Document, unit: &Unit, listed: bool) -> Option<Action> {
    let heads = document.tables.get(unit.table?)?;
    let acts = |h: &String| ["action", "task", "follow", "item", "todo"].iter().any(|w| h.contains(w));
    let owned = |h: &String| OWNERS.iter().any(|w| crate::document::has_word(h, w));
    if !(listed && (heads.iter().any(acts) || heads.iter().any(owned)) || heads.iter().any(acts) && heads.iter().any(owned)) {
        return None;
    }
    let owner = document.cell(unit, OWNERS).map(|c| if is_somebody(c) { c.trim().to_string() } else { String::new() });
    let lower = unit.text.to_lowercase();
    let done = heads.iter().any(|h| DONE.iter().any(|d| h.contains(d))) || DONE.iter().any(|d| lower.contains(d));
    Some(Action { owner: owner.or(Some(String::new())), done_test: done, suggested: is_suggested(&lower), ..dated(unit) })
}

fn item(unit: &Unit) -> Action {
    let lower = unit.text.to_lowercase();
    let done = lower.find("done when").map_or(DONE.iter().any(|d| lower.contains(d)), |at| {
        lower.get(at + 9..).is_some_and(|rest| is_somebody(rest.split([')', ';']).next().unwrap_or_default()))
    });
    let owners = OWNER.iter().flat_map(|p| p.captures_iter(&unit.text));
    let named =
        owners.filter_map(|c| c.name("a").or(c.name("b")).or(c.name("c")).or(c.name("d")).map(|m| m.as_str().to_string())).next();
    let owner = named.map(|n| if is_somebody(&n) { n } else { String::new() });
    Action { owner: owner.or(Some(String::new())), done_test: done, suggested: is_suggested(&lower), ..dated(unit) }
}

fn is_suggested(lower: &str) -> bool {
    lower.starts_with("suggested") || lower.contains("suggested by this report")
}

/// The last date that is no time of something else.
fn dated(unit: &Unit) -> Action {
    let dates = unit.facts.dates.iter().filter(|d| !unit.is_quoted(d.range.start));
    Action { due: dates.filter_map(|d| d.days(None)).next_back(), ..Action::default() }
}
