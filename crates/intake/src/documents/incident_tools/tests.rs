//! What each tool's export is read as.

use super::*;
use crate::documents::read_whole;
use evidence::SourceId;

/// What, who, words, seconds since the beginning of 2025.
type Told = (String, String, String, i64);

fn check(text: &str) -> Vec<Told> {
    let document = read_whole("x.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
    let told = document.events.into_iter().map(|e| {
        let at = e.stamp.map_or(-1, |s| s.micros / 1_000_000 - 1_735_689_600);
        match e.body {
            Body::Message(m) => ("message".into(), m.author, m.text, at),
            Body::Page(p) => {
                (format!("{:?} {}", p.action, p.priority.unwrap_or_default()), p.actor.unwrap_or_default(), p.text, at)
            }
            Body::Alert(a) => (format!("firing {}", a.firing), a.name, a.summary, at),
            other => panic!("{other:?}"),
        }
    });
    told.collect()
}

fn told(what: &str, who: &str, words: &str, at: i64) -> Told {
    (what.into(), who.into(), words.into(), at)
}

#[test]
fn transitions_of_splunk_on_call() {
    let text = r#"{"incidents":[{"incidentNumber":"31","startTime":"2025-01-01T00:00:05Z","entityDisplayName":"CRITICAL cart 5xx","service":"cart 5xx","transitions":[
        {"name":"TRIGGERED","at":"2025-01-01T00:00:05Z","by":"SYSTEM","manually":false},{"name":"ACKED","at":"2025-01-01T00:01:05Z","by":"ann","manually":true},
        {"name":"RESOLVED","at":"2025-01-01T00:09:05Z","by":"bo","message":"rolled back"}]}]}"#;
    let expected = [
        told("Triggered CRITICAL", "", "CRITICAL cart 5xx", 5),
        told("Acknowledged CRITICAL", "ann", "CRITICAL cart 5xx", 65),
        told("Resolved CRITICAL", "bo", "rolled back", 545),
    ];
    assert_eq!(check(text), expected);
    let graded =
        text.replace("CRITICAL cart", "cart").replace("\"incidentNumber\"", "\"severity\":\"WARNING\",\"incidentNumber\"");
    assert_eq!(check(&graded)[0], told("Triggered WARNING", "", "cart 5xx", 5));
}

#[test]
fn an_incident_with_its_times_and_its_updates() {
    let text = r#"{"incident":{"reference":"INC-3","name":"cart fails","severity":{"name":"Major"},"incident_status":{"name":"Closed"},"incident_timestamp_values":[
        {"incident_timestamp":{"name":"Impact started"},"value":{"value":"2025-01-01T00:00:05Z"}},{"incident_timestamp":{"name":"Reported at"},"value":{"value":"2025-01-01T00:01:05Z"}},
        {"incident_timestamp":{"name":"Resolved at"},"value":{"value":"2025-01-01T00:09:05Z"}},{"incident_timestamp":{"name":"Canceled at"},"value":{}}]}}"#;
    let seen = check(text);
    assert_eq!(
        seen[..3],
        [
            told("Note Major", "", "Impact started", 5),
            told("Triggered Major", "", "Reported at", 65),
            told("Resolved Major", "", "Resolved at", 545)
        ]
    );
    let text = r#"{"incident_updates":[{"incident_id":"i","created_at":"2025-01-01T00:02:05Z","message":"rolling back","new_incident_status":{"name":"Fixing","category":"active"},"updater":{"user":{"name":"Ann Lee"}}},
        {"incident_id":"i","created_at":"2025-01-01T00:09:05Z","message":"all good","new_incident_status":{"name":"Closed","category":"closed"},"updater":{"user":{"name":"Bo"}}}]}"#;
    let expected = [
        told("message", "Ann Lee", "rolling back", 125),
        told("message", "Bo", "all good", 545),
        told("Resolved ", "Bo", "Closed", 545),
    ];
    assert_eq!(check(text), expected);
}

