//! What `ansible-playbook` prints: a task that changed hosts is a change, at the time that the callback of times prints below
//! its name or that stands in front of each line.
//!
//! It must never tell a task that found everything in order. What breaks it: output without any times, which is told without
//! them.

use std::sync::LazyLock;

use evidence::{Body, ChangePhase, Deploy, Event, Stamp};
use regex::Regex;

use super::page::Page;
use super::{Document, when};

/// Reads such output; `None` when the text is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    if !is_likely(page) {
        return None;
    }
    let mut document = Document { format: "ansible_output".into(), ..Document::default() };
    let mut task: Option<Task> = None;
    let mut play = String::new();
    for index in 0..page.len() {
        let line = page.line(index);
        let (stamp, user, words) = unprefixed(&line);
        if let Some(name) = heading(words, &["PLAY ", "PLAY RECAP"]) {
            document.events.extend(task.take().and_then(|t| t.event(page)));
            play = name;
        } else if let Some(name) = heading(words, &["TASK ", "RUNNING HANDLER "]) {
            document.events.extend(task.take().and_then(|t| t.event(page)));
            task = Some(Task {
                name,
                play: play.clone(),
                stamp,
                user,
                first: index,
                last: index,
                changed: Vec::new(),
                failed: Vec::new(),
            });
        } else if let Some(task) = &mut task {
            task.take(words, index);
        }
        document.texts.extend(page.record(index));
    }
    document.events.extend(task.and_then(|t| t.event(page)));
    let placed: Vec<u64> = document.events.iter().flat_map(|e| e.place.line..=e.place.last_line).collect();
    document.texts.retain(|(place, _)| !placed.contains(&place.line));
    document.records = (document.events.len() + document.texts.len()) as u64;
    (!document.events.is_empty()).then_some(document)
}

/// Whether a play and a task are announced near the beginning.
pub fn is_likely(page: &Page<'_>) -> bool {
    let begins = |starts: &[&str]| (0..page.len().min(40)).any(|i| heading(unprefixed(&page.line(i)).2, starts).is_some());
    begins(&["PLAY "]) && begins(&["TASK "])
}

struct Task {
    name: String,
    play: String,
    stamp: Option<Stamp>,
    user: Option<String>,
    first: usize,
    last: usize,
    changed: Vec<String>,
    failed: Vec<String>,
}

impl Task {
    fn take(&mut self, words: &str, index: usize) {
        let host = |rest: &str| rest.strip_prefix('[').and_then(|r| r.split(']').next()).map(str::to_string);
        if let Some(host) = words.strip_prefix("changed: ").and_then(host) {
            self.changed.push(host);
            self.last = index;
        } else if let Some(host) = words.strip_prefix("fatal: ").and_then(host) {
            self.failed.push(host);
            self.last = index;
        } else if self.stamp.is_none() {
            self.stamp = printed(words);
        }
    }

    fn event(self, page: &Page<'_>) -> Option<Event> {
        let (hosts, is_failed) = if self.failed.is_empty() { (self.changed, false) } else { (self.failed, true) };
        if hosts.is_empty() {
            return None;
        }
        let role = self.name.split_once(" : ").map(|(role, _)| role.to_string());
        let done = if is_failed { "failed on" } else { "changed" };
        let deploy = Deploy {
            service: role.or(Some(self.play).filter(|play| !play.is_empty() && !play.contains(' '))),
            version: None,
            sha: None,
            phase: if is_failed { ChangePhase::Failed } else { ChangePhase::Finished },
            finished: None,
            rollback: false,
            environment: None,
            actor: self.user,
            kind: "config".into(),
            text: format!("{}: {done} {}", self.name, hosts.join(", ")),
        };
        Some(Event { place: page.place(self.first, self.last), stamp: self.stamp, body: Body::Deploy(deploy) })
    }
}

/// `TASK [cart : render the settings] ****`.
fn heading(words: &str, starts: &[&str]) -> Option<String> {
    let rest = starts.iter().find_map(|start| words.strip_prefix(start))?;
    if rest.starts_with('*') {
        return Some(String::new());
    }
    let (name, after) = rest.strip_prefix('[')?.rsplit_once(']')?;
    after.trim().bytes().all(|b| b == b'*').then(|| name.to_string())
}

/// `Tuesday 27 May 2025  23:44:12 +0200 (0:00:02.118)       0:00:02.118 *******`.
fn printed(line: &str) -> Option<Stamp> {
    let (time, rest) = line.split_once(" (")?;
    rest.contains("***").then(|| when::read(&time.split_whitespace().collect::<Vec<_>>().join(" "))).flatten()
}

/// `2025-03-18 13:59:01,120 p=4411 u=ann n=ansible | TASK [...]`: time, user and words of a line of `ansible.log`.
fn unprefixed(line: &str) -> (Option<Stamp>, Option<String>, &str) {
    static FRONT: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) p=\d+ u=(\S+) n=ansible \S*\s?\|\s*").ok());
    match FRONT.as_ref().and_then(|front| front.captures(line)) {
        Some(found) => (when::read(&found[1]), Some(found[2].to_string()), &line[found[0].len()..]),
        None => (None, None, line),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{read_whole, sniff};
    use super::*;
    use evidence::SourceId;

    fn check(text: &str) -> Vec<(String, Option<String>, ChangePhase, Option<i64>, u64, u64)> {
        assert!(sniff("run.txt", text.as_bytes(), true));
        let document = read_whole("run.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("output");
        let told = document.events.into_iter().map(|e| match e.body {
            Body::Deploy(d) => (
                d.text,
                d.service,
                d.phase,
                e.stamp.map(|s| s.micros / 1_000_000 - 1_735_689_600),
                e.place.line,
                e.place.last_line,
            ),
            other => panic!("{other:?}"),
        });
        told.collect()
    }

    #[test]
    fn a_task_that_changed_hosts_is_a_change() {
        let text = "$ ansible-playbook dns.yml\n\nPLAY [resolvers] *******\n\nTASK [Gathering Facts] *****\nWednesday 01 January 2025  01:00:01 +0100 (0:00:00.041)       0:00:00.041 *****\nok: [ns1]\n\nTASK [dns : render the zones] *******\nWednesday 01 January 2025  01:00:05 +0100 (0:00:02.118)       0:00:02.118 *******\nchanged: [ns1]\nchanged: [ns2]\n\nTASK [dns : restart] ****\nWednesday 01 January 2025  01:00:09 +0100 (0:00:02.118)       0:00:02.118 *******\nfatal: [ns1]: FAILED! => {\"msg\": \"no\"}\n\nPLAY RECAP ****\nns1 : ok=2 changed=1\n";
        let expected = [
            ("dns : render the zones: changed ns1, ns2".into(), Some("dns".into()), ChangePhase::Finished, Some(5), 9, 12),
            ("dns : restart: failed on ns1".into(), Some("dns".into()), ChangePhase::Failed, Some(9), 14, 16),
        ];
        assert_eq!(check(text), expected);
        let log = "2025-01-01 00:00:01,120 p=44 u=ann n=ansible | PLAY [db] ****\n2025-01-01 00:00:05,022 p=44 u=ann n=ansible | TASK [Set connections] ****\n2025-01-01 00:00:07,122 p=44 u=ann n=ansible | changed: [db-0]\n";
        assert_eq!(
            check(log),
            [("Set connections: changed db-0".into(), Some("db".into()), ChangePhase::Finished, Some(5), 2, 3)]
        );
    }
}
