//! What Ansible's `json` callback prints of a run: a task that changed hosts, or failed on them, is a change.
//!
//! It must never tell a task that found everything in order. What breaks it: a callback that leaves the times out.

use evidence::{Body, ChangePhase, Deploy};

use super::json::El;
use super::{Context, Out};

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    let is_run = element.has_all(&["plays", "stats"]) && element.list("plays").next().is_some_and(|play| play.has("tasks"));
    if context.is_line || !is_run {
        return false;
    }
    out.is("ansible_output");
    for play in element.list("plays") {
        for task in play.list("tasks") {
            change(task, &play.word("play.name"), out);
        }
    }
    true
}

fn change(task: El<'_>, play: &str, out: &mut Out) {
    let is = |host: El<'_>, word: &str| host.get(word).and_then(El::truth) == Some(true);
    let hosts = || task.get("hosts").into_iter().flat_map(El::members);
    let has_failed = hosts().any(|(_, host)| is(host, "failed") || is(host, "unreachable"));
    let touched: Vec<String> = hosts().filter(|(_, h)| is(*h, "changed") || is(*h, "failed")).map(|(name, _)| name).collect();
    let Some(at) = task.stamp(&["task.duration.start"]).filter(|_| !touched.is_empty()) else {
        out.others += 1;
        return;
    };
    let name = task.word("task.name");
    let role = name.split_once(" : ").map(|(role, _)| role.to_string());
    let deploy = Deploy {
        service: role.or_else(|| Some(play.to_string()).filter(|play| !play.is_empty() && !play.contains(' '))),
        version: None,
        sha: None,
        phase: if has_failed { ChangePhase::Failed } else { ChangePhase::Started },
        finished: task.stamp(&["task.duration.end"]).filter(|end| *end > at),
        rollback: false,
        environment: None,
        actor: None,
        kind: "config".into(),
        text: format!("{name} on {}", touched.join(", ")),
    };
    out.add(task, Some(at), Body::Deploy(deploy));
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    #[test]
    fn a_task_that_changed_hosts_is_a_change() {
        let task = |name: &str, changed: bool| {
            format!(
                r#"{{"hosts":{{"cart-01":{{"action":"template","changed":{changed}}}}},"task":{{"duration":{{"start":"2025-01-01T00:00:05Z","end":"2025-01-01T00:00:09Z"}},"name":"{name}"}}}}"#
            )
        };
        let text = format!(
            "{{\n\"plays\":[{{\"play\":{{\"name\":\"cart servers\"}},\"tasks\":[{},{}]}}],\n\"stats\":{{\"cart-01\":{{\"changed\":1}}}}}}",
            task("cart : Write the settings", true),
            task("cart : Start", false)
        );
        let document = read_whole("r.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let Body::Deploy(deploy) = &document.events[0].body else { panic!("a change") };
        assert_eq!((deploy.service.as_deref(), deploy.text.as_str()), (Some("cart"), "cart : Write the settings on cart-01"));
        assert_eq!(document.events[0].stamp.map(|s| s.micros / 1_000_000 - 1_735_689_600), Some(5));
        assert_eq!((document.events.len(), document.records), (1, 2));
    }
}
