//! What every match of a cue holds, and whether it stays within a line.
//!
//! The build script has this file in it, so it must never use anything else of the crate. Must never miss: what is needed
//! stands in every match (in some letter case).

use expressions::literals::{parsed, word};
use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// What every match of a cue holds, as the text of a Rust expression of a `Need`; `None` where nothing is known of it. Which words
/// may be part of an identifier is given.
#[allow(dead_code)] // for the build script
pub fn needs(cue: &str, is_part: fn(&str) -> bool) -> Option<String> {
    need(&parsed(cue)?, is_part)
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

fn need(hir: &Hir, is_part: fn(&str) -> bool) -> Option<String> {
    match hir.kind() {
        HirKind::Literal(literal) => {
            word(&literal.0).map(|word| format!("Need::{}({word:?})", if is_part(&word) { "Part" } else { "Word" }))
        }
        HirKind::Capture(group) => need(&group.sub, is_part),
        HirKind::Repetition(repetition) if repetition.min > 0 => need(&repetition.sub, is_part),
        HirKind::Concat(parts) => {
            let mut known: Vec<String> = parts.iter().filter_map(|part| need(part, is_part)).collect();
            // What may be part of an identifier is what is asked of each text, and one word is sooner known to be missing than all of many.
            let words = |need: &str| need.matches("Need::Word").count() + need.matches("Need::Part").count();
            known.sort_by_key(|need| (!need.contains("Need::Part"), words(need)));
            if known.len() < 2 { known.pop() } else { Some(format!("Need::All(&[{}])", known.join(", "))) }
        }
        HirKind::Alternation(parts) => {
            let known = parts.iter().map(|part| need(part, is_part)).collect::<Option<Vec<_>>>()?;
            Some(format!("Need::Any(&[{}])", known.join(", ")))
        }
        _ => None,
    }
}
