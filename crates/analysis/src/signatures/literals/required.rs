//! The literals without which a cue cannot match.
//!
//! The build script has this file in it, so it must never use anything else of the crate. Must never miss: every match of the
//! cue holds at least one literal of the set (in some letter case). A cue that is all classes and options has none.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// More alternatives than this are not worth a prefilter.
const MAX_SET: usize = 256;
/// Shorter literals stand in every text.
const MIN_LENGTH: usize = 2;

/// Lowercase literals of which every match contains one; `None` where there is no such set.
pub fn required(cue: &str) -> Option<Vec<String>> {
    set(&parsed(cue)?).map(|words| words.into_iter().map(|w| w.to_ascii_lowercase()).collect())
}

/// What every match of a cue holds, as the text of a Rust expression of a `Need`; `None` where nothing is known of it.
#[allow(dead_code)] // for the build script
pub fn needs(cue: &str) -> Option<String> {
    need(&parsed(cue)?)
}

/// Whether every match of a cue lies within one line, and hangs on nothing beyond it.
pub fn is_within_line(cue: &str) -> bool {
    parsed(cue).is_some_and(|hir| stays(&hir))
}

fn stays(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty => true,
        HirKind::Literal(literal) => !literal.0.contains(&b'\n'),
        HirKind::Class(Class::Bytes(class)) => !class.iter().any(|range| (range.start()..=range.end()).contains(&b'\n')),
        HirKind::Class(Class::Unicode(class)) => !class.iter().any(|range| (range.start()..=range.end()).contains(&'\n')),
        HirKind::Look(look) => !matches!(look, Look::Start | Look::End),
        HirKind::Capture(group) => stays(&group.sub),
        HirKind::Repetition(repetition) => stays(&repetition.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().all(stays),
    }
}

fn parsed(cue: &str) -> Option<Hir> {
    ParserBuilder::new().unicode(false).utf8(false).build().parse(cue).ok()
}

fn need(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Literal(literal) => {
            let word = std::str::from_utf8(&literal.0).ok()?.to_ascii_lowercase();
            (word.len() >= MIN_LENGTH).then(|| format!("Need::Word({word:?})"))
        }
        HirKind::Capture(group) => need(&group.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => need(&repetition.sub),
        HirKind::Concat(parts) => {
            let mut known: Vec<String> = parts.iter().filter_map(need).collect();
            // One word is sooner known to be missing than all of many.
            known.sort_by_key(|need| need.matches("Need::Word").count());
            if known.len() < 2 { known.pop() } else { Some(format!("Need::All(&[{}])", known.join(", "))) }
        }
        HirKind::Alternation(parts) => {
            let known = parts.iter().map(need).collect::<Option<Vec<_>>>()?;
            Some(format!("Need::Any(&[{}])", known.join(", ")))
        }
        _ => None,
    }
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
