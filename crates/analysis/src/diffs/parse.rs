//! From the text of a patch to lines with a side, a number and a mark for what merely moved.
//!
//! It knows unified diffs and their abbreviations (a hunk header with a path and no numbers, one patch for a whole
//! commit) and never what a line means. What breaks it: a patch whose lines lost their first column; it then sees only
//! context and reports no change.

use expressions::{Expression, constant};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use evidence::Commit;

/// Lines and bytes beyond these are not read: a generated file says nothing that the first screens do not.
const MAX_LINES: usize = 6_000;
const MAX_HUNKS: usize = 600;
const MAX_LINE_BYTES: usize = 600;

/// The side of a diff on which a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Context,
    Removed,
    Added,
}

/// One line of a hunk, without its first column.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub side: Side,
    /// Line of the file: the new one's for added and context lines, the old one's for removed ones; 0 when unknown.
    pub no: u32,
    pub text: String,
    /// The same words stand on the other side of this commit: it moved, or only its layout changed.
    pub moved: bool,
    /// Nothing but a comment, or empty.
    pub comment: bool,
}

/// One hunk of one file.
#[derive(Debug, Clone)]
pub(super) struct Hunk {
    pub path: String,
    /// What follows the second `@@`: usually the enclosing function.
    pub header: String,
    pub lines: Vec<Line>,
}

impl Line {
    /// It is really taken away: not a comment, not found again elsewhere in the commit.
    pub(super) fn gone(&self) -> bool {
        self.side == Side::Removed && !self.moved && !self.comment
    }

    /// It is really new.
    pub(super) fn is_new(&self) -> bool {
        self.side == Side::Added && !self.moved && !self.comment
    }

    /// Columns of white space before the first word, a tab counting four.
    pub(super) fn indent(&self) -> usize {
        self.text.chars().take_while(|c| c.is_whitespace()).map(|c| if c == '\t' { 4 } else { 1 }).sum()
    }
}

impl Hunk {
    pub(super) fn gone(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|l| l.gone())
    }

    pub(super) fn new_lines(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|l| l.is_new())
    }
}

/// All hunks of a commit in the order of its files, with moved lines marked across files.
pub(super) fn hunks(commit: &Commit) -> Vec<Hunk> {
    let first_path = commit.files.iter().map(|f| f.path.as_str()).find(|p| !p.is_empty()).unwrap_or("");
    let mut out = Vec::new();
    for file in &commit.files {
        let path = if file.path.is_empty() { first_path } else { file.path.as_str() };
        hunks_of_patch(path, &file.patch, &mut out);
    }
    out.truncate(MAX_HUNKS);
    mark_moved(&mut out);
    out
}

static HUNK_NUMBERS: LazyLock<Expression> = LazyLock::new(|| constant(r"^@@+ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@+ ?(.*)$"));
static HUNK_PATH: LazyLock<Expression> = LazyLock::new(|| {
    constant(r"^@@ *((?:[\w.\-]+/)+[\w.\-]+|[\w\-]+\.[A-Za-z]{1,10}|Dockerfile|Makefile|Corefile)(?::? *(.*))?$")
});
static TRAILING_AT: LazyLock<Expression> = LazyLock::new(|| constant(r"\s*@@\s*"));

fn hunks_of_patch(path: &str, patch: &str, out: &mut Vec<Hunk>) {
    let mut path = path.to_string();
    let (mut old, mut new) = (0u32, 0u32);
    let mut current: Option<Hunk> = None;
    let mut lines = patch.lines().take(MAX_LINES).peekable();
    while let Some(line) = lines.next() {
        if let Some(named) = file_header(line, lines.peek().copied()) {
            out.extend(current.take());
            if let Some(named) = named {
                path = named;
            }
        } else if line.starts_with("@@") {
            out.extend(current.take());
            let header;
            (old, new, header) = hunk_header(line, &mut path);
            current = Some(Hunk { path: path.clone(), header, lines: Vec::new() });
        } else {
            let hunk = current.get_or_insert_with(|| Hunk { path: path.clone(), header: String::new(), lines: Vec::new() });
            push_line(hunk, line, &mut old, &mut new);
        }
    }
    out.extend(current);
}

