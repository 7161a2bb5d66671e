//! What monitors of the outside saw, as JSON with one state after the other: UptimeRobot, Pingdom, StatusCake, Healthchecks.
//!
//! Down is an alert, up ends it. It must never take being up for the end of an outage that the list does not show, nor the
//! time up to which somebody asked for the end of one. What breaks it: a monitor that has words of its own for its states.

use std::collections::BTreeSet;

use evidence::{AlertState, Body, Event, Stamp};

use super::json::El;
use super::shapes::in_utc;
use super::{Context, Out};

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    if context.is_line {
        return false;
    }
    if element.has("friendly_name") && element.list("logs").any(|log| log.has_all(&["type", "datetime"])) {
        let name = element.word("friendly_name");
        for log in element.list("logs") {
            // Besides, it was started (98) or paused (99).
            let firing = match log.word("type").as_str() {
                "1" => true,
                "2" => false,
                _ => continue,
            };
            let code = [log.first(&["reason.code"]), log.first(&["reason.detail"])];
            let why = code.into_iter().flatten().collect::<Vec<_>>().join(" ");
            state(log, &name, log.stamp(&["datetime"]), (firing, why), out);
        }
        return true;
    }
    if element.get("heartbeatList").is_some_and(El::is_object) {
        element.get("heartbeatList").into_iter().flat_map(El::members).for_each(|(id, beats)| beating(&id, beats, out));
        return true;
    }
    let Some((firing, at)) = flip(element).or_else(|| period(element)) else { return false };
    let stem = context.stem().to_string();
    state(element, &stem, at, (firing, String::new()), out);
    true
}

/// The heartbeats of a monitor of Uptime Kuma, which are in UTC: those with which its state changes. Neither pending (2) nor
/// maintenance (3) is one of the two.
fn beating(id: &str, beats: El<'_>, out: &mut Out) {
    let mut last = None;
    for beat in beats.items() {
        let firing = match beat.word("status").as_str() {
            "0" => true,
            "1" => false,
            _ => continue,
        };
        if last != Some(firing) {
            let at = beat.stamp(&["time"]).map(in_utc);
            state(beat, &format!("monitor {id}"), at, (firing, beat.word("msg")), out);
        }
        last = Some(firing);
    }
}

/// `{"timestamp": ..., "up": 0}`, and nothing else.
fn flip(element: El<'_>) -> Option<(bool, Option<Stamp>)> {
    let is_flip = element.has_all(&["timestamp", "up"]) && element.members().count() == 2;
    let up = is_flip.then(|| element.word("up"))?;
    ["0", "1", "true", "false"].contains(&up.as_str()).then(|| (up == "0" || up == "false", element.stamp(&["timestamp"])))
}

/// `{"status": "down", "timefrom": ..., "timeto": ...}`, `{"status": "down", "created_at": ..., "duration": ...}`.
fn period(element: El<'_>) -> Option<(bool, Option<Stamp>)> {
    let is_period = element.has_all(&["status", "timefrom", "timeto"])
        || element.has_all(&["id", "status", "created_at"])
            && element.members().all(|(name, _)| ["id", "status", "created_at", "ended_at", "duration"].contains(&name.as_str()));
    let firing = match is_period.then(|| element.word("status").to_lowercase())?.as_str() {
        "down" => true,
        "up" => false,
        _ => return None,
    };
    Some((firing, element.stamp(&["timefrom", "created_at"])))
}

fn state(place: El<'_>, name: &str, at: Option<Stamp>, (firing, why): (bool, String), out: &mut Out) {
    out.is("uptime");
    let words = if firing { "down" } else { "up" };
    let told = AlertState {
        name: name.to_string(),
        service: Some(name.to_string()).filter(|name| !name.contains([' ', '/', '.'])),
        summary: if firing && !why.is_empty() { format!("{words}: {why}") } else { words.to_string() },
        firing,
        ..AlertState::default()
    };
    out.add(place, at, Body::Alert(told));
}

