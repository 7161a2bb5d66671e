//! Regular expressions that cost next to nothing until a text may match: most incidents meet few of some four hundred, and
//! compiling them all took two thirds of a small report.
//!
//! Each knows the literals without which it cannot match. It is compiled when a text first holds one of them, or once looking
//! for them has cost as much as compiling. Its classes have no tables of Unicode (see `letters`).
//!
//! Must never know what an expression looks for, and must never rule out a match. Broken by the Kelvin sign and the long s,
//! which only a regex takes for k and s.

mod engine;
mod found;
mod letters;
pub mod literals;

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};

pub use engine::Engine;
pub use found::{Captures, Match, Replacement};
pub use letters::{Letters, narrowed};

/// More literals than this are looked for as fast by the expression itself.
const MAX_WORDS: usize = 64;
/// So many are always looked for first.
const FEW: usize = 4;
/// What compiling costs, in bytes that are looked at for one of them: some million instructions.
const PRICE: usize = 300_000;

/// An expression, compiled at its first use.
#[derive(Debug)]
pub struct Expression {
    engine: Engine,
    /// Literals in lowercase of which every match holds one; none where there is no such set.
    words: Option<Vec<String>>,
    spent: AtomicUsize,
}

/// Why a text is no expression, in the words of the engine.
pub type Fault = Box<dyn std::error::Error + Send + Sync>;

/// A constant expression with the letters of names.
pub fn constant(text: &str) -> Expression {
    Expression::new(text).expect("a constant expression")
}

impl Expression {
    /// With the letters of names. In front may stand flags: `(?i)`.
    ///
    /// # Errors
    /// Where the text is no expression.
    pub fn new(text: &str) -> Result<Expression, Fault> {
        let words = literals::of_any_case(text);
        let engine = Engine::new(narrowed(text, Letters::All));
        if words.is_none() {
            engine.check()?;
        }
        let words = words.flatten().filter(|words| words.len() <= MAX_WORDS);
        Ok(Expression { engine, words, spent: AtomicUsize::new(0) })
    }

    pub fn is_match(&self, text: &str) -> bool {
        self.open(text).is_some_and(|regex| regex.is_match(text))
    }

    pub fn find<'t>(&self, text: &'t str) -> Option<Match<'t>> {
        self.open(text)?.find(text).map(|found| Match::new(text, found.range()))
    }

    pub fn find_iter<'t>(&self, text: &'t str) -> impl Iterator<Item = Match<'t>> {
        self.open(text).into_iter().flat_map(move |regex| regex.find_iter(text)).map(|found| Match::new(text, found.range()))
    }

    pub fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        let regex = self.open(text)?;
        let mut groups = regex.create_captures();
        regex.captures(text, &mut groups);
        groups.is_match().then(|| Captures::new(text, groups))
    }

    pub fn captures_iter<'t>(&self, text: &'t str) -> impl Iterator<Item = Captures<'t>> {
        let all = self.open(text).into_iter().flat_map(move |regex| regex.captures_iter(text));
        all.map(|groups| Captures::new(text, groups))
    }

    pub fn replace_all<'t>(&self, text: &'t str, mut by: impl Replacement) -> Cow<'t, str> {
        let (mut out, mut done) = (String::new(), 0);
        for found in self.captures_iter(text) {
            let Some(whole) = found.get(0) else { continue };
            out.push_str(&text[done..whole.start()]);
            by.write(&found, &mut out);
            done = whole.end();
        }
        if done == 0 && out.is_empty() {
            return Cow::Borrowed(text);
        }
        out.push_str(&text[done..]);
        Cow::Owned(out)
    }

    /// What finds matches, if there may be one.
    fn open(&self, text: &str) -> Option<&regex_automata::meta::Regex> {
        if self.is_ruled_out(text) {
            return None;
        }
        self.engine.regex(text.len())
    }

    /// Whether none of its literals stands in a text; of many not asked any more once that has cost too much.
    fn is_ruled_out(&self, text: &str) -> bool {
        let Some(words) = &self.words else { return false };
        let is_cheap = || {
            let price = words.len() * (text.len() + 8);
            !self.engine.is_built() && self.spent.fetch_add(price, Ordering::Relaxed) < PRICE
        };
        (words.len() <= FEW || is_cheap()) && !words.iter().any(|word| literals::holds(text.as_bytes(), word.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use regex::Regex;

    fn is_compiled(expression: &Expression) -> bool {
        expression.engine.is_built()
    }

    #[test]
    fn it_is_compiled_when_a_text_holds_what_it_needs() {
        let expression = constant(r"(?i)\b(?:rolled|rolling) back (\w+)");
        assert!(!expression.is_match("deployed v12 of cart") && !is_compiled(&expression));
        assert_eq!(expression.captures("We ROLLED BACK Köln").map(|c| c[1].to_string()).as_deref(), Some("Köln"));
        assert!(is_compiled(&expression));
    }

    #[test]
    fn it_is_compiled_once_looking_for_its_literals_has_cost_as_much() {
        let expression = constant("needle|pin|thread|awl|thimble");
        let hay = "a blade of grass ".repeat(1_000);
        let looks = (0..1_000).take_while(|_| !expression.is_match(&hay) && !is_compiled(&expression)).count();
        assert!((2..20).contains(&looks), "{looks}");
    }

    #[test]
    fn what_is_no_expression_is_said_at_once() {
        assert!(Expression::new("a(").is_err());
        assert!(Expression::new(r"(?i)[").is_err());
    }

    #[test]
    fn all_ways_to_ask_agree() {
        let expression = constant(r"(?P<n>\d+) ms");
        let text = "from 12 ms to 30 ms";
        assert_eq!(expression.find(text).map(|m| m.range()), Some(5..10));
        assert_eq!(expression.find_iter(text).count(), 2);
        assert_eq!(expression.captures_iter(text).map(|c| c["n"].to_string()).collect::<Vec<_>>(), ["12", "30"]);
        assert_eq!(expression.replace_all(text, "$n s"), "from 12 s to 30 s");
        assert_eq!(expression.replace_all("none", "$n s"), "none");
        let doubled = |c: &Captures<'_>| format!("{0}{0}", &c[1]);
        assert_eq!(expression.replace_all("1 ms, 2 ms", doubled), "11, 22");
        let found = expression.captures("30 ms").unwrap();
        assert_eq!((found.name("n").map(|m| m.as_str()), found.name("x"), found.iter().count()), (Some("30"), None, 2));
    }

    proptest! {
        #[test]
        fn nothing_that_matches_is_ruled_out(
            expression in proptest::sample::select(vec![
                r"(?i)\b(?:start(?:ed|ing|s)?|begin(?:s|ning)?|begun)\b", r"^\s*ab+c?d|xy", r"(?i)ä?bc", r"[ab]c (?i:de)f", r"(?m)^ab$",
                r"(?:ab|c)?d{2,}", r"(?i)über ab|cd", r"a.c|(?:de){0}f", r"ab(?:cd|cde|cf)*", "(?s)ab.cd",
            ]),
            text in "[abcdefxyABCDE äÄüÜ\n]{0,12}|[ a]{0,3}(start|BEGUN|Über ab|über AB|abc)[d ]{0,3}",
        ) {
            let whole = Regex::new(&narrowed(expression, Letters::All)).unwrap();
            let ours = constant(expression);
            prop_assert_eq!(ours.find(&text).map(|m| m.range()), whole.find(&text).map(|m| m.range()));
            prop_assert_eq!(ours.replace_all(&text, "<$0>"), whole.replace_all(&text, "<$0>"));
        }
    }
}