/// `Some(Some(path))` for a line that names the new file, `Some(None)` for other lines between files.
fn file_header(line: &str, next: Option<&str>) -> Option<Option<String>> {
    let is_old = line.starts_with("--- ") && next.is_some_and(|n| n.starts_with("+++ "));
    if is_old || line.starts_with("index ") || line.starts_with("similarity index") || line.starts_with("new file mode") {
        let old = line.strip_prefix("--- ").map(clean_path).filter(|p| p != "/dev/null");
        return Some(old);
    }
    if let Some(rest) = line.strip_prefix("diff --git ") {
        return Some(rest.split(' ').next_back().map(clean_path));
    }
    let named = line.strip_prefix("+++ ").filter(|p| p.starts_with("b/") || *p == "/dev/null" || p.contains('/'))?;
    Some(Some(clean_path(named)).filter(|p| p != "/dev/null"))
}

fn clean_path(raw: &str) -> String {
    let raw = raw.split('\t').next().unwrap_or("").trim();
    raw.strip_prefix("a/").or_else(|| raw.strip_prefix("b/")).unwrap_or(raw).to_string()
}

/// Old line, new line and the rest of the header; a header that names a file instead of numbers sets the path.
fn hunk_header(line: &str, path: &mut String) -> (u32, u32, String) {
    if let Some(c) = HUNK_NUMBERS.captures(line) {
        return (c[1].parse().unwrap_or(0), c[2].parse().unwrap_or(0), c[3].to_string());
    }
    let bare = TRAILING_AT.replace_all(line, " ");
    let again = format!("@@ {}", bare.trim());
    if let Some(c) = HUNK_PATH.captures(&again) {
        *path = c[1].to_string();
        return (0, 0, c.get(2).map_or(String::new(), |m| m.as_str().to_string()));
    }
    (0, 0, bare.trim().to_string())
}

fn push_line(hunk: &mut Hunk, line: &str, old: &mut u32, new: &mut u32) {
    let (side, text) = match line.as_bytes().first() {
        Some(b'+') => (Side::Added, &line[1..]),
        Some(b'-') => (Side::Removed, &line[1..]),
        Some(b' ') => (Side::Context, &line[1..]),
        Some(b'\\') => return,
        _ => (Side::Context, line),
    };
    let no = if side == Side::Removed { *old } else { *new };
    if side != Side::Added && *old > 0 {
        *old = old.saturating_add(1);
    }
    if side != Side::Removed && *new > 0 {
        *new = new.saturating_add(1);
    }
    let text = clip(text, MAX_LINE_BYTES).to_string();
    let comment = is_comment(&text, &hunk.path);
    hunk.lines.push(Line { side, no, text, moved: false, comment });
}

