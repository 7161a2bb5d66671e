//! Actions: what somebody promised has an owner, who is named by what is cited or elsewhere, and a date that stands there.

use serde_json::Value;

use super::view::{View, list, string, strings};

pub fn check(view: &mut View<'_>) {
    for (i, action) in list(view.value, "actions").enumerate() {
        if string(action, "origin") != Some("stated") {
            continue;
        }
        let path = format!("actions.{i}");
        let owner = string(action, "owner").unwrap_or_default();
        if owner.trim().is_empty() {
            view.says("action/owner", &path, "somebody stated the action, and nobody owns it".to_string());
        } else if !is_named(view, owner) {
            view.says("action/owner", &format!("{path}.owner"), format!("nothing in the report names {owner}"));
        }
        due(view, &path, action);
    }
}

/// Does the name stand anywhere but among the owners?
fn is_named(view: &View<'_>, owner: &str) -> bool {
    let name = owner.trim_start_matches('@');
    let texts = list(view.value, "evidence").chain(list(view.value, "claims")).chain(list(view.value, "timeline"));
    let mut texts = texts.flat_map(|v| [string(v, "text"), string(v, "actor")]).flatten();
    texts.any(|t| t.to_lowercase().contains(&name.to_lowercase()))
}

/// A date stands in the records, where these have one.
fn due(view: &mut View<'_>, path: &str, action: &Value) {
    let Some(due) = string(action, "due") else { return };
    let cited = strings(action, "citations").into_iter().filter_map(|id| string(view.evidence.get(id)?.1, "text"));
    let texts: Vec<&str> = cited.collect();
    let year = due.get(..5).unwrap_or_default();
    let told = texts.iter().any(|t| t.contains(due));
    if !told && !year.is_empty() && texts.iter().any(|t| t.contains(year)) {
        view.says("action/due", &format!("{path}.due"), format!("no record that it cites has the date {due}"));
    }
}
