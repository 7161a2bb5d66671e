//! What `ansible-playbook` prints: a play whose tasks changed hosts is a change, from the time that the callback of times prints
//! below the first of them, or that stands in front of each line.
//!
//! It must never tell a task that found everything in order, nor the restart behind a change as a change of its own. What breaks it: output without any times, which is told without
//! them.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use evidence::{Body, ChangePhase, Deploy, Event, Stamp};
use expressions::Expression;

use super::changes::sha;
use super::page::Page;
use super::{Document, when};

/// Reads such output; `None` when the text is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    if !is_likely(page) {
        return None;
    }
    let mut document = Document { format: "ansible_output".into(), ..Document::default() };
    let mut run: Option<Run> = None;
    for index in 0..page.len() {
        let line = page.line(index);
        let (stamp, user, words) = unprefixed(&line);
        if let Some(called) = command(words) {
            document.events.extend(run.take().and_then(|r| r.event(page)));
            run = Some(Run { user, ..called });
        } else if let Some(play) = heading(words, &["PLAY ", "PLAY RECAP"]) {
            let before = run.take();
            // Plays of one call bring what the call says.
            let (version, sha) = before.as_ref().map(|r| (r.version.clone(), r.sha.clone())).unwrap_or_default();
            document.events.extend(before.and_then(|r| r.event(page)));
            run = Some(Run { play, user, version, sha, ..Run::default() });
        } else if let Some(run) = &mut run {
            match heading(words, &["TASK ", "RUNNING HANDLER "]) {
                Some(name) => run.begin(name, stamp, index),
                None => run.take(words, index),
            }
        }
        document.texts.extend(page.record(index));
    }
    document.events.extend(run.and_then(|r| r.event(page)));
    let placed: Vec<u64> = document.events.iter().flat_map(|e| e.place.line..=e.place.last_line).collect();
    document.texts.retain(|(place, _)| !placed.contains(&place.line));
    document.records = (document.events.len() + document.texts.len()) as u64;
    (!document.events.is_empty()).then_some(document)
}

/// Whether a play and a task are announced near the beginning.
pub fn is_likely(page: &Page<'_>) -> bool {
    let begins = |starts: &[&str]| (0..page.len().min(40)).any(|i| heading(unprefixed(&page.line(i)).2, starts).is_some());
    let is_called = || (0..page.len().min(40)).any(|i| command(unprefixed(&page.line(i)).2).is_some());
    begins(&["TASK "]) && (begins(&["PLAY "]) || is_called())
}

/// A play: what its tasks changed, from the first that did to the last.
#[derive(Default)]
struct Run {
    play: String,
    user: Option<String>,
    /// What the call was given: `-e version=1.2.3`, `-e rev=87a3a5e`.
    version: Option<String>,
    sha: Option<String>,
    /// The task that runs, its time and its line.
    task: String,
    at: Option<Stamp>,
    line: usize,
    /// The tasks that changed something or failed, with when and where the first began.
    done: Vec<String>,
    role: Option<String>,
    begun: Option<(Option<Stamp>, usize)>,
    last: usize,
    ended: Option<Stamp>,
    hosts: BTreeSet<String>,
    failed: bool,
}

impl Run {
    fn begin(&mut self, name: String, stamp: Option<Stamp>, index: usize) {
        (self.task, self.at, self.line) = (name, stamp, index);
    }

    fn take(&mut self, words: &str, index: usize) {
        let host = |rest: &str| rest.strip_prefix('[').and_then(|r| r.split(']').next()).map(str::to_string);
        let told = [("changed: ", false), ("fatal: ", true)];
        let found = told.iter().find_map(|(start, failed)| Some((words.strip_prefix(start).and_then(host)?, *failed)));
        let Some((host, failed)) = found.filter(|_| !self.task.is_empty()) else {
            self.at = self.at.or_else(|| printed(words));
            return;
        };
        self.begun.get_or_insert((self.at, self.line));
        (self.last, self.ended) = (index, self.at);
        self.failed |= failed;
        self.hosts.insert(host);
        if self.role.is_none() {
            self.role = self.task.split_once(" : ").map(|(role, _)| role.to_string());
        }
        let words = if failed { format!("{} (failed)", self.task) } else { self.task.clone() };
        if self.done.last() != Some(&words) {
            self.done.push(words);
        }
    }

