//! Opsgenie: alerts with their history, and the webhooks of their steps. Steps that only a duration tells (`acknowledgeTime`) count from the creation.
//!
//! Durations directly at an alert are seconds, those of its `report` milliseconds. It must never tell a step twice: what
//! the history says is not derived again.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{Body, Page, PageAction, Stamp};

use super::json::El;
use super::pager::priority_in;
use super::steps::{self, action};
use super::{Context, Out};

/// Members that hold what was done with alerts.
const LOGS: [&str; 4] = ["history", "logs", "log", "data"];

pub fn read(element: El<'_>, _context: &Context<'_>, out: &mut Out) -> bool {
    let about = element.get("alert").filter(|a| a.has_any(&["alertId", "tinyId"]));
    let has_history = || LOGS.iter().any(|k| element.list(k).next().is_some_and(is_entry));
    if let Some(alert) = about.filter(|_| element.has("action") || !has_history()) {
        return webhook(element, alert, out);
    }
    let lists = ["alerts", "data"].map(|k| element.get(k).filter(|l| l.items().next().is_some_and(is_alert)));
    let single = element.get("data").filter(|data| is_alert(*data));
    let alerts: Vec<El<'_>> = match lists.into_iter().flatten().next() {
        Some(list) => list.items().filter(|a| is_alert(*a)).collect(),
        None if is_alert(element) => vec![element],
        None if single.is_some() => single.into_iter().collect(),
        None if has_history() => about.into_iter().collect(),
        None => return false,
    };
    out.is("opsgenie");
    let titles: BTreeMap<String, El<'_>> =
        alerts.iter().flat_map(|a| ["tinyId", "id", "alias"].map(|k| (a.word(k), *a))).filter(|(k, _)| !k.is_empty()).collect();
    let mut told = BTreeSet::new();
    let history: Vec<El<'_>> = LOGS.iter().flat_map(|k| element.list(k)).filter(|e| !is_alert(*e)).collect();
    let mut steps = Vec::new();
    for entry in history {
        let of = ["alertId", "alertTinyId", "tinyId", "alias"].iter().find_map(|k| titles.get(&entry.word(k)).copied());
        let owner = of.or(alerts.first().copied().filter(|_| alerts.len() == 1)).or(Some(entry).filter(|_| alerts.is_empty()));
        let named = ["type", "action", "log"].iter().find_map(|k| action(&entry.word(k)));
        let words = entry.first(&["log", "type", "action"]).unwrap_or_default();
        // The alert itself tells its beginning better.
        let is_told = |alert: El<'_>, action| action == PageAction::Triggered && is_alert(alert);
        if let Some((alert, action)) = owner.zip(named).filter(|(alert, action)| !is_told(*alert, *action)) {
            told.insert((alert.place(), action));
            let words = steps::noted(&words).to_string();
            let named = || words.rsplit_once(" by ").map(|(_, who)| who.to_string()).filter(|who| !who.contains(' '));
            let who = entry.first(&["owner", "user"]).or_else(named).filter(|who| who != "System" && !is_silent(action));
            steps.push((entry, entry.stamp(&["createdAt"]), page(alert, action, who, words)));
        }
    }
    for alert in alerts {
        own_steps(alert, &told, out);
    }
    for (entry, stamp, body) in steps {
        out.add(entry, stamp, body);
    }
    true
}

/// `{"action": "Acknowledge", "alert": {...}}`: the step is at the alert's last change, its beginning at its creation.
fn webhook(element: El<'_>, alert: El<'_>, out: &mut Out) -> bool {
    let word = element.word("action");
    let Some(action) = action(&word) else { return false };
    out.is("opsgenie");
    let changed = ["timestamp", "alert.updatedAt", "alert.insertedAt", "alert.createdAt"];
    let is_new = action == PageAction::Triggered;
    let stamp =
        if is_new { element.stamp(&["alert.createdAt", "alert.updatedAt", "timestamp"]) } else { element.stamp(&changed) };
    let actor = alert.first(&["username", "userFullName", "owner"]).or_else(|| element.first(&["username", "user"]));
    let note = alert.first(&["note"]).or_else(|| element.first(&["note"]));
    let words = note.unwrap_or_else(|| if is_new { alert.word("message") } else { word });
    out.add(element, stamp, page(alert, action, actor.filter(|who| !is_new && who != "System"), words));
    true
}

