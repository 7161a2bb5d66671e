//! Sentences of a text. Must never split at an abbreviation, a number or a name with a dot in it.

use std::ops::Range;

const SHORT: &[&str] = &[
    "e.g", "i.e", "vs", "approx", "ca", "cf", "etc", "no", "st", "dr", "mr", "ms", "mrs", "a.m", "p.m", "fig", "sec", "min",
    "resp", "incl",
];

/// The extents of the sentences of a text.
pub fn of(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    let bytes = text.as_bytes();
    for (i, b) in bytes.iter().enumerate() {
        let ends = match b {
            b'\n' => true,
            b'.' | b'!' | b'?' => ends_sentence(text, i),
            _ => false,
        };
        if ends && text.is_char_boundary(i + 1) {
            push(text, from..i + 1, &mut found);
            from = i + 1;
        }
    }
    push(text, from..text.len(), &mut found);
    found
}

fn ends_sentence(text: &str, at: usize) -> bool {
    let after = text.get(at + 1..).unwrap_or_default();
    let rest = after.trim_start_matches(['"', '\'', ')', '”', '’', '*']);
    if !rest.is_empty() && !rest.starts_with(char::is_whitespace) {
        return false;
    }
    let next = rest.trim_start().chars().next();
    let word = rest.split_whitespace().next().unwrap_or_default();
    if next.is_some_and(|c| c.is_lowercase()) && !word.contains(['-', '_', '.', '@']) {
        return false;
    }
    let word = text.get(..at).and_then(|t| t.split_whitespace().next_back()).unwrap_or_default();
    let word = word.trim_start_matches(['(', '[', '"', '“']).to_lowercase();
    !(text.as_bytes().get(at) == Some(&b'.') && SHORT.contains(&word.as_str()) && next.is_some())
}

fn push(text: &str, range: Range<usize>, found: &mut Vec<Range<usize>>) {
    let Some(part) = text.get(range.clone()) else { return };
    let start = range.start + part.len() - part.trim_start().len();
    let end = range.start + part.trim_end().len();
    if start < end {
        found.push(start..end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_a_reader_pauses() {
        let text = "It broke at 9:00 a.m. on v2.1.0. We (e.g. Ana) fixed it! Why? Error < 1%.\nNext line";
        let all: Vec<&str> = of(text).into_iter().map(|r| &text[r]).collect();
        assert_eq!(all, ["It broke at 9:00 a.m. on v2.1.0.", "We (e.g. Ana) fixed it!", "Why?", "Error < 1%.", "Next line"]);
    }
}
