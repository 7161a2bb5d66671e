//! A line as its reader would see it: colours of a terminal taken out, URL encoding and escapes of JSON undone, also where
//! one stands within another. Each byte remembers where it came from, so that what is found can be replaced where it stands.
//!
//! Must never be longer than the line. What only looks like an escape (`C:\new`) is undone as well: nothing but the search
//! reads a view.

use std::ops::Range;

/// The bytes of a view and the place of each in the line.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub bytes: Vec<u8>,
    places: Vec<(usize, usize)>,
}

/// An object of JSON in a field of CSV (RFC 4180), which writes each of its quotes twice.
const DOUBLED: &[u8] = b"{\"\"";
/// Escapes within escapes that anybody writes.
const DEPTH: usize = 4;

impl View {
    /// The line with everything undone; `None` where nothing was to do.
    pub(crate) fn of(line: &[u8]) -> Option<View> {
        let mut view = undone(line, None)?;
        for _ in 1..DEPTH {
            match undone(&view.bytes, Some(&view.places)) {
                Some(deeper) => view = deeper,
                None => break,
            }
        }
        Some(view)
    }

    /// Where a range of the view stands in the line.
    pub(crate) fn place(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.places.get(range.start).map_or(0, |p| p.0);
        let end = self.places.get(range.end.saturating_sub(1)).map_or(start, |p| p.1);
        start..end
    }
}

/// A value without its escapes, so that it is known again in another writing.
pub(crate) fn plain(value: &[u8]) -> Option<Vec<u8>> {
    View::of(value).map(|v| v.bytes)
}

fn undone(line: &[u8], places: Option<&Vec<(usize, usize)>>) -> Option<View> {
    let is_doubled = memchr::memmem::find(line, DOUBLED).is_some();
    let doubled = if is_doubled { memchr::memmem::find(line, b"\"\"") } else { None };
    let first = first(line).into_iter().chain(doubled).min()?;
    let place = |at: usize| places.map_or((at, at + 1), |p| p[at]);
    let mut view = View { bytes: line[..first].to_vec(), places: (0..first).map(place).collect() };
    let mut at = first;
    while at < line.len() {
        let (length, byte) = match line[at] {
            b'\\' | b'%' | 0x1b | b'&' => escape(&line[at..]).unwrap_or((1, Some(line[at]))),
            b'"' if is_doubled && line.get(at + 1) == Some(&b'"') => (2, Some(b'"')),
            byte => (1, Some(byte)),
        };
        if let Some(byte) = byte {
            view.bytes.push(byte);
            view.places.push((place(at).0, place(at + length - 1).1));
        }
        at += length;
    }
    Some(view)
}

/// Where the first escape stands.
fn first(line: &[u8]) -> Option<usize> {
    let is_escape = |at: &usize| escape(&line[*at..]).is_some();
    let usual = memchr::memchr3_iter(b'\\', b'%', 0x1b, line).find(is_escape);
    memchr::memchr_iter(b'&', &line[..usual.unwrap_or(line.len())]).find(is_escape).or(usual)
}

/// The length of an escape and what it stands for; nothing for a colour.
fn escape(rest: &[u8]) -> Option<(usize, Option<u8>)> {
    match rest[0] {
        b'%' => {
            let byte = hex(*rest.get(1)?)? << 4 | hex(*rest.get(2)?)?;
            Some((3, Some(byte)))
        }
        b'\\' => backslash(rest),
        b'&' => entity(rest),
        _ => colour(rest),
    }
}

fn backslash(rest: &[u8]) -> Option<(usize, Option<u8>)> {
    let byte = match *rest.get(1)? {
        b @ (b'"' | b'\\' | b'/' | b'\'') => b,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'x' => return Some((4, Some(hex(*rest.get(2)?)? << 4 | hex(*rest.get(3)?)?))),
        b'u' => {
            let code = rest.get(2..6)?.iter().try_fold(0u32, |n, b| Some(n << 4 | u32::from(hex(*b)?)))?;
            // The escape of a terminal's colour may be written so itself.
            if code == 0x1b {
                let (length, _) = colour(&[b"\x1b", rest.get(6..rest.len().min(40))?].concat())?;
                return Some((5 + length, None));
            }
            return (code < 0x80).then_some((6, Some(code as u8)));
        }
        _ => return None,
    };
    Some((2, Some(byte)))
}

/// The entities that writers of XML and HTML use for signs.
fn entity(rest: &[u8]) -> Option<(usize, Option<u8>)> {
    const KNOWN: [(&[u8], u8); 10] = [
        (b"&quot;", b'"'),
        (b"&amp;", b'&'),
        (b"&lt;", b'<'),
        (b"&gt;", b'>'),
        (b"&apos;", b'\''),
        (b"&#39;", b'\''),
        (b"&#34;", b'"'),
        (b"&#38;", b'&'),
        (b"&#x27;", b'\''),
        (b"&#61;", b'='),
    ];
    KNOWN.iter().find(|(text, _)| rest.starts_with(text)).map(|(text, byte)| (text.len(), Some(*byte)))
}

/// `ESC [ ... letter` (ECMA-48).
fn colour(rest: &[u8]) -> Option<(usize, Option<u8>)> {
    if rest.get(1) != Some(&b'[') {
        return None;
    }
    let parameters = rest[2..].iter().take_while(|b| (0x20..0x40).contains(*b)).count();
    rest.get(2 + parameters).filter(|b| (0x40..0x7f).contains(*b)).map(|_| (3 + parameters, None))
}

fn hex(b: u8) -> Option<u8> {
    (b as char).to_digit(16).map(|d| d as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &str) {
        let view = View::of(line.as_bytes()).expect("something to undo");
        assert_eq!(String::from_utf8_lossy(&view.bytes), expected);
    }

    #[test]
    fn escapes_within_escapes_are_undone() {
        check(r#"{\"a\":\"b\"}"#, r#"{"a":"b"}"#);
        check(r#"{\\\"a\\\":1}"#, r#"{"a":1}"#);
        check("a%3Db%2526", "a=b&");
        check("\x1b[31mred\x1b[0m", "red");
        check(r"\u001b[31mred", "red");
        check("a&amp;quot;b", "a\"b");
        check(r#"1,"{""a"":""b"",""c"":""""}",2"#, r#"1,"{"a":"b","c":""}",2"#);
        assert!(View::of(b"plain 100% of it").is_none());
    }

    #[test]
    fn what_is_found_has_its_place_in_the_line() {
        let line = "x%20a%3D12%2B3 y";
        let view = View::of(line.as_bytes()).expect("a view");
        let at = view.bytes.windows(4).position(|w| w == b"12+3").expect("the value");
        assert_eq!(&line[view.place(&(at..at + 4))], "12%2B3");
    }
}
