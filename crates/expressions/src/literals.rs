//! The literals without which an expression cannot match.
//!
//! Must never miss: every match holds at least one literal of the set (in some letter case). An expression that is all classes and
//! options has none.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, HirKind};

use crate::{Letters, narrowed};

/// More alternatives than this are not worth a prefilter.
const MAX_SET: usize = 256;
/// Shorter literals stand in every text.
const MIN_LENGTH: usize = 2;

/// Lowercase literals of which every match contains one; `None` where there is no such set. The expression has classes of ASCII.
pub fn required(expression: &str) -> Option<Vec<String>> {
    set(&parsed(expression)?)
}

/// An expression over bytes.
pub fn parsed(expression: &str) -> Option<Hir> {
    ParserBuilder::new().unicode(false).utf8(false).build().parse(expression).ok()
}

/// The same for an expression over text that may ignore letter case from its beginning on; nothing where it is no expression.
pub(crate) fn of_any_case(expression: &str) -> Option<Option<Vec<String>>> {
    // With it, each letter would be a class of two.
    let exact = without_case(expression);
    // What is no literal does not matter here, and takes long to read.
    let hir = parsed(&narrowed(&exact, Letters::None)).or_else(|| regex_syntax::parse(&narrowed(&exact, Letters::All)).ok())?;
    Some(set(&hir))
}

/// `(?i)` and `(?im)` in front become `(?m)`.
fn without_case(expression: &str) -> String {
    let flags = expression.strip_prefix("(?").and_then(|rest| rest.split_once(')'));
    match flags {
        Some(("i", rest)) => rest.to_string(),
        Some((flags, rest)) if flags.bytes().all(|b| b"imsx".contains(&b)) => format!("(?{}){rest}", flags.replace('i', "")),
        _ => expression.to_string(),
    }
}

/// Whether a text holds a word in lowercase, in any case of its letters of ASCII.
pub fn holds(text: &[u8], word: &[u8]) -> bool {
    // Few places have a seldom letter.
    let seldom = word.iter().position(|byte| !b" etaoinsrhldcum".contains(byte)).unwrap_or(0);
    let Some(letter) = word.get(seldom) else { return true };
    let Some(last) = text.len().checked_sub(word.len()) else { return false };
    let mut places = memchr::memchr2_iter(*letter, letter.to_ascii_uppercase(), &text[seldom..=seldom + last]);
    places.any(|at| text[at..at + word.len()].eq_ignore_ascii_case(word))
}

fn set(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Literal(literal) => word(&literal.0).map(|word| vec![word]),
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

/// The longest part of a literal that is ASCII, in lowercase: what is beyond has cases of its own.
pub fn word(literal: &[u8]) -> Option<String> {
    let part = literal.split(|byte| !byte.is_ascii()).max_by_key(|part| part.len())?;
    let part = std::str::from_utf8(part).ok()?;
    (part.len() >= MIN_LENGTH).then(|| part.to_ascii_lowercase())
}

/// The literal that is soonest found decides; of equals, the smaller set.
fn worth(words: &[String]) -> (usize, usize) {
    (words.iter().map(|w| seldomness(w)).min().unwrap_or(0), usize::MAX - words.len())
}

/// The longer a literal, the seldomer, but for words that half of all lines have, and their parts.
fn seldomness(word: &str) -> usize {
    let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let is_common = memchr::memmem::find(COMMON.as_bytes(), bare.as_bytes()).is_some();
    if is_common { word.len().min(MIN_LENGTH) } else { word.len() }
}

/// Words of logs, whatever they are about.
const COMMON: &str = "\
    access|address|attempt|cache|called|change|check|client|completed|config|connection|container|context|created\
    |database|default|deleted|duration|elapsed|error|event|executor|failed|finished|from|gateway|handler|health\
    |host|https|instance|internal|level|loading|message|method|order|path|payment|process|query|queue|ratio\
    |received|request|response|result|running|server|service|session|started|status|stopped|success|system|thread\
    |timestamp|updated|users|value|version|warning|worker";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letter_case_is_taken_off_where_it_is_ignored_from_the_beginning() {
        let words = |expression: &str| of_any_case(expression).flatten().unwrap_or_default().join(" ");
        assert_eq!(words("(?i)Rolled back|undone"), "rolled back undone");
        assert_eq!(words("(?im)^Done"), "done");
        assert_eq!(words("a (?i:done) now"), " now", "within the expression it is not looked into");
        assert_eq!(words("(?i)füllt auf"), "llt auf", "letters beyond ASCII have cases of their own");
        assert_eq!(words(r"(?i)\d+|ab"), "");
        assert!(of_any_case("(?i)(").is_none());
    }

    #[test]
    fn what_half_of_all_lines_have_is_looked_for_last() {
        let words = |expression: &str| required(expression).unwrap_or_default().join("|");
        assert_eq!(words(r"status .{0,40}(full|lost)"), "full|lost");
        assert_eq!(words(r"(full|lost) connections? \d"), "full|lost", "nor a part of such a word");
        assert_eq!(words(r"(full|lost) bad status \d"), " bad status ", "what goes on is seldom");
        assert_eq!(words(r"status \d+"), "status ", "better than nothing");
    }

    #[test]
    fn a_word_is_held_in_any_case() {
        for (text, held) in
            [("Rolled BACK", true), ("olled back", false), ("", false), ("xrolled backx", true), ("a rolled bac", false)]
        {
            assert_eq!(holds(text.as_bytes(), b"rolled back"), held, "{text}");
        }
        assert!(holds(b"", b"") && holds(b"Es", b"es") && !holds(b"e", b"es"));
    }
}