fn is_alert(element: El<'_>) -> bool {
    element.has("createdAt")
        && element.has_any(&["message", "tinyId"])
        && element.has_any(&["tinyId", "acknowledged", "acknowledgeTime"])
}

/// An entry of a history: `{"log": "Alert acknowledged via mobile", "owner": …, "createdAt": …}`.
fn is_entry(element: El<'_>) -> bool {
    element.has("createdAt") && (element.has("log") && element.has_any(&["owner", "offset", "type"]) || element.has("owner"))
}

/// Whom such a step names did not take it.
fn is_silent(action: PageAction) -> bool {
    matches!(action, PageAction::Triggered | PageAction::Notified)
}

fn own_steps(alert: El<'_>, told: &BTreeSet<(evidence::RecordRef, PageAction)>, out: &mut Out) {
    let created = alert.stamp(&["createdAt"]);
    let message = alert.word("message");
    if !told.contains(&(alert.place(), PageAction::Triggered)) {
        out.add(alert, created, page(alert, PageAction::Triggered, None, message.clone()));
    }
    let acknowledged = after(alert, created, &["acknowledgeTime", "ackTime"], "report.ackTime");
    let closed = after(alert, created, &["closeTime"], "report.closeTime");
    let who = ["responder", "acknowledgedBy", "report.acknowledgedBy", "owner"];
    let steps =
        [(PageAction::Acknowledged, acknowledged, &who[..]), (PageAction::Resolved, closed, &["closedBy", "report.closedBy"])];
    for (action, at, who) in steps {
        if at.is_some() && !told.contains(&(alert.place(), action)) {
            out.add(alert, at, page(alert, action, alert.first(who), message.clone()));
        }
    }
}

/// The creation plus a duration; a member that is a time itself is taken as it is.
fn after(alert: El<'_>, created: Option<Stamp>, seconds: &[&str], millis: &str) -> Option<Stamp> {
    if let Some(stamp) = alert.stamp(seconds) {
        return Some(stamp);
    }
    let of = |key: &str, unit: f64| alert.dig(key).and_then(El::number).map(|n| n * unit);
    let micros = seconds.iter().find_map(|k| of(k, 1e6)).or_else(|| of(millis, 1e3))?;
    let created = created?;
    Some(Stamp::new(created.micros.saturating_add(micros as i64), created.basis))
}

