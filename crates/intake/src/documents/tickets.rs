//! Issues of Jira: an incident's beginning and end, and what people wrote below it.
//!
//! It must never take an ordinary task for an incident: of one, only the comments are told. What breaks it: a project that
//! keeps its incidents under a kind of its own.

use evidence::{Body, ChangePhase, Deploy, Message, Page, PageAction, Stamp};

use super::changes::{is_rollback, version_in};
use super::incident_tools::said;
use super::json::El;
use super::{Context, Out, requests, when};

/// Kinds of issues that are incidents, in the languages to which trackers are set.
const INCIDENTS: [&str; 16] = [
    "incident",
    "outage",
    "alert",
    "störung",
    "vorfall",
    "storing",
    "incidencia",
    "incidente",
    "interrupción",
    "panne",
    "disservizio",
    "driftstörning",
    "driftsforstyrrelse",
    "hændelse",
    "awaria",
    "incydent",
];
/// Where a ticket stands once somebody works on it.
const TAKEN: [&str; 14] = [
    "in progress",
    "work in progress",
    "investigating",
    "acknowledged",
    "assigned",
    "in arbeit",
    "in bearbeitung",
    "in behandeling",
    "en curso",
    "en cours",
    "em andamento",
    "in corso",
    "pågår",
    "w toku",
];

pub fn read(element: El<'_>, _context: &Context<'_>, out: &mut Out) -> bool {
    if change(element, out) {
        return true;
    }
    let Some(fields) = element.get("fields").filter(|f| element.has("key") && f.has_all(&["summary", "created"])) else {
        return false;
    };
    out.is("jira");
    let title = fields.word("summary");
    let page = |action: PageAction, actor: Option<String>, text: String| {
        Body::Page(Page {
            incident: element.word("key"),
            title: title.clone(),
            action,
            actor,
            priority: fields.first(&["priority.name"]),
            urgency: None,
            service: fields.list("components").next().map(|c| c.word("name")),
            text,
        })
    };
    let is_incident = is_incident(&fields.word("issuetype.name"));
    if is_incident {
        let description = fields.first(&["description"]).map_or_else(|| title.clone(), |words| format!("{title}\n{words}"));
        out.add(element, fields.stamp(&["created"]), page(PageAction::Triggered, None, description));
    } else if let Some(who) = fields.first(&["reporter.displayName", "reporter.name"]).filter(|_| is_request(fields)) {
        // Who asks for help says what does not work.
        let message = Message { author: who, channel: project(element), text: title.clone(), ..Message::default() };
        out.add(element, fields.stamp(&["created"]), Body::Message(message));
    } else {
        out.others += 1;
    }
    for comment in fields.dig("comment.comments").into_iter().flat_map(El::items) {
        let Some(words) = comment.first(&["body"]).or_else(|| comment.get("body").map(|b| document(b, 0))) else { continue };
        let who = comment.first(&["author.displayName", "author.name"]).unwrap_or_default();
        out.add(comment, comment.stamp(&["created"]), said(who, words));
    }
    if let Some((history, who)) = taker(element).filter(|_| is_incident) {
        out.add(history, history.stamp(&["created"]), page(PageAction::Acknowledged, Some(who), title.clone()));
    }
    if let Some(at) = fields.stamp(&["resolutiondate"]).filter(|_| is_incident) {
        let who = resolver(element).or_else(|| fields.first(&["assignee.displayName"]));
        // The issue as a whole stands for its beginning.
        let place = fields.get("resolutiondate").unwrap_or(element);
        out.add(place, Some(at), page(PageAction::Resolved, who, title.clone()));
    }
    true
}

