//! Text of a report made fit for paper: bounded, breakable, and nothing in it unseen.
//!
//! Evidence is hostile input: it may hold terminal codes, marks that turn the reading direction around, characters of
//! any script, or one word of a megabyte. What no face draws becomes a box with its code point. This module must never
//! know what a text means. What breaks it: text without end, which it cuts and marks with `…`.

use serde_json::Value;

use crate::world;

/// Longest prose printed, in characters.
const PROSE: usize = 1_600;
/// The same for what stands beside a statement: how it was computed, what would be needed.
const ASIDE: usize = 600;
/// Longest evidence printed, in characters and in lines.
const EVIDENCE: usize = 1_200;
const EVIDENCE_LINES: usize = 40;
/// Longest line of a source shown around an evidence, in characters.
const NEIGHBOUR: usize = 180;

/// In lines of logs, which keep their width, a word may break after so many characters.
const LOG: usize = 10;

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
    breakable(&kept, LOG)
}

/// A line of the source beside an evidence.
pub fn neighbour(text: &str) -> String {
    breakable(&cut(visible(text).trim_end(), NEIGHBOUR).replace('\n', " "), LOG)
}

/// Which characters are drawn as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Faces {
    /// Those that any of the faces has.
    All,
    /// Those that need no second face and stand alone.
    First,
}

/// Between these a code point stands that is shown as a box with its number.
const BOX: (char, char) = ('\u{E000}', '\u{E001}');

/// What stands in a field of this name is not printed but told: titles of windows and bookmarks, descriptions of pictures.
pub const PLAIN: &str = "plain";

/// All texts of the data with what no face draws, and what nobody would see, as code points in boxes; and with text
/// that is read from the right kept apart from what stands beside it.
pub fn drawable(value: &mut Value, faces: Faces) {
    match value {
        Value::String(text) if !text.is_ascii() || text.contains(|c: char| c.is_ascii_control()) => *text = drawn(text, faces),
        Value::Array(items) => items.iter_mut().for_each(|item| drawable(item, faces)),
        Value::Object(fields) => {
            for (name, field) in fields {
                drawable(field, faces);
                if name == PLAIN {
                    unboxed(field);
                }
            }
        }
        _ => {}
    }
}

/// Some text of the data has a box in it.
pub fn is_boxed(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(BOX.0),
        Value::Array(items) => items.iter().any(is_boxed),
        Value::Object(fields) => fields.values().any(is_boxed),
        _ => false,
    }
}

/// As words.
fn unboxed(value: &mut Value) {
    match value {
        Value::String(text) => *text = text.replace(BOX.0, "U+").replace([BOX.1, BREAK], ""),
        Value::Array(items) => items.iter_mut().for_each(unboxed),
        Value::Object(fields) => fields.values_mut().for_each(unboxed),
        _ => {}
    }
}

fn drawn(text: &str, faces: Faces) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(first) = rest.next() {
        let mut cluster = vec![first];
        while let Some(mark) = rest.next_if(|c| joins(*c)) {
            cluster.push(mark);
        }
        push_cluster(&mut out, &cluster, faces);
    }
    if out.chars().any(is_from_the_right) { isolated(&out) } else { out }
}

/// A character with what is put upon it: as it is where one face has all of it, else part by part.
fn push_cluster(out: &mut String, cluster: &[char], faces: Faces) {
    let solid: Vec<char> = cluster.iter().copied().filter(|c| !has_no_shape(*c)).collect();
    let whole = faces == Faces::All && !solid.iter().any(|c| is_private(*c)) && world::has(&solid);
    for c in cluster {
        match c {
            '\n' | ' '..='~' | &BREAK => out.push(*c),
            _ if c.is_control() || is_invisible(*c) || is_private(*c) => push_box(out, *c),
            _ if whole || is_plain(*c) || (faces == Faces::All && cluster.len() > 1 && !joins(*c) && world::has(&[*c])) => {
                out.push(*c)
            }
            _ if has_no_shape(*c) => {}
            _ => push_box(out, *c),
        }
    }
}

fn push_box(out: &mut String, c: char) {
    out.push(BOX.0);
    out.push_str(&format!("{:04X}", u32::from(c)));
    out.push(BOX.1);
}

