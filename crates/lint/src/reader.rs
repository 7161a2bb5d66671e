//! Bytes to text. Must never fail: what is no UTF-8 becomes the replacement character, and a document is cut where it is
//! longer than any postmortem.

/// Longer documents are read to here.
const MAX_BYTES: usize = 32 << 20;

/// The document as text with `\n` at the ends of lines, of the same number of lines.
pub fn text(bytes: &[u8]) -> String {
    let bytes = bytes.get(..MAX_BYTES).unwrap_or(bytes);
    let wide = match bytes {
        [0xff, 0xfe, rest @ ..] => Some(wide(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => Some(wide(rest, u16::from_be_bytes)),
        _ => None,
    };
    let text = wide.unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned());
    let text = text.strip_prefix('\u{feff}').map(str::to_string).unwrap_or(text);
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text }
}

fn wide(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).filter_map(|pair| Some(unit(pair.try_into().ok()?)));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_are_text() {
        assert_eq!(text(b"a\r\nb\rc"), "a\nb\nc");
        assert_eq!(text(b"\xff\xfea\0\n\0"), "a\n");
        assert_eq!(text(b"\xef\xbb\xbfx"), "x");
        assert_eq!(text(b"\x80x"), "\u{fffd}x");
    }
}
