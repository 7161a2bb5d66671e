//! Alerts: Alertmanager and Grafana webhooks, the alert lists of Prometheus and Alertmanager, monitors, plain alert files.
//!
//! One event per alert and transition: firing at its start, resolved at its end. It must never believe an end that lies
//! in the future of an alert that is said to fire, nor take the job of an exporter for a service.

use evidence::{AlertState, Body, Stamp};

use super::json::El;
use super::{Context, Out};

const SERVICES: [&str; 14] = [
    "service",
    "service_name",
    "app",
    "application",
    "app_kubernetes_io_name",
    "app.kubernetes.io/name",
    "deployment",
    "kube_deployment",
    "statefulset",
    "daemonset",
    "workload_name",
    "workload",
    "container",
    "component",
];
const EXPORTERS: [&str; 8] =
    ["node-exporter", "node_exporter", "kube-state-metrics", "kubelet", "cadvisor", "prometheus", "blackbox", "kubernetes"];

/// Alertmanager's shape: objects with labels, alone or in a webhook.
pub fn read_webhook(element: El<'_>, _context: &Context<'_>, out: &mut Out) -> bool {
    if element.list("alerts").next().is_some_and(is_labelled) {
        out.is("alertmanager");
        for alert in element.list("alerts") {
            labelled(alert, element, out);
        }
        return true;
    }
    if is_labelled(element) {
        out.is("alertmanager");
        labelled(element, element, out);
        return true;
    }
    if element.get("commonLabels").is_some_and(El::is_object) && element.has_any(&["state", "status", "title"]) {
        out.is("alert");
        let alert = describe(element, "commonLabels", "commonAnnotations");
        let stamp = element.stamp(&["startsAt", "fired_at", "timestamp", "triggered_at"]);
        out.add(element, stamp, Body::Alert(alert));
        return true;
    }
    false
}

/// An alert as a plain object, or a monitor with its state.
pub fn read_plain(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    let fired = ["fired_at", "firedAt", "triggered_at", "triggeredAt", "firing_since", "alerted_at"];
    let is_measured = element.has("threshold") && element.has_any(&["observed", "value", "current", "actual"]);
    let is_named = element.has_any(&["alert", "alertname", "alert_name", "monitor", "rule", "ruleName"]);
    let is_monitor = element.has("overall_state") || element.has("evalMatches");
    if !(element.has_any(&fired) || is_measured && is_named || is_monitor || is_named && element.has("severity")) {
        return false;
    }
    if context.is_line && !element.has_any(&fired) {
        return false;
    }
    let alert = plain(element);
    let keys = ["timestamp", "startsAt", "time", "at", "created_at", "started_at", "overall_state_modified"];
    let stamp = element.stamp(&fired).or_else(|| element.stamp(&keys));
    let ends = element.stamp(&["resolved_at", "resolvedAt", "ended_at", "recovered_at"]);
    if is_monitor && !alert.firing && ends.is_none() {
        return false;
    }
    out.is("alert");
    transitions(element, stamp, ends, alert, out);
    true
}

fn is_labelled(element: El<'_>) -> bool {
    element.get("labels").is_some_and(El::is_object)
        && (element.has_any(&["startsAt", "activeAt"]) || element.has("annotations") && element.has_any(&["status", "state"]))
}

fn labelled(alert: El<'_>, webhook: El<'_>, out: &mut Out) {
    let state = alert.first(&["status", "status.state", "state"]).or_else(|| webhook.first(&["status"])).unwrap_or_default();
    if state.eq_ignore_ascii_case("pending") {
        // Its condition holds, but not for long enough: nobody was told.
        out.texts.push((alert.place(), alert.compact()));
        return;
    }
    let mut body = describe(alert, "labels", "annotations");
    body.firing = !is_resolved(&state);
    let starts = alert.stamp(&["startsAt", "activeAt"]);
    let ends = alert.stamp(&["endsAt"]).filter(|_| !body.firing || state.is_empty());
    transitions(alert, starts, ends, body, out);
}

