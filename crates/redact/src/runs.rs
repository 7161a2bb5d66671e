//! Long runs of the signs that tokens are made of. A run of a given length has a sign at every so many bytes, so that most
//! bytes of a line are never looked at.
//!
//! Must never miss a run that is long enough.

use std::ops::Range;

/// Signs by which a run is told; each set is a bit.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Signs {
    /// Letters, digits, `+`, `/`, `-`, `_`.
    Base64 = 1,
    /// These and `~`.
    Random = 2,
    /// Letters, digits, `_`, `-`, `.`, `~`, `:`, `|`.
    Token = 4,
}

static CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut at = 0;
    while at < 256 {
        let b = at as u8;
        class[at] = match b {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'_' => 7,
            b'+' | b'/' => 3,
            b'~' => 6,
            b'.' | b':' | b'|' => 4,
            _ => 0,
        };
        at += 1;
    }
    class
};

/// Calls `each` with every longest run of at least `least` signs.
pub(crate) fn each(line: &[u8], least: usize, signs: Signs, mut each: impl FnMut(Range<usize>)) {
    let part = |b: u8| CLASS[usize::from(b)] & signs as u8 != 0;
    let mut start = 0;
    while start + least <= line.len() {
        let probe = start + least - 1;
        if !part(line[probe]) {
            start = probe + 1;
            continue;
        }
        let begin = line[start..probe].iter().rposition(|b| !part(*b)).map_or(start, |n| start + n + 1);
        let end = probe + line[probe..].iter().position(|b| !part(*b)).unwrap_or(line.len() - probe);
        if end - begin >= least {
            each(begin..end);
        }
        start = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_found_wherever_it_stands() {
        for before in 0..70 {
            for length in [30, 31, 64] {
                let line = format!("{}{} end {}", "x ".repeat(before), "a".repeat(length), "b".repeat(29));
                let mut found = Vec::new();
                each(line.as_bytes(), 30, Signs::Random, |r| found.push(r));
                assert_eq!(found, [2 * before..2 * before + length], "{before}");
            }
        }
    }
}