    fn event(self, page: &Page<'_>) -> Option<Event> {
        let (stamp, first) = self.begun?;
        let hosts: Vec<String> = self.hosts.into_iter().collect();
        let deploy = Deploy {
            service: self.role.or(Some(self.play).filter(|play| !play.is_empty() && !play.contains(' '))),
            version: self.version,
            sha: self.sha,
            phase: if self.failed { ChangePhase::Failed } else { ChangePhase::Started },
            finished: self.ended.filter(|end| Some(*end) > stamp),
            rollback: false,
            environment: None,
            actor: self.user,
            kind: "config".into(),
            text: format!("{} on {}", self.done.join("; "), hosts.join(", ")),
        };
        Some(Event { place: page.place(first, self.last), stamp, body: Body::Deploy(deploy) })
    }
}

/// `ansible-playbook cart.yml -e version=1.2.3`: the play is called by its file where nothing else names it.
fn command(words: &str) -> Option<Run> {
    const VERSIONS: [&str; 5] = ["version", "app_version", "tag", "image_tag", "release"];
    const COMMITS: [&str; 6] = ["rev", "revision", "commit", "sha", "git_sha", "git_rev"];
    let rest = words.strip_prefix("$ ").unwrap_or(words).strip_prefix("ansible-playbook ")?;
    let mut play = None;
    let mut run = Run::default();
    for word in rest.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')).filter(|word| !word.is_empty()) {
        let file = word.strip_suffix(".yml").or(word.strip_suffix(".yaml"));
        match (word.split_once('='), file) {
            (Some((key, value)), _) if VERSIONS.contains(&key) => run.version = Some(value.to_string()),
            (Some((key, value)), _) if COMMITS.contains(&key) => run.sha = sha(value),
            (None, Some(file)) if play.is_none() => play = file.rsplit('/').next().map(str::to_string),
            _ => {}
        }
    }
    Some(Run { play: play.filter(|play| play != "site" && play != "main").unwrap_or_default(), ..run })
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
    static FRONT: LazyLock<Option<Expression>> =
        LazyLock::new(|| Expression::new(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) p=\d+ u=(\S+) n=ansible \S*\s?\|\s*").ok());
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
        let words = "dns : render the zones; dns : restart (failed) on ns1, ns2";
        assert_eq!(check(text), [(words.into(), Some("dns".into()), ChangePhase::Failed, Some(5), 9, 16)]);
        let log = "2025-01-01 00:00:01,120 p=44 u=ann n=ansible | PLAY [db] ****\n2025-01-01 00:00:05,022 p=44 u=ann n=ansible | TASK [Set connections] ****\n2025-01-01 00:00:07,122 p=44 u=ann n=ansible | changed: [db-0]\n";
        assert_eq!(check(log), [("Set connections on db-0".into(), Some("db".into()), ChangePhase::Started, Some(5), 2, 3)]);
    }

    #[test]
    fn a_call_names_its_play_and_what_it_brings() {
        let call = |file: &str, more: &str| {
            format!(
                "2025-01-01 00:00:01,120 p=44 u=ann n=ansible | ansible-playbook {file} {more}\n2025-01-01 00:00:05,022 p=44 u=ann n=ansible | TASK [Set connections] ****\n2025-01-01 00:00:07,122 p=44 u=ann n=ansible | changed: [db-0]\n"
            )
        };
        let read = |text: &str| {
            let document = read_whole("run.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("output");
            let brought = document.events.into_iter().map(|e| match e.body {
                Body::Deploy(d) => (d.service, d.version, d.sha),
                other => panic!("{other:?}"),
            });
            brought.collect::<Vec<_>>()
        };
        assert_eq!(
            read(&call("-i prod plays/pool.yml", "-e rev=87a3a5e41cbd -e size=4")),
            [(Some("pool".into()), None, Some("87a3a5e41cbd".into()))]
        );
        assert_eq!(read(&call("site.yml", "--extra-vars \"version=1.4.2\"")), [(None, Some("1.4.2".into()), None)]);
        let in_order = call("pool.yml", "").replace("changed:", "ok:");
        assert!(read_whole("run.txt", SourceId { input: 0, entry: 0 }, in_order.as_bytes()).is_none_or(|d| d.events.is_empty()));
    }
}
