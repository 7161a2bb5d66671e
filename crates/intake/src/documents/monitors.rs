//! Datadog's webhooks, events and monitors, and Grafana's annotations of alerts.
//!
//! Told as alerts where they say which way the state went, else as records of a log. It must never take a renotification
//! for a new alert's beginning where the payload says when it began. What breaks it: a webhook whose template leaves out
//! the transition and the title.

use evidence::{AlertState, Body, Deploy, Level, Stamp};

use super::alerts::{is_resolved, service};
use super::carried::{Carried, Outer};
use super::html;
use super::json::El;
use super::noted;
use super::pager::priority_in;
use super::{Context, Out};

pub fn read(element: El<'_>, _context: &Context<'_>, out: &mut Out) -> bool {
    let kinds = [webhook, event, event_of_two, monitor, annotation, note];
    kinds.iter().any(|kind| kind(element, out))
}

/// `{"alert_transition": "Triggered", "title": ..., "date": ...}`, and the template that Datadog proposes.
fn webhook(element: El<'_>, out: &mut Out) -> bool {
    let is_default = element.has_all(&["event_type", "last_updated", "title"]) && element.has_any(&["org", "body"]);
    if !(element.has("alert_transition") || is_default) {
        return false;
    }
    let title = element.first(&["alert_title", "title", "event_title"]).unwrap_or_default();
    let (state, name) = titled(&title);
    let state = element.first(&["alert_transition"]).or(state).unwrap_or_default();
    let labels = tags(element);
    let told = AlertState {
        name,
        severity: priority(element, &title, &labels),
        service: element.first(&["service"]).or_else(|| service(&labels)),
        summary: plain(&element.first(&["body", "event_msg", "text_only_msg", "message"]).unwrap_or_default()),
        firing: !is_resolved(&state),
        value: element.first(&["alert_metric_value", "value"]),
        labels,
        ..AlertState::default()
    };
    add(element, element.stamp(&["date", "last_updated", "timestamp"]), told, out);
    true
}

/// An event of the first interface; success ends what error and warning began, and info is a record.
fn event(element: El<'_>, out: &mut Out) -> bool {
    if !element.has_all(&["title", "date_happened"]) {
        return false;
    }
    let stamp = element.stamp(&["date_happened"]);
    told(element, element, stamp, (&element.word("alert_type"), &element.word("text")), out);
    true
}

/// An event of the second interface: `{"type": "event", "attributes": {"timestamp", "message", "attributes": {...}}}`.
fn event_of_two(element: El<'_>, out: &mut Out) -> bool {
    let Some(outer) = element.get("attributes").filter(|_| element.word("type") == "event") else { return false };
    let Some(inner) = outer.get("attributes").filter(|i| i.has_any(&["title", "evt", "status"])) else { return false };
    told(element, inner, outer.stamp(&["timestamp"]), (&inner.word("status"), &outer.word("message")), out);
    true
}

/// An event with its state and its text.
fn told(place: El<'_>, about: El<'_>, stamp: Option<Stamp>, (state, text): (&str, &str), out: &mut Out) {
    let (titled_state, name) = titled(&about.first(&["title", "monitor.name"]).unwrap_or_default());
    let mut labels = tags(place);
    labels.extend(place.get("attributes").map(tags).unwrap_or_default());
    labels.extend(tags(about));
    labels.sort();
    labels.dedup();
    let service = about.first(&["service"]).or_else(|| service(&labels));
    let firing = match (titled_state.as_deref(), state.to_ascii_lowercase().as_str()) {
        (Some(word), _) => Some(!is_resolved(word)),
        (None, "error" | "warning" | "warn" | "critical" | "failure" | "alert") => Some(true),
        (None, "success" | "ok" | "recovered" | "recovery") => Some(false),
        _ => None,
    };
    // A pipeline says of a release that it was a success.
    let is_well = titled_state.is_none() && firing != Some(true) && !place.is_open();
    let sender = about.first(&["source", "source_type_name"]).unwrap_or_default();
    if let Some(change) = noted::by_event(&name, &plain(text), &sender, service.clone()).filter(|_| is_well) {
        out.is("datadog");
        return out.add(place, stamp, Body::Deploy(change));
    }
    let Some(firing) = firing else {
        let words = [name, plain(text)].into_iter().filter(|w| !w.is_empty()).collect::<Vec<_>>().join("; ");
        let outer = Outer {
            stamp,
            service,
            instance: about.first(&["host"]),
            level: Some(Level::Info),
            fields: labels,
            ..Outer::default()
        };
        if !place.is_open() {
            out.is("datadog");
            out.carried.push(Carried::new(place.place(), words, outer));
        }
        return;
    };
    let severity = priority(about, &name, &labels);
    add(place, stamp, AlertState { name, severity, service, summary: plain(text), firing, labels, ..AlertState::default() }, out);
}

