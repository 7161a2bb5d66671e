//! Feature flags and dynamic settings that were changed: plain lists, audit logs of flag services.
//!
//! It must never take the mere state of a flag for a change: a time has to stand with it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use evidence::{Body, Flag};
use expressions::Expression;

use super::changes::{ACTORS, TIMES, is_log};
use super::json::El;
use super::{Context, Out};

const NAMES: [&str; 17] = [
    "flag",
    "flag_key",
    "flagKey",
    "flag_name",
    "flagName",
    "feature",
    "feature_flag",
    "toggle",
    "featureName",
    "setting",
    "setting_name",
    "config_key",
    "settingKey",
    "feature.name",
    "new_state.feature.name",
    "data.new_state.feature.name",
    "feature_name",
];
const OLD: [&str; 10] =
    ["old", "old_value", "oldValue", "from", "before", "previous", "previous_value", "previousValue", "was", "prev"];
const NEW: [&str; 12] = [
    "new",
    "new_value",
    "newValue",
    "to",
    "after",
    "current",
    "current_value",
    "currentValue",
    "value",
    "enabled",
    "state",
    "status",
];
/// Two states of one thing, of which what differs is told.
const STATES: [(&str, &str); 10] = [
    ("preData", "data"),
    ("previousVersion", "currentVersion"),
    ("previous_state", "new_state"),
    ("previousState", "newState"),
    ("previousValue", "currentValue"),
    ("previous_value", "current_value"),
    ("oldValue", "newValue"),
    ("old_value", "new_value"),
    ("before", "after"),
    ("old", "new"),
];
/// Members of a state that change with every change.
const BOOKKEEPING: [&str; 14] = [
    "version",
    "_version",
    "id",
    "_id",
    "lastmodified",
    "updatedat",
    "updated_at",
    "createdat",
    "created_at",
    "timestamp",
    "date",
    "salt",
    "change_request",
    "live_from",
];
/// Differences that are told of one change.
const MOST: usize = 6;

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    if is_hook(element) {
        return hook(element, out);
    }
    if let Some((name, old, new, actor)) = told_apart(element).or_else(|| parameter(element)) {
        out.is("flags");
        let stamp = element.stamp(&TIMES).or_else(|| element.stamp(&["created", "LastModifiedDate"]));
        out.add(element, stamp, Body::Flag(Flag { service: owner(&name), name, old, new, actor }));
        return true;
    }
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
    let service = element.first(&["service", "service_name", "app", "application", "project", "component"]);
    let flag = Flag {
        service: service.filter(|project| is_own(project)).or_else(|| owner(&name)),
        name,
        old,
        new,
        actor: element.first(&ACTORS),
    };
    out.add(element, Some(stamp), Body::Flag(flag));
    true
}

/// Whose key it is in a tree of keys: `config/cart/pool/size` is of `cart`.
fn owner(key: &str) -> Option<String> {
    const BRANCHES: [&str; 18] = [
        "config",
        "configs",
        "settings",
        "kv",
        "app",
        "apps",
        "application",
        "service",
        "services",
        "env",
        "prod",
        "production",
        "live",
        "global",
        "common",
        "shared",
        "flags",
        "features",
    ];
    let parts: Vec<&str> = key.trim_start_matches('/').split('/').collect();
    let is_name = |part: &&&str| {
        part.len() >= 3
            && !BRANCHES.contains(&part.to_lowercase().as_str())
            && part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    };
    // The last part is what is set, and what stands right before it may say what of.
    let branches = parts.get(..parts.len().saturating_sub(2)).unwrap_or_default();
    branches.iter().find(is_name).map(|part| part.to_string())
}

/// Where nobody made projects, all flags stand in the one that the tool came with.
fn is_own(project: &str) -> bool {
    !["default", "global"].iter().any(|name| project.eq_ignore_ascii_case(name))
}

/// `{"event_type": "FLAG_UPDATED", "data": {...}}`: what changed stands in one member.
fn is_hook(element: El<'_>) -> bool {
    element.get("data").is_some_and(|d| d.has("new_state") && d.dig("new_state.feature.name").is_some())
}

fn hook(element: El<'_>, out: &mut Out) -> bool {
    let Some(data) = element.get("data") else { return false };
    let (old, new) = values(data);
    let name = data.first(&["new_state.feature.name"]).unwrap_or_default();
    let service = data.first(&["new_state.feature.project.name"]).filter(|project| is_own(project));
    let stamp = data.stamp(&TIMES).or_else(|| element.stamp(&TIMES));
    out.is("flags");
    out.add(element, stamp, Body::Flag(Flag { name, service, old, new, actor: data.first(&ACTORS) }));
    true
}

