//! What a reader does not see: escape sequences of a terminal, control characters, marks that turn the direction of
//! reading (N. Boucher and R. Anderson, "Trojan Source", 2021), characters without width, tags.
//!
//! They are taken out before a text is matched or shown, so that nothing steers a terminal and a word that was broken by
//! them is that word again; the text between them stays, what a terminal would have overwritten too. Must never know
//! where a text comes from. What breaks it: a sequence without an end, of which only the beginning is taken out.

use std::borrow::Cow;

use evidence::is_unseen;

/// A text as it can be shown, and how many characters of it were there to be unseen. Colours, which honest logs have,
/// do not count.
pub struct Plain<'t> {
    pub text: Cow<'t, str>,
    pub hidden: u64,
}

/// The text without what is not seen. A zero byte is shown as U+FFFD, a lone carriage return as a blank.
pub fn plain(text: Cow<'_, str>) -> Plain<'_> {
    if is_seen(&text) {
        return Plain { text, hidden: 0 };
    }
    let mut out = String::with_capacity(text.len());
    let mut hidden = 0;
    let mut rest = text.as_ref();
    while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_unseen(*c)) {
        out.push_str(&rest[..at]);
        let after = &rest[at + c.len_utf8()..];
        rest = match c {
            '\x1b' => escape(after, &mut hidden),
            '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => string(after, &mut hidden),
            '\u{9b}' => sequence(after, &mut hidden),
            _ => {
                single(c, after, &mut out, &mut hidden);
                after
            }
        };
    }
    out.push_str(rest);
    Plain { text: Cow::Owned(out), hidden }
}

/// Whether there is nothing but what everybody sees: printable ASCII, blanks, tabs and line feeds.
pub fn is_printable(bytes: &[u8]) -> bool {
    // Without a branch in it, so that the compiler looks at many bytes at once.
    let odd = |b: u8| u8::from(b.wrapping_sub(b' ') > b'~' - b' ') & u8::from(b != b'\n') & u8::from(b != b'\t');
    bytes.chunks(256).all(|chunk| chunk.iter().fold(0, |any, b| any | odd(*b)) == 0)
}

/// Whether there is nothing in it that is not seen, in whatever script.
pub fn is_seen(text: &str) -> bool {
    if is_printable(text.as_bytes()) {
        return true;
    }
    let is_hidden = |at: usize| text.get(at..).and_then(|rest| rest.chars().next()).is_some_and(is_unseen);
    // As above, and only what may be unseen is looked at by itself.
    text.as_bytes().chunks(BLOCK).zip(0..).all(|(block, n)| {
        let is_suspect = block.iter().fold(0, |any, byte| any | suspect(*byte)) != 0;
        !is_suspect || !(0..block.len()).filter(|i| suspect(block[*i]) != 0).any(|i| is_hidden(n * BLOCK + i))
    })
}

const BLOCK: usize = 64;

/// 1 for a control character, and for a byte that what is unseen begins with.
fn suspect(byte: u8) -> u8 {
    let is_control = u8::from(byte < b' ') & u8::from(byte != b'\t') & u8::from(byte != b'\n') | u8::from(byte == 0x7f);
    let is = |lead: u8| u8::from(byte == lead);
    is_control | is(0xc2) | is(0xd8) | is(0xe1) | is(0xe2) | is(0xef) | is(0xf3)
}

/// A character that stands alone. Joiners belong to emoji and to scripts other than Latin.
fn single(c: char, after: &str, out: &mut String, hidden: &mut u64) {
    match c {
        '\u{200c}' | '\u{200d}' if out.ends_with(|before: char| !before.is_ascii()) => out.push(c),
        '\r' if after.is_empty() || after.starts_with('\n') => {}
        '\r' | '\x0b' | '\x0c' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push(' '),
        '\0' => {
            out.push(char::REPLACEMENT_CHARACTER);
            *hidden += 1;
        }
        _ => *hidden += 1,
    }
}

/// What follows an escape (ECMA-48) and what belongs to it.
fn escape<'t>(text: &'t str, hidden: &mut u64) -> &'t str {
    let mut chars = text.chars();
    match chars.next() {
        Some('[') => sequence(chars.as_str(), hidden),
        Some(']' | 'P' | 'X' | '^' | '_') => string(chars.as_str(), hidden),
        Some(' '..='/') => {
            let rest = chars.as_str().trim_start_matches(|c| matches!(c, ' '..='/'));
            rest.strip_prefix(|c| matches!(c, '0'..='~')).unwrap_or(rest)
        }
        Some('0'..='~') => {
            *hidden += 1;
            chars.as_str()
        }
        _ => text,
    }
}

