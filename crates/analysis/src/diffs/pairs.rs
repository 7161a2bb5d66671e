//! Which removed line became which added one, and which setting took which value.
//!
//! It must never know what a setting is for. What breaks it: a block rewritten from end to end; its lines find no partner
//! and are left to the readers of single lines.

use expressions::{Expression, constant};
use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::parse::{Hunk, Line, Side};

/// A removed line and the added line it became.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair<'a> {
    pub old: &'a Line,
    pub new: &'a Line,
}

/// A setting that stands on both sides with different values.
#[derive(Debug, Clone)]
pub(super) struct ValueChange<'a> {
    pub name: String,
    pub from: String,
    pub to: String,
    pub pair: Pair<'a>,
}

/// Partners of at least this share of common words.
const ALIKE: f64 = 0.5;
/// More lines than this in one hunk are not compared pair by pair.
const MAX_COMPARED: usize = 80;

static TOKEN: LazyLock<Expression> = LazyLock::new(|| constant(r#"[A-Za-z_$][\w$]*|\d[\w.]*|"[^"]*"|'[^']*'|[^\s\w]"#));
static ASSIGN: LazyLock<Expression> = LazyLock::new(|| {
    constant(r#"["']?([A-Za-z_$@][\w.$\-\[\]]*)["']?\s*(?::=|=>|=|:)\s*([^,;{}()=\s][^,;{}]*|"[^"]*"|'[^']*')"#)
});
static CALL: LazyLock<Expression> = LazyLock::new(|| constant(r#"([A-Za-z_][\w.]*)\(([^()]*(?:\([^()]*\))?[^()]*)\)"#));
static ELEMENT: LazyLock<Expression> = LazyLock::new(|| constant(r"<([\w.\-]+)>([^<]+)</"));
static NAMED: LazyLock<Expression> =
    LazyLock::new(|| constant(r#"(?i)name["']?\s*[:=]\s*["']?([\w.\-]+)["']?(?:.*value["']?\s*[:=]\s*["']?([^"'/>]+))?"#));
static DIRECTIVE: LazyLock<Expression> = LazyLock::new(|| constant(r"^\s*([a-z][a-z0-9_\-]+)\s+([^={}:(]+?);?\s*$"));
static HEAP: LazyLock<Expression> = LazyLock::new(|| constant(r"-(Xmx|Xms|Xss)(\d+[kmgKMG]?)\b"));
static KEYED: LazyLock<Expression> = LazyLock::new(|| constant(r#"^["']([\w.\-]+)["']\s*,\s*(.+)$"#));
static UNITS: LazyLock<Expression> =
    LazyLock::new(|| constant(r"(?i)^(nano|micro|milli)?(second|minute|hour|day)s?$|^of(Millis|Seconds|Minutes)$"));
static LITERAL: LazyLock<Expression> =
    LazyLock::new(|| constant(r#"(?i)^(?:.*[\s,(])?([\d"'][^,]*|true|false|[\w.]*(?:time|duration|timeunit)[.:(].*)$"#));

/// Tokens of a line of code: words, numbers, whole strings, single signs.
pub(super) fn tokens(text: &str) -> Vec<&str> {
    TOKEN.find_iter(text).map(|m| m.as_str()).collect()
}

/// Each really removed line with the most similar really added line of its hunk, in order, each used once.
pub(super) fn pairs(hunk: &Hunk) -> Vec<Pair<'_>> {
    let new: Vec<(&Line, BTreeSet<&str>)> = hunk.new_lines().take(MAX_COMPARED).map(|l| (l, token_set(&l.text))).collect();
    let mut used = vec![false; new.len()];
    let mut out = Vec::new();
    for old in hunk.gone().take(MAX_COMPARED) {
        let words = token_set(&old.text);
        let best = new.iter().enumerate().filter(|(i, _)| !used[*i]).map(|(i, (_, n))| (i, share(&words, n)));
        let best = best.fold(None, |b: Option<(usize, f64)>, x| if b.is_none_or(|b| x.1 > b.1) { Some(x) } else { b });
        if let Some((i, score)) = best
            && score >= ALIKE
        {
            used[i] = true;
            out.push(Pair { old, new: new[i].0 });
        }
    }
    out
}

/// Share of common tokens, 0 to 1.
pub(super) fn likeness(a: &str, b: &str) -> f64 {
    share(&token_set(a), &token_set(b))
}

fn token_set(text: &str) -> BTreeSet<&str> {
    tokens(text).into_iter().collect()
}

fn share(a: &BTreeSet<&str>, b: &BTreeSet<&str>) -> f64 {
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let common = a.intersection(b).count() as f64;
    2.0 * common / (a.len() + b.len()) as f64
}

/// All settings of a hunk that took another value: first by equal names, then by position within similar lines.
pub(super) fn value_changes(hunk: &Hunk) -> Vec<ValueChange<'_>> {
    let mut out = by_name(hunk);
    let known: BTreeSet<(u32, String)> = out.iter().map(|c| (c.pair.old.no, c.pair.old.text.clone())).collect();
    for pair in pairs(hunk) {
        if !known.contains(&(pair.old.no, pair.old.text.clone()))
            && let Some(change) = by_position(hunk, pair)
        {
            out.push(change);
        }
    }
    out
}

fn by_name(hunk: &Hunk) -> Vec<ValueChange<'_>> {
    let old = settings(hunk, Side::Removed);
    let mut new = settings(hunk, Side::Added);
    let mut out = Vec::new();
    for (line, name, from) in old {
        let Some(at) = new.iter().position(|(_, n, _)| *n == name) else { continue };
        let (partner, _, to) = new.remove(at);
        if squeeze(&from) == squeeze(&to) {
            continue;
        }
        let shown = if is_empty_name(&name) { name_above(hunk, line).unwrap_or(name) } else { name };
        let (shown, from, to) = one_word(&from, &to).unwrap_or((shown, from, to));
        out.push(ValueChange { name: shown, from, to, pair: Pair { old: line, new: partner } });
    }
    out
}

/// `default-server maxconn 200 check` and the same with `20`: the word before the one that differs is what has the value.
fn one_word(from: &str, to: &str) -> Option<(String, String, String)> {
    let (old, new): (Vec<&str>, Vec<&str>) = (from.split_whitespace().collect(), to.split_whitespace().collect());
    let mut apart = old.iter().zip(&new).enumerate().filter(|(_, (a, b))| a != b).map(|(at, _)| at);
    let (at, other) = (apart.next()?, apart.next());
    let is_name = |w: &str| w.len() >= 4 && w.chars().all(|c| c.is_ascii_alphabetic() || c == '_' || c == '-');
    let is_number = |w: &str| w.starts_with(|c: char| c.is_ascii_digit()) && !w.contains([':', '/']);
    let name = old.get(at.checked_sub(1)?).filter(|name| is_name(name))?;
    let fits = old.len() == new.len() && other.is_none() && is_number(old[at]) && is_number(new[at]);
    fits.then(|| (name.to_string(), old[at].to_string(), new[at].to_string()))
}

fn settings(hunk: &Hunk, side: Side) -> Vec<(&Line, String, String)> {
    let mut out = Vec::new();
    for line in hunk.lines.iter().filter(|l| l.side == side && !l.moved && !l.comment) {
        out.extend(settings_of_line(&line.text).into_iter().map(|(n, v)| (line, n, v)));
    }
    out
}

/// Names and literal values in a line: `a: 1`, `a = "x"`, `setA(1)`, `<a>1</a>`, `name="a" value="1"`, `a 1;`.
pub(super) fn settings_of_line(text: &str) -> Vec<(String, String)> {
    if let Some(c) = ELEMENT.captures(text) {
        return vec![(c[1].to_string(), c[2].trim().to_string())];
    }
    if text.contains('<')
        && let Some(c) = NAMED.captures(text)
        && let Some(v) = c.get(2)
    {
        return vec![(c[1].to_string(), v.as_str().trim().to_string())];
    }
    let code = without_comment(text).split('`').next().unwrap_or("");
    let mut out: Vec<(String, String)> = HEAP.captures_iter(code).map(|c| (c[1].to_string(), c[2].to_string())).collect();
    for c in CALL.captures_iter(code) {
        let keyed = KEYED.captures(c[2].trim()).map(|k| (k[1].to_string(), k[2].trim().to_string()));
        if let Some((name, value)) = keyed.filter(|(_, v)| LITERAL.is_match(v)) {
            out.push((name, value));
        } else if let Some(v) = LITERAL.captures(c[2].trim()) {
            out.push((c[1].to_string(), v[1].trim().to_string()));
        }
    }
    for c in ASSIGN.captures_iter(code) {
        let value = c[2].trim().trim_end_matches([')', ']']).trim();
        // `x := f(a)` is a computation, not a setting; `x = Duration.ofSeconds(5)` is one and was read as a call.
        let open = c[2].matches('(').count() > c[2].matches(')').count();
        if !value.is_empty() && !value.starts_with('>') && !open {
            out.push((c[1].to_string(), value.to_string()));
        }
    }
    if out.is_empty()
        && let Some(c) = DIRECTIVE.captures(code)
        && ![
            "return", "import", "from", "package", "const", "var", "let", "def", "func", "type", "using", "raise", "throw",
            "await", "del",
        ]
        .contains(&&c[1])
    {
        out.push((c[1].to_string(), c[2].trim().to_string()));
    }
    out
}

fn without_comment(text: &str) -> &str {
    let cut = [" // ", " # ", " -- "].iter().filter_map(|m| text.find(m)).min().unwrap_or(text.len());
    &text[..cut]
}

fn squeeze(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect::<String>().trim_matches(['"', '\'', ',']).to_string()
}

fn is_empty_name(name: &str) -> bool {
    ["value", "default", "default_value", "defaultvalue", "val"].contains(&name.to_ascii_lowercase().as_str())
}

/// `- name: POOL_SIZE` above `value: "3"`, or `variable "pool_size" {` above `default = 3`.
fn name_above(hunk: &Hunk, line: &Line) -> Option<String> {
    let at = hunk.lines.iter().position(|l| std::ptr::eq(l, line))?;
    hunk.lines[..at].iter().rev().filter(|l| l.side != Side::Added).take(4).find_map(|l| {
        let named = NAMED.captures(&l.text).map(|c| c[1].to_string());
        named.or_else(|| l.text.split_once("variable \"").and_then(|(_, r)| r.split('"').next()).map(str::to_string))
    })
}

/// The one stretch in which two similar lines differ, when it is a literal, named by what stands before it.
fn by_position<'a>(hunk: &Hunk, pair: Pair<'a>) -> Option<ValueChange<'a>> {
    let (a, b) = (tokens(without_comment(&pair.old.text)), tokens(without_comment(&pair.new.text)));
    let start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let tail = tail.min(a.len().min(b.len()).saturating_sub(start));
    let (from, to) = (&a[start..a.len() - tail], &b[start..b.len() - tail]);
    if from.is_empty() || to.is_empty() || from.len() > 6 || to.len() > 6 || !from.iter().chain(to).all(|t| is_literal(t)) {
        return None;
    }
    let name =
        a[..start].iter().rev().find(|t| t.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_')).map(|t| t.to_string());
    let name = name.filter(|n| !is_empty_name(n)).or_else(|| name_above(hunk, pair.old))?;
    Some(ValueChange { name, from: from.join(""), to: to.join(""), pair })
}

fn is_literal(token: &str) -> bool {
    token.starts_with(|c: char| c.is_ascii_digit() || c == '"' || c == '\'')
        || ["true", "false", "True", "False", "-", ".", "*", "%"].contains(&token)
        || UNITS.is_match(token)
}

#[cfg(test)]
mod tests {
    use super::super::parse::hunks;
    use super::*;
    use evidence::{Commit, FileDiff};

    fn changes(path: &str, patch: &str) -> Vec<(String, String, String)> {
        let commit = Commit { files: vec![FileDiff { path: path.into(), patch: patch.into() }], ..Commit::default() };
        hunks(&commit).iter().flat_map(value_changes).map(|c| (c.name, c.from, c.to)).collect()
    }

    #[test]
    fn settings_of_many_formats() {
        for (path, patch, name, from, to) in [
            (
                "a.yaml",
                "-    hikari.maximum-pool-size: \"30\"\n+    hikari.maximum-pool-size: \"3\"\n",
                "hikari.maximum-pool-size",
                "\"30\"",
                "\"3\"",
            ),
            (
                "a.go",
                "-\tDefaultTTL: 15 * time.Minute,\n+\tDefaultTTL: 15 * time.Second,\n",
                "DefaultTTL",
                "15 * time.Minute",
                "15 * time.Second",
            ),
            (
                "a.go",
                "-\tpool := &dial.Pool{MaxIdleConns: 100}\n+\tpool := &dial.Pool{\n+\t\tMaxIdleConns:  200,\n",
                "MaxIdleConns",
                "100",
                "200",
            ),
            (
                "A.java",
                "-    config.setMaximumPoolSize(30);\n+    config.setMaximumPoolSize(3);\n",
                "config.setMaximumPoolSize",
                "30",
                "3",
            ),
            ("a.py", "-MAX_AGE = 60\n+MAX_AGE = 120\n", "MAX_AGE", "60", "120"),
            (
                "a.go",
                "-\tctx, cancel := context.WithTimeout(ctx, 5*time.Second)\n+\tctx, cancel := context.WithTimeout(ctx, 1*time.Second)\n",
                "context.WithTimeout",
                "5*time.Second",
                "1*time.Second",
            ),
            ("pom.xml", "-  <maxTotal>64</maxTotal>\n+  <maxTotal>4</maxTotal>\n", "maxTotal", "64", "4"),
            ("nginx.conf", "-    worker_connections 1024;\n+    worker_connections 64;\n", "worker_connections", "1024", "64"),
            (
                "d.yaml",
                "         - name: DB_POOL_SIZE\n-          value: \"50\"\n+          value: \"5\"\n",
                "DB_POOL_SIZE",
                "\"50\"",
                "\"5\"",
            ),
            ("v.tf", " variable \"max_connections\" {\n-  default = 200\n+  default = 20\n", "max_connections", "200", "20"),
        ] {
            let got = changes(path, patch);
            assert!(got.contains(&(name.into(), from.into(), to.into())), "{patch}: {got:?}");
        }
    }

    #[test]
    fn regrouped_settings_are_no_change() {
        assert!(changes("e.yaml", "-a: http://x:80\n-b: y:1\n+# grouped\n+a: http://x:80\n+b:   y:1\n+c: z:2\n").is_empty());
    }
}
