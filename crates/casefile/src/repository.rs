//! A git repository as one text: its newest commits with their diffs, in the style of `git log -p --date=iso-strict`.
//!
//! Must never run a program, a filter or a hook, read the working files, or follow the repository's own settings to
//! another place: a repository is input like any other, and hostile. Bounded in commits, days, lines and bytes; what
//! is left out is said in the text. A repository that borrows its objects from elsewhere is refused.

use std::path::{Path, PathBuf};

use gix::diff::blob::unified_diff::{ConsumeHunk, ContextSize, DiffLineKind, HunkHeader};
use gix::diff::blob::{Algorithm, InternedInput, UnifiedDiff, diff_with_slider_heuristics};
use gix::object::tree::diff::ChangeDetached as Change;
use gix::objs::tree::EntryMode;
use gix::revision::walk::Sorting;
use gix::traverse::commit::simple::CommitTimeOrder;
use gix::{Commit, ObjectId, Repository};

const MAX_COMMITS: usize = 300;
const MAX_DAYS: i64 = 14;
/// Lines of the diff of one file.
const MAX_LINES: usize = 400;
/// Bytes of one line.
const MAX_LINE: usize = 2_000;
/// Files of one commit.
const MAX_FILES: usize = 200;
/// Bytes of a file that is compared; a larger one is named only.
const MAX_BLOB: usize = 1 << 20;

/// Is this folder a checkout (`.git` in it) or a bare repository?
pub fn is_one(folder: &Path) -> bool {
    git_dir(folder).is_some()
}

/// The newest commits, newest first. The error is the reason why there are none.
pub fn log(folder: &Path) -> Result<Vec<u8>, String> {
    let git_dir = git_dir(folder).ok_or("it is no git repository")?;
    if ["commondir", "objects/info/alternates"].iter().any(|f| git_dir.join(f).exists()) {
        return Err("the git repository borrows its objects from another place; hand over a full clone".to_string());
    }
    let broken = |e: &dyn std::fmt::Display| format!("the git repository cannot be read: {}", first_line(&e.to_string()));
    let options = gix::open::Options::isolated().strict_config(false);
    let mut repo = gix::open_opts(git_dir, options).map_err(|e| broken(&e))?;
    repo.object_cache_size_if_unset(16 << 20);
    let head = repo.head_id().map_err(|_| "the git repository has no commit yet".to_string())?.detach();
    let mut out = Vec::new();
    for id in newest(&repo, head).map_err(|e| broken(&e))? {
        if let Some(text) = repo.find_commit(id).ok().and_then(|c| commit_text(&repo, &c)) {
            out.extend_from_slice(&text);
        }
    }
    Ok(out)
}

/// Where the objects are: the folder itself or its `.git`. A `.git` that is a file points elsewhere and is not followed.
pub fn git_dir(folder: &Path) -> Option<PathBuf> {
    let dot_git = folder.join(".git");
    if dot_git.is_dir() && !dot_git.is_symlink() && dot_git.join("HEAD").exists() {
        return Some(dot_git);
    }
    let bare = folder.join("HEAD").is_file() && folder.join("objects").is_dir() && folder.join("refs").is_dir();
    bare.then(|| folder.to_path_buf())
}

fn newest(repo: &Repository, head: ObjectId) -> Result<Vec<ObjectId>, gix::Error> {
    let newest = repo.find_commit(head)?.time()?.seconds;
    let seconds = newest.saturating_sub(MAX_DAYS * 86_400);
    let sorting = Sorting::ByCommitTimeCutoff { order: CommitTimeOrder::NewestFirst, seconds };
    let walk = repo.rev_walk([head]).sorting(sorting).all()?;
    Ok(walk.map_while(Result::ok).take(MAX_COMMITS).map(|info| info.id).collect())
}

