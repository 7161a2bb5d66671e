//! PagerDuty: an incident with its log entries, lists of incidents, webhooks of versions 2 and 3; and incidents of other tools
//! that tell when they were acknowledged.
//!
//! One step is one event. It must never take the service that notified for a person who acted. An incident without log
//! entries tells its own steps; with them only those that no entry tells.

use std::sync::LazyLock;

use evidence::{Body, Page, PageAction, Stamp};
use expressions::Expression;

use super::json::El;
use super::{Context, Out};

pub fn read(element: El<'_>, _context: &Context<'_>, out: &mut Out) -> bool {
    if let Some(event) = element.get("event").filter(|e| e.word("event_type").starts_with("incident.")) {
        out.is("pagerduty");
        webhook(element, event, out);
        return true;
    }
    if let Some(incident) = element.get("incident").filter(|_| element.word("event").starts_with("incident.")) {
        out.is("pagerduty");
        message(element, incident, out);
        return true;
    }
    let incident = element.get("incident").filter(|i| i.has_any(&["incident_number", "urgency", "escalation_policy", "title"]));
    if element.list("log_entries").next().is_some_and(is_entry) {
        out.is("pagerduty");
        let about = about(incident.unwrap_or(element));
        let own = |e: El<'_>| if about.title.is_empty() { entry(e, &about_entry(e), out) } else { entry(e, &about, out) };
        let steps: Vec<PageAction> = element.list("log_entries").filter_map(own).collect();
        own_steps(incident.unwrap_or(element), &about, &steps, out);
        return true;
    }
    if is_entry(element) {
        out.is("pagerduty");
        entry(element, &about_entry(element), out);
        return true;
    }
    if let Some(incident) = incident.or(Some(element).filter(|e| is_incident(*e))) {
        let before = out.events.len();
        own_steps(incident, &about(incident), &[], out);
        // An incident that tells no time is left to others, or as text.
        if out.events.len() == before && !incident.is_open() {
            return false;
        }
        out.is(if incident.has("incident_number") { "pagerduty" } else { "incident" });
        return true;
    }
    false
}

/// What the steps of an incident share.
#[derive(Default)]
pub struct About {
    pub incident: String,
    pub title: String,
    pub priority: Option<String>,
    pub urgency: Option<String>,
    pub service: Option<String>,
}

impl About {
    pub fn page(&self, action: PageAction, actor: Option<String>, text: String) -> Body {
        Body::Page(Page {
            incident: self.incident.clone(),
            title: self.title.clone(),
            action,
            actor,
            priority: self.priority.clone(),
            urgency: self.urgency.clone(),
            service: self.service.clone(),
            text,
        })
    }
}

fn about(incident: El<'_>) -> About {
    About {
        incident: incident
            .first(&["incident_number", "number", "reference", "id", "incident_id", "incidentID"])
            .unwrap_or_default(),
        title: incident
            .first(&["title", "name", "summary", "description"])
            // New Relic lists the titles of what it joined.
            .or_else(|| incident.list("title").next()?.text())
            .unwrap_or_default(),
        priority: incident
            .first(&["priority.summary", "priority.name", "priority", "priority_name", "severity.name", "severity"])
            .or_else(|| titled(incident))
            .or_else(|| labelled(incident, "severity")),
        urgency: incident.first(&["urgency"]),
        service: incident
            .first(&["service.summary", "service.name", "service", "service_name", "services.name"])
            .or_else(|| incident.list("entityNames").next()?.text())
            .or_else(|| labelled(incident, "service")),
    }
}

/// A label of a group of alerts: `{"key": {"name": "severity"}, "value": {"name": "critical"}}`, or a member of its labels.
fn labelled(incident: El<'_>, name: &str) -> Option<String> {
    if let Some(label) = incident.first(&[&format!("labels.{name}")]) {
        return Some(label);
    }
    let mut labels = incident.list("labels").filter(|l| l.first(&["key.name", "key"]).as_deref() == Some(name));
    labels.next()?.first(&["value.name", "value"])
}

fn titled(incident: El<'_>) -> Option<String> {
    priority_in(&incident.first(&["title", "name", "summary", "description"])?)
}

