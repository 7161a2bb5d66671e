//! The shape of a message: its variable parts masked, its words kept, in one pass and without a regex.
//!
//! Two messages with the same mask are the same pattern. Words are told from variables by their characters alone
//! (digits, paths, addresses, long hex), so opposites such as "started" and "stopped" stay apart. It must never know
//! what a message means. Input that breaks it: prose in which numbers are the message ("error 404" is "error <*>").

const VARIABLE: &str = "<*>";

/// At most this much of a message is looked at; what follows is the same pattern.
const LOOKED_AT: usize = 400;

/// Appends the mask of the first line of `message` to `out` (cleared first).
pub fn mask(message: &str, out: &mut String) {
    out.clear();
    let line = message.lines().next().unwrap_or("");
    let line = cut(line, LOOKED_AT);
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte == b'"' {
            at = quoted(line, at, out);
        } else if is_delimiter(byte) {
            out.push(byte as char);
            at += 1;
        } else {
            let start = at;
            while at < bytes.len() && !is_delimiter(bytes[at]) && bytes[at] != b'"' {
                at += 1;
            }
            word(&line[start..at], out);
        }
    }
    while out.ends_with(' ') {
        out.pop();
    }
}

/// The longest prefix of at most `max` bytes that ends at a character.
pub fn cut(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    let mut end = max;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A quoted string stays when it is a short plain word, else it is a variable. Returns where it ends.
fn quoted(line: &str, start: usize, out: &mut String) -> usize {
    let Some(length) = line[start + 1..].find('"') else {
        out.push('"');
        return start + 1;
    };
    let inner = &line[start + 1..start + 1 + length];
    let plain = inner.len() <= 40 && !inner.is_empty() && inner.bytes().all(|b| b.is_ascii_alphabetic() || b" _-.".contains(&b));
    out.push('"');
    out.push_str(if plain { inner } else { VARIABLE });
    out.push('"');
    start + length + 2
}

fn word(word: &str, out: &mut String) {
    let kept = word.trim_end_matches(['.', '!', '?', '%', '#']);
    let kept = if kept.is_empty() { word } else { kept };
    if is_variable(kept) {
        if !out.ends_with(VARIABLE) {
            out.push_str(VARIABLE);
        }
    } else {
        out.push_str(kept);
    }
    out.push_str(&word[kept.len()..]);
}

fn is_delimiter(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t' | b',' | b';' | b':' | b'=' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'<' | b'>' | b'\'' | b'|'
    )
}

fn is_variable(word: &str) -> bool {
    let bytes = word.as_bytes();
    let (mut digits, mut dots, mut slashes, mut letters, mut at, mut hex) = (0, 0, 0, 0, false, true);
    for &byte in bytes {
        digits += usize::from(byte.is_ascii_digit());
        dots += usize::from(byte == b'.');
        slashes += usize::from(byte == b'/');
        letters += usize::from(byte.is_ascii_alphabetic());
        at |= byte == b'@';
        hex &= byte.is_ascii_hexdigit();
    }
    digits > 0
        || (bytes.first() == Some(&b'/') && letters > 0)
        || (slashes >= 2 && letters > 0)
        || (at && dots > 0 && bytes.len() > 2)
        || (hex && bytes.len() >= 12)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        let mut out = String::new();
        mask(text, &mut out);
        out
    }

    #[test]
    fn numbers_ids_paths_and_addresses_are_variables() {
        assert_eq!(masked("job=88001 posted entries=17 in 84 ms"), "job=<*> posted entries=<*> in <*> ms");
        assert_eq!(masked("peer 10.4.17.9:41220 closed"), "peer <*>:<*> closed");
        assert_eq!(masked("wrote /var/lib/x to s3"), "wrote <*> to <*>");
        assert_eq!(masked("mail for a.b@example.com"), "mail for <*>");
    }

    #[test]
    fn opposites_stay_apart() {
        assert_ne!(masked("backend b2 started"), masked("backend b2 stopped"));
        assert_ne!(masked("GET /a 200"), masked("POST /a 200"));
    }

    #[test]
    fn only_the_first_line_counts() {
        assert_eq!(masked("panic: oops\n\tat main.go:12"), "panic: oops");
    }

    #[test]
    fn letters_beyond_ascii_are_kept_and_never_split() {
        assert_eq!(masked("größer als 5 €"), "größer als <*> €");
        assert_eq!(cut("aé", 2), "a");
    }
}