fn commit_text(repo: &Repository, commit: &Commit<'_>) -> Option<Vec<u8>> {
    let decoded = commit.decode().ok()?;
    let author = decoded.author().ok()?;
    let date = author.time().ok()?.format_or_unix(gix::date::time::format::ISO8601_STRICT);
    let parents: Vec<ObjectId> = decoded.parents().collect();
    let mut out = format!("commit {}\n", commit.id).into_bytes();
    if parents.len() > 1 {
        let short: Vec<String> = parents.iter().map(|p| p.to_hex_with_len(12).to_string()).collect();
        out.extend_from_slice(format!("Merge: {}\n", short.join(" ")).as_bytes());
    }
    out.extend_from_slice(b"Author: ");
    out.extend_from_slice(author.name.trim_ascii());
    out.extend_from_slice(b" <");
    out.extend_from_slice(author.email.trim_ascii());
    out.extend_from_slice(format!(">\nDate:   {date}\n\n").as_bytes());
    for line in decoded.message.trim_ascii_end().split(|b| *b == b'\n') {
        out.extend_from_slice(b"    ");
        out.extend_from_slice(cut(line.trim_ascii_end()));
        out.push(b'\n');
    }
    out.push(b'\n');
    if parents.len() < 2 {
        diffs(repo, commit, parents.first().copied(), &mut out);
    }
    Some(out)
}

/// The diff to the parent; none where the parent is not there, as in a shallow clone.
fn diffs(repo: &Repository, commit: &Commit<'_>, parent: Option<ObjectId>, out: &mut Vec<u8>) {
    let old = match parent.map(|id| repo.find_commit(id).and_then(|c| c.tree())) {
        Some(Ok(tree)) => tree,
        Some(Err(_)) => return,
        None => repo.empty_tree(),
    };
    let Ok(new) = commit.tree() else { return };
    let options = gix::diff::Options::default().with_rewrites(Some(gix::diff::Rewrites::default()));
    let Ok(changes) = repo.diff_tree_to_tree(&old, &new, options) else { return };
    let mut files: Vec<FileChange> = changes.into_iter().filter_map(FileChange::of).collect();
    files.sort_by(|a, b| a.new_path.cmp(&b.new_path));
    for file in files.iter().take(MAX_FILES) {
        file.write(repo, out);
    }
    if files.len() > MAX_FILES {
        out.extend_from_slice(format!("({} further files)\n", files.len() - MAX_FILES).as_bytes());
    }
    if !files.is_empty() {
        out.push(b'\n');
    }
}

/// One side of a change: the object and its mode.
type Side = Option<(EntryMode, ObjectId)>;

struct FileChange {
    old_path: String,
    new_path: String,
    old: Side,
    new: Side,
}

impl FileChange {
    fn of(change: Change) -> Option<FileChange> {
        let change = match change {
            Change::Addition { location, entry_mode, id, .. } => {
                FileChange { old_path: name(&location), new_path: name(&location), old: None, new: Some((entry_mode, id)) }
            }
            Change::Deletion { location, entry_mode, id, .. } => {
                FileChange { old_path: name(&location), new_path: name(&location), old: Some((entry_mode, id)), new: None }
            }
            Change::Modification { location, previous_entry_mode, previous_id, entry_mode, id } => FileChange {
                old_path: name(&location),
                new_path: name(&location),
                old: Some((previous_entry_mode, previous_id)),
                new: Some((entry_mode, id)),
            },
            Change::Rewrite { source_location, source_entry_mode, source_id, location, entry_mode, id, .. } => FileChange {
                old_path: name(&source_location),
                new_path: name(&location),
                old: Some((source_entry_mode, source_id)),
                new: Some((entry_mode, id)),
            },
        };
        let is_tree = |side: &Side| side.is_some_and(|(mode, _)| mode.is_tree());
        (!is_tree(&change.old) && !is_tree(&change.new)).then_some(change)
    }