/// Each line between marks that keep its reading direction to itself.
fn isolated(text: &str) -> String {
    text.split('\n').map(|line| format!("\u{2068}{line}\u{2069}")).collect::<Vec<_>>().join("\n")
}

fn one_line(text: &str) -> String {
    visible(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// With line ends as `\n` and tabs as four spaces.
fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut after_return = false;
    for c in text.chars() {
        match c {
            '\n' if after_return => {}
            '\n' | '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' => out.push('\n'),
            '\t' => out.push_str("    "),
            // Ours are the only ones.
            BREAK => out.push('\u{FFFD}'),
            _ => out.push(c),
        }
        after_return = c == '\r';
    }
    out
}

/// Letters, digits and signs that the first face has and that stand alone.
fn is_plain(c: char) -> bool {
    matches!(u32::from(c), 0xA0..=0xAC | 0xAE..=0x17F | 0x391..=0x3A1 | 0x3A3..=0x3C9 | 0x400..=0x45F | 0x2010..=0x2026 | 0x2192 | 0x2212)
}

/// Direction marks, soft hyphens, byte order marks, tags and code points that are no characters.
fn is_invisible(c: char) -> bool {
    let code = u32::from(c);
    matches!(code,
        0xAD | 0x61C | 0x180E | 0x200B | 0x200E..=0x200F | 0x202A..=0x202E | 0x2028..=0x2029 | 0x2060..=0x206F | 0xFEFF
        | 0xFFF9..=0xFFFB | 0xFDD0..=0xFDEF | 0xE0000..=0xE0FFF)
        || code & 0xFFFE == 0xFFFE
}

/// Joiners and what chooses between two looks of a character: they act on others and are drawn by none.
fn has_no_shape(c: char) -> bool {
    matches!(u32::from(c), 0x200B..=0x200D | 0xFE00..=0xFE0F)
}

/// Code points that mean what a font's maker likes; a font of ours would print something that is not there.
fn is_private(c: char) -> bool {
    matches!(u32::from(c), 0xE000..=0xF8FF | 0xF0000..)
}

/// Hebrew, Arabic and the other scripts that are read from the right.
fn is_from_the_right(c: char) -> bool {
    matches!(u32::from(c), 0x590..=0x8FF | 0xFB1D..=0xFDFF | 0xFE70..=0xFEFE | 0x10800..=0x10FFF | 0x1E800..=0x1EFFF)
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
    matches!(u32::from(c), 0x300..=0x36F | 0x591..=0x5C7 | 0x64B..=0x65F | 0x900..=0x903 | 0x93A..=0x94F | 0xE31 | 0xE34..=0xE3A
        | 0xE47..=0xE4E | 0x200D | 0x20D0..=0x20FF | 0xFE00..=0xFE0F | 0xFE20..=0xFE2F | 0x1F3FB..=0x1F3FF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown_and_lines_stay() {
        assert_eq!(shown(&evidence("a\0b\x1b[31mc\r\nd\u{202E}e\n")), "a{0000}b{001B}[31mc\nd{202E}e");
        assert_eq!(prose(" a\n\tb "), "a b");
    }

    fn shown(text: &str) -> String {
        drawn(text, Faces::All).replace(BOX.0, "{").replace(BOX.1, "}")
    }

    #[test]
    fn what_a_face_has_is_drawn_and_the_rest_has_a_number() {
        let drawn = "naïve Ελλάς Привет 中文 日本語 한국어 हिन्दी ไทย 🔥 👩\u{200D}👩 ❤\u{FE0F} ├─ ∞";
        assert_eq!(shown(drawn), drawn);
        assert_eq!(shown("\u{13000} \u{1F00}"), "{13000} \u{1F00}");
        assert_eq!(shown("\u{E000}41\u{E001}"), "{E000}41{E001}");
    }

    #[test]
    fn what_is_read_from_the_right_is_kept_apart() {
        assert_eq!(shown("a שלום (b)"), "\u{2068}a שלום (b)\u{2069}");
        assert_eq!(shown("مرحبا\nb"), "\u{2068}مرحبا\u{2069}\n\u{2068}b\u{2069}");
    }

    #[test]
    fn without_a_second_face_all_but_letters_has_a_number() {
        let strict = drawn("naïve 中 e\u{301}", Faces::First).replace(BOX.0, "{").replace(BOX.1, "}");
        assert_eq!(strict, "naïve {4E2D} e{0301}");
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