/// The priority that a title states: `[P2] disk full`, `SEV1: checkout down`, `Sev-2 - slow search`.
pub fn priority_in(title: &str) -> Option<String> {
    static STATED: LazyLock<Option<Expression>> = LazyLock::new(|| {
        Expression::new(r"(?i)[\[(](P[0-5]|SEV[ -]?[0-5])[\])]|^\s*(P[0-5]|SEV[ -]?[0-5])\s*(?:[:|]|-\s|–|—)|\b(SEV[ -]?[0-5])\b")
            .ok()
    });
    let found = STATED.as_ref()?.captures(title)?;
    let word = (1..=3).find_map(|i| found.get(i))?.as_str();
    Some(word.to_uppercase())
}

/// What an entry tells of its incident: `[#2041] cart fails` is the number and the title.
fn about_entry(entry: El<'_>) -> About {
    let known = entry.get("incident").map(about);
    let title = known.as_ref().map(|a| a.title.clone()).unwrap_or_default();
    let numbered = title.strip_prefix("[#").and_then(|rest| rest.split_once("] "));
    let number = numbered.map(|(number, _)| number.to_string());
    About {
        incident: number.or(known.map(|a| a.incident)).or_else(|| entry.first(&["incident_id"])).unwrap_or_default(),
        priority: entry.first(&["incident.priority.summary"]).or_else(|| priority_in(&title)),
        urgency: entry.first(&["incident.urgency"]),
        service: entry.first(&["service.summary"]),
        title: numbered.map_or(title.clone(), |(_, title)| title.to_string()),
    }
}

fn is_entry(element: El<'_>) -> bool {
    element.word("type").contains("_log_entry") && element.has("created_at")
}

fn is_incident(element: El<'_>) -> bool {
    let of_pagerduty = element.has("incident_number") && element.has("created_at");
    let acknowledged = ["acknowledged_at", "acknowledgedAt", "acked_at", "acknowledgements"];
    of_pagerduty
        || element.has_any(&acknowledged)
            && element.has_any(&["title", "name", "summary"])
            && element.has_any(&["created_at", "createdAt", "triggered_at", "started_at", "activatedAt"])
}

fn entry(element: El<'_>, about: &About, out: &mut Out) -> Option<PageAction> {
    let kind = element.word("type");
    let action = action(kind.split("_log_entry").next().unwrap_or_default())?;
    // The summary of a note says no more than that there is one.
    let own = ["channel.summary", "channel.content", "channel.note", "note"];
    let own = Some(action).filter(|a| *a == PageAction::Note).and_then(|_| element.first(&own));
    let told = element.first(&["summary", "channel.summary", "note", "message"]).unwrap_or_default();
    let who = actor(element, action, &told);
    // By which way it came is not what happened.
    let told = if action == PageAction::Triggered && !about.title.is_empty() { about.title.clone() } else { told };
    out.add(element, element.stamp(&["created_at"]), about.page(action, who, own.unwrap_or(told)));
    Some(action)
}

/// The step that a word of the interface means.
fn action(word: &str) -> Option<PageAction> {
    let word = word.to_ascii_lowercase();
    let found = |parts: &[&str]| parts.iter().any(|p| word.contains(p));
    if found(&["unacknowledge", "unsnooze", "trigger", "reopen"]) {
        Some(PageAction::Triggered)
    } else if found(&["acknowledge"]) {
        Some(PageAction::Acknowledged)
    } else if found(&["resolve"]) {
        Some(PageAction::Resolved)
    } else if found(&["escalate", "assign", "delegate", "responder"]) {
        Some(PageAction::Escalated)
    } else if found(&["notify"]) {
        Some(PageAction::Notified)
    } else if word.is_empty() {
        None
    } else {
        Some(PageAction::Note)
    }
}

