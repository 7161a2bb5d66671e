//! Whether the value of a field has to stand in the text as it is, so that a text without it has no such field.
//!
//! A value is what its line says, but for what a format takes out or puts in between: signs. Its runs of letters and digits
//! stand there, one by one, unless an escape sequence may hide some of them; a block with such a sequence is told apart when it is
//! built. Must never deny what a look at the parsed record would find; the rules follow `intake::formats`. What breaks it: a
//! format that writes letters in another way, such as percent-encoding, and is decoded by a parser that does not exist yet.

use memchr::{memchr2_iter, memmem};

use crate::filter::WIDTH;

/// Fields whose value is computed: converted, put together or named.
const COMPUTED: [&str; 3] = ["duration_ms", "message", "zone"];

/// The runs of letters and digits that a text with this field has; none where nothing is certain.
pub fn runs<'v>(name: &str, value: &'v str) -> Vec<&'v str> {
    if COMPUTED.iter().any(|computed| computed.eq_ignore_ascii_case(name)) {
        return Vec::new();
    }
    value.split(|c: char| !c.is_ascii_alphanumeric()).filter(|run| run.len() >= WIDTH).collect()
}

/// Whether a value of this text may have letters or digits beside each other that are not so in the text: spelled in another
/// way, or with something between them that is taken out.
pub fn hides(text: &[u8]) -> bool {
    memchr2_iter(b'\\', 0x1b, text).any(|at| is_hiding(text, at))
        || [&b"#033["[..], b"^[["].iter().any(|colour| memmem::find(text, colour).is_some())
}

fn is_hiding(text: &[u8], at: usize) -> bool {
    match &text[at..] {
        // Becomes a blank or a line end in every notation.
        [b'\\', b'n' | b't', ..] | [b'\\', b'r', b'\\', b'n', ..] => false,
        // JSON: a sign, unless it is a letter. Elsewhere the backslash is taken out, which joins what stands around it.
        [b'\\', b'u', digits @ ..] => !is_sign(digits) || text[..at].last().is_some_and(u8::is_ascii_alphanumeric),
        [b'\\', next, ..] => next.is_ascii_alphanumeric(),
        [b'\\'] => false,
        // A colour, which is taken out.
        _ => true,
    }
}

/// Whether four hexadecimal digits are a character that is neither a letter, nor a digit, nor one that is not seen.
fn is_sign(digits: &[u8]) -> bool {
    let code =
        digits.get(..4).and_then(|four| std::str::from_utf8(four).ok()).and_then(|four| u32::from_str_radix(four, 16).ok());
    code.and_then(char::from_u32).is_some_and(|c| c.is_ascii_punctuation() || c == ' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_told_by_its_runs_of_letters_and_digits() {
        assert_eq!(runs("path", "/cart/items/7?id=4bf92f"), ["cart", "items", "4bf92f"]);
        assert_eq!(runs("service", "app-core"), ["app", "core"], "a sign may be another in the text");
        assert_eq!(runs("user", "müller"), ["ller"]);
        assert_eq!(runs("Duration_MS", "1500"), [""; 0], "it may be written in seconds");
    }

    #[test]
    fn escapes_that_could_hide_letters_are_noticed() {
        for text in
            ["a\\u0041b", "a\\bc", "a\\rb", "\u{1b}[1m", "#033[31m", "^[[0m", "\\x1b[0m", "\\u001b[0m", "ab\\u0026c", "\\u00"]
        {
            assert!(hides(text.as_bytes()), "{text}");
        }
        for text in ["a\\nb", "a\\tb", "a\\r\\nb", "\\\"", "a \\u0026 b", "C:\\\\", "plain", "[a] #033", ""] {
            assert!(!hides(text.as_bytes()), "{text}");
        }
    }
}
