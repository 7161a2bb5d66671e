//! Release notes of a program: a heading for each version with the time at which it was released, and what it brought.
//!
//! A heading with a day and no time of day says too little to be laid beside an incident, so such notes are left as text. It
//! must never take headings of a postmortem or a diary for releases: each heading is a version. What breaks it: notes that
//! are dated by when they were written.

use std::sync::LazyLock;

use evidence::{Body, ChangePhase, Deploy, Event, Stamp};
use expressions::Expression;

use super::page::Page;
use super::{Document, when, zones};

/// Lines in which the first release has to stand.
const LOOK: usize = 40;
/// Titles that name no program.
const TITLES: [&str; 6] = ["changelog", "change log", "releases", "release notes", "history", "what's new"];

/// Reads such notes; `None` when the text is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    is_likely(page).then_some(())?;
    let mut document = Document { format: "release_notes".into(), ..Document::default() };
    let heads: Vec<(usize, String, Stamp)> =
        (0..page.len()).filter_map(|i| heading(&page.line(i)).map(|(version, at)| (i, version, at))).collect();
    let first = heads.first()?.0;
    document.texts.extend((0..first).filter_map(|i| page.record(i)));
    let service = (0..first).find_map(|i| title(&page.line(i)));
    for (n, (index, version, at)) in heads.iter().enumerate() {
        let end = heads.get(n + 1).map_or(page.len(), |next| next.0);
        let last = page.last_full(*index, end);
        let words: Vec<String> = (index + 1..=last).map(|i| page.line(i).trim().to_string()).filter(|l| !l.is_empty()).collect();
        let deploy = Deploy {
            service: service.clone(),
            version: Some(version.clone()),
            sha: None,
            phase: ChangePhase::Finished,
            finished: None,
            rollback: false,
            environment: None,
            actor: None,
            kind: "deploy".into(),
            text: words.join("\n"),
        };
        document.events.push(Event { place: page.place(*index, last), stamp: Some(*at), body: Body::Deploy(deploy) });
    }
    document.records = (document.events.len() + document.texts.len()) as u64;
    Some(document)
}

/// Whether every second heading near the beginning is a version with its time.
pub fn is_likely(page: &Page<'_>) -> bool {
    let lines = || (0..page.len().min(LOOK)).map(|i| page.line(i));
    let second = lines().filter(|line| line.starts_with("## ")).count();
    second > 0 && lines().filter(|line| line.starts_with("## ")).all(|line| heading(&line).is_some())
}

/// `## 1.12.4 - 2025-09-02 17:20 UTC`, `## [v2.4] (2025-09-02T17:20:00Z)`.
fn heading(line: &str) -> Option<(String, Stamp)> {
    static HEADING: LazyLock<Option<Expression>> = LazyLock::new(|| {
        let time = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?";
        Expression::new(&format!(
            r"^## \[?v?(\d+(?:\.\d+){{1,3}}[\w.+-]*)\]?\s*[-–—,:(]*\s*({time})(?: ?(Z|[+-]\d\d:?\d\d|[A-Z]{{3,4}}))?\)?\s*$"
        ))
        .ok()
    });
    let found = HEADING.as_ref()?.captures(line)?;
    let zone = found.get(3).map_or("", |zone| zone.as_str());
    let written = when::read(&format!("{}{zone}", &found[2])).filter(|_| !zone.starts_with(char::is_alphabetic) || zone == "Z");
    let named = || Some(zones::at(when::read(&found[2])?, zones::abbreviated(zone)?, None));
    let stamp = written.or_else(named).or_else(|| when::read(&found[2]))?;
    Some((found[1].to_string(), stamp))
}

/// The program that a title of one word names.
fn title(line: &str) -> Option<String> {
    let words = line.strip_prefix("# ")?.trim();
    let name =
        TITLES.iter().find_map(|title| words.to_lowercase().ends_with(title).then(|| words[..words.len() - title.len()].trim()));
    let name = name.unwrap_or(words).trim_end_matches([':', '-', '–']).trim_end();
    (!name.is_empty() && !name.contains(' ')).then(|| name.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::{read_whole, sniff};
    use super::*;
    use evidence::{Basis, SourceId};

    fn told(text: &str) -> Vec<(Option<String>, Option<String>, Option<(i64, Basis)>, String)> {
        let Some(document) = read_whole("r.md", SourceId { input: 0, entry: 0 }, text.as_bytes()) else { return Vec::new() };
        let releases = document.events.into_iter().map(|e| match e.body {
            Body::Deploy(d) => (d.service, d.version, e.stamp.map(|s| (s.micros / 1_000_000 - 1_735_689_600, s.basis)), d.text),
            other => panic!("{other:?}"),
        });
        releases.collect()
    }

    #[test]
    fn a_heading_with_version_and_time_is_a_release() {
        let text =
            "# cart\n\n## 2.4.1 - 2025-01-01 01:00 CET\n- keepalive 60 s -> 240 s\n\n## v2.4 - 2025-01-01 00:00:05Z\n- first\n";
        assert!(sniff("r.md", text.as_bytes(), true));
        let (cart, version) = (|| Some("cart".to_string()), |v: &str| Some(v.to_string()));
        let expected = [
            (cart(), version("2.4.1"), Some((0, Basis::Zoned)), "- keepalive 60 s -> 240 s".to_string()),
            (cart(), version("2.4"), Some((5, Basis::Zoned)), "- first".to_string()),
        ];
        assert_eq!(told(text), expected);
    }

    #[test]
    fn days_without_a_time_and_headings_of_other_texts_are_none() {
        for text in [
            "# Changelog\n\n## [2.4.1] - 2025-01-01\n- first\n",
            "# Outage\n\n## Summary\nwe were down\n\n## 2.4.1 - 2025-01-01 00:10 UTC\nrolled back\n",
        ] {
            assert_eq!(told(text), [], "{text}");
        }
    }
}
