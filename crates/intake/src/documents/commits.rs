//! Commits as JSON: GitHub and GitLab, lists, comparisons, merged requests, and plain objects with a diff.
//!
//! The files of a comparison whose commits name none belong to its last commit, which is what was released. It must never
//! take an object with an id and a message alone for a commit: an author has to stand there too.

use evidence::{Body, Commit, FileDiff};

use super::changes::{repository_name, sha};
use super::json::El;
use super::{Context, Out, diffs};

const IDS: [&str; 6] = ["sha", "commit_sha", "commit_id", "hash", "id", "commit"];
const TIMES: [&str; 10] = [
    "commit.committer.date",
    "commit.author.date",
    "committed_date",
    "committer.date",
    "timestamp",
    "date",
    "authored_date",
    "author.date",
    "created_at",
    "time",
];

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    if is_request(element) {
        let stamp = element.stamp(&["merged_at", "mergedAt"]);
        if stamp.is_some() {
            out.is("commits");
            out.add(element, stamp, Body::Commit(merged(element)));
        }
        return stamp.is_some();
    }
    if context.is_line {
        return false;
    }
    if element.list("commits").next().is_some_and(is_commit) {
        out.is("commits");
        comparison(element, out);
        return true;
    }
    // A deployment of Azure's App Service is told with its commit.
    if !is_commit(element) || element.has_all(&["deployer", "received_time"]) {
        return false;
    }
    out.is("commits");
    out.add(element, element.stamp(&TIMES), Body::Commit(commit(element, None)));
    true
}

/// A merge request or pull request, merged or not.
fn is_request(element: El<'_>) -> bool {
    element.has("title")
        && element.has_any(&["iid", "number"])
        && (element.has_any(&["merge_commit_sha", "squash_commit_sha", "merged_at", "mergedAt", "mergeCommit"])
            || element.has_all(&["source_branch", "target_branch"]))
}

/// What a request did to the branch it was merged into, as one commit.
pub fn merged(element: El<'_>) -> Commit {
    let ids = ["merge_commit_sha", "mergeCommit.oid", "squash_commit_sha", "sha", "head.sha", "diff_refs.head_sha"];
    let address = element.first(&["html_url", "web_url", "url"]).unwrap_or_default();
    let path = address.split_once("://").map_or(address.as_str(), |(_, rest)| rest).split_once('/').map_or("", |(_, path)| path);
    let end = ["/-/merge_requests", "/merge_requests", "/pull/", "/pulls/"].iter().filter_map(|s| path.find(s)).min();
    let by_address = end.map(|e| path[..e].trim_start_matches("repos/").to_string()).filter(|r| !r.is_empty());
    let repository =
        element.first(&["base.repo.full_name", "repository.full_name", "project.path_with_namespace"]).or(by_address);
    let words = [element.first(&["title"]), element.first(&["description", "body"])];
    Commit {
        sha: ids.iter().find_map(|k| sha(&element.first(&[k])?)).unwrap_or_default(),
        author: element
            .first(&["author.name", "author.username", "author.login", "user.login", "user.name", "author"])
            .unwrap_or_default(),
        email: element.first(&["author.email"]),
        message: words.into_iter().flatten().collect::<Vec<_>>().join("\n\n"),
        service: element.first(&["service"]).or_else(|| repository.as_deref().and_then(repository_name)),
        repository,
        files: files(element),
    }
}

/// Commits in a list, as of a comparison or a push.
pub fn comparison(element: El<'_>, out: &mut Out) {
    let commits: Vec<El<'_>> = element.list("commits").filter(|c| is_commit(*c)).collect();
    let none_has_files = commits.iter().all(|c| !c.has_any(&["files", "files_changed", "diff"]));
    let shared: Vec<FileDiff> = if none_has_files { files(element) } else { Vec::new() };
    let address = element.first(&["url", "html_url", "repository.full_name"]);
    for (i, item) in commits.iter().enumerate() {
        let mut commit = commit(*item, address.as_deref());
        if i + 1 == commits.len() {
            commit.files.extend(shared.iter().cloned());
        }
        out.add(*item, item.stamp(&TIMES), Body::Commit(commit));
    }
}

fn is_commit(element: El<'_>) -> bool {
    let has_id = IDS.iter().any(|k| element.first(&[k]).is_some_and(|t| sha(&t).is_some()));
    let has_author =
        element.has_any(&["author", "author_name", "committer", "author_email"]) || element.dig("commit.author").is_some();
    has_id && has_author && element.first(&["commit.message", "message", "title", "subject"]).is_some()
}

/// One commit; `address` is that of what lists it.
pub fn commit(element: El<'_>, address: Option<&str>) -> Commit {
    let id = IDS.iter().find_map(|k| sha(&element.first(&[k])?)).unwrap_or_default();
    let authors =
        ["commit.author.name", "author.name", "author_name", "author.login", "author", "commit.author.email", "author_email"];
    let repository = element
        .first(&["html_url", "url", "web_url"])
        .and_then(|u| repository(&u))
        .or_else(|| element.first(&["repository.full_name", "repository", "repo", "project"]))
        .or_else(|| address.and_then(repository));
    Commit {
        sha: id,
        author: element.first(&authors).unwrap_or_default(),
        email: element.first(&["commit.author.email", "author.email", "author_email"]),
        message: element.first(&["commit.message", "message", "subject", "title"]).unwrap_or_default(),
        service: element.first(&["service"]).or_else(|| repository.as_deref().and_then(repository_name)),
        repository,
        files: files(element),
    }
}

