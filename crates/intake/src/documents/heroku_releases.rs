//! The list that `heroku releases` prints: a heading that names the app, and a release a line, without names of columns.
//!
//! A release that goes back is what it goes back to; one that sets variables is a change of settings. It must never read a line
//! without a version in front. What breaks it: a list whose times somebody cut off.

use std::sync::LazyLock;

use evidence::{Body, ChangePhase, Deploy, Event};
use expressions::Expression;

use super::changes::{is_rollback, sha, version_in};
use super::page::Page;
use super::{Document, when};

/// Reads such a list; `None` when the text is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    let (heading, app) = heading(page)?;
    let mut document = Document { format: "heroku_releases".into(), ..Document::default() };
    document.texts.extend((0..=heading).filter_map(|i| page.record(i)));
    for index in heading + 1..page.len() {
        match row(&page.line(index), &app) {
            Some((stamp, deploy)) => {
                document.events.push(Event { place: page.place(index, index), stamp, body: Body::Deploy(deploy) });
            }
            None => document.texts.extend(page.record(index)),
        }
    }
    document.records = (document.events.len() + document.texts.len()) as u64;
    Some(document)
}

/// Whether a text is such a list.
pub fn is_likely(page: &Page<'_>) -> bool {
    heading(page).is_some()
}

/// The line `=== cart Releases - Current: v12` with a release below, and the app.
fn heading(page: &Page<'_>) -> Option<(usize, String)> {
    static HEADING: LazyLock<Option<Expression>> =
        LazyLock::new(|| Expression::new(r"^=== ?(?:⬢ ?)?([a-z][a-z0-9-]+) Releases(?:$| - )").ok());
    let near = (0..page.len().min(12)).find_map(|i| {
        let line = page.line(i);
        HEADING.as_ref()?.captures(line.trim()).map(|found| (i, found[1].to_string()))
    })?;
    (near.0 + 1..page.len().min(near.0 + 6)).any(|i| row(&page.line(i), &near.1).is_some()).then_some(near)
}

/// `v12  Deploy 0a1b2c3d  ann@a.example  2025/01/01 00:00:05 +0100 (~ 2h ago)`
fn row(line: &str, app: &str) -> Option<(Option<evidence::Stamp>, Deploy)> {
    static ROW: LazyLock<Option<Expression>> = LazyLock::new(|| {
        let time = r"\d{4}/\d{2}/\d{2} \d{2}:\d{2}:\d{2} [+-]\d{4}";
        Expression::new(&format!(r"^\s*(v\d+)\s+(\S.*?)\s{{2,}}(\S+)\s+({time})(?: \(.*\))?\s*$")).ok()
    });
    let found = ROW.as_ref()?.captures(line)?;
    let text = found[2].to_string();
    let goes_back = is_rollback(&[&text]);
    let is_failed = text.to_lowercase().contains("release command failed");
    let stamp = when::read(&found[4].replacen('/', "-", 2))?;
    let deploy = Deploy {
        service: Some(app.to_string()),
        version: version_in(&text).filter(|_| goes_back).or_else(|| Some(found[1].to_string())),
        sha: text.split(' ').nth(1).and_then(sha),
        phase: if is_failed { ChangePhase::Failed } else { ChangePhase::Finished },
        finished: None,
        rollback: goes_back,
        environment: None,
        actor: Some(found[3].to_string()),
        kind: if text.contains("config var") { "config" } else { "deploy" }.into(),
        text,
    };
    Some((Some(stamp), deploy))
}

#[cfg(test)]
mod tests {
    use super::super::{read_whole, sniff};
    use super::*;
    use evidence::SourceId;

    #[test]
    fn a_release_a_line_without_names_of_columns() {
        let text = "$ heroku releases -a cart\n=== cart Releases - Current: v13\n\n\
            v13  Rollback to v11  ann@a.example  2025/01/01 01:10:05 +0100 (~ 2h ago)\n\
            v12  Deploy d4e5f607   bo@a.example   2025/01/01 01:00:05 +0100\n\
            v10  Set POOL config vars  bo@a.example  2024/12/30 09:00:05 +0100\n";
        assert!(sniff("r.txt", text.as_bytes(), true));
        let document = read_whole("r.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a list");
        let told = document.events.iter().map(|e| match &e.body {
            Body::Deploy(d) => {
                let at = e.stamp.map_or(0, |s| s.micros / 1_000_000 - 1_735_689_600);
                let (version, sha) = (d.version.as_deref().unwrap_or_default(), d.sha.as_deref());
                (d.service.as_deref(), version, sha, d.rollback, d.kind.as_str(), at)
            }
            other => panic!("{other:?}"),
        });
        let expected = [
            (Some("cart"), "v11", None, true, "deploy", 605),
            (Some("cart"), "v12", Some("d4e5f607"), false, "deploy", 5),
            (Some("cart"), "v10", None, false, "config", -143_995),
        ];
        assert_eq!(told.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_heading_alone_is_no_list() {
        let text = "=== cart Releases\nwe released on Monday\n";
        assert!(heading(&Page::new(SourceId { input: 0, entry: 0 }, text.as_bytes())).is_none());
    }
}
