//! Citations in a text: `[e3]`, `[logs/api.log:12]`, `[^1]`, `[2]`, `(INC-42)` and links.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::document::Unit;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    pub range: Range<usize>,
    /// What stands between the brackets, or where the link leads.
    pub label: String,
    pub is_link: bool,
}

static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let label = r"\^[\w-]+|[eE]?\d{1,4}|[^\[\]\n,;:]*[A-Za-z/][^\[\]\n,;:]*:\d+(?: \+\d+)?";
    Regex::new(&format!(r"\[((?:{label})(?:\s?[,;]\s?(?:{label}))*)\]")).ok()
});

/// In the order of the text.
pub fn citations(unit: &Unit) -> Vec<Citation> {
    let mut found = Vec::new();
    for captures in PATTERN.iter().flat_map(|p| p.captures_iter(&unit.text)) {
        let Some((whole, labels)) = captures.get(0).zip(captures.get(1)) else { continue };
        if unit.is_quoted(whole.start()) {
            continue;
        }
        let labels = labels.as_str().split([',', ';']).map(str::trim).filter(|l| !l.is_empty());
        found.extend(labels.map(|l| Citation { range: whole.range(), label: l.to_string(), is_link: false }));
    }
    found.extend(unit.links.iter().map(|(range, to)| Citation { range: range.clone(), label: to.clone(), is_link: true }));
    found.sort_by_key(|c| c.range.start);
    found
}

/// A statement without its citations and what is said about how it is known.
pub fn without_citations(text: &str) -> String {
    static STANDING: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\s*\((?:measured|stated|inferred|disputed), \d+%\)").ok());
    let text = PATTERN.as_ref().map_or_else(|| text.to_string(), |p| p.replace_all(text, "").into_owned());
    let text = STANDING.as_ref().map_or_else(|| text.clone(), |p| p.replace_all(&text, "").into_owned());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
