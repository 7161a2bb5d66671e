//! Words of identifiers and of sentences, in one form, so that `catalogItems`, `catalog_items` and "catalog items" meet.
//!
//! It must never know what the words mean. What breaks it: languages without spaces or case; they yield whole runs.

use std::collections::{BTreeMap, BTreeSet};

/// Lower-case words of identifiers and prose, split at punctuation, underscores, digits and changes of case.
pub(super) fn split_words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    let chars: Vec<char> = text.chars().collect();
    for (i, &c) in chars.iter().enumerate() {
        let prev_lower = i > 0 && chars[i - 1].is_lowercase();
        let next_lower = chars.get(i + 1).is_some_and(|n| n.is_lowercase());
        let starts = c.is_uppercase() && (prev_lower || (next_lower && i > 0 && chars[i - 1].is_uppercase()));
        if (!c.is_alphabetic() || starts) && !word.is_empty() {
            out.push(std::mem::take(&mut word));
        }
        if c.is_alphabetic() {
            word.extend(c.to_lowercase());
        }
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

/// Words that could point at one piece of code: no stop words, at least three letters, singular.
pub(super) fn telling_words(text: &str) -> BTreeSet<String> {
    split_words(text)
        .into_iter()
        .map(|w| singular(&w))
        .filter(|w| w.chars().count() >= 3 && !STOP.contains(&w.as_str()))
        .collect()
}

/// Whole identifiers of at least two words or parts: `catalog_items`, `GetItem`, `maximum-pool-size`, lower case.
pub(super) fn identifiers(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'))
        .map(|t| t.trim_matches(['-', '_']))
        .filter(|t| t.len() >= 6 && t.len() <= 80)
        .filter(|t| split_words(t).len() >= 2 && t.chars().any(char::is_alphabetic))
        .map(str::to_lowercase)
        .collect()
}

/// How telling each word is among `documents`: ln(1 + N / documents with it), at least over eight documents so that an
/// incident with two commits does not call every word common.
pub(super) fn rarity(documents: &[BTreeSet<String>]) -> BTreeMap<String, f64> {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for word in documents.iter().flatten() {
        *counts.entry(word.clone()).or_default() += 1;
    }
    let total = documents.len().max(8) as f64;
    counts.into_iter().map(|(w, n)| (w, (1.0 + total / f64::from(n)).ln())).collect()
}

fn singular(word: &str) -> String {
    match word {
        w if w.len() > 4 && w.ends_with("ies") => format!("{}y", &w[..w.len() - 3]),
        w if w.len() > 3 && w.ends_with('s') && !w.ends_with("ss") && !w.ends_with("us") && !w.ends_with("is") => {
            w[..w.len() - 1].to_string()
        }
        w => w.to_string(),
    }
}

/// Words of every program and of every incident.
pub(super) const STOP: [&str; 182] = [
    "the",
    "and",
    "for",
    "with",
    "from",
    "that",
    "this",
    "not",
    "was",
    "are",
    "has",
    "have",
    "had",
    "but",
    "all",
    "any",
    "can",
    "new",
    "use",
    "get",
    "set",
    "put",
    "add",
    "run",
    "out",
    "our",
    "its",
    "one",
    "two",
    "per",
    "via",
    "now",
    "non",
    "var",
    "let",
    "const",
    "func",
    "def",
    "function",
    "return",
    "class",
    "struct",
    "type",
    "interface",
    "import",
    "package",
    "public",
    "private",
    "protected",
    "static",
    "final",
    "void",
    "int",
    "string",
    "bool",
    "boolean",
    "float",
    "double",
    "long",
    "byte",
    "char",
    "true",
    "false",
    "nil",
    "null",
    "none",
    "self",
    "err",
    "error",
    "errors",
    "exception",
    "fail",
    "failed",
    "failure",
    "failing",
    "ctx",
    "context",
    "req",
    "res",
    "resp",
    "request",
    "response",
    "http",
    "https",
    "www",
    "com",
    "org",
    "net",
    "github",
    "json",
    "yaml",
    "xml",
    "text",
    "svc",
    "service",
    "server",
    "client",
    "handler",
    "handle",
    "handled",
    "api",
    "app",
    "main",
    "pkg",
    "lib",
    "src",
    "cmd",
    "internal",
    "config",
    "default",
    "data",
    "item",
    "value",
    "name",
    "file",
    "path",
    "line",
    "code",
    "list",
    "map",
    "key",
    "log",
    "info",
    "warn",
    "debug",
    "msg",
    "message",
    "time",
    "second",
    "minute",
    "status",
    "state",
    "started",
    "start",
    "stop",
    "end",
    "when",
    "while",
    "else",
    "then",
    "than",
    "into",
    "over",
    "above",
    "below",
    "after",
    "before",
    "more",
    "less",
    "ratio",
    "rate",
    "total",
    "count",
    "counter",
    "number",
    "metric",
    "metrics",
    "goe",
    "java",
    "python",
    "node",
    "feat",
    "fix",
    "chore",
    "refactor",
    "perf",
    "test",
    "docs",
    "tidy",
    "unexpected",
    "unable",
    "cannot",
    "could",
    "should",
    "does",
    "did",
    "rises",
    "falls",
    "rise",
    "fall",
    "high",
    "low",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_form_for_all_spellings() {
        for text in ["catalogItems", "catalog_items", "CATALOG-ITEMS", "catalog items"] {
            assert_eq!(split_words(text), ["catalog", "items"], "{text}");
        }
        assert_eq!(split_words("HTTPServer2xx"), ["http", "server", "xx"]);
        assert_eq!(split_words("maxIdleTTL"), ["max", "idle", "ttl"]);
    }

    #[test]
    fn stop_words_and_short_words_point_at_nothing() {
        assert!(telling_words("the service failed to get a response").is_empty());
        assert_eq!(telling_words("catalog queries").into_iter().collect::<Vec<_>>(), ["catalog", "query"]);
    }

    #[test]
    fn rare_words_weigh_more() {
        let set = |t: &str| telling_words(t);
        let r = rarity(&[set("catalog price"), set("catalog"), set("catalog stock")]);
        assert!(r["price"] > r["catalog"]);
    }
}
