//! Base64 in a line, decoded where what it holds is text. Must never guess: what does not decode to text is left alone.

use std::ops::Range;

use crate::runs::{self, Signs};

/// Shorter runs are words.
const LEAST: usize = 16;

/// The runs of a line that decode to text, with the text.
pub(crate) fn texts(line: &[u8]) -> Vec<(Range<usize>, Vec<u8>)> {
    let mut found = Vec::new();
    runs::each(line, LEAST, Signs::Base64, |run| {
        if let Some(text) = text(&line[run.clone()]) {
            let pad = line[run.end..].iter().take(2).take_while(|b| **b == b'=').count();
            found.push((run.start..run.end + pad, text));
        }
    });
    found
}

/// The text that a value is base64 of.
pub(crate) fn text(value: &[u8]) -> Option<Vec<u8>> {
    let value = &value[..value.iter().rposition(|b| *b != b'=').map_or(0, |n| n + 1)];
    if value.len() < 8 || value.len() % 4 == 1 || !begins_as_text(&value[..4]) || !value.iter().all(|b| is_sign(*b)) {
        return None;
    }
    let bytes = decode(value)?;
    if is_text(&bytes) {
        return Some(bytes);
    }
    is_wide(&bytes).then(|| bytes.iter().step_by(2).copied().collect())
}

/// Most that is no base64 shows it in its first three bytes.
fn begins_as_text(head: &[u8]) -> bool {
    let word = head.iter().try_fold(0u32, |n, b| Some(n << 6 | u32::from(digit(*b)?)));
    let text = |b: u32| (0x20..0x7f).contains(&b) || [9, 10, 13].contains(&b);
    word.is_some_and(|w| text(w >> 16 & 0xff) && (text(w >> 8 & 0xff) && text(w & 0xff) || w >> 8 & 0xff == 0 && text(w & 0xff)))
}

pub(crate) fn decode(value: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(value.len() * 3 / 4);
    let (mut held, mut bits) = (0u32, 0);
    for b in value.iter().filter(|b| **b != b'=') {
        held = held << 6 | u32::from(digit(*b)?);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits & 0xff) as u8);
        }
    }
    Some(out)
}

fn digit(b: u8) -> Option<u8> {
    Some(match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

fn is_sign(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"+/-_".contains(&b)
}

fn is_text(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|b| (0x20..0x7f).contains(b) || b"\n\r\t".contains(b))
}

/// UTF-16 of ASCII, as PowerShell encodes commands.
fn is_wide(bytes: &[u8]) -> bool {
    bytes.len() >= 4 && bytes.chunks_exact(2).all(|c| is_text(&c[..1]) && c[1] == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_decodes_to_text_is_found() {
        let found = texts(b"data cGFzc3dvcmQ9aHVudGVyMiE= end");
        assert_eq!(found, [(5..29, b"password=hunter2!".to_vec())]);
        assert_eq!(text(b"cABhAHMAcwA="), Some(b"pass".to_vec()));
    }

    #[test]
    fn identifiers_are_no_text() {
        assert!(texts(b"trace_id=bf20f876ffc474c0251908fcdce4b314 checkout-api-2b4d98ebd-mrxrc").is_empty());
    }
}
