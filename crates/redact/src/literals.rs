//! The literals without which a pattern cannot match, so that one pass over a line rules most patterns out.
//!
//! The build script has this file in it, so it must never use anything else of the crate. Must never miss: every match of the pattern holds at least one literal of the set (in some letter case). A pattern that is
//! all classes and options has none, and is then always tried.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, HirKind};

/// More alternatives than this are not worth a prefilter.
const MAX_SET: usize = 64;
/// Shorter literals stand in every text.
const MIN_LENGTH: usize = 2;
/// Signs that alone are worth it.
const RARE: [&str; 3] = ["@", "|", "$"];

/// Lowercase literals of which every match contains one; `None` where there is no such set.
pub fn required(pattern: &str) -> Option<Vec<String>> {
    // Folded letters would be classes; the search for the literals folds by itself.
    let pattern = pattern.replace("(?i:", "(?:");
    let hir = ParserBuilder::new().unicode(false).utf8(false).build().parse(&pattern).ok()?;
    set(&hir).map(|words| words.into_iter().map(|w| w.to_ascii_lowercase()).collect())
}

fn set(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Literal(literal) => {
            let word = std::str::from_utf8(&literal.0).ok()?;
            (word.len() >= MIN_LENGTH || RARE.contains(&word)).then(|| vec![word.to_string()])
        }
        HirKind::Capture(group) => set(&group.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => set(&repetition.sub),
        HirKind::Concat(parts) => parts.iter().filter_map(set).max_by_key(|words| worth(words)),
        HirKind::Alternation(parts) => {
            let words: Vec<String> = parts.iter().map(set).collect::<Option<Vec<_>>>()?.into_iter().flatten().collect();
            (words.len() <= MAX_SET).then_some(words)
        }
        _ => None,
    }
}

/// The length of the shortest literal decides; of equals, the smaller set.
fn worth(words: &[String]) -> (usize, usize) {
    (words.iter().map(|w| w.len()).min().unwrap_or(0), usize::MAX - words.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, expected: Option<&[&str]>) {
        assert_eq!(
            required(pattern).as_deref(),
            expected.map(|e| e.iter().map(|s| s.to_string()).collect::<Vec<_>>()).as_deref(),
            "{pattern}"
        );
    }

    #[test]
    fn the_longest_literal_that_must_occur_is_taken() {
        check(r"connection refused", Some(&["connection refused"]));
        check(r"\bMOVED \d+", Some(&["moved "]));
        check(r"(a )?very slow (disk|fsync)\b", Some(&["very slow "]));
        check(r"(disk|volume) .{0,40}full", Some(&["full"]));
        check(r"cpu|memory", Some(&["cpu", "memory"]));
    }

    #[test]
    fn a_pattern_of_classes_alone_has_none() {
        check(r"\d+ [a-z]+", None);
        check(r"(abc)?\w+", None);
    }
}
