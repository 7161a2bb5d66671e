//! A sentence of another language, read as the English that the acts know.
//!
//! Word by word and phrase by phrase, by the tables of `tongues/`: what is no word of the table (names, versions, numbers) stays
//! as it is, and each piece remembers which bytes of the source it stands for, so that whatever is found in the English is told in
//! the words that were written. The rules of the acts, and what they say of questions, plans and negations, hold for all
//! languages that way.
//!
//! It must never know what an act is. It breaks on words that mean something else in the language of a neighbour, and on an order
//! of words so free that a rule of English does not follow it.

mod figures;
mod tokens;
mod tongue;

use std::borrow::Cow;

use tokens::{Token, tokens};
use tongue::{Match, is_english, tongues};

/// A text in English with the way back to its source.
#[derive(Debug)]
pub struct Gloss<'t> {
    source: &'t str,
    pub text: String,
    pieces: Vec<Piece>,
}

/// Bytes of the source and of the English that stand for each other.
#[derive(Debug)]
struct Piece {
    own: (usize, usize),
    english: (usize, usize),
    /// Byte for byte the same.
    is_copied: bool,
}

/// The text in English, where it is of another language that has a table.
pub fn read(source: &str) -> Option<Gloss<'_>> {
    let tokens = tokens(source);
    let english = tokens.iter().filter(|token| is_english(&token.folded)).count();
    // No table can outweigh them.
    if english * 2 > tokens.len() {
        return None;
    }
    let tried = tongues().iter().map(|tongue| tongue.matches(source, &tokens)).map(|found| (weight(&tokens, &found), found));
    let (weight, found) = tried.rev().max_by_key(|(weight, _)| (weight.own, std::cmp::Reverse(weight.english)))?;
    (weight.own > weight.english).then(|| Gloss::write(source, &tokens, found))
}

/// The text in English, as it is where it is English already.
pub fn in_english(text: &str) -> Cow<'_, str> {
    read(text).map_or(Cow::Borrowed(text), |gloss| Cow::Owned(gloss.text))
}

/// How many words speak for a language, and how many for English all the same.
struct Weight {
    own: usize,
    english: usize,
}

fn weight(tokens: &[Token], found: &[Match<'_>]) -> Weight {
    let is_of = |index: usize| found.iter().any(|m| m.parts.iter().any(|(first, last, _)| (*first..=*last).contains(&index)));
    let (mut own, mut english) = (0, 0);
    for (index, token) in tokens.iter().enumerate() {
        match (is_of(index), is_english(&token.folded)) {
            (true, false) => own += 1,
            (false, true) => english += 1,
            _ => {}
        }
    }
    Weight { own, english }
}

impl<'t> Gloss<'t> {
    fn write(source: &'t str, tokens: &[Token], found: Vec<Match<'_>>) -> Gloss<'t> {
        let mut told: Vec<((usize, usize), Cow<'_, str>)> = Vec::new();
        for (first, last, words) in found.into_iter().flat_map(|m| m.parts) {
            let (start, mut end) = (tokens[first].span.0, tokens[last].span.1);
            // The dot of "kl. 14:05" and "ca. 40" belongs to the word.
            let before_a_number =
                source[end..].strip_prefix('.').is_some_and(|rest| rest.trim_start().starts_with(|c: char| c.is_ascii_digit()));
            if before_a_number || matches!(words, "k" | "million") && source[end..].starts_with('.') {
                end += 1;
            }
            if words.is_empty() && source[end..].starts_with(' ') {
                end += 1;
            }
            told.push(((start, end), Cow::Borrowed(words)));
        }
        told.extend(figures::find(source).into_iter().map(|(span, number)| (span, Cow::Owned(number))));
        told.sort_by_key(|((start, end), _)| (*start, std::cmp::Reverse(*end)));
        let mut gloss = Gloss { source, text: String::with_capacity(source.len() + 16), pieces: Vec::new() };
        let mut at = 0;
        for ((start, end), words) in told {
            if start < at {
                continue;
            }
            gloss.push((at, start), &source[at..start], true);
            gloss.push((start, end), &words, false);
            // An elided article leaves no room: "l'erreur".
            if !words.is_empty() && source[end..].starts_with(char::is_alphanumeric) {
                gloss.push((end, end), " ", false);
            }
            at = end;
        }
        gloss.push((at, source.len()), &source[at..], true);
        gloss
    }

    fn push(&mut self, own: (usize, usize), words: &str, is_copied: bool) {
        let start = self.text.len();
        self.text.push_str(words);
        self.pieces.push(Piece { own, english: (start, self.text.len()), is_copied });
    }

    /// The bytes of the source for bytes of the English; of a phrase always the whole.
    pub fn own(&self, (start, end): (usize, usize)) -> (usize, usize) {
        let place = |at: usize, is_end: bool| {
            let inside =
                |p: &&Piece| if is_end { p.english.0 < at && at <= p.english.1 } else { p.english.0 <= at && at < p.english.1 };
            let piece = self.pieces.iter().find(inside)?;
            Some(match (piece.is_copied, is_end) {
                (true, _) => piece.own.0 + at - piece.english.0,
                (false, true) => piece.own.1,
                (false, false) => piece.own.0,
            })
        };
        let from = place(start, false).unwrap_or(self.source.len());
        (from, place(end, true).unwrap_or(from).max(from))
    }

    /// What was written where the English has these words.
    pub fn words(&self, english: &str) -> Option<String> {
        let start = self.text.find(english)?;
        let (from, to) = self.own((start, start + english.len()));
        self.source.get(from..to).map(|own| own.trim().to_string()).filter(|own| !own.is_empty())
    }
}

#[cfg(test)]
mod tests;
