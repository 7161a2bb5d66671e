//! Revisions of settings as stores of them list them: one object a revision, with its number, its time and its author, and below
//! it which settings it changed from what to what.
//!
//! Each tool calls these otherwise; a list of names with values before and after, under something with a time and a number, is one
//! whatever it is called. It must never take the fields that somebody edited in a ticket for settings. What breaks it: a store that
//! tells only the whole state of each revision.

use evidence::{Body, ChangePhase, Deploy, Stamp};

use super::changes::{ACTORS, is_log, is_rollback};
use super::json::El;
use super::{Context, Out};

const LISTS: [&str; 12] = [
    "changes",
    "diff",
    "diffs",
    "modifications",
    "changed",
    "edits",
    "deltas",
    "delta",
    "parameters",
    "settings",
    "items",
    "entries",
];
const KEYS: [&str; 14] = [
    "parameter",
    "key",
    "setting",
    "path",
    "property",
    "name",
    "option",
    "variable",
    "config_key",
    "configKey",
    "flag",
    "attribute",
    "field",
    "item",
];
const BEFORE: [&str; 13] = [
    "old",
    "old_value",
    "oldValue",
    "from",
    "before",
    "previous",
    "previous_value",
    "previousValue",
    "prev",
    "was",
    "fromValue",
    "original",
    "left",
];
const AFTER: [&str; 13] = [
    "new",
    "new_value",
    "newValue",
    "to",
    "after",
    "current",
    "current_value",
    "currentValue",
    "value",
    "now",
    "toValue",
    "updated",
    "right",
];
const NUMBERS: [&str; 12] = [
    "versionNumber",
    "version",
    "revision",
    "version_number",
    "rev",
    "changeset",
    "change_id",
    "changeId",
    "release",
    "number",
    "id",
    "uid",
];
/// Whose edits are told field by field.
const TICKETS: [&str; 6] = ["issue", "ticket", "incident", "story", "histories", "changelog"];
/// Changes that are told of one revision.
const MOST: usize = 6;

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    if context.is_line || is_log(element) || element.has_any(&TICKETS) {
        return false;
    }
    let Some(number) = element.first(&NUMBERS) else { return false };
    let Some(list) = LISTS.iter().filter_map(|name| element.get(name)).find(|list| list.items().next().is_some()) else {
        return false;
    };
    let changes: Option<Vec<(String, String, String)>> = list.items().map(change).collect();
    let (Some(changes), Some(stamp)) = (changes, time(element)) else { return false };
    let words = element.first(&["description", "comment", "message", "title", "reason", "note", "summary"]).unwrap_or_default();
    let told: Vec<String> = changes.iter().take(MOST).map(|(name, old, new)| format!("{name}: {old} -> {new}")).collect();
    out.is("settings_revisions");
    let actor = ["updateUser.email", "updateUser.name", "modifiedBy", "updatedBy", "lastModifiedBy"];
    out.add(
        element,
        Some(stamp),
        Body::Deploy(Deploy {
            service: element.first(&["service", "application", "app", "component"]),
            version: Some(number),
            sha: None,
            phase: ChangePhase::Finished,
            finished: None,
            rollback: is_rollback(&[&words]),
            environment: element.first(&["environment", "env", "stage"]),
            actor: element.first(&ACTORS).or_else(|| element.first(&actor)),
            kind: "config".into(),
            text: told.join(", "),
        }),
    );
    true
}

/// One setting: what it is called, and its values, of which one may be missing where it is new or gone.
fn change(element: El<'_>) -> Option<(String, String, String)> {
    if element.has_any(&["fromString", "toString", "fieldtype", "fieldId"]) {
        return None;
    }
    let name = element.first(&KEYS)?;
    let side = |names: &[&str]| names.iter().find_map(|n| element.get(n)).map(|e| e.text().unwrap_or_else(|| e.compact()));
    let (old, new) = (side(&BEFORE), side(&AFTER));
    let told = |value: Option<String>| value.filter(|v| !v.is_empty()).unwrap_or_else(|| "none".into());
    (old.is_some() && element.has_any(&AFTER) || new.is_some() && element.has_any(&BEFORE)).then(|| (name, told(old), told(new)))
}

/// Some member says when: its name ends like one of a time, and it reads as one.
fn time(element: El<'_>) -> Option<Stamp> {
    const ENDS: [&str; 10] = ["time", "_at", "at", "date", "timestamp", "_on", "when", "ts", "created", "updated"];
    let is_named = |name: &String| ENDS.iter().any(|end| name.to_lowercase().ends_with(end));
    let own = element.members().filter(|(name, _)| is_named(name)).map(|(name, _)| name).collect::<Vec<_>>();
    own.iter().find_map(|name| element.stamp(&[name.as_str()]))
}

#[cfg(test)]
mod tests {
    use evidence::SourceId;

    use super::super::{read_whole, sniff};
    use super::*;

    fn check(text: &str) -> Vec<(String, String, bool, String, Option<i64>)> {
        assert!(sniff("x.json", text.as_bytes(), true));
        let document = read_whole("x.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let told = document.events.into_iter().filter_map(|e| match e.body {
            Body::Deploy(d) => {
                let at = e.stamp.map(|s| s.micros / 1_000_000 - 1_735_689_600);
                Some((d.version.unwrap_or_default(), d.text, d.rollback, d.actor.unwrap_or_default(), at))
            }
            _ => None,
        });
        told.collect()
    }

    #[test]
    fn a_revision_says_what_was_set_whatever_its_store_is() {
        let text = r#"{"versions":[{"versionNumber":"r-8","updateTime":"2025-01-01T00:01:05Z","updateUser":{"email":"bo@a.example"},"description":"revert","changes":[{"parameter":"queue.lanes","old":"2","new":"16"}]},{"versionNumber":"r-7","updateTime":"2025-01-01T00:00:05Z","updateUser":{"email":"ann@a.example"},"changes":[{"parameter":"queue.lanes","old":"16","new":"2"},{"parameter":"queue.name","old":"","new":"x"}]}]}"#;
        let told = |number: &str, text: &str, back: bool, who: &str, at: i64| {
            (number.to_string(), text.to_string(), back, who.to_string(), Some(at))
        };
        let expected = [
            told("r-8", "queue.lanes: 2 -> 16", true, "bo@a.example", 65),
            told("r-7", "queue.lanes: 16 -> 2, queue.name: none -> x", false, "ann@a.example", 5),
        ];
        assert_eq!(check(text), expected);
        let other = r#"[{"revision":41,"created_at":"2025-01-01T00:00:05Z","author":"ann","diff":[{"key":"POOL","before":20,"after":5}]}]"#;
        assert_eq!(check(other), [told("41", "POOL: 20 -> 5", false, "ann", 5)]);
    }

    #[test]
    fn edits_of_tickets_and_states_are_none() {
        for text in [
            r#"[{"id":1,"issue":"A-1","created":"2025-01-01T00:00:05Z","items":[{"field":"status","from":"a","to":"b"}]}]"#,
            r#"[{"version":1,"created_at":"2025-01-01T00:00:05Z","parameters":[{"name":"POOL","value":"5"}]}]"#,
        ] {
            assert!(check(text).is_empty(), "{text}");
        }
    }
}