/// The agent when it is a person, else the name behind `by` in the entry's words.
fn actor(entry: El<'_>, action: PageAction, text: &str) -> Option<String> {
    let kind = entry.word("agent.type");
    if (kind.is_empty() || kind.contains("user"))
        && let Some(name) = entry.first(&["agent.summary", "agent.name"])
    {
        return Some(name);
    }
    if matches!(action, PageAction::Triggered | PageAction::Notified) {
        return None;
    }
    let (_, name) = text.split_once(" by ")?;
    let end = [" via ", " through ", " from ", " on ", ":", ". "].iter().filter_map(|s| name.find(s)).min();
    let name = name[..end.unwrap_or(name.len())].trim().trim_end_matches('.');
    (!name.is_empty() && name.len() <= 60).then(|| name.trim_start_matches('@').to_string())
}

/// When a step was, and who took it.
type Step = (Stamp, Option<String>);

/// The steps that the incident object itself tells: its beginning always, as title and priority stand there, the others
/// when no entry does.
fn own_steps(incident: El<'_>, about: &About, told: &[PageAction], out: &mut Out) {
    let acknowledged = incident.get("acknowledgements").and_then(|a| a.items().next());
    let acknowledged = acknowledged.and_then(|a| Some((a.stamp(&["at"])?, a.first(&["acknowledger.summary"]))));
    let is_person = |who: &String| !["automatic", "system", "auto"].contains(&who.to_lowercase().as_str());
    let simple = |keys: &[&str], who: &[&str]| Some((incident.stamp(keys)?, incident.first(who).filter(is_person)));
    let is_resolved = incident.word("status") == "resolved";
    let by_change = ["last_status_change_at"];
    let steps: [(PageAction, Option<Step>); 3] = [
        (
            PageAction::Triggered,
            simple(&["triggered_at", "activatedAt", "created_at", "createdAt", "createdTime", "started_at"], &[])
                .map(|(at, _)| (at, None)),
        ),
        (
            PageAction::Acknowledged,
            acknowledged.or_else(|| counted(incident)).or_else(|| {
                simple(&["acknowledged_at", "acknowledgedAt", "acked_at"], &["acknowledged_by", "acknowledgedBy", "acked_by"])
            }),
        ),
        (
            PageAction::Resolved,
            simple(
                &["resolved_at", "resolvedAt", "closed_at", "closedAt", "closedTime"],
                &["resolved_by", "resolvedBy", "closedBy", "resolved_by_user_name"],
            )
            .or_else(|| is_resolved.then(|| simple(&by_change, &["last_status_change_by.summary"])).flatten()),
        ),
    ];
    for (action, step) in steps {
        if let Some((at, who)) = step.filter(|_| action == PageAction::Triggered || !told.contains(&action)) {
            out.add(incident, Some(at), about.page(action, who, about.title.clone()));
        }
    }
}

/// The first acknowledgement as its analytics tell it: seconds after the beginning.
fn counted(incident: El<'_>) -> Option<Step> {
    let after = incident.get("seconds_to_first_ack")?.number().filter(|seconds| *seconds > 0.0)?;
    let began = incident.stamp(&["created_at"])?;
    Some((Stamp::new(began.micros.saturating_add((after.min(1e9) * 1e6) as i64), began.basis), None))
}

fn webhook(element: El<'_>, event: El<'_>, out: &mut Out) {
    let data = event.get("data").unwrap_or(event);
    let kind = event.word("event_type");
    let Some(action) = action(kind.trim_start_matches("incident.")) else { return };
    let incident = data.get("incident").unwrap_or(data);
    let set = || Some(format!("priority set to {}", about(incident).priority?)).filter(|_| kind == "incident.priority_updated");
    let words = data.first(&["content", "message"]).or_else(set).unwrap_or_else(|| kind.clone());
    let actor = actor(event, action, "");
    out.add(element, event.stamp(&["occurred_at"]), about(incident).page(action, actor, words));
}

