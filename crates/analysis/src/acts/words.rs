//! Patterns of the act files, compiled small.
//!
//! The cues are English, so `\w`, `\d`, `\s` and `\b` mean ASCII here: Unicode tables would make the catalogue ten times
//! as large and as slow to start. `\S`, `.` and names (`\p{L}`) keep their Unicode meaning. Must never see a message.

use regex::{Regex, RegexBuilder};

/// Compiles a case-insensitive pattern with ASCII classes.
///
/// # Errors
/// The regex engine's message.
pub fn pattern(text: &str) -> Result<Regex, String> {
    RegexBuilder::new(&ascii(text)).case_insensitive(true).size_limit(1 << 25).build().map_err(|e| e.to_string())
}

/// `\w` as `[0-9A-Za-z_]`, inside a bracket class without the brackets.
fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut bracketed = false;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                let next = chars.next();
                let class = match next {
                    Some('w') => "0-9A-Za-z_",
                    Some('d') => "0-9",
                    Some('s') => " \\t\\r\\n",
                    Some('b') if !bracketed => {
                        out.push_str("(?-u:\\b)");
                        continue;
                    }
                    _ => {
                        out.push('\\');
                        out.extend(next);
                        continue;
                    }
                };
                if bracketed {
                    out.push_str(class);
                } else {
                    out.push('[');
                    out.push_str(class);
                    out.push(']');
                }
            }
            '[' if !bracketed => {
                bracketed = true;
                out.push(c);
            }
            ']' => {
                bracketed = false;
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_ascii_and_the_rest_stays() {
        assert_eq!(ascii(r"\bv?\d+[\w.-]*\S\."), r"(?-u:\b)v?[0-9]+[0-9A-Za-z_.-]*\S\.");
        assert!(pattern(r"\bpods? \d+ – \S+$").is_ok_and(|p| p.is_match("Ünter PODS 12 – ok")));
    }
}
