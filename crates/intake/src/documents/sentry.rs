//! Sentry: issues (of its interface and of webhooks), alerts on issues, events and metrics, and lists of events.
//!
//! An issue of which a webhook tells is an alert that began when it was first seen, an issue of a list is what failed then;
//! an event of a list is a record of a log, with its stack trace.
//! It must never tell that an issue ended because it was seen last at some time: only its status says so.

use evidence::{AlertState, Body, Level};

use super::carried::{Carried, Outer};
use super::json::El;
use super::{Context, Out};

/// Frames of a stack trace that are kept, the innermost ones.
const FRAMES: usize = 20;

pub fn read(element: El<'_>, _context: &Context<'_>, out: &mut Out) -> bool {
    if let Some(data) = element.get("data").filter(|_| element.has("action")) {
        return webhook(element, data, out);
    }
    if is_issue(element) {
        seen(element, out);
    } else if element.has_all(&["culprit", "event"]) && element.has_any(&["project", "project_name"]) {
        // The older webhook of a plugin.
        let event = element.get("event").unwrap_or(element);
        let service = element.first(&["project_slug", "project", "project_name"]);
        alert(element, event, service, out);
    } else if is_event(element) {
        event(element, out);
    } else {
        return false;
    }
    out.is("sentry");
    true
}

fn webhook(element: El<'_>, data: El<'_>, out: &mut Out) -> bool {
    if let Some(told) = data.get("issue").filter(|i| is_issue(*i)) {
        issue(element, told, out);
    } else if let Some(event) = data.get("event").or_else(|| data.get("error")).filter(|e| e.has_any(&["culprit", "event_id"])) {
        alert(element, event, None, out);
    } else if let Some(metric) = data.get("metric_alert") {
        metric_alert(element, data, metric, out);
    } else {
        return false;
    }
    out.is("sentry");
    true
}

fn is_issue(element: El<'_>) -> bool {
    element.has_all(&["firstSeen", "title"]) && element.has_any(&["shortId", "culprit", "userCount"])
}

fn is_event(element: El<'_>) -> bool {
    element.has_any(&["eventID", "event_id"])
        && element.has_any(&["dateCreated", "datetime", "timestamp"])
        && (element.has_any(&["culprit", "groupID"]) || element.dig("exception.values").is_some())
}

/// An issue of the interface: what failed when it was first seen, of which nobody was told then.
fn seen(issue: El<'_>, out: &mut Out) {
    let words = [issue.word("title"), summary(issue)].into_iter().filter(|part| !part.is_empty());
    let outer = Outer {
        stamp: issue.stamp(&["firstSeen"]),
        level: issue.first(&["level"]).and_then(|l| Level::from_word(&l)).or(Some(Level::Error)),
        service: service(issue),
        fields: labels(issue),
        ..Outer::default()
    };
    if !issue.is_open() {
        out.carried.push(Carried::new(issue.place(), words.collect::<Vec<_>>().join("; "), outer));
    }
}

fn labels(issue: El<'_>) -> Vec<(String, String)> {
    let known = ["shortId", "count", "userCount", "lastSeen", "platform", "status"];
    let labels = known.iter().filter_map(|k| Some((k.to_string(), issue.first(&[k])?)));
    let mut labels: Vec<(String, String)> = labels.chain(tags(issue)).collect();
    labels.sort();
    labels
}

/// An issue of which a webhook told since it was first seen; once it is resolved, the alert no longer fires, at a time that is not told.
fn issue(place: El<'_>, issue: El<'_>, out: &mut Out) {
    let told = AlertState {
        name: issue.word("title"),
        service: service(issue),
        summary: summary(issue),
        firing: true,
        labels: labels(issue),
        ..AlertState::default()
    };
    out.add(place, issue.stamp(&["firstSeen"]), Body::Alert(told.clone()));
    if let Some(ends) = issue.stamp(&["statusDetails.resolvedAt", "resolvedAt"]).filter(|_| issue.word("status") == "resolved") {
        out.add(place, Some(ends), Body::Alert(AlertState { firing: false, ends: Some(ends), ..told }));
    }
}

fn alert(place: El<'_>, event: El<'_>, project: Option<String>, out: &mut Out) {
    let named = ["triggered_rule", "issue_alert.title"].iter().find_map(|k| place.get("data")?.dig(k)?.text());
    let mut labels: Vec<(String, String)> = tags(event).collect();
    labels.extend(named.map(|rule| ("rule".to_string(), rule)));
    labels.sort();
    let told = AlertState {
        name: event.first(&["title", "metadata.type", "message"]).unwrap_or_default(),
        service: project.or_else(|| service(event)),
        summary: summary(event),
        firing: true,
        labels,
        ..AlertState::default()
    };
    out.add(place, event.stamp(&["datetime", "timestamp", "dateCreated", "received"]), Body::Alert(told));
}