/// A message of a webhook of version 2: `{"event": "incident.acknowledge", "created_on": ..., "incident": {...}}`.
fn message(element: El<'_>, incident: El<'_>, out: &mut Out) {
    let kind = element.word("event");
    let Some(action) = action(kind.trim_start_matches("incident.")) else { return };
    let entry = element.list("log_entries").next();
    let words = entry.and_then(|e| e.first(&["channel.summary", "summary"])).unwrap_or_else(|| kind.clone());
    let by_entry = entry.and_then(|e| actor(e, action, &e.word("summary")));
    let changed = || incident.first(&["last_status_change_by.summary", "last_status_change_by.name"]);
    let is_change = matches!(action, PageAction::Acknowledged | PageAction::Resolved);
    let who = by_entry.or_else(|| is_change.then(changed).flatten());
    let at = element.stamp(&["created_on"]).or_else(|| entry?.stamp(&["created_at"]));
    out.add(element, at, about(incident).page(action, who, words));
}

#[cfg(test)]
mod tests {
    use super::super::{Document, read_line, read_whole};
    use super::*;
    use evidence::{RecordRef, SourceId};

    const SOURCE: SourceId = SourceId { input: 0, entry: 0 };

    fn pages(document: &Document) -> Vec<&Page> {
        document.events.iter().filter_map(|e| if let Body::Page(p) = &e.body { Some(p) } else { None }).collect()
    }

