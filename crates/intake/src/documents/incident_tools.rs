//! Tools in which people run an incident: Splunk On-Call (VictorOps), incident.io, FireHydrant, Rootly; and the history of
//! alarms of CloudWatch.
//!
//! What somebody wrote is a message, a step is a step of a pager. It must never take a time that a tool computes for one at
//! which somebody did something.

use evidence::{AlertState, Body, Message, PageAction, RecordRef, Stamp};

use super::json::{Doc, El};
use super::metrics::dimensions;
use super::pager::{About, priority_in};
use super::steps::action;
use super::{Context, Out};

mod incident_io;

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    let kinds =
        [transitions, incident_io::milestones, incident_io::updates, timeline_of_types, timeline_of_attributes, alarm, alarming];
    !context.is_line && kinds.iter().any(|kind| kind(element, out))
}

/// Splunk On-Call: an incident with its `transitions`.
fn transitions(element: El<'_>, out: &mut Out) -> bool {
    let is_step = |step: &El<'_>| step.has_all(&["name", "at"]);
    if !element.list("transitions").next().is_some_and(|step| is_step(&step)) {
        return false;
    }
    out.is("victorops");
    let title = element.first(&["entityDisplayName", "entityId", "service"]).unwrap_or_default();
    let first = title.split([' ', ':']).next().unwrap_or_default().to_string();
    let is_level = ["CRITICAL", "WARNING", "MAJOR", "MINOR"].contains(&first.as_str());
    let about = About {
        incident: element.word("incidentNumber"),
        priority: priority_in(&title).or(Some(first).filter(|_| is_level)).or_else(|| element.first(&["priority", "severity"])),
        service: element.first(&["service"]).filter(|s| !s.contains(' ')),
        title,
        ..About::default()
    };
    for step in element.list("transitions").filter(is_step) {
        let name = step.word("name");
        let Some(action) = action(&name) else { continue };
        let who = step.first(&["by"]).filter(|who| !who.eq_ignore_ascii_case("system"));
        let text = step.first(&["message"]).unwrap_or_else(|| about.title.clone());
        out.add(step, step.stamp(&["at"]), about.page(action, who, text));
    }
    true
}

/// An event of FireHydrant: a message, or the milestones that were set.
fn timeline_of_types(element: El<'_>, out: &mut Out) -> bool {
    if !element.has_all(&["type", "occurred_at", "author"]) || !element.has_any(&["data", "context"]) {
        return false;
    }
    out.is("incident");
    let who = element.first(&["author.name", "author"]);
    let (stamp, data) =
        (element.stamp(&["occurred_at"]), ["data", "context"].iter().find_map(|k| element.get(k)).unwrap_or(element));
    let about = About { incident: element.word("incident_id"), ..About::default() };
    for milestone in data.list("bulk_milestones") {
        let name = milestone.word("type");
        let at = milestone.stamp(&["occurred_at"]).or(stamp);
        out.add(milestone, at, about.page(action(&name).unwrap_or(PageAction::Note), who.clone(), name));
    }
    let words = data.first(&["body", "message", "content", "comment", "text"]);
    match words.zip(who) {
        Some((words, who)) => out.add(element, stamp, said(who, words)),
        None => out.others += 1,
    }
    true
}

/// An event of Rootly: `{"attributes": {"event": …, "occurred_at": …, "user": …}}`.
fn timeline_of_attributes(element: El<'_>, out: &mut Out) -> bool {
    let Some(event) = element.get("attributes").filter(|a| a.has_all(&["event", "occurred_at"])) else { return false };
    out.is("incident");
    let who = event.first(&["user.name", "user.full_name", "user_display_name", "user"]).unwrap_or_default();
    told(element, event.stamp(&["occurred_at"]), &who, &event.word("event"), out);
    true
}

/// A line of a timeline: a step where it says that a state was set, else what somebody said.
fn told(place: El<'_>, stamp: Option<Stamp>, who: &str, words: &str, out: &mut Out) {
    match state_in(words) {
        Some((action, actor)) => {
            let actor = actor.or_else(|| Some(who.to_string())).filter(|who| !who.is_empty());
            out.add(place, stamp, About::default().page(action, actor, words.to_string()));
        }
        None => {
            let (who, words) = spoken(who, words);
            out.add(place, stamp, said(who, words));
        }
    }
}

