//! The literals without which a cue cannot match.
//!
//! The build script has this file in it, so it must never use anything else of the crate. Must never miss: every match of the
//! cue holds at least one literal of the set (in some letter case). A cue that is all classes and options has none.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, HirKind};

/// More alternatives than this are not worth a prefilter.
const MAX_SET: usize = 256;
/// Shorter literals stand in every text.
const MIN_LENGTH: usize = 2;

/// Lowercase literals of which every match contains one; `None` where there is no such set.
pub fn required(cue: &str) -> Option<Vec<String>> {
    let hir = ParserBuilder::new().unicode(false).utf8(false).build().parse(cue).ok()?;
    set(&hir).map(|words| words.into_iter().map(|w| w.to_ascii_lowercase()).collect())
}

fn set(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Literal(literal) => {
            let word = std::str::from_utf8(&literal.0).ok()?;
            (word.len() >= MIN_LENGTH).then(|| vec![word.to_string()])
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