/// A control sequence up to its last character. Only a colour is innocent.
fn sequence<'t>(text: &'t str, hidden: &mut u64) -> &'t str {
    let rest = text.trim_start_matches(|c| matches!(c, ' '..='?'));
    *hidden += u64::from(!rest.starts_with('m') && !rest.is_empty());
    rest.strip_prefix(|c| matches!(c, '@'..='~')).unwrap_or(rest)
}

/// A string for the terminal (a title, a link, a command) up to its end; without one, only its beginning goes.
fn string<'t>(text: &'t str, hidden: &mut u64) -> &'t str {
    *hidden += 1;
    let Some(at) = text.find(['\x07', '\x1b', '\u{9c}', '\n']) else { return text };
    let end = &text[at..];
    ["\x07", "\x1b\\", "\u{9c}"].iter().find_map(|mark| end.strip_prefix(mark)).unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str) -> (String, u64) {
        let plain = plain(text.into());
        (plain.text.into_owned(), plain.hidden)
    }

    #[test]
    fn colours_go_and_are_not_worth_a_word() {
        assert_eq!(shown("\x1b[1;31mERROR\x1b[0m done \x1b(Bend"), ("ERROR done end".into(), 0));
        assert_eq!(shown("\u{9b}31mERROR"), ("ERROR".into(), 0));
        assert_eq!(shown("cut \x1b[").0, "cut ");
        assert_eq!(shown("cut \x1b").0, "cut ");
    }

    #[test]
    fn what_is_meant_for_the_terminal_goes_and_is_counted() {
        assert_eq!(shown("\x1b]0;title\x07text"), ("text".into(), 1));
        assert_eq!(shown("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\"), ("link".into(), 2));
        assert_eq!(shown("a\x1bP1$r\x1b\\b\x1b_x\u{9c}c\u{90}d\x07e"), ("abce".into(), 3));
        assert_eq!(shown("a\x1b[2Jb\x1bcd"), ("abd".into(), 2));
        assert_eq!(shown("\x1b]0;no end, so it is seen"), ("0;no end, so it is seen".into(), 1));
    }

    #[test]
    fn what_a_terminal_would_have_overwritten_is_seen() {
        assert_eq!(shown("ab\x08\x08cd"), ("abcd".into(), 2));
        assert_eq!(shown("1%\r99%\r"), ("1% 99%".into(), 0));
        assert_eq!(shown("a\0b"), ("a\u{fffd}b".into(), 1));
    }

    #[test]
    fn a_word_broken_by_what_has_no_width_is_that_word() {
        assert_eq!(shown("pass\u{200b}wo\u{ad}rd\u{feff}"), ("password".into(), 3));
        assert_eq!(shown("\u{202e}gnp.exe\u{2069}\u{e0041}"), ("gnp.exe".into(), 3));
        for kept in ["👩\u{200d}🚀", "می\u{200c}خواهم", "käse", "订单"] {
            assert_eq!(shown(kept), (kept.into(), 0));
        }
    }

    #[test]
    fn whatever_is_unseen_begins_with_what_is_looked_at() {
        for c in '\0'..=char::MAX {
            assert!(!is_unseen(c) || suspect(c.to_string().as_bytes()[0]) == 1, "{c:?}");
        }
        let (long, seen) = ("é".repeat(100), "“größer” — ≥ 3 € 订单 👩 日本\tend\n");
        assert!(is_seen(&format!("{long}{seen}")) && !is_seen(&format!("{long}{seen}\u{200b}")) && !is_seen("a\rb"));
    }

    proptest! {
        #[test]
        fn a_text_is_seen_where_each_of_its_characters_is(text in "(é|[a-z]|“|\u{200b}|\u{a0}|\u{ad}|\x1b|\u{61c}|\u{feff}|日|.){0,90}") {
            prop_assert_eq!(is_seen(&text), !text.chars().any(|c| is_unseen(c) && !matches!(c, '\t' | '\n')));
        }

        #[test]
        fn nothing_unseen_is_left(text in "(\\x1b|\\[|[0-9;]|m|é|\\]|\\x07|\\\\|\u{202e}|\u{9b}|.){0,40}") {
            let (plain, _) = shown(&text);
            let joins = |c: char| matches!(c, '\u{200c}' | '\u{200d}');
            prop_assert!(plain.len() <= text.len() + 2 * text.matches('\0').count());
            prop_assert!(!plain.chars().any(|c| is_unseen(c) && !joins(c)));
        }
    }
}