/// A monitor with the groups that it watches, each with the times of its last changes.
fn monitor(element: El<'_>, out: &mut Out) -> bool {
    let groups: Vec<(String, El<'_>)> = element.dig("state.groups").into_iter().flat_map(El::members).collect();
    let is_monitor = element.has_all(&["name", "query"]) && element.has("overall_state");
    let changed = |g: &El<'_>| g.stamp(&["last_triggered_ts"]).is_some();
    if !is_monitor || !groups.iter().any(|(_, g)| changed(g)) {
        return false;
    }
    for (group, state) in groups.into_iter().filter(|(_, g)| changed(g)) {
        let mut labels = tags(element);
        labels.extend(pairs(group.split(',')));
        labels.sort();
        labels.dedup();
        let began = state.stamp(&["last_triggered_ts"]);
        let ends = state.stamp(&["last_resolved_ts"]).filter(|e| Some(*e) > began);
        let told = AlertState {
            name: element.word("name"),
            severity: element.first(&["priority"]).map(|p| format!("P{p}")),
            service: service(&labels),
            summary: plain(&element.word("message")),
            firing: true,
            ends,
            threshold: element.first(&["options.thresholds.critical"]),
            labels,
            ..AlertState::default()
        };
        add(state, began, told.clone(), out);
        if ends.is_some() {
            add(state, ends, AlertState { firing: false, ..told }, out);
        }
    }
    true
}

/// How urgent it is, where somebody set that: every event has a priority of its own and a type, which say nothing.
/// What the event is set to, else what its title or its tags (`severity:sev2`) say.
fn priority(element: El<'_>, title: &str, labels: &[(String, String)]) -> Option<String> {
    let set = element.first(&["priority", "alert_priority"]).filter(|p| !["normal", "low"].contains(&p.as_str()));
    let tagged = || labels.iter().find(|(key, _)| ["severity", "sev", "priority"].contains(&key.as_str()));
    set.or_else(|| priority_in(title)).or_else(|| tagged().map(|(_, value)| value.clone()).filter(|value| !value.is_empty()))
}

/// What somebody noted on a dashboard of Grafana: a change where it says so, else a record.
fn note(element: El<'_>, out: &mut Out) -> bool {
    let is_note =
        element.has_all(&["text", "time"]) && element.has_any(&["dashboardUID", "dashboardId", "panelId", "dashboardUIDs"]);
    if !is_note || !element.word("newState").is_empty() {
        return false;
    }
    out.is("grafana");
    let text = html::text(&element.word("text"));
    let tags: Vec<String> = element.list("tags").filter_map(El::text).collect();
    let stamp = element.stamp(&["time"]);
    let named = tags.iter().find(|tag| !noted::is_change(tag) && !tag.contains(':') && text.contains(tag.as_str())).cloned();
    let service = service(&pairs(tags.iter().map(String::as_str))).or(named);
    if tags.iter().any(|tag| noted::is_change(tag)) || noted::begins_with_change(&text) {
        let actor = element.first(&["login", "userName", "email"]);
        let finished = element.stamp(&["timeEnd"]).filter(|end| Some(*end) > stamp);
        out.add(element, stamp, Body::Deploy(Deploy { finished, ..noted::change(text, service, actor) }));
    } else if !element.is_open() {
        let outer = Outer { stamp, service, level: Some(Level::Info), ..Outer::default() };
        out.carried.push(Carried::new(element.place(), text, outer));
    }
    true
}

/// A change of state that Grafana noted on its dashboards.
fn annotation(element: El<'_>, out: &mut Out) -> bool {
    if element.word("newState").is_empty() || !element.has("time") || !element.has_any(&["alertName", "alertId", "prevState"]) {
        return false;
    }
    // `Alerting (Error)`, `Normal (NoData)`: behind the state stands why.
    let state = element.word("newState").to_lowercase();
    let state = state.split(" (").next().unwrap_or_default().to_string();
    let (named, labelled, measured) = instance(&element.word("text"));
    if matches!(state.as_str(), "pending" | "paused" | "no_data" | "nodata" | "unknown") {
        out.others += 1;
        return true;
    }
    let mut labels = pairs(element.list("tags").filter_map(El::text).collect::<Vec<_>>().iter().map(String::as_str));
    labels.extend(labelled);
    labels.extend(element.get("labels").into_iter().flat_map(El::members).filter_map(|(k, v)| Some((k, v.text()?))));
    labels.sort();
    labels.dedup();
    let own = |name: &str| labels.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone());
    let names = ["alertName", "alert", "ruleTitle", "ruleName", "rule", "title", "name"];
    let told = AlertState {
        name: element.first(&names).or_else(|| own("alertname")).unwrap_or(named),
        severity: own("severity").or_else(|| own("priority")),
        value: measured,
        service: service(&labels),
        summary: element.word("text"),
        firing: !is_resolved(&state),
        labels,
        ..AlertState::default()
    };
    out.is("grafana");
    out.add(element, element.stamp(&["time"]), Body::Alert(told));
    true
}

