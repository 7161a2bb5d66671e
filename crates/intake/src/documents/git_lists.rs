//! Commits as `git log --graph` draws them, and one a line with their times.
//!
//! A graph is read as the log that it is without its lines. It must never take a log with ids for commits: each line begins
//! with an id of its own, none twice, and times run backwards. What breaks it: a format of one's own without a time.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use evidence::{Body, Commit, Event, RecordRef, Stamp};
use expressions::Expression;

use super::changes::sha;
use super::page::Page;
use super::{Document, diffs, when};

/// Lines by which a list is judged, and that it may have.
const LOOK: usize = 60;
const MOST: usize = 5_000;

/// Reads such a list; `None` when it is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    if is_graph(page) {
        return graph(page);
    }
    if !is_list(page) {
        return None;
    }
    let mut document = Document { format: "git_log".into(), ..Document::default() };
    for index in 0..page.len() {
        match commit(&page.line(index)) {
            Some((stamp, commit)) => {
                let place = page.place(index, index);
                document.events.push(Event { place, stamp: Some(stamp), body: Body::Commit(commit) });
            }
            None => document.texts.extend(page.record(index)),
        }
    }
    document.records = (document.events.len() + document.texts.len()) as u64;
    Some(document)
}

/// Whether a text begins like such a list.
pub fn is_likely(page: &Page<'_>) -> bool {
    is_graph(page) || is_list(page)
}

/// A line without what draws the graph in front of it.
fn ungraphed(line: &str) -> &str {
    line.trim_start_matches(['*', '|', '\\', '/', '_', ' ', '-', '.'])
}

fn is_graph(page: &Page<'_>) -> bool {
    let first = (0..page.len()).find(|i| !page.is_blank(*i) && !page.line(*i).starts_with("$ "));
    first.is_some_and(|i| {
        let line = page.line(i);
        let id = ungraphed(&line).strip_prefix("commit ").and_then(|rest| rest.split(' ').next());
        let below = page.line(i + 1);
        let next = ungraphed(&below);
        line.starts_with('*') && id.and_then(sha).is_some() && (next.starts_with("Author:") || next.starts_with("Merge:"))
    })
}

fn graph(page: &Page<'_>) -> Option<Document> {
    let mut text = String::new();
    for index in 0..page.len().min(MOST) {
        let line = page.line(index);
        let bare = ungraphed(&line);
        // Words of a commit stand apart from its head.
        let is_head = ["commit ", "Author", "Date:", "Merge:", "Commit"].iter().any(|start| bare.starts_with(start));
        text.push_str(if is_head || bare.is_empty() { "" } else { "    " });
        text.push_str(bare);
        text.push('\n');
    }
    let plain = Page::new(page.source, text.as_bytes());
    let mut document = diffs::read(&plain)?;
    let moved = |place: RecordRef| page.place(place.line as usize - 1, place.last_line as usize - 1);
    document.events.iter_mut().for_each(|event| event.place = moved(event.place));
    document.texts.iter_mut().for_each(|(place, _)| *place = moved(*place));
    document.texts.extend((MOST..page.len()).filter_map(|i| page.record(i)));
    Some(document)
}

fn is_list(page: &Page<'_>) -> bool {
    let full = (0..page.len().min(LOOK)).filter(|i| !page.is_blank(*i) && !page.line(*i).starts_with("$ "));
    let Some(found) = full.map(|i| commit(&page.line(i))).collect::<Option<Vec<_>>>() else { return false };
    let ids: BTreeSet<&str> = found.iter().map(|(_, commit)| commit.sha.as_str()).collect();
    let lengths: BTreeSet<usize> = ids.iter().map(|id| id.len()).collect();
    let backwards = found.windows(2).all(|pair| pair[0].0.micros >= pair[1].0.micros);
    let apart = found.windows(2).any(|pair| pair[0].0.micros > pair[1].0.micros);
    found.len() >= 2 && ids.len() == found.len() && lengths.len() <= 2 && backwards && apart && page.len() <= MOST
}

