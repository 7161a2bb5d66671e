//! Reading commits: what a change does, in which direction, and how well that explains what was seen.
//!
//! A commit becomes a list of [`Change`]s, each with a mechanism that has a direction: lowering a pool can exhaust it,
//! raising it cannot. Symptoms are weighed by how surprising they are, and a change scores by the share of them that its
//! mechanism explains, by identifiers it has in common with them, and by stack frames that lie in it. This module must
//! never know times or deployments (the caller gates by them), nor any format. What breaks it: a cause outside of the diff
//! (a default of a library); then every commit scores low, and low is the honest answer.

mod code;
mod dials;
mod echoes;
mod infra;
mod kind;
mod matching;
#[cfg(test)]
mod mechanisms;
mod naming;
mod neutral;
mod pairs;
mod parse;
mod schema;
mod shape;
mod symptoms;
mod values;
mod words;

use std::collections::BTreeSet;

use evidence::Commit;

pub use kind::{ChangeKind, Step};
use parse::{Hunk, Side, clip, is_code};

/// Something that was seen and that a change may explain.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Symptom {
    /// An error message, a pattern, a stack frame, a metric's name with `rises` or `falls`, an alert, a statement.
    pub text: String,
    pub service: Option<String>,
    /// Surprise, 0 to 1.
    pub weight: f64,
    /// Family of the failure signature it hit: `crash`, `pool`, `memory`, ...
    pub family: Option<String>,
}

/// An in-app frame of a stack trace seen in the incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    pub function: &'a str,
    pub file: &'a str,
    pub line: Option<u32>,
}

/// One thing that a commit does.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub kind: ChangeKind,
    pub file: String,
    /// Line of the new file, or of the old one for what was removed; 0 when the document has no numbers.
    pub line_hint: u32,
    /// The decisive lines, literal, without their first column; empty on a side that has none.
    pub removed: String,
    pub added: String,
    /// Families of symptoms it can explain, the likeliest first.
    pub families: &'static [&'static str],
    /// One clause: "it lowers `maximum-pool-size` from `30` to `3`".
    pub says: String,
}

/// A commit, read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DiffReading {
    /// In the order of the files, each mechanism of a file once.
    pub changes: Vec<Change>,
    /// It reaches no running program: documentation, tests, layout, moved lines.
    pub neutral: bool,
    /// Identifiers of all lines of the diff, context included, as written.
    pub identifiers: BTreeSet<String>,
    /// Those of really removed and added lines only.
    pub changed: BTreeSet<String>,
    /// Really removed and added: no comments, nothing that only moved.
    pub removed_lines: u32,
    pub added_lines: u32,
    /// Where it touches the files.
    pub touched: Vec<Touched>,
}

/// One hunk: lines of the new file (0 when unknown) and its text, for stack frames.
#[derive(Debug, Clone, PartialEq)]
pub struct Touched {
    pub file: String,
    pub first: u32,
    pub last: u32,
    pub text: String,
}

/// How well a commit explains what was seen.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DiffMatch {
    /// From about 4 on strong evidence; 0 none; below 0 it speaks against.
    pub value: f64,
    pub mechanism: f64,
    pub lexical: f64,
    pub frame: f64,
    /// The heaviest first.
    pub reasons: Vec<Reason>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    pub value: f64,
    /// A clause with the diff's own words.
    pub says: String,
    /// Index into [`DiffReading::changes`].
    pub change: Option<usize>,
}

/// What a commit does. Same commit, same reading.
pub fn read(commit: &Commit) -> DiffReading {
    let hunks = parse::hunks(commit);
    let neutral = neutral::is_neutral(commit, &hunks) && !hunks.iter().any(infra_matters);
    let live: Vec<Hunk> = hunks.into_iter().filter(|h| neutral || !neutral::is_neutral_path(&h.path)).collect();
    let mut reading = DiffReading { neutral, ..DiffReading::default() };
    for hunk in &live {
        note_words(hunk, &mut reading);
    }
    if !neutral {
        reading.changes = changes(&live);
    }
    reading
}

/// What a commit does, in clauses: what explains the failure best first, and what it does to further files under their names.
pub fn told(commit: &Commit, found: Option<&DiffMatch>) -> Vec<String> {
    const MOST: usize = 4;
    let reading = read(commit);
    let mut order: Vec<usize> = found.iter().flat_map(|d| &d.reasons).filter_map(|r| r.change).collect();
    order.extend(0..reading.changes.len());
    let mut seen = BTreeSet::new();
    let chosen: Vec<&Change> =
        order.into_iter().filter(|n| seen.insert(*n)).filter_map(|n| reading.changes.get(n)).take(MOST).collect();
    let first = chosen.first().map_or("", |c| c.file.as_str());
    let says = |c: &&Change| if c.file == first { c.says.clone() } else { format!("{} in `{}`", c.says, c.file) };
    chosen.iter().map(says).collect()
}

