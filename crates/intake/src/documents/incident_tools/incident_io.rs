//! incident.io: an incident with the times that people set for it, its updates, its timeline and its follow-ups.
//!
//! An answer of its API has one of these kinds; who exports an incident puts all of them into one object. It must never take a
//! follow-up for something that was done: it is what is still to be done. What breaks it: a timeline whose items have no author.

use evidence::{PageAction, RecordRef};

use super::super::Out;
use super::super::json::El;
use super::super::pager::About;
use super::super::steps::action;
use super::said;

/// Names of lists that stand beside an incident.
const UPDATES: [&str; 2] = ["incident_updates", "updates"];
const ITEMS: [&str; 3] = ["timeline_items", "timeline_events", "timeline"];
const FOLLOW_UPS: [&str; 3] = ["follow_ups", "followups", "actions"];

/// An incident with its times, and what stands beside it.
pub fn milestones(element: El<'_>, out: &mut Out) -> bool {
    let incident = element.get("incident").unwrap_or(element);
    let is_known = incident.has("name") && incident.has_any(&["incident_status", "incident_timestamp_values", "severity"]);
    if !is_known || incident.list("incident_timestamp_values").next().is_none() {
        return false;
    }
    out.is("incident");
    let about = About {
        incident: incident.first(&["reference", "id"]).unwrap_or_default(),
        title: incident.word("name"),
        priority: incident.first(&["severity.name"]),
        service: None,
        ..About::default()
    };
    for set in incident.list("incident_timestamp_values") {
        let name = set.word("incident_timestamp.name");
        let what = name.to_lowercase();
        let step = if what.starts_with("accepted") { Some(PageAction::Acknowledged) } else { action(&name) };
        out.add(set, set.stamp(&["value.value"]), about.page(step.unwrap_or(PageAction::Note), None, name));
    }
    let sides = || [Some(element), element.get("incident")].into_iter().flatten();
    let listed =
        |names: &'static [&'static str]| sides().flat_map(move |side| names.iter().flat_map(move |name| side.list(name)));
    for update in listed(&UPDATES) {
        told(update, &about, out);
    }
    for item in listed(&ITEMS) {
        timeline(item, out);
    }
    for task in listed(&FOLLOW_UPS) {
        follow_up(task, out);
    }
    true
}

/// An update in a list of its own: what was said, and the status that it set.
pub fn updates(element: El<'_>, out: &mut Out) -> bool {
    if !element.has_all(&["incident_id", "new_incident_status", "created_at"]) {
        return false;
    }
    out.is("incident");
    let about =
        About { incident: element.word("incident_id"), priority: element.first(&["new_severity.name"]), ..About::default() };
    told(element, &about, out);
    true
}

fn told(element: El<'_>, about: &About, out: &mut Out) {
    if !element.has_all(&["new_incident_status", "created_at"]) {
        return;
    }
    let who = element.first(&["updater.user.name", "updater.api_key.name", "updater.name"]);
    let stamp = element.stamp(&["created_at"]);
    if let Some(words) = element.first(&["message"]) {
        out.add(element, stamp, said(who.clone().unwrap_or_default(), words));
    }
    let status = element.word("new_incident_status.name");
    if ["closed", "resolved"].contains(&element.word("new_incident_status.category").as_str()) {
        out.add(element, stamp, about.page(PageAction::Resolved, who, status));
    }
}

/// What somebody wrote, where the timeline keeps it.
fn timeline(item: El<'_>, out: &mut Out) {
    let at = item.stamp(&["occurred_at", "timestamp", "created_at"]);
    let who = item.first(&["author.name", "author", "user.name", "actor.user.name", "actor.name"]);
    match (who, item.first(&["content", "message", "text", "description", "title"])) {
        (Some(who), Some(words)) if at.is_some() => out.add(item, at, said(who, words)),
        _ => out.others += 1,
    }
}

/// What is to be done, as people write an item of a list; what was given up is none.
fn follow_up(task: El<'_>, out: &mut Out) {
    let Some(title) = task.first(&["title", "name", "description"]) else { return };
    let state = task.word("status").to_lowercase();
    if ["deleted", "not_doing", "cancelled", "canceled"].contains(&state.as_str()) {
        out.others += 1;
        return;
    }
    let owner = task.first(&["assignee.name", "owner.name", "assignee", "owner"]).filter(|owner| !owner.starts_with('{'));
    // Of a date there is no field in some plans, so that teams write it into the description.
    let due = task.first(&["due_at", "due_date", "due"]).or_else(|| due_in(&task.word("description")));
    let is_over = ["completed", "complete", "done", "closed"].contains(&state.as_str());
    let part = |name: &str, value: Option<String>| value.map_or(String::new(), |value| format!(". {name}: {value}"));
    let (owner, due) = (part("Owner", owner), part("Due", due));
    let item = format!("- [{}] {}{owner}{due}", if is_over { 'x' } else { ' ' }, title.trim_end_matches('.'));
    let place: RecordRef = task.place();
    out.texts.push((place, item));
}

/// The date behind `due`.
fn due_in(words: &str) -> Option<String> {
    let lower = words.to_lowercase();
    let at = lower.find("due ").or_else(|| lower.find("due: "))?;
    let rest = lower.get(at + 4..)?.trim_start_matches([':', ' ']);
    let rest = ["by ", "on "].iter().find_map(|word| rest.strip_prefix(word)).unwrap_or(rest);
    let date: String = rest.chars().take_while(|c| c.is_ascii_digit() || "-/.".contains(*c)).collect();
    (date.len() >= 8).then(|| date.trim_end_matches('.').to_string())
}