/// Firing at its start, unless an earlier element said so, and resolved at its end.
pub fn transitions(element: El<'_>, starts: Option<Stamp>, ends: Option<Stamp>, alert: AlertState, out: &mut Out) {
    let is_known = |e: &evidence::Event| {
        let Body::Alert(other) = &e.body else { return false };
        other.firing && e.stamp == starts && other.name == alert.name && other.labels == alert.labels
    };
    let is_over = ends.is_some() || !alert.firing;
    if !(is_over && (starts.is_none() || out.events.iter().any(is_known))) {
        out.add(element, starts, Body::Alert(AlertState { firing: true, ends, ..alert.clone() }));
    }
    if is_over {
        out.add(element, ends, Body::Alert(AlertState { firing: false, ends, ..alert }));
    }
}

fn describe(alert: El<'_>, labels: &str, annotations: &str) -> AlertState {
    let label = |name: &str| alert.get(labels).and_then(|l| l.get(name)).and_then(El::text).filter(|t| !t.is_empty());
    let note = |names: &[&str]| alert.get(annotations).and_then(|a| a.first(names));
    let summary = note(&["summary", "title"]);
    let detail = note(&["description", "message"]).filter(|d| Some(d) != summary.as_ref());
    let mut words: Vec<String> = [summary, detail].into_iter().flatten().collect();
    if words.is_empty() {
        words.extend(alert.first(&["title", "message", "summary"]));
    }
    let state = alert.first(&["status", "status.state", "state"]).unwrap_or_default();
    let all = alert.get(labels).into_iter().flat_map(El::members).filter_map(|(k, v)| Some((k, v.text()?)));
    let name = label("alertname").or_else(|| alert.first(&["title", "name", "ruleName"]));
    let mut labels: Vec<(String, String)> = all.collect();
    labels.sort();
    AlertState {
        name: name.unwrap_or_default(),
        severity: ["severity", "priority", "level"].iter().find_map(|k| label(k)),
        service: service(&labels),
        summary: words.join("; "),
        firing: !is_resolved(&state),
        ends: None,
        value: note(&["value", "current", "current_value", "observed"]).or_else(|| alert.first(&["value", "valueString"])),
        threshold: note(&["threshold", "limit"]),
        labels,
    }
}

fn plain(element: El<'_>) -> AlertState {
    let tags = element.list("tags").filter_map(El::text);
    let mut labels: Vec<(String, String)> =
        tags.filter_map(|t| t.split_once(':').map(|(k, v)| (k.to_string(), v.to_string()))).collect();
    labels.sort();
    let words = [element.first(&["summary", "title", "message", "description"]), element.first(&["detail", "details"])];
    let named = ["alertname", "alert_name", "alert", "monitor", "rule", "ruleName", "name", "title", "metric"];
    let state = element.first(&["overall_state", "status", "state"]).unwrap_or_default();
    AlertState {
        name: element.first(&named).unwrap_or_default(),
        severity: element.first(&["severity", "priority", "level", "urgency"]).map(|level| {
            // A monitor of Datadog numbers its priority only.
            let is_number = element.has("overall_state") && level.len() == 1 && level.bytes().all(|b| b.is_ascii_digit());
            if is_number { format!("P{level}") } else { level }
        }),
        service: element.first(&["service", "service_name", "app", "application", "component"]).or_else(|| service(&labels)),
        summary: words.into_iter().flatten().collect::<Vec<_>>().join("; "),
        firing: !is_resolved(&state),
        ends: None,
        value: element
            .first(&["observed", "value", "current", "current_value", "actual"])
            .or_else(|| element.list("evalMatches").find_map(|m| m.first(&["value"]))),
        threshold: element.first(&["threshold", "limit", "critical_threshold"]),
        labels: if labels.is_empty() { scalars(element) } else { labels },
    }
}

/// Names such as the metric or the region of a plain alert.
fn scalars(element: El<'_>) -> Vec<(String, String)> {
    let known = ["metric", "monitor", "region", "env", "environment", "cluster", "namespace", "host", "instance", "pod"];
    let mut labels: Vec<(String, String)> = known.iter().filter_map(|k| Some((k.to_string(), element.first(&[k])?))).collect();
    labels.sort();
    labels
}

/// The service that labels name.
pub fn service(labels: &[(String, String)]) -> Option<String> {
    let value = |name: &str| labels.iter().find(|(k, v)| k == name && !v.is_empty()).map(|(_, v)| v.clone());
    let is_exporter = |job: &String| {
        let job = job.to_lowercase();
        job == "node" || job.ends_with("exporter") || EXPORTERS.iter().any(|known| job.contains(known))
    };
    let job = || value("job").filter(|job| !is_exporter(job));
    SERVICES.iter().find_map(|name| value(name)).or_else(job)
}