#[test]
fn timelines_of_messages_and_milestones() {
    let text = r#"{"data":[{"id":"e2","incident_id":"i","type":"milestone_change","created_at":"2025-01-01T00:01:06Z","occurred_at":"2025-01-01T00:01:05Z","author":{"name":"Ann Lee"},"data":{"bulk_milestones":[{"type":"acknowledged","occurred_at":"2025-01-01T00:01:05Z"}]}},
        {"id":"e3","incident_id":"i","type":"chat_message","created_at":"2025-01-01T00:02:06Z","occurred_at":"2025-01-01T00:02:05Z","author":{"name":"Bo"},"data":{"body":"rolling back"}}]}"#;
    assert_eq!(check(text), [told("Acknowledged ", "Ann Lee", "acknowledged", 65), told("message", "Bo", "rolling back", 125)]);
    let text = r#"{"data":[{"id":"r1","type":"incident_events","attributes":{"event":"Bo Ray: rolling back","occurred_at":"2025-01-01T01:02:05+01:00","user":"bo"}},
        {"id":"r2","type":"incident_events","attributes":{"event":"Ann Lee updated status to *resolved*","occurred_at":"2025-01-01T01:09:05+01:00","user":"ann"}}]}"#;
    let expected = [
        told("message", "Bo Ray", "rolling back", 125),
        told("Resolved ", "Ann Lee", "Ann Lee updated status to *resolved*", 545),
    ];
    assert_eq!(check(text), expected);
}

#[test]
fn the_history_of_an_alarm() {
    let item = |kind: &str, summary: &str, data: &str| {
        format!(
            r#"{{"AlarmName":"cart-5xx","Timestamp":"2025-01-01T00:00:05Z","HistoryItemType":"{kind}","HistorySummary":"{summary}","HistoryData":"{data}"}}"#
        )
    };
    let text = format!(
        r#"{{"AlarmHistoryItems":[{},{},{}]}}"#,
        item("StateUpdate", "Alarm updated from ALARM to OK", "{}"),
        item("Action", "Successfully executed action arn:aws:sns:x", "{}"),
        item("StateUpdate", "Alarm updated from OK to ALARM", r#"{\"newState\":{\"stateReason\":\"Threshold Crossed\"}}"#)
    );
    let expected = [
        told("firing false", "cart-5xx", "Alarm updated from ALARM to OK", 5),
        told("firing true", "cart-5xx", "Alarm updated from OK to ALARM: Threshold Crossed", 5),
    ];
    assert_eq!(check(&text), expected);
}

#[test]
fn an_alarm_that_fires_now() {
    let text = r#"{"MetricAlarms":[{"AlarmName":"cart-5xx","StateValue":"ALARM","StateReason":"Threshold Crossed","StateUpdatedTimestamp":"2025-01-01T00:09:05Z","StateTransitionedTimestamp":"2025-01-01T00:00:05Z","Threshold":5.0,"Dimensions":[{"Name":"ServiceName","Value":"cart"}]},
        {"AlarmName":"cart-cpu","StateValue":"OK","StateReason":"well","StateUpdatedTimestamp":"2025-01-01T00:00:05Z"}]}"#;
    let document = super::super::read_whole("a.json", evidence::SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
    let Body::Alert(alert) = &document.events[0].body else { panic!("an alert") };
    assert_eq!((alert.name.as_str(), alert.service.as_deref(), document.events.len()), ("cart-5xx", Some("cart"), 1));
    assert_eq!(document.events[0].stamp.map(|s| s.micros / 1_000_000), Some(1_735_689_605));
}

#[test]
fn an_incident_with_all_that_stands_beside_it() {
    let text = r#"{"incident":{"reference":"INC-3","name":"cart fails","severity":{"name":"Major"},"incident_timestamp_values":[
        {"incident_timestamp":{"name":"Accepted at"},"value":{"value":"2025-01-01T00:01:05Z"}}]},
        "incident_updates":[{"created_at":"2025-01-01T00:02:05Z","message":"rolling back","new_incident_status":{"name":"Fixing","category":"active"},"updater":{"user":{"name":"Ann Lee"}}}],
        "timeline_items":[{"occurred_at":"2025-01-01T00:03:05Z","item_type":"slack_message","author":"Bo","content":"no more errors"},{"occurred_at":"2025-01-01T00:04:05Z","item_type":"status_change"}],
        "follow_ups":[{"title":"Test the timeout","assignee":{"name":"Bo Ray"},"status":"outstanding","description":"due 2025-01-09"},{"title":"Buy a server","status":"not_doing"},{"title":"Write it up","assignee":{"name":"Ann Lee"},"status":"completed"}]}"#;
    let expected = [
        told("Acknowledged Major", "", "Accepted at", 65),
        told("message", "Ann Lee", "rolling back", 125),
        told("message", "Bo", "no more errors", 185),
    ];
    assert_eq!(check(text), expected);
    let document = read_whole("x.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
    let items: Vec<&str> = document.texts.iter().map(|(_, words)| words.as_str()).collect();
    assert_eq!(items, ["- [ ] Test the timeout. Owner: Bo Ray. Due: 2025-01-09", "- [x] Write it up. Owner: Ann Lee"]);
}