/// `Slow {service=cart} - A=3.2` is the name of a rule, the labels of what it found, and what it measured.
fn instance(text: &str) -> (String, Vec<(String, String)>, Option<String>) {
    let Some((name, rest)) = text.split_once(" {") else { return (text.to_string(), Vec::new(), None) };
    let Some((labels, after)) = rest.split_once('}') else { return (text.to_string(), Vec::new(), None) };
    let labels = labels.split(", ").filter_map(|pair| pair.split_once('='));
    let measured = after.split_once(" - ").map(|(_, values)| values.trim().to_string()).filter(|values| values.contains('='));
    (name.trim().to_string(), labels.map(|(k, v)| (k.to_string(), v.to_string())).collect(), measured)
}

fn add(place: El<'_>, stamp: Option<Stamp>, told: AlertState, out: &mut Out) {
    out.is("datadog");
    out.add(place, stamp, Body::Alert(told));
}

/// `[Triggered on {host:a}] Errors are high` is `Triggered` and `Errors are high`.
fn titled(title: &str) -> (Option<String>, String) {
    let inner = title.trim().strip_prefix('[').and_then(|t| t.split_once(']'));
    let Some((head, rest)) = inner else { return (None, title.trim().to_string()) };
    let word = head.split(" on ").next().unwrap_or(head).trim();
    let states = ["triggered", "re-triggered", "warn", "re-warn", "recovered", "no data", "renotify", "alert", "ok", "alerting"];
    match states.contains(&word.to_lowercase().as_str()) {
        true => (Some(word.to_string()), rest.trim().to_string()),
        false => (None, title.trim().to_string()),
    }
}

/// Tags as a list or as one text with commas.
fn tags(element: El<'_>) -> Vec<(String, String)> {
    let listed: Vec<String> = element.list("tags").filter_map(El::text).collect();
    let text = element.first(&["tags"]).unwrap_or_default();
    let mut labels = pairs(listed.iter().map(String::as_str).chain(text.split(',')));
    labels.sort();
    labels
}

fn pairs<'a>(tags: impl Iterator<Item = &'a str>) -> Vec<(String, String)> {
    tags.filter_map(|t| t.trim().split_once(':').map(|(k, v)| (k.to_string(), v.to_string()))).collect()
}

