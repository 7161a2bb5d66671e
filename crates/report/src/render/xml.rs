//! Text for XML 1.0: escaped, and without what XML cannot hold.
//!
//! This module must never know a vocabulary. What breaks it: nothing; a character that XML forbids stands as U+FFFD.

use super::words;

/// For content and for attributes in quotes; line breaks and tabs stay.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for c in words::visible(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(allowed(c)),
        }
    }
    out
}

/// For CDATA, which nothing in it ends.
pub fn cdata(text: &str) -> String {
    let text: String = words::visible(text).chars().map(allowed).collect();
    format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"))
}

fn allowed(c: char) -> char {
    if matches!(c, '\t' | '\n') || c >= ' ' && !matches!(c, '\u{FFFE}' | '\u{FFFF}') { c } else { char::REPLACEMENT_CHARACTER }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_is_markup() {
        assert_eq!(escaped("<a b=\"c\" d='e'>&amp;"), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;amp;");
        assert_eq!(escaped("\0\u{1b}\u{FFFF}x"), "␀␛\u{FFFD}x");
        assert_eq!(cdata("a]]>b"), "<![CDATA[a]]]]><![CDATA[>b]]>");
    }
}
