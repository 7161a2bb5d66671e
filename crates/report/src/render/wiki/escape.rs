//! Text of the sources as wiki markup that means nothing but itself.
//!
//! This module must never know what a text means. What breaks it: nothing that is text; a record that closes both kinds of
//! block for code is written line by line instead.

use super::super::words;

/// Pictures that parentheses make.
const SMILEYS: [&str; 20] = [
    "(y)",
    "(n)",
    "(i)",
    "(/)",
    "(x)",
    "(!)",
    "(+)",
    "(-)",
    "(?)",
    "(on)",
    "(off)",
    "(*)",
    "(*r)",
    "(*g)",
    "(*b)",
    "(*y)",
    "(flag)",
    "(flagoff)",
    "(h)",
    "(b)",
];

/// One line for a paragraph, an item or a cell; a blank at either end is kept.
pub fn escaped(text: &str) -> String {
    let head = if text.starts_with(' ') { " " } else { "" };
    let tail = if text.len() > 1 && text.ends_with(' ') { " " } else { "" };
    let line = words::line(text);
    let mut out = String::from(head);
    let mut before = ' ';
    for (i, c) in line.char_indices() {
        let rest = line.get(i..).unwrap_or_default();
        push(c, before, rest, &mut out);
        before = c;
    }
    out + tail
}

/// Lines as they stand.
pub fn verbatim(text: &str) -> String {
    let text = words::visible(text);
    let text = text.trim_end_matches('\n');
    let lower = text.to_lowercase();
    for block in ["noformat", "code"] {
        if !lower.contains(&format!("{{{block}")) {
            return format!("{{{block}}}\n{text}\n{{{block}}}");
        }
    }
    let lines: Vec<String> = text.lines().map(escaped).collect();
    format!("{{quote}}\n{}\n{{quote}}", lines.join("\n"))
}

/// `rest` begins with the character.
fn push(c: char, before: char, rest: &str, out: &mut String) {
    let next = rest.chars().nth(1).unwrap_or(' ');
    let within = before.is_alphanumeric() && next.is_alphanumeric();
    match c {
        // Two of them would end the line, and one would take the escape from what follows.
        '\\' => out.push_str("&#92;"),
        '@' => out.push_str("&#64;"),
        '&' if next == '#' || next.is_ascii_alphabetic() => out.push_str("&amp;"),
        '(' if SMILEYS.iter().any(|smiley| starts_with(rest, smiley)) => out.push_str("&#40;"),
        ':' | ';' if matches!(next, ')' | '(' | 'P' | 'p' | 'D') => out.push_str(if c == ':' { "&#58;" } else { "&#59;" }),
        // Bare addresses become links.
        ':' if rest.starts_with("://") || ends_with_scheme(out) => out.push_str("&#58;"),
        '.' if opens_block(out) || ends_with(out, "www") => out.push_str("&#46;"),
        '{' | '}' | '[' | ']' | '!' | '*' | '^' | '~' | '|' => out.extend(['\\', c]),
        '-' | '+' | '_' if !within => out.extend(['\\', c]),
        '?' if before == '?' || next == '?' => out.extend(['\\', c]),
        '#' if out.trim().is_empty() => out.extend(['\\', c]),
        _ => out.push(c),
    }
}

/// `h1.` and `bq.` at the beginning.
fn opens_block(out: &str) -> bool {
    matches!(out.trim_start(), "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "bq" | "fn")
}

fn ends_with_scheme(out: &str) -> bool {
    ["mailto", "file", "javascript", "data"].iter().any(|scheme| ends_with(out, scheme))
}

fn ends_with(out: &str, word: &str) -> bool {
    let from = out.len().checked_sub(word.len());
    from.and_then(|from| out.get(from..)).is_some_and(|tail| tail.eq_ignore_ascii_case(word))
}

fn starts_with(rest: &str, word: &str) -> bool {
    rest.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c3_no_mark_of_the_wiki_survives() {
        assert_eq!(escaped("{code}x{code} {{y}}"), "\\{code\\}x\\{code\\} \\{\\{y\\}\\}");
        assert_eq!(
            escaped("[x|http://evil.example] !i.png! [~bob]"),
            "\\[x\\|http&#58;//evil.example\\] \\!i.png\\! \\[\\~bob\\]"
        );
        assert_eq!(escaped("h1. not a heading"), "h1&#46; not a heading");
        assert_eq!(escaped("# no item - no rule"), "\\# no item \\- no rule");
        assert_eq!(escaped("|| a | b"), "\\|\\| a \\| b");
        assert_eq!(escaped("C:\\temp\\{x}"), "C:&#92;temp&#92;\\{x\\}");
        assert_eq!(escaped("&#123;macro&#125; a & b"), "&amp;#123;macro&amp;#125; a & b");
        assert_eq!(escaped("@all (x) :) mailto:a"), "&#64;all &#40;x) &#58;) mailto&#58;a");
    }

    #[test]
    fn plain_words_stay_as_they_are() {
        for text in ["profile-service 3.8.0, 2024-02-07 09:00:35", "snake_case", "why? (93%)", " kept "] {
            assert_eq!(escaped(text), text);
        }
    }

    #[test]
    fn c3_a_record_cannot_leave_its_block() {
        assert_eq!(verbatim("a|b\n*c*\n"), "{noformat}\na|b\n*c*\n{noformat}");
        assert_eq!(verbatim("{NoFormat:title=x}"), "{code}\n{NoFormat:title=x}\n{code}");
        assert_eq!(verbatim("{noformat}{code}\n!i!"), "{quote}\n\\{noformat\\}\\{code\\}\n\\!i\\!\n{quote}");
    }
}
