//! A mask as words, variables and the signs between them.
//!
//! Joined again the tokens are the mask. It must never know which word means what. Input that breaks it: a message
//! that itself has `<*>` in it; that is taken for a variable.

use std::ops::Range;

use crate::mask::VARIABLE;

/// In the shape of a template that a user pinned: what a mask leaves out, but the template writes.
pub const HIDDEN: &str = "\u{2}";

/// The longest quoted text that is one token.
const QUOTED: usize = 60;

/// The tokens of a mask: variables, single signs, words, and quoted text without a variable as one word (a value may
/// have blanks).
pub fn tokens(mask: &str) -> Vec<&str> {
    let mut tokens = Vec::with_capacity(mask.len() / 3);
    let mut rest = mask;
    let mut in_quotes = false;
    while let Some(length) = length_of_first(rest) {
        let (token, after) = rest.split_at(length);
        tokens.push(token);
        rest = after;
        if token == "\"" {
            in_quotes = !in_quotes;
            if let Some(length) = quoted(rest).filter(|_| in_quotes) {
                let (text, after) = rest.split_at(length);
                tokens.push(text);
                rest = after;
            }
        }
    }
    tokens
}

fn length_of_first(rest: &str) -> Option<usize> {
    let first = rest.bytes().next()?;
    Some(match () {
        () if rest.starts_with(VARIABLE) => VARIABLE.len(),
        () if is_sign(first) || rest.starts_with(HIDDEN) => 1,
        () => rest.bytes().position(|byte| is_sign(byte) || HIDDEN.as_bytes() == [byte]).unwrap_or(rest.len()),
    })
}

/// The tokens with their places, quoted text word by word.
fn placed(mask: &str) -> Vec<(&str, usize)> {
    let mut tokens = Vec::with_capacity(mask.len() / 3);
    let mut at = 0;
    while let Some(length) = length_of_first(&mask[at..]) {
        tokens.push((&mask[at..at + length], at));
        at += length;
    }
    tokens
}

/// The places of the variables of a template.
pub fn values(template: &str) -> Vec<Range<usize>> {
    let variables = placed(template).into_iter().filter(|(token, _)| *token == VARIABLE);
    variables.map(|(token, at)| at..at + token.len()).collect()
}

/// What each variable of a template stands for in a mask, as places in the mask; `None` where the mask has not the text
/// of the template. A variable stands for as few tokens as can be, and for one at least.
pub fn align(template: &str, mask: &str) -> Option<Vec<Range<usize>>> {
    let (pattern, line) = (placed(template), placed(mask));
    let is_variable = |of: usize| pattern.get(of).is_some_and(|(token, _)| *token == VARIABLE || *token == HIDDEN);
    // Which tokens of the line each variable that was met stands for.
    let mut covered: Vec<(usize, Range<usize>)> = Vec::new();
    let (mut of, mut at) = (0, 0);
    while at < line.len() {
        if is_variable(of) {
            covered.push((of, at..at + 1));
            (of, at) = (of + 1, at + 1);
        } else if pattern.get(of).is_some_and(|(token, _)| *token == line[at].0) {
            (of, at) = (of + 1, at + 1);
        } else {
            // Only the last variable has to be tried longer: what comes before it is as short as can be already.
            let (variable, range) = covered.last_mut()?;
            range.end += 1;
            (of, at) = (*variable + 1, range.end);
        }
    }
    let shown = covered.into_iter().filter(|(of, _)| pattern[*of].0 == VARIABLE);
    let end = |token: usize| line.get(token).map_or(mask.len(), |(_, at)| *at);
    (of == pattern.len()).then(|| shown.map(|(_, range)| line[range.start].1..end(range.end)).collect())
}

/// How long the quoted text is at whose beginning `rest` starts, if it is one word for us.
fn quoted(rest: &str) -> Option<usize> {
    let length = rest.bytes().take(QUOTED).position(|byte| byte == b'"')?;
    let text = &rest[..length];
    (length > 0 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" _-.*".contains(&byte))).then_some(length)
}

/// Whether a token has a letter or digit and is no variable.
pub fn is_word(token: &str) -> bool {
    token != VARIABLE && token.bytes().any(|byte| byte.is_ascii_alphanumeric() || byte >= 128)
}

fn is_sign(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t' | b',' | b';' | b':' | b'=' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'<' | b'>' | b'"' | b'\'' | b'|'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_again_the_tokens_are_the_mask() {
        for mask in ["", "a <*>: b=\"c d\", \"x <*>\"", "jetty-<*> <<*>> \"open", "größer (<*>%)."] {
            assert_eq!(tokens(mask).concat(), mask);
        }
    }

    fn aligned(template: &str, mask: &'static str) -> Option<Vec<&'static str>> {
        align(template, mask).map(|ranges| ranges.into_iter().map(|range| &mask[range]).collect())
    }

    #[test]
    fn a_variable_of_a_template_stands_for_what_a_mask_has_there() {
        assert_eq!(aligned("the user <*> logged in", "the user ana logged in"), Some(vec!["ana"]));
        assert_eq!(aligned("took <*> to read", "took <*> ms to read"), Some(vec!["<*> ms"]));
        assert_eq!(
            aligned("<*> got <*>", "worker-<*> got the lock of \"View Lock\""),
            Some(vec!["worker-<*>", "the lock of \"View Lock\""])
        );
        assert_eq!(aligned("tag=\"<*>\" on <*>", "tag=\"View Lock\" on <*>"), Some(vec!["View Lock", "<*>"]));
        assert_eq!(aligned("a <*> b <*>", "a <*> c b <*> b <*>"), Some(vec!["<*> c", "<*> b <*>"]));
        assert_eq!(aligned("a <*> b", "a <*> c"), None);
        assert_eq!(aligned("a <*>", "a "), None);
        assert_eq!(aligned("error \u{2} of <*>", "error <*> of <*>"), Some(vec!["<*>"]));
        assert_eq!(values("a <*>=<*>"), [2..5, 6..9]);
    }

    #[test]
    fn quoted_words_are_one_token_and_what_follows_them_is_not() {
        assert_eq!(tokens("tag=\"View Lock\" on \"b\""), ["tag", "=", "\"", "View Lock", "\"", " ", "on", " ", "\"", "b", "\""]);
    }
}
