//! Lists of what was deployed, one line each: Capistrano's `revisions.log`, lines that end in `deployed by ann`, and
//! what `gh run list` prints, of which only the runs that deploy are told, and what `heroku releases` does.
//!
//! Every line has to be one, or the text is a log. A release of Capistrano is named by the time, in UTC, at which it was
//! made; a line that rolls back names the release it goes back to, and no time of its own. It must never take that for one.

use std::sync::LazyLock;

use evidence::{Basis, Body, ChangePhase, Deploy, Event, Stamp};
use expressions::Expression;

use super::changes::{is_rollback, sha, version_in};
use super::page::Page;
use super::{Document, when};

/// Reads such a list; `None` when the text is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    if !is_likely(page) {
        return None;
    }
    let mut document = Document { format: "revisions".into(), ..Document::default() };
    let mut app = None;
    for index in 0..page.len() {
        app = heading(&page.line(index)).or(app);
        match entry(&page.line(index)) {
            Some((stamp, mut deploy)) => {
                deploy.service = deploy.service.or_else(|| app.clone());
                document.events.push(Event { place: page.place(index, index), stamp, body: Body::Deploy(deploy) });
            }
            None => document.texts.extend(page.record(index)),
        }
    }
    document.records = (document.events.len() + document.texts.len()) as u64;
    Some(document)
}

/// Whether all lines at the beginning are such entries.
pub fn is_likely(page: &Page<'_>) -> bool {
    let is_entry = |i: &usize| !page.is_blank(*i) && !page.line(*i).starts_with('#') && heading(&page.line(*i)).is_none();
    let mut full = (0..page.len().min(50)).filter(is_entry).peekable();
    full.peek().is_some() && full.all(|i| entry(&page.line(i)).is_some() || run(&page.line(i)).is_some())
}

fn entry(line: &str) -> Option<(Option<Stamp>, Deploy)> {
    capistrano(line).or_else(|| signed(line)).or_else(|| deploying(line)).or_else(|| heroku(line))
}

/// `=== cart Releases - Current: v52`: the application that a list of Heroku is of.
fn heading(line: &str) -> Option<String> {
    let (app, rest) = line.strip_prefix("=== ")?.split_once(" Releases")?;
    (rest.is_empty() || rest.starts_with(" - ")).then(|| app.trim().to_string())
}

/// `v52  Deploy 0a1b2c3d  ann@a.example  2025/01/01 00:00:05 +0000 (~ 2h ago)`; a release that goes back is what it goes back to.
fn heroku(line: &str) -> Option<(Option<Stamp>, Deploy)> {
    static RELEASE: LazyLock<Option<Expression>> = LazyLock::new(|| {
        Expression::new(r"^(v\d+)\s+(\S.*?)\s+(\S+@\S+)\s+(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?: [+-]\d{4})?)(?: \(.*\))?\s*$").ok()
    });
    let found = RELEASE.as_ref()?.captures(line.trim())?;
    let (number, words) = (found[1].to_string(), &found[2]);
    let rollback = is_rollback(&[words]);
    let is_config = words.contains("config vars") || words.starts_with("Config ");
    let deploy = Deploy {
        sha: words.split(' ').nth(1).and_then(sha),
        rollback,
        kind: if is_config { "config" } else { "deploy" }.into(),
        text: words.to_string(),
        ..change(None, version_in(words).filter(|_| rollback).or(Some(number)), &found[3], line)
    };
    Some((Some(when::read(&found[4])?), deploy))
}

/// The cells of a run of GitHub Actions, with its time: state, conclusion, title, workflow, branch, event, id, duration.
fn run(line: &str) -> Option<(Vec<&str>, Stamp)> {
    let cells: Vec<&str> = line.split('\t').collect();
    let is_run = cells.len() >= 9 && ["completed", "in_progress", "queued"].contains(&cells[0]);
    is_run.then(|| Some((cells.clone(), when::read(cells.last()?)?)))?
}