/// A change that was carried out, as an issue of a kind of its own: its beginning and end stand in fields that each house names.
fn change(element: El<'_>, out: &mut Out) -> bool {
    let Some(fields) = element.get("fields").filter(|f| element.has("key") && f.has("summary")) else { return false };
    let kind = fields.word("issuetype.name").to_lowercase();
    let is_change =
        ["change", "änderung", "cambio", "changement", "mudança", "wijziging", "zmiana"].iter().any(|w| kind.contains(w));
    let by_key = kind.is_empty() && ["CHG-", "CHANGE-", "CR-", "RFC-"].iter().any(|start| element.word("key").starts_with(start));
    let own = fields.members().filter(|(name, _)| name.starts_with("customfield_"));
    let mut times: Vec<Stamp> = own.filter_map(|(_, value)| when::read(&value.text()?)).collect();
    times.sort_by_key(|stamp| stamp.micros);
    let status = fields.word("status.name").to_lowercase();
    let is_off = ["cancel", "abgebrochen", "storniert", "rejected", "abgelehnt", "declined", "draft", "entwurf"];
    let Some(began) = times.first().copied().filter(|_| is_change || by_key) else { return false };
    out.is("jira");
    if is_off.iter().any(|word| status.contains(word)) {
        out.others += 1;
        return true;
    }
    let words = fields.word("summary");
    let version = version_in(&words);
    let kind = requests::kind(&words, version.is_some());
    let deploy = Deploy {
        service: fields.list("components").next().map(|c| c.word("name")),
        version: version.or_else(|| Some(element.word("key")).filter(|_| kind != "deploy")),
        sha: None,
        phase: if status.contains("fail") { ChangePhase::Failed } else { ChangePhase::Started },
        finished: times.last().copied().filter(|end| end.micros > began.micros),
        rollback: is_rollback(&[&words]),
        environment: None,
        actor: fields.first(&["assignee.displayName", "reporter.displayName"]),
        kind: kind.into(),
        text: words,
    };
    out.add(element, Some(began), Body::Deploy(deploy));
    true
}

pub fn is_incident(kind: &str) -> bool {
    let lower = kind.to_lowercase();
    INCIDENTS.iter().any(|known| lower.contains(known))
}

/// A request of somebody at a service desk, which has a reporter, and no kind that is work of a team.
fn is_request(fields: El<'_>) -> bool {
    let kind = fields.word("issuetype.name").to_lowercase();
    kind.is_empty()
        || ["service request", "support", "help", "question", "customer", "problem"].iter().any(|word| kind.contains(word))
}

/// `HD` of `HD-7`.
fn project(element: El<'_>) -> Option<String> {
    element.word("key").rsplit_once('-').map(|(project, _)| project.to_string())
}

/// Who set the resolution, by the history of the issue.
fn resolver(element: El<'_>) -> Option<String> {
    let histories = element.dig("changelog.histories")?.items();
    let mut set = histories.filter(|h| h.list("items").any(|i| i.word("field") == "resolution" && i.has("toString")));
    set.next()?.first(&["author.displayName"])
}

/// Who took it first, by the history of the issue: who set it to being worked on, or made it somebody's own.
fn taker(element: El<'_>) -> Option<(El<'_>, String)> {
    let takes = |item: El<'_>| match item.word("field").to_lowercase().as_str() {
        "status" => TAKEN.contains(&item.word("toString").to_lowercase().as_str()),
        "assignee" => !item.word("toString").is_empty(),
        _ => false,
    };
    let histories = element.dig("changelog.histories")?.items().filter(|h| h.list("items").any(takes));
    // Newer interfaces list the newest first.
    let first = histories.filter_map(|h| Some((h.stamp(&["created"])?.micros, h))).min_by_key(|(at, _)| *at)?.1;
    let who =
        first.list("items").find(|i| i.word("field") == "assignee").map(|i| i.word("toString")).filter(|who| !who.is_empty());
    Some((first, who.or_else(|| first.first(&["author.displayName", "author.name"]))?))
}