/// Takes out what says that a monitor was up which was not down before; gives how many those are.
pub fn keep_ends_of_outages(events: &mut Vec<Event>) -> u64 {
    let alert = |event: &Event| match &event.body {
        Body::Alert(alert) => Some((alert.name.clone(), event.stamp, alert.firing)),
        _ => None,
    };
    let mut begun: BTreeSet<(String, Stamp)> = BTreeSet::new();
    begun.extend(events.iter().filter_map(alert).filter(|(.., firing)| *firing).filter_map(|(name, at, _)| Some((name, at?))));
    let before = events.len();
    events.retain(|event| match alert(event) {
        Some((name, Some(at), false)) => begun.iter().any(|(of, began)| *of == name && *began < at),
        _ => true,
    });
    (before - events.len()) as u64
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    fn check(text: &str) -> Vec<(String, bool, String, i64)> {
        let document = read_whole("cart-export.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let told = document.events.into_iter().map(|e| match (e.stamp, e.body) {
            (Some(at), Body::Alert(a)) => (a.name, a.firing, a.summary, at.micros / 1_000_000 - 1_735_689_600),
            other => panic!("{other:?}"),
        });
        told.collect()
    }

    #[test]
    fn down_begins_and_up_ends_what_was_down() {
        let robot = r#"{"stat":"ok","monitors":[{"id":7,"friendly_name":"cart","url":"http://a.example","status":2,"logs":[{"type":2,"datetime":1735690205,"duration":400,"reason":{"code":"200","detail":"OK"}},{"type":1,"datetime":1735689605,"duration":600,"reason":{"code":"503","detail":"Service Unavailable"}},{"type":98,"datetime":1735689005}]}]}"#;
        let expected = [
            ("cart".to_string(), false, "up".to_string(), 605),
            ("cart".into(), true, "down: 503 Service Unavailable".into(), 5),
        ];
        assert_eq!(check(robot), expected);
        let pingdom = r#"{"summary":{"states":[{"status":"up","timefrom":1735680000,"timeto":1735689605},{"status":"down","timefrom":1735689605,"timeto":1735690205},{"status":"up","timefrom":1735690205,"timeto":1735699999}]}}"#;
        let named = |firing: bool, words: &str, at: i64| ("cart-export".to_string(), firing, words.to_string(), at);
        let both = [named(true, "down", 5), named(false, "up", 605)];
        assert_eq!(check(pingdom), both);
        let cake = r#"{"data":[{"id":"1","status":"down","created_at":"2025-01-01T00:00:05Z","ended_at":"2025-01-01T00:10:05Z","duration":600},{"id":"2","status":"up","created_at":"2025-01-01T00:10:05Z"}]}"#;
        assert_eq!(check(cake), both);
        let flips = r#"[{"timestamp":"2025-01-01T00:00:05+00:00","up":0},{"timestamp":"2025-01-01T00:10:05+00:00","up":1}]"#;
        assert_eq!(check(flips), both);
    }

    #[test]
    fn heartbeats_are_told_where_the_state_changes() {
        let text = r#"{"heartbeatList":{"4":[{"status":1,"time":"2025-01-01 00:00:00","msg":""},{"status":0,"time":"2025-01-01 00:00:05","msg":"timeout"},{"status":0,"time":"2025-01-01 00:01:05","msg":"timeout"},{"status":1,"time":"2025-01-01 00:10:05","msg":""}]},"uptimeList":{"4_24":0.9}}"#;
        let named = |firing: bool, words: &str, at: i64| ("monitor 4".to_string(), firing, words.to_string(), at);
        assert_eq!(check(text), [named(true, "down: timeout", 5), named(false, "up", 605)]);
    }

    #[test]
    fn other_objects_with_a_status_are_none() {
        let text = r#"[{"id":"1","status":"down","created_at":"2025-01-01T00:00:05Z","title":"a"}]"#;
        let document = read_whole("x.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        assert!(document.events.is_empty());
    }
}