/// `owner/name` out of an address of a commit or a comparison.
fn repository(url: &str) -> Option<String> {
    let path = match url.split_once("/repos/") {
        Some((_, path)) => path,
        None => url.split_once("://").map_or(url, |(_, rest)| rest).split_once('/')?.1,
    };
    let end = ["/-/", "/commit", "/compare", "/git/", "/tree"].iter().filter_map(|s| path.find(s)).min()?;
    Some(path[..end].to_string()).filter(|r| !r.is_empty())
}

/// Files with their patches; one diff for all of them is cut to the files as far as it says which.
fn files(element: El<'_>) -> Vec<FileDiff> {
    let listed =
        ["files", "files_changed", "changed_files", "diffs", "changes", "modified"].iter().filter_map(|k| element.get(k));
    let listed = listed.filter(|l| l.is_array()).flat_map(El::items);
    let mut files: Vec<FileDiff> = listed.filter_map(file).collect();
    for key in ["added", "removed"] {
        files.extend(element.list(key).filter(|e| e.is_string()).filter_map(file));
    }
    let whole = element.first(&["diff", "patch", "diff_text"]);
    if let Some(diff) = whole {
        diffs::attach(&mut files, &diff);
    }
    files
}

fn file(item: El<'_>) -> Option<FileDiff> {
    let path = item.text().or_else(|| item.first(&["filename", "new_path", "path", "file", "name", "old_path"]))?;
    Some(FileDiff { path, patch: item.first(&["patch", "diff"]).unwrap_or_default() })
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    fn check(text: &str) -> Vec<Commit> {
        let document = read_whole("c.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let seen = document.events.into_iter().map(|e| if let Body::Commit(c) = e.body { c } else { panic!("{e:?}") });
        seen.collect()
    }

    #[test]
    fn a_commit_of_github() {
        let text = r#"{"sha":"100d04d4934fe4c2ec89d1c27a5fa5208ccdb970","commit":{"author":{"name":"Mira","date":"2025-09-17T09:00:00Z"},
            "message":"larger table"},"html_url":"https://github.com/bank/ledger/commit/100d04d4934fe4c2ec89d1c27a5fa5208ccdb970",
            "author":{"login":"mira"},"files":[{"sha":"21af31b","filename":"config/limits.yaml","patch":"@@ -2 +2 @@\n-a\n+b"}]}"#;
        let seen = &check(text)[0];
        assert_eq!((seen.repository.as_deref(), seen.service.as_deref()), (Some("bank/ledger"), Some("ledger")));
        assert_eq!((seen.author.as_str(), seen.files[0].patch.as_str()), ("Mira", "@@ -2 +2 @@\n-a\n+b"));
    }

    #[test]
    fn a_request_is_a_commit_once_it_is_merged() {
        let text = |merged: &str| {
            format!(
                r#"[{{"id":1,"iid":42,"title":"Smaller pool","description":"to save memory","merge_commit_sha":"0a1b2c3d4e5f60718293","sha":"ffeeddccbbaa99887766",
                "author":{{"username":"ann"}},"web_url":"https://git.example.com/shop/cart/-/merge_requests/42","created_at":"2025-01-01T00:00:00Z",
                "merged_at":{merged},"changes":[{{"old_path":"a.yml","new_path":"a.yml","diff":"@@ -1 +1 @@\\n-p: 9\\n+p: 2"}}]}}]"#
            )
        };
        let seen = check(&text("\"2025-01-01T01:00:00Z\""));
        assert_eq!(
            (seen[0].sha.as_str(), seen[0].repository.as_deref(), seen[0].author.as_str()),
            ("0a1b2c3d4e5f60718293", Some("shop/cart"), "ann")
        );
        assert_eq!((seen[0].files[0].path.as_str(), seen[0].message.lines().next()), ("a.yml", Some("Smaller pool")));
        assert!(seen[0].files[0].patch.contains("+p: 2"));
        assert_eq!(check(&text("null")).len(), 0);
        let listed = r#"[{"number":42,"title":"Smaller pool","mergedAt":"2025-01-01T01:00:00Z","mergeCommit":{"oid":"0a1b2c3d4e5f60718293"},"author":{"login":"ann"},"url":"https://github.com/shop/cart/pull/42"}]"#;
        assert_eq!((check(listed)[0].sha.as_str(), check(listed)[0].author.as_str()), ("0a1b2c3d4e5f60718293", "ann"));
    }

    #[test]
    fn a_comparison_with_its_files_at_the_top() {
        let text = r#"{"url":"https://api.github.com/repos/o/n/compare/a...b","commits":[
            {"sha":"aaaaaaa1","commit":{"author":{"name":"x"},"message":"one"}},{"sha":"bbbbbbb2","commit":{"author":{"name":"y"},"message":"two"}}],
            "files":[{"filename":"f.go","patch":"+x"}]}"#;
        let seen = check(text);
        assert_eq!((seen[0].files.len(), seen[1].files.len(), seen[1].repository.as_deref()), (0, 1, Some("o/n")));
    }

    #[test]
    fn one_diff_without_headers_goes_to_the_file_that_is_no_test() {
        let text = r#"[{"sha":"3a1f0c9d2b7e4a6f","author":"j","timestamp":"2026-09-22T10:02:11Z","message":"fix",
            "files_changed":["a_test.go","a.go"],"diff":"@@ func A\n+\tx"}]"#;
        let seen = &check(text)[0].files;
        assert_eq!((seen[0].patch.as_str(), seen[1].patch.as_str()), ("", "@@ func A\n+\tx"));
    }
}
