//! The words of this step: a key, and a group of lines that share it.
//!
//! It must never hold a rule.

use crate::mask::VARIABLE;

use super::tokens::is_word;

/// The tokens that decide what belongs together.
pub type Key<'m> = Vec<&'m str>;

/// Lines (by their number) that have become one.
#[derive(Debug, Clone)]
pub struct Group<'m> {
    pub key: Key<'m>,
    pub lines: Vec<usize>,
    pub count: u64,
}

/// How many tokens are words, and how many are variables.
pub fn words_and_variables(key: &[&str]) -> (usize, usize) {
    let words = key.iter().filter(|token| is_word(token)).count();
    (words, key.iter().filter(|token| **token == VARIABLE).count())
}