/// How well one commit explains what was seen, with every word equally rare. Use [`rank`] to compare commits.
pub fn score(reading: &DiffReading, commit: &Commit, symptoms: &[Symptom], frames: &[Frame<'_>]) -> DiffMatch {
    let rarity = words::rarity(&[matching::words_of(reading, commit)]);
    matching::score(reading, commit, &matching::seen(symptoms), frames, &rarity)
}

/// All commits of an incident, compared: one match each, in the order given.
pub fn rank(commits: &[&Commit], symptoms: &[Symptom], frames: &[Frame<'_>]) -> Vec<DiffMatch> {
    // Reading the symptoms costs more than all else that follows.
    if commits.is_empty() {
        return Vec::new();
    }
    let readings: Vec<DiffReading> = commits.iter().map(|c| read(c)).collect();
    let documents: Vec<BTreeSet<String>> = readings.iter().zip(commits).map(|(r, c)| matching::words_of(r, c)).collect();
    let rarity = words::rarity(&documents);
    let seen = matching::seen(symptoms);
    readings.iter().zip(commits).map(|(r, c)| matching::score(r, c, &seen, frames, &rarity)).collect()
}

/// How well the kind of one failure fits one change, 0 to 1.
pub fn fit(change: &Change, symptom: &Symptom) -> f64 {
    let echo = echoes::of(change, std::slice::from_ref(symptom)).map_or(0.0, |_| 1.0);
    matching::fit(change, &symptoms::read(symptom)).max(echo)
}

/// In configuration of names and networks a moved line is a change.
fn infra_matters(hunk: &Hunk) -> bool {
    !neutral::is_neutral_path(&hunk.path) && !infra::read(std::slice::from_ref(hunk)).is_empty()
}

/// All changes, each mechanism once per file, settings first.
fn changes(hunks: &[Hunk]) -> Vec<Change> {
    let mut out: Vec<Change> = Vec::new();
    let mut all = Vec::new();
    for hunk in hunks {
        all.extend(infra::read(std::slice::from_ref(hunk)));
        all.extend(settings(hunk));
    }
    all.extend(dials::read(hunks));
    all.extend(shape::read(hunks));
    all.extend(schema::read(hunks));
    all.extend(code::read(hunks));
    all.extend(hunks.iter().flat_map(taken_out));
    for c in all {
        // One line has one reading: what it is as a setting says more than that a word went missing.
        let known = out.iter().any(|o| {
            let twice = o.says == c.says
                || c.kind.setting().is_none() && o.line_hint == c.line_hint && (o.removed == c.removed || o.added == c.added);
            o.file == c.file
                && (std::mem::discriminant(&o.kind) == std::mem::discriminant(&c.kind) && twice
                    || o.line_hint == c.line_hint && o.removed == c.removed && is_setting(&o.kind))
        });
        let vague = matches!(c.kind, ChangeKind::ConfigValueChanged { .. } | ChangeKind::ConfigRemoved { .. });
        let known = known
            || vague && out.iter().any(|o| o.file == c.file && (is_line(&o.added, &c.added) || is_line(&o.removed, &c.removed)));
        if !known {
            let same = |o: &Change| o.file == c.file && o.line_hint == c.line_hint && o.added == c.added;
            out.retain(|o| !(same(o) && matches!(o.kind, ChangeKind::ConfigValueChanged { .. })));
            out.push(c);
        }
    }
    out
}

/// Both have a line on that side, and it is the same.
fn is_line(one: &str, other: &str) -> bool {
    !one.is_empty() && one == other
}

fn is_setting(kind: &ChangeKind) -> bool {
    kind.setting().is_some() && !matches!(kind, ChangeKind::ConfigValueChanged { .. } | ChangeKind::FlagFlipped { .. })
}

fn settings(hunk: &Hunk) -> Vec<Change> {
    let mut out = Vec::new();
    if schema::is_manifest(hunk) {
        return out;
    }
    for v in pairs::value_changes(hunk) {
        let above: Vec<&str> = hunk.lines.iter().filter(|l| l.side == Side::Context).map(|l| l.text.trim()).take(4).collect();
        let around = format!("{} {} {}", hunk.path, hunk.header, above.join(" "));
        let Some(kind) = naming::kind_of(&v.name, &v.from, &v.to, &around) else { continue };
        // In code, an expression that became another one is no setting.
        let number = values::quantity(&v.from, &v.name).is_some() && values::quantity(&v.to, &v.name).is_some();
        if is_code(&hunk.path) && !number && !(is_literal(&v.from) && is_literal(&v.to)) {
            continue;
        }
        let says = setting_says(&kind, &v.name, (&v.from, &v.to));
        out.push(change(kind, hunk, v.pair.new.no, (&v.pair.old.text, &v.pair.new.text), says));
    }
    out
}

/// Settings that are not there any more, in files that hold settings.
fn taken_out(hunk: &Hunk) -> Vec<Change> {
    if is_code(&hunk.path) {
        return Vec::new();
    }
    let new: BTreeSet<String> = hunk.new_lines().flat_map(|l| pairs::settings_of_line(&l.text)).map(|(name, _)| name).collect();
    let gone = hunk.gone().filter_map(|line| Some((line, pairs::settings_of_line(&line.text).into_iter().next()?)));
    let gone = gone.filter(|(_, (name, _))| name.len() >= LEAST_NAME && !new.contains(name)).take(MOST_TAKEN_OUT);
    gone.map(|(line, (name, value))| {
        let says = format!("it takes out `{name}`, which was `{}`", clip(value.trim_matches(['"', '\'']), 80));
        change(ChangeKind::ConfigRemoved { name }, hunk, line.no, (&line.text, ""), says)
    })
    .collect()
}

/// Letters of a name that may tell something, and settings taken out of one place that are read.
const LEAST_NAME: usize = 6;
const MOST_TAKEN_OUT: usize = 12;

/// A number, a string, a truth value or a constant: what a setting in code can hold.
fn is_literal(value: &str) -> bool {
    let v = value.trim();
    v.starts_with(|c: char| c.is_ascii_digit() || ['"', '\'', '-'].contains(&c))
        || v == "true"
        || v == "false"
        || v.rsplit('.')
            .next()
            .is_some_and(|w| w.len() > 1 && w.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'))
}

fn setting_says(kind: &ChangeKind, name: &str, (from, to): (&str, &str)) -> String {
    let clean = |t: &str| clip(t.trim().trim_matches(['"', '\'', ',', ';']), 80).to_string();
    format!("it {} `{name}` from `{}` to `{}`", kind.verb(), clean(from), clean(to))
}

/// A change in `hunk` at line `no`; `lines` are the decisive old and new line, empty where there is none.
fn change(kind: ChangeKind, hunk: &Hunk, no: u32, lines: (&str, &str), says: String) -> Change {
    let families = kind.families();
    let (removed, added) = (lines.0.trim_end().to_string(), lines.1.trim_end().to_string());
    Change { kind, file: hunk.path.clone(), line_hint: no, removed, added, families, says: clip(&says, 300).to_string() }
}

fn note_words(hunk: &Hunk, reading: &mut DiffReading) {
    let mut text = hunk.header.clone();
    for line in &hunk.lines {
        let ids = line.text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).filter(|w| w.len() >= 3);
        let ids: Vec<String> = ids.map(str::to_string).collect();
        if line.gone() || line.is_new() {
            reading.changed.extend(ids.iter().cloned());
        }
        reading.identifiers.extend(ids);
        text.push('\n');
        text.push_str(&line.text);
    }
    reading.removed_lines = reading.removed_lines.saturating_add(hunk.gone().count() as u32);
    reading.added_lines = reading.added_lines.saturating_add(hunk.new_lines().count() as u32);
    let numbers = || hunk.lines.iter().filter(|l| l.side != Side::Removed && l.no > 0).map(|l| l.no);
    let (first, last) = (numbers().min().unwrap_or(0), numbers().max().unwrap_or(0));
    reading.touched.push(Touched { file: hunk.path.clone(), first, last, text });
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::FileDiff;

    pub(super) fn commit(path: &str, patch: &str) -> Commit {
        Commit { files: vec![FileDiff { path: path.into(), patch: patch.into() }], ..Commit::default() }
    }

    /// Names of the kinds found, without their values.
    pub(super) fn kinds(path: &str, patch: &str) -> Vec<String> {
        let reading = read(&commit(path, patch));
        reading.changes.iter().map(|c| format!("{:?}", c.kind).split([' ', '{']).next().unwrap_or("").to_string()).collect()
    }

    pub(super) fn says(path: &str, patch: &str) -> Vec<String> {
        read(&commit(path, patch)).changes.into_iter().map(|c| c.says).collect()
    }

    fn symptom(text: &str) -> Symptom {
        Symptom { text: text.into(), weight: 1.0, ..Symptom::default() }
    }

    fn value(path: &str, patch: &str, text: &str) -> f64 {
        let c = commit(path, patch);
        score(&read(&c), &c, &[symptom(text)], &[]).value
    }

    #[test]
    fn a_change_says_what_it_does_with_literal_values() {
        let s = says("cm.yaml", "-    hikari.maximum-pool-size: \"30\"\n+    hikari.maximum-pool-size: \"3\"\n");
        assert_eq!(s, ["it lowers `hikari.maximum-pool-size` from `30` to `3`"]);
        let s = says("p.go", "-\tif s == nil || s.stripe == nil {\n-\t\treturn nil, ErrX\n-\t}\n");
        assert_eq!(s, ["it removes the guard `if s == nil || s.stripe == nil`"]);
    }

    #[test]
    fn what_is_done_to_another_file_is_told_with_its_name() {
        let file = |path: &str, patch: &str| FileDiff { path: path.into(), patch: patch.into() };
        let files = vec![
            file("apps/quotes/app.yaml", "-pool-size: 20\n+pool-size: 2\n"),
            file("apps/labels/app.yaml", "-pool-size: 9\n+pool-size: 6\n"),
        ];
        let both = Commit { files, ..Commit::default() };
        let lowers = |from, to| format!("it lowers `pool-size` from `{from}` to `{to}`");
        assert_eq!(told(&both, None), [lowers(20, 2), format!("{} in `apps/labels/app.yaml`", lowers(9, 6))]);
        let second =
            DiffMatch { reasons: vec![Reason { value: 4.0, says: String::new(), change: Some(1) }], ..DiffMatch::default() };
        assert_eq!(told(&both, Some(&second))[0], lowers(9, 6));
    }

    #[test]
    fn direction_decides() {
        let lower = "-  maxPoolSize: 30\n+  maxPoolSize: 3\n";
        let raise = "-  maxPoolSize: 3\n+  maxPoolSize: 30\n";
        let seen = "Connection is not available, request timed out after 30000ms (pool exhausted)";
        assert!(value("a.yaml", lower, seen) >= 4.0);
        assert!(value("a.yaml", raise, seen) < 2.0);
        let guard = " \te := find(id)\n-\tif e == nil {\n-\t\treturn nil\n-\t}\n \treturn e.Name\n";
        let panic = "panic: runtime error: invalid memory address or nil pointer dereference";
        assert!(value("a.go", guard, panic) >= 4.0);
        assert!(value("a.go", &guard.replace('-', "+"), panic) < 2.0);
    }

    #[test]
    fn what_only_moved_is_neutral() {
        let moved = "-\tf, err := os.Open(p)\n-\tif err != nil { return err }\n+\treturn w(p)\n+}\n+func w(p string) error {\n+\tf, err := os.Open(p)\n+\tif err != nil {\n+\t\treturn err\n+\t}\n";
        assert!(kinds("a.go", moved).is_empty(), "{:?}", kinds("a.go", moved));
        assert!(read(&commit("a.go", "-  a\n+\ta\n")).neutral);
        assert!(read(&commit("docs/a.md", "-x\n+y\n")).neutral);
        assert!(!read(&commit("a.go", "-x\n+y\n")).neutral);
    }

    #[test]
    fn a_frame_in_the_hunk_counts_most() {
        let c = commit("svc/pay.go", "@@ -10,2 +10,2 @@ func (s *S) Charge() {\n-\ta()\n+\tb()\n");
        let at = |function, file, line| score(&read(&c), &c, &[], &[Frame { function, file, line }]).frame;
        assert_eq!(at("main.(*S).Charge", "/app/svc/pay.go", Some(11)), 3.0);
        assert_eq!(at("main.other", "/app/svc/pay.go", Some(400)), 2.0);
        assert_eq!(at("main.other", "/app/svc/x.go", Some(4)), 1.0);
        assert_eq!(at("main.other", "/app/http/x.go", Some(4)), 0.0);
    }

    #[test]
    fn any_text_is_survived_and_read_the_same_twice() {
        let odd = [
            "",
            "-",
            "+",
            "-é=\n+é=\n",
            "-a: \"\n+a: '\n",
            "- = 1\n+ = 2\n",
            "-x(((\n+x)))\n",
            "-FROM\n+FROM \n",
            "@@ @@\n-\u{0}\n+ü: 9e999\n",
            "-a[\n+a]\n",
        ];
        for patch in odd {
            for path in ["", "a.go", "Dockerfile", "go.mod", "a.sql", "é.yaml"] {
                let c = commit(path, patch);
                let twice = [read(&c), read(&c)];
                assert_eq!(twice[0], twice[1]);
                assert!(
                    score(&twice[0], &c, &[symptom(patch)], &[Frame { function: patch, file: path, line: Some(u32::MAX) }])
                        .value
                        .is_finite()
                );
            }
        }
    }

    #[test]
    fn a_provider_that_fails_is_not_explained_by_retries() {
        let retries = "-\tMaxAttempts:    2,\n+\tMaxAttempts:    3,\n";
        assert!(value("retry.go", retries, "POST https://api.provider.com/v1/pay returned 503") < 2.0);
    }
}
