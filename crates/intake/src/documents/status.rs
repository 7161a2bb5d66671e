//! Status pages: statuspage.io and feeds of the same build, a vendor's or one's own.
//!
//! One event for each update of an incident, when it was published, and one for an incident that has no updates or words of
//! its own. It must never take a component for an incident, nor tell the state in which an incident ended as the one in
//! which it began, nor tell that something was published at the time for which an incident is dated back.

use evidence::{Body, Stamp, StatusUpdate};

use super::changes::repository_name;
use super::json::El;
use super::{Context, Out};

const UPDATES: [&str; 5] = ["incident_updates", "updates", "timeline", "history", "notes"];
const TIMES: [&str; 9] =
    ["created_at", "timestamp", "display_at", "time", "at", "published_at", "updated_at", "date", "date_created"];
/// Times that others write as well: only beside a state.
const TIMES_OF_STATES: [&str; 2] = ["createdAt", "started"];
/// What an update calls the state; some number it and give the word beside.
const STATES: [&str; 3] = ["human_status", "status", "state"];
const BODIES: [&str; 7] = ["body", "message", "detail", "text", "description", "content", "contents"];
/// Members by which a page tells whose it is.
const PROVIDERS: [&str; 7] = ["page.name", "provider", "vendor", "page", "component", "service", "source"];

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    if context.is_line {
        return false;
    }
    let lists = ["incidents", "scheduled_maintenances", "maintenances"];
    let incidents: Vec<El<'_>> = lists.iter().flat_map(|k| element.list(k)).filter(|i| is_incident(*i)).collect();
    if !incidents.is_empty() {
        out.is("status_page");
        let provider = provider(element, context);
        incidents.into_iter().for_each(|i| incident(i, &provider, out));
        return true;
    }
    if is_incident(element) {
        out.is("status_page");
        incident(element, &provider(element, context), out);
        return true;
    }
    // What a page answers for one incident stands beside the page.
    if let Some(one) = element.get("incident").filter(|one| element.has("page") && is_incident(*one)) {
        out.is("status_page");
        incident(one, &provider(element, context), out);
        return true;
    }
    let is_feed =
        element.has_any(&["source", "provider", "page", "component"]) && element.list("events").next().is_some_and(is_update);
    if is_feed {
        out.is("status_page");
        feed(element, &provider(element, context), out);
        return true;
    }
    if element.list("incidents").next().is_none() && element.has_all(&["incidents", "page"]) {
        out.is("status_page");
        return true;
    }
    false
}

fn is_incident(element: El<'_>) -> bool {
    element.has_any(&["name", "title"])
        && (UPDATES.iter().any(|k| element.list(k).next().is_some_and(is_update)) || element.has_all(&["impact", "status"]))
}

fn is_update(element: El<'_>) -> bool {
    element.first(&BODIES).is_some() && update_time(element).is_some() && !element.has_any(&["user", "level", "reason"])
}

/// Whose page it is: by name, by the host of its address, by the file.
fn provider(element: El<'_>, context: &Context<'_>) -> String {
    let named = element.first(&PROVIDERS);
    let named = named.filter(|n| !n.contains("://")).map(|name| of_page(&name).to_string());
    named.or_else(|| host(element)).unwrap_or_else(|| context.stem().to_string())
}

/// `Gridpay Status`, `Gridpay Status Page`: the page is of Gridpay.
fn of_page(name: &str) -> &str {
    let bare = |end: &str| name.strip_suffix(end).filter(|rest| rest.len() >= 2);
    let ends = [" System Status", " Service Status", " Status Page", " Status page", " Status", " status", " Statuspage"];
    ends.iter().find_map(|end| bare(end)).unwrap_or(name)
}

fn host(element: El<'_>) -> Option<String> {
    let url = element.first(&["page.url", "source", "url"])?;
    let host = url.split_once("://")?.1.split('/').next()?.trim_start_matches("status.").trim_start_matches("www.");
    repository_name(host)
}

fn incident(incident: El<'_>, provider: &str, out: &mut Out) {
    let started = incident.stamp(&["started_at", "scheduled_for", "began_at", "started", "created_at"]);
    let resolved = incident.stamp(&["resolved_at", "ended_at", "completed_at", "resolved"]);
    let title = incident.first(&["name", "title"]).unwrap_or_default();
    let impact = incident.first(&["impact", "impact_override", "severity"]);
    let update = |state: String, body: String| StatusUpdate {
        provider: provider.to_string(),
        title: title.clone(),
        state,
        body,
        impact: impact.clone(),
        started,
        resolved,
    };
    let updates: Vec<El<'_>> = UPDATES.iter().flat_map(|k| incident.list(k)).filter(|u| is_update(*u)).collect();
    let body = incident.first(&BODIES).unwrap_or_default();
    if updates.is_empty() || !body.is_empty() {
        // Where a page dates an incident back, nobody could read of it then.
        let published = incident.stamp(&["created_at", "display_at", "published_at"]).or(started);
        out.add(incident, published, Body::Status(update(first_state(incident, resolved.is_some()), body)));
    }
    for item in updates {
        let body = item.first(&BODIES).unwrap_or_default();
        let state = item.first(&STATES).unwrap_or_else(|| state_of(&body));
        out.add(item, update_time(item), Body::Status(update(state, body)));
    }
}

