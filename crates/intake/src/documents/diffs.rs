//! Unified diffs: within one text, as `git log -p`, `git show`, `git format-patch`, or bare.
//!
//! It must never read a dash of prose for a removed line: outside of a hunk nothing is taken. A diff without file headers
//! goes to the file its hunk headers name, else to the first changed file that is no test.

use std::borrow::Cow;

use evidence::{Body, Commit, Event, FileDiff, Stamp};

use super::changes::sha;
use super::page::Page;
use super::{Document, when};

/// Reads a text of commits or a bare diff; `None` when it is neither.
pub fn read(page: &Page<'_>) -> Option<Document> {
    let first = (0..page.len()).find(|i| !page.is_blank(*i))?;
    let starts: Vec<usize> = (first..page.len()).filter(|i| is_commit(page, *i)).collect();
    if starts.is_empty() && !is_diff(page, first) {
        return None;
    }
    let format = if starts.is_empty() { "diff" } else { "git_log" };
    let mut document = Document { format: format.into(), ..Document::default() };
    let begin = starts.first().copied().unwrap_or(first);
    document.texts.extend((first..begin).filter_map(|i| page.record(i)));
    let starts = if starts.is_empty() { vec![first] } else { starts };
    for (n, start) in starts.iter().enumerate() {
        let end = starts.get(n + 1).copied().unwrap_or(page.len());
        document.events.push(commit(page, *start, end));
    }
    document.records = (document.events.len() + document.texts.len()) as u64;
    Some(document)
}

/// Whether the first lines of a text are those of a commit or a diff.
pub fn is_likely(page: &Page<'_>) -> bool {
    let Some(first) = (0..page.len()).find(|i| !page.is_blank(*i)) else { return false };
    (first..page.len().min(first + 12)).any(|i| is_commit(page, i)) || is_diff(page, first)
}

/// Gives each file its part of one diff.
pub fn attach(files: &mut Vec<FileDiff>, diff: &str) {
    let mut parts: Vec<(Option<String>, String)> = Vec::new();
    let lines: Vec<&str> = diff.lines().collect();
    for (i, line) in lines.iter().enumerate() {
        if let Some(path) = header(line, lines.get(i + 1).copied().unwrap_or_default(), files) {
            if parts.last().is_none_or(|(p, _)| p.as_ref() != Some(&path)) {
                parts.push((Some(path), String::new()));
            }
        } else if parts.is_empty() {
            parts.push((None, String::new()));
        }
        let is_removed = line.starts_with("--- ") && !lines.get(i + 1).is_some_and(|n| n.starts_with("+++ "));
        if (!is_file_header(line) || is_removed)
            && let Some((_, text)) = parts.last_mut()
        {
            text.push_str(line);
            text.push('\n');
        }
    }
    for (path, text) in parts {
        let text = text.trim_end_matches('\n');
        if !text.is_empty() {
            place_part(files, path, text);
        }
    }
}

/// The file that a line of a diff announces.
fn header(line: &str, next: &str, files: &[FileDiff]) -> Option<String> {
    if let Some(rest) = line.strip_prefix("diff --git ") {
        return rest.split_once(" b/").map(|(_, path)| path.trim_matches('"').to_string());
    }
    if let Some(path) = line.strip_prefix("+++ ") {
        let path = path.split('\t').next().unwrap_or(path).trim();
        return (path != "/dev/null").then(|| path.strip_prefix("b/").unwrap_or(path).to_string());
    }
    if let Some(path) = line.strip_prefix("--- ").filter(|_| next.starts_with("+++ /dev/null")) {
        return Some(path.strip_prefix("a/").unwrap_or(path).trim().to_string());
    }
    if !line.starts_with("@@") {
        return None;
    }
    files
        .iter()
        .filter(|f| line.contains(f.path.as_str()) && !f.path.is_empty())
        .max_by_key(|f| f.path.len())
        .map(|f| f.path.clone())
}

fn place_part(files: &mut Vec<FileDiff>, path: Option<String>, text: &str) {
    let is_test = |p: &str| ["test", "spec", "docs/", ".md", "golden", "lock"].iter().any(|w| p.contains(w));
    let index = match &path {
        Some(path) => files.iter().position(|f| f.path == *path),
        None => files.iter().position(|f| !is_test(&f.path)).or(if files.is_empty() { None } else { Some(0) }),
    };
    match index.and_then(|i| files.get_mut(i)) {
        Some(file) if file.patch.is_empty() => file.patch = text.to_string(),
        Some(file) => file.patch = format!("{}\n{text}", file.patch),
        None => files.push(FileDiff { path: path.unwrap_or_default(), patch: text.to_string() }),
    }
}

fn is_file_header(line: &str) -> bool {
    let cues = [
        "diff --git ",
        "index ",
        "--- ",
        "+++ ",
        "new file mode",
        "deleted file mode",
        "old mode",
        "new mode",
        "similarity index",
        "rename from",
        "rename to",
        "Binary files",
    ];
    cues.iter().any(|c| line.starts_with(c))
}

/// A line that begins a commit, with the lines that belong to it next.
fn is_commit(page: &Page<'_>, index: usize) -> bool {
    let line = page.line(index);
    if let Some(rest) = line.strip_prefix("commit ") {
        let id = rest.split(' ').next().unwrap_or_default();
        let follows = ["Author:", "Merge:", "tree ", "author ", "AuthorDate:"];
        return sha(id).is_some() && follows.iter().any(|f| page.line(index + 1).starts_with(f));
    }
    let id = line.strip_prefix("From ").and_then(|r| r.split(' ').next()).unwrap_or_default();
    sha(id).is_some_and(|s| s.len() >= 40) && page.line(index + 1).starts_with("From: ")
}