/// A run whose title or workflow says that it deploys.
fn deploying(line: &str) -> Option<(Option<Stamp>, Deploy)> {
    let (cells, stamp) = run(line)?;
    let text = format!("{}: {}", cells[3], cells[2]);
    let lower = text.to_lowercase();
    let says = ["deploy", "release", "rollback", "roll back", "rollout"].iter().any(|word| lower.contains(word));
    says.then(|| {
        let deploy = Deploy {
            phase: if cells[1] == "failure" { ChangePhase::Failed } else { ChangePhase::Started },
            rollback: is_rollback(&[&text]),
            actor: None,
            text: text.clone(),
            ..change(None, version_in(cells[2]), "", line)
        };
        (Some(stamp), deploy)
    })
}

/// `Branch main (at 0a1b2c3) deployed as release 20250101000005 by ann`, `ann rolled back to release 20241231000005`.
fn capistrano(line: &str) -> Option<(Option<Stamp>, Deploy)> {
    static OUT: LazyLock<Option<Expression>> =
        LazyLock::new(|| Expression::new(r"^Branch \S+ \(at ([0-9a-f]{7,64})\) deployed as release (\d{14}) by (\S.*)$").ok());
    static BACK: LazyLock<Option<Expression>> =
        LazyLock::new(|| Expression::new(r"^(\S.*) rolled back to release (\d{14})(?: (?:at|on) (\S.*))?\s*$").ok());
    if let Some(found) = OUT.as_ref()?.captures(line.trim()) {
        let deploy = change(None, Some(found[2].to_string()), &found[3], line);
        return Some((Some(time_of(&found[2])?), Deploy { sha: sha(&found[1]), ..deploy }));
    }
    let found = BACK.as_ref()?.captures(line.trim())?;
    // Some teams write when; what stands there and is no time makes the line none of these.
    let stamp = match found.get(3) {
        Some(at) => Some(when::read(at.as_str())?),
        None => None,
    };
    Some((stamp, Deploy { rollback: true, ..change(None, Some(found[2].to_string()), &found[1], line) }))
}

/// `2025-01-01T00:00:05Z cart 0a1b2c3 2.4.1 deployed by ann`.
fn signed(line: &str) -> Option<(Option<Stamp>, Deploy)> {
    let (front, who) = line.trim().rsplit_once(" by ")?;
    let words = ["rolled back", "deployed", "released", "reverted", "promoted"];
    let done = words.iter().find(|word| front.ends_with(**word))?;
    let front = front.trim_end_matches(done).trim();
    let ends = front.match_indices(' ').map(|(at, _)| at).take(3).collect::<Vec<_>>();
    let (stamp, rest) = ends.iter().rev().find_map(|at| Some((when::read(&front[..*at])?, front[*at..].trim())))?;
    let service = rest.split_whitespace().next().filter(|word| !is_version(word))?.to_string();
    let rest = rest[service.len()..].trim();
    let commit = rest.split_whitespace().find_map(sha);
    let version = version_in(rest).or_else(|| rest.split_whitespace().find(|word| is_version(word)).map(str::to_string));
    if who.split_whitespace().count() > 3 || rest.split_whitespace().count() > 6 || version.is_none() && commit.is_none() {
        return None;
    }
    let is_back = matches!(*done, "rolled back" | "reverted");
    Some((Some(stamp), Deploy { sha: commit, rollback: is_back, ..change(Some(service), version, who, line) }))
}

/// `2025.29`, `v7`, `2.4.1-rc1`.
fn is_version(word: &str) -> bool {
    let bare = word.trim_start_matches('v');
    bare.starts_with(|c: char| c.is_ascii_digit()) && (bare.contains('.') || bare.len() < word.len()) && word.len() < 40
}

fn change(service: Option<String>, version: Option<String>, who: &str, line: &str) -> Deploy {
    Deploy {
        service,
        version,
        sha: None,
        phase: ChangePhase::Finished,
        finished: None,
        rollback: false,
        environment: None,
        actor: Some(who.trim().to_string()),
        kind: "deploy".into(),
        text: line.trim().to_string(),
    }
}

