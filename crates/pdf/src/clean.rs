//! Text of a report made fit for paper: no control characters, bounded, and breakable.
//!
//! Evidence is hostile input: it may hold terminal codes, marks that turn the reading direction around, or one word of
//! a megabyte. This module must never know what a text means. What it takes away is invisible; what it cuts it marks
//! with `…`.

/// Longest prose printed, in characters.
const PROSE: usize = 1_600;
/// The same for what stands beside a statement: how it was computed, what would be needed.
const ASIDE: usize = 600;
/// Longest evidence printed, in characters and in lines.
const EVIDENCE: usize = 1_200;
const EVIDENCE_LINES: usize = 40;
/// Longest line of a source shown around an evidence, in characters.
const NEIGHBOUR: usize = 180;

/// A place where a line may be broken without a mark.
const BREAK: char = '\u{200B}';

/// A sentence: one line, its long words breakable.
pub fn prose(text: &str) -> String {
    breakable(&cut(&one_line(text), PROSE), 26)
}

/// A remark beside a sentence.
pub fn aside(text: &str) -> String {
    breakable(&cut(&one_line(text), ASIDE), 26)
}

/// A short text of at most `longest` characters: titles, names.
pub fn short(text: &str, longest: usize) -> String {
    breakable(&cut(&one_line(text), longest), 22)
}

/// A name for the narrow column of a table.
pub fn cell(text: &str) -> String {
    breakable(&cut(&one_line(text), 160), 11)
}

/// A record as it stands, lines kept.
pub fn evidence(text: &str) -> String {
    let visible = visible(text);
    let mut lines: Vec<&str> = visible.trim_end().lines().take(EVIDENCE_LINES + 1).map(str::trim_end).collect();
    let many = lines.len() > EVIDENCE_LINES;
    lines.truncate(EVIDENCE_LINES);
    let mut kept = cut(&lines.join("\n"), EVIDENCE);
    if many && !kept.ends_with('…') {
        kept.push_str("\n…");
    }
    breakable(&kept, 60)
}

/// A line of the source beside an evidence.
pub fn neighbour(text: &str) -> String {
    breakable(&cut(visible(text).trim_end(), NEIGHBOUR).replace('\n', " "), 60)
}

fn one_line(text: &str) -> String {
    visible(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Without what cannot be seen; line ends as `\n`, tabs as four spaces.
fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut after_return = false;
    for c in text.chars() {
        match c {
            '\n' if after_return => {}
            '\n' | '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' => out.push('\n'),
            '\t' => out.push_str("    "),
            _ if c.is_control() || is_invisible(c) => {}
            _ if is_private(c) => out.push('\u{FFFD}'),
            _ => out.push(c),
        }
        after_return = c == '\r';
    }
    out
}

/// Direction marks, zero-width spaces, soft hyphens, byte order marks, tags and code points that are no characters.
fn is_invisible(c: char) -> bool {
    let code = u32::from(c);
    matches!(code,
        0xAD | 0x61C | 0x180E | 0x200B..=0x200C | 0x200E..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0xFEFF
        | 0xFFF9..=0xFFFB | 0xFDD0..=0xFDEF | 0xE0000..=0xE0FFF)
        || code & 0xFFFE == 0xFFFE
}

/// Code points that mean what a font's maker likes; a font of ours would print something that is not there.
fn is_private(c: char) -> bool {
    matches!(u32::from(c), 0xE000..=0xF8FF | 0xF0000..)
}

fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
    }
}

/// Runs of more than `longest` characters get places to break, after punctuation where there is some. Spaces and
/// hyphens break by themselves, so that plain names stay as they are and can be searched for.
fn breakable(text: &str, longest: usize) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for run in text.split_inclusive([' ', '\n', '-']) {
        if run.chars().count() > longest { push_broken(&mut out, run, longest) } else { out.push_str(run) }
    }
    out
}

fn push_broken(out: &mut String, run: &str, longest: usize) {
    let mut since = 0;
    for c in run.chars() {
        if since >= longest && !joins(c) && !c.is_whitespace() {
            out.push(BREAK);
            since = 0;
        }
        out.push(c);
        since += 1;
        if "/._,:;=&?|@+)]}".contains(c) && since >= 4 {
            out.push(BREAK);
            since = 0;
        }
    }
}

/// Belongs to the character before it.
fn joins(c: char) -> bool {
    matches!(u32::from(c), 0x300..=0x36F | 0x591..=0x5C7 | 0x64B..=0x65F | 0x200D | 0x20D0..=0x20FF | 0xFE00..=0xFE0F
        | 0xFE20..=0xFE2F | 0x1F3FB..=0x1F3FF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_gone_and_lines_stay() {
        assert_eq!(evidence("a\0b\x1b[31mc\r\nd\u{202E}e\n"), "ab[31mc\nde");
        assert_eq!(prose(" a\n\tb "), "a b");
    }

    #[test]
    fn long_text_is_cut_with_a_mark() {
        let cut = evidence(&"word ".repeat(1_000));
        assert!(cut.ends_with('…') && cut.chars().count() <= EVIDENCE + 1);
        assert!(evidence(&"x\n".repeat(500)).ends_with("\n…"));
    }

    #[test]
    fn long_words_can_break_and_short_ones_stay_whole() {
        assert_eq!(cell("metrics.support_tickets"), "metrics.\u{200B}support_\u{200B}tickets");
        assert_eq!(cell("checkout-gateway"), "checkout-gateway");
        assert!(prose(&"x".repeat(400)).contains('\u{200B}'));
        assert_eq!(prose("payment-service"), "payment-service");
    }

    #[test]
    fn cutting_keeps_characters_whole() {
        assert_eq!(short("äöüß", 2), "äö…");
    }
}