/// `0a1b2c3 2025-01-01 00:00:05 +0100 words`, `0a1b2c3|Ann Lee|2025-01-01 00:00:05 +0100|words`.
fn commit(line: &str) -> Option<(Stamp, Commit)> {
    static TIME: LazyLock<Option<Expression>> = LazyLock::new(|| {
        let iso = r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2})?(?: ?(?:Z|[+-]\d{2}:?\d{2}))?";
        let words = r"[A-Z][a-z]{2},? (?:[A-Z][a-z]{2} )?\d{1,2} (?:[A-Z][a-z]{2} \d{4} )?\d{2}:\d{2}:\d{2}(?: \d{4})? [+-]\d{4}";
        Expression::new(&format!("{iso}|{words}")).ok()
    });
    let bare = ungraphed(line);
    let id = bare.split([' ', '|', '\t', ';', ',']).next()?;
    let sha = sha(id).filter(|_| id.bytes().all(|b| !b.is_ascii_uppercase()) && id.len() <= 40)?;
    let rest = &bare[id.len()..];
    let found = TIME.as_ref()?.find(rest)?;
    let stamp = when::read(found.as_str())?;
    let ends = [' ', '|', '\t', ';', ',', '-', '(', ')', '[', ']', ':'];
    let (before, after) = (rest[..found.start()].trim_matches(ends), rest[found.end()..].trim_start_matches(ends).trim_end());
    // Who it was stands between the id and the time, or at the end in brackets.
    let bracketed = rest.trim_end().strip_suffix(']').and_then(|rest| rest.rsplit_once(" [")).map(|(_, who)| who);
    let is_name = |who: &&str| !who.is_empty() && who.split(' ').count() <= 3 && !who.contains("->");
    let author = Some(before).filter(is_name).or(bracketed).unwrap_or_default();
    let message = after.strip_suffix(&format!("[{author}]")).unwrap_or(after).trim();
    let message =
        message.split_once('|').filter(|(who, _)| author.is_empty() && is_name(&who.trim())).map_or(message, |(_, m)| m);
    (message.split_whitespace().count() >= 2).then(|| {
        let (author, message) = (author.to_string(), message.trim().to_string());
        (stamp, Commit { sha, author, message, ..Commit::default() })
    })
}

#[cfg(test)]
mod tests {
    use super::super::{read_whole, sniff};
    use super::*;
    use evidence::SourceId;

    /// Id, author, words, seconds since the beginning of 2025, line.
    type Told = (String, String, String, i64, u64);

    fn check(text: &str) -> Vec<Told> {
        assert!(sniff("g.txt", text.as_bytes(), true), "{text}");
        let document = read_whole("g.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a list");
        let told = document.events.into_iter().map(|e| match e.body {
            Body::Commit(c) => {
                (c.sha, c.author, c.message, e.stamp.map_or(0, |s| s.micros / 1_000_000 - 1_735_689_600), e.place.line)
            }
            other => panic!("{other:?}"),
        });
        told.collect()
    }

    fn told(sha: &str, author: &str, words: &str, at: i64, line: u64) -> Told {
        (sha.into(), author.into(), words.into(), at, line)
    }

    #[test]
    fn a_graph_is_the_log_without_its_lines() {
        let text = "*   commit 0a1b2c3d4e (HEAD -> main)\n|\\  Merge: 1a1b2c3 2a1b2c3\n| | Author: Ann Lee <ann@a.example>\n| | Date:   Wed Jan 1 01:00:05 2025 +0100\n| | \n| |     Merge the pool\n| | \n| * commit 1a1b2c3d4e\n|/  Author: Bo <bo@a.example>\n|   Date:   Wed Jan 1 00:50:05 2025 +0100\n|   \n|       Smaller pool\n|   \n* commit 2a1b2c3d4e\n  Author: Bo <bo@a.example>\n  Date:   Wed Jan 1 00:40:05 2025 +0100\n  \n      Before\n";
        let expected = [
            told("0a1b2c3d4e", "Ann Lee", "Merge the pool", 5, 1),
            told("1a1b2c3d4e", "Bo", "Smaller pool", -595, 8),
            told("2a1b2c3d4e", "Bo", "Before", -1_195, 14),
        ];
        assert_eq!(check(text), expected);
    }

    #[test]
    fn commits_one_a_line() {
        let plain = "$ git log --format='%h %ci %s'\n0a1b2c3 2025-01-01 01:00:05 +0100 Smaller pool (#8)\n1a1b2c3 2024-12-31 23:59:05 +0000 Add metrics\n";
        let expected = [told("0a1b2c3", "", "Smaller pool (#8)", 5, 2), told("1a1b2c3", "", "Add metrics", -55, 3)];
        assert_eq!(check(plain).into_iter().map(|t| (t.0, t.3, t.4)).collect::<Vec<_>>(), expected.map(|t| (t.0, t.3, t.4)));
        let cut = "0a1b2c3|Ann Lee|2025-01-01 01:00:05 +0100|Smaller pool\n1a1b2c3|Bo|2024-12-31 23:59:05 +0000|Add metrics\n";
        let expected = [told("0a1b2c3", "Ann Lee", "Smaller pool", 5, 1), told("1a1b2c3", "Bo", "Add metrics", -55, 2)];
        assert_eq!(check(cut), expected);
    }

    #[test]
    fn a_log_with_ids_is_none() {
        for text in [
            "0a1b2c3d 2025-01-01 00:00:05 request was taken\n0a1b2c3d 2025-01-01 00:00:04 request is over\n",
            "0a1b2c3d 2025-01-01 00:00:05 request was taken\n1a1b2c3d 2025-01-01 00:00:06 request was taken\n",
            "2025-01-01 00:00:05 0a1b2c3d request was taken\n2025-01-01 00:00:04 1a1b2c3d request was taken\n",
        ] {
            assert!(!is_likely(&Page::new(SourceId { input: 0, entry: 0 }, text.as_bytes())), "{text}");
        }
    }
}
