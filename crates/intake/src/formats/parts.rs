//! What many patterns share, under a name: `%iso%` stands for a time, and `\d` for a digit of ASCII.
//!
//! The build script has this file in it, so it must never use anything else of the crate.

use std::ops::Range;

/// What `%name%` stands for in a pattern.
const PARTS: [(&str, &str); 13] = [
    (
        "iso",
        r"\d{4}-\d{2}-\d{2}(?:T| {1,2})\d{1,2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?:Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?| (?:UTC|GMT|[+-]\d{2}:?\d{2}))?",
    ),
    ("isoday", r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,:]\d{1,9})?"),
    ("slash", r"\d{4}/\d{2}/\d{2} \d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?"),
    ("clf", r"\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2}(?:\.\d+)? [+-]\d{4}"),
    ("syslog", r"[A-Z][a-z]{2} {1,2}\d{1,2} (?:\d{4} )?\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?"),
    ("asctime", r"[A-Z][a-z]{2} [A-Z][a-z]{2} {1,2}\d{1,2} \d{2}:\d{2}:\d{2}(?:[.:]\d{1,9})?(?: [A-Z]{3,4})? \d{4}"),
    ("dmy", r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4},? \d{1,2}:\d{2}(?::\d{2})?(?:[.,:]\d{1,9})?(?: [AaPp][Mm])?"),
    ("daymon", r"\d{1,2}[ -][A-Z][a-z]{2}[ -]\d{4} \d{2}:\d{2}:\d{2}(?:[.,:]\d{1,9})?"),
    ("zone", r"(?: (?:[A-Z]{2,5}|[+-]\d{2}:?\d{2}?))?"),
    (
        "level",
        r"(?:(?i:trace|debug[1-5]?|information|info|notice|warning|warn|error|err|fatal|critical|crit|alert|emergency|emerg|dpanic|panic|severe|config|finest|finer|fine|verbose|inf|wrn|dbg|ftl|trc|vrb|silly|log))",
    ),
    ("zoned", r"(?:UTC|GMT|CES?T|MES?Z|EES?T|WES?T|[ECMP][SD]T|[BIJK]ST|MSK|SGT|HKT|AE[SD]T|NZ[SD]T)"),
    ("addr", r"[0-9A-Za-z:.%_-]+"),
    ("dotted", r"[A-Za-z_$][\w$]*(?:[.:/-]{1,2}[\w$\[\]]+)+"),
];

/// Where names of shared parts stand in a pattern.
pub fn shared_parts(source: &str) -> Vec<Range<usize>> {
    let names = PARTS.iter().map(|(name, _)| format!("%{name}%"));
    names.flat_map(|name| source.match_indices(&name).map(|(at, n)| at..at + n.len()).collect::<Vec<_>>()).collect()
}

/// The expression of a pattern, anchored at the beginning of the line.
pub fn anchored(source: &str) -> String {
    format!("^(?:{})", expand(source))
}

/// Puts the shared parts in and narrows the classes to ASCII, inside and outside of brackets.
pub fn expand(source: &str) -> String {
    let mut text = source.trim().to_string();
    for (name, part) in PARTS {
        text = text.replace(&format!("%{name}%"), part);
    }
    let mut out = String::with_capacity(text.len() * 2);
    let mut chars = text.chars();
    let mut class = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' => match (chars.next(), class) {
                (Some('d'), false) => out.push_str("[0-9]"),
                (Some('d'), true) => out.push_str("0-9"),
                (Some('w'), false) => out.push_str("[0-9A-Za-z_]"),
                (Some('w'), true) => out.push_str("0-9A-Za-z_"),
                (Some('s'), false) => out.push_str("[ \\t]"),
                (Some('s'), true) => out.push_str(" \\t"),
                (Some('S'), false) => out.push_str("[^ \\t]"),
                (Some(other), _) => out.extend(['\\', other]),
                (None, _) => out.push('\\'),
            },
            '[' if !class => {
                class = true;
                out.push(c);
            }
            ']' if class => {
                class = false;
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
    fn classes_are_ascii_and_parts_are_put_in() {
        assert_eq!(expand(r"\d[\d.]\w\S"), r"[0-9][0-9.][0-9A-Za-z_][^ \t]");
        assert!(expand("(?<time>%iso%) (?<level>%level%)").contains("debug"));
    }
}