/// `Ann Lee updated status to *resolved*`, `Incident declared by Ann Lee`, `Status changed from Fixing → Closed by Bo`.
pub fn state_in(words: &str) -> Option<(PageAction, Option<String>)> {
    let lower = words.to_lowercase();
    let by = || words.rsplit_once(" by ").map(|(_, who)| who.trim().trim_end_matches('.').to_string());
    let named = ["incident declared", "incident reported", "incident created", "incident closed", "incident resolved"];
    if let Some(start) = named.iter().find(|start| lower.starts_with(**start)) {
        return Some((action(start.trim_start_matches("incident "))?, by()));
    }
    let at = lower.find("status")?;
    let (_, state) = lower.get(at..)?.split_once(" to ").or_else(|| lower.get(at..)?.split_once('→'))?;
    let step = action(state.split(" by ").next().unwrap_or(state)).unwrap_or(PageAction::Note);
    let front = words.get(..at).and_then(|front| front.split(" updated").next()).map(str::trim).filter(|who| !who.is_empty());
    Some((step, front.map(str::to_string).or_else(by)))
}

/// `Ann Lee: words` names the one who said it.
fn spoken(who: &str, words: &str) -> (String, String) {
    let first = |text: &str| text.split(' ').next().unwrap_or_default().to_lowercase();
    match words.split_once(": ").filter(|(name, _)| !who.is_empty() && first(name) == first(who)) {
        Some((name, words)) => (name.to_string(), words.to_string()),
        None => (who.to_string(), words.to_string()),
    }
}

pub fn said(author: String, text: String) -> Body {
    Body::Message(Message { author, text, ..Message::default() })
}

/// A change of state in the history of an alarm of CloudWatch; actions that it ran are counted only.
fn alarm(element: El<'_>, out: &mut Out) -> bool {
    if !element.has_all(&["AlarmName", "HistoryItemType", "Timestamp"]) {
        return false;
    }
    out.is("cloudwatch_alarms");
    let summary = element.word("HistorySummary");
    let state = summary.rsplit_once(" to ").map(|(_, state)| state.trim().to_string()).unwrap_or_default();
    let firing = match state.as_str() {
        "ALARM" => true,
        "OK" => false,
        _ => {
            out.others += 1;
            return true;
        }
    };
    let data = element.word("HistoryData");
    let doc = Doc::read_at(RecordRef { line: 1, last_line: 1, ..element.place() }, data.as_bytes(), 0);
    let reason = doc.iter().flat_map(Doc::elements).find_map(|e| e.first(&["newState.stateReason"]));
    let told = AlertState {
        name: element.word("AlarmName"),
        summary: reason.map_or_else(|| summary.clone(), |reason| format!("{summary}: {reason}")),
        firing,
        ..AlertState::default()
    };
    out.add(element, element.stamp(&["Timestamp"]), Body::Alert(told));
    true
}

/// An alarm as `describe-alarms` shows it: since when it fires. One that is well says nothing.
fn alarming(element: El<'_>, out: &mut Out) -> bool {
    if !element.has_all(&["AlarmName", "StateValue", "StateReason"]) {
        return false;
    }
    out.is("cloudwatch_alarms");
    if element.word("StateValue") != "ALARM" {
        out.others += 1;
        return true;
    }
    let labels = dimensions(element);
    let things = ["ServiceName", "FunctionName", "DBInstanceIdentifier", "QueueName"];
    let told = AlertState {
        name: element.word("AlarmName"),
        service: labels.iter().find(|(name, _)| things.contains(&name.as_str())).map(|(_, value)| value.clone()),
        summary: element.word("StateReason"),
        firing: true,
        threshold: element.first(&["Threshold"]),
        labels,
        ..AlertState::default()
    };
    let since = ["StateTransitionedTimestamp", "StateUpdatedTimestamp"];
    out.add(element, element.stamp(&since), Body::Alert(told));
    true
}

#[cfg(test)]
mod tests;
