//! Which literal words a text must have for an expression to match in it.
//!
//! What is said is always necessary, never sufficient: an expression of which nothing is certain needs nothing. Letters of
//! ASCII are in lower case. Must never expand: of what could be many words, nothing is said. What misleads it: `(?i)k`
//! matches the Kelvin sign, too, so that no literal has it; words of ASCII are therefore searched for without that sign.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

use crate::filter::WIDTH;

/// Words of which one must be there.
pub type Clause = Vec<Vec<u8>>;

/// Words of a clause, bytes of a word that is repeated, clauses.
const WORDS: usize = 32;
const BYTES: usize = 256;
const CLAUSES: usize = 16;

/// What is needed, and whether the expression asks for the beginning or the end of the whole text.
pub fn of(pattern: &str, nest: u32) -> (Vec<Clause>, bool) {
    let parsed = ParserBuilder::new().utf8(false).multi_line(true).nest_limit(nest).build().parse(pattern);
    let Ok(hir) = parsed else { return (Vec::new(), true) };
    let looks = hir.properties().look_set();
    let by_row = looks.contains(Look::Start) || looks.contains(Look::End);
    let mut clauses = needed(&hir).into_clauses();
    clauses.sort_by_key(|clause| std::cmp::Reverse(shortest(clause)));
    clauses.truncate(CLAUSES);
    (clauses, by_row)
}

/// Whether everything that is needed may be there.
pub fn may_match(needs: &[Clause], may_have: impl Fn(&[u8]) -> bool) -> bool {
    needs.iter().all(|clause| clause.iter().any(|word| may_have(word)))
}

/// What an expression needs.
enum Needed {
    /// It matches this and nothing else, but for the case of letters.
    Exactly(Vec<u8>),
    Clauses(Vec<Clause>),
}

impl Needed {
    fn nothing() -> Needed {
        Needed::Clauses(Vec::new())
    }

    fn into_clauses(self) -> Vec<Clause> {
        match self {
            Needed::Exactly(word) if word.len() >= WIDTH => vec![vec![word]],
            Needed::Exactly(_) => Vec::new(),
            Needed::Clauses(clauses) => clauses,
        }
    }
}

fn needed(hir: &Hir) -> Needed {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Needed::Exactly(Vec::new()),
        HirKind::Literal(literal) => Needed::Exactly(literal.0.to_ascii_lowercase()),
        HirKind::Class(class) => one_letter(class).map_or_else(Needed::nothing, |letter| Needed::Exactly(vec![letter])),
        HirKind::Capture(capture) => needed(&capture.sub),
        HirKind::Repetition(repeated) if repeated.min == 0 => Needed::nothing(),
        HirKind::Repetition(repeated) => match needed(&repeated.sub) {
            Needed::Exactly(word) if repeated.max == Some(repeated.min) && word.len() * repeated.min as usize <= BYTES => {
                Needed::Exactly(word.repeat(repeated.min as usize))
            }
            other => Needed::Clauses(other.into_clauses()),
        },
        HirKind::Concat(parts) => in_a_row(parts),
        HirKind::Alternation(parts) => any_of(parts),
    }
}

fn in_a_row(parts: &[Hir]) -> Needed {
    let mut clauses = Vec::new();
    let mut run = Vec::new();
    let mut is_exact = true;
    for part in parts {
        match needed(part) {
            Needed::Exactly(word) => run.extend(word),
            Needed::Clauses(more) => {
                is_exact = false;
                clauses.extend(Needed::Exactly(std::mem::take(&mut run)).into_clauses());
                clauses.extend(more);
            }
        }
    }
    if is_exact {
        return Needed::Exactly(run);
    }
    clauses.extend(Needed::Exactly(run).into_clauses());
    Needed::Clauses(clauses)
}

/// Of each branch the longest words, if every branch has some.
fn any_of(parts: &[Hir]) -> Needed {
    let mut words = Clause::new();
    for part in parts {
        let best = needed(part).into_clauses().into_iter().max_by_key(shortest);
        match best {
            Some(clause) if words.len() + clause.len() <= WORDS => words.extend(clause),
            _ => return Needed::nothing(),
        }
    }
    Needed::Clauses(vec![words])
}

fn shortest(clause: &Clause) -> usize {
    clause.iter().map(Vec::len).min().unwrap_or(0)
}

/// The letter of ASCII that a class is, in whatever case.
fn one_letter(class: &Class) -> Option<u8> {
    let mut letters = match class {
        Class::Unicode(class) => {
            let ranges = class.ranges();
            let is_small = ranges.len() <= 2 && ranges.iter().all(|range| range.start() == range.end());
            let bytes = ranges.iter().map(|range| u8::try_from(range.start()).ok().filter(u8::is_ascii));
            is_small.then(|| bytes.collect::<Option<Vec<u8>>>()).flatten()?
        }
        Class::Bytes(class) => {
            let ranges = class.ranges();
            let is_small = ranges.len() <= 2 && ranges.iter().all(|range| range.start() == range.end());
            is_small.then(|| ranges.iter().map(|range| range.start()).collect::<Vec<u8>>())?
        }
    };
    letters.iter_mut().for_each(|letter| letter.make_ascii_lowercase());
    letters.dedup();
    <[u8; 1]>::try_from(letters).ok().map(|[letter]| letter)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn needs(pattern: &str) -> Vec<Vec<String>> {
        let text = |word: Vec<u8>| String::from_utf8(word).unwrap();
        of(pattern, 40).0.into_iter().map(|clause| clause.into_iter().map(text).collect()).collect()
    }

    #[test]
    fn literal_words_are_found_wherever_they_are_certain() {
        assert_eq!(needs("(?i-u)Timeout"), [["timeout"]]);
        assert_eq!(needs("pool.*Full"), [["pool"], ["full"]]);
        assert_eq!(needs("^(connection|socket) (reset|closed)$"), [["connection", "socket"], ["reset", "closed"]]);
        assert_eq!(needs("(abc)+x{3}"), [["abc"], ["xxx"]]);
        assert_eq!(needs(r"order \d+ failed"), [[" failed"], ["order "]]);
        assert_eq!(needs("(?i)stock"), [["toc"]]);
    }

    #[test]
    fn of_what_is_not_certain_nothing_is_said() {
        for pattern in [r"\d+\w*", "(abc)?", "abc|d", "a.c", "", "[ab]cd", "(?i)kks"] {
            assert_eq!(needs(pattern), Vec::<Vec<String>>::new(), "{pattern}");
        }
        assert!(of(r"\Aabc", 40).1 && of(r"abc\z", 40).1 && !of("^abc$", 40).1);
    }

    proptest! {
        #[test]
        fn a_text_that_matches_has_what_is_needed(
            pattern in "(\\(\\?i\\))?([a-cK]{1,4}|\\[a-c\\]|[ab]\\+|\\(ab\\|cab\\|abcK\\)|b\\*|\\(aab\\)\\{2\\}|\\.){1,5}",
            text in "[a-cA-CkK\u{212a} ]{0,30}",
        ) {
            let regex = regex::bytes::Regex::new(&pattern).unwrap();
            let lower = text.as_bytes().to_ascii_lowercase();
            if regex.is_match(text.as_bytes()) {
                let has = |word: &[u8]| memchr::memmem::find(&lower, word).is_some();
                prop_assert!(may_match(&of(&pattern, 40).0, has), "{} {:?}", pattern, text);
            }
        }
    }
}