/// `20250101000005`.
fn time_of(release: &str) -> Option<Stamp> {
    let part = |from: usize, to: usize| release.get(from..to);
    let iso = format!("{}-{}-{}T{}:{}:{}Z", part(0, 4)?, part(4, 6)?, part(6, 8)?, part(8, 10)?, part(10, 12)?, part(12, 14)?);
    when::read(&iso).filter(|stamp| stamp.basis == Basis::Zoned)
}

#[cfg(test)]
mod tests {
    use super::super::{read_whole, sniff};
    use super::*;
    use evidence::SourceId;

    /// Service, version, who, rollback, seconds since the beginning of 2025.
    type Told = (Option<String>, Option<String>, Option<String>, bool, Option<i64>);

    fn check(text: &str) -> Vec<Told> {
        assert!(sniff("revisions.log", text.as_bytes(), true));
        let document = read_whole("revisions.log", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a list");
        let told = document.events.into_iter().map(|e| match e.body {
            Body::Deploy(d) => (d.service, d.version, d.actor, d.rollback, e.stamp.map(|s| s.micros / 1_000_000 - 1_735_689_600)),
            other => panic!("{other:?}"),
        });
        told.collect()
    }

    fn told(service: Option<&str>, version: &str, who: &str, rollback: bool, at: Option<i64>) -> Told {
        (service.map(str::to_string), Some(version.into()), Some(who.into()), rollback, at)
    }

    #[test]
    fn both_kinds_of_lines() {
        let text =
            "Branch main (at 0a1b2c3d) deployed as release 20250101000005 by ann\nann rolled back to release 20241231000005\n";
        let expected = [told(None, "20250101000005", "ann", false, Some(5)), told(None, "20241231000005", "ann", true, None)];
        assert_eq!(check(text), expected);
        let text = "2025-01-01T01:00:05+01:00 cart 0a1b2c3d 2025.29 deployed by ann\n2025-01-01 00:01:05 UTC cart 2.4.1 rolled back by bo ray\n";
        let expected =
            [told(Some("cart"), "2025.29", "ann", false, Some(5)), told(Some("cart"), "2.4.1", "bo ray", true, Some(65))];
        assert_eq!(check(text), expected);
    }

    #[test]
    fn releases_of_heroku() {
        let text = "=== cart Releases - Current: v52\n\nv52  Deploy 0a1b2c3d           ann@a.example  2025/01/01 01:00:05 +0100 (~ 2h ago)\nv51  Set POOL_SIZE config vars bo@a.example   2025/01/01 00:00:01 +0000 (~ 3h ago)\nv50  Rollback to v48           bo@a.example   2025/01/01 00:00:00 +0000\n";
        let expected = [
            told(Some("cart"), "v52", "ann@a.example", false, Some(5)),
            told(Some("cart"), "v51", "bo@a.example", false, Some(1)),
            told(Some("cart"), "v48", "bo@a.example", true, Some(0)),
        ];
        assert_eq!(check(text), expected);
    }

    #[test]
    fn runs_that_deploy() {
        let text = "completed\tsuccess\tRollback to v3.17.2\tDeploy production\tmain\tpush\t14\t1m54s\t2025-01-01T00:00:05Z\ncompleted\tsuccess\tfix the lint\tCI\tmain\tpush\t13\t1m\t2025-01-01T00:00:01Z\n";
        assert_eq!(check(text), [(None, Some("v3.17.2".into()), None, true, Some(5))]);
    }

    #[test]
    fn a_log_with_one_such_line_is_none() {
        let text = "2025-01-01T00:00:05Z cart 2.4.1 deployed by ann\n2025-01-01T00:00:06Z cart started\n";
        assert!(!sniff("app.log", text.as_bytes(), true));
    }
}
