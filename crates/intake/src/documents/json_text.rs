//! The text within JSON: escapes undone, and white space between its parts left out.
//!
//! It must never fail: a broken escape stands as it is. It knows nothing of values or places.

/// JSON on one line: white space outside of strings is left out.
pub fn compact(raw: &str) -> String {
    if !raw.contains('\n') {
        return raw.to_string();
    }
    let mut out = String::with_capacity(raw.len());
    let (mut quoted, mut escaped) = (false, false);
    for c in raw.chars() {
        if quoted {
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
            out.push(c);
        } else if !c.is_ascii_whitespace() {
            quoted = c == '"';
            out.push(c);
        }
    }
    out
}

/// Undoes the escapes of a JSON string; a broken escape stands as it is, half a surrogate pair is replaced.
pub fn unescape(inner: &[u8]) -> String {
    let text = String::from_utf8_lossy(inner);
    if !text.contains('\\') {
        return text.into_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let (decoded, used) = escape(&rest[at + 1..]);
        out.push(decoded);
        rest = &rest[at + 1 + used..];
    }
    out.push_str(rest);
    out
}

/// The character an escape means and how many bytes after the backslash it takes.
fn escape(after: &str) -> (char, usize) {
    match after.as_bytes().first() {
        Some(b'n') => ('\n', 1),
        Some(b't') => ('\t', 1),
        Some(b'r') => ('\r', 1),
        Some(b'b') => ('\u{8}', 1),
        Some(b'f') => ('\u{c}', 1),
        Some(&c @ (b'"' | b'\\' | b'/')) => (c as char, 1),
        Some(b'u') => code_point(after).unwrap_or(('\u{fffd}', 1)),
        _ => ('\\', 0),
    }
}

/// `uXXXX`, or a pair of surrogates `uXXXX\uXXXX`.
fn code_point(after: &str) -> Option<(char, usize)> {
    let unit = |from: usize| u32::from_str_radix(after.get(from..from + 4)?, 16).ok();
    let high = unit(1)?;
    if (0xd800..0xdc00).contains(&high) && after.get(5..7) == Some("\\u") {
        let low = unit(7)?;
        if (0xdc00..0xe000).contains(&low) {
            return Some((char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))?, 11));
        }
    }
    Some((char::from_u32(high).unwrap_or('\u{fffd}'), 5))
}