/// Name, values before and after, and who.
type Change = (String, Option<String>, Option<String>, Option<String>);

/// A change whose values stand apart from the flag: of GrowthBook, of which only what was different before is told, and of
/// PostHog, which lists its fields.
fn told_apart(element: El<'_>) -> Option<Change> {
    if element.word("event").starts_with("feature.") {
        let (flag, before) = (element.dig("data.object")?, element.dig("data.previous_attributes")?);
        let was = leaves(before);
        let now: BTreeMap<String, String> = leaves(flag).into_iter().filter(|(path, _)| was.contains_key(path)).collect();
        let differ: Vec<&String> = was.keys().filter(|path| was.get(*path) != now.get(*path)).collect();
        let told = |side: &BTreeMap<String, String>| match differ.as_slice() {
            [] => None,
            [only] => side.get(*only).cloned(),
            many => {
                Some(many.iter().take(MOST).filter_map(|n| Some(format!("{n}={}", side.get(*n)?))).collect::<Vec<_>>().join(", "))
            }
        };
        let name = flag.first(&["id", "key"])?;
        return Some((name, told(&was), told(&now), element.first(&["user.email", "user.name"])));
    }
    let changes: Vec<El<'_>> = element.dig("detail.changes")?.items().filter(|c| c.has("field")).collect();
    if element.word("scope") != "FeatureFlag" || changes.is_empty() {
        return None;
    }
    let told = |side: &str| {
        let value = |c: &El<'_>| {
            let value = c.get(side)?;
            let text = value.text().unwrap_or_else(|| value.compact());
            Some(if changes.len() == 1 { text } else { format!("{}={text}", c.word("field")) })
        };
        Some(changes.iter().take(MOST).filter_map(value).collect::<Vec<_>>().join(", ")).filter(|t| !t.is_empty())
    };
    let name = element.first(&["detail.name"])?;
    Some((name, told("before"), told("after"), element.first(&["user.email", "user.first_name"])))
}

/// A version of a parameter of AWS's Parameter Store; what is kept secret there is not told.
fn parameter(element: El<'_>) -> Option<Change> {
    let is_parameter = element.has_all(&["Name", "Type", "Version", "LastModifiedDate", "LastModifiedUser"]);
    let value = element.first(&["Value"]).filter(|_| element.word("Type") != "SecureString");
    let user = element.first(&["LastModifiedUser"]).map(|arn| arn.rsplit('/').next().unwrap_or(&arn).to_string());
    is_parameter.then(|| Some((element.first(&["Name"])?, None, value, user)))?
}

/// What differs between two states, a value where it is one, else `name=value` of each: `5` and `100` of two rollouts.
fn differences(old: El<'_>, new: El<'_>) -> (Option<String>, Option<String>) {
    let (old, new) = (leaves(old), leaves(new));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let differ: Vec<&String> = names.into_iter().filter(|n| old.get(*n) != new.get(*n)).collect();
    let told = |side: &BTreeMap<String, String>| match differ.as_slice() {
        [] => None,
        [only] => side.get(*only).cloned(),
        many => {
            let parts = many.iter().take(MOST).filter_map(|n| Some(format!("{n}={}", side.get(*n)?)));
            Some(parts.collect::<Vec<_>>().join(", ")).filter(|t| !t.is_empty())
        }
    };
    (told(&old), told(&new))
}

/// The plain values of a state by their paths; steps that only hold others of their kind leave no name.
fn leaves(state: El<'_>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    collect(state, "", 0, &mut found);
    found
}

fn collect(element: El<'_>, path: &str, depth: usize, found: &mut BTreeMap<String, String>) {
    if depth > 8 || found.len() > 400 {
        return;
    }
    if let Some(text) = element.text() {
        found.insert(path.to_string(), text);
    }
    let under = |name: &str| if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
    for (name, value) in element.members().filter(|(n, _)| !BOOKKEEPING.contains(&n.to_lowercase().as_str())) {
        collect(value, &under(&name), depth + 1, found);
    }
    for (index, item) in element.items().enumerate() {
        collect(item, &under(&index.to_string()), depth + 1, found);
    }
}

