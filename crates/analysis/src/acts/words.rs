//! Patterns of the act files, compiled small.
//!
//! The cues are English, so `\w`, `\d` and `\b` mean ASCII here: Unicode tables would make the catalogue ten times
//! as large and as slow to start (see [`expressions`]). `\S` and `.` keep their Unicode meaning. A pattern is compiled when a
//! sentence first holds one of the literals without which it cannot match: most messages need few of them. Must never know
//! what an act is. Broken by the Kelvin sign and the long s, which only a regex takes for k and s.

use aho_corasick::AhoCorasick;
use expressions::{Engine, Letters, literals, narrowed};
use regex_automata::meta::Regex;
use regex_automata::util::captures::Captures;

/// A pattern, compiled at its first use.
pub struct Words {
    id: usize,
    engine: Engine,
}

/// Collects patterns and the literals they need, to build the [`Gate`].
#[derive(Default)]
pub struct Lexicon {
    needs: Vec<Option<Vec<String>>>,
}

/// Tells which patterns a text leaves open, in one pass.
pub struct Gate {
    literals: Option<AhoCorasick>,
    /// For each literal, the patterns that need it.
    owners: Vec<Vec<usize>>,
    /// Patterns that no literal can rule out.
    always: Vec<bool>,
}

/// A sentence and the patterns that can match in it.
pub struct Sentence<'t> {
    pub text: &'t str,
    open: Vec<bool>,
}

impl Lexicon {
    /// A pattern that is no regex matches nothing; the tests prove that there is none.
    pub fn words(&mut self, source: &str) -> Words {
        let plain = |words: &Vec<String>| words.iter().all(|w| w.is_ascii());
        self.needs.push(literals::required(&narrowed(source, Letters::Ascii)).filter(plain));
        Words { id: self.needs.len() - 1, engine: pattern(source) }
    }

    pub fn gate(self) -> Gate {
        let always: Vec<bool> = self.needs.iter().map(Option::is_none).collect();
        let mut pairs: Vec<(String, usize)> = Vec::new();
        for (id, needs) in self.needs.into_iter().enumerate() {
            pairs.extend(needs.into_iter().flatten().map(|word| (word, id)));
        }
        pairs.sort();
        let (mut needles, mut owners): (Vec<String>, Vec<Vec<usize>>) = (Vec::new(), Vec::new());
        for (word, id) in pairs {
            if needles.last() != Some(&word) {
                needles.push(word);
                owners.push(Vec::new());
            }
            owners.last_mut().into_iter().for_each(|o| o.push(id));
        }
        let literals = AhoCorasick::builder().ascii_case_insensitive(true).build(&needles).ok();
        Gate { always: if literals.is_none() { vec![true; always.len()] } else { always }, literals, owners }
    }
}

impl Gate {
    pub fn sentence<'t>(&self, text: &'t str) -> Sentence<'t> {
        let mut open = self.always.clone();
        for hit in self.literals.iter().flat_map(|l| l.find_overlapping_iter(text)) {
            for &id in &self.owners[hit.pattern().as_usize()] {
                open[id] = true;
            }
        }
        Sentence { text, open }
    }
}

impl Words {
    /// Where the pattern first matches.
    pub fn find(&self, sentence: &Sentence) -> Option<usize> {
        self.open(sentence)?.find(sentence.text).map(|m| m.start())
    }

    pub fn all(&self, sentence: &Sentence) -> Vec<Captures> {
        self.open(sentence).map(|r| r.captures_iter(sentence.text).collect()).unwrap_or_default()
    }

    /// In any other text than the sentence itself, where the gate knows nothing.
    pub fn find_in(&self, text: &str) -> Option<usize> {
        self.engine.regex(text.len())?.find(text).map(|m| m.start())
    }

    fn open(&self, sentence: &Sentence) -> Option<&Regex> {
        sentence.open.get(self.id).copied().unwrap_or(true).then(|| self.engine.regex(sentence.text.len())).flatten()
    }

    #[cfg(test)]
    pub fn fault(&self) -> Option<String> {
        self.engine.check().err().map(|e| e.syntax_error().map_or_else(|| e.to_string(), ToString::to_string))
    }
}

/// A case-insensitive pattern with ASCII classes.
fn pattern(text: &str) -> Engine {
    Engine::of_any_case(narrowed(text, Letters::Ascii))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_ascii_and_case_does_not_count() {
        let pods = pattern(r"\bpods? \d+ – \S+$");
        assert!(pods.regex(1).is_some_and(|p| p.is_match("Ünter PODS 12 – ok")));
    }
}