fn metric_alert(place: El<'_>, data: El<'_>, metric: El<'_>, out: &mut Out) {
    let is_over = place.word("action") == "resolved";
    let ends = metric.stamp(&["date_closed"]).filter(|_| is_over);
    let at = if is_over { ends } else { metric.stamp(&["date_started", "date_detected", "date_created"]) };
    let told = AlertState {
        name: metric.first(&["alert_rule.name", "title"]).unwrap_or_default(),
        severity: Some(place.word("action")).filter(|_| !is_over),
        service: metric.list("projects").next().and_then(El::text),
        summary: data.first(&["description_text", "description_title"]).unwrap_or_default(),
        firing: !is_over,
        ends,
        threshold: metric.first(&["alert_rule.triggers.alert_threshold"]),
        ..AlertState::default()
    };
    out.add(place, at, Body::Alert(told));
}

/// An event of a list as a record: what was thrown, with its frames.
fn event(element: El<'_>, out: &mut Out) {
    let thrown = exceptions(element);
    let words = if thrown.is_empty() { element.first(&["title", "message"]).unwrap_or_default() } else { thrown };
    let fields: Vec<(String, String)> =
        element.first(&["culprit"]).map(|c| ("culprit".to_string(), c)).into_iter().chain(tags(element)).collect();
    let tag = |name: &str| fields.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone());
    let level = element.first(&["level"]).or_else(|| tag("level"));
    let outer = Outer {
        stamp: element.stamp(&["dateCreated", "datetime", "timestamp"]),
        level: level.and_then(|l| Level::from_word(&l)).or(Some(Level::Error)),
        service: service(element),
        instance: tag("server_name"),
        trace: element.first(&["contexts.trace.trace_id"]),
        fields,
        ..Outer::default()
    };
    if !element.is_open() && !words.is_empty() {
        out.carried.push(Carried::new(element.place(), words, outer));
    }
}

/// `Type: value` of each exception, with its innermost frames.
fn exceptions(event: El<'_>) -> String {
    let entries = event.list("entries").filter(|e| e.word("type") == "exception").filter_map(|e| e.dig("data.values"));
    let values = entries.chain(event.dig("exception.values")).flat_map(El::items);
    let thrown = values.map(|value| {
        let frames: Vec<El<'_>> = value.dig("stacktrace.frames").into_iter().flat_map(El::items).collect();
        let frames = frames.iter().rev().take(FRAMES).map(|f| {
            let place = f.first(&["filename", "module", "absPath"]).unwrap_or_default();
            format!("\n\tat {} ({place}:{})", f.word("function"), f.first(&["lineNo", "lineno"]).unwrap_or_default())
        });
        format!("{}: {}{}", value.word("type"), value.word("value"), frames.collect::<String>())
    });
    thrown.collect::<Vec<_>>().join("\nCaused by: ")
}

fn service(element: El<'_>) -> Option<String> {
    let project = element.first(&["project.slug", "project.name", "projectSlug", "project_slug"]);
    // A number says nothing.
    project.or_else(|| element.first(&["project"]).filter(|p| p.parse::<u64>().is_err()))
}

