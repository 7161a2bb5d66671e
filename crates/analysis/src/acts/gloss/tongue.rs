//! The tables of `tongues/`: words and phrases of other languages and what they are in English.
//!
//! One file is one language, or several that share their words. A line is `own | own = english`; a word may end in `*` (any
//! ending), `_` stands for up to four words that stay between, and `#` for a number that follows. Must never know a message.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use rust_embed::RustEmbed;

use super::tokens::{Token, folded};

#[derive(RustEmbed)]
#[folder = "../../tongues"]
struct Files;

/// So many words may stand where a phrase is open.
const GAP: usize = 4;
/// A stem has at least so many letters.
const STEM: usize = 3;

pub struct Tongue {
    /// By the first word, longer phrases first.
    phrases: HashMap<&'static str, Vec<Phrase>>,
    stems: HashMap<&'static str, Vec<Phrase>>,
}

struct Phrase {
    /// The words after the first.
    rest: Vec<Need>,
    /// For each run of words between gaps.
    english: Vec<&'static str>,
}

enum Need {
    Word(&'static str),
    Stem(&'static str),
    Gap,
    Number,
}

/// A phrase that stands in a text.
pub struct Match<'m> {
    /// First and last word of each run, and its English.
    pub parts: Vec<(usize, usize, &'m str)>,
}

/// All tables, read once.
pub fn tongues() -> &'static [Tongue] {
    static TONGUES: LazyLock<Vec<Tongue>> = LazyLock::new(|| sources().iter().map(|table| Tongue::new(table)).collect());
    &TONGUES
}

/// Words that are English, whatever else they are; one of them alone never tells a language.
pub fn is_english(word: &str) -> bool {
    static WORDS: LazyLock<HashSet<String>> =
        LazyLock::new(|| include_str!("english.txt").split_whitespace().map(folded).collect());
    WORDS.contains(word)
}

/// The tables with their own side folded, in the order of their names.
fn sources() -> &'static [String] {
    static SOURCES: LazyLock<Vec<String>> = LazyLock::new(|| {
        let mut names: Vec<String> = Files::iter().map(|name| name.to_string()).collect();
        names.sort();
        let text = |name: &String| Files::get(name).and_then(|file| String::from_utf8(file.data.into_owned()).ok());
        names.iter().filter_map(text).map(|text| with_folded_words(&text)).collect()
    });
    &SOURCES
}

fn with_folded_words(table: &str) -> String {
    let lines = table.lines().filter_map(|line| line.split_once('='));
    lines.map(|(own, english)| format!("{}={}\n", folded(own), english.trim())).collect()
}

impl Tongue {
    fn new(text: &'static str) -> Tongue {
        let mut tongue = Tongue { phrases: HashMap::new(), stems: HashMap::new() };
        for (own, english) in text.lines().filter_map(|line| line.split_once('=')) {
            for own in own.split('|') {
                tongue.add(own.trim(), english);
            }
        }
        let all = tongue.phrases.values_mut().chain(tongue.stems.values_mut());
        all.for_each(|phrases| phrases.sort_by_key(|p| std::cmp::Reverse(p.rest.len())));
        tongue
    }

    fn add(&mut self, own: &'static str, english: &'static str) {
        let mut words = own.split(' ').filter(|word| !word.is_empty());
        let Some(first) = words.next() else { return };
        let need = |word: &'static str| match word {
            "_" => Need::Gap,
            "#" => Need::Number,
            word => word.strip_suffix('*').map_or(Need::Word(word), Need::Stem),
        };
        let phrase = Phrase { rest: words.map(need).collect(), english: english.split('_').map(str::trim).collect() };
        match first.strip_suffix('*') {
            Some(stem) => self.stems.entry(stem).or_default().push(phrase),
            None => self.phrases.entry(first).or_default().push(phrase),
        }
    }

    /// The phrases of the text from left to right, at each word the longest.
    pub fn matches(&self, text: &str, tokens: &[Token]) -> Vec<Match<'_>> {
        let mut found: Vec<Match<'_>> = Vec::new();
        let mut taken = vec![false; tokens.len()];
        for at in 0..tokens.len() {
            if taken[at] {
                continue;
            }
            let hit = self.starting(&tokens[at].folded).find_map(|phrase| phrase.at(text, tokens, at, &taken));
            let Some(hit) = hit else { continue };
            hit.parts.iter().for_each(|(first, last, _)| taken[*first..=*last].fill(true));
            found.push(hit);
        }
        found
    }

    /// Phrases that may begin with a word: by the whole word first, then by its longest stem.
    fn starting(&self, word: &str) -> impl Iterator<Item = &Phrase> {
        let stems = (STEM..=word.len()).rev().filter_map(|end| self.stems.get(word.get(..end)?));
        self.phrases.get(word).into_iter().chain(stems).flatten()
    }
}

impl Phrase {
    /// Its words where it stands from one word on.
    fn at<'m>(&'m self, text: &str, tokens: &[Token], start: usize, taken: &[bool]) -> Option<Match<'m>> {
        let mut runs = vec![(start, start)];
        let mut is_open = false;
        for need in &self.rest {
            let last = runs.last()?.1;
            match need {
                Need::Gap => is_open = true,
                Need::Number => {
                    let behind = text[tokens[last].span.1..].trim_start_matches(['.', ' ', ':']);
                    behind.starts_with(|c: char| c.is_ascii_digit()).then_some(())?;
                }
                Need::Word(_) | Need::Stem(_) => {
                    let reach = if is_open { GAP + 1 } else { 1 };
                    let near = (last + 1..tokens.len()).take(reach);
                    let mut near = near.take_while(|next| joins(text, &tokens[next - 1], &tokens[*next], is_open));
                    let next = near.find(|next| !taken[*next] && need.fits(&tokens[*next].folded))?;
                    if is_open {
                        runs.push((next, next));
                        is_open = false;
                    } else {
                        runs.last_mut()?.1 = next;
                    }
                }
            }
        }
        (runs.len() == self.english.len()).then(|| Match {
            parts: runs.into_iter().zip(&self.english).map(|((first, last), english)| (first, last, *english)).collect(),
        })
    }
}

impl Need {
    fn fits(&self, word: &str) -> bool {
        match self {
            Need::Word(own) => *own == word,
            Need::Stem(stem) => word.starts_with(stem),
            Need::Gap | Need::Number => false,
        }
    }
}

/// Nothing but room or a comma stands between the words of a phrase; in a gap also names and numbers.
fn joins(text: &str, before: &Token, next: &Token, is_open: bool) -> bool {
    let between = &text[before.span.1..next.span.0];
    if is_open { !between.contains([',', ';', '(', '!', '?', '\n']) } else { matches!(between, "" | " " | ", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_in_order() {
        let mut wrong = Vec::new();
        for table in sources() {
            let mut known = HashSet::new();
            for (own, english) in table.lines().filter_map(|line| line.split_once('=')) {
                let holes = english.matches('_').count();
                for own in own.split('|').map(str::trim) {
                    let words: Vec<&str> = own.split(' ').collect();
                    let is_short = words.iter().any(|word| word.ends_with('*') && word.len() <= STEM);
                    if own.is_empty() || is_short || own.matches('_').count() != holes || !known.insert(own) {
                        wrong.push(format!("{own}={english}"));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "empty, twice, too short a stem, or other gaps: {wrong:#?}");
    }
}