fn page(alert: El<'_>, action: PageAction, actor: Option<String>, text: String) -> Body {
    Body::Page(Page {
        incident: alert.first(&["tinyId", "id", "alertId"]).unwrap_or_default(),
        title: alert.word("message"),
        action,
        actor,
        priority: alert.first(&["priority"]).or_else(|| priority_in(&alert.word("message"))),
        urgency: None,
        service: alert.first(&["entity", "service", "details.service"]),
        text,
    })
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    #[test]
    fn webhooks_of_steps_alone_in_a_list_and_in_lines() {
        let hook = |action: &str, at: i64, who: &str| {
            format!(
                r#"{{"action":"{action}","alert":{{"alertId":"a-1","tinyId":"31","message":"[P2] queue","createdAt":1735689600000,"updatedAt":{at},"username":"{who}","note":"on it"}},"source":{{"type":"web"}}}}"#
            )
        };
        let all = [
            hook("Create", 1735689600000, "System"),
            hook("Acknowledge", 1735689660000, "ann"),
            hook("AddNote", 1735689720000, "ann"),
            hook("Close", 1735689780000, "bo"),
        ];
        let source = SourceId { input: 0, entry: 0 };
        let document = read_whole("o.json", source, format!("[{}]", all.join(",\n")).as_bytes()).expect("JSON");
        let read_one = |line: &String| {
            let place = evidence::RecordRef { source, start: 0, end: line.len() as u64, line: 1, last_line: 1 };
            super::super::read_line(line, place).events
        };
        let lines: Vec<evidence::Event> = all.iter().flat_map(read_one).collect();
        for events in [document.events, lines] {
            let seen: Vec<_> = events
                .iter()
                .map(|e| match &e.body {
                    Body::Page(p) => {
                        (p.action, p.actor.as_deref(), p.priority.as_deref(), e.stamp.map(|s| s.micros / 1_000_000 % 3_600))
                    }
                    other => panic!("{other:?}"),
                })
                .collect();
            use PageAction::{Acknowledged, Note, Resolved, Triggered};
            assert_eq!(
                seen,
                [
                    (Triggered, None, Some("P2"), Some(0)),
                    (Acknowledged, Some("ann"), Some("P2"), Some(60)),
                    (Note, Some("ann"), Some("P2"), Some(120)),
                    (Resolved, Some("bo"), Some("P2"), Some(180)),
                ]
            );
        }
    }

    #[test]
    fn the_log_of_an_alert_with_or_without_the_alert() {
        let log = r#""data":[{"log":"Alert closed via web","type":"alertRecipient","owner":"bo@a.example","createdAt":"2025-01-01T00:09:00Z","offset":"_3"},
            {"log":"Added note: rolling back","type":"system","owner":"bo@a.example","createdAt":"2025-01-01T00:05:00Z"},
            {"log":"Alert acknowledged via mobile","type":"alertRecipient","owner":"ann@a.example","createdAt":"2025-01-01T00:01:00Z"},
            {"log":"Alert's notification sent to mack@a.example: mobile","type":"alertRecipient","owner":"mack@a.example","createdAt":"2025-01-01T00:00:03Z"},
            {"log":"Alert created via Alertmanager[Prometheus]","type":"system","owner":"System","createdAt":"2025-01-01T00:00:00Z"}]"#;
        use PageAction::{Acknowledged, Note, Notified, Resolved, Triggered};
        for (text, title) in [
            (format!("{{{log}}}"), "Alert created via Alertmanager[Prometheus]"),
            (
                format!(
                    r#"{{"alert":{{"tinyId":"7","message":"5xx","createdAt":"2025-01-01T00:00:00Z","acknowledged":true,"priority":"P2"}},{log}}}"#
                ),
                "5xx",
            ),
        ] {
            let document = read_whole("og.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
            let seen: Vec<_> =
                document
                    .events
                    .iter()
                    .map(|e| {
                        if let Body::Page(p) = &e.body {
                            (p.action, p.actor.as_deref(), p.text.as_str())
                        } else {
                            panic!("{e:?}")
                        }
                    })
                    .collect();
            let mut expected = vec![
                (Resolved, Some("bo@a.example"), "Alert closed via web"),
                (Note, Some("bo@a.example"), "rolling back"),
                (Acknowledged, Some("ann@a.example"), "Alert acknowledged via mobile"),
                (Notified, None, "Alert's notification sent to mack@a.example: mobile"),
                (Triggered, None, title),
            ];
            // The alert stands above its log.
            expected.rotate_right(usize::from(title == "5xx"));
            assert_eq!(seen, expected);
        }
    }

    #[test]
    fn an_alert_under_data_keeps_its_priority_beside_its_log() {
        let text = r#"{"data":{"tinyId":"9","message":"queue","createdAt":"2025-01-01T00:00:00Z","acknowledged":true,"priority":"P3"},
            "logs":[{"log":"Alert acknowledged via web","type":"alertAction","owner":"ann","createdAt":"2025-01-01T00:02:00Z"}]}"#;
        let document = read_whole("og.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let seen = document.events.iter().map(|e| match &e.body {
            Body::Page(p) => (p.action, p.title.as_str(), p.priority.as_deref()),
            other => panic!("{other:?}"),
        });
        let expected = [PageAction::Triggered, PageAction::Acknowledged].map(|action| (action, "queue", Some("P3")));
        assert_eq!(seen.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_step_is_told_once_by_the_history_or_by_its_duration() {
        let text = r#"{"alerts":[{"tinyId":"7","message":"5xx","createdAt":"2025-09-18T04:00:00Z","acknowledged":true,
            "acknowledgeTime":420,"closeTime":2680,"priority":"P2","responder":"d@example.com"}],
            "history":[{"alertId":"7","type":"Closed","createdAt":"2025-09-18T04:46:00Z","owner":"deepak"}]}"#;
        let document = read_whole("og.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let seen = document.events.iter().map(|e| match &e.body {
            Body::Page(p) => (p.action, p.actor.clone(), e.stamp.map(|s| s.micros / 1_000_000 % 86_400)),
            other => panic!("{other:?}"),
        });
        let seen: Vec<_> = seen.collect();
        assert_eq!(seen[0], (PageAction::Triggered, None, Some(14_400)));
        assert_eq!(seen[1], (PageAction::Acknowledged, Some("d@example.com".into()), Some(14_820)));
        assert_eq!(seen[2], (PageAction::Resolved, Some("deepak".into()), Some(17_160)));
        assert_eq!(seen.len(), 3);
    }
}
