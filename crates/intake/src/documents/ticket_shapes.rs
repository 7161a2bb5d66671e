//! Tickets and incidents as trackers and tools answer: ServiceNow, Datadog, Rootly, FireHydrant, Better Stack, Zendesk,
//! Freshservice, Linear, GitHub, GitLab. One row of a table says how each is told and where it says what.
//!
//! Where a ticket is no incident nobody was paged: then it is what its author wrote. It must never take a severity that
//! every ticket has for a sign of an incident. What breaks it: a tracker that keeps incidents under a label of its own.

use std::sync::LazyLock;

use evidence::{PageAction, Stamp};
use expressions::Expression;

use super::html;
use super::incident_tools::said;
use super::json::El;
use super::pager::{About, priority_in};
use super::shapes::{Paths, at, first, has_all, stamp};
use super::steps::action;
use super::ticket_table::{Kind, SHAPES, Shape};
use super::tickets::is_incident;
use super::{Context, Out, when};

pub fn read(element: El<'_>, _context: &Context<'_>, out: &mut Out) -> bool {
    let of_changes = ["pull_request", "mergedAt", "merged_at", "mergeCommit", "headRefName", "merge_commit_sha"];
    if element.has_any(&of_changes) {
        return false;
    }
    if step_of_oncall(element, out) || comment_of_tracker(element, out) {
        return true;
    }
    let inner = |shape: &Shape| {
        let within = shape.inside.iter().filter_map(|path| element.dig(path));
        std::iter::once(element).chain(within).find(|e| has_all(*e, shape.needs))
    };
    let Some((shape, inner)) = SHAPES.iter().find_map(|shape| Some((shape, inner(shape)?))) else { return false };
    out.is(shape.format);
    let title = first(inner, shape.title).unwrap_or_default();
    let words = first(inner, shape.words).filter(|words| *words != title);
    let text = words.map_or_else(|| title.clone(), |words| format!("{title}\n{}", plain(&words)));
    if pages(inner, shape) {
        incident(inner, shape, title, text, out);
    } else if let Some(who) = first(inner, shape.author) {
        out.add(inner, stamp(inner, shape.began), said(who, text));
    } else {
        out.others += 1;
    }
    comments(inner, shape.comments, out);
    true
}

/// Whether it is an incident, of which somebody is told at once.
fn pages(element: El<'_>, shape: &Shape) -> bool {
    let labels = || {
        let found = shape.labels.iter().filter_map(|path| at(element, path));
        let each = found.flat_map(|label| {
            let own = label.text().into_iter();
            own.chain(label.items().filter_map(|item| item.text().or_else(|| item.first(&["name"]))))
        });
        each.collect::<Vec<String>>()
    };
    match shape.kind {
        Kind::Incident => true,
        Kind::Request => false,
        Kind::ByLabel => labels().iter().any(|label| is_incident(label) || is_number_of_incident(label)),
    }
}

/// `INC0010023`, as ServiceNow counts them.
fn is_number_of_incident(label: &str) -> bool {
    label.strip_prefix("INC").is_some_and(|number| number.len() > 3 && number.bytes().all(|b| b.is_ascii_digit()))
}

/// Members in which whoever closes an incident says what it was.
const CLOSING: [&str; 8] = [
    "close_notes",
    "resolution_notes",
    "resolution_message",
    "resolution_note",
    "root_cause",
    "u_root_cause",
    "cause_notes",
    "rca_summary",
];

const OWNERS: Paths = &["assigned_to.display_value", "assigned_to", "assignment_group.display_value", "assignment_group"];

/// What was said of it in the end, by who closed it or whose it was.
fn closing(inner: El<'_>, shape: &Shape, out: &mut Out) {
    let Some(ended) = stamp(inner, shape.ended) else { return };
    let who = first(inner, shape.ended_by).or_else(|| first(inner, OWNERS)).unwrap_or_default();
    for note in CLOSING.iter().filter_map(|name| inner.get(name)) {
        let words = note.text().or_else(|| note.first(&["display_value", "value", "description"])).unwrap_or_default();
        if words.split_whitespace().count() >= 3 {
            out.add(note, Some(ended), said(who.clone(), plain(&words)));
        }
    }
}

fn incident(inner: El<'_>, shape: &Shape, title: String, text: String, out: &mut Out) {
    let about = About {
        incident: first(inner, shape.number).unwrap_or_default(),
        priority: first(inner, shape.priority).or_else(|| priority_in(&title)),
        urgency: None,
        service: first(inner, shape.service),
        title,
    };
    let is_person = |who: &String| !["automatic", "system", "auto"].iter().any(|word| who.to_lowercase().starts_with(word));
    let mut add = |when: Option<Stamp>, step: PageAction, who: Paths, text: &str| {
        if when.is_some() {
            out.add(inner, when, about.page(step, first(inner, who).filter(is_person), text.to_string()));
        }
    };
    add(stamp(inner, shape.began), PageAction::Triggered, &[], &text);
    add(stamp(inner, shape.acknowledged), PageAction::Acknowledged, shape.acknowledged_by, &about.title);
    add(stamp(inner, shape.mitigated), PageAction::Note, &["mitigated_by"], "mitigated");
    add(stamp(inner, shape.ended), PageAction::Resolved, shape.ended_by, &about.title);
    closing(inner, shape, out);
    for step in shape.steps.iter().filter_map(|path| at(inner, path)).flat_map(El::items) {
        let name = step.first(&["type", "name"]).unwrap_or_default();
        let taken = action(&name).or_else(|| (name == "started").then_some(PageAction::Triggered));
        let text = if taken.is_some() { about.title.clone() } else { name };
        out.add(step, step.stamp(&["occurred_at", "created_at"]), about.page(taken.unwrap_or(PageAction::Note), None, text));
    }
}