    #[test]
    fn steps_stand_in_the_log_and_the_incident_tells_only_the_rest() {
        let text = r#"{"incident":{"incident_number":12,"title":"down","priority":{"summary":"P1"},"created_at":"2025-01-01T00:00:00Z",
            "resolved_at":"2025-01-01T01:00:00Z","service":{"summary":"Web"}},"log_entries":[
            {"type":"trigger_log_entry","created_at":"2025-01-01T00:00:00Z","summary":"Triggered","agent":{"type":"service_reference","summary":"Web"}},
            {"type":"acknowledge_log_entry","created_at":"2025-01-01T00:05:00Z","summary":"Acknowledged by Ann Lee via mobile"}]}"#;
        let document = read_whole("pd.json", SOURCE, text.as_bytes()).expect("JSON");
        let seen: Vec<_> = pages(&document).into_iter().map(|p| (p.action, p.actor.as_deref())).collect();
        use PageAction::{Acknowledged, Resolved, Triggered};
        assert_eq!(seen, [(Triggered, None), (Acknowledged, Some("Ann Lee")), (Triggered, None), (Resolved, None)]);
        assert_eq!((pages(&document)[1].incident.as_str(), pages(&document)[1].priority.as_deref()), ("12", Some("P1")));
        assert_eq!(document.events[1].place.line, 4);
    }

    #[test]
    fn a_note_says_its_own_words_and_not_that_it_was_added() {
        let entry = |channel: &str| {
            format!(
                r#"{{"log_entries":[{{"type":"annotate_log_entry","created_at":"2025-01-01T00:05:00Z","summary":"Note added by Ann Lee.","channel":{channel}}}]}}"#
            )
        };
        for (channel, want) in [
            (r#"{"type":"note","summary":"pool is full, draining"}"#, "pool is full, draining"),
            (r#"{"type":"note","content":"pool is full, draining"}"#, "pool is full, draining"),
            (r#"{"type":"note","content":"was solved by draining"}"#, "was solved by draining"),
            (r#"{"type":"api"}"#, "Note added by Ann Lee."),
        ] {
            let document = read_whole("pd.json", SOURCE, entry(channel).as_bytes()).expect("JSON");
            let pages = pages(&document);
            assert_eq!((pages[0].action, pages[0].text.as_str()), (PageAction::Note, want), "{channel}");
            assert_eq!(pages[0].actor.as_deref(), Some("Ann Lee"), "{channel}");
        }
    }

    #[test]
    fn messages_of_version_2_are_steps() {
        let text = r#"{"messages":[{"id":"a","event":"incident.trigger","created_on":"2025-01-01T00:00:05Z","incident":{"id":"P1","incident_number":33,"title":"down","status":"triggered","urgency":"high","service":{"summary":"Cart"},"created_at":"2025-01-01T00:00:05Z"}},
            {"id":"b","event":"incident.acknowledge","created_on":"2025-01-01T00:01:05Z","incident":{"incident_number":33,"title":"down","status":"acknowledged","service":{"summary":"Cart"},"last_status_change_by":{"type":"user_reference","summary":"Ann Lee"}},
            "log_entries":[{"type":"acknowledge_log_entry","summary":"Acknowledged by Ann Lee","created_at":"2025-01-01T00:01:05Z","agent":{"type":"user_reference","summary":"Ann Lee"}}]}]}"#;
        let document = read_whole("hook.json", SOURCE, text.as_bytes()).expect("JSON");
        let seen: Vec<_> = pages(&document)
            .into_iter()
            .map(|p| (p.action, p.actor.as_deref(), p.incident.as_str(), p.service.as_deref()))
            .collect();
        use PageAction::{Acknowledged, Triggered};
        assert_eq!(seen, [(Triggered, None, "33", Some("Cart")), (Acknowledged, Some("Ann Lee"), "33", Some("Cart"))]);
        assert_eq!(document.events[1].stamp.map(|s| s.micros / 1_000_000 - 1_735_689_600), Some(65));
        assert_eq!((document.events[1].place.line, document.events[1].place.last_line), (2, 3));
    }

    #[test]
    fn what_analytics_count_and_what_another_tool_calls_its_times() {
        let steps = |text: &str| {
            let document = read_whole("i.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
            let told = document.events.iter().map(|e| match &e.body {
                Body::Page(p) => (p.action, p.actor.clone(), e.stamp.map_or(0, |s| s.micros / 1_000_000 - 1_735_689_600)),
                other => panic!("{other:?}"),
            });
            (told.collect::<Vec<_>>(), document.texts.len())
        };
        let ann = Some("Ann Lee".to_string());
        let analytics = r#"{"data":[{"incident_number":7,"description":"cart fails","service_name":"cart","created_at":"2025-01-01T00:00:05","resolved_at":"2025-01-01T00:20:05","seconds_to_first_ack":120,"resolved_by_user_name":"Ann Lee","priority_name":"P1"}]}"#;
        let expected =
            vec![(PageAction::Triggered, None, 5), (PageAction::Acknowledged, None, 125), (PageAction::Resolved, ann, 1_205)];
        assert_eq!(steps(analytics), (expected, 0));
        let grafana = r#"{"incident":{"incidentID":"12","severity":"Critical","createdTime":"2025-01-01T00:00:05Z","closedTime":"2025-01-01T00:20:05Z","title":"cart fails"}}"#;
        assert_eq!(steps(grafana).0, [(PageAction::Triggered, None, 5), (PageAction::Resolved, None, 1_205)]);
        // One without any time is left, not lost.
        assert_eq!(steps("{\"incident\":{\"title\":\"cart fails\",\n\"urgency\":\"high\"}}"), (Vec::new(), 1));
    }

    #[test]
    fn a_title_states_its_priority() {
        for (title, want) in [
            ("[P2] disk full on db-3", Some("P2")),
            ("SEV1: checkout down", Some("SEV1")),
            ("Checkout is down (sev-2)", Some("SEV-2")),
            ("P1 | search", Some("P1")),
            ("p95 above 1 s", None),
            ("host p2 is down", None),
        ] {
            assert_eq!(priority_in(title).as_deref(), want, "{title}");
        }
        let text = r#"[{"incident_number":4,"title":"[P3] queue grows","created_at":"2025-01-01T00:00:00Z","urgency":"low"}]"#;
        let document = read_whole("pd.json", SOURCE, text.as_bytes()).expect("JSON");
        assert_eq!(pages(&document)[0].priority.as_deref(), Some("P3"));
    }

    #[test]
    fn a_webhook_in_a_line() {
        let line = r#"{"event":{"event_type":"incident.acknowledged","occurred_at":"2025-01-01T00:00:00Z","agent":{"type":"user_reference","summary":"Ann"},"data":{"number":3,"title":"t"}}}"#;
        let place = RecordRef { source: SOURCE, start: 100, end: 100 + line.len() as u64, line: 7, last_line: 7 };
        let events = read_line(line, place).events;
        assert_eq!((events.len(), events[0].place), (1, place));
        let Body::Page(page) = &events[0].body else { panic!("a page") };
        assert_eq!((page.action, page.actor.as_deref()), (PageAction::Acknowledged, Some("Ann")));
    }
}
