//! Issues of Jira: an incident's beginning and end, and what people wrote below it.
//!
//! It must never take an ordinary task for an incident: of one, only the comments are told. What breaks it: a project that
//! keeps its incidents under a kind of its own.

use evidence::{Body, Page, PageAction};

use super::incident_tools::said;
use super::json::El;
use super::{Context, Out};

/// Kinds of issues that are incidents.
const INCIDENTS: [&str; 5] = ["incident", "outage", "major incident", "post-incident", "alert"];

pub fn read(element: El<'_>, _context: &Context<'_>, out: &mut Out) -> bool {
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
    } else {
        out.others += 1;
    }
    for comment in fields.dig("comment.comments").into_iter().flat_map(El::items) {
        let Some(words) = comment.first(&["body"]).or_else(|| comment.get("body").map(|b| document(b, 0))) else { continue };
        let who = comment.first(&["author.displayName", "author.name"]).unwrap_or_default();
        out.add(comment, comment.stamp(&["created"]), said(who, words));
    }
    if let Some(at) = fields.stamp(&["resolutiondate"]).filter(|_| is_incident) {
        let who = resolver(element).or_else(|| fields.first(&["assignee.displayName"]));
        out.add(element, Some(at), page(PageAction::Resolved, who, title.clone()));
    }
    true
}

pub fn is_incident(kind: &str) -> bool {
    let lower = kind.to_lowercase();
    INCIDENTS.iter().any(|known| lower.contains(known))
}

/// Who set the resolution, by the history of the issue.
fn resolver(element: El<'_>) -> Option<String> {
    let histories = element.dig("changelog.histories")?.items();
    let mut set = histories.filter(|h| h.list("items").any(|i| i.word("field") == "resolution" && i.has("toString")));
    set.next()?.first(&["author.displayName"])
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
    fn an_incident_has_a_beginning_an_end_and_comments() {
        let said = [("Ann Lee".to_string(), "rolling back".to_string()), ("Bo".to_string(), "done".to_string())];
        let begin = ("Triggered P1 cart".to_string(), "cart fails".to_string());
        let end = ("Resolved P1 cart".to_string(), "cart fails".to_string());
        assert_eq!(check("Incident"), [begin, said[0].clone(), said[1].clone(), end]);
        assert_eq!(check("Task"), said);
    }
}