/// What people wrote below it: a list of comments, or one text in which time and name stand above each.
fn comments(inner: El<'_>, paths: Paths, out: &mut Out) {
    let Some(found) = paths.iter().filter_map(|path| at(inner, path)).find(|e| e.is_array() || e.is_string()) else { return };
    if let Some(text) = found.is_string().then(|| found.text()).flatten() {
        for (at, who, words) in noted(&text) {
            out.add(found, when::read(&at), said(who, words));
        }
    }
    for comment in found.items() {
        let who = comment.first(&["author.login", "author.name", "user.name", "user.displayName", "user.login", "user_id"]);
        if let Some(words) = comment.first(&["body_text", "body", "text"]) {
            let written = comment.stamp(&["createdAt", "created_at"]);
            out.add(comment, written, said(who.unwrap_or_default(), plain(&words)));
        }
    }
}

/// `2025-01-01 00:00:05 - Ann Lee (Work notes)` above its words, one after the other: the time as it is written, who and what.
pub fn noted(text: &str) -> Vec<(String, String, String)> {
    static HEAD: LazyLock<Option<Expression>> = LazyLock::new(|| {
        Expression::new(r"(?m)^(\d[\d./-]{7,9} \d{1,2}:\d{2}:\d{2}(?: [AaPp][Mm])?) - (.{1,60}?) \([^)\n]{3,40}\)\s*$").ok()
    });
    let Some(head) = HEAD.as_ref() else { return Vec::new() };
    let heads: Vec<_> = head.captures_iter(text).collect();
    let ends = heads.iter().skip(1).map(|h| h.get(0).map_or(text.len(), |m| m.start())).chain([text.len()]);
    let one = |(head, end): (&expressions::Captures<'_>, usize)| {
        let words = text.get(head.get(0)?.end()..end)?.trim().to_string();
        Some((head[1].to_string(), head[2].to_string(), words)).filter(|(.., words)| !words.is_empty())
    };
    heads.iter().zip(ends).filter_map(one).collect()
}

/// A webhook of Grafana OnCall: the step that somebody took, and the alert group that it is about.
fn step_of_oncall(element: El<'_>, out: &mut Out) -> bool {
    let Some(group) = element.get("alert_group").filter(|_| element.has_all(&["event", "alert_group_id"])) else { return false };
    let kind = element.word("event.type");
    let step = if kind == "alert group created" || kind == "firing" { Some(PageAction::Triggered) } else { action(&kind) };
    out.is("grafana_oncall");
    let Some(step) = step else {
        out.others += 1;
        return true;
    };
    let about = About {
        incident: element.word("alert_group_id"),
        title: group.word("title"),
        priority: first(element, &["alert_payload.labels.severity", "alert_payload.commonLabels.severity"]),
        urgency: None,
        service: first(element, &["alert_payload.labels.service", "alert_payload.commonLabels.service"]),
    };
    let own: Paths = match step {
        PageAction::Acknowledged => &["acknowledged_at"],
        PageAction::Resolved => &["resolved_at"],
        _ => &["created_at"],
    };
    let stamp = element.stamp(&["event.time"]).or_else(|| stamp(group, own));
    let who = element.first(&["user.username", "user.email"]).filter(|_| step != PageAction::Triggered);
    out.add(element, stamp, about.page(step, who, about.title.clone()));
    true
}

/// A comment on an issue, apart from it, as GitHub, Zendesk and Datadog list them, or why somebody silenced
/// alerts.
fn comment_of_tracker(element: El<'_>, out: &mut Out) -> bool {
    let is_github = element.has_all(&["issue_url", "user", "body", "created_at"]);
    let is_zendesk = element.has_all(&["author_id", "body", "public", "created_at"]);
    let is_silence = element.has_all(&["createdBy", "comment", "matchers", "startsAt"]);
    let cell = element.get("attributes").filter(|a| a.has_all(&["cell_type", "content"]));
    let (inner, format) = match (is_github, is_zendesk || is_silence, cell) {
        (true, ..) => (element, "github"),
        (_, true, _) => (element, if is_silence { "alertmanager_silence" } else { "zendesk" }),
        (.., Some(cell)) => (cell, "datadog_incident"),
        _ => return false,
    };
    out.is(format);
    let who = element.first(&["user.login", "author.name", "author_id", "createdBy", "relationships.created_by_user.data.id"]);
    match inner.first(&["plain_body", "body", "content.content", "content.message", "comment"]) {
        Some(words) => {
            let written = inner.stamp(&["display_time", "created_at", "created", "startsAt"]);
            out.add(element, written, said(who.unwrap_or_default(), words));
        }
        None => out.others += 1,
    }
    true
}

fn plain(words: &str) -> String {
    if html::is_html(words) { html::text(words) } else { words.to_string() }
}

#[cfg(test)]
mod tests;
