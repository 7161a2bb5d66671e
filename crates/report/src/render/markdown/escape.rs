//! Text of the sources as Markdown that means nothing but itself.
//!
//! Works for GitHub and its like: each mark of the language is escaped with a backslash, blank runs and line
//! ends become one blank, so that no text can open a block, a row or a cell. This module must never know what a text
//! means. What breaks it: nothing that is text; records go into fences, see [`fenced`].

use super::super::words;

/// One line for a paragraph, a list item or a cell.
pub fn inline(text: &str) -> String {
    let text = words::line(text);
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for (i, c) in text.char_indices() {
        let marks = matches!(c, '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&' | '$');
        // A bullet or a number opens an item only before a blank; a row of dashes is a rule.
        let next = text.get(i + c.len_utf8()..).and_then(|rest| rest.chars().next());
        let alone = next.is_none_or(|next| next == ' ' || next == c);
        let opens_block = i == 0 && (matches!(c, '=' | ':') || matches!(c, '-' | '+') && alone);
        let digits = || i > 0 && text.get(..i).is_some_and(|head| head.bytes().all(|b| b.is_ascii_digit()));
        let ends_number = matches!(c, '.' | ')') && alone && digits();
        // Bare addresses become links by themselves.
        let address =
            (c == ':' && text.get(i..).is_some_and(|rest| rest.starts_with("://"))) || (c == '.' && ends_with_www(&text, i));
        if marks || opens_block || ends_number || address {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// As [`inline`], with a blank at either end kept.
pub fn spaced(text: &str) -> String {
    let head = if text.starts_with(' ') { " " } else { "" };
    let tail = if text.len() > 1 && text.ends_with(' ') { " " } else { "" };
    format!("{head}{}{tail}", inline(text))
}

/// Escaped text in which names and numbers that GitHub would notify or link, `@name` and `#12`, stand as code: it knows no
/// escape for them.
pub fn unaddressed(escaped: &str) -> String {
    let mut out = String::with_capacity(escaped.len());
    let mut rest = escaped;
    while let Some(at) = rest.find(['@', '#']) {
        let (head, tail) = rest.split_at(at);
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '\\' | '/');
        // A dot goes on where more of the name follows.
        let goes_on = |(at, c): &(usize, char)| {
            is_name(*c) || *c == '.' && tail.get(at + 1..).is_some_and(|rest| rest.starts_with(char::is_alphanumeric))
        };
        let end = tail.char_indices().skip(1).find(|at| !goes_on(at)).map_or(tail.len(), |(end, _)| end);
        let (token, after) = tail.split_at(end);
        let name = token.trim_end_matches(['\\', '-', '/']);
        let opens = head.trim_end_matches('\\').chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '`');
        let calls = name.chars().nth(1).is_some_and(|c| if token.starts_with('#') { c.is_ascii_digit() } else { c != '\\' });
        if opens && calls {
            out.push_str(head.strip_suffix('\\').filter(|_| token.starts_with('#')).unwrap_or(head));
            out.push_str(&format!("`{}`{}", name.replace('\\', ""), token.get(name.len()..).unwrap_or_default()));
        } else {
            out.push_str(head);
            out.push_str(token);
        }
        rest = after;
    }
    out + rest
}

/// Inline code, with ticks enough for any text. Bars stand as they are: a cell takes it through [`cell`].
pub fn code(text: &str) -> String {
    let text = words::line(text);
    let ticks = "`".repeat(longest_run(&text).saturating_add(1));
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    if text.is_empty() { String::new() } else { format!("{ticks}{pad}{text}{pad}{ticks}") }
}

/// Markdown of a cell whose bars, as those of code, do not open another cell.
pub fn cell(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut escaped = false;
    for c in markdown.chars() {
        if c == '|' && !escaped {
            out.push('\\');
        }
        escaped = c == '\\' && !escaped;
        out.push(c);
    }
    out
}

/// A block of code as it stands, in a fence that no line of it can close.
pub fn fenced(text: &str, language: &str) -> String {
    let text = words::visible(text);
    let fence = "`".repeat(longest_run(&text).saturating_add(1).max(3));
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end_matches('\n'))
}

fn longest_run(text: &str) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

fn ends_with_www(text: &str, end: usize) -> bool {
    text.get(..end)
        .is_some_and(|head| head.len() >= 3 && head.as_bytes().iter().rev().take(3).all(|b| b.eq_ignore_ascii_case(&b'w')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_mark_of_the_language_survives() {
        assert_eq!(inline("<b>*x* [a](b) `c` a|b"), "\\<b\\>\\*x\\* \\[a\\](b) \\`c\\` a\\|b");
        assert_eq!(inline("# a\n# b"), "\\# a \\# b");
        assert_eq!(inline("- a - b"), "\\- a - b");
        assert_eq!(inline("12. a 3. b"), "12\\. a 3. b");
        assert_eq!(inline("91.7%"), "91.7%");
        assert_eq!(inline("+2.5"), "+2.5");
        assert_eq!(inline("see https://a.example or www.b.example"), "see https\\://a.example or www\\.b.example");
    }

    #[test]
    fn c4_nobody_is_notified_and_no_issue_is_linked() {
        let shown = |text: &str| unaddressed(&inline(text));
        assert_eq!(shown("@bob_dev: see #1187, (@org/team)"), "`@bob_dev`: see `#1187`, (`@org/team`)");
        assert_eq!(shown("@zoë, @Łukasz Żak: ask @jürgen.ö."), "`@zoë`, `@Łukasz` Żak: ask `@jürgen.ö`.");
        assert_eq!(shown("@ana.moreno: ask @bo."), "`@ana.moreno`: ask `@bo`.");
        assert_eq!(shown("a@b.example # one @ two C#7 [email:2]"), "a@b.example \\# one @ two C\\#7 \\[email:2\\]");
    }

    #[test]
    fn a_bar_of_code_opens_no_cell() {
        assert_eq!(cell("`a || b` c\\|d"), "`a \\|\\| b` c\\|d");
    }

    #[test]
    fn a_fence_is_longer_than_any_in_the_text() {
        assert_eq!(fenced("a\n````\nb\n", "text"), "`````text\na\n````\nb\n`````\n");
        assert_eq!(code("a`b"), "``a`b``");
    }
}
