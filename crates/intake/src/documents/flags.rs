//! Feature flags and dynamic settings that were changed: plain lists, audit logs of flag services.
//!
//! It must never take the mere state of a flag for a change: a time has to stand with it.

use evidence::{Body, Flag};

use super::changes::{ACTORS, TIMES, is_log};
use super::json::El;
use super::{Context, Out};

const NAMES: [&str; 12] = [
    "flag", "flag_key", "flagKey", "flag_name", "flagName", "feature", "feature_flag", "toggle", "featureName", "setting",
    "setting_name", "config_key",
];
const OLD: [&str; 10] = ["old", "old_value", "oldValue", "from", "before", "previous", "previous_value", "previousValue", "was", "prev"];
const NEW: [&str; 10] = ["new", "new_value", "newValue", "to", "after", "current", "value", "enabled", "state", "status"];

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    let Some(stamp) = element.stamp(&TIMES) else { return false };
    if is_log(element) {
        return false;
    }
    let Some(name) = name(element) else { return false };
    let (old, new) = values(element);
    if old.is_none() && (context.is_line || new.is_none()) && !says_change(element) {
        return false;
    }
    out.is("flags");
    let flag = Flag {
        name,
        service: element.first(&["service", "service_name", "app", "application", "project", "component"]),
        old,
        new,
        actor: element.first(&ACTORS),
    };
    out.add(element, Some(stamp), Body::Flag(flag));
    true
}

/// Values of a change written as `off->on`, `5 → 0`, `off to on`.
pub fn split_change(change: &str) -> Option<(String, String)> {
    let arrows = ["->", "=>", "→", " to "];
    let (old, new) = arrows.iter().find_map(|a| change.split_once(a))?;
    Some((old.trim().to_string(), new.trim().to_string()))
}

/// Whether words say that something was changed; the evaluation of a flag is none.
fn says_change(element: El<'_>) -> bool {
    let verbs = ["updat", "creat", "chang", "delet", "modif", "enabl", "disabl", "turned", "toggl", "archiv", "set "];
    let words = ["action", "titleVerb", "title", "type", "event", "change"].iter().filter_map(|k| element.first(&[k]));
    words.into_iter().any(|w| verbs.iter().any(|v| w.to_lowercase().contains(v)))
}

/// The name of a flag; `key` and `name` count only where old and new values or the kind say what it is.
fn name(element: El<'_>) -> Option<String> {
    if let Some(name) = element.first(&NAMES).or_else(|| element.first(&["flag.key", "flag.name", "data.flag_key"])) {
        return Some(name);
    }
    let kind = element.first(&["kind", "type", "resource_type", "entity"]).unwrap_or_default().to_ascii_lowercase();
    let is_flag = ["flag", "feature", "toggle", "setting"].iter().any(|k| kind.contains(k));
    let has_both = element.has_any(&OLD[..3]) && element.has_any(&NEW[..3])
        || element.has("from") && element.has("to")
        || element.has("before") && element.has("after")
        || element.first(&["change"]).is_some_and(|c| split_change(&c).is_some());
    (is_flag || has_both).then(|| element.first(&["key", "name", "target.name", "parameter", "param"])).flatten()
}

fn values(element: El<'_>) -> (Option<String>, Option<String>) {
    if let Some((old, new)) = element.first(&["change", "diff"]).and_then(|c| split_change(&c)) {
        return (Some(old), Some(new));
    }
    let value = |keys: &[&str]| keys.iter().find_map(|k| element.get(k)).map(|v| v.text().unwrap_or_else(|| v.compact()));
    let (old, new) = (value(&OLD), value(&NEW));
    if old.is_some() || new.is_some() {
        return (old, new);
    }
    let verb = element.first(&["titleVerb", "action", "type", "title"]).unwrap_or_default().to_lowercase();
    let says = |cues: &[&str]| cues.iter().any(|c| verb.contains(c));
    if says(&["turned on", "enable", "switched on", "activated", "toggle_on"]) {
        (Some("off".into()), Some("on".into()))
    } else if says(&["turned off", "disable", "switched off", "deactivated", "toggle_off", "archived", "deleted"]) {
        (Some("on".into()), Some("off".into()))
    } else {
        (None, None)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{read_line, read_whole};
    use super::*;
    use evidence::{RecordRef, SourceId};

    const SOURCE: SourceId = SourceId { input: 0, entry: 0 };

    fn check(text: &str) -> Vec<(String, Option<String>, Option<String>, Option<String>)> {
        let document = read_whole("f.json", SOURCE, text.as_bytes()).expect("JSON");
        let seen = document.events.into_iter().map(|e| match e.body {
            Body::Flag(f) => (f.name, f.old, f.new, f.actor),
            other => panic!("{other:?}"),
        });
        seen.collect()
    }

    #[test]
    fn several_wordings() {
        let text = r#"[{"timestamp":"2026-09-22T10:45:00Z","flag":"receipts","service":"web","change":"off->on","actor":"g"},
            {"at":"2025-11-14T19:08:05Z","actor":"g","key":"retry.max","old":5,"new":0}]"#;
        let some = |t: &str| Some(t.to_string());
        assert_eq!(
            check(text),
            [("receipts".into(), some("off"), some("on"), some("g")), ("retry.max".into(), some("5"), some("0"), some("g"))]
        );
        let audit = r#"{"items":[{"date":1737631240000,"kind":"flag","name":"carousel","titleVerb":"turned off","member":{"email":"m"}}]}"#;
        assert_eq!(check(audit), [("carousel".into(), some("on"), some("off"), some("m"))]);
    }

    #[test]
    fn an_evaluation_in_a_stream_is_no_change() {
        let line = r#"{"time": "2025-11-14T18:02:00Z", "flag": "banner", "value": true, "user_id": 7}"#;
        let place = RecordRef { source: SOURCE, start: 0, end: line.len() as u64, line: 1, last_line: 1 };
        assert_eq!(read_line(line, place), []);
    }

    #[test]
    fn a_change_in_a_stream() {
        let line = r#"{"at": "2025-11-14T18:02:00Z", "actor": "bo", "flag": "banner", "old": false, "new": true}"#;
        let place = RecordRef { source: SOURCE, start: 9, end: 9 + line.len() as u64, line: 2, last_line: 2 };
        assert_eq!(read_line(line, place).first().map(|e| e.place), Some(place));
    }
}
