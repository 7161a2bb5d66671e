//! The log of Deployer (PHP): its tasks with their times. A run that says what it deploys is a change.
//!
//! The run is told at the line that names it and ends where the link is switched; all else stays text. It must never take
//! a line of another program that speaks of deploying for a run: the tasks have to be Deployer's. What breaks it: runs of
//! several hosts that stand mixed.

use std::sync::LazyLock;

use evidence::{Body, ChangePhase, Deploy, Event, Stamp};
use expressions::Expression;

use super::changes::sha;
use super::page::Page;
use super::{Document, when};

/// Lines that decide.
const LOOK: usize = 30;

/// Reads such a log; `None` when the text is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    is_likely(page).then_some(())?;
    let mut document = Document { format: "deployer".into(), ..Document::default() };
    for index in 0..page.len() {
        let line = page.line(index);
        let task = task(&line);
        if let Some((stamp, deploy)) = task.as_ref().and_then(|t| Some((t.stamp, run(t)?))) {
            document.events.push(Event { place: page.place(index, index), stamp: Some(stamp), body: Body::Deploy(deploy) });
            continue;
        }
        if let (Some(task), Some(Body::Deploy(last))) = (task, document.events.last_mut().map(|e| &mut e.body)) {
            match task.name.as_str() {
                "deploy:symlink" if last.finished.is_none() => last.finished = Some(task.stamp),
                "deploy:failed" => last.phase = ChangePhase::Failed,
                _ => {}
            }
        }
        document.texts.extend(page.record(index));
    }
    document.records = (document.events.len() + document.texts.len()) as u64;
    Some(document)
}

/// Whether the first lines are tasks of Deployer.
pub fn is_likely(page: &Page<'_>) -> bool {
    let full: Vec<usize> = (0..page.len()).filter(|i| !page.is_blank(*i)).take(LOOK).collect();
    let tasks = full.iter().filter(|i| task(&page.line(**i)).is_some()).count();
    tasks >= 2 && tasks * 2 >= full.len()
}

struct Task {
    stamp: Stamp,
    host: String,
    name: String,
    words: String,
}

/// `[2025-05-30 15:09:40] [web-1] task deploy:info: deploying cart 2.4 (0a1b2c3) by ann`.
fn task(line: &str) -> Option<Task> {
    static TASK: LazyLock<Option<Expression>> = LazyLock::new(|| {
        Expression::new(r"^\[(\d{4}-\d\d-\d\d[T ][\d:.,+Z-]+)\] (?:\[([\w.-]+)\] )?task (deploy(?::\w+)*|rollback):? ?(.*)$").ok()
    });
    let found = TASK.as_ref()?.captures(line.trim_end())?;
    let host = found.get(2).map_or("", |host| host.as_str());
    Some(Task { stamp: when::read(&found[1])?, host: host.into(), name: found[3].into(), words: found[4].into() })
}

/// What the words of a task say that is deployed: `deploying cart 2.4 (0a1b2c3) by ann`, `cart rolling back to 2.3 by ann`.
fn run(task: &Task) -> Option<Deploy> {
    static RUN: LazyLock<Option<Expression>> = LazyLock::new(|| {
        let (version, who) = (r"v?\d[\w.+-]*", r"(?:\s+by (?<who>[\w.@-]+))?");
        let deploy =
            format!(r"deploying (?:(?<name>[A-Za-z][\w.-]*) )?(?<version>{version})(?:\s+\((?<sha>[0-9a-f]{{7,40}})\))?{who}");
        let back = format!(r"(?:(?<old>[A-Za-z][\w.-]*) )?(?:rolling|rolled) back to (?<back>{version}){who}")
            .replace("<who>", "<whom>");
        Expression::new(&format!("^(?:{deploy}|{back})$")).ok()
    });
    let found = RUN.as_ref()?.captures(&task.words)?;
    let part = |names: [&str; 2]| names.iter().find_map(|name| found.name(name)).map(|m| m.as_str().to_string());
    Some(Deploy {
        service: part(["name", "old"]),
        version: part(["version", "back"]),
        sha: part(["sha", "sha"]).and_then(|s| sha(&s)),
        phase: ChangePhase::Started,
        finished: None,
        rollback: found.name("back").is_some() || task.name == "rollback",
        environment: Some(task.host.clone()).filter(|host| !host.is_empty()),
        actor: part(["who", "whom"]),
        kind: "deploy".into(),
        text: task.words.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::{read_whole, sniff};
    use super::*;
    use evidence::SourceId;

    #[test]
    fn runs_are_changes_and_other_tasks_stay_text() {
        let text = "[2025-01-01 00:00:05] [web-1] task deploy:info: deploying cart 2.4 (0a1b2c3d) by ann\n\
            [2025-01-01 00:00:25] [web-1] task deploy:symlink: releases/8 -> current\n\
            [2025-01-01 00:00:26] [web-1] task deploy:success: cart 2.4 deployed\n\
            [2025-01-01 00:30:05] [web-1] task rollback: cart rolling back to 2.3 by bo\n";
        assert!(sniff("d.log", text.as_bytes(), true));
        let document = read_whole("d.log", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a log of Deployer");
        let told: Vec<_> = document
            .events
            .iter()
            .map(|e| match &e.body {
                Body::Deploy(d) => (d.version.as_deref(), d.sha.is_some(), d.rollback, d.actor.as_deref(), d.finished.is_some()),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(told, [(Some("2.4"), true, false, Some("ann"), true), (Some("2.3"), false, true, Some("bo"), false)]);
        assert_eq!(document.texts.len(), 2);
    }

    #[test]
    fn other_programs_that_deploy_are_not_meant() {
        let text = "[2025-01-01 00:00:05] [web-1] deploying cart 2.4\n[2025-01-01 00:00:06] [web-1] task queue: cart\n";
        assert!(!is_likely(&Page::new(SourceId { input: 0, entry: 0 }, text.as_bytes())));
    }
}