/// Whether a word for a state says that nothing is wrong (any more).
pub fn is_resolved(state: &str) -> bool {
    let state = state.to_ascii_lowercase();
    ["resolved", "ok", "normal", "inactive", "recovered", "recovery", "closed", "no data", "suppressed"].contains(&state.as_str())
}

#[cfg(test)]
mod tests {
    use super::super::{Document, read_whole};
    use super::*;
    use evidence::SourceId;

    fn check(text: &str) -> Vec<(String, bool, Option<i64>, Option<String>)> {
        let document: Document = read_whole("a.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let seen = document.events.iter().map(|e| match &e.body {
            Body::Alert(a) => (a.name.clone(), a.firing, e.stamp.map(|s| s.micros / 1_000_000 % 86_400), a.service.clone()),
            other => panic!("{other:?}"),
        });
        seen.collect()
    }

    #[test]
    fn a_firing_and_its_resolution_are_two_events() {
        let alert = |status: &str, end: &str| {
            format!(
                r#"{{"status":"{status}","alerts":[{{"status":"{status}","labels":{{"alertname":"A","app":"web"}},"startsAt":"2025-01-01T00:01:00Z","endsAt":"{end}"}}]}}"#
            )
        };
        let text = format!("[{},{}]", alert("firing", "0001-01-01T00:00:00Z"), alert("resolved", "2025-01-01T00:03:00Z"));
        let web = || Some("web".to_string());
        assert_eq!(check(&text), [("A".into(), true, Some(60), web()), ("A".into(), false, Some(180), web())]);
    }

    #[test]
    fn the_job_of_an_exporter_is_no_service() {
        let text =
            r#"[{"labels":{"alertname":"A","job":"kube-state-metrics"},"state":"firing","activeAt":"2025-01-01T00:01:00Z"}]"#;
        assert_eq!(check(text), [("A".into(), true, Some(60), None)]);
    }

    #[test]
    fn an_alert_that_is_pending_does_not_fire() {
        let text = r#"{"data":{"alerts":[{"labels":{"alertname":"A","app":"web"},"annotations":{},"state":"pending","activeAt":"2025-01-01T00:01:00Z"},
            {"labels":{"alertname":"B","app":"web"},"annotations":{},"state":"firing","activeAt":"2025-01-01T00:01:00Z"}]}}"#;
        assert_eq!(check(text), [("B".into(), true, Some(60), Some("web".into()))]);
    }

    #[test]
    fn both_kinds_of_alerts_of_grafana() {
        let unified = r#"{"receiver":"ops","status":"firing","orgId":1,"alerts":[{"status":"firing","labels":{"alertname":"Slow","service":"cart","grafana_folder":"shop"},
            "annotations":{"summary":"p99 is high"},"startsAt":"2025-01-01T01:01:00+01:00","endsAt":"0001-01-01T00:00:00Z","valueString":"[ var='A' value=3 ]","values":{"A":3},"fingerprint":"c"}],"title":"[FIRING:1]","state":"alerting"}"#;
        assert_eq!(check(unified), [("Slow".into(), true, Some(60), Some("cart".into()))]);
        let legacy = r#"{"dashboardId":1,"evalMatches":[{"value":100,"metric":"p99","tags":{}}],"message":"slow","ruleId":1,"ruleName":"Slow cart","state":"alerting","title":"[Alerting] Slow cart"}"#;
        let document = read_whole("g.json", SourceId { input: 0, entry: 0 }, legacy.as_bytes()).expect("JSON");
        let Body::Alert(alert) = &document.events[0].body else { panic!("an alert") };
        assert_eq!(
            (alert.name.as_str(), alert.value.as_deref(), alert.firing, document.events[0].stamp),
            ("Slow cart", Some("100"), true, None)
        );
    }

    #[test]
    fn a_plain_alert_tells_value_and_threshold() {
        let text = r#"{"service":"pay","metric":"errors","threshold":5,"observed":71.4,"fired_at":"2025-01-01T00:01:00Z","monitor":"m","severity":"critical","summary":"s"}"#;
        let document = read_whole("alert.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let Body::Alert(alert) = &document.events[0].body else { panic!("an alert") };
        assert_eq!((alert.value.as_deref(), alert.threshold.as_deref(), alert.firing), (Some("71.4"), Some("5"), true));
    }
}
