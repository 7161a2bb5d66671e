//! What searches for an expression: one that is soon built, and for whoever searches much, one that is fast.
//!
//! Both find the same. The first goes through the expression's states step by step; what the second builds beside (the
//! expression from behind, literals to jump to, tables of states) takes three times as long and repays itself after some
//! kilobytes of text. Must never know what is searched, or for what.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use regex_automata::meta::{BuildError, Config, Regex};
use regex_automata::util::syntax;

/// Bytes that are searched before the fast one is built; and of one text.
const SOME: usize = 8 * 1024;
const LONG: usize = 2 * 1024;

#[derive(Debug)]
pub struct Engine {
    text: String,
    syntax: syntax::Config,
    searched: AtomicUsize,
    small: OnceLock<Option<Regex>>,
    fast: OnceLock<Option<Regex>>,
}

impl Engine {
    /// For an expression that stands as it shall be compiled. One that cannot be compiled finds nothing.
    pub fn new(text: String) -> Engine {
        Engine::with(text, syntax::Config::new())
    }

    /// The same in any letter case.
    pub fn of_any_case(text: String) -> Engine {
        Engine::with(text, syntax::Config::new().case_insensitive(true))
    }

    fn with(text: String, syntax: syntax::Config) -> Engine {
        Engine { text, syntax, searched: AtomicUsize::new(0), small: OnceLock::new(), fast: OnceLock::new() }
    }

    pub fn is_built(&self) -> bool {
        self.small.get().is_some() || self.fast.get().is_some()
    }

    /// The one to search a text of so many bytes with.
    pub fn regex(&self, bytes: usize) -> Option<&Regex> {
        let searched = self.searched.fetch_add(bytes, Ordering::Relaxed);
        if searched > SOME || bytes > LONG || self.fast.get().is_some() {
            return self.fast.get_or_init(|| self.built(Config::new()).ok()).as_ref();
        }
        let small = || Config::new().hybrid(false).dfa(false).onepass(false).auto_prefilter(false);
        self.small.get_or_init(|| self.built(small()).ok()).as_ref()
    }

    /// # Errors
    /// Where the text is no expression, or one of too many states.
    pub fn check(&self) -> Result<(), Box<BuildError>> {
        self.built(Config::new()).map(drop)
    }

    fn built(&self, config: Config) -> Result<Regex, Box<BuildError>> {
        let config = config.nfa_size_limit(Some(1 << 25));
        Regex::builder().syntax(self.syntax).configure(config).build(&self.text).map_err(Box::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_one_is_built_for_long_texts_and_after_many() {
        let engine = || Engine::new("a+b".to_string());
        let (short, long, often) = (engine(), engine(), engine());
        assert!(short.regex(100).is_some_and(|regex| regex.is_match("xaab")) && short.fast.get().is_none());
        assert!(long.regex(LONG + 1).is_some_and(|regex| regex.is_match("xaab")) && long.small.get().is_none());
        assert!((0..400).all(|_| often.regex(100).is_some_and(|regex| regex.is_match("xaab"))));
        assert!(often.small.get().is_some() && often.fast.get().is_some());
    }

    #[test]
    fn what_is_no_expression_finds_nothing() {
        let engine = Engine::of_any_case("a(".to_string());
        assert!(engine.check().is_err() && engine.regex(3).is_none());
    }
}
