//! A mask as words, variables and the signs between them.
//!
//! Joined again the tokens are the mask. It must never know which word means what. Input that breaks it: a message
//! that itself has `<*>` in it; that is taken for a variable.

use crate::mask::VARIABLE;

/// The longest quoted text that is one token.
const QUOTED: usize = 60;

/// The tokens of a mask: variables, single signs, words, and quoted text without a variable as one word (a value may
/// have blanks).
pub fn tokens(mask: &str) -> Vec<&str> {
    let mut tokens = Vec::with_capacity(mask.len() / 3);
    let mut rest = mask;
    let mut in_quotes = false;
    while let Some(first) = rest.bytes().next() {
        let length = if rest.starts_with(VARIABLE) {
            VARIABLE.len()
        } else if is_sign(first) {
            1
        } else {
            rest.bytes().position(is_sign).unwrap_or(rest.len())
        };
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

    #[test]
    fn quoted_words_are_one_token_and_what_follows_them_is_not() {
        assert_eq!(tokens("tag=\"View Lock\" on \"b\""), ["tag", "=", "\"", "View Lock", "\"", " ", "on", " ", "\"", "b", "\""]);
    }
}
