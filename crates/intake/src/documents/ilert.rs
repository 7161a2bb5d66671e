//! Alerts of iLert: one object with its times, and beside them the entries that say who did what.
//!
//! Whom an alert is assigned to did not take it by that. It must never tell a step twice: what an entry says is not told
//! from the alert's own times again. What breaks it: entries in another language than English.

use evidence::PageAction;

use super::json::El;
use super::pager::{About, priority_in};
use super::{Context, Out, steps};

pub fn read(element: El<'_>, _context: &Context<'_>, out: &mut Out) -> bool {
    let is_alert = element.has_all(&["summary", "reportTime"])
        && element.has_any(&["alertSource", "escalationPolicy", "acknowledgedOn", "resolvedOn"]);
    if !is_alert {
        return false;
    }
    out.is("ilert");
    let title = element.word("summary");
    let about = About {
        incident: element.word("id"),
        priority: priority_in(&title).or_else(|| element.first(&["priority"])),
        title,
        ..About::default()
    };
    out.add(element, element.stamp(&["reportTime"]), about.page(PageAction::Triggered, None, about.title.clone()));
    let mut told = Vec::new();
    for entry in element.list("logEntries") {
        let words = entry.word("text");
        let Some((action, who)) = step(&words).filter(|(action, _)| *action != PageAction::Triggered) else { continue };
        told.push(action);
        out.add(entry, entry.stamp(&["timestamp"]), about.page(action, who, words));
    }
    let times = [(PageAction::Acknowledged, "acknowledgedOn"), (PageAction::Resolved, "resolvedOn")];
    for (action, at) in times.into_iter().filter(|(action, _)| !told.contains(action)) {
        if let Some(stamp) = element.stamp(&[at]) {
            out.add(element, Some(stamp), about.page(action, None, about.title.clone()));
        }
    }
    true
}

/// `Ann Lee accepted the alert`, `Ann Lee resolved the alert`, `Alert created`.
fn step(words: &str) -> Option<(PageAction, Option<String>)> {
    let by = [
        (" accepted ", PageAction::Acknowledged),
        (" acknowledged ", PageAction::Acknowledged),
        (" resolved ", PageAction::Resolved),
    ];
    let told = by.iter().find_map(|(verb, action)| Some((*action, words.split_once(verb)?.0.trim())));
    if let Some((action, who)) = told.filter(|(_, who)| who.split(' ').count() <= 4) {
        let is_person = !["alert", "the alert", "it", "system", "alert source"].contains(&who.to_lowercase().as_str());
        return Some((action, Some(who.to_string()).filter(|_| is_person)));
    }
    steps::action(words).map(|action| (action, None))
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::{Body, SourceId};

    fn told(text: &str) -> Vec<(PageAction, Option<String>, Option<String>)> {
        let document = read_whole("a.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let steps = document.events.into_iter().map(|e| match e.body {
            Body::Page(p) => (p.action, p.actor, p.priority),
            other => panic!("{other:?}"),
        });
        steps.collect()
    }

    #[test]
    fn entries_say_who_and_times_tell_the_rest() {
        use PageAction::{Acknowledged, Resolved, Triggered};
        let high = || Some("HIGH".to_string());
        let alert = |entries: &str| {
            format!(
                r#"{{"id":7,"summary":"cart: 500","priority":"HIGH","alertSource":{{"name":"probe"}},"reportTime":"2025-01-01T00:00:00Z",
                "acknowledgedOn":"2025-01-01T00:02:00Z","resolvedOn":"2025-01-01T00:30:00Z","assignedTo":{{"username":"bo"}},"logEntries":[{entries}]}}"#
            )
        };
        let entry = r#"{"timestamp":"2025-01-01T00:00:00Z","text":"Alert created"},{"timestamp":"2025-01-01T00:02:00Z","text":"Ann Lee accepted the alert"}"#;
        assert_eq!(
            told(&alert(entry)),
            [(Triggered, None, high()), (Acknowledged, Some("Ann Lee".into()), high()), (Resolved, None, high())]
        );
        assert_eq!(told(&alert("")), [(Triggered, None, high()), (Acknowledged, None, high()), (Resolved, None, high())]);
    }
}
