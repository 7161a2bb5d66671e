//! Text of the sources as mrkdwn that means nothing but itself.
//!
//! `& < >` are escaped, as Slack asks. Its other marks have no escape: a word that they, an address, a mention or an emoji
//! would change stands as code, where nothing is changed. This module must never know what a text means. What breaks it: a
//! backtick cannot stand in code and is shown as U+02CB.

use super::super::words;

/// One line; a blank at either end is kept.
pub fn escaped(text: &str) -> String {
    let head = if text.starts_with(' ') { " " } else { "" };
    let tail = if text.len() > 1 && text.ends_with(' ') { " " } else { "" };
    let line = words::line(text);
    let shown: Vec<String> = line.split(' ').map(word).collect();
    format!("{head}{}{tail}", shown.join(" "))
}

/// As code.
pub fn ticked(text: &str) -> String {
    let text = words::line(text);
    if text.is_empty() { text } else { format!("`{}`", entities(&text.replace('`', "ˋ"))) }
}

fn word(word: &str) -> String {
    // Quotation marks and brackets of the sentence around it stay outside.
    let core = word.trim_matches(['“', '”', '(', ')', ',', '.', ';', '’', '‘', '"', '\'']);
    let core = if is_emoji(core) { core } else { core.trim_end_matches([':', '"', ')', '”']) };
    if core.is_empty() || !is_changed(core) {
        return entities(word);
    }
    let at = word.find(core).unwrap_or(0);
    let (head, rest) = word.split_at(at);
    let (core, tail) = rest.split_at(core.len());
    format!("{}{}{}", entities(head), ticked(core), entities(tail))
}

/// Would Slack show it otherwise?
fn is_changed(word: &str) -> bool {
    let address = word.contains("://") || word.contains("mailto:") || starts_with_www(word);
    word.contains(['*', '~', '`', '@']) || address || has_outer_underscore(word) || is_emoji(word) || word.starts_with('#')
}

/// `_x_` is slanted, `a_b` is not.
fn has_outer_underscore(word: &str) -> bool {
    let mut before = ' ';
    let mut signs = word.chars().peekable();
    while let Some(c) = signs.next() {
        let next = signs.peek().copied().unwrap_or(' ');
        if c == '_' && !(is_letter(before) && is_letter(next)) {
            return true;
        }
        before = c;
    }
    false
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn starts_with_www(word: &str) -> bool {
    word.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("www."))
}

/// `:fire:`, but not `10:20:30`.
fn is_emoji(word: &str) -> bool {
    let parts: Vec<&str> = word.split(':').collect();
    let name = |part: &&str| part.starts_with(|c: char| c.is_ascii_lowercase() || c == '+' || c == '-') && !part.contains('.');
    parts.len() > 2 && parts.iter().skip(1).rev().skip(1).any(name)
}

fn entities(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c4_nobody_is_mentioned_and_nothing_is_a_link() {
        assert_eq!(
            escaped("<!channel> <@U123> <http://x|bank.com>"),
            "&lt;!channel&gt; `&lt;@U123&gt;` `&lt;http://x|bank.com&gt;`"
        );
        assert_eq!(escaped("ask @here, or (@bob): \"www.a.example\""), "ask `@here`, or (`@bob`): \"`www.a.example`\"");
        assert_eq!(escaped("see https://evil.example/i.png."), "see `https://evil.example/i.png`.");
    }

    #[test]
    fn c4_marks_without_an_escape_stand_in_code() {
        assert_eq!(escaped("*bold* ~gone~ _slanted_ `x`"), "`*bold*` `~gone~` `_slanted_` `ˋxˋ`");
        assert_eq!(escaped("“*.example”"), "“`*.example`”");
        assert_eq!(escaped("now :fire: #general"), "now `:fire:` `#general`");
    }

    #[test]
    fn plain_words_stay_as_they_are() {
        for text in ["profile-service 3.8.0 at 14:05:22 UTC", "addresses_by_customer", "logs/api.log:12", " kept "] {
            assert_eq!(escaped(text), text);
        }
        assert_eq!(escaped("a & b < c"), "a &amp; b &lt; c");
    }
}