/// The two states that an element tells, when at least one of them is more than a plain value.
fn states(element: El<'_>) -> Option<(Option<String>, Option<String>)> {
    let (old, new) = STATES.iter().find_map(|(old, new)| Some((element.get(old)?, element.get(new)?)))?;
    let nests = |e: El<'_>| e.is_object() || e.is_array();
    (nests(old) && nests(new)).then(|| differences(old, new)).filter(|(old, new)| old.is_some() || new.is_some())
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
    let words = ["action", "titleVerb", "title", "type", "event", "change", "auditLogType", "log"]
        .iter()
        .filter_map(|k| element.first(&[k]));
    // Split numbers its changes.
    element.has_all(&["changeNumber", "editor"]) || words.into_iter().any(|w| verbs.iter().any(|v| w.to_lowercase().contains(v)))
}

/// The name of a flag; `key` and `name` count only where old and new values or the kind say what it is.
fn name(element: El<'_>) -> Option<String> {
    // `proj/shop:env/production:flag/fast-cart` has the key, where the name is one for people.
    let targets = element.dig("target.resources").into_iter().flat_map(El::items).filter_map(El::text);
    let accesses = element.get("accesses").into_iter().flat_map(El::items).filter_map(|access| access.first(&["resource"]));
    let key = |resource: String| {
        let (_, key) = resource.split_once("flag/")?;
        let key = key.split([';', ':', '/']).next().unwrap_or(key);
        (!key.is_empty() && key != "*").then(|| key.to_string())
    };
    if let Some(key) = targets.chain(accesses).find_map(key) {
        return Some(key);
    }
    if let Some(name) = element.first(&NAMES).or_else(|| element.first(&["flag.key", "flag.name", "data.flag_key"])) {
        return Some(name);
    }
    let kind = element
        .first(&["kind", "type", "resource_type", "entity", "related_object_type", "auditLogType"])
        .unwrap_or_default()
        .to_ascii_lowercase();
    let is_flag = ["flag", "feature", "toggle", "setting"].iter().any(|k| kind.contains(k)) || kind == "split";
    let has_both = STATES.iter().any(|(old, new)| element.has(old) && element.has(new))
        || element.has_any(&OLD[..3]) && element.has_any(&NEW[..3])
        || element.has("from") && element.has("to")
        || element.has("before") && element.has("after")
        || element.first(&["change"]).is_some_and(|c| split_change(&c).is_some());
    let named = || element.first(&["key", "name", "target.name", "parameter", "param", "actionTarget"]);
    let spoken = || element.first(&["log"])?.split_once("feature: ").map(|(_, name)| name.trim().to_string());
    (is_flag || has_both).then(|| named().or_else(spoken)).flatten()
}

