//! `revisions.log` of Capistrano: a line for each release, which is numbered by its time in UTC, and for each way back.
//!
//! What a house adds behind a semicolon as `key=value` counts, too. It must never place a way back at the time of the release that
//! it goes back to. What breaks it: ways back, of which the tool itself writes no time; they are told without one.

use std::sync::LazyLock;

use evidence::{Body, ChangePhase, Deploy, Event, Stamp};
use expressions::Expression;

use super::changes::sha;
use super::page::Page;
use super::{Document, when};

/// Reads such a log; `None` when the text is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    is_likely(page).then_some(())?;
    let mut document = Document { format: "capistrano".into(), ..Document::default() };
    for index in 0..page.len() {
        match line(&page.line(index)) {
            Some((stamp, deploy)) => {
                document.events.push(Event { place: page.place(index, index), stamp, body: Body::Deploy(deploy) });
            }
            None => document.texts.extend(page.record(index)),
        }
    }
    document.records = (document.events.len() + document.texts.len()) as u64;
    Some(document)
}

/// Whether all its lines are releases.
pub fn is_likely(page: &Page<'_>) -> bool {
    let mut full = (0..page.len()).filter(|i| !page.is_blank(*i)).take(30).peekable();
    full.peek().is_some() && full.all(|i| line(&page.line(i)).is_some())
}

/// `Branch main (at 0a1b2c3) deployed as release 20250101000005 by ann`, `ann rolled back to release 20250101000005`.
fn line(text: &str) -> Option<(Option<Stamp>, Deploy)> {
    static LINE: LazyLock<Option<Expression>> = LazyLock::new(|| {
        Expression::new(
            r"^(?:Branch (?<branch>\S+) \(at (?<sha>[0-9a-f]{7,40})\) deployed as release (?<release>\d{14}) by (?<who>[^\s;]+)|(?<whom>[^\s;]+) rolled back to release (?<back>\d{14}))\s*(?:;(?<more>.*))?$",
        )
        .ok()
    });
    let found = LINE.as_ref()?.captures(text.trim_end())?;
    let part = |name: &str| found.name(name).map(|m| m.as_str());
    let more = |keys: &[&str]| {
        let pairs = part("more").unwrap_or_default().split([' ', ';', ',']).filter_map(|word| word.split_once('='));
        pairs.into_iter().find(|(key, _)| keys.contains(key)).map(|(_, value)| value.to_string())
    };
    let own = part("release").and_then(numbered);
    let stamp = more(&["time", "at", "date"]).and_then(|time| when::read(&time)).or(own);
    let is_back = part("back").is_some();
    let deploy = Deploy {
        service: more(&["app", "application", "service", "host"]),
        version: more(&["version", "tag"]).or_else(|| part("back").map(str::to_string)),
        sha: part("sha").and_then(sha),
        phase: if own.is_some() && stamp == own { ChangePhase::Started } else { ChangePhase::Finished },
        finished: None,
        rollback: is_back,
        environment: None,
        actor: part("who").or(part("whom")).map(str::to_string),
        kind: "deploy".into(),
        text: text.split(';').next().unwrap_or(text).trim().to_string(),
    };
    Some((stamp, deploy))
}

/// `20250101000005`, in UTC.
fn numbered(release: &str) -> Option<Stamp> {
    let (day, time) = (release.get(..8)?, release.get(8..)?);
    when::read(&format!("{}-{}-{}T{}:{}:{}Z", &day[..4], &day[4..6], &day[6..], &time[..2], &time[2..4], &time[4..]))
}

#[cfg(test)]
mod tests {
    use super::super::{read_whole, sniff};
    use super::*;
    use evidence::SourceId;

    #[test]
    fn releases_are_numbered_by_their_time() {
        let text = "Branch main (at 0a1b2c3d) deployed as release 20250101000005 by ann\n\
            bo rolled back to release 20241231120000\n\
            bo rolled back to release 20241231120000; host=cart time=2025-01-01T00:30:05Z version=2.3\n";
        assert!(sniff("revisions.log", text.as_bytes(), true));
        let document = read_whole("revisions.log", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("releases");
        let told: Vec<_> = document
            .events
            .iter()
            .map(|e| match &e.body {
                Body::Deploy(d) => {
                    let at = e.stamp.map(|s| s.micros / 1_000_000 - 1_735_689_600);
                    (at, d.service.as_deref(), d.version.as_deref(), d.rollback, d.actor.as_deref())
                }
                other => panic!("{other:?}"),
            })
            .collect();
        let expected = [
            (Some(5), None, None, false, Some("ann")),
            (None, None, Some("20241231120000"), true, Some("bo")),
            (Some(1_805), Some("cart"), Some("2.3"), true, Some("bo")),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn what_speaks_of_releases_is_no_such_log() {
        let text = "Branch main (at 0a1b2c3d) deployed as release 20250101000005 by ann\nall is well\n";
        assert!(!is_likely(&Page::new(SourceId { input: 0, entry: 0 }, text.as_bytes())));
    }
}