/// The state in which an incident began: that of its earliest update, its own while it is not over, else `incident`.
fn first_state(incident: El<'_>, is_over: bool) -> String {
    let updates = UPDATES.iter().flat_map(|k| incident.list(k)).filter(|u| is_update(*u));
    let first = updates.min_by_key(|u| update_time(*u).map(|s| s.micros));
    let told = first.and_then(|u| u.first(&STATES));
    let ends = ["resolved", "completed", "postmortem", "closed", "fixed"];
    let own = incident.first(&STATES).filter(|s| !is_over && !ends.contains(&s.to_lowercase().as_str()));
    told.filter(|s| !ends.contains(&s.to_lowercase().as_str())).or(own).unwrap_or_else(|| "incident".to_string())
}

/// A list of dated states of one component.
fn feed(element: El<'_>, provider: &str, out: &mut Out) {
    let title = element.first(&["component", "title", "name", "service"]).unwrap_or_default();
    for item in element.list("events").filter(|u| is_update(*u)) {
        let body = item.first(&BODIES).unwrap_or_default();
        let update = StatusUpdate {
            provider: provider.to_string(),
            title: item.first(&["title", "name"]).unwrap_or_else(|| title.clone()),
            state: item.first(&STATES).unwrap_or_else(|| state_of(&body)),
            body,
            impact: item.first(&["impact"]),
            started: None,
            resolved: None,
        };
        out.add(item, update_time(item), Body::Status(update));
    }
}

fn update_time(item: El<'_>) -> Option<Stamp> {
    item.stamp(&TIMES).or_else(|| item.stamp(&TIMES_OF_STATES).filter(|_| item.has_any(&STATES)))
}

/// The state that an update's own words name, when it has no member for it.
pub fn state_of(body: &str) -> String {
    let lower = body.to_lowercase();
    let states = [
        ("resolved", "resolved"),
        ("back to normal", "resolved"),
        ("monitor", "monitoring"),
        ("recovering", "monitoring"),
        ("identified", "identified"),
        ("mitigation in progress", "identified"),
        ("investigating", "investigating"),
    ];
    states.iter().find(|(cue, _)| lower.contains(cue)).map(|(_, state)| state.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    #[test]
    fn an_incident_without_updates_did_not_begin_resolved() {
        let text = r#"{"page":{"name":"Vant"},"incidents":[{"name":"Errors","status":"resolved","impact":"major","created_at":"2025-11-14T18:52:12Z"}]}"#;
        let document = read_whole("s.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        assert!(matches!(&document.events[0].body, Body::Status(s) if s.state == "incident"));
    }

    #[test]
    fn a_page_is_of_the_provider_whose_status_it_tells() {
        assert_eq!((of_page("Gridpay Status"), of_page("Gridpay Cloud Status Page")), ("Gridpay", "Gridpay Cloud"));
        assert_eq!((of_page("Gridpay"), of_page("Status"), of_page("Statuspath")), ("Gridpay", "Status", "Statuspath"));
    }

    #[test]
    fn one_incident_is_of_the_page_beside_it_and_not_of_the_file() {
        let text = r#"{"page":{"name":"Vant","url":"https://status.vant.example"},"incident":{"name":"Errors","status":"resolved","impact":"minor",
            "created_at":"2025-11-14T18:52:12Z","incident_updates":[{"status":"resolved","body":"It is over","created_at":"2025-11-14T19:05:40Z"}]}}"#;
        assert_eq!(told(text), [(Some(19 * 60 + 5), "resolved".into(), "It is over".into(), Some(18 * 60 + 52))]);
    }

    /// Minute of the day, state and words of each event, and the minute in which the incident began.
    fn told(text: &str) -> Vec<(Option<i64>, String, String, Option<i64>)> {
        let document = read_whole("s.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let minute = |stamp: Option<Stamp>| stamp.map(|s| s.micros / 60_000_000 % 1_440);
        let seen = document.events.into_iter().map(|e| match e.body {
            Body::Status(s) => {
                assert_eq!((s.provider.as_str(), s.title.as_str()), ("Vant", "Errors"));
                (minute(e.stamp), s.state, s.body, minute(s.started))
            }
            other => panic!("{other:?}"),
        });
        seen.collect()
    }

    #[test]
    fn an_incident_is_told_when_its_updates_were_published_and_not_when_it_is_dated_back() {
        let text = r#"{"page":{"name":"Vant"},"incidents":[{"name":"Errors","status":"resolved","impact":"major","created_at":"2025-11-14T18:52:12Z",
            "started_at":"2025-11-14T18:34:00Z","resolved_at":"2025-11-14T19:41:30Z","incident_updates":[
            {"status":"identified","body":"A failover","created_at":"2025-11-14T19:05:40Z"},
            {"status":"investigating","body":"We look","created_at":"2025-11-14T18:52:12Z"}]}]}"#;
        let (began, at) = (Some(18 * 60 + 34), |hour: i64, minute: i64| Some(hour * 60 + minute));
        assert_eq!(
            told(text),
            [
                (at(19, 5), "identified".into(), "A failover".into(), began),
                (at(18, 52), "investigating".into(), "We look".into(), began)
            ]
        );
    }

    #[test]
    fn an_incident_without_updates_is_told_when_it_was_created() {
        let text = r#"{"page":{"name":"Vant"},"incidents":[{"name":"Errors","status":"investigating","impact":"major","created_at":"2025-11-14T18:52:12Z","started_at":"2025-11-14T18:34:00Z"}]}"#;
        let began = Some(18 * 60 + 34);
        assert_eq!(told(text), [(Some(18 * 60 + 52), "investigating".into(), String::new(), began)]);
        let only_began = text.replace(r#""created_at":"2025-11-14T18:52:12Z","#, "");
        assert_eq!(told(&only_began), [(began, "investigating".into(), String::new(), began)]);
    }
}