fn values(element: El<'_>) -> (Option<String>, Option<String>) {
    if let Some((old, new)) = element.first(&["change", "diff"]).and_then(|c| split_change(&c)) {
        return (Some(old), Some(new));
    }
    if let Some(told) = states(element) {
        return told;
    }
    let value = |keys: &[&str]| keys.iter().find_map(|k| element.get(k)).map(|v| v.text().unwrap_or_else(|| v.compact()));
    let (old, new) = (value(&OLD), value(&NEW));
    if old.is_some() || new.is_some() {
        return (old, new);
    }
    if let Some((old, new)) = spoken_change(element) {
        return (Some(old), Some(new));
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

/// Two values in the words of an audit: `5% → 100%`, `changed the rollout from 5% to 100%`.
fn spoken_change(element: El<'_>) -> Option<(String, String)> {
    static SPOKEN: LazyLock<Option<Expression>> = LazyLock::new(|| {
        Expression::new(r#"\bfrom ['"`]?([^\s'"`]{1,60})['"`]? to ['"`]?([^\s'"`]{1,60})|['"`]?([^\s'"`]{1,60})['"`]? (?:→|->|=>) ['"`]?([^\s'"`]{1,60})"#).ok()
    });
    let words = ["details", "description", "log", "shortDescription", "title", "comment"];
    let found = words.iter().find_map(|k| {
        let text = element.first(&[k])?;
        let found = SPOKEN.as_ref()?.captures(&text)?;
        let value = |a: usize, b: usize| {
            found.get(a).or_else(|| found.get(b)).map(|m| m.as_str().trim_end_matches(['.', ',', ';']).to_string())
        };
        Some((value(1, 3)?, value(2, 4)?))
    });
    found.filter(|(old, new)| !old.is_empty() && !new.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::{read_line, read_whole};
    use super::*;
    use evidence::{RecordRef, SourceId};

    const SOURCE: SourceId = SourceId { input: 0, entry: 0 };

    /// Name, old and new value, actor.
    type Told = (String, Option<String>, Option<String>, Option<String>);

    fn check(text: &str) -> Vec<Told> {
        let document = read_whole("f.json", SOURCE, text.as_bytes()).expect("JSON");
        let seen = document.events.into_iter().map(|e| match e.body {
            Body::Flag(f) => (f.name, f.old, f.new, f.actor),
            other => panic!("{other:?}"),
        });
        seen.collect()
    }

    #[test]
    fn a_key_in_a_tree_has_an_owner() {
        assert_eq!(owner("price-rules/velocity/max_open").as_deref(), Some("price-rules"));
        assert_eq!(owner("/config/prod/cart/pool/size").as_deref(), Some("cart"));
        for none in ["new-checkout", "cart/new-checkout", "config/prod/pool/size"] {
            assert_eq!(owner(none), None, "{none}");
        }
    }

    #[test]
    fn the_project_that_a_tool_came_with_is_no_service() {
        let service = |project: &str| {
            let event = r#""type":"feature-environment-disabled","createdAt":"2026-09-22T10:45:00Z","featureName":"receipts""#;
            let text = format!(r#"{{"events":[{{{event},"project":"{project}","data":{{"enabled":false}},"preData":null}}]}}"#);
            let document = read_whole("f.json", SOURCE, text.as_bytes()).expect("JSON");
            match &document.events[0].body {
                Body::Flag(flag) => flag.service.clone(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!((service("default"), service("shop")), (None, Some("shop".to_string())));
    }

    #[test]
    fn values_that_stand_apart_from_the_flag() {
        let some = |t: &str| Some(t.to_string());
        let growthbook = r#"{"event":"feature.updated","object":"feature","created":1737631240,"data":{"object":{"id":"new-cart","archived":false,"environments":{"production":{"enabled":true}}},"previous_attributes":{"environments":{"production":{"enabled":false}}}},"user":{"email":"ann@a.example"}}"#;
        assert_eq!(check(growthbook), [("new-cart".into(), some("false"), some("true"), some("ann@a.example"))]);
        let posthog = r#"{"results":[{"user":{"email":"ann@a.example"},"activity":"updated","scope":"FeatureFlag","detail":{"name":"new-cart","changes":[{"field":"active","before":false,"after":true}]},"created_at":"2026-09-22T10:45:00Z"}]}"#;
        assert_eq!(check(posthog), [("new-cart".into(), some("false"), some("true"), some("ann@a.example"))]);
        let split = r#"{"name":"new_cart","type":"split","changeNumber":1737631240000,"time":1737631240000,"description":"Rolled out from 5% to 100%","environmentName":"Prod","editor":"Ann"}"#;
        assert_eq!(check(split), [("new_cart".into(), some("5%"), some("100%"), some("Ann"))]);
    }

    #[test]
    fn a_parameter_of_a_store_is_told_unless_it_is_secret() {
        let one = |kind: &str| {
            format!(
                r#"{{"Parameters":[{{"Name":"/cart/prod/pool/size","Type":"{kind}","LastModifiedDate":"2025-01-01T01:00:05+01:00","LastModifiedUser":"arn:aws:iam::1:user/ann","Value":"5","Version":12}}]}}"#
            )
        };
        let some = |t: &str| Some(t.to_string());
        assert_eq!(check(&one("String")), [("/cart/prod/pool/size".into(), None, some("5"), some("ann"))]);
        assert_eq!(check(&one("SecureString")), [("/cart/prod/pool/size".into(), None, None, some("ann"))]);
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
    fn an_audit_in_words() {
        let some = |t: &str| Some(t.to_string());
        let text = r#"[{"auditLogDateTime":"2025-01-01T00:00:00Z","auditLogType":"Setting value changed","actionTarget":"fastCart","details":"Fast cart: 5% → 100%","userEmail":"ann"},
            {"created_date":"2025-01-01T00:01:00Z","log":"Flag state updated for feature: fast_cart","author":{"email":"bo"},"related_object_type":"FEATURE_STATE"},
            {"date":1735689720000,"kind":"flag","name":"fast-cart","titleVerb":"updated the default rule of","description":"- Changed the rollout from `5%` to `100%`","member":{"email":"ann"}}]"#;
        assert_eq!(
            check(text),
            [
                ("fastCart".into(), some("5%"), some("100%"), some("ann")),
                ("fast_cart".into(), None, None, some("bo")),
                ("fast-cart".into(), some("5%"), some("100%"), some("ann")),
            ]
        );
    }

    #[test]
    fn states_are_told_by_what_differs() {
        let some = |t: &str| Some(t.to_string());
        let unleash = r#"[{"id":3,"type":"feature-strategy-update","createdBy":"ann","createdAt":"2025-01-01T00:00:00Z","featureName":"fast-cart",
            "project":"shop","environment":"production","preData":{"id":"s1","name":"flexibleRollout","parameters":{"rollout":"5","groupId":"g"}},
            "data":{"id":"s1","name":"flexibleRollout","parameters":{"rollout":"100","groupId":"g"}}},
            {"id":4,"type":"feature-environment-disabled","createdBy":"bo","createdAt":"2025-01-01T00:09:00Z","featureName":"fast-cart","data":{"reason":"noise"}}]"#;
        assert_eq!(
            check(unleash),
            [
                ("fast-cart".into(), some("5"), some("100"), some("ann")),
                ("fast-cart".into(), some("on"), some("off"), some("bo"))
            ]
        );
        let darkly = r#"{"items":[{"_id":"1","date":1735689600000,"kind":"flag","name":"fast-cart","titleVerb":"updated the flag","member":{"email":"ann@example.com"},
            "previousVersion":{"_version":1,"on":false,"weights":[5000,95000]},"currentVersion":{"_version":2,"on":true,"weights":[100000,0]}}]}"#;
        assert_eq!(check(darkly)[0].1.as_deref(), Some("on=false, weights.0=5000, weights.1=95000"));
        let named = r#"{"items":[{"_id":"1","date":1735689600000,"kind":"flag","name":"Fast cart","titleVerb":"turned on the flag","member":{"email":"ann@example.com"},
            "target":{"name":"Fast cart","resources":["proj/shop:env/production:flag/fast-cart"]}}]}"#;
        assert_eq!(check(named), [("fast-cart".into(), some("off"), some("on"), some("ann@example.com"))]);
        let with_name = named.replace(r#""member":{"#, r#""member":{"firstName":"Ann","#);
        assert_eq!(check(&with_name)[0].3.as_deref(), Some("Ann"), "a name says more than an address");
        let accessed = r#"{"items":[{"_id":"1","date":1735689600000,"kind":"flag","name":"Fast cart","titleVerb":"turned off the flag","member":{"email":"ann@example.com"},
            "accesses":[{"action":"updateOn","resource":"proj/shop:env/production:flag/fast-cart;web"}]}]}"#;
        assert_eq!(check(accessed)[0].0, "fast-cart");
        let hook = r#"{"event_type":"FLAG_UPDATED","data":{"changed_by":"ann","timestamp":"2025-01-01T00:00:00Z",
            "new_state":{"enabled":true,"feature_state_value":null,"feature":{"id":1,"name":"fast_cart"}},
            "previous_state":{"enabled":false,"feature_state_value":null,"feature":{"id":1,"name":"fast_cart"}}}}"#;
        assert_eq!(check(hook), [("fast_cart".into(), some("false"), some("true"), some("ann"))]);
        let plain = r#"[{"auditLogDateTime":"2025-01-01T00:00:00Z","settingKey":"fastCart","previousValue":5,"currentValue":100,"userEmail":"ann@example.com"}]"#;
        assert_eq!(check(plain), [("fastCart".into(), some("5"), some("100"), some("ann@example.com"))]);
    }

    #[test]
    fn an_evaluation_in_a_stream_is_no_change() {
        let line = r#"{"time": "2025-11-14T18:02:00Z", "flag": "banner", "value": true, "user_id": 7}"#;
        let place = RecordRef { source: SOURCE, start: 0, end: line.len() as u64, line: 1, last_line: 1 };
        assert_eq!(read_line(line, place).events, []);
    }

    #[test]
    fn a_change_in_a_stream() {
        let line = r#"{"at": "2025-11-14T18:02:00Z", "actor": "bo", "flag": "banner", "old": false, "new": true}"#;
        let place = RecordRef { source: SOURCE, start: 9, end: 9 + line.len() as u64, line: 2, last_line: 2 };
        assert_eq!(read_line(line, place).events.first().map(|e| e.place), Some(place));
    }
}
