//! What are no words of the document itself: between curly marks, which may nest, or between straight ones outside of those;
//! and the asides that say how a statement is known.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// A longer stretch between two straight marks is rather the text between two quotations.
const MAX_STRAIGHT: usize = 400;

/// How a statement is known, which is no part of it.
static STANDING: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\((?:measured|stated|inferred|disputed), \d+%\)").ok());

pub fn extents(text: &str) -> Vec<Range<usize>> {
    let mut found = curly(text);
    let outside = |i: usize| !found.iter().any(|r| r.contains(&i));
    let marks: Vec<usize> = text.match_indices('"').map(|(i, _)| i).filter(|i| outside(*i)).collect();
    let straight: Vec<Range<usize>> = marks.chunks_exact(2).map(|p| p[0]..p[1] + 1).filter(|r| r.len() < MAX_STRAIGHT).collect();
    found.extend(straight);
    found.extend(STANDING.iter().flat_map(|p| p.find_iter(text)).map(|m| m.range()));
    found.sort_by_key(|r| r.start);
    found
}

fn curly(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut depth, mut from) = (0usize, 0);
    for (i, c) in text.char_indices() {
        match c {
            '“' | '„' => {
                from = if depth == 0 { i } else { from };
                depth += 1;
            }
            '”' if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    found.push(from..i + c.len_utf8());
                }
            }
            _ => {}
        }
    }
    // One that was opened again before it was closed ends with the text.
    if depth > 0 && from < text.len() {
        let end = text.rfind('”').map_or(text.len(), |i| i + '”'.len_utf8());
        if end > from {
            found.push(from..end);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(text: &str) -> Vec<&str> {
        extents(text).into_iter().map(|r| &text[r]).collect()
    }

    #[test]
    fn quotations_are_told_from_the_words_around_them() {
        assert_eq!(quoted("he said “no “really” no” and \"x\""), ["“no “really” no”", "\"x\""]);
        assert_eq!(quoted("nothing ” here"), Vec::<&str>::new());
        assert_eq!(quoted("5\" disk"), Vec::<&str>::new());
        assert_eq!(quoted("cut “off here"), ["“off here"]);
    }
}