/// What was thrown and where, as far as the title does not say it.
fn summary(element: El<'_>) -> String {
    let title = element.word("title");
    let words =
        [element.first(&["metadata.value", "message"]).filter(|v| !title.contains(v.as_str())), element.first(&["culprit"])];
    words.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// Release, environment and tags, which are pairs or objects.
fn tags(element: El<'_>) -> impl Iterator<Item = (String, String)> {
    let named = ["release", "environment", "release.version"].into_iter();
    let named = named.filter_map(move |k| Some((k.trim_end_matches(".version").to_string(), element.dig(k)?.text()?)));
    let pairs = element.list("tags").filter_map(|t| {
        let pair = || Some((t.items().next()?.text()?, t.items().nth(1)?.text()?));
        t.first(&["key"]).zip(t.first(&["value"])).or_else(pair)
    });
    named.chain(pairs)
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::{Basis, SourceId, Stamp};

    const AT: Option<Stamp> = Some(Stamp { micros: 1_735_689_605_000_000, basis: Basis::Zoned });

    fn check(text: &str) -> super::super::Document {
        let document = read_whole("s.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        assert_eq!((document.format.as_str(), document.texts.len()), ("sentry", 0));
        document
    }

    fn told(document: &super::super::Document) -> Vec<(AlertState, Option<Stamp>)> {
        let alerts =
            document.events.iter().map(|e| if let Body::Alert(a) = &e.body { (a.clone(), e.stamp) } else { panic!("{e:?}") });
        alerts.collect()
    }

    #[test]
    fn an_issue_began_when_it_was_first_seen() {
        let issue = r#"{"id":"7","shortId":"CART-3","title":"TimeoutError: pool","culprit":"cart.add","level":"error","status":"unresolved","logger":"root",
            "firstSeen":"2025-01-01T00:00:05Z","lastSeen":"2025-01-01T01:00:00Z","count":"812","userCount":40,"project":{"slug":"cart"},"metadata":{"type":"TimeoutError","value":"no connection"}}"#;
        let hook = format!(r#"{{"action":"created","actor":{{"type":"application"}},"data":{{"issue":{issue}}}}}"#);
        let seen = told(&check(&hook));
        assert_eq!((seen.len(), seen[0].1, seen[0].0.service.as_deref()), (1, AT, Some("cart")));
        assert_eq!((seen[0].0.name.as_str(), seen[0].0.summary.as_str()), ("TimeoutError: pool", "no connection; cart.add"));
        assert!(seen[0].0.labels.contains(&("count".into(), "812".into())));
        let listed = check(&format!("[{issue}]"));
        let record = listed.carried[0].record(listed.carried[0].place);
        assert_eq!((record.message.as_ref(), record.stamp), ("TimeoutError: pool; no connection; cart.add", AT));
        assert_eq!((record.level, record.field("count"), listed.events.len()), (Some(Level::Error), Some("812"), 0));
    }

    #[test]
    fn an_alert_on_an_event_names_its_rule_and_release() {
        let text = r#"{"action":"triggered","data":{"event":{"event_id":"e","title":"TimeoutError: pool","culprit":"cart.add","level":"fatal","datetime":"2025-01-01T00:00:05.000000Z",
            "release":"cart@7.1","project":4,"tags":[["environment","prod"],["server_name","cart-1"]]},"triggered_rule":"Too many errors"}}"#;
        let seen = told(&check(text));
        assert_eq!((seen[0].1, seen[0].0.severity.as_deref(), seen[0].0.service.as_deref()), (AT, None, None));
        let labels = [("environment", "prod"), ("release", "cart@7.1"), ("rule", "Too many errors"), ("server_name", "cart-1")];
        assert_eq!(seen[0].0.labels, labels.map(|(k, v)| (k.to_string(), v.to_string())));
    }

    #[test]
    fn a_metric_alert_fires_and_resolves() {
        let hook = |action: &str| {
            format!(
                r#"{{"action":"{action}","data":{{"description_text":"900 events in 5 min","metric_alert":{{"title":"Errors","alert_rule":{{"name":"Errors of cart"}},"projects":["cart"],
                "date_started":"2025-01-01T00:00:05Z","date_closed":"2025-01-01T00:10:05Z"}}}}}}"#
            )
        };
        let seen = told(&check(&format!("[{},{}]", hook("critical"), hook("resolved"))));
        assert_eq!((seen[0].1, seen[0].0.firing, seen[0].0.name.as_str()), (AT, true, "Errors of cart"));
        assert_eq!((seen[1].1.map(|s| s.micros - 1_735_689_605_000_000), seen[1].0.firing), (Some(600_000_000), false));
    }

    #[test]
    fn events_of_a_list_are_records_with_their_frames() {
        let text = r#"[{"eventID":"e","groupID":"7","title":"TimeoutError: pool","culprit":"cart.add","dateCreated":"2025-01-01T00:00:05Z","tags":[{"key":"level","value":"error"},{"key":"server_name","value":"cart-1"}],
            "entries":[{"type":"exception","data":{"values":[{"type":"TimeoutError","value":"no connection","stacktrace":{"frames":[{"filename":"main.py","function":"main","lineNo":3},{"filename":"cart.py","function":"add","lineNo":12}]}}]}}]}]"#;
        let document = check(text);
        let record = document.carried[0].record(document.carried[0].place);
        assert_eq!(record.message, "TimeoutError: no connection\n\tat add (cart.py:12)\n\tat main (main.py:3)");
        assert_eq!((record.stamp, record.level, record.instance.as_deref()), (AT, Some(Level::Error), Some("cart-1")));
        assert_eq!((record.field("culprit"), record.place.line, record.place.last_line), (Some("cart.add"), 1, 2));
    }
}
