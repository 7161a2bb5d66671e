//! The words of a mail: decoded, its plain part before its HTML, without what it quotes and the signature.
//!
//! It must never fail: what is not encoded as it says stands as it is. What breaks it: an alphabet other than UTF-8 and
//! Latin-1.

use super::html;

/// Parts within parts that are looked at.
const DEEP: usize = 4;

/// What the sender wrote.
pub fn own(body: &str, kind: &str, encoding: &str) -> String {
    unquoted(&plain(body, kind, encoding, 0))
}

/// A header with its encoded words decoded: `=?utf-8?Q?W=C3=A4chter?=`.
pub fn decoded(value: &str) -> String {
    let mut out = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("=?") {
        let parts: Vec<&str> = after.splitn(4, '?').collect();
        let [charset, coding, words, behind] = *parts.as_slice() else { break };
        let Some(behind) = behind.strip_prefix('=') else { break };
        let bytes = match coding {
            "B" | "b" => base64(words),
            _ => quoted_printable(&words.replace('_', " ")),
        };
        if !(before.trim().is_empty() && out.len() < value.len() && !out.is_empty()) {
            out.push_str(before);
        }
        out.push_str(&letters(bytes, charset));
        rest = behind;
    }
    out + rest
}

fn plain(body: &str, kind: &str, encoding: &str, depth: usize) -> String {
    if let Some(boundary) = parameter(kind, "boundary").filter(|_| depth < DEEP && kind.to_lowercase().starts_with("multipart")) {
        return best_part(body, &boundary, depth);
    }
    let bytes = match encoding.trim().to_lowercase().as_str() {
        "quoted-printable" => quoted_printable(body),
        "base64" => base64(body),
        _ => body.as_bytes().to_vec(),
    };
    let text = letters(bytes, &parameter(kind, "charset").unwrap_or_default());
    if kind.to_lowercase().starts_with("text/html") { html::text(&text) } else { text }
}

/// The first plain part, else the first one that has words; attachments have none.
fn best_part(body: &str, boundary: &str, depth: usize) -> String {
    let mark = format!("--{boundary}");
    let mut best = String::new();
    for part in body.split(mark.as_str()).skip(1).take_while(|part| !part.starts_with("--")) {
        let part = part.trim_start_matches('\r').trim_start_matches('\n');
        let (head, words) = part.split_once("\n\n").unwrap_or(("", part.trim_start_matches('\n')));
        let value = |name: &str| header(head, name).unwrap_or_default();
        let kind = value("content-type");
        let lower = kind.to_lowercase();
        let is_words = kind.is_empty() || lower.starts_with("text/") || lower.starts_with("multipart/");
        if !is_words || value("content-disposition").starts_with("attachment") {
            continue;
        }
        let text = plain(words, &kind, &value("content-transfer-encoding"), depth + 1);
        if !lower.starts_with("text/html") && !text.trim().is_empty() {
            return text;
        }
        if best.is_empty() {
            best = text;
        }
    }
    best
}

fn header(head: &str, name: &str) -> Option<String> {
    let unfolded = head.replace("\n ", " ").replace("\n\t", " ");
    let mut lines = unfolded.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_string())
}

/// `charset=utf-8`, `boundary="b1"`.
fn parameter(kind: &str, name: &str) -> Option<String> {
    let mut parts = kind.split(';').skip(1).filter_map(|part| part.split_once('='));
    parts.find(|(key, _)| key.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().trim_matches('"').to_string())
}

fn letters(bytes: Vec<u8>, charset: &str) -> String {
    let charset = charset.to_lowercase();
    if charset.starts_with("iso-8859-1") || charset == "windows-1252" || charset == "latin1" {
        return bytes.into_iter().map(char::from).collect();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn quoted_printable(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |i: usize| bytes.get(i).and_then(|b| char::from(*b).to_digit(16));
        match (bytes[at], hex(at + 1), hex(at + 2)) {
            (b'=', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            (b'=', None, _) if bytes.get(at + 1) == Some(&b'\n') => at += 2,
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

fn base64(text: &str) -> Vec<u8> {
    let value = |b: u8| match b {
        b'A'..=b'Z' => Some(b - b'A'),
        b'a'..=b'z' => Some(b - b'a' + 26),
        b'0'..=b'9' => Some(b - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let mut out = Vec::new();
    let (mut held, mut bits) = (0_u32, 0);
    for six in text.bytes().filter_map(value) {
        held = (held << 6 | u32::from(six)) & 0xff_ffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits & 0xff) as u8);
        }
    }
    out
}

/// Drops quoted lines with the line that names whom they quote, and what follows a signature's or an original's mark.
fn unquoted(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let is_quote = |line: &&&str| line.trim_start().starts_with('>');
    let mut kept: Vec<&str> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let is_mark =
            *line == "--" || *line == "-- " || line.starts_with("-----Original Message") || line.starts_with("________");
        if is_mark {
            break;
        }
        let next = lines[index + 1..].iter().find(|l| !l.is_empty());
        let names_whom = line.ends_with(':') && next.as_ref().is_some_and(is_quote);
        if !is_quote(&line) && !names_whom {
            kept.push(line);
        }
    }
    let mut out = String::new();
    for line in kept {
        if !(line.is_empty() && (out.is_empty() || out.ends_with("\n\n"))) {
            out.push_str(line);
            out.push('\n');
        }
    }
    out.trim().to_string()
}
