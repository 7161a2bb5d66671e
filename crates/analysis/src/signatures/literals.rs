//! One pass over a text rules most signatures out: each cue has literals without which it cannot match.
//!
//! Must never know what a cue means. What breaks it: a cue that has no such literals, which is then always tried.

mod required;

use std::borrow::Cow;

use expressions::literals::required;

use crate::pairs::Pairs;

/// What a text has to hold for a cue to match, in lowercase.
#[derive(Debug)]
pub enum Need {
    Word(&'static str),
    /// A word that may be part of an identifier.
    Part(&'static str),
    All(&'static [Need]),
    Any(&'static [Need]),
}

impl Need {
    /// Whether some word may be part of an identifier.
    pub fn has_part(&self) -> bool {
        match self {
            Need::Word(_) => false,
            Need::Part(_) => true,
            Need::All(needs) | Need::Any(needs) => needs.iter().any(Need::has_part),
        }
    }

    /// What is left to look for in a text of which this is what is left once all identifiers are zeros, with its pairs.
    pub fn left(&self, hidden: &[u8], pairs: &Pairs) -> Left {
        // Of several what is left of each, but what changes nothing; `None` where one of them decides.
        let several = |needs: &[Need], decides: fn(&Left) -> bool, is_idle: fn(&Left) -> bool| {
            let mut left: Vec<Left> = needs.iter().map(|need| need.left(hidden, pairs)).collect();
            left.retain(|left| !is_idle(left));
            (!left.iter().any(decides)).then_some(left)
        };
        let is_missing = |left: &Left| matches!(left, Left::Missing);
        let is_nothing = |left: &Left| matches!(left, Left::Nothing);
        match self {
            Need::Word(word) if pairs.finds(word.as_bytes(), hidden) => Left::Nothing,
            Need::Word(_) => Left::Missing,
            Need::Part(word) => Left::Part(word),
            Need::All(needs) => match several(needs, is_missing, is_nothing) {
                None => Left::Missing,
                Some(left) if left.is_empty() => Left::Nothing,
                Some(left) => Left::All(left.into()),
            },
            Need::Any(needs) => match several(needs, is_nothing, is_missing) {
                None => Left::Nothing,
                Some(left) if left.is_empty() => Left::Missing,
                Some(left) => Left::Any(left.into()),
            },
        }
    }

    /// Whether a text in lowercase holds it, of which these are the pairs.
    pub fn is_met(&self, text: &[u8], pairs: &Pairs) -> bool {
        match self {
            Need::Word(word) | Need::Part(word) => pairs.finds(word.as_bytes(), text),
            Need::All(needs) => needs.iter().all(|need| need.is_met(text, pairs)),
            Need::Any(needs) => needs.iter().any(|need| need.is_met(text, pairs)),
        }
    }
}

/// What of a need is left to look for, once it is known what texts that are alike have.
#[derive(Debug)]
pub enum Left {
    /// All of it stands there.
    Nothing,
    /// Something does not.
    Missing,
    Part(&'static str),
    All(Box<[Left]>),
    Any(Box<[Left]>),
}

impl Left {
    /// Whether a text holds it, as far as its words are found there.
    pub fn is_met(&self, finds: &impl Fn(&[u8]) -> bool) -> bool {
        match self {
            Left::Nothing => true,
            Left::Missing => false,
            Left::Part(word) => finds(word.as_bytes()),
            Left::All(all) => all.iter().all(|left| left.is_met(finds)),
            Left::Any(any) => any.iter().any(|left| left.is_met(finds)),
        }
    }
}

/// A cue with the literals of which it needs one, all that it needs, and whether it stays within a line.
type Row = (&'static str, &'static [&'static str], Need, bool);

/// The cues of all files that need something, as the build script found it: by the cue, rising.
static EMBEDDED: &[Row] = include!(concat!(env!("OUT_DIR"), "/literals.rs"));

/// What rules a cue out.
pub struct Known {
    /// Literals of which a text has to hold one; `None` where there is no such set.
    pub words: Option<Vec<Cow<'static, str>>>,
    /// All that a text has to hold; `None` for a cue that stands in no file.
    pub need: Option<&'static Need>,
    /// Whether every match lies within one line, and hangs on nothing beyond it.
    pub is_within_line: bool,
}

/// What is known of a cue; parsing thousands of expressions at every start would take a good part of it.
pub fn of(cue: &str) -> Known {
    match EMBEDDED.binary_search_by_key(&cue, |(cue, ..)| cue).ok().and_then(|at| EMBEDDED.get(at)) {
        Some((_, words, need, is_within)) => {
            let words = Some(words.iter().map(|word| Cow::Borrowed(*word)).collect());
            Known { words, need: Some(need), is_within_line: *is_within }
        }
        None => {
            let words = required(cue).map(|words| words.into_iter().map(Cow::Owned).collect());
            Known { words, need: None, is_within_line: required::is_within_line(cue) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signatures::{Catalogue, ids};

    #[track_caller]
    fn check(cue: &str, expected: Option<&[&str]>) {
        assert_eq!(
            required(cue).as_deref(),
            expected.map(|e| e.iter().map(|s| s.to_string()).collect::<Vec<_>>()).as_deref(),
            "{cue}"
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
    fn what_was_found_when_it_was_built_is_what_is_found() {
        let cues: Vec<&String> = Catalogue::load().all().iter().flat_map(|signature| &signature.cues).collect();
        assert!(cues.len() >= EMBEDDED.len() && EMBEDDED.len() > 100);
        for cue in cues {
            let known = of(cue);
            let found = required(cue).map(|words| words.into_iter().map(Cow::Owned).collect());
            assert_eq!(known.words, found, "{cue}");
            assert_eq!(known.is_within_line, super::required::is_within_line(cue), "{cue}");
        }
    }

    #[test]
    fn a_cue_needs_words_of_each_of_its_parts() {
        let shown = |cue: &str| super::required::needs(cue, |word| word.starts_with(|first: char| first.is_ascii_digit()));
        assert_eq!(
            shown(r"(Disk|volume) .{0,40}full").unwrap(),
            r#"Need::All(&[Need::Word("full"), Need::Any(&[Need::Word("disk"), Need::Word("volume")])])"#
        );
        assert_eq!(shown(r"(a|bc)+ de").unwrap(), r#"Need::Word(" de")"#, "a part of which nothing is known is left out");
        assert_eq!(shown(r"ab|[0-9]"), None);
        let by_part = r#"Need::All(&[Need::Part("503"), Need::Word("ab")])"#;
        assert_eq!(shown(r"ab.*503").unwrap(), by_part, "what may be part of an identifier comes first");
    }

    #[test]
    fn every_text_that_a_cue_matches_holds_what_it_needs() {
        let all = Catalogue::load().all();
        let texts: Vec<&String> = all.iter().flat_map(|s| s.samples.iter().chain(&s.lookalikes)).collect();
        let mut ruled_out = 0;
        for cue in all.iter().flat_map(|signature| &signature.cues) {
            let Some(need) = of(cue).need else { continue };
            let regex = regex::bytes::RegexBuilder::new(cue).case_insensitive(true).unicode(false).build().unwrap();
            for text in &texts {
                let lower = text.to_ascii_lowercase();
                let pairs = Pairs::of(lower.as_bytes());
                let is_met = need.is_met(lower.as_bytes(), &pairs);
                let hidden = ids::hidden(lower.as_bytes());
                let left = need.left(&hidden, &Pairs::of(&hidden));
                assert_eq!(left.is_met(&|word| pairs.finds(word, lower.as_bytes())), is_met, "{cue}: {text}");
                ruled_out += usize::from(!is_met);
                assert!(is_met || !regex.is_match(text.as_bytes()), "{cue}: {text}");
            }
        }
        assert!(ruled_out > 100_000, "{ruled_out}");
    }

    #[test]
    fn what_may_match_a_line_end_or_hangs_on_the_ends_of_a_text_goes_beyond_a_line() {
        for cue in [r"pool .{0,9}full", r"\bslow\b", r"(?m:^)pool(?m:$)", r"[a-z0-9 ]+ ms"] {
            assert!(required::is_within_line(cue), "{cue}");
        }
        for cue in [r"not\s+ready", r"^pool", r"full$", r"(?s)a.b", r#"role "[^"]+" is gone"#, r"a\W", "a\nb"] {
            assert!(!required::is_within_line(cue), "{cue}");
        }
    }

    #[test]
    fn a_cue_of_classes_alone_has_none() {
        check(r"\d+ [a-z]+", None);
        check(r"(abc)?\w+", None);
    }
}