/// The words of a document as Jira's third interface writes it.
fn document(node: El<'_>, depth: usize) -> String {
    let own = node.word("text");
    let parts = node.list("content").filter(|_| depth < 12).map(|part| document(part, depth + 1));
    let separator = if node.word("type") == "doc" { "\n" } else { "" };
    std::iter::once(own).chain(parts).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(separator)
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    fn check(kind: &str) -> Vec<(String, String)> {
        let text = r#"{"key":"OPS-7","fields":{"summary":"cart fails","issuetype":{"name":"KIND"},"priority":{"name":"P1"},"created":"2025-01-01T01:00:05.000+0100","resolutiondate":"2025-01-01T02:00:05.000+0100","assignee":{"displayName":"Bo"},"components":[{"name":"cart"}],
            "comment":{"comments":[{"author":{"displayName":"Ann Lee"},"body":"rolling back","created":"2025-01-01T01:10:05.000+0100"},
            {"author":{"displayName":"Bo"},"body":{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"done"}]}]},"created":"2025-01-01T01:20:05.000+0100"}]}}}"#;
        let document =
            read_whole("OPS-7.json", SourceId { input: 0, entry: 0 }, text.replace("KIND", kind).as_bytes()).expect("JSON");
        let told = document.events.into_iter().map(|e| match e.body {
            Body::Message(m) => (m.author, m.text),
            Body::Page(p) => {
                (format!("{:?} {} {}", p.action, p.priority.unwrap_or_default(), p.service.unwrap_or_default()), p.text)
            }
            other => panic!("{other:?}"),
        });
        told.collect()
    }

    #[test]
    fn who_asks_a_service_desk_for_help_says_what_does_not_work() {
        let text = r#"{"issues":[{"key":"HD-7","fields":{"summary":"Checkout does not load","created":"2025-01-01T01:00:05.000+0100","reporter":{"displayName":"Shop 12"}}},
            {"key":"DEV-8","fields":{"summary":"clean up","issuetype":{"name":"Task"},"created":"2025-01-01T01:00:05.000+0100","reporter":{"displayName":"Bo"}}}]}"#;
        let document = read_whole("desk.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let [event] = document.events.as_slice() else { panic!("one request") };
        let Body::Message(message) = &event.body else { panic!("a message") };
        let told = (message.author.as_str(), message.channel.as_deref(), message.text.as_str());
        assert_eq!(told, ("Shop 12", Some("HD"), "Checkout does not load"));
    }

    #[test]
    fn an_incident_has_a_beginning_an_end_and_comments() {
        let said = [("Ann Lee".to_string(), "rolling back".to_string()), ("Bo".to_string(), "done".to_string())];
        let begin = ("Triggered P1 cart".to_string(), "cart fails".to_string());
        let end = ("Resolved P1 cart".to_string(), "cart fails".to_string());
        assert_eq!(check("Incident"), [begin, said[0].clone(), said[1].clone(), end]);
        assert_eq!(check("Task"), said);
        assert_eq!(check("Störung").len(), 4);
    }

    #[test]
    fn a_change_has_its_times_in_fields_of_the_house() {
        let issue = |status: &str| {
            format!(
                r#"{{"key":"CHG-12","fields":{{"summary":"cart 7.14.2 deployment","status":{{"name":"{status}"}},"customfield_10311":"2025-01-01T02:25:00.000+0100","customfield_10310":"2025-01-01T01:00:05.000+0100","customfield_10400":"West"}}}}"#
            )
        };
        let text = format!("[{},{}]", issue("Done"), issue("Cancelled"));
        let document = read_whole("changes.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        assert_eq!(document.events.len(), 1);
        let Body::Deploy(change) = &document.events[0].body else { panic!("a change") };
        assert_eq!((change.version.as_deref(), change.kind.as_str()), (Some("7.14.2"), "deploy"));
        assert_eq!(document.events[0].stamp.map(|s| s.micros / 1_000_000), Some(1_735_689_605));
        assert!(change.finished.is_some());
    }

    #[test]
    fn who_takes_it_stands_in_its_history() {
        let text = r#"{"key":"OPS-7","fields":{"summary":"cart fails","issuetype":{"name":"Incident"},"created":"2025-01-01T01:00:05.000+0100"},
            "changelog":{"histories":[
            {"author":{"displayName":"Bo"},"created":"2025-01-01T02:00:05.000+0100","items":[{"field":"status","fromString":"In Arbeit","toString":"Gelöst"}]},
            {"author":{"displayName":"Ann Lee"},"created":"2025-01-01T01:06:05.000+0100","items":[{"field":"status","fromString":"Offen","toString":"In Arbeit"}]},
            {"author":{"displayName":"Desk"},"created":"2025-01-01T01:02:05.000+0100","items":[{"field":"priority","fromString":"P3","toString":"P1"}]}]}}"#;
        let document = read_whole("OPS-7.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let taken = document.events.iter().find_map(|e| match &e.body {
            Body::Page(p) if p.action == PageAction::Acknowledged => {
                Some((p.actor.as_deref(), e.stamp.map(|s| s.micros / 1_000_000)))
            }
            _ => None,
        });
        assert_eq!(taken, Some((Some("Ann Lee"), Some(1_735_689_965))));
    }
}