/// Without the marks around Markdown.
fn plain(text: &str) -> String {
    text.replace("%%%", "").trim().to_string()
}

#[cfg(test)]
mod tests {
    use super::super::{Document, read_whole};
    use super::*;
    use evidence::SourceId;

    const AT: i64 = 1_735_689_605;

    fn check(text: &str) -> Document {
        read_whole("d.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON")
    }

    fn alerts(document: &Document) -> Vec<(String, bool, Option<i64>, Option<String>)> {
        let told = document.events.iter().map(|e| match &e.body {
            Body::Alert(a) => (a.name.clone(), a.firing, e.stamp.map(|s| s.micros / 1_000_000 - AT), a.service.clone()),
            other => panic!("{other:?}"),
        });
        told.collect()
    }

    fn told(name: &str, firing: bool, at: i64, service: Option<&str>) -> (String, bool, Option<i64>, Option<String>) {
        (name.into(), firing, Some(at), service.map(str::to_string))
    }

    #[test]
    fn webhooks_fire_and_recover() {
        let text = r#"[{"id":"1","title":"[Triggered on {service:cart}] Errors are high","date":"1735689605000","alert_transition":"Triggered","alert_type":"error","priority":"P2","tags":"env:prod,service:cart","body":"%%%\n7% errors\n%%%"},
            {"id":"2","title":"[Recovered] Errors are high","date":"1735689905000","event_type":"query_alert_monitor","last_updated":"1735689905000","org":{"name":"shop"},"body":"ok"}]"#;
        let document = check(text);
        assert_eq!(
            alerts(&document),
            [told("Errors are high", true, 0, Some("cart")), told("Errors are high", false, 300, None)]
        );
        let Body::Alert(first) = &document.events[0].body else { panic!("an alert") };
        assert_eq!(
            (first.summary.as_str(), first.severity.as_deref(), document.events[1].place.line),
            ("7% errors", Some("P2"), 2)
        );
    }

    #[test]
    fn events_of_both_interfaces() {
        let text = r#"{"events":[{"id":1,"title":"[Triggered] Queue grows","text":"depth 9","date_happened":1735689605,"alert_type":"error","tags":["service:mailer"]},
            {"id":2,"title":"cart was restarted","text":"by ann","date_happened":1735689606,"alert_type":"info","tags":["service:cart"],"host":"i-1"}]}"#;
        let document = check(text);
        assert_eq!(alerts(&document), [told("Queue grows", true, 0, Some("mailer"))]);
        let record = document.carried[0].record(document.carried[0].place);
        assert_eq!((record.message.as_ref(), record.service.as_deref()), ("cart was restarted; by ann", Some("cart")));
        assert_eq!(record.stamp.map(|s| s.micros / 1_000_000 - AT), Some(1));
        let two = r#"{"data":[{"id":"A","type":"event","attributes":{"timestamp":"2025-01-01T00:00:05Z","message":"slow","tags":["service:cart"],"attributes":{"title":"[Recovered] Slow","status":"ok","evt":{"name":"Slow"}}}}]}"#;
        assert_eq!(alerts(&check(two)), [told("Slow", false, 0, Some("cart"))]);
    }

    #[test]
    fn how_grave_it_is_may_stand_in_a_tag() {
        let event = |priority: &str, tags: &str| {
            let text = format!(
                r#"{{"events":[{{"id":1,"title":"[Triggered] Queue grows","text":"","date_happened":1735689605,"alert_type":"error","priority":"{priority}","tags":[{tags}]}}]}}"#
            );
            match &check(&text).events[0].body {
                Body::Alert(alert) => alert.severity.clone(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(event("normal", r#""severity:sev2","team:mail""#).as_deref(), Some("sev2"));
        assert_eq!(event("P1", r#""severity:sev2""#).as_deref(), Some("P1"));
        assert_eq!(event("normal", r#""team:severity""#), None);
    }

    #[test]
    fn a_monitor_tells_when_each_of_its_groups_changed() {
        let text = r#"{"id":4,"name":"Errors","query":"sum(last_5m):x > 5","message":"@pager","priority":1,"overall_state":"Alert","options":{"thresholds":{"critical":5.0}},
            "state":{"groups":{"service:cart":{"status":"Alert","last_triggered_ts":1735689605,"last_resolved_ts":1735680000},"service:web":{"status":"OK","last_triggered_ts":1735689605,"last_resolved_ts":1735689665}}}}"#;
        let document = check(text);
        assert_eq!(
            alerts(&document),
            [told("Errors", true, 0, Some("cart")), told("Errors", true, 0, Some("web")), told("Errors", false, 60, Some("web"))]
        );
    }

    #[test]
    fn policies_of_google_open_and_close() {
        let notice = |state: &str, end: &str| {
            format!(
                r#"{{"version":"1.2","incident":{{"incident_id":"0.a","policy_name":"Errors","condition_name":"above 5%","state":"{state}","started_at":1735689605,"ended_at":{end},"severity":"Critical","observed_value":"0.3","threshold_value":"0.05","resource":{{"type":"x","labels":{{"service_name":"cart"}}}},"summary":"s"}}}}"#
            )
        };
        let both = format!("{}\n{}\n", notice("open", "null"), notice("closed", "1735689665"));
        let want = [told("Errors", true, 0, Some("cart")), told("Errors", false, 60, Some("cart"))];
        let place = evidence::RecordRef { source: SourceId { input: 0, entry: 0 }, start: 0, end: 500, line: 1, last_line: 1 };
        let held: Vec<_> = both.lines().flat_map(|line| super::super::read_line(line, place).events).collect();
        assert_eq!(held.len(), 2);
        assert_eq!(alerts(&check(&format!("[{}]", both.trim().replace('\n', ",")))), want);
    }

    #[test]
    fn an_annotation_of_an_instance_names_its_rule_and_its_labels() {
        let note = |state: &str| {
            format!(
                r#"[{{"id":1,"alertId":0,"newState":"{state}","prevState":"Normal","time":1735689605000,"text":"Slow {{alertname=Slow, service=cart}} - A=3.2","tags":[]}}]"#
            )
        };
        assert_eq!(alerts(&check(&note("Alerting (Error)"))), [told("Slow", true, 0, Some("cart"))]);
        assert_eq!(alerts(&check(&note("Normal (Updated)"))), [told("Slow", false, 0, Some("cart"))]);
        assert_eq!(alerts(&check(&note("Pending"))), []);
    }

    #[test]
    fn a_history_of_states_names_its_rule_and_says_how_grave_it_is() {
        let text = r#"[{"time":"2025-01-01T00:00:05Z","alert":"Slow cart","prevState":"Normal","newState":"Alerting","labels":{"severity":"critical","service":"cart"}},
            {"time":"2025-01-01T00:01:45Z","alert":"Slow cart","prevState":"Alerting","newState":"Normal","labels":{"severity":"critical","service":"cart"}}]"#;
        let document = check(text);
        assert_eq!(alerts(&document), [told("Slow cart", true, 0, Some("cart")), told("Slow cart", false, 100, Some("cart"))]);
        assert!(matches!(&document.events[0].body, Body::Alert(a) if a.severity.as_deref() == Some("critical")));
    }

    #[test]
    fn annotations_of_grafana_are_transitions() {
        let text = r#"[{"id":1,"alertId":3,"alertName":"Slow cart","newState":"alerting","prevState":"ok","time":1735689605000,"text":"p99=3s","tags":["service:cart"]},
            {"id":2,"alertId":3,"alertName":"Slow cart","newState":"pending","prevState":"ok","time":1735689600000,"text":""},
            {"id":3,"alertId":3,"alertName":"Slow cart","newState":"Normal","prevState":"alerting","time":1735689705000,"text":""}]"#;
        let document = check(text);
        assert_eq!(alerts(&document), [told("Slow cart", true, 0, Some("cart")), told("Slow cart", false, 100, None)]);
        assert_eq!((document.format.as_str(), document.records), ("grafana", 3));
    }
}
