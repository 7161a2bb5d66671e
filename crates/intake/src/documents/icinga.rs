//! The stream of events of Icinga 2: a line for each change of a state, each acknowledgement and each notification; and the
//! list of alerts that Nagios gives as JSON.
//!
//! A soft state may pass before anybody hears of it, so it stays a record. It must never take a notification of a downtime or
//! of an acknowledgement for a new problem. What breaks it: a check that is called by another name than what it checks.

use evidence::{AlertState, Body, Page, PageAction};

use super::json::El;
use super::{Context, Out};

const STATES: [&str; 4] = ["OK", "WARNING", "CRITICAL", "UNKNOWN"];

pub fn read(element: El<'_>, _context: &Context<'_>, out: &mut Out) -> bool {
    if element.has_all(&["object_type", "state_type", "state", "host_name", "plugin_output"]) {
        return archived(element, out);
    }
    if !element.has_all(&["type", "host", "timestamp"]) {
        return false;
    }
    let stamp = element.stamp(&["timestamp"]);
    let body = match element.word("type").as_str() {
        "StateChange" if element.has_all(&["state", "state_type"]) && number(element, "state_type") == Some(1) => {
            changed(element)
        }
        "AcknowledgementSet" if element.has_all(&["author", "acknowledgement_type"]) => {
            step(element, PageAction::Acknowledged, &["comment"])
        }
        "Notification" if element.has_all(&["notification_type", "users"]) => {
            let kind = element.word("notification_type").to_uppercase();
            match kind.as_str() {
                "PROBLEM" => step(element, PageAction::Notified, &["check_result.output", "text"]),
                _ => {
                    out.is("icinga");
                    out.others += 1;
                    return true;
                }
            }
        }
        _ => return false,
    };
    out.is("icinga");
    out.add(element, stamp, body);
    true
}

/// An entry of the list of alerts that Nagios gives as JSON.
fn archived(element: El<'_>, out: &mut Out) -> bool {
    let state = element.word("state").to_uppercase();
    if element.word("state_type") != "hard" {
        return false;
    }
    let firing = !["OK", "UP"].contains(&state.as_str());
    out.is("nagios");
    let told = AlertState {
        name: element.first(&["description", "host_name"]).unwrap_or_default(),
        severity: firing.then_some(state),
        summary: element.word("plugin_output"),
        firing,
        labels: vec![("host".into(), element.word("host_name"))],
        ..AlertState::default()
    };
    out.add(element, element.stamp(&["timestamp"]), Body::Alert(told));
    true
}

fn number(element: El<'_>, name: &str) -> Option<usize> {
    Some(element.get(name)?.number()?.clamp(0.0, 9.0) as usize)
}

/// The check, or the host where there is none.
fn name(element: El<'_>) -> String {
    element.first(&["service", "host"]).unwrap_or_default()
}

/// A host is down from 1 on, a service is bad from 1 on and unknown at 3.
fn changed(element: El<'_>) -> Body {
    let state = number(element, "state").unwrap_or(0);
    let word = if element.has("service") { STATES.get(state).copied().unwrap_or("UNKNOWN") } else { "DOWN" };
    Body::Alert(AlertState {
        name: name(element),
        severity: (state > 0).then(|| word.to_string()),
        summary: element.word("check_result.output"),
        firing: state > 0,
        labels: vec![("host".into(), element.word("host"))],
        ..AlertState::default()
    })
}

fn step(element: El<'_>, action: PageAction, words: &[&str]) -> Body {
    let check = name(element);
    Body::Page(Page {
        incident: element.first(&["service"]).map_or_else(|| element.word("host"), |s| format!("{}/{s}", element.word("host"))),
        action,
        actor: element.first(&["author"]).filter(|_| action == PageAction::Acknowledged),
        priority: None,
        urgency: None,
        service: None,
        text: element.first(words).unwrap_or_else(|| check.clone()),
        title: check,
    })
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    #[test]
    fn hard_states_acknowledgements_and_notifications() {
        let change = |state: u8, hard: u8| {
            format!(
                r#"{{"type":"StateChange","host":"cart-1","service":"http","state":{state},"state_type":{hard},"timestamp":1735689605.5,"check_result":{{"output":"timeout"}}}}"#
            )
        };
        let text = format!(
            r#"[{},{},{},{{"type":"AcknowledgementSet","host":"cart-1","service":"http","author":"ann","comment":"looking","acknowledgement_type":1,"timestamp":1735689665.1}},
            {{"type":"Notification","host":"cart-1","service":"http","notification_type":"PROBLEM","users":["ann"],"check_result":{{"output":"timeout"}},"timestamp":1735689606}},
            {{"type":"Notification","host":"cart-1","service":"http","notification_type":"DOWNTIMESTART","users":["ann"],"timestamp":1735689607}}]"#,
            change(2, 0),
            change(2, 1),
            change(0, 1)
        );
        let document = read_whole("i.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let told: Vec<String> = document
            .events
            .iter()
            .map(|e| match &e.body {
                Body::Alert(a) => format!("{} {} {:?}", a.name, a.firing, a.severity),
                Body::Page(p) => format!("{:?} {} {:?} {}", p.action, p.incident, p.actor, p.text),
                other => panic!("{other:?}"),
            })
            .collect();
        let expected = [
            "http true Some(\"CRITICAL\")",
            "http false None",
            "Acknowledged cart-1/http Some(\"ann\") looking",
            "Notified cart-1/http None timeout",
        ];
        assert_eq!((told, document.texts.len()), (expected.map(str::to_string).to_vec(), 1));
    }
}