/// The longest beginning of `text` of at most `max` bytes that ends between two characters.
pub(super) fn clip(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    let mut end = max;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn is_comment(text: &str, path: &str) -> bool {
    let t = text.trim();
    let hash = !path.ends_with(".c") && !path.ends_with(".cs") && !path.ends_with(".h");
    t.is_empty()
        || t.starts_with("//")
        || t.starts_with("/*")
        || t.starts_with("* ")
        || t == "*/"
        || t == "*"
        || (t.starts_with("-- ") && path.ends_with(".sql"))
        || (t.starts_with('#') && hash && !t.starts_with("#[") && !t.starts_with("#!"))
        || (t.starts_with("<!--") && t.ends_with("-->"))
}

/// Marks as moved what stands on both sides of the commit once layout is taken away: first within each file, so that a
/// setting is not taken for its namesake of another file, then among what is left.
fn mark_moved(hunks: &mut [Hunk]) {
    let paths: BTreeSet<String> = hunks.iter().map(|h| h.path.clone()).collect();
    for path in &paths {
        mark_among(hunks, |h| h.path == *path);
    }
    if paths.len() > 1 {
        let set: Vec<Vec<bool>> = hunks.iter().map(|h| h.lines.iter().map(|l| is_set_anew(h, l)).collect()).collect();
        mark_among(hunks, |_| true);
        for (line, set) in hunks.iter_mut().flat_map(|h| &mut h.lines).zip(set.into_iter().flatten()) {
            line.moved &= !set;
        }
    }
}

/// A setting that takes another value in its own place: that another file has the same line by chance (`cpu: "16"`) moves nothing.
fn is_set_anew(hunk: &Hunk, line: &Line) -> bool {
    let key = |l: &Line| l.text.split_once([':', '=']).map(|(key, _)| key.trim().to_string()).filter(|key| !key.is_empty());
    let is_other = |l: &&Line| l.side != line.side && l.side != Side::Context && !l.moved && !l.comment;
    let own = key(line).filter(|_| line.side != Side::Context && !line.moved && !is_code(&hunk.path));
    own.is_some_and(|own| hunk.lines.iter().filter(is_other).any(|l| key(l).as_ref() == Some(&own) && l.text != line.text))
}

/// Lines are compared by statement, so that `if x { return y }` on one line equals the same on three.
fn mark_among(hunks: &mut [Hunk], is_meant: impl Fn(&Hunk) -> bool) {
    let mut removed: BTreeMap<String, u32> = BTreeMap::new();
    let mut added: BTreeMap<String, u32> = BTreeMap::new();
    let meant = hunks.iter().filter(|h| is_meant(h));
    for (path, line) in meant.flat_map(|h| h.lines.iter().map(|l| (&h.path, l))).filter(|(_, l)| !l.comment && !l.moved) {
        let side = match line.side {
            Side::Removed => &mut removed,
            Side::Added => &mut added,
            Side::Context => continue,
        };
        for part in statements(&line.text, path) {
            *side.entry(part).or_default() += 1;
        }
    }
    let both: BTreeMap<String, u32> =
        removed.iter().filter_map(|(k, n)| added.get(k).map(|m| (k.clone(), (*n).min(*m)))).collect();
    for wanted in [Side::Removed, Side::Added] {
        let mut left = both.clone();
        let lines = hunks.iter_mut().filter(|h| is_meant(h)).flat_map(|h| h.lines.iter_mut().map(|l| (h.path.as_str(), l)));
        for (path, line) in lines.filter(|(_, l)| l.side == wanted && !l.comment && !l.moved) {
            let parts = statements(&line.text, path);
            let found = parts.iter().filter(|p| left.get(*p).is_some_and(|n| *n > 0)).count();
            line.moved = found == parts.len();
            for part in &parts {
                if let Some(n) = left.get_mut(part) {
                    *n = n.saturating_sub(1);
                }
            }
        }
    }
}

/// Written in a programming language, not a file of settings.
pub(super) fn is_code(path: &str) -> bool {
    let ext = path.rsplit('.').next().unwrap_or("");
    ["go", "java", "kt", "py", "js", "jsx", "ts", "tsx", "rb", "php", "cs", "rs", "scala", "swift", "c", "cc", "cpp", "ex"]
        .contains(&ext)
}

static RECEIVER: LazyLock<Expression> = LazyLock::new(|| constant(r"^[a-z]\w*(\.\w+=[^=]|:=)"));

/// Without the name of the variable that is filled: `p.Amount = x` and `params.Amount = x` do the same.
fn nameless(statement: String) -> String {
    match RECEIVER.captures(&statement).and_then(|c| c.get(1)) {
        Some(rest) => statement[rest.start()..].to_string(),
        None => statement,
    }
}

/// The statements of a line without white space and trailing punctuation; none for a lone bracket.
fn statements(text: &str, path: &str) -> Vec<String> {
    text.split(['{', '}', ';'])
        .map(|p| p.chars().filter(|c| !c.is_whitespace()).collect::<String>())
        .map(|p| p.trim_end_matches(',').to_string())
        .filter(|p| p.chars().any(char::is_alphanumeric))
        .map(|p| if is_code(path) { nameless(p) } else { p })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::FileDiff;

    fn of(path: &str, patch: &str) -> Vec<Hunk> {
        hunks(&Commit { files: vec![FileDiff { path: path.into(), patch: patch.into() }], ..Commit::default() })
    }

    #[test]
    fn numbers_lines_of_both_sides() {
        let h = of("a.go", "@@ -10,3 +20,3 @@ func f() {\n a\n-b\n+c\n d\n");
        assert_eq!(h[0].header, "func f() {");
        let seen: Vec<_> = h[0].lines.iter().map(|l| (l.side, l.no)).collect();
        assert_eq!(seen, [(Side::Context, 20), (Side::Removed, 11), (Side::Added, 21), (Side::Context, 22)]);
    }

    #[test]
    fn one_patch_for_a_whole_commit_names_its_files_itself() {
        let h = of("", "@@ pkg/a.go: func F() {\n-x\n+y\n@@ pkg/b.yaml @@\n-k: 1\n+k: 2\n");
        assert_eq!((h[0].path.as_str(), h[0].header.as_str()), ("pkg/a.go", "func F() {"));
        assert_eq!(h[1].path, "pkg/b.yaml");
        let h = of("", "--- a/x/y.py\n+++ b/x/y.py\n@@ -1 +1 @@\n-a\n+b\n--- a/z.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-gone\n");
        assert_eq!((h[0].path.as_str(), h[1].path.as_str()), ("x/y.py", "z.py"));
    }

    #[test]
    fn layout_and_place_do_not_count() {
        let h = of(
            "a.go",
            "@@ x\n-if err != nil { return nil, err }\n-a:  1\n+if err != nil {\n+\treturn nil, err\n+}\n+a: 1\n+b: 2\n",
        );
        let new: Vec<_> = h[0].new_lines().map(|l| l.text.as_str()).collect();
        assert_eq!(new, ["}", "b: 2"].iter().filter(|t| **t != "}").copied().collect::<Vec<_>>());
        assert_eq!(h[0].gone().count(), 0);
    }

    #[test]
    fn a_setting_is_not_its_namesake_in_another_file() {
        let patch = "--- a/web.env\n+++ b/web.env\n@@ -1 +1 @@\n-WORKERS=16\n+WORKERS=4\n--- a/mail.env\n+++ b/mail.env\n@@ -1 +1 @@\n-WORKERS=4 \n+WORKERS=4\n";
        let h = of("", patch);
        assert_eq!((h[0].gone().count(), h[0].new_lines().count()), (1, 1));
        assert_eq!((h[1].gone().count(), h[1].new_lines().count()), (0, 0));
    }

    #[test]
    fn any_bytes_are_survived() {
        for text in ["", "@@", "+", "-é", "@@ -99999999999,1 +1 @@\n+x", "\u{feff}+x\n+é€", &"+ü".repeat(2000)] {
            of("", text);
        }
    }

    #[test]
    fn a_setting_that_changes_in_two_files_did_not_move_from_one_to_the_other() {
        let file = |path: &str, from: u32, to: u32| FileDiff {
            path: path.into(),
            patch: format!("@@ -8 +8 @@\n-    limits.cpu: \"{from}\"\n+    limits.cpu: \"{to}\""),
        };
        let commit = Commit { files: vec![file("a.yaml", 16, 12), file("b.yaml", 40, 16)], ..Commit::default() };
        let all = hunks(&commit);
        assert!(all.iter().flat_map(|h| &h.lines).all(|l| !l.moved), "{all:?}");
    }
}