    fn write(&self, repo: &Repository, out: &mut Vec<u8>) {
        let (old, new) = (&self.old_path, &self.new_path);
        out.extend_from_slice(format!("diff --git a/{old} b/{new}\n").as_bytes());
        match (&self.old, &self.new) {
            (None, Some((mode, _))) => out.extend_from_slice(format!("new file mode {:06o}\n", mode.value()).as_bytes()),
            (Some((mode, _)), None) => out.extend_from_slice(format!("deleted file mode {:06o}\n", mode.value()).as_bytes()),
            _ if old != new => out.extend_from_slice(format!("rename from {old}\nrename to {new}\n").as_bytes()),
            _ => {}
        }
        let from = self.old.map_or("/dev/null".to_string(), |_| format!("a/{old}"));
        let to = self.new.map_or("/dev/null".to_string(), |_| format!("b/{new}"));
        let (before, after) = match (blob(repo, self.old), blob(repo, self.new)) {
            (Some(before), Some(after)) => (before, after),
            _ => return out.extend_from_slice(format!("Binary files {from} and {to} differ\n").as_bytes()),
        };
        if before != after {
            out.extend_from_slice(format!("--- {from}\n+++ {to}\n").as_bytes());
            unified(&before, &after, out);
        }
    }
}

/// The text of one side; `None` for what is binary, large, no file or not there.
fn blob(repo: &Repository, side: Side) -> Option<Vec<u8>> {
    let Some((mode, id)) = side else { return Some(Vec::new()) };
    if !mode.is_blob() || repo.find_header(id).ok()?.size() > MAX_BLOB as u64 {
        return None;
    }
    let data = repo.find_object(id).ok()?.detach().data;
    let binary = data.iter().take(8_000).any(|b| *b == 0);
    (!binary).then_some(data)
}

fn unified(before: &[u8], after: &[u8], out: &mut Vec<u8>) {
    let input = InternedInput::new(before, after);
    let diff = diff_with_slider_heuristics(Algorithm::Histogram, &input);
    let hunks = Hunks { out, lines: 0, left_out: 0 };
    let _ = UnifiedDiff::new(&diff, &input, hunks, ContextSize::symmetrical(3)).consume();
}

/// Writes hunks until the lines are used up, then counts.
struct Hunks<'a> {
    out: &'a mut Vec<u8>,
    lines: usize,
    left_out: usize,
}

impl ConsumeHunk for Hunks<'_> {
    type Out = ();

    fn consume_hunk(&mut self, header: HunkHeader, lines: &[(DiffLineKind, &[u8])]) -> std::io::Result<()> {
        let room = MAX_LINES.saturating_sub(self.lines);
        if room == 0 {
            self.left_out += lines.len();
            return Ok(());
        }
        let (old, new) =
            (range(header.before_hunk_start, header.before_hunk_len), range(header.after_hunk_start, header.after_hunk_len));
        self.out.extend_from_slice(format!("@@ -{old} +{new} @@\n").as_bytes());
        for (kind, line) in lines.iter().take(room) {
            self.out.push(match kind {
                DiffLineKind::Context => b' ',
                DiffLineKind::Add => b'+',
                DiffLineKind::Remove => b'-',
            });
            self.out.extend_from_slice(cut(line.strip_suffix(b"\n").unwrap_or(line)));
            self.out.push(b'\n');
        }
        self.lines += lines.len().min(room);
        self.left_out += lines.len().saturating_sub(room);
        Ok(())
    }

    fn finish(self) {
        if self.left_out > 0 {
            self.out.extend_from_slice(format!("\\ {} further lines\n", self.left_out).as_bytes());
        }
    }
}

/// `start,length` of a hunk; an empty side starts at the line before, as git writes it.
fn range(start: u32, length: u32) -> String {
    format!("{},{length}", if length == 0 { start.saturating_sub(1) } else { start })
}

fn cut(line: &[u8]) -> &[u8] {
    line.get(..MAX_LINE).unwrap_or(line)
}

