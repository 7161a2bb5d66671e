//! A line without what colours it on a terminal, whether the codes are real or spelled out.
//!
//! Must never take out what is told: codes in quotes stay. What breaks it: nothing; a code that is cut ends with the text.

use std::borrow::Cow;
use std::sync::LazyLock;

use expressions::Expression;

use super::text;

/// Whether a text without escape characters has no colour codes either.
pub(super) fn is_clean(text: &str) -> bool {
    without_spelled_codes(text).is_none()
}

/// Whether no line of a text can have codes that are spelled out: all of them begin with one of these signs.
pub(super) fn has_no_spelled(text: &[u8]) -> bool {
    memchr::memchr3(b'\\', b'#', b'^', text).is_none()
}

/// The text without colour codes, byte-order mark and line end.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    let text = text.trim_start_matches('\u{feff}');
    if let Some(spelled) = without_spelled_codes(text) {
        return Cow::Owned(clean(&spelled).into_owned());
    }
    if memchr::memchr(0x1b, text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(code) = rest.strip_prefix('[') {
            let end = code.find(|c: char| c.is_ascii_alphabetic() || !c.is_ascii()).unwrap_or(code.len());
            let skip = code[end..].chars().next().map_or(0, char::len_utf8);
            rest = &code[end + skip..];
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The text without colour codes whose escape character was itself written out (`\x1b[33m`, `#033[0m`), as programs
/// do that guard their logs; `None` when it has none. Codes in quotes are left: there they are what is told.
fn without_spelled_codes(text: &str) -> Option<String> {
    static CODE: LazyLock<Option<Expression>> =
        LazyLock::new(|| Expression::new(r"(?:\\x1[bB]|\\u001[bB]|\\033|\\e|#033|\^\[)\[[0-9;]{0,12}m").ok());
    let head = text::first_line(text);
    if memchr::memchr3(b'\\', b'#', b'^', head.as_bytes()).is_none() || head.starts_with('{') {
        return None;
    }
    let code = CODE.as_ref()?;
    code.is_match(head).then(|| code.replace_all(text, "").into_owned())
}
