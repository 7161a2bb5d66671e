//! Regular expressions over what people write, without the tables of Unicode: a `\w` that knows every letter of the world takes
//! as long to compile as reading a thousand lines, and that was half of a small report.
//!
//! `\d` and `\b` are those of ASCII, and `\s` has the blanks of typesetters beside them. `\w` and `\p{L}` have the letters of ASCII
//! and, if asked, nearly all beyond it as a few ranges. Must never know what an expression looks for. What breaks it: a
//! word that ends with a letter beyond ASCII, behind which `\b` does not stand.

/// Letters beyond ASCII and the marks on them: neither signs nor pictures, which people set beside words.
const BEYOND: &str = r"\u{aa}\u{b5}\u{ba}\u{c0}-\u{d6}\u{d8}-\u{f6}\u{f8}-\u{1fff}\u{2c00}-\u{2dff}\u{3040}-\u{d7ff}\u{f900}-\u{fdff}\u{fe70}-\u{fefe}\u{ff21}-\u{ff3a}\u{ff41}-\u{ff5a}\u{ff66}-\u{ffdc}\u{10000}-\u{1efff}\u{20000}-\u{3ffff}";
/// Where capitals and small letters take turns, both are both.
const CAPITALS: &str = r"A-Z\u{c0}-\u{d6}\u{d8}-\u{de}\u{100}-\u{1fff}";
const SMALL: &str = r"a-z\u{df}-\u{f6}\u{f8}-\u{1fff}";
const BLANKS: &str = r"\x20\t\r\n\x0b\x0c\u{a0}\u{2000}-\u{200a}\u{202f}\u{3000}";

const ANY: &str = "ab";

/// Which letters the classes have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letters {
    /// Of English words.
    Ascii,
    /// Of names.
    All,
    /// Any two: for whoever asks for what stands outside of classes.
    None,
}

/// The expression with small classes.
pub fn narrowed(text: &str, letters: Letters) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '[']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let size = if rest.starts_with('[') { class(rest, letters, &mut out) } else { escape(rest, letters, &mut out) };
        rest = &rest[size..];
    }
    out.push_str(rest);
    out
}

/// Writes the escape that a text begins with, outside of brackets; says how long it was.
fn escape(text: &str, letters: Letters, out: &mut String) -> usize {
    let (size, set) = set(text, letters);
    match (&text[1..size], set) {
        ("b", _) => out.push_str(r"(?-u:\b)"),
        // It has both cases of every letter, and looking for them takes long.
        ("w" | "p{L}", Some(set)) => out.push_str(&format!("(?-i:[{set}])")),
        (_, Some(set)) => out.push_str(&format!("[{set}]")),
        (_, None) => out.push_str(&text[..size]),
    }
    size
}

/// The same for a class in brackets.
fn class(text: &str, letters: Letters, out: &mut String) -> usize {
    let mut own = String::new();
    let mut has_letters = false;
    let mut at = 1 + usize::from(text[1..].starts_with('^'));
    own.push_str(&text[..at]);
    while let Some(c) = text[at..].chars().next().filter(|c| *c != ']') {
        let (size, set) = if c == '\\' { set(&text[at..], letters) } else { (c.len_utf8(), None) };
        has_letters |= [r"\w", r"\p{L}"].contains(&&text[at..at + size]);
        own.push_str(set.as_deref().unwrap_or(&text[at..at + size]));
        at += size;
    }
    // What is no class to its end is for the engine to complain about.
    let (end, size) = if text[at..].is_empty() { ("", at) } else { ("]", at + 1) };
    if letters == Letters::None && !end.is_empty() {
        out.push_str(&format!("[{ANY}]"));
        return size;
    }
    out.push_str(&if has_letters { format!("(?-i:{own}{end})") } else { format!("{own}{end}") });
    size
}

/// How long the escape is that a text begins with, and what it has as part of a class.
fn set(text: &str, letters: Letters) -> (usize, Option<String>) {
    let beyond = if letters == Letters::All { BEYOND } else { "" };
    let known = [r"\w", r"\p{L}", r"\p{Lu}", r"\p{Ll}", r"\d", r"\s"].into_iter().find(|escape| text.starts_with(escape));
    let set = match known {
        Some(_) if letters == Letters::None => ANY.to_string(),
        Some(r"\w") => format!("0-9A-Za-z_{beyond}"),
        Some(r"\p{L}") => format!("A-Za-z{BEYOND}"),
        Some(r"\p{Lu}") => CAPITALS.to_string(),
        Some(r"\p{Ll}") => SMALL.to_string(),
        Some(r"\d") => "0-9".to_string(),
        Some(r"\s") => BLANKS.to_string(),
        _ => return (1 + text[1..].chars().next().map_or(0, char::len_utf8), None),
    };
    (known.map_or(0, str::len), Some(set))
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;
    use crate::constant;

    #[test]
    fn classes_are_small_and_the_rest_stays() {
        let ascii = |text: &str| narrowed(text, Letters::Ascii);
        assert_eq!(ascii(r"\bv?\d+[\w.-]*\S\.[^\]\[]x"), r"(?-u:\b)v?[0-9]+(?-i:[0-9A-Za-z_.-])*\S\.[^\]\[]x");
        assert_eq!(ascii(r"[[^a\b]é\\w"), r"[[^a\b]é\\w");
        for broken in [r"a[", r"[^", r"[é\", "\\"] {
            assert!(Regex::new(&narrowed(broken, Letters::All)).is_err(), "{broken}");
        }
        assert!(constant(r"(?i)^ünter\s[\w]+ \p{Lu}\p{Ll}+$").is_match("ÜNTER\u{a0}straße_2 Ölaf"));
    }

    #[test]
    fn where_only_the_rest_matters_a_class_is_any() {
        assert_eq!(narrowed(r"(\p{L}+) [^’\]\w]{2} \d+ms\S", Letters::None), r"((?-i:[ab])+) [ab]{2} [ab]+ms\S");
    }

    #[test]
    fn a_letter_beyond_ascii_is_one_and_a_sign_beside_it_is_none() {
        let (all, word) = (Regex::new(r"^\p{L}$").unwrap(), constant(r"^\p{L}$"));
        for letter in ["é", "ß", "Ø", "ł", "ж", "λ", "א", "ش", "न", "ก", "あ", "中", "한", "Ａ", "𠀀"] {
            assert!(all.is_match(letter) && word.is_match(letter), "{letter}");
        }
        for sign in ["×", "÷", "—", "“", "…", "•", "→", "✓", "✅", "🔥", "。", "、", "　", "€", "²", "\u{a0}"]
        {
            assert!(!all.is_match(sign) && !word.is_match(sign), "{sign}");
        }
    }

    #[test]
    fn nearly_all_letters_are_known_and_hardly_anything_else() {
        let (all, word) = (Regex::new(r"^\p{L}$").unwrap(), constant(r"^\p{L}$"));
        let text = |c: char| c.to_string();
        let letters: Vec<String> = ('\0'..='\u{3ffff}').map(text).filter(|c| all.is_match(c)).collect();
        let missed = letters.iter().filter(|c| !word.is_match(c)).count();
        assert!(missed * 50 < letters.len(), "{missed} of {}", letters.len());
    }
}