/// A path as text on one line.
fn name(path: &[u8]) -> String {
    String::from_utf8_lossy(path).chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use gix::actor::Signature;
    use gix::objs::tree::{Entry, EntryKind};
    use gix::objs::{Commit as CommitObject, Tree};

    use super::*;

    /// Adds a commit with these files on top of HEAD.
    fn commit(repo: &Repository, files: &[(&str, &str)], message: &str, seconds: i64) -> ObjectId {
        let mut entries: Vec<Entry> = files
            .iter()
            .map(|(name, text)| Entry {
                mode: EntryKind::Blob.into(),
                filename: (*name).into(),
                oid: repo.write_blob(text.as_bytes()).unwrap().detach(),
            })
            .collect();
        entries.sort();
        let tree = repo.write_object(&Tree { entries }).unwrap().detach();
        let time = gix::date::Time { seconds, offset: 3_600 };
        let who = Signature { name: "Ana Ruiz".into(), email: "ana@example.com".into(), time };
        let object = CommitObject {
            tree,
            parents: repo.head_id().map(|id| id.detach()).into_iter().collect(),
            author: who.clone(),
            committer: who,
            encoding: None,
            message: message.into(),
            extra_headers: Vec::new(),
        };
        let id = repo.write_object(&object).unwrap().detach();
        std::fs::write(repo.git_dir().join("refs/heads/main"), format!("{id}\n")).unwrap();
        std::fs::write(repo.git_dir().join("HEAD"), "ref: refs/heads/main\n").unwrap();
        id
    }

    fn repo() -> (tempfile::TempDir, Repository) {
        let dir = tempfile::tempdir().unwrap();
        let repo = gix::init_bare(dir.path().join("shop.git")).unwrap();
        (dir, repo)
    }

    const DAY: i64 = 86_400;
    const NOW: i64 = 1_707_296_400;

    #[test]
    fn commits_stand_newest_first_with_their_diffs() {
        let (_dir, repo) = repo();
        let pool = |n: u32| format!("a\nb\nc\nd\npool: {n}\ne\nf\ng\nh\n");
        commit(&repo, &[("app.yaml", &pool(30))], "Start\n", NOW);
        let id = commit(&repo, &[("app.yaml", &pool(3)), ("x.bin", "\0\u{1}")], "Lower the pool\n\nIt was idle.\n", NOW + 60);
        let text = String::from_utf8(log(repo.git_dir()).unwrap()).unwrap();
        let expected = format!(
            "commit {id}\nAuthor: Ana Ruiz <ana@example.com>\nDate:   2024-02-07T10:01:00+01:00\n\n    Lower the pool\n    \n    It was \
             idle.\n\ndiff --git a/app.yaml b/app.yaml\n--- a/app.yaml\n+++ b/app.yaml\n@@ -2,7 +2,7 @@\n b\n c\n d\n-pool: 30\n+pool: 3\n e\n \
             f\n g\ndiff --git a/x.bin b/x.bin\nnew file mode 100644\nBinary files /dev/null and b/x.bin differ\n\n"
        );
        assert!(text.starts_with(&expected), "{text}");
        assert!(text.contains("@@ -0,0 +1,9 @@\n+a\n"), "{text}");
    }

    #[test]
    fn old_commits_and_long_diffs_are_left_out() {
        let (_dir, repo) = repo();
        commit(&repo, &[("a", "1\n")], "Very old", NOW - 40 * DAY);
        let long: String = (0..1_000).map(|i| format!("line {i}\n")).collect();
        commit(&repo, &[("a", "1\n"), ("b", &long)], "Long", NOW);
        let text = String::from_utf8(log(repo.git_dir()).unwrap()).unwrap();
        assert!(!text.contains("Very old"));
        assert!(text.contains("\\ 600 further lines\n") && text.lines().count() < 420);
    }

    #[test]
    fn a_repository_that_points_elsewhere_or_is_empty_says_so() {
        let (_dir, repo) = repo();
        assert!(log(repo.git_dir()).unwrap_err().contains("no commit"));
        commit(&repo, &[("a", "1\n")], "One", NOW);
        std::fs::create_dir_all(repo.git_dir().join("objects/info")).unwrap();
        std::fs::write(repo.git_dir().join("objects/info/alternates"), "/elsewhere\n").unwrap();
        assert!(log(repo.git_dir()).unwrap_err().contains("another place"));
    }
}