fn is_diff(page: &Page<'_>, first: usize) -> bool {
    if page.line(first).starts_with("diff --git ") {
        return true;
    }
    (first..page.len().min(first + 6))
        .any(|i| page.line(i).starts_with("--- ") && page.line(i + 1).starts_with("+++ ") && page.line(i + 2).starts_with("@@ "))
}

fn commit(page: &Page<'_>, start: usize, end: usize) -> Event {
    let last = page.last_full(start, end);
    let body_from = (start..=last).find(|i| is_patch_start(&page.line(*i))).unwrap_or(last + 1);
    let (mut commit, stamp) = head(page, start, body_from);
    let diff: Vec<Cow<'_, str>> = (body_from..=last).map(|i| page.line(i)).collect();
    let diff = diff.join("\n");
    attach(&mut commit.files, diff.split("\n-- \n").next().unwrap_or_default());
    Event { place: page.place(start, last), stamp, body: Body::Commit(commit) }
}

fn is_patch_start(line: &str) -> bool {
    line.starts_with("diff --git ") || line.starts_with("--- a/") || line.starts_with("--- /dev/null") || line.starts_with("@@ -")
}

/// Id, author, time and message, from the lines before the first diff.
fn head(page: &Page<'_>, start: usize, end: usize) -> (Commit, Option<Stamp>) {
    let mut commit = Commit::default();
    let mut stamp = None;
    let mut message: Vec<String> = Vec::new();
    let mut in_head = true;
    for index in start..end {
        let line = page.line(index);
        let value = |name: &str| line.strip_prefix(name).map(str::trim).filter(|_| in_head);
        if let Some(rest) = value("commit ").or_else(|| value("From ")) {
            commit.sha = sha(rest.split(' ').next().unwrap_or_default()).unwrap_or_default();
        } else if let Some(author) = value("Author:").or_else(|| value("From:")) {
            let (name, address) = author.split_once(" <").unwrap_or((author, ""));
            commit.author = name.to_string();
            commit.email = address.split_once('>').map(|(address, _)| address.to_string());
        } else if let Some(date) = value("CommitDate:").or_else(|| value("Date:")).or_else(|| value("AuthorDate:")) {
            stamp = when::read(date).or(stamp);
        } else if let Some(subject) = value("Subject:") {
            let subject =
                if subject.starts_with("[PATCH") { subject.split_once("] ").map_or(subject, |(_, s)| s) } else { subject };
            message.push(subject.to_string());
        } else if line.trim().is_empty() {
            in_head = false;
            message.extend((!message.is_empty()).then(String::new));
        } else if line == "---" || line.contains(" | ") && line.starts_with(' ') && !line.starts_with("    ") {
            break;
        } else if !in_head {
            message.push(line.strip_prefix("    ").unwrap_or(&line).to_string());
        }
    }
    commit.message = message.join("\n").trim().to_string();
    (commit, stamp)
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    fn check(text: &str) -> Vec<Event> {
        read_whole("x.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a document").events
    }

    #[test]
    fn a_log_with_patches() {
        let text = "commit 100d04d4934fe4c2ec89d1c27a5fa5208ccdb970\nAuthor: Mira <m@example.com>\nDate:   Wed Sep 17 09:00:00 2025 +0000\n\n    larger table\n\n    more words\n\ndiff --git a/x.yaml b/x.yaml\nindex 1..2 100644\n--- a/x.yaml\n+++ b/x.yaml\n@@ -1 +1 @@\n-a\n+b\n\ncommit 200d04d4934fe4c2ec89d1c27a5fa5208ccdb970\nAuthor: Bo <b@example.com>\nDate:   Wed Sep 17 08:00:00 2025 +0000\n\n    other\n";
        let seen = check(text);
        let Body::Commit(first) = &seen[0].body else { panic!("a commit") };
        assert_eq!((first.author.as_str(), first.message.as_str()), ("Mira", "larger table\n\nmore words"));
        assert_eq!(first.files, [FileDiff { path: "x.yaml".into(), patch: "@@ -1 +1 @@\n-a\n+b".into() }]);
        assert_eq!((seen.len(), seen[0].place.line, seen[0].place.last_line, seen[1].place.line), (2, 1, 15, 17));
        assert!(seen[0].stamp > seen[1].stamp);
    }

    #[test]
    fn a_bare_diff_has_no_id() {
        let seen = check("--- a/x.go\n+++ b/x.go\n@@ -1 +1 @@\n-a\n+b\n");
        let Body::Commit(only) = &seen[0].body else { panic!("a commit") };
        assert_eq!((only.sha.as_str(), only.files[0].path.as_str()), ("", "x.go"));
    }

    #[test]
    fn a_hunk_header_may_name_its_file() {
        let mut files = vec![
            FileDiff { path: "a/x.css".into(), ..FileDiff::default() },
            FileDiff { path: "b/y.go".into(), ..FileDiff::default() },
        ];
        attach(&mut files, "@@ b/y.go: func Y\n+one\n@@ a/x.css\n+two");
        assert_eq!((files[0].patch.as_str(), files[1].patch.as_str()), ("@@ a/x.css\n+two", "@@ b/y.go: func Y\n+one"));
    }
}
